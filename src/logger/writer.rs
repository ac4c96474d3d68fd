//! One worker's lines on their way to its file: in order, none twice, and those that got lost counted.

use super::gzip::Gzip;
use super::rotating::Rotating;
use super::{Moment, RETRY, format};
use crate::output::Output;
use crate::spec::{LogFile, LogFormat, WorkerName};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// What is taken of a log at once.
const TURN_BYTES: usize = 256 * 1024;

/// What came of a look at a worker's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pumped {
    /// There may be more.
    More,
    /// All is written.
    Idle,
    /// The file takes nothing now.
    Failing,
}

#[derive(Debug)]
pub(super) struct Writer {
    name: WorkerName,
    output: Arc<Output>,
    format: LogFormat,
    file: Rotating,
    /// The line to go on from.
    next: u64,
    /// Whole lines on their way, and how much of them is written.
    pending: Vec<u8>,
    written: usize,
    retry_at: Option<Instant>,
    due: bool,
}

impl Writer {
    pub(super) fn new(
        name: WorkerName,
        file: LogFile,
        output: Arc<Output>,
        moment: Moment,
        gzip: &mut Gzip,
    ) -> Self {
        let LogFile { path, format, rotation } = file;
        let mut file = Rotating::new(path, rotation);
        // Made at once, for whoever follows it; what fails is told with the first line.
        if file.ready(moment).is_ok() {
            let _ = file.tidy(gzip);
        }
        Self {
            name,
            output,
            format,
            file,
            next: 0,
            pending: Vec::new(),
            written: 0,
            retry_at: None,
            due: false,
        }
    }

    /// Tries again at once what failed before: there will be no later.
    pub(super) fn hurry(&mut self) {
        self.due = true;
    }

    /// Writes a turn's worth. With it, what people should know.
    pub(super) fn pump(&mut self, moment: Moment, gzip: &mut Gzip) -> (Pumped, Option<String>) {
        if self.retry_at.is_some_and(|at| moment.now < at) && !std::mem::take(&mut self.due) {
            return (Pumped::Failing, None);
        }
        if self.pending.is_empty() {
            self.take();
        }
        if self.pending.is_empty() && self.retry_at.is_none() {
            return (Pumped::Idle, None);
        }
        match self.write(moment, gzip) {
            Ok(words) => {
                self.pending.clear();
                self.pending.shrink_to(4 * TURN_BYTES);
                self.written = 0;
                let again = self.retry_at.take().map(|_| self.words("is written again"));
                (Pumped::More, again.or(words))
            }
            Err(error) => {
                let first = self.retry_at.is_none();
                self.retry_at = Some(moment.now + RETRY);
                let words = format!("cannot be written: {error}; it is tried again");
                (Pumped::Failing, first.then(|| self.words(&words)))
            }
        }
    }

    fn words(&self, words: &str) -> String {
        format!("{}: {} {words}", self.name, self.file.path().display())
    }

    /// Takes the next lines from the log.
    fn take(&mut self) {
        // The lock is released with this statement: blocks may have to be unpacked.
        let taken = self.output.lock().take_from(self.next, TURN_BYTES);
        let lost = taken.dropped + taken.unreadable();
        let mut lines = taken.lines().peekable();
        if lost > 0 {
            let at = lines.peek().map_or(std::time::SystemTime::UNIX_EPOCH, |line| line.at);
            format::missing(self.format, self.name.as_str(), lost, at, &mut self.pending);
        }
        lines.for_each(|line| format::write(self.format, self.name.as_str(), line, &mut self.pending));
        self.next = taken.next;
    }

    /// Writes what is pending to its end. With it, that the file could not be put aside.
    fn write(&mut self, moment: Moment, gzip: &mut Gzip) -> io::Result<Option<String>> {
        let mut words = None;
        if self.file.ready(moment)? {
            // The new file begins with a whole line.
            self.written = line_start(&self.pending, self.written);
        }
        while self.written < self.pending.len() {
            let rest = &self.pending[self.written..];
            let part = part_for(rest, self.file.room(moment));
            // A line that was begun is ended in the same file.
            let begun = self.written > 0 && self.pending[self.written - 1] != b'\n';
            if part == 0 && !begun && !self.file.is_empty() {
                if let Err(error) = self.file.put_aside(moment, gzip) {
                    words = Some(self.words(&format!("cannot be put aside: {error}; it grows on")));
                }
                self.file.ready(moment)?;
                continue;
            }
            let part = if part == 0 { first_line(rest) } else { part };
            self.written += self.file.write(&rest[..part])?;
        }
        Ok(words)
    }
}

/// Whole lines that there is room for.
fn part_for(bytes: &[u8], room: u64) -> usize {
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    if bytes.len() <= room {
        return bytes.len();
    }
    memchr::memrchr(b'\n', &bytes[..room]).map_or(0, |newline| newline + 1)
}

fn first_line(bytes: &[u8]) -> usize {
    memchr::memchr(b'\n', bytes).map_or(bytes.len(), |newline| newline + 1)
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1)
}
