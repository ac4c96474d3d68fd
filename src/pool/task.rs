//! One job as the queue holds it: what is to be done, and the cell that its result goes to. Whatever
//! becomes of it, the cell is filled: nobody waits for ever.

use super::cell::{Cell, Stoppable};
use super::error::JobError;
use super::order::Outcome;
use crate::panics::{self, Hook};
use std::sync::Arc;

/// A job, whatever it returns. `S` is what its worker has in hand.
pub(super) trait Task<S>: Send {
    /// Does it and keeps the result. Never panics.
    fn run(&mut self, seat: &mut S);
    /// Keeps an error instead.
    fn refuse(&mut self, why: JobError);
    /// Puts what was kept where it is waited for, and says what that is. Runs no code of the user's.
    fn hand_over(&mut self) -> Outcome;
    /// Why it failed, between the run and the hand-over.
    fn error(&self) -> Option<JobError>;
    /// What tells whether it is to stop.
    fn stoppable(&self) -> Arc<dyn Stoppable>;
}

/// The one kind of task.
pub(super) struct Ticket<F, T> {
    work: Option<F>,
    kept: Option<Result<T, JobError>>,
    cell: Arc<Cell<T>>,
    hook: Hook,
    /// The result of one that was cancelled while it ran is "cancelled".
    ends_when_told: bool,
}

impl<F, T> Ticket<F, T> {
    pub(super) fn new(work: F, cell: Arc<Cell<T>>, hook: Hook, ends_when_told: bool) -> Self {
        Self { work: Some(work), kept: None, cell, hook, ends_when_told }
    }

    fn fill(&mut self) -> Outcome {
        let result = self.kept.take().unwrap_or(Err(JobError::Terminated));
        let (outcome, unwanted) = self.cell.fill(result, self.ends_when_told);
        self.kept = unwanted;
        outcome
    }

    fn keep(&mut self, result: Result<T, JobError>) {
        if let Some(before) = self.kept.replace(result) {
            let _ = panics::drop_caught(self.hook, before);
        }
    }
}

impl<S, F, T> Task<S> for Ticket<F, T>
where
    F: FnOnce(&mut S) -> Result<T, JobError> + Send,
    T: Send + 'static,
{
    fn run(&mut self, seat: &mut S) {
        if let Some(work) = self.work.take() {
            let result = panics::catch(self.hook, || work(seat));
            self.keep(result.unwrap_or_else(|panic| Err(JobError::Panicked(panic))));
        }
    }

    fn refuse(&mut self, why: JobError) {
        let dropped = panics::drop_caught(self.hook, self.work.take());
        self.keep(Err(dropped.map_or_else(JobError::Panicked, |()| why)));
    }

    fn hand_over(&mut self) -> Outcome {
        self.fill()
    }

    fn error(&self) -> Option<JobError> {
        self.kept.as_ref()?.as_ref().err().cloned()
    }

    fn stoppable(&self) -> Arc<dyn Stoppable> {
        Arc::clone(&self.cell) as Arc<dyn Stoppable>
    }
}

impl<F, T> Drop for Ticket<F, T> {
    /// One that was neither run nor refused was lost with its pool.
    fn drop(&mut self) {
        if !self.cell.is_filled() {
            self.fill();
        }
        // One by one: two destructors that panic at once would end the program.
        let _ = panics::drop_caught(self.hook, self.kept.take());
        let _ = panics::drop_caught(self.hook, self.work.take());
    }
}
