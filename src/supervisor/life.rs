//! One worker's life as a pure machine: given what happened and when, it says what to do. No
//! system call, no clock, no channel: it is tested by random walks without a process.
//!
//! What is wanted (`wanted`) stands apart from what is ([`Stage`]). Commands change what is wanted;
//! each input then moves the stage one step towards it.

use super::restart::{Restarts, Verdict};
use super::stage::{Ask, Drain, Stage};
use crate::protocol::{Cause, End, ProcessRef, Run, State, Update};
use crate::signal::Signal;
use crate::spec::{Kind, Program, Reap, Spec, StopPolicy, WorkerName};
use crate::status::{ExitStatus, ThreadEnd};
use crate::sys::clock::later;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the last output may keep an exit from being told (cargo-nextest's leak timeout).
pub(super) const DRAIN: Duration = Duration::from_millis(100);

/// How often it is looked who is left of the tree after the end. Five times as long may the first look
/// keep the end from being told.
const LOOK: Duration = Duration::from_secs(1);

/// How long after a picked signal an end by it counts as its doing.
const PICKED: Duration = Duration::from_secs(5);

/// How often the tree is looked at while it is being ended. Ends of adopted processes are told by
/// SIGCHLD; this is for those that still have a parent of their own.
const SWEEP: Duration = Duration::from_millis(100);

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    Start,
    Stop,
    Kill,
    Restart,
    /// Its timer has a run for it, and none is on: in the place of a restart that is waited for, if
    /// there is one.
    Due,
    /// Its timer has a run for it, and the one that is on is stopped for that.
    Replace,
    /// What is to be watched is not there, and nobody looks for it any more.
    NotThere(Failure),
    /// A signal that somebody picked.
    Signal(Signal),
    /// SIGSTOP or SIGCONT to the whole tree.
    SignalTree(Signal),
    /// A signal that somebody picked went to its first process alone.
    Picked(Signal),
    /// It ran away, and its policy is to stop it.
    Runaway,
    Wait,
    GiveUpWaiting,
    /// minder ends: stop, reap even what is reaped by hand, start nothing any more.
    ShutDown,
    Spawned(Run),
    /// It could not be started; the words for it are being looked up.
    SpawnRefused(Failure),
    /// It could not be started.
    SpawnFailed(Failure),
    /// waitid says that it was stopped.
    Suspended(Signal),
    /// Its first process is held: it was sent SIGSTOP, and may be stopped already.
    Holding {
        stopped: bool,
    },
    /// At the last look, nobody else of its group was alive.
    Alone,
    /// waitid says that it was continued.
    Continued,
    /// Its first process ended and is not reaped.
    Ended(ExitStatus),
    /// Its thread ended, and what it returned or complained of.
    ThreadEnded(ThreadEnd, Option<Arc<str>>),
    /// Let its thread go.
    Abandon,
    /// All of its output has been read.
    Drained,
    /// Its output is closed with its ruled line.
    Finished,
    /// Who is alive of its tree besides its first process.
    Family(Arc<[ProcessRef]>),
    /// Who has its output open.
    Holders(Arc<[ProcessRef]>),
    /// Some child of ours, adopted ones included, changed.
    ChildrenChanged,
    /// A deadline may have passed.
    Tick,
}

/// Why it could not be started.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    pub(super) error: Arc<str>,
    pub(super) code: i32,
    /// Whether it may succeed a little later.
    pub(super) transient: bool,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Effect {
    /// Start it.
    Spawn,
    /// Ask its thread to stop.
    AskThread,
    /// Let its thread go: nothing more is taken from it.
    LetGo,
    /// SIGKILL to its whole tree: group, control group, and each that was found last.
    KillTree,
    /// Signal its process group; its leader is not reaped.
    SignalGroup(Signal),
    /// Signal its process group, and resume it: the stop signal. But hold its first process where that one's
    /// end would hang up the others' terminal.
    AskGroup(Signal),
    /// Resume each of its group that was found last, but its first process.
    ResumeOthersOfGroup,
    /// Signal each of its tree that was found last, outside its group.
    SignalOthers(Signal),
    /// Signal each of its tree that was found last, one by one: its group cannot be signalled as a
    /// whole any more.
    SignalFamily(Signal),
    /// Look who is alive of its tree.
    LookForFamily,
    /// Look who has its output open.
    LookForHolders,
    /// Close its output with this ruled line.
    Finish(String),
    /// Reap its first process.
    Reap,
    /// Tell the guests.
    Tell(Update),
}

/// A signal for the rest of the tree.
#[derive(Debug)]
struct ForOthers {
    signal: Signal,
    /// Who was found at the look before: those have it.
    told: Option<Arc<[ProcessRef]>>,
    looks_left: u32,
}

/// How often who is new in a tree that is being frozen is looked for: what forks faster than that
/// outruns it, unless it stays in its group.
const FREEZE_LOOKS: u32 = 50;

/// The machine.
#[expect(clippy::struct_excessive_bools, reason = "each is true of any stage")]
#[derive(Debug)]
pub(super) struct Life {
    name: WorkerName,
    kind: Kind,
    stop: StopPolicy,
    reap: Reap,
    /// Watched: another process may take the place of one that ended.
    lasts: bool,
    restarts: Restarts,
    stage: Stage,
    wanted: bool,
    /// A restart was asked for: start again as soon as nothing is left.
    again: bool,
    shutting_down: bool,
    picked: Option<(Signal, Instant)>,
    /// What is to be sent to the rest of the tree once it is known.
    for_others: Option<ForOthers>,
    /// Who outside of the group was sent the stop signal while the first process was held.
    told_others: Option<Arc<[ProcessRef]>>,
    drained: bool,
    waited_since: Option<Instant>,
    gave_up: Option<Arc<str>>,
    left: Arc<[ProcessRef]>,
    /// When to look again who is left of a worker that ended.
    look_at_left: Option<Instant>,
    holders: Arc<[ProcessRef]>,
    result: Option<Arc<str>>,
}

impl Life {
    /// `seed` makes the jitter of this worker's backoff.
    pub(super) fn new(spec: &Spec, seed: u64) -> Self {
        Self {
            name: spec.name.clone(),
            kind: spec.kind(),
            stop: spec.stop,
            reap: spec.reap,
            lasts: matches!(&spec.program, Program::Watched(target) if target.lasts()),
            restarts: Restarts::new(spec.restart.clone(), seed),
            stage: Stage::Idle,
            wanted: false,
            again: false,
            shutting_down: false,
            picked: None,
            for_others: None,
            told_others: None,
            drained: false,
            waited_since: None,
            gave_up: None,
            left: Arc::default(),
            look_at_left: None,
            holders: Arc::default(),
            result: None,
        }
    }

    pub(super) fn step(&mut self, now: Instant, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.take(now, input, &mut effects);
        self.meet_deadlines(now, &mut effects);
        self.look_at_left(now, &mut effects);
        effects
    }

    fn take(&mut self, now: Instant, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Start => self.start(now, effects),
            Input::Stop => self.ask_to_stop(now, effects),
            Input::Kill => self.kill(now, effects),
            Input::Restart => self.restart(now, Cause::Stopped, effects),
            Input::Due => self.run_afresh(now, effects),
            Input::Replace => self.replace(now, effects),
            Input::Signal(signal) => self.signal(now, signal, effects),
            Input::SignalTree(signal) => self.signal_tree(signal, effects),
            Input::Picked(signal) => self.picked = Some((signal, now)),
            Input::Runaway => self.stop_runaway(now, effects),
            Input::Wait => self.wait(now, effects),
            Input::GiveUpWaiting => self.waited_since = None,
            Input::ShutDown => self.shut_down(now, effects),
            Input::Spawned(run) => self.spawned(now, run, effects),
            Input::SpawnRefused(failure) => self.spawn_refused(now, failure, effects),
            Input::NotThere(failure) => self.not_there(failure),
            Input::SpawnFailed(failure) => self.spawn_failed(now, failure, effects),
            Input::Suspended(by) => self.suspended(now, by, effects),
            Input::Holding { stopped } => self.holding(now, stopped, effects),
            Input::Alone => self.alone(effects),
            Input::Continued => self.continued(effects),
            Input::Ended(status) => self.ended(now, status, effects),
            Input::ThreadEnded(end, result) => self.thread_ended(now, end, result, effects),
            Input::Abandon => self.abandon(now, effects),
            Input::Drained => (self.drained, self.holders) = (true, Arc::default()),
            Input::Finished => self.finished(),
            Input::Family(family) => self.found_family(now, family, effects),
            Input::Holders(holders) => self.found_holders(holders, effects),
            Input::ChildrenChanged => self.look_again(now, effects),
            Input::Tick => {}
        }
    }

    // What happened.

    fn continued(&mut self, effects: &mut Vec<Effect>) {
        if let Stage::Suspended { run, .. } = self.stage {
            self.stage = Stage::Running(run);
            self.tell(effects, Update::Continued);
        }
    }

    fn ended(&mut self, now: Instant, status: ExitStatus, effects: &mut Vec<Effect>) {
        let (run, ask) = match self.stage {
            Stage::Running(run) | Stage::Suspended { run, .. } => (run, None),
            Stage::Stopping { run, ask } => (run, Some(ask)),
            Stage::Idle
            | Stage::Starting { .. }
            | Stage::Draining(_)
            | Stage::Sweeping { .. }
            | Stage::Zombie { .. }
            | Stage::Backoff { .. }
            | Stage::Ended { .. }
            | Stage::Failed { .. } => return,
        };
        let picked = self.picked.filter(|(_, at)| now.saturating_duration_since(*at) < PICKED);
        let by_pick = matches!((status, picked), (ExitStatus::Signaled { signal, .. }, Some((picked, _))) if signal == picked);
        let cause = match ask {
            Some(ask) => ask.cause,
            None if by_pick => Cause::Signaled,
            None => Cause::Itself,
        };
        let end = End { status, cause, at: now, ran: now.saturating_duration_since(run.started) };
        if self.is_child() {
            effects.push(Effect::LookForFamily);
        }
        self.stage = Stage::Draining(Drain {
            run,
            end,
            ask,
            deadline: now + DRAIN,
            look_until: now + 5 * LOOK,
            closing: false,
            finished: false,
            family: (!self.is_child()).then(Arc::default),
        });
    }

    fn finished(&mut self) {
        if let Stage::Draining(drain) = &mut self.stage {
            drain.finished = true;
        }
    }

    fn found_family(&mut self, now: Instant, family: Arc<[ProcessRef]>, effects: &mut Vec<Effect>) {
        match &mut self.stage {
            Stage::Draining(drain) => drain.family = Some(family),
            Stage::Sweeping { ask, look_at, .. } => {
                *look_at = now + SWEEP;
                let again = ask.kill_at.is_none();
                self.left = family;
                if self.left.is_empty() {
                    self.swept(now, effects);
                } else if again {
                    // New ones may have come since: a fork is faster than a look.
                    effects.push(Effect::KillTree);
                }
            }
            Stage::Stopping { .. } | Stage::Zombie { .. } | Stage::Ended { .. } => {
                self.left = family;
                self.kill_watched(effects);
                self.ask_others(effects);
                if self.for_others.take_if(|waiting| waiting.signal == Signal::CONT).is_some() {
                    effects.push(Effect::SignalOthers(Signal::CONT));
                }
            }
            Stage::Running(_) | Stage::Suspended { .. } => {
                self.signal_others(family, effects);
            }
            Stage::Idle | Stage::Starting { .. } | Stage::Backoff { .. } | Stage::Failed { .. } => {}
        }
    }

    fn found_holders(&mut self, holders: Arc<[ProcessRef]>, effects: &mut Vec<Effect>) {
        if !self.stage.alive() && !self.drained && !holders.is_empty() {
            self.holders = Arc::clone(&holders);
            self.tell(effects, |name| Update::Holding(name, holders));
        }
    }

    /// Somebody of the tree may be gone.
    fn look_again(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if let Stage::Sweeping { look_at, .. } = &mut self.stage {
            *look_at = now;
        } else if !self.left.is_empty() {
            effects.push(Effect::LookForFamily);
        }
    }

    // What is due.

    fn meet_deadlines(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        match self.stage {
            Stage::Stopping { ref ask, .. } if ask.due(now) => self.escalate(now, effects),
            Stage::Stopping { ref ask, .. } if ask.hold.deadline().is_some_and(|at| at <= now) => {
                self.look_at_hold(now, effects);
            }
            Stage::Draining(_) => self.drain(now, effects),
            Stage::Sweeping { .. } => self.sweep(now, effects),
            Stage::Backoff { until, .. } if until <= now => self.spawn(effects),
            Stage::Failed { retry_at: Some(at), .. } if at <= now => self.spawn(effects),
            Stage::Idle
            | Stage::Starting { .. }
            | Stage::Running(_)
            | Stage::Suspended { .. }
            | Stage::Stopping { .. }
            | Stage::Zombie { .. }
            | Stage::Backoff { .. }
            | Stage::Ended { .. }
            | Stage::Failed { .. } => {}
        }
    }

    /// The next moment at which [`Input::Tick`] does something.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.stage.deadline().into_iter().chain(self.look_at_left).min()
    }

    /// Who is left may have children that it reaps itself: nobody tells us of their ends.
    fn look_at_left(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let over = matches!(self.stage, Stage::Ended { .. } | Stage::Zombie { .. });
        if !over || self.left.is_empty() {
            self.look_at_left = None;
        } else if *self.look_at_left.get_or_insert(now + LOOK) <= now {
            self.look_at_left = Some(now + LOOK);
            effects.push(Effect::LookForFamily);
        }
    }

    fn escalate(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.kind.is_thread() {
            return self.unanswered(now, effects);
        }
        let Stage::Stopping { ask, .. } = &mut self.stage else { return };
        let waited = now.saturating_duration_since(ask.asked_at);
        ask.escalate(now);
        effects.push(Effect::KillTree);
        effects.push(Effect::LookForFamily);
        self.tell(effects, |name| Update::Escalated(name, waited));
    }

    /// Its first process ended. When its output is in (or was waited for long enough) it is
    /// closed; when that is done and the tree is known, the end is told.
    fn drain(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let drained = self.drained;
        let Stage::Draining(drain) = &mut self.stage else { return };
        if !drain.closing && (drained || drain.deadline <= now) {
            drain.closing = true;
            if !drained {
                effects.push(Effect::LookForHolders);
            }
            effects.push(Effect::Finish(ruling(&drain.end, self.result.as_deref())));
        }
        // Both answers come from threads that block on nothing; the bound is for the day they do.
        if (drain.finished && drain.family.is_some()) || drain.look_until <= now {
            let drain = drain.clone();
            self.conclude(now, drain, effects);
        }
    }

    fn conclude(&mut self, now: Instant, drain: Drain, effects: &mut Vec<Effect>) {
        let Drain { run, end, ask, family, .. } = drain;
        let unknown = family.is_none();
        self.left = family.unwrap_or_default();
        self.restarts.ended(end.ran);
        let zombie = self.stays_zombie(&end);
        if let Some(value) = self.result.clone().filter(|_| end.status.success()) {
            self.tell(effects, |name| Update::Returned(name, value));
        }
        if !zombie {
            self.tell(effects, |name| Update::Ended(name, end));
        }
        // What the old run left could hold its ports and files against the next one.
        let sweep = ask.is_some() || (!zombie && self.again) || self.restarts.wants(&end, self.wanted);
        if !sweep || (self.left.is_empty() && !unknown) {
            if sweep && self.is_child() {
                // Whom no look can see is in the control group all the same.
                effects.push(Effect::KillTree);
            }
            if !self.left.is_empty() {
                let left = Arc::clone(&self.left);
                self.tell(effects, |name| Update::Left(name, left));
            }
            self.settle(now, run, end, effects);
            return;
        }
        let told = ask.is_some_and(|ask| ask.told_group);
        let told_others = self.told_others.take();
        let ask = ask.unwrap_or_else(|| Ask::new(now, Cause::Itself, self.stop));
        // Who was told once is not told again: many programs take a second SIGTERM for "at once".
        if !told {
            effects.push(Effect::SignalGroup(ask.sent));
        }
        if !told || ask.hold != Hold::No {
            // It ended before the others of its group were resumed.
            effects.push(Effect::SignalGroup(Signal::CONT));
        }
        let all_told = told_others
            .is_some_and(|told| self.left.iter().all(|left| told.iter().any(|told| told.pid == left.pid)));
        if !all_told {
            effects.push(Effect::SignalOthers(ask.sent));
        }
        // What is not known is not nothing: look until it is.
        let look_at = if unknown { now } else { now + SWEEP };
        self.stage = Stage::Sweeping { run, end, ask, look_at, reaped: false };
    }

    /// Ends what lives on after an end that nobody asked for.
    fn sweep_what_is_left(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let (run, end, reaped) = match self.stage {
            Stage::Ended { run, end } => (run, end, true),
            Stage::Zombie { run, end } => (run, end, false),
            Stage::Idle
            | Stage::Starting { .. }
            | Stage::Running(_)
            | Stage::Suspended { .. }
            | Stage::Stopping { .. }
            | Stage::Draining(_)
            | Stage::Sweeping { .. }
            | Stage::Backoff { .. }
            | Stage::Failed { .. } => return,
        };
        if self.left.is_empty() {
            return;
        }
        let ask = Ask::new(now, Cause::Stopped, self.stop);
        self.stage = Stage::Sweeping { run, end, ask, look_at: now + SWEEP, reaped };
        send_to_rest(ask.sent, reaped, effects);
        self.tell(effects, |name| Update::Stopping(name, ask.sent, self.stop.grace));
    }

    fn sweep(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let Stage::Sweeping { ask, look_at, .. } = &mut self.stage else { return };
        let mut escalated = None;
        if ask.due(now) {
            escalated = Some(now.saturating_duration_since(ask.asked_at));
            ask.escalate(now);
        }
        if *look_at <= now {
            *look_at = now + SWEEP;
            effects.push(Effect::LookForFamily);
        }
        if let Some(waited) = escalated {
            effects.push(Effect::KillTree);
            self.tell(effects, |name| Update::Escalated(name, waited));
        }
    }

    /// Nobody is left of the tree.
    fn swept(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let Stage::Sweeping { run, end, reaped, .. } = self.stage else { return };
        effects.push(Effect::KillTree);
        if reaped {
            self.rest(now, run, end, effects);
        } else {
            self.settle(now, run, end, effects);
        }
    }

    /// Everything of the run is over but its zombie.
    fn settle(&mut self, now: Instant, run: Run, end: End, effects: &mut Vec<Effect>) {
        if self.stays_zombie(&end) {
            self.stage = Stage::Zombie { run, end };
            self.tell(effects, |name| Update::Zombie(name, end));
        } else {
            self.reap(now, run, end, effects);
        }
    }

    fn stays_zombie(&self, end: &End) -> bool {
        // Of a thread that was let go nothing is left to be waited for.
        let let_go = end.status == ExitStatus::Thread(ThreadEnd::Abandoned);
        self.reap == Reap::Manual
            && !let_go
            && self.waited_since.is_none()
            && !self.shutting_down
            && !self.again
    }

    fn reap(&mut self, now: Instant, run: Run, end: End, effects: &mut Vec<Effect>) {
        effects.push(Effect::Reap);
        if self.waited_since.take().is_some() || self.reap == Reap::Manual {
            self.tell(effects, |name| Update::Reaped(name, end.status));
        }
        self.rest(now, run, end, effects);
    }

    /// It is reaped: start again or stay ended.
    fn rest(&mut self, now: Instant, run: Run, end: End, effects: &mut Vec<Effect>) {
        self.stage = Stage::Ended { run, end };
        if self.shutting_down {
            return;
        }
        if self.again {
            self.restarts.by_hand();
            self.spawn(effects);
            return;
        }
        if !self.wanted {
            return;
        }
        if self.kind.is_watched() {
            // Whoever started it may start it again.
            return self.look_out(effects);
        }
        match self.restarts.after_end(now, &end) {
            Verdict::Stay => self.wanted = false,
            Verdict::Again(delay) => {
                self.tell(effects, |name| Update::Backoff(name, delay));
                self.stage = Stage::Backoff { until: later(now, delay), run, end };
            }
            Verdict::GiveUp(why) => {
                self.wanted = false;
                self.gave_up = Some(Arc::clone(&why));
                self.tell(effects, |name| Update::GaveUp(name, why));
            }
        }
    }

    // What it looks like.

    fn tell(&self, effects: &mut Vec<Effect>, update: impl FnOnce(WorkerName) -> Update) {
        effects.push(Effect::Tell(update(self.name.clone())));
    }

    /// Whether a run is on: it is being started, or not everything of it is over.
    pub(super) fn is_on(&self) -> bool {
        match self.stage {
            Stage::Starting { .. }
            | Stage::Running(_)
            | Stage::Suspended { .. }
            | Stage::Stopping { .. }
            | Stage::Draining(_)
            | Stage::Sweeping { .. } => true,
            Stage::Idle
            | Stage::Zombie { .. }
            | Stage::Backoff { .. }
            | Stage::Ended { .. }
            | Stage::Failed { .. } => false,
        }
    }

    /// The stage as guests see it.
    pub(super) fn state(&self) -> State {
        if let Stage::Stopping { run, ask } = &self.stage
            && self.kind.is_thread()
        {
            return State::Asked { run: *run, asked_at: ask.asked_at, answer_by: ask.kill_at };
        }
        self.stage.state()
    }

    pub(super) fn result(&self) -> Option<&Arc<str>> {
        self.result.as_ref()
    }

    /// Whether the end of an adopted process may be of one of its tree.
    pub(super) fn minds_others(&self) -> bool {
        matches!(self.stage, Stage::Sweeping { .. })
            || (!self.left.is_empty() && matches!(self.stage, Stage::Ended { .. } | Stage::Zombie { .. }))
    }

    pub(super) fn wanted(&self) -> bool {
        self.wanted
    }

    pub(super) fn restarts(&self) -> u32 {
        self.restarts.count()
    }

    pub(super) fn gave_up(&self) -> Option<&Arc<str>> {
        self.gave_up.as_ref()
    }

    pub(super) fn waited_since(&self) -> Option<Instant> {
        self.waited_since
    }

    pub(super) fn left(&self) -> &Arc<[ProcessRef]> {
        &self.left
    }

    pub(super) fn holders(&self) -> &Arc<[ProcessRef]> {
        &self.holders
    }
}

/// To all that is left of the tree. To the group as a whole only while its leader is a zombie of
/// ours: it pins the number, so this cannot hit a stranger's group.
fn send_to_rest(signal: Signal, reaped: bool, effects: &mut Vec<Effect>) {
    if reaped {
        effects.push(Effect::SignalFamily(signal));
    } else {
        effects.push(Effect::SignalGroup(signal));
        effects.push(Effect::SignalOthers(signal));
    }
}

/// What the ruled line after a run says. The words of an error stand in the pane already.
fn ruling(end: &End, result: Option<&str>) -> String {
    let returned = result.filter(|_| end.status.success()).map(|value| format!(" {value}"));
    format!("{end}{}, ran {}", returned.unwrap_or_default(), crate::protocol::Seconds(end.ran))
}

mod asked;
mod hold;
mod starting;
#[cfg(test)]
mod tests;
mod thread;
mod watched;

pub(super) use hold::Hold;
