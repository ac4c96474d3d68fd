//! Taking out what a worker said, as its user asks for it: what is meant, what is asked, what is told
//! of it. The work itself is done at the desk, on threads of its own.

mod ask;

pub(super) use ask::{Ask, draw, draw_line, key, keys, paste, step};

use super::actions::refuse;
use super::dialogs::Dialog;
use super::keymap::{Action, Read};
use super::model::Model;
use super::selection;
use super::text::{self, thousands};
use super::update::Effect;
use crate::output::Extent;
use crate::spec::WorkerName;
use crate::takeout::{News, Report, Running, Task};

/// What is taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) worker: WorkerName,
    pub(super) extent: Extent,
}

/// A task that is going on.
#[derive(Debug)]
pub(super) struct Doing {
    pub(super) running: Running,
    pub(super) task: Task,
    pub(super) source: Source,
}

/// What is selected, or else all that the pane shows; or why there is nothing to take out.
fn source(model: &Model) -> Result<Source, String> {
    if model.group.is_some() {
        let together = model.read_key(Read::Together);
        return Err(format!("only one worker's lines can be taken out: {together} leaves all together"));
    }
    match (&model.selection, &model.list.chosen) {
        (Some(selection), _) => Ok(Source { worker: selection.worker.clone(), extent: selection.extent() }),
        (None, Some(chosen)) => Ok(Source { worker: chosen.clone(), extent: Extent::ALL }),
        (None, None) => Err("no worker is chosen".into()),
    }
}

fn take(model: &mut Model, task: Task) -> Vec<Effect> {
    match source(model) {
        Ok(source) => {
            selection::clear(model);
            vec![Effect::Take(task, source)]
        }
        Err(why) => refuse(model, why),
    }
}

/// What is selected to the clipboard.
pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    if model.selection.is_none() && model.group.is_none() {
        let keys = [Action::Select, Action::SelectLines].map(|action| model.keymap.key(action));
        return refuse(model, format!("nothing is selected: {} or {} selects", keys[0], keys[1]));
    }
    take(model, Task::Copy)
}

pub(super) fn page(model: &mut Model) -> Vec<Effect> {
    take(model, Task::Page)
}

pub(super) fn edit(model: &mut Model) -> Vec<Effect> {
    take(model, Task::Edit)
}

/// Asks for a file's name.
pub(super) fn save(model: &mut Model) -> Vec<Effect> {
    ask(model, Ask::save)
}

/// Asks for a command.
pub(super) fn pipe(model: &mut Model) -> Vec<Effect> {
    ask(model, Ask::pipe)
}

fn ask(model: &mut Model, of: fn(Source) -> Ask) -> Vec<Effect> {
    match source(model) {
        Ok(source) => model.dialog = Some(Dialog::Asking(of(source))),
        Err(why) => return refuse(model, why),
    }
    Vec::new()
}

/// Gives up the task that was begun last. False if there is none.
pub(super) fn cancel(model: &mut Model) -> bool {
    // Dropped, it is cancelled; what comes of it is told.
    model.doing.pop().is_some()
}

/// News of a task.
pub(super) fn report(model: &mut Model, report: Report) -> Vec<Effect> {
    let place = model.doing.iter().position(|doing| doing.running.id == report.task);
    let doing = match place {
        Some(place) if report.last => Some(model.doing.remove(place)),
        Some(_) | None => None,
    };
    match report.news {
        News::Terminal(bytes) => return vec![Effect::Write(bytes)],
        News::Done(words) if words.is_empty() => {}
        News::Done(words) | News::Failed(words) => model.say(words),
        News::Exists(path) => {
            if let Some(Doing { task: Task::Save { form, .. }, source, .. }) = doing
                && model.dialog.is_none()
            {
                model.dialog = Some(Dialog::Asking(Ask::overwrite(path, form, source)));
            } else {
                model.say(format!("{} is there already; nothing was saved", path.display()));
            }
        }
        News::Piped(how) => match &mut model.dialog {
            Some(Dialog::Asking(ask)) if ask.is_of(report.task) => ask.ended(how),
            Some(_) | None => model.say(format!("the command: {how}")),
        },
    }
    Vec::new()
}

/// A task has begun.
pub(super) fn begun(model: &mut Model, doing: Doing) {
    if let Task::Pipe { command, captured } = &doing.task {
        let ask = Ask::piped(doing.running.id, command.clone(), std::sync::Arc::clone(captured));
        model.dialog = Some(Dialog::Asking(ask));
    }
    model.doing.push(doing);
}

/// How far the task is that was begun last.
pub(super) fn progress(model: &Model) -> Option<String> {
    let doing = model.doing.last()?;
    let (lines, bytes, left) = doing.running.progress.now();
    let what = match &doing.task {
        Task::Copy => "copying".to_owned(),
        Task::Save { path, .. } => format!("saving to {}", path.display()),
        Task::Page => "opening the pager".to_owned(),
        Task::Edit => "opening the editor".to_owned(),
        Task::Pipe { command, .. } => format!("into {command}"),
    };
    let cancel = model.keymap.key(Action::GiveUp);
    let of = thousands(lines + left);
    Some(format!("{what}: {} of {of} lines, {} · {cancel} cancels", thousands(lines), text::bytes(bytes)))
}
