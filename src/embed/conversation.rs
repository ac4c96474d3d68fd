//! A process that your program talks to: what it is told, and what it says byte for byte.

use super::process::ProcessHandle;
use super::remote::WaitError;
use super::stdin::StdinWriter;
use super::supervisor::Supervisor;
use crate::output::Capture;
use crate::spec::{OutputKind, Spec, StdinKind};
use crate::status::ExitStatus;
use crate::supervisor::{AddError, Talk};
use crate::sys::clock;
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::io::{self, ErrorKind};
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// What a process said, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Communicated {
    /// Its standard output; where the streams are merged, or it has a terminal, all that it said.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub status: ExitStatus,
}

/// Why talking to a process came to nothing.
#[derive(Debug, Error)]
pub enum CommunicateError {
    /// It did not end, or could not be started.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// Its input could not be written. That it reads no more is no error.
    #[error("its input cannot be written: {0}")]
    Input(#[source] io::Error),
    /// It could not be declared.
    #[error(transparent)]
    Add(#[from] AddError),
    /// The supervisor could not be started.
    #[error("cannot start a supervisor: {0}")]
    Start(#[source] io::Error),
}

/// What connects a conversation to its process.
#[derive(Debug)]
pub(super) struct Wires {
    capture: Arc<Capture>,
    stdin_in: Sender<OwnedFd>,
    stdin: Receiver<OwnedFd>,
}

impl Wires {
    pub(super) fn talk(&self) -> Talk {
        Talk { capture: Arc::clone(&self.capture), stdin: self.stdin_in.clone() }
    }
}

/// Makes a spec one of a process that is talked to: its input is a pipe, and so is its output unless it
/// says how that is to be merged.
pub(super) fn prepare(mut spec: Spec) -> (Spec, Wires) {
    spec.stdin = StdinKind::Pipe;
    if spec.output == OutputKind::Pty {
        spec.output = OutputKind::Pipe;
    }
    let (stdin_in, stdin) = unbounded();
    (spec, Wires { capture: Arc::default(), stdin_in, stdin })
}

/// A process worker that your program talks to.
///
/// ```
/// use minder::{ExitStatus, Spec, Supervisor};
///
/// let running = Supervisor::new().start()?;
/// let mut sort = running.open(Spec::exec("sort", ["sort"]))?;
/// let said = sort.communicate(b"pear\napple\n", None)?;
/// assert_eq!((said.stdout, said.status), (b"apple\npear\n".to_vec(), ExitStatus::Exited(0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Conversation {
    process: ProcessHandle,
    wires: Wires,
    /// Its input, once it was asked for here.
    input: Option<StdinWriter>,
    /// What [`Conversation::communicate`] could not write in time.
    left: Vec<u8>,
}

impl Deref for Conversation {
    type Target = ProcessHandle;

    fn deref(&self) -> &ProcessHandle {
        &self.process
    }
}

impl Conversation {
    pub(super) fn new(process: ProcessHandle, wires: Wires) -> Self {
        Self { process, wires, input: None, left: Vec::new() }
    }

    /// Takes its standard input, to be written as you like; drop it to end it. While you write, what it
    /// says is read by others: neither of you waits for the other for ever.
    ///
    /// `None` if the process was not started, or it was taken already.
    pub fn stdin(&mut self) -> Option<StdinWriter> {
        self.look_for_input();
        self.input.take()
    }

    /// What it said since the last time that was asked: standard output, standard error.
    pub fn take_said(&self) -> (Vec<u8>, Vec<u8>) {
        self.wires.capture.take()
    }

    /// Writes all of this to its standard input and ends that, waits for its end, and gives what it said
    /// since the last time that was asked.
    ///
    /// Cannot deadlock: what it says is read all the while. After [`WaitError::TimedOut`] nothing is
    /// lost: ask again, with what is to be written besides what was not written yet, or with nothing.
    ///
    /// # Errors
    /// [`CommunicateError`].
    pub fn communicate(
        &mut self,
        input: &[u8],
        timeout: Option<Duration>,
    ) -> Result<Communicated, CommunicateError> {
        let deadline = timeout.map(|timeout| clock::later(clock::now(), timeout));
        self.left.extend_from_slice(input);
        self.look_for_input();
        if let Some(writer) = &mut self.input {
            match writer.write_until(&self.left, deadline) {
                Ok(written) if written == self.left.len() => {
                    self.left.clear();
                    self.input = None;
                }
                Ok(written) => drop(self.left.drain(..written)),
                // It reads no more: that is its right.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => self.input = None,
                Err(error) => return Err(CommunicateError::Input(error)),
            }
        }
        let left = deadline.map(|at| at.saturating_duration_since(clock::now()));
        let status = self.process.wait(left)?;
        let (stdout, stderr) = self.take_said();
        Ok(Communicated { stdout, stderr, status })
    }

    fn look_for_input(&mut self) {
        self.process.remote().sync();
        // The newest: an earlier run's has no reader any more.
        if let Some(pipe) = self.wires.stdin.try_iter().last() {
            self.input = Some(StdinWriter::new(pipe));
        }
    }
}

/// Starts a process, writes this to its standard input, and gives what it said and how it ended: a
/// supervisor of its own minds it. Where the time is over, it and all that it started are killed.
///
/// ```
/// let said = minder::communicate(minder::Spec::shell("count", "wc -l; echo odd >&2; exit 3"), b"1\n2\n", None)?;
/// assert_eq!(said.stdout, b"2\n");
/// assert_eq!(said.stderr, b"odd\n");
/// assert_eq!(said.status, minder::ExitStatus::Exited(3));
/// # Ok::<(), minder::CommunicateError>(())
/// ```
///
/// # Errors
/// [`CommunicateError`].
pub fn communicate(
    spec: Spec,
    input: &[u8],
    timeout: Option<Duration>,
) -> Result<Communicated, CommunicateError> {
    let mut supervisor = Supervisor::new();
    let mut conversation = supervisor.open(spec)?;
    let running = supervisor.start().map_err(CommunicateError::Start)?;
    let said = conversation.communicate(input, timeout);
    if said.is_err() {
        conversation.kill();
    }
    running.shut_down();
    said
}
