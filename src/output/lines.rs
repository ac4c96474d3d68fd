//! The bytes of streams become lines: line ends are found, what a carriage return overwrites is
//! gone, what has no end yet waits and can be seen. Knows no terminal and no drawing.

use super::line::Stream;
use super::log::{Log, MAX_LINE_BYTES, cut_mark};
use super::screen::restyle;
use super::style::Style;
use super::styled;
use memchr::{memchr, memrchr};
use std::borrow::Cow;
use std::time::SystemTime;

/// The unfinished lines of a worker, one a stream.
#[derive(Debug, Default)]
pub(super) struct Lines {
    terminal: OpenLine,
    stdout: OpenLine,
    stderr: OpenLine,
    ruling: OpenLine,
}

impl Lines {
    /// Takes what was written to a stream; lines that it finishes go to the log.
    pub(super) fn feed(&mut self, stream: Stream, bytes: &[u8], at: SystemTime, log: &mut Log) {
        let open = self.of(stream);
        let Some(last) = memrchr(b'\n', bytes) else { return open.add(bytes) };
        let (mut lines, rest) = bytes.split_at(last + 1);
        if !open.is_empty() {
            let newline = memchr(b'\n', lines).unwrap_or(last);
            open.add(&lines[..newline]);
            open.hand_over(stream, at, log);
            lines = &lines[newline + 1..];
        }
        open.add_lines(stream, lines, at, log);
        open.add(rest);
    }

    /// The streams are over: what they left unfinished is handed over as lines.
    pub(super) fn finish(&mut self, at: SystemTime, log: &mut Log) {
        for stream in STREAMS {
            let open = self.of(stream);
            if !open.is_empty() {
                open.hand_over(stream, at, log);
            }
        }
    }

    /// What is unfinished, as it is shown now.
    pub(super) fn open(&self) -> impl Iterator<Item = (Stream, Cow<'_, [u8]>)> {
        let all = [&self.terminal, &self.stdout, &self.stderr, &self.ruling];
        let open = STREAMS.into_iter().zip(all).filter(|(_, open)| !open.is_empty());
        open.map(|(stream, open)| (stream, open.shown()))
    }

    fn of(&mut self, stream: Stream) -> &mut OpenLine {
        match stream {
            Stream::Terminal => &mut self.terminal,
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
            Stream::Ruling => &mut self.ruling,
        }
    }
}

const STREAMS: [Stream; 4] = [Stream::Terminal, Stream::Stdout, Stream::Stderr, Stream::Ruling];

/// A line whose end did not come yet: what it would show.
#[derive(Debug, Default)]
struct OpenLine {
    /// Its beginning, at most [`MAX_LINE_BYTES`] and the style that it starts with.
    kept: Vec<u8>,
    /// How many bytes it has, the carriage returns at its end left out.
    length: u64,
    /// It ends in a carriage return: what comes next replaces it, unless that is its end.
    returned: bool,
}

impl OpenLine {
    fn is_empty(&self) -> bool {
        self.length == 0 && !self.returned
    }

    /// Adds what belongs to the line and has no line end.
    fn add(&mut self, bytes: &[u8]) {
        let text = trimmed(bytes);
        if !text.is_empty() {
            if self.returned {
                self.restart();
            }
            let mut rest = text;
            while let Some(next) = self.overwritten(rest) {
                self.keep(&rest[..next]);
                self.restart();
                rest = &rest[next + 1..];
            }
            self.keep(rest);
        }
        self.returned = text.len() < bytes.len() || (self.returned && text.is_empty());
    }

    /// Where a carriage return is up to which this text is overwritten: the last before which no style is
    /// set, or else the first.
    fn overwritten(&self, text: &[u8]) -> Option<usize> {
        let first = memchr(b'\r', text)?;
        if memchr(0x1B, &self.kept).is_some() {
            return Some(first);
        }
        let unstyled = memchr(0x1B, text).unwrap_or(text.len());
        memrchr(b'\r', &text[..unstyled]).or(Some(first))
    }

    /// Adds whole lines to the log where nothing is open.
    fn add_lines(&mut self, stream: Stream, lines: &[u8], at: SystemTime, log: &mut Log) {
        if memchr(b'\r', lines).is_none() {
            return log.extend(stream, at, lines);
        }
        let mut start = 0;
        for newline in memchr::memchr_iter(b'\n', lines) {
            let line = trimmed(&lines[start..newline]);
            start = newline + 1;
            if memchr(b'\r', line).is_none() {
                log.push(stream, at, line);
            } else {
                self.add(line);
                self.hand_over(stream, at, log);
            }
        }
    }

    fn hand_over(&mut self, stream: Stream, at: SystemTime, log: &mut Log) {
        log.push_cut(stream, at, &self.kept, self.length);
        self.clear();
    }

    fn shown(&self) -> Cow<'_, [u8]> {
        if self.length > MAX_LINE_BYTES as u64 {
            Cow::Owned([&self.kept, &cut_mark(self.length)[..]].concat())
        } else {
            Cow::Borrowed(&self.kept)
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = (MAX_LINE_BYTES as u64).saturating_sub(self.length) as usize;
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.length += bytes.len() as u64;
    }

    /// The cursor went back to the line's beginning, its style stays.
    fn restart(&mut self) {
        let style = styled::style_after(&self.kept);
        self.clear();
        if style != Style::default() {
            restyle::write(&mut self.kept, Style::default(), style);
        }
    }

    fn clear(&mut self) {
        self.kept.clear();
        self.kept.shrink_to(MAX_LINE_BYTES / 16);
        self.length = 0;
        self.returned = false;
    }
}

/// Without the carriage returns at its end.
fn trimmed(line: &[u8]) -> &[u8] {
    let mut line = line;
    while let [before @ .., b'\r'] = line {
        line = before;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AT: SystemTime = SystemTime::UNIX_EPOCH;

    #[derive(Default)]
    struct Fed {
        lines: Lines,
        log: Option<Log>,
    }

    impl Fed {
        fn feed(&mut self, stream: Stream, bytes: &[u8]) -> &mut Self {
            let log = self.log.get_or_insert_with(|| Log::new(1 << 26));
            self.lines.feed(stream, bytes, AT, log);
            self
        }

        fn finish(&mut self) -> &mut Self {
            self.lines.finish(AT, self.log.get_or_insert_with(|| Log::new(1 << 26)));
            self
        }

        fn logged(&self) -> Vec<(Stream, String)> {
            let log = self.log.as_ref().unwrap();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let taken = log.take_from(0, usize::MAX);
            taken.lines().map(|line| (line.stream, text(line.bytes))).collect()
        }

        fn texts(&self) -> Vec<String> {
            self.logged().into_iter().map(|(_, text)| text).collect()
        }

        fn open(&self) -> Vec<(Stream, String)> {
            let text = |bytes: Cow<'_, [u8]>| String::from_utf8_lossy(&bytes).into_owned();
            self.lines.open().map(|(stream, bytes)| (stream, text(bytes))).collect()
        }
    }

    #[test]
    fn line_ends_are_found_and_trimmed() {
        let mut fed = Fed::default();
        fed.feed(Stream::Stdout, b"a\nb\r\n\nc\r\r\n\r\n").feed(Stream::Stdout, b"d\r");
        fed.feed(Stream::Stdout, b"\ne").finish();
        assert_eq!(fed.texts(), ["a", "b", "", "c", "", "d", "e"]);
        assert!(fed.open().is_empty());
    }

    /// In one pass: it would take minutes if each return looked at all that follows.
    #[test]
    fn a_line_may_be_returned_any_number_of_times_and_then_styled() {
        let mut fed = Fed::default();
        let mut bytes = b"a\r".repeat(4 << 20);
        bytes.extend_from_slice(b"b\x1b[31m\rc\n");
        fed.feed(Stream::Stdout, &bytes);
        assert_eq!(fed.texts(), ["\x1b[31mc"]);
    }

    #[test]
    fn unfinished_lines_of_streams_stay_apart_and_can_be_seen() {
        let mut fed = Fed::default();
        fed.feed(Stream::Stdout, b"out ").feed(Stream::Stderr, b"err ");
        assert_eq!(fed.open(), [(Stream::Stdout, "out ".to_owned()), (Stream::Stderr, "err ".to_owned())]);
        fed.feed(Stream::Stderr, b"1\n").feed(Stream::Stdout, b"1\n2");
        assert_eq!(fed.open(), [(Stream::Stdout, "2".to_owned())]);
        assert_eq!(
            fed.logged(),
            [(Stream::Stderr, "err 1".to_owned()), (Stream::Stdout, "out 1".to_owned())]
        );
    }

    #[test]
    fn a_progress_bar_ends_as_a_terminal_would_show_it() {
        let mut fed = Fed::default();
        fed.feed(Stream::Stderr, b"10%\r20%\r");
        assert_eq!(fed.open(), [(Stream::Stderr, "20%".to_owned())]);
        fed.feed(Stream::Stderr, b"30%\r\n\x1b[1m10%\r20%\n");
        assert_eq!(fed.texts()[0], "30%");
        assert_eq!(styled::spans(fed.texts()[1].as_bytes()), styled::spans(b"\x1b[1m20%"));
    }

    #[test]
    fn an_endless_line_takes_bounded_memory_and_is_cut() {
        let mut fed = Fed::default();
        for _ in 0..100 {
            fed.feed(Stream::Stdout, &b"x".repeat(65_536));
        }
        assert!(fed.lines.stdout.kept.capacity() <= 2 * MAX_LINE_BYTES);
        assert!(fed.open()[0].1.ends_with("[cut: this line has 6553600 bytes]"));
        fed.feed(Stream::Stdout, b"\nafter\n");
        assert!(fed.texts()[0].ends_with("[cut: this line has 6553600 bytes]"));
        assert_eq!(fed.texts()[1], "after");
        assert!(fed.lines.stdout.kept.capacity() <= MAX_LINE_BYTES / 16);
    }

    proptest! {
        #[test]
        fn random_cuts_give_the_same_lines(
            pieces in prop::collection::vec(
                prop_oneof![
                    "[a-z]{0,5}", Just("\r".to_owned()), Just("\n".to_owned()),
                    Just("\r\n".to_owned()), "\x1b\\[3[0-7]m", Just("é".to_owned()),
                ],
                0..40,
            ),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let bytes = pieces.concat().into_bytes();
            let mut whole = Fed::default();
            whole.feed(Stream::Stdout, &bytes);
            let mut cut = Fed::default();
            let mut ends: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            ends.extend([0, bytes.len()]);
            ends.sort_unstable();
            for range in ends.windows(2) {
                cut.feed(Stream::Stdout, &bytes[range[0]..range[1]]);
            }
            prop_assert_eq!(whole.open(), cut.open());
            whole.finish();
            cut.finish();
            prop_assert_eq!(whole.logged(), cut.logged());
        }
    }
}
