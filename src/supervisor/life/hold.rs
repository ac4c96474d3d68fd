//! A stop of a worker whose first process would die of the stop signal at once: a shell that only waits.
//!
//! It leads the session of the worker's terminal, and with its end the kernel hangs the terminal up: SIGHUP
//! to whoever is in the foreground (setsid(2), credentials(7)), who then has no grace left to end in. So it is
//! held: stopped before the others are asked, with the stop signal waiting for it, and resumed when nobody
//! else of its group is left.

use super::{Arc, Duration, Effect, Instant, Life, SWEEP, Signal, Stage, Update};

/// How long it may take to stop, which it does as soon as it has a processor. Then all are asked as they are.
const STOPS: Duration = Duration::from_millis(500);
/// When it is looked for the first time whether it is alone, then half as often each time.
const FIRST_LOOK: Duration = Duration::from_millis(5);

/// Whether a first process that is asked to stop is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::supervisor) enum Hold {
    /// It acts on the stop signal by itself.
    No,
    /// It was sent SIGSTOP. When it has stopped, or at this time, its group is asked.
    Stopping { until: Instant },
    /// It is stopped, and its group was asked. `alone`: nobody else was found once; a look may have begun
    /// before they were asked, and is not of one instant.
    Held { look_at: Instant, pause: Duration, resumed: bool, alone: bool },
}

impl Hold {
    pub(in crate::supervisor) fn deadline(self) -> Option<Instant> {
        match self {
            Self::No => None,
            Self::Stopping { until } => Some(until),
            Self::Held { look_at, .. } => Some(look_at),
        }
    }
}

impl Life {
    /// Whether its first process is held, and it is to be told when that is [`Input::Alone`](super::Input).
    pub(in crate::supervisor) fn holds(&self) -> bool {
        matches!(&self.stage, Stage::Stopping { ask, .. } if matches!(ask.hold, Hold::Held { .. }))
    }

    /// Its first process was sent SIGSTOP, or was stopped before.
    pub(super) fn holding(&mut self, now: Instant, stopped: bool, effects: &mut Vec<Effect>) {
        let Stage::Stopping { ask, .. } = &mut self.stage else { return };
        ask.told_group = false;
        ask.hold = Hold::Stopping { until: now + STOPS };
        if stopped {
            self.held(now, effects);
        }
    }

    /// It is stopped: what its group is sent now, waits for it.
    fn held(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let Stage::Stopping { ask, .. } = &mut self.stage else { return };
        ask.told_group = true;
        let (look_at, pause) = (now + FIRST_LOOK, FIRST_LOOK);
        ask.hold = Hold::Held { look_at, pause, resumed: false, alone: false };
        effects.push(Effect::SignalGroup(ask.sent));
    }

    /// Goes on with a hold when its time has come.
    pub(super) fn look_at_hold(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let Stage::Stopping { ask, .. } = &mut self.stage else { return };
        match &mut ask.hold {
            Hold::Stopping { .. } => {
                (ask.told_group, ask.hold) = (true, Hold::No);
                effects.push(Effect::SignalGroup(ask.sent));
                effects.push(Effect::SignalGroup(Signal::CONT));
            }
            Hold::Held { look_at, pause, .. } => {
                *pause = (2 * *pause).min(SWEEP);
                *look_at = now + *pause;
                effects.push(Effect::LookForFamily);
            }
            Hold::No => {}
        }
    }

    /// Who else is there is known: what of its group was stopped acts on the signal once it is resumed, and
    /// who is outside of it has as much of the grace as those within.
    pub(super) fn ask_others(&mut self, effects: &mut Vec<Effect>) {
        if let Stage::Stopping { ask, .. } = &mut self.stage
            && let Hold::Held { resumed: resumed @ false, .. } = &mut ask.hold
        {
            *resumed = true;
            effects.push(Effect::ResumeOthersOfGroup);
            if self.told_others.is_none() {
                self.told_others = Some(Arc::clone(&self.left));
                effects.push(Effect::SignalOthers(ask.sent));
            }
        }
    }

    /// Nobody else of its group is left: it goes on, and acts on the signal that waits for it.
    pub(super) fn alone(&mut self, effects: &mut Vec<Effect>) {
        let Stage::Stopping { ask, .. } = &mut self.stage else { return };
        match &mut ask.hold {
            Hold::Held { alone: alone @ false, .. } => {
                *alone = true;
                effects.push(Effect::LookForFamily);
            }
            Hold::Held { .. } => {
                ask.hold = Hold::No;
                effects.push(Effect::SignalGroup(Signal::CONT));
            }
            Hold::No | Hold::Stopping { .. } => {}
        }
    }

    /// Somebody freezes or resumes it all while it is held. A stop goes on whoever freezes it, and the one that
    /// is held stays so. True where there is nothing more to do.
    pub(super) fn signal_held(&mut self, signal: Signal, effects: &mut Vec<Effect>) -> bool {
        let Stage::Stopping { ask, .. } = &mut self.stage else { return false };
        let Hold::Held { resumed, .. } = &mut ask.hold else { return false };
        if signal.is_job_stop() || signal == Signal::STOP {
            *resumed = false;
        }
        if signal == Signal::CONT {
            effects.push(Effect::ResumeOthersOfGroup);
        }
        signal == Signal::CONT
    }

    pub(super) fn suspended(&mut self, now: Instant, by: Signal, effects: &mut Vec<Effect>) {
        match self.stage {
            Stage::Running(run) => {
                self.stage = Stage::Suspended { run, by };
                self.tell(effects, |name| Update::Suspended(name, by));
            }
            Stage::Suspended { run, .. } => self.stage = Stage::Suspended { run, by },
            Stage::Stopping { ask, .. } => match ask.hold {
                Hold::Stopping { .. } => self.held(now, effects),
                Hold::Held { .. } => {}
                // It stopped itself after our stop signal, or somebody did: let it act on ours.
                Hold::No => effects.push(Effect::SignalGroup(Signal::CONT)),
            },
            Stage::Idle
            | Stage::Starting { .. }
            | Stage::Draining(_)
            | Stage::Sweeping { .. }
            | Stage::Zombie { .. }
            | Stage::Backoff { .. }
            | Stage::Ended { .. }
            | Stage::Failed { .. } => {}
        }
    }
}
