//! The blocks that a reader opened last: to open one may mean to unpack it or to read a disk. Knows
//! no row.

use crate::output::block::Block;
use crate::output::pane::Output;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// What is kept open takes at most so much, and the newest one is kept whatever it takes.
const KEPT_BYTES: usize = 4 << 20;
const KEPT_BLOCKS: usize = 32;

/// Blocks that were opened, the one used last at the end.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    kept: RefCell<VecDeque<Arc<Block>>>,
    /// Lines that could not be read, and why: asked for again after the next glance.
    lost: RefCell<Option<(Range<u64>, Arc<str>)>>,
}

/// Why a line of the log cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lost {
    /// It had to go since the reader looked.
    Gone,
    /// What the disk said.
    Unreadable(Arc<str>),
}

impl Blocks {
    /// The block that holds this line of a log.
    pub(super) fn of(&self, output: &Output, line: u64) -> Result<Arc<Block>, Lost> {
        if let Some(block) = self.known(line) {
            return Ok(block);
        }
        if let Some((lines, why)) = &*self.lost.borrow()
            && lines.contains(&line)
        {
            return Err(Lost::Unreadable(Arc::clone(why)));
        }
        let handle = output.handle(line).ok_or(Lost::Gone)?;
        match handle.open() {
            Ok(block) => {
                self.keep(&block);
                Ok(block)
            }
            Err(error) => {
                let why: Arc<str> = error.to_string().into();
                *self.lost.borrow_mut() = Some((handle.lines(), Arc::clone(&why)));
                Err(Lost::Unreadable(why))
            }
        }
    }

    /// What could not be read is tried again from now on.
    pub(super) fn try_again(&self) {
        *self.lost.borrow_mut() = None;
    }

    fn known(&self, line: u64) -> Option<Arc<Block>> {
        let mut kept = self.kept.borrow_mut();
        let place = kept.iter().rposition(|block| (block.first()..block.next()).contains(&line))?;
        if place + 1 < kept.len() {
            let block = kept.remove(place)?;
            kept.push_back(block);
        }
        kept.back().map(Arc::clone)
    }

    fn keep(&self, block: &Arc<Block>) {
        let mut kept = self.kept.borrow_mut();
        // An older copy of the block that lines are still added to.
        kept.retain(|known| known.first() != block.first());
        kept.push_back(Arc::clone(block));
        let cost = |kept: &VecDeque<Arc<Block>>| kept.iter().map(|block| block.cost()).sum::<usize>();
        while kept.len() > 1 && (kept.len() > KEPT_BLOCKS || cost(&kept) > KEPT_BYTES) {
            kept.pop_front();
        }
    }
}
