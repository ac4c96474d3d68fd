//! One worker as main holds it: its spec, its life, its present run, and how guests see it.

use super::launch::has_terminal;
use super::life::{Effect, Input, Life};
use crate::census::{Member, Root};
use crate::protocol::{Pid, WorkerView};
use crate::reactor::RunId;
use crate::signal::Signal;
use crate::spec::{Spec, StdinKind};
use crate::sys::cgroup::Cgroup;
use crate::sys::{process, procfs};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Instant;

/// A worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) spec: Spec,
    pub(super) life: Life,
    pub(super) serial: u32,
    place: usize,
    process: Option<Process>,
    cgroup: Option<Cgroup>,
    files: Vec<String>,
    members: Vec<Member>,
    looking: bool,
    look_again: bool,
    view: Arc<WorkerView>,
    changed: bool,
}

/// The first process of the present run, until it is reaped.
#[derive(Debug)]
struct Process {
    pid: Pid,
    pidfd: OwnedFd,
}

impl Worker {
    pub(super) fn new(place: usize, spec: Spec, seed: u64) -> Self {
        let life = Life::new(&spec, seed);
        let view = Arc::new(first_view(&spec, &life));
        Self {
            spec,
            life,
            serial: 0,
            place,
            process: None,
            cgroup: None,
            files: Vec::new(),
            members: Vec::new(),
            looking: false,
            look_again: false,
            view,
            changed: false,
        }
    }

    pub(super) fn step(&mut self, now: Instant, input: Input) -> Vec<Effect> {
        self.changed = true;
        self.life.step(now, input)
    }

    /// The run that is on, or the last one.
    pub(super) fn run(&self) -> RunId {
        RunId { worker: self.place, serial: self.serial }
    }

    pub(super) fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.process.as_ref().map(|process| process.pidfd.as_fd())
    }

    pub(super) fn pid(&self) -> Option<Pid> {
        self.process.as_ref().map(|process| process.pid)
    }

    pub(super) fn root(&self) -> Option<Root> {
        self.pid().map(|pid| Root { worker: self.place, pid, pinned: true })
    }

    pub(super) fn files(&self) -> &[String] {
        &self.files
    }

    pub(super) fn began(&mut self, pid: Pid, pidfd: OwnedFd, cgroup: Option<Cgroup>, files: Vec<String>) {
        self.process = Some(Process { pid, pidfd });
        self.cgroup = cgroup;
        self.files = files;
        self.members.clear();
    }

    /// Reaps the first process; its pid may be another's from now on.
    pub(super) fn reap(&mut self) {
        if let Some(process) = self.process.take() {
            // It ended, as the machine knows: ECHILD alone could be wrong here, and then it is gone.
            let _ = process::reap(process.pidfd.as_fd());
        }
    }

    /// Signals the group, which is ours while its leader is not reaped.
    pub(super) fn signal_group(&self, signal: Signal) {
        if let Some(process) = &self.process {
            // ESRCH: only the zombie is left. EPERM: the tree is looked at and shown by name.
            let _ = process::signal_group(process.pid, signal);
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
            let new = view(&self.view, &self.life);
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
    let Ok(pidfd) = process::open(member.process.pid) else { return };
    // The pidfd means one process for good: what is checked after it was opened, holds.
    let same =
        procfs::read(member.process.pid).is_some_and(|process| process.start_ticks == member.start_ticks);
    if same {
        // EPERM: a setuid program; it is shown as left.
        let _ = process::signal(pidfd.as_fd(), signal);
        if signal != Signal::KILL && signal != Signal::STOP {
            // A stopped process acts on it only once it is resumed (signal(7)).
            let _ = process::signal(pidfd.as_fd(), Signal::CONT);
        }
    }
}

fn first_view(spec: &Spec, life: &Life) -> WorkerView {
    WorkerView {
        name: spec.name.clone(),
        description: spec.description.as_deref().map(Arc::from),
        color: spec.color,
        command: spec.program.to_string().into(),
        output: spec.output,
        takes_input: has_terminal(spec) || spec.stdin == StdinKind::Pipe,
        reap: spec.reap,
        state: life.state(),
        wanted: life.wanted(),
        restarts: life.restarts(),
        gave_up: None,
        waited_since: None,
        left: Arc::default(),
        holders: Arc::default(),
    }
}

fn view(before: &WorkerView, life: &Life) -> WorkerView {
    WorkerView {
        state: life.state(),
        wanted: life.wanted(),
        restarts: life.restarts(),
        gave_up: life.gave_up().cloned(),
        waited_since: life.waited_since(),
        left: Arc::clone(life.left()),
        holders: Arc::clone(life.holders()),
        ..before.clone()
    }
}
