//! How much logs may take: each by itself and all together, counted. Knows no block's place.

use crate::output::block::Block;
use crate::sys::clock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What lines may take before the oldest go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of memory, their index included.
    pub memory: usize,
    /// Bytes of packed lines on a disk, where those go that memory has no room for. 0: they are
    /// dropped.
    pub disk: u64,
}

/// The memory that the lines of one worker take at most, by default.
pub const DEFAULT_BUDGET: usize = 32 * 1024 * 1024;
/// The memory that the lines of all workers take at most together, by default.
pub const DEFAULT_TOTAL: usize = 128 * 1024 * 1024;

impl Default for Budget {
    fn default() -> Self {
        Self { memory: DEFAULT_BUDGET, disk: 0 }
    }
}

/// What all logs take together, and how much a single one may at most while that is too much.
#[derive(Debug)]
pub(super) struct Total {
    memory_budget: AtomicUsize,
    disk_budget: AtomicU64,
    pub(super) memory: AtomicUsize,
    pub(super) disk: AtomicU64,
    /// No log takes more memory than this: the water level that holds the budget.
    level: AtomicUsize,
    /// As `level`, on the disk.
    disk_level: AtomicU64,
    /// The keeper was called to level.
    called: AtomicBool,
    disk_fails: AtomicBool,
    /// Since when the disk has been writing, if it is.
    writing: Mutex<Option<Instant>>,
    /// Memory of blocks that were let go, for those to come.
    spare: Mutex<Vec<Block>>,
}

/// A write that takes longer hangs: no worker waits for it.
const HANGS: Duration = Duration::from_secs(1);
/// How many blocks' memory is kept for the next ones.
const SPARE: usize = 64;

impl Total {
    pub(super) fn new(budget: Budget) -> Self {
        Self {
            memory_budget: AtomicUsize::new(budget.memory),
            disk_budget: AtomicU64::new(budget.disk),
            memory: AtomicUsize::new(0),
            disk: AtomicU64::new(0),
            level: AtomicUsize::new(usize::MAX),
            disk_level: AtomicU64::new(u64::MAX),
            called: AtomicBool::new(false),
            disk_fails: AtomicBool::new(false),
            writing: Mutex::default(),
            spare: Mutex::default(),
        }
    }

    /// From now on all together may take this much.
    pub(super) fn set_budget(&self, budget: Budget) {
        self.memory_budget.store(budget.memory, Ordering::Relaxed);
        self.disk_budget.store(budget.disk, Ordering::Relaxed);
    }

    fn budget(&self) -> Budget {
        Budget {
            memory: self.memory_budget.load(Ordering::Relaxed),
            disk: self.disk_budget.load(Ordering::Relaxed),
        }
    }

    /// True for the first that calls until all is leveled.
    pub(super) fn call_to_level(&self) -> bool {
        !self.called.swap(true, Ordering::AcqRel)
    }

    pub(super) fn leveled(&self) {
        self.called.store(false, Ordering::Release);
    }

    /// Whether the disk takes what it is given: it neither failed nor hangs.
    pub(super) fn disk_works(&self) -> bool {
        let hangs = |since: Instant| clock::now().saturating_duration_since(since) > HANGS;
        !self.disk_fails.load(Ordering::Relaxed)
            && !self.writing.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(hangs)
    }

    pub(super) fn set_disk_works(&self, works: bool) {
        self.disk_fails.store(!works, Ordering::Relaxed);
    }

    pub(super) fn set_writing(&self, since: Option<Instant>) {
        *self.writing.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    /// Memory for a block, where some is left over.
    pub(super) fn reuse(&self) -> Option<Block> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps the memory of a block that nobody needs any more.
    pub(super) fn offer(&self, block: Block) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE {
            spare.push(block);
        }
    }

    /// What one log may take now.
    pub(super) fn share_of(&self, own: Budget) -> Budget {
        Budget {
            memory: own.memory.min(self.level.load(Ordering::Relaxed)),
            disk: own.disk.min(self.disk_level.load(Ordering::Relaxed)),
        }
    }

    /// Whether the level of one of the two may have to be set anew.
    pub(super) fn is_uneven(&self) -> bool {
        let memory = self.memory.load(Ordering::Relaxed);
        let disk = self.disk.load(Ordering::Relaxed);
        let budget = self.budget();
        let (low, high) = (budget.memory / 2, budget.memory / 8 * 7);
        let (disk_low, disk_high) = (budget.disk / 2, budget.disk / 8 * 7);
        memory > high
            || disk > disk_high
            || (memory < low && self.level.load(Ordering::Relaxed) != usize::MAX)
            || (disk < disk_low && self.disk_level.load(Ordering::Relaxed) != u64::MAX)
    }

    /// Sets the levels by what each log takes: the largest shrink first, and all to the same.
    pub(super) fn level_out(&self, taken: &[(usize, u64)]) {
        let memory: Vec<u64> = taken.iter().map(|(memory, _)| *memory as u64).collect();
        let disk: Vec<u64> = taken.iter().map(|(_, disk)| *disk).collect();
        let budget = self.budget();
        let level = water_level(memory, budget.memory as u64);
        self.level.store(usize::try_from(level).unwrap_or(usize::MAX), Ordering::Relaxed);
        self.disk_level.store(water_level(disk, budget.disk), Ordering::Relaxed);
    }
}

/// The height at which heaps of these sizes are cut off, so that all together take three quarters of
/// `budget`. None is where they take less than seven eighths.
fn water_level(mut taken: Vec<u64>, budget: u64) -> u64 {
    if taken.iter().sum::<u64>() <= budget / 8 * 7 {
        return u64::MAX;
    }
    taken.sort_unstable();
    let mut left = budget / 4 * 3;
    let mut heaps = taken.len() as u64;
    for heap in taken {
        if heap * heaps >= left {
            break;
        }
        left -= heap;
        heaps -= 1;
    }
    left / heaps.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_largest_are_cut_and_the_small_keep_theirs() {
        assert_eq!(water_level(vec![10, 10, 10], 100), u64::MAX);
        assert_eq!(water_level(vec![5, 10, 1000], 100), 60);
        assert_eq!(water_level(vec![1000, 1000], 100), 37);
        assert_eq!(water_level(vec![], 0), u64::MAX);
    }

    proptest! {
        #[test]
        fn under_the_level_all_fit(taken in prop::collection::vec(0..10_000_u64, 1..50), budget in 1..100_000_u64) {
            let level = water_level(taken.clone(), budget);
            let cut: u64 = taken.iter().map(|heap| *heap.min(&level)).sum();
            prop_assert!(cut <= budget);
        }
    }
}
