//! How everything ends: who asked, whether it was asked twice, and when it is over. Pure.

use crate::protocol::{Phase, ProcessRef, State, WorkerView};
use crate::signal::Signal;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The same signal twice within this is one request: a wrapper hands on what the terminal sent to
/// the whole group already.
const ECHO: Duration = Duration::from_millis(100);

/// How long a process may survive SIGKILL before minder ends without it: it is in state D, traced
/// or another user's, and waiting longer would hang.
const STUCK: Duration = Duration::from_secs(5);

/// What a request to end comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    /// Stop all in order.
    Stop,
    /// Kill all now.
    Kill,
    /// One too many.
    Nothing,
}

/// The state of ending.
#[derive(Debug, Default)]
pub(super) struct Ending {
    since: Option<Instant>,
    by: Option<Signal>,
    killing: bool,
    /// It began by itself: the first request is not the second one.
    quiet: bool,
    /// The last signal that asked, or the key that stands for it.
    last: Option<(Signal, Instant)>,
}

impl Ending {
    /// Whether this signal from outside is the same request as the one before. A key never is: it
    /// was pressed.
    pub(super) fn echoes(&self, now: Instant, signal: Signal) -> bool {
        let same = |(by, at)| by == signal && now.saturating_duration_since(at) < ECHO;
        // An echo's echo is still of the first: a signal that keeps coming counts again in the end.
        self.last.is_some_and(same)
    }

    pub(super) fn request(&mut self, now: Instant, by: Option<Signal>) -> Request {
        self.last = by.map(|signal| (signal, now));
        // A terminal that closes hangs up once for itself, once for its shell, once for the kernel, and
        // nobody is there any more to ask for haste.
        let hang_up = by == Some(Signal::HUP) && self.since.is_some() && !self.quiet;
        if hang_up || self.killing {
            return Request::Nothing;
        }
        // What ended minder is the first signal, even if the key had been pressed before it.
        self.by = self.by.or(by);
        if std::mem::take(&mut self.quiet) {
            return Request::Nothing;
        }
        if self.since.is_none() {
            self.since = Some(now);
            return Request::Stop;
        }
        self.killing = true;
        Request::Kill
    }

    /// Nothing runs any more: end without anybody's asking.
    pub(super) fn begin_quietly(&mut self, now: Instant) {
        self.since.get_or_insert_with(|| {
            self.quiet = true;
            now
        });
    }

    pub(super) fn begun(&self) -> bool {
        self.since.is_some()
    }

    pub(super) fn by(&self) -> Option<Signal> {
        self.by
    }

    pub(super) fn phase(&self) -> Phase {
        match self.since {
            None => Phase::Up,
            Some(since) => Phase::Quitting { since, by: self.by, killing: self.killing },
        }
    }
}

/// When a worker counts as stuck, if it does not end before: SIGKILL was sent and did not help.
pub(super) fn stuck_at(view: &WorkerView) -> Option<Instant> {
    match &view.state {
        State::Stopping { sent, sent_at, kill_at: None, .. }
        | State::Sweeping { sent, sent_at, kill_at: None, .. }
            if *sent == Signal::KILL =>
        {
            Some(*sent_at + STUCK)
        }
        State::Idle
        | State::Starting
        | State::Running(_)
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Asked { .. }
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Ended(_)
        | State::Failed { .. } => None,
    }
}

/// Who of a stuck worker is alive, for the last words.
pub(super) fn survivors(view: &WorkerView) -> Vec<ProcessRef> {
    let first = view.state.alive().then(|| view.state.run()).flatten();
    let first = first.map(|run| ProcessRef { pid: run.pid, name: Arc::clone(&view.command) });
    first.into_iter().chain(view.left.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_request_kills_and_an_echo_does_not() {
        let start = crate::sys::clock::now();
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut ending = Ending::default();
        assert!(!ending.echoes(start, Signal::INT));
        assert_eq!(ending.request(start, Some(Signal::INT)), Request::Stop);
        assert!(ending.echoes(after(50), Signal::INT));
        assert!(!ending.echoes(after(90), Signal::TERM));
        assert!(!ending.echoes(after(400), Signal::INT));
        assert_eq!(ending.request(after(400), Some(Signal::INT)), Request::Kill);
        assert_eq!(ending.request(after(800), Some(Signal::INT)), Request::Nothing);
        assert_eq!(ending.by(), Some(Signal::INT));
    }

    #[test]
    fn ctrl_c_twice_kills_however_fast_and_its_signal_is_its_echo() {
        let start = crate::sys::clock::now();
        let mut ending = Ending::default();
        assert_eq!(ending.request(start, Some(Signal::INT)), Request::Stop);
        assert!(ending.echoes(start, Signal::INT));
        assert_eq!(ending.request(start, Some(Signal::INT)), Request::Kill);
    }

    #[test]
    fn a_held_key_escalates_and_a_hang_up_never_does() {
        let start = crate::sys::clock::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut ending = Ending::default();
        for now in (0..5).map(|n| at(n * 40)) {
            if !ending.echoes(now, Signal::INT) {
                ending.request(now, Some(Signal::INT));
            }
        }
        assert!(ending.killing, "an echo does not put off the next request");
        let mut ending = Ending::default();
        ending.request(start, Some(Signal::HUP));
        assert_eq!(ending.request(at(900), Some(Signal::HUP)), Request::Nothing);
        assert_eq!(ending.request(at(901), Some(Signal::TERM)), Request::Kill);
    }

    #[test]
    fn the_first_request_after_a_quiet_end_is_no_second_one() {
        let start = crate::sys::clock::now();
        let mut ending = Ending::default();
        ending.begin_quietly(start);
        assert_eq!(ending.request(start, Some(Signal::INT)), Request::Nothing);
        assert_eq!(ending.by(), Some(Signal::INT));
        assert_eq!(ending.request(start + Duration::from_secs(1), Some(Signal::INT)), Request::Kill);
    }

    #[test]
    fn the_key_twice_is_never_an_echo() {
        let start = crate::sys::clock::now();
        let mut ending = Ending::default();
        assert_eq!(ending.request(start, None), Request::Stop);
        assert_eq!(ending.request(start, None), Request::Kill);
        assert_eq!(ending.by(), None);
    }
}
