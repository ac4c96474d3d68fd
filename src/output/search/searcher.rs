//! The thread that looks through logs, so that no key waits for it. Knows nobody who asks.

use super::lookup::Lookup;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::io;
use std::sync::{Arc, Weak};
use std::thread::{Builder, JoinHandle};

/// How many blocks of the first look are looked at for one of each other.
const FIRST_STEPS: usize = 8;

/// Looks through logs until it is dropped.
#[derive(Debug)]
pub struct Searcher {
    /// `None` once it is to end.
    looks: Option<Sender<Vec<Weak<Lookup>>>>,
    pokes: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Searcher {
    /// A thread that looks; it calls `wake` when something was found out.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (looks, new_looks) = unbounded();
        let (pokes, more) = bounded(1);
        let thread = Builder::new().name("searcher".into()).spawn(move || {
            Looking { looks: Vec::new(), new_looks, more }.run(&wake);
        })?;
        Ok(Self { looks: Some(looks), pokes, thread: Some(thread) })
    }

    /// From now on it looks for these, the first one most, and for nothing else.
    pub fn look_for<'a>(&self, looks: impl IntoIterator<Item = &'a Arc<Lookup>>) {
        let looks = looks.into_iter().map(Arc::downgrade).collect();
        if let Some(sender) = &self.looks {
            // Only a thread that panicked does not listen; the screen shows what was found so far.
            let _ = sender.send(looks);
        }
    }

    /// There may be more lines.
    pub fn poke(&self) {
        // A full channel means that it is going to look anyway.
        let _ = self.pokes.try_send(());
    }
}

impl Drop for Searcher {
    fn drop(&mut self) {
        self.looks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Looking {
    looks: Vec<Weak<Lookup>>,
    new_looks: Receiver<Vec<Weak<Lookup>>>,
    more: Receiver<()>,
}

impl Looking {
    fn run(mut self, wake: &impl Fn()) {
        loop {
            if self.turn() {
                wake();
                match self.new_looks.try_recv() {
                    Ok(looks) => self.looks = looks,
                    Err(error) if error.is_disconnected() => return,
                    Err(_) => {}
                }
            } else if !self.wait() {
                return;
            }
        }
    }

    /// A step of each look. Says whether there was anything to look at.
    fn turn(&mut self) -> bool {
        let mut worked = false;
        self.looks.retain(|look| {
            let Some(look) = look.upgrade() else { return false };
            let steps = if worked { 1 } else { FIRST_STEPS };
            for _ in 0..steps {
                if !look.step() {
                    break;
                }
                worked = true;
            }
            true
        });
        worked
    }

    /// Until there may be something to look at. Says whether to go on.
    fn wait(&mut self) -> bool {
        crossbeam_channel::select! {
            recv(self.new_looks) -> looks => match looks {
                Ok(looks) => self.looks = looks,
                Err(_) => return false,
            },
            recv(self.more) -> poke => return poke.is_ok(),
        }
        true
    }
}
