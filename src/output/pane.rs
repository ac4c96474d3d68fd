//! One worker's output as its readers share it: what fills it, and what of it stands in a window.
//! Knows neither descriptors nor who draws.

use super::flow::{Flow, GridLine, OpenText, Tail};
use super::layouts::Layouts;
use super::line::Stream;
use super::lines::Lines;
use super::log::{DEFAULT_BUDGET, Handle, Log, Taken};
use super::screen::{Host, Screen};
use super::view::{Cursor, InputModes, Position, RowAddress, View, ViewRow, Window};
use crate::protocol::{Progress, Size};
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// How far a printer may be behind before the worker has to wait: well below the budget, so that a
/// slow reader of what minder prints costs time and no line.
const MOST_BEHIND: usize = 8 << 20;

/// No printer follows the lines.
const NOT_PRINTED: u64 = u64::MAX;

/// One worker's output, shared by the reactor that fills it and the guests that read it.
///
/// The lock is held for one read's worth of bytes or one window's worth of rows, never over I/O.
#[derive(Debug)]
pub struct Output {
    pane: Mutex<Pane>,
    printed_up_to: AtomicU64,
    progress: Mutex<Option<Progress>>,
}

impl Output {
    /// An empty pane of this size. `terminal`: bytes drive an emulated terminal; else they are
    /// lines.
    pub fn new(size: Size, terminal: bool) -> Self {
        Self::with_budget(size, terminal, DEFAULT_BUDGET)
    }

    /// As [`Output::new`]; the lines take at most `budget` bytes, then the oldest go.
    pub fn with_budget(size: Size, terminal: bool, budget: usize) -> Self {
        Self {
            pane: Mutex::new(Pane::new(size, terminal, budget)),
            printed_up_to: AtomicU64::new(NOT_PRINTED),
            progress: Mutex::new(None),
        }
    }

    /// Whether its readers are so far behind that the worker should wait.
    pub fn is_full(&self) -> bool {
        match self.printed_up_to.load(Ordering::Acquire) {
            NOT_PRINTED => false,
            next => self.lock().log.takes_more_than(MOST_BEHIND, next),
        }
    }

    /// The pane. A panic elsewhere does not take a worker's output away.
    pub fn lock(&self) -> MutexGuard<'_, Pane> {
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
        self.printed_up_to.store(next.unwrap_or(NOT_PRINTED), Ordering::Release);
    }
}

/// The lines and, for a terminal, the grid.
#[derive(Debug)]
pub struct Pane {
    log: Log,
    source: Source,
    layouts: Layouts,
    /// When bytes came last: when a resize moves lines off the grid, they have come until then.
    fed_at: SystemTime,
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
        let source = if terminal {
            Source::Terminal { screen: Box::new(Screen::new(size)), begun: false }
        } else {
            Source::Lines(Lines::default())
        };
        Self { log: Log::new(budget), source, layouts: Layouts::default(), fed_at: SystemTime::UNIX_EPOCH }
    }

    /// Takes what the worker wrote. Returns what its terminal answers (empty for lines): the
    /// caller writes that to the worker's input.
    pub fn feed(&mut self, stream: Stream, bytes: &[u8], at: SystemTime) -> Vec<u8> {
        self.fed_at = at;
        match &mut self.source {
            Source::Lines(lines) => {
                lines.feed(stream, bytes, at, &mut self.log);
                Vec::new()
            }
            Source::Terminal { screen, begun } => {
                *begun |= !bytes.is_empty();
                let mut sink = Sink { log: &mut self.log, at, replies: Vec::new() };
                screen.feed(bytes, &mut sink);
                sink.replies
            }
        }
    }

    /// A new window size for the terminal; lines wrap when drawn.
    pub fn resize(&mut self, size: Size) {
        match &mut self.source {
            Source::Lines(_) => {}
            Source::Terminal { screen, .. } => {
                let at = self.fed_at;
                screen.resize(size, &mut Sink { log: &mut self.log, at, replies: Vec::new() });
            }
        }
    }

    /// The run's output is over: unfinished lines and the grid become lines of the log, modes and
    /// the alternate screen are left.
    pub fn finish(&mut self, at: SystemTime) {
        match &mut self.source {
            Source::Lines(lines) => lines.finish(at, &mut self.log),
            Source::Terminal { screen, begun } => {
                // Nobody is left to read an answer.
                screen.finish(&mut Sink { log: &mut self.log, at, replies: Vec::new() });
                **screen = Screen::new(screen.size());
                *begun = false;
            }
        }
    }

    /// A line of minder's own, after all lines that are finished. What is unfinished comes after
    /// it: call [`Pane::finish`] before where a run is over.
    pub fn rule(&mut self, text: &str, at: SystemTime) {
        self.log.push(Stream::Ruling, at, text.as_bytes());
    }

    /// The rows in a window.
    pub fn view(&self, window: Window) -> View {
        let flow = self.flow(window.size.columns);
        let rows = flow.rows(self.topmost(&flow, window), window.size.rows);
        let lines_below = rows.last().map_or(0, |last| flow.lines_below(last.address));
        let screen = self.screen();
        View {
            cursor: self.cursor_in(&flow, &rows),
            following: window.position == Position::Follow,
            lines_below,
            lines_total: flow.end().line,
            lines_dropped: flow.first(),
            alternate: screen.is_some_and(Screen::alternate),
            title: screen.and_then(Screen::title).map(str::to_owned),
            rows,
        }
    }

    /// The position `rows` further down (or up, if negative), kept within what there is;
    /// [`Position::Follow`] where that reaches the end.
    pub fn scrolled(&self, window: Window, rows: i64) -> Position {
        let flow = self.flow(window.size.columns);
        let top = self.topmost(&flow, window);
        let distance = rows.unsigned_abs();
        let moved = if rows < 0 { flow.up(top, distance) } else { flow.down(top, distance) };
        self.position_at(&flow, window, moved)
    }

    /// The position that shows the oldest line on top.
    pub fn top(&self, window: Window) -> Position {
        self.at_line(window, self.log.first())
    }

    /// The position that shows this line on top, or follows where that is the end.
    pub fn at_line(&self, window: Window, line: u64) -> Position {
        let flow = self.flow(window.size.columns);
        let address = flow.nearest(RowAddress { line, row: 0 });
        self.position_at(&flow, window, address)
    }

    /// The nearest line that matches, from `from` downwards or upwards, `from` included. Looks at
    /// most at `budget` lines and says with `Err(next)` where to go on, so that no lock is held for
    /// long. Matches are on the plain text; lines that are not finished are looked at, too.
    ///
    /// # Errors
    /// The line to go on from, when the budget ran out first.
    pub fn find(
        &self,
        pattern: &regex::Regex,
        from: u64,
        up: bool,
        budget: usize,
    ) -> Result<Option<u64>, u64> {
        let flow = self.flow(u16::MAX);
        let lines = flow.first()..flow.end().line;
        let last = lines.end.checked_sub(1);
        let mut next = if up { last.map(|last| last.min(from)) } else { Some(from.max(lines.start)) };
        for _ in 0..budget {
            let Some(line) = next.filter(|line| lines.contains(line)) else { return Ok(None) };
            if pattern.is_match(&flow.text(line)) {
                return Ok(Some(line));
            }
            next = if up { line.checked_sub(1) } else { Some(line + 1) };
        }
        next.filter(|line| lines.contains(line)).map_or(Ok(None), Err)
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

    fn flow(&self, columns: u16) -> Flow<'_> {
        let tail = match &self.source {
            Source::Lines(lines) => open_lines(lines),
            Source::Terminal { .. } => self.screen().map(grid_lines).unwrap_or_default(),
        };
        Flow { log: &self.log, layouts: &self.layouts, tail, columns }
    }

    /// The topmost row of a window that follows.
    ///
    /// A program that has the whole screen is shown from the grid's first row, as on a terminal.
    /// One that only writes on is shown with its end at the window's: above it stand the lines that
    /// came before, also those of an earlier run.
    fn follow_top(&self, flow: &Flow<'_>, window: Window) -> RowAddress {
        match self.screen().filter(|screen| screen.alternate() || screen.cleared()) {
            Some(screen) => {
                // In a window lower than the grid, the cursor's row stays in sight.
                let cursor_end = screen.cursor().map_or(0, |(_, row, _)| row + 1);
                let hidden = cursor_end.saturating_sub(window.size.rows);
                flow.grid_row(hidden).unwrap_or(flow.end())
            }
            None => flow.up(flow.end(), window.size.rows.into()),
        }
    }

    fn topmost(&self, flow: &Flow<'_>, window: Window) -> RowAddress {
        let follow = self.follow_top(flow, window);
        match window.position {
            Position::Follow => follow,
            Position::At(address) => flow.nearest(address).min(follow),
        }
    }

    fn position_at(&self, flow: &Flow<'_>, window: Window, top: RowAddress) -> Position {
        if top >= self.follow_top(flow, window) { Position::Follow } else { Position::At(top) }
    }

    fn cursor_in(&self, flow: &Flow<'_>, rows: &[ViewRow]) -> Option<Cursor> {
        let (column, row, shape) = self.screen()?.cursor()?;
        let address = flow.grid_row(row)?;
        let row = rows.iter().position(|row| row.address == address)? as u16;
        (column < flow.columns).then_some(Cursor { column, row, shape })
    }
}

/// The unfinished lines.
fn open_lines(lines: &Lines) -> Vec<Tail<'_>> {
    let open = lines.open();
    let text = |(stream, bytes)| OpenText { stream, bytes, rows: OnceCell::new() };
    open.map(|line| Tail::Open(text(line))).collect()
}

/// The lines on a grid, down to its last row in use.
fn grid_lines(screen: &Screen) -> Vec<Tail<'_>> {
    let used = screen.used_rows();
    // What scrolled off belongs to the main screen's first row.
    let mut pending = if screen.alternate() { b"".as_slice() } else { screen.pending() };
    let mut lines = Vec::new();
    let mut start = 0;
    while start < used || !pending.is_empty() {
        let last = (start..used).find(|row| !screen.wrapped(*row));
        let rows = start..last.map_or(used, |last| last + 1);
        start = rows.end;
        lines.push(Tail::Grid(GridLine { screen, pending: std::mem::take(&mut pending), rows }));
    }
    lines
}

/// Where a terminal's finished lines and answers go.
struct Sink<'a> {
    log: &'a mut Log,
    at: SystemTime,
    replies: Vec<u8>,
}

impl Host for Sink<'_> {
    fn line(&mut self, bytes: &[u8]) {
        self.log.push(Stream::Terminal, self.at, bytes);
    }

    fn reply(&mut self, bytes: &[u8]) {
        self.replies.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests;
