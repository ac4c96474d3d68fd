//! The foot line: the keys that work right now, the most useful first.

use super::dialogs::Dialog;
use super::head::Pen;
use super::keymap::Action;
use super::model::{Focus, Model};
use super::{actions, inspect, text};
use crate::protocol::{Phase, State};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = model.theme;
    let mut pen = Pen { x: area.x + 1, y: area.y, end: area.right().saturating_sub(1) };
    for (index, (action, word)) in keys(model).into_iter().enumerate() {
        let key = model.keymap.key(action);
        if key.is_empty() {
            continue;
        }
        let gap = if index == 0 { "" } else { "  " };
        if !pen.fits(gap.len() + text::width(&key) + 1 + word.len()) {
            break;
        }
        pen.write(buffer, gap, theme.dim());
        pen.write(buffer, &key, theme.accent());
        pen.write(buffer, " ", theme.dim());
        pen.write(buffer, word, theme.dim());
    }
}

/// Which keys work now and what they do in a word.
fn keys(model: &Model) -> Vec<(Action, &'static str)> {
    use Action as A;
    if model.keyboard.is_some() {
        return vec![(A::GiveBack, "takes the keyboard back; every other key is the worker's")];
    }
    match &model.dialog {
        Some(Dialog::Help { .. }) => {
            return vec![(A::Cancel, "close"), (A::PageDown, "next page"), (A::End, "end")];
        }
        Some(Dialog::Signals(_)) => return vec![(A::Accept, "send"), (A::Cancel, "close")],
        Some(Dialog::Prompt(_)) => return vec![(A::Accept, "keep"), (A::Cancel, "undo")],
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
    let mut keys = vec![(A::Quit, "quit"), (A::Help, "help")];
    if model.search.is_some() {
        keys.extend([(A::Older, "older"), (A::Newer, "newer")]);
    }
    keys.extend(worker_keys(model));
    if !model.view.following && !model.view.rows.is_empty() {
        keys.push((A::End, "follow"));
    }
    keys.extend([
        (A::Search, "search"),
        (A::Filter, "filter"),
        (A::Zoom, if model.zoom { "unzoom" } else { "zoom" }),
        (A::Focus, if model.focus == Focus::List { "pane" } else { "list" }),
        (A::TerminateAll, "stop all"),
    ]);
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
        (alive, A::Keyboard, "type"),
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
