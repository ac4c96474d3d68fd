//! How a run begins, or does not. The rest of the machine is its parent.

use super::{Arc, Effect, Failure, Instant, Kind, Life, Run, Stage, Update, Verdict, later};

impl Life {
    pub(super) fn spawn(&mut self, effects: &mut Vec<Effect>) {
        self.stage = Stage::Starting { refused: None };
        self.again = false;
        effects.push(Effect::Spawn);
    }

    pub(super) fn spawned(&mut self, now: Instant, run: Run, effects: &mut Vec<Effect>) {
        self.stage = Stage::Running(run);
        self.picked = None;
        // What a thread says is in its pane before it can end.
        self.drained = !self.is_child();
        self.result = None;
        self.gave_up = None;
        self.left = Arc::default();
        self.holders = Arc::default();
        self.restarts.started();
        let started = match self.kind {
            Kind::Process => Update::Started,
            Kind::Thread { .. } | Kind::Pool => Update::StartedThread,
            Kind::Watched => Update::Found,
        };
        self.tell(effects, |name| started(name, run.pid));
        if !self.wanted {
            // It was stopped while it was being started.
            self.ask_to_stop(now, effects);
        }
    }

    pub(super) fn spawn_refused(&mut self, now: Instant, failure: Failure, effects: &mut Vec<Effect>) {
        if let Stage::Starting { refused } = &mut self.stage {
            *refused = Some(failure);
            if !self.wanted || self.shutting_down {
                self.give_up_starting(now, effects);
            }
        }
    }

    pub(super) fn spawn_failed(&mut self, now: Instant, failure: Failure, effects: &mut Vec<Effect>) {
        if !matches!(self.stage, Stage::Starting { .. }) {
            return;
        }
        let error = Arc::clone(&failure.error);
        self.tell(effects, |name| Update::Failed(name, error));
        let again = failure.transient && self.wanted && !self.shutting_down;
        let retry_at = match again.then(|| self.restarts.after_failed_start(now)) {
            Some(Verdict::Again(delay)) => Some(later(now, delay)),
            Some(Verdict::GiveUp(why)) => {
                self.gave_up = Some(Arc::clone(&why));
                self.tell(effects, |name| Update::GaveUp(name, why));
                None
            }
            Some(Verdict::Stay) | None => None,
        };
        self.stage = Stage::Failed { failure, retry_at };
    }
}
