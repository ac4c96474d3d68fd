//! Durations as people write them: `500ms`, `5s`, `1m30s`.

use jiff::fmt::friendly::SpanParser;
use std::time::Duration;

/// One day: the longest that a wait in a declaration may be.
pub(super) const DAY: Duration = Duration::from_hours(24);

/// Reads a number with its unit, or several of them; `None` if it is none or negative.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    static PARSER: SpanParser = SpanParser::new();
    PARSER.parse_unsigned_duration(text.trim()).ok()
}

/// A duration in the shortest words that [`parse`] reads back.
pub(super) fn write(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        0 => "0s".to_owned(),
        _ if millis.is_multiple_of(3_600_000) => format!("{}h", millis / 3_600_000),
        _ if millis.is_multiple_of(60_000) => format!("{}m", millis / 60_000),
        _ if millis.is_multiple_of(1000) => format!("{}s", millis / 1000),
        _ => format!("{millis}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_unit() {
        for (text, millis) in [
            ("5s", 5000),
            ("500ms", 500),
            ("1m30s", 90_000),
            ("1h 2m", 3_720_000),
            ("0.5s", 500),
            ("0s", 0),
            (" 2 seconds ", 2000),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "5", "s", "-5s", "5s ago", "5 parsecs", "1e9s", "99999999999999999999s"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for millis in [0, 1, 500, 1000, 60_000, 86_400_000, 90_000] {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse(&write(duration)), Some(duration));
        }
    }
}
