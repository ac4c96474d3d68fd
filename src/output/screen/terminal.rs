//! The terminal's state and what moves, scrolls, erases and switches it. Knows grids and cursors;
//! does not know how a function is encoded.

use super::cell::{Cell, Pen};
use super::charset::Charsets;
use super::clusters::Clusters;
use super::cursor::{Cursor, Saved};
use super::grid::Grid;
use super::modes::{Alternate, Modes, Private};
use super::outgoing::Outgoing;
use super::reflow::reflow;
use super::row::Row;
use super::screen::Host;
use super::tabs::Tabs;
use crate::protocol::Size;

/// The most columns and rows: no window is larger, and memory stays bounded.
const LARGEST: u16 = 4096;

/// Both screens and all modes.
#[derive(Debug)]
pub(super) struct Terminal {
    /// The screen in use.
    pub(super) grid: Grid,
    /// The primary screen while the alternate one is in use, else empty.
    hidden: Grid,
    pub(super) alternate: bool,
    /// The primary screen was cleared as a whole: from then on its first row is a place.
    pub(super) cleared: bool,
    pub(super) cursor: Cursor,
    /// What DECSC saved, per screen: primary, alternate.
    saved: [Saved; 2],
    pub(super) pen: Pen,
    pub(super) charsets: Charsets,
    pub(super) modes: Modes,
    /// The scroll region's first and last row.
    top: usize,
    bottom: usize,
    pub(super) tabs: Tabs,
    pub(super) clusters: Clusters,
    pub(super) outgoing: Outgoing,
    pub(super) title: Option<String>,
    /// The character printed last, for REP.
    pub(super) last: Option<char>,
}

impl Terminal {
    pub(super) fn new(size: Size) -> Self {
        let columns = usize::from(size.columns.clamp(1, LARGEST));
        let rows = usize::from(size.rows.clamp(1, LARGEST));
        Self {
            grid: Grid::new(columns, rows),
            hidden: Grid::default(),
            alternate: false,
            cleared: false,
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
            last: None,
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
    fn blank(&self) -> Cell {
        self.pen.blank()
    }
}

/// Moving.
impl Terminal {
    /// To a column and row counted from 0, row from the region's top in origin mode.
    pub(super) fn move_to(&mut self, column: usize, row: usize) {
        let (first, last) = if self.modes.origin { (self.top, self.bottom) } else { (0, self.rows() - 1) };
        self.cursor = Cursor {
            column: column.min(self.columns() - 1),
            row: (first + row).min(last),
            wrap_pending: false,
        };
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
    }
}

/// Scrolling.
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
    fn hand_over(&mut self, count: usize, host: &mut impl Host) {
        for row in self.grid.rows.range(..count) {
            self.outgoing.row(row, &self.clusters, host);
        }
    }

    /// What stands in `row` is no longer the rest of the line above it.
    fn part_from_above(&mut self, row: usize, host: &mut impl Host) {
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

    fn reset_region(&mut self) {
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

/// Erasing and shifting.
impl Terminal {
    /// ED.
    pub(super) fn erase_display(&mut self, part: usize, host: &mut impl Host) {
        let Cursor { column, row, .. } = self.cursor;
        let (rows, blank) = (self.rows(), self.blank());
        match part {
            0 if (column, row) == (0, 0) => self.clear_display(host),
            0 => {
                self.erase_line(0, host);
                self.grid.clear(row + 1, rows, blank);
            }
            1 => {
                self.part_from_above(0, host);
                self.grid.clear(0, row, blank);
                self.erase_line(1, host);
            }
            2 => self.clear_display(host),
            // There is no scrollback here to erase; the log keeps what was said.
            _ => {}
        }
    }

    /// Blanks the screen. What stood on the primary one becomes lines first, so that `clear` takes
    /// nothing out of the log.
    pub(super) fn clear_display(&mut self, host: &mut impl Host) {
        if !self.alternate {
            self.hand_over(self.grid.used(), host);
            self.outgoing.flush(host);
            self.cleared = true;
        }
        let (rows, blank) = (self.rows(), self.blank());
        self.grid.clear(0, rows, blank);
        self.clusters_are_gone();
    }

    fn clusters_are_gone(&mut self) {
        if self.hidden.rows.is_empty() {
            self.clusters.clear();
        }
    }

    /// Forgets the texts of clusters that were overwritten.
    pub(super) fn collect_clusters(&mut self) {
        let rows = self.grid.rows.iter_mut().chain(&mut self.hidden.rows);
        self.clusters.collect(rows.flat_map(Row::cells_mut));
    }

    /// EL.
    pub(super) fn erase_line(&mut self, part: usize, host: &mut impl Host) {
        let Cursor { column, row, wrap_pending } = self.cursor;
        let columns = self.columns();
        let (from, to) = match part {
            // The cursor is past the last column: nothing is right of it.
            0 if wrap_pending => return,
            0 => (column, columns),
            1 => (0, column + 1),
            2 => (0, columns),
            _ => return,
        };
        if from == 0 && to == columns {
            self.part_from_above(row, host);
        }
        let blank = self.blank();
        self.grid.row(row).erase(from, to, blank, columns);
    }

    /// ECH.
    pub(super) fn erase_characters(&mut self, count: usize) {
        let Cursor { column, row, .. } = self.cursor;
        let (columns, blank) = (self.columns(), self.blank());
        self.cursor.wrap_pending = false;
        self.grid.row(row).erase(column, (column + count).min(columns), blank, columns);
    }

    /// ICH.
    pub(super) fn insert_characters(&mut self, count: usize) {
        let (columns, blank) = (self.columns(), self.blank());
        self.cursor.wrap_pending = false;
        self.grid.row(self.cursor.row).insert(self.cursor.column, count, blank, columns);
    }

    /// DCH.
    pub(super) fn delete_characters(&mut self, count: usize) {
        let (columns, blank) = (self.columns(), self.blank());
        self.cursor.wrap_pending = false;
        self.grid.row(self.cursor.row).delete(self.cursor.column, count, blank, columns);
    }

    /// DECALN: the screen full of E.
    pub(super) fn align(&mut self, host: &mut impl Host) {
        self.clear_display(host);
        let columns = self.columns();
        for row in &mut self.grid.rows {
            row.write_ascii(0, &vec![b'E'; columns], Pen::default(), columns);
        }
        self.reset_region();
        self.modes.origin = false;
        self.move_to(0, 0);
    }
}

/// Switching and resetting.
impl Terminal {
    /// DECSET and DECRST.
    pub(super) fn set_private(&mut self, number: u16, on: bool) {
        let Some(mode) = Private::of(number) else { return };
        match mode {
            Private::Mouse(mouse) => self.modes.set_mouse(mouse, on),
            Private::Alternate(how) if on => self.enter_alternate(how),
            Private::Alternate(how) => self.leave_alternate(how),
            Private::SaveCursor if on => self.save_cursor(),
            Private::SaveCursor => self.restore_cursor(),
            Private::Flag(flag) => *self.modes.flag(flag) = on,
            Private::Origin => {
                self.modes.origin = on;
                self.move_to(0, 0);
            }
        }
    }

    /// Whether a private mode is set, `None` where it is not known.
    pub(super) fn private(&mut self, number: u16) -> Option<bool> {
        match Private::of(number)? {
            Private::Mouse(mouse) => Some(self.modes.input.mouse == mouse),
            Private::Alternate(_) => Some(self.alternate),
            Private::SaveCursor => None,
            Private::Flag(flag) => Some(*self.modes.flag(flag)),
            Private::Origin => Some(self.modes.origin),
        }
    }

    fn enter_alternate(&mut self, how: Alternate) {
        if how == Alternate::WithCursor {
            self.save_cursor();
        }
        let (columns, rows, blank) = (self.columns(), self.rows(), self.blank());
        if !self.alternate {
            let empty = Grid::new(columns, rows);
            self.hidden = std::mem::replace(&mut self.grid, empty);
            self.alternate = true;
        }
        if how == Alternate::WithCursor {
            self.grid.clear(0, rows, blank);
        }
    }

    fn leave_alternate(&mut self, how: Alternate) {
        if !self.alternate {
            return;
        }
        self.grid = std::mem::take(&mut self.hidden);
        self.alternate = false;
        if how == Alternate::WithCursor {
            self.restore_cursor();
        }
    }

    /// DECSTR.
    pub(super) fn soft_reset(&mut self) {
        self.modes.soft_reset();
        self.reset_region();
        self.pen = Pen::default();
        self.charsets = Charsets::default();
        self.saved[usize::from(self.alternate)] = Saved::default();
        self.cursor.wrap_pending = false;
    }

    /// RIS: what stood on the primary screen becomes lines, then all is as at the start.
    pub(super) fn reset(&mut self, host: &mut impl Host) {
        self.leave_alternate(Alternate::Plain);
        self.hand_over(self.grid.used(), host);
        self.outgoing.flush(host);
        *self = Self { cleared: true, ..Self::new(self.size()) };
    }

    pub(super) fn finish(&mut self, host: &mut impl Host) {
        self.leave_alternate(Alternate::WithCursor);
        // A blank row with the cursor on it is where the next line would have begun.
        let used = self.grid.used().max(self.cursor.row);
        self.hand_over(used, host);
        self.outgoing.flush(host);
        *self = Self::new(self.size());
    }

    pub(super) fn resize(&mut self, size: Size, host: &mut impl Host) {
        let columns = usize::from(size.columns.clamp(1, LARGEST));
        let rows = usize::from(size.rows.clamp(1, LARGEST));
        if (columns, rows) == (self.columns(), self.rows()) {
            return;
        }
        if self.alternate {
            self.grid.crop(columns, rows);
            self.cursor = self.cursor.within(columns, rows);
            std::mem::swap(&mut self.grid, &mut self.hidden);
            let mut places = [self.saved[0].cursor, self.saved[0].cursor];
            self.resize_primary(columns, rows, &mut places, host);
            self.saved[0].cursor = places[0];
            std::mem::swap(&mut self.grid, &mut self.hidden);
        } else {
            let mut places = [self.cursor, self.saved[0].cursor];
            self.resize_primary(columns, rows, &mut places, host);
            [self.cursor, self.saved[0].cursor] = places;
        }
        self.tabs.resize(columns);
        self.reset_region();
    }

    /// Wraps the primary screen, which must be `grid`, anew. The first place decides which rows stay.
    fn resize_primary(
        &mut self,
        columns: usize,
        rows: usize,
        places: &mut [Cursor; 2],
        host: &mut impl Host,
    ) {
        let used = self.grid.used().max(places[0].row + 1).min(self.rows());
        self.grid.rows.truncate(used);
        let old = std::mem::replace(&mut self.grid.columns, columns);
        if columns != old {
            let wrapped = std::mem::take(&mut self.grid.rows);
            let [first, second] = places;
            self.grid.rows = reflow(wrapped, old, columns, &mut [first, second]);
        }
        // Rows below the cursor are what its program draws again; those above become lines.
        let leaving = self.grid.height().saturating_sub(rows).min(places[0].row);
        self.hand_over(leaving, host);
        self.grid.rows.drain(..leaving);
        for place in &mut *places {
            place.row = place.row.saturating_sub(leaving);
        }
        if self.grid.height() > rows {
            self.grid.rows[rows - 1].wrapped = false;
        }
        self.grid.rows.resize_with(rows, Default::default);
        *places = places.map(|place| place.within(columns, rows));
    }
}
