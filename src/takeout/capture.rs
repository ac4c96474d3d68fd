//! The beginning of what a command says, while it says it. Knows no command.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// So much is kept of it.
pub(super) const KEPT: usize = 256 * 1024;

/// What a command said so far.
#[derive(Debug, Default)]
pub struct Captured(Mutex<Said>);

#[derive(Debug, Default)]
struct Said {
    kept: Vec<u8>,
    bytes: u64,
}

impl Captured {
    /// Its beginning, and how many bytes there were in all.
    pub fn so_far(&self) -> (Vec<u8>, u64) {
        let said = self.lock();
        (said.kept.clone(), said.bytes)
    }

    pub(super) fn add(&self, bytes: &[u8]) {
        let mut said = self.lock();
        said.bytes += bytes.len() as u64;
        let room = KEPT - said.kept.len();
        said.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn lock(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two that say the same.
impl PartialEq for Captured {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.so_far() == other.so_far()
    }
}

impl Eq for Captured {}
