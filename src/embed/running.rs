//! A supervisor that runs in the background of your program.

use super::remote::Remote;
use super::supervisor::deaf;
use crate::signal::Signal;
use crate::supervisor::{Ears, Outcome, Supervisor as Core};
use crate::sys::hosted::{self, Listening};
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded, never};
use std::convert::Infallible;
use std::io;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// A supervisor on a thread of its own. Dropped, it stops everything in order and waits for that: no
/// process is left, no zombie, and no thread but those that were abandoned. That takes no longer than
/// the longest grace, and five seconds for what does not die of SIGKILL.
#[derive(Debug)]
pub struct Running {
    remote: Remote,
    decider: Option<JoinHandle<()>>,
    /// Set before `over` is closed, unless it panicked.
    outcome: Arc<OnceLock<Outcome>>,
    /// Nothing ever comes here; it is closed when it is over.
    over: Receiver<Infallible>,
    signals: Receiver<Signal>,
    /// Given back after the supervisor is over.
    listening: Option<Listening>,
}

impl Deref for Running {
    type Target = Remote;

    fn deref(&self) -> &Remote {
        &self.remote
    }
}

impl Running {
    /// The supervisor is made on its own thread: its workers die when the thread that started them does
    /// (`PR_SET_PDEATHSIG`(2const)), so that thread lives exactly as long as it minds them.
    pub(super) fn start(
        remote: Remote,
        hear_signals: bool,
        build: impl FnOnce(Ears) -> io::Result<(Core, Ears)> + Send + 'static,
    ) -> io::Result<Self> {
        let listening = hear_signals.then(hosted::listen).transpose()?;
        let children = listening.as_ref().map(|listening| listening.children.clone());
        let signals = listening.as_ref().map_or_else(never, |listening| listening.signals.clone());
        let (ready, answer) = bounded(1);
        let outcome = Arc::new(OnceLock::new());
        let (open, over) = bounded(0);
        let outcome_in = Arc::clone(&outcome);
        let decider = Builder::new().name("minder".into()).spawn(move || {
            let _open = open;
            let ears = children.map_or_else(deaf, |children| Ears { signals: never(), children });
            match build(ears) {
                Ok((core, ears)) => {
                    let _ = ready.send(Ok(()));
                    let _ = outcome_in.set(core.run(ears, None));
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                }
            }
        })?;
        let answer = answer.recv().unwrap_or_else(|_| Err(io::Error::other("the supervisor panicked")));
        let running = Self { remote, decider: Some(decider), outcome, over, signals, listening };
        answer.map(|()| running)
    }

    /// Talks to it from any thread, for as long as it runs.
    pub fn remote(&self) -> Remote {
        self.remote.clone()
    }

    /// The signals that came, where it was asked to hear them ([`crate::Supervisor::hear_signals`]);
    /// else none ever comes. What they mean is for you to say: the workers get none of them.
    pub fn signals(&self) -> &Receiver<Signal> {
        &self.signals
    }

    /// Stops all workers in order and waits until that is done. How it ended.
    ///
    /// # Panics
    /// If the supervisor did.
    pub fn shut_down(mut self) -> Outcome {
        self.remote.shut_down();
        self.join();
        self.outcome.get().cloned().expect("the supervisor gives its outcome, unless it panicked")
    }

    /// Waits until it is over, because somebody told it to end, at most for so long. `None` if it is not,
    /// or if it panicked. Whoever asks again is told the same.
    pub fn wait_until_over(&self, timeout: Option<Duration>) -> Option<Outcome> {
        let Err(_closed_or_not) = match timeout {
            Some(timeout) => self.over.recv_timeout(timeout),
            None => self.over.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        self.outcome.get().cloned()
    }

    fn join(&mut self) {
        if let Some(decider) = self.decider.take() {
            // If it panicked, its hook has said so.
            let _ = decider.join();
        }
        self.listening = None;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.remote.shut_down();
        self.join();
    }
}
