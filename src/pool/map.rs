//! One closure over many items: lazily, within a bound, in order or as they finish. The caller's
//! thread pulls the items, the workers do the rest.

use super::error::JobError;
use super::job::Job;
use super::window::{Handing, Window};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

/// The results of a map: an iterator of one `Result` for each item.
///
/// It begins at the first `next`, or at [`begin`](Self::begin); set the chunk and the bound before
/// that. In each `next`, the caller's thread pulls items until the bound is reached; that is why the
/// input needs neither be `Send` nor ever end, and why a panic of its own `next` is the caller's: the
/// input counts as over then, and the results that are still out come with the next calls.
///
/// An item that fails is an `Err` in its place; the others come all the same, also those of its
/// chunk. `collect::<Result<Vec<_>, _>>()` stops at the first. Dropping it cancels what has not begun.
#[must_use = "a map does nothing until it is asked for its results"]
pub struct Map<I: Iterator, R> {
    input: Option<I>,
    submit: Box<dyn Submit<I::Item, R>>,
    window: Window<Vec<Result<R, JobError>>>,
    handing: Handing,
    chunk: usize,
    /// By number in the window.
    jobs: BTreeMap<u64, Out<R>>,
    sender: Sender<usize>,
    ended: Receiver<usize>,
    /// Of a chunk that was handed out.
    ready: VecDeque<Result<R, JobError>>,
}

struct Out<R> {
    job: Job<Vec<Result<R, JobError>>>,
    items: usize,
}

/// Makes one job of a chunk.
pub(super) trait Submit<Item, R>: Fn(Vec<Item>) -> Job<Vec<Result<R, JobError>>> {}
impl<Item, R, F: Fn(Vec<Item>) -> Job<Vec<Result<R, JobError>>>> Submit<Item, R> for F {}

/// What the job of a chunk returns. One of a single item fails as that item does, and is counted so.
pub(super) fn chunk_result<R>(
    results: impl Iterator<Item = Result<R, JobError>>,
) -> Result<Vec<Result<R, JobError>>, JobError> {
    let mut results: Vec<_> = results.collect();
    if results.len() == 1 && results[0].is_err() {
        return results.remove(0).map(|result| vec![Ok(result)]);
    }
    Ok(results)
}

impl<I: Iterator, R> fmt::Debug for Map<I, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("handing", &self.handing)
            .field("out", &self.jobs.len())
            .finish_non_exhaustive()
    }
}

impl<I: Iterator, R> Map<I, R> {
    pub(super) fn new(input: I, handing: Handing, bound: usize, submit: Box<dyn Submit<I::Item, R>>) -> Self {
        let (sender, ended) = unbounded();
        let window = Window::new(handing, bound);
        let (jobs, ready) = Default::default();
        Self { input: Some(input), submit, window, handing, chunk: 1, jobs, sender, ended, ready }
    }

    /// How many items make one job, at least 1. Default: 1. More make a job that is short worth its
    /// overhead; results come in the same order, and each item still fails alone. In
    /// [`Progress`](super::Progress), such a job is one, done whether or not some of its items failed.
    pub fn chunk(mut self, items: usize) -> Self {
        self.chunk = items.max(1);
        self
    }

    /// How many jobs may be out at a time, at least 1: pulled from the input and their results not
    /// handed out. Default: twice the pool's workers. Has no effect once it has begun.
    pub fn bound(mut self, jobs: usize) -> Self {
        if self.jobs.is_empty() {
            self.window = Window::new(self.handing, jobs);
        }
        self
    }

    /// Pulls items up to the bound now, rather than at the first `next`.
    pub fn begin(mut self) -> Self {
        self.fill();
        self
    }

    fn fill(&mut self) {
        while self.window.has_room() {
            // Taken out while its code runs: after a panic of it there is no more input.
            let Some(mut input) = self.input.take() else { return };
            let items: Vec<I::Item> = input.by_ref().take(self.chunk).collect();
            if items.len() == self.chunk {
                self.input = Some(input);
            }
            if items.is_empty() {
                return;
            }
            let count = items.len();
            let job = (self.submit)(items);
            let number = self.window.pull();
            job.watch(&self.sender, number as usize);
            self.jobs.insert(number, Out { job, items: count });
        }
    }

    /// A chunk that could not be run at all fails item by item. A pool that is over gets no more.
    fn spread(&mut self, error: &JobError, items: usize) -> Vec<Result<R, JobError>> {
        if matches!(error, JobError::Closed | JobError::Terminated) {
            self.input = None;
        }
        (0..items).map(|_| Err(error.clone())).collect()
    }

    /// Waits for one job to end. A worker that maps in its own pool runs one that still waits.
    fn receive(&mut self) -> Option<u64> {
        loop {
            if let Ok(number) = self.ended.try_recv() {
                return Some(number as u64);
            }
            if !self.jobs.values().any(|out| out.job.help()) {
                return self.ended.recv().ok().map(|number| number as u64);
            }
        }
    }
}

impl<I: Iterator, R> Iterator for Map<I, R> {
    type Item = Result<R, JobError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.fill();
        loop {
            if let Some(result) = self.ready.pop_front() {
                return Some(result);
            }
            if let Some(chunk) = self.window.hand() {
                self.ready.extend(chunk);
                continue;
            }
            if self.jobs.is_empty() {
                return None;
            }
            let number = self.receive()?;
            let Some(Out { job, items }) = self.jobs.remove(&number) else { continue };
            let chunk = job.result().unwrap_or_else(|error| self.spread(&error, items));
            self.window.finish(number, chunk);
        }
    }
}

impl<I: Iterator, R> Drop for Map<I, R> {
    fn drop(&mut self) {
        for out in self.jobs.values() {
            let _ = out.job.cancel();
        }
    }
}
