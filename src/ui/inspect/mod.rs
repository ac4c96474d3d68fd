//! The view of a worker's processes, or of minder's own: what is chosen and opened in it, and what its keys ask for.
//! Whom a key is for is a process for good, so that one that ends under the cursor hands its keys
//! to nobody.

mod draw;
mod lines;
mod words;

pub(super) use draw::draw;
pub(super) use words::{about, keys};

use super::actions::{self, refuse};
use super::dialogs::{Dialog, Picker, Target};
use super::keymap::{Action, Context};
use super::keys::Key;
use super::model::Model;
use super::update::Effect;
use crate::protocol::{Command, Inspect, Pid, ProcessId, ProcessRow, ProcessState, ThreadRow, Tree};
use crate::signal::Signal;
use crate::spec::WorkerName;
use lines::Line;
use ratatui::layout::{Position, Rect};
use std::sync::Arc;

/// The open view.
#[derive(Debug, Clone)]
pub(super) struct Inspector {
    /// `None`: minder itself is looked at.
    worker: Option<WorkerName>,
    /// The thread that the worker is, until it was found: a thread is shown among those of this program.
    thread: Option<Pid>,
    /// The worker is a thread, or none: what is shown is this program itself, which is not signalled.
    of_itself: bool,
    /// The threads of this program are to be opened, once they are there.
    opens_own: bool,
    /// The newest look; `None` until there is one.
    pub(super) tree: Option<Arc<Tree>>,
    chosen: Option<Choice>,
    /// Where the chosen row is, or was before its process was gone.
    place: usize,
    /// The first row in view.
    top: usize,
    /// Whose threads are shown.
    opened: Vec<ProcessId>,
    /// The parent that was asked to end last.
    ending: Option<ProcessId>,
}

/// What is chosen: a process, or one of its threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Choice {
    process: ProcessId,
    thread: Option<Pid>,
}

impl Inspector {
    fn new(worker: Option<WorkerName>, thread: Option<Pid>) -> Self {
        let (opened, tree) = (Vec::new(), None);
        Self {
            of_itself: thread.is_some() || worker.is_none(),
            opens_own: worker.is_none(),
            worker,
            thread,
            tree,
            chosen: None,
            place: 0,
            top: 0,
            opened,
            ending: None,
        }
    }

    fn processes(&self) -> &[ProcessRow] {
        self.tree.as_ref().map_or(&[], |tree| &tree.processes)
    }

    fn lines(&self) -> Vec<Line> {
        lines::of(self.processes(), &self.opened)
    }

    fn choice(&self, line: &Line) -> Choice {
        let process = &self.processes()[line.process];
        Choice { process: process.id, thread: line.thread.map(|at| process.threads[at].tid) }
    }

    /// The chosen process, while it is there.
    fn process(&self) -> Option<&ProcessRow> {
        let chosen = self.chosen?;
        self.processes().iter().find(|process| process.id == chosen.process)
    }

    /// The chosen thread of this process, while it is there.
    fn thread<'a>(&self, process: &'a ProcessRow) -> Option<&'a ThreadRow> {
        let chosen = self.chosen?.thread?;
        process.threads.iter().find(|thread| thread.tid == chosen)
    }

    fn by_pid(&self, pid: Pid) -> Option<&ProcessRow> {
        self.processes().iter().find(|process| process.id.pid == pid)
    }

    fn choose(&mut self, place: usize) {
        let lines = self.lines();
        let place = place.min(lines.len().saturating_sub(1));
        self.chosen = lines.get(place).map(|line| self.choice(line));
        self.place = place;
    }

    /// Takes a new look: the choice stays with its process, wherever that is now.
    fn take(&mut self, tree: Option<Arc<Tree>>) {
        self.tree = tree.filter(|tree| tree.worker == self.worker);
        if let Some(process) = self.processes().first().map(|process| process.id)
            && let Some(thread) = self.thread.take()
        {
            self.opened.push(process);
            self.chosen = Some(Choice { process, thread: Some(thread) });
        }
        if let Some(supervisor) = self.processes().last().map(|process| process.id)
            && std::mem::take(&mut self.opens_own)
        {
            self.opened.push(supervisor);
        }
        self.find_chosen();
    }

    fn find_chosen(&mut self) {
        let Some(chosen) = self.chosen else { return self.choose(0) };
        let lines = self.lines();
        let at = |wanted| lines.iter().position(|line| self.choice(line) == wanted);
        let process = Choice { thread: None, ..chosen };
        // A thread that is gone leaves its process chosen; a process that is gone, nobody.
        if let Some(place) = at(chosen) {
            self.place = place;
        } else if let Some(place) = at(process) {
            (self.place, self.chosen) = (place, Some(process));
        }
    }

    /// Scrolls so that the chosen row is in view and no row at the end is wasted.
    pub(super) fn settle(&mut self, rows: usize) {
        let rows = rows.max(1);
        let last_top = self.lines().len().saturating_sub(rows);
        self.top = self.top.min(self.place).max((self.place + 1).saturating_sub(rows)).min(last_top);
    }

    fn look(&self) -> Vec<Effect> {
        let inspect = Inspect { worker: self.worker.clone(), opened: self.opened.clone() };
        vec![Effect::Send(Command::Inspect(Some(inspect)))]
    }
}

/// Where the rows are: below title and heading.
pub(super) fn rows(body: Rect) -> Rect {
    let taken = body.height.min(2);
    Rect { y: body.y + taken, height: body.height - taken, ..body }
}

fn rows_of(model: &Model) -> Rect {
    rows(super::draw::body(&model.layout()))
}

/// How many rows are in view.
pub(super) fn height(model: &Model) -> usize {
    usize::from(rows_of(model).height)
}

/// Opens the view for the chosen worker.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(worker) = model.chosen() else {
        return refuse(model, "no worker is chosen".to_owned());
    };
    let thread = worker.state.run().filter(|_| worker.kind.is_thread()).map(|run| run.pid);
    let inspector = Inspector::new(Some(worker.name.clone()), thread);
    show(model, inspector)
}

/// Opens the view for minder itself.
pub(super) fn open_own(model: &mut Model) -> Vec<Effect> {
    show(model, Inspector::new(None, None))
}

fn show(model: &mut Model, inspector: Inspector) -> Vec<Effect> {
    let look = inspector.look();
    model.inspector = Some(inspector);
    look
}

/// Closes it, if it is open: nothing is looked at any more.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    match model.inspector.take() {
        Some(_) => vec![Effect::Send(Command::Inspect(None))],
        None => Vec::new(),
    }
}

/// A new look.
pub(super) fn facts(model: &mut Model, tree: Option<Arc<Tree>>) -> Vec<Effect> {
    let Some(inspector) = &mut model.inspector else { return Vec::new() };
    let was = inspector.opened.len();
    inspector.take(tree);
    // Threads that are to be shown from now on are asked for.
    if inspector.opened.len() > was { inspector.look() } else { Vec::new() }
}

/// A key while the view is open.
pub(super) fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    let help = || model.keymap.action(Context::Screen, key).filter(|action| *action == Action::Help);
    let action = model.keymap.action(Context::Inspect, key).or_else(help);
    action.map_or_else(Vec::new, |action| act(model, action))
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = height(model).saturating_sub(1).max(1) as i64;
    match action {
        Action::Up => wheel(model, -1),
        Action::Down => wheel(model, 1),
        Action::PageUp => wheel(model, -page),
        Action::PageDown => wheel(model, page),
        Action::Top => wheel(model, i64::MIN),
        Action::End => wheel(model, i64::MAX),
        Action::OpenThreads => open_threads(model),
        Action::CloseThreads => close_threads(model),
        Action::SignalProcess => pick(model),
        Action::TerminateProcess => send(model, |_| Signal::TERM),
        Action::KillProcess => send(model, |_| Signal::KILL),
        Action::FreezeProcess => send(model, freeze_or_continue),
        Action::NudgeParent => nudge(model),
        Action::EndParent => end_parent(model),
        Action::CloseInspect => close(model),
        Action::Help | Action::Interrupt | Action::QuitSignal | Action::Suspend | Action::Redraw => {
            actions::act(model, action)
        }
        Action::Inspect
        | Action::InspectMinder
        | Action::Focus
        | Action::Keyboard
        | Action::GiveBack
        | Action::StartStop
        | Action::Terminate
        | Action::Kill
        | Action::Restart
        | Action::Freeze
        | Action::Signal
        | Action::Wait
        | Action::GiveUp
        | Action::TerminateAll
        | Action::Filter
        | Action::Search
        | Action::Older
        | Action::Newer
        | Action::Zoom
        | Action::Quit
        | Action::Read(_)
        | Action::Cell(_)
        | Action::Scope
        | Action::Accept
        | Action::Cancel
        | Action::Select
        | Action::SelectLines
        | Action::SelectBlock
        | Action::SelectLeft
        | Action::SelectRight
        | Action::LineStart
        | Action::LineEnd
        | Action::WordOn
        | Action::WordBack
        | Action::WordEnd
        | Action::SwapEnds
        | Action::CloseSelection
        | Action::Copy
        | Action::Save
        | Action::Page
        | Action::Edit
        | Action::Pipe => Vec::new(),
    }
}

/// The choice so many rows down (or up).
pub(super) fn wheel(model: &mut Model, rows: i64) -> Vec<Effect> {
    if let Some(inspector) = &mut model.inspector {
        let place = (inspector.place as i64).saturating_add(rows);
        inspector.choose(usize::try_from(place).unwrap_or(0));
    }
    Vec::new()
}

/// A click chooses the row that it is on.
pub(super) fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    let rows = rows_of(model);
    if let Some(inspector) = &mut model.inspector
        && rows.contains(at)
    {
        let place = inspector.top + usize::from(at.y - rows.y);
        if place < inspector.lines().len() {
            inspector.choose(place);
        }
    }
    Vec::new()
}

// Threads.

fn open_threads(model: &mut Model) -> Vec<Effect> {
    let Some(inspector) = &mut model.inspector else { return Vec::new() };
    match inspector.process().map(|process| (process.id, process.is_zombie())) {
        Some((id, false)) if !inspector.opened.contains(&id) => {
            inspector.opened.push(id);
            inspector.look()
        }
        Some((_, false)) => Vec::new(),
        Some((_, true)) => refuse(model, "a zombie has no threads".to_owned()),
        None => refuse_gone(model),
    }
}

/// Hides the threads; where none are shown, goes to the parent.
fn close_threads(model: &mut Model) -> Vec<Effect> {
    let Some(inspector) = &mut model.inspector else { return Vec::new() };
    let Some((id, parent)) = inspector.process().map(|process| (process.id, process.parent)) else {
        return refuse_gone(model);
    };
    let was = inspector.opened.len();
    inspector.opened.retain(|opened| *opened != id);
    let closed = inspector.opened.len() < was;
    let next = if closed { Some(id) } else { inspector.by_pid(parent).map(|process| process.id) };
    if let Some(process) = next {
        inspector.chosen = Some(Choice { process, thread: None });
        inspector.find_chosen();
    }
    if closed { inspector.look() } else { Vec::new() }
}

// Signals.

fn refuse_gone(model: &mut Model) -> Vec<Effect> {
    let chosen = model.inspector.as_ref().and_then(|inspector| inspector.chosen);
    let why = match chosen {
        Some(Choice { process, .. }) => format!("pid {} is gone; choose another", process.pid),
        None => "no process is chosen".to_owned(),
    };
    refuse(model, why)
}

/// The chosen process if it can get a signal, or why not.
fn target(model: &Model) -> Option<Result<(&Inspector, &ProcessRow), String>> {
    let inspector = model.inspector.as_ref()?;
    let process = inspector.process()?;
    if inspector.of_itself {
        return Some(Err(refuse_own(model)));
    }
    if !process.is_zombie() {
        return Some(Ok((inspector, process)));
    }
    let (nudge, end) = (model.keymap.key(Action::NudgeParent), model.keymap.key(Action::EndParent));
    let pid = process.id.pid;
    Some(Err(format!("{pid} has ended and hears nothing; {nudge} nudges its parent, {end} ends that")))
}

/// Nothing that is sent to minder from within does what its keys do not do better.
fn refuse_own(model: &Model) -> String {
    let (quit, suspend) = (model.keymap.key(Action::Quit), model.keymap.key(Action::Suspend));
    format!("minder does not signal itself: {quit}, outside this view, ends it, {suspend} suspends it")
}

fn send(model: &mut Model, signal: impl Fn(&ProcessRow) -> Signal) -> Vec<Effect> {
    match target(model) {
        Some(Ok((inspector, process))) => {
            let thread = inspector.thread(process).map(thread_id);
            signal_to(inspector, process.id, thread, signal(process))
        }
        Some(Err(why)) => refuse(model, why),
        None => refuse_gone(model),
    }
}

fn thread_id(thread: &ThreadRow) -> ProcessId {
    ProcessId { pid: thread.tid, start_ticks: thread.start_ticks }
}

fn signal_to(
    inspector: &Inspector,
    process: ProcessId,
    thread: Option<ProcessId>,
    signal: Signal,
) -> Vec<Effect> {
    let Some(worker) = inspector.worker.clone() else { return Vec::new() };
    vec![Effect::Send(Command::SignalProcess { worker, process, thread, signal })]
}

fn freeze_or_continue(process: &ProcessRow) -> Signal {
    if process.state == ProcessState::Stopped { Signal::CONT } else { Signal::STOP }
}

fn pick(model: &mut Model) -> Vec<Effect> {
    let picker = match target(model) {
        Some(Ok((inspector, process))) => {
            let thread = inspector.thread(process);
            let words = match thread {
                Some(thread) => format!("thread {} {} of pid {}", thread.tid, thread.name, process.id.pid),
                None => format!("pid {} {}", process.id.pid, process.command),
            };
            let Some(worker) = inspector.worker.clone() else { return Vec::new() };
            let thread = thread.map(thread_id);
            Picker::new(Target::Process(worker, process.id, thread, words), Signal::TERM)
        }
        Some(Err(why)) => return refuse(model, why),
        None => return refuse_gone(model),
    };
    model.dialog = Some(Dialog::Signals(picker));
    Vec::new()
}

/// The parent that owes the chosen zombie its wait.
fn debtor(inspector: &Inspector) -> Option<Result<&ProcessRow, String>> {
    let zombie = inspector.process()?;
    if !zombie.is_zombie() {
        return Some(Err("that is for zombies: choose one, and its parent gets the signal".to_owned()));
    }
    let parent = inspector.by_pid(zombie.parent).filter(|parent| !parent.is_zombie());
    Some(parent.ok_or_else(|| match &inspector.worker {
        Some(name) if zombie.first => format!("minder itself is its parent: {name} is reaped from the list"),
        Some(_) | None => format!("minder itself is the parent of {}, and reaps it", zombie.id.pid),
    }))
}

fn nudge(model: &mut Model) -> Vec<Effect> {
    let Some(inspector) = &model.inspector else { return Vec::new() };
    match debtor(inspector) {
        Some(Ok(parent)) => signal_to(inspector, parent.id, None, Signal::CHLD),
        Some(Err(why)) => refuse(model, why),
        None => refuse_gone(model),
    }
}

/// SIGTERM first: a parent that hears it may end in order. Asked again, SIGKILL.
fn end_parent(model: &mut Model) -> Vec<Effect> {
    let Some(inspector) = &mut model.inspector else { return Vec::new() };
    match debtor(inspector).map(|parent| parent.map(|parent| parent.id)) {
        Some(Ok(parent)) => {
            let again = inspector.ending.replace(parent) == Some(parent);
            let signal = if again { Signal::KILL } else { Signal::TERM };
            signal_to(inspector, parent, None, signal)
        }
        Some(Err(why)) => refuse(model, why),
        None => refuse_gone(model),
    }
}
