//! One run's descriptors as the reactor holds them, and what waits to be written to it.

use crate::output::Stream;
use nix::errno::Errno;
use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Which run of which worker: a word about an older run is never taken for the present one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunId {
    /// The worker's place in the list.
    pub worker: usize,
    /// Counts a worker's runs from 1.
    pub serial: u32,
}

/// Our ends of a run's descriptors, all non-blocking.
#[derive(Debug)]
pub struct Wires {
    /// The master of its terminal, read and written.
    pub terminal: Option<OwnedFd>,
    /// The slave of its terminal, kept open until its first process ends: a worker that closes its
    /// own would be hung up on by the kernel as soon as we saw the end and closed the master.
    pub slave: Option<OwnedFd>,
    /// The pipe from its standard output.
    pub stdout: Option<OwnedFd>,
    /// The pipe from its standard error.
    pub stderr: Option<OwnedFd>,
    /// The pipe to its standard input.
    pub stdin: Option<OwnedFd>,
    /// Its pidfd; without one, [`Order::LetGo`](super::Order::LetGo) tells of its end.
    pub exit: Option<OwnedFd>,
}

/// What a descriptor is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Terminal,
    Stdout,
    Stderr,
    Stdin,
    Exit,
}

impl Role {
    pub(super) fn stream(self) -> Option<Stream> {
        match self {
            Self::Terminal => Some(Stream::Terminal),
            Self::Stdout => Some(Stream::Stdout),
            Self::Stderr => Some(Stream::Stderr),
            Self::Stdin | Self::Exit => None,
        }
    }
}

impl Wires {
    pub(super) fn into_roles(self) -> impl Iterator<Item = (Role, OwnedFd)> {
        [
            (Role::Terminal, self.terminal),
            (Role::Stdout, self.stdout),
            (Role::Stderr, self.stderr),
            (Role::Stdin, self.stdin),
            (Role::Exit, self.exit),
        ]
        .into_iter()
        .filter_map(|(role, fd)| Some((role, fd?)))
    }
}

/// Bytes on their way to a worker that does not read them just now.
#[derive(Debug, Default)]
pub(super) struct Pending(VecDeque<u8>);

/// What a worker may be behind with its input. More is dropped: a paste to a program that never
/// reads must not grow our memory.
const MOST_PENDING: usize = 1 << 20;

impl Pending {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = MOST_PENDING.saturating_sub(self.0.len());
        self.0.extend(bytes.iter().take(room));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes as much as the worker takes now.
    ///
    /// # Errors
    /// EPIPE, EIO: nobody will read it any more.
    pub(super) fn write_to(&mut self, fd: BorrowedFd<'_>) -> Result<(), Errno> {
        while !self.0.is_empty() {
            match nix::unistd::write(fd.as_fd(), self.0.as_slices().0) {
                Ok(written) => drop(self.0.drain(..written)),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(()),
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }
}
