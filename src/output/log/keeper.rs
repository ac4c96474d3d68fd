//! The thread that keeps logs within their budgets: it packs old blocks, writes older ones to the disk
//! and lets the oldest go. Never holds a lock while it does. Knows neither workers nor guests.

use super::alarm::{Alarm, Tell};
use super::budget::{Budget, Total};
use super::packed::{Packer, Shape};
use super::shelf::{Call, LEVEL, OVER, Shelf, Slot, Task};
use super::spill::{Spill, Spilled};
use crate::sys::{clock, limits};
use crate::threads::Served;
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use std::{fmt, io};

/// What is done for one log before it is the next one's turn.
const TURN: usize = 64;
/// How soon a disk that failed is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// Makes the shelves for logs, and keeps them. The thread ends when all of them are gone, or with
/// [`Keeper::finish`].
pub struct Keeper {
    calls: Sender<usize>,
    total: Arc<Total>,
    shelves: Arc<Mutex<Vec<Kept>>>,
    alarm: Arc<Alarm>,
    served: Served,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("total", &self.total).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Kept {
    blocks: Weak<Shelf>,
    spill: Arc<Mutex<Spill>>,
}

impl Keeper {
    /// Starts the thread. `total` holds for all logs together; `folder` is where files without names
    /// are made, by nobody before the first is needed.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(total: Budget, folder: Option<PathBuf>, tell: Tell) -> io::Result<Self> {
        let (calls, called) = unbounded();
        let total = Arc::new(Total::new(total));
        let shelves = Arc::default();
        let alarm = Arc::new(Alarm::new(folder, tell));
        let mut work = Work {
            called,
            total: Arc::clone(&total),
            shelves: Arc::clone(&shelves),
            packer: Packer::new(),
            alarm: Arc::clone(&alarm),
            retry_at: None,
        };
        let keep = move || {
            // A flood that fills all processors must not be slowed by what becomes of its older lines:
            // who reads and who writes go first, and the oldest go where the keeper lags.
            limits::step_back();
            work.run();
        };
        let served = Served::start("keeper", keep)?;
        Ok(Self { calls, total, shelves, alarm, served })
    }

    /// No log is filled any more: ends the thread and waits until it is gone, for so long at most. What is
    /// in the logs stays readable.
    pub fn finish(self, at_most: Duration) {
        let _ = self.calls.send(OVER);
        self.served.finish(at_most);
    }

    /// From now on all logs together may take this much.
    pub fn set_total(&self, total: Budget) {
        self.total.set_budget(total);
    }

    /// A shelf for one log. `name` is how people know it.
    pub fn shelf(&self, name: &str, budget: Budget) -> Arc<Shelf> {
        let mut all = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let alarm = Arc::clone(&self.alarm);
        let call = Call { calls: self.calls.clone(), place: all.len(), alarm };
        let blocks = Arc::new(Shelf::new(name, budget, Arc::clone(&self.total), Some(call)));
        let spill = Arc::new(Mutex::new(Spill::new(Arc::clone(&blocks.disk))));
        all.push(Kept { blocks: Arc::downgrade(&blocks), spill });
        blocks
    }
}

/// What the thread owns.
struct Work {
    called: Receiver<usize>,
    total: Arc<Total>,
    shelves: Arc<Mutex<Vec<Kept>>>,
    packer: Packer,
    alarm: Arc<Alarm>,
    /// The disk failed: not before this.
    retry_at: Option<Instant>,
}

impl Work {
    fn run(&mut self) {
        // Shelves that want more than a turn, in turns.
        let mut busy: Vec<usize> = Vec::new();
        loop {
            if busy.is_empty() {
                match self.called.recv() {
                    Ok(place) => busy.push(place),
                    Err(_) => return,
                }
            }
            busy.extend(self.called.try_iter());
            if busy.contains(&OVER) {
                return;
            }
            let mut again = Vec::new();
            for place in busy.drain(..) {
                if place == LEVEL {
                    again.extend(self.level());
                } else if self.tend(place) {
                    again.push(place);
                }
            }
            busy = again;
        }
    }

    fn kept(&self, place: usize) -> Option<(Arc<Shelf>, Arc<Mutex<Spill>>)> {
        let shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = shelves.get(place)?;
        Some((kept.blocks.upgrade()?, Arc::clone(&kept.spill)))
    }

    /// All together take too much, or less again. Returns the shelves that have to shrink.
    fn level(&mut self) -> Vec<usize> {
        let count = self.shelves.lock().unwrap_or_else(PoisonError::into_inner).len();
        let taken = |place| self.kept(place).map_or((0, 0), |(blocks, _)| blocks.taken());
        let taken: Vec<_> = (0..count).map(taken).collect();
        self.total.level_out(&taken);
        for place in 0..count {
            if let Some((blocks, spill)) = self.kept(place) {
                let mut spill = spill.lock().unwrap_or_else(PoisonError::into_inner);
                while blocks.taken().1 > blocks.disk_share() && drop_file(&blocks, &mut spill) {}
            }
        }
        self.total.leveled();
        (0..count)
            .filter(|&place| self.kept(place).is_some_and(|(blocks, _)| blocks.wants_keeper()))
            .collect()
    }

    /// Does a turn's worth of what a shelf wants. Whether it may want more.
    fn tend(&mut self, place: usize) -> bool {
        let Some((blocks, files)) = self.kept(place) else { return false };
        let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..TURN {
            match blocks.task() {
                Task::Pack(block) => {
                    let packed = self.packer.pack(&block);
                    blocks.packed(block, packed);
                }
                Task::Spill(shape, packed) => {
                    if !self.spill(&blocks, &mut files, shape, &packed) {
                        return false;
                    }
                }
                Task::Free(slots) => drop(slots),
                Task::Nothing => return false,
            }
        }
        true
    }

    /// Writes a block to the disk; where that cannot be, the oldest in memory goes. False if nothing came of
    /// it: that has to be printed first.
    fn spill(&mut self, blocks: &Shelf, files: &mut Spill, shape: Shape, packed: &[u8]) -> bool {
        let due = self.retry_at.is_none_or(|at| at <= clock::now());
        if !due {
            return blocks.give_up_oldest().is_some();
        }
        let budget = blocks.disk_share();
        let fits = || blocks.taken().1 + packed.len() as u64 <= budget;
        while !fits() {
            if !drop_file(blocks, files) {
                return blocks.give_up_oldest().is_some();
            }
        }
        let mut written = self.write(files, packed, budget);
        if let Err(error) = &written {
            self.alarm.raise(&blocks.name, error);
            // Where the disk is full, that makes room.
            if drop_file(blocks, files) {
                written = self.write(files, packed, budget);
            }
        }
        self.total.set_disk_works(written.is_ok());
        if let Ok(spilled) = written {
            blocks.spilled(shape, spilled);
            self.retry_at = None;
            true
        } else {
            self.retry_at = Some(clock::now() + RETRY);
            blocks.give_up_oldest().is_some()
        }
    }

    fn write(&self, spill: &mut Spill, packed: &[u8], share: u64) -> io::Result<Spilled> {
        let Some(folder) = &self.alarm.folder else {
            return Err(io::Error::new(io::ErrorKind::NotFound, "neither XDG_STATE_HOME nor HOME is set"));
        };
        self.total.set_writing(Some(clock::now()));
        let written = spill.write(packed, folder, share);
        self.total.set_writing(None);
        written
    }
}

/// Gives up what lies in a log's oldest file. False where none does.
fn drop_file(blocks: &Shelf, spill: &mut Spill) -> bool {
    let taken: Vec<Slot> = blocks.take_oldest_file();
    if let Some(super::shelf::Form::Spilled(spilled)) = taken.first().map(|slot| &slot.form)
        && spill.is_newest(&spilled.segment)
    {
        spill.turn();
    }
    !taken.is_empty()
}
