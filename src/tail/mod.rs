//! Workers that follow files as `tail -F` does: which file is at a path at the time, where to read on
//! in it, and files that match a pattern, now or later. Decides nothing about workers' lives, and knows
//! nobody who reads.

mod course;
mod files;
mod finder;
mod follower;
mod last;
mod names;
mod pattern;
mod reading;
mod stream;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use names::names;

use crate::spec::{Follow, Followed, Spec};
use crate::threads::{Context, Job, job};
use finder::Finder;
use follower::{Bounds, Follower};
use pattern::Pattern;

/// What comes of a new worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// It is there.
    Yes,
    /// There is one of this name.
    NameTaken,
    /// No worker is taken any more.
    TooLate,
}

/// Whether a pattern can be read.
///
/// # Errors
/// Why not.
pub(crate) fn check(pattern: &str) -> Result<(), glob::PatternError> {
    Pattern::new(pattern).map(|_| ())
}

/// What a worker of this spec runs. `add` adds a worker for a file that was found.
pub(crate) fn follow(
    spec: &Spec,
    follow: &Follow,
    add: impl Fn(Spec) -> Added + Send + Sync + 'static,
) -> Job {
    // Their values are shown; nobody else waits for them.
    match &follow.what {
        Followed::File(path) => {
            let follower = Follower::new(path.clone(), follow.from, Bounds::default());
            job(move |context: &Context| follower.run(context)).0
        }
        Followed::Files(sought) => {
            let finder = Finder::new(spec.clone(), sought.clone(), follow.from, Box::new(add));
            job(move |context: &Context| finder.run(context)).0
        }
        Followed::Stdin => job(stream::follow_stdin).0,
    }
}
