//! What a panic said: its message, where it was raised, and the backtrace if RUST_BACKTRACE asks for
//! one. Catches panics of closures that users hand us. Knows nothing of pools, threads or workers.
//!
//! Where a panic was raised is told to the panic hook alone, so ours is put before the one that is
//! there. It notes, for threads that are inside [`catch`], and hands on: the host program's own hook
//! hears of every panic, unless the closure was to be silent.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// A panic that was caught.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Panic {
    /// What `panic!` was given; empty if it was no text.
    pub message: String,
    /// `file:line:column`. `None` where no hook ran (`resume_unwind`, or the program replaced ours).
    pub location: Option<String>,
    /// The stack, if `RUST_BACKTRACE` or `RUST_LIB_BACKTRACE` asks for it (std::backtrace).
    pub backtrace: Option<String>,
}

impl Panic {
    /// `src/main.rs:3:5: out of tea`
    pub(crate) fn words(&self) -> String {
        let parts = self.location.iter().chain(Some(&self.message).filter(|message| !message.is_empty()));
        parts.map(String::as_str).collect::<Vec<_>>().join(": ")
    }
}

impl fmt::Display for Panic {
    /// `panicked at src/main.rs:3:5: out of tea`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("panicked")?;
        if let Some(location) = &self.location {
            write!(f, " at {location}")?;
        }
        if self.message.is_empty() { Ok(()) } else { write!(f, ": {}", self.message) }
    }
}

/// Whether the host's panic hook hears of a panic that is caught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    /// As of any other thread's: by default std prints it.
    Told,
    /// Only the result tells.
    Silent,
}

thread_local! {
    /// Set while a closure runs inside [`catch`].
    static CATCHING: Cell<Option<Hook>> = const { Cell::new(None) };
    static NOTED: RefCell<Option<Noted>> = const { RefCell::new(None) };
}

/// What only the hook is told.
#[derive(Default)]
struct Noted {
    location: Option<String>,
    backtrace: Option<String>,
}

/// Runs the closure; its panic is the error.
pub(crate) fn catch<T>(hook: Hook, work: impl FnOnce() -> T) -> Result<T, Panic> {
    install();
    let outer = CATCHING.replace(Some(hook));
    let done = panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let noted = NOTED.take().unwrap_or_default();
        let message = message(&*payload);
        discard(payload);
        Panic { message, location: noted.location, backtrace: noted.backtrace }
    });
    CATCHING.set(outer);
    done
}

/// Runs what drops something of the user's: a panic there is nobody's matter.
pub(crate) fn quietly(run: impl FnOnce()) {
    // Whoever is unwinding already must not panic again: that would abort.
    let _ = catch(Hook::Silent, run);
}

/// Drops a value of the user's; a panic of its destructor ends here.
pub(crate) fn drop_caught<T>(hook: Hook, value: T) -> Result<(), Panic> {
    if std::mem::needs_drop::<T>() { catch(hook, || drop(value)) } else { Ok(()) }
}

/// What was thrown may itself panic when it is dropped; what that throws is left alone for good.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(next) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(next);
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        return (*text).to_owned();
    }
    payload.downcast_ref::<String>().cloned().unwrap_or_default()
}

fn install() {
    static ONCE: Once = Once::new();
    // The hook cannot be changed by a thread that panics; then the location is not known.
    if !ONCE.is_completed() && !std::thread::panicking() {
        ONCE.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                if !takes(info) {
                    before(info);
                }
            }));
        });
    }
}

/// Notes a panic of a closure that runs inside [`catch`]. For hooks: true if nothing more is to be said
/// of it.
pub(crate) fn takes(info: &PanicHookInfo<'_>) -> bool {
    // A thread whose locals are gone already is inside no `catch`.
    let catching = CATCHING.try_with(Cell::get).unwrap_or_default();
    if catching.is_some() {
        let backtrace = Backtrace::capture();
        let captured = backtrace.status() == BacktraceStatus::Captured;
        let noted = Noted {
            location: info.location().map(ToString::to_string),
            backtrace: captured.then(|| backtrace.to_string()),
        };
        let _ = NOTED.try_with(|last| last.replace(Some(noted)));
    }
    catching == Some(Hook::Silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_message_and_its_place() {
        let caught = catch(Hook::Silent, || panic!("out of {}", "tea")).unwrap_err();
        assert_eq!(caught.message, "out of tea");
        let place = caught.location.clone().unwrap();
        assert!(place.starts_with("src/panics.rs:"), "{place}");
        assert_eq!(caught.to_string(), format!("panicked at {place}: out of tea"));
        assert_eq!(catch(Hook::Silent, || 7), Ok(7));
    }

    #[test]
    fn what_was_thrown_may_be_anything_and_may_panic_when_dropped() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic::panic_any(Bomb);
            }
        }
        let caught = catch(Hook::Silent, || panic::panic_any(7)).unwrap_err();
        assert_eq!(caught.message, "");
        // The first one's destructor throws another, which is left alone.
        let bomb = catch(Hook::Silent, || panic::panic_any(Box::new(1))).unwrap_err();
        assert!(bomb.location.is_some());
        assert!(drop_caught(Hook::Silent, Bomb).is_err());
        assert!(drop_caught(Hook::Silent, 7).is_ok());
    }

    #[test]
    fn a_panic_is_caught_while_another_unwinds() {
        struct Cleaner(std::sync::Arc<std::sync::Mutex<Option<Panic>>>);
        impl Drop for Cleaner {
            fn drop(&mut self) {
                *self.0.lock().unwrap() = catch(Hook::Silent, || panic!("inner")).err();
            }
        }
        let inner = std::sync::Arc::default();
        let cleaner = Cleaner(std::sync::Arc::clone(&inner));
        let outer = catch(Hook::Silent, move || {
            let _cleaner = cleaner;
            panic!("outer");
        });
        assert_eq!(outer.unwrap_err().message, "outer");
        assert_eq!(inner.lock().unwrap().clone().unwrap().message, "inner");
    }
}
