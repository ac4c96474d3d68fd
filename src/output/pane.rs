//! One worker's output as its readers share it: what fills it, and what readers copy of it.
//! Knows neither descriptors nor who draws.

use super::arrivals::Arrivals;
use super::line::Stream;
use super::lines::Lines;
use super::log::{DEFAULT_BUDGET, Handle, Log, Shelf, Taken};
use super::reading::{Glance, GridLine, Tail, Terminal};
use super::screen::{Flooded, Host, Screen};
use super::view::{InputModes, KeyFlags};
use crate::protocol::{Progress, Size};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// How far a printer may be behind before the worker has to wait: a log's budget is at least twice
/// that, so that a slow reader of what minder prints costs time and no line.
const MOST_BEHIND: usize = 8 << 20;

/// One worker's output, shared by the reactor that fills it and the guests that read it.
///
/// The lock is held for one read's worth of bytes or one screen's worth of rows, never over I/O. Who
/// wants to see rows in a window has a [`Reader`](super::Reader).
#[derive(Debug)]
pub struct Output {
    pane: Mutex<Pane>,
    shelf: Arc<Shelf>,
    most_behind: usize,
    /// What every log is sure to have, which is less where there are more of them.
    sure: Arc<AtomicUsize>,
    progress: Mutex<Option<Progress>>,
    said: AtomicU64,
    capture: Option<Arc<Capture>>,
}

/// What a worker says, byte for byte, for a program that talks to it: standard output (and whatever
/// is merged with it), and standard error. Without a bound: whoever wants it takes it.
#[derive(Debug, Default)]
pub struct Capture(Mutex<(Vec<u8>, Vec<u8>)>);

impl Capture {
    fn add(&self, stream: Stream, bytes: &[u8]) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match stream {
            Stream::Terminal | Stream::Stdout => said.0.extend_from_slice(bytes),
            Stream::Stderr => said.1.extend_from_slice(bytes),
            Stream::Ruling => {}
        }
    }

    /// All that was said since it was last taken.
    pub fn take(&self) -> (Vec<u8>, Vec<u8>) {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Output {
    /// An empty pane of this size. `terminal`: bytes drive an emulated terminal; else they are
    /// lines.
    pub fn new(size: Size, terminal: bool) -> Self {
        Self::with_budget(size, terminal, DEFAULT_BUDGET)
    }

    /// As [`Output::new`]; the lines take at most `budget` bytes, then the oldest go.
    pub fn with_budget(size: Size, terminal: bool, budget: usize) -> Self {
        Self::with_log(size, terminal, Log::new(budget), budget)
    }

    /// As [`Output::new`]; the lines go to this log. `memory`: what it is sure to have room for, so that
    /// a printer loses nothing.
    pub fn with_log(size: Size, terminal: bool, log: Log, memory: usize) -> Self {
        let (shelf, most_behind) = (Arc::clone(log.shelf()), MOST_BEHIND.min(memory / 2));
        // A printer may be as far behind as this before it hears that there are more logs now.
        shelf.promise(2 * most_behind);
        Self {
            pane: Mutex::new(Pane::with_log(size, terminal, log)),
            shelf,
            most_behind,
            sure: Arc::new(AtomicUsize::new(memory)),
            progress: Mutex::new(None),
            said: AtomicU64::new(0),
            capture: None,
        }
    }

    /// Keeps what the worker says here as well.
    #[must_use]
    pub fn captured(self, capture: Arc<Capture>) -> Self {
        Self { capture: Some(capture), ..self }
    }

    /// From now on it is sure to have room for what stands here, and never for more than at first.
    #[must_use]
    pub fn sharing(self, sure: Arc<AtomicUsize>) -> Self {
        Self { sure, ..self }
    }

    /// Its terminal speaks the kitty keyboard protocol as far as these flags go.
    #[must_use]
    pub fn speaking(mut self, flags: KeyFlags) -> Self {
        let pane = self.pane.get_mut().unwrap_or_else(PoisonError::into_inner);
        match &mut pane.source {
            Source::Lines(_) => {}
            Source::Terminal { screen, .. } => screen.speak(flags),
        }
        self
    }

    /// How many bytes the worker ever said.
    pub fn said(&self) -> u64 {
        self.said.load(Ordering::Relaxed)
    }

    /// Whether the worker should wait: the printer is far behind, or the disk that its lines go to.
    pub fn is_full(&self) -> bool {
        self.waits_for_printer() || self.unsettled().log.is_full()
    }

    /// Whether the printer is so far behind that the worker waits for it.
    pub fn waits_for_printer(&self) -> bool {
        let next = self.shelf.printed_up_to();
        next.is_some_and(|next| self.lock().log.takes_more_than(self.most_behind(), next))
    }

    fn most_behind(&self) -> usize {
        self.most_behind.min(self.sure.load(Ordering::Relaxed) / 2)
    }

    /// Whether so many bytes may come at once, however far behind the printer is, and push out nothing
    /// that is not printed yet: the log's room beside what the printer may be behind, with as much again
    /// for its index.
    pub fn takes_at_once(&self, bytes: usize) -> bool {
        self.most_behind() >= 2 * bytes
    }

    /// The line to go on from for who is at `next` and further behind than lines are sure to be there;
    /// `None` for who is not.
    pub fn recent(&self, next: u64) -> Option<u64> {
        let pane = self.unsettled();
        let most_behind = self.most_behind();
        let far = pane.log.takes_more_than(most_behind, next);
        // Some way to go until it is too far again.
        far.then(|| pane.log.recent(most_behind / 2)).filter(|line| *line > next)
    }

    /// The pane as it is to be seen.
    pub fn lock(&self) -> MutexGuard<'_, Pane> {
        let mut pane = self.unsettled();
        pane.settle();
        pane
    }

    /// As [`Pane::feed`], but what a terminal need not draw before somebody looks is not drawn.
    pub fn feed(&self, stream: Stream, bytes: &[u8], at: SystemTime) -> Vec<u8> {
        if let Some(capture) = &self.capture {
            capture.add(stream, bytes);
        }
        self.said.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.unsettled().feed_unseen(stream, bytes, at)
    }

    /// The pane as it was left. A panic elsewhere does not take a worker's output away.
    fn unsettled(&self) -> MutexGuard<'_, Pane> {
        self.pane.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The block that holds a line of the log, to be opened without the pane's lock.
    pub fn handle(&self, line: u64) -> Option<Handle> {
        self.lock().log.handle(line)
    }

    /// How far its worker says that it is, if it does.
    pub fn progress(&self) -> Option<Progress> {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces that; returns what was said before.
    pub fn set_progress(&self, progress: Option<Progress>) -> Option<Progress> {
        let mut said = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *said, progress)
    }

    /// A printer took all lines before this one: 0 says that one begins to follow, `None` that none
    /// does any more. While one follows, [`Output::is_full`] tells whether it is far behind.
    pub fn set_printed_up_to(&self, next: Option<u64>) {
        self.shelf.set_printed_up_to(next);
    }
}

/// The lines and, for a terminal, the grid.
#[derive(Debug)]
pub struct Pane {
    log: Log,
    source: Source,
    arrivals: Arrivals,
}

#[derive(Debug)]
enum Source {
    /// Bytes are lines.
    Lines(Lines),
    /// Bytes drive a terminal; what scrolls off its top becomes lines.
    Terminal {
        screen: Box<Screen>,
        /// Something was written in this run: before, there is no screen to be shown.
        begun: bool,
    },
}

impl Pane {
    /// An empty pane; its lines take at most `budget` bytes.
    pub fn new(size: Size, terminal: bool, budget: usize) -> Self {
        Self::with_log(size, terminal, Log::new(budget))
    }

    /// An empty pane whose lines go to this log.
    pub fn with_log(size: Size, terminal: bool, log: Log) -> Self {
        let source = if terminal {
            Source::Terminal { screen: Box::new(Screen::new(size)), begun: false }
        } else {
            Source::Lines(Lines::default())
        };
        Self { log, source, arrivals: Arrivals::default() }
    }

    /// Takes what the worker wrote. Returns what its terminal answers (empty for lines): the
    /// caller writes that to the worker's input.
    pub fn feed(&mut self, stream: Stream, bytes: &[u8], at: SystemTime) -> Vec<u8> {
        let replies = self.feed_unseen(stream, bytes, at);
        self.settle();
        replies
    }

    fn feed_unseen(&mut self, stream: Stream, bytes: &[u8], at: SystemTime) -> Vec<u8> {
        let at = self.arrivals.come(at);
        match &mut self.source {
            Source::Lines(lines) => {
                lines.feed(stream, bytes, at, &mut self.log);
                Vec::new()
            }
            Source::Terminal { screen, begun } => {
                *begun |= !bytes.is_empty();
                let mut sink = Sink { log: &mut self.log, arrivals: &mut self.arrivals, replies: Vec::new() };
                screen.feed_unseen(bytes, &mut sink);
                let replies = sink.replies;
                if !screen.alternate() {
                    self.arrivals.ended_before(self.log.next() + screen.lines_above_cursor());
                }
                replies
            }
        }
    }

    /// Draws what the terminal did not draw yet.
    fn settle(&mut self) {
        match &mut self.source {
            Source::Lines(_) => {}
            Source::Terminal { screen, .. } => {
                // What waits are plain lines: they ask for nothing.
                screen.settle(&mut Sink {
                    log: &mut self.log,
                    arrivals: &mut self.arrivals,
                    replies: Vec::new(),
                });
            }
        }
    }

    /// A new window size for the terminal; lines wrap when drawn.
    pub fn resize(&mut self, size: Size) {
        self.settle();
        match &mut self.source {
            Source::Lines(_) => {}
            Source::Terminal { screen, .. } => {
                let arrivals = &mut self.arrivals;
                screen.resize(size, &mut Sink { log: &mut self.log, arrivals, replies: Vec::new() });
            }
        }
    }

    /// The run's output is over: unfinished lines and the grid become lines of the log, modes and
    /// the alternate screen are left.
    pub fn finish(&mut self, at: SystemTime) {
        self.settle();
        let at = self.arrivals.come(at);
        match &mut self.source {
            Source::Lines(lines) => lines.finish(at, &mut self.log),
            Source::Terminal { screen, begun } => {
                // Nobody is left to read an answer.
                let arrivals = &mut self.arrivals;
                screen.finish(&mut Sink { log: &mut self.log, arrivals, replies: Vec::new() });
                **screen = screen.renewed();
                *begun = false;
            }
        }
    }

    /// A line of minder's own, after all lines that are finished. What is unfinished comes after
    /// it: call [`Pane::finish`] before where a run is over.
    pub fn rule(&mut self, text: &str, at: SystemTime) {
        let at = self.arrivals.come(at);
        self.log.push(Stream::Ruling, at, text.as_bytes());
    }

    /// What a reader needs of it: the log's bounds, and what is not in the log yet.
    pub(super) fn glance(&self) -> Glance {
        let terminal = self.screen().map(|screen| Terminal {
            columns: screen.size().columns,
            cursor: screen.cursor(),
            has_screen: screen.alternate() || screen.cleared(),
            alternate: screen.alternate(),
            updating: screen.updating(),
            title: screen.title().map(str::to_owned),
            modes: screen.input_modes(),
        });
        let tail = match &self.source {
            Source::Lines(lines) => open_lines(lines),
            Source::Terminal { .. } => self.screen().map(grid_lines).unwrap_or_default(),
        };
        let tail = (self.log.next()..).zip(tail).map(|(line, tail)| (self.arrivals.of(line), tail)).collect();
        Glance { lines: self.log.lines(), tail, terminal }
    }

    /// How keys, pastes and mouse are to be encoded for the worker.
    pub fn input_modes(&self) -> InputModes {
        self.screen().map(Screen::input_modes).unwrap_or_default()
    }

    /// The first and the next line's number of the log: `first..next` are there.
    pub fn lines(&self) -> Range<u64> {
        self.log.lines()
    }

    /// The log's lines from `next` on, at most `max_bytes` of them (but at least one where there is
    /// one): to be read after the lock is given back.
    pub fn take_from(&self, next: u64, max_bytes: usize) -> Taken {
        self.log.take_from(next, max_bytes)
    }

    /// The screen that a run writes on.
    fn screen(&self) -> Option<&Screen> {
        match &self.source {
            Source::Lines(_) | Source::Terminal { begun: false, .. } => None,
            Source::Terminal { screen, begun: true } => Some(screen),
        }
    }
}

/// The unfinished lines.
fn open_lines(lines: &Lines) -> Vec<Tail> {
    lines.open().map(|(stream, bytes)| Tail::open(stream, bytes.into_owned())).collect()
}

/// The lines on a grid, down to its last row in use.
fn grid_lines(screen: &Screen) -> Vec<Tail> {
    let used = screen.used_rows();
    // What scrolled off belongs to the main screen's first row.
    let mut pending = if screen.alternate() { b"".as_slice() } else { screen.pending() };
    let mut lines = Vec::new();
    let mut start = 0;
    while start < used || !pending.is_empty() {
        let last = (start..used).find(|row| !screen.wrapped(*row));
        let end = last.map_or(used, |last| last + 1);
        let rows = (start..end).map(|row| screen.row_spans(row)).collect();
        lines.push(Tail::Grid(GridLine { pending: std::mem::take(&mut pending).to_vec(), rows, start }));
        start = end;
    }
    lines
}

/// Where a terminal's finished lines and answers go.
struct Sink<'a> {
    log: &'a mut Log,
    arrivals: &'a mut Arrivals,
    replies: Vec<u8>,
}

impl Host for Sink<'_> {
    fn line(&mut self, bytes: &[u8]) {
        // It came when it was written, however long it has been on the screen.
        let number = self.log.next();
        self.log.push(Stream::Terminal, self.arrivals.of(number), bytes);
        self.arrivals.forget_before(number + 1);
    }

    fn reply(&mut self, bytes: &[u8]) {
        self.replies.extend_from_slice(bytes);
    }
}

impl Flooded for Sink<'_> {
    #[inline]
    fn wait(&mut self, line: &[u8]) {
        self.log.wait(Stream::Terminal, self.arrivals.now(), line);
    }

    fn leave(&mut self, count: usize) {
        self.log.keep(count);
        self.arrivals.forget_before(self.log.next());
    }

    fn take_back(&mut self) -> Vec<u8> {
        self.log.take_back()
    }

    fn put_back(&mut self, text: &[u8]) {
        let lines = text.split_inclusive(|&byte| byte == b'\n');
        for (number, line) in (self.log.next()..).zip(lines) {
            self.log.wait(Stream::Terminal, self.arrivals.of(number), &line[..line.len() - 1]);
        }
    }
}

#[cfg(test)]
mod tests;
