//! Waiting for several jobs: as they finish, for the first, for the first error, for all.

use super::cell::deadline;
use super::error::JobError;
use super::job::Job;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use std::time::Duration;

/// What [`wait`] waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Until {
    /// One of them has ended.
    First,
    /// One of them has ended in an error, or all have ended.
    FirstError,
    /// All have ended.
    All,
}

/// Which jobs have ended, by their places in what was given, in rising order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waited {
    /// Those that have ended.
    pub done: Vec<usize>,
    /// Those that have not.
    pub not_done: Vec<usize>,
}

/// Waits for some of these jobs, at most for this time (`None`: for ever). They may be of several
/// pools. Takes no result and cancels nothing, as `concurrent.futures.wait`. Of no jobs at all, all
/// have ended.
///
/// ```
/// use minder::pool::{self, Pool, Until};
///
/// let pool = Pool::threads(2).silent_panics().start()?;
/// let jobs: Vec<_> = (0..10).map(|n| pool.submit(move || assert_ne!(n, 3))).collect();
/// let waited = pool::wait(&jobs, Until::FirstError, None);
/// assert!(waited.done.contains(&3));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn wait<T>(jobs: &[Job<T>], until: Until, timeout: impl Into<Option<Duration>>) -> Waited {
    let end = deadline(timeout.into());
    let (sender, ended) = unbounded();
    jobs.iter().enumerate().for_each(|(number, job)| job.watch(&sender, number));
    let mut left = jobs.len();
    while left > 0 {
        let next = match end {
            None => next_of(jobs, &ended),
            Some(end) => match ended.recv_deadline(end) {
                Ok(number) => number,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            },
        };
        left -= 1;
        match until {
            Until::First => break,
            Until::FirstError if jobs[next].has_failed() => break,
            Until::FirstError | Until::All => {}
        }
    }
    for job in jobs {
        job.unwatch(&sender);
    }
    let (done, not_done) = (0..jobs.len()).partition(|number| jobs[*number].is_done());
    Waited { done, not_done }
}

/// The next one that ended. A worker that waits for jobs of its own pool runs one that still waits.
fn next_of<T>(jobs: &[Job<T>], ended: &Receiver<usize>) -> usize {
    loop {
        if let Ok(number) = ended.try_recv() {
            return number;
        }
        if !jobs.iter().any(Job::help) {
            return ended.recv().expect("our own sender lives, and every job ends");
        }
    }
}

/// The results of these jobs as they finish, each with its place in what was given. They may be of
/// several pools. Dropping it early drops the handles that are left: their jobs run on.
///
/// ```
/// use minder::pool::{self, Pool};
///
/// let pool = Pool::threads(2).start()?;
/// let jobs = (0..10_u64).map(|n| pool.submit(move || n * n));
/// let sum: u64 = pool::as_completed(jobs).map(|(_, square)| square.unwrap()).sum();
/// assert_eq!(sum, 285);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn as_completed<T>(jobs: impl IntoIterator<Item = Job<T>>) -> AsCompleted<T> {
    let (sender, ended) = unbounded();
    let jobs: Vec<Option<Job<T>>> = jobs.into_iter().map(Some).collect();
    for (number, job) in jobs.iter().enumerate() {
        if let Some(job) = job {
            job.watch(&sender, number);
        }
    }
    AsCompleted { left: jobs.len(), jobs, ended, _sender: sender }
}

/// See [`as_completed`].
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is asked"]
pub struct AsCompleted<T> {
    jobs: Vec<Option<Job<T>>>,
    left: usize,
    ended: Receiver<usize>,
    _sender: Sender<usize>,
}

impl<T> AsCompleted<T> {
    fn take(&mut self, number: usize) -> Option<(usize, Result<T, JobError>)> {
        self.left -= 1;
        Some((number, self.jobs[number].take()?.result()))
    }
}

impl<T> Iterator for AsCompleted<T> {
    type Item = (usize, Result<T, JobError>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        loop {
            if let Ok(number) = self.ended.try_recv() {
                return self.take(number);
            }
            if !self.jobs.iter().flatten().any(Job::help) {
                let number = self.ended.recv().ok()?;
                return self.take(number);
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for AsCompleted<T> {}
