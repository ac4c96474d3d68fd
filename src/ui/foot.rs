//! The foot line: the keys that work right now, the most useful first.

use super::dialogs::{Dialog, Prompt};
use super::head::Pen;
use super::keymap::{Action, Cell, Read};
use super::model::{Focus, Model};
use super::{actions, inspect, selection, takeout, text};
use crate::protocol::{Phase, State};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Where not all keys fit; help has the rest.
const MORE: &str = " …";

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = model.theme;
    let mut pen = Pen { x: area.x + 1, y: area.y, end: area.right().saturating_sub(1) };
    if let Some(name) = &model.keyboard
        && !model.worker(name).is_some_and(|worker| worker.state.alive())
    {
        let back = format!("{}, esc or enter", model.keymap.key(Action::GiveBack));
        pen.write(buffer, &back, theme.accent());
        pen.write(buffer, " gives the keyboard back", theme.dim());
        return;
    }
    if model.keyboard.is_some() {
        let back = model.keymap.key(Action::GiveBack);
        let words = [
            " takes the keyboard back; every other key is the worker's",
            " takes the keyboard back",
            " back",
        ];
        pen.write(buffer, &back, theme.accent());
        let fits = words.into_iter().find(|words| pen.fits(text::width(words)));
        pen.write(buffer, fits.unwrap_or_default(), theme.dim());
        return;
    }
    let keys = keys(model).into_iter().map(|(action, word)| (model.keymap.key(action), word));
    let mut keys = keys.filter(|(key, _)| !key.is_empty()).peekable();
    let mut gap = "";
    while let Some((key, word)) = keys.next() {
        let and_more = if keys.peek().is_some() { text::width(MORE) } else { 0 };
        if !pen.fits(gap.len() + text::width(&key) + 1 + text::width(word) + and_more) {
            pen.write(buffer, MORE, theme.dim());
            break;
        }
        pen.write(buffer, gap, theme.dim());
        pen.write(buffer, &key, theme.accent());
        pen.write(buffer, " ", theme.dim());
        pen.write(buffer, word, theme.dim());
        gap = "  ";
    }
}

/// Which keys work now and what they do in a word.
fn keys(model: &Model) -> Vec<(Action, &'static str)> {
    use {Action as A, Read as R};
    match &model.dialog {
        Some(Dialog::Help { .. }) => {
            return vec![(A::Cancel, "close"), (A::PageDown, "next page"), (A::End, "end")];
        }
        Some(Dialog::Signals(_)) => return vec![(A::Accept, "send"), (A::Cancel, "close")],
        Some(Dialog::Abandon(_)) => return vec![(A::Accept, "abandon it"), (A::Cancel, "close")],
        Some(Dialog::Asking(ask)) => return takeout::keys(ask),
        Some(Dialog::Prompt(prompt)) => return prompt_keys(prompt),
        None => {}
    }
    match &model.snapshot.phase {
        Phase::Up => {}
        Phase::Quitting { killing: false, .. } => {
            return vec![(A::Quit, "kill everything now"), (A::Suspend, "suspend")];
        }
        Phase::Quitting { killing: true, .. } | Phase::Over => return Vec::new(),
    }
    if let Some(inspector) = &model.inspector {
        return inspect::keys(inspector);
    }
    if model.selection.is_some() {
        return selection::keys();
    }
    let mut keys = vec![(A::Help, "help"), (A::Quit, "quit")];
    if model.search.is_some() {
        keys.extend([(A::Older, "older"), (A::Newer, "newer")]);
    }
    if model.search.is_some() || model.line_filter().is_some() {
        keys.push((A::GiveUp, if model.search.is_some() { "end search" } else { "all lines" }));
    }
    if model.grid_in_view() {
        let cells = [(A::Cell(Cell::Next), "next"), (A::Zoom, "alone"), (A::Read(R::Grid), "list")];
        keys.extend(cells);
    } else if model.grid.is_some() {
        keys.push((A::Zoom, "grid"));
    }
    keys.extend(worker_keys(model));
    if model.group.is_some() {
        keys.push((A::Read(R::Together), "one worker"));
    } else if !model.picked.is_empty() && model.grid.is_none() {
        keys.extend([(A::Read(R::Together), "together"), (A::Read(R::Grid), "grid")]);
    }
    if !model.view.following && !model.view.rows.is_empty() {
        keys.push((A::End, "follow"));
    }
    keys.extend([
        (A::Search, "search"),
        (A::Read(R::Lines), "lines"),
        (A::Read(R::OlderError), "errors"),
        (A::Read(R::GoTo), "go to"),
        (A::Filter, "filter"),
    ]);
    if model.grid.is_none() {
        keys.extend([
            (A::Zoom, if model.zoom { "unzoom" } else { "zoom" }),
            (A::Focus, if model.focus == Focus::List { "pane" } else { "list" }),
            (A::Read(R::Grid), "grid"),
        ]);
    }
    keys.push((A::TerminateAll, "stop all"));
    keys
}

fn prompt_keys(prompt: &Prompt) -> Vec<(Action, &'static str)> {
    let mut keys = Vec::from_iter(prompt.accepts().map(|word| (Action::Accept, word)));
    keys.push((Action::Cancel, "undo"));
    if prompt.is_search() {
        keys.push((Action::Scope, "this worker or all"));
    }
    keys
}

fn worker_keys(model: &Model) -> Vec<(Action, &'static str)> {
    use Action as A;
    let Some(worker) = model.chosen() else { return Vec::new() };
    let waits = worker.waited_since.is_some();
    let stoppable = actions::stoppable(worker);
    let alive = worker.state.alive();
    let stopping = matches!(worker.state, State::Stopping { .. } | State::Sweeping { .. });
    let zombie = matches!(worker.state, State::Zombie { .. });
    let frozen = matches!(worker.state, State::Suspended { .. });
    [
        (waits, A::GiveUp, "give up"),
        (zombie, A::Wait, "reap"),
        (!stoppable, A::StartStop, "start"),
        (stoppable && !stopping, A::Terminate, "stop"),
        (stoppable, A::Kill, "kill"),
        (true, A::Restart, "restart"),
        (alive && worker.takes_input, A::Keyboard, "type"),
        (alive, A::Freeze, if frozen { "continue" } else { "freeze" }),
        (alive, A::Signal, "signal"),
        (true, A::Inspect, "inspect"),
        (stoppable && !waits, A::Wait, "wait"),
    ]
    .into_iter()
    .filter(|(works, ..)| *works)
    .map(|(_, action, word)| (action, word))
    .collect()
}
