//! All that guests share with the supervisor: what they may ask ([`Command`]), what they are told
//! ([`Update`]) and what is so at one moment ([`Snapshot`]). Knows no guest and no system call.

mod errand;
mod progress;
mod runaway;
mod timer;
mod tree;
mod usage;

pub use errand::{Errand, ErrandEnd, ErrandPlace, Standard};
pub use progress::{Jobs, Progress};
pub use runaway::{Excess, Measure};
pub use timer::{NextRun, TimerView};
pub use tree::{Inspect, Listener, ProcessId, ProcessRow, ProcessState, ThreadRow, Transport, Tree};
pub use usage::Usage;

use crate::signal::Signal;
use crate::spec::{Kind, NameColor, OutputKind, Reap, WorkerName};
use crate::status::{ExitStatus, ThreadEnd};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A process id as the kernel counts them, above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pid(pub i32);

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Columns and rows of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// Columns, at least 1.
    pub columns: u16,
    /// Rows, at least 1.
    pub rows: u16,
}

/// What a guest asks of the supervisor. Each returns at once; what comes of it is an [`Update`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Start a worker that is not running. It is up from now on: restarts are its policy's.
    Start(WorkerName),
    /// Stop: the stop signal to the group, SIGKILL after the grace. A second one kills now.
    Stop(WorkerName),
    /// SIGKILL to the whole tree now, and no restart. A thread cannot be killed: it is asked to stop, and
    /// that is said.
    Kill(WorkerName),
    /// Let a thread go that does not answer: the worker counts as ended, the thread may run on as long
    /// as the program does.
    Abandon(WorkerName),
    /// Stop if it runs, then start.
    Restart(WorkerName),
    /// One signal to the group, with no change of what is wanted.
    Signal(WorkerName, Signal),
    /// One signal to one process of a worker's tree, and to nobody else: one that is gone, ended, or
    /// no descendant of minder is refused in an [`Update::Notice`].
    SignalProcess {
        /// Whose it is.
        worker: WorkerName,
        /// Which one.
        process: ProcessId,
        /// Which thread of it, if it is for one: a handler runs in that one, while what ends, stops or
        /// continues does so to the whole process (signal(7)).
        thread: Option<ProcessId>,
        /// What it gets. What ends a process wakes it too if it is stopped.
        signal: Signal,
    },
    /// Look at a worker's processes or at minder's own in detail once a second, or, with `None`, not any more.
    Inspect(Option<Inspect>),
    /// SIGSTOP to the whole tree.
    Freeze(WorkerName),
    /// SIGCONT to the whole tree.
    Continue(WorkerName),
    /// Wait for a worker: reap it when it ends, or now if it is a zombie.
    Wait(WorkerName),
    /// Give up waiting; the worker is not touched.
    GiveUpWaiting(WorkerName),
    /// Stop every worker.
    StopAll,
    /// Stop every worker and end minder. A second one kills at once.
    Quit,
    /// Ctrl-C in raw mode: what SIGINT from outside means.
    Interrupt,
    /// Ctrl-\ in raw mode: what SIGQUIT from outside means.
    QuitSignal,
    /// Ctrl-Z: suspend minder as the shell expects.
    Suspend,
    /// Bytes for a worker's standard input, as its terminal would send them.
    Input(WorkerName, Vec<u8>),
    /// Run a program that is no worker; how it ended is told to whoever asked.
    Run(Errand),
    /// End an errand: SIGTERM to its group, SIGKILL to its whole tree a second later.
    CancelErrand(u64),
    /// Every pane has this size now, but for those that have one of their own.
    Resize(Size),
    /// These workers' panes have sizes of their own now, and no others do: several are shown side by side.
    ResizeSome(Vec<(WorkerName, Size)>),
    /// The screen gave the terminal back, as it was asked to before a suspension.
    ScreenLeft,
    /// The terminal is another job's now, without a word to us: somebody stopped the guardian alone.
    InBackground,
    /// The terminal hung up or cannot be written any more.
    TerminalLost,
    /// Whoever reads what minder prints has gone (EPIPE).
    ReaderGone,
    /// A thread panicked: stop everything, then tell.
    Panicked,
    /// Somebody who serves minder has something to say to all guests: the disk is full, and the like.
    Tell(Arc<str>),
}

/// What a worker is at a moment. Data lives in the variant where it is valid.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Declared, and never started or waiting for a start by hand.
    Idle,
    /// It is being started, or why it could not be is being looked up.
    Starting,
    /// Its process or thread runs.
    Running(Run),
    /// Its process is stopped by a job-control signal (waitid(2), `WSTOPPED`).
    Suspended {
        /// The run.
        run: Run,
        /// By which signal.
        by: Signal,
    },
    /// It was asked to stop and is not gone yet.
    Stopping {
        /// The run.
        run: Run,
        /// What was sent last.
        sent: Signal,
        /// When.
        sent_at: Instant,
        /// When SIGKILL follows; `None` once it was sent.
        kill_at: Option<Instant>,
    },
    /// A thread that was asked to stop and has not ended yet.
    Asked {
        /// The run.
        run: Run,
        /// When it was asked.
        asked_at: Instant,
        /// When its grace is over; `None` once it is: the thread does not answer.
        answer_by: Option<Instant>,
    },
    /// Its first process ended; its last output is being read.
    Draining {
        /// The run.
        run: Run,
        /// How it ended.
        status: ExitStatus,
    },
    /// Its first process ended and others of its tree are being ended.
    Sweeping {
        /// The run.
        run: Run,
        /// How the first process ended.
        status: ExitStatus,
        /// What was sent last.
        sent: Signal,
        /// When.
        sent_at: Instant,
        /// When SIGKILL follows; `None` once it was sent.
        kill_at: Option<Instant>,
    },
    /// It ended and nobody has waited for it.
    Zombie {
        /// The run; its pid is still the kernel's.
        run: Run,
        /// What it will be reaped with.
        end: End,
    },
    /// It ended and will be started again.
    Backoff {
        /// When.
        until: Instant,
        /// How it ended.
        end: End,
    },
    /// It ended and was reaped.
    Ended(End),
    /// It could not be started.
    Failed {
        /// Why, and what to do about it.
        error: Arc<str>,
        /// 127 not found, 126 not executable, 125 for the rest.
        code: i32,
        /// When it is tried again, if at all.
        retry_at: Option<Instant>,
    },
}

/// One run of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Its first process, also its session and process group; for a thread its id (gettid(2)).
    pub pid: Pid,
    /// When it was started.
    pub started: Instant,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// What the kernel says.
    pub status: ExitStatus,
    /// Whose doing it was.
    pub cause: Cause,
    /// When it was noticed.
    pub at: Instant,
    /// How long it ran.
    pub ran: Duration,
}

/// Whose doing an end was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Its own, or a stranger's signal.
    Itself,
    /// It was asked to stop and did within the grace.
    Stopped,
    /// It was asked to stop and had to be killed after the grace.
    Escalated,
    /// It was killed at once, by your key or command.
    Killed,
    /// A signal that you picked ended it.
    Signaled,
    /// It ran away, and its policy stopped it.
    Runaway,
    /// It was stopped for the run that its timer had next.
    Replaced,
}

impl End {
    /// Whether this counts as well ended: exit code 0, or an end that was asked for. A runaway that its
    /// policy stopped did not end well, whatever it says.
    pub fn well(&self) -> bool {
        match self.cause {
            Cause::Itself => self.status.success() || self.status == ExitStatus::Unknown,
            Cause::Runaway => false,
            Cause::Stopped | Cause::Escalated | Cause::Killed | Cause::Signaled | Cause::Replaced => true,
        }
    }

    /// The exit code that it counts as: 0 if it was well, else what a shell would say (128 + n for
    /// signal n).
    pub fn code(&self) -> i32 {
        if self.well() {
            return 0;
        }
        // A runaway that was asked to stop and says 0: as if the signal had ended it.
        if self.status.success() { 128 + Signal::TERM.number() } else { self.status.shell_code() }
    }
}

impl fmt::Display for End {
    /// `exit 3`, `stopped by you: SIGTERM (15)`, `killed by you`, `killed after the grace`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let killed = matches!(self.status, ExitStatus::Signaled { signal: Signal::KILL, .. });
        let let_go = self.status == ExitStatus::Thread(ThreadEnd::Abandoned);
        match self.cause {
            Cause::Killed if let_go => f.write_str("abandoned by you"),
            Cause::Escalated if let_go => f.write_str("abandoned after the grace"),
            Cause::Stopped if let_go => f.write_str("abandoned at the end"),
            Cause::Killed if killed => f.write_str("killed by you"),
            Cause::Escalated if killed => f.write_str("killed after the grace"),
            Cause::Stopped => write!(f, "stopped by you: {}", self.status),
            Cause::Runaway => write!(f, "stopped as a runaway: {}", self.status),
            Cause::Signaled => write!(f, "{} by you", self.status),
            Cause::Replaced => write!(f, "stopped for the next run: {}", self.status),
            Cause::Itself | Cause::Killed | Cause::Escalated => fmt::Display::fmt(&self.status, f),
        }
    }
}

impl State {
    /// The one word for it, as the list shows it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Starting => "starting",
            Self::Running(_) => "running",
            Self::Suspended { .. } => "frozen",
            Self::Asked { answer_by: None, .. } => "stuck",
            Self::Stopping { .. } | Self::Asked { .. } | Self::Sweeping { .. } => "stopping",
            Self::Draining { .. } => "ending",
            Self::Zombie { .. } => "zombie",
            Self::Backoff { .. } => "backoff",
            Self::Ended(end) if end.status.success() && end.well() => "done",
            Self::Ended(end) if end.well() => "ended",
            Self::Ended(_) => "failed",
            Self::Failed { .. } => "no start",
        }
    }

    /// The run that is not over, a zombie's included.
    pub fn run(&self) -> Option<&Run> {
        match self {
            Self::Running(run)
            | Self::Suspended { run, .. }
            | Self::Stopping { run, .. }
            | Self::Asked { run, .. }
            | Self::Draining { run, .. }
            | Self::Sweeping { run, .. }
            | Self::Zombie { run, .. } => Some(run),
            Self::Idle | Self::Starting | Self::Backoff { .. } | Self::Ended(_) | Self::Failed { .. } => None,
        }
    }

    /// Whether the worker's first process, or its thread, is alive.
    pub fn alive(&self) -> bool {
        matches!(self, Self::Running(_) | Self::Suspended { .. } | Self::Stopping { .. } | Self::Asked { .. })
    }

    /// How the last run ended, where that is known and over.
    pub fn end(&self) -> Option<&End> {
        match self {
            Self::Zombie { end, .. } | Self::Backoff { end, .. } | Self::Ended(end) => Some(end),
            Self::Idle
            | Self::Starting
            | Self::Running(_)
            | Self::Suspended { .. }
            | Self::Stopping { .. }
            | Self::Asked { .. }
            | Self::Draining { .. }
            | Self::Sweeping { .. }
            | Self::Failed { .. } => None,
        }
    }

    /// Nothing of it runs and nothing will happen by itself.
    pub fn at_rest(&self) -> bool {
        matches!(
            self,
            Self::Idle | Self::Zombie { .. } | Self::Ended(_) | Self::Failed { retry_at: None, .. }
        )
    }
}

impl fmt::Display for State {
    /// How it is or how it ended, in words: `exit 3`, `stopped (SIGTSTP)`, `zombie: exit 0, not waited for`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle => f.write_str("not started"),
            Self::Starting => f.write_str("starting"),
            Self::Running(_) => f.write_str("running"),
            Self::Suspended { by, .. } => write!(f, "stopped ({by})"),
            Self::Stopping { sent, .. } => write!(f, "{sent} sent"),
            Self::Asked { answer_by: Some(_), .. } => f.write_str("asked to stop"),
            Self::Asked { answer_by: None, .. } => f.write_str("asked to stop, does not answer"),
            Self::Draining { status, .. } => write!(f, "{status}, reading its last output"),
            Self::Sweeping { status, .. } => write!(f, "{status}, ending what it left"),
            Self::Zombie { end, .. } => write!(f, "zombie: {end}, not waited for"),
            Self::Backoff { end, .. } | Self::Ended(end) => fmt::Display::fmt(end, f),
            Self::Failed { error, .. } => f.write_str(error),
        }
    }
}

/// A process for people: what is said when one holds things up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProcessRef {
    /// Its pid.
    pub pid: Pid,
    /// Its command line or, without one, its name.
    pub name: Arc<str>,
}

impl fmt::Display for ProcessRef {
    /// `pid 4123 node server.js`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid {} {}", self.pid, self.name)
    }
}

/// One worker as guests see it.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerView {
    /// Its name.
    pub name: WorkerName,
    /// One line for people.
    pub description: Option<Arc<str>>,
    /// The colour of its name, if one was chosen.
    pub color: Option<NameColor>,
    /// What it is made of.
    pub kind: Kind,
    /// Its command as it was written; for a thread what it does.
    pub command: Arc<str>,
    /// Whether it has a terminal or pipes.
    pub output: OutputKind,
    /// Whether what is typed reaches it: it has a terminal, or a pipe as its standard input.
    pub takes_input: bool,
    /// Whether its status is collected at once.
    pub reap: Reap,
    /// What it is.
    pub state: State,
    /// Whether it is wanted up.
    pub wanted: bool,
    /// How often it was started again by its policy or by hand.
    pub restarts: u32,
    /// Why it is not started again although its policy would, e.g. too many restarts.
    pub gave_up: Option<Arc<str>>,
    /// Since when somebody waits for it.
    pub waited_since: Option<Instant>,
    /// Who of its tree is alive besides its first process: known while it stops and after its end.
    pub left: Arc<[ProcessRef]>,
    /// What has been too much of late; kept while it is frozen for that.
    pub excesses: Arc<[Excess]>,
    /// Who holds its output open after its end.
    pub holders: Arc<[ProcessRef]>,
    /// Its timer, if it has one.
    pub timer: Option<TimerView>,
    /// What its last run returned or complained of, in its own words: for a thread that ended.
    pub result: Option<Arc<str>>,
}

impl WorkerView {
    /// What goes behind the words for its end: what a thread returned, or complained of, as ` 42` or
    /// `: no such file`; else nothing.
    pub fn said(&self) -> String {
        let value = self.state.end().is_some_and(|end| end.status.success());
        let gap = if value { " " } else { ": " };
        self.result.as_ref().map(|words| format!("{gap}{words}")).unwrap_or_default()
    }

    /// Its first process is over and nothing happens by itself, but others of its tree are alive:
    /// it is not to be taken for stopped.
    pub fn left_alive(&self) -> bool {
        self.state.at_rest() && !self.left.is_empty()
    }
}

/// All facts at one moment. Immutable and shared: a reader copies nothing.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Counts up with every change.
    pub sequence: u64,
    /// The workers in the order in which they were declared.
    pub workers: Vec<Arc<WorkerView>>,
    /// What the supervisor as a whole is about.
    pub phase: Phase,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self { sequence: 0, workers: Vec::new(), phase: Phase::Up }
    }
}

/// What the supervisor as a whole is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Minding workers.
    Up,
    /// Stopping all, then it ends.
    Quitting {
        /// Since when.
        since: Instant,
        /// By which signal, or by the key if `None`.
        by: Option<Signal>,
        /// Whether everything was killed at once (the second request).
        killing: bool,
    },
    /// All is stopped; guests should leave.
    Over,
}

/// A fact, told once, in the order in which things happened. Its `Display` is one line for people.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// A run began.
    Started(WorkerName, Pid),
    /// A run of a thread worker began; its thread's id.
    StartedThread(WorkerName, Pid),
    /// It could not be started.
    Failed(WorkerName, Arc<str>),
    /// It is being stopped.
    Stopping(WorkerName, Signal, Duration),
    /// A thread was asked to stop; its grace.
    Asked(WorkerName, Duration),
    /// A thread did not stop within its grace; for how long it was asked.
    Unresponsive(WorkerName, Duration),
    /// How far a thread says that it is: told when it first says so, at the end of what it has to do, and
    /// each tenth in between.
    Progress(WorkerName, Progress),
    /// The grace is over: SIGKILL was sent.
    Escalated(WorkerName, Duration),
    /// A signal was sent on request.
    Signaled(WorkerName, Signal),
    /// Its process was stopped by a signal.
    Suspended(WorkerName, Signal),
    /// It runs again.
    Continued(WorkerName),
    /// What a thread's closure returned, in words; its end comes next.
    Returned(WorkerName, Arc<str>),
    /// A run ended; its last output has been read.
    Ended(WorkerName, End),
    /// Ended and not waited for.
    Zombie(WorkerName, End),
    /// It was waited for.
    Reaped(WorkerName, ExitStatus),
    /// It will be started again after this long.
    Backoff(WorkerName, Duration),
    /// It will not be started again although its policy would.
    GaveUp(WorkerName, Arc<str>),
    /// The process that is watched was found.
    Found(WorkerName, Pid),
    /// What is to be watched is not there, and why.
    Missing(WorkerName, Arc<str>),
    /// What was watched is left alone from now on: it runs on.
    LeftAlone(WorkerName),
    /// Its timer runs it next at this moment, this long from now.
    NextRun(WorkerName, Arc<str>, Duration),
    /// A run was due and is left out, and why.
    Skipped(WorkerName, &'static str),
    /// A run is due and waits for the last one to end.
    Queued(WorkerName),
    /// A run is due, and the last one is stopped for it.
    Replaced(WorkerName),
    /// Its timer was stopped: nothing is due any more.
    TimerStopped(WorkerName),
    /// These of its tree live on after its end.
    Left(WorkerName, Arc<[ProcessRef]>),
    /// These hold its output open after its end.
    Holding(WorkerName, Arc<[ProcessRef]>),
    /// It has been too much for this long, and this is done about it.
    Runaway(WorkerName, Excess, Duration),
    /// That is over.
    Tamed(WorkerName, Measure),
    /// Stopping everything, by a signal or by the key.
    Quitting(Option<Signal>),
    /// The second request: everything is killed at once.
    Killing,
    /// Something to say that is no fact of one worker.
    Notice(Arc<str>),
    /// The guest fell behind and missed this many updates; the snapshot is right.
    Lagged(u64),
}

impl Update {
    /// The worker that it is about.
    pub fn worker(&self) -> Option<&WorkerName> {
        match self {
            Self::Started(name, _)
            | Self::StartedThread(name, _)
            | Self::Asked(name, _)
            | Self::Unresponsive(name, _)
            | Self::Progress(name, _)
            | Self::Returned(name, _)
            | Self::Failed(name, _)
            | Self::Stopping(name, ..)
            | Self::Escalated(name, _)
            | Self::Signaled(name, _)
            | Self::Suspended(name, _)
            | Self::Continued(name)
            | Self::Ended(name, _)
            | Self::Zombie(name, _)
            | Self::Reaped(name, _)
            | Self::Backoff(name, _)
            | Self::GaveUp(name, _)
            | Self::Found(name, _)
            | Self::Missing(name, _)
            | Self::LeftAlone(name)
            | Self::NextRun(name, ..)
            | Self::Skipped(name, _)
            | Self::Queued(name)
            | Self::Replaced(name)
            | Self::TimerStopped(name)
            | Self::Left(name, _)
            | Self::Holding(name, _)
            | Self::Runaway(name, ..)
            | Self::Tamed(name, _) => Some(name),
            Self::Quitting(_) | Self::Killing | Self::Notice(_) | Self::Lagged(_) => None,
        }
    }
}

impl fmt::Display for Update {
    /// What happened, without the worker's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started(_, pid) => write!(f, "started, pid {pid}"),
            Self::StartedThread(_, tid) => write!(f, "started, tid {tid}"),
            Self::Asked(_, grace) => write!(f, "asked to stop, within {}", Seconds(*grace)),
            Self::Unresponsive(_, waited) => {
                write!(
                    f,
                    "does not answer: asked to stop {} ago; a thread cannot be killed",
                    Seconds(*waited)
                )
            }
            Self::Returned(_, value) => write!(f, "result: {value}"),
            Self::Progress(_, progress) => fmt::Display::fmt(progress, f),
            Self::Failed(_, error) => write!(f, "could not be started: {error}"),
            Self::Stopping(_, signal, grace) => {
                write!(f, "{signal} sent, SIGKILL in {}", Seconds(*grace))
            }
            Self::Escalated(_, after) => {
                write!(f, "still alive after {}: SIGKILL sent", Seconds(*after))
            }
            Self::Signaled(_, signal) => write!(f, "{signal} sent"),
            Self::Suspended(_, signal) => write!(f, "stopped ({signal})"),
            Self::Continued(_) => f.write_str("continued"),
            Self::Ended(_, end) => write!(f, "{end}, ran {}", Seconds(end.ran)),
            Self::Zombie(_, end) => write!(f, "zombie: {end}, not waited for"),
            Self::Reaped(_, status) => write!(f, "waited for: {status}"),
            Self::Backoff(_, delay) => write!(f, "starts again in {}", Seconds(*delay)),
            Self::GaveUp(_, why) => write!(f, "not started again: {why}"),
            Self::Found(_, pid) => write!(f, "found, pid {pid}"),
            Self::Missing(_, why) => f.write_str(why),
            Self::LeftAlone(_) => f.write_str("left alone: minder did not start it"),
            Self::NextRun(_, clock, ahead) => write!(f, "next run at {clock}, in {}", Seconds(*ahead)),
            Self::Skipped(_, why) => write!(f, "a run was due and is skipped: {why}"),
            Self::Queued(_) => f.write_str("a run is due and waits for the last one to end"),
            Self::Replaced(_) => f.write_str("a run is due: the last one is stopped for it"),
            Self::TimerStopped(_) => f.write_str("its timer is stopped"),
            Self::Left(_, left) => write!(f, "still alive of its tree: {}", Listed(left)),
            Self::Holding(_, holders) => {
                write!(f, "its output is held open by {}", Listed(holders))
            }
            Self::Runaway(_, excess, after) => runaway::began(f, excess, *after),
            Self::Tamed(_, measure) => write!(f, "no runaway any more: {} is back to normal", measure.word()),
            Self::Quitting(None) => f.write_str("stopping everything"),
            // Nobody sent it: it is what a write into nowhere would have got us.
            Self::Quitting(Some(Signal::PIPE)) => {
                f.write_str("the reader of the output went away, stopping everything")
            }
            Self::Quitting(Some(signal)) => write!(f, "{signal} received, stopping everything"),
            Self::Killing => f.write_str("asked again, killing everything"),
            Self::Notice(text) => f.write_str(text),
            Self::Lagged(missed) => write!(f, "{missed} messages were skipped here"),
        }
    }
}

/// A duration as people read it: `0.42 s`, `3.2 s`, `42 s`, `5m 03s`, `2h 05m`.
#[derive(Debug, Clone, Copy)]
pub struct Seconds(pub Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, exact) = (self.0.as_secs(), self.0.as_secs_f64());
        let text = match whole {
            0 => format!("{exact:.2} s"),
            1..10 => format!("{exact:.1} s"),
            10..60 => format!("{whole} s"),
            60..3600 => format!("{}m {:02}s", whole / 60, whole % 60),
            3600..86_400 => format!("{}h {:02}m", whole / 3600, whole / 60 % 60),
            _ => format!("{}d {:02}h", whole / 86_400, whole / 3600 % 24),
        };
        f.pad(&text)
    }
}

/// The first few of some processes, and how many more there are.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a>(pub &'a [ProcessRef]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        for (index, process) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}{process}", if index == 0 { "" } else { ", " })?;
        }
        if self.0.len() > SHOWN {
            write!(f, " and {} more", self.0.len() - SHOWN)?;
        }
        Ok(())
    }
}

/// What the supervisor tells the screen, and only the screen: it alone owns the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScreenOrder {
    /// Give the terminal back as it was, then say [`Command::ScreenLeft`].
    Leave,
    /// Take the terminal again and draw everything anew.
    Enter,
    /// The window may have another size.
    Resized,
    /// Give the terminal back and end.
    Close,
}
