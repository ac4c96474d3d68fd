//! The standard input of a process, written by your program.

use crate::sys::clock;
use crate::sys::pipe::{Readiness, await_writable};
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

/// Writes to a process's standard input. Dropped, it is the end of that input.
///
/// Writing waits while the pipe is full. It fails with [`ErrorKind::BrokenPipe`] when nobody reads any
/// more.
#[derive(Debug)]
pub struct StdinWriter(OwnedFd);

impl StdinWriter {
    pub(super) fn new(pipe: OwnedFd) -> Self {
        Self(pipe)
    }

    /// Writes what the process takes until then. How much that was.
    pub(super) fn write_until(&mut self, bytes: &[u8], deadline: Option<Instant>) -> io::Result<usize> {
        let mut written = 0;
        while written < bytes.len() {
            match nix::unistd::write(&self.0, &bytes[written..]) {
                Ok(length) => written += length,
                Err(nix::errno::Errno::EINTR) => {}
                Err(nix::errno::Errno::EAGAIN) => {
                    let left = deadline.map(|at| at.saturating_duration_since(clock::now()));
                    if await_writable(self.0.as_fd(), left)? == Readiness::NotYet {
                        break;
                    }
                }
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(written)
    }
}

impl Write for StdinWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let some = &bytes[..bytes.len().min(64 * 1024)];
        match self.write_until(some, None) {
            Ok(0) if !some.is_empty() => Err(ErrorKind::WriteZero.into()),
            other => other,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
