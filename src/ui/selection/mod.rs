//! Text that is selected in a pane: two ends in the text itself, by line and column, so that it stays
//! where it is whatever pours in and however wide the window is. Pure; what is done with it is told
//! elsewhere.
//!
//! A column counts from the line's beginning, as if the line stood in one row of any width.

mod acts;
mod draw;
mod motion;
mod mouse;
#[cfg(test)]
mod tests;

pub(super) use acts::{begin, clear, found, go, hint, key, keys, settle, tick, wakes_at};
pub(super) use draw::draw;
pub(super) use motion::{Lines, Motion};
pub(super) use mouse::{Clicks, drag, is_pressed, press, release};

use crate::output::{Columns, Extent, Place, Position, RULING, Stream, View, ViewRow};
use crate::spec::WorkerName;
use std::ops::Range;
use std::time::Instant;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// One cell of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Point {
    pub(super) place: Place,
    pub(super) column: u32,
}

/// From one cell to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: Point,
    pub(super) to: Point,
}

impl Stretch {
    pub(super) fn one(point: Point) -> Self {
        Self { from: point, to: point }
    }
}

/// What is between the ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Shape {
    /// All text from one end to the other.
    #[default]
    Characters,
    /// Whole lines.
    Lines,
    /// The columns between the ends, of each line.
    Block,
}

/// By what a drag grows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Unit {
    #[default]
    Cell,
    Word,
    Line,
}

/// The button is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Drag {
    pub(super) unit: Unit,
    /// Where the pointer is, from the pane's first cell of text; outside of it, it scrolls.
    pub(super) pointer: (i32, i32),
    pub(super) scrolls_at: Option<Instant>,
}

/// What is left of a selection whose log had no room for all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    All,
    /// The newest lines.
    Part,
    Nothing,
}

/// Selected text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) worker: WorkerName,
    pub(super) shape: Shape,
    anchor: Stretch,
    head: Stretch,
    /// The column that the head goes back to where lines are long enough.
    goal: u32,
    /// Where the pane stood before.
    stood: Position,
    pub(super) drag: Option<Drag>,
}

impl Selection {
    pub(super) fn new(worker: WorkerName, shape: Shape, at: Stretch, stood: Position) -> Self {
        Self { worker, shape, anchor: at, head: at, goal: at.from.column, stood, drag: None }
    }

    /// The end that moves.
    pub(super) fn head(&self) -> Point {
        if self.head.from < self.anchor.from { self.head.from } else { self.head.to }
    }

    /// The first and the last cell in the order of the text.
    fn ends(&self) -> (Point, Point) {
        (self.anchor.from.min(self.head.from), self.anchor.to.max(self.head.to))
    }

    /// The columns of a block, both included.
    fn sides(&self) -> (u32, u32) {
        let (one, other) = (self.anchor, self.head);
        let left = one.from.column.min(other.from.column);
        (left, one.to.column.max(other.to.column))
    }

    /// What of the worker's lines it is.
    pub(super) fn extent(&self) -> Extent {
        let (first, last) = self.ends();
        let columns = match self.shape {
            Shape::Characters => Columns::Run { from: first.column, to: last.column },
            Shape::Lines => Columns::Block { from: 0, to: u32::MAX },
            Shape::Block => {
                let (from, to) = self.sides();
                Columns::Block { from, to }
            }
        };
        Extent { first: first.place.line, last: last.place.line, columns }
    }

    /// Which columns of a line are selected.
    pub(super) fn columns_of(&self, place: Place) -> Option<Range<u32>> {
        let (first, last) = self.ends();
        if place < first.place || place > last.place {
            return None;
        }
        Some(match self.shape {
            Shape::Lines => 0..u32::MAX,
            Shape::Block => {
                let (from, to) = self.sides();
                from..to.saturating_add(1)
            }
            Shape::Characters => {
                let from = if place == first.place { first.column } else { 0 };
                let to = if place == last.place { last.column.saturating_add(1) } else { u32::MAX };
                from..to
            }
        })
    }

    /// Lines before this one had to go. Says what is left of what was selected.
    fn forget_before(&mut self, line: u64) -> Left {
        let (first, last) = self.ends();
        if line <= first.place.line {
            return Left::All;
        }
        if line > last.place.line {
            return Left::Nothing;
        }
        let oldest = Point { place: Place::line(line), column: 0 };
        for stretch in [&mut self.anchor, &mut self.head] {
            (stretch.from, stretch.to) = (stretch.from.max(oldest), stretch.to.max(oldest));
        }
        Left::Part
    }

    /// Takes all of the word at the moving end, in its line's whole text.
    fn widen(&mut self, text: &str) {
        let head = self.head();
        let word = word_at(text, head.column);
        let at = |column| Point { column, ..head };
        let word = Stretch { from: at(word.start), to: at(word.end.saturating_sub(1)) };
        (self.anchor, self.head) = (word, word);
    }

    pub(super) fn swap(&mut self) {
        std::mem::swap(&mut self.anchor, &mut self.head);
        self.goal = self.head().column;
    }

    pub(super) fn extend(&mut self, to: Stretch) {
        self.head = to;
    }

    fn lines(&self) -> u64 {
        let (first, last) = self.ends();
        last.place.line - first.place.line + 1
    }
}

/// The text of a row as it is drawn.
pub(super) fn row_text(row: &ViewRow) -> String {
    let words: String = row.spans.iter().map(|span| span.text.as_str()).collect();
    match row.stream {
        Stream::Ruling => format!("{RULING}{words}"),
        Stream::Terminal | Stream::Stdout | Stream::Stderr => words,
    }
}

/// The cell of the text that stands there, or the nearest in the rows that are in view.
pub(super) fn point_at(view: &View, (x, y): (i32, i32)) -> Option<Point> {
    let last = view.rows.len().checked_sub(1)?;
    let index = usize::try_from(y.max(0)).unwrap_or(0);
    let row = &view.rows[index.min(last)];
    let width = row_text(row).width() as u32;
    let x = if index > last { width } else { x.max(0) as u32 };
    // Behind the end of a wrapped row is nothing of the next one.
    let goes_on = view.rows.get(index + 1).is_some_and(|next| next.address.place == row.address.place);
    let x = if goes_on { x.min(width.saturating_sub(1)) } else { x };
    Some(Point { place: row.address.place, column: row.column + x })
}

/// What of a line is in view, and at which column that begins.
pub(super) fn line_in_view(view: &View, place: Place) -> (u32, String) {
    let rows = || view.rows.iter().filter(|row| row.address.place == place);
    (rows().next().map_or(0, |row| row.column), rows().map(row_text).collect())
}

/// What a double click takes for parts of one word: names, numbers, paths, addresses.
fn class(cluster: &str) -> u8 {
    let first = cluster.chars().next().unwrap_or(' ');
    match first {
        ' ' => 0,
        c if c.is_alphanumeric() || "_-./~@%+=?&#:\\".contains(c) => 1,
        _ => 2,
    }
}

/// The columns of the word at a column; beyond the end, of nothing.
pub(super) fn word_at(text: &str, column: u32) -> Range<u32> {
    let mut at = 0;
    let mut run = (0, u8::MAX);
    let mut wanted = None;
    for cluster in text.graphemes(true) {
        let class = class(cluster);
        if class != run.1 {
            if wanted.is_some() {
                break;
            }
            run = (at, class);
        }
        let end = at + cluster.width() as u32;
        if (at..end).contains(&column) {
            wanted = Some(run.0);
        }
        at = end;
    }
    wanted.map_or(column..column + 1, |from| from..at)
}
