//! What an init needs of Linux beside children, groups and signals: the terminal handed over, and
//! little memory. For a process of a single thread.
#![expect(unsafe_code, reason = "terminals' sessions are not wrapped elsewhere")]

use super::process::{self, Change};
use super::{procfs, waiting};
use crate::protocol::Pid;
use crate::signal::Signal;
use nix::errno::Errno;
use nix::sys::signal::SigSet;
use nix::unistd::{getpgrp, getpid, getsid, tcgetpgrp, tcsetpgrp};
use std::os::fd::BorrowedFd;
use std::ptr;
use std::time::Duration;

/// Our standard input, output and error, for the command to have.
pub fn standard() -> [BorrowedFd<'static>; 3] {
    // SAFETY: std opens /dev/null for any of the three that is closed at the start, and nothing here
    // ever closes one.
    [0, 1, 2].map(|number| unsafe { BorrowedFd::borrow_raw(number) })
}

/// Sends a signal to one process: a child of ours that is not reaped.
///
/// # Errors
/// ESRCH, EPERM.
pub fn send(child: Pid, signal: Signal) -> Result<(), Errno> {
    debug_assert!(child.0 > 1, "kill(-1) and kill(0) mean something else");
    // SAFETY: kill takes plain integers.
    Errno::result(unsafe { libc::kill(child.0, signal.number()) }).map(drop)
}

/// Sends a signal to all that is left: as PID 1 to every process of our namespace (kill(2)), else
/// to our children.
pub fn send_to_all(signal: Signal) {
    if is_first() {
        // SAFETY: kill takes plain integers; as PID 1 all others are ours to end.
        unsafe { libc::kill(-1, signal.number()) };
        return;
    }
    for child in process::children() {
        // It may be a zombie by now; it is not reaped yet, so it cannot be a stranger.
        let _ = send(child, signal);
    }
}

/// Whether we are PID 1.
pub fn is_first() -> bool {
    getpid().as_raw() == 1
}

/// A child of ours with something to tell; nothing is taken yet, so its pid stays its own.
///
/// # Errors
/// ECHILD when there is no child left.
pub fn look_at_children() -> Result<Option<(Pid, Change)>, Errno> {
    process::wait(libc::P_ALL, 0, libc::WEXITED | libc::WSTOPPED | libc::WNOWAIT)
}

/// Takes what this child has to tell; an end is reaped by that.
///
/// # Errors
/// ECHILD if it is no child of ours.
pub fn take_change(child: Pid) -> Result<Option<(Pid, Change)>, Errno> {
    process::wait(libc::P_PID, child.0, libc::WEXITED | libc::WSTOPPED)
}

/// Stops this process alone, until somebody continues it. PID 1 cannot be stopped from within.
pub fn stop_here() {
    // SAFETY: raise takes a plain integer.
    unsafe { libc::raise(libc::SIGSTOP) };
}

/// We get this signal when our parent ends.
///
/// # Errors
/// EINVAL.
pub fn ask_for_parent_death(signal: Signal) -> Result<(), Errno> {
    // SAFETY: PR_SET_PDEATHSIG takes a plain integer.
    Errno::result(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal.number()) }).map(drop)
}

/// Gives up the terminal on standard input, so that a session of the command's own can have it. Only
/// a session's leader can; false where we are none or there is no terminal.
pub fn let_go_of_terminal() -> bool {
    if getsid(None) != Ok(getpid()) {
        return false;
    }
    // SAFETY: TIOCNOTTY takes no argument.
    if unsafe { libc::ioctl(0, libc::TIOCNOTTY) } == -1 {
        return false;
    }
    // The kernel tells the foreground group, that is us, as if the terminal had hung up
    // (ioctl_tty(2)). The command must not hear of that.
    let mut told = SigSet::empty();
    told.add(nix::sys::signal::Signal::SIGHUP);
    told.add(nix::sys::signal::Signal::SIGCONT);
    while waiting::next_of(&told, Some(Duration::ZERO)).is_some() {}
    true
}

/// Whether our group is the foreground of the terminal on standard input.
pub fn has_foreground() -> bool {
    foreground_is(getpgrp())
}

/// Gives the foreground of that terminal to the command's group, if we have it.
pub fn give_foreground(group: Pid) {
    if has_foreground() {
        // SIGTTOU is blocked; a failure leaves the command in the background, where it will say so.
        let _ = tcsetpgrp(standard()[0], nix::unistd::Pid::from_raw(group.0));
    }
}

/// Takes the foreground back from the command's group, so that a script behind us can read.
pub fn take_foreground(group: Pid) {
    if foreground_is(nix::unistd::Pid::from_raw(group.0)) {
        // As above.
        let _ = tcsetpgrp(standard()[0], getpgrp());
    }
}

fn foreground_is(group: nix::unistd::Pid) -> bool {
    tcgetpgrp(standard()[0]) == Ok(group)
}

/// Lets go of the pages of our program and its libraries that starting needed and waiting does not:
/// a good two thirds of what we would take up for as long as the command runs. They are on disk, and
/// come back one by one when they are needed.
pub fn shed_pages() {
    // SAFETY: the callback takes no data, and does what it says below.
    unsafe { libc::dl_iterate_phdr(Some(shed_object), ptr::null_mut()) };
}

/// Sheds what one loaded object has that nobody can write to.
unsafe extern "C" fn shed_object(
    object: *mut libc::dl_phdr_info,
    _size: libc::size_t,
    _data: *mut libc::c_void,
) -> libc::c_int {
    let page = procfs::page_size() as usize;
    // SAFETY: dl_iterate_phdr passes a valid object with `dlpi_phnum` headers and a name.
    let (base, headers, name) = unsafe {
        let object = &*object;
        let headers = std::slice::from_raw_parts(object.dlpi_phdr, object.dlpi_phnum.into());
        (object.dlpi_addr as usize, headers, std::ffi::CStr::from_ptr(object.dlpi_name))
    };
    // The kernel's own page is no file's.
    if name.to_bytes().starts_with(b"linux-vdso") {
        return 0;
    }
    let loaded = headers.iter().filter(|header| header.p_type == libc::PT_LOAD);
    for header in loaded.filter(|header| header.p_flags & libc::PF_W == 0) {
        // Whole pages of the segment alone: what it shares with a neighbour stays.
        let start = (base + header.p_vaddr as usize).next_multiple_of(page);
        let end = (base + (header.p_vaddr + header.p_memsz) as usize) & !(page - 1);
        if let Some(length) = end.checked_sub(start) {
            // SAFETY: a private mapping of a file that was never writable (relocated data is in segments
            // with PF_W): each page dropped is read from the file again when it is next touched. A
            // failure drops nothing.
            unsafe { libc::madvise(start as *mut libc::c_void, length, libc::MADV_DONTNEED) };
        }
    }
    0
}
