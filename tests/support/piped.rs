//! A program without a terminal: its standard output and error in pipes, read as they come.

use super::clock::{DEADLINE, now, readable};
use super::launch::{Launch, Surroundings};
use super::processes::Process;
use super::sys;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::Read;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A running program and what it has written so far.
pub(crate) struct Piped {
    child: Child,
    stdout: Pipe,
    stderr: Pipe,
    surroundings: Surroundings,
}

/// What a program wrote and how it ended.
pub(crate) struct Finished {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) status: ExitStatus,
    pub(crate) surroundings: Surroundings,
}

/// One of its pipes.
struct Pipe {
    collected: Arc<(Mutex<Collected>, Condvar)>,
}

#[derive(Default)]
struct Collected {
    bytes: Vec<u8>,
    over: bool,
}

impl Pipe {
    fn new(mut source: impl Read + Send + 'static) -> Self {
        let collected = Arc::new((Mutex::new(Collected::default()), Condvar::new()));
        let shared = Arc::clone(&collected);
        std::thread::spawn(move || {
            let (mutex, changed) = &*shared;
            let lock = || mutex.lock().unwrap_or_else(PoisonError::into_inner);
            let mut buffer = vec![0; 65_536];
            while let Ok(count @ 1..) = source.read(&mut buffer) {
                lock().bytes.extend_from_slice(&buffer[..count]);
                changed.notify_all();
            }
            lock().over = true;
            changed.notify_all();
        });
        Self { collected }
    }

    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.collected.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock().bytes).into_owned()
    }

    /// Waits until the text so far has an answer; `None` when the time or the output is over.
    fn wait_until<T>(&self, mut look: impl FnMut(&str) -> Option<T>) -> Option<T> {
        let end = now() + DEADLINE;
        loop {
            let (text, seen, over) = {
                let collected = self.lock();
                let text = String::from_utf8_lossy(&collected.bytes).into_owned();
                (text, collected.bytes.len(), collected.over)
            };
            let found = look(&text);
            let left = end.saturating_duration_since(now());
            if found.is_some() || over || left.is_zero() {
                return found;
            }
            let unchanged = |state: &mut Collected| state.bytes.len() == seen && !state.over;
            drop(self.collected.1.wait_timeout_while(self.lock(), left, unchanged));
        }
    }

    /// All of it, after waiting for its end.
    fn rest(&self) -> Option<Vec<u8>> {
        let open = |state: &mut Collected| !state.over;
        let waited = self.collected.1.wait_timeout_while(self.lock(), DEADLINE, open);
        let (mut collected, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        (!timeout.timed_out()).then(|| std::mem::take(&mut collected.bytes))
    }
}

impl Piped {
    pub(super) fn start(launch: Launch) -> Self {
        let mut command = launch.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        sys::in_a_session(&mut command, false);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = Pipe::new(child.stdout.take().expect("it is piped"));
        let stderr = Pipe::new(child.stderr.take().expect("it is piped"));
        Self { child, stdout, stderr, surroundings: launch.surroundings }
    }

    pub(crate) fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// All that it started, itself included.
    pub(crate) fn processes(&self) -> Vec<Process> {
        self.surroundings.mark.processes()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid()), signal).expect("it has not been waited for yet");
    }

    /// Waits until standard output has an answer.
    pub(crate) fn wait_stdout<T>(&self, what: &str, look: impl FnMut(&str) -> Option<T>) -> T {
        self.stdout.wait_until(look).unwrap_or_else(|| self.give_up(what))
    }

    /// Waits until standard error has an answer.
    pub(crate) fn wait_stderr<T>(&self, what: &str, look: impl FnMut(&str) -> Option<T>) -> T {
        self.stderr.wait_until(look).unwrap_or_else(|| self.give_up(what))
    }

    fn give_up(&self, what: &str) -> ! {
        panic!(
            "waited for: {what}\nstdout:\n{}\nstderr:\n{}\nprocesses: {:#?}",
            self.stdout.text(),
            self.stderr.text(),
            self.processes(),
        );
    }

    /// Waits until it has ended and all it wrote was read.
    pub(crate) fn finish(mut self) -> Finished {
        self.processes();
        let ended = sys::pidfd(self.pid()).is_none_or(|pidfd| readable(pidfd, DEADLINE));
        if !ended {
            self.give_up("the program's end");
        }
        let status = self.child.wait().expect("it is our child");
        let (Some(stdout), Some(stderr)) = (self.stdout.rest(), self.stderr.rest()) else {
            self.give_up("the end of its output; somebody still holds it");
        };
        let Self { surroundings, .. } = self;
        Finished { stdout, stderr, status, surroundings }
    }
}

impl Finished {
    /// Standard output as text; what is not UTF-8 is replaced.
    pub(crate) fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text; what is not UTF-8 is replaced.
    pub(crate) fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Waits until nothing of what the program started is left, zombies included.
    pub(crate) fn expect_nothing_left(&self) {
        self.surroundings.mark.expect_nothing_left();
    }
}
