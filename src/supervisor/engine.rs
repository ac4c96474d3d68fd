//! The loop: takes what comes, steps the machines, carries out their effects, publishes what is so.

mod errands;
mod jobs;

use super::ending::{self, Ending, Request};
use super::errand::Errands;
use super::launch::Launcher;
use super::life::{Effect, Failure, Input};
use super::single;
use super::worker::Worker;
use crate::census::{Answer, Audience, Census, Question};
use crate::guest::{Board, Guest, Subscriber};
use crate::output::Output;
use crate::protocol::{Command, Phase, Pid, ProcessId, ProcessRef, Run, ScreenOrder, Size, Snapshot, Update};
use crate::reactor::{Event, Order, Reactor};
use crate::signal::Signal;
use crate::spec::{Limit, OutputKind, Spec, WorkerName};
use crate::status::ExitStatus;
use crate::sys::spawn::SpawnError;
use crate::sys::{clock, job_control, process};
use crossbeam_channel::{Receiver, Sender, never, select_biased, unbounded};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fmt, io};

/// How a supervisor is to behave.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Debug)]
pub struct Options {
    /// The size of panes until the screen says another.
    pub size: Size,
    /// Panes of pty workers are emulated terminals. Without (no screen) they are lines.
    pub emulate: bool,
    /// Somebody can type to workers. Without (no screen), a worker that does not say where its input
    /// comes from has none.
    pub interactive: bool,
    /// End when nothing runs and nothing will start by itself.
    pub end_at_rest: bool,
    /// SIGUSR1 and SIGUSR2 are passed on to every worker.
    pub forward_signals: bool,
    /// Sample what workers use once a second.
    pub sample: bool,
    /// Ignored when minder was started; stays so in workers.
    pub keep_ignored: Vec<Signal>,
    /// The limit on descriptors that workers get; minder's own was raised.
    pub descriptors: Option<Limit>,
    /// The process above that guards this one: when it is gone, so is the shell's patience, and the
    /// terminal is given back at once.
    pub guardian: Option<Pid>,
}

/// How it ended.
#[derive(Debug)]
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

/// How often minder in the background looks whether it was brought back: a shell's `fg` says nothing
/// to a job that runs.
const LOOK_UP: Duration = Duration::from_millis(250);

/// How long the end may take to clear away adopted processes.
const CLEARING: Duration = Duration::from_secs(5);

/// How often it looks for adopted processes meanwhile; their ends come by SIGCHLD besides.
const CLEAR_AGAIN: Duration = Duration::from_millis(50);

/// Owns every worker.
#[derive(Debug)]
pub struct Supervisor {
    options: Options,
    workers: Vec<Worker>,
    places: HashMap<WorkerName, usize>,
    launcher: Launcher,
    reactor: Reactor,
    census: Census,
    board: Arc<Board>,
    guest: Guest,
    subscribers: Vec<Subscriber>,
    ears: Ears,
    commands: Receiver<Command>,
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
}

impl Supervisor {
    /// Starts the threads that serve it; no worker yet.
    ///
    /// # Errors
    /// When a thread or a descriptor cannot be had.
    pub fn new(specs: Vec<Spec>, options: Options) -> io::Result<Self> {
        process::become_subreaper()?;
        let (inbox, commands) = unbounded();
        let (events_in, events) = unbounded();
        let (answers_in, answers) = unbounded();
        let outputs: Vec<Arc<Output>> = specs
            .iter()
            .map(|spec| Output::new(options.size, options.emulate && spec.output == OutputKind::Pty))
            .map(Arc::new)
            .collect();
        let names: Vec<WorkerName> = specs.iter().map(|spec| spec.name.clone()).collect();
        let board = Arc::new(Board::default());
        let by_name = names.iter().cloned().zip(outputs.iter().cloned()).collect();
        let (guest, subscriber) = Guest::new(inbox, Arc::clone(&board), Arc::new(by_name));
        let audience =
            options.sample.then(|| Audience { board: Arc::clone(&board), wakers: vec![guest.waker()] });
        let seed = u64::from(std::process::id());
        let workers = specs.into_iter().enumerate();
        let workers = workers
            .map(|(place, spec)| Worker::new(place, spec, seed.wrapping_mul(31).wrapping_add(place as u64)));
        Ok(Self {
            workers: workers.collect(),
            places: names.iter().cloned().enumerate().map(|(place, name)| (name, place)).collect(),
            launcher: Launcher::new(&options)?,
            reactor: Reactor::start(outputs, vec![guest.waker()], events_in)?,
            census: Census::start(names, audience, answers_in)?,
            options,
            board,
            guest,
            subscribers: vec![subscriber],
            ears: Ears { signals: never(), children: never() },
            commands,
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
        })
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
            if self.workers[place].spec.autostart {
                self.give(place, Input::Start);
                // Neither a signal nor a key nor a look waits for the last of a thousand starts.
                while let Ok(signal) = self.ears.signals.try_recv() {
                    self.hear(signal);
                }
                while let Ok(command) = self.commands.try_recv() {
                    self.obey(command);
                }
                self.publish();
            }
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
        let (commands, events, answers) = (self.commands.clone(), self.events.clone(), self.answers.clone());
        // A channel whose thread is gone would be ready for ever: it is put away.
        select_biased! {
            recv(signals) -> signal => match signal {
                Ok(signal) => self.hear(signal),
                Err(_) => self.deafened(),
            },
            recv(commands) -> command => if let Ok(command) = command { self.obey(command); },
            recv(children) -> change => match change {
                Ok(()) => self.children_changed(),
                Err(_) => self.deafened(),
            },
            recv(events) -> event => match event {
                Ok(event) => self.notice(event),
                Err(_) => self.events = never(),
            },
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
            Command::Start(name) => self.give_by_name(&name, Input::Start),
            Command::Stop(name) => self.give_by_name(&name, Input::Stop),
            Command::Kill(name) => self.give_by_name(&name, Input::Kill),
            Command::Restart(name) => self.give_by_name(&name, Input::Restart),
            Command::Signal(name, signal) => self.give_by_name(&name, Input::Signal(signal)),
            Command::Freeze(name) => self.give_by_name(&name, Input::SignalTree(Signal::STOP)),
            Command::Continue(name) => self.give_by_name(&name, Input::SignalTree(Signal::CONT)),
            Command::SignalProcess { worker, process, signal } => self.signal_one(&worker, process, signal),
            Command::Inspect(wanted) => self.census.ask(Question::Inspect(wanted)),
            Command::Wait(name) => self.give_by_name(&name, Input::Wait),
            Command::GiveUpWaiting(name) => self.give_by_name(&name, Input::GiveUpWaiting),
            Command::StopAll => self.give_all(&Input::Stop),
            Command::Quit => self.end(None),
            Command::Interrupt => self.end(Some(Signal::INT)),
            Command::QuitSignal => self.end(Some(Signal::QUIT)),
            Command::Suspend => self.suspend(),
            Command::Input(name, bytes) => self.write(&name, bytes),
            Command::Run(errand) => self.run_errand(errand),
            Command::CancelErrand(id) => self.cancel_errand(id),
            Command::Resize(size) => self.resize(size),
            Command::InBackground if self.screen_away => {}
            Command::InBackground => self.continued(),
            Command::ScreenLeft => self.screen_left(),
            Command::TerminalLost => self.lose_terminal(),
            Command::ReaderGone => self.lose_reader(),
            Command::Panicked => self.panic(),
        }
    }

    fn notice(&mut self, event: Event) {
        let (Event::Ended(run) | Event::Drained(run) | Event::Finished(run)) = event;
        if self.workers[run.worker].serial != run.serial {
            return;
        }
        match event {
            Event::Ended(_) => self.look_at_child(run.worker),
            Event::Drained(_) => self.give(run.worker, Input::Drained),
            Event::Finished(_) => self.give(run.worker, Input::Finished),
        }
    }

    fn learn(&mut self, answer: Answer) {
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
            Answer::Holders(..) | Answer::Explained(..) => {}
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
        let Some(pidfd) = self.workers[place].pidfd() else { return };
        match process::change(pidfd) {
            Ok(Some(process::Change::Ended(status))) => self.give(place, Input::Ended(status)),
            Ok(Some(process::Change::Stopped(signal))) => self.give(place, Input::Suspended(signal)),
            Ok(Some(process::Change::Continued)) => self.give(place, Input::Continued),
            Ok(None) => {}
            // ECHILD: somebody else in our program reaped it. It is gone, and how is lost.
            Err(_) => self.give(place, Input::Ended(ExitStatus::Exited(255))),
        }
    }

    /// Orphans that were handed to us and ended: we are the parent that waits.
    fn reap_adopted(&mut self) {
        for pid in self.adopted() {
            // Not ended yet, or gone already: both are fine.
            if let Ok(Some(_)) = process::reap_adopted(pid) {
                self.inherited.remove(&pid);
            }
        }
    }

    fn adopted(&self) -> Vec<Pid> {
        let ours: HashSet<Pid> =
            self.workers.iter().filter_map(Worker::pid).chain(self.errands.pids()).collect();
        process::children().into_iter().filter(|pid| !ours.contains(pid)).collect()
    }

    // Machines and their effects.

    fn give_by_name(&mut self, name: &WorkerName, input: Input) {
        if let Some(&place) = self.places.get(name) {
            self.give(place, input);
        }
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
    }

    fn tick(&mut self) {
        let now = clock::now();
        for place in 0..self.workers.len() {
            if self.workers[place].life.deadline().is_some_and(|at| at <= now) {
                self.give(place, Input::Tick);
            }
        }
        self.tick_errands(now);
        if self.suspending.is_some_and(|at| at <= now) {
            // It is stuck in a write: the shell must get the terminal all the same.
            if let Some(screen) = &self.screen {
                (screen.give_back)();
            }
            self.sleep();
        }
        if self.is_in_background() && job_control::in_foreground(&io::stdin()) {
            self.continued();
        }
    }

    fn carry_out(&mut self, place: usize, effect: Effect) {
        let worker = &mut self.workers[place];
        match effect {
            Effect::Spawn => self.spawn(place),
            Effect::SignalGroup(signal) => worker.signal_group(signal),
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
                self.publish_roots();
            }
            Effect::Tell(update) => self.tell(&update),
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
        let worker = &mut self.workers[place];
        worker.serial += 1;
        let run = worker.run();
        match self.launcher.launch(run, &worker.spec, self.options.size) {
            Ok(launched) => {
                let pid = launched.pid;
                worker.began(pid, launched.pidfd, launched.cgroup, launched.files);
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

    fn resize(&mut self, size: Size) {
        if size != self.options.size {
            self.options.size = size;
            self.reactor.order(Order::Resize(size));
        }
    }

    fn signal_one(&mut self, name: &WorkerName, to: ProcessId, signal: Signal) {
        let Some(&place) = self.places.get(name) else { return };
        let words = match single::send(to, signal) {
            Ok(process) => {
                if self.workers[place].pid() == Some(to.pid) {
                    self.give(place, Input::Picked(signal));
                }
                format!("{signal} sent to pid {} {process}", to.pid)
            }
            Err(refusal) => refusal.to_string(),
        };
        self.tell(&Update::Notice(words.into()));
    }

    fn forward(&mut self, signal: Signal) {
        for place in 0..self.workers.len() {
            self.workers[place].signal_group(signal);
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

    // The end.

    fn end(&mut self, by: Option<Signal>) {
        match self.ending.request(clock::now(), by) {
            Request::Stop => {
                self.tell(&Update::Quitting(by));
                self.end_errands(false);
                self.give_all(&Input::ShutDown);
            }
            Request::Kill => {
                self.tell(&Update::Killing);
                self.end_errands(true);
                self.give_all(&Input::Kill);
            }
            Request::Nothing => {}
        }
    }

    /// Whether all is over, and if so who could not be ended.
    fn over(&mut self) -> Option<Vec<ProcessRef>> {
        let now = clock::now();
        let at_rest = self.snapshot.workers.iter().all(|view| view.state.at_rest());
        if !self.ending.begun() && self.options.end_at_rest && at_rest {
            // Nothing more will happen by itself: reap what waits for it, end what was left behind.
            self.ending.begin_quietly(now);
            self.end_errands(false);
            self.give_all(&Input::ShutDown);
            self.publish();
        }
        if !self.ending.begun() {
            return None;
        }
        let busy: Vec<_> = self.snapshot.workers.iter().filter(|view| !view.state.at_rest()).collect();
        if busy.is_empty() && self.errands.is_empty() {
            return self.clear(now);
        }
        let stuck = self.errands.is_empty()
            && busy.iter().all(|view| ending::stuck_at(view).is_some_and(|at| at <= now));
        stuck.then(|| busy.iter().flat_map(|view| ending::survivors(view)).collect())
    }

    /// Ends whatever we adopted and no worker's stop reached: nothing outlives minder.
    fn clear(&mut self, now: Instant) -> Option<Vec<ProcessRef>> {
        self.reap_adopted();
        let left: Vec<Pid> = self.adopted().into_iter().filter(|pid| !self.inherited.contains(pid)).collect();
        if left.is_empty() {
            return Some(Vec::new());
        }
        let until = *self.clearing.get_or_insert(now + CLEARING);
        for &pid in &left {
            // It is our child: only we can reap it, so the pid is its own.
            if let Ok(pidfd) = process::open(pid) {
                let _ = process::signal(std::os::fd::AsFd::as_fd(&pidfd), Signal::KILL);
            }
        }
        // Its name alone: the command line of a process in state D may make its reader wait too.
        let name = |pid| crate::sys::procfs::read(pid).map(|process| process.name).unwrap_or_default().into();
        (until <= now).then(|| left.into_iter().map(|pid| ProcessRef { pid, name: name(pid) }).collect())
    }

    fn deadline(&self) -> Option<Instant> {
        let lives = self.workers.iter().filter_map(|worker| worker.life.deadline());
        let stuck = self.snapshot.workers.iter().filter_map(|view| ending::stuck_at(view));
        let stuck = stuck.filter(|_| self.ending.begun());
        let clearing = self.clearing.map(|_| clock::now() + CLEAR_AGAIN);
        let away = self.is_in_background().then(|| clock::now() + LOOK_UP);
        let errands = self.errands.deadline();
        lives.chain(stuck).chain(errands).chain(self.suspending).chain(clearing).chain(away).min()
    }

    fn finish(mut self, survivors: Vec<ProcessRef>) -> Outcome {
        let last =
            Snapshot { phase: Phase::Over, sequence: self.snapshot.sequence + 1, ..(*self.snapshot).clone() };
        self.snapshot = Arc::new(last);
        self.board.publish(Arc::clone(&self.snapshot));
        self.subscribers.iter().for_each(Subscriber::wake);
        self.order_screen(ScreenOrder::Close);
        Outcome {
            snapshot: Arc::clone(&self.snapshot),
            by: self.ending.by(),
            panicked: self.panicked,
            survivors,
        }
    }

    // What goes out.

    fn tell(&mut self, update: &Update) {
        self.subscribers.iter_mut().for_each(|subscriber| subscriber.tell(update.clone()));
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
            self.board.publish(Arc::clone(&self.snapshot));
            self.subscribers.iter().for_each(Subscriber::wake);
        }
    }
}

fn failure(error: &SpawnError, words: Arc<str>) -> Failure {
    Failure { error: words, code: error.code(), transient: error.transient() }
}
