//! A shelf whose keeper is the test: what is packed, written or lost is so when the test says it.

use super::Log;
use super::alarm::Alarm;
use super::budget::{Budget, Total};
use super::packed::Packer;
use super::shelf::{Call, Shelf};
use super::spill::Spill;
use crate::output::block::Block;
use crate::output::line::Stream;
use crate::sys::clock;
use crossbeam_channel::{Receiver, unbounded};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub(in crate::output) struct Kept {
    pub(super) shelf: Arc<Shelf>,
    pub(super) total: Arc<Total>,
    /// What was told the user.
    pub(super) told: Receiver<String>,
    spill: Spill,
    next: Block,
    _calls: Receiver<usize>,
}

impl Kept {
    fn new(own: Budget) -> Self {
        let (tell, told) = unbounded();
        let (calls, called) = unbounded();
        let alarm = Alarm::new(None, Box::new(move |words| tell.send(words).unwrap()));
        let total = Arc::new(Total::new(Budget { memory: 1 << 30, disk: 1 << 40 }));
        let call = Call { calls, place: 0, alarm: Arc::new(alarm) };
        let shelf = Arc::new(Shelf::new("api", own, Arc::clone(&total), Some(call)));
        let spill = Spill::new(Arc::clone(&shelf.disk));
        Self { shelf, total, told, spill, next: Block::default(), _calls: called }
    }

    /// With memory for four blocks and as much disk as they like.
    pub(super) fn with_room_for_four() -> Self {
        let disk = 1 << 30;
        let mut kept = Self::new(Budget { memory: 1 << 20, disk });
        kept.push();
        let one = kept.shelf.cost();
        Self::new(Budget { memory: 4 * one + one / 2, disk })
    }

    /// A block of ten lines that cannot be packed much, of the second that is a tenth of the first.
    pub(super) fn push(&mut self) {
        let first = self.next.first();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(first / 10);
        for line in first..first + 10 {
            let number = line.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            self.next.push(Stream::Stdout, at, &[format!("{number}").as_bytes()]);
        }
        let next = Block::after(&self.next);
        self.shelf.push(std::mem::replace(&mut self.next, next));
    }

    /// Packs the oldest that is not, and writes it.
    pub(super) fn keep(&mut self, folder: &Path) {
        let slot = self.shelf.oldest_in_memory().unwrap();
        let block = slot.open().unwrap();
        let packed = Packer::new().pack(&block);
        drop(slot.form);
        self.shelf.packed(block, Arc::clone(&packed));
        let spilled = self.spill.write(&packed, folder, 1 << 30).unwrap();
        self.shelf.spilled(slot.shape, spilled);
    }
}

/// A log of a hundred lines, ten in each of the first ten seconds, of which 30 to 59 are gone, and what
/// it needs to live.
pub(in crate::output) fn log_with_a_gap(folder: &Path) -> (Log, Kept) {
    let mut kept = Kept::with_room_for_four();
    for _ in 0..3 {
        kept.push();
        kept.keep(folder);
    }
    kept.total.set_writing(Some(clock::now().checked_sub(Duration::from_secs(2)).unwrap()));
    (0..7).for_each(|_| kept.push());
    let open = std::mem::take(&mut kept.next);
    (Log { open, room: 1 << 20, ..Log::on(Arc::clone(&kept.shelf)) }, kept)
}
