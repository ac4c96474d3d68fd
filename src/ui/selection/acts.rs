//! What keys do to a selection, and what becomes of it as the pane changes.

use super::mouse::{follow_pointer, scroll, scrolls_at};
use super::{Left, Lines, Motion, Point, Selection, Shape, Stretch, row_text};
use crate::output::{Place, Position, Reader, Window};
use crate::ui::actions;
use crate::ui::keymap::{Action, Context, Read};
use crate::ui::keys::Key;
use crate::ui::model::Model;
use crate::ui::reading::reveal;
use crate::ui::text::{self, counted};
use crate::ui::update::Effect;
use std::sync::Arc;
use std::time::Instant;

/// The pane stands still while something is selected.
pub(super) fn hold(model: &mut Model) {
    if let Some(first) = model.view.rows.first() {
        model.set_position(Position::At(first.address));
    }
}

/// Begins to select by keys, at what was found last or at the last line in view, or changes the shape of what is selected.
pub(in crate::ui) fn begin(model: &mut Model, shape: Shape) -> Vec<Effect> {
    if let Some(selection) = &mut model.selection {
        if selection.shape == shape {
            clear(model);
        } else {
            selection.shape = shape;
        }
        return Vec::new();
    }
    if model.group.is_some() {
        let together = model.read_key(Read::Together);
        return actions::refuse(
            model,
            format!("select in one worker's pane: {together} leaves all together"),
        );
    }
    let found = model.search.as_ref().and_then(|search| search.at);
    let rows = &model.view.rows;
    // The row that a cursor waits in says nothing yet.
    let said = rows.iter().rfind(|row| !row_text(row).trim().is_empty());
    let start = rows.iter().find(|row| Some(row.address.place) == found).or(said).or(rows.last());
    let (Some(worker), Some(row)) = (model.list.chosen.clone(), start) else {
        return actions::refuse(model, "there is nothing to select".into());
    };
    let at = Stretch::one(Point { place: row.address.place, column: row.column });
    let stood = model.position();
    hold(model);
    model.selection = Some(Selection::new(worker, shape, at, stood));
    Vec::new()
}

/// Nothing is selected any more; a pane that followed follows again.
pub(in crate::ui) fn clear(model: &mut Model) {
    let Some(selection) = model.selection.take() else { return };
    if selection.stood == Position::Follow && model.list.chosen.as_ref() == Some(&selection.worker) {
        model.set_position(Position::Follow);
    }
}

/// A key while something is selected.
pub(in crate::ui) fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    if let Some(action) = model.keymap.action(Context::Select, key) {
        return act(model, action);
    }
    let close = model.keymap.key(Action::CloseSelection);
    actions::refuse(model, format!("selecting: {} · {close} leaves", hint(model)))
}

/// An action while something is selected.
fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match (motion(model, action), action) {
        (Some(motion), _) => vec![Effect::Select(motion)],
        (None, Action::CloseSelection) => {
            clear(model);
            Vec::new()
        }
        (None, Action::SwapEnds) => {
            if let Some(selection) = &mut model.selection {
                selection.swap();
            }
            vec![Effect::Select(Motion::Stay)]
        }
        (None, action) => actions::act(model, action),
    }
}

/// How an action moves the end.
fn motion(model: &Model, wanted: Action) -> Option<Motion> {
    let page = i64::from(model.layout().pane.height).saturating_sub(1).max(1);
    let table = [
        (Action::Up, Motion::Lines(-1)),
        (Action::Down, Motion::Lines(1)),
        (Action::PageUp, Motion::Lines(-page)),
        (Action::PageDown, Motion::Lines(page)),
        (Action::Top, Motion::Top),
        (Action::End, Motion::End),
        (Action::SelectLeft, Motion::Left),
        (Action::SelectRight, Motion::Right),
        (Action::LineStart, Motion::LineStart),
        (Action::LineEnd, Motion::LineEnd),
        (Action::WordOn, Motion::WordOn),
        (Action::WordBack, Motion::WordBack),
        (Action::WordEnd, Motion::WordEnd),
    ];
    table.into_iter().find(|(action, _)| *action == wanted).map(|(_, motion)| motion)
}

/// A search found something: the moving end goes there.
pub(in crate::ui) fn found(model: &Model, line: Place) -> Option<Effect> {
    let selection = model.selection.as_ref().filter(|selection| selection.drag.is_none())?;
    let search = model.search.as_ref().filter(|_| model.list.chosen.as_ref() == Some(&selection.worker))?;
    Some(Effect::Select(Motion::Match(line, Arc::clone(&search.pattern))))
}

/// The moving end goes through the text, and the pane with it.
pub(in crate::ui) fn go(model: &mut Model, reader: &Reader, motion: &Motion) {
    let Some(selection) = &mut model.selection else { return };
    if *motion == Motion::Word {
        return selection.widen(&reader.text_at(selection.head().place));
    }
    let (to, goal) = motion.apply(reader, selection.head(), selection.goal);
    if !matches!(motion, Motion::Stay) {
        selection.extend(Stretch::one(to));
        selection.goal = goal;
    }
    if let Some(position) = shown(model, reader, to) {
        model.set_position(position);
    }
    if model.display.cut {
        let width = text::width(&reader.text_at(to.place)) as u32;
        reveal(model, to.column..to.column + 1, width);
    }
}

/// Where the pane is to stand so that a place is in view; `None`: where it stands.
fn shown(model: &Model, reader: &Reader, to: Point) -> Option<Position> {
    let window = model.window();
    let row = reader.row_of(window, to.place, to.column);
    let rows = reader.view(window).rows;
    let (first, last) = (rows.first()?.address, rows.last()?.address);
    if row < first {
        return Some(Position::At(row));
    }
    if row <= last {
        return None;
    }
    let up = 1 - i64::from(window.size.rows);
    let bottom = Window { position: Position::At(row), ..window };
    Some(match reader.scrolled(bottom, up) {
        Position::Follow => {
            Position::At(reader.view(Window { position: Position::Follow, ..window }).rows.first()?.address)
        }
        at @ Position::At(_) => at,
    })
}

impl Lines for Reader {
    fn text(&self, place: Place) -> String {
        self.text_at(place)
    }

    fn before(&self, place: Place) -> Option<Place> {
        self.place_before(place)
    }

    fn after(&self, place: Place) -> Option<Place> {
        self.place_after(place)
    }

    fn ends(&self) -> Option<(Place, Place)> {
        self.places()
    }
}

/// The pane was looked at anew.
pub(in crate::ui) fn settle(model: &mut Model) {
    let chosen = model.list.chosen.as_ref();
    let elsewhere = |selection: &Selection| model.group.is_some() || Some(&selection.worker) != chosen;
    if model.selection.as_ref().is_some_and(elsewhere) {
        model.selection = None;
    }
    let oldest = model.view.lines_dropped;
    match model.selection.as_mut().map(|selection| selection.forget_before(oldest)) {
        Some(Left::Part) => {
            model.say("the oldest of the selected lines had to go: the log has no room for more");
        }
        Some(Left::Nothing) => {
            clear(model);
            model.say("what was selected had to go: the log has no room for more");
        }
        Some(Left::All) | None => {}
    }
    follow_pointer(model);
}

/// When something changes by itself, and what does then.
pub(in crate::ui) fn tick(model: &mut Model) -> Vec<Effect> {
    scroll(model)
}

/// When it changes by itself.
pub(in crate::ui) fn wakes_at(model: &Model) -> Option<Instant> {
    scrolls_at(model)
}

/// What is selected, in words.
pub(in crate::ui) fn hint(model: &Model) -> String {
    let Some(selection) = &model.selection else { return String::new() };
    let lines = counted(selection.lines(), "line", "lines");
    let what = match selection.shape {
        Shape::Characters => format!("text of {lines}"),
        Shape::Lines => lines,
        Shape::Block => {
            let (from, to) = selection.sides();
            format!("block of {lines} by {}", counted(u64::from(to - from) + 1, "column", "columns"))
        }
    };
    let copy = model.keymap.key(Action::Copy);
    format!("{what} selected · {copy} copies")
}

/// The keys that work while something is selected.
pub(in crate::ui) fn keys() -> Vec<(Action, &'static str)> {
    use Action as A;
    vec![
        (A::Copy, "copy"),
        (A::CloseSelection, "leave"),
        (A::Save, "save"),
        (A::Pipe, "pipe"),
        (A::Page, "pager"),
        (A::Edit, "editor"),
        (A::SelectLines, "lines"),
        (A::SelectBlock, "block"),
        (A::SwapEnds, "other end"),
        (A::WordOn, "word"),
        (A::Search, "search"),
    ]
}
