//! Panics of threads that are watched: caught, with their message, place and backtrace, and said
//! nowhere else. Panics of all other threads are the program's own matter, and so is its hook.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::RefCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// A panic that was caught.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Panic {
    /// What it said; empty where its payload was no text.
    pub message: String,
    /// Where: file, line and column. `None` where no hook ran (`resume_unwind`, or the program set a
    /// hook of its own later).
    pub location: Option<String>,
    /// How it came there, where `RUST_BACKTRACE` asks for that.
    pub backtrace: Option<String>,
}

impl Panic {
    /// `src/main.rs:3:5: no more`
    pub(super) fn words(&self) -> String {
        let parts = self.location.iter().chain(Some(&self.message).filter(|message| !message.is_empty()));
        parts.map(String::as_str).collect::<Vec<_>>().join(": ")
    }
}

impl fmt::Display for Panic {
    /// `panicked at src/main.rs:3:5: no more` – without the backtrace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("panicked")?;
        if let Some(location) = &self.location {
            write!(f, " at {location}")?;
        }
        if self.message.is_empty() { Ok(()) } else { write!(f, ": {}", self.message) }
    }
}

/// Whether this thread is watched.
#[derive(Default)]
enum Watch {
    /// Its panics are not our matter.
    #[default]
    No,
    /// It is, and did not panic.
    Calm,
    /// The hook saw this.
    Seen(Panic),
}

thread_local! {
    static WATCH: RefCell<Watch> = const { RefCell::new(Watch::No) };
}

fn watch(watch: Watch) -> Watch {
    WATCH.with(|watched| watched.replace(watch))
}

/// Takes a panic of a thread that is watched. For hooks: true if nothing more is to be said of it.
pub(crate) fn takes(info: &PanicHookInfo<'_>) -> bool {
    let seen = || Panic {
        message: info.payload_as_str().unwrap_or_default().to_owned(),
        location: info.location().map(ToString::to_string),
        backtrace: backtrace(),
    };
    let take = |watched: &RefCell<Watch>| {
        let Ok(mut watched) = watched.try_borrow_mut() else { return false };
        let takes = !matches!(*watched, Watch::No);
        if takes {
            *watched = Watch::Seen(seen());
        }
        takes
    };
    // A thread that is being torn down is watched no more.
    WATCH.try_with(take).unwrap_or(false)
}

fn backtrace() -> Option<String> {
    let backtrace = Backtrace::capture();
    (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string())
}

/// Puts our hook before the one that is there, once.
fn install() {
    static INSTALLED: Once = Once::new();
    // A hook cannot be set by a thread that panics; then the payload alone tells.
    if std::thread::panicking() {
        return;
    }
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !takes(info) {
                before(info);
            }
        }));
    });
}

/// Runs this; what it panics with is the error.
pub(super) fn catch<R>(run: impl FnOnce() -> R) -> Result<R, Panic> {
    install();
    let before = watch(Watch::Calm);
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    let seen = watch(before);
    outcome.map_err(|payload| {
        let told = match seen {
            Watch::Seen(panic) => panic,
            Watch::No | Watch::Calm => Panic { message: text(&*payload), ..Panic::default() },
        };
        bury(payload);
        told
    })
}

/// Runs what drops something of the user's: a panic there is nobody's matter.
pub(super) fn quietly(run: impl FnOnce()) {
    // Whoever is unwinding already must not panic again: that would abort.
    let _ = catch(run);
}

fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// Drops a payload, which may panic in its turn, and its payload too: that one is leaked.
fn bury(payload: Box<dyn Any + Send>) {
    let before = watch(Watch::Calm);
    if let Err(again) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
    watch(before);
}
