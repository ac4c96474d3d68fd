//! How a pool is declared before it starts.

use super::event::{Event, Observer};
use super::kind::Kind;
use super::shared::{Plan, Shared};
use super::{Pool, Threads};
use crate::panics::Hook;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A pool that is not started yet. Made by [`Pool::threads`], [`Pool::processes`] and [`Pool::lines`].
#[must_use = "a pool has no workers before `start`"]
pub struct Builder<S: Kind = Threads> {
    workers: usize,
    name: Option<String>,
    max_tasks: Option<u64>,
    hook: Hook,
    observer: Option<Observer>,
    pub(super) settings: S::Settings,
}

impl<S: Kind> std::fmt::Debug for Builder<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("workers", &self.workers)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<S: Kind> Builder<S> {
    pub(super) fn new(workers: usize, settings: S::Settings) -> Self {
        Self { workers, name: None, max_tasks: None, hook: Hook::Told, observer: None, settings }
    }

    /// The pool's name. Its threads are `NAME/1` to `NAME/n`; Linux shows the first 15 bytes. Default:
    /// `pool-1`, `pool-2` and so on.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// After this many jobs, at least 1, a worker ends and a fresh one takes its slot, with its
    /// initializer run anew. Default: never. A process of [`Pool::processes`] always serves one job.
    pub fn max_tasks_per_worker(mut self, jobs: u64) -> Self {
        self.max_tasks = Some(jobs.max(1));
        self
    }

    /// Panics of jobs are told by their results alone. By default the program's panic hook hears of
    /// them too, and std's prints them, as for any thread.
    pub fn silent_panics(mut self) -> Self {
        self.hook = Hook::Silent;
        self
    }

    /// Called with every [`Event`] of the pool, in the thread in which it happened. It should be quick
    /// and must not wait for a job of the pool; a panic of it is caught. To receive events elsewhere,
    /// send them through a channel.
    pub fn observe(mut self, observer: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Starts the workers' threads.
    ///
    /// # Errors
    /// `InvalidInput` for no workers; EAGAIN when a thread cannot be started, EMFILE when there are no
    /// descriptors left. No thread is left then.
    pub fn start(self) -> io::Result<Pool<S>> {
        static POOLS: AtomicU64 = AtomicU64::new(1);
        if self.workers == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a pool needs at least one worker"));
        }
        let name = self.name.unwrap_or_else(|| format!("pool-{}", POOLS.fetch_add(1, Ordering::Relaxed)));
        if name.contains('\0') {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a pool's name holds no NUL byte"));
        }
        let plan = Plan {
            name,
            workers: self.workers,
            max_tasks: self.max_tasks,
            hook: self.hook,
            observer: self.observer,
            settings: self.settings,
        };
        Shared::start(plan).map(Pool::new)
    }
}
