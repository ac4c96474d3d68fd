//! What is different in the life of a process that minder did not start: it is looked for, not
//! started; never reaped; and left alone at the end. Its parent is the rest.

use super::{Ask, Cause, Effect, Failure, ForOthers, Instant, Life, Run, Signal, Stage, Update};

impl Life {
    /// Whether minder is its parent.
    pub(super) fn is_child(&self) -> bool {
        !self.kind.is_thread() && !self.kind.is_watched()
    }

    pub(super) fn not_there(&mut self, failure: Failure) {
        if matches!(self.stage, Stage::Starting { .. }) {
            self.wanted = false;
            self.stage = Stage::Failed { failure, retry_at: None };
        }
    }

    /// It has ended: looks for the next one, where there may be one.
    pub(super) fn look_out(&mut self, effects: &mut Vec<Effect>) {
        if self.lasts {
            self.spawn(effects);
        } else {
            self.wanted = false;
        }
    }

    /// SIGKILL to it and to what descends from it. Who that is must be known before it is dead: its
    /// children are then handed to another parent.
    pub(super) fn kill_it_all(&mut self, now: Instant, run: Run, effects: &mut Vec<Effect>) {
        self.for_others = Some(ForOthers { signal: Signal::KILL, told: None, looks_left: 0 });
        effects.push(Effect::LookForFamily);
        self.tell(effects, |name| Update::Signaled(name, Signal::KILL));
        self.stage = Stage::Stopping { run, ask: Ask::kill(now, Cause::Killed) };
    }

    /// Its tree is known now.
    pub(super) fn kill_watched(&mut self, effects: &mut Vec<Effect>) {
        if self.kind.is_watched()
            && self.for_others.take_if(|waiting| waiting.signal == Signal::KILL).is_some()
        {
            effects.push(Effect::KillTree);
        }
    }

    /// minder does with it no more. What was asked of it is on its way; the rest is not ours.
    pub(super) fn leave_alone(&mut self, effects: &mut Vec<Effect>) {
        self.wanted = false;
        self.again = false;
        self.for_others = None;
        match self.stage {
            Stage::Starting { .. } => {
                effects.push(Effect::Reap);
                self.stage = Stage::Idle;
            }
            Stage::Running(_) | Stage::Suspended { .. } | Stage::Stopping { .. } => {
                effects.push(Effect::Reap);
                self.tell(effects, Update::LeftAlone);
                self.stage = Stage::Idle;
            }
            Stage::Idle
            | Stage::Draining(_)
            | Stage::Sweeping { .. }
            | Stage::Zombie { .. }
            | Stage::Backoff { .. }
            | Stage::Ended { .. }
            | Stage::Failed { .. } => {}
        }
    }
}
