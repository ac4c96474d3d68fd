//! What a pool tells an observer: for a screen, a log, a test. Facts, told after they are so.

use super::error::JobError;
use super::order::JobId;
use crate::protocol::Pid;
use std::sync::Arc;

/// A fact about a pool. Workers are known by their slot, 1 to the pool's width, as in their thread's
/// name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A worker sat down in this slot: the pool's first there, or the next.
    WorkerStarted {
        /// Where.
        slot: usize,
    },
    /// The worker of this slot ended: it served its share, or the pool is over.
    WorkerEnded {
        /// Where.
        slot: usize,
    },
    /// The worker of this slot took a job.
    JobStarted {
        /// Where.
        slot: usize,
        /// Which.
        job: JobId,
    },
    /// A job has its process, or a worker that answers lines began a new one for it.
    ProcessStarted {
        /// Where.
        slot: usize,
        /// The first process of its session.
        pid: Pid,
    },
    /// A job ended.
    JobEnded {
        /// Where.
        slot: usize,
        /// Which.
        job: JobId,
        /// Why it has no result, if it has none.
        error: Option<JobError>,
    },
    /// A job was withdrawn before a worker took it: cancelled, or the pool was terminated.
    JobRefused {
        /// Why.
        error: JobError,
    },
}

/// Who is told. Called in the workers' threads and in those that cancel and terminate: it should be
/// quick and must not wait for a job of the pool.
pub(super) type Observer = Arc<dyn Fn(&Event) + Send + Sync>;
