//! Signals that a host program asked us to hear: its own handlers are called as before, and what had
//! its default has it again when nobody hears any more.
#![expect(unsafe_code, reason = "dispositions are read by sigaction(2)")]

use super::signals::{DEAF, HEARD, mask};
use crate::signal::Signal;
use crossbeam_channel::{Receiver, bounded, unbounded};
use nix::sys::signal::{SigSet, SigmaskHow, pthread_sigmask};
use signal_hook::iterator::{Handle, Signals};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle, ThreadId};
use std::{io, mem, ptr};

/// Signals are heard while this lives.
#[derive(Debug)]
pub struct Listening {
    /// All but SIGCHLD.
    pub signals: Receiver<Signal>,
    /// A token for any number of SIGCHLD.
    pub children: Receiver<()>,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
    /// Whose mask was changed, and what it was.
    before: (ThreadId, SigSet),
}

/// Who of us hears signals, and whether what came by default is to come.
#[derive(Debug, Default)]
struct Defaults {
    listeners: usize,
    /// Those that had their default when we first looked: our handler stands in its place for good,
    /// and does what the default would while nobody hears.
    stand_in: Option<Arc<AtomicBool>>,
}

static DEFAULTS: Mutex<Defaults> = Mutex::new(Defaults { listeners: 0, stand_in: None });

/// What a signal does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disposition {
    Default,
    Ignored,
    Handled,
}

fn disposition(signal: Signal) -> Disposition {
    // SAFETY: sigaction with a null new action only reads; the struct is plain data.
    let handler = unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        libc::sigaction(signal.number(), ptr::null(), &raw mut action);
        action.sa_sigaction
    };
    match handler {
        libc::SIG_DFL => Disposition::Default,
        libc::SIG_IGN => Disposition::Ignored,
        _ => Disposition::Handled,
    }
}

/// Blocks in this thread, and so in all that it starts, every signal that minder hears and that is not
/// ignored, and starts the one thread that hears them.
///
/// # Errors
/// When a handler cannot be installed or the thread cannot be started.
pub fn listen() -> io::Result<Listening> {
    let heard: Vec<_> =
        HEARD.into_iter().filter(|signal| disposition(*signal) != Disposition::Ignored).collect();
    stand_in_for_defaults(&heard)?;
    let numbers: Vec<_> = heard.iter().map(|signal| signal.number()).collect();
    let mut signals = Signals::new(&numbers)?;
    let mut before = SigSet::empty();
    let blocked = mask(numbers.iter().copied().chain(DEAF));
    pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&blocked), Some(&mut before))?;
    let (handle, before) = (signals.handle(), (thread::current().id(), before));
    let (heard_in, heard) = unbounded();
    let (changed, children) = bounded(1);
    let mut listening = Listening { signals: heard, children, handle, thread: None, before };
    DEFAULTS.lock().unwrap_or_else(PoisonError::into_inner).listen();
    let thread = thread::Builder::new().name("signals".into()).spawn(move || {
        // A failure would leave us deaf, not wrong.
        let _ = pthread_sigmask(SigmaskHow::SIG_UNBLOCK, Some(&mask(numbers)), None);
        for signal in signals.forever().filter_map(Signal::from_number) {
            // A channel that is full holds a token already; one that is closed has nobody who hears.
            let _ =
                if signal == Signal::CHLD { changed.try_send(()).ok() } else { heard_in.send(signal).ok() };
        }
    })?;
    listening.thread = Some(thread);
    Ok(listening)
}

/// Once in the life of a process: handlers that were installed cannot be taken away for good, since
/// somebody may have installed others on top.
fn stand_in_for_defaults(heard: &[Signal]) -> io::Result<()> {
    let mut defaults = DEFAULTS.lock().unwrap_or_else(PoisonError::into_inner);
    if defaults.stand_in.is_none() {
        let stand_in = Arc::new(AtomicBool::new(false));
        for signal in heard.iter().filter(|signal| disposition(**signal) == Disposition::Default) {
            signal_hook::flag::register_conditional_default(signal.number(), Arc::clone(&stand_in))?;
        }
        defaults.stand_in = Some(stand_in);
    }
    Ok(())
}

impl Defaults {
    fn listen(&mut self) {
        self.listeners += 1;
        self.tell();
    }

    fn leave(&mut self) {
        self.listeners -= 1;
        self.tell();
    }

    fn tell(&self) {
        if let Some(stand_in) = &self.stand_in {
            stand_in.store(self.listeners == 0, Ordering::SeqCst);
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            // It waits for nothing but what was just closed.
            let _ = thread.join();
        }
        DEFAULTS.lock().unwrap_or_else(PoisonError::into_inner).leave();
        let (thread, mask) = &self.before;
        if *thread == thread::current().id() {
            // A signal that is pending comes now, and means what it meant before.
            let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(mask), None);
        }
    }
}
