//! A worker as it is declared to a supervisor: its spec and, for a thread, its closure. Plain data.

use crate::spec::{Spec, WorkerName};
use crate::threads::Job;
use thiserror::Error;

/// A worker to be minded.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// What was declared of it.
    pub spec: Spec,
    /// What it runs, if it is a thread.
    pub job: Option<Job>,
}

impl From<Spec> for Declaration {
    fn from(spec: Spec) -> Self {
        Self { spec, job: None }
    }
}

impl Declaration {
    /// A thread worker: `spec` is of [`Spec::thread`], `job` of [`crate::threads::job`].
    pub fn thread(spec: Spec, job: Job) -> Self {
        Self { spec, job: Some(job) }
    }
}

/// Why a worker could not be added.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddError {
    /// There is one of this name.
    #[error("there is a worker `{0}` already; names are unique")]
    NameTaken(WorkerName),
    /// The supervisor is ending or over, and starts nothing any more.
    #[error("the supervisor is ending: it takes no new workers")]
    Ending,
}
