//! The only place that reads a clock. Durations come from the monotonic one; from the wall's only
//! words for people, and when a `cron` is due.
#![expect(clippy::disallowed_methods, reason = "this is the room that reads clocks")]

use std::time::{Duration, Instant, SystemTime};

/// Now, on the monotonic clock (`CLOCK_MONOTONIC`): it never jumps.
pub fn now() -> Instant {
    Instant::now()
}

/// A century: no clock is read for so long, and `Instant` can count it.
const NEVER: Duration = Duration::from_hours(24 * 365 * 100);

/// So much later: never, where that is more than a clock can count. For whatever lasts as long as somebody
/// said: `Instant`'s own `+` panics there.
#[must_use]
pub fn later(from: Instant, by: Duration) -> Instant {
    from + by.min(NEVER)
}

/// Where the people are who look at this machine's clock, as the system says.
pub fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::system()
}

/// A moment as people here read it: `14:03:09`. The first call reads the system's time zone.
pub fn time_of_day(at: SystemTime) -> String {
    let at = jiff::Timestamp::try_from(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// When something started, as people here read it: `14:03:09` today, `Nov 21` before.
pub fn start_time(at: SystemTime, now: SystemTime) -> String {
    let local = |at| {
        let at = jiff::Timestamp::try_from(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        at.to_zoned(jiff::tz::TimeZone::system())
    };
    let (at, now) = (local(at), local(now));
    let format = if at.date() == now.date() { "%H:%M:%S" } else { "%b %e" };
    at.strftime(format).to_string()
}

/// Now, on the wall clock, for what is declared by it: a `cron`.
pub fn timestamp() -> jiff::Timestamp {
    jiff::Timestamp::try_from(wall()).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

/// The time zone here (`TZ`, or else the system's), UTC if there is none. May read files.
pub fn time_zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::system()
}

/// Now, on the wall clock: for showing to people, never for a deadline.
pub fn wall() -> SystemTime {
    SystemTime::now()
}
