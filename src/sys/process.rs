//! Processes that are ours to wait for and to signal: pidfds, waitid, groups, adopted children.
#![expect(unsafe_code, reason = "waitid with real-time signals and pidfds are not wrapped elsewhere")]

use crate::protocol::Pid;
use crate::signal::Signal;
use crate::status::ExitStatus;
use nix::errno::Errno;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
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

/// What became of the child of this pidfd since it was last asked. An end is only looked at: the
/// child is not reaped and its pid stays its own. A stop or continuation is told once, whoever
/// caused it (`WSTOPPED`, `WCONTINUED`).
///
/// # Errors
/// ECHILD if it is no child of ours or was reaped already.
pub fn change(child: BorrowedFd<'_>) -> Result<Option<Change>, Errno> {
    let fd = child.as_raw_fd();
    let ended = wait(libc::P_PIDFD, fd, libc::WEXITED | libc::WSTOPPED | libc::WCONTINUED | libc::WNOWAIT)?;
    match ended {
        // Takes what is so now: between two questions a stop may have become a continuation.
        Some((_, Change::Stopped(_) | Change::Continued)) => {
            let taken = wait(libc::P_PIDFD, fd, libc::WSTOPPED | libc::WCONTINUED)?;
            let ended = wait(libc::P_PIDFD, fd, libc::WEXITED | libc::WNOWAIT)?;
            Ok(ended.or(taken).map(|(_, change)| change))
        }
        other => Ok(other.map(|(_, change)| change)),
    }
}

/// Reaps the child if it ended: its pid may be another's from then on.
///
/// # Errors
/// ECHILD as above.
pub fn reap(child: BorrowedFd<'_>) -> Result<Option<ExitStatus>, Errno> {
    let change = wait(libc::P_PIDFD, child.as_raw_fd(), libc::WEXITED)?;
    Ok(change.and_then(|(_, change)| match change {
        Change::Ended(status) => Some(status),
        Change::Stopped(_) | Change::Continued => None,
    }))
}

/// Reaps one adopted child by its pid, if it ended. It is our child, so the pid cannot be another's.
///
/// # Errors
/// ECHILD if it is no child of ours.
pub fn reap_adopted(pid: Pid) -> Result<Option<ExitStatus>, Errno> {
    let change = wait(libc::P_PID, pid.0, libc::WEXITED)?;
    Ok(change.and_then(|(_, change)| match change {
        Change::Ended(status) => Some(status),
        Change::Stopped(_) | Change::Continued => None,
    }))
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

/// A handle of a process that cannot come to mean another one (pidfd_open(2)).
///
/// # Errors
/// ESRCH if there is no such process, EMFILE, ENFILE.
pub fn open(pid: Pid) -> Result<OwnedFd, Errno> {
    // SAFETY: pidfd_open takes plain integers and returns a new descriptor, close-on-exec.
    let fd = Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_open, pid.0, 0) })?;
    // SAFETY: the call succeeded, so the descriptor is open and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Sends a signal through a pidfd (pidfd_send_signal(2)).
///
/// # Errors
/// ESRCH if it was reaped, EPERM if we may not.
pub fn signal(process: BorrowedFd<'_>, signal: Signal) -> Result<(), Errno> {
    let info: *const libc::siginfo_t = std::ptr::null();
    // SAFETY: a null siginfo is allowed and means what kill(2) would send.
    let done =
        unsafe { libc::syscall(libc::SYS_pidfd_send_signal, process.as_raw_fd(), signal.number(), info, 0) };
    Errno::result(done).map(drop)
}

/// Whether we may signal it (kill(2), signal 0).
///
/// # Errors
/// EPERM if we may not, ESRCH if it has ended and was reaped.
pub fn may_signal(process: BorrowedFd<'_>) -> Result<(), Errno> {
    let info: *const libc::siginfo_t = std::ptr::null();
    // SAFETY: as in `signal`; signal 0 is checked for and not sent.
    let done = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, process.as_raw_fd(), 0, info, 0) };
    Errno::result(done).map(drop)
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
    match fs::read_to_string(format!("/proc/self/task/{main}/children")) {
        Ok(list) => list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).map(Pid).collect(),
        Err(_) => super::procfs::children_by_scan(Pid(main.as_raw())),
    }
}

/// Waits for the end of a child of ours, reaped or not, at most this long.
pub fn await_end(child: Pid, at_most: std::time::Duration) {
    if let Ok(process) = open(child) {
        use std::os::fd::AsFd;
        let mut ended = [nix::poll::PollFd::new(process.as_fd(), nix::poll::PollFlags::POLLIN)];
        let timeout = u16::try_from(at_most.as_millis()).unwrap_or(u16::MAX);
        // EINTR or a failure: then it was not waited for, and the caller looks for itself.
        let _ = nix::poll::poll(&mut ended, timeout);
    }
}

/// The last resort, for a supervisor that panicked: kills every child of ours with its group, and
/// what becomes our child by that, and reaps them, for five seconds at most.
pub fn kill_all_children() {
    let until = super::clock::now() + std::time::Duration::from_secs(5);
    loop {
        let left = children();
        if left.is_empty() || super::clock::now() >= until {
            return;
        }
        for pid in left.into_iter().take_while(|_| super::clock::now() < until) {
            // A child that is not reaped pins its pid; as a leader it pins its group too.
            if super::procfs::read(pid).is_some_and(|process| process.group == pid.0) {
                let _ = signal_group(pid, Signal::KILL);
            }
            if let Ok(process) = open(pid) {
                use std::os::fd::AsFd;
                let _ = signal(process.as_fd(), Signal::KILL);
            }
            // A moment is enough for all but state D.
            await_end(pid, std::time::Duration::from_millis(100));
            let _ = reap_adopted(pid);
        }
    }
}
