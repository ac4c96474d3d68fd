//! Lines of one worker, or parts of them, as bytes for a file, a program or the clipboard: read block by
//! block without the pane's lock, in bounded memory. Knows neither who asks nor where they go.

use super::block::Block;
use super::line::Stream;
use super::pane::Output;
use super::reading::Tail;
use super::style::{Attributes, Color};
use super::styled;
use super::view::Span;
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What stands before minder's own words.
pub const RULING: &str = "── ";

/// Which lines, and which part of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The first line.
    pub first: u64,
    /// The last line, itself included.
    pub last: u64,
    /// What of them.
    pub columns: Columns,
}

/// Which part of each line: columns are counted as if a line stood in one row of any width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// All of it, as it came.
    All,
    /// From a column of the first line to a column of the last line, both included.
    Run {
        /// In the first line.
        from: u32,
        /// In the last line.
        to: u32,
    },
    /// The same columns of each, both included.
    Block {
        /// The left one.
        from: u32,
        /// The right one.
        to: u32,
    },
}

impl Columns {
    /// Which columns of a line; `None`: all of it, as it came.
    fn of(self, line: u64, first: u64, last: u64) -> Option<Range<u32>> {
        match self {
            Self::All => None,
            Self::Block { from, to } => Some(from..to.saturating_add(1)),
            Self::Run { from, to } => {
                let from = if line == first { from } else { 0 };
                let to = if line == last { to.saturating_add(1) } else { u32::MAX };
                Some(from..to)
            }
        }
    }
}

impl Extent {
    /// Every line that there is.
    pub const ALL: Self = Self { first: 0, last: u64::MAX, columns: Columns::All };
}

/// How lines are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// Their text alone.
    #[default]
    Plain,
    /// With their colours and attributes, encoded anew; no other escape.
    Colored,
}

/// Says of a line, by who said it and its plain text, whether it is wanted.
#[derive(Clone)]
pub struct Keep(pub Arc<Wanted>);

/// Whether a line is wanted.
pub type Wanted = dyn Fn(Stream, &str) -> bool + Send + Sync;

impl fmt::Debug for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keep")
    }
}

/// What was written so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    /// Lines written.
    pub lines: u64,
    /// Lines of the extent that had to go before they were reached.
    pub gone: u64,
    /// Nothing is left to be written.
    pub over: bool,
}

/// Lines that were there when it was made, written piece by piece.
#[derive(Debug)]
pub struct Excerpt {
    output: Arc<Output>,
    extent: Extent,
    keep: Option<Keep>,
    /// The end of what was in the log; what comes then was not finished.
    logged: u64,
    tail: Vec<(Stream, Vec<Span>)>,
    next: u64,
    block: Option<Arc<Block>>,
    said: Said,
}

impl Excerpt {
    /// What there is of the extent now. Takes the pane's lock for a moment.
    pub fn new(output: Arc<Output>, extent: Extent, keep: Option<Keep>) -> Self {
        let glance = output.lock().glance();
        let mut tail: Vec<_> = glance.tail.iter().map(|(_, tail)| unfinished(tail)).collect();
        let blank = |(_, spans): &(Stream, Vec<Span>)| spans.iter().all(|span| span.text.trim().is_empty());
        // Where a cursor waits for the next line, there is none yet.
        while extent.columns == Columns::All && tail.last().is_some_and(blank) {
            tail.pop();
        }
        let (start, logged) = (glance.lines.start, glance.lines.end);
        let last = extent.last.min((logged + tail.len() as u64).saturating_sub(1));
        let extent = Extent { last, ..extent };
        let next = extent.first.max(start);
        // Only a selection knows that there was something: all lines are those that there are.
        let gone = if extent.columns == Columns::All { 0 } else { next - extent.first };
        let said = Said { gone, ..Said::default() };
        Self { output, extent, keep, logged, tail, next, block: None, said }
    }

    /// How many lines are to be looked at yet.
    pub fn left(&self) -> u64 {
        (self.extent.last + 1).saturating_sub(self.next)
    }

    /// Writes whole lines, each closed by a newline, until `out` holds at least `enough` bytes or
    /// nothing is left; of the last line of a part of the text, the newline is not written.
    ///
    /// # Errors
    /// What the disk answers where old lines have to be read back.
    pub fn write(&mut self, form: Form, enough: usize, out: &mut Vec<u8>) -> io::Result<Said> {
        // A filter that lets nothing through must not hold up whoever wants to cancel.
        let mut looks = enough.max(1024);
        while out.len() < enough && looks > 0 && self.next <= self.extent.last {
            looks -= 1;
            let line = self.next;
            if line >= self.logged {
                self.write_unfinished(line, form, out);
            } else if !self.write_logged(line, form, out)? {
                continue;
            }
            self.next += 1;
        }
        self.said.over = self.next > self.extent.last;
        Ok(self.said)
    }

    fn write_unfinished(&mut self, line: u64, form: Form, out: &mut Vec<u8>) {
        let Some((stream, spans)) = usize::try_from(line - self.logged).ok().and_then(|at| self.tail.get(at))
        else {
            return;
        };
        let kept = |keep: &Keep| (keep.0)(*stream, &spans.iter().map(|span| &*span.text).collect::<String>());
        if !self.keep.as_ref().is_none_or(kept) {
            return;
        }
        let columns = self.extent.columns.of(line, self.extent.first, self.extent.last);
        write_spans(spans, columns, form, out);
        self.close(line, out);
    }

    /// False if the line is gone: then the next is the first after it that there is.
    fn write_logged(&mut self, line: u64, form: Form, out: &mut Vec<u8>) -> io::Result<bool> {
        let known = self.block.as_ref().filter(|block| (block.first()..block.next()).contains(&line));
        let block = if let Some(block) = known {
            Arc::clone(block)
        } else {
            match self.output.handle(line) {
                Some(handle) if !handle.is_gap() => handle.open()?,
                lost => {
                    let oldest = || self.output.lock().lines().start.max(line + 1);
                    // What was not finished when this was made is held here.
                    let first = lost.map_or_else(oldest, |gap| gap.lines().end).min(self.logged);
                    self.said.gone += first.min(self.extent.last + 1) - line;
                    self.next = first;
                    return Ok(false);
                }
            }
        };
        self.block = Some(Arc::clone(&block));
        let said = block.line(line);
        if self.keep.as_ref().is_some_and(|keep| !(keep.0)(said.stream, &styled::plain(said.bytes))) {
            return Ok(true);
        }
        match self.extent.columns.of(line, self.extent.first, self.extent.last) {
            None => {
                if said.stream == Stream::Ruling {
                    out.extend_from_slice(RULING.as_bytes());
                }
                styled::recolored(said.bytes, form == Form::Colored, out);
            }
            columns => write_spans(&spans_of(said.stream, said.bytes), columns, form, out),
        }
        self.close(line, out);
        Ok(true)
    }

    fn close(&mut self, line: u64, out: &mut Vec<u8>) {
        self.said.lines += 1;
        let open = matches!(self.extent.columns, Columns::Run { .. }) && line == self.extent.last;
        if !open {
            out.push(b'\n');
        }
    }
}

fn spans_of(stream: Stream, bytes: &[u8]) -> Vec<Span> {
    let mut spans = styled::spans(bytes);
    if stream == Stream::Ruling {
        spans.insert(0, Span { text: RULING.into(), ..Span::default() });
    }
    spans
}

fn unfinished(tail: &Tail) -> (Stream, Vec<Span>) {
    match tail {
        Tail::Open(open) => (open.stream(), styled::spans(open.bytes())),
        Tail::Grid(grid) => {
            let mut spans = styled::spans(&grid.pending);
            spans.extend(grid.rows.iter().flat_map(|row| row.iter()).cloned());
            (Stream::Terminal, spans)
        }
    }
}

/// Writes a part of a line, without the blanks at its end.
fn write_spans(spans: &[Span], columns: Option<Range<u32>>, form: Form, out: &mut Vec<u8>) {
    let mut spans = match columns {
        Some(columns) => cut(spans, columns),
        None => spans.to_vec(),
    };
    while let Some(last) = spans.last_mut().filter(|last| is_plain(last, form)) {
        last.text.truncate(last.text.trim_end_matches(' ').len());
        if !last.text.is_empty() {
            break;
        }
        spans.pop();
    }
    styled::encoded(&spans, form == Form::Colored, out);
}

/// Whether blanks in it are not to be seen.
fn is_plain(span: &Span, form: Form) -> bool {
    let seen = Attributes::REVERSE.with(Attributes::UNDERLINE).with(Attributes::STRIKE).0;
    form == Form::Plain || (span.style.background == Color::Default && span.style.attributes.0 & seen == 0)
}

/// What stands in these columns; a character that is only partly in them is whole.
fn cut(spans: &[Span], columns: Range<u32>) -> Vec<Span> {
    let mut at = 0;
    let mut kept = Vec::new();
    for span in spans {
        let (text, end) = cut_at(&span.text, at, &columns);
        if !text.is_empty() {
            kept.push(Span { text: text.into(), style: span.style });
        }
        at = end;
    }
    kept
}

/// What of a text stands in these columns; a character that is only partly in them is whole.
pub fn cut_text(text: &str, columns: Range<u32>) -> &str {
    cut_at(text, 0, &columns).0
}

/// As [`cut_text`] of one that begins at column `at`; and the column of its end.
fn cut_at<'a>(text: &'a str, at: u32, columns: &Range<u32>) -> (&'a str, u32) {
    if text.is_ascii() {
        let index = |column: u32| (column.saturating_sub(at) as usize).min(text.len());
        let (from, to) = (index(columns.start), index(columns.end));
        return (text.get(from..to).unwrap_or_default(), at.saturating_add(text.len() as u32));
    }
    let (mut from, mut to) = (None, 0);
    let mut column = at;
    let some = !columns.is_empty();
    for (index, cluster) in text.grapheme_indices(true) {
        let end = column + cluster.width() as u32;
        let seen = end > columns.start || (end == column && column == columns.start);
        if some && column < columns.end && seen {
            from.get_or_insert(index);
            to = index + cluster.len();
        }
        column = end;
    }
    (from.map_or("", |from| &text[from..to]), column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::log::trial::log_with_a_gap;
    use crate::protocol::Size;
    use proptest::prelude::*;
    use std::time::SystemTime;

    const AT: SystemTime = SystemTime::UNIX_EPOCH;

    fn output(terminal: bool, bytes: &[u8]) -> Arc<Output> {
        let output = Output::new(Size { columns: 10, rows: 4 }, terminal);
        let stream = if terminal { Stream::Terminal } else { Stream::Stdout };
        output.lock().feed(stream, bytes, AT);
        Arc::new(output)
    }

    fn written(output: &Arc<Output>, extent: Extent, form: Form, keep: Option<Keep>) -> String {
        let mut excerpt = Excerpt::new(Arc::clone(output), extent, keep);
        let mut all = Vec::new();
        loop {
            let mut piece = Vec::new();
            let said = excerpt.write(form, 1, &mut piece).unwrap();
            all.extend(piece);
            if said.over {
                return String::from_utf8(all).unwrap();
            }
        }
    }

    fn run(first: (u64, u32), last: (u64, u32)) -> Extent {
        Extent { first: first.0, last: last.0, columns: Columns::Run { from: first.1, to: last.1 } }
    }

    #[test]
    fn all_lines_come_as_they_are_with_or_without_colours() {
        let output = output(false, b"one\n\x1b[1;31mt\x1b]0;x\x07wo\x1b[m \n\tthree");
        output.lock().rule("said minder", AT);
        assert_eq!(
            written(&output, Extent::ALL, Form::Plain, None),
            "one\ntwo \n── said minder\n        three\n"
        );
        assert_eq!(
            written(&output, Extent::ALL, Form::Colored, None),
            "one\n\x1b[1;31mtwo\x1b[0m \n── said minder\n        three\n"
        );
        let keep = Keep(Arc::new(|_, text: &str| text.contains('t')));
        assert_eq!(written(&output, Extent::ALL, Form::Plain, Some(keep)), "two \n        three\n");
    }

    #[test]
    fn a_part_has_no_blanks_at_the_ends_of_its_lines_and_no_newline_at_its_own() {
        let output = output(false, "abcdef\nblanks    \n日本語\n".as_bytes());
        assert_eq!(written(&output, run((0, 2), (1, 8)), Form::Plain, None), "cdef\nblanks");
        assert_eq!(written(&output, run((2, 1), (2, 2)), Form::Plain, None), "日本", "both whole");
        let block = Extent { first: 0, last: 2, columns: Columns::Block { from: 2, to: 3 } };
        assert_eq!(written(&output, block, Form::Plain, None), "cd\nan\n本\n");
    }

    #[test]
    fn rows_that_the_terminal_wrapped_are_one_line_on_the_grid_and_above_it() {
        let output = output(true, b"0123456789abcdefghijABCDE\r\nnext\r\n");
        assert_eq!(
            written(&output, Extent::ALL, Form::Plain, None).trim_end(),
            "0123456789abcdefghijABCDE\nnext"
        );
        assert_eq!(written(&output, run((0, 8), (1, 1)), Form::Plain, None), "89abcdefghijABCDE\nne");
        output.lock().feed(Stream::Terminal, b"3\r\n4\r\n5\r\n6", AT);
        assert_eq!(written(&output, run((0, 8), (1, 1)), Form::Plain, None), "89abcdefghijABCDE\nne");
    }

    #[test]
    fn blanks_where_the_terminal_wrapped_are_part_of_the_line_on_the_grid_too() {
        let output = output(true, "123456789 abc\r\n123456789日本\r\n".as_bytes());
        let on_the_grid = written(&output, Extent::ALL, Form::Plain, None);
        assert_eq!(on_the_grid.trim_end(), "123456789 abc\n123456789日本");
        assert_eq!(written(&output, run((0, 8), (0, 11)), Form::Plain, None), "9 ab");
        assert_eq!(written(&output, run((1, 8), (1, 10)), Form::Plain, None), "9日");
        let keep = Keep(Arc::new(|_, text: &str| text.contains("9 abc")));
        assert_eq!(written(&output, Extent::ALL, Form::Plain, Some(keep)).trim_end(), "123456789 abc");
        output.lock().feed(Stream::Terminal, b"3\r\n4\r\n5\r\n6\r\n7\r\n8", AT);
        assert!(written(&output, Extent::ALL, Form::Plain, None).starts_with(on_the_grid.trim_end()));
    }

    #[test]
    fn lines_that_had_to_go_are_counted() {
        let output = Arc::new(Output::with_budget(Size { columns: 80, rows: 24 }, false, 256 * 1024));
        output.lock().feed(Stream::Stdout, b"one\ntwo\n", AT);
        let mut excerpt = Excerpt::new(Arc::clone(&output), run((0, 0), (1, 9)), None);
        for _ in 0..100_000 {
            output.lock().feed(Stream::Stdout, b"a line of the flood that takes their place\n", AT);
        }
        let mut out = Vec::new();
        let said = excerpt.write(Form::Plain, 1 << 20, &mut out).unwrap();
        assert_eq!((said, out.len()), (Said { lines: 0, gone: 2, over: true }, 0));
    }

    #[test]
    fn lines_in_a_gap_are_counted_and_those_behind_it_are_written() {
        let home = tempfile::tempdir().unwrap();
        let (log, _kept) = log_with_a_gap(home.path());
        let output = Arc::new(Output::with_log(Size { columns: 80, rows: 24 }, false, log, 1 << 20));
        for (extent, lines, gone) in [
            (Extent { first: 25, last: 70, columns: Columns::All }, 16, 30),
            (run((25, 0), (44, 5)), 5, 15),
            (Extent::ALL, 70, 30),
        ] {
            let mut out = Vec::new();
            let said = Excerpt::new(Arc::clone(&output), extent, None).write(Form::Plain, 1 << 20, &mut out);
            assert_eq!(said.unwrap(), Said { lines, gone, over: true });
            assert_eq!(String::from_utf8(out).unwrap().lines().count() as u64, lines);
        }
    }

    proptest! {
        #[test]
        fn a_part_is_what_a_look_at_each_column_says(
            text in "[a-c日é👍 ]{0,30}", from in 0..40_u32, length in 0..40_u32,
        ) {
            let columns = from..from + length;
            let mut expected = String::new();
            let mut at = 0;
            for cluster in text.graphemes(true) {
                let width = cluster.width() as u32;
                if (at..at + width).any(|column| columns.contains(&column)) {
                    expected.push_str(cluster);
                }
                at += width;
            }
            prop_assert_eq!(cut_text(&text, columns), expected);
        }
    }
}
