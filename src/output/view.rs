//! What a reader of a pane is shown: a window of rows, styled, and where it stands. Plain data.

use super::line::Stream;
use super::style::Style;
use crate::protocol::Size;
use compact_str::CompactString;
use std::sync::Arc;
use std::time::SystemTime;

/// Where a reader looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Position {
    /// At the end, following what comes.
    #[default]
    Follow,
    /// This row is the topmost one: it stays there while output pours in.
    At(RowAddress),
}

/// One row on a screen of some width: a line and which of its wrapped rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowAddress {
    /// The line's place.
    pub place: Place,
    /// Its wrapped row, from 0.
    pub row: u32,
}

impl RowAddress {
    /// The first row of a line of one worker.
    pub const fn line(line: u64) -> Self {
        Self { place: Place::line(line), row: 0 }
    }
}

/// A line's place among those that are read together.
///
/// Lines are counted from the worker's first one, 0; lines that had to go keep their numbers. The
/// rows of a terminal's grid count on from the last line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// When it came, in nanoseconds since 1970; 0 where one worker is read alone.
    pub at: u64,
    /// Which of the workers that are read together said it; 0 where one is read alone.
    pub worker: u16,
    /// The line's number.
    pub line: u64,
}

impl Place {
    /// Beyond all lines.
    pub const END: Self = Self { at: u64::MAX, worker: u16::MAX, line: u64::MAX };

    /// A line of the one worker that is read.
    pub const fn line(line: u64) -> Self {
        Self { at: 0, worker: 0, line }
    }

    /// What comes right before it, whether there is a line or not; `None` before everything.
    pub fn previous(self) -> Option<Self> {
        if let Some(line) = self.line.checked_sub(1) {
            return Some(Self { line, ..self });
        }
        let earlier = |at| Self { at, worker: u16::MAX, line: u64::MAX };
        match self.worker.checked_sub(1) {
            Some(worker) => Some(Self { worker, line: u64::MAX, ..self }),
            None => self.at.checked_sub(1).map(earlier),
        }
    }

    /// What comes right after it, whether there is a line or not.
    #[must_use]
    pub fn next(self) -> Self {
        Self { line: self.line.saturating_add(1), ..self }
    }
}

/// A stretch of text in one style.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// Printable text only: no control character, no escape.
    pub text: CompactString,
    /// Its look.
    pub style: Style,
}

/// One row to draw. Its spans take at most the asked width in columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewRow {
    /// Which row this is.
    pub address: RowAddress,
    /// At which column of its line it begins, as the line would be in one row of any width.
    pub column: u32,
    /// Who said it.
    pub stream: Stream,
    /// When the line came.
    pub at: SystemTime,
    /// When the line before it came.
    pub before_at: Option<SystemTime>,
    /// What it says, shared with the frame before where it is on the grid.
    pub spans: Arc<[Span]>,
    /// Where it was cut.
    pub edges: Edges,
}

/// At which sides of a row its line goes on, where lines are cut and not wrapped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Edges {
    /// It begins further left.
    pub left: bool,
    /// It goes on at the right.
    pub right: bool,
}

/// What becomes of lines that are wider than the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fit {
    /// They go on in the next row.
    #[default]
    Wrap,
    /// They are cut, and seen from a column on.
    Cut {
        /// The first column in view, from 0.
        left: u32,
    },
}

/// Where the worker's cursor is and how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Column in the view, from 0.
    pub column: u16,
    /// Row in the view, from 0.
    pub row: u16,
    /// Its shape.
    pub shape: CursorShape,
}

/// The cursor's shape (DECSCUSR).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CursorShape {
    /// A full cell.
    #[default]
    Block,
    /// A line below.
    Underline,
    /// A line at the left.
    Bar,
}

/// A window of rows at one moment: at most as many as asked for, fewer where there is less.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// The rows, topmost first.
    pub rows: Vec<ViewRow>,
    /// The cursor, where it is shown and inside the view.
    pub cursor: Option<Cursor>,
    /// Whether the end is in view and followed.
    pub following: bool,
    /// How many lines are below the view.
    pub lines_below: u64,
    /// What a filter lets through, where there is one: the rows are of these lines alone.
    pub passing: Option<Passing>,
    /// When the oldest line came, where somebody asked.
    pub oldest: Option<SystemTime>,
    /// How many lines there were in all, the dropped ones included.
    pub lines_total: u64,
    /// How many of the oldest lines had to go.
    pub lines_dropped: u64,
    /// Whether a full-screen program has the pane (the alternate screen).
    pub alternate: bool,
    /// At which row of the view the terminal's first row stands, above it if negative; where the program
    /// wants to know of the mouse.
    pub terminal_top: Option<i32>,
    /// The window title that the program set, printable text only.
    pub title: Option<String>,
    /// The program is in the middle of a frame (mode 2026) and this is what stood there before: look
    /// again soon, even if nothing is told to have changed.
    pub held: bool,
}

/// What a filter lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passing {
    /// How many lines.
    pub lines: u64,
    /// Of how many: the line that a terminal's cursor waits on says nothing, and is none.
    pub of: u64,
    /// All lines were looked at.
    pub whole: bool,
}

/// How a terminal program wants its keys, pastes and mouse, for whoever encodes them.
#[expect(clippy::struct_excessive_bools, reason = "each is a mode of its own in the standard")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InputModes {
    /// Cursor keys as `ESC O A` (DECCKM).
    pub application_cursor: bool,
    /// Keypad keys as escapes (DECKPAM).
    pub application_keypad: bool,
    /// Pastes are wrapped (mode 2004).
    pub bracketed_paste: bool,
    /// Focus changes are told (mode 1004).
    pub focus_events: bool,
    /// Which mouse events are told.
    pub mouse: MouseMode,
    /// Mouse positions as decimal numbers (mode 1006).
    pub mouse_sgr: bool,
    /// Enter sends CR LF (LNM, mode 20).
    pub newline: bool,
    /// What was asked for of the kitty keyboard protocol.
    pub keys: KeyFlags,
}

/// Flags of the kitty keyboard protocol (its "progressive enhancement"): how a program wants its keys
/// told. <https://sw.kovidgoyal.net/kitty/keyboard-protocol/>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyFlags(pub u8);

impl KeyFlags {
    /// None: keys as xterm sends them.
    pub const NONE: Self = Self(0);
    /// Keys that could be taken for others, such as Escape, as sequences of their own.
    pub const DISAMBIGUATE: Self = Self(1);
    /// Repeats and releases too.
    pub const EVENTS: Self = Self(2);
    /// All keys as sequences, text too.
    pub const ALL_KEYS: Self = Self(8);
    /// What minder can pass on. Neither keys of other layouts (4) nor text with its key (16) reach it.
    pub const SPOKEN: Self = Self(1 | 2 | 8);

    /// Whether all of `other` are in here.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Which mouse events a program asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MouseMode {
    /// None.
    #[default]
    Off,
    /// Presses only (mode 9).
    Press,
    /// Presses and releases (mode 1000).
    Click,
    /// And movement with a button held (mode 1002).
    Drag,
    /// And any movement (mode 1003).
    Motion,
}

/// A window to fill: how large, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Columns and rows.
    pub size: Size,
    /// Where it stands.
    pub position: Position,
    /// How wide lines fit in.
    pub fit: Fit,
}
