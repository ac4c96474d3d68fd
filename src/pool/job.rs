//! The handle of a job: wait, take, cancel. Knows the pool only as a desk that is asked.

use super::cell::{Cell, deadline};
use super::error::JobError;
use super::order::JobId;
use super::shared::Desk;
use crossbeam_channel::Sender;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A job that was given to a pool. As a `Future` of Python's concurrent.futures, save that the result
/// is taken by value.
///
/// Dropping the handle neither cancels the job nor waits for it: it runs, and its result is dropped.
#[must_use = "the job runs, but its result and its errors are lost; `drop` says that this is meant"]
pub struct Job<T> {
    id: JobId,
    cell: Arc<Cell<T>>,
    desk: Arc<dyn Desk>,
}

impl<T> fmt::Debug for Job<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("id", &self.id).field("done", &self.is_done()).finish_non_exhaustive()
    }
}

impl<T> Job<T> {
    pub(super) fn new(id: JobId, cell: Arc<Cell<T>>, desk: Arc<dyn Desk>) -> Self {
        Self { id, cell, desk }
    }

    /// Its number in its pool, as observers are told it. One that was refused because the pool was
    /// closed has the greatest number there is.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// Waits for its end and takes its result. In a worker of the same pool, a job that still waits
    /// is run here and now, on this thread's stack: jobs that wait for jobs that they submitted never
    /// lock each other out.
    ///
    /// # Errors
    /// [`JobError`]: why there is no result.
    pub fn result(self) -> Result<T, JobError> {
        self.wait(None);
        self.cell.take().unwrap_or(Err(JobError::Terminated))
    }

    /// Takes its result if it comes within this time; else gives the handle back.
    ///
    /// # Errors
    /// The handle itself: the job goes on.
    pub fn result_within(self, timeout: Duration) -> Result<Result<T, JobError>, Self> {
        if self.wait(timeout) { Ok(self.cell.take().unwrap_or(Err(JobError::Terminated))) } else { Err(self) }
    }

    /// Waits for its end: true. False when the time is over; `None` waits for ever.
    pub fn wait(&self, timeout: impl Into<Option<Duration>>) -> bool {
        let timeout = timeout.into();
        if timeout.is_none() && !self.is_done() {
            self.help();
        }
        self.cell.wait(deadline(timeout))
    }

    /// Whether it has ended, in whatever way.
    pub fn is_done(&self) -> bool {
        self.cell.is_filled()
    }

    /// Whether a worker is at it.
    pub fn is_running(&self) -> bool {
        self.desk.is_running(self.id)
    }

    /// Cancels it; true if its result will be [`JobError::Cancelled`].
    ///
    /// A job that still waits never runs, and what its closure holds is dropped here. The process of
    /// a job that runs is ended with all that it started, by its spec's stop signal and, after its
    /// grace, SIGKILL; that is waited for by the worker, not here. A closure that runs cannot be ended
    /// from outside: it is told by [`stop_requested`](super::stop_requested), this returns false, and
    /// its result is what it returns. False too for a job that has ended.
    pub fn cancel(&self) -> bool {
        !self.is_done() && self.desk.cancel(self.id, &*self.cell)
    }

    /// Whether it ended with an error that is not taken yet.
    pub(super) fn has_failed(&self) -> bool {
        self.cell.has_failed()
    }

    /// In a worker of the same pool: runs it here if it still waits; whether it did.
    pub(super) fn help(&self) -> bool {
        self.desk.help(self.id)
    }

    pub(super) fn watch(&self, watcher: &Sender<usize>, number: usize) {
        self.cell.watch(watcher, number);
    }

    pub(super) fn unwatch(&self, watcher: &Sender<usize>) {
        self.cell.unwatch(watcher);
    }
}
