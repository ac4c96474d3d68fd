//! A closure as the supervisor runs it, whatever it returns; and the way of its result to whoever
//! waits for it.

use super::context::Context;

use crate::panics::{Hook, Panic, catch, quietly};
use crate::status::ThreadEnd;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::fmt::{self, Debug, Display, Write as _};
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use thiserror::Error;

/// No more of a value's or an error's words are shown on one line.
const MOST_WORDS: usize = 400;

/// What a thread worker runs, once for each start. [`job`] makes one of a closure.
pub trait Work: Send + Sync {
    /// One run. A panic is caught by the caller.
    fn run(&self, context: &Context) -> Verdict;

    /// Its thread was let go: nobody should wait for that run any more.
    fn abandoned(&self);
}

/// How a run ended, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How.
    pub end: ThreadEnd,
    /// The value that it returned or the error, in words; `None` where there is nothing to say.
    pub words: Option<Arc<str>>,
}

impl Verdict {
    /// A panic's.
    pub(super) fn panicked(panic: &Panic) -> Self {
        Self { end: ThreadEnd::Panicked, words: Some(cut(&panic.words())) }
    }
}

/// A closure that can be started, and started again. Cheap to clone.
#[derive(Clone)]
pub struct Job(Option<Arc<dyn Work>>);

impl Job {
    /// Of anything that can be run.
    pub fn new(work: impl Work + 'static) -> Self {
        Self(Some(Arc::new(work)))
    }

    pub(super) fn run(&self, context: &Context) -> Verdict {
        let nothing = || Verdict { end: ThreadEnd::Failed, words: None };
        self.0.as_ref().map_or_else(nothing, |work| work.run(context))
    }

    /// Its thread was let go.
    pub(crate) fn abandoned(&self) {
        if let Some(work) = &self.0 {
            work.abandoned();
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        // What a closure holds is dropped with it, on the thread that decides: it must not panic there.
        let work = self.0.take();
        quietly(|| drop(work));
    }
}

impl Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job")
    }
}

/// Why there is no value of a thread worker.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JoinError<E> {
    /// Its closure returned this error.
    #[error("{0}")]
    Failed(E),
    /// Its closure panicked.
    #[error("{0}")]
    Panicked(Panic),
    /// It did not end and was let go.
    #[error("it did not stop and was abandoned")]
    Abandoned,
    /// It did not end in time; it runs on.
    #[error("it did not end in time")]
    TimedOut,
    /// It was never started, or its result was taken already, and no other will come.
    #[error("no result will come")]
    Gone,
}

/// A closure as a job, and where each run's result comes out: one is kept, the newest. The channel is
/// closed when no more can come.
pub fn job<T, E, F>(closure: F) -> (Job, Receiver<Result<T, JoinError<E>>>)
where
    F: Fn(&Context) -> Result<T, E> + Send + Sync + 'static,
    T: Debug + Send + 'static,
    E: Display + Send + 'static,
{
    let (to, from) = bounded(1);
    let taken = from.clone();
    (Job::new(Task { closure, results: Results { to, from } }), taken)
}

/// As [`job`], of a closure that can run only once: a second start fails.
pub fn job_once<T, F>(closure: F) -> (Job, Receiver<Result<T, JoinError<String>>>)
where
    F: FnOnce(&Context) -> Result<T, String> + Send + 'static,
    T: Debug + Send + 'static,
{
    let closure = Mutex::new(Some(closure));
    job(move |context| {
        let once = closure.lock().unwrap_or_else(PoisonError::into_inner).take();
        once.map_or_else(|| Err("its closure can run only once".to_owned()), |closure| closure(context))
    })
}

struct Task<F, T, E> {
    closure: F,
    results: Results<T, E>,
}

/// The newest result, until somebody takes it.
struct Results<T, E> {
    to: Sender<Result<T, JoinError<E>>>,
    from: Receiver<Result<T, JoinError<E>>>,
}

impl<T, E> Results<T, E> {
    fn put(&self, result: Result<T, JoinError<E>>) {
        let mut result = Some(result);
        while let Some(next) = result.take() {
            if let Err(full) = self.to.try_send(next) {
                result = Some(full.into_inner());
                let old = self.from.try_recv();
                quietly(|| drop(old));
            }
        }
    }
}

impl<F, T, E> Work for Task<F, T, E>
where
    F: Fn(&Context) -> Result<T, E> + Send + Sync,
    T: Debug + Send,
    E: Display + Send,
{
    fn run(&self, context: &Context) -> Verdict {
        let result = catch(Hook::Silent, || (self.closure)(context));
        // Apart from the run: a value whose words panic is not lost, and is not dropped while unwinding.
        let verdict = catch(Hook::Silent, || match &result {
            Ok(Ok(value)) => Verdict { end: ThreadEnd::Returned, words: words_of(value) },
            Ok(Err(error)) => failed(context, error),
            Err(panic) => panicked(context, panic),
        });
        let verdict = verdict.unwrap_or_else(|panic| panicked(context, &panic));
        let result = match result {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(JoinError::Failed(error)),
            Err(panic) => Err(JoinError::Panicked(panic)),
        };
        if context.shared().is_over() {
            // It was let go, and that was told as its result.
            quietly(|| drop(result));
        } else {
            self.results.put(result);
        }
        verdict
    }

    fn abandoned(&self) {
        self.results.put(Err(JoinError::Abandoned));
    }
}

fn words_of<T: Debug>(value: &T) -> Option<Arc<str>> {
    let words = bounded_words(|room| write!(room, "{value:?}"));
    (words != "()").then(|| cut(&words))
}

fn failed<E: Display>(context: &Context, error: &E) -> Verdict {
    let words = bounded_words(|room| write!(room, "{error}"));
    // A pane that is full or gone has no room for last words; the result has.
    let _ = writeln!(context.stderr(), "error: {words}");
    Verdict { end: ThreadEnd::Failed, words: Some(cut(&words)) }
}

fn panicked(context: &Context, panic: &Panic) -> Verdict {
    let backtrace = panic.backtrace.as_deref().unwrap_or_default();
    let _ = writeln!(context.stderr(), "{panic}\n{backtrace}").and_then(|()| context.stderr().flush());
    Verdict::panicked(panic)
}

/// What this writes, up to a bound: a value may have very many words.
fn bounded_words(write: impl FnOnce(&mut Bounded) -> fmt::Result) -> String {
    let mut room = Bounded(String::new());
    // An error means that there was no more room.
    let _ = write(&mut room);
    room.0
}

struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text);
        if self.0.len() > 16 * MOST_WORDS { Err(fmt::Error) } else { Ok(()) }
    }
}

/// On one line, and not longer than people read.
fn cut(words: &str) -> Arc<str> {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => format!("{}…", &line[..end]).into(),
        None => line.into(),
    }
}
