//! One stretch of a log: the bytes of consecutive lines and where each ends. Knows nothing of
//! budgets and of other blocks.

use super::line::{Line, Stream};
use super::memory::Memory;
use super::places::newlines;
use crate::sys::memory::PIECE_BYTES;
use std::ops::Range;
use std::time::SystemTime;

/// How many bytes of lines a block takes; a single longer line has a block of its own.
pub(super) const BLOCK_BYTES: usize = PIECE_BYTES;
/// The first block of a log starts this small: most workers say little.
const FIRST_BYTES: usize = 1024;

/// Consecutive lines: their bytes, each line closed by a newline, and an index.
///
/// Immutable once it is full; until then only the log that owns it adds to it.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// The number of its first line.
    first: u64,
    /// How many bytes of the log come before it.
    offset: u64,
    bytes: Memory,
    /// One past each line's newline.
    ends: Vec<u32>,
    runs: Vec<Run>,
}

/// Lines in a row that came in one read: they share who said them and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// The index of its first line in the block.
    pub(super) first: u32,
    pub(super) stream: Stream,
    pub(super) at: SystemTime,
}

impl Block {
    /// An empty block that goes on after `before`.
    pub(super) fn after(before: &Self) -> Self {
        Self { first: before.next(), offset: before.end_offset(), ..Self::default() }
    }

    /// Gives an empty block room for all it may take: that of one that is not needed any more, where
    /// there is one. Fresh memory costs more than all else that is done with a line.
    ///
    /// The block before it had so many lines.
    pub(super) fn take_memory_of(&mut self, used: Option<Self>, lines: usize) {
        if let Some(used) = used {
            (self.bytes, self.ends, self.runs) = (used.bytes, used.ends, used.runs);
        } else {
            self.bytes = Memory::for_a_block();
            // As many as before and some more: an index that grows is copied again and again.
            self.ends = Vec::with_capacity((lines + lines / 8).min(BLOCK_BYTES / 16));
        }
        self.bytes.clear();
        self.ends.clear();
        self.runs.clear();
    }

    /// Whether its memory suits another block.
    pub(super) fn is_reusable(&self) -> bool {
        self.bytes.capacity() == BLOCK_BYTES && self.ends.capacity() <= BLOCK_BYTES / 16
    }

    /// A block from its parts, which must fit together.
    pub(super) fn from_parts(
        first: u64,
        offset: u64,
        bytes: Vec<u8>,
        ends: Vec<u32>,
        runs: Vec<Run>,
    ) -> Self {
        Self { first, offset, bytes: bytes.into(), ends, runs }
    }

    /// One past each line's newline.
    pub(super) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Who said what and when.
    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The number of its first line.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// One past the number of its last line.
    pub fn next(&self) -> u64 {
        self.first + self.ends.len() as u64
    }

    /// How many bytes of the log come before its end, newlines included.
    pub(super) fn end_offset(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }

    /// How many bytes of the log come before this line, which is one of the block's or the next.
    pub(super) fn offset_of(&self, number: u64) -> u64 {
        self.offset + self.start(self.index(number)) as u64
    }

    /// The memory it takes.
    pub(super) fn cost(&self) -> usize {
        size_of::<Self>()
            + self.bytes.capacity()
            + self.ends.capacity() * size_of::<u32>()
            + self.runs.capacity() * size_of::<Run>()
    }

    /// Whether it holds no line.
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many bytes it takes before it is full.
    pub(super) fn room(&self) -> usize {
        // A run costs more than the short lines it may hold: they count for as much.
        let used = self.bytes.len().max(self.runs.len() * size_of::<Run>());
        BLOCK_BYTES.saturating_sub(used)
    }

    /// Adds one line, given in parts.
    #[inline]
    pub(super) fn push(&mut self, stream: Stream, at: SystemTime, parts: &[&[u8]]) {
        self.reserve(parts.iter().map(|part| part.len()).sum::<usize>() + 1);
        self.note(stream, at);
        for part in parts {
            self.bytes.add(part);
        }
        self.bytes.add(b"\n");
        self.ends.push(self.bytes.len() as u32);
    }

    /// Adds whole lines, each closed by a newline.
    pub(super) fn extend(&mut self, stream: Stream, at: SystemTime, lines: &[u8]) {
        debug_assert_eq!(lines.last(), Some(&b'\n'), "whole lines only");
        self.reserve(lines.len());
        self.note(stream, at);
        let start = self.bytes.len();
        self.bytes.add(lines);
        newlines(lines, |place| self.ends.push((start + place + 1) as u32));
    }

    /// Takes the lines from this one on out of it again: their bytes, each line closed by a newline.
    pub(super) fn split_off(&mut self, number: u64) -> Vec<u8> {
        let index = self.index(number);
        let start = self.start(index);
        let text = self.bytes[start..].to_vec();
        self.bytes.truncate(start);
        self.ends.truncate(index);
        self.runs.truncate(self.runs.partition_point(|run| (run.first as usize) < index));
        text
    }

    /// What it gives back when nothing more comes.
    pub(super) fn shrink(&mut self) {
        // To move an index that fits anyway would cost more than it saves.
        if self.ends.capacity() - self.ends.len() > self.ends.len() / 4 {
            self.ends.shrink_to_fit();
        }
        if self.runs.capacity() > self.runs.len() + 8 {
            self.runs.shrink_to_fit();
        }
    }

    /// The bytes of all its lines, each line closed by a newline.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The line that this byte of [`Block::bytes`] belongs to, its newline included.
    pub fn line_at(&self, byte: usize) -> u64 {
        self.first + self.ends.partition_point(|end| *end as usize <= byte) as u64
    }

    /// Where a line begins in [`Block::bytes`]; the line is one of the block's or the next.
    pub(super) fn start_of(&self, number: u64) -> usize {
        self.start(self.index(number))
    }

    /// One of its lines.
    ///
    /// # Panics
    /// If the line is not in `first..next`.
    pub fn line(&self, number: u64) -> Line<'_> {
        let index = self.index(number);
        let run = self.runs.partition_point(|run| run.first as usize <= index) - 1;
        let Run { stream, at, .. } = self.runs[run];
        let bytes = &self.bytes[self.start(index)..self.ends[index] as usize - 1];
        Line { number, stream, at, bytes }
    }

    /// The lines from `from` that take at most `max_bytes` with their newlines; at least one where
    /// there is one.
    pub(super) fn lines_within(&self, from: u64, max_bytes: usize) -> Range<u64> {
        let index = self.index(from);
        let limit = self.start(index).saturating_add(max_bytes);
        let more = self.ends[index..].partition_point(|end| *end as usize <= limit);
        from..(from + more.max(1) as u64).min(self.next())
    }

    /// A block that holds these lines of it alone.
    pub(super) fn copy(&self, lines: Range<u64>) -> Self {
        let (from, to) = (self.index(lines.start), self.index(lines.end));
        let start = self.start(from);
        let mut runs: Vec<_> = self.runs.iter().filter(|run| (run.first as usize) < to).collect();
        let before = runs.partition_point(|run| run.first as usize <= from).saturating_sub(1);
        runs.drain(..before);
        let shifted = |run: &Run| Run { first: run.first.saturating_sub(from as u32), ..*run };
        Self {
            first: lines.start,
            offset: self.offset + start as u64,
            bytes: self.bytes[start..self.start(to)].to_vec().into(),
            ends: self.ends[from..to].iter().map(|end| end - start as u32).collect(),
            runs: runs.into_iter().map(shifted).collect(),
        }
    }

    fn index(&self, number: u64) -> usize {
        (number - self.first) as usize
    }

    fn start(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }

    fn note(&mut self, stream: Stream, at: SystemTime) {
        let same = self.runs.last().is_some_and(|last| last.stream == stream && last.at == at);
        if !same {
            self.runs.push(Run { first: self.ends.len() as u32, stream, at });
        }
    }

    /// Grows by doubling, but not beyond what a block may take.
    fn reserve(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let doubled = (self.bytes.capacity() * 2).clamp(FIRST_BYTES, BLOCK_BYTES);
            self.bytes.grow(needed.max(doubled));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second)
    }

    #[test]
    fn a_line_knows_who_said_it_and_when() {
        let mut block = Block::default();
        block.extend(Stream::Stdout, at(1), b"a\n\nbc\n");
        block.push(Stream::Stderr, at(2), &[b"d", b"e"]);
        let lines: Vec<_> = (0..4).map(|number| block.line(number)).collect();
        assert_eq!(
            lines.iter().map(|line| line.bytes).collect::<Vec<_>>(),
            [b"a".as_slice(), b"", b"bc", b"de"]
        );
        assert_eq!((lines[2].stream, lines[2].at), (Stream::Stdout, at(1)));
        assert_eq!((lines[3].stream, lines[3].at), (Stream::Stderr, at(2)));
    }

    #[test]
    fn what_is_taken_out_leaves_the_lines_before_it_as_they_were() {
        let mut block = Block::default();
        block.extend(Stream::Stdout, at(1), b"a\nb\n");
        block.extend(Stream::Stdout, at(2), b"c\nd\n");
        assert_eq!(block.split_off(3), b"d\n");
        assert_eq!(block.split_off(2), b"c\n");
        assert_eq!(block.runs().len(), 1);
        block.push(Stream::Stdout, at(3), &[b"e"]);
        let lines = (0..3).map(|number| (block.line(number).bytes[0], block.line(number).at));
        assert!(lines.eq([(b'a', at(1)), (b'b', at(1)), (b'e', at(3))]));
        assert_eq!(block.split_off(0), b"a\nb\ne\n");
        assert!(block.is_empty() && block.runs().is_empty());
    }

    #[test]
    fn a_copy_holds_the_same_lines() {
        let mut block = Block::default();
        for second in 0..9 {
            let stream = if second % 3 == 0 { Stream::Stderr } else { Stream::Stdout };
            block.extend(stream, at(second / 2), format!("{second}\n{second}+\n").as_bytes());
        }
        for from in 0..18 {
            for to in from..=18 {
                let copy = block.copy(from..to);
                assert_eq!((copy.first(), copy.next()), (from, to));
                for number in from..to {
                    let (one, other) = (block.line(number), copy.line(number));
                    assert_eq!(one.bytes, other.bytes);
                    assert_eq!((one.stream, one.at), (other.stream, other.at));
                    assert_eq!(block.offset_of(number), copy.offset_of(number));
                }
            }
        }
    }
}
