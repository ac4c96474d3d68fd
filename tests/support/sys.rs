//! The few system calls that neither std nor nix offers in safe form: the only unsafe file here.
#![expect(unsafe_code, reason = "no safe wrapper exists for these calls")]

use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, signal, sigprocmask};
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Makes the program a session of its own, with the signals as a login gives them: nothing
/// blocked, nothing ignored, whatever the test runner was started with. With `terminal`, its
/// standard input becomes the session's controlling terminal.
pub(crate) fn in_a_session(command: &mut Command, terminal: bool) -> &mut Command {
    let prepare = move || {
        // SAFETY: SIG_DFL installs no handler of ours.
        // Some signals (KILL, STOP) refuse; they are at their default anyway.
        Signal::iterator().for_each(|number| unsafe { signal(number, SigHandler::SigDfl) }.map_or((), drop));
        sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)?;
        nix::unistd::setsid()?;
        // SAFETY: TIOCSCTTY takes a plain number; descriptor 0 is the slave by now.
        if terminal && unsafe { libc::ioctl(0, libc::TIOCSCTTY, 0) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    };
    // SAFETY: between fork and exec only async-signal-safe calls are made: signal, sigprocmask,
    // setsid, ioctl; nothing allocates or locks.
    unsafe { command.pre_exec(prepare) }
}

/// Tells the terminal its size; the kernel sends SIGWINCH to its foreground group.
pub(crate) fn set_window_size(terminal: impl AsFd, columns: u16, rows: u16) {
    let size = libc::winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCSWINSZ reads one winsize, which lives across the call.
    let result = unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
    assert_eq!(result, 0, "a terminal takes a size: {}", io::Error::last_os_error());
}

/// A descriptor that becomes readable when the process ends; `None` where it is gone already.
pub(crate) fn pidfd(pid: i32) -> Option<OwnedFd> {
    // SAFETY: pidfd_open takes two numbers and returns a new descriptor or −1.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    // SAFETY: the kernel just made it, and nobody else knows of it.
    (descriptor >= 0).then(|| unsafe { OwnedFd::from_raw_fd(descriptor as i32) })
}
