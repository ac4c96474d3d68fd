//! A process worker as your program holds it.

use super::remote::{Remote, WaitError};
use crate::protocol::{Pid, State};
use crate::signal::Signal;
use crate::spec::WorkerName;
use crate::status::ExitStatus;
use std::time::Duration;

/// A process worker. Dropping this changes nothing of it.
#[derive(Debug, Clone)]
pub struct ProcessHandle {
    remote: Remote,
    name: WorkerName,
}

impl ProcessHandle {
    pub(super) fn new(remote: Remote, name: WorkerName) -> Self {
        Self { remote, name }
    }

    pub(super) fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Its worker's name.
    pub fn name(&self) -> &WorkerName {
        &self.name
    }

    /// What it is now; `None` before the supervisor runs.
    pub fn state(&self) -> Option<State> {
        self.remote.state(&self.name)
    }

    /// Its first process, while that is not reaped.
    pub fn pid(&self) -> Option<Pid> {
        self.state()?.run().map(|run| run.pid)
    }

    /// How it ended, if it did. Does not wait.
    pub fn poll(&self) -> Option<ExitStatus> {
        self.state()?.end().map(|end| end.status)
    }

    /// Waits until it has ended and will not start again by itself, at most for so long.
    ///
    /// # Errors
    /// [`WaitError`].
    pub fn wait(&self, timeout: Option<Duration>) -> Result<ExitStatus, WaitError> {
        self.remote.wait(&self.name, timeout).map(|end| end.status)
    }

    /// Stops it: its stop signal, SIGKILL to its whole tree after the grace. Returns at once.
    pub fn terminate(&self) {
        self.remote.stop(self.name.clone());
    }

    /// SIGKILL to its whole tree. Returns at once.
    pub fn kill(&self) {
        self.remote.kill(self.name.clone());
    }

    /// One signal to its process group. Returns at once.
    pub fn send_signal(&self, signal: Signal) {
        self.remote.signal(self.name.clone(), signal);
    }
}
