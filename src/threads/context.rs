//! What a thread worker's closure is given: its name, how it hears that it should stop, where it
//! writes, and how it says how far it is.

use super::run::Report;
use super::writer::Writer;
use crate::guest::Bell;
use crate::output::{Output, Stream};
use crate::protocol::{Jobs, Progress};
use crate::reactor::RunId;
use crate::spec::WorkerName;
use crate::sys::clock;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use thiserror::Error;

/// How often progress is told at most; the screen sees every step.
const TELL: Duration = Duration::from_millis(100);

/// What a thread worker's closure is given. Cheap to clone; a clone may go to a helper thread.
///
/// ```
/// # use minder::threads::{Context, Stopped};
/// # use std::time::Duration;
/// use std::io::Write;
///
/// fn tick(context: &Context) -> Result<(), Stopped> {
///     loop {
///         let _ = writeln!(context.stdout(), "tick");
///         context.sleep(Duration::from_secs(1))?;
///     }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Context {
    shared: Arc<Shared>,
    stop: Receiver<()>,
}

/// What a run's context, its writers and the supervisor have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) run: RunId,
    pub(super) name: WorkerName,
    pub(super) output: Arc<Output>,
    pub(super) bell: Bell,
    reports: Sender<Report>,
    asked: AtomicBool,
    /// The run is over or let go: nothing more is taken from it.
    over: AtomicBool,
    told: Mutex<Option<Instant>>,
}

/// The thread was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("asked to stop")]
pub struct Stopped;

impl Shared {
    pub(super) fn asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    pub(super) fn ask(&self) {
        self.asked.store(true, Ordering::Release);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Release);
    }
}

impl Context {
    /// `stop` is disconnected when the thread is asked to stop.
    pub(super) fn new(
        run: RunId,
        name: WorkerName,
        output: Arc<Output>,
        (bell, reports): (Bell, Sender<Report>),
        stop: Receiver<()>,
    ) -> Self {
        let (asked, over, told) = (AtomicBool::new(false), AtomicBool::new(false), Mutex::new(None));
        Self { shared: Arc::new(Shared { run, name, output, bell, reports, asked, over, told }), stop }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The worker's name.
    pub fn name(&self) -> &WorkerName {
        &self.shared.name
    }

    /// Whether it was asked to stop, or let go. Costs next to nothing: ask often.
    pub fn stop_requested(&self) -> bool {
        self.shared.asked()
    }

    /// Ready, and for good, once it was asked to stop: for `select!` beside other channels. Nothing is
    /// ever sent; it is disconnected.
    pub fn stop_receiver(&self) -> &Receiver<()> {
        &self.stop
    }

    /// Sleeps, unless it is asked to stop.
    ///
    /// # Errors
    /// [`Stopped`] as soon as it is asked to stop, or at once if it was before.
    pub fn sleep(&self, duration: Duration) -> Result<(), Stopped> {
        match self.stop.recv_timeout(duration) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(Stopped),
        }
    }

    /// What is written here is in the worker's pane, as its standard output; line by line, so that
    /// lines of several threads stay whole.
    ///
    /// Where what minder prints is read slowly, writing waits, as it does on a pipe; not any more once
    /// the thread was asked to stop. After the end of the run, or when it was let go, it is an error
    /// ([`std::io::ErrorKind::BrokenPipe`]).
    pub fn stdout(&self) -> Writer {
        Writer::new(Arc::clone(&self.shared), self.stop.clone(), Stream::Stdout)
    }

    /// As [`Context::stdout`], as its standard error.
    pub fn stderr(&self) -> Writer {
        Writer::new(Arc::clone(&self.shared), self.stop.clone(), Stream::Stderr)
    }

    /// Says how far it is: `done` of `total`, in units of its own; a `total` of 0 is not known. Shown as
    /// a bar with the time that is left.
    pub fn progress(&self, done: u64, total: u64) {
        self.say_progress(done, total, None);
    }

    /// As [`Context::progress`], of a pool: what has ended of all jobs, and which are where.
    pub(crate) fn progress_of_jobs(&self, ended: u64, submitted: u64, jobs: Jobs) {
        self.say_progress(ended, submitted, Some(jobs));
    }

    fn say_progress(&self, done: u64, total: u64, jobs: Option<Jobs>) {
        let Shared { output, bell, .. } = &*self.shared;
        if self.shared.is_over() {
            return;
        }
        let now = clock::now();
        let before = output.progress();
        let said =
            before.map_or_else(|| Progress::new(done, total, now), |said| said.moved(done, total, now));
        let said = jobs.map_or(said, |jobs| said.of_jobs(jobs));
        output.set_progress(Some(said));
        bell.ring();
        let tenth = |progress: Progress| progress.percent().map(|percent| percent / 10);
        if before.is_none_or(|before| tenth(before) != tenth(said)) {
            self.tell(said, now);
        }
    }

    /// Whether the worker goes on without it.
    pub(crate) fn is_let_go(&self) -> bool {
        self.shared.is_over()
    }

    /// A line of minder's own in the pane, below what was said so far; what is unfinished is finished.
    /// Guests are told as well.
    pub(crate) fn rule(&self, words: &str) {
        let at = clock::wall();
        let mut pane = self.shared.output.lock();
        // Looked at under the lock: what comes after the end of the run would be of the next one.
        if self.shared.is_over() {
            return;
        }
        pane.finish(at);
        pane.rule(words, at);
        drop(pane);
        self.shared.bell.ring();
        // A closed channel means that the supervisor is over.
        let _ = self.shared.reports.send(Report::Ruled(self.shared.run, words.into()));
    }

    fn tell(&self, said: Progress, now: Instant) {
        let mut told = self.shared.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|at| now.saturating_duration_since(at) >= TELL) {
            *told = Some(now);
            // A closed channel means that the supervisor is over.
            let _ = self.shared.reports.send(Report::Progress(self.shared.run, said));
        }
    }
}
