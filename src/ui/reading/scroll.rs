//! Moving a pane's window through what was said: up and down, and sideways where lines are cut.

use super::finder::Finder;
use crate::output::Position;
use crate::ui::model::Model;
use crate::ui::update::Scroll;
use std::ops::Range;

/// Moves the window there; what was found in a long line comes into view with it.
pub(in crate::ui) fn scroll(model: &mut Model, finder: &Finder, scroll: Scroll) {
    let Some(mut position) = finder.scrolled(model, scroll) else { return };
    if position == Position::Follow && (scroll.holds() || model.selection.is_some()) {
        // What was found, and what is selected, stands still at the end too.
        let first = finder.first_row(model, position);
        position = first.map_or(position, Position::At);
    }
    model.set_position(position);
    if let Some((columns, width)) = scroll.place().and_then(|place| finder.found_in(model, place)) {
        reveal(model, columns, width);
    }
}

/// Where lines are cut, brings these columns of one that is so wide into view, beside the marks at the
/// edges.
pub(in crate::ui) fn reveal(model: &mut Model, columns: Range<u32>, width: u32) {
    let window = u32::from(model.window().size.columns);
    let Some(reading) = model.reading_mut().filter(|_| window > 2) else { return };
    let shows = |left: u32| {
        let right = left.saturating_add(window);
        let first = left + u32::from(left > 0);
        let end = right - u32::from(right < width);
        first <= columns.start && columns.end <= end
    };
    if !shows(reading.left) {
        // From the line's beginning where that will do, else with what stands before it.
        reading.left = if shows(0) { 0 } else { columns.start.saturating_sub(window / 3) };
    }
}
