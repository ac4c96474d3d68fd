//! What the tests of this room share: workers in some state, lines to read, a writer that fails.

use super::lines::{Lines, Taken};
use super::sink::Out;
use crate::output::{Line, Stream};
use crate::protocol::{Cause, End, State, WorkerView};
use crate::spec::{OutputKind, Reap, WorkerName};
use crate::status::ExitStatus;
use std::collections::HashMap;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime};

#[expect(clippy::disallowed_methods, reason = "any instant will do as the test's zero")]
pub(super) fn zero() -> Instant {
    Instant::now()
}

pub(super) fn worker(name: &str, state: State) -> WorkerView {
    WorkerView {
        name: name.into(),
        description: None,
        color: None,
        command: "true".into(),
        kind: crate::spec::Kind::Process,
        output: OutputKind::Pty,
        takes_input: true,
        reap: Reap::Auto,
        state,
        wanted: false,
        restarts: 0,
        gave_up: None,
        waited_since: None,
        left: [].into(),
        excesses: [].into(),
        holders: [].into(),
        timer: None,
        result: None,
    }
}

pub(super) fn ended(status: ExitStatus, cause: Cause, seconds: u64) -> End {
    End { status, cause, at: zero(), ran: Duration::from_secs(seconds) }
}

pub(super) fn exited(code: i32, seconds: u64) -> End {
    ended(ExitStatus::Exited(code), Cause::Itself, seconds)
}

/// What workers said.
#[derive(Debug, Default)]
pub(super) struct Said(Mutex<HashMap<WorkerName, Log>>);

#[derive(Debug, Default)]
struct Log {
    first: u64,
    lines: Vec<(Stream, String)>,
    waits: bool,
    recent: Option<u64>,
}

impl Said {
    pub(super) fn say(&self, name: &str, stream: Stream, lines: &[impl AsRef<str>]) {
        let lines = lines.iter().map(|line| (stream, line.as_ref().to_owned()));
        self.0.lock().unwrap().entry(name.into()).or_default().lines.extend(lines);
    }

    /// The worker waits for its reader.
    pub(super) fn set_waits(&self, name: &str) {
        self.0.lock().unwrap().entry(name.into()).or_default().waits = true;
    }

    /// Who is before this line is too far behind.
    pub(super) fn set_recent(&self, name: &str, line: u64) {
        self.0.lock().unwrap().entry(name.into()).or_default().recent = Some(line);
    }

    /// The oldest lines go.
    pub(super) fn drop_first(&self, name: &str, count: u64) {
        self.0.lock().unwrap().entry(name.into()).or_default().first = count;
    }
}

impl Lines for Said {
    fn take(&self, name: &WorkerName, next: u64, max_bytes: usize, each: &mut dyn FnMut(Line<'_>)) -> Taken {
        let logs = self.0.lock().unwrap();
        let Some(log) = logs.get(name) else { return Taken { dropped: 0, next } };
        let first = next.max(log.first);
        let mut taken = Taken { dropped: first - next, next: first };
        let mut left = max_bytes;
        for (stream, text) in &log.lines[first as usize..] {
            if text.len() > left {
                break;
            }
            left -= text.len();
            let (number, at) = (taken.next, SystemTime::UNIX_EPOCH);
            each(Line { number, stream: *stream, at, bytes: text.as_bytes() });
            taken.next += 1;
        }
        taken
    }

    fn printed(&self, _: &WorkerName, _: Option<u64>) {}

    fn waits(&self, name: &WorkerName) -> bool {
        self.0.lock().unwrap().get(name).is_some_and(|log| log.waits)
    }

    fn recent(&self, name: &WorkerName, next: u64) -> Option<u64> {
        let said = self.0.lock().unwrap();
        said.get(name).and_then(|log| log.recent).filter(|line| *line > next)
    }

    fn end(&self, name: &WorkerName) -> u64 {
        self.0.lock().unwrap().get(name).map_or(0, |log| log.lines.len() as u64)
    }
}

/// A writer that fails when told to. Its clones share what was written.
#[derive(Debug, Clone, Default)]
pub(super) struct Fickle(Arc<(Mutex<Fate>, Condvar)>);

#[derive(Debug, Default)]
struct Fate {
    text: Vec<u8>,
    /// How many more bytes it takes, and how it fails then; `None`: it takes all.
    bound: Option<(usize, ErrorKind)>,
    failures: usize,
}

impl Fickle {
    fn fate(&self) -> MutexGuard<'_, Fate> {
        self.0.0.lock().unwrap()
    }

    pub(super) fn take_then_fail(&self, bytes: usize, how: ErrorKind) {
        self.fate().bound = Some((bytes, how));
    }

    pub(super) fn take_all(&self) {
        self.fate().bound = None;
        self.0.1.notify_all();
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.fate().text.clone()).unwrap()
    }

    /// Waits until this many writes failed.
    pub(super) fn await_failures(&self, count: usize) {
        self.await_that(|fate| fate.failures >= count);
    }

    /// Waits until this was written.
    pub(super) fn await_text(&self, text: &str) {
        self.await_that(|fate| String::from_utf8_lossy(&fate.text).contains(text));
    }

    fn await_that(&self, so: impl Fn(&Fate) -> bool) {
        let limit = Duration::from_secs(10);
        let waited = self.0.1.wait_timeout_while(self.fate(), limit, |fate| !so(fate)).unwrap();
        assert!(!waited.1.timed_out(), "{:?}", waited.0);
    }
}

impl Out for Fickle {
    fn await_room(&mut self, at_most: Duration) -> bool {
        let full = |fate: &mut Fate| matches!(fate.bound, Some((0, ErrorKind::WouldBlock)));
        !self.0.1.wait_timeout_while(self.fate(), at_most, full).unwrap().1.timed_out()
    }
}

impl Write for Fickle {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut fate = self.fate();
        self.0.1.notify_all();
        let count = match &mut fate.bound {
            None => bytes.len(),
            Some((0, how)) => {
                let error = io::Error::from(*how);
                fate.failures += 1;
                return Err(error);
            }
            Some((left, _)) => {
                let count = bytes.len().min(*left);
                *left -= count;
                count
            }
        };
        fate.text.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
