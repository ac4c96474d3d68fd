//! One worker as main holds it: its spec, its life, its present run, and how guests see it.

use super::declaration::{Declaration, Talk};
use super::launch::has_terminal;
use super::life::{Effect, Input, Life};
use super::runaway::{Finding, Surroundings, Watch};
use super::timer::{Due, Now, Timer};
use crate::census::{Member, Root};
use crate::output::Output;
use crate::protocol::{Pid, State, TimerView, Usage, WorkerView};
use crate::reactor::RunId;
use crate::signal::Signal;
use crate::spec::{Kind, Spec, StdinKind};
use crate::sys::cgroup::Cgroup;
use crate::sys::handle::Handle;
use crate::sys::{clock, process, procfs};
use crate::threads::{Job, Thread};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a process may take to end of SIGKILL when nobody is left to wait for it in order.
const LAST: Duration = Duration::from_millis(500);

/// A worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) spec: Spec,
    pub(super) life: Life,
    pub(super) timer: Option<Timer>,
    pub(super) serial: u32,
    pub(super) output: Arc<Output>,
    /// What it runs, if it is a thread.
    pub(super) job: Option<Job>,
    /// Who talks to it, if it is a process that somebody talks to.
    pub(super) talk: Option<Talk>,
    /// The thread of the present run, until it is over or let go.
    pub(super) thread: Option<Thread>,
    place: usize,
    /// The first process of the present run, until it is reaped.
    process: Option<Process>,
    cgroup: Option<Cgroup>,
    files: Vec<String>,
    members: Vec<Member>,
    looking: bool,
    look_again: bool,
    view: Arc<WorkerView>,
    timer_view: Option<TimerView>,
    changed: bool,
    watch: Watch,
}

/// The first process of the present run, until it is reaped.
#[derive(Debug)]
struct Process {
    handle: Handle,
    /// minder started it and is its parent.
    ours: bool,
}

impl Drop for Worker {
    /// Only of a supervisor that came to no end of its own is anything left here.
    fn drop(&mut self) {
        if let Some(process) = self.process.as_ref().filter(|process| process.ours) {
            self.kill_tree();
            process.handle.await_end(LAST);
            self.reap();
        }
    }
}

impl Worker {
    pub(super) fn new(
        place: usize,
        declaration: Declaration,
        output: Arc<Output>,
        seed: u64,
        surroundings: Surroundings,
    ) -> Self {
        let Declaration { spec, job, talk } = declaration;
        let life = Life::new(&spec, seed);
        let timer = spec.schedule.clone().map(|schedule| Timer::new(schedule, clock::time_zone()));
        let timer_view = timer.as_ref().map(stopped_timer);
        let mut view = first_view(&spec, &life, timer_view.clone());
        // Whoever talks to it has its input; the keyboard has not.
        view.takes_input &= talk.is_none();
        let watch = Watch::new(&spec.runaway, surroundings);
        Self {
            spec,
            life,
            timer,
            timer_view,
            serial: 0,
            output,
            job,
            talk,
            thread: None,
            place,
            process: None,
            cgroup: None,
            files: Vec::new(),
            members: Vec::new(),
            looking: false,
            look_again: false,
            view: Arc::new(view),
            changed: false,
            watch,
        }
    }

    pub(super) fn step(&mut self, now: Instant, input: Input) -> Vec<Effect> {
        self.changed = true;
        let was_frozen = self.is_frozen();
        let effects = self.life.step(now, input);
        if was_frozen && !self.is_frozen() {
            // Whoever lets it go on gives it another chance.
            self.watch.begin_anew();
        }
        effects
    }

    fn is_frozen(&self) -> bool {
        matches!(self.life.state(), State::Suspended { .. })
    }

    /// Starts its timer, if it has one and that is not on. Whether it did.
    pub(super) fn start_timer(&mut self, now: Now) -> bool {
        let Some(timer) = self.timer.as_mut().filter(|timer| !timer.is_on()) else { return false };
        timer.start(now);
        self.show_timer(now);
        true
    }

    /// Stops its timer. Whether it was on.
    pub(super) fn stop_timer(&mut self) -> bool {
        let Some(timer) = &mut self.timer else { return false };
        let was_on = timer.stop();
        self.timer_view = Some(stopped_timer(timer));
        self.changed = true;
        was_on
    }

    /// Its timer looks at the clocks.
    pub(super) fn tick_timer(&mut self, now: Now) -> Option<Due> {
        let due = self.timer.as_mut()?.tick(now, self.life.is_on());
        self.show_timer(now);
        due
    }

    /// Whether a run that waited for the last one's end is to be made now.
    pub(super) fn take_queued(&mut self, now: impl Fn() -> Now) -> bool {
        let taken = self.timer.as_mut().is_some_and(Timer::take_queued);
        if taken {
            self.show_timer(now());
        }
        taken
    }

    /// When its timer looks at the clocks next.
    pub(super) fn timer_deadline(&self) -> Option<Instant> {
        self.timer.as_ref().and_then(Timer::deadline)
    }

    /// Its timer as guests see it.
    pub(super) fn timer_view(&self) -> Option<&TimerView> {
        self.timer_view.as_ref()
    }

    fn show_timer(&mut self, now: Now) {
        if let Some(timer) = &self.timer {
            let next = timer.next(now);
            self.timer_view = Some(TimerView { next, queued: timer.is_queued(), ..stopped_timer(timer) });
            self.changed = true;
        }
    }

    /// The run that is on, or the last one.
    pub(super) fn run(&self) -> RunId {
        RunId { worker: self.place, serial: self.serial }
    }

    pub(super) fn process(&self) -> Option<&Handle> {
        self.process.as_ref().filter(|process| process.ours).map(|process| &process.handle)
    }

    /// The process that it watches.
    pub(super) fn stranger(&self) -> Option<&Handle> {
        self.process.as_ref().filter(|process| !process.ours).map(|process| &process.handle)
    }

    /// Its process was found: minder did not start it.
    pub(super) fn found_stranger(&mut self, handle: Handle) {
        self.process = Some(Process { handle, ours: false });
        self.members.clear();
    }

    pub(super) fn pid(&self) -> Option<Pid> {
        self.process.as_ref().map(|process| process.handle.pid())
    }

    pub(super) fn root(&self) -> Option<Root> {
        let watched = self.stranger().is_some();
        self.pid().map(|pid| Root { worker: self.place, pid, pinned: true, watched })
    }

    /// Its thread, for whoever measures it.
    pub(super) fn thread_root(&self) -> Option<Root> {
        let run = self.thread.as_ref().and_then(|_| self.life.state().run().copied())?;
        Some(Root { worker: self.place, pid: run.pid, pinned: false, watched: false })
    }

    pub(super) fn files(&self) -> &[String] {
        &self.files
    }

    pub(super) fn began(&mut self, handle: Handle, cgroup: Option<Cgroup>, files: Vec<String>) {
        self.process = Some(Process { handle, ours: true });
        self.cgroup = cgroup;
        self.files = files;
        self.members.clear();
        self.watch.begin_anew();
    }

    /// Whether what it uses has a bound.
    pub(super) fn is_watched(&self) -> bool {
        !self.watch.is_idle()
    }

    /// Takes a look at what its tree uses, while it runs. What froze it is told as long as it is frozen.
    pub(super) fn watched(&mut self, now: Instant, usage: &Usage, said: u64) -> Vec<Finding> {
        if !matches!(self.life.state(), State::Running(_)) {
            return Vec::new();
        }
        let findings = self.watch.look(now, usage, said);
        self.changed |= !findings.is_empty();
        findings
    }

    /// Reaps the first process; its pid may be another's from now on.
    pub(super) fn reap(&mut self) {
        if let Some(process) = self.process.take().filter(|process| process.ours) {
            // It ended, as the machine knows: ECHILD alone could be wrong here, and then it is gone.
            let _ = process.handle.reap();
        }
    }

    /// Asks its thread to stop.
    pub(super) fn ask_thread(&mut self) {
        if let Some(thread) = &mut self.thread {
            thread.ask_to_stop();
        }
    }

    /// Signals the group, which is ours while its leader is not reaped.
    pub(super) fn signal_group(&self, signal: Signal) {
        if let Some(stranger) = self.stranger() {
            // Its group may be a whole job of some shell's.
            let _ = stranger.signal(signal);
        } else if let Some(process) = &self.process {
            // ESRCH: only the zombie is left. EPERM: the tree is looked at and shown by name.
            let _ = process::signal_group(process.handle.pid(), signal);
        }
    }

    /// The stop signal to the group, and SIGCONT after it: a stopped process acts on it only once it is
    /// resumed (signal(7)), and of those in the group only the first one's stops are told to us.
    pub(super) fn ask_group(&self, signal: Signal) {
        self.signal_group(signal);
        self.signal_group(Signal::CONT);
    }

    /// Stops its first process if it would die of this signal at once and hang up the terminal of others.
    /// Says whether it was stopped before; `None` where it is not held.
    pub(super) fn hold(&self, signal: Signal) -> Option<bool> {
        let process = self.process.as_ref().filter(|process| process.ours && has_terminal(&self.spec))?;
        let pid = process.handle.pid();
        // Only a shell that waits is held: what else leads may have to tell its children to end, and a program in
        // sigwait(3) looks like one that does nothing about the signal.
        let fate = procfs::fate(pid, signal).filter(|_| procfs::is_shell(pid))?;
        if !fate.dies || procfs::children(pid).is_some_and(|children| children.is_empty()) {
            return None;
        }
        process.handle.signal(Signal::STOP).ok()?;
        Some(fate.stopped)
    }

    /// Resumes each of its group that was found last, but the first process.
    pub(super) fn resume_others_of_group(&self) {
        let group = self.pid().map(|pid| pid.0);
        self.signal_members(Signal::CONT, |member| Some(member.group) == group);
    }

    /// Whether others of its group were found last.
    pub(super) fn has_others_in_group(&self) -> bool {
        let group = self.pid().map(|pid| pid.0);
        self.members.iter().any(|member| Some(member.group) == group)
    }

    /// SIGKILL to the whole tree: by its control group where it has one, in one stroke; and, whether or
    /// not that reached all, to the group and to each that was found last.
    pub(super) fn kill_tree(&self) {
        if let Some(cgroup) = &self.cgroup {
            let _ = cgroup.kill();
        }
        self.signal_group(Signal::KILL);
        // Frozen first: what is stopped starts nothing while we go from one to the next.
        self.signal_family(Signal::STOP);
        self.signal_family(Signal::KILL);
    }

    /// Signals each process of the tree that was found last, but those of the group: who was
    /// signalled as one of the group is not signalled twice.
    pub(super) fn signal_others(&self, signal: Signal) {
        let group = self.pid().filter(|_| self.stranger().is_none()).map(|pid| pid.0);
        self.signal_members(signal, |member| Some(member.group) != group);
    }

    /// Signals each process of the tree that was found last.
    pub(super) fn signal_family(&self, signal: Signal) {
        self.signal_members(signal, |_| true);
    }

    fn signal_members(&self, signal: Signal, wanted: impl Fn(&Member) -> bool) {
        self.members.iter().filter(|member| wanted(member)).for_each(|member| signal_member(member, signal));
    }

    /// Whether to ask now who is of the tree: one question at a time, and one more if asked meanwhile.
    pub(super) fn may_look(&mut self) -> bool {
        self.look_again = self.looking;
        !std::mem::replace(&mut self.looking, true)
    }

    /// Takes the answer. True if it should be asked again.
    pub(super) fn found(&mut self, members: Vec<Member>) -> bool {
        self.members = members;
        self.looking = false;
        std::mem::take(&mut self.look_again)
    }

    /// The look failed. True if it should be asked again.
    pub(super) fn looked_in_vain(&mut self) -> bool {
        self.looking = false;
        std::mem::take(&mut self.look_again)
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }

    /// Whether its view may be out of date.
    pub(super) fn is_touched(&self) -> bool {
        self.changed
    }

    /// The newest view, and whether it differs from the one before.
    pub(super) fn refreshed(&mut self) -> (bool, &Arc<WorkerView>) {
        let mut differs = false;
        if std::mem::take(&mut self.changed) {
            let new = view(&self.view, &self.life, &self.watch, self.timer_view.as_ref());
            differs = new != *self.view;
            if differs {
                self.view = Arc::new(new);
            }
        }
        (differs, &self.view)
    }
}

/// Signals one process that was found in a tree, if it is still the one.
pub(super) fn signal_member(member: &Member, signal: Signal) {
    let Ok(handle) = Handle::open(member.process.pid) else { return };
    // The handle means one process for good: what is checked after it was opened, holds.
    let same =
        procfs::read(member.process.pid).is_some_and(|process| process.start_ticks == member.start_ticks);
    if same {
        // EPERM: a setuid program; it is shown as left.
        let _ = handle.signal(signal);
        if signal != Signal::KILL && signal != Signal::STOP {
            // A stopped process acts on it only once it is resumed (signal(7)).
            let _ = handle.signal(Signal::CONT);
        }
    }
}

fn first_view(spec: &Spec, life: &Life, timer: Option<TimerView>) -> WorkerView {
    WorkerView {
        name: spec.name.clone(),
        description: spec.description.as_deref().map(Arc::from),
        color: spec.color,
        kind: spec.kind(),
        command: spec.program.to_string().into(),
        output: spec.output,
        takes_input: spec.kind() == Kind::Process && (has_terminal(spec) || spec.stdin == StdinKind::Pipe),
        reap: spec.reap,
        state: life.state(),
        wanted: life.wanted(),
        restarts: life.restarts(),
        gave_up: None,
        waited_since: None,
        left: Arc::default(),
        excesses: Arc::default(),
        holders: Arc::default(),
        timer,
        result: None,
    }
}

fn stopped_timer(timer: &Timer) -> TimerView {
    TimerView { schedule: timer.schedule().timing.to_string().into(), next: None, queued: false }
}

fn view(before: &WorkerView, life: &Life, watch: &Watch, timer: Option<&TimerView>) -> WorkerView {
    // Over is over: how it ended says that it ran away.
    let excesses = watch.excesses().filter(|_| life.state().alive());
    WorkerView {
        state: life.state(),
        wanted: life.wanted() || timer.is_some_and(|timer| timer.next.is_some()),
        restarts: life.restarts(),
        gave_up: life.gave_up().cloned(),
        waited_since: life.waited_since(),
        left: Arc::clone(life.left()),
        excesses: excesses.collect(),
        holders: Arc::clone(life.holders()),
        timer: timer.cloned(),
        result: life.result().cloned(),
        ..before.clone()
    }
}
