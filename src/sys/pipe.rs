//! Waiting for a pipe to take more.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// Whether a pipe takes more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It does, or a write would tell why it never will.
    Ready,
    /// Not within the time.
    NotYet,
}

/// Waits until this takes more, at most for so long.
///
/// # Errors
/// Those of poll(2).
pub fn await_writable(pipe: BorrowedFd<'_>, at_most: Option<Duration>) -> io::Result<Readiness> {
    let mut ready = [PollFd::new(pipe, PollFlags::POLLOUT)];
    // Rounded up: a wait of less than a millisecond must not spin. Longer waits come round again.
    let millis = |time: Duration| i32::try_from(time.as_millis() + 1).unwrap_or(i32::MAX);
    let timeout = at_most.map_or(PollTimeout::NONE, |time| {
        PollTimeout::try_from(if time.is_zero() { 0 } else { millis(time) }).unwrap_or(PollTimeout::MAX)
    });
    match poll(&mut ready, timeout) {
        Ok(0) => Ok(Readiness::NotYet),
        Ok(_) | Err(Errno::EINTR) => Ok(Readiness::Ready),
        Err(errno) => Err(errno.into()),
    }
}
