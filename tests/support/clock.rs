//! Waiting with a bound: the only place in the tests that waits by time.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How long anything may take on a loaded machine before a test calls it broken.
pub(crate) const DEADLINE: Duration = Duration::from_mins(2);

/// The monotonic clock.
#[expect(clippy::disallowed_methods, reason = "the tests' own clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Asks again and again until there is an answer: for what the kernel tells nobody (a process'
/// state, a file's content). `None` when the deadline passed.
pub(crate) fn poll_until<T>(deadline: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = now() + deadline;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if now() >= end {
            return None;
        }
        // Nothing to wait for but time: an empty poll(2).
        poll(&mut [], PollTimeout::from(10_u8)).expect("poll(2) of nothing cannot fail");
    }
}

/// Waits until the descriptor is readable; false when the deadline passed.
pub(crate) fn readable(descriptor: impl AsFd, deadline: Duration) -> bool {
    let mut polled = [PollFd::new(descriptor.as_fd(), PollFlags::POLLIN)];
    let timeout = PollTimeout::try_from(deadline).unwrap_or(PollTimeout::MAX);
    poll(&mut polled, timeout).is_ok_and(|ready| ready > 0)
}
