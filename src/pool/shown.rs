//! A pool as somebody shows it who did not make it: counts, failures, and its end.

use super::Pool;
use super::audience::{Failures, Spectator};
use super::kind::Kind;
use super::order::Progress;
use super::shared::Shared;
use crossbeam_channel::Receiver;
use std::sync::Arc;

/// What there is to be shown of a pool, whatever its workers are. It does not keep the pool from being
/// dropped.
pub(crate) trait Show: Send + Sync {
    /// How many jobs are where.
    fn progress(&self) -> Progress;
    /// Whether it takes no jobs any more and all have ended.
    fn is_over(&self) -> bool;
    /// What failed since this was last asked.
    fn take_failures(&self) -> Failures;
    /// Has a token when any of this may have changed.
    fn woken(&self) -> &Receiver<()>;
    /// As [`Pool::terminate`].
    fn terminate(&self);
}

struct Shown<S: Kind> {
    shared: Arc<Shared<S>>,
    spectator: Arc<Spectator>,
    woken: Receiver<()>,
}

impl<S: Kind> Pool<S> {
    /// What somebody needs who shows it.
    pub(crate) fn show(&self) -> Box<dyn Show> {
        let shared = Arc::clone(&self.shared);
        let (spectator, woken) = shared.audience.admit();
        Box::new(Shown { shared, spectator, woken })
    }
}

impl<S: Kind> Show for Shown<S> {
    fn progress(&self) -> Progress {
        self.shared.progress()
    }

    fn is_over(&self) -> bool {
        self.shared.is_over()
    }

    fn take_failures(&self) -> Failures {
        self.spectator.take_failures()
    }

    fn woken(&self) -> &Receiver<()> {
        &self.woken
    }

    fn terminate(&self) {
        self.shared.terminate();
    }
}

impl<S: Kind> Drop for Shown<S> {
    fn drop(&mut self) {
        self.shared.audience.dismiss(&self.spectator);
    }
}
