//! Why a job has no result. Knows nothing of how jobs are run.

use super::process::Output;
use crate::panics::Panic;
use crate::protocol::Pid;
use crate::sys::spawn::SpawnError;
use thiserror::Error;

/// Why a job has no result. It is that job's alone: the pool goes on, as wide as it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JobError {
    /// It panicked; with a closure that maps, at this one item.
    #[error("the job {0}")]
    Panicked(Panic),
    /// The initializer of the worker that took it panicked. The worker tries again with its next job.
    #[error("the initializer of its worker {0}")]
    Initializer(Panic),
    /// A signal that the pool did not send ended its process, or a worker that answers lines ended
    /// before its answer. With what it said until then.
    #[error("its process died: {}", .0.status)]
    Died(Box<Output>),
    /// Its process could not be started; [`SpawnError::explain`] says why and what mends it.
    #[error("its process could not be started: {} ({})", .0.errno.desc(), .0.errno)]
    NotStarted(SpawnError),
    /// Its process ended, but somebody else collected its exit status: the host program ignores
    /// SIGCHLD or waits for any child.
    #[error("pid {0} ended, but its exit status was collected by somebody else")]
    StatusLost(Pid),
    /// Its process did not end within five seconds of SIGKILL (state D). It is reaped later.
    #[error("pid {0} does not end by SIGKILL")]
    Stuck(Pid),
    /// Talking with its process failed.
    #[error("its process cannot be talked to: {0}")]
    Wires(nix::errno::Errno),
    /// [`Job::cancel`](super::Job::cancel), or the map that it belonged to was dropped.
    #[error("the job was cancelled")]
    Cancelled,
    /// The pool was terminated or dropped before the job ended.
    #[error("the pool was terminated")]
    Terminated,
    /// It was given to a pool that takes no jobs any more.
    #[error("the pool is closed")]
    Closed,
}

impl JobError {
    /// Whether somebody wanted that: a cancelled or refused job, no failure of its own.
    pub fn is_wanted(&self) -> bool {
        match self {
            Self::Cancelled | Self::Terminated | Self::Closed => true,
            Self::Panicked(_)
            | Self::Initializer(_)
            | Self::Died(_)
            | Self::NotStarted(_)
            | Self::StatusLost(_)
            | Self::Stuck(_)
            | Self::Wires(_) => false,
        }
    }
}
