//! What can be typed to go somewhere: a time, a line's number, a share of all lines. Pure.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::time::{Duration, SystemTime};

/// Where to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Goto {
    /// A line by its number, the worker's first being 1.
    Line(u64),
    /// So many hundredths of the lines that are there.
    Percent(u8),
    /// The first line that came then or later.
    Time(SystemTime),
}

/// What is said to what cannot be read.
const WANTED: &str = "type a time (14:03, 14:03:21, -5m), a line's number or a share (50%)";

impl Goto {
    /// Reads `14:03`, `14:03:21`, `2026-11-22 14:03`, `-5m`, `1234`, `50%`. A time of day is today's, or
    /// yesterday's where today's has not come yet.
    pub(in crate::ui) fn parse(typed: &str, now: SystemTime, zone: &TimeZone) -> Result<Self, String> {
        let typed = typed.trim();
        if let Some(percent) = typed.strip_suffix('%') {
            return match percent.trim().parse() {
                Ok(percent @ 0..=100) => Ok(Self::Percent(percent)),
                _ => Err(format!("`{typed}` is no share of all lines: 0% to 100%")),
            };
        }
        if let Some(ago) = typed.strip_prefix('-') {
            return back(ago.trim(), now).ok_or_else(|| {
                format!("`{typed}` is no time ago: a number and s, m, h or d, as -90s, -5m or -1h30m")
            });
        }
        if !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit()) {
            let line: u64 = typed.parse().map_err(|_| format!("there is no line {typed}"))?;
            return if line > 0 { Ok(Self::Line(line)) } else { Err("lines are counted from 1".to_owned()) };
        }
        if typed.contains(':') {
            let time = time(typed, now, zone);
            return time.ok_or_else(|| format!("`{typed}` is no time: 14:03, 14:03:21 or 2026-11-22 14:03"));
        }
        Err(WANTED.to_owned())
    }
}

fn back(ago: &str, now: SystemTime) -> Option<Goto> {
    let ago: SignedDuration = ago.parse().ok()?;
    let ago = Duration::try_from(ago).ok()?;
    now.checked_sub(ago).map(Goto::Time)
}

fn time(typed: &str, now: SystemTime, zone: &TimeZone) -> Option<Goto> {
    let now = Timestamp::try_from(now).ok()?.to_zoned(zone.clone());
    let time = if typed.contains('-') {
        typed.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok()?
    } else {
        let of_day: Time = typed.parse().ok()?;
        let today = now.date().to_datetime(of_day).to_zoned(zone.clone()).ok()?;
        if today > now { today.checked_sub(1.day()).ok()? } else { today }
    };
    Some(Goto::Time(time.timestamp().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 1_795_348_800; // 2026-11-22 12:00:00 UTC

    fn goto(typed: &str) -> Result<Goto, String> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOON);
        Goto::parse(typed, now, &TimeZone::UTC)
    }

    #[expect(clippy::unnecessary_wraps, reason = "to stand beside what `goto` returns")]
    fn at(seconds: i64) -> Result<Goto, String> {
        Ok(Goto::Time(SystemTime::UNIX_EPOCH + Duration::from_secs(NOON.saturating_add_signed(seconds))))
    }

    #[test]
    fn times_lines_and_shares_are_read() {
        assert_eq!(goto("11:59"), at(-60));
        assert_eq!(goto(" 11:59:30 "), at(-30));
        assert_eq!(goto("12:01"), at(60 - 86_400), "yesterday");
        assert_eq!(goto("2026-11-22 11:00"), at(-3600));
        assert_eq!(goto("-5m"), at(-300));
        assert_eq!(goto("-1h30m"), at(-5400));
        assert_eq!(goto("-90s"), at(-90));
        assert_eq!(goto("123"), Ok(Goto::Line(123)));
        assert_eq!(goto("50%"), Ok(Goto::Percent(50)));
    }

    #[test]
    fn what_cannot_be_read_is_answered_by_what_can() {
        for (typed, words) in [
            ("", WANTED),
            ("noon", WANTED),
            ("25:00", "`25:00` is no time: 14:03, 14:03:21 or 2026-11-22 14:03"),
            ("-5x", "`-5x` is no time ago: a number and s, m, h or d, as -90s, -5m or -1h30m"),
            ("101%", "`101%` is no share of all lines: 0% to 100%"),
            ("0", "lines are counted from 1"),
            ("99999999999999999999", "there is no line 99999999999999999999"),
        ] {
            assert_eq!(goto(typed), Err(words.to_owned()), "{typed}");
        }
    }
}
