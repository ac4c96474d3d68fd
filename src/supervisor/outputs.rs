//! The workers' outputs with their logs: who may take how much, where nothing was said of it.

use super::engine::Options;
use crate::output::{Budget, Capture, DEFAULT_BUDGET, DEFAULT_TOTAL, Keeper, Log, Output, state_folder};
use crate::spec::{LogBudget, OutputKind, Spec};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Makes them. All are kept within one budget by a thread.
#[derive(Debug)]
pub(super) struct Outputs {
    keeper: Keeper,
    all: LogBudget,
    owns: Vec<Budget>,
    /// How many there will be at least.
    expected: usize,
}

impl Outputs {
    /// Starts the thread. `expected`: how many workers are known to come.
    ///
    /// # Errors
    /// When the thread cannot be had.
    pub(super) fn start(
        all: LogBudget,
        expected: usize,
        tell: impl Fn(String) + Send + 'static,
    ) -> io::Result<Self> {
        let keeper = Keeper::start(total(&[], all), state_folder(), Box::new(tell))?;
        Ok(Self { keeper, all, owns: Vec::new(), expected })
    }

    /// No worker says anything any more.
    pub(super) fn finish(self, at_most: Duration) {
        self.keeper.finish(at_most);
    }

    /// One for this worker.
    pub(super) fn make(
        &mut self,
        spec: &Spec,
        capture: Option<&Arc<Capture>>,
        options: &Options,
    ) -> Arc<Output> {
        let own = own(spec.log, self.all);
        self.owns.push(own);
        let total = total(&self.owns, self.all);
        self.keeper.set_total(total);
        let sure = total.memory / self.owns.len().max(self.expected);
        let log = Log::on(self.keeper.shelf(spec.name.as_str(), own));
        let terminal = options.emulate && spec.output == OutputKind::Pty;
        let output = Output::with_log(options.size, terminal, log, own.memory.min(sure));
        let output = output.speaking(options.keyboard);
        Arc::new(match capture {
            Some(capture) => output.captured(Arc::clone(capture)),
            None => output,
        })
    }
}

fn own(declared: LogBudget, all: LogBudget) -> Budget {
    Budget {
        memory: declared.memory.map_or(DEFAULT_BUDGET, bytes),
        disk: declared.disk.or(all.disk).unwrap_or(0),
    }
}

/// What was not said is at least what the largest worker asks for.
fn total(owns: &[Budget], all: LogBudget) -> Budget {
    let largest = owns.iter().map(|own| own.memory).max().unwrap_or(0);
    let disks = owns.iter().map(|own| own.disk);
    Budget {
        memory: all.memory.map_or(DEFAULT_TOTAL.max(largest), bytes),
        disk: all.disk.unwrap_or_else(|| disks.fold(0, u64::saturating_add)),
    }
}

fn bytes(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_follows_from_what_is() {
        const NOTHING: LogBudget = LogBudget { memory: None, disk: None };
        let said = |memory, disk| LogBudget { memory, disk };
        let bare = own(NOTHING, NOTHING);
        assert_eq!(bare, Budget::default());
        assert_eq!(total(&[bare, bare], NOTHING), Budget { memory: DEFAULT_TOTAL, disk: 0 });
        let large = own(said(Some(1 << 30), Some(7)), NOTHING);
        assert_eq!(total(&[bare, large], NOTHING), Budget { memory: 1 << 30, disk: 7 });
        assert_eq!(total(&[large], said(Some(9), Some(8))), Budget { memory: 9, disk: 8 });
        assert_eq!(own(NOTHING, said(None, Some(8))).disk, 8);
        assert_eq!(own(said(None, Some(0)), said(None, Some(8))).disk, 0);
    }
}
