//! What happens when a thread panics: the terminal is given back, the message is kept for after
//! the end, and the supervisor is asked to stop everything.

use crate::threads;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic;
use std::sync::{Mutex, PoisonError};
use std::thread;

static MESSAGES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Installs the hook. `then` runs in the panicking thread, after the message is kept; it must not
/// block.
pub(super) fn keep_messages(then: impl Fn() + Send + Sync + 'static) {
    panic::set_hook(Box::new(move |panic| {
        // A thread worker's panic is its worker's end, not minder's.
        if threads::takes(panic) {
            return;
        }
        let name = thread::current().name().unwrap_or("without a name").to_owned();
        let mut message = format!("internal error: thread {name}: {panic}");
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            message = format!("{message}\n{backtrace}");
        }
        MESSAGES.lock().unwrap_or_else(PoisonError::into_inner).push(message);
        then();
    }));
}

/// The messages so far.
pub(super) fn messages() -> Vec<String> {
    MESSAGES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// In debug builds, panics if this thread is the one that a test names: the real thing, on demand.
pub(super) fn rehearse(thread: &str) {
    #[cfg(debug_assertions)]
    assert!(
        std::env::var("MINDER_TEST_PANIC").is_ok_and(|wanted| wanted != thread)
            || std::env::var_os("MINDER_TEST_PANIC").is_none(),
        "rehearsed in {thread}"
    );
    #[cfg(not(debug_assertions))]
    let _ = thread;
}
