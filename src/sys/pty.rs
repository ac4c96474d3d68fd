//! Pseudo-terminals: a pair of descriptors, a size, and who has the slave open.
#![expect(unsafe_code, reason = "ioctl(2) is untyped")]

use crate::protocol::Size;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::pty::{PtyMaster, Winsize, grantpt, posix_openpt, unlockpt};
use nix::sys::termios::{InputFlags, SetArg, tcgetattr, tcsetattr};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

nix::ioctl_write_ptr_bad!(
    /// ioctl_tty(2).
    set_window_size, libc::TIOCSWINSZ, Winsize);

/// A terminal for one run of a worker.
#[derive(Debug)]
pub struct Pty {
    /// Ours: non-blocking, close-on-exec.
    pub master: OwnedFd,
    /// The worker's: close-on-exec until it is put in its place.
    pub slave: OwnedFd,
}

/// Opens a terminal of this size (pty(7)).
///
/// # Errors
/// ENOSPC when the system has no pty left (`/proc/sys/kernel/pty/max`), EMFILE and ENFILE when it
/// has no descriptor left.
pub fn open(size: Size) -> Result<Pty, Errno> {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let slave = open_peer(&master)?;
    resize(&master, size)?;
    // The line editor erases whole characters, not bytes, with IUTF8 (termios(3)).
    let mut settings = tcgetattr(&slave)?;
    settings.input_flags |= InputFlags::IUTF8;
    tcsetattr(&slave, SetArg::TCSANOW, &settings)?;
    // SAFETY: the descriptor is open and `into_raw` would leave nobody else to close it; PtyMaster
    // offers no other way to an OwnedFd.
    let master = unsafe { OwnedFd::from_raw_fd(std::os::fd::IntoRawFd::into_raw_fd(master)) };
    Ok(Pty { master, slave })
}

/// Opens the slave by its master (`TIOCGPTPEER`), so that no path can lead to another one.
fn open_peer(master: &PtyMaster) -> Result<OwnedFd, Errno> {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
    // SAFETY: TIOCGPTPEER takes open(2)'s flags as a plain integer and returns a new descriptor.
    let slave = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCGPTPEER, flags) };
    // SAFETY: the call succeeded, so the descriptor is open and nobody else's.
    Errno::result(slave).map(|slave| unsafe { OwnedFd::from_raw_fd(slave) })
}

/// Gives the terminal another size; its foreground group gets SIGWINCH (ioctl_tty(2)).
///
/// # Errors
/// Those of ioctl(2); the worker may be gone.
pub fn resize(master: &impl AsFd, size: Size) -> Result<(), Errno> {
    let window = Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCSWINSZ reads one winsize behind the pointer, which lives through the call.
    unsafe { set_window_size(master.as_fd().as_raw_fd(), &raw const window) }.map(drop)
}
