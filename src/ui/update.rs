//! What each message makes of the model. Pure: what is to happen outside comes back as effects.

use super::actions;
use super::dialogs;
use super::encode;
use super::inspect;
use super::keymap::{Action, Context};
use super::keys::Key;
use super::model::Model;
use super::mouse;
use super::reading;
use super::search::Look;
use super::selection::{self, Motion};
use super::takeout::{self, Source};
use crate::guest::Usages;
use crate::output::{KeyFlags, Place, Position};
use crate::protocol::{Command, Progress, Size, Snapshot, Tree};
use crate::spec::WorkerName;
use crate::takeout::{Report, Task};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

/// Whatever the screen receives.
#[derive(Debug, Clone)]
pub(super) enum Message {
    /// Keys, mouse, pastes, focus.
    Input(Event),
    /// The newest facts.
    Facts(Arc<Snapshot>, Arc<Usages>),
    /// The processes of the worker that is looked at.
    Tree(Option<Arc<Tree>>),
    /// How far workers say that they are.
    Progress(HashMap<WorkerName, Progress>),
    /// Something to say.
    Notice(Arc<str>),
    /// The terminal's size.
    Resized(Size),
    /// The search knows its next line, or that there is none on the way.
    Looked(Option<Place>),
    /// The same of a jump.
    Jumped(Option<Place>),
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
    /// Move the pane of another one that is in view, so many rows down (or up).
    ScrollCell(WorkerName, i64),
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
    /// This line into view, where it stays however much comes: somebody wants to read it.
    Line(Place),
    /// The first line that came then or later.
    Time(SystemTime),
    /// This line into view; from the end it goes on following.
    Near(Place),
}

impl Scroll {
    /// The line that is to come into view.
    pub(super) const fn place(self) -> Option<Place> {
        match self {
            Self::Line(place) | Self::Near(place) => Some(place),
            Self::Rows(_) | Self::Top | Self::Time(_) => None,
        }
    }

    /// Whether what is in view then stays, at the end too.
    pub(super) const fn holds(self) -> bool {
        match self {
            Self::Line(_) => true,
            Self::Rows(_) | Self::Top | Self::Time(_) | Self::Near(_) => false,
        }
    }
}

pub(super) fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let effects = match message {
        Message::Input(event) => input(model, &event),
        Message::Facts(snapshot, usages) => facts(model, snapshot, usages),
        Message::Tree(tree) => inspect::facts(model, tree),
        Message::Progress(progress) => {
            model.progress = progress;
            Vec::new()
        }
        Message::Notice(text) => notice(model, &text),
        Message::Resized(size) => resized(model, size),
        Message::Looked(line) => looked(model, line),
        Message::Jumped(line) => reading::jumped(model, line),
        Message::Taken(report) => takeout::report(model, report),
    };
    model.settle();
    effects
}

fn input(model: &mut Model, event: &Event) -> Vec<Effect> {
    match event {
        Event::Key(event) if event.kind == KeyEventKind::Release => released(model, event),
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
    reading::take_in(model);
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
    let context = if model.grid_in_view() { Context::Grid } else { Context::Screen };
    let action = model.keymap.action(context, key);
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

/// A key is let go: nobody's business but of a worker that asked.
fn released(model: &mut Model, event: &KeyEvent) -> Vec<Effect> {
    if model.modes.keys.contains(KeyFlags::EVENTS) {
        return type_in(model, encode::key(event, model.modes));
    }
    Vec::new()
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

fn looked(model: &mut Model, line: Option<Place>) -> Vec<Effect> {
    let Some(search) = &mut model.search else { return Vec::new() };
    let Some(look) = search.look.take() else { return Vec::new() };
    let everywhere = search.everywhere;
    if let Some(line) = line {
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
    if everywhere && model.group.is_none() {
        if search_next_worker(model, look.up) {
            return Vec::new();
        }
        if not_all_counted(model) {
            // One that was not looked through yet may have the next match.
            if let Some(search) = &mut model.search {
                search.look = Some(look);
            }
            return Vec::new();
        }
    }
    let Some(search) = &mut model.search else { return Vec::new() };
    if look.wrapped {
        search.at = None;
        let text = search.no_match();
        model.say(text);
    } else {
        let from = if look.up { Place::END } else { Place::line(0) };
        search.look = Some(Look { wrapped: true, ..Look::new(from, look.up) });
    }
    Vec::new()
}

/// Whether there are workers of which it is not known yet that they have no match.
fn not_all_counted(model: &Model) -> bool {
    let others = model.in_order().iter().map(|place| &model.snapshot.workers[*place].name);
    let mut others = others.filter(|name| Some(*name) != model.list.chosen.as_ref());
    others.any(|name| model.counts.of.get(name).is_none_or(|(count, whole)| *count == 0 && !whole))
}

/// The search goes on in the next worker of the list that has matches, if there is one.
pub(super) fn search_next_worker(model: &mut Model, up: bool) -> bool {
    let order = model.in_order();
    let name = |place: usize| &model.snapshot.workers[place].name;
    let here = order.iter().position(|place| model.list.chosen.as_ref() == Some(name(*place))).unwrap_or(0);
    let others = (1..order.len())
        .map(|step| order[if up { here + step } else { here + order.len() - step } % order.len()]);
    let has_matches = |place: &usize| model.counts.of.get(name(*place)).is_some_and(|(count, _)| *count > 0);
    let Some(place) = { others }.find(has_matches) else { return false };
    model.choose_worker(place);
    if let Some(search) = &mut model.search {
        search.look(if up { Place::END } else { Place::line(0) }, up);
    }
    let name = model.chosen().map(|worker| worker.name.to_string()).unwrap_or_default();
    model.say(format!("the search went on in {name}"));
    true
}
