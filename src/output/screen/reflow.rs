//! Soft-wrapped lines wrapped anew for another width. Knows rows, and places on them to be kept.

use super::cell::{Cell, Kind};
use super::cursor::Cursor;
use super::row::Row;
use std::collections::VecDeque;

/// Wraps `rows` anew from the width `old` to `new`; `places` move with their text.
pub(super) fn reflow(
    rows: VecDeque<Row>,
    old: usize,
    new: usize,
    places: &mut [&mut Cursor],
) -> VecDeque<Row> {
    let mut out = VecDeque::with_capacity(rows.len());
    let mut line = Line::default();
    let mut marks: Vec<(usize, usize)> = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        for (which, place) in places.iter().enumerate().filter(|(_, place)| place.row == index) {
            let column = place.column + usize::from(place.wrap_pending);
            marks.push((which, line.cells.len() + column));
        }
        let ends = !row.wrapped;
        line.push(&row, old);
        if ends {
            std::mem::take(&mut line).wrap(new, &mut out, &mut marks, places);
        }
    }
    if line.started {
        line.wrap(new, &mut out, &mut marks, places);
    }
    out
}

/// A logical line on its way from the old rows to the new ones.
#[derive(Default)]
struct Line {
    cells: Vec<Cell>,
    started: bool,
}

impl Line {
    fn push(&mut self, row: &Row, columns: usize) {
        self.started = true;
        if !row.wrapped {
            self.cells.extend_from_slice(row.cells());
            return;
        }
        let cells = row.cells();
        let filled = cells.last().is_some_and(|last| last.kind() == Kind::Filler);
        self.cells.extend_from_slice(&cells[..cells.len() - usize::from(filled)]);
        self.cells.extend((cells.len()..columns).map(|_| Cell::BLANK));
    }

    fn wrap(
        mut self,
        columns: usize,
        out: &mut VecDeque<Row>,
        marks: &mut Vec<(usize, usize)>,
        places: &mut [&mut Cursor],
    ) {
        self.trim(columns);
        let mut from = 0;
        loop {
            let (cells, taken) = self.next_row(from, columns);
            let last = from + taken >= self.cells.len();
            marks.retain(|&(which, offset)| {
                let here = last || offset < from + taken;
                if here {
                    let column = offset - from;
                    places[which].row = out.len();
                    places[which].column = column.min(columns - 1);
                    places[which].wrap_pending = column == columns && taken == columns;
                }
                !here
            });
            let mut row = Row::of(cells);
            row.wrapped = !last;
            out.push_back(row);
            from += taken;
            if last {
                return;
            }
        }
    }

    /// Blanks at the end, coloured ones too, make no row of their own.
    fn trim(&mut self, columns: usize) {
        let plain = self.cells.iter().rposition(|cell| !cell.is_blank()).map_or(0, |last| last + 1);
        self.cells.truncate(plain);
        if self.cells.len() > columns {
            let text = self.cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
            self.cells.truncate(text.max(columns));
        }
    }

    /// The cells of the row that begins at `from`, and how many of the line's cells are in it.
    fn next_row(&self, from: usize, columns: usize) -> (Vec<Cell>, usize) {
        let end = self.cells.len().min(from + columns);
        let mut cells = self.cells[from..end].to_vec();
        let taken = cells.len();
        let Some(last) = cells.last_mut().filter(|last| last.kind() == Kind::Lead) else {
            return (cells, taken);
        };
        if columns > 1 {
            *last = last.emptied().of_kind(Kind::Filler);
            return (cells, taken - 1);
        }
        // No room for both halves anywhere.
        *last = Cell::new(char::REPLACEMENT_CHARACTER, last.pen());
        (cells, 2)
    }
}
