//! What this thread is to a pool: which worker it is, and whether the job it runs is to stop. Knows
//! no pool by type.

use super::cell::Stoppable;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A worker at a job.
#[derive(Clone)]
pub(super) struct Current {
    /// The pool, by its address: alive as long as its worker.
    pub(super) pool: usize,
    pub(super) slot: usize,
    pub(super) job: Option<Arc<dyn Stoppable>>,
    pub(super) terminated: Arc<AtomicBool>,
}

thread_local! {
    static CURRENT: RefCell<Option<Current>> = const { RefCell::new(None) };
}

/// Sets what this thread is; returns what it was.
pub(super) fn replace(current: Option<Current>) -> Option<Current> {
    CURRENT.try_with(|cell| cell.replace(current)).ok().flatten()
}

/// The slot that this thread works at in that pool.
pub(super) fn slot_in(pool: usize) -> Option<usize> {
    let slot = |cell: &RefCell<Option<Current>>| {
        let current = cell.borrow();
        current.as_ref().filter(|current| current.pool == pool).map(|current| current.slot)
    };
    CURRENT.try_with(slot).ok().flatten()
}

/// Whether the job that this thread runs should end early: it was cancelled, or its pool was
/// terminated or dropped. A thread cannot be made to end; a long job asks this now and then and
/// returns. False in a thread that is no worker of a pool.
///
/// ```
/// use minder::pool::{self, Pool};
///
/// let pool = Pool::threads(1).start()?;
/// let job = pool.submit(|| {
///     while !pool::stop_requested() {
///         std::thread::yield_now();
///     }
///     "stopped early"
/// });
/// while !job.is_running() {
///     std::thread::yield_now();
/// }
/// assert!(!job.cancel(), "a job that runs is asked to stop, but it may still end well");
/// assert_eq!(job.result(), Ok("stopped early"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn stop_requested() -> bool {
    let ask = |cell: &RefCell<Option<Current>>| {
        let current = cell.borrow();
        current.as_ref().is_some_and(|current| {
            current.terminated.load(Ordering::Acquire)
                || current.job.as_ref().is_some_and(|job| job.is_to_stop())
        })
    };
    CURRENT.try_with(ask).unwrap_or(false)
}
