//! Moving the cursor, saving and restoring it. Changes no cell.

use super::cursor::{Cursor, Saved};
use super::terminal::Terminal;

impl Terminal {
    /// To a column and row counted from 0, row from the region's top in origin mode.
    pub(super) fn move_to(&mut self, column: usize, row: usize) {
        let (first, last) = if self.modes.origin { (self.top, self.bottom) } else { (0, self.rows() - 1) };
        self.cursor = Cursor {
            column: column.min(self.columns() - 1),
            row: (first + row).min(last),
            wrap_pending: false,
        };
        self.homed = (self.cursor.column, self.cursor.row) == (0, 0);
    }

    pub(super) fn move_to_column(&mut self, column: usize) {
        self.cursor.column = column.min(self.columns() - 1);
        self.cursor.wrap_pending = false;
    }

    /// To a row as [`Self::move_to`] counts them, the column staying.
    pub(super) fn move_to_row(&mut self, row: usize) {
        self.move_to(self.cursor.column, row);
    }

    /// The cursor's row as [`Self::move_to`] counts them.
    pub(super) fn row_in_origin(&self) -> usize {
        if self.modes.origin { self.cursor.row.saturating_sub(self.top) } else { self.cursor.row }
    }

    /// Up, stopping at the region's top if it began in or below it.
    pub(super) fn up(&mut self, count: usize) {
        let stop = if self.cursor.row >= self.top { self.top } else { 0 };
        self.cursor.row = self.cursor.row.saturating_sub(count).max(stop);
        self.cursor.wrap_pending = false;
    }

    /// Down, stopping at the region's bottom if it began in or above it.
    pub(super) fn down(&mut self, count: usize) {
        let stop = if self.cursor.row <= self.bottom { self.bottom } else { self.rows() - 1 };
        self.cursor.row = (self.cursor.row + count).min(stop);
        self.cursor.wrap_pending = false;
    }

    pub(super) fn left(&mut self, count: usize) {
        self.move_to_column(self.cursor.column.saturating_sub(count));
    }

    pub(super) fn right(&mut self, count: usize) {
        self.move_to_column(self.cursor.column + count);
    }

    pub(super) fn tab(&mut self, count: usize) {
        for _ in 0..count.min(self.columns()) {
            self.cursor.column = self.tabs.next(self.cursor.column);
        }
        self.cursor.wrap_pending &= self.cursor.column + 1 == self.columns();
    }

    pub(super) fn back_tab(&mut self, count: usize) {
        for _ in 0..count.min(self.columns()) {
            self.move_to_column(self.tabs.previous(self.cursor.column));
        }
    }

    pub(super) fn save_cursor(&mut self) {
        self.saved[usize::from(self.alternate)] =
            Saved { cursor: self.cursor, pen: self.pen, charsets: self.charsets, origin: self.modes.origin };
    }

    pub(super) fn restore_cursor(&mut self) {
        let saved = self.saved[usize::from(self.alternate)];
        self.cursor = saved.cursor.within(self.columns(), self.rows());
        self.pen = saved.pen;
        self.charsets = saved.charsets;
        self.modes.origin = saved.origin;
        self.homed = false;
    }
}
