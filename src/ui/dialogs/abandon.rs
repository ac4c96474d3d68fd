//! A thread cannot be killed: says so, and offers to go on without it.

use super::{Dialog, Step};
use crate::protocol::{Command, State, WorkerView};
use crate::spec::WorkerName;
use crate::ui::keymap::Action;
use crate::ui::model::Model;
use crate::ui::text;
use crate::ui::update::Effect;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of the words.
const COLUMNS: u16 = 58;

fn words(model: &Model, name: &WorkerName) -> String {
    let asks = model.keymap.key(Action::Terminate);
    let asked = |worker: &WorkerView| matches!(worker.state, State::Asked { .. });
    let so_far = match model.worker(name) {
        Some(worker) if asked(worker) => "It was asked to stop and has not.".to_owned(),
        Some(_) | None => format!("It can be asked to stop, by {asks}."),
    };
    if model.worker(name).is_some_and(|worker| worker.kind.is_pool()) {
        return format!(
            "A pool's threads cannot be killed; its processes are, when it is asked to stop and their grace is \
             over. {so_far} If it is abandoned, the worker counts as ended and the pool is shown no more; \
             its jobs run on until they end or the program does."
        );
    }
    format!(
        "A thread cannot be killed: only it can end itself. {so_far} If it is abandoned, the worker counts \
         as ended and nothing more is taken from it; the thread runs on until it ends or the program does."
    )
}

pub(super) fn draw(model: &Model, name: &WorkerName, body: Rect, buffer: &mut Buffer) {
    let lines = text::wrapped(&words(model, name), COLUMNS.into());
    let kind = model.worker(name).map_or("thread", |worker| worker.kind.word());
    let title = format!("{name} is a {kind}");
    let (abandons, closes) = (model.keymap.key(Action::Accept), model.keymap.key(Action::Cancel));
    let foot = format!("{abandons} abandons it · {closes} closes");
    let inner = super::boxed((COLUMNS, lines.len() as u16), &title, &foot, model.theme, body, buffer);
    for (row, line) in inner.rows().zip(lines) {
        buffer.set_stringn(row.x, row.y, line, inner.width.into(), model.theme.name(None));
    }
}

pub(super) fn act(model: &mut Model, step: Step) -> Vec<Effect> {
    let Some(Dialog::Abandon(name)) = model.dialog.clone() else { return Vec::new() };
    match step {
        Step::Accept => {
            model.dialog = None;
            vec![Effect::Send(Command::Abandon(name))]
        }
        Step::Cancel => {
            model.dialog = None;
            Vec::new()
        }
        Step::Up | Step::Down | Step::PageUp | Step::PageDown | Step::Top | Step::End | Step::Scope => {
            Vec::new()
        }
    }
}
