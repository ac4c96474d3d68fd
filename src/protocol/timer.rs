//! A worker's timer as guests see it, and what it makes of the worker's state.

use super::{State, WorkerView};
use std::sync::Arc;
use std::time::Instant;

/// A worker's timer as guests see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerView {
    /// When it runs, as declared: `every 5m`, `cron 0 2 * * *`.
    pub schedule: Arc<str>,
    /// When it runs next; `None` if the timer is stopped.
    pub next: Option<NextRun>,
    /// A run was due and waits for the last one to end.
    pub queued: bool,
}

/// When a worker with a timer runs next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextRun {
    /// When, as far as is known: a wall clock may be set.
    pub at: Instant,
    /// The same as people here read it: `14:05:00`, `Mon Nov 23 02:00`.
    pub clock: Arc<str>,
}

impl WorkerView {
    /// When it runs next by its timer.
    pub fn next_run(&self) -> Option<&NextRun> {
        self.timer.as_ref()?.next.as_ref()
    }

    /// Nothing of it runs and nothing will happen by itself, its timer included.
    pub fn at_rest(&self) -> bool {
        self.state.at_rest() && self.next_run().is_none()
    }

    /// Nothing of it runs, nothing went wrong, and its timer will run it.
    pub fn waits_for_timer(&self) -> bool {
        let well = match &self.state {
            State::Idle => true,
            State::Ended(end) => end.well(),
            State::Starting
            | State::Running(_)
            | State::Suspended { .. }
            | State::Stopping { .. }
            | State::Asked { .. }
            | State::Draining { .. }
            | State::Sweeping { .. }
            | State::Zombie { .. }
            | State::Backoff { .. }
            | State::Failed { .. } => false,
        };
        well && self.next_run().is_some()
    }

    /// It is a process that minder did not start, and it is not there yet.
    pub fn is_looked_for(&self) -> bool {
        self.kind.is_watched() && self.state == State::Starting
    }

    /// The one word for it, as the list shows it: its state's, or that it waits for its timer.
    pub fn word(&self) -> &'static str {
        match () {
            () if self.is_looked_for() => "looking",
            () if self.kind.is_watched() && matches!(self.state, State::Failed { .. }) => "missing",
            () if self.waits_for_timer() => "waiting",
            () => self.state.word(),
        }
    }
}
