//! Who hears of a pool: the observer that it was made with, and whoever shows it. Knows no screen.

use super::cell::lock;
use super::error::JobError;
use super::event::{Event, Observer};
use super::order::JobId;
use crate::panics::{self, Hook};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// So many failures are kept for one who has not looked yet; more are counted.
const MOST_FAILURES: usize = 1000;

/// How much of a process's last words is told.
const MOST_WORDS: usize = 200;

/// All who hear of one pool.
pub(super) struct Audience {
    hook: Hook,
    observer: Option<Observer>,
    spectators: RwLock<Vec<Arc<Spectator>>>,
    /// There are spectators. Most pools have none, which is to cost nothing.
    watched: AtomicBool,
}

/// Somebody who shows a pool.
#[derive(Debug)]
pub(super) struct Spectator {
    wake: Sender<()>,
    failures: Mutex<Failures>,
}

/// What failed since somebody looked last.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    /// In words, the oldest first.
    pub(crate) told: VecDeque<Failure>,
    /// How many more there were.
    pub(crate) more: u64,
}

/// A job that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) job: JobId,
    /// The worker that was at it, from 1.
    pub(crate) slot: usize,
    pub(crate) why: String,
}

impl Audience {
    pub(super) fn new(hook: Hook, observer: Option<Observer>) -> Self {
        Self { hook, observer, spectators: RwLock::default(), watched: AtomicBool::new(false) }
    }

    /// Whether anybody wants to know why jobs fail.
    pub(super) fn asks_why(&self) -> bool {
        self.observer.is_some() || self.watched.load(Ordering::Acquire)
    }

    /// Tells the observer.
    pub(super) fn tell(&self, event: impl FnOnce() -> Event) {
        if let Some(observer) = &self.observer {
            // One that panics is told the next event all the same.
            let _ = panics::catch(self.hook, || observer(&event()));
        }
    }

    /// A job is about to be counted as ended, for this reason: whoever sees it counted knows why.
    pub(super) fn failed(&self, slot: usize, job: JobId, error: &JobError) {
        if !error.is_wanted() {
            self.each(|spectator| spectator.keep(slot + 1, job, error));
        }
    }

    /// What is counted has changed. Runs no code of the user's: may be called under a lock.
    pub(super) fn ring(&self) {
        self.each(Spectator::wake);
    }

    fn each(&self, what: impl Fn(&Spectator)) {
        if self.watched.load(Ordering::Acquire) {
            self.spectators
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .for_each(|spectator| what(spectator));
        }
    }

    /// One more who shows it; a token comes when there is something new.
    pub(super) fn admit(&self) -> (Arc<Spectator>, Receiver<()>) {
        let (wake, woken) = bounded(1);
        let spectator = Arc::new(Spectator { wake, failures: Mutex::default() });
        let mut all = self.spectators.write().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::clone(&spectator));
        self.watched.store(true, Ordering::Release);
        (spectator, woken)
    }

    pub(super) fn dismiss(&self, spectator: &Arc<Spectator>) {
        let mut all = self.spectators.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|other| !Arc::ptr_eq(other, spectator));
        self.watched.store(!all.is_empty(), Ordering::Release);
    }
}

impl Spectator {
    fn wake(&self) {
        // Full: it is told already.
        let _ = self.wake.try_send(());
    }

    fn keep(&self, slot: usize, job: JobId, error: &JobError) {
        let mut failures = lock(&self.failures);
        if failures.told.len() < MOST_FAILURES {
            failures.told.push_back(Failure { job, slot, why: words(error) });
        } else {
            failures.more += 1;
        }
    }

    pub(super) fn take_failures(&self) -> Failures {
        std::mem::take(&mut lock(&self.failures))
    }
}

/// Why a job failed, on one line. Not what its process said in full, which may be very much.
fn words(error: &JobError) -> String {
    let why = match error {
        JobError::Died(output) => match last_line(&output.stderr) {
            Some(line) => format!("{error}; its last words: {line}"),
            None => error.to_string(),
        },
        JobError::Panicked(_)
        | JobError::NotStarted(_)
        | JobError::Initializer(_)
        | JobError::StatusLost(_)
        | JobError::Stuck(_)
        | JobError::Wires(_)
        | JobError::Cancelled
        | JobError::Terminated
        | JobError::Closed => error.to_string(),
    };
    why.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn last_line(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| *byte == b'\n').rev().find(|line| !line.trim_ascii().is_empty())?;
    Some(String::from_utf8_lossy(&line[..line.len().min(MOST_WORDS)]).trim().to_owned())
}
