//! Selecting by the mouse: a drag, two clicks for a word, three for a line; beyond the edge it scrolls.

use super::{Drag, Motion, Point, Selection, Shape, Stretch, Unit, line_in_view, point_at, word_at};
use crate::ui::model::Model;
use crate::ui::pane;
use crate::ui::update::{Effect, Scroll};
use crossterm::event::{KeyModifiers, MouseEvent};
use ratatui::layout::Position;
use std::time::{Duration, Instant};

/// Two clicks within this are a double click.
const DOUBLE: Duration = Duration::from_millis(400);
/// How often a drag beyond the edge scrolls.
const SCROLL: Duration = Duration::from_millis(50);

/// The last press: a drag begins there, and another press may be its second click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) struct Clicks {
    at: Instant,
    cell: (u16, u16),
    count: u8,
    /// Where in the text, while the button is held and nothing was dragged.
    pressed: Option<(Point, Shape)>,
}

/// The left button on the pane.
pub(in crate::ui) fn press(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let cell = (event.column, event.row);
    let again = model
        .clicks
        .filter(|last| last.cell == cell && model.now.saturating_duration_since(last.at) < DOUBLE);
    let count = again.map_or(1, |last| last.count % 3 + 1);
    super::clear(model);
    let pointer = pointer(model, event);
    let block = event.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::CONTROL);
    let shape = if block { Shape::Block } else { Shape::Characters };
    // The lines of several are of no one text.
    let point = point_at(&model.view, pointer).filter(|_| model.group.is_none());
    let pressed = point.map(|point| (point, shape));
    model.clicks = Some(Clicks { at: model.now, cell, count, pressed });
    match count {
        1 => Vec::new(),
        2 => {
            begin(model, Unit::Word, pointer);
            vec![Effect::Select(Motion::Word)]
        }
        _ => {
            begin(model, Unit::Line, pointer);
            Vec::new()
        }
    }
}

/// The mouse moves while the left button is held. False if that is not about text.
pub(in crate::ui) fn drag(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let pointer = pointer(model, event);
    let held = model.selection.as_ref().is_some_and(|selection| selection.drag.is_some());
    if !held {
        let moved = model.clicks.is_some_and(|last| last.cell != (event.column, event.row));
        if !moved {
            return Vec::new();
        }
        begin(model, Unit::Cell, pointer);
    }
    let outside = pointer.1 < 0 || pointer.1 >= i32::from(model.layout().pane.height);
    let now = model.now;
    if let Some(drag) = model.selection.as_mut().and_then(|selection| selection.drag.as_mut()) {
        drag.pointer = pointer;
        drag.scrolls_at = outside.then(|| drag.scrolls_at.unwrap_or(now));
    }
    follow_pointer(model);
    Vec::new()
}

/// The left button is let go. While the keyboard is a worker's there is no key to copy by: it is
/// copied now.
pub(in crate::ui) fn release(model: &mut Model) -> Vec<Effect> {
    if let Some(clicks) = &mut model.clicks {
        clicks.pressed = None;
    }
    let dragged = model.selection.as_mut().and_then(|selection| selection.drag.take());
    match dragged {
        Some(_) if model.keyboard.is_some() => crate::ui::takeout::copy(model),
        Some(_) | None => Vec::new(),
    }
}

/// Whether the left button is held since a press on text.
pub(in crate::ui) fn is_pressed(model: &Model) -> bool {
    model.clicks.is_some_and(|clicks| clicks.pressed.is_some())
}

fn begin(model: &mut Model, unit: Unit, pointer: (i32, i32)) {
    let Some((point, shape)) = model.clicks.and_then(|clicks| clicks.pressed) else { return };
    let Some(worker) = model.list.chosen.clone() else { return };
    let shape = if unit == Unit::Line { Shape::Lines } else { shape };
    let stood = model.position();
    let at = stretch(model, unit, point);
    super::acts::hold(model);
    let mut selection = Selection::new(worker, shape, at, stood);
    selection.drag = Some(Drag { unit, pointer, scrolls_at: None });
    model.selection = Some(selection);
}

fn stretch(model: &Model, unit: Unit, point: Point) -> Stretch {
    match unit {
        Unit::Cell | Unit::Line => Stretch::one(point),
        Unit::Word => {
            let (start, text) = line_in_view(&model.view, point.place);
            let word = word_at(&text, point.column.saturating_sub(start));
            let at = |column: u32| Point { column: start + column, ..point };
            Stretch { from: at(word.start), to: at(word.end.saturating_sub(1)) }
        }
    }
}

/// The moving end is where the pointer is, in the text that is in view now.
pub(super) fn follow_pointer(model: &mut Model) {
    let Some(drag) = model.selection.as_ref().and_then(|selection| selection.drag) else { return };
    let rows = i32::from(model.layout().pane.height);
    // A window that became too low for a pane has no row.
    let inside = (drag.pointer.0, drag.pointer.1.clamp(0, (rows - 1).max(0)));
    let Some(point) = point_at(&model.view, inside) else { return };
    let to = stretch(model, drag.unit, point);
    if let Some(selection) = &mut model.selection {
        selection.extend(to);
    }
}

/// When a drag beyond the edge scrolls next.
pub(super) fn scrolls_at(model: &Model) -> Option<Instant> {
    model.selection.as_ref()?.drag?.scrolls_at
}

/// A drag beyond the edge scrolls, the faster the further out.
pub(super) fn scroll(model: &mut Model) -> Vec<Effect> {
    let (now, height) = (model.now, i32::from(model.layout().pane.height));
    let Some(drag) = model.selection.as_mut().and_then(|selection| selection.drag.as_mut()) else {
        return Vec::new();
    };
    if drag.scrolls_at.is_none_or(|at| now < at) {
        return Vec::new();
    }
    drag.scrolls_at = Some(now + SCROLL);
    let y = drag.pointer.1;
    let rows = if y < 0 { y } else { y - height + 1 };
    vec![Effect::Scroll(Scroll::Rows(rows.into()))]
}

/// Where the mouse is, from the first cell of the pane's text.
fn pointer(model: &Model, event: MouseEvent) -> (i32, i32) {
    let area = pane::text_area(model.sight(), model.layout().pane);
    let at = Position::new(event.column, event.row);
    (i32::from(at.x) - i32::from(area.x), i32::from(at.y) - i32::from(area.y))
}
