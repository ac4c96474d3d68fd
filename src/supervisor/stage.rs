//! The stages of a worker's life, with the data that each needs, and how guests see them. Pure.

use super::life::{Failure, Hold};
use crate::protocol::{Cause, End, ProcessRef, Run, State};
use crate::signal::Signal;
use crate::spec::StopPolicy;
use crate::sys::clock::later;
use std::sync::Arc;
use std::time::Instant;

/// What it is. As [`State`], with what only the machine needs to know.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    Idle,
    /// `refused`: it failed, and the words for that are being looked up.
    Starting {
        refused: Option<Failure>,
    },
    Running(Run),
    Suspended {
        run: Run,
        by: Signal,
    },
    Stopping {
        run: Run,
        ask: Ask,
    },
    Draining(Drain),
    Sweeping {
        run: Run,
        end: End,
        ask: Ask,
        look_at: Instant,
        reaped: bool,
    },
    Zombie {
        run: Run,
        end: End,
    },
    Backoff {
        until: Instant,
        run: Run,
        end: End,
    },
    Ended {
        run: Run,
        end: End,
    },
    Failed {
        failure: Failure,
        retry_at: Option<Instant>,
    },
}

/// A request to stop that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) cause: Cause,
    pub(super) asked_at: Instant,
    pub(super) sent: Signal,
    pub(super) sent_at: Instant,
    pub(super) kill_at: Option<Instant>,
    /// The group was sent the stop signal already.
    pub(super) told_group: bool,
    /// Whether its first process waits until the others have ended.
    pub(super) hold: Hold,
}

/// Its first process ended; what must still be known before that is told.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drain {
    pub(super) run: Run,
    pub(super) end: End,
    pub(super) ask: Option<Ask>,
    pub(super) deadline: Instant,
    pub(super) look_until: Instant,
    pub(super) closing: bool,
    pub(super) finished: bool,
    pub(super) family: Option<Arc<[ProcessRef]>>,
}

impl Stage {
    /// Whether the first process is alive.
    pub(super) fn alive(&self) -> bool {
        matches!(self, Self::Running(_) | Self::Suspended { .. } | Self::Stopping { .. })
    }

    /// The next moment at which a tick does something.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Stopping { ask, .. } => ask.kill_at.into_iter().chain(ask.hold.deadline()).min(),
            Self::Draining(drain) if drain.closing => Some(drain.look_until),
            Self::Draining(drain) => Some(drain.deadline),
            Self::Sweeping { ask, look_at, .. } => Some(ask.kill_at.map_or(*look_at, |at| at.min(*look_at))),
            Self::Backoff { until, .. } => Some(*until),
            Self::Failed { retry_at, .. } => *retry_at,
            Self::Idle
            | Self::Starting { .. }
            | Self::Running(_)
            | Self::Suspended { .. }
            | Self::Zombie { .. }
            | Self::Ended { .. } => None,
        }
    }

    /// The stage as guests see it.
    pub(super) fn state(&self) -> State {
        match self {
            Self::Idle => State::Idle,
            Self::Starting { .. } => State::Starting,
            Self::Running(run) => State::Running(*run),
            Self::Suspended { run, by } => State::Suspended { run: *run, by: *by },
            Self::Stopping { run, ask } => {
                State::Stopping { run: *run, sent: ask.sent, sent_at: ask.sent_at, kill_at: ask.kill_at }
            }
            Self::Draining(drain) => State::Draining { run: drain.run, status: drain.end.status },
            Self::Sweeping { run, end, ask, .. } => State::Sweeping {
                run: *run,
                status: end.status,
                sent: ask.sent,
                sent_at: ask.sent_at,
                kill_at: ask.kill_at,
            },
            Self::Zombie { run, end } => State::Zombie { run: *run, end: *end },
            Self::Backoff { until, end, .. } => State::Backoff { until: *until, end: *end },
            Self::Ended { end, .. } => State::Ended(*end),
            Self::Failed { failure, retry_at } => {
                State::Failed { error: Arc::clone(&failure.error), code: failure.code, retry_at: *retry_at }
            }
        }
    }
}

impl Ask {
    pub(super) fn new(now: Instant, cause: Cause, stop: StopPolicy) -> Self {
        let kill_at = (stop.signal != Signal::KILL).then(|| later(now, stop.grace));
        let (sent, sent_at, hold) = (stop.signal, now, Hold::No);
        Self { cause, asked_at: now, sent, sent_at, kill_at, told_group: false, hold }
    }

    /// SIGKILL at once.
    pub(super) fn kill(now: Instant, cause: Cause) -> Self {
        let (sent, sent_at, hold) = (Signal::KILL, now, Hold::No);
        Self { cause, asked_at: now, sent, sent_at, kill_at: None, told_group: false, hold }
    }

    pub(super) fn due(&self, now: Instant) -> bool {
        self.kill_at.is_some_and(|at| at <= now)
    }

    pub(super) fn escalate(&mut self, now: Instant) {
        if matches!(self.cause, Cause::Stopped | Cause::Replaced) {
            self.cause = Cause::Escalated;
        }
        (self.sent, self.sent_at, self.kill_at, self.hold) = (Signal::KILL, now, None, Hold::No);
    }
}
