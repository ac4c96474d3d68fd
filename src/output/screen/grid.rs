//! The rows of one screen as a ring: scrolling a whole screen moves no cell. Knows no cursor.

use super::cell::Cell;
use super::row::Row;
use std::collections::VecDeque;

/// Rows of the same width. It has at least one of each, once it is sized.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub(super) rows: VecDeque<Row>,
    pub(super) columns: usize,
}

impl Grid {
    pub(super) fn new(columns: usize, rows: usize) -> Self {
        Self { rows: std::iter::repeat_with(Row::default).take(rows).collect(), columns }
    }

    pub(super) fn height(&self) -> usize {
        self.rows.len()
    }

    #[inline]
    pub(super) fn row(&mut self, index: usize) -> &mut Row {
        &mut self.rows[index]
    }

    /// Moves the rows `top..=bottom` up by `count`; blank ones come in at the bottom.
    #[inline]
    pub(super) fn scroll_up(&mut self, top: usize, bottom: usize, count: usize, blank: Cell) {
        let count = count.min(bottom + 1 - top);
        if top == 0 && bottom + 1 == self.rows.len() {
            self.rows.rotate_left(count);
        } else {
            self.rows.make_contiguous()[top..=bottom].rotate_left(count);
        }
        self.clear(bottom + 1 - count, bottom + 1, blank);
    }

    /// Moves the rows `top..=bottom` down by `count`; blank ones come in at the top.
    pub(super) fn scroll_down(&mut self, top: usize, bottom: usize, count: usize, blank: Cell) {
        let count = count.min(bottom + 1 - top);
        self.rows.make_contiguous()[top..=bottom].rotate_right(count);
        self.clear(top, top + count, blank);
        self.rows[bottom].wrapped = false;
    }

    /// Blanks the rows `from..to`.
    #[inline]
    pub(super) fn clear(&mut self, from: usize, to: usize, blank: Cell) {
        for row in self.rows.range_mut(from..to) {
            row.clear(blank, self.columns);
        }
    }

    /// How many rows from the top there are up to the last one on which something shows.
    pub(super) fn used(&self) -> usize {
        self.rows.iter().rposition(|row| !row.is_blank()).map_or(0, |last| last + 1)
    }

    /// Cuts or pads to this size, the text staying where it is.
    pub(super) fn crop(&mut self, columns: usize, rows: usize) {
        if columns < self.columns {
            self.rows.iter_mut().for_each(|row| row.truncate(columns));
        } else if columns > self.columns {
            self.rows.iter_mut().for_each(|row| row.wrapped = false);
        }
        self.columns = columns;
        self.rows.resize_with(rows, Row::default);
    }
}
