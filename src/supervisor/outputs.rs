//! The workers' outputs with their logs: who may take how much, where nothing was said of it.

use super::engine::Options;
use crate::output::{Budget, Capture, DEFAULT_BUDGET, DEFAULT_TOTAL, Keeper, Log, Output, state_folder};
use crate::protocol::Size;
use crate::spec::{LogBudget, OutputKind, Spec};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Makes them. All are kept within one budget by a thread.
#[derive(Debug)]
pub(super) struct Outputs {
    keeper: Keeper,
    all: LogBudget,
    owns: Vec<Budget>,
    /// How many there will be at least.
    expected: usize,
    /// What each is sure to have of the memory: the less the more there are.
    sure: Arc<AtomicUsize>,
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
        Ok(Self { keeper, all, owns: Vec::new(), expected, sure: Arc::new(AtomicUsize::new(usize::MAX)) })
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
        let terminal = options.emulate && spec.output == OutputKind::Pty;
        let own = own(spec.log, self.all);
        let output = self.of(spec.name.as_str(), own, options.size, terminal).speaking(options.keyboard);
        if options.printed {
            // What it says before the printer has heard of it waits for the printer as well.
            output.set_printed_up_to(Some(0));
        }
        Arc::new(match capture {
            Some(capture) => output.captured(Arc::clone(capture)),
            None => output,
        })
    }

    fn of(&mut self, name: &str, own: Budget, size: Size, terminal: bool) -> Output {
        self.owns.push(own);
        let total = total(&self.owns, self.all);
        self.keeper.set_total(total);
        let sure = total.memory / self.owns.len().max(self.expected);
        let sure = sure.min(self.sure.fetch_min(sure, Ordering::Relaxed));
        let log = Log::on(self.keeper.shelf(name, own));
        Output::with_log(size, terminal, log, own.memory.min(sure)).sharing(Arc::clone(&self.sure))
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
    use crate::output::Stream;
    use std::time::SystemTime;

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

    const SIZE: Size = Size { columns: 80, rows: 24 };

    /// What its worker says until it has to wait. How many lines.
    fn say(output: &Output) -> u64 {
        let mut said = 0_u64;
        while !output.is_full() {
            // Lines that do not become much smaller when they are packed.
            let noise = |line: u64| (line + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17);
            let word = |word| format!("{:016x}", noise(word));
            let line = |line: u64| (8 * line..8 * line + 8).map(word).collect::<Vec<_>>().concat();
            let lines: Vec<String> = (said..said + 100).map(line).collect();
            output.feed(Stream::Stdout, (lines.join("\n") + "\n").as_bytes(), SystemTime::UNIX_EPOCH);
            said += 100;
        }
        said
    }

    /// Everything that a printer finds. How many lines.
    fn print(output: &Output) -> u64 {
        let (mut next, mut printed) = (0, 0);
        loop {
            let taken = output.lock().take_from(next, 1 << 20);
            if taken.is_empty() {
                return printed;
            }
            printed += taken.lines().count() as u64;
            next = taken.next;
            output.set_printed_up_to(Some(next));
        }
    }

    #[test]
    fn what_waits_for_a_printer_stays_when_there_are_more_workers() {
        let all = LogBudget { memory: Some(8 << 20), disk: None };
        let mut outputs = Outputs::start(all, 1, |_| {}).unwrap();
        let bare = own(LogBudget { memory: None, disk: None }, all);
        let mut there: Vec<(Output, u64)> = Vec::new();
        for _ in 0..24 {
            let output = outputs.of("x", bare, SIZE, false);
            output.set_printed_up_to(Some(0));
            let said = say(&output);
            there.push((output, said));
        }
        let first = &there[0].0;
        assert!(first.is_full());
        for (output, said) in &there {
            assert_eq!(print(output), *said);
        }
        // Now that all is printed, each waits sooner.
        let again = say(&there[0].0);
        assert!(again < there[0].1 / 4, "{again} of {}", there[0].1);
    }
}
