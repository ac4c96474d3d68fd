//! The two faces of the binary: the screen and headless. Each wires guests to a supervisor, runs
//! it on this thread, the main one, and says how it ended. Decides nothing about workers.

mod headless;
mod keyboard;
mod logs;
mod panics;
mod screen;
mod survivors;

pub use headless::headless;
pub use keyboard::speech;
pub use screen::screen;

use crate::protocol::{Pid, ProcessRef};
use crate::signal::Signal;
use crate::spec::{Limit, LogBudget};
use crate::supervisor::{Declaration, Ears, Footing, Inbox, Outcome};
use crate::sys::hosted::Listening;
use crate::sys::{limits, process, signals};
use crossbeam_channel::{bounded, never, unbounded};
use std::io::{self, Write};
use std::time::Duration;

/// What both faces need of the process itself, prepared before the first other thread starts.
#[derive(Debug)]
pub struct Ground {
    ears: Ears,
    ignored: Vec<Signal>,
    descriptors: Option<Limit>,
    guardian: Option<Pid>,
}

impl Ground {
    /// Blocks signals everywhere but in the thread that hears them, and raises the limit on
    /// descriptors. To be called first. `guardian` is the process that guards this one, if any.
    ///
    /// # Errors
    /// When handlers or their thread cannot be installed.
    pub fn prepare(guardian: Option<Pid>) -> io::Result<Self> {
        let ignored = signals::ignored_at_start();
        let (heard, signals) = unbounded();
        let (changed, children) = bounded(1);
        signals::listen(&ignored, heard, changed)?;
        Ok(Self {
            ears: Ears { signals, children },
            ignored,
            descriptors: limits::raise_descriptors(),
            guardian,
        })
    }

    /// In somebody else's process: what is changed was changed by whoever listens.
    pub fn hosted(listening: Option<&Listening>) -> Self {
        let ears = match listening {
            Some(Listening { signals, children, .. }) => {
                Ears { signals: signals.clone(), children: children.clone() }
            }
            None => Ears { signals: never(), children: never() },
        };
        Self { ears, ignored: Vec::new(), descriptors: None, guardian: None }
    }
}

/// What is to be minded, and how.
#[derive(Debug)]
pub struct Job {
    /// The workers.
    pub workers: Vec<Declaration>,
    /// What the supervisor will hear by.
    pub inbox: Inbox,
    /// Whose process this is.
    pub footing: Footing,
    /// Pass SIGUSR1 and SIGUSR2 on to them.
    pub forward_signals: bool,
    /// How much of the output of all of them is kept.
    pub log: LogBudget,
}

impl Job {
    /// In minder's own process.
    pub fn new(workers: impl IntoIterator<Item = impl Into<Declaration>>) -> Self {
        let workers = workers.into_iter().map(Into::into).collect();
        let (inbox, log) = (Inbox::default(), LogBudget::default());
        Self { workers, inbox, footing: Footing::Own, forward_signals: false, log }
    }

    /// In the process of a program that has other things to do, too.
    pub fn hosted(workers: Vec<Declaration>, inbox: Inbox) -> Self {
        let log = LogBudget::default();
        Self { workers, inbox, footing: Footing::Hosted, forward_signals: false, log }
    }
}

/// How minding a job ended.
#[derive(Debug)]
pub struct Minded {
    /// `None` if the supervisor itself panicked.
    pub outcome: Option<Outcome>,
    /// Whether all that workers said was printed, where that was asked for.
    pub printed: bool,
}

/// How long guests may take to leave after the supervisor is over, before minder ends without them.
const FAREWELL: Duration = Duration::from_secs(1);

/// Says on stderr what a supervisor left unsaid: who could not be ended, and panics.
fn last_words(survivors: &[ProcessRef], panics: &[String]) {
    let mut err = io::stderr().lock();
    for process in survivors {
        // Nobody is left to be told if stderr is closed.
        let _ = writeln!(err, "minder: {}", survivors::words(process));
    }
    for panic in panics {
        let _ = writeln!(err, "minder: {panic}");
    }
}

/// Runs a supervisor to its end. If it panics, every process that is left is killed: there is
/// nobody to stop it in order any more.
fn mind(footing: Footing, run: impl FnOnce() -> Outcome) -> Option<Outcome> {
    let inherited = process::children();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).ok();
    // Elsewhere its workers were ended when it was dropped, and other children are not ours.
    if outcome.is_none() && footing == Footing::Own {
        process::kill_children(&inherited);
    }
    outcome
}
