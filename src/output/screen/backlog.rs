//! Lines that came but were not drawn: of a flood, most scroll away before anybody looks. Knows what a
//! plain line is, and neither cells nor the cursor.

use super::cell::{Packed, Pen};
use super::input;
use super::print;
use super::sgr;
use std::collections::VecDeque;

/// A longer line is drawn as it comes.
const LONGEST: usize = 4096;
/// Bytes of lines that left before the buffer is moved up.
const GAP: usize = 32 * 1024;
/// Parameters of one SGR that are read here, fewer than any parser keeps.
const PARAMETERS: usize = 16;

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
        while let Some(newline) = memchr::memchr(b'\n', rest) {
            let (line, more) = rest.split_at(newline + 1);
            if !self.take_line(line, columns) {
                return rest;
            }
            rest = more;
        }
        if self.take_beginning(rest) { &[] } else { rest }
    }

    /// Lets lines go at the top, as many as would scroll off a terminal of `height` rows, and returns
    /// them, each closed by a newline.
    pub(super) fn leave(&mut self, height: usize) -> &[u8] {
        if self.gap > GAP {
            self.text.drain(..self.gap);
            self.gap = 0;
        }
        let start = self.gap;
        while let Some(first) = self.lines.front().filter(|first| self.rows - first.rows >= height - 1) {
            self.gap += first.bytes;
            self.rows -= first.rows;
            self.lines.pop_front();
        }
        &self.text[start..self.gap]
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

    fn take_line(&mut self, line: &[u8], columns: usize) -> bool {
        if self.tail.is_empty() {
            return self.take_whole(line, columns);
        }
        let begun = self.tail.len();
        self.tail.extend_from_slice(line);
        let whole = std::mem::take(&mut self.tail);
        let taken = self.take_whole(&whole, columns);
        self.tail = whole;
        self.tail.truncate(if taken { 0 } else { begun });
        taken
    }

    #[inline]
    fn take_whole(&mut self, line: &[u8], columns: usize) -> bool {
        let Some(line) = line.strip_suffix(b"\r\n").filter(|line| line.len() <= LONGEST) else {
            return false;
        };
        let Some(Measured { width, kept, last }) = measured(line, columns) else { return false };
        let rows = if width <= columns { 1 } else { width.div_ceil(columns) };
        self.last = last.or(self.last);
        self.text.reserve(kept + 1);
        self.text.extend_from_slice(&line[..kept]);
        self.text.push(b'\n');
        self.lines.push_back(Waiting { bytes: kept + 1, rows });
        self.rows += rows;
        true
    }

    fn take_beginning(&mut self, bytes: &[u8]) -> bool {
        if bytes.is_empty() {
            return true;
        }
        let begun = self.tail.len();
        self.tail.extend_from_slice(bytes);
        let taken = self.tail.len() <= LONGEST && is_beginning(&self.tail);
        if !taken {
            self.tail.truncate(begun);
        }
        taken
    }
}

/// What is to be known of a plain line.
struct Measured {
    /// Its columns.
    width: usize,
    /// How many of its bytes a log keeps.
    kept: usize,
    /// The last character that it prints.
    last: Option<char>,
}

/// Measures a plain line; `None` for any other.
#[inline]
fn measured(line: &[u8], columns: usize) -> Option<Measured> {
    if input::is_printable_ascii(line) {
        let kept = line.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
        let last = line.last().map(|&byte| char::from(byte));
        // Blanks at the end may have a row of their own.
        let alone = line.len() <= columns || kept == line.len();
        return alone.then_some(Measured { width: line.len(), kept, last });
    }
    let walked = walk(line)?;
    let wraps = walked.width > columns;
    // A wide character may leave the last column free, a background fills the rest of a row.
    let fits = !wraps || (!walked.beyond_ascii && !has_background(line));
    let plain_after = walked.reset || pens(line).last().is_none_or(|last| last == Pen::default());
    let ends = plain_after && walked.last != Some(' ');
    (fits && ends).then_some(Measured { width: walked.width, kept: line.len(), last: walked.last })
}

/// What a walk through a line found.
#[derive(Default)]
struct Walked {
    width: usize,
    /// The last style that was set is the default one, for certain.
    reset: bool,
    /// There are characters beyond ASCII.
    beyond_ascii: bool,
    last: Option<char>,
}

/// Reads a line of printable text and SGR. `None` where there is anything else.
fn walk(line: &[u8]) -> Option<Walked> {
    let mut walked = Walked::default();
    let mut rest = line;
    while let Some(&first) = rest.first() {
        let taken = match first {
            b' '..=b'~' => {
                let length = input::printable_ascii(rest);
                walked.width += length;
                walked.last = Some(char::from(rest[length - 1]));
                length
            }
            0x1b => {
                let (length, is_reset) = style(rest)?;
                walked.reset = is_reset;
                length
            }
            0x80.. => walked.character(rest)?,
            _ => return None,
        };
        rest = &rest[taken..];
    }
    Some(walked)
}

/// The length of the SGR at the start, numbers and semicolons alone, and whether it is a reset.
#[inline]
fn style(bytes: &[u8]) -> Option<(usize, bool)> {
    let body = bytes.strip_prefix(b"\x1b[")?;
    let mut separators = 0;
    for (index, &byte) in body.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {}
            b';' if separators + 1 < PARAMETERS => separators += 1,
            b'm' => return Some((index + 3, matches!(&body[..index], b"" | b"0"))),
            _ => return None,
        }
    }
    None
}

/// The styles that a line which was walked through sets, one after the other.
fn pens(line: &[u8]) -> impl Iterator<Item = Pen> {
    let mut pen = Pen::default();
    memchr::memchr_iter(0x1b, line).filter_map(move |at| {
        let (_, parameters, ..) = input::sequence(&line[at..])?;
        sgr::apply(&mut pen, &parameters);
        Some(pen)
    })
}

fn has_background(line: &[u8]) -> bool {
    pens(line).any(|pen| pen.background != Packed::default())
}

impl Walked {
    /// A character beyond ASCII that takes one or two columns by itself.
    fn character(&mut self, bytes: &[u8]) -> Option<usize> {
        let character = input::character(bytes)?;
        let width = print::width(character);
        self.width += width;
        self.beyond_ascii = true;
        self.last = Some(character);
        (width > 0).then_some(character.len_utf8())
    }
}

/// Whether these bytes may be the beginning of a plain line: what is cut at their end may yet become
/// a part of it.
fn is_beginning(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    if input::is_printable_ascii(bytes) {
        return true;
    }
    let escape = memchr::memrchr(0x1b, bytes).filter(|&at| input::is_sequence_begun(&bytes[at..]));
    let whole = &bytes[..escape.unwrap_or(bytes.len())];
    let cut = if escape.is_some() { 0 } else { input::incomplete_at_end(whole) };
    walk(&whole[..whole.len() - cut]).is_some()
}
