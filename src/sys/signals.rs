//! Signals that come to minder: blocked in every thread but one, which hands them to main.
#![expect(unsafe_code, reason = "dispositions are set by sigaction(2)")]

use crate::signal::Signal;
use crossbeam_channel::Sender;
use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow, pthread_sigmask};
use signal_hook::iterator::Signals;
use std::{io, thread};

/// What minder acts on; everything else keeps its default.
pub(super) const HEARD: [Signal; 10] = [
    Signal::HUP,
    Signal::INT,
    Signal::QUIT,
    Signal::TERM,
    Signal::CHLD,
    Signal::WINCH,
    Signal::TSTP,
    Signal::CONT,
    Signal::USR1,
    Signal::USR2,
];

/// SIGTTOU and SIGTTIN are blocked everywhere and heard by nobody: giving the terminal back from
/// the background must not stop us half way (with SIGTTOU blocked it is done: tcsetattr(3), POSIX),
/// and a read from there fails with EIO.
pub(super) const DEAF: [libc::c_int; 2] = [libc::SIGTTOU, libc::SIGTTIN];

pub(super) fn mask(numbers: impl IntoIterator<Item = libc::c_int>) -> SigSet {
    let mut set = SigSet::empty();
    for signal in numbers.into_iter().filter_map(|number| nix::sys::signal::Signal::try_from(number).ok()) {
        set.add(signal);
    }
    set
}

/// The signals that were ignored when minder was started and that its children keep ignored:
/// SIGHUP under `nohup`.
pub fn ignored_at_start() -> Vec<Signal> {
    // SAFETY: sigaction with a null new action only reads; the struct is plain data.
    let ignored = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGHUP, std::ptr::null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    };
    if ignored { vec![Signal::HUP] } else { Vec::new() }
}

/// Blocks in this thread, and so in all that it starts, every signal that minder hears, and starts
/// the one thread that hears them. `ignored` ones stay ignored. SIGCHLD, which may come in storms and
/// never counts (signal(7)), is a token in a channel of its own, which should hold one.
///
/// To be called first, before any other thread is started.
///
/// # Errors
/// When a handler cannot be installed or the thread cannot be started.
pub fn listen(ignored: &[Signal], to: Sender<Signal>, children: Sender<()>) -> io::Result<()> {
    let heard: Vec<_> =
        HEARD.iter().filter(|signal| !ignored.contains(signal)).map(|signal| signal.number()).collect();
    pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&mask(heard.iter().copied().chain(DEAF))), None)?;
    let mut signals = Signals::new(&heard)?;
    let thread = thread::Builder::new().name("signals".into()).spawn(move || {
        // A failure would leave us deaf, not wrong: this thread unblocks only its own mask.
        let _ = pthread_sigmask(SigmaskHow::SIG_UNBLOCK, Some(&mask(heard)), None);
        for signal in signals.forever().filter_map(Signal::from_number) {
            if signal == Signal::CHLD {
                // A full channel means that a token waits already.
                let _ = children.try_send(());
            } else if to.send(signal).is_err() {
                return;
            }
        }
    });
    thread.map(drop).map_err(no_thread)
}

/// The first thread is refused: so would be all others.
fn no_thread(error: io::Error) -> io::Error {
    let why = match error.raw_os_error().map(Errno::from_raw) {
        // pid_namespaces(7), clone(2).
        Some(Errno::EINVAL) => {
            "the first process of its PID namespace has ended (EINVAL); `unshare -pf` rather than `-p`"
        }
        Some(Errno::EAGAIN) => "no more are allowed (EAGAIN): `ulimit -u`, or the cgroup's pids.max",
        _ => return error,
    };
    io::Error::new(error.kind(), format!("cannot start a thread: {why}"))
}

/// Dies by this signal, so that whoever waits for us sees it: default disposition, unblocked,
/// raised. Returns only where the default is not to die.
pub fn die_by(signal: Signal) {
    // No core of ours for SIGQUIT: the user asked for an end, not for a post-mortem of minder.
    let _ = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0);
    // SAFETY: plain system calls; the handler that is replaced is never needed again.
    unsafe {
        libc::signal(signal.number(), libc::SIG_DFL);
        let mut only = std::mem::zeroed();
        libc::sigemptyset(&raw mut only);
        libc::sigaddset(&raw mut only, signal.number());
        libc::raise(signal.number());
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const only, std::ptr::null_mut());
    }
}
