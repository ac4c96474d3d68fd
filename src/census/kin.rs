//! Which processes an errand started. Pure but for the marks, which it asks for.

use super::family::top_of;
use crate::protocol::Pid;
use crate::sys::procfs::Process;
use std::collections::HashMap;

/// All that live of the tree of a child of ours, but for itself: below it, or below an orphan of its
/// session or with its mark, which is asked for of children of ours alone.
pub(super) fn of(
    us: Pid,
    root: Pid,
    processes: &[Process],
    marked: impl Fn(Pid) -> bool,
) -> impl Iterator<Item = &Process> {
    let all: HashMap<Pid, &Process> = processes.iter().map(|process| (process.pid, process)).collect();
    let mut tops: HashMap<Pid, bool> = HashMap::new();
    processes.iter().filter(move |process| {
        let Some(top) = top_of(us, process, &all) else { return false };
        let related = || top.pid == root || top.session == root.0 || marked(top.pid);
        *tops.entry(top.pid).or_insert_with(related) && process.pid != root && !process.is_zombie()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, parent: i32, session: i32) -> Process {
        Process {
            pid: Pid(pid),
            name: "x".into(),
            state: 'S',
            parent: Pid(parent),
            group: session,
            session,
            cpu_ticks: 0,
            threads: 1,
            start_ticks: 1,
            resident_pages: 0,
        }
    }

    #[test]
    fn whatever_an_errand_started_is_found_wherever_it_ran_off_to() {
        let zombie = Process { state: 'Z', ..process(24, 20, 20) };
        let all = [
            process(20, 10, 20),
            process(21, 20, 20),
            process(22, 21, 22),
            zombie,
            process(30, 10, 20),
            process(31, 30, 31),
            process(40, 10, 40),
            process(50, 10, 50),
            process(60, 1, 20),
        ];
        let kin = of(Pid(10), Pid(20), &all, |pid| pid == Pid(40));
        assert_eq!(kin.map(|process| process.pid.0).collect::<Vec<_>>(), [21, 22, 30, 31, 40]);
    }
}
