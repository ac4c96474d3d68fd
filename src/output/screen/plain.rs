//! Plain lines, read without a terminal: printable text and SGR, each line from the default style back
//! to it. What such a line shows can be told without drawing it. Compares many bytes at once: a flood
//! spends most of its time here.

use super::cell::{Packed, Pen};
use super::input;
use super::print;
use super::sgr;
use crate::output::places::{BLOCK, LANES, places};
use wide::u8x16;

/// A longer line is drawn as it comes.
pub(super) const LONGEST: usize = 4096;
/// Parameters of one SGR that are read here, fewer than any parser keeps.
const PARAMETERS: usize = 16;
const _: () = assert!(LANES <= PARAMETERS);

/// A plain line.
pub(super) struct Line<'a> {
    /// What a log keeps of it.
    pub(super) kept: &'a [u8],
    /// Its columns.
    pub(super) width: usize,
    /// The last character that it prints.
    pub(super) last: Option<char>,
}

/// The plain lines that bytes begin with.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    /// Where the next line begins.
    start: usize,
    columns: usize,
    block: Block,
}

/// The bytes that are looked at.
#[derive(Clone, Copy)]
struct Block {
    /// Where they begin.
    base: usize,
    /// Which of them are no printable ASCII: those that were not looked at yet.
    marks: u64,
}

impl Block {
    #[inline]
    fn at(base: usize, bytes: &[u8]) -> Self {
        let rest = bytes.get(base..).unwrap_or_default();
        // Behind the end of the bytes are zeros.
        let mut padded = [0; BLOCK];
        let block = rest.first_chunk().unwrap_or_else(|| {
            padded[..rest.len()].copy_from_slice(rest);
            &padded
        });
        Self { base, marks: places(block, |bytes| !between(bytes, b' ', b'~')) }
    }
}

impl<'a> Lines<'a> {
    /// Those for a terminal of this width.
    pub(super) fn new(bytes: &'a [u8], columns: usize) -> Self {
        Self { bytes, start: 0, columns, block: Block::at(0, bytes) }
    }

    /// The bytes that follow the last line.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.start..]
    }

    /// Goes on from the start of a line to the first byte that is neither text nor of an SGR.
    #[inline]
    fn walk(&mut self) -> Walked {
        let mut walked = Walked::from(self.start);
        let mut block = self.block;
        loop {
            while block.marks != 0 {
                let place = block.marks.trailing_zeros();
                block.marks &= block.marks - 1;
                let at = block.base + place as usize;
                // Of a character the first byte tells all.
                if at >= walked.end && !walked.mark(self.bytes, at) {
                    walked.stop = at;
                    self.block = block;
                    return walked;
                }
            }
            // A longer line is none of ours.
            if block.base > self.start + LONGEST {
                walked.stop = block.base + BLOCK;
                return walked;
            }
            block = Block::at(block.base + BLOCK, self.bytes);
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    /// The next line, which ends in CR LF; `None` if there is none that is whole. Not to be asked again
    /// then: what was looked at is not looked at twice.
    #[inline]
    fn next(&mut self) -> Option<Line<'a>> {
        let walked = self.walk();
        let (line, end) = self.rest().split_at_checked(walked.stop - self.start)?;
        if line.len() > LONGEST || !end.starts_with(b"\r\n") {
            return None;
        }
        let (width, last) = (walked.width(self.start), walked.last(self.bytes, self.start));
        let kept = walked.kept(line, width, last, self.columns)?;
        self.start = walked.stop + 2;
        Some(Line { kept: &line[..kept], width, last })
    }
}

/// Whether these bytes may be the beginning of a plain line: what is cut at their end may yet become
/// a part of it.
pub(super) fn is_beginning(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.get(Lines::new(bytes, 1).walk().stop..) else { return false };
    let may_be_cut = || input::is_sequence_begun(rest) || input::incomplete_at_end(rest) == rest.len();
    matches!(rest, b"" | b"\r") || may_be_cut()
}

/// What a walk through a line found. It looks at what is no printable ASCII alone: at the marks.
struct Walked {
    /// Where the first byte is that is neither text nor of an SGR.
    stop: usize,
    /// Where the last mark ends.
    end: usize,
    /// Bytes that are no printable ASCII, or of an SGR.
    marks: usize,
    /// The columns of the characters beyond ASCII.
    wide: usize,
    /// The last character beyond ASCII.
    character: Option<char>,
    /// There is no SGR, or the last one is a reset for certain.
    plain: bool,
    /// Where that ends which the last mark printed, or which was printed before it.
    text: usize,
}

impl Walked {
    fn from(start: usize) -> Self {
        Self { stop: start, end: start, marks: 0, wide: 0, character: None, plain: true, text: start }
    }

    /// Goes over the SGR or the character at this place; false where there is neither.
    #[inline]
    fn mark(&mut self, bytes: &[u8], at: usize) -> bool {
        let length = match bytes.get(at) {
            Some(0x1b) => {
                let Some(length) = sgr(&bytes[at..]) else { return false };
                if at > self.end {
                    self.text = at;
                }
                self.plain = matches!(bytes[at..at + length], [_, _, b'm'] | [_, _, b'0', b'm']);
                length
            }
            Some(0x80..) => {
                let Some(character) = input::character(&bytes[at..]) else { return false };
                let width = print::width(character);
                // It joins the one before.
                if width == 0 {
                    return false;
                }
                self.wide += width;
                self.character = Some(character);
                self.text = at + character.len_utf8();
                character.len_utf8()
            }
            _ => return false,
        };
        self.marks += length;
        self.end = at + length;
        true
    }

    fn width(&self, start: usize) -> usize {
        self.stop - start - self.marks + self.wide
    }

    /// The character printed last.
    fn last(&self, bytes: &[u8], start: usize) -> Option<char> {
        let end = if self.stop > self.end { self.stop } else { self.text };
        let byte = *bytes[start..end].last()?;
        if byte.is_ascii() { Some(char::from(byte)) } else { self.character }
    }

    /// How many of the line's bytes a log keeps; `None` where that cannot be told without drawing it.
    #[inline]
    fn kept(&self, line: &[u8], width: usize, last: Option<char>, columns: usize) -> Option<usize> {
        let wraps = width > columns;
        if self.marks == 0 {
            let kept = line.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
            // Blanks at the end may have a row of their own.
            return (!wraps || kept == line.len()).then_some(kept);
        }
        // A wide character may leave the last column free, a background fills the rest of a row.
        let fits = !wraps || (self.character.is_none() && !has_background(line));
        (fits && last != Some(' ') && self.is_plain_after(line)).then_some(line.len())
    }

    fn is_plain_after(&self, line: &[u8]) -> bool {
        self.plain || pens(line).last().is_none_or(|last| last == Pen::default())
    }
}

/// All ones for bytes from `first` to `last`.
#[inline]
fn between(bytes: u8x16, first: u8, last: u8) -> u8x16 {
    let above = bytes - u8x16::splat(first);
    above.min(u8x16::splat(last - first)).simd_eq(above)
}

/// The length of the SGR at the start, numbers and semicolons alone.
#[inline]
fn sgr(bytes: &[u8]) -> Option<usize> {
    let body = bytes.strip_prefix(b"\x1b[")?;
    if let Some(part) = body.first_chunk::<LANES>() {
        let part = u8x16::new(*part);
        let parameters = between(part, b'0', b'9') | part.simd_eq(u8x16::splat(b';'));
        let end = parameters.to_bitmask().trailing_ones() as usize;
        // So few bytes cannot be too many parameters.
        if end < LANES {
            return (body[end] == b'm').then_some(end + 3);
        }
    }
    let end = body.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';'))?;
    let parameters = 1 + memchr::memchr_iter(b';', &body[..end]).count();
    (parameters <= PARAMETERS && body[end] == b'm').then_some(end + 3)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_measured_up_to_its_end() {
        let mut lines = Lines::new(b"\x1b[1;32mINFO\x1b[0m \xc3\xa9 \xe6\x97\xa5\r\n\r\nab \r\nmore", 80);
        let found: Vec<_> = lines.by_ref().map(|line| (line.kept.len(), line.width, line.last)).collect();
        assert_eq!(found, [(22, 9, Some('日')), (0, 0, None), (2, 3, Some(' '))]);
        assert_eq!(lines.rest(), b"more");
    }

    #[test]
    fn what_is_no_plain_line_or_no_whole_one_is_left() {
        let others = ["a", "a\r", "a\n", "a\rb\r\n", "a\x1b[2Kb\r\n", "\x1b[1mx\r\n", "\x1b[4:3m\x1b[m\r\n"];
        for bytes in others {
            let mut lines = Lines::new(bytes.as_bytes(), 80);
            assert!(lines.next().is_none(), "{bytes:?}");
            assert_eq!(lines.rest(), bytes.as_bytes());
        }
        let long = [&[b'x'; LONGEST][..], b"\r\n"].concat();
        assert!(Lines::new(&long, 80).next().is_some());
        for more in [1, BLOCK, LONGEST] {
            assert!(Lines::new(&[&vec![b'x'; more], &long[..]].concat(), 80).next().is_none());
        }
    }

    proptest! {
        #[test]
        fn a_walk_stops_where_a_slow_one_would(
            bytes in "(\x1b\\[[0-9;]{0,20}m|\x1b\\[[0-9:]{0,3}[Km]?|[ -~]{0,70}|[é日\u{301}]|[\r\n\t]){0,9}",
            more in prop::collection::vec(any::<u8>(), 0..3),
        ) {
            let bytes = [bytes.as_bytes(), &more].concat();
            let (mut stop, mut width) = (0, 0);
            while let Some((length, columns)) = one(&bytes[stop..]) {
                stop += length;
                width += columns;
            }
            let walked = Lines::new(&bytes, 80).walk();
            prop_assert_eq!((walked.stop, walked.width(0)), (stop, width));
        }
    }

    /// The length and the width of the SGR or character at the start.
    fn one(bytes: &[u8]) -> Option<(usize, usize)> {
        if *bytes.first()? == 0x1b {
            let (private, parameters, last, length) = input::sequence(bytes)?;
            let plain = bytes[2..length - 1].iter().all(|byte| matches!(byte, b'0'..=b'9' | b';'));
            let few = parameters.values().len() <= PARAMETERS;
            return (plain && few && private == 0 && last == b'm').then_some((length, 0));
        }
        let character = input::character(bytes).filter(|character| !character.is_control())?;
        let width = print::width(character);
        (width > 0).then_some((character.len_utf8(), width))
    }
}
