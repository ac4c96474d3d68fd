//! What becomes of an errand: it runs, is asked to end, is killed with its whole tree. The machine is
//! pure; what it holds of the process is for the engine.

use crate::protocol::{Errand, ErrandEnd, ErrandPlace, Pid};
use crate::status::ExitStatus;
use crate::sys::cgroup::Cgroup;
use crate::sys::handle::Handle;
use crossbeam_channel::Sender;
use std::time::{Duration, Instant};

/// Between SIGTERM and SIGKILL.
pub(super) const GRACE: Duration = Duration::from_secs(1);
/// How often a tree that is being killed is looked at.
const AGAIN: Duration = Duration::from_millis(50);
/// How long it may take: what does not die of SIGKILL is in state D.
const STUCK: Duration = Duration::from_secs(5);

/// All errands.
#[derive(Debug, Default)]
pub(super) struct Errands {
    pub(super) running: Vec<Running>,
    /// The one that waits for the screen to leave the terminal, and until when.
    pub(super) waiting: Option<(Errand, Instant)>,
}

/// One whose process was started.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) id: u64,
    pub(super) place: ErrandPlace,
    pub(super) child: Handle,
    pub(super) cgroup: Option<Cgroup>,
    pub(super) ended: Sender<ErrandEnd>,
    pub(super) life: Life,
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// It runs, until it is cancelled.
    Runs {
        /// By itself at this time.
        until: Option<Instant>,
    },
    /// SIGTERM was sent.
    Asked {
        /// SIGKILL follows.
        kill_at: Instant,
    },
    /// Its tree is being killed.
    Killed {
        /// Since when.
        since: Instant,
        /// The next look.
        again_at: Instant,
        /// How its first process ended, which is not reaped: its group stays its own.
        status: Option<ExitStatus>,
    },
    /// All is over.
    Over(ExitStatus),
    /// Something of it is left that does not die.
    Stuck,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Nothing,
    /// SIGTERM to its group.
    Ask,
    /// SIGKILL to all of it that is known, and look for the rest.
    Kill,
    /// Reap it, tell how it ended and forget it.
    Finish,
}

impl Errands {
    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty() && self.waiting.is_none()
    }

    pub(super) fn pids(&self) -> impl Iterator<Item = Pid> {
        self.running.iter().map(|errand| errand.child.pid())
    }

    /// Whether one waits for the screen to leave.
    pub(super) fn waits_for_terminal(&self) -> bool {
        self.waiting.is_some()
    }

    /// Who has the terminal.
    pub(super) fn on_terminal(&self) -> Option<&Running> {
        self.running.iter().find(|errand| errand.place == ErrandPlace::Terminal)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let lives = self.running.iter().filter_map(|errand| errand.life.deadline());
        lives.chain(self.waiting.as_ref().map(|(_, until)| *until)).min()
    }
}

impl Life {
    /// It is to end: by SIGTERM, or if it was asked before or `now_dead`, by SIGKILL.
    pub(super) fn cancel(&mut self, now: Instant, at_once: bool) -> Step {
        match *self {
            Self::Runs { .. } if !at_once => {
                *self = Self::Asked { kill_at: now + GRACE };
                Step::Ask
            }
            Self::Runs { .. } | Self::Asked { .. } => self.kill(now, None),
            Self::Killed { .. } | Self::Over(_) | Self::Stuck => Step::Nothing,
        }
    }

    /// Its first process ended.
    pub(super) fn ended(&mut self, now: Instant, how: ExitStatus) -> Step {
        match self {
            Self::Runs { .. } => {
                *self = Self::Over(how);
                Step::Finish
            }
            Self::Asked { .. } => self.kill(now, Some(how)),
            Self::Killed { status, .. } => {
                *status = Some(how);
                Step::Nothing
            }
            Self::Over(_) | Self::Stuck => Step::Nothing,
        }
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Instant) -> Step {
        if self.deadline().is_none_or(|at| now < at) {
            return Step::Nothing;
        }
        match self {
            Self::Killed { again_at, .. } => {
                *again_at = now + AGAIN;
                Step::Kill
            }
            Self::Runs { .. } | Self::Asked { .. } | Self::Over(_) | Self::Stuck => self.cancel(now, false),
        }
    }

    /// Its tree was looked at, and had so many processes besides the first.
    pub(super) fn seen(&mut self, now: Instant, others: usize) -> Step {
        let Self::Killed { since, status, .. } = *self else { return Step::Nothing };
        match status {
            Some(status) if others == 0 => *self = Self::Over(status),
            _ if now.saturating_duration_since(since) >= STUCK => *self = Self::Stuck,
            Some(_) | None => return Step::Nothing,
        }
        Step::Finish
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Runs { until } => *until,
            Self::Asked { kill_at } => Some(*kill_at),
            Self::Killed { again_at, .. } => Some(*again_at),
            Self::Over(_) | Self::Stuck => None,
        }
    }

    fn kill(&mut self, now: Instant, status: Option<ExitStatus>) -> Step {
        *self = Self::Killed { since: now, again_at: now + AGAIN, status };
        Step::Kill
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Signal;

    fn start() -> Instant {
        crate::sys::clock::now()
    }

    const TERMED: ExitStatus = ExitStatus::Signaled { signal: Signal::TERM, core: false };

    #[test]
    fn one_that_ends_by_itself_is_left_alone_with_what_it_started() {
        let mut life = Life::Runs { until: None };
        assert_eq!(life.deadline(), None);
        assert_eq!(life.ended(start(), ExitStatus::Exited(3)), Step::Finish);
        assert_eq!(life, Life::Over(ExitStatus::Exited(3)));
        assert_eq!(life.cancel(start(), true), Step::Nothing);
    }

    #[test]
    fn one_that_is_cancelled_is_over_when_nothing_of_its_tree_is_left() {
        let now = start();
        let mut life = Life::Runs { until: None };
        assert_eq!(life.cancel(now, false), Step::Ask);
        assert_eq!(life.tick(now + GRACE / 2), Step::Nothing);
        assert_eq!(life.ended(now, TERMED), Step::Kill);
        assert_eq!(life.seen(now, 1), Step::Nothing);
        assert_eq!(life.tick(now + AGAIN), Step::Kill);
        assert_eq!(life.seen(now, 0), Step::Finish);
        assert_eq!(life, Life::Over(TERMED));
    }

    #[test]
    fn one_that_does_not_listen_is_killed_after_the_grace_or_when_asked_again() {
        let now = start();
        let mut life = Life::Runs { until: Some(now + GRACE * 9) };
        assert_eq!(life.tick(now + GRACE * 9), Step::Ask, "its time is over");
        let mut again = life;
        assert_eq!(again.cancel(now + GRACE * 9, false), Step::Kill);
        assert_eq!(life.tick(now + GRACE * 10), Step::Kill);
        assert_eq!(life.seen(now + GRACE * 10, 0), Step::Nothing, "its first process lives");
        assert_eq!(life.seen(now + GRACE * 10 + STUCK, 0), Step::Finish);
        assert_eq!(life, Life::Stuck);
    }
}
