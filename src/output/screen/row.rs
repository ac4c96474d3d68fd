//! One row of cells: writing, erasing, shifting. Knows neither the cursor nor its neighbours.
//!
//! A row keeps its cells only up to the last one that was written: what lies beyond is blank in the
//! default style, so that an empty row costs nothing and a cleared one keeps its memory.

use super::cell::{Cell, Kind, Pen};

/// A row of at most `columns` cells; callers pass `columns`, the same for all rows of a grid.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    cells: Vec<Cell>,
    /// Whether its text goes on in the next row (a soft wrap). Any change of the last column ends
    /// that.
    pub(super) wrapped: bool,
    /// Whether a wide character may be in it.
    wide: bool,
}

impl Row {
    /// A row of these cells.
    pub(super) fn of(cells: Vec<Cell>) -> Self {
        let wide = cells.iter().any(|cell| cell.kind() == Kind::Lead);
        Self { cells, wrapped: false, wide }
    }

    /// The cells up to the last one that was written.
    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(super) fn cells_mut(&mut self) -> &mut [Cell] {
        &mut self.cells
    }

    pub(super) fn get(&self, column: usize) -> Cell {
        self.cells.get(column).copied().unwrap_or_default()
    }

    /// The cells without trailing ones that show nothing.
    pub(super) fn trimmed(&self) -> &[Cell] {
        let used = self.cells.iter().rposition(|cell| !cell.is_blank());
        &self.cells[..used.map_or(0, |last| last + 1)]
    }

    /// The cells that its line has: a row that goes on in the next one has its blanks at the end too, but
    /// not the column that a wide character left free.
    pub(super) fn said(&self) -> &[Cell] {
        if !self.wrapped {
            return self.trimmed();
        }
        match self.cells.split_last() {
            Some((last, before)) if last.kind() == Kind::Filler => before,
            Some(_) | None => &self.cells,
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.is_blank())
    }

    /// Printable ASCII from `column` on; it must fit.
    #[inline]
    pub(super) fn write_ascii(&mut self, column: usize, text: &[u8], pen: Pen, columns: usize) {
        let end = column + text.len();
        self.prepare(column, end, columns);
        let old = self.cells.len().min(end) - column;
        for (cell, &byte) in self.cells[column..column + old].iter_mut().zip(text) {
            *cell = Cell::ascii(byte, pen);
        }
        self.cells.extend(text[old..].iter().map(|&byte| Cell::ascii(byte, pen)));
    }

    /// One cell of one column.
    #[inline]
    pub(super) fn write(&mut self, column: usize, cell: Cell, columns: usize) {
        self.prepare(column, column + 1, columns);
        self.put(column, cell);
    }

    /// A wide character on `column` and the next; both must fit.
    #[inline]
    pub(super) fn write_wide(&mut self, column: usize, cell: Cell, columns: usize) {
        self.prepare(column, column + 2, columns);
        self.put(column, cell.of_kind(Kind::Lead));
        self.put(column + 1, cell.emptied().of_kind(Kind::Trail));
        self.wide = true;
    }

    /// Replaces a cell by one of the same kind.
    pub(super) fn replace(&mut self, column: usize, cell: Cell) {
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::BLANK);
        }
        self.cells[column] = cell;
    }

    fn put(&mut self, column: usize, cell: Cell) {
        match self.cells.get_mut(column) {
            Some(old) => *old = cell,
            None => self.cells.push(cell),
        }
    }

    /// Makes `from..to` ready to be written: the cells before it exist, no wide character sticks out.
    #[inline]
    fn prepare(&mut self, from: usize, to: usize, columns: usize) {
        if self.wide {
            self.separate(from);
            self.separate(to);
        }
        if self.cells.capacity() < columns {
            self.cells.reserve_exact(columns - self.cells.len());
        }
        if self.cells.len() < from {
            self.cells.resize(from, Cell::BLANK);
        }
        if to == columns {
            self.wrapped = false;
        }
    }

    /// Empties a wide character that spans the border before `column`.
    fn separate(&mut self, column: usize) {
        if self.get(column).kind() == Kind::Trail {
            for half in &mut self.cells[column.saturating_sub(1)..=column] {
                *half = half.emptied();
            }
        }
    }

    /// Blanks the columns `from..to`.
    pub(super) fn erase(&mut self, from: usize, to: usize, blank: Cell, columns: usize) {
        if from >= to {
            return;
        }
        if self.wide {
            self.separate(from);
            self.separate(to);
        }
        if to == columns {
            self.wrapped = false;
        }
        if blank != Cell::BLANK && self.cells.len() < to {
            self.cells.resize(to, Cell::BLANK);
        }
        if blank == Cell::BLANK && to >= self.cells.len() {
            self.cells.truncate(from);
        } else {
            self.cells[from..to].fill(blank);
        }
    }

    /// Blanks the whole row.
    #[inline]
    pub(super) fn clear(&mut self, blank: Cell, columns: usize) {
        self.cells.clear();
        self.wrapped = false;
        self.wide = false;
        if blank != Cell::BLANK {
            self.cells.resize(columns, blank);
        }
    }

    /// Puts `count` blanks before `column`; what is pushed over the edge is lost.
    pub(super) fn insert(&mut self, column: usize, count: usize, blank: Cell, columns: usize) {
        let count = count.min(columns - column);
        self.separate(column);
        self.wrapped = false;
        let length = (self.cells.len().max(column) + count).min(columns);
        self.cells.resize(length, Cell::BLANK);
        self.cells.copy_within(column..length - count, column + count);
        self.cells[column..column + count].fill(blank);
        self.mend_edge(columns);
    }

    /// Takes `count` cells away at `column`; blanks come in at the right.
    pub(super) fn delete(&mut self, column: usize, count: usize, blank: Cell, columns: usize) {
        let count = count.min(columns - column);
        self.separate(column);
        self.separate(column + count);
        self.wrapped = false;
        let length = self.cells.len();
        if column < length {
            self.cells.drain(column..(column + count).min(length));
        }
        if blank != Cell::BLANK {
            self.cells.resize(columns - count, Cell::BLANK);
            self.cells.resize(columns, blank);
        }
    }

    /// Cuts the row to `columns`.
    pub(super) fn truncate(&mut self, columns: usize) {
        if self.cells.len() > columns {
            self.separate(columns);
            self.cells.truncate(columns);
        }
        self.wrapped = false;
    }

    /// Empties the left half of a wide character whose right half went over the edge.
    fn mend_edge(&mut self, columns: usize) {
        if self.wide && self.get(columns - 1).kind() == Kind::Lead {
            self.cells[columns - 1] = self.cells[columns - 1].emptied();
        }
    }
}
