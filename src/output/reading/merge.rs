//! The lines of several workers in the order in which they came. Knows no rows.

use super::flow::Walk;
use super::strand::{Laid, Strand};
use crate::output::view::{Fit, Place};
use std::cell::RefCell;
use std::time::SystemTime;

/// The walk through the lines of several workers, by their times; of one time, by the workers' order.
#[derive(Debug)]
pub(super) struct Merge<'a> {
    strands: Vec<Strand<'a>>,
    /// How many columns each has: names are drawn beside the lines.
    columns: u16,
    fit: Fit,
    /// Where each strand stands at the place that was asked about last.
    cursor: RefCell<Cursor>,
}

#[derive(Debug, Clone)]
struct Cursor {
    place: Place,
    /// Of each strand, the first line that is not before the place.
    lines: Vec<u64>,
}

const END: Place = Place::END;

impl<'a> Merge<'a> {
    pub(super) fn new(strands: Vec<Strand<'a>>, columns: u16, fit: Fit) -> Self {
        let lines = strands.iter().map(Strand::end).collect();
        Self { strands, columns, fit, cursor: Cursor { place: END, lines }.into() }
    }

    /// The place of a line of one of them.
    pub(super) fn place(&self, worker: usize, line: u64) -> Place {
        Place { at: nanoseconds(self.strands[worker].at(line)), worker: worker as u16, line }
    }

    /// Of each strand, the first line that is not before this place.
    fn lines_at(&self, place: Place) -> Vec<u64> {
        let cursor = self.cursor.borrow();
        if cursor.place == place {
            return cursor.lines.clone();
        }
        drop(cursor);
        let lines: Vec<_> = (0..self.strands.len()).map(|worker| self.line_at(worker, place)).collect();
        self.cursor.replace(Cursor { place, lines: lines.clone() });
        lines
    }

    pub(super) fn line_at(&self, worker: usize, place: Place) -> u64 {
        let strand = &self.strands[worker];
        let (mut from, mut to) = (strand.glance.lines.start, strand.end());
        while from < to {
            let middle = from.midpoint(to);
            if self.place(worker, middle) < place { from = middle + 1 } else { to = middle }
        }
        from
    }

    /// Remembers where the strands stand at a place.
    fn stand(&self, place: Place, lines: Vec<u64>) -> Place {
        self.cursor.replace(Cursor { place, lines });
        place
    }
}

/// Nanoseconds since 1970.
pub(super) fn nanoseconds(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

impl Walk for Merge<'_> {
    fn first(&self) -> Place {
        self.nearest(Place::line(0))
    }

    fn end(&self) -> Place {
        END
    }

    fn before(&self, place: Place) -> Option<Place> {
        let mut lines = self.lines_at(place);
        let last =
            |worker: usize| self.strands[worker].before(lines[worker]).map(|line| self.place(worker, line));
        let before = (0..lines.len()).filter_map(last).max()?;
        // What others have after it and before the place is hidden: they may stand where they stood.
        lines[usize::from(before.worker)] = before.line;
        Some(self.stand(before, lines))
    }

    fn after(&self, place: Place) -> Place {
        if place >= END {
            return END;
        }
        let mut lines = self.lines_at(place);
        if let Some(line) = lines.get_mut(usize::from(place.worker))
            && *line == place.line
        {
            *line += 1;
        }
        self.next(lines)
    }

    fn nearest(&self, place: Place) -> Place {
        self.next(self.lines_at(place))
    }

    fn count_after(&self, place: Place) -> u64 {
        let here =
            |worker: usize, line: u64| u64::from(worker == usize::from(place.worker) && line == place.line);
        let lines = self.lines_at(place).into_iter().enumerate();
        lines.map(|(worker, line)| self.strands[worker].count_from(line + here(worker, line))).sum()
    }

    fn laid(&self, place: Place) -> Laid<'_> {
        self.strands[usize::from(place.worker)].laid(place.line, self.columns, self.fit)
    }
}

impl Merge<'_> {
    /// The first of the lines that come where the strands stand.
    fn next(&self, mut lines: Vec<u64>) -> Place {
        let first = |worker: usize| {
            self.strands[worker].at_or_after(lines[worker]).map(|line| self.place(worker, line))
        };
        match (0..lines.len()).filter_map(first).min() {
            Some(next) => {
                lines[usize::from(next.worker)] = next.line;
                self.stand(next, lines)
            }
            None => END,
        }
    }
}
