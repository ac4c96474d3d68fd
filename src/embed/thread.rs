//! A thread worker as your program holds it.

use super::remote::Remote;
use crate::protocol::{Progress, State};
use crate::spec::WorkerName;
use crate::threads::JoinError;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// A thread worker. Dropping this changes nothing of it.
#[derive(Debug)]
pub struct ThreadHandle<T, E> {
    remote: Remote,
    name: WorkerName,
    results: Receiver<Result<T, JoinError<E>>>,
}

impl<T, E> ThreadHandle<T, E> {
    pub(super) fn new(remote: Remote, name: WorkerName, results: Receiver<Result<T, JoinError<E>>>) -> Self {
        Self { remote, name, results }
    }

    /// Its worker's name.
    pub fn name(&self) -> &WorkerName {
        &self.name
    }

    /// What it is now; `None` before the supervisor runs.
    pub fn state(&self) -> Option<State> {
        self.remote.state(&self.name)
    }

    /// How far it says that it is.
    pub fn progress(&self) -> Option<Progress> {
        self.remote.output(&self.name)?.progress()
    }

    /// Asks it to stop.
    pub fn stop(&self) {
        self.remote.stop(self.name.clone());
    }

    /// Lets it go: its result is then [`JoinError::Abandoned`].
    pub fn abandon(&self) {
        self.remote.abandon(self.name.clone());
    }

    /// The result of its run, or, where it was started again, of the newest that has ended. Each is
    /// handed out once. Waits for it, at most for so long.
    ///
    /// # Errors
    /// [`JoinError`]: its error, its panic, that it was let go, that it did not end in time, or that no
    /// result will come any more.
    pub fn join(&self, timeout: Option<Duration>) -> Result<T, JoinError<E>> {
        let result = match timeout {
            Some(timeout) => self.results.recv_timeout(timeout),
            None => self.results.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        result.unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => Err(JoinError::TimedOut),
            RecvTimeoutError::Disconnected => Err(JoinError::Gone),
        })
    }

    /// Where its results come out, for `select!`: the newest that nobody took. Closed when no more can
    /// come.
    pub fn results(&self) -> &Receiver<Result<T, JoinError<E>>> {
        &self.results
    }
}
