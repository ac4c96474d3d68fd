//! Whether and when a worker is started again: backoff, jitter, and a bound on how often. Pure.

use crate::protocol::{Cause, End};
use crate::spec::{RestartPolicy, RestartWhen};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What to do after an end.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// Nothing: the policy does not ask for a start.
    Stay,
    /// Start again after this long.
    Again(Duration),
    /// The policy asks for a start, but there were too many.
    GiveUp(Arc<str>),
}

/// What is remembered of earlier starts.
#[derive(Debug)]
pub(super) struct Restarts {
    policy: RestartPolicy,
    in_a_row: u32,
    recent: VecDeque<Instant>,
    count: u32,
    ever_started: bool,
    random: fastrand::Rng,
}

impl Restarts {
    pub(super) fn new(policy: RestartPolicy, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        Self { policy, in_a_row: 0, recent: VecDeque::new(), count: 0, ever_started: false, random }
    }

    /// How often it was started again.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn started(&mut self) {
        if self.ever_started {
            self.count += 1;
        }
        self.ever_started = true;
    }

    /// A run of its own, by a timer: neither a restart nor bound by what went wrong before.
    pub(super) fn afresh(&mut self) {
        self.by_hand();
        self.count = 0;
        self.ever_started = false;
    }

    /// A start by hand forgets what went wrong before.
    pub(super) fn by_hand(&mut self) {
        self.in_a_row = 0;
        self.recent.clear();
    }

    /// A healthy run forgets what went wrong before it.
    pub(super) fn ended(&mut self, ran: Duration) {
        if ran >= self.policy.backoff.reset_after {
            self.in_a_row = 0;
        }
    }

    /// Whether the policy asks for another start after this end.
    pub(super) fn wants(&self, end: &End, wanted: bool) -> bool {
        let unasked = matches!(end.cause, Cause::Itself | Cause::Signaled | Cause::Runaway);
        wanted
            && unasked
            && match self.policy.when {
                RestartWhen::No => false,
                RestartWhen::OnFailure => !end.status.success() || end.cause == Cause::Runaway,
                RestartWhen::Always => true,
            }
    }

    pub(super) fn after_end(&mut self, now: Instant, end: &End) -> Verdict {
        if self.wants(end, true) { self.again(now) } else { Verdict::Stay }
    }

    /// A start failed for want of something that may be there again soon.
    pub(super) fn after_failed_start(&mut self, now: Instant) -> Verdict {
        match self.policy.when {
            RestartWhen::No => Verdict::Stay,
            RestartWhen::OnFailure | RestartWhen::Always => self.again(now),
        }
    }

    fn again(&mut self, now: Instant) -> Verdict {
        if let Some(limit) = self.policy.limit {
            while self.recent.front().is_some_and(|&at| now.saturating_duration_since(at) >= limit.window) {
                self.recent.pop_front();
            }
            if self.recent.len() >= limit.count as usize {
                let window = crate::protocol::Seconds(limit.window);
                return Verdict::GiveUp(format!("{} restarts within {window}", limit.count).into());
            }
            self.recent.push_back(now);
        }
        Verdict::Again(self.next_delay())
    }

    fn next_delay(&mut self) -> Duration {
        let backoff = self.policy.backoff;
        let most = backoff.max.as_secs_f64();
        let exponent = i32::try_from(self.in_a_row).unwrap_or(i32::MAX);
        let grown = backoff.initial.as_secs_f64() * backoff.factor.max(1.0).powi(exponent);
        // Nothing times a factor that has become infinite is no number, and nothing all the same.
        let plain = if backoff.initial.is_zero() { 0.0 } else { grown.min(most) };
        self.in_a_row = self.in_a_row.saturating_add(1);
        let jitter = backoff.jitter.clamp(0.0, 1.0) * (self.random.f64() * 2.0 - 1.0);
        Duration::try_from_secs_f64((plain * (1.0 + jitter)).clamp(0.0, most)).unwrap_or(backoff.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Backoff, RestartLimit};
    use crate::status::ExitStatus;

    fn restarts(limit: Option<RestartLimit>, jitter: f64) -> Restarts {
        let backoff = Backoff { jitter, ..Backoff::default() };
        Restarts::new(RestartPolicy { when: RestartWhen::OnFailure, backoff, limit }, 7)
    }

    fn failed(now: Instant, ran: u64) -> End {
        End { status: ExitStatus::Exited(1), cause: Cause::Itself, at: now, ran: Duration::from_secs(ran) }
    }

    #[test]
    fn waits_double_up_to_the_cap_and_a_healthy_run_resets_them() {
        let now = crate::sys::clock::now();
        let mut restarts = restarts(None, 0.0);
        let mut delays = Vec::new();
        for _ in 0..9 {
            restarts.ended(Duration::from_secs(1));
            let Verdict::Again(delay) = restarts.after_end(now, &failed(now, 1)) else {
                panic!("it restarts")
            };
            delays.push(delay.as_secs_f64());
        }
        assert_eq!(delays, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
        restarts.ended(Duration::from_secs(10));
        assert_eq!(restarts.after_end(now, &failed(now, 10)), Verdict::Again(Duration::from_millis(500)));
    }

    #[test]
    fn no_wait_stays_none_however_often_it_is_waited() {
        let backoff = Backoff { initial: Duration::ZERO, ..Backoff::default() };
        let policy = RestartPolicy { when: RestartWhen::Always, backoff, limit: None };
        let mut restarts = Restarts::new(policy, 1);
        assert!((0..3000).all(|_| restarts.next_delay() == Duration::ZERO));
    }

    #[test]
    fn jitter_stays_within_its_share_and_the_cap() {
        let now = crate::sys::clock::now();
        let mut restarts = restarts(None, 0.1);
        for _ in 0..50 {
            let Verdict::Again(delay) = restarts.after_end(now, &failed(now, 1)) else {
                panic!("it restarts")
            };
            assert!(delay <= Duration::from_secs(30) && delay >= Duration::from_millis(450), "{delay:?}");
        }
    }

    #[test]
    fn too_many_restarts_in_the_window_are_given_up_and_said() {
        let start = crate::sys::clock::now();
        let mut restarts = restarts(Some(RestartLimit { count: 2, window: Duration::from_mins(1) }), 0.0);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(matches!(restarts.after_end(at(0), &failed(start, 1)), Verdict::Again(_)));
        assert!(matches!(restarts.after_end(at(1), &failed(start, 1)), Verdict::Again(_)));
        assert_eq!(
            restarts.after_end(at(2), &failed(start, 1)),
            Verdict::GiveUp("2 restarts within 1m 00s".into())
        );
        assert!(
            matches!(restarts.after_end(at(60), &failed(start, 1)), Verdict::Again(_)),
            "the window moved on"
        );
    }

    #[test]
    fn an_end_that_was_asked_for_starts_nothing() {
        let now = crate::sys::clock::now();
        let mut restarts = restarts(None, 0.0);
        for cause in [Cause::Stopped, Cause::Escalated, Cause::Killed] {
            assert_eq!(restarts.after_end(now, &End { cause, ..failed(now, 1) }), Verdict::Stay);
        }
    }
}
