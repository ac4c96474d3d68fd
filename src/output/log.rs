//! All finished lines of a worker within a budget: full blocks on a shelf, and the open one that lines
//! are added to. Knows neither how lines are found in a stream nor how they are drawn.

mod alarm;
mod budget;
mod keeper;
mod packed;
mod shelf;
mod spill;
mod taken;
#[cfg(test)]
pub(super) mod trial;

pub use alarm::Tell;
pub use budget::{Budget, DEFAULT_BUDGET, DEFAULT_TOTAL};
pub use keeper::Keeper;
pub use shelf::Shelf;
pub use spill::state_folder;
pub use taken::Taken;

use super::block::{BLOCK_BYTES, Block};
use super::line::{Line, Stream};
use shelf::Slot;
use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

/// A longer line is cut here and marked.
pub const MAX_LINE_BYTES: usize = 1024 * 1024;

/// Lines as they came, numbered from 0, only ever added to; the oldest go when there is no room.
#[derive(Debug)]
pub struct Log {
    /// The full blocks.
    shelf: Arc<Shelf>,
    /// The block that lines are added to.
    open: Block,
    /// The blocks behind it, while lines wait that it has no room for. One of them is in the first.
    after: VecDeque<Block>,
    /// So many of the last lines wait: they are none of the log's yet.
    waiting: u64,
    /// What the open block may take before the shelf is asked to make room for it.
    room: usize,
}

impl Log {
    /// An empty log that takes at most `budget` bytes of memory, its index included: older lines are
    /// dropped. The newest block is kept even if it alone takes more.
    pub fn new(budget: usize) -> Self {
        Self::on(Arc::new(Shelf::alone(budget)))
    }

    /// An empty log on a shelf of a [`Keeper`], which packs what is old and takes it to the disk.
    pub fn on(shelf: Arc<Shelf>) -> Self {
        let room = shelf.hold(0);
        Self { shelf, open: Block::default(), after: VecDeque::new(), waiting: 0, room }
    }

    /// Where its full blocks are.
    pub(super) fn shelf(&self) -> &Arc<Shelf> {
        &self.shelf
    }

    /// The number of the oldest line that is there: as many had to go.
    pub fn first(&self) -> u64 {
        self.shelf.first().unwrap_or(self.open.first())
    }

    /// The number that the next line gets: as many there were in all.
    pub fn next(&self) -> u64 {
        self.after.back().unwrap_or(&self.open).next() - self.waiting
    }

    /// How many bytes it had in all, newlines included.
    fn end_offset(&self) -> u64 {
        self.open.offset_of(self.next())
    }

    /// The lines that are there.
    pub fn lines(&self) -> Range<u64> {
        self.first()..self.next()
    }

    /// The memory it takes.
    pub fn cost(&self) -> usize {
        self.shelf.cost() + self.open_cost()
    }

    /// Whether lines come faster than they can be taken to the disk, where none is to be lost: the
    /// worker should wait a moment.
    pub fn is_full(&self) -> bool {
        self.shelf.is_full()
    }

    /// A line of the newest block, which is still added to. All others are read by their
    /// [`Log::handle`], without the log's lock.
    pub fn get(&self, number: u64) -> Option<Line<'_>> {
        (self.open.first()..self.next()).contains(&number).then(|| self.open.line(number))
    }

    /// The block that holds a line, to be opened and read without the log's lock.
    pub fn handle(&self, number: u64) -> Option<Handle> {
        let open = self.open.first()..self.next();
        if open.contains(&number) {
            let copy = self.open.copy(open);
            return Some(Handle(Slot::raw(Arc::new(copy))));
        }
        self.shelf.slot(number).map(Handle)
    }

    /// Adds a line, cut where it is too long.
    pub fn push(&mut self, stream: Stream, at: SystemTime, line: &[u8]) {
        self.push_cut(stream, at, line, line.len() as u64);
    }

    /// Adds a line of which only the beginning may be given: it had `length` bytes.
    pub(super) fn push_cut(&mut self, stream: Stream, at: SystemTime, kept: &[u8], length: u64) {
        if length <= MAX_LINE_BYTES as u64 {
            self.push_parts(stream, at, &[kept]);
        } else {
            let kept = &kept[..kept.len().min(MAX_LINE_BYTES)];
            self.push_parts(stream, at, &[whole_characters(kept), &cut_mark(length)]);
        }
    }

    /// Adds whole lines, each closed by a newline.
    pub(super) fn extend(&mut self, stream: Stream, at: SystemTime, mut lines: &[u8]) {
        debug_assert_eq!(self.waiting, 0, "what waits comes first");
        while !lines.is_empty() {
            let room = self.open.room().min(lines.len());
            let fits = memchr::memrchr(b'\n', &lines[..room]).map_or(0, |newline| newline + 1);
            if fits > 0 {
                self.open.extend(stream, at, &lines[..fits]);
                lines = &lines[fits..];
            } else if !self.open.is_empty() {
                self.turn();
            } else {
                let newline = memchr::memchr(b'\n', lines).unwrap_or(lines.len());
                self.push(stream, at, &lines[..newline]);
                lines = lines.get(newline + 1..).unwrap_or_default();
            }
        }
        self.hold_budget();
    }

    /// Takes a line that may be taken back: before [`Log::keep`] it is none of the log's. No line may be
    /// added while one waits.
    ///
    /// It lies where it is to stay: copied once more, it would be out of the caches by then where many
    /// workers flood.
    #[inline]
    pub(super) fn wait(&mut self, stream: Stream, at: SystemTime, line: &[u8]) {
        let last = self.after.back_mut().unwrap_or(&mut self.open);
        if line.len() + 1 > last.room() && !last.is_empty() {
            let mut next = Block::after(last);
            next.take_memory_of(None, last.ends().len());
            next.push(stream, at, &[line]);
            self.after.push_back(next);
        } else {
            last.push(stream, at, &[line]);
        }
        self.waiting += 1;
    }

    /// The first `count` of the lines that wait are the log's now.
    pub(super) fn keep(&mut self, count: usize) {
        self.waiting -= (count as u64).min(self.waiting);
        while self.next() >= self.open.next()
            && let Some(next) = self.after.pop_front()
        {
            let mut full = std::mem::replace(&mut self.open, next);
            full.shrink();
            self.shelf.push(full);
            self.room = 0;
        }
        self.hold_budget();
    }

    /// Takes the lines back that wait: each closed by a newline.
    pub(super) fn take_back(&mut self) -> Vec<u8> {
        let mut text = self.open.split_off(self.next());
        for block in self.after.drain(..) {
            text.extend_from_slice(block.bytes());
        }
        self.waiting = 0;
        text
    }

    /// Whether the lines from `number` on take more than `limit` as they came, their index included: a
    /// million empty lines take much more than their newlines.
    pub fn takes_more_than(&self, limit: usize, number: u64) -> bool {
        let number = number.clamp(self.first(), self.next());
        let before = self.shelf.slot(number).map(|slot| (slot.shape.first, slot.shape.offset));
        // Exact where it has to be: who took all lines is not behind, however small the limit is.
        let in_open = number.max(self.open.first());
        let (line, offset) = before.unwrap_or_else(|| (in_open, self.open.offset_of(in_open)));
        let bytes = self.end_offset() - offset;
        bytes + (self.next() - line) * size_of::<u32>() as u64 > limit as u64
    }

    /// The first line of the blocks that take at most `limit` as they came, counted from the end.
    pub fn recent(&self, limit: usize) -> u64 {
        self.shelf.first_within(limit, self.end_offset(), self.next()).unwrap_or(self.open.first())
    }

    /// The lines from `next` on, at most `max_bytes` of them (but at least one where there is one, and
    /// of a packed block all). What is needed of the newest block is copied, all others are shared.
    pub fn take_from(&self, next: u64, max_bytes: usize) -> Taken {
        let mut from = next.clamp(self.first(), self.next());
        let mut taken = Taken::after(next, from);
        let mut left = max_bytes;
        while from < self.next() {
            let part = match self.shelf.slot(from) {
                Some(slot) => taken::part_of(slot, from, left),
                None if from >= self.open.first() => self.part_of_open(from, left),
                // It had to go just now.
                None if taken.is_empty() => {
                    from = self.first().max(from);
                    taken = Taken::after(next, from);
                    continue;
                }
                None => break,
            };
            let (slot, lines, bytes) = part;
            if bytes > left && !taken.is_empty() {
                break;
            }
            left = left.saturating_sub(bytes);
            from = lines.end;
            taken.add(Handle(slot), lines);
        }
        taken
    }

    /// Lines of the open block and how many bytes they have.
    fn part_of_open(&self, from: u64, most: usize) -> (Slot, Range<u64>, usize) {
        let lines = self.open.lines_within(from, most);
        let lines = lines.start..lines.end.min(self.next());
        let bytes = (self.open.offset_of(lines.end) - self.open.offset_of(from)) as usize;
        (Slot::raw(Arc::new(self.open.copy(lines.clone()))), lines, bytes)
    }

    fn push_parts(&mut self, stream: Stream, at: SystemTime, parts: &[&[u8]]) {
        debug_assert_eq!(self.waiting, 0, "what waits comes first");
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if length + 1 > self.open.room() && !self.open.is_empty() {
            self.turn();
        }
        self.open.push(stream, at, parts);
        self.hold_budget();
    }

    /// The memory that all takes which is not on the shelf.
    fn open_cost(&self) -> usize {
        self.open.cost() + self.after.iter().map(Block::cost).sum::<usize>()
    }

    /// Closes the open block and starts the next.
    fn turn(&mut self) {
        let next = Block::after(&self.open);
        let mut full = std::mem::replace(&mut self.open, next);
        full.shrink();
        let lines = full.ends().len();
        self.open.take_memory_of(self.shelf.push(full), lines);
        self.room = self.shelf.hold(self.open.cost());
    }

    fn hold_budget(&mut self) {
        let cost = self.open_cost();
        if cost > self.room {
            self.room = self.shelf.hold(cost);
        }
    }
}

/// A block of a log, held by a reader: it stays readable when the log has let it go.
///
/// Cheap to clone. Of the block that lines are still added to, it is a copy: later lines need
/// another handle.
#[derive(Debug, Clone)]
pub struct Handle(Slot);

impl Handle {
    /// The lines that it holds.
    pub fn lines(&self) -> Range<u64> {
        self.0.shape.first..self.0.next()
    }

    /// Whether it is a gap: its lines had to go while older ones stayed. It cannot be opened.
    pub fn is_gap(&self) -> bool {
        matches!(self.0.form, shelf::Form::Gap)
    }

    /// The block itself. It may have to be unpacked or read from a disk first: never call this
    /// under a lock.
    ///
    /// # Errors
    /// What the disk answers.
    pub fn open(&self) -> io::Result<Arc<Block>> {
        self.0.open()
    }
}

/// What a cut line ends with. CAN (0x18) ends any escape sequence that the cut left open.
pub(super) fn cut_mark(length: u64) -> Vec<u8> {
    format!("\x18\x1b[m… [cut: this line has {length} bytes]").into_bytes()
}

/// `bytes` without a character that was cut at the end.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    let tail = bytes.len().saturating_sub(4);
    let start = bytes[tail..].iter().rposition(|byte| (*byte & 0xC0) != 0x80);
    match start.map(|index| tail + index) {
        Some(index) if bytes[index] >= 0xC0 && std::str::from_utf8(&bytes[index..]).is_err() => {
            &bytes[..index]
        }
        _ => bytes,
    }
}

/// The log must be able to take a line of full length in one block.
const _: () = assert!(MAX_LINE_BYTES >= BLOCK_BYTES);

#[cfg(test)]
#[path = "log/tests.rs"]
mod kept;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second)
    }

    fn text(log: &Log, number: u64) -> String {
        String::from_utf8_lossy(&bytes(log, number)).into_owned()
    }

    fn bytes(log: &Log, number: u64) -> Vec<u8> {
        log.handle(number).unwrap().open().unwrap().line(number).bytes.to_vec()
    }

    #[test]
    fn lines_keep_their_numbers_when_the_oldest_go() {
        let mut log = Log::new(256 * 1024);
        for number in 0..20_000_u64 {
            log.push(Stream::Stdout, at(number / 100), format!("line number {number}").as_bytes());
        }
        assert_eq!(log.next(), 20_000);
        assert!(log.first() > 0);
        assert!(log.handle(log.first() - 1).is_none());
        assert!(log.handle(log.next()).is_none());
        for number in log.lines() {
            assert_eq!(text(&log, number), format!("line number {number}"));
            assert_eq!(log.handle(number).unwrap().open().unwrap().line(number).at, at(number / 100));
        }
    }

    #[test]
    fn a_line_over_the_cap_is_cut_and_says_how_long_it_was() {
        let mut log = Log::new(DEFAULT_BUDGET);
        let mut bytes = "é".repeat(MAX_LINE_BYTES).into_bytes();
        bytes.insert(0, b'x');
        log.push(Stream::Stdout, at(0), &bytes);
        bytes.push(b'\n');
        log.extend(Stream::Stdout, at(0), &bytes);
        log.extend(Stream::Stdout, at(0), b"short\n");
        let cut = text(&log, 0);
        assert!(cut.ends_with("é\x18\x1b[m… [cut: this line has 2097153 bytes]"));
        assert_eq!(cut.len(), MAX_LINE_BYTES - 1 + cut_mark(2_097_153).len());
        assert_eq!(text(&log, 1), cut);
        assert_eq!(text(&log, 2), "short");
    }

    #[test]
    fn lines_are_taken_in_order_with_a_bound_and_the_lost_ones_are_counted() {
        let mut log = Log::new(512 * 1024);
        let mut next = 0;
        let mut seen = 0;
        let mut dropped = 0;
        for round in 0..200_u64 {
            for number in 0..200 + round * 10 {
                log.push(Stream::Stdout, at(number), &[b'x'; 40]);
            }
            let taken = log.take_from(next, 50_000);
            assert!(taken.lines().map(|line| line.bytes.len() + 1).sum::<usize>() <= 50_000);
            assert!(taken.lines().map(|line| line.number).eq(next + taken.dropped..taken.next));
            dropped += taken.dropped;
            seen += taken.lines().count() as u64;
            next = taken.next;
            assert_eq!(dropped + seen, next);
        }
        assert!(dropped > 0);
        assert_eq!(log.take_from(log.next(), 10).next, log.next());
        assert!(log.take_from(log.next(), 10).is_empty());
        assert_eq!(log.take_from(log.first(), 1).lines().count(), 1);
    }

    #[test]
    fn what_was_taken_stays_readable_after_it_was_dropped() {
        let mut log = Log::new(200 * 1024);
        let fill = |log: &mut Log, byte: u8| {
            for _ in 0..3000 {
                log.push(Stream::Stdout, at(0), &[byte; 70]);
            }
        };
        fill(&mut log, b'a');
        let taken = log.take_from(0, usize::MAX);
        fill(&mut log, b'b');
        fill(&mut log, b'b');
        assert!(taken.lines().all(|line| line.bytes == [b'a'; 70]));
        assert!(taken.lines().count() > 1000);
    }

    #[test]
    fn a_handle_holds_the_block_of_its_line() {
        let mut log = Log::new(1 << 20);
        for number in 0..5000_u64 {
            log.push(Stream::Stdout, at(number), format!("line {number}").as_bytes());
        }
        assert!(log.handle(log.next()).is_none());
        for number in log.lines() {
            let handle = log.handle(number).unwrap();
            assert!(handle.lines().contains(&number));
            let block = handle.open().unwrap();
            assert_eq!(block.line(number).bytes, format!("line {number}").as_bytes());
            let text = format!("line {number}\n");
            let byte = memchr::memmem::find(block.bytes(), text.as_bytes()).unwrap();
            assert_eq!(block.line_at(byte), number);
            assert_eq!(block.line_at(byte + text.len() - 1), number);
        }
    }

    proptest! {
        #[test]
        fn what_waits_is_kept_in_order_or_taken_back(
            steps in prop::collection::vec((0..120_usize, 0..3000_usize, 0..9_usize), 1..40),
        ) {
            let mut log = Log::new(64 << 20);
            let (mut kept, mut waiting) = (Vec::new(), Vec::new());
            for (second, (count, length, step)) in (0..).zip(steps) {
                for _ in 0..count {
                    let line = format!("{second}{:length$}", "");
                    log.wait(Stream::Terminal, at(second), line.as_bytes());
                    waiting.push((at(second), line));
                }
                if step == 0 {
                    let text: String = waiting.drain(..).map(|(_, line)| line + "\n").collect();
                    prop_assert_eq!(log.take_back(), text.into_bytes());
                    log.push(Stream::Ruling, at(second), b"taken back");
                    kept.push((at(second), "taken back".to_owned()));
                } else {
                    let leaving = waiting.len() * step / 8;
                    log.keep(leaving);
                    kept.extend(waiting.drain(..leaving));
                }
                prop_assert_eq!(log.lines(), 0..kept.len() as u64);
                prop_assert!(log.handle(log.next()).is_none() && log.get(log.next()).is_none());
                let bytes: usize = kept.iter().map(|(_, line)| line.len() + 1 + size_of::<u32>()).sum();
                prop_assert!(log.takes_more_than(bytes.saturating_sub(1), 0) == (bytes > 0));
                prop_assert!(!log.takes_more_than(bytes, 0));
                let taken = log.take_from(log.next().saturating_sub(200), usize::MAX);
                prop_assert_eq!(taken.next, log.next());
                let last: Vec<_> = taken.lines().map(|line| (line.at, line.bytes.to_vec())).collect();
                let wanted = kept[kept.len().saturating_sub(200)..].iter();
                prop_assert!(wanted.map(|(at, line)| (*at, line.clone().into_bytes())).eq(last));
            }
        }

        #[test]
        fn the_budget_is_held_and_lines_keep_their_numbers(
            lines in prop::collection::vec((0..3000_usize, any::<bool>()), 1..400),
        ) {
            let budget = 200 * 1024;
            let mut log = Log::new(budget);
            let mut lengths = Vec::new();
            for (index, (length, at_once)) in lines.into_iter().enumerate() {
                let line = vec![b'x'; length];
                lengths.push(length + 1);
                if at_once {
                    log.extend(Stream::Stdout, at(index as u64), &[&line[..], b"\n"].concat());
                } else {
                    log.push(Stream::Stderr, at(index as u64), &line);
                }
                prop_assert!(log.cost() <= budget);
            }
            prop_assert_eq!(log.next(), lengths.len() as u64);
            for number in log.lines() {
                prop_assert_eq!(bytes(&log, number).len() + 1, lengths[number as usize]);
            }
        }
    }
}
