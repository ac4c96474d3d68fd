//! Lines that came but were not drawn: of a flood, most scroll away before anybody looks. Knows
//! neither cells nor the cursor.

use super::plain::{self, Line, Lines};
use std::collections::VecDeque;

/// Bytes of lines that left before the buffer is moved up.
const GAP: usize = 8 * 1024;

/// Plain lines in a row, from the first column of an empty row on: printable text and SGR, each from
/// the default style back to it. What they show can be told without drawing them.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// Whole lines as a log keeps them, each closed by a newline, behind a gap.
    text: Vec<u8>,
    gap: usize,
    lines: VecDeque<Waiting>,
    /// The rows that they take.
    rows: usize,
    /// The beginning of the next line, as it came.
    tail: Vec<u8>,
    /// The character printed last.
    last: Option<char>,
}

/// One line.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    /// Its length in [`Backlog::text`].
    bytes: usize,
    /// The rows that it takes.
    rows: usize,
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.tail.is_empty()
    }

    /// Takes plain lines for a terminal of this width, and the beginning of one. Returns the bytes that
    /// it does not take: the first of them is not the first of a plain line, or of what may become one.
    pub(super) fn take<'a>(&mut self, bytes: &'a [u8], columns: usize) -> &'a [u8] {
        let mut rest = bytes;
        if !self.tail.is_empty() {
            match self.take_end_of_line(bytes, columns) {
                Some(taken) => rest = &bytes[taken..],
                None => return bytes,
            }
        }
        let mut lines = Lines::new(rest, columns);
        for line in lines.by_ref() {
            self.take_line(&line, columns);
        }
        rest = lines.rest();
        let begins = memchr::memchr(b'\n', rest).is_none() && self.take_beginning(rest);
        if begins { &[] } else { rest }
    }

    /// Lets lines go at the top, as many as would scroll off a terminal of `height` rows: all of them, each
    /// closed by a newline, and how long each is with it.
    pub(super) fn leave(&mut self, height: usize) -> (&[u8], impl Iterator<Item = usize>) {
        if self.gap > GAP {
            self.text.drain(..self.gap);
            self.gap = 0;
        }
        let (start, mut count) = (self.gap, 0);
        for line in &self.lines {
            if self.rows - line.rows < height - 1 {
                break;
            }
            self.gap += line.bytes;
            self.rows -= line.rows;
            count += 1;
        }
        (&self.text[start..self.gap], self.lines.drain(..count).map(|line| line.bytes))
    }

    /// The lines that are left, without line ends.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = self.gap;
        self.lines.iter().map(move |line| {
            let text = &self.text[start..start + line.bytes - 1];
            start += line.bytes;
            text
        })
    }

    /// How many lines are left.
    pub(super) fn count(&self) -> usize {
        self.lines.len()
    }

    /// The beginning of a line that comes after them.
    pub(super) fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// The character that a whole line printed last, if any did since this was asked for.
    pub(super) fn last(&mut self) -> Option<char> {
        self.last.take()
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.lines.clear();
        self.tail.clear();
        (self.gap, self.rows) = (0, 0);
    }

    /// Takes what ends the line that was begun, or goes on with it. Returns how many bytes that was;
    /// `None` where it is no plain line.
    fn take_end_of_line(&mut self, bytes: &[u8], columns: usize) -> Option<usize> {
        let Some(newline) = memchr::memchr(b'\n', bytes) else {
            return self.take_beginning(bytes).then_some(bytes.len());
        };
        let begun = self.tail.len();
        self.tail.extend_from_slice(&bytes[..=newline]);
        let whole = std::mem::take(&mut self.tail);
        let mut lines = Lines::new(&whole, columns);
        let line = lines.next().filter(|_| lines.rest().is_empty());
        if let Some(line) = &line {
            self.take_line(line, columns);
        }
        let taken = line.is_some();
        self.tail = whole;
        self.tail.truncate(if taken { 0 } else { begun });
        taken.then_some(newline + 1)
    }

    #[inline]
    fn take_line(&mut self, line: &Line<'_>, columns: usize) {
        let rows = if line.width <= columns { 1 } else { line.width.div_ceil(columns) };
        let bytes = line.kept.len() + 1;
        self.last = line.last.or(self.last);
        self.text.reserve(bytes);
        self.text.extend_from_slice(line.kept);
        self.text.push(b'\n');
        self.lines.push_back(Waiting { bytes, rows });
        self.rows += rows;
    }

    fn take_beginning(&mut self, bytes: &[u8]) -> bool {
        if bytes.is_empty() {
            return true;
        }
        let begun = self.tail.len();
        self.tail.extend_from_slice(bytes);
        let taken = self.tail.len() <= plain::LONGEST && plain::is_beginning(&self.tail);
        if !taken {
            self.tail.truncate(begun);
        }
        taken
    }
}
