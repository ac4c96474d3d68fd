//! The lines that were found, in little memory however many: numbers in a compressed bitmap, at most
//! one bit for each line and two bytes for each one found. Knows no text.

use roaring::RoaringTreemap;
use std::ops::Range;

/// Found lines among those that were looked at.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// The lines that were looked at: a stretch that grows at both ends.
    pub(super) scanned: Range<u64>,
    lines: RoaringTreemap,
}

impl Matches {
    /// Nothing was looked at yet; it begins before this line.
    pub(super) fn from(line: u64) -> Self {
        Self { scanned: line..line, lines: RoaringTreemap::new() }
    }

    /// These lines, at one end of the others, were looked at, and those of them found.
    pub(super) fn add(&mut self, scanned: Range<u64>, found: Vec<u64>) {
        if scanned.end == self.scanned.start {
            self.scanned.start = scanned.start;
        } else if scanned.start == self.scanned.end {
            self.scanned.end = scanned.end;
        } else {
            return;
        }
        self.lines.extend(found);
    }

    /// Only these lines are there. Says whether all that was looked at had to go: then it begins anew
    /// at the newest, for older ones would be gone as well by the time they are looked at.
    pub(super) fn keep(&mut self, lines: &Range<u64>) -> bool {
        let first = lines.start;
        let outrun = first > self.scanned.end;
        if outrun {
            *self = Self::from(lines.end);
        } else if first > self.scanned.start {
            self.scanned.start = first;
            self.lines.remove_range(..first);
        }
        outrun
    }

    /// How many were found before this line.
    pub(super) fn count_before(&self, line: u64) -> u64 {
        line.checked_sub(1).map_or(0, |last| self.lines.rank(last))
    }

    /// The first that was found from this line on.
    pub(super) fn at_or_after(&self, line: u64) -> Option<u64> {
        self.lines.select(self.count_before(line))
    }

    /// The last that was found before this line.
    pub(super) fn before(&self, line: u64) -> Option<u64> {
        self.lines.select(self.count_before(line).checked_sub(1)?)
    }
}
