//! Where a job's result lies between the worker that makes it and whoever asks for it. Knows nothing
//! of queues or workers. No code of the user's runs while its lock is held.

use super::error::JobError;
use super::order::Outcome;
use crossbeam_channel::Sender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A lock that a panic of somebody else does not take from us: what is behind it is whole, as no
/// code of the user's runs under it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits on a condition, until a moment or for ever. False when the moment has come.
pub(super) fn wait_until<'a, T>(
    condition: &Condvar,
    guard: MutexGuard<'a, T>,
    until: Option<Instant>,
) -> (MutexGuard<'a, T>, bool) {
    let Some(until) = until else {
        return (condition.wait(guard).unwrap_or_else(PoisonError::into_inner), true);
    };
    let left = until.saturating_duration_since(crate::sys::clock::now());
    if left.is_zero() {
        return (guard, false);
    }
    let (guard, _) = condition.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner);
    (guard, true)
}

/// The moment at which this much time is over; `None` is never.
pub(super) fn deadline(timeout: Option<Duration>) -> Option<Instant> {
    timeout.and_then(|timeout| crate::sys::clock::now().checked_add(timeout))
}

/// One result, put in once and taken out once.
#[derive(Debug)]
pub(super) struct Cell<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
}

#[derive(Debug)]
enum State<T> {
    Open { stop: bool, watchers: Vec<(Sender<usize>, usize)> },
    Filled { result: Result<T, JobError> },
    Taken,
}

impl<T> Cell<T> {
    pub(super) fn new() -> Self {
        let state = Mutex::new(State::Open { stop: false, watchers: Vec::new() });
        Self { state, filled: Condvar::new() }
    }

    /// Puts the result in and tells all who wait. A job of which it is known that it was to stop
    /// becomes cancelled where `stoppable`. Says what it holds now, and gives back what is not wanted.
    pub(super) fn fill(
        &self,
        result: Result<T, JobError>,
        stoppable: bool,
    ) -> (Outcome, Option<Result<T, JobError>>) {
        let mut state = lock(&self.state);
        let State::Open { stop, watchers } = &mut *state else { return (Outcome::Cancelled, Some(result)) };
        let (watchers, stopped) = (std::mem::take(watchers), *stop && stoppable);
        let (kept, unwanted) =
            if stopped { (Err(JobError::Cancelled), Some(result)) } else { (result, None) };
        let outcome = match &kept {
            Ok(_) => Outcome::Done,
            Err(error) if error.is_wanted() => Outcome::Cancelled,
            Err(_) => Outcome::Failed,
        };
        *state = State::Filled { result: kept };
        drop(state);
        self.filled.notify_all();
        for (watcher, number) in watchers {
            // Nobody watches any more.
            let _ = watcher.send(number);
        }
        (outcome, unwanted)
    }

    /// Asks a job that runs to stop. False if it has ended.
    pub(super) fn ask_to_stop(&self) -> bool {
        match &mut *lock(&self.state) {
            State::Open { stop, .. } => {
                *stop = true;
                true
            }
            State::Filled { .. } | State::Taken => false,
        }
    }

    pub(super) fn is_to_stop(&self) -> bool {
        matches!(&*lock(&self.state), State::Open { stop: true, .. })
    }

    pub(super) fn is_filled(&self) -> bool {
        !matches!(&*lock(&self.state), State::Open { .. })
    }

    /// Whether it holds an error.
    pub(super) fn has_failed(&self) -> bool {
        matches!(&*lock(&self.state), State::Filled { result: Err(_) })
    }

    /// The result, if it is there; once.
    pub(super) fn take(&self) -> Option<Result<T, JobError>> {
        let mut state = lock(&self.state);
        match std::mem::replace(&mut *state, State::Taken) {
            State::Filled { result } => Some(result),
            open @ State::Open { .. } => {
                *state = open;
                None
            }
            State::Taken => None,
        }
    }

    /// Waits until it is filled: true. False when the time is over.
    pub(super) fn wait(&self, until: Option<Instant>) -> bool {
        let mut state = lock(&self.state);
        while matches!(*state, State::Open { .. }) {
            let (again, waited) = wait_until(&self.filled, state, until);
            if !waited {
                return false;
            }
            state = again;
        }
        true
    }

    /// The number is sent when it is filled; at once if it is.
    pub(super) fn watch(&self, watcher: &Sender<usize>, number: usize) {
        match &mut *lock(&self.state) {
            State::Open { watchers, .. } => watchers.push((watcher.clone(), number)),
            State::Filled { .. } | State::Taken => {
                let _ = watcher.send(number);
            }
        }
    }

    pub(super) fn unwatch(&self, watcher: &Sender<usize>) {
        if let State::Open { watchers, .. } = &mut *lock(&self.state) {
            watchers.retain(|(other, _)| !other.same_channel(watcher));
        }
    }
}

/// What a running job can be told, whatever its result is.
pub(super) trait Stoppable: Send + Sync {
    /// Somebody cancelled it.
    fn is_to_stop(&self) -> bool;
}

impl<T: Send> Stoppable for Cell<T> {
    fn is_to_stop(&self) -> bool {
        Self::is_to_stop(self)
    }
}
