//! Lines that came but were not drawn: of a flood, most scroll away before anybody looks. Their text waits
//! at the host, where most of it is to stay. Knows neither cells nor the cursor.

use super::plain::{self, Line, Lines};
use super::screen::Flooded;
use std::collections::VecDeque;

/// Plain lines in a row, from the first column of an empty row on: printable text and SGR, each from
/// the default style back to it. What they show can be told without drawing them.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// The rows that each of the lines takes which wait at the host.
    lines: VecDeque<u16>,
    /// The rows that all of them take.
    rows: usize,
    /// The beginning of the next line, as it came.
    tail: Vec<u8>,
    /// The character printed last.
    last: Option<char>,
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.tail.is_empty()
    }

    /// Takes plain lines for a terminal of this width, and the beginning of one. Returns the bytes that
    /// it does not take: the first of them is not the first of a plain line, or of what may become one.
    pub(super) fn take<'a>(&mut self, bytes: &'a [u8], columns: usize, host: &mut impl Flooded) -> &'a [u8] {
        let mut rest = bytes;
        if !self.tail.is_empty() {
            match self.take_end_of_line(bytes, columns, host) {
                Some(taken) => rest = &bytes[taken..],
                None => return bytes,
            }
        }
        let mut lines = Lines::new(rest, columns);
        for line in lines.by_ref() {
            self.take_line(&line, columns, host);
        }
        rest = lines.rest();
        let begins = memchr::memchr(b'\n', rest).is_none() && self.take_beginning(rest);
        if begins { &[] } else { rest }
    }

    /// Lets lines go at the top, as many as would scroll off a terminal of `height` rows. Returns how many.
    pub(super) fn leave(&mut self, height: usize) -> usize {
        let mut count = 0;
        for rows in &self.lines {
            let below = self.rows - usize::from(*rows);
            if below < height - 1 {
                break;
            }
            self.rows = below;
            count += 1;
        }
        self.lines.drain(..count);
        count
    }

    /// How many lines are left.
    pub(super) fn count(&self) -> usize {
        self.lines.len()
    }

    /// The character that a whole line printed last, if any did since this was asked for.
    pub(super) fn last(&mut self) -> Option<char> {
        self.last.take()
    }

    /// Forgets all. Returns the beginning of a line that came after the others.
    pub(super) fn clear(&mut self) -> Vec<u8> {
        self.lines.clear();
        self.rows = 0;
        std::mem::take(&mut self.tail)
    }

    /// Takes what ends the line that was begun, or goes on with it. Returns how many bytes that was;
    /// `None` where it is no plain line.
    fn take_end_of_line(&mut self, bytes: &[u8], columns: usize, host: &mut impl Flooded) -> Option<usize> {
        let Some(newline) = memchr::memchr(b'\n', bytes) else {
            return self.take_beginning(bytes).then_some(bytes.len());
        };
        let begun = self.tail.len();
        self.tail.extend_from_slice(&bytes[..=newline]);
        let whole = std::mem::take(&mut self.tail);
        let mut lines = Lines::new(&whole, columns);
        let line = lines.next().filter(|_| lines.rest().is_empty());
        if let Some(line) = &line {
            self.take_line(line, columns, host);
        }
        let taken = line.is_some();
        self.tail = whole;
        self.tail.truncate(if taken { 0 } else { begun });
        taken.then_some(newline + 1)
    }

    #[inline]
    fn take_line(&mut self, line: &Line<'_>, columns: usize, host: &mut impl Flooded) {
        let rows = if line.width <= columns { 1 } else { line.width.div_ceil(columns) };
        self.last = line.last.or(self.last);
        // A plain line is shorter than that, and its columns are at most two for three of its bytes.
        self.lines.push_back(rows as u16);
        self.rows += rows;
        host.wait(line.kept);
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
