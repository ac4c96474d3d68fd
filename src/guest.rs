//! The supervisor as a guest sees it: ask by command, be told by update, look at the board.
//!
//! Nothing here waits for a guest. A guest that falls behind loses updates, is told how many, and
//! finds the truth in the snapshot.

use crate::output::Output;
use crate::protocol::{Command, Snapshot, Tree, Update, Usage};
use crate::spec::WorkerName;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What every worker uses, by name.
pub type Usages = HashMap<WorkerName, Usage>;

/// How many updates a guest may be behind before some are skipped.
const UPDATES_KEPT: usize = 4096;

/// The newest facts. Each lock is held for one pointer copy.
#[derive(Debug, Default)]
pub struct Board {
    snapshot: Mutex<Arc<Snapshot>>,
    usages: Mutex<Arc<Usages>>,
    tree: Mutex<Option<Arc<Tree>>>,
}

impl Board {
    /// The newest snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the snapshot.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        *self.snapshot.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }

    /// The newest samples of what workers use.
    pub fn usages(&self) -> Arc<Usages> {
        Arc::clone(&self.usages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the samples.
    pub fn publish_usages(&self, usages: Arc<Usages>) {
        *self.usages.lock().unwrap_or_else(PoisonError::into_inner) = usages;
    }

    /// The processes of the worker that is inspected, as last looked at.
    pub fn tree(&self) -> Option<Arc<Tree>> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces them.
    pub fn publish_tree(&self, tree: Option<Arc<Tree>>) {
        *self.tree.lock().unwrap_or_else(PoisonError::into_inner) = tree;
    }
}

/// Wakes a guest: at most one token waits, however often something changed.
#[derive(Debug, Clone)]
pub struct Waker(Sender<()>);

impl Waker {
    /// A waker and what it wakes.
    pub fn new() -> (Self, Receiver<()>) {
        let (tokens, woken) = bounded(1);
        (Self(tokens), woken)
    }

    /// Leaves a token where none waits. Never blocks. False if nobody looks any more.
    pub fn wake(&self) -> bool {
        // A full channel means that a token waits already.
        !matches!(self.0.try_send(()), Err(TrySendError::Disconnected(())))
    }
}

/// Wakes every guest. Whoever fills an output rings it; the supervisor adds guests as they come.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Mutex<Vec<Waker>>>);

impl Bell {
    /// One more guest to wake.
    pub fn add(&self, waker: Waker) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(waker);
    }

    /// Wakes all, and forgets those that look no more. Never blocks for longer than that takes.
    pub fn ring(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(Waker::wake);
    }
}

/// What every worker says, by name. Workers are added while guests look.
#[derive(Debug, Clone, Default)]
pub struct Outputs(Arc<Mutex<HashMap<WorkerName, Arc<Output>>>>);

impl Outputs {
    /// One worker's.
    pub fn get(&self, name: &WorkerName) -> Option<Arc<Output>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).map(Arc::clone)
    }

    /// One more worker's.
    pub fn add(&self, name: WorkerName, output: Arc<Output>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, output);
    }
}

/// The supervisor's end of a guest's updates.
#[derive(Debug)]
pub struct Subscriber {
    updates: Sender<Update>,
    waker: Waker,
    missed: u64,
}

impl Subscriber {
    /// Tells one fact. Never blocks: what a full queue cannot take is counted and told later. False if
    /// nobody listens any more.
    pub fn tell(&mut self, update: Update) -> bool {
        if self.missed > 0 && self.updates.try_send(Update::Lagged(self.missed)).is_ok() {
            self.missed = 0;
        }
        match self.updates.try_send(update) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => self.missed += 1,
            Err(TrySendError::Disconnected(_)) => return false,
        }
        self.waker.wake()
    }

    /// Says that the snapshot changed.
    pub fn wake(&self) {
        self.waker.wake();
    }
}

/// What a guest holds.
#[derive(Debug, Clone)]
pub struct Guest {
    commands: Sender<Command>,
    updates: Receiver<Update>,
    changed: Receiver<()>,
    waker: Waker,
    board: Arc<Board>,
    outputs: Outputs,
}

impl Guest {
    /// A guest and the supervisor's end of it.
    pub fn new(commands: Sender<Command>, board: Arc<Board>, outputs: Outputs) -> (Self, Subscriber) {
        let (updates_in, updates) = bounded(UPDATES_KEPT);
        let (waker, changed) = Waker::new();
        let subscriber = Subscriber { updates: updates_in, waker: waker.clone(), missed: 0 };
        (Self { commands, updates, changed, waker, board, outputs }, subscriber)
    }

    /// Asks the supervisor for something. Never blocks; after the supervisor's end it does nothing.
    pub fn send(&self, command: Command) {
        // A closed inbox means that the supervisor is over: nothing is left to ask for.
        let _ = self.commands.send(command);
    }

    /// Facts in the order in which they happened.
    pub fn updates(&self) -> &Receiver<Update> {
        &self.updates
    }

    /// Holds a token when anything changed since it was last taken: snapshot, samples or output.
    pub fn changed(&self) -> &Receiver<()> {
        &self.changed
    }

    /// What leaves a token in [`Guest::changed`]: for whoever fills the outputs.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// The newest facts.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// What a worker says.
    pub fn output(&self, name: &WorkerName) -> Option<Arc<Output>> {
        self.outputs.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_that_lags_is_told_how_much_it_missed() {
        let (commands, _inbox) = crossbeam_channel::unbounded();
        let (guest, mut subscriber) = Guest::new(commands, Arc::default(), Outputs::default());
        for _ in 0..UPDATES_KEPT + 3 {
            subscriber.tell(Update::Killing);
        }
        assert_eq!(guest.updates().try_iter().count(), UPDATES_KEPT);
        subscriber.tell(Update::Killing);
        assert_eq!(guest.updates().try_iter().collect::<Vec<_>>(), [Update::Lagged(3), Update::Killing]);
        assert_eq!(guest.changed().try_iter().count(), 1);
    }
}
