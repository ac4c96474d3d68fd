//! Erasing parts of the screen and shifting parts of a row. Moves no row.

use super::cell::Pen;
use super::cursor::Cursor;
use super::row::Row;
use super::screen::Host;
use super::terminal::Terminal;

impl Terminal {
    /// ED.
    pub(super) fn erase_display(&mut self, part: usize, host: &mut impl Host) {
        let Cursor { column, row, .. } = self.cursor;
        let (rows, blank) = (self.rows(), self.blank());
        match part {
            // Whoever goes home to erase clears; whoever moved up to erase draws again what is there.
            0 if (column, row) == (0, 0) && self.homed => self.clear_display(host),
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
        if self.hidden.rows.is_empty() && self.left.rows.is_empty() {
            self.clusters.clear();
        }
    }

    /// Forgets the texts of clusters that were overwritten.
    pub(super) fn collect_clusters(&mut self) {
        let rows = self.grid.rows.iter_mut().chain(&mut self.hidden.rows).chain(&mut self.left.rows);
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
