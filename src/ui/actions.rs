//! What each action does with the model, and what it refuses and why.

use super::dialogs::{Dialog, Picker, Prompt, Target};
use super::keymap::Action;
use super::model::{Focus, Model};
use super::reading;
use super::search::Look;
use super::selection::{self, Shape};
use super::takeout;
use super::update::{Effect, Scroll, search_next_worker};
use super::{grid, inspect};
use crate::output::{Place, Position, ViewRow};
use crate::protocol::{Command, State, WorkerView};
use crate::signal::Signal;
use std::sync::Arc;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Up => step(model, -1),
        Action::Down => step(model, 1),
        Action::PageUp => page(model, -1),
        Action::PageDown => page(model, 1),
        Action::Top => vec![Effect::Scroll(Scroll::Top)],
        Action::End => follow(model),
        Action::Focus => change_focus(model),
        Action::Keyboard => take_keyboard(model),
        Action::Inspect => inspect::open(model),
        Action::InspectMinder => inspect::open_own(model),
        // These mean something elsewhere: in dialogs, with the keyboard, in the view of a tree.
        Action::GiveBack
        | Action::Scope
        | Action::Accept
        | Action::Cancel
        | Action::OpenThreads
        | Action::CloseThreads
        | Action::SignalProcess
        | Action::TerminateProcess
        | Action::KillProcess
        | Action::FreezeProcess
        | Action::NudgeParent
        | Action::EndParent
        | Action::CloseInspect
        | Action::SelectLeft
        | Action::SelectRight
        | Action::LineStart
        | Action::LineEnd
        | Action::WordOn
        | Action::WordBack
        | Action::WordEnd
        | Action::SwapEnds
        | Action::CloseSelection => Vec::new(),
        Action::Select => selection::begin(model, Shape::Characters),
        Action::SelectLines => selection::begin(model, Shape::Lines),
        Action::SelectBlock => selection::begin(model, Shape::Block),
        Action::Copy => takeout::copy(model),
        Action::Save => takeout::save(model),
        Action::Page => takeout::page(model),
        Action::Edit => takeout::edit(model),
        Action::Pipe => takeout::pipe(model),
        Action::StartStop => start_stop(model),
        Action::Terminate => on_chosen(model, terminate),
        Action::Kill => kill_chosen(model),
        Action::Restart => on_chosen(model, restart),
        Action::Freeze => on_chosen(model, freeze_or_continue),
        Action::Signal => pick_signal(model),
        Action::Wait => on_chosen(model, wait),
        Action::GiveUp => give_up(model),
        Action::TerminateAll => send(Command::StopAll),
        Action::Filter => prompt(model, Prompt::filter),
        Action::Read(read) => reading::act(model, read),
        Action::Cell(to) => grid::go(model, to),
        Action::Search => prompt(model, Prompt::search),
        Action::Older => next_match(model, true),
        Action::Newer => next_match(model, false),
        Action::Zoom => zoom(model),
        Action::Help => help(model),
        Action::Quit => send(Command::Quit),
        Action::Interrupt => send(Command::Interrupt),
        Action::QuitSignal => send(Command::QuitSignal),
        Action::Suspend => send(Command::Suspend),
        Action::Redraw => vec![Effect::Redraw],
    }
}

fn send(command: Command) -> Vec<Effect> {
    vec![Effect::Send(command)]
}

/// A command for the chosen worker, or the reason why there is none.
fn on_chosen(model: &mut Model, command: impl Fn(&WorkerView) -> Result<Command, String>) -> Vec<Effect> {
    match model.chosen().map(|worker| command(worker)) {
        Some(Ok(command)) => send(command),
        Some(Err(why)) => refuse(model, why),
        None => refuse(model, "no worker is chosen".to_owned()),
    }
}

pub(super) fn refuse(model: &mut Model, why: String) -> Vec<Effect> {
    model.say(why);
    Vec::new()
}

/// Whether anything of it runs or will run by itself.
pub(super) fn stoppable(worker: &WorkerView) -> bool {
    !worker.at_rest() || !worker.left.is_empty()
}

fn start_stop(model: &mut Model) -> Vec<Effect> {
    let kill = model.keymap.key(Action::Kill);
    on_chosen(model, |worker| start_or_stop(worker, &kill))
}

fn restart(worker: &WorkerView) -> Result<Command, String> {
    if worker.kind.is_watched() && worker.state.alive() {
        return Err(format!("minder did not start {}, and cannot start it again", worker.name));
    }
    Ok(Command::Restart(worker.name.clone()))
}

fn start_or_stop(worker: &WorkerView, kill: &str) -> Result<Command, String> {
    if worker.kind.is_watched() && worker.state.alive() {
        return Err(format!("minder did not start {}; {kill} kills it all the same", worker.name));
    }
    match &worker.state {
        State::Asked { .. } => {
            Err(format!("{} was asked to stop; {kill} offers to go on without it", worker.name))
        }
        State::Stopping { .. } | State::Sweeping { .. } => {
            Err(format!("{} is being stopped; {kill} kills it now", worker.name))
        }
        State::Starting
        | State::Running(_)
        | State::Suspended { .. }
        | State::Draining { .. }
        | State::Backoff { .. }
        | State::Failed { retry_at: Some(_), .. } => Ok(Command::Stop(worker.name.clone())),
        State::Idle | State::Zombie { .. } | State::Ended(_) | State::Failed { retry_at: None, .. } => {
            Ok(Command::Start(worker.name.clone()))
        }
    }
}

fn terminate(worker: &WorkerView) -> Result<Command, String> {
    if stoppable(worker) {
        Ok(Command::Stop(worker.name.clone()))
    } else {
        Err(not_running(worker, "there is nothing to stop"))
    }
}

/// A thread cannot be killed: a dialog says so and offers what can be done.
fn kill_chosen(model: &mut Model) -> Vec<Effect> {
    let thread = model.chosen().filter(|worker| worker.kind.is_thread() && worker.state.alive());
    if let Some(name) = thread.map(|worker| worker.name.clone()) {
        model.dialog = Some(Dialog::Abandon(name));
        return Vec::new();
    }
    on_chosen(model, kill)
}

fn kill(worker: &WorkerView) -> Result<Command, String> {
    if stoppable(worker) {
        Ok(Command::Kill(worker.name.clone()))
    } else {
        Err(not_running(worker, "there is nothing to kill"))
    }
}

fn freeze_or_continue(worker: &WorkerView) -> Result<Command, String> {
    if worker.kind.is_thread() {
        return Err(format!("{} is a {}, which cannot be frozen", worker.name, worker.kind.word()));
    }
    match &worker.state {
        State::Suspended { .. } => Ok(Command::Continue(worker.name.clone())),
        State::Starting | State::Running(_) | State::Stopping { .. } | State::Asked { .. } => {
            Ok(Command::Freeze(worker.name.clone()))
        }
        State::Idle
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Ended(_)
        | State::Failed { .. } => Err(not_running(worker, "there is nothing to freeze")),
    }
}

fn wait(worker: &WorkerView) -> Result<Command, String> {
    match &worker.state {
        State::Ended(end) => Err(format!("{} has ended already: {end}", worker.name)),
        State::Idle | State::Failed { retry_at: None, .. } => {
            Err(not_running(worker, "there is nothing to wait for"))
        }
        State::Starting
        | State::Running(_)
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Asked { .. }
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Failed { retry_at: Some(_), .. } => Ok(Command::Wait(worker.name.clone())),
    }
}

fn not_running(worker: &WorkerView, so: &str) -> String {
    format!("{} is not running; {so}", worker.name)
}

fn take_keyboard(model: &mut Model) -> Vec<Effect> {
    let Some(worker) = model.chosen().map(Arc::clone) else { return Vec::new() };
    if !worker.state.alive() {
        let start = model.keymap.key(Action::StartStop);
        let why = format!("{} is not running; {start} starts it", worker.name);
        return refuse(model, why);
    }
    if worker.kind.is_thread() {
        let why = format!("{} is a {} and hears no keyboard", worker.name, worker.kind.word());
        return refuse(model, why);
    }
    if !worker.takes_input {
        let why =
            format!("{} hears no keyboard: give it `stdin = \"pty\"` or `stdin = \"pipe\"`", worker.name);
        return refuse(model, why);
    }
    // What is typed is to be seen.
    model.group = None;
    model.keyboard = Some(worker.name.clone());
    model.set_position(Position::Follow);
    Vec::new()
}

fn pick_signal(model: &mut Model) -> Vec<Effect> {
    let Some(worker) = model.chosen().map(Arc::clone) else { return Vec::new() };
    if worker.kind.is_thread() {
        let stop = model.keymap.key(Action::Terminate);
        let why = format!(
            "{} is a {} and gets no signals; {stop} asks it to stop",
            worker.name,
            worker.kind.word()
        );
        return refuse(model, why);
    }
    if !stoppable(&worker) {
        let why = not_running(&worker, "nobody is there to get a signal");
        return refuse(model, why);
    }
    model.dialog = Some(Dialog::Signals(Picker::new(Target::Worker(worker.name.clone()), Signal::TERM)));
    Vec::new()
}

/// Esc undoes one thing at a time.
fn give_up(model: &mut Model) -> Vec<Effect> {
    if takeout::cancel(model) {
        return Vec::new();
    }
    let waited = model.chosen().filter(|worker| worker.waited_since.is_some());
    if let Some(worker) = waited {
        return send(Command::GiveUpWaiting(worker.name.clone()));
    }
    let filtered = !model.list.filter.is_empty();
    let searched = model.search.is_some();
    let reads = searched || model.line_filter().is_some();
    let at_list = model.focus == Focus::List && model.grid.is_none();
    if filtered && (at_list || !reads) {
        model.list.filter.clear();
        model.apply_filter();
    } else if searched || model.jump.is_some() {
        (model.search, model.jump) = (None, None);
    } else if model.line_filter().is_some() {
        return reading::leave_filter(model);
    } else if model.reading().is_none_or(|reading| reading.here.is_none()) && !grid::leave(model) {
        model.group = None;
    }
    if let Some(reading) = model.reading_mut() {
        reading.here = None;
    }
    Vec::new()
}

fn step(model: &mut Model, rows: i64) -> Vec<Effect> {
    if model.focus == Focus::Pane || model.zoom || model.grid.is_some() {
        return vec![Effect::Scroll(Scroll::Rows(rows))];
    }
    move_choice(model, rows);
    Vec::new()
}

/// The choice so many rows down (or up), within what is shown.
pub(super) fn move_choice(model: &mut Model, rows: i64) {
    let last = model.list.shown.len().saturating_sub(1);
    let place = model.chosen_place().unwrap_or(0) as i64 + rows;
    model.choose(place.clamp(0, last as i64) as usize);
}

fn page(model: &Model, pages: i64) -> Vec<Effect> {
    // One row of the page before stays in view, to go on reading from.
    let rows = i64::from(model.layout().pane.height).saturating_sub(1).max(1);
    vec![Effect::Scroll(Scroll::Rows(rows * pages))]
}

fn follow(model: &mut Model) -> Vec<Effect> {
    if let Some(reading) = model.reading_mut() {
        reading.here = None;
    }
    model.set_position(Position::Follow);
    Vec::new()
}

fn change_focus(model: &mut Model) -> Vec<Effect> {
    model.focus = match model.focus {
        Focus::List => Focus::Pane,
        Focus::Pane => Focus::List,
    };
    Vec::new()
}

fn zoom(model: &mut Model) -> Vec<Effect> {
    model.zoom = !model.zoom;
    Vec::new()
}

fn help(model: &mut Model) -> Vec<Effect> {
    model.dialog = Some(Dialog::Help { top: 0 });
    Vec::new()
}

fn prompt(model: &mut Model, of: fn(&Model) -> Prompt) -> Vec<Effect> {
    let prompt = of(model);
    model.dialog = Some(Dialog::Prompt(prompt));
    Vec::new()
}

/// From the match that was found last, or else from what is in view.
fn next_match(model: &mut Model, up: bool) -> Vec<Effect> {
    let (first, last) = lines_in_view(model);
    let at = model.search.as_ref().filter(|search| search.everywhere).and_then(|search| search.at);
    let at_first_line = up && model.group.is_none() && at.is_some_and(|at| at.previous().is_none());
    if at_first_line && search_next_worker(model, up) {
        return Vec::new();
    }
    let Some(search) = &mut model.search else {
        let key = model.keymap.key(Action::Search);
        return refuse(model, format!("nothing to look for yet; {key} searches"));
    };
    let (from, wrapped) = match (search.at, up) {
        // Older than the first line is nothing: the look goes on from the newest.
        (Some(at), true) => at.previous().map_or((Place::END, true), |previous| (previous, false)),
        (Some(at), false) => (at.next(), false),
        (None, true) => (last, false),
        (None, false) => (first, false),
    };
    search.look = Some(Look { wrapped, ..Look::new(from, up) });
    Vec::new()
}

/// The first and the last line of which something is in view.
pub(super) fn lines_in_view(model: &Model) -> (Place, Place) {
    let place = |row: Option<&ViewRow>| row.map_or(Place::line(0), |row| row.address.place);
    (place(model.view.rows.first()), place(model.view.rows.last()))
}
