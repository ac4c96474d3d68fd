//! Modes, the two screens, resets and sizes: what changes the terminal as a whole.

use super::cell::Pen;
use super::charset::Charsets;
use super::cursor::{Cursor, Saved};
use super::grid::Grid;
use super::modes::{Alternate, Private};
use super::reflow::reflow;
use super::screen::Host;
use super::terminal::{LARGEST, Terminal};
use crate::protocol::Size;

/// How deep titles are stacked.
const TITLES_KEPT: usize = 8;

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
            let mut grid = std::mem::take(&mut self.left);
            if grid.rows.is_empty() {
                grid = Grid::new(columns, rows);
            }
            grid.crop(columns, rows);
            self.hidden = std::mem::replace(&mut self.grid, grid);
            self.hidden_cursor = self.cursor;
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
        let left = std::mem::replace(&mut self.grid, std::mem::take(&mut self.hidden));
        if how == Alternate::Plain {
            self.left = left;
        }
        self.alternate = false;
        if how == Alternate::WithCursor {
            self.restore_cursor();
        }
    }

    /// XTSAVE: keeps how these private modes are.
    pub(super) fn save_modes(&mut self, numbers: &[u16]) {
        for &number in numbers {
            let Some(on) = self.private(number) else { continue };
            self.saved_modes.retain(|(saved, _)| *saved != number);
            self.saved_modes.push((number, on));
        }
    }

    /// XTRESTORE: these private modes are as they were kept.
    pub(super) fn restore_modes(&mut self, numbers: &[u16]) {
        for number in numbers {
            let saved = self.saved_modes.iter().find(|(saved, _)| saved == number).copied();
            if let Some((number, on)) = saved
                && self.private(number) != Some(on)
            {
                self.set_private(number, on);
            }
        }
    }

    /// XTWINOPS 22 and 23 for the title: puts it by, or takes back the one put by last.
    pub(super) fn keep_title(&mut self) {
        if self.titles.len() < TITLES_KEPT {
            self.titles.push(self.title.clone());
        }
    }

    pub(super) fn take_title_back(&mut self) {
        if let Some(title) = self.titles.pop() {
            self.title = title;
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
        *self = Self { cleared: true, keyboard: self.keyboard.reset(), ..Self::new(self.size()) };
    }

    pub(super) fn finish(&mut self, host: &mut impl Host) {
        if self.alternate {
            self.leave_alternate(Alternate::Plain);
            self.cursor = self.hidden_cursor;
        }
        // A blank row with the cursor on it is where the next line would have begun.
        let used = self.grid.used().max(self.cursor.row);
        self.hand_over(used, host);
        self.outgoing.flush(host);
        *self = Self { keyboard: self.keyboard.reset(), ..Self::new(self.size()) };
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
            let mut places = [self.hidden_cursor, self.saved[0].cursor];
            self.resize_primary(columns, rows, &mut places, host);
            [self.hidden_cursor, self.saved[0].cursor] = places;
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
