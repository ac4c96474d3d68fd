//! Lines that were taken from a log, to be read after its lock was given back.

use super::Handle;
use super::shelf::{Form, Slot};
use crate::output::block::Block;
use crate::output::line::Line;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Lines taken from a log to be read without its lock.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// How many lines before them were wanted, but had to go.
    pub dropped: u64,
    /// The line to go on from.
    pub next: u64,
    chunks: Vec<Chunk>,
}

#[derive(Debug, Clone)]
struct Chunk {
    handle: Handle,
    lines: Range<u64>,
    /// Unpacked when first read; nothing where the disk refused.
    block: OnceLock<Option<Arc<Block>>>,
}

impl Chunk {
    fn block(&self) -> Option<&Block> {
        self.block.get_or_init(|| self.handle.open().ok()).as_deref()
    }
}

impl Taken {
    /// `next` was wanted, `from` is the first that is there.
    pub(super) fn after(next: u64, from: u64) -> Self {
        Self { dropped: from.saturating_sub(next), next: from, chunks: Vec::new() }
    }

    pub(super) fn add(&mut self, handle: Handle, lines: Range<u64>) {
        self.next = lines.end;
        self.chunks.push(Chunk { handle, lines, block: OnceLock::new() });
    }

    /// The lines, in order. Blocks may have to be unpacked or read from a disk first: never under a
    /// lock. What the disk does not give, or did not take, is left out, see [`Taken::unreadable`].
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let readable = self.chunks.iter().filter_map(|chunk| Some((chunk.block()?, chunk.lines.clone())));
        readable.flat_map(|(block, lines)| lines.map(|number| block.line(number)))
    }

    /// How many of the lines the disk does not give, or did not take.
    pub fn unreadable(&self) -> u64 {
        let lost = self.chunks.iter().filter(|chunk| chunk.block().is_none());
        lost.map(|chunk| chunk.lines.end - chunk.lines.start).sum()
    }

    /// Whether there was no line to take.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }
}

/// Lines of a full block from `from` on, about `most` bytes of them, and how many bytes they have. Where
/// the lines of a packed block end is not known before it is opened: it is taken to its end.
pub(super) fn part_of(slot: Slot, from: u64, most: usize) -> (Slot, Range<u64>, usize) {
    let (lines, bytes) = match &slot.form {
        Form::Raw(block) => {
            let lines = block.lines_within(from, most);
            let bytes = (block.offset_of(lines.end) - block.offset_of(from)) as usize;
            (lines, bytes)
        }
        Form::Packed(_) | Form::Spilled(_) => (from..slot.next(), slot.shape.bytes as usize),
        // Not the last of what is taken: who tells of it wants to know what came behind it.
        Form::Gap => (from..slot.next(), 0),
    };
    (slot, lines, bytes)
}
