//! The terminal that minder itself runs on: raw mode and back, size, hang-up, and writes that a
//! stuck terminal cannot make last for ever.

use crate::protocol::Size;
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::stat::Mode;
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

nix::ioctl_read_bad!(
    /// ioctl_tty(2).
    get_window_size, libc::TIOCGWINSZ, nix::pty::Winsize);

/// Leaves the alternate screen and every mode that minder sets, in the reverse order.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?1004l\x1b[?1049l\x1b[0 q\x1b[?25h";
/// Takes the alternate screen, hides the cursor, asks for bracketed paste, focus and the mouse.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?2004h\x1b[?1004h\x1b[?1002h\x1b[?1006h";

/// Takes back what was asked for of the kitty keyboard protocol: one entry of the stack.
const PLAIN_KEYS: &[u8] = b"\x1b[<u";

/// How long a write may wait for a terminal that takes nothing when we are leaving.
const PATIENCE: Duration = Duration::from_millis(500);

/// The terminal, opened anew: our non-blocking flag is not shared with the shell, which has the
/// same file as its stdin (open(2), open file descriptions).
#[derive(Debug)]
pub struct Terminal {
    file: OwnedFd,
    /// As the kernel has them: nix's own type cannot be shared between threads.
    before: libc::termios,
    taken: AtomicBool,
    /// Keys of the kitty protocol are asked for.
    keys: AtomicBool,
    /// Nobody waits for keys any more.
    closed: AtomicBool,
    /// Wakes whoever waits for keys when the terminal is taken or given back.
    attention: EventFd,
}

impl Terminal {
    /// The terminal on standard output, if stdin and stdout are one.
    ///
    /// # Errors
    /// ENOTTY if they are not; otherwise those of open(2) and tcgetattr(3).
    pub fn open() -> Result<Self, Errno> {
        if io::stdin().is_terminal() { Self::on_stdout() } else { Err(Errno::ENOTTY) }
    }

    /// As [`Terminal::open`], where standard input is somebody else's to read: the terminal must be the
    /// controlling one, since keys are then read from `/dev/tty` (as crossterm does).
    ///
    /// # Errors
    /// As there; ENOTTY, too, where standard input is the terminal, of which the keys would be.
    pub fn open_beside_stdin() -> Result<Self, Errno> {
        let terminal = Self::on_stdout()?;
        // Told of the controlling terminal alone (tcgetpgrp(3)).
        nix::unistd::tcgetpgrp(&terminal.file)?;
        open("/dev/tty", OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC, Mode::empty())?;
        if io::stdin().is_terminal() { Err(Errno::ENOTTY) } else { Ok(terminal) }
    }

    fn on_stdout() -> Result<Self, Errno> {
        let output = io::stdout();
        if !output.is_terminal() {
            return Err(Errno::ENOTTY);
        }
        let path = format!("/proc/self/fd/{}", output.as_fd().as_raw_fd());
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        let file = open(path.as_str(), flags, Mode::empty())?;
        let before = tcgetattr(&file)?.into();
        let attention = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        let [taken, keys, closed] = [false; 3].map(AtomicBool::new);
        Ok(Self { file, before, taken, keys, closed, attention })
    }

    /// Raw mode and the alternate screen.
    ///
    /// # Errors
    /// Those of tcsetattr(3) and write(2). From the background it would take the terminal away from
    /// its owner, since SIGTTOU is blocked: the caller asks first (`job_control::in_foreground`).
    pub fn enter(&self) -> io::Result<()> {
        let mut raw = Termios::from(self.before);
        cfmakeraw(&mut raw);
        tcsetattr(&self.file, SetArg::TCSANOW, &raw)?;
        self.taken.store(true, Ordering::SeqCst);
        self.call();
        self.write_within(ENTER, None)
    }

    /// Gives the terminal back as it was; does nothing if it is. Safe from any thread, a panicking
    /// one too: takes no lock, and a terminal that takes nothing costs half a second at most.
    pub fn leave(&self) {
        if self.taken.swap(false, Ordering::SeqCst) {
            // The settings first: they are what a shell cannot mend. TCSANOW does not wait for output.
            let _ = tcsetattr(&self.file, SetArg::TCSANOW, &Termios::from(self.before));
            if self.keys.swap(false, Ordering::SeqCst) {
                let _ = self.write_within(PLAIN_KEYS, Some(PATIENCE));
            }
            let _ = self.write_within(LEAVE, Some(PATIENCE));
            self.call();
        }
    }

    /// Asks for keys by the kitty keyboard protocol, with these flags instead of those before; 0 for none.
    ///
    /// # Errors
    /// Those of write(2).
    pub fn ask_keys(&self, flags: u8) -> io::Result<()> {
        if !self.is_taken() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        if self.keys.swap(flags != 0, Ordering::SeqCst) {
            bytes.extend_from_slice(PLAIN_KEYS);
        }
        if flags != 0 {
            bytes.extend_from_slice(format!("\x1b[>{flags}u").as_bytes());
        }
        self.write_within(&bytes, None)
    }

    /// Lets whoever waits for keys go: it is told what it is told of a hang-up.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.call();
    }

    fn call(&self) {
        // EAGAIN means that the counter is full: the reader is awake enough.
        let _ = self.attention.write(1);
    }

    /// Whether minder has it now.
    pub fn is_taken(&self) -> bool {
        self.taken.load(Ordering::SeqCst)
    }

    /// Its size; 80×24 where it has none (a serial line).
    pub fn size(&self) -> Size {
        let mut window = nix::pty::Winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
        #[expect(unsafe_code, reason = "ioctl(2) is untyped")]
        // SAFETY: TIOCGWINSZ writes one winsize behind the pointer, which lives through the call.
        let known = unsafe { get_window_size(self.file.as_raw_fd(), &raw mut window) };
        if known.is_err() || window.ws_col == 0 || window.ws_row == 0 {
            return Size { columns: 80, rows: 24 };
        }
        Size { columns: window.ws_col, rows: window.ws_row }
    }

    /// Waits until there are keys to read, while minder has the terminal (true), or until it hung
    /// up or was closed (false). While the shell has the terminal its keys are the shell's: nothing is read.
    pub fn wait_for_keys(&self) -> bool {
        loop {
            if self.closed.load(Ordering::SeqCst) {
                return false;
            }
            // A hang-up is told whether or not it is asked for (poll(2)).
            let wanted = if self.is_taken() { PollFlags::POLLIN } else { PollFlags::empty() };
            let mut ready = [
                PollFd::new(self.file.as_fd(), wanted),
                PollFd::new(self.attention.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut ready, PollTimeout::NONE) {
                Ok(_) => {}
                Err(Errno::EINTR) => continue,
                Err(_) => return false,
            }
            let [terminal, attention] = ready.map(|fd| fd.revents().unwrap_or(PollFlags::empty()));
            if terminal.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL) {
                return false;
            }
            if !attention.is_empty() {
                // Empties the counter; an error means that it was empty.
                let _ = self.attention.read();
            } else if !terminal.is_empty() {
                return true;
            }
        }
    }

    /// Writes all of it, waiting for the terminal as long as `patience` (for ever if `None`).
    fn write_within(&self, mut bytes: &[u8], patience: Option<Duration>) -> io::Result<()> {
        let timeout =
            patience.map_or(PollTimeout::NONE, |patience| PollTimeout::from(patience.as_millis() as u16));
        while !bytes.is_empty() {
            match nix::unistd::write(&self.file, bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => {
                    let mut ready = [PollFd::new(self.file.as_fd(), PollFlags::POLLOUT)];
                    if poll(&mut ready, timeout).unwrap_or(1) == 0 {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }
}

/// A terminal's settings as they were, for whoever must give it back without ever having had it.
pub struct Settings(libc::termios);

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").finish_non_exhaustive()
    }
}

impl Settings {
    /// Those of the terminal on standard output, if it is one: only such a one is ever changed.
    pub fn of_stdout() -> Option<Self> {
        tcgetattr(io::stdout()).ok().map(|settings| Self(settings.into()))
    }

    /// Sets them again, and leaves every mode that minder sets. Does nothing to a terminal that has
    /// these settings: nobody had changed it.
    pub fn give_back(&self) {
        let Ok(terminal) = Terminal::on_stdout() else { return };
        let now: libc::termios = terminal.before;
        let flags = |settings: &libc::termios| {
            (settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag, settings.c_cc)
        };
        if flags(&now) != flags(&self.0) {
            // Whether keys were asked for died with the supervisor; where none were, nothing is taken back:
            // the alternate screen has a stack of its own.
            let [taken, keys] = [true; 2].map(AtomicBool::new);
            let terminal = Terminal { before: self.0, taken, keys, ..terminal };
            terminal.leave();
        }
    }
}

impl AsFd for Terminal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Frames go out in one piece, waiting while the terminal takes nothing: only the screen's thread
/// writes, and only it waits. A frame that begins before the terminal is given back is not cut.
impl Write for &Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A panic elsewhere may have given the terminal back: a frame would land on the shell's screen.
        if !self.is_taken() {
            return Ok(bytes.len());
        }
        self.write_within(bytes, None)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
