//! Workers that are threads: their jobs are closures, and each runs the pool's initializer first.

use super::builder::Builder;
use super::error::JobError;
use super::handle::Pool;
use super::kind::{Kind, Post};
use crate::panics::{self, Hook, Panic};
use std::fmt;

/// A worker that is a thread.
#[derive(Debug)]
pub struct Threads(Start);

/// How its initializer went.
#[derive(Debug)]
enum Start {
    Ready,
    /// It panicked, and no job knows yet.
    Failed(Panic),
    /// It panicked, and is to be tried again.
    Again,
}

/// What the threads of one pool share.
#[derive(Default)]
pub struct ThreadSettings {
    initializer: Option<Box<dyn Fn() + Send + Sync>>,
}

impl fmt::Debug for ThreadSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadSettings").field("initializer", &self.initializer.is_some()).finish()
    }
}

impl Pool<Threads> {
    /// A pool of this many threads, whose jobs are closures.
    pub fn threads(workers: usize) -> Builder<Threads> {
        Builder::new(workers, ThreadSettings::default())
    }
}

impl Builder<Threads> {
    /// Runs once in each worker's thread before its first job: to fill its thread-locals, for example.
    ///
    /// Where it panics, the next job of that worker gets [`JobError::Initializer`], and it runs again
    /// before the one after that: an initializer that fails for a while costs some jobs, never the
    /// pool. (`concurrent.futures` gives the whole pool up; `multiprocessing.Pool` starts workers anew
    /// for ever, and its jobs hang.)
    pub fn initializer(mut self, initializer: impl Fn() + Send + Sync + 'static) -> Self {
        self.settings.initializer = Some(Box::new(initializer));
        self
    }
}

impl Start {
    fn attempt(settings: &ThreadSettings, hook: Hook) -> Self {
        let Some(initializer) = &settings.initializer else { return Self::Ready };
        panics::catch(hook, initializer).map_or_else(Self::Failed, |()| Self::Ready)
    }
}

impl Kind for Threads {
    fn word(workers: usize) -> &'static str {
        if workers == 1 { "thread" } else { "threads" }
    }

    type Settings = ThreadSettings;
    const ENDS_WHEN_TOLD: bool = false;
    const IS_ITS_THREAD: bool = true;

    fn open(settings: &ThreadSettings, post: &Post) -> Self {
        Self(Start::attempt(settings, post.hook))
    }

    fn ready(&mut self, settings: &ThreadSettings, post: &Post) -> Result<(), JobError> {
        if matches!(self.0, Start::Again) {
            self.0 = Start::attempt(settings, post.hook);
        }
        match std::mem::replace(&mut self.0, Start::Again) {
            Start::Failed(panic) => Err(JobError::Initializer(panic)),
            Start::Ready | Start::Again => {
                self.0 = Start::Ready;
                Ok(())
            }
        }
    }

    fn helper() -> Option<Self> {
        Some(Self(Start::Ready))
    }
}
