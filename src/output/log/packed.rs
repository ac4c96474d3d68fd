//! A full block as few bytes, and back. Knows neither where those bytes are kept nor for how long.

use crate::output::block::{Block, Run};
use crate::output::line::Stream;
use lz4_flex::block::{CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size};
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// What of a block stands beside its packed bytes, so that it can be found without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// The number of its first line.
    pub(super) first: u64,
    /// How many bytes of the log come before it.
    pub(super) offset: u64,
    /// How many lines it has.
    pub(super) lines: u32,
    /// How many bytes those have, newlines included.
    pub(super) bytes: u32,
}

impl Shape {
    pub(super) fn of(block: &Block) -> Self {
        Self {
            first: block.first(),
            offset: block.end_offset() - block.bytes().len() as u64,
            lines: (block.next() - block.first()) as u32,
            bytes: block.bytes().len() as u32,
        }
    }
}

impl Shape {
    /// The two as one, where they can be.
    pub(super) fn with(self, next: Self) -> Option<Self> {
        let (lines, bytes) = (self.lines.checked_add(next.lines)?, self.bytes.checked_add(next.bytes)?);
        Some(Self { lines, bytes, ..self })
    }
}

/// Packs blocks, one after the other in the same memory.
pub(super) struct Packer {
    table: CompressTable,
    head: Vec<u8>,
    output: Vec<u8>,
}

impl Packer {
    pub(super) fn new() -> Self {
        Self { table: CompressTable::large(), head: Vec::new(), output: Vec::new() }
    }

    /// The block's runs and, where they cannot be found again, its line ends; then its bytes.
    pub(super) fn pack(&mut self, block: &Block) -> Arc<[u8]> {
        self.head.clear();
        write_head(&mut self.head, block);
        let start = self.head.len() + 4;
        let most = start + get_maximum_output_size(block.bytes().len());
        if self.output.len() < most {
            self.output.resize(most, 0);
        }
        self.output[..4].copy_from_slice(&(self.head.len() as u32).to_le_bytes());
        self.output[4..start].copy_from_slice(&self.head);
        let length = compress_into_with_table(block.bytes(), &mut self.output[start..], &mut self.table)
            .expect("there is room for the longest that it can become");
        let packed = Arc::from(&self.output[..start + length]);
        // A line of a megabyte is rare: what it took is given back.
        self.output.truncate(4 * crate::output::block::BLOCK_BYTES);
        self.output.shrink_to(4 * crate::output::block::BLOCK_BYTES);
        packed
    }
}

/// The block that was packed.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] if the bytes are others than those that it was packed into.
pub(super) fn unpack(shape: Shape, packed: &[u8]) -> io::Result<Block> {
    try_unpack(shape, packed).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, "a block of the log is not what was written")
    })
}

fn try_unpack(shape: Shape, packed: &[u8]) -> Option<Block> {
    let (length, rest) = packed.split_first_chunk::<4>()?;
    let (mut head, body) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let mut bytes = vec![0; shape.bytes as usize];
    let unpacked = decompress_into(body, &mut bytes).ok()?;
    if unpacked != bytes.len() {
        return None;
    }
    let (runs, listed) = read_head(&mut head, shape.lines)?;
    let ends = listed.unwrap_or_else(|| {
        let mut ends = Vec::with_capacity(shape.lines as usize);
        ends.extend(memchr::memchr_iter(b'\n', &bytes).map(|newline| newline as u32 + 1));
        ends
    });
    let whole = ends.len() == shape.lines as usize
        && ends.last().is_none_or(|end| *end == shape.bytes)
        && (ends.is_empty() || runs.first().is_some_and(|run| run.first == 0));
    whole.then(|| Block::from_parts(shape.first, shape.offset, bytes, ends, runs))
}

fn write_head(head: &mut Vec<u8>, block: &Block) {
    write_number(head, block.runs().len() as u64);
    let (mut line, mut at) = (0, 0_i128);
    for run in block.runs() {
        let nanos = nanos_of(run.at);
        write_number(head, u64::from(run.first - line) << 2 | stream_number(run.stream));
        write_signed(head, nanos - at);
        (line, at) = (run.first, nanos);
    }
    // A newline within a line, which minder's own words may have, would be taken for its end.
    let newlines = memchr::memchr_iter(b'\n', block.bytes()).count();
    if newlines == block.ends().len() {
        return;
    }
    let mut before = 0;
    for end in block.ends() {
        write_number(head, u64::from(end - before));
        before = *end;
    }
}

type Head = (Vec<Run>, Option<Vec<u32>>);

fn read_head(head: &mut &[u8], lines: u32) -> Option<Head> {
    let count = read_number(head)?;
    let mut runs = Vec::with_capacity(count.min(u64::from(lines)) as usize);
    let (mut line, mut nanos) = (0_u32, 0_i128);
    for _ in 0..count {
        let both = read_number(head)?;
        line = line.checked_add(u32::try_from(both >> 2).ok()?)?;
        nanos = nanos.checked_add(read_signed(head)?)?;
        runs.push(Run { first: line, stream: stream_of(both & 3), at: time_of(nanos)? });
    }
    if head.is_empty() {
        return Some((runs, None));
    }
    let mut ends = Vec::with_capacity(lines as usize);
    let mut end = 0_u32;
    for _ in 0..lines {
        let length = u32::try_from(read_number(head)?).ok().filter(|length| *length > 0)?;
        end = end.checked_add(length)?;
        ends.push(end);
    }
    Some((runs, Some(ends)))
}

const fn stream_number(stream: Stream) -> u64 {
    match stream {
        Stream::Terminal => 0,
        Stream::Stdout => 1,
        Stream::Stderr => 2,
        Stream::Ruling => 3,
    }
}

const fn stream_of(number: u64) -> Stream {
    match number {
        0 => Stream::Terminal,
        1 => Stream::Stdout,
        2 => Stream::Stderr,
        _ => Stream::Ruling,
    }
}

/// Since 1970, before it negative: a clock may be set to anything.
fn nanos_of(at: SystemTime) -> i128 {
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}

fn time_of(nanos: i128) -> Option<SystemTime> {
    let length = nanos.unsigned_abs();
    let length = Duration::new(
        u64::try_from(length / 1_000_000_000).ok()?,
        u32::try_from(length % 1_000_000_000).ok()?,
    );
    if nanos < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(length)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(length)
    }
}

/// Seven bits a byte, the lowest first (LEB128).
fn write_number(to: &mut Vec<u8>, number: impl Into<u128>) {
    let mut number: u128 = number.into();
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn read_wide(from: &mut &[u8]) -> Option<u128> {
    let mut number = 0_u128;
    for shift in (0..126).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= u128::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn read_number(from: &mut &[u8]) -> Option<u64> {
    u64::try_from(read_wide(from)?).ok()
}

/// Small numbers of either sign in few bytes (zigzag).
fn write_signed(to: &mut Vec<u8>, number: i128) {
    write_number(to, ((number << 1) ^ (number >> 127)).cast_unsigned());
}

fn read_signed(from: &mut &[u8]) -> Option<i128> {
    let number = read_wide(from)?;
    Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stream() -> impl Strategy<Value = Stream> {
        prop_oneof![Just(Stream::Terminal), Just(Stream::Stdout), Just(Stream::Stderr), Just(Stream::Ruling)]
    }

    fn time() -> impl Strategy<Value = SystemTime> {
        (any::<bool>(), 0..4_000_000_000_u64, 0..1_000_000_000_u32).prop_map(|(before, seconds, nanos)| {
            let length = Duration::new(seconds, nanos);
            if before { SystemTime::UNIX_EPOCH - length } else { SystemTime::UNIX_EPOCH + length }
        })
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(
            lines in prop::collection::vec((stream(), time(), prop::collection::vec(any::<u8>(), 0..200)), 1..60),
            first in 0..1_u64 << 40,
        ) {
            let mut block = Block::from_parts(first, first * 3, Vec::new(), Vec::new(), Vec::new());
            for (stream, at, bytes) in &lines {
                block.push(*stream, *at, &[bytes]);
            }
            let packed = Packer::new().pack(&block);
            let back = unpack(Shape::of(&block), &packed).unwrap();
            prop_assert_eq!((back.first(), back.next(), back.bytes()), (block.first(), block.next(), block.bytes()));
            prop_assert_eq!(back.end_offset(), block.end_offset());
            for number in block.first()..block.next() {
                let (one, other) = (block.line(number), back.line(number));
                prop_assert_eq!((one.stream, one.at, one.bytes), (other.stream, other.at, other.bytes));
            }
        }

        #[test]
        fn other_bytes_are_an_error_or_lines_but_never_a_panic(
            packed in prop::collection::vec(any::<u8>(), 0..200),
            lines in 0..300_u32,
            bytes in 0..1000_u32,
        ) {
            let shape = Shape { first: 0, offset: 0, lines, bytes };
            if let Ok(block) = unpack(shape, &packed) {
                prop_assert_eq!(block.next(), u64::from(lines));
            }
        }
    }

    #[test]
    fn lines_of_a_log_become_several_times_smaller() {
        let mut block = Block::default();
        for number in 0..700_u64 {
            let text = format!(
                "2026-11-22T12:00:00.{:06}Z INFO api: GET /items/{} 200",
                number * 7919,
                number * 31 % 997
            );
            block.push(Stream::Stdout, SystemTime::UNIX_EPOCH, &[text.as_bytes()]);
        }
        assert!(Packer::new().pack(&block).len() * 3 < block.bytes().len());
    }
}
