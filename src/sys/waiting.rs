//! Signals without handlers: all blocked in a single-threaded program, taken one by one when it asks
//! (sigtimedwait(2)). And the one fork(2) there is, made while there is only one thread.
#![expect(unsafe_code, reason = "sigtimedwait(2) and fork(2)")]

use super::handle::Handle;
use crate::protocol::Pid;
use crate::signal::Signal;
use nix::errno::Errno;
use nix::sys::signal::SigSet;
use std::time::Duration;
use std::{mem, ptr};

/// The signal mask that this thread had.
#[derive(Clone, Copy)]
pub struct Mask(libc::sigset_t);

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mask").finish_non_exhaustive()
    }
}

/// Blocks every signal in this thread: what comes waits to be taken. A blocked signal waits even
/// where its disposition is to be ignored, and in a PID namespace's first process. But ignored
/// (which is inherited), SIGCHLD would take a child's status with it (waitid(2)): it is not.
pub fn block_all() -> Mask {
    // SAFETY: sigset_t is plain data; the calls only write to the sets given; SIG_DFL is no handler.
    unsafe {
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        let (mut all, mut before) = (mem::zeroed(), mem::zeroed());
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        Mask(before)
    }
}

impl Mask {
    /// Makes it this thread's again.
    pub fn restore(self) {
        // SAFETY: the set was read from this thread.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, ptr::null_mut()) };
    }
}

/// A signal that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Which.
    pub signal: Signal,
    /// The kernel made it, as a terminal's for its whole foreground group; nobody called kill(2).
    pub by_kernel: bool,
}

/// Takes the next signal of any kind; `None` when the time is over. Without a time it waits for ever.
/// They must be blocked.
pub fn next(within: Option<Duration>) -> Option<Taken> {
    next_of(&SigSet::all(), within)
}

/// Takes the next of these signals.
pub(super) fn next_of(set: &SigSet, within: Option<Duration>) -> Option<Taken> {
    let time = within.map(|time| libc::timespec {
        tv_sec: time.as_secs() as libc::time_t,
        tv_nsec: time.subsec_nanos().into(),
    });
    let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
    loop {
        // SAFETY: siginfo_t is plain data; the set, the time and it live through the call.
        let (number, code) = unsafe {
            let mut info: libc::siginfo_t = mem::zeroed();
            (libc::sigtimedwait(set.as_ref(), &raw mut info, time), info.si_code)
        };
        // EINTR: stopped and continued. A wait with a bound is short: it may as well begin anew.
        if number == -1 && Errno::last() == Errno::EINTR {
            continue;
        }
        return Signal::from_number(number)
            .map(|signal| Taken { signal, by_kernel: code == libc::SI_KERNEL });
    }
}

/// The two sides of a fork.
#[derive(Debug)]
pub enum Side {
    /// The process that was there before, with its new child.
    Parent(Handle),
    /// The new one.
    Child,
}

/// Forks. To be called while there is one thread: the child then may do whatever it likes.
///
/// # Errors
/// EAGAIN, ENOMEM; EMFILE where there is no descriptor for the handle (the child is then killed).
pub fn fork() -> Result<Side, Errno> {
    // SAFETY: the program has a single thread here, so no lock is held by one that the child lacks.
    let child = Errno::result(unsafe { libc::fork() })?;
    if child == 0 {
        return Ok(Side::Child);
    }
    let child = Pid(child);
    let handle = Handle::open(child).inspect_err(|_| {
        // SAFETY: it is our child and not reaped: the pid is its own.
        unsafe { libc::kill(child.0, libc::SIGKILL) };
    })?;
    Ok(Side::Parent(handle))
}

/// Asks for this signal when the parent ends (`PR_SET_PDEATHSIG`). False if it has ended already.
pub fn follow_parent(parent: Pid, signal: Signal) -> bool {
    // SAFETY: prctl takes plain integers.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal.number()) };
    parent_is(parent)
}

/// Whether this is our parent now, as far as can be told: one outside of our PID namespace is 0, as
/// after `unshare -p`.
pub fn parent_is(parent: Pid) -> bool {
    [parent.0, 0].contains(&nix::unistd::getppid().as_raw())
}
