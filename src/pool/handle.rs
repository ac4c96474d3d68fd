//! The pool as its owner holds it, and the lesser handle that jobs may hold.

use super::kind::Kind;
use super::map::{Map, chunk_result};
use super::order::Progress;
use super::shared::Shared;
use super::window::Handing;
use super::{Job, JobError, Threads};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Workers that run jobs: see the [module's docs](super) for what it promises.
///
/// Dropping it is [`terminate`](Self::terminate) and waiting for the workers' end: jobs that wait are
/// refused, processes are ended, and closures that run are waited for, as a thread cannot be ended.
/// To have all jobs run first, [`join`](Self::join) it. Dropped by a job of its own, it does not wait.
pub struct Pool<S: Kind = Threads> {
    pub(super) shared: Arc<Shared<S>>,
    /// All that was accepted is to be run.
    joined: bool,
}

impl<S: Kind> fmt::Debug for Pool<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("name", &self.name())
            .field("workers", &self.workers())
            .field("progress", &self.progress())
            .finish()
    }
}

impl<S: Kind> Pool<S> {
    pub(super) fn new(shared: Arc<Shared<S>>) -> Self {
        Self { shared, joined: false }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// How many workers it has; never fewer while it lives.
    pub fn workers(&self) -> usize {
        self.shared.workers()
    }

    /// A handle that jobs can hold to add others. It does not keep the pool from being dropped.
    pub fn submitter(&self) -> Submitter<S> {
        Submitter { shared: Arc::clone(&self.shared) }
    }

    /// How many jobs wait, run and have ended, at one moment.
    pub fn progress(&self) -> Progress {
        self.shared.progress()
    }

    /// Waits until the counts differ from those last seen, or the time is over; the counts then. For a
    /// loop that shows how far things are:
    ///
    /// ```
    /// use minder::pool::{Pool, Progress};
    ///
    /// let pool = Pool::threads(2).start()?;
    /// (0..100).for_each(|_| drop(pool.submit(|| ())));
    /// let mut seen = Progress::default();
    /// while seen.ended() < 100 {
    ///     seen = pool.watch(&seen, None);
    ///     eprint!("\r{} of {}", seen.ended(), seen.submitted);
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn watch(&self, seen: &Progress, timeout: impl Into<Option<Duration>>) -> Progress {
        self.shared.watch(timeout.into(), |progress| progress != seen).0
    }

    /// Waits until no job waits or runs, those included that jobs add meanwhile: true. False when the
    /// time is over. Not to be called by a job of the pool: it runs as long as it waits.
    pub fn wait_idle(&self, timeout: impl Into<Option<Duration>>) -> bool {
        self.shared.watch(timeout.into(), Progress::is_idle).1
    }

    /// From now on, jobs are refused ([`JobError::Closed`]). Those that were accepted are run.
    pub fn close(&self) {
        self.shared.close();
    }

    /// Ends it now: jobs are refused, those that wait are [`JobError::Terminated`], processes are ended
    /// with all that they started, closures are told by [`stop_requested`](super::stop_requested).
    /// Waits for none of it.
    pub fn terminate(&self) {
        self.shared.terminate();
    }

    /// Closes it and waits until all accepted jobs have run and all its threads are gone; the final
    /// counts. Called by a job of its own, it closes and does not wait.
    pub fn join(mut self) -> Progress {
        self.joined = true;
        self.shared.close();
        self.shared.join();
        self.shared.progress()
    }
}

impl<S: Kind> Drop for Pool<S> {
    fn drop(&mut self) {
        if !self.joined {
            self.shared.terminate();
            self.shared.join();
        }
    }
}

impl Pool<Threads> {
    /// Gives it a closure. It is begun after all that were given before; the queue has no bound (a
    /// [`map`](Self::map) has). Never blocks. What a closed pool is given is refused in its result.
    pub fn submit<T, F>(&self, job: F) -> Job<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.shared.submit(move |_| Ok(job()))
    }

    /// The closure's results for these items, in the order of the items. See [`Map`] for the bound,
    /// chunks and errors.
    ///
    /// ```
    /// use minder::pool::Pool;
    ///
    /// let pool = Pool::threads(4).start()?;
    /// let squares = pool.map(1_u64.., |n| n * n).chunk(16);
    /// let first: Result<Vec<_>, _> = squares.take(5).collect();
    /// assert_eq!(first, Ok(vec![1, 4, 9, 16, 25]));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn map<I, R, F>(&self, items: I, work: F) -> Map<I::IntoIter, R>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        R: Send + 'static,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
    {
        self.map_in(Handing::InOrder, items, work)
    }

    /// As [`map`](Self::map), but each result comes as soon as it is there.
    pub fn map_unordered<I, R, F>(&self, items: I, work: F) -> Map<I::IntoIter, R>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        R: Send + 'static,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
    {
        self.map_in(Handing::AsTheyFinish, items, work)
    }

    fn map_in<I, R, F>(&self, handing: Handing, items: I, work: F) -> Map<I::IntoIter, R>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        R: Send + 'static,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
    {
        let (shared, work) = (Arc::clone(&self.shared), Arc::new(work));
        let submit = move |items: Vec<I::Item>| {
            let (hook, work) = (shared.hook, Arc::clone(&work));
            let each = move |item| crate::panics::catch(hook, || work(item)).map_err(JobError::Panicked);
            shared.submit(move |_| chunk_result(items.into_iter().map(each)))
        };
        Map::new(items.into_iter(), handing, 2 * self.workers(), Box::new(submit))
    }
}

/// Gives jobs to a pool without owning it; clones freely. Once the pool is dropped, its jobs are
/// refused.
pub struct Submitter<S: Kind = Threads> {
    pub(super) shared: Arc<Shared<S>>,
}

impl<S: Kind> Clone for Submitter<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<S: Kind> fmt::Debug for Submitter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submitter").field("pool", &self.shared.name).finish()
    }
}

impl Submitter<Threads> {
    /// As [`Pool::submit`].
    pub fn submit<T, F>(&self, job: F) -> Job<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.shared.submit(move |_| Ok(job()))
    }
}
