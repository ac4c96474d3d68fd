//! A program that a guest has run beside the workers: a pager, an editor, a filter, a clipboard's tool.
//! Plain data; the supervisor alone starts, signals and reaps it.

use crate::status::ExitStatus;
use crossbeam_channel::Sender;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

/// A program to be run once.
#[derive(Debug, Clone)]
pub struct Errand {
    /// By which it can be cancelled; unique.
    pub id: u64,
    /// The program and its arguments; never empty. It has minder's own folder and environment.
    pub argv: Vec<OsString>,
    /// Its standard input, output and error. Whoever asks keeps no copy of them, or a reader would
    /// never see the end.
    pub standard: Arc<Standard>,
    /// Where it runs.
    pub place: ErrandPlace,
    /// After this long it is cancelled.
    pub at_most: Option<Duration>,
    /// Told once, at its end.
    pub ended: Sender<ErrandEnd>,
}

/// How an errand ended, or in words why it could not be run.
pub type ErrandEnd = Result<ExitStatus, String>;

/// Two of the same number are the same errand.
impl PartialEq for Errand {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Errand {}

/// The descriptors that an errand gets.
#[derive(Debug)]
pub struct Standard {
    /// Its standard input.
    pub stdin: OwnedFd,
    /// Its standard output.
    pub stdout: OwnedFd,
    /// Its standard error.
    pub stderr: OwnedFd,
}

/// Where an errand runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrandPlace {
    /// On minder's terminal, which it has for itself until it ends: a job of our session.
    Terminal,
    /// Apart, in a session of its own.
    Apart,
    /// Apart; and what it leaves running is not ended with minder: it holds the clipboard.
    Lasting,
}
