//! What a reader copies of a pane under its lock: the log's bounds and the lines that are not in the
//! log yet. Plain data.

use super::layouts::{WrappedRows, wrapped};
use crate::output::line::Stream;
use crate::output::styled;
use crate::output::view::{CursorShape, Fit, InputModes, Span};
use crate::output::wrap;
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

/// A pane at one moment.
#[derive(Debug, Clone)]
pub(in crate::output) struct Glance {
    /// The lines of its log.
    pub(in crate::output) lines: Range<u64>,
    /// The lines that come after them, with when they came.
    pub(in crate::output) tail: Vec<(SystemTime, Tail)>,
    /// The terminal, where a run writes on one.
    pub(in crate::output) terminal: Option<Terminal>,
}

impl Default for Glance {
    fn default() -> Self {
        Self { lines: 0..0, tail: Vec::new(), terminal: None }
    }
}

impl Glance {
    /// One past the last line.
    pub(super) fn end(&self) -> u64 {
        self.lines.end + self.tail.len() as u64
    }

    /// Whether lines on the grid are cut as all others are: not where a program has the whole screen.
    pub(super) fn joins_rows(&self, fit: Fit) -> bool {
        let has_screen = self.terminal.as_ref().is_some_and(|terminal| terminal.has_screen);
        matches!(fit, Fit::Cut { .. }) && !has_screen
    }

    /// Whether a line on the grid is wrapped anew: where the window is narrower than the terminal, all of what
    /// is written on is there to be read, and not cut. A program that has the whole screen is cut.
    pub(super) fn rewraps(&self, grid: &GridLine, columns: u16, fit: Fit) -> bool {
        let narrower = |terminal: &Terminal| !terminal.has_screen && columns < terminal.columns;
        fit == Fit::Wrap
            && self.terminal.as_ref().is_some_and(narrower)
            && grid.rows.iter().any(|row| wrap::width(row) > usize::from(columns))
    }

    /// The lines that are not in the log yet, but for the one that a terminal's cursor waits on: it says
    /// nothing, and passes no test for what others do not say.
    pub(in crate::output) fn said_tail(&self) -> &[(SystemTime, Tail)] {
        match self.tail.split_last() {
            Some(((_, Tail::Grid(last)), before)) if last.says_nothing() => before,
            Some(_) | None => &self.tail,
        }
    }

    /// A line that is not in the log.
    pub(super) fn tail_at(&self, line: u64) -> Option<&(SystemTime, Tail)> {
        self.tail.get(usize::try_from(line.checked_sub(self.lines.end)?).ok()?)
    }
}

/// A line that is not in the log yet.
#[derive(Debug, Clone)]
pub(in crate::output) enum Tail {
    /// One whose end did not come.
    Open(OpenText),
    /// One on a terminal: what of it scrolled off already, and its rows on the grid.
    Grid(GridLine),
}

/// An unfinished line; it is wrapped once at most for each width.
#[derive(Debug, Clone)]
pub(in crate::output) struct OpenText {
    pub(super) stream: Stream,
    pub(super) bytes: Vec<u8>,
    rows: OnceCell<(u16, WrappedRows)>,
}

impl Tail {
    /// An unfinished line of a stream.
    pub(in crate::output) fn open(stream: Stream, bytes: Vec<u8>) -> Self {
        Self::Open(OpenText { stream, bytes, rows: OnceCell::new() })
    }

    /// Who says it.
    pub(in crate::output) fn stream(&self) -> Stream {
        match self {
            Self::Open(open) => open.stream,
            Self::Grid(_) => Stream::Terminal,
        }
    }

    /// Its plain text.
    pub(in crate::output) fn text(&self) -> String {
        match self {
            Self::Open(open) => styled::plain(&open.bytes).into_owned(),
            Self::Grid(grid) => {
                let mut text = styled::plain(&grid.pending).into_owned();
                text.extend(grid.rows.iter().flat_map(|row| row.iter()).map(|span| span.text.as_str()));
                text
            }
        }
    }
}

impl OpenText {
    pub(in crate::output) fn stream(&self) -> Stream {
        self.stream
    }

    pub(in crate::output) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn wrapped(&self, columns: u16) -> WrappedRows {
        let (known, rows) = self.rows.get_or_init(|| (columns, wrapped(&self.bytes, columns)));
        if *known == columns { Arc::clone(rows) } else { wrapped(&self.bytes, columns) }
    }
}

/// A line on a terminal's grid: rows that the terminal wrapped are joined.
#[derive(Debug, Clone)]
pub(in crate::output) struct GridLine {
    /// What of it scrolled off, as bytes.
    pub(in crate::output) pending: Vec<u8>,
    /// Its rows on the grid.
    pub(in crate::output) rows: Vec<Arc<[Span]>>,
    /// Where the first of them is on the grid.
    pub(in crate::output) start: u16,
}

impl GridLine {
    fn says_nothing(&self) -> bool {
        self.pending.is_empty()
            && self.rows.iter().flat_map(|row| row.iter()).all(|span| span.text.is_empty())
    }

    /// The line as it would be without the terminal's wrapping.
    pub(super) fn whole(&self) -> Vec<Span> {
        let mut spans = styled::spans(&self.pending);
        spans.extend(self.rows.iter().flat_map(|row| row.iter()).cloned());
        spans
    }

    /// The column that a place on the grid has in the whole line.
    pub(super) fn column(&self, row: u16, column: u16) -> u32 {
        let pending = wrap::width(&styled::spans(&self.pending));
        let above = self.rows.iter().take(usize::from(row - self.start));
        let above: usize = above.map(|row| wrap::width(row)).sum();
        (pending + above) as u32 + u32::from(column)
    }
}

/// A terminal at one moment.
#[derive(Debug, Clone)]
pub(in crate::output) struct Terminal {
    /// How wide it is.
    pub(in crate::output) columns: u16,
    /// Column, row and shape, where it is shown.
    pub(in crate::output) cursor: Option<(u16, u16, CursorShape)>,
    /// A program has the whole screen: it is shown from the grid's first row.
    pub(in crate::output) has_screen: bool,
    pub(in crate::output) alternate: bool,
    /// The program is in the middle of a frame (mode 2026).
    pub(in crate::output) updating: bool,
    pub(in crate::output) title: Option<String>,
    pub(in crate::output) modes: InputModes,
}
