//! Workers that are long-lived processes of one program, each of which answers one line with one
//! line. Knows nothing of what the lines mean.

use super::builder::Builder;
use super::error::JobError;
use super::event::Event;
use super::handle::{Pool, Submitter};
use super::job::Job;
use super::kind::{Kind, Post};
use super::map::{Map, chunk_result};
use super::process::{Input, Live, MAX_OUTPUT, Pause, Starter, block_signals};
use super::shared::Shared;
use super::window::Handing;
use crate::spec::Spec;
use crate::sys::clock;
use std::sync::Arc;

/// A worker that is a process which answers lines.
#[derive(Debug)]
pub struct Lines {
    post: Post,
    settings: LineSettings,
    /// Made with the first job: a failure is that job's.
    starter: Option<Starter>,
    live: Option<Live>,
}

/// What the workers of one pool share.
#[derive(Debug, Clone)]
pub struct LineSettings {
    spec: Arc<Spec>,
    max_line: usize,
}

impl Pool<Lines> {
    /// A pool of this many processes of one program, each kept for job after job: one line goes to its
    /// standard input, and the one line that it writes on its standard output is the result. A worker's
    /// start-up is paid once, as in `multiprocessing.Pool`.
    ///
    /// The process is started with its worker's first job. One that dies costs the job that it was at
    /// ([`JobError::Died`]); the next job starts another. So does one that writes a line that nobody
    /// asked for. The program must flush each answer. With
    /// [`max_tasks_per_worker`](Builder::max_tasks_per_worker) it is replaced after so many answers;
    /// then, and at the pool's end, its standard input is closed, and it has its spec's grace to end
    /// before it is asked to by its stop signal, and killed.
    ///
    /// ```
    /// use minder::pool::Pool;
    /// use minder::spec::Spec;
    ///
    /// let spec = Spec::shell("upper", "while read -r line; do echo \"$line, says $$\"; done");
    /// let pool = Pool::lines(2, spec).start()?;
    /// let answer = pool.submit("hello").result().unwrap();
    /// assert!(answer.starts_with(b"hello, says "));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn lines(workers: usize, spec: Spec) -> Builder<Lines> {
        Builder::new(workers, LineSettings { spec: Arc::new(spec), max_line: MAX_OUTPUT })
    }

    /// Gives it a line, without its end. The result is the answer, without its end. Never blocks.
    ///
    /// # Panics
    /// If there is a line end in it: the program would answer twice.
    pub fn submit(&self, line: impl Into<Vec<u8>>) -> Job<Vec<u8>> {
        submit(&self.shared, line.into())
    }

    /// The answers to these lines, in their order. Lines are pulled lazily, see [`Map`].
    pub fn map<I>(&self, lines: I) -> Map<I::IntoIter, Vec<u8>>
    where
        I: IntoIterator,
        I::Item: Into<Vec<u8>>,
    {
        self.map_in(Handing::InOrder, lines)
    }

    /// As [`map`](Self::map), but each answer comes as soon as it is there.
    pub fn map_unordered<I>(&self, lines: I) -> Map<I::IntoIter, Vec<u8>>
    where
        I: IntoIterator,
        I::Item: Into<Vec<u8>>,
    {
        self.map_in(Handing::AsTheyFinish, lines)
    }

    fn map_in<I>(&self, handing: Handing, lines: I) -> Map<I::IntoIter, Vec<u8>>
    where
        I: IntoIterator,
        I::Item: Into<Vec<u8>>,
    {
        let shared = Arc::clone(&self.shared);
        let submit = move |lines: Vec<I::Item>| {
            let lines: Vec<Vec<u8>> = lines.into_iter().map(|line| checked(line.into())).collect();
            shared.submit(move |seat| chunk_result(lines.iter().map(|line| seat.ask(line))))
        };
        Map::new(lines.into_iter(), handing, 2 * self.workers(), Box::new(submit))
    }
}

impl Submitter<Lines> {
    /// As [`Pool::submit`](Pool::<Lines>::submit).
    ///
    /// # Panics
    /// If there is a line end in it.
    pub fn submit(&self, line: impl Into<Vec<u8>>) -> Job<Vec<u8>> {
        submit(&self.shared, line.into())
    }
}

fn submit(shared: &Arc<Shared<Lines>>, line: Vec<u8>) -> Job<Vec<u8>> {
    let line = checked(line);
    shared.submit(move |seat| seat.ask(&line))
}

fn checked(line: Vec<u8>) -> Vec<u8> {
    assert!(!line.contains(&b'\n'), "a line holds no line end");
    line
}

impl Builder<Lines> {
    /// How long an answer may be, in bytes. A process that says more without a line end is killed, and
    /// its job [`JobError::Died`]. Default: 64 MiB.
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.settings.max_line = bytes;
        self
    }
}

impl Lines {
    fn ask(&mut self, question: &[u8]) -> Result<Vec<u8>, JobError> {
        if super::stop_requested() {
            return Err(JobError::Terminated);
        }
        let mut live = self.fresh()?;
        live.forget_errors();
        live.say(question);
        live.say(b"\n");
        let pause =
            live.converse(&self.post.bell, None, |live| live.said().contains(&b'\n') || live.is_cut());
        let said = live.said();
        match said.iter().position(|byte| *byte == b'\n') {
            Some(end) if pause == Pause::Ready && !live.was_stopped() => {
                let said = live.said();
                let mut answer: Vec<u8> = said.drain(..=end).collect();
                answer.pop();
                self.live = Some(live);
                Ok(answer)
            }
            Some(_) | None => Err(self.end(live)),
        }
    }

    /// Its process, if it is alive and silent; else another.
    fn fresh(&mut self) -> Result<Live, JobError> {
        if let Some(mut live) = self.live.take() {
            let silent = |live: &mut Live| !live.said().is_empty();
            if live.converse(&self.post.bell, Some(clock::now()), silent) == Pause::Late
                && !live.was_stopped()
            {
                return Ok(live);
            }
            let _ = self.end(live);
        }
        let starter = match &mut self.starter {
            Some(starter) => starter,
            none => none.insert(Starter::new().map_err(JobError::Wires)?),
        };
        let live = starter
            .start(&self.settings.spec, Input::Open, self.settings.max_line)
            .map_err(JobError::NotStarted)?;
        let pid = live.pid();
        self.post.tell(|slot| Event::ProcessStarted { slot, pid });
        Ok(live)
    }

    /// Ends a process that is over or of no more use; what to say of the job that it was at.
    fn end(&mut self, mut live: Live) -> JobError {
        let stopped = live.was_stopped();
        live.ask_to_end();
        live.converse(&self.post.bell, None, |_| false);
        let Some(starter) = &mut self.starter else { return JobError::Terminated };
        match starter.finish(live, &self.post.bell) {
            // If it was cancelled, its handle says so instead.
            Ok(_) if stopped => JobError::Terminated,
            Ok(output) => JobError::Died(Box::new(output)),
            Err(error) => error,
        }
    }
}

impl Drop for Lines {
    /// A process that serves no more: its input ends, and it has its grace to end by itself.
    fn drop(&mut self) {
        let Some(mut live) = self.live.take() else { return };
        live.hang_up();
        let until = clock::later(clock::now(), self.settings.spec.stop.grace);
        live.converse(&self.post.bell, Some(until), |_| false);
        let _ = self.end(live);
    }
}

impl Kind for Lines {
    fn word(workers: usize) -> &'static str {
        if workers == 1 { "process that answers lines" } else { "processes that answer lines" }
    }

    type Settings = LineSettings;
    const ENDS_WHEN_TOLD: bool = true;
    const IS_ITS_THREAD: bool = false;

    fn open(settings: &LineSettings, post: &Post) -> Self {
        block_signals();
        Self { post: post.clone(), settings: settings.clone(), starter: None, live: None }
    }

    fn ready(&mut self, _settings: &LineSettings, _post: &Post) -> Result<(), JobError> {
        Ok(())
    }

    fn helper() -> Option<Self> {
        None
    }
}
