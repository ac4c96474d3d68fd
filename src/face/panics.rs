//! What happens when a thread panics: the terminal is given back, the message is kept for after
//! the end, and the supervisor is asked to stop everything.

use crate::supervisor::Footing;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

static MESSAGES: Mutex<Vec<String>> = Mutex::new(Vec::new());

type Before = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Our hook. In a program that has other things to do it stands before the one that was there, and
/// that one is put back when this is dropped.
pub(super) struct Hook(Option<Arc<Before>>);

impl Hook {
    /// Installs it. `then` runs in the panicking thread, after the message is kept; it must not block.
    pub(super) fn keep_messages(footing: Footing, then: impl Fn() + Send + Sync + 'static) -> Self {
        let before = (footing == Footing::Hosted).then(|| Arc::new(panic::take_hook()));
        let (next, decider) = (before.clone(), thread::current().id());
        panic::set_hook(Box::new(move |panic| {
            // A thread worker's panic is its worker's end, not minder's.
            if crate::panics::takes(panic) {
                return;
            }
            let Some(next) = &next else {
                keep(panic);
                return then();
            };
            // What becomes of a panic in a thread of the program's own is the program's matter.
            if thread::current().id() == decider || is_of_face() {
                then();
            }
            next(panic);
        }));
        Self(before)
    }

    /// The messages so far; of a program's own panics its own hook tells.
    #[expect(clippy::unused_self, reason = "there are none without a hook")]
    pub(super) fn messages(&self) -> Vec<String> {
        MESSAGES.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        if let Some(before) = self.0.take()
            && !thread::panicking()
        {
            panic::set_hook(Box::new(move |panic| before(panic)));
        }
    }
}

/// Whether this is a thread without which a face is none.
fn is_of_face() -> bool {
    thread::current().name().is_some_and(|name| ["screen", "input", "printer"].contains(&name))
}

fn keep(panic: &PanicHookInfo<'_>) {
    let name = thread::current().name().unwrap_or("without a name").to_owned();
    let mut message = format!("internal error: thread {name}: {panic}");
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        message = format!("{message}\n{backtrace}");
    }
    MESSAGES.lock().unwrap_or_else(PoisonError::into_inner).push(message);
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
