//! All rows of a pane in order, from its oldest line to its end, as they stand in a window of some
//! width; and how to walk them. Knows neither who follows nor how lines came.

use super::layouts::{Layouts, WrappedRows, wrapped};
use super::line::{Line, Stream};
use super::log::Log;
use super::screen::Screen;
use super::styled;
use super::view::{RowAddress, Span, ViewRow};
use super::wrap;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

/// A line that is not in the log yet.
#[derive(Debug)]
pub(super) enum Tail<'a> {
    /// One whose end did not come.
    Open(OpenText<'a>),
    /// One on a terminal: what of it scrolled off already, and its rows on the grid.
    Grid(GridLine<'a>),
}

/// An unfinished line; it is wrapped once at most while a window is filled.
#[derive(Debug)]
pub(super) struct OpenText<'a> {
    pub(super) stream: Stream,
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) rows: OnceCell<WrappedRows>,
}

/// A line on a terminal's grid: rows that the terminal wrapped are joined.
#[derive(Debug)]
pub(super) struct GridLine<'a> {
    pub(super) screen: &'a Screen,
    pub(super) pending: &'a [u8],
    pub(super) rows: Range<u16>,
}

/// The lines of the log and those that come after them, wrapped at a width. Rows on a grid are as
/// the terminal made them, and cut where the window is narrower.
#[derive(Debug)]
pub(super) struct Flow<'a> {
    pub(super) log: &'a Log,
    pub(super) layouts: &'a Layouts,
    pub(super) tail: Vec<Tail<'a>>,
    pub(super) columns: u16,
}

impl Flow<'_> {
    /// The number of the oldest line.
    pub(super) fn first(&self) -> u64 {
        self.log.first()
    }

    /// The end: one past the last line.
    pub(super) fn end(&self) -> RowAddress {
        RowAddress { line: self.log.next() + self.tail.len() as u64, row: 0 }
    }

    /// The nearest address that there is, or the end.
    pub(super) fn nearest(&self, address: RowAddress) -> RowAddress {
        if address.line < self.first() {
            RowAddress { line: self.first(), row: 0 }
        } else if address < self.end() {
            let last = self.height(address.line) - 1;
            RowAddress { row: address.row.min(last), ..address }
        } else {
            self.end()
        }
    }

    /// So many rows further up, or the oldest row.
    pub(super) fn up(&self, from: RowAddress, rows: u64) -> RowAddress {
        let mut line = from.line;
        let mut left = rows;
        let mut above = u64::from(from.row);
        while above < left {
            if line <= self.first() {
                return RowAddress { line: self.first(), row: 0 };
            }
            left -= above;
            line -= 1;
            above = self.height(line).into();
        }
        RowAddress { line, row: (above - left) as u32 }
    }

    /// So many rows further down, or the end.
    pub(super) fn down(&self, from: RowAddress, rows: u64) -> RowAddress {
        let mut line = from.line;
        let mut row = u64::from(from.row).saturating_add(rows);
        while line < self.end().line {
            let height = self.height(line).into();
            if row < height {
                return RowAddress { line, row: row as u32 };
            }
            row -= height;
            line += 1;
        }
        self.end()
    }

    /// Rows from there on, at most so many.
    pub(super) fn rows(&self, from: RowAddress, count: u16) -> Vec<ViewRow> {
        let mut rows = Vec::with_capacity(count.into());
        let mut skipped = from.row;
        for line in from.line..self.end().line {
            if rows.len() >= usize::from(count) {
                break;
            }
            let laid = self.laid(line);
            for row in skipped..laid.height() {
                if rows.len() >= usize::from(count) {
                    break;
                }
                let address = RowAddress { line, row };
                rows.push(ViewRow { address, stream: laid.stream, spans: laid.row(row) });
            }
            skipped = 0;
        }
        rows
    }

    /// How many lines have rows below this one.
    pub(super) fn lines_below(&self, last: RowAddress) -> u64 {
        let cut = u64::from(last.row + 1 < self.height(last.line));
        self.end().line - last.line - 1 + cut
    }

    /// Where a row of the grid stands.
    pub(super) fn grid_row(&self, row: u16) -> Option<RowAddress> {
        self.tail.iter().zip(self.log.next()..).find_map(|(tail, line)| match tail {
            Tail::Grid(grid) if grid.rows.contains(&row) => {
                let above = above_grid(grid, self.columns).height(self.columns);
                Some(RowAddress { line, row: above + u32::from(row - grid.rows.start) })
            }
            Tail::Grid(_) | Tail::Open(_) => None,
        })
    }

    /// The text of a line; empty where there is none.
    pub(super) fn text(&self, line: u64) -> Cow<'_, str> {
        match (self.log.get(line), self.tail_at(line)) {
            (Some(line), _) => styled::plain(line.bytes),
            (None, Some(Tail::Open(open))) => styled::plain(&open.bytes),
            (None, Some(Tail::Grid(grid))) => {
                let rows = grid.rows.clone().flat_map(|row| grid.screen.row_spans(row));
                let mut text = styled::plain(grid.pending).into_owned();
                text.extend(rows.map(|span| span.text));
                Cow::Owned(text)
            }
            (None, None) => Cow::Borrowed(""),
        }
    }

    fn tail_at(&self, line: u64) -> Option<&Tail<'_>> {
        self.tail.get(usize::try_from(line.checked_sub(self.log.next())?).ok()?)
    }

    /// How many rows a line has, at least one.
    fn height(&self, line: u64) -> u32 {
        self.laid(line).height().max(1)
    }

    fn laid(&self, line: u64) -> Laid<'_> {
        let columns = self.columns;
        let (stream, text, grid) = match (self.log.get(line), self.tail_at(line)) {
            (Some(line), _) => (line.stream, self.logged(line), None),
            (None, Some(Tail::Open(open))) => (open.stream, open.text(columns), None),
            (None, Some(Tail::Grid(grid))) => (Stream::Terminal, above_grid(grid, columns), Some(grid)),
            (None, None) => (Stream::Ruling, Text::None, None),
        };
        Laid { stream, text, columns, grid }
    }

    fn logged<'a>(&'a self, line: Line<'a>) -> Text<'a> {
        ascii(line.bytes)
            .unwrap_or_else(|| Text::Rows(self.layouts.rows(line.number, line.bytes, self.columns)))
    }
}

impl OpenText<'_> {
    fn text(&self, columns: u16) -> Text<'_> {
        let rows = || Arc::clone(self.rows.get_or_init(|| wrapped(&self.bytes, columns)));
        ascii(&self.bytes).unwrap_or_else(|| Text::Rows(rows()))
    }
}

/// What scrolled off already.
fn above_grid<'a>(grid: &GridLine<'a>, columns: u16) -> Text<'a> {
    if grid.pending.is_empty() {
        return Text::None;
    }
    ascii(grid.pending).unwrap_or_else(|| Text::Rows(wrapped(grid.pending, columns)))
}

fn ascii(bytes: &[u8]) -> Option<Text<'_>> {
    styled::printable(bytes).filter(|text| text.is_ascii()).map(Text::Ascii)
}

/// A line in rows.
struct Laid<'a> {
    stream: Stream,
    text: Text<'a>,
    columns: u16,
    /// The rows that come after the text's.
    grid: Option<&'a GridLine<'a>>,
}

enum Text<'a> {
    None,
    /// One byte, one column: its rows are found without a look at it.
    Ascii(&'a str),
    Rows(WrappedRows),
}

impl Laid<'_> {
    fn text_height(&self) -> u32 {
        self.text.height(self.columns)
    }

    fn height(&self) -> u32 {
        self.text_height() + self.grid.map_or(0, |grid| grid.rows.len() as u32)
    }

    fn row(&self, row: u32) -> Vec<Span> {
        if row >= self.text_height() {
            let below = row - self.text_height();
            return self.grid.map_or_else(Vec::new, |grid| {
                let spans = grid.screen.row_spans(grid.rows.start + below as u16);
                wrap::cropped(spans, self.columns)
            });
        }
        match &self.text {
            Text::None => Vec::new(),
            Text::Ascii(text) => ascii_row(text, row, self.columns),
            Text::Rows(rows) => rows[row as usize].clone(),
        }
    }
}

impl Text<'_> {
    fn height(&self, columns: u16) -> u32 {
        match self {
            Text::None => 0,
            Text::Ascii(_) if columns == 0 => 1,
            Text::Ascii(text) => text.len().div_ceil(columns.into()).max(1) as u32,
            Text::Rows(rows) => rows.len() as u32,
        }
    }
}

fn ascii_row(text: &str, row: u32, columns: u16) -> Vec<Span> {
    let columns = usize::from(columns);
    let start = (row as usize * columns).min(text.len());
    let text = &text[start..(start + columns).min(text.len())];
    if text.is_empty() {
        return Vec::new();
    }
    vec![Span { text: text.to_owned(), ..Span::default() }]
}
