//! The guest that writes log files, wired to a supervisor where a worker has one.

use crate::guest::{Guest, Waker};
use crate::logger::{Clocks, Logger};
use crate::spec::{LogFile, Spec, WorkerName};
use crate::supervisor::Declaration;
use crate::sys::clock;
use crossbeam_channel::Receiver;
use std::io::{self, Write};
use std::time::Duration;

/// How long what is left may take to be written at the end.
const LAST_LINES: Duration = Duration::from_secs(3);

/// The log files that workers have, before the supervisor is there.
pub(super) struct LogFiles {
    files: Vec<(WorkerName, LogFile)>,
    waker: Waker,
    woken: Receiver<()>,
}

impl LogFiles {
    pub(super) fn of(workers: &[Declaration]) -> Self {
        let file = |spec: &Spec| Some((spec.name.clone(), spec.log_file.clone()?));
        let (waker, woken) = Waker::new();
        Self { files: workers.iter().map(|worker| &worker.spec).filter_map(file).collect(), waker, woken }
    }

    /// Who is to be woken when a worker said something.
    pub(super) fn listeners(&self) -> Vec<Waker> {
        if self.files.is_empty() { Vec::new() } else { vec![self.waker.clone()] }
    }

    /// Starts the thread, if there is anything to write.
    pub(super) fn start(self, guest: Guest) -> io::Result<Logs> {
        if self.files.is_empty() {
            return Ok(Logs(None));
        }
        let clocks = Clocks { now: clock::now, wall: clock::wall };
        Logger::start(self.files, guest, self.woken, clocks).map(|logger| Logs(Some(logger)))
    }
}

/// The thread that writes log files, if there is one.
pub(super) struct Logs(Option<Logger>);

impl Logs {
    /// All is said: writes what is left, or says that it could not.
    pub(super) fn finish(self) {
        if let Some(logger) = self.0
            && !logger.finish(LAST_LINES)
        {
            // Nobody is left to be told if stderr is closed.
            let _ = writeln!(io::stderr(), "minder: the last lines could not be written to all log files");
        }
    }
}
