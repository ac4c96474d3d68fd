//! Processes that are ours to wait for and to signal: waitid, groups, adopted children.
#![expect(unsafe_code, reason = "waitid with real-time signals is not wrapped elsewhere")]

use super::handle::Handle;
use super::{clock, procfs};
use crate::protocol::{Pid, ProcessRef};
use crate::signal::Signal;
use crate::status::ExitStatus;
use nix::errno::Errno;
use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;
use std::{fs, mem};

/// What waitid(2) says of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It ended.
    Ended(ExitStatus),
    /// A signal stopped it.
    Stopped(Signal),
    /// It was continued.
    Continued,
}

impl Change {
    /// How it ended, if it did.
    pub(super) fn end(self) -> Option<ExitStatus> {
        match self {
            Self::Ended(status) => Some(status),
            Self::Stopped(_) | Self::Continued => None,
        }
    }
}

/// Reaps one adopted child by its pid, if it ended. It is our child, so the pid cannot be another's.
///
/// # Errors
/// ECHILD if it is no child of ours.
pub fn reap_adopted(pid: Pid) -> Result<Option<ExitStatus>, Errno> {
    Ok(wait(libc::P_PID, pid.0, libc::WEXITED)?.and_then(|(_, change)| change.end()))
}

/// waitid(2) without waiting.
pub(super) fn wait(kind: libc::idtype_t, id: i32, options: i32) -> Result<Option<(Pid, Change)>, Errno> {
    // SAFETY: siginfo_t is plain data for which all zeroes is a value.
    let mut info: libc::siginfo_t = unsafe { mem::zeroed() };
    // SAFETY: waitid writes one siginfo_t behind the pointer, which lives through the call.
    let done = unsafe { libc::waitid(kind, id as libc::id_t, &raw mut info, options | libc::WNOHANG) };
    Errno::result(done)?;
    // SAFETY: after waitid the SIGCHLD members of the union are valid; all zero if nothing changed.
    let (pid, status) = unsafe { (info.si_pid(), info.si_status()) };
    if pid == 0 {
        return Ok(None);
    }
    let signal = Signal::from_number(status);
    let change = match (info.si_code, signal) {
        (libc::CLD_EXITED, _) => Some(Change::Ended(ExitStatus::Exited(status))),
        (libc::CLD_KILLED, Some(signal)) => Some(Change::Ended(ExitStatus::Signaled { signal, core: false })),
        (libc::CLD_DUMPED, Some(signal)) => Some(Change::Ended(ExitStatus::Signaled { signal, core: true })),
        (libc::CLD_STOPPED | libc::CLD_TRAPPED, Some(signal)) => Some(Change::Stopped(signal)),
        (libc::CLD_CONTINUED, _) => Some(Change::Continued),
        _ => None,
    };
    Ok(change.map(|change| (Pid(pid), change)))
}

/// Sends a signal to a process group. The caller knows that the group cannot be a stranger's: its
/// leader is our child and not reaped.
///
/// # Errors
/// ESRCH if the group is empty, EPERM if we may signal none of it.
pub fn signal_group(leader: Pid, signal: Signal) -> Result<(), Errno> {
    debug_assert!(leader.0 > 1, "kill(-1) and kill(0) mean something else");
    // SAFETY: kill takes plain integers.
    Errno::result(unsafe { libc::kill(-leader.0, signal.number()) }).map(drop)
}

/// Makes us the parent of every descendant whose own parent ends (PR_SET_CHILD_SUBREAPER).
///
/// # Errors
/// EINVAL before Linux 3.4.
pub fn become_subreaper() -> Result<(), Errno> {
    nix::sys::prctl::set_child_subreaper(true)
}

/// Our children now, zombies included: those that main spawned and those that we adopted.
///
/// The kernel hands orphans to the first living thread of a subreaper, which is main while main
/// lives, so the list of main's own children is the whole list.
pub fn children() -> Vec<Pid> {
    let main = nix::unistd::getpid();
    let main = Pid(main.as_raw());
    procfs::children(main).unwrap_or_else(|| procfs::children_by_scan(main))
}

/// How long the last resort takes at most: who did not die of SIGKILL by then is in state D, or
/// another user's.
const LAST_RESORT: Duration = Duration::from_secs(5);

/// The last resort, where nobody is left to stop anything in order: kills every child of ours but
/// these, and what becomes our child by that, until none is left. How many there were, and who did not
/// die.
pub fn kill_children(spared: &[Pid]) -> (usize, Vec<ProcessRef>) {
    let until = clock::now() + LAST_RESORT;
    let mut killed = HashSet::new();
    loop {
        let left: Vec<Pid> = children().into_iter().filter(|pid| !spared.contains(pid)).collect();
        if left.is_empty() {
            return (killed.len(), Vec::new());
        }
        if clock::now() >= until {
            return (killed.len(), left.into_iter().map(by_name).collect());
        }
        // Frozen first: what is stopped starts nothing while we go from one to the next.
        for signal in [Signal::STOP, Signal::KILL] {
            for &pid in &left {
                signal_child_and_group(pid, signal);
            }
        }
        for &pid in &left {
            // A moment is enough for all but state D.
            if let Ok(child) = Handle::open(pid) {
                child.await_end(Duration::from_millis(100));
            }
            if procfs::read(pid).is_none_or(|process| process.is_zombie()) {
                killed.insert(pid);
            }
            let _ = reap_adopted(pid);
        }
    }
}

/// A child that is not reaped pins its pid and, as a leader, its group.
fn signal_child_and_group(pid: Pid, signal: Signal) {
    if procfs::read(pid).is_some_and(|process| process.group == pid.0) {
        let _ = signal_group(pid, signal);
    }
    if let Ok(child) = Handle::open(pid) {
        let _ = child.signal(signal);
    }
}

/// Whose it is, as /proc shows it: root's, where it may not be looked into.
pub fn owner(pid: Pid) -> Option<u32> {
    fs::metadata(format!("/proc/{pid}")).ok().map(|entry| entry.uid())
}

/// Whether we may signal it: kill(2) with EPERM says that we may not.
pub fn may_signal(pid: Pid) -> bool {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.0), None) != Err(Errno::EPERM)
}

/// A process by its name alone: reading the command line of one in state D may make its reader wait
/// too.
pub fn by_name(pid: Pid) -> ProcessRef {
    ProcessRef { pid, name: procfs::read(pid).map(|process| process.name).unwrap_or_default().into() }
}
