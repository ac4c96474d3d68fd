//! What each worker's tree uses, from two looks. Pure.

use super::family::Relative;
use crate::protocol::{Pid, Usage};
use std::collections::HashMap;
use std::time::Instant;

/// The machine's units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Units {
    pub(super) ticks_per_second: f64,
    pub(super) page_size: u64,
}

/// What a process was at the look before.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    ticks: u64,
    zombie: bool,
}

/// The look before.
#[derive(Debug)]
pub(super) struct Meter {
    units: Units,
    before: HashMap<(Pid, u64), Before>,
    at: Option<Instant>,
}

impl Meter {
    pub(super) fn new(units: Units) -> Self {
        Self { units, before: HashMap::new(), at: None }
    }

    /// The usage of each worker by its place, `workers` of them.
    pub(super) fn read(&mut self, now: Instant, relatives: &[Relative], workers: usize) -> Vec<Usage> {
        let mut usages = vec![Usage::default(); workers];
        let mut ticks = vec![0_u64; workers];
        let mut owed: HashMap<(usize, Pid), u32> = HashMap::new();
        for Relative { worker, process, first, adopted } in relatives {
            let Some(usage) = usages.get_mut(*worker) else { continue };
            // A process that was not there before has used all its time since.
            let before = self.before.get(&(process.pid, process.start_ticks)).copied().unwrap_or_default();
            ticks[*worker] += process.cpu_ticks.saturating_sub(before.ticks);
            if process.is_zombie() {
                // A first process is ours to wait for, and its worker's state says that it is a zombie.
                // And every child that ends is one for a moment: two looks in a row make it news.
                if *first || !before.zombie {
                    continue;
                }
                usage.zombies += 1;
                *owed.entry((*worker, process.parent)).or_default() += 1;
            } else {
                usage.processes += 1;
                usage.adopted += u32::from(*adopted);
                usage.threads += process.threads;
                usage.memory += process.resident_pages * self.units.page_size;
            }
        }
        let mut most = vec![0; workers];
        for ((worker, parent), count) in owed {
            if count > most[worker] {
                most[worker] = count;
                usages[worker].zombie_parent = Some(parent);
            }
        }
        if let Some(elapsed) =
            self.at.map(|at| now.saturating_duration_since(at).as_secs_f64()).filter(|s| *s > 0.0)
        {
            for (usage, ticks) in usages.iter_mut().zip(ticks) {
                usage.cpu_percent =
                    Some((ticks as f64 / self.units.ticks_per_second / elapsed * 100.0) as f32);
            }
        }
        self.before = relatives
            .iter()
            .map(|Relative { process, .. }| {
                let before = Before { ticks: process.cpu_ticks, zombie: process.is_zombie() };
                ((process.pid, process.start_ticks), before)
            })
            .collect();
        self.at = Some(now);
        usages
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::procfs::Process;

    fn child(state: char) -> Relative {
        let process = Process {
            pid: Pid(21),
            name: "x".into(),
            state,
            parent: Pid(20),
            group: 20,
            session: 20,
            cpu_ticks: 0,
            threads: 1,
            start_ticks: 7,
            resident_pages: 0,
        };
        Relative { worker: 0, process, first: false, adopted: false }
    }

    #[test]
    fn a_zombie_counts_once_it_was_one_at_two_looks() {
        let mut meter = Meter::new(Units { ticks_per_second: 100.0, page_size: 4096 });
        #[expect(clippy::disallowed_methods, reason = "an instant can be had from nowhere else")]
        let now = Instant::now();
        let mut zombies = |state| meter.read(now, &[child(state)], 1)[0].zombies;
        assert_eq!(['S', 'Z', 'Z'].map(&mut zombies), [0, 0, 1]);
    }
}
