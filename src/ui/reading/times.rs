//! Times beside lines, as people read them. Knows no line.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::{Duration, SystemTime};

/// Which time stands beside a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::ui) enum Times {
    /// None.
    #[default]
    Off,
    /// When it came.
    Clock,
    /// How long ago it came.
    Ago,
    /// How long after the oldest line that is there it came.
    Since,
    /// How long after the line before it came.
    Delta,
}

impl Times {
    /// The next of them, round and round.
    pub(in crate::ui) fn next(self) -> Self {
        match self {
            Self::Off => Self::Clock,
            Self::Clock => Self::Ago,
            Self::Ago => Self::Since,
            Self::Since => Self::Delta,
            Self::Delta => Self::Off,
        }
    }

    /// What it is, for people.
    pub(in crate::ui) fn word(self) -> &'static str {
        match self {
            Self::Off => "no times",
            Self::Clock => "times: when a line came",
            Self::Ago => "times: how long ago a line came",
            Self::Since => "times: since the oldest line",
            Self::Delta => "times: since the line before",
        }
    }

    /// The columns that it wants, and those that it makes do with.
    pub(in crate::ui) fn columns(self) -> (u16, u16) {
        match self {
            Self::Off => (0, 0),
            Self::Clock => (12, 8),
            Self::Ago => (6, 6),
            Self::Since | Self::Delta => (7, 7),
        }
    }
}

/// `14:03:09.123`, or without its fraction.
pub(in crate::ui) fn clock(at: SystemTime, zone: &TimeZone, fraction: bool) -> String {
    let at = Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone());
    at.strftime(if fraction { "%H:%M:%S.%3f" } else { "%H:%M:%S" }).to_string()
}

/// A duration in 6 columns at most: `0.123s`, `12.34s`, `12m34s`, `12h34m`, `3d04h`.
pub(in crate::ui) fn short(duration: Duration) -> String {
    let (whole, millis) = (duration.as_secs(), duration.subsec_millis());
    match whole {
        0..10 => format!("{whole}.{millis:03}s"),
        10..60 => format!("{whole}.{:02}s", millis / 10),
        60..3600 => format!("{}m{:02}s", whole / 60, whole % 60),
        3600..86_400 => format!("{}h{:02}m", whole / 3600, whole / 60 % 60),
        86_400..8_640_000 => format!("{}d{:02}h", whole / 86_400, whole / 3600 % 24),
        _ => format!("{}d", (whole / 86_400).min(99_999)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_enough_for_their_columns() {
        for (millis, text) in [
            (0, "0.000s"),
            (1234, "1.234s"),
            (59_999, "59.99s"),
            (754_000, "12m34s"),
            (86_399_000, "23h59m"),
            (86_400_000, "1d00h"),
        ] {
            assert_eq!(short(Duration::from_millis(millis)), text);
        }
        assert!(short(Duration::MAX).len() <= 6);
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(50_589_123);
        assert_eq!(clock(at, &TimeZone::UTC, true), "14:03:09.123");
        assert_eq!(clock(at, &TimeZone::UTC, false), "14:03:09");
    }
}
