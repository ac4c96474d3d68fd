//! What a worker's life does when somebody asks for something. The rest of the machine is its parent.

use super::{
    Arc, Ask, Cause, Effect, FREEZE_LOOKS, ForOthers, Instant, Life, ProcessRef, Run, SWEEP, Signal, Stage,
    Update,
};

impl Life {
    pub(super) fn start(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.shutting_down {
            return;
        }
        self.wanted = true;
        self.gave_up = None;
        match self.stage {
            Stage::Ended { .. } | Stage::Zombie { .. } if !self.left.is_empty() => {
                // What the last run left could hold its ports and files against the next one.
                self.sweep_what_is_left(now, effects);
                self.again = true;
            }
            Stage::Idle | Stage::Backoff { .. } | Stage::Ended { .. } | Stage::Failed { .. } => {
                self.restarts.by_hand();
                self.spawn(effects);
            }
            Stage::Zombie { .. } => {
                self.again = true;
                self.wait(now, effects);
            }
            Stage::Stopping { .. } | Stage::Draining(_) | Stage::Sweeping { .. } => self.again = true,
            Stage::Starting { .. } | Stage::Running(_) | Stage::Suspended { .. } => {}
        }
    }

    /// A run that a timer asks for.
    pub(super) fn run_afresh(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.restarts.afresh();
        self.start(now, effects);
    }

    /// A run that a timer asks for in the place of the one that is on.
    pub(super) fn replace(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.restarts.afresh();
        self.restart(now, Cause::Replaced, effects);
    }

    pub(super) fn restart(&mut self, now: Instant, cause: Cause, effects: &mut Vec<Effect>) {
        if self.kind.is_watched() && self.is_on() {
            // Nobody told us how to start it.
            return;
        }
        if self.shutting_down {
            return;
        }
        match self.stage {
            Stage::Running(run) | Stage::Suspended { run, .. } => {
                self.send_stop(now, run, cause, effects);
                self.wanted = true;
                self.again = true;
            }
            Stage::Idle
            | Stage::Starting { .. }
            | Stage::Stopping { .. }
            | Stage::Draining(_)
            | Stage::Sweeping { .. }
            | Stage::Zombie { .. }
            | Stage::Backoff { .. }
            | Stage::Ended { .. }
            | Stage::Failed { .. } => self.start(now, effects),
        }
    }

    pub(super) fn ask_to_stop(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.wanted = false;
        self.again = false;
        match self.stage {
            Stage::Running(run) | Stage::Suspended { run, .. } => {
                self.send_stop(now, run, Cause::Stopped, effects);
            }
            // What minder stops or sweeps by itself, you ask for once more.
            Stage::Stopping { ref mut ask, .. } | Stage::Sweeping { ref mut ask, .. }
                if matches!(ask.cause, Cause::Itself | Cause::Replaced | Cause::Runaway) =>
            {
                ask.cause = Cause::Stopped;
            }
            Stage::Stopping { .. } | Stage::Sweeping { .. } => self.kill(now, effects),
            Stage::Draining(ref mut drain) => {
                drain.ask.get_or_insert(Ask::new(now, Cause::Stopped, self.stop));
            }
            Stage::Backoff { .. } | Stage::Failed { .. } => self.call_off(),
            Stage::Ended { .. } | Stage::Zombie { .. } => self.sweep_what_is_left(now, effects),
            Stage::Starting { .. } if self.kind.is_watched() => self.leave_alone(effects),
            Stage::Starting { .. } => self.give_up_starting(now, effects),
            Stage::Idle => {}
        }
    }

    /// A start that is still on has failed already: only the words for it are missing.
    pub(super) fn give_up_starting(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if let Stage::Starting { refused: Some(failure) } = &self.stage {
            let failure = failure.clone();
            self.spawn_failed(now, failure, effects);
        }
    }

    pub(super) fn send_stop(&mut self, now: Instant, run: Run, cause: Cause, effects: &mut Vec<Effect>) {
        if self.kind.is_thread() {
            return self.ask_thread(now, run, cause, effects);
        }
        let ask = Ask { told_group: true, ..Ask::new(now, cause, self.stop) };
        if matches!(self.stage, Stage::Suspended { .. }) {
            // Who is outside of the group is asked later, and may have been frozen with it.
            self.for_others = Some(ForOthers { signal: Signal::CONT, told: None, looks_left: 0 });
        }
        self.told_others = None;
        effects.push(Effect::AskGroup(ask.sent));
        effects.push(Effect::LookForFamily);
        self.tell(effects, |name| Update::Stopping(name, ask.sent, self.stop.grace));
        self.stage = Stage::Stopping { run, ask };
    }

    pub(super) fn kill(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.wanted = false;
        self.again = false;
        match self.stage {
            // Nothing makes a thread end: it is asked, once.
            Stage::Running(run) if self.kind.is_thread() => {
                return self.ask_thread(now, run, Cause::Stopped, effects);
            }
            Stage::Stopping { .. } if self.kind.is_thread() => return,
            Stage::Running(run) | Stage::Suspended { run, .. } | Stage::Stopping { run, .. }
                if self.kind.is_watched() =>
            {
                return self.kill_it_all(now, run, effects);
            }
            Stage::Starting { .. } if self.kind.is_watched() => return self.leave_alone(effects),
            Stage::Idle
            | Stage::Starting { .. }
            | Stage::Running(_)
            | Stage::Suspended { .. }
            | Stage::Stopping { .. }
            | Stage::Draining(_)
            | Stage::Sweeping { .. }
            | Stage::Zombie { .. }
            | Stage::Backoff { .. }
            | Stage::Ended { .. }
            | Stage::Failed { .. } => {}
        }
        let ask = Ask::kill(now, Cause::Killed);
        match self.stage {
            Stage::Running(run) | Stage::Suspended { run, .. } | Stage::Stopping { run, .. } => {
                effects.push(Effect::KillTree);
                effects.push(Effect::LookForFamily);
                self.tell(effects, |name| Update::Signaled(name, Signal::KILL));
                self.stage = Stage::Stopping { run, ask: Ask { told_group: true, ..ask } };
            }
            Stage::Draining(ref mut drain) => drain.ask = Some(Ask::kill(now, Cause::Itself)),
            Stage::Sweeping { run, end, reaped, .. } => {
                self.stage = Stage::Sweeping { run, end, ask, look_at: now + SWEEP, reaped };
                effects.push(Effect::KillTree);
            }
            Stage::Ended { .. } | Stage::Zombie { .. } => {
                self.sweep_what_is_left(now, effects);
                if matches!(self.stage, Stage::Sweeping { .. }) {
                    self.kill(now, effects);
                }
            }
            Stage::Backoff { .. } | Stage::Failed { .. } => self.call_off(),
            Stage::Starting { .. } => self.give_up_starting(now, effects),
            Stage::Idle => {}
        }
    }

    /// Nothing runs: only the next start has to be called off.
    pub(super) fn call_off(&mut self) {
        match &mut self.stage {
            Stage::Backoff { run, end, .. } => self.stage = Stage::Ended { run: *run, end: *end },
            Stage::Failed { retry_at, .. } => *retry_at = None,
            Stage::Idle
            | Stage::Starting { .. }
            | Stage::Running(_)
            | Stage::Suspended { .. }
            | Stage::Stopping { .. }
            | Stage::Draining(_)
            | Stage::Sweeping { .. }
            | Stage::Zombie { .. }
            | Stage::Ended { .. } => {}
        }
    }

    pub(super) fn signal(&mut self, now: Instant, signal: Signal, effects: &mut Vec<Effect>) {
        if self.stage.alive() && !self.kind.is_thread() && !self.signal_held(signal, effects) {
            self.picked = Some((signal, now));
            effects.push(Effect::SignalGroup(signal));
            self.tell(effects, |name| Update::Signaled(name, signal));
        }
    }

    pub(super) fn signal_tree(&mut self, signal: Signal, effects: &mut Vec<Effect>) {
        if self.stage.alive() && !self.kind.is_thread() && !self.signal_held(signal, effects) {
            effects.push(Effect::SignalGroup(signal));
            // Who fled the group is found first, and then gets it too.
            self.for_others = Some(ForOthers { signal, told: None, looks_left: FREEZE_LOOKS });
            effects.push(Effect::LookForFamily);
            self.tell(effects, |name| Update::Signaled(name, signal));
        }
    }

    /// Those outside the group get what the group got. Who is to be frozen may have started others since
    /// the look: until nobody is new, there is another.
    pub(super) fn signal_others(&mut self, family: Arc<[ProcessRef]>, effects: &mut Vec<Effect>) {
        let Some(ForOthers { signal, told, looks_left }) = self.for_others.take() else { return };
        let new = told.is_none_or(|told| family.iter().any(|process| !told.contains(process)));
        if !new {
            return;
        }
        effects.push(Effect::SignalOthers(signal));
        if signal == Signal::STOP && looks_left > 0 && !family.is_empty() {
            self.for_others = Some(ForOthers { signal, told: Some(family), looks_left: looks_left - 1 });
            effects.push(Effect::LookForFamily);
        }
    }

    /// As a stop by hand, but not yours: it is still wanted, and its restart policy has the last word.
    pub(super) fn stop_runaway(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if let Stage::Running(run) | Stage::Suspended { run, .. } = self.stage {
            self.send_stop(now, run, Cause::Runaway, effects);
        }
    }

    pub(super) fn wait(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        match self.stage {
            Stage::Zombie { run, end } => self.reap(now, run, end, effects),
            Stage::Running(_)
            | Stage::Suspended { .. }
            | Stage::Stopping { .. }
            | Stage::Draining(_)
            | Stage::Sweeping { .. } => {
                self.waited_since.get_or_insert(now);
            }
            Stage::Idle
            | Stage::Starting { .. }
            | Stage::Backoff { .. }
            | Stage::Ended { .. }
            | Stage::Failed { .. } => {}
        }
    }

    pub(super) fn shut_down(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        self.shutting_down = true;
        if self.kind.is_watched() {
            return self.leave_alone(effects);
        }
        match self.stage {
            // Under way already: a second request kills, and that is asked for by `Kill`.
            Stage::Stopping { .. } | Stage::Sweeping { .. } => {
                self.wanted = false;
                self.again = false;
            }
            Stage::Zombie { run, end } => {
                self.wanted = false;
                self.again = false;
                self.reap(now, run, end, effects);
                self.sweep_what_is_left(now, effects);
            }
            Stage::Idle
            | Stage::Starting { .. }
            | Stage::Running(_)
            | Stage::Suspended { .. }
            | Stage::Draining(_)
            | Stage::Backoff { .. }
            | Stage::Ended { .. }
            | Stage::Failed { .. } => self.ask_to_stop(now, effects),
        }
        if self.kind.is_thread() {
            self.shut_down_thread(now, effects);
        }
    }
}
