//! A program in a terminal as a person has it before them: keys in, screen out.

use super::clock::{DEADLINE, now, readable};
use super::keys::Key;
use super::launch::{Launch, Surroundings};
use super::processes::Process;
use super::screen::Screen;
use super::sys;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{InputFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};
use nix::unistd::{Pid, pipe2, read, write};
use std::fs::{File, OpenOptions};
use std::num::NonZeroU16;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A pseudo-terminal, the program that was started in it and what it has written so far.
pub(crate) struct Terminal {
    /// `None` once it was closed.
    master: Option<Arc<PtyMaster>>,
    child: Child,
    written: Arc<Written>,
    reader: Option<Reader>,
    /// How the terminal was set before the program started.
    before: Termios,
    /// Dropped last: it kills what is left.
    surroundings: Surroundings,
}

/// What the program has written, as bytes and as a screen.
struct Written {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    /// What the terminal shows: what the parser knows, but for a frame that is not complete yet.
    shown: Screen,
    /// Counts what was shown.
    shows: u64,
    /// Within a synchronized update (mode 2026), which a terminal shows when it is complete.
    updating: bool,
    transcript: Vec<u8>,
    /// Nobody has the terminal open any more.
    over: bool,
}

impl State {
    fn new(columns: u16, rows: u16) -> Self {
        let parser = vt100::Parser::new(not_zero(rows), not_zero(columns), 0);
        let shown = Screen::new(parser.screen());
        Self { parser, shown, shows: 0, updating: false, transcript: Vec::new(), over: false }
    }

    fn take(&mut self, bytes: &[u8]) {
        const MODE: &[u8] = b"\x1b[?2026";
        self.parser.process(bytes);
        // The mark may have come in two pieces.
        let from = self.transcript.len().saturating_sub(MODE.len());
        self.transcript.extend_from_slice(bytes);
        let marks = self.transcript[from..].windows(MODE.len() + 1);
        if let Some(mark) = marks.rev().find(|window| window.starts_with(MODE)) {
            self.updating = mark.ends_with(b"h");
        }
        if !self.updating {
            self.show();
        }
    }

    fn give_up_update(&mut self) {
        self.updating = false;
        self.show();
    }

    fn show(&mut self) {
        self.shown = Screen::new(self.parser.screen());
        self.shows += 1;
    }
}

impl Written {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that reads the terminal, until there is nothing more or it is told to stop.
struct Reader {
    thread: JoinHandle<()>,
    /// Closing it stops the thread.
    stop: OwnedFd,
}

impl Terminal {
    /// Starts a launch's own program.
    pub(super) fn start(launch: Launch) -> Self {
        let command = launch.command();
        Self::start_command(command, launch)
    }

    /// Starts this command in the surroundings of a launch.
    pub(super) fn start_command(mut command: Command, launch: Launch) -> Self {
        let (columns, rows) = launch.size;
        let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)
            .expect("there are pseudo-terminals");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("ours to unlock");
        sys::set_window_size(&master, columns, rows);
        let slave = open_slave(&ptsname_r(&master).expect("it has a name"));
        let before = mark_settings(&slave);

        let end = || slave.try_clone().expect("descriptors are left");
        command.stdin(end()).stdout(end()).stderr(end());
        sys::in_a_session(&mut command, true);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        // The command holds the slave too: only when all are closed can its end be seen.
        drop((command, slave));

        let state = State::new(columns, rows);
        let written = Arc::new(Written { state: Mutex::new(state), changed: Condvar::new() });
        let master = Arc::new(master);
        let reader = Some(read_along(Arc::clone(&master), Arc::clone(&written)));
        let surroundings = launch.surroundings;
        Self { master: Some(master), child, written, reader, before, surroundings }
    }

    /// The pid of the program.
    pub(crate) fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// The program as /proc shows it.
    pub(crate) fn process(&self) -> Process {
        Process::find(self.pid()).expect("it exists until it was waited for")
    }

    /// The pid of minder's second process, which minds the workers.
    pub(crate) fn supervisor(&self) -> i32 {
        super::supervisor_of(self.pid())
    }

    /// All that the program started, itself included.
    pub(crate) fn processes(&self) -> Vec<Process> {
        self.surroundings.mark.processes()
    }

    /// The folder that it was started in.
    pub(crate) fn folder(&self) -> &Path {
        self.surroundings.folder()
    }

    /// Types a text.
    pub(crate) fn send(&self, text: &str) {
        self.send_bytes(text.as_bytes());
    }

    /// Presses a key.
    pub(crate) fn key(&self, key: Key) {
        self.send_bytes(&key.bytes());
    }

    fn send_bytes(&self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let count = write(self.master(), bytes).expect("a terminal takes keys");
            bytes = &bytes[count..];
        }
    }

    /// Gives the window another size; the kernel tells the foreground group.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let mut state = self.written.lock();
        state.parser.screen_mut().set_size(not_zero(rows), not_zero(columns));
        state.show();
        sys::set_window_size(self.master(), columns, rows);
    }

    /// Sends a signal to the program alone.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid()), signal).expect("it has not been waited for yet");
    }

    /// Closes the terminal as a closed window does: the program is hung up.
    pub(crate) fn hang_up(&mut self) {
        self.stop_reading();
        self.master = None;
    }

    /// How the terminal is set now.
    pub(crate) fn settings(&self) -> Termios {
        tcgetattr(self.master()).expect("it is a terminal")
    }

    /// How it was set before the program started.
    pub(crate) fn settings_before(&self) -> &Termios {
        &self.before
    }

    /// The screen now.
    pub(crate) fn screen(&self) -> Screen {
        self.written.lock().shown.clone()
    }

    /// All bytes so far.
    pub(crate) fn transcript(&self) -> Vec<u8> {
        self.written.lock().transcript.clone()
    }

    /// Waits until the screen has an answer; panics with the screen when the time is over.
    pub(crate) fn wait_until<T>(&self, what: &str, look: impl FnMut(&Screen) -> Option<T>) -> T {
        self.wait_within(DEADLINE, what, look)
    }

    /// Waits until a text is on the screen.
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contains(text).then_some(()));
    }

    /// Waits until a text is no longer on the screen.
    pub(crate) fn wait_without(&self, text: &str) {
        let what = format!("no more of {text}");
        self.wait_until(&what, |screen| (!screen.contains(text)).then_some(()));
    }

    /// As [`Self::wait_until`] with a deadline of its own.
    pub(crate) fn wait_within<T>(
        &self,
        deadline: Duration,
        what: &str,
        mut look: impl FnMut(&Screen) -> Option<T>,
    ) -> T {
        let end = now() + deadline;
        loop {
            let (screen, seen, over) = {
                let state = self.written.lock();
                (state.shown.clone(), state.shows, state.over)
            };
            if let Some(found) = look(&screen) {
                return found;
            }
            let left = end.saturating_duration_since(now());
            if over || left.is_zero() {
                self.give_up(what, over);
            }
            let unchanged = |state: &mut State| state.shows == seen && !state.over;
            drop(self.written.changed.wait_timeout_while(self.written.lock(), left, unchanged));
        }
    }

    fn give_up(&self, what: &str, over: bool) -> ! {
        let why = if over { "the program has ended" } else { "the time is over" };
        let transcript = self.transcript();
        let tail = &transcript[transcript.len().saturating_sub(600)..];
        panic!(
            "waited for: {what}; but {why}\n{}\nlast bytes: {}\nprocesses: {:#?}",
            self.screen(),
            tail.escape_ascii(),
            self.processes(),
        );
    }

    /// Waits until the program has ended and all it wrote was read.
    pub(crate) fn wait_exit(&mut self) -> ExitStatus {
        self.wait_exit_within(DEADLINE)
    }

    /// As [`Self::wait_exit`] with a deadline of its own.
    pub(crate) fn wait_exit_within(&mut self, deadline: Duration) -> ExitStatus {
        // Seen once alive, those that are left as zombies will be known again.
        self.processes();
        let ended = sys::pidfd(self.pid()).is_none_or(|pidfd| readable(pidfd, deadline));
        if !ended {
            self.give_up("the program's end", false);
        }
        let status = self.child.wait().expect("it is our child");
        // Whoever still holds the terminal is not waited for: `expect_nothing_left` names them.
        let grace = Duration::from_secs(30);
        let unread = |state: &mut State| !state.over;
        drop(self.written.changed.wait_timeout_while(self.written.lock(), grace, unread));
        status
    }

    /// Waits until nothing of what the program started is left, zombies included.
    pub(crate) fn expect_nothing_left(&self) {
        self.surroundings.mark.expect_nothing_left();
    }

    /// Panics unless the terminal is as it was before the program started.
    pub(crate) fn expect_restored(&self) {
        assert_eq!(self.settings(), self.before, "the terminal's settings are not as they were");
        let screen = self.screen();
        assert!(screen.modes_left_on().is_empty(), "left switched on:\n{screen}");
    }

    fn master(&self) -> &PtyMaster {
        self.master.as_ref().expect("the terminal is used before it is closed")
    }

    fn stop_reading(&mut self) {
        if let Some(Reader { thread, stop }) = self.reader.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.surroundings.mark.kill_all();
        self.stop_reading();
    }
}

/// A screen has at least one row and one column.
fn not_zero(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a screen has at least one row and one column")
}

fn open_slave(path: &str) -> File {
    let flags = OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let opened = OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(path);
    opened.expect("the slave was just made")
}

/// Sets what no program sets by itself, so that "as it was" is not "as it is by default".
fn mark_settings(slave: &File) -> Termios {
    let mut settings = tcgetattr(slave).expect("it is a terminal");
    settings.input_flags.insert(InputFlags::IXANY);
    settings.control_chars[SpecialCharacterIndices::VKILL as usize] = 0x18;
    tcsetattr(slave, SetArg::TCSANOW, &settings).expect("it is a terminal");
    tcgetattr(slave).expect("it is a terminal")
}

/// Reads the terminal on a thread of its own.
fn read_along(master: Arc<PtyMaster>, written: Arc<Written>) -> Reader {
    let (stopped, stop) = pipe2(OFlag::O_CLOEXEC).expect("descriptors are left");
    let thread = std::thread::spawn(move || {
        let updating = || written.lock().updating;
        while let Some(bytes) = next_bytes(&master, &stopped, updating()) {
            match bytes {
                Next::Bytes(bytes) => written.lock().take(&bytes),
                Next::Silence => written.lock().give_up_update(),
            }
            written.changed.notify_all();
        }
        let mut state = written.lock();
        state.over = true;
        state.show();
        drop(state);
        written.changed.notify_all();
    });
    Reader { thread, stop }
}

/// What comes from the program.
enum Next {
    Bytes(Vec<u8>),
    /// Nothing for a moment, in the middle of an update.
    Silence,
}

/// What the program writes next; `None` when nobody holds the terminal (EIO) or the reader was
/// told to stop.
fn next_bytes(master: &PtyMaster, stopped: &OwnedFd, updating: bool) -> Option<Next> {
    let mut polled =
        [PollFd::new(master.as_fd(), PollFlags::POLLIN), PollFd::new(stopped.as_fd(), PollFlags::POLLIN)];
    // As terminals do: an update that is not completed is shown as far as it came.
    let timeout = if updating { PollTimeout::from(5_000_u16) } else { PollTimeout::NONE };
    if poll(&mut polled, timeout).ok()? == 0 {
        return Some(Next::Silence);
    }
    if polled[1].any().unwrap_or(true) {
        return None;
    }
    let mut buffer = vec![0; 65_536];
    let count = read(master, &mut buffer).ok().filter(|count| *count > 0)?;
    buffer.truncate(count);
    Some(Next::Bytes(buffer))
}
