//! One worker's output as its readers share it. (The shape; the store comes with `output`.)

use super::line::Stream;
use super::view::{InputModes, Position, View, Window};
use crate::protocol::Size;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// One worker's output, shared by the reactor that fills it and the guests that read it.
///
/// The lock is held for one read's worth of bytes or one window's worth of rows, never over I/O.
#[derive(Debug)]
pub struct Output {
    pane: Mutex<Pane>,
}

impl Output {
    /// An empty pane of this size. `terminal`: bytes drive an emulated terminal; else they are
    /// lines.
    pub fn new(size: Size, terminal: bool) -> Self {
        let _ = (size, terminal);
        Self { pane: Mutex::new(Pane {}) }
    }

    /// Whether its readers are so far behind that the worker should wait.
    pub fn is_full(&self) -> bool {
        false
    }

    /// The pane. A panic elsewhere does not take a worker's output away.
    pub fn lock(&self) -> MutexGuard<'_, Pane> {
        self.pane.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lines and, for a terminal, the grid.
#[derive(Debug)]
pub struct Pane {}

impl Pane {
    /// Takes what the worker wrote. Returns what its terminal answers (empty for lines): the
    /// caller writes that to the worker's input.
    pub fn feed(&mut self, stream: Stream, bytes: &[u8], at: SystemTime) -> Vec<u8> {
        let _ = (stream, bytes, at);
        Vec::new()
    }

    /// A new window size for the terminal; lines wrap when drawn.
    pub fn resize(&mut self, size: Size) {
        let _ = size;
    }

    /// The run's output is over: unfinished lines and the grid become lines of the log, modes and
    /// the alternate screen are left.
    pub fn finish(&mut self, at: SystemTime) {
        let _ = at;
    }

    /// A line of minder's own, after all that was said so far.
    pub fn rule(&mut self, text: &str, at: SystemTime) {
        let _ = (text, at);
    }

    /// The rows in a window.
    pub fn view(&self, window: Window) -> View {
        let _ = window;
        View::default()
    }

    /// The position `rows` further down (or up, if negative), kept within what there is;
    /// [`Position::Follow`] where that reaches the end.
    pub fn scrolled(&self, window: Window, rows: i64) -> Position {
        let _ = (window, rows);
        Position::Follow
    }

    /// The position that shows the oldest line on top.
    pub fn top(&self, window: Window) -> Position {
        let _ = window;
        Position::Follow
    }

    /// The position that shows this line on top, or follows where that is the end.
    pub fn at_line(&self, window: Window, line: u64) -> Position {
        let _ = (window, line);
        Position::Follow
    }

    /// The nearest line that matches, from `from` downwards or upwards, `from` included. Looks at
    /// most at `budget` lines and says with `Err(next)` where to go on, so that no lock is held for
    /// long. Matches are on the plain text.
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
        let _ = (pattern, from, up, budget);
        Ok(None)
    }

    /// How keys, pastes and mouse are to be encoded for the worker.
    pub fn input_modes(&self) -> InputModes {
        InputModes::default()
    }

    /// The first and the next line's number of the log: `first..next` are there.
    pub fn lines(&self) -> std::ops::Range<u64> {
        0..0
    }
}
