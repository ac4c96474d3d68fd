//! Which process belongs to which worker, from one look at all processes. Pure but for the marks,
//! which it asks for.
//!
//! minder is a subreaper: every process that a worker ever started is a descendant of ours, whatever
//! session it fled to. The child of ours at the top of its line of parents says whose it is: a
//! worker's first process, or an orphan that we adopted. An adopted one is known from an earlier
//! look, from the mark in its environment, or from its session.

use crate::protocol::Pid;
use crate::sys::procfs::Process;
use std::collections::HashMap;

/// The first process of a worker's present or last run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Root {
    /// The worker's place in the list.
    pub(crate) worker: usize,
    /// Its first process.
    pub(crate) pid: Pid,
    /// Whether that pid is still its own: alive, or a zombie that we have not reaped.
    pub(crate) pinned: bool,
    /// minder did not start it: its tree is what descends from it now.
    pub(crate) watched: bool,
}

/// One process of a worker's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relative {
    pub(crate) worker: usize,
    pub(crate) process: Process,
    /// It is the worker's first process.
    pub(crate) first: bool,
    /// Its parent ended and we adopted it.
    pub(crate) adopted: bool,
}

/// A process for good: a pid together with when it started.
type Identity = (Pid, u64);

/// What is remembered from look to look.
#[derive(Debug, Default)]
pub(crate) struct Families {
    known: HashMap<Identity, usize>,
}

impl Families {
    /// Every process of every worker's tree, first processes and zombies included. `mark` reads the
    /// worker's place from an environment; it is asked about newly adopted processes only.
    pub(crate) fn sort(
        &mut self,
        us: Pid,
        strangers_since: Option<u64>,
        processes: &[Process],
        roots: &[Root],
        mark: impl Fn(Pid) -> Option<usize>,
    ) -> Vec<Relative> {
        let parents: HashMap<Pid, &Process> =
            processes.iter().map(|process| (process.pid, process)).collect();
        let mut tops: HashMap<Pid, Option<usize>> = HashMap::new();
        let mut relatives = Vec::new();
        for process in processes {
            if let Some(root) = watched_above(process, roots, &parents) {
                relatives.push(Relative {
                    worker: root.worker,
                    process: process.clone(),
                    first: root.pid == process.pid,
                    adopted: false,
                });
                continue;
            }
            let stray = strangers_since.is_some_and(|since| process.start_ticks >= since);
            let worker = match top_of(us, process, &parents) {
                Some(top) => *tops.entry(top.pid).or_insert_with(|| self.owner(top, roots, &mark)),
                // Handed to init, not to us.
                None if stray => self.owner(process, roots, &mark),
                None => continue,
            };
            // One that was known may have been handed up by a parent that is a stranger to us.
            let worker = worker.or_else(|| self.known.get(&identity(process)).copied());
            if let Some(worker) = worker {
                let first = roots.iter().any(|root| root.pinned && root.pid == process.pid);
                relatives.push(Relative {
                    worker,
                    process: process.clone(),
                    first,
                    adopted: process.parent == us && !first,
                });
            }
        }
        self.known =
            relatives.iter().map(|relative| (identity(&relative.process), relative.worker)).collect();
        relatives
    }

    /// Whose a child of ours is.
    fn owner(&self, child: &Process, roots: &[Root], mark: &impl Fn(Pid) -> Option<usize>) -> Option<usize> {
        let root_of =
            |pid: i32| roots.iter().find(|root| root.pinned && root.pid.0 == pid).map(|root| root.worker);
        root_of(child.pid.0)
            .or_else(|| self.known.get(&identity(child)).copied())
            .or_else(|| mark(child.pid))
            .or_else(|| root_of(child.session))
    }
}

fn identity(process: &Process) -> Identity {
    (process.pid, process.start_ticks)
}

/// The watched process that this one is or descends from.
fn watched_above<'a>(process: &Process, roots: &'a [Root], all: &HashMap<Pid, &Process>) -> Option<&'a Root> {
    if !roots.iter().any(|root| root.watched) {
        return None;
    }
    let mut above = process;
    for _ in 0..all.len() {
        if let Some(root) = roots.iter().find(|root| root.watched && root.pinned && root.pid == above.pid) {
            return Some(root);
        }
        above = all.get(&above.parent)?;
    }
    None
}

/// The child of ours that is at the top of this process's line of parents, if it is a descendant.
pub(super) fn top_of<'a>(
    us: Pid,
    process: &'a Process,
    all: &HashMap<Pid, &'a Process>,
) -> Option<&'a Process> {
    // Bounded: the list is not read at one instant, so a line of parents in it may form a ring.
    let mut top = process;
    for _ in 0..all.len() {
        if top.parent == us {
            return Some(top);
        }
        top = all.get(&top.parent)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: Pid = Pid(10);

    const fn root(worker: usize, pid: i32) -> Root {
        Root { worker, pid: Pid(pid), pinned: true, watched: false }
    }

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
            start_ticks: pid as u64,
            resident_pages: 0,
        }
    }

    fn pids(relatives: &[Relative], worker: usize) -> Vec<i32> {
        relatives.iter().filter(|relative| relative.worker == worker).map(|r| r.process.pid.0).collect()
    }

    const ROOTS: [Root; 2] = [root(0, 20), root(1, 30)];

    #[test]
    fn descendants_belong_to_the_first_process_above_them_whatever_their_session() {
        let all = [
            process(20, 10, 20),
            process(21, 20, 20),
            process(22, 21, 22),
            process(30, 10, 30),
            process(99, 1, 99),
        ];
        let relatives = Families::default().sort(US, None, &all, &ROOTS, |_| None);
        assert_eq!((pids(&relatives, 0), pids(&relatives, 1)), (vec![20, 21, 22], vec![30]));
        assert!(relatives.iter().all(|relative| !relative.adopted));
    }

    #[test]
    fn an_orphan_is_known_from_an_earlier_look() {
        let mut families = Families::default();
        families.sort(
            US,
            None,
            &[process(20, 10, 20), process(22, 20, 22), process(23, 22, 22)],
            &ROOTS,
            |_| None,
        );
        let relatives =
            families.sort(US, None, &[process(20, 10, 20), process(23, 10, 22)], &ROOTS, |_| None);
        assert_eq!(pids(&relatives, 0), [20, 23]);
        assert_eq!(relatives.iter().filter(|relative| relative.adopted).count(), 1);
    }

    #[test]
    fn an_orphan_never_seen_before_is_known_by_its_mark_or_its_session() {
        let all = [process(40, 10, 40), process(41, 40, 40), process(50, 10, 30), process(60, 10, 60)];
        let relatives = Families::default().sort(US, None, &all, &ROOTS, |pid| (pid == Pid(40)).then_some(0));
        assert_eq!((pids(&relatives, 0), pids(&relatives, 1)), (vec![40, 41], vec![50]));
    }

    #[test]
    fn a_reused_pid_is_not_the_process_that_was_known() {
        let mut families = Families::default();
        families.sort(US, None, &[process(20, 10, 20), process(22, 20, 22)], &ROOTS, |_| None);
        let stranger = Process { start_ticks: 77, ..process(22, 10, 22) };
        assert_eq!(families.sort(US, None, &[stranger], &[], |_| None), []);
    }

    #[test]
    fn where_orphans_go_to_init_they_are_known_by_mark_or_session_if_they_are_young_enough() {
        let all = [process(40, 1, 40), process(41, 1, 30), process(60, 1, 60), process(7, 1, 7)];
        let mark = |pid| (pid == Pid(40) || pid == Pid(7)).then_some(0);
        let relatives = Families::default().sort(US, Some(10), &all, &ROOTS, mark);
        assert_eq!((pids(&relatives, 0), pids(&relatives, 1)), (vec![40], vec![41]));
    }

    #[test]
    fn a_ring_of_parents_ends() {
        let all = [process(5, 6, 5), process(6, 5, 5)];
        assert_eq!(Families::default().sort(US, None, &all, &ROOTS, |_| None), []);
    }
}
