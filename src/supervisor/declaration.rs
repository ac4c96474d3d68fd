//! A worker as it is declared to a supervisor: its spec and, for a thread, its closure. Plain data.

use crate::output::Capture;
use crate::spec::{Spec, WorkerName};
use crate::threads::Job;
use crossbeam_channel::Sender;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use thiserror::Error;

/// A worker to be minded.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// What was declared of it.
    pub spec: Spec,
    /// What it runs, if it is a thread.
    pub job: Option<Job>,
    /// Who talks to it, if it is a process that somebody talks to.
    pub talk: Option<Talk>,
}

/// How a program talks to a process: it gets its standard input, and all that it says.
#[derive(Debug, Clone)]
pub struct Talk {
    /// Where what it says is kept.
    pub capture: Arc<Capture>,
    /// Where each run's end of its standard input goes, non-blocking.
    pub stdin: Sender<OwnedFd>,
}

impl From<Spec> for Declaration {
    fn from(spec: Spec) -> Self {
        Self { spec, job: None, talk: None }
    }
}

impl Declaration {
    /// A thread worker: `spec` is of [`Spec::thread`], `job` of [`crate::threads::job`].
    pub fn thread(spec: Spec, job: Job) -> Self {
        Self { spec, job: Some(job), talk: None }
    }
}

/// Why a worker could not be added.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddError {
    /// There is one of this name.
    #[error("there is a worker `{0}` already; names are unique")]
    NameTaken(WorkerName),
    /// It is a thread, and was given no closure.
    #[error("worker `{0}` is a thread: add it with its closure")]
    NoClosure(WorkerName),
    /// It is a process, and was given a closure.
    #[error("worker `{0}` is a process and takes no closure: declare it with `Spec::thread`")]
    NotAThread(WorkerName),
    /// The supervisor is ending or over, and starts nothing any more.
    #[error("the supervisor is ending: it takes no new workers")]
    Ending,
}
