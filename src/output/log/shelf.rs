//! The full blocks of one log in a row, oldest first: on the disk, then packed, then as they came;
//! what is to be done so that they stay within their budget, and what goes first. Does none of the
//! work: that is the keeper's.

use super::alarm::Alarm;
use super::budget::{Budget, Total};
use super::packed::{Shape, unpack};
use super::spill::{DiskUse, Segment, Spilled};
use crate::output::block::Block;
use crossbeam_channel::Sender;
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The blocks of one log that are full, shared by the log and the keeper. The lock is held for a few
/// pointers, never while something is packed, read or written.
#[derive(Debug)]
pub struct Shelf {
    /// Who it belongs to, in words for people.
    pub(super) name: String,
    own: Budget,
    total: Arc<Total>,
    pub(super) disk: Arc<DiskUse>,
    /// Without, nothing is packed: what is too much is dropped.
    keeper: Option<Call>,
    /// The first line that its printer has not taken.
    printed_up_to: AtomicU64,
    /// What is not printed has this much memory, whatever all logs together take.
    promised: AtomicUsize,
    slots: Mutex<Slots>,
}

/// No printer follows the lines.
const NOT_PRINTED: u64 = u64::MAX;

/// How the keeper is called.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) calls: Sender<usize>,
    pub(super) place: usize,
    pub(super) alarm: Arc<Alarm>,
}

/// A call that is about all shelves.
pub(super) const LEVEL: usize = usize::MAX;
/// Calls for nobody: no log is filled any more.
pub(super) const OVER: usize = usize::MAX - 1;

#[derive(Debug, Default)]
struct Slots {
    queue: VecDeque<Slot>,
    /// How many of them lie on the disk, or are gaps: the oldest. The first is never a gap.
    spilled: usize,
    /// How many after those are packed.
    packed: usize,
    /// The memory that all take. What is kept of one on the disk, some 50 bytes, is not counted.
    cost: usize,
    /// What of it is taken by those as they came.
    raw: usize,
    /// The keeper was called and is not done.
    called: bool,
}

/// A full block, wherever it is.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) shape: Shape,
    pub(super) form: Form,
}

#[derive(Debug, Clone)]
pub(super) enum Form {
    Raw(Arc<Block>),
    Packed(Arc<[u8]>),
    Spilled(Spilled),
    /// It had to go while what lies on the disk before it stayed.
    Gap,
}

impl Slot {
    pub(super) fn raw(block: Arc<Block>) -> Self {
        Self { shape: Shape::of(&block), form: Form::Raw(block) }
    }

    pub(super) fn next(&self) -> u64 {
        self.shape.first + u64::from(self.shape.lines)
    }

    /// The block, unpacked and read where it has to be.
    pub(super) fn open(&self) -> io::Result<Arc<Block>> {
        match &self.form {
            Form::Raw(block) => Ok(Arc::clone(block)),
            Form::Packed(packed) => unpack(self.shape, packed).map(Arc::new),
            Form::Spilled(spilled) => unpack(self.shape, &spilled.read()?).map(Arc::new),
            Form::Gap => Err(io::Error::other("it had to go while the disk took nothing")),
        }
    }

    fn cost(&self) -> usize {
        match &self.form {
            Form::Raw(block) => block.cost() + size_of::<Self>(),
            Form::Packed(packed) => packed.len() + size_of::<Self>(),
            Form::Spilled(_) | Form::Gap => 0,
        }
    }
}

/// What the keeper is to do next for a shelf.
#[derive(Debug)]
pub(super) enum Task {
    /// To pack this block.
    Pack(Arc<Block>),
    /// To write these bytes of this block to the disk.
    Spill(Shape, Arc<[u8]>),
    /// To free what was taken off the shelf.
    Free(Vec<Slot>),
    Nothing,
}

impl Shelf {
    pub(super) fn new(name: &str, own: Budget, total: Arc<Total>, keeper: Option<Call>) -> Self {
        let disk = Arc::new(DiskUse::new(Arc::clone(&total)));
        Self {
            name: name.to_owned(),
            own,
            total,
            disk,
            keeper,
            printed_up_to: AtomicU64::new(NOT_PRINTED),
            promised: AtomicUsize::new(0),
            slots: Mutex::default(),
        }
    }

    /// A shelf that nobody keeps: what is too much for `memory` is dropped.
    pub(super) fn alone(memory: usize) -> Self {
        let budget = Budget { memory, disk: 0 };
        // Not the whole counts here, but its own budget.
        let total = Budget { memory: usize::MAX / 16, disk: 0 };
        Self::new("", budget, Arc::new(Total::new(total)), None)
    }

    // The log's side.

    /// Puts a block behind the others. What it returns is memory for the next one.
    pub(super) fn push(&self, block: Block) -> Option<Block> {
        let mut slots = self.lock();
        self.change(&mut slots, |slots| slots.push(Slot::raw(Arc::new(block))));
        let spare = self.hold_back(&mut slots, 0);
        self.call_keeper(&mut slots);
        drop(slots);
        spare.or_else(|| self.total.reuse())
    }

    /// Drops the oldest that have no room beside an open block of this cost, unless they are to go to
    /// the disk. Returns how much an open block may take.
    pub(super) fn hold(&self, open: usize) -> usize {
        let mut slots = self.lock();
        self.hold_back(&mut slots, open);
        let share = self.total.share_of(self.own).memory;
        let promised = if slots.is_unprinted(self.next_to_print()) { self.promised() } else { 0 };
        share.max(promised).saturating_sub(slots.cost)
    }

    /// What is not printed may take this much memory, even where all logs together take too much: who
    /// waits for its printer is behind by less.
    pub(in crate::output) fn promise(&self, memory: usize) {
        self.promised.store(memory.min(self.own.memory), Ordering::Relaxed);
    }

    /// The first line that its printer has not taken; `None` where none follows.
    pub(in crate::output) fn printed_up_to(&self) -> Option<u64> {
        Some(self.next_to_print()).filter(|next| *next != NOT_PRINTED)
    }

    /// A printer took all lines before this one; with `None`, none follows.
    pub(in crate::output) fn set_printed_up_to(&self, next: Option<u64>) {
        self.printed_up_to.store(next.unwrap_or(NOT_PRINTED), Ordering::Release);
        // What was kept for it may be too much now, and nothing more may ever be pushed.
        self.call_keeper(&mut self.lock());
    }

    /// Whether lines come faster than they are written to the disk, where none is to be lost.
    pub(super) fn is_full(&self) -> bool {
        let share = self.total.share_of(self.own);
        self.spills(share) && self.lock().cost > share.memory
    }

    /// The oldest line that is there; `None` where there is no full block.
    pub(super) fn first(&self) -> Option<u64> {
        self.lock().queue.front().map(|slot| slot.shape.first)
    }

    /// The memory that it takes.
    pub(super) fn cost(&self) -> usize {
        self.lock().cost
    }

    /// The block that holds this line.
    pub(super) fn slot(&self, line: u64) -> Option<Slot> {
        let slots = self.lock();
        let index = slots.queue.partition_point(|slot| slot.shape.first <= line).checked_sub(1)?;
        slots.queue.get(index).filter(|slot| line < slot.next()).cloned()
    }

    /// The first line of the blocks that take at most `limit` up to this end, as they came.
    pub(super) fn first_within(&self, limit: usize, end: u64, next: u64) -> Option<u64> {
        let slots = self.lock();
        let takes =
            |slot: &Slot| end - slot.shape.offset + (next - slot.shape.first) * size_of::<u32>() as u64;
        let index = slots.queue.partition_point(|slot| takes(slot) > limit as u64);
        slots.queue.get(index).map(|slot| slot.shape.first)
    }

    fn hold_back(&self, slots: &mut Slots, open: usize) -> Option<Block> {
        let share = self.total.share_of(self.own);
        if self.spills(share) {
            return None;
        }
        let mut left_over = None;
        while slots.cost + open > share.memory && !self.is_promised(slots, open) {
            // Never one that lies on the disk: that makes no room, and to close its file may take as long
            // as the disk wants.
            let Some(oldest) = self.change(slots, Slots::give_up) else { break };
            left_over = left_over.or_else(|| reusable(oldest));
            self.tell_of_disk(share);
        }
        left_over
    }

    /// Lines go that were meant for the disk. Where it fails, the keeper has told.
    fn tell_of_disk(&self, share: Budget) {
        if let Some(call) = self.keeper.as_ref().filter(|_| share.disk > 0) {
            call.alarm.raise(&self.name, "the disk has taken nothing for a second");
        }
    }

    /// Whether the oldest in memory has to stay, beside an open block of this cost: it is not printed.
    fn is_promised(&self, slots: &Slots, open: usize) -> bool {
        slots.cost + open <= self.promised() && slots.is_unprinted(self.next_to_print())
    }

    fn promised(&self) -> usize {
        self.promised.load(Ordering::Relaxed)
    }

    fn next_to_print(&self) -> u64 {
        self.printed_up_to.load(Ordering::Acquire)
    }

    /// Whether what memory has no room for goes to the disk.
    fn spills(&self, share: Budget) -> bool {
        self.keeper.is_some() && share.disk > 0 && self.total.disk_works()
    }

    fn call_keeper(&self, slots: &mut Slots) {
        let Some(Call { calls, place, .. }) = &self.keeper else { return };
        // The thread ends with the last shelf: a closed channel is one that nobody needs.
        if !slots.called && slots.wants(self.total.share_of(self.own)) {
            slots.called = true;
            let _ = calls.send(*place);
        }
        if self.total.is_uneven() && self.total.call_to_level() {
            let _ = calls.send(LEVEL);
        }
    }

    // The keeper's side.

    /// What it takes of memory and disk.
    pub(super) fn taken(&self) -> (usize, u64) {
        (self.cost(), self.disk.own.load(Ordering::Relaxed))
    }

    /// What may lie on the disk now.
    pub(super) fn disk_share(&self) -> u64 {
        self.total.share_of(self.own).disk
    }

    pub(super) fn task(&self) -> Task {
        let share = self.total.share_of(self.own);
        let mut slots = self.lock();
        if slots.wants_packing(share)
            && let Some(Form::Raw(block)) = slots.at(slots.spilled + slots.packed).map(|slot| &slot.form)
        {
            return Task::Pack(Arc::clone(block));
        }
        if slots.wants_room(share) {
            if self.own.disk == 0 {
                let mut freed = Vec::new();
                while slots.wants_room(share) && !self.is_promised(&slots, 0) {
                    freed.extend(self.change(&mut slots, Slots::pop));
                }
                if !freed.is_empty() {
                    return Task::Free(freed);
                }
            } else if let Some((shape, Form::Packed(packed))) =
                slots.at(slots.spilled).map(|slot| (slot.shape, &slot.form))
            {
                return Task::Spill(shape, Arc::clone(packed));
            }
        }
        slots.called = false;
        Task::Nothing
    }

    /// Whether there is something to do, without a call.
    pub(super) fn wants_keeper(&self) -> bool {
        let share = self.total.share_of(self.own);
        let mut slots = self.lock();
        let wants = !slots.called && slots.wants(share);
        slots.called |= wants;
        wants
    }

    /// This block was packed.
    pub(super) fn packed(&self, block: Arc<Block>, packed: Arc<[u8]>) {
        let mut slots = self.lock();
        let index = slots.spilled + slots.packed;
        let first = block.first();
        drop(block);
        let there = slots.at(index).is_some_and(|slot| slot.shape.first == first);
        // It had to go meanwhile.
        if !there {
            return;
        }
        let before = self.change(&mut slots, |slots| slots.replace(index, Form::Packed(packed)));
        slots.packed += 1;
        drop(slots);
        if let Some(spare) = reusable(before) {
            self.total.offer(spare);
        }
    }

    /// This block was written to the disk.
    pub(super) fn spilled(&self, shape: Shape, spilled: Spilled) {
        let mut slots = self.lock();
        let index = slots.spilled;
        if slots.at(index).is_some_and(|slot| slot.shape == shape) {
            self.change(&mut slots, |slots| slots.replace(index, Form::Spilled(spilled)));
            slots.packed -= 1;
            slots.spilled += 1;
        }
    }

    /// Takes off what lies in the oldest file; nothing where no block is on the disk, or where something
    /// in that file has to stay.
    pub(super) fn take_oldest_file(&self) -> Vec<Slot> {
        let mut slots = self.lock();
        let Some(oldest) = slots.oldest_file().cloned() else { return Vec::new() };
        let mut taken = Vec::new();
        if slots.cost <= self.promised() && slots.end_of_file(&oldest) > self.next_to_print() {
            return taken;
        }
        while slots.oldest_file().is_some_and(|segment| Arc::ptr_eq(segment, &oldest)) {
            taken.extend(self.change(&mut slots, Slots::pop));
        }
        taken
    }

    /// Lets go of the oldest block in memory, unless it has to stay: then the keeper can do nothing more
    /// before it is called again.
    pub(super) fn give_up_oldest(&self) -> Option<Slot> {
        let mut slots = self.lock();
        let promised = self.is_promised(&slots, 0);
        let gone = if promised { None } else { self.change(&mut slots, Slots::give_up) };
        // Under the same lock: a call that comes now is not missed.
        slots.called &= gone.is_some();
        gone
    }

    /// The oldest block that is not on the disk.
    #[cfg(test)]
    pub(super) fn oldest_in_memory(&self) -> Option<Slot> {
        let slots = self.lock();
        slots.at(slots.spilled).cloned()
    }

    /// Whether the keeper was called and is not done.
    #[cfg(test)]
    pub(super) fn is_called(&self) -> bool {
        self.lock().called
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries a change of what it takes over to what all take.
    fn change<T>(&self, slots: &mut Slots, change: impl FnOnce(&mut Slots) -> T) -> T {
        let before = slots.cost;
        let changed = change(slots);
        let after = slots.cost;
        if after >= before {
            self.total.memory.fetch_add(after - before, Ordering::Relaxed);
        } else {
            self.total.memory.fetch_sub(before - after, Ordering::Relaxed);
        }
        changed
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        let cost = self.cost();
        self.total.memory.fetch_sub(cost, Ordering::Relaxed);
    }
}

impl Slots {
    fn at(&self, index: usize) -> Option<&Slot> {
        self.queue.get(index)
    }

    fn oldest_file(&self) -> Option<&Arc<Segment>> {
        match &self.queue.front()?.form {
            Form::Spilled(spilled) => Some(&spilled.segment),
            Form::Raw(_) | Form::Packed(_) | Form::Gap => None,
        }
    }

    /// The line after all that lie in the oldest file.
    fn end_of_file(&self, oldest: &Arc<Segment>) -> u64 {
        let inside =
            |slot: &&Slot| matches!(&slot.form, Form::Spilled(it) if Arc::ptr_eq(&it.segment, oldest));
        // There may be gaps between them.
        self.queue.iter().take(self.spilled).rfind(inside).map_or(0, Slot::next)
    }

    /// Whether the oldest in memory has lines from this one on.
    fn is_unprinted(&self, next: u64) -> bool {
        self.at(self.spilled).is_some_and(|slot| slot.next() > next)
    }

    /// A quarter stays as it came, for whoever reads the newest; less than half is not worth a word.
    fn wants_packing(&self, share: Budget) -> bool {
        self.raw > share.memory / 4
            && self.cost > share.memory / 2
            && self.spilled + self.packed < self.queue.len()
    }

    /// The last quarter is for what comes while the keeper is at work.
    fn wants_room(&self, share: Budget) -> bool {
        self.cost > share.memory / 4 * 3 && self.packed > 0
    }

    fn wants(&self, share: Budget) -> bool {
        self.wants_packing(share) || self.wants_room(share)
    }

    fn push(&mut self, slot: Slot) {
        self.cost += slot.cost();
        self.raw += slot.cost();
        self.queue.push_back(slot);
    }

    fn pop(&mut self) -> Option<Slot> {
        let slot = self.queue.pop_front()?;
        self.cost -= slot.cost();
        match slot.form {
            Form::Raw(_) => self.raw -= slot.cost(),
            Form::Packed(_) => self.packed -= 1,
            Form::Spilled(_) | Form::Gap => self.spilled -= 1,
        }
        // A gap is one between lines that are there.
        while self.queue.pop_front_if(|slot| matches!(slot.form, Form::Gap)).is_some() {
            self.spilled -= 1;
        }
        Some(slot)
    }

    /// Takes the oldest that lies in memory. Where older ones lie on the disk, it leaves a gap.
    fn give_up(&mut self) -> Option<Slot> {
        let index = self.spilled;
        if index == 0 {
            return self.pop();
        }
        let gone = self.replace(index, Form::Gap)?;
        self.packed -= usize::from(matches!(gone.form, Form::Packed(_)));
        // However long it takes, it is one gap.
        let before = self.at(index - 1).filter(|slot| matches!(slot.form, Form::Gap));
        if let Some(both) = before.and_then(|before| before.shape.with(gone.shape)) {
            self.queue[index - 1].shape = both;
            self.queue.remove(index);
        } else {
            self.spilled += 1;
        }
        Some(gone)
    }

    fn replace(&mut self, index: usize, form: Form) -> Option<Slot> {
        let slot = self.queue.get_mut(index)?;
        let new = Slot { shape: slot.shape, form };
        let before = std::mem::replace(slot, new);
        if matches!(before.form, Form::Raw(_)) {
            self.raw -= before.cost();
        }
        self.cost = self.cost + self.queue[index].cost() - before.cost();
        Some(before)
    }
}

/// The memory of a block that nobody reads.
fn reusable(slot: impl Into<Option<Slot>>) -> Option<Block> {
    match slot.into()?.form {
        Form::Raw(block) => Arc::try_unwrap(block).ok().filter(Block::is_reusable),
        Form::Packed(_) | Form::Spilled(_) | Form::Gap => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::Kept;
    use super::*;
    use crate::sys::clock;
    use std::time::Duration;

    #[test]
    fn a_disk_that_hangs_costs_what_lies_in_memory_and_leaves_a_gap() {
        let home = tempfile::tempdir().unwrap();
        let mut kept = Kept::with_room_for_four();
        for _ in 0..3 {
            kept.push();
            kept.keep(home.path());
        }
        (0..4).for_each(|_| kept.push());
        assert_eq!(state(&kept), (3, 0, 7));
        kept.total.set_writing(Some(clock::now().checked_sub(Duration::from_secs(2)).unwrap()));
        assert!(!kept.shelf.is_full(), "nobody waits for it");
        (0..3).for_each(|_| kept.push());
        assert_eq!(kept.shelf.first(), Some(0));
        assert_eq!(readable(&kept), (0..30).chain(60..100).collect::<Vec<_>>());
        assert_eq!(state(&kept), (4, 0, 8), "one gap");
        assert!(kept.shelf.slot(45).unwrap().open().is_err());
        let told: Vec<String> = kept.told.try_iter().collect();
        assert!(told.len() == 1 && told[0].contains("taken nothing for a second"), "{told:?}");
        // It works again: what comes then goes behind the gap.
        kept.total.set_writing(None);
        kept.push();
        kept.keep(home.path());
        assert_eq!(readable(&kept), (0..30).chain(60..110).collect::<Vec<_>>());
        // What is not printed stays with its file, also behind the gap.
        kept.shelf.promise(usize::MAX);
        kept.shelf.set_printed_up_to(Some(60));
        assert!(kept.shelf.take_oldest_file().is_empty());
        kept.shelf.set_printed_up_to(None);
        // What lies before the gap goes with its file, and the gap with it.
        assert_eq!(kept.shelf.take_oldest_file().len(), 4);
        assert_eq!((kept.shelf.first(), state(&kept)), (Some(70), (0, 0, 4)));
    }

    fn state(kept: &Kept) -> (usize, usize, usize) {
        let slots = kept.shelf.lock();
        (slots.spilled, slots.packed, slots.queue.len())
    }

    /// The lines that can be read.
    fn readable(kept: &Kept) -> Vec<u64> {
        let slots: Vec<Slot> = kept.shelf.lock().queue.iter().cloned().collect();
        assert!(slots.windows(2).all(|two| two[0].next() == two[1].shape.first));
        slots.iter().filter_map(|slot| slot.open().ok()).flat_map(|it| it.first()..it.next()).collect()
    }
}
