//! Lines in an order as rows of a window, and how to walk them up and down. Knows neither who follows
//! nor where lines come from.

use super::strand::Laid;
use crate::output::view::{Place, Position, RowAddress, Span, View, ViewRow, Window};
use std::sync::Arc;

/// Lines in an order, each at a place.
pub(super) trait Walk {
    /// The oldest line's place; the end where there is none.
    fn first(&self) -> Place;
    /// One past the newest line.
    fn end(&self) -> Place;
    /// The line's before this place.
    fn before(&self, place: Place) -> Option<Place>;
    /// The first line's that comes after this place, or the end.
    fn after(&self, place: Place) -> Place;
    /// The line's at this place or else the first that comes after it, or the end.
    fn nearest(&self, place: Place) -> Place;
    /// How many lines come after this place.
    fn count_after(&self, place: Place) -> u64;
    /// A line in rows.
    fn laid(&self, place: Place) -> Laid<'_>;
}

/// A walk's lines as rows.
#[derive(Debug)]
pub(super) struct Flow<W> {
    pub(super) walk: W,
}

impl<W: Walk> Flow<W> {
    /// The end: one past the last row.
    pub(super) fn end(&self) -> RowAddress {
        RowAddress { place: self.walk.end(), row: 0 }
    }

    /// The nearest address that there is, or the end.
    pub(super) fn nearest(&self, address: RowAddress) -> RowAddress {
        let place = self.walk.nearest(address.place);
        if place != address.place || place == self.walk.end() {
            return RowAddress { place, row: 0 };
        }
        let last = self.height(place) - 1;
        RowAddress { row: address.row.min(last), place }
    }

    /// So many rows further up, or the oldest row.
    pub(super) fn up(&self, from: RowAddress, rows: u64) -> RowAddress {
        let mut place = from.place;
        let mut left = rows;
        let mut above = u64::from(from.row);
        while above < left {
            let Some(before) = self.walk.before(place) else {
                return RowAddress { place: self.walk.first(), row: 0 };
            };
            left -= above;
            place = before;
            above = self.height(place).into();
        }
        RowAddress { place, row: (above - left) as u32 }
    }

    /// So many rows further down, or the end.
    pub(super) fn down(&self, from: RowAddress, rows: u64) -> RowAddress {
        let end = self.walk.end();
        let mut place = from.place;
        let mut row = u64::from(from.row).saturating_add(rows);
        while place < end {
            let height = self.height(place).into();
            if row < height {
                return RowAddress { place, row: row as u32 };
            }
            row -= height;
            place = self.walk.after(place);
        }
        self.end()
    }

    /// Rows from there on, at most so many.
    pub(super) fn rows(&self, from: RowAddress, count: u16) -> Vec<ViewRow> {
        let end = self.walk.end();
        let mut rows = Vec::with_capacity(count.into());
        let mut skipped = from.row;
        let mut place = from.place;
        let mut before = None;
        while place < end && rows.len() < usize::from(count) {
            let laid = self.walk.laid(place);
            let before_at = *before.get_or_insert_with(|| self.before_at(place));
            let mut above: Option<(u32, Arc<[Span]>)> = None;
            for row in (skipped..laid.height()).take(usize::from(count) - rows.len()) {
                let (spans, edges) = laid.row(row);
                let address = RowAddress { place, row };
                let column = match &above {
                    Some((column, spans)) => laid.column_below(row, *column, spans),
                    None => laid.column(row),
                };
                above = Some((column, Arc::clone(&spans)));
                rows.push(ViewRow {
                    address,
                    column,
                    stream: laid.stream,
                    at: laid.at,
                    before_at,
                    spans,
                    edges,
                });
            }
            before = Some(Some(laid.at));
            skipped = 0;
            place = self.walk.after(place);
        }
        rows
    }

    /// The rows in a window that follows from this row on. What more there is to say of it is for those
    /// who know the lines.
    pub(super) fn view(&self, window: Window, follow_top: RowAddress) -> View {
        let rows = self.rows(self.topmost(window, follow_top), window.size.rows);
        let lines_below = rows.last().map_or(0, |last| self.lines_below(last.address));
        View { following: window.position == Position::Follow, lines_below, rows, ..View::default() }
    }

    /// The position so many rows further down, or up.
    pub(super) fn scrolled(&self, window: Window, follow_top: RowAddress, rows: i64) -> Position {
        let top = self.topmost(window, follow_top);
        let distance = rows.unsigned_abs();
        let moved = if rows < 0 { self.up(top, distance) } else { self.down(top, distance) };
        if moved >= follow_top { Position::Follow } else { Position::At(moved) }
    }

    /// The position that shows what is at this place, or else the next line, on top: of a line of several
    /// rows, the one that has this column.
    pub(super) fn at(&self, place: Place, column: u32, follow_top: RowAddress) -> Position {
        let address = self.nearest(self.row_of(place, column));
        if address >= follow_top { Position::Follow } else { Position::At(address) }
    }

    /// The row that a column of a line stands in.
    pub(super) fn row_of(&self, place: Place, column: u32) -> RowAddress {
        if column == 0 {
            return RowAddress { place, row: 0 };
        }
        let laid = self.walk.laid(place);
        // The last row that begins at the column or before it.
        let (mut row, mut beyond) = (0, laid.height().max(1));
        while row + 1 < beyond {
            let middle = row.midpoint(beyond);
            if laid.column(middle) <= column { row = middle } else { beyond = middle }
        }
        RowAddress { place, row }
    }

    fn topmost(&self, window: Window, follow_top: RowAddress) -> RowAddress {
        match window.position {
            Position::Follow => follow_top,
            Position::At(address) => self.nearest(address).min(follow_top),
        }
    }

    /// How many lines have rows below this one.
    pub(super) fn lines_below(&self, last: RowAddress) -> u64 {
        let cut = u64::from(last.row + 1 < self.height(last.place));
        self.walk.count_after(last.place) + cut
    }

    fn before_at(&self, place: Place) -> Option<std::time::SystemTime> {
        self.walk.before(place).map(|before| self.walk.laid(before).at)
    }

    /// How many rows a line has, at least one.
    fn height(&self, place: Place) -> u32 {
        self.walk.laid(place).height().max(1)
    }
}
