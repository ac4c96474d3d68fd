//! One worker's lines in their order. Knows no rows.

use super::flow::Walk;
use super::strand::{Laid, Strand};
use crate::output::view::{Fit, Place};

/// The walk through the lines of one worker.
#[derive(Debug)]
pub(super) struct Single<'a> {
    pub(super) strand: Strand<'a>,
    pub(super) columns: u16,
    pub(super) fit: Fit,
}

impl Walk for Single<'_> {
    fn first(&self) -> Place {
        self.nearest(Place::line(0))
    }

    fn end(&self) -> Place {
        Place::line(self.strand.end())
    }

    fn before(&self, place: Place) -> Option<Place> {
        self.strand.before(place.line).map(Place::line)
    }

    fn after(&self, place: Place) -> Place {
        self.nearest(Place::line(place.line.saturating_add(1)))
    }

    fn nearest(&self, place: Place) -> Place {
        self.strand.at_or_after(place.line).map_or_else(|| self.end(), Place::line)
    }

    fn count_after(&self, place: Place) -> u64 {
        self.strand.count_from(place.line + 1)
    }

    fn laid(&self, place: Place) -> Laid<'_> {
        self.strand.laid(place.line, self.columns, self.fit)
    }
}
