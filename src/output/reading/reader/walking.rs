//! Going from line to line and to places within them, for whoever has a cursor in the text. Knows no
//! cursor.

use super::Reader;
use crate::output::excerpt::RULING;
use crate::output::line::Stream;
use crate::output::reading::flow::Walk;
use crate::output::view::{Fit, Place, Position, RowAddress, Window};
use crate::protocol::Size;

/// Lines in one row each.
const WHOLE: Window = Window {
    size: Size { columns: u16::MAX, rows: 1 },
    position: Position::Follow,
    fit: Fit::Cut { left: 0 },
};

impl Reader {
    /// The text of the line at this place, as it is drawn; empty where there is none.
    pub fn text_at(&self, place: Place) -> String {
        let text = self.text(place.line);
        match self.flow(WHOLE).walk.laid(place).stream {
            Stream::Ruling if self.lines().contains(&place.line) => format!("{RULING}{text}"),
            Stream::Ruling | Stream::Terminal | Stream::Stdout | Stream::Stderr => text,
        }
    }

    /// The place of the line before this one.
    pub fn place_before(&self, place: Place) -> Option<Place> {
        self.flow(WHOLE).walk.before(place)
    }

    /// The place of the line after this one.
    pub fn place_after(&self, place: Place) -> Option<Place> {
        let flow = self.flow(WHOLE);
        Some(flow.walk.after(place)).filter(|after| *after > place && *after < flow.walk.end())
    }

    /// The oldest line's place and the newest one's.
    pub fn places(&self) -> Option<(Place, Place)> {
        let flow = self.flow(WHOLE);
        Some((flow.walk.first(), flow.walk.before(flow.walk.end())?))
    }

    /// The row of this window's width that a column of a line stands in.
    pub fn row_of(&self, window: Window, place: Place, column: u32) -> RowAddress {
        self.flow(window).row_of(place, column)
    }
}
