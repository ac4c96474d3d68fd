//! Wakes a worker that waits on its process: an eventfd that is polled beside it. Rung too often
//! rather than too seldom; what it means is asked elsewhere.

use nix::sys::eventfd::{EfdFlags, EventFd};
use std::os::fd::{AsFd, BorrowedFd};

/// A worker's bell. A thread has none: nothing can wake a closure.
#[derive(Debug, Default)]
pub(super) struct Bell(Option<EventFd>);

impl Bell {
    pub(super) fn new() -> nix::Result<Self> {
        EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK).map(|fd| Self(Some(fd)))
    }

    pub(super) fn ring(&self) {
        if let Some(fd) = &self.0 {
            // EAGAIN: it has been rung 2^64 times and not been heard.
            let _ = fd.write(1);
        }
    }

    /// Makes it quiet again.
    pub(super) fn hear(&self) {
        if let Some(fd) = &self.0 {
            // EAGAIN: it was quiet.
            let _ = fd.read();
        }
    }

    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.0.as_ref().map(AsFd::as_fd)
    }
}
