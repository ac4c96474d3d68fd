//! One process by a handle that means it for good: a pidfd or, where the kernel has none, its pid.
//!
//! Without pidfds (before Linux 5.4, or where a sandbox forbids the calls) a child is as safe: only we
//! reap it, so its pid is its own until then. Of others the pid is checked by its start, and may be
//! reused in the instant between that and the signal.
#![expect(unsafe_code, reason = "pidfds are not wrapped elsewhere")]

use super::process::{Change, wait};
use super::{clock, procfs};
use crate::protocol::Pid;
use crate::signal::Signal;
use crate::status::ExitStatus;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;
use std::time::Duration;

/// Set to `off`, minder minds as on a kernel without pidfds: by SIGCHLD and by pid.
pub const SWITCH: &str = "MINDER_PIDFD";

/// How often an end is looked for where no descriptor tells of it, in milliseconds.
const LOOK: u16 = 5;

/// A process.
#[derive(Debug)]
pub struct Handle {
    pid: Pid,
    pidfd: Option<OwnedFd>,
}

/// Whether there are pidfds that can be opened, waited for and signalled: Linux 5.4 has them all.
pub fn pidfds() -> bool {
    static THERE: OnceLock<bool> = OnceLock::new();
    *THERE.get_or_init(|| {
        let off = std::env::var_os(SWITCH).is_some_and(|switch| switch == "off");
        let us = nix::unistd::getpid().as_raw();
        // We are no child of ours: ECHILD says that the kernel knows the question.
        let waited = |us: OwnedFd| wait(libc::P_PIDFD, us.as_raw_fd(), libc::WEXITED) == Err(Errno::ECHILD);
        !off && pidfd_open(us, 0).is_ok_and(waited)
    })
}

fn pidfd_open(id: i32, flags: i32) -> Result<OwnedFd, Errno> {
    // SAFETY: pidfd_open takes plain integers and returns a new descriptor, close-on-exec.
    let fd = Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_open, id, flags) })?;
    // SAFETY: the call succeeded, so the descriptor is open and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

impl Handle {
    /// The process that has this pid now (pidfd_open(2)). It cannot come to mean another one; without
    /// pidfds that holds for children that are not reaped.
    ///
    /// # Errors
    /// ESRCH if there is no such process, EMFILE, ENFILE.
    pub fn open(pid: Pid) -> Result<Self, Errno> {
        if pidfds() {
            return Ok(Self { pid, pidfd: Some(pidfd_open(pid.0, 0)?) });
        }
        let handle = Self { pid, pidfd: None };
        // Signal 0 is sent to nobody: it asks whether there is one.
        handle.send(0).or_else(|errno| if errno == Errno::EPERM { Ok(()) } else { Err(errno) })?;
        Ok(handle)
    }

    /// A child that was just made, with the pidfd that came with it: −1 for none.
    ///
    /// # Safety
    /// The descriptor is open and nobody else's, or −1.
    pub(super) unsafe fn of_child(pid: Pid, pidfd: RawFd) -> Self {
        // SAFETY: the caller vouches for it.
        Self { pid, pidfd: (pidfd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(pidfd) }) }
    }

    /// Its pid: its own until it is reaped.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// A descriptor that is readable when it has ended; `None` where there is none to be had: then
    /// SIGCHLD tells.
    ///
    /// # Errors
    /// EMFILE.
    pub fn exit(&self) -> io::Result<Option<OwnedFd>> {
        self.pidfd.as_ref().map(OwnedFd::try_clone).transpose()
    }

    /// Whether a descriptor tells of its end.
    pub fn tells_of_end(&self) -> bool {
        self.pidfd.is_some()
    }

    /// What became of this child since it was last asked. An end is only looked at: the child is not
    /// reaped and its pid stays its own. A stop or continuation is told once, whoever caused it
    /// (`WSTOPPED`, `WCONTINUED`).
    ///
    /// # Errors
    /// ECHILD if it is no child of ours or was reaped already.
    pub fn change(&self) -> Result<Option<Change>, Errno> {
        let ended = self.wait(libc::WEXITED | libc::WSTOPPED | libc::WCONTINUED | libc::WNOWAIT)?;
        match ended {
            // Takes what is so now: between two questions a stop may have become a continuation.
            Some(Change::Stopped(_) | Change::Continued) => {
                let taken = self.wait(libc::WSTOPPED | libc::WCONTINUED)?;
                let ended = self.wait(libc::WEXITED | libc::WNOWAIT)?;
                Ok(ended.or(taken))
            }
            other => Ok(other),
        }
    }

    /// Reaps this child if it ended: its pid may be another's from then on.
    ///
    /// # Errors
    /// ECHILD as above.
    pub fn reap(&self) -> Result<Option<ExitStatus>, Errno> {
        Ok(self.wait(libc::WEXITED)?.and_then(Change::end))
    }

    fn wait(&self, options: i32) -> Result<Option<Change>, Errno> {
        let change = match &self.pidfd {
            Some(pidfd) => wait(libc::P_PIDFD, pidfd.as_raw_fd(), options)?,
            None => wait(libc::P_PID, self.pid.0, options)?,
        };
        Ok(change.map(|(_, change)| change))
    }

    /// Sends a signal to this process alone (pidfd_send_signal(2)).
    ///
    /// # Errors
    /// ESRCH if it was reaped, EPERM if we may not.
    pub fn signal(&self, signal: Signal) -> Result<(), Errno> {
        self.send(signal.number())
    }

    /// Whether we may signal it (kill(2), signal 0).
    ///
    /// # Errors
    /// EPERM if we may not, ESRCH if it has ended and was reaped.
    pub fn may_signal(&self) -> Result<(), Errno> {
        self.send(0)
    }

    fn send(&self, number: i32) -> Result<(), Errno> {
        let Some(pidfd) = &self.pidfd else {
            debug_assert!(self.pid.0 > 0, "kill(-1) and kill(0) mean something else");
            // SAFETY: kill takes plain integers.
            return Errno::result(unsafe { libc::kill(self.pid.0, number) }).map(drop);
        };
        send_by(pidfd.as_fd(), number, 0)
    }

    /// Waits for its end, reaped or not, at most this long.
    pub fn await_end(&self, at_most: Duration) {
        if let Some(pidfd) = &self.pidfd {
            let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
            // EINTR or a failure: then it was not waited for, and the caller looks for itself.
            let _ = poll(&mut ended, u16::try_from(at_most.as_millis()).unwrap_or(u16::MAX));
            return;
        }
        let until = clock::now() + at_most;
        while clock::now() < until && procfs::read(self.pid).is_some_and(|process| !process.is_zombie()) {
            // Nothing is waited for but the time.
            let _ = poll(&mut [], LOOK);
        }
    }
}

/// Sends a signal through a pidfd, of a process or of a thread.
fn send_by(pidfd: BorrowedFd<'_>, number: i32, flags: u32) -> Result<(), Errno> {
    let info: *const libc::siginfo_t = std::ptr::null();
    // SAFETY: a null siginfo is allowed and means what kill(2) would send.
    let done = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd.as_raw_fd(), number, info, flags) };
    Errno::result(done).map(drop)
}

/// `PIDFD_THREAD`: a pidfd of one thread (Linux 6.9).
const OF_THREAD: i32 = libc::O_EXCL;
/// `PIDFD_SIGNAL_THREAD`: the signal is for that thread (Linux 6.9).
const TO_THREAD: u32 = 1;

/// One thread of a process.
#[derive(Debug)]
pub struct ThreadHandle {
    process: Pid,
    thread: Pid,
    pidfd: Option<OwnedFd>,
}

impl ThreadHandle {
    /// The thread that has this id now. It cannot come to mean another one; before Linux 6.9, where no
    /// handle of a thread is to be had, it may once the thread has ended.
    ///
    /// # Errors
    /// ESRCH if there is no such thread, EMFILE, ENFILE.
    pub fn open(process: Pid, thread: Pid) -> Result<Self, Errno> {
        let opened = if pidfds() { pidfd_open(thread.0, OF_THREAD) } else { Err(Errno::ENOSYS) };
        let pidfd = match opened {
            // The kernel does not know the flag.
            Err(Errno::EINVAL | Errno::ENOSYS) => None,
            opened => Some(opened?),
        };
        Ok(Self { process, thread, pidfd })
    }

    /// Sends a signal to this thread (tgkill(2)): a handler runs in it; what ends, stops or continues
    /// does so to its whole process.
    ///
    /// # Errors
    /// ESRCH if it is gone, EPERM if we may not.
    pub fn signal(&self, signal: Signal) -> Result<(), Errno> {
        let Some(pidfd) = &self.pidfd else {
            let (process, thread) = (self.process.0, self.thread.0);
            // SAFETY: tgkill takes plain integers.
            let sent = unsafe { libc::syscall(libc::SYS_tgkill, process, thread, signal.number()) };
            return Errno::result(sent).map(drop);
        };
        send_by(pidfd.as_fd(), signal.number(), TO_THREAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command};

    fn sleeper() -> Child {
        Command::new("sleep").arg("1000").spawn().unwrap()
    }

    #[test]
    fn a_child_is_seen_and_reaped_with_and_without_a_pidfd() {
        for with in [true, false] {
            let mut child = sleeper();
            let pid = Pid(child.id() as i32);
            let handle = Handle { pidfd: with.then(|| pidfd_open(pid.0, 0).unwrap()), pid };
            assert_eq!(handle.change(), Ok(None));
            handle.signal(Signal::STOP).unwrap();
            while handle.change().unwrap() != Some(Change::Stopped(Signal::STOP)) {
                std::thread::yield_now();
            }
            handle.signal(Signal::KILL).unwrap();
            handle.await_end(Duration::from_mins(1));
            let end = ExitStatus::Signaled { signal: Signal::KILL, core: false };
            assert_eq!(handle.change(), Ok(Some(Change::Ended(end))));
            assert_eq!(handle.change(), Ok(Some(Change::Ended(end))), "looking does not reap");
            assert_eq!(handle.reap(), Ok(Some(end)));
            assert_eq!(handle.reap(), Err(Errno::ECHILD));
            child.wait().expect_err("it is reaped");
        }
    }

    #[test]
    fn who_is_not_there_has_no_handle() {
        let mut child = sleeper();
        let pid = Pid(child.id() as i32);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(Handle::open(pid).err(), Some(Errno::ESRCH));
        assert_eq!(Handle { pid, pidfd: None }.signal(Signal::TERM), Err(Errno::ESRCH));
    }

    #[test]
    fn a_thread_of_another_process_is_no_thread_of_this_one() {
        let mut child = sleeper();
        let us = Pid(std::process::id() as i32);
        let strange = ThreadHandle { process: us, thread: Pid(child.id() as i32), pidfd: None };
        assert_eq!(strange.signal(Signal::CONT), Err(Errno::ESRCH));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
