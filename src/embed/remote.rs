//! What any thread may ask of a supervisor that runs, or will, and what it can learn of it.

use super::conversation::{self, Conversation};
use super::process::ProcessHandle;
use super::thread::ThreadHandle;
use crate::guest::{Board, Guest, Outputs};
use crate::output::Output;
use crate::pool::{self, Pool};
use crate::protocol::{Command, End, Phase, Snapshot, State};
use crate::signal::Signal;
use crate::spec::{Spec, WorkerName};
use crate::supervisor::{AddError, Declaration, Inbox, Request};
use crate::sys::clock;
use crate::threads::{self, Context};
use crossbeam_channel::{Sender, bounded};
use std::fmt::{Debug, Display};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// Talks to a supervisor from any thread. Cheap to clone.
///
/// What is asked for by name returns at once; a name that is not there is nobody's, and nothing
/// happens. Once the supervisor is over, all of it does nothing.
#[derive(Debug, Clone)]
pub struct Remote {
    commands: Sender<Command>,
    requests: Sender<Request>,
    board: Arc<Board>,
    outputs: Outputs,
}

/// Why waiting for a worker came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WaitError {
    /// There is none of this name.
    #[error("there is no worker `{0}`")]
    Unknown(WorkerName),
    /// It did not end in time.
    #[error("`{0}` did not end in time")]
    TimedOut(WorkerName),
    /// It was not started.
    #[error("`{0}` was never started")]
    NotStarted(WorkerName),
    /// It could not be started; why.
    #[error("`{0}` could not be started: {1}")]
    NoStart(WorkerName, Arc<str>),
}

impl Remote {
    pub(super) fn new(inbox: &Inbox) -> Self {
        let (commands, requests) = (inbox.commands(), inbox.requests());
        Self { commands, requests, board: inbox.board(), outputs: inbox.outputs() }
    }

    /// Any command. It returns at once; what comes of it is an update.
    pub fn send(&self, command: Command) {
        // A closed inbox means that the supervisor is over: nothing is left to ask for.
        let _ = self.commands.send(command);
    }

    /// Starts a worker that is not running.
    pub fn start(&self, name: impl Into<WorkerName>) {
        self.send(Command::Start(name.into()));
    }

    /// Stops it: a process by its stop signal and, after the grace, SIGKILL to its whole tree; a thread
    /// by being asked.
    pub fn stop(&self, name: impl Into<WorkerName>) {
        self.send(Command::Stop(name.into()));
    }

    /// Stops it if it runs, then starts it.
    pub fn restart(&self, name: impl Into<WorkerName>) {
        self.send(Command::Restart(name.into()));
    }

    /// SIGKILL to its whole tree. A thread cannot be killed: it is asked to stop.
    pub fn kill(&self, name: impl Into<WorkerName>) {
        self.send(Command::Kill(name.into()));
    }

    /// Lets a thread go that does not stop: its worker counts as ended.
    pub fn abandon(&self, name: impl Into<WorkerName>) {
        self.send(Command::Abandon(name.into()));
    }

    /// One signal to its process group; not for threads.
    pub fn signal(&self, name: impl Into<WorkerName>, signal: Signal) {
        self.send(Command::Signal(name.into(), signal));
    }

    /// Stops all in order, then ends the supervisor. Asked again, it kills all at once. Returns at
    /// once.
    pub fn shut_down(&self) {
        self.send(Command::Quit);
    }

    /// One more process, started at once unless its spec says otherwise.
    ///
    /// Like all that is answered, this waits until the supervisor runs.
    ///
    /// # Errors
    /// [`AddError`].
    pub fn add(&self, spec: Spec) -> Result<ProcessHandle, AddError> {
        let name = spec.name.clone();
        if spec.kind().is_thread() {
            return Err(AddError::NoClosure(name));
        }
        self.declare(spec.into())?;
        Ok(ProcessHandle::new(self.clone(), name))
    }

    /// One more process, to be talked to; see [`crate::Supervisor::open`].
    ///
    /// # Errors
    /// [`AddError`].
    pub fn open(&self, spec: Spec) -> Result<Conversation, AddError> {
        let (spec, wires) = conversation::prepare(spec);
        let name = spec.name.clone();
        if spec.kind().is_thread() {
            return Err(AddError::NoClosure(name));
        }
        self.declare(Declaration { talk: Some(wires.talk()), ..spec.into() })?;
        Ok(Conversation::new(ProcessHandle::new(self.clone(), name), wires))
    }

    /// One more thread; see [`crate::Supervisor::add_thread`].
    ///
    /// # Errors
    /// [`AddError`].
    pub fn add_thread<T, E, F>(&self, spec: Spec, closure: F) -> Result<ThreadHandle<T, E>, AddError>
    where
        F: Fn(&Context) -> Result<T, E> + Send + Sync + 'static,
        T: Debug + Send + 'static,
        E: Display + Send + 'static,
    {
        let name = spec.name.clone();
        if !spec.kind().is_thread() {
            return Err(AddError::NotAThread(name));
        }
        let (job, results) = threads::job(closure);
        self.declare(Declaration::thread(spec, job))?;
        Ok(ThreadHandle::new(self.clone(), name, results))
    }

    /// Shows a pool of your program as a worker; see [`crate::Supervisor::add_pool`].
    ///
    /// # Errors
    /// [`AddError`].
    pub fn add_pool<S: pool::Kind>(&self, pool: &Pool<S>) -> Result<(), AddError> {
        let (spec, job) = super::pool::worker(pool);
        self.declare(Declaration::thread(spec, job))
    }

    fn declare(&self, declaration: Declaration) -> Result<(), AddError> {
        self.ask(|answer| Request::Add(Box::new(declaration), answer)).unwrap_or(Err(AddError::Ending))
    }

    /// Asks, and waits for the answer. `None` if the supervisor is over.
    fn ask<R>(&self, request: impl FnOnce(Sender<R>) -> Request) -> Option<R> {
        let (answer, answered) = bounded(1);
        self.requests.send(request(answer)).ok()?;
        answered.recv().ok()
    }

    /// Waits until all that this thread asked for before is carried out.
    pub fn sync(&self) {
        // Over: then there is nothing left to be carried out.
        let _: Option<()> = self.ask(Request::Sync);
    }

    /// A guest of one's own: updates from now on, in order, and whatever else guests see. `None` if the
    /// supervisor is over.
    pub fn subscribe(&self) -> Option<Guest> {
        self.ask(Request::Subscribe)
    }

    /// All facts, as they are now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.board.snapshot()
    }

    /// What a worker is now.
    pub fn state(&self, name: &WorkerName) -> Option<State> {
        let snapshot = self.board.snapshot();
        snapshot.workers.iter().find(|worker| worker.name == *name).map(|worker| worker.state.clone())
    }

    /// What a worker said, and how far it says that it is.
    pub fn output(&self, name: &WorkerName) -> Option<Arc<Output>> {
        self.outputs.get(name)
    }

    /// Whether the supervisor is over.
    pub fn is_over(&self) -> bool {
        self.board.snapshot().phase == Phase::Over
    }

    /// Waits until a worker has ended and will not start again by itself, at most for so long. One that
    /// is reaped by hand is reaped.
    ///
    /// # Errors
    /// [`WaitError`].
    pub fn wait(&self, name: &WorkerName, timeout: Option<Duration>) -> Result<End, WaitError> {
        let deadline = timeout.map(|timeout| clock::later(clock::now(), timeout));
        // What was asked for before this, as a start, counts.
        self.sync();
        self.send(Command::Wait(name.clone()));
        let waited = self.board.wait_until(deadline, |snapshot| {
            let worker = snapshot.workers.iter().find(|worker| worker.name == *name);
            let Some(worker) = worker else { return Some(Err(WaitError::Unknown(name.clone()))) };
            if matches!(worker.state, State::Zombie { .. }) {
                self.send(Command::Wait(name.clone()));
            }
            ended(&worker.state, name, snapshot.phase == Phase::Over)
        });
        waited.unwrap_or_else(|| {
            self.send(Command::GiveUpWaiting(name.clone()));
            Err(WaitError::TimedOut(name.clone()))
        })
    }
}

/// How waiting for a worker in this state comes out; `None` if it goes on.
fn ended(state: &State, name: &WorkerName, over: bool) -> Option<Result<End, WaitError>> {
    match state {
        State::Ended(end) => Some(Ok(*end)),
        State::Zombie { end, .. } | State::Backoff { end, .. } if over => Some(Ok(*end)),
        State::Failed { error, retry_at, .. } if retry_at.is_none() || over => {
            Some(Err(WaitError::NoStart(name.clone(), Arc::clone(error))))
        }
        State::Idle => Some(Err(WaitError::NotStarted(name.clone()))),
        State::Starting
        | State::Running(_)
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Asked { .. }
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Failed { .. } => over.then(|| Err(WaitError::NotStarted(name.clone()))),
    }
}
