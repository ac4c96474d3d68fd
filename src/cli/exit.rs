//! Which exit code minder ends with, decided from how its workers ended. Ends nothing itself.

use super::unknown::UnknownWorker;
use crate::protocol::{End, State, WorkerView};
use crate::spec::WorkerName;
use std::fmt;
use std::str::FromStr;
use std::time::Instant;

/// `--exit-code`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ExitCodePolicy {
    /// That of the worker that failed first; 0 where none did.
    FirstFailure,
    /// The highest of all.
    Max,
    /// That of this worker.
    Worker(WorkerName),
    /// Always 0.
    Zero,
}

impl ExitCodePolicy {
    const WORDS: [&'static str; 3] = ["first-failure", "max", "zero"];

    /// What holds where nothing was asked for: headless, the first failure; on the screen, where
    /// somebody saw what happened and quit, 0.
    pub fn by_default(headless: bool) -> Self {
        if headless { Self::FirstFailure } else { Self::Zero }
    }

    /// Checks that the worker it names is there: to be asked before anything starts.
    ///
    /// # Errors
    /// [`UnknownWorker`], with what may have been meant: a worker or one of the policy's own words.
    pub fn check(&self, known: &[WorkerName]) -> Result<(), UnknownWorker> {
        match self {
            Self::Worker(name) if !known.contains(name) => {
                Err(UnknownWorker::new(name.as_str(), known, &Self::WORDS))
            }
            Self::Worker(_) | Self::FirstFailure | Self::Max | Self::Zero => Ok(()),
        }
    }
}

/// `--exit-code ''`
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected `first-failure`, `max`, `zero` or the name of a worker")]
pub struct EmptyExitCodePolicy;

impl FromStr for ExitCodePolicy {
    type Err = EmptyExitCodePolicy;

    /// Any word but the three is a worker's name: whether that worker is there, only
    /// [`ExitCodePolicy::check`] can say.
    fn from_str(text: &str) -> Result<Self, EmptyExitCodePolicy> {
        match text {
            "" => Err(EmptyExitCodePolicy),
            "first-failure" => Ok(Self::FirstFailure),
            "max" => Ok(Self::Max),
            "zero" => Ok(Self::Zero),
            name => Ok(Self::Worker(name.into())),
        }
    }
}

impl fmt::Display for ExitCodePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstFailure => f.write_str("first-failure"),
            Self::Max => f.write_str("max"),
            Self::Zero => f.write_str("zero"),
            Self::Worker(name) => fmt::Display::fmt(name, f),
        }
    }
}

/// The exit code from the last snapshot. Of each worker its last run counts; see [`code_of`].
pub fn exit_code<'a>(policy: &ExitCodePolicy, workers: impl IntoIterator<Item = &'a WorkerView>) -> u8 {
    let mut workers = workers.into_iter();
    let code = match policy {
        ExitCodePolicy::Zero => 0,
        ExitCodePolicy::Max => workers.filter_map(code_of).max().unwrap_or(0),
        ExitCodePolicy::FirstFailure => first_failure(workers),
        ExitCodePolicy::Worker(name) => {
            workers.find(|worker| worker.name == *name).and_then(code_of).unwrap_or(0)
        }
    };
    // Codes are 0 to 255 and signals 128 + 64 at most; what else there may be is a failure still.
    u8::try_from(code).unwrap_or(u8::MAX)
}

/// What a worker counts as: 0 for an end that was well (an end by your stop is), else what a shell
/// would say (128 + n for signal n); 125 to 127 where it could not be started. `None` where it
/// never ran or its end is not known.
pub fn code_of(worker: &WorkerView) -> Option<i32> {
    match &worker.state {
        State::Zombie { end, .. } | State::Backoff { end, .. } | State::Ended(end) => Some(end.code()),
        State::Failed { code, .. } => Some(*code),
        State::Idle
        | State::Starting
        | State::Running(_)
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Asked { .. }
        | State::Draining { .. }
        | State::Sweeping { .. } => None,
    }
}

fn first_failure<'a>(workers: impl Iterator<Item = &'a WorkerView>) -> i32 {
    // A failed start has no time of its own. Starts come before ends, so it counts as earlier
    // (`None` sorts before any time); among equals the order of declaration holds.
    workers
        .filter_map(|worker| Some((ended_at(worker), code_of(worker)?)))
        .filter(|(_, code)| *code != 0)
        .min_by_key(|(at, _)| *at)
        .map_or(0, |(_, code)| code)
}

fn ended_at(worker: &WorkerView) -> Option<Instant> {
    worker.state.end().map(|End { at, .. }| *at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Cause, Pid, Run};
    use crate::signal::Signal;
    use crate::spec::{OutputKind, Reap};
    use crate::status::ExitStatus;
    use std::time::Duration;

    #[expect(clippy::disallowed_methods, reason = "any instant will do as the test's zero")]
    fn zero() -> Instant {
        use std::sync::OnceLock;
        static ZERO: OnceLock<Instant> = OnceLock::new();
        *ZERO.get_or_init(Instant::now)
    }

    fn worker(name: &str, state: State) -> WorkerView {
        WorkerView {
            name: name.into(),
            description: None,
            color: None,
            command: "true".into(),
            kind: crate::spec::Kind::Process,
            output: OutputKind::Pty,
            takes_input: true,
            reap: Reap::Auto,
            state,
            wanted: false,
            restarts: 0,
            gave_up: None,
            waited_since: None,
            left: [].into(),
            excesses: [].into(),
            timer: None,
            holders: [].into(),
            result: None,
        }
    }

    fn end(status: ExitStatus, cause: Cause, second: u64) -> End {
        End { status, cause, at: zero() + Duration::from_secs(second), ran: Duration::ZERO }
    }

    fn exited(name: &str, code: i32, second: u64) -> WorkerView {
        worker(name, State::Ended(end(ExitStatus::Exited(code), Cause::Itself, second)))
    }

    fn signaled(name: &str, signal: Signal, cause: Cause, second: u64) -> WorkerView {
        let status = ExitStatus::Signaled { signal, core: false };
        worker(name, State::Ended(end(status, cause, second)))
    }

    fn failed(name: &str, code: i32) -> WorkerView {
        worker(name, State::Failed { error: "not found".into(), code, retry_at: None })
    }

    fn code(policy: &str, workers: &[WorkerView]) -> u8 {
        exit_code(&policy.parse().unwrap(), workers)
    }

    #[test]
    fn the_first_to_fail_by_time_counts_and_not_the_first_in_the_list() {
        let workers = [exited("a", 4, 9), exited("b", 0, 1), exited("c", 3, 5)];
        assert_eq!(code("first-failure", &workers), 3);
        assert_eq!(code("max", &workers), 4);
        assert_eq!(code("zero", &workers), 0);
        assert_eq!(code("a", &workers), 4);
        assert_eq!(code("b", &workers), 0);
    }

    #[test]
    fn a_failed_start_comes_before_every_end() {
        let workers = [exited("a", 4, 0), failed("b", 127)];
        assert_eq!(code("first-failure", &workers), 127);
        assert_eq!(code("b", &workers), 127);
    }

    #[test]
    fn a_signal_counts_as_128_and_its_number_unless_it_was_asked_for() {
        assert_eq!(code("max", &[signaled("a", Signal::SEGV, Cause::Itself, 0)]), 139);
        assert_eq!(code("max", &[signaled("a", Signal::TERM, Cause::Runaway, 0)]), 143);
        for cause in [Cause::Stopped, Cause::Escalated, Cause::Killed, Cause::Signaled] {
            let workers = [signaled("a", Signal::KILL, cause, 0)];
            assert_eq!(code("first-failure", &workers), 0, "{cause:?}");
            assert_eq!(code("a", &workers), 0, "{cause:?}");
        }
    }

    #[test]
    fn zombies_and_backoffs_count_and_what_never_ran_does_not() {
        let over = end(ExitStatus::Exited(7), Cause::Itself, 1);
        let run = Run { pid: Pid(7), started: zero() };
        let zombie = worker("z", State::Zombie { run, end: over });
        let backoff = worker("b", State::Backoff { until: zero(), end: over });
        assert_eq!(code("first-failure", &[zombie]), 7);
        assert_eq!(code("first-failure", &[backoff]), 7);
        assert_eq!(code("max", &[worker("i", State::Idle)]), 0);
        assert_eq!(code("i", &[worker("i", State::Idle)]), 0);
        assert_eq!(code("max", &[]), 0);
    }

    #[test]
    fn policies_read_back_and_a_slip_in_one_is_mended() {
        for word in ["first-failure", "max", "zero", "web"] {
            assert_eq!(word.parse::<ExitCodePolicy>().unwrap().to_string(), word);
        }
        assert_eq!("".parse::<ExitCodePolicy>(), Err(EmptyExitCodePolicy));
        let known = ["api".into(), "web".into()];
        let told = |word: &str| {
            word.parse::<ExitCodePolicy>().unwrap().check(&known).map_err(|error| error.to_string())
        };
        assert_eq!(told("web"), Ok(()));
        assert_eq!(told("max"), Ok(()));
        assert_eq!(
            told("first_failure").unwrap_err(),
            "there is no worker `first_failure`; did you mean `first-failure`?"
        );
        assert_eq!(told("wbe").unwrap_err(), "there is no worker `wbe`; did you mean `web`?");
        assert_eq!(told("cache").unwrap_err(), "there is no worker `cache`; the workers are `api`, `web`");
    }

    #[test]
    fn the_screen_ends_with_zero_by_default_and_headless_with_the_first_failure() {
        assert_eq!(ExitCodePolicy::by_default(true), ExitCodePolicy::FirstFailure);
        assert_eq!(ExitCodePolicy::by_default(false), ExitCodePolicy::Zero);
    }
}
