//! The terminal's state. What works on it is in the files beside: `moving`, `scrolling`, `erasing`,
//! `switching`, `print` and, by the codes that ask for it, `functions`.

use super::cell::{Cell, Pen};
use super::charset::Charsets;
use super::clusters::Clusters;
use super::cursor::{Cursor, Saved};
use super::grid::Grid;
use super::keyboard::Keyboard;
use super::modes::Modes;
use super::outgoing::Outgoing;
use super::screen::Host;
use super::tabs::Tabs;
use crate::protocol::Size;

/// The most columns and rows: no window is larger, and memory stays bounded.
pub(super) const LARGEST: u16 = 4096;

/// Both screens and all modes.
#[derive(Debug)]
pub(super) struct Terminal {
    /// The screen in use.
    pub(super) grid: Grid,
    /// The primary screen while the alternate one is in use, else empty.
    pub(super) hidden: Grid,
    /// The alternate screen as it was left, where it was not cleared; else empty.
    pub(super) left: Grid,
    /// Where the cursor stood on the primary screen.
    pub(super) hidden_cursor: Cursor,
    pub(super) alternate: bool,
    /// The primary screen was cleared as a whole: from then on its first row is a place.
    pub(super) cleared: bool,
    /// The cursor was sent to the first cell, and not moved since.
    pub(super) homed: bool,
    pub(super) cursor: Cursor,
    /// What DECSC saved, per screen: primary, alternate.
    pub(super) saved: [Saved; 2],
    pub(super) pen: Pen,
    pub(super) charsets: Charsets,
    pub(super) modes: Modes,
    /// The scroll region's first and last row.
    pub(super) top: usize,
    pub(super) bottom: usize,
    pub(super) tabs: Tabs,
    pub(super) clusters: Clusters,
    pub(super) outgoing: Outgoing,
    pub(super) title: Option<String>,
    /// Titles put by (XTWINOPS 22), the newest last.
    pub(super) titles: Vec<Option<String>>,
    /// The character printed last, for REP.
    pub(super) last: Option<char>,
    pub(super) keyboard: Keyboard,
    /// Private modes as XTSAVE saved them.
    pub(super) saved_modes: Vec<(u16, bool)>,
}

impl Terminal {
    pub(super) fn new(size: Size) -> Self {
        let columns = usize::from(size.columns.clamp(1, LARGEST));
        let rows = usize::from(size.rows.clamp(1, LARGEST));
        Self {
            grid: Grid::new(columns, rows),
            hidden: Grid::default(),
            left: Grid::default(),
            hidden_cursor: Cursor::default(),
            alternate: false,
            cleared: false,
            homed: false,
            cursor: Cursor::default(),
            saved: [Saved::default(); 2],
            pen: Pen::default(),
            charsets: Charsets::default(),
            modes: Modes::default(),
            top: 0,
            bottom: rows - 1,
            tabs: Tabs::new(columns),
            clusters: Clusters::default(),
            outgoing: Outgoing::default(),
            title: None,
            titles: Vec::new(),
            last: None,
            keyboard: Keyboard::default(),
            saved_modes: Vec::new(),
        }
    }

    pub(super) fn size(&self) -> Size {
        Size { columns: self.columns() as u16, rows: self.rows() as u16 }
    }

    #[inline]
    pub(super) fn columns(&self) -> usize {
        self.grid.columns
    }

    #[inline]
    pub(super) fn rows(&self) -> usize {
        self.grid.height()
    }

    #[inline]
    pub(super) fn blank(&self) -> Cell {
        self.pen.blank()
    }

    /// Whether a plain line that comes now is written as it is, from the first column of an empty row on,
    /// and scrolls the whole screen.
    pub(super) fn takes_plain_lines(&self) -> bool {
        let cursor = self.cursor;
        let at_start = cursor.column == 0 && !cursor.wrap_pending && self.pen == Pen::default();
        let whole = !self.alternate && self.top == 0 && self.bottom + 1 == self.rows();
        let usual = self.modes.autowrap && !self.modes.insert && self.charsets.plain();
        at_start && whole && usual && self.is_new_line()
    }

    /// Whether the cursor's row is no rest of a line, and nothing was written from there on.
    fn is_new_line(&self) -> bool {
        let row = self.cursor.row;
        let continues = match row.checked_sub(1) {
            Some(above) => self.grid.rows[above].wrapped,
            None => !self.outgoing.pending().is_empty(),
        };
        !continues && self.grid.rows.range(row..).all(|row| row.cells().is_empty() && !row.wrapped)
    }

    /// Whether there are rows above the cursor's.
    pub(super) fn has_rows_above(&self) -> bool {
        self.cursor.row > 0
    }

    /// The rows above the cursor's become lines, the cursor's row the first.
    pub(super) fn leave_rows_above(&mut self, host: &mut impl Host) {
        let above = self.cursor.row;
        self.hand_over(above, host);
        self.grid.clear(0, above, Cell::BLANK);
        self.cursor.row = 0;
    }
}
