//! What is different in the life of a thread: it is asked, never made to. Its parent is the rest.

use super::{Arc, Ask, Cause, Effect, ExitStatus, Instant, Kind, Life, Run, Stage, ThreadEnd, Update, later};

impl Life {
    pub(super) fn ask_thread(&mut self, now: Instant, run: Run, cause: Cause, effects: &mut Vec<Effect>) {
        let kill_at = Some(later(now, self.stop.grace));
        let ask = Ask { kill_at, ..Ask::new(now, cause, self.stop) };
        effects.push(Effect::AskThread);
        self.tell(effects, |name| Update::Asked(name, self.stop.grace));
        self.stage = Stage::Stopping { run, ask };
        if self.shutting_down {
            self.shut_down_thread(now, effects);
        }
    }

    /// Its grace is over. Nothing more can be done to a thread but to do without it.
    pub(super) fn unanswered(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let Stage::Stopping { ask, .. } = &mut self.stage else { return };
        let waited = now.saturating_duration_since(ask.asked_at);
        ask.kill_at = None;
        ask.cause = Cause::Escalated;
        self.tell(effects, |name| Update::Unresponsive(name, waited));
        if self.shutting_down {
            self.let_go(now, Cause::Escalated, effects);
        }
    }

    /// Somebody does not want to wait for it.
    pub(super) fn abandon(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if !self.kind.is_thread() || !self.stage.alive() {
            return;
        }
        // A restart that waits for its end comes now.
        self.wanted = self.again;
        self.let_go(now, Cause::Killed, effects);
    }

    /// The program ends: who has had its grace is not waited for, and a daemon never is.
    pub(super) fn shut_down_thread(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let daemon = self.kind == Kind::Thread { daemon: true };
        match &self.stage {
            Stage::Stopping { ask, .. } if ask.kill_at.is_none() => {
                self.let_go(now, Cause::Escalated, effects);
            }
            Stage::Stopping { .. } if daemon => self.let_go(now, Cause::Stopped, effects),
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
    }

    fn let_go(&mut self, now: Instant, cause: Cause, effects: &mut Vec<Effect>) {
        match &mut self.stage {
            Stage::Running(run) | Stage::Suspended { run, .. } => {
                let ask = Ask { cause, ..Ask::new(now, cause, self.stop) };
                self.stage = Stage::Stopping { run: *run, ask };
            }
            Stage::Stopping { ask, .. } => ask.cause = cause,
            Stage::Idle
            | Stage::Starting { .. }
            | Stage::Draining(_)
            | Stage::Sweeping { .. }
            | Stage::Zombie { .. }
            | Stage::Backoff { .. }
            | Stage::Ended { .. }
            | Stage::Failed { .. } => return,
        }
        effects.push(Effect::LetGo);
        self.ended(now, ExitStatus::Thread(ThreadEnd::Abandoned), effects);
        // Nothing of it is to be read any more.
        self.drain(now, effects);
    }

    pub(super) fn thread_ended(
        &mut self,
        now: Instant,
        end: ThreadEnd,
        result: Option<Arc<str>>,
        effects: &mut Vec<Effect>,
    ) {
        if self.stage.alive() {
            self.result = result;
            self.ended(now, ExitStatus::Thread(end), effects);
        }
    }
}
