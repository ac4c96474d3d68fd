//! What each message makes of the model. Pure: what is to happen outside comes back as effects.

use super::actions;
use super::dialogs;
use super::encode;
use super::inspect;
use super::keymap::{Action, Context};
use super::keys::Key;
use super::model::Model;
use super::mouse;
use super::search::Look;
use super::selection::{self, Motion};
use super::takeout::{self, Source};
use crate::guest::Usages;
use crate::output::Position;
use crate::protocol::{Command, Size, Snapshot, Tree};
use crate::takeout::{Report, Task};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind};
use std::sync::Arc;

/// Whatever the screen receives.
#[derive(Debug, Clone)]
pub(super) enum Message {
    /// Keys, mouse, pastes, focus.
    Input(Event),
    /// The newest facts.
    Facts(Arc<Snapshot>, Arc<Usages>),
    /// The processes of the worker that is looked at.
    Tree(Option<Arc<Tree>>),
    /// Something to say.
    Notice(Arc<str>),
    /// The terminal's size.
    Resized(Size),
    /// A slice of the search is through: what was found, or where to go on.
    Looked(Result<Option<u64>, u64>),
    /// News of what is being taken out.
    Taken(Report),
}

/// What is to happen outside of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Ask the supervisor.
    Send(Command),
    /// Move the chosen worker's pane.
    Scroll(Scroll),
    /// Clear the terminal and draw everything.
    Redraw,
    /// Move the end of what is selected.
    Select(Motion),
    /// Take something out.
    Take(Task, Source),
    /// Write this to the terminal.
    Write(Vec<u8>),
}

/// Where the chosen worker's pane is to go; only the pane itself knows what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scroll {
    /// So many rows down, or up.
    Rows(i64),
    /// The oldest line.
    Top,
    /// This line into view.
    Line(u64),
}

pub(super) fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let effects = match message {
        Message::Input(event) => input(model, &event),
        Message::Facts(snapshot, usages) => facts(model, snapshot, usages),
        Message::Tree(tree) => inspect::facts(model, tree),
        Message::Notice(text) => notice(model, &text),
        Message::Resized(size) => resized(model, size),
        Message::Looked(outcome) => looked(model, outcome),
        Message::Taken(report) => takeout::report(model, report),
    };
    model.settle();
    effects
}

fn input(model: &mut Model, event: &Event) -> Vec<Effect> {
    match event {
        Event::Key(event) if event.kind == KeyEventKind::Release => Vec::new(),
        Event::Key(event) => key(model, event),
        Event::Mouse(event) => mouse::update(model, *event),
        Event::Paste(text) => paste(model, text),
        Event::FocusGained => focus(model, true),
        Event::FocusLost => focus(model, false),
        Event::Resize(columns, rows) => {
            resized(model, Size { columns: (*columns).max(1), rows: (*rows).max(1) })
        }
    }
}

fn facts(model: &mut Model, snapshot: Arc<Snapshot>, usages: Arc<Usages>) -> Vec<Effect> {
    model.take(snapshot, usages);
    if model.quitting() {
        // What is typed from now on is about minder: a second q or Ctrl-C must be heard.
        model.keyboard = None;
        model.dialog = None;
        model.doing.clear();
        return inspect::close(model);
    }
    Vec::new()
}

fn notice(model: &mut Model, text: &str) -> Vec<Effect> {
    model.say(text);
    Vec::new()
}

fn resized(model: &mut Model, size: Size) -> Vec<Effect> {
    model.size = size;
    Vec::new()
}

fn key(model: &mut Model, event: &KeyEvent) -> Vec<Effect> {
    model.notice = None;
    let key = Key::from(event);
    if model.keyboard.is_some() {
        return keyboard(model, event, key);
    }
    if model.dialog.is_some() {
        return dialogs::key(model, key);
    }
    if model.inspector.is_some() {
        return inspect::key(model, key);
    }
    if model.selection.is_some() {
        return selection::key(model, key);
    }
    let action = model.keymap.action(Context::Screen, key);
    action.map_or_else(Vec::new, |action| actions::act(model, action))
}

/// A key while the keyboard is a worker's. Once it has ended, only what gives the keyboard back is
/// heard: the rest of a line typed for a shell must not become minder's commands.
fn keyboard(model: &mut Model, event: &KeyEvent, key: Key) -> Vec<Effect> {
    let Some(name) = model.keyboard.clone() else { return Vec::new() };
    let alive = model.worker(&name).is_some_and(|worker| worker.state.alive());
    let back = model.keymap.action(Context::Keyboard, key) == Some(Action::GiveBack)
        || (!alive && matches!(event.code, KeyCode::Enter | KeyCode::Esc));
    if back {
        model.keyboard = None;
        return Vec::new();
    }
    if !alive {
        return Vec::new();
    }
    type_in(model, encode::key(event, model.modes))
}

/// Bytes for the worker that has the keyboard; its pane shows what they do.
pub(super) fn type_in(model: &mut Model, bytes: Vec<u8>) -> Vec<Effect> {
    match model.keyboard.clone() {
        Some(name) if !bytes.is_empty() => {
            model.set_position(Position::Follow);
            vec![Effect::Send(Command::Input(name, bytes))]
        }
        Some(_) | None => Vec::new(),
    }
}

fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.keyboard.is_some() {
        let bytes = encode::paste(text, model.modes);
        return type_in(model, bytes);
    }
    if model.dialog.is_some() {
        return dialogs::paste(model, text);
    }
    let key = model.keymap.key(Action::Keyboard);
    model.say(format!("nothing was pasted: {key} gives a worker the keyboard first"));
    Vec::new()
}

fn focus(model: &Model, gained: bool) -> Vec<Effect> {
    let bytes = encode::focus(gained, model.modes);
    match &model.keyboard {
        Some(name) if !bytes.is_empty() => vec![Effect::Send(Command::Input(name.clone(), bytes))],
        Some(_) | None => Vec::new(),
    }
}

fn looked(model: &mut Model, outcome: Result<Option<u64>, u64>) -> Vec<Effect> {
    let end = model.view.lines_total.saturating_sub(1);
    let start = model.view.lines_dropped;
    let Some(search) = &mut model.search else { return Vec::new() };
    let Some(look) = search.look.take() else { return Vec::new() };
    match outcome {
        Err(next) => search.look = Some(Look { from: next, ..look }),
        Ok(Some(line)) => {
            search.at = Some(line);
            let text = match (look.wrapped, look.up) {
                (true, true) => Some("the search went on from the newest line"),
                (true, false) => Some("the search went on from the oldest line"),
                (false, _) => None,
            };
            if let Some(text) = text {
                model.say(text);
            }
            let moved = selection::found(model, line);
            return [Effect::Scroll(Scroll::Line(line))].into_iter().chain(moved).collect();
        }
        Ok(None) if look.wrapped => {
            search.at = None;
            let text = search.no_match();
            model.say(text);
        }
        Ok(None) => {
            let from = if look.up { end } else { start };
            search.look = Some(Look { from, wrapped: true, ..look });
        }
    }
    Vec::new()
}
