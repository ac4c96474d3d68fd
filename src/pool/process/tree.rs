//! Everything that a job's process started, found and ended: without being a subreaper, which would
//! change whose child every orphan of the host program is.
//!
//! Whoever a process started was started after it, so has a later pid: where few were given since,
//! only those are looked at, which costs some µs; else all of /proc. Among them, a relative is known
//! by its session or group, by its parent, or by the mark in its environment, wherever it ran off to.
//! One that left the session, lost its parents and cleaned its environment is not found.

use crate::protocol::Pid;
use crate::signal::Signal;
use crate::sys::handle::Handle;
use crate::sys::procfs::{self, Process};
use crate::sys::{clock, process};
use std::collections::HashSet;
use std::fs;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The variable that carries a job's mark.
pub(super) const VARIABLE: &str = "MINDER_POOL_JOB";

/// A mark that no other job has.
pub(super) fn new_mark() -> String {
    static JOBS: AtomicU64 = AtomicU64::new(0);
    static US: OnceLock<String> = OnceLock::new();
    let us = US.get_or_init(|| {
        let us = Pid(std::process::id() as i32);
        // A pid may come again; together with the start it does not.
        format!("{us}-{}", procfs::read(us).map_or(0, |process| process.start_ticks))
    });
    format!("{us}-{}", JOBS.fetch_add(1, Ordering::Relaxed))
}

/// How many pids after the first are looked at one by one.
const FEW: i32 = 64;
/// How often is looked for who was started since the last look.
const ROUNDS: usize = 100;
/// How long the sweep goes on against a tree that grows or does not die.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a process may be without an environment while it becomes another program: on a busy machine it
/// may wait for a processor in the midst of that.
const EXEC: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(1);

/// Sends SIGKILL to all that is left of the tree of this process but itself, until a look finds
/// nobody. Where it is `pinned`, not reaped, its session's and its group's number are its own; else
/// they may be a stranger's, and its mark alone counts.
pub(super) fn end_rest(first: Pid, pinned: bool, mark: &str) {
    if pinned {
        // ESRCH: nobody but the zombie is left.
        let _ = process::signal_group(first, Signal::KILL);
    }
    let start = clock::now();
    loop {
        let left = look(first, pinned, mark);
        left.relatives.iter().for_each(kill);
        let spent = clock::now() - start;
        let unsure = left.unsure && spent < EXEC;
        if (left.relatives.is_empty() && !unsure) || spent > PATIENCE {
            return;
        }
        pause();
    }
}

fn pause() {
    let timeout = nix::poll::PollTimeout::try_from(PAUSE).unwrap_or(nix::poll::PollTimeout::ZERO);
    // Nothing tells us of the end of a process that is not our child.
    let _ = nix::poll::poll(&mut [], timeout);
}

/// The pidfd is taken before the second look: so it is the one that was found, or nobody's.
fn kill(relative: &Process) {
    if let Ok(handle) = Handle::open(relative.pid)
        && procfs::read(relative.pid).is_some_and(|now| now.start_ticks == relative.start_ticks)
    {
        let _ = handle.signal(Signal::KILL);
    }
}

struct Left {
    relatives: Vec<Process>,
    /// One of those looked at may be a relative: it has no environment just now.
    unsure: bool,
}

fn look(first: Pid, pinned: bool, mark: &str) -> Left {
    let entry = format!("{VARIABLE}={mark}");
    let us = Pid(std::process::id() as i32);
    let adopts = nix::sys::prctl::get_child_subreaper().unwrap_or(true);
    let mut left = Left { relatives: Vec::new(), unsure: false };
    let mut family: HashSet<Pid> = pinned.then_some(first).into_iter().collect();
    let mut strangers: Vec<Process> = Vec::new();
    for process in
        later_than(first).into_iter().filter(|process| process.pid != first && !process.is_zombie())
    {
        let by_number = pinned && (process.session == first.0 || process.group == first.0);
        // A child of ours is another job's or the host's, unless orphans become ours.
        let may_be = process.parent != us || adopts;
        if by_number || (may_be && has_entry(&process, entry.as_bytes(), &mut left.unsure)) {
            family.insert(process.pid);
            left.relatives.push(process);
        } else {
            strangers.push(process);
        }
    }
    // Children of relatives are relatives, whatever they did to their environment.
    while let Some(at) = strangers.iter().position(|process| family.contains(&process.parent)) {
        let process = strangers.swap_remove(at);
        family.insert(process.pid);
        left.relatives.push(process);
    }
    left
}

/// Those that may have been started after this one.
///
/// One that forks and ends while we look hands its place on to a pid that came after our list: so who
/// was started meanwhile is looked at too, until nobody was.
fn later_than(first: Pid) -> Vec<Process> {
    let mut found: Vec<Process> = Vec::new();
    let mut seen = first.0;
    for _ in 0..ROUNDS {
        let Some(last) = last_pid() else { break };
        if last == seen {
            return found;
        }
        if last > seen && last - seen <= FEW {
            found.extend((seen + 1..=last).filter_map(|pid| procfs::read(Pid(pid))));
        } else {
            // No answer is not "none", but there is nothing more to do about it.
            found = procfs::all().unwrap_or_default();
        }
        seen = last;
    }
    // So much is started here that there is no end to it, or nobody says how much.
    found.into_iter().chain(procfs::all().unwrap_or_default()).collect()
}

/// The pid that was given last (proc_loadavg(5)). Threads take pids too.
fn last_pid() -> Option<i32> {
    fs::read_to_string("/proc/loadavg").ok()?.split_ascii_whitespace().nth(4)?.parse().ok()
}

fn has_entry(process: &Process, entry: &[u8], unsure: &mut bool) -> bool {
    // kthreadd and its children, which have no environment.
    if process.pid == Pid(2) || process.parent == Pid(2) {
        return false;
    }
    let environment = || fs::read(format!("/proc/{}/environ", process.pid)).unwrap_or_default();
    let mut found = environment();
    if found.is_empty() {
        // One that is becoming another program has no command line either; one that cleared its environment
        // has. It may have come to both since.
        *unsure |= procfs::command_line(process.pid).is_none();
        found = environment();
    }
    found.split(|byte| *byte == 0).any(|each| each == entry)
}
