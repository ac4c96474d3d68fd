//! One worker as main holds it: its spec, its life, its present run, and how guests see it.

use super::declaration::{Declaration, Talk};
use super::launch::has_terminal;
use super::life::{Effect, Input, Life};
use super::runaway::{Finding, Surroundings, Watch};
use crate::census::{Member, Root};
use crate::output::Output;
use crate::protocol::{Pid, State, Usage, WorkerView};
use crate::reactor::RunId;
use crate::signal::Signal;
use crate::spec::{Spec, StdinKind};
use crate::sys::cgroup::Cgroup;
use crate::sys::handle::Handle;
use crate::sys::{process, procfs};
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
    process: Option<Handle>,
    cgroup: Option<Cgroup>,
    files: Vec<String>,
    members: Vec<Member>,
    looking: bool,
    look_again: bool,
    view: Arc<WorkerView>,
    changed: bool,
    watch: Watch,
}

impl Drop for Worker {
    /// Only of a supervisor that came to no end of its own is anything left here.
    fn drop(&mut self) {
        if let Some(process) = &self.process {
            self.kill_tree();
            process.await_end(LAST);
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
        let mut view = first_view(&spec, &life);
        // Whoever talks to it has its input; the keyboard has not.
        view.takes_input &= talk.is_none();
        let watch = Watch::new(&spec.runaway, surroundings);
        Self {
            spec,
            life,
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

    /// The run that is on, or the last one.
    pub(super) fn run(&self) -> RunId {
        RunId { worker: self.place, serial: self.serial }
    }

    pub(super) fn process(&self) -> Option<&Handle> {
        self.process.as_ref()
    }

    pub(super) fn pid(&self) -> Option<Pid> {
        self.process.as_ref().map(Handle::pid)
    }

    pub(super) fn root(&self) -> Option<Root> {
        self.pid().map(|pid| Root { worker: self.place, pid, pinned: true })
    }

    /// Its thread, for whoever measures it.
    pub(super) fn thread_root(&self) -> Option<Root> {
        let run = self.thread.as_ref().and_then(|_| self.life.state().run().copied())?;
        Some(Root { worker: self.place, pid: run.pid, pinned: false })
    }

    pub(super) fn files(&self) -> &[String] {
        &self.files
    }

    pub(super) fn began(&mut self, process: Handle, cgroup: Option<Cgroup>, files: Vec<String>) {
        self.process = Some(process);
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
        if let Some(process) = self.process.take() {
            // It ended, as the machine knows: ECHILD alone could be wrong here, and then it is gone.
            let _ = process.reap();
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
        if let Some(process) = &self.process {
            // ESRCH: only the zombie is left. EPERM: the tree is looked at and shown by name.
            let _ = process::signal_group(process.pid(), signal);
        }
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
        let group = self.pid().map(|pid| pid.0);
        self.signal_members(signal, |member| Some(member.group) != group);
    }

    /// Signals each process of the tree that was found last.
    pub(super) fn signal_family(&self, signal: Signal) {
        self.signal_members(signal, |_| true);
    }

    fn signal_members(&self, signal: Signal, wanted: impl Fn(&Member) -> bool) {
        for member in self.members.iter().filter(|member| wanted(member)) {
            let Ok(handle) = Handle::open(member.process.pid) else { continue };
            // The handle means one process for good: what is checked after it was opened, holds.
            let same = procfs::read(member.process.pid)
                .is_some_and(|process| process.start_ticks == member.start_ticks);
            if same {
                // EPERM: a setuid program; it is shown as left.
                let _ = handle.signal(signal);
                if signal != Signal::KILL && signal != Signal::STOP {
                    // A stopped process acts on it only once it is resumed (signal(7)).
                    let _ = handle.signal(Signal::CONT);
                }
            }
        }
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
            let new = view(&self.view, &self.life, &self.watch);
            differs = new != *self.view;
            if differs {
                self.view = Arc::new(new);
            }
        }
        (differs, &self.view)
    }
}

fn first_view(spec: &Spec, life: &Life) -> WorkerView {
    WorkerView {
        name: spec.name.clone(),
        description: spec.description.as_deref().map(Arc::from),
        color: spec.color,
        kind: spec.kind(),
        command: spec.program.to_string().into(),
        output: spec.output,
        takes_input: !spec.kind().is_thread() && (has_terminal(spec) || spec.stdin == StdinKind::Pipe),
        reap: spec.reap,
        state: life.state(),
        wanted: life.wanted(),
        restarts: life.restarts(),
        gave_up: None,
        waited_since: None,
        left: Arc::default(),
        excesses: Arc::default(),
        holders: Arc::default(),
        result: None,
    }
}

fn view(before: &WorkerView, life: &Life, watch: &Watch) -> WorkerView {
    // Over is over: how it ended says that it ran away.
    let excesses = watch.excesses().filter(|_| life.state().alive());
    WorkerView {
        state: life.state(),
        wanted: life.wanted(),
        restarts: life.restarts(),
        gave_up: life.gave_up().cloned(),
        waited_since: life.waited_since(),
        left: Arc::clone(life.left()),
        excesses: excesses.collect(),
        holders: Arc::clone(life.holders()),
        result: life.result().cloned(),
        ..before.clone()
    }
}
