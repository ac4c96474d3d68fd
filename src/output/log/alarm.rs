//! That the disk does not take what memory has no room for: told once. Knows no block.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Whom to tell in words that the disk fails. Must not wait.
pub type Tell = Box<dyn Fn(String) + Send>;

/// Told by whoever sees it first: the keeper, or who has no room while the keeper waits for the disk.
pub(super) struct Alarm {
    pub(super) folder: Option<PathBuf>,
    told: AtomicBool,
    tell: Mutex<Tell>,
}

impl fmt::Debug for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alarm").field("told", &self.told).finish_non_exhaustive()
    }
}

impl Alarm {
    pub(super) fn new(folder: Option<PathBuf>, tell: Tell) -> Self {
        Self { folder, told: AtomicBool::new(false), tell: Mutex::new(tell) }
    }

    /// Told once, however often it fails. `name`: whose lines go.
    pub(super) fn raise(&self, name: &str, why: impl fmt::Display) {
        if !self.told.swap(true, Ordering::AcqRel) {
            let folder = self.folder.as_deref().unwrap_or("the state folder".as_ref()).display();
            let tell = self.tell.lock().unwrap_or_else(PoisonError::into_inner);
            tell(format!(
                "{name}: its oldest lines cannot be kept in {folder}: {why}; they go, and it is tried again"
            ));
        }
    }
}
