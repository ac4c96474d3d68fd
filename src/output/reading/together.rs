//! Several workers' outputs read as one, in the order in which lines came. Knows no worker's name.

use super::flow::{Flow, Walk};
use super::merge::{Merge, nanoseconds};
use super::reader::Reader;
use crate::output::search::Nearest;
use crate::output::view::{Fit, Passing, Place, Position, RowAddress, View, Window};
use std::time::SystemTime;

/// Reads several workers at once, as of the last look of each of their readers. Places name a worker
/// by its place among the readers.
#[derive(Debug)]
pub struct Together<'a> {
    readers: Vec<&'a Reader>,
}

impl<'a> Together<'a> {
    /// Reads these.
    pub fn new(readers: Vec<&'a Reader>) -> Self {
        Self { readers }
    }

    /// The rows in a window.
    pub fn view(&self, window: Window) -> View {
        let flow = self.flow(window);
        let view = flow.view(window, follow_top(&flow, window));
        let lines = |reader: &&Reader| reader.lines();
        View {
            passing: self.passing(),
            lines_total: self.readers.iter().map(lines).map(|lines| lines.end).sum(),
            lines_dropped: self.readers.iter().map(lines).map(|lines| lines.start).sum(),
            oldest: self.readers.iter().filter_map(|reader| reader.oldest()).min(),
            held: self.readers.iter().any(|reader| reader.is_held()),
            ..view
        }
    }

    /// As [`Reader::scrolled`].
    pub fn scrolled(&self, window: Window, rows: i64) -> Position {
        let flow = self.flow(window);
        flow.scrolled(window, follow_top(&flow, window), rows)
    }

    /// As [`Reader::at`].
    pub fn at(&self, window: Window, place: Place, column: u32) -> Position {
        let flow = self.flow(window);
        flow.at(place, column, follow_top(&flow, window))
    }

    /// The text of the line at this place, as it is drawn; empty where there is none.
    pub fn text_at(&self, place: Place) -> String {
        self.readers.get(usize::from(place.worker)).map_or_else(String::new, |reader| reader.text_at(place))
    }

    /// The place of the first line that came at this time or later.
    pub fn since(&self, time: SystemTime) -> Place {
        Place { at: nanoseconds(time), worker: 0, line: 0 }
    }

    /// The place of a line of one of them.
    pub fn place(&self, worker: usize, line: u64) -> Place {
        self.merge(u16::MAX).place(worker, line)
    }

    /// The nearest place that `nearest` finds in each worker's lines: it is asked for a worker, the line
    /// to look from, and the first line that is not waited for.
    ///
    /// # Errors
    /// [`Pending`] while any of them does not know.
    pub fn nearest(
        &self,
        from: Place,
        up: bool,
        until: Place,
        nearest: impl Fn(usize, &Reader, u64, u64) -> Nearest,
    ) -> Result<Option<Place>, Pending> {
        let merge = self.merge(u16::MAX);
        let mut found = Vec::new();
        for (worker, reader) in self.readers.iter().enumerate() {
            let until = merge.line_at(worker, until);
            let line = if up {
                merge.line_at(worker, from.next()).checked_sub(1)
            } else {
                Some(merge.line_at(worker, from))
            };
            let Some(line) = line else { continue };
            match nearest(worker, reader, line, until) {
                Nearest::Found(line) => found.push(merge.place(worker, line)),
                Nearest::Nothing => {}
                Nearest::Pending => return Err(Pending),
            }
        }
        Ok(if up { found.into_iter().max() } else { found.into_iter().min() })
    }

    /// How many lines the search finds in all and from the oldest up to this place, and whether all lines
    /// were looked at.
    pub fn found(&self, upto: Option<Place>) -> (u64, u64, bool) {
        let merge = self.merge(u16::MAX);
        let each = self.readers.iter().enumerate().map(|(worker, reader)| {
            let next = upto.map_or(0, |upto| merge.line_at(worker, upto.next()));
            let (all, before, whole) = reader.found(next.saturating_sub(1));
            (all, if next == 0 { 0 } else { before }, whole)
        });
        each.fold((0, 0, true), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 && one.2))
    }

    fn passing(&self) -> Option<Passing> {
        self.readers.iter().filter_map(|reader| reader.passing()).reduce(|one, other| Passing {
            lines: one.lines + other.lines,
            of: one.of + other.of,
            whole: one.whole && other.whole,
        })
    }

    fn merge(&self, columns: u16) -> Merge<'_> {
        Merge::new(
            self.readers.iter().map(|reader| reader.strand().without_waiting()).collect(),
            columns,
            Fit::Wrap,
        )
    }

    fn flow(&self, window: Window) -> Flow<Merge<'_>> {
        let strands = self.readers.iter().map(|reader| reader.strand().without_waiting()).collect();
        Flow { walk: Merge::new(strands, window.size.columns, window.fit) }
    }
}

/// Not all lines in between were looked at yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending;

/// The topmost row of a window that follows.
fn follow_top(flow: &Flow<Merge<'_>>, window: Window) -> RowAddress {
    flow.up(RowAddress { place: flow.walk.end(), row: 0 }, window.size.rows.into())
}
