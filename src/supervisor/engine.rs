//! The loop: takes what comes, steps the machines, carries out their effects, publishes what is so.

mod errands;
mod jobs;
mod over;
mod sizes;
mod strangers;
mod threads;
mod ticking;
mod timers;
mod watching;

use super::declaration::Declaration;
use super::ending::Ending;
use super::errand::Errands;
use super::inbox::Inbox;
use super::launch::Launcher;
use super::life::{Effect, Failure, Input};
use super::outputs::Outputs;
use super::runaway::Surroundings;
use super::single;
use super::worker::Worker;
use crate::census::{Answer, Audience, Census, Descent, Question, Strangers};
use crate::guest::{Guest, Subscriber, Waker};
use crate::output::KeyFlags;
use crate::protocol::{Command, Pid, ProcessId, ProcessRef, Run, ScreenOrder, Size, Snapshot, Update};
use crate::reactor::{Event, Order, Reactor};
use crate::signal::Signal;
use crate::spec::{Limit, LogBudget, WorkerName};
use crate::status::ExitStatus;
use crate::sys::spawn::SpawnError;
use crate::sys::{clock, process, procfs};
use crate::threads::{Joiner, Report};
use crossbeam_channel::{Receiver, Sender, never, select_biased, unbounded};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{fmt, io};

/// Whose process the supervisor lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Footing {
    /// minder's own: it is made a subreaper, every child of it that is no worker's counts as an orphan
    /// that was adopted, and runs get control groups where those are to be had.
    Own,
    /// A program's that has other things to do: nothing of it is changed, none of its children is
    /// touched but the workers, and every thread that served is gone at the end.
    Hosted,
}

/// How a supervisor is to behave.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Debug)]
pub struct Options {
    /// Whose process it lives in.
    pub footing: Footing,
    /// The size of panes until the screen says another.
    pub size: Size,
    /// Panes of pty workers are emulated terminals. Without (no screen) they are lines.
    pub emulate: bool,
    /// What these terminals speak of the kitty keyboard protocol: what the one does whose keys they get.
    pub keyboard: KeyFlags,
    /// A printer follows every worker from its first line on, and workers wait for it.
    pub printed: bool,
    /// Somebody can type to workers. Without (no screen), a worker that does not say where its input
    /// comes from has none.
    pub interactive: bool,
    /// End when nothing runs and nothing will start by itself.
    pub end_at_rest: bool,
    /// SIGUSR1 and SIGUSR2 are passed on to every worker.
    pub forward_signals: bool,
    /// Sample what workers use once a second.
    pub sample: bool,
    /// How much of the output of all workers together is kept.
    pub log: LogBudget,
    /// Whom to wake, besides the supervisor's own guest, when a worker said something.
    pub listeners: Vec<Waker>,
    /// Ignored when minder was started; stays so in workers.
    pub keep_ignored: Vec<Signal>,
    /// The limit on descriptors that workers get; minder's own was raised.
    pub descriptors: Option<Limit>,
    /// The process above that guards this one: when it is gone, so is the shell's patience, and the
    /// terminal is given back at once.
    pub guardian: Option<Pid>,
}

/// How it ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The last facts.
    pub snapshot: Arc<Snapshot>,
    /// The signal that ended it, from outside or as a key.
    pub by: Option<Signal>,
    /// A thread panicked.
    pub panicked: bool,
    /// Who could not be ended.
    pub survivors: Vec<ProcessRef>,
}

/// How the supervisor hears of signals.
#[derive(Debug, Clone)]
pub struct Ears {
    /// All but SIGCHLD.
    pub signals: Receiver<Signal>,
    /// A token for any number of SIGCHLD.
    pub children: Receiver<()>,
}

/// The screen as the supervisor knows it.
pub struct Screen {
    /// Its inbox.
    pub orders: Sender<ScreenOrder>,
    /// Gives the terminal back in its place when it does not answer: it may be stuck in a write.
    pub give_back: Box<dyn Fn() + Send>,
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").finish_non_exhaustive()
    }
}

/// How long the screen may take to give the terminal back before minder suspends without it.
const LEAVING: Duration = Duration::from_millis(500);

/// How long the end may take to clear away adopted processes.
const CLEARING: Duration = Duration::from_secs(5);

/// How many supervisors there have been that live in somebody else's process.
static HOSTED: AtomicU32 = AtomicU32::new(1);

/// Owns every worker.
#[derive(Debug)]
pub struct Supervisor {
    options: Options,
    workers: Vec<Worker>,
    places: HashMap<WorkerName, usize>,
    own_sizes: sizes::Own,
    launcher: Launcher,
    reactor: Reactor,
    census: Census,
    surroundings: Surroundings,
    outputs: Outputs,
    strangers: Strangers,
    inbox: Inbox,
    guest: Guest,
    subscribers: Vec<Subscriber>,
    ears: Ears,
    reports_in: Sender<Report>,
    reports: Receiver<Report>,
    joiner: Option<Joiner>,
    events: Receiver<Event>,
    answers: Receiver<Answer>,
    snapshot: Arc<Snapshot>,
    ending: Ending,
    /// When clearing away what was adopted is given up.
    clearing: Option<Instant>,
    suspending: Option<Instant>,
    /// How many orders to leave the terminal the screen has yet to answer.
    leaving: u32,
    screen: Option<Screen>,
    /// Children that were there before us, by exec: not ours to end.
    inherited: HashSet<Pid>,
    screen_away: bool,
    errands: Errands,
    /// The guardian is gone, and the SIGTERM that tells so has not come or just came.
    death_is_told: bool,
    panicked: bool,
    /// When to look at the children again, where nobody tells of them.
    glance_at: Option<Instant>,
}

impl Supervisor {
    /// Starts the threads that serve it; no worker yet.
    ///
    /// # Errors
    /// When a thread or a descriptor cannot be had, or a name is taken.
    pub fn new(declared: Vec<impl Into<Declaration>>, options: Options) -> io::Result<Self> {
        Self::with(Inbox::default(), declared, options)
    }

    /// As [`Supervisor::new`], with ears that somebody has already.
    ///
    /// # Errors
    /// As there.
    pub fn with(inbox: Inbox, declared: Vec<impl Into<Declaration>>, options: Options) -> io::Result<Self> {
        let own = own_process(&options);
        let mut mark = std::process::id().to_string();
        if own {
            process::become_subreaper()?;
        } else {
            // There may be several in one program: none takes another's workers for its own.
            mark = format!("{mark}.{}", HOSTED.fetch_add(1, Ordering::Relaxed));
        }
        let descent = Descent { mark: mark.clone(), adopts: own, guardian: options.guardian };
        let (events_in, events) = unbounded();
        let (answers_in, answers) = unbounded();
        let (reports_in, reports) = unbounded();
        let (guest, subscriber) = inbox.guest();
        let audience = options.sample.then(|| Audience { board: inbox.board(), bell: inbox.bell.clone() });
        for listener in &options.listeners {
            inbox.bell.add(listener.clone());
        }
        let told = inbox.commands();
        let outputs = Outputs::start(options.log, declared.len(), move |words| {
            // A closed inbox means that the supervisor is over: nobody is left to be told.
            let _ = told.send(Command::Tell(words.into()));
        })?;
        let mut supervisor = Self {
            workers: Vec::new(),
            outputs,
            places: HashMap::new(),
            own_sizes: HashMap::new(),
            launcher: Launcher::new(&options, mark.clone())?,
            reactor: Reactor::start(inbox.bell.clone(), events_in)?,
            strangers: Strangers::new(answers_in.clone()),
            census: Census::start(Vec::new(), audience, descent, answers_in)?,
            surroundings: Surroundings { looked_at: options.sample, memory: procfs::total_memory() },
            options,
            inbox,
            guest,
            subscribers: vec![subscriber],
            ears: Ears { signals: never(), children: never() },
            reports_in,
            reports,
            joiner: None,
            events,
            answers,
            snapshot: Arc::default(),
            ending: Ending::default(),
            clearing: None,
            suspending: None,
            leaving: 0,
            screen: None,
            inherited: process::children().into_iter().collect(),
            screen_away: false,
            errands: Errands::default(),
            death_is_told: false,
            panicked: false,
            glance_at: None,
        };
        for declaration in declared {
            supervisor.add(declaration.into()).map_err(io::Error::other)?;
        }
        Ok(supervisor)
    }

    /// What a guest holds. Of one guest's updates each reader takes a share, so give it to one.
    pub fn guest(&self) -> Guest {
        self.guest.clone()
    }

    /// Starts every worker that starts by itself, minds them, and returns when all is over.
    /// `screen` is told what to do with the terminal.
    pub fn run(mut self, ears: Ears, screen: Option<Screen>) -> Outcome {
        self.ears = ears;
        self.screen = screen;
        self.publish();
        for place in 0..self.workers.len() {
            self.start_by_itself(place);
            // Neither a signal nor a key nor a look waits for the last of a thousand starts.
            while let Ok(signal) = self.ears.signals.try_recv() {
                self.hear(signal);
            }
            while let Ok(command) = self.inbox.commands.try_recv() {
                self.obey(command);
            }
            self.publish();
        }
        loop {
            self.publish();
            if let Some(survivors) = self.over() {
                return self.finish(survivors);
            }
            self.take_next();
            self.tick();
        }
    }

    /// The thread that hears signals is gone, which only a panic brings about.
    fn deafened(&mut self) {
        self.ears = Ears { signals: never(), children: never() };
        self.panic();
    }

    fn take_next(&mut self) {
        let deadline = self.deadline();
        let timer = deadline.map_or_else(never, crossbeam_channel::at);
        let Ears { signals, children } = self.ears.clone();
        let (commands, requests) = (self.inbox.commands.clone(), self.inbox.requests.clone());
        let (events, answers, reports) = (self.events.clone(), self.answers.clone(), self.reports.clone());
        // A channel whose thread is gone would be ready for ever: it is put away.
        select_biased! {
            recv(signals) -> signal => match signal {
                Ok(signal) => self.hear(signal),
                Err(_) => self.deafened(),
            },
            recv(commands) -> command => if let Ok(command) = command { self.obey(command); },
            recv(requests) -> request => if let Ok(request) = request { self.answer(request); },
            recv(children) -> change => match change {
                Ok(()) => self.children_changed(),
                Err(_) => self.deafened(),
            },
            recv(events) -> event => match event {
                Ok(event) => self.notice(event),
                Err(_) => self.events = never(),
            },
            recv(reports) -> report => if let Ok(report) = report { self.hear_of_thread(report); },
            recv(answers) -> answer => match answer {
                Ok(answer) => self.learn(answer),
                Err(_) => self.answers = never(),
            },
            recv(timer) -> _ => {}
        }
    }

    // What comes in.

    fn hear(&mut self, signal: Signal) {
        match signal {
            echo if echo.ends() && self.ending.echoes(clock::now(), echo) => {}
            ends if ends.ends() => {
                self.look_after_guardian();
                // A session whose leader was the guardian is hung up on as well: one request.
                let told = ends == Signal::TERM && std::mem::take(&mut self.death_is_told);
                if !told || !self.ending.begun() {
                    self.end(Some(ends));
                }
            }
            Signal::WINCH => self.order_screen(ScreenOrder::Resized),
            Signal::TSTP => self.suspend(),
            Signal::CONT => self.continued(),
            Signal::USR1 | Signal::USR2 if self.options.forward_signals => self.forward(signal),
            Signal::USR1 => self.dump(),
            _ => {}
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Start(name) => self.with_place(&name, |us, place| us.start(place, Input::Start)),
            Command::Stop(name) => self.with_place(&name, |us, place| us.stop(place, Input::Stop)),
            Command::Kill(name) => self.kill(&name),
            Command::Abandon(name) => self.give_by_name(&name, Input::Abandon),
            Command::Restart(name) => self.with_place(&name, |us, place| us.start(place, Input::Restart)),
            Command::Signal(name, signal) => self.send_by_name(&name, Input::Signal(signal)),
            Command::Freeze(name) => self.send_by_name(&name, Input::SignalTree(Signal::STOP)),
            Command::Continue(name) => self.send_by_name(&name, Input::SignalTree(Signal::CONT)),
            Command::SignalProcess { worker, process, thread, signal } => {
                self.signal_one(&worker, process, thread, signal);
            }
            Command::Inspect(wanted) => self.census.ask(Question::Inspect(wanted)),
            Command::Wait(name) => self.give_by_name(&name, Input::Wait),
            Command::GiveUpWaiting(name) => self.give_by_name(&name, Input::GiveUpWaiting),
            Command::StopAll => self.stop_all(),
            Command::Quit => self.end(None),
            Command::Interrupt => self.end(Some(Signal::INT)),
            Command::QuitSignal => self.end(Some(Signal::QUIT)),
            Command::Suspend => self.suspend(),
            Command::Input(name, bytes) => self.write(&name, bytes),
            Command::Run(errand) => self.run_errand(errand),
            Command::CancelErrand(id) => self.cancel_errand(id),
            Command::Resize(size) => self.resize(size),
            Command::ResizeSome(sizes) => self.resize_some(sizes),
            Command::InBackground if self.screen_away => {}
            Command::InBackground => self.continued(),
            Command::ScreenLeft => self.screen_left(),
            Command::TerminalLost => self.lose_terminal(),
            Command::ReaderGone => self.lose_reader(),
            Command::Panicked => self.panic(),
            Command::Tell(words) => self.tell(&Update::Notice(words)),
        }
    }

    fn notice(&mut self, event: Event) {
        let (Event::Ended(run) | Event::Drained(run) | Event::Finished(run)) = event;
        if self.workers[run.worker].serial != run.serial {
            return;
        }
        match event {
            Event::Ended(_) if self.workers[run.worker].stranger().is_some() => {
                self.give(run.worker, Input::Ended(ExitStatus::Unknown));
            }
            Event::Ended(_) => self.look_at_child(run.worker),
            Event::Drained(_) => self.give(run.worker, Input::Drained),
            Event::Finished(_) => self.give(run.worker, Input::Finished),
        }
    }

    fn learn(&mut self, answer: Answer) {
        let Some(answer) = self.hear_of_stranger(answer) else { return };
        match answer {
            Answer::Family(run, members) => {
                let worker = &mut self.workers[run.worker];
                let again = worker.found(members);
                let family: Arc<[ProcessRef]> =
                    worker.members().map(|member| member.process.clone()).collect();
                if again {
                    self.look_for_family(run.worker);
                }
                // A question of the run before: who was left then says nothing of this run.
                if self.workers[run.worker].serial == run.serial {
                    self.give(run.worker, Input::Family(family));
                    let worker = &self.workers[run.worker];
                    if worker.life.holds() && !worker.has_others_in_group() {
                        self.give(run.worker, Input::Alone);
                    }
                }
            }
            Answer::Holders(run, holders) if self.workers[run.worker].serial == run.serial => {
                self.give(run.worker, Input::Holders(holders.into()));
            }
            Answer::Explained(run, error, text) if self.workers[run.worker].serial == run.serial => {
                self.give(run.worker, Input::SpawnFailed(failure(&error, text.into())));
            }
            Answer::Kin(errand, members) => self.errand_kin(errand, &members),
            Answer::Unknown(run) => {
                if self.workers[run.worker].looked_in_vain() {
                    self.look_for_family(run.worker);
                }
            }
            Answer::Sampled(usages) => self.sampled(&usages),
            Answer::Holders(..)
            | Answer::Explained(..)
            | Answer::Found(..)
            | Answer::Missing(..)
            | Answer::Stopped(..)
            | Answer::Gone(_) => {}
        }
    }

    // Children.

    /// SIGCHLD tells that something changed, not what or how often (signal(7)): look at each.
    fn children_changed(&mut self) {
        for place in 0..self.workers.len() {
            self.look_at_child(place);
        }
        self.look_at_errands();
        self.reap_adopted();
        for place in 0..self.workers.len() {
            if self.workers[place].life.minds_others() {
                self.give(place, Input::ChildrenChanged);
            }
        }
    }

    fn look_at_child(&mut self, place: usize) {
        let worker = &self.workers[place];
        let Some(process) = worker.process() else { return };
        match process.change() {
            Ok(Some(process::Change::Ended(status))) => {
                if !process.tells_of_end() {
                    self.reactor.order(Order::LetGo(worker.run()));
                }
                self.give(place, Input::Ended(status));
            }
            Ok(Some(process::Change::Stopped(signal))) => self.give(place, Input::Suspended(signal)),
            Ok(Some(process::Change::Continued)) => self.give(place, Input::Continued),
            Ok(None) => {}
            // ECHILD: somebody else in our program reaped it. It is gone, and how is lost.
            Err(_) => self.give(place, Input::Ended(ExitStatus::Exited(255))),
        }
    }

    /// Orphans that were handed to us and ended: we are the parent that waits.
    fn reap_adopted(&mut self) {
        if !own_process(&self.options) {
            return;
        }
        for pid in self.adopted() {
            // Not ended yet, or gone already: both are fine.
            if let Ok(Some(_)) = process::reap_adopted(pid) {
                self.inherited.remove(&pid);
            }
        }
    }

    fn adopted(&self) -> Vec<Pid> {
        let ours = self.workers.iter().filter(|worker| worker.stranger().is_none());
        let ours: HashSet<Pid> = ours.filter_map(Worker::pid).chain(self.errands.pids()).collect();
        process::children().into_iter().filter(|pid| !ours.contains(pid)).collect()
    }

    // Machines and their effects.

    fn with_place(&mut self, name: &WorkerName, act: impl FnOnce(&mut Self, usize)) {
        if let Some(&place) = self.places.get(name) {
            act(self, place);
        }
    }

    fn give_by_name(&mut self, name: &WorkerName, input: Input) {
        self.with_place(name, |us, place| us.give(place, input));
    }

    /// As [`Self::give_by_name`], for what signals it.
    fn send_by_name(&mut self, name: &WorkerName, input: Input) {
        self.with_place(name, |us, place| {
            if !us.may_not_signal(place) {
                us.give(place, input);
            }
        });
    }

    fn give_all(&mut self, input: &Input) {
        for place in 0..self.workers.len() {
            self.give(place, input.clone());
        }
    }

    fn give(&mut self, place: usize, input: Input) {
        for effect in self.workers[place].step(clock::now(), input) {
            self.carry_out(place, effect);
        }
        self.run_queued(place);
    }

    fn carry_out(&mut self, place: usize, effect: Effect) {
        let worker = &mut self.workers[place];
        match effect {
            Effect::Spawn => self.spawn(place),
            Effect::AskThread => worker.ask_thread(),
            Effect::LetGo => self.let_go(place),
            Effect::SignalGroup(signal) => worker.signal_group(signal),
            // In somebody else's process nobody may tell us that it has stopped.
            Effect::AskGroup(signal) => {
                match own_process(&self.options).then(|| worker.hold(signal)).flatten() {
                    Some(stopped) => self.give(place, Input::Holding { stopped }),
                    None => worker.ask_group(signal),
                }
            }
            Effect::ResumeOthersOfGroup => worker.resume_others_of_group(),
            Effect::KillTree => worker.kill_tree(),
            Effect::SignalOthers(signal) => worker.signal_others(signal),
            Effect::SignalFamily(signal) => worker.signal_family(signal),
            Effect::LookForFamily => self.look_for_family(place),
            Effect::LookForHolders => {
                let question = Question::Holders(worker.run(), worker.files().to_vec());
                self.census.ask(question);
            }
            Effect::Finish(text) => {
                let run = worker.run();
                self.reactor.order(Order::Finish(run, text));
            }
            Effect::Reap => {
                worker.reap();
                if worker.spec.kind().is_watched() {
                    self.strangers.forget(worker.run());
                }
                self.publish_roots();
            }
            Effect::Tell(update) => {
                self.tell(&update);
                self.tell_next_run_after(place, &update);
            }
        }
    }

    fn look_for_family(&mut self, place: usize) {
        let worker = &mut self.workers[place];
        let run = worker.run();
        if worker.may_look() {
            self.census.ask(Question::Family(run));
        }
    }

    fn spawn(&mut self, place: usize) {
        // Before its first word can be seen it is known to be started: a key that is pressed upon that
        // word is not refused as one for a worker that does not run.
        self.publish();
        let size = self.size_of(place);
        let worker = &mut self.workers[place];
        worker.serial += 1;
        if worker.spec.kind().is_thread() {
            return self.spawn_thread(place);
        }
        if worker.spec.kind().is_watched() {
            return self.look_for_stranger(place);
        }
        let run = worker.run();
        match self.launcher.launch(run, &worker.spec, size) {
            Ok(mut launched) => {
                let pid = launched.process.pid();
                if let Some(talk) = &worker.talk
                    && let Some(pipe) = launched.wires.stdin.take()
                {
                    // A closed channel: nobody wants to talk, and its input ends here.
                    let _ = talk.stdin.send(pipe);
                }
                worker.began(launched.process, launched.cgroup, launched.files);
                self.reactor.order(Order::Adopt(run, launched.wires));
                self.publish_roots();
                self.give(place, Input::Spawned(Run { pid, started: clock::now() }));
            }
            Err(error) => {
                let bare: Arc<str> = error.errno.desc().into();
                self.give(place, Input::SpawnRefused(failure(&error, bare)));
                // The words take a look around on the disk, which is not for this thread.
                self.census.ask(Question::Explain(run, error));
            }
        }
    }

    fn publish_roots(&self) {
        self.census.roots.set(self.workers.iter().filter_map(Worker::root).collect());
    }

    fn write(&mut self, name: &WorkerName, bytes: Vec<u8>) {
        if let Some(&place) = self.places.get(name) {
            self.reactor.order(Order::Write(self.workers[place].run(), bytes));
        }
    }

    fn signal_one(&mut self, name: &WorkerName, to: ProcessId, thread: Option<ProcessId>, signal: Signal) {
        let Some(&place) = self.places.get(name) else { return };
        let whom = thread.map_or_else(String::new, |thread| format!("thread {} of ", thread.pid));
        let watched = self.workers.iter().filter(|worker| worker.stranger().is_some());
        let watched: Vec<Pid> = watched.filter_map(Worker::pid).collect();
        let words = match single::send(to, thread, signal, &watched) {
            Ok(process) => {
                if self.workers[place].pid() == Some(to.pid) {
                    self.give(place, Input::Picked(signal));
                }
                format!("{signal} sent to {whom}pid {} {process}", to.pid)
            }
            Err(refusal) => refusal.to_string(),
        };
        self.tell(&Update::Notice(words.into()));
    }

    fn forward(&mut self, signal: Signal) {
        for place in 0..self.workers.len() {
            if !self.workers[place].spec.kind().is_watched() {
                self.workers[place].signal_group(signal);
            }
        }
    }

    /// SIGUSR1 has a precedent in dd(1): say how things are.
    fn dump(&mut self) {
        let words: Vec<_> =
            self.snapshot.workers.iter().map(|view| format!("{}: {}", view.name, view.state)).collect();
        let how = if self.launcher.has_cgroups() { "cgroup.kill" } else { "looking through /proc" };
        self.tell(&Update::Notice(format!("trees are ended by {how}").into()));
        for line in words {
            self.tell(&Update::Notice(line.into()));
        }
    }

    // What goes out.

    fn tell(&mut self, update: &Update) {
        self.subscribers.retain_mut(|subscriber| subscriber.tell(update.clone()));
    }

    fn publish(&mut self) {
        let phase = self.ending.phase();
        let mut changed = phase != self.snapshot.phase || self.snapshot.workers.len() != self.workers.len();
        if !changed && !self.workers.iter().any(Worker::is_touched) {
            return;
        }
        let mut views = Vec::with_capacity(self.workers.len());
        for worker in &mut self.workers {
            let (differs, view) = worker.refreshed();
            changed |= differs;
            views.push(Arc::clone(view));
        }
        if changed {
            let sequence = self.snapshot.sequence + 1;
            self.snapshot = Arc::new(Snapshot { sequence, workers: views, phase });
            self.inbox.board.publish(Arc::clone(&self.snapshot));
            self.subscribers.iter().for_each(Subscriber::wake);
        }
    }
}

fn own_process(options: &Options) -> bool {
    options.footing == Footing::Own
}

fn failure(error: &SpawnError, words: Arc<str>) -> Failure {
    Failure { error: words, code: error.code(), transient: error.transient() }
}
