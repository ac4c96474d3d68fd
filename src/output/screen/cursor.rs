//! Where the next character goes, and what DECSC keeps of it. Knows no grid.

use super::cell::Pen;
use super::charset::Charsets;

/// A place on the grid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) column: usize,
    pub(super) row: usize,
    /// The last column was written: the next character goes to the next row first.
    pub(super) wrap_pending: bool,
}

impl Cursor {
    /// The same place on a grid of this size.
    pub(super) fn within(self, columns: usize, rows: usize) -> Self {
        let inside = self.column < columns && self.row < rows;
        Self {
            column: self.column.min(columns - 1),
            row: self.row.min(rows - 1),
            wrap_pending: self.wrap_pending && inside && self.column + 1 == columns,
        }
    }
}

/// What DECSC saves and DECRC restores.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Saved {
    pub(super) cursor: Cursor,
    pub(super) pen: Pen,
    pub(super) charsets: Charsets,
    pub(super) origin: bool,
}
