//! Printing: characters onto the grid, with wrapping, insertion and marks. Knows no escape.

use super::cell::{Cell, Kind};
use super::screen::Host;
use super::terminal::Terminal;
use unicode_width::UnicodeWidthChar;

impl Terminal {
    /// Printable ASCII.
    #[inline]
    pub(super) fn print_ascii(&mut self, text: &[u8], host: &mut impl Host) {
        let Some(&last) = text.last() else { return };
        if !self.charsets.plain() {
            for &byte in text {
                self.print(char::from(byte), host);
            }
            return;
        }
        self.last = Some(char::from(last));
        let columns = self.columns();
        let mut rest = text;
        while !rest.is_empty() {
            self.wrap_if_pending(host);
            let column = self.cursor.column;
            let (now, later) = rest.split_at(rest.len().min(columns - column));
            let row = self.grid.row(self.cursor.row);
            if self.modes.insert {
                row.insert(column, now.len(), self.pen.blank(), columns);
            }
            row.write_ascii(column, now, self.pen, columns);
            self.advance(now.len());
            rest = later;
            if !self.modes.autowrap && !rest.is_empty() {
                // All that remains falls on the last column; the last one of it stays.
                rest = &rest[rest.len() - 1..];
            }
        }
    }

    /// Any character but a control one.
    pub(super) fn print(&mut self, character: char, host: &mut impl Host) {
        let character = self.charsets.map(character);
        match width(character) {
            0 => self.mark(character),
            1 => {
                self.last = Some(character);
                self.print_narrow(character, host);
            }
            _ => {
                self.last = Some(character);
                self.print_wide(character, host);
            }
        }
    }

    fn print_narrow(&mut self, character: char, host: &mut impl Host) {
        self.wrap_if_pending(host);
        self.make_room(1);
        let columns = self.columns();
        let cell = Cell::new(character, self.pen);
        self.grid.row(self.cursor.row).write(self.cursor.column, cell, columns);
        self.advance(1);
    }

    fn print_wide(&mut self, character: char, host: &mut impl Host) {
        let columns = self.columns();
        if columns < 2 {
            return self.print_narrow(char::REPLACEMENT_CHARACTER, host);
        }
        self.wrap_if_pending(host);
        if self.cursor.column + 1 == columns {
            if self.modes.autowrap {
                let filler = self.pen.blank().of_kind(Kind::Filler);
                self.grid.row(self.cursor.row).write(columns - 1, filler, columns);
                self.wrap(host);
            } else {
                self.cursor.column -= 1;
            }
        }
        self.make_room(2);
        let cell = Cell::new(character, self.pen);
        self.grid.row(self.cursor.row).write_wide(self.cursor.column, cell, columns);
        self.advance(2);
    }

    /// REP: the last character again, at most a screenful of it.
    pub(super) fn repeat(&mut self, count: usize, host: &mut impl Host) {
        let Some(character) = self.last else { return };
        for _ in 0..count.min(self.columns() * self.rows()) {
            match width(character) {
                2 => self.print_wide(character, host),
                _ => self.print_narrow(character, host),
            }
        }
    }

    /// Puts a combining mark on the character before the cursor.
    fn mark(&mut self, mark: char) {
        let Some(mut column) = self.before_cursor() else { return };
        let row = self.cursor.row;
        if self.grid.row(row).get(column).kind() == Kind::Trail {
            column -= 1;
        }
        if self.clusters.crowded() {
            self.collect_clusters();
        }
        let cell = self.grid.row(row).get(column);
        let joined = self.clusters.join(cell, mark);
        self.grid.row(row).replace(column, joined);
    }

    fn before_cursor(&self) -> Option<usize> {
        let column = self.cursor.column;
        if self.cursor.wrap_pending { Some(column) } else { column.checked_sub(1) }
    }

    fn make_room(&mut self, count: usize) {
        if self.modes.insert {
            let (columns, blank) = (self.columns(), self.pen.blank());
            self.grid.row(self.cursor.row).insert(self.cursor.column, count, blank, columns);
        }
    }

    #[inline]
    fn advance(&mut self, count: usize) {
        let columns = self.columns();
        self.cursor.column += count;
        if self.cursor.column >= columns {
            self.cursor.column = columns - 1;
            self.cursor.wrap_pending = self.modes.autowrap;
        }
    }

    #[inline]
    fn wrap_if_pending(&mut self, host: &mut impl Host) {
        if std::mem::take(&mut self.cursor.wrap_pending) && self.modes.autowrap {
            self.wrap(host);
        }
    }

    fn wrap(&mut self, host: &mut impl Host) {
        self.index(true, host);
        self.cursor.column = 0;
    }
}

/// Columns that a character takes: 0, 1 or 2.
#[inline]
pub(super) fn width(character: char) -> usize {
    match character {
        // The blocks met most often, before the table is asked.
        ' '..='~' | '\u{c0}'..='\u{2ff}' | '\u{2500}'..='\u{259f}' => 1,
        '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => 2,
        _ => character.width().unwrap_or(0),
    }
}
