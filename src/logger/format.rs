//! One line of a worker as it stands in a log file. Pure.

use crate::output::{Line, Stream, recolored};
use crate::spec::LogFormat;
use jiff::Timestamp;
use serde::Serialize;
use std::time::SystemTime;

/// A line as an object, in this order.
#[derive(Serialize)]
struct Object<'a> {
    time: String,
    worker: &'a str,
    stream: &'static str,
    text: &'a str,
}

/// Appends a line, with its line end.
pub(super) fn write(format: LogFormat, worker: &str, line: Line<'_>, to: &mut Vec<u8>) {
    let color = match format {
        LogFormat::Plain => false,
        LogFormat::Color => true,
        LogFormat::Json => {
            let mut text = Vec::new();
            recolored(line.bytes, false, &mut text);
            let text = String::from_utf8_lossy(&text);
            return object(
                &Object { time: time(line.at), worker, stream: stream(line.stream), text: &text },
                to,
            );
        }
    };
    if line.stream == Stream::Ruling {
        to.extend_from_slice(b"--- ");
    }
    recolored(line.bytes, color, to);
    to.push(b'\n');
}

/// Says that lines are missing at this place.
pub(super) fn missing(format: LogFormat, worker: &str, count: u64, at: SystemTime, to: &mut Vec<u8>) {
    let lines = if count == 1 { "line is" } else { "lines are" };
    let text = format!("{count} {lines} missing here: they came faster than they could be written");
    let line = Line { number: 0, stream: Stream::Ruling, at, bytes: text.as_bytes() };
    write(format, worker, line, to);
}

fn object(object: &Object<'_>, to: &mut Vec<u8>) {
    serde_json::to_writer(&mut *to, object).expect("strings can be written as JSON into memory");
    to.push(b'\n');
}

const fn stream(stream: Stream) -> &'static str {
    match stream {
        Stream::Terminal => "terminal",
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
        Stream::Ruling => "minder",
    }
}

/// RFC 3339 with microseconds, in UTC: such times sort as text.
fn time(at: SystemTime) -> String {
    let at = Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.6}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn written(format: LogFormat, stream: Stream, bytes: &[u8]) -> String {
        let at = SystemTime::UNIX_EPOCH + Duration::new(1_795_000_000, 5000);
        let mut to = Vec::new();
        write(format, "api", Line { number: 7, stream, at, bytes }, &mut to);
        String::from_utf8_lossy(&to).into_owned()
    }

    #[test]
    fn each_format_has_its_line() {
        let said = b"\x1b[31mno\x1b[0m \"way\"\x1b]0;title\x07\xff";
        assert_eq!(written(LogFormat::Plain, Stream::Stderr, said), "no \"way\"\u{fffd}\n");
        assert!(written(LogFormat::Color, Stream::Stderr, said).starts_with("\u{1b}["));
        assert_eq!(
            written(LogFormat::Json, Stream::Stderr, said),
            "{\"time\":\"2026-11-18T11:06:40.000005Z\",\"worker\":\"api\",\"stream\":\"stderr\",\
             \"text\":\"no \\\"way\\\"\u{fffd}\"}\n"
        );
        assert_eq!(written(LogFormat::Plain, Stream::Ruling, b"exit 3"), "--- exit 3\n");
    }

    #[test]
    fn missing_lines_are_counted() {
        let mut to = Vec::new();
        missing(LogFormat::Plain, "api", 1, SystemTime::UNIX_EPOCH, &mut to);
        assert!(String::from_utf8_lossy(&to).starts_with("--- 1 line is missing here"));
    }
}
