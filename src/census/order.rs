//! The order of one worker's processes in its tree, and what share of the CPU each took between two
//! looks. Pure.

use super::family::Relative;
use crate::protocol::{Pid, ProcessId};
use crate::sys::procfs::Process;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

pub(super) fn id(process: &Process) -> ProcessId {
    ProcessId { pid: process.pid, start_ticks: process.start_ticks }
}

/// Every process with how many of its ancestors are among them: a parent before its children, the
/// first process before what was adopted, the living before the zombies, else the older one first.
pub(super) fn arrange(family: &[Relative]) -> Vec<(&Relative, u16)> {
    let known: HashSet<Pid> = family.iter().map(|relative| relative.process.pid).collect();
    let rank = |relative: &&Relative| {
        let process = &relative.process;
        (!relative.first, process.is_zombie(), process.start_ticks, process.pid)
    };
    let mut children: HashMap<Pid, Vec<&Relative>> = HashMap::new();
    let mut tops = Vec::new();
    for relative in family {
        let parent = relative.process.parent;
        if known.contains(&parent) {
            children.entry(parent).or_default().push(relative);
        } else {
            tops.push(relative);
        }
    }
    // Taken from the end, so the first one stands last.
    let stacked = |mut those: Vec<_>, depth| {
        those.sort_by_key(rank);
        those.into_iter().rev().map(move |relative| (relative, depth))
    };
    let mut stack: Vec<(&Relative, u16)> = stacked(tops, 0).collect();
    let mut arranged = Vec::with_capacity(family.len());
    while let Some((relative, depth)) = stack.pop() {
        arranged.push((relative, depth));
        let below = children.remove(&relative.process.pid).unwrap_or_default();
        stack.extend(stacked(below, depth.saturating_add(1)));
    }
    arranged
}

/// Two looks nearer to each other than this would say more of the clock's ticks than of the CPU.
const APART: Duration = Duration::from_millis(500);

/// What share of a core each took since the look before.
#[derive(Debug, Default)]
pub(super) struct Rates {
    before: HashMap<ProcessId, u64>,
    at: Option<Instant>,
    percent: HashMap<ProcessId, f32>,
}

impl Rates {
    /// A look; one right after another changes nothing.
    pub(super) fn look(
        &mut self,
        now: Instant,
        ticks_per_second: f64,
        used: impl IntoIterator<Item = (ProcessId, u64)>,
    ) {
        let elapsed = self.at.map(|at| now.saturating_duration_since(at));
        if elapsed.is_some_and(|elapsed| elapsed < APART) {
            return;
        }
        let used: HashMap<ProcessId, u64> = used.into_iter().collect();
        self.percent.clear();
        if let Some(elapsed) = elapsed {
            let share = |ticks: u64| (ticks as f64 / ticks_per_second / elapsed.as_secs_f64() * 100.0) as f32;
            let both = used.iter().filter_map(|(id, now)| Some((*id, *now, *self.before.get(id)?)));
            self.percent = both.map(|(id, now, before)| (id, share(now.saturating_sub(before)))).collect();
        }
        (self.before, self.at) = (used, Some(now));
    }

    /// `None` where there are no two looks yet.
    pub(super) fn percent(&self, id: ProcessId) -> Option<f32> {
        self.percent.get(&id).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(pid: i32, parent: i32, state: char) -> Relative {
        let process = Process {
            pid: Pid(pid),
            name: "x".into(),
            state,
            parent: Pid(parent),
            group: 20,
            session: 20,
            cpu_ticks: 0,
            threads: 1,
            start_ticks: pid as u64,
            resident_pages: 0,
        };
        Relative { worker: 0, process, first: pid == 20, adopted: parent == 10 && pid != 20 }
    }

    fn arranged(family: &[Relative]) -> Vec<(i32, u16)> {
        arrange(family).into_iter().map(|(relative, depth)| (relative.process.pid.0, depth)).collect()
    }

    #[test]
    fn children_stand_below_their_parent_and_zombies_below_the_living() {
        let family = [
            relative(15, 10, 'S'),
            relative(16, 15, 'S'),
            relative(20, 10, 'S'),
            relative(21, 20, 'Z'),
            relative(22, 20, 'S'),
            relative(23, 22, 'S'),
            relative(24, 20, 'Z'),
        ];
        let wanted = [(20, 0), (22, 1), (23, 2), (21, 1), (24, 1), (15, 0), (16, 1)];
        assert_eq!(arranged(&family), wanted);
    }

    #[test]
    fn a_ring_is_left_out_and_ends() {
        // The list is not read at one instant: two may name each other as parent.
        let family = [relative(20, 10, 'S'), relative(31, 32, 'S'), relative(32, 31, 'S')];
        assert_eq!(arranged(&family), [(20, 0)]);
    }

    #[test]
    fn shares_are_of_the_time_between_two_looks() {
        let start = crate::sys::clock::now();
        let at = |millis| start + Duration::from_millis(millis);
        let one = ProcessId { pid: Pid(1), start_ticks: 5 };
        let reused = ProcessId { pid: Pid(1), start_ticks: 9 };
        let mut rates = Rates::default();
        rates.look(at(0), 100.0, [(one, 1000)]);
        assert_eq!(rates.percent(one), None);
        rates.look(at(1000), 100.0, [(one, 1050)]);
        assert_eq!(rates.percent(one), Some(50.0));
        rates.look(at(1001), 100.0, [(one, 1050)]);
        assert_eq!(rates.percent(one), Some(50.0), "too near to the look before");
        rates.look(at(2000), 100.0, [(reused, 10)]);
        assert_eq!((rates.percent(one), rates.percent(reused)), (None, None));
    }
}
