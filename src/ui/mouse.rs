//! What the mouse does: it chooses, focuses and scrolls; while the keyboard is a worker's, the
//! mouse over its pane is the worker's too if its program asks for it.

use super::actions::move_choice;
use super::dialogs;
use super::encode;
use super::grid;
use super::inspect;
use super::keymap::Action;
use super::model::{Focus, Model};
use super::pane;
use super::selection;
use super::update::{Effect, Scroll, type_in};
use crate::output::MouseMode;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

/// How far one notch of the wheel goes.
const NOTCH: i64 = 3;

pub(super) fn update(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    match event.kind {
        MouseEventKind::Drag(MouseButton::Left) if selects(model) => selection::drag(model, event),
        MouseEventKind::Up(MouseButton::Left) if selects(model) => selection::release(model),
        _ if is_the_workers(model, event) => pass_on(model, event),
        MouseEventKind::ScrollUp => wheel(model, event, -1),
        MouseEventKind::ScrollDown => wheel(model, event, 1),
        MouseEventKind::Down(MouseButton::Left) => click(model, event),
        MouseEventKind::Down(_)
        | MouseEventKind::Up(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => Vec::new(),
    }
}

fn inside(area: Rect, event: MouseEvent) -> bool {
    area.contains(Position::new(event.column, event.row))
}

/// Whether a press on text began what the mouse does now.
fn selects(model: &Model) -> bool {
    selection::is_pressed(model)
}

fn is_the_workers(model: &Model, event: MouseEvent) -> bool {
    model.keyboard.is_some() && model.modes.mouse != MouseMode::Off && inside(model.layout().pane, event)
}

fn pass_on(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    // What stands beside the text, and the lines above the terminal's first row, are no part of it.
    let text = pane::text_area(model.sight(), model.layout().pane);
    let row = i32::from(event.row) - i32::from(text.y) - model.view.terminal_top.unwrap_or(0);
    let Ok(row) = u16::try_from(row) else { return Vec::new() };
    let cell = (event.column.saturating_sub(text.x), row);
    let bytes = encode::mouse(event, cell, model.modes);
    type_in(model, bytes)
}

fn wheel(model: &mut Model, event: MouseEvent, direction: i64) -> Vec<Effect> {
    if model.dialog.is_some() {
        let action = if direction < 0 { Action::Up } else { Action::Down };
        return dialogs::act(model, action);
    }
    if model.inspector.is_some() {
        return inspect::wheel(model, direction * NOTCH);
    }
    let layout = model.layout();
    if let Some(place) = other_cell(model, event) {
        let name = model.snapshot.workers[place].name.clone();
        return vec![Effect::ScrollCell(name, direction * NOTCH)];
    }
    if inside(layout.rows, event) || inside(layout.header, event) {
        if model.keyboard.is_none() {
            move_choice(model, direction);
        }
        return Vec::new();
    }
    if model.keyboard.is_some() && model.view.alternate {
        return arrows(model, direction);
    }
    vec![Effect::Scroll(Scroll::Rows(direction * NOTCH))]
}

/// The worker in whose cell the mouse is, if that is not the chosen one.
fn other_cell(model: &Model, event: MouseEvent) -> Option<usize> {
    let place = grid::at(model, Position::new(event.column, event.row))?;
    (model.list.chosen.as_ref() != Some(&model.snapshot.workers[place].name)).then_some(place)
}

/// A full-screen program has no lines to scroll back: the wheel is arrow keys (xterm's mode 1007).
fn arrows(model: &mut Model, direction: i64) -> Vec<Effect> {
    let code = if direction < 0 { KeyCode::Up } else { KeyCode::Down };
    let one = encode::key(&KeyEvent::new(code, KeyModifiers::NONE), model.modes);
    type_in(model, one.repeat(NOTCH as usize))
}

fn click(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    if model.dialog.is_some() {
        return Vec::new();
    }
    if model.inspector.is_some() {
        return inspect::click(model, Position::new(event.column, event.row));
    }
    if let Some(place) = other_cell(model, event) {
        model.keyboard = None;
        model.choose_worker(place);
    }
    let layout = model.layout();
    if inside(layout.rows, event) {
        let place = model.list.top + usize::from(event.row - layout.rows.y);
        if place < model.list.shown.len() {
            model.keyboard = None;
            model.focus = Focus::List;
            model.choose(place);
        }
    } else if inside(layout.pane, event) || inside(layout.title, event) {
        model.focus = Focus::Pane;
        if inside(layout.pane, event) {
            return selection::press(model, event);
        }
    }
    Vec::new()
}
