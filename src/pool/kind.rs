//! What a pool's workers are. Sealed: threads, processes and processes that answer lines.

use super::audience::Audience;
use super::bell::Bell;
use super::error::JobError;
use super::event::Event;
use crate::panics::Hook;
use std::fmt;
use std::sync::Arc;

/// A worker's place in its pool.
#[derive(Clone)]
pub struct Post {
    /// From 0.
    pub(super) slot: usize,
    pub(super) bell: Arc<Bell>,
    pub(super) hook: Hook,
    pub(super) audience: Arc<Audience>,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post").field("slot", &self.slot).finish_non_exhaustive()
    }
}

impl Post {
    /// Tells an event with the number that the slot has outside.
    pub(super) fn tell(&self, event: impl FnOnce(usize) -> Event) {
        self.audience.tell(|| event(self.slot + 1));
    }
}

/// What a pool's workers are: [`Threads`](super::Threads), [`Processes`](super::Processes) or
/// [`Lines`](super::Lines).
///
/// Its value is what one worker has in hand between jobs; it never leaves the worker's thread.
pub trait Kind: Sized + 'static {
    /// What its workers are, so many of them, for people.
    #[doc(hidden)]
    fn word(workers: usize) -> &'static str;
    /// What all workers of one pool share.
    #[doc(hidden)]
    type Settings: Send + Sync + 'static;
    /// A job that runs ends when it is told to.
    #[doc(hidden)]
    const ENDS_WHEN_TOLD: bool;
    /// A worker that served its share ends with its thread.
    #[doc(hidden)]
    const IS_ITS_THREAD: bool;
    /// Sits down, in the worker's thread. May run the user's initializer.
    #[doc(hidden)]
    fn open(settings: &Self::Settings, post: &Post) -> Self;
    /// Before each job: why it cannot be run.
    #[doc(hidden)]
    fn ready(&mut self, settings: &Self::Settings, post: &Post) -> Result<(), JobError>;
    /// What a worker that waits for a job of its own pool runs it with, where it can.
    #[doc(hidden)]
    fn helper() -> Option<Self>;
}
