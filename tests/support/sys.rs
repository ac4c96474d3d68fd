//! The few system calls that neither std nor nix offers in safe form: the only unsafe file here.
#![expect(unsafe_code, reason = "no safe wrapper exists for these calls")]

use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, signal, sigprocmask};
use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
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

/// mount(2) of a file system of this kind, or of nothing but these flags.
pub(crate) fn mount(at: &Path, kind: &str, flags: libc::c_ulong, options: &str) -> io::Result<()> {
    let [at, kind, options] = [at.as_os_str().as_bytes(), kind.as_bytes(), options.as_bytes()]
        .map(|text| CString::new(text).expect("tests use plain words"));
    let data = options.as_ptr().cast();
    // SAFETY: all are strings that live across the call.
    let result = unsafe { libc::mount(kind.as_ptr(), at.as_ptr(), kind.as_ptr(), flags, data) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Takes a mount away, whatever still uses it (umount2(2)).
pub(crate) fn unmount(at: &Path) {
    let at = CString::new(at.as_os_str().as_bytes()).expect("tests use plain words");
    // SAFETY: it is a string that lives across the call.
    unsafe { libc::umount2(at.as_ptr(), libc::MNT_DETACH) };
}

/// Stands still in state D until a child of ours ends, which waits for a signal, as a parent does in vfork(2).
pub(crate) fn stand_still() {
    let flags = libc::CLONE_VFORK | libc::SIGCHLD;
    // SAFETY: without CLONE_VM the child has memory of its own, as after fork(2); it makes no call but pause.
    unsafe {
        if libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) == 0 {
            loop {
                libc::pause();
            }
        }
    }
}
