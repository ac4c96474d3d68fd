//! What a supervisor hears by, made before it: whoever shall talk to it later may have it first.

use super::declaration::{AddError, Declaration};
use crate::guest::{Bell, Board, Guest, Outputs, Subscriber};
use crate::protocol::Command;
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::sync::Arc;

/// What a program asks of a supervisor that it embeds, beyond what guests do. Each is answered.
#[derive(Debug)]
pub enum Request {
    /// Mind one more worker.
    Add(Box<Declaration>, Sender<Result<(), AddError>>),
    /// One more guest.
    Subscribe(Sender<Guest>),
    /// Say when all that was asked before this is carried out.
    Sync(Sender<()>),
}

/// A supervisor's ears for commands and requests, and the boards that it publishes on.
#[derive(Debug)]
pub struct Inbox {
    pub(super) commands_in: Sender<Command>,
    pub(super) commands: Receiver<Command>,
    pub(super) requests: Receiver<Request>,
    requests_in: Sender<Request>,
    pub(super) board: Arc<Board>,
    pub(super) outputs: Outputs,
    pub(super) bell: Bell,
}

impl Default for Inbox {
    fn default() -> Self {
        let (commands_in, commands) = unbounded();
        let (requests_in, requests) = unbounded();
        let (board, outputs, bell) = (Arc::default(), Outputs::default(), Bell::default());
        Self { commands_in, commands, requests, requests_in, board, outputs, bell }
    }
}

impl Inbox {
    /// Where requests go in.
    pub fn requests(&self) -> Sender<Request> {
        self.requests_in.clone()
    }

    /// Where commands go in.
    pub fn commands(&self) -> Sender<Command> {
        self.commands_in.clone()
    }

    /// The newest facts.
    pub fn board(&self) -> Arc<Board> {
        Arc::clone(&self.board)
    }

    /// What workers say.
    pub fn outputs(&self) -> Outputs {
        self.outputs.clone()
    }

    /// One more guest.
    pub(super) fn guest(&self) -> (Guest, Subscriber) {
        let guest = Guest::new(self.commands(), self.board(), self.outputs());
        self.bell.add(guest.0.waker());
        guest
    }
}
