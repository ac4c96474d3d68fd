//! The only place that reads a clock. Durations come from the monotonic one, and only words for
//! people from the wall's.
#![expect(clippy::disallowed_methods, reason = "this is the room that reads clocks")]

use std::time::{Instant, SystemTime};

/// Now, on the monotonic clock (`CLOCK_MONOTONIC`): it never jumps.
pub fn now() -> Instant {
    Instant::now()
}

/// Now, on the wall clock: for showing to people, never for a deadline.
pub fn wall() -> SystemTime {
    SystemTime::now()
}
