//! Scrolling: rows moving up and down within the region, those that leave the primary screen becoming
//! lines. Knows no row's inside.

use super::screen::Host;
use super::terminal::Terminal;

impl Terminal {
    /// One row down, scrolling at the region's bottom; the row that is left goes on in the next one
    /// if `wrapping`.
    #[inline]
    pub(super) fn index(&mut self, wrapping: bool, host: &mut impl Host) {
        self.cursor.wrap_pending = false;
        if self.cursor.row == self.bottom {
            self.grid.row(self.bottom).wrapped = wrapping;
            self.scroll(1, host);
        } else if self.cursor.row + 1 < self.rows() {
            self.grid.row(self.cursor.row).wrapped |= wrapping;
            self.cursor.row += 1;
        }
    }

    /// One row up, scrolling at the region's top.
    pub(super) fn reverse_index(&mut self, host: &mut impl Host) {
        self.homed = false;
        self.cursor.wrap_pending = false;
        if self.cursor.row == self.top {
            self.scroll_down(1, host);
        } else {
            self.cursor.row = self.cursor.row.saturating_sub(1);
        }
    }

    /// SU: the region's rows move up.
    pub(super) fn scroll_up(&mut self, count: usize, host: &mut impl Host) {
        self.grid.row(self.bottom).wrapped = false;
        self.scroll(count, host);
    }

    /// SD: the region's rows move down.
    pub(super) fn scroll_down(&mut self, count: usize, host: &mut impl Host) {
        self.part_from_above(self.top, host);
        let blank = self.blank();
        self.grid.scroll_down(self.top, self.bottom, count, blank);
    }

    #[inline]
    fn scroll(&mut self, count: usize, host: &mut impl Host) {
        let count = count.min(self.bottom + 1 - self.top);
        if self.top > 0 {
            self.part_from_above(self.top, host);
        } else if !self.alternate {
            self.hand_over(count, host);
        }
        let blank = self.blank();
        self.grid.scroll_up(self.top, self.bottom, count, blank);
    }

    /// Makes lines of the topmost rows; the caller takes them off the screen.
    #[inline]
    pub(super) fn hand_over(&mut self, count: usize, host: &mut impl Host) {
        for row in self.grid.rows.range(..count) {
            self.outgoing.row(row, &self.clusters, host);
        }
    }

    /// What stands in `row` is no longer the rest of the line above it.
    pub(super) fn part_from_above(&mut self, row: usize, host: &mut impl Host) {
        if row > 0 {
            self.grid.row(row - 1).wrapped = false;
        } else if !self.alternate {
            self.outgoing.flush(host);
        }
    }

    pub(super) fn set_region(&mut self, top: usize, bottom: usize) {
        let bottom = bottom.min(self.rows() - 1);
        if top < bottom {
            (self.top, self.bottom) = (top, bottom);
            self.move_to(0, 0);
        }
    }

    pub(super) fn reset_region(&mut self) {
        (self.top, self.bottom) = (0, self.rows() - 1);
    }

    /// IL: blank rows come in at the cursor.
    pub(super) fn insert_lines(&mut self, count: usize, host: &mut impl Host) {
        if let Some(row) = self.row_in_region() {
            self.part_from_above(row, host);
            let blank = self.blank();
            self.grid.scroll_down(row, self.bottom, count, blank);
        }
    }

    /// DL: rows go away at the cursor.
    pub(super) fn delete_lines(&mut self, count: usize, host: &mut impl Host) {
        if let Some(row) = self.row_in_region() {
            self.part_from_above(row, host);
            self.grid.row(self.bottom).wrapped = false;
            let blank = self.blank();
            self.grid.scroll_up(row, self.bottom, count, blank);
        }
    }

    /// The cursor's row if it is in the scroll region; the cursor goes to its first column.
    fn row_in_region(&mut self) -> Option<usize> {
        let row = self.cursor.row;
        let inside = (self.top..=self.bottom).contains(&row);
        if inside {
            self.move_to_column(0);
        }
        inside.then_some(row)
    }
}
