//! What was declared of a worker, fully resolved: nothing here is half-parsed, relative or guessed.
//!
//! Files are read and lowered to a [`Spec`] by [`crate::config`]; a Rust program builds one with
//! [`Spec::shell`] or [`Spec::exec`] and sets the fields.

mod follow;
mod log;
mod runaway;
mod schedule;
mod target;

pub use follow::{Beginning, Follow, Followed, Sought};
pub use log::{LogBudget, LogFile, LogFormat, Rotation};
pub use runaway::{Bound, Memory, RunawayAction, RunawayPolicy};
pub use schedule::{Cron, CronMistake, Overlap, Schedule, Timing};
pub use target::{Pattern, Target};

use crate::signal::Signal;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The name of a worker: unique in a supervisor, cheap to clone. Guests hold names, never pids.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkerName(Arc<str>);

impl WorkerName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for WorkerName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<String> for WorkerName {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for WorkerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for WorkerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// Everything that is known of a worker before it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Its name, unique among the workers of a supervisor.
    pub name: WorkerName,
    /// What it runs.
    pub program: Program,
    /// The folder it starts in; minder's own if `None`.
    pub cwd: Option<PathBuf>,
    /// What its environment is made of.
    pub env: Environment,
    /// Where its output goes.
    pub output: OutputKind,
    /// How much of it is kept.
    pub log: LogBudget,
    /// The file that it is written to as well.
    pub log_file: Option<LogFile>,
    /// Where its standard input comes from.
    pub stdin: StdinKind,
    /// The mode bits that new files lose (umask(2)), 0 to 0o777; minder's own if `None`.
    pub umask: Option<u32>,
    /// Added to minder's own niceness (nice(2)), −20 to 19; below 0 needs the privilege.
    pub nice: Option<i32>,
    /// Resource limits (setrlimit(2)) that differ from minder's own.
    pub limits: Vec<Limit>,
    /// How it is asked to stop.
    pub stop: StopPolicy,
    /// Whether it is started again when it ends.
    pub restart: RestartPolicy,
    /// When its tree counts as a runaway, and what is done then.
    pub runaway: RunawayPolicy,
    /// Whether it starts with minder (the default) or waits for a start by hand.
    pub autostart: bool,
    /// Runs it on a timer, if it has one: it then runs when that says so, and `autostart` is about
    /// the timer.
    pub schedule: Option<Schedule>,
    /// Whether its exit status is collected at once.
    pub reap: Reap,
    /// One line for people.
    pub description: Option<String>,
    /// The colour of its name; by its place in the list if `None`.
    pub color: Option<NameColor>,
}

impl Spec {
    /// A worker that runs a shell command line with `/bin/sh -c`, all else by default.
    pub fn shell(name: impl Into<WorkerName>, line: impl Into<String>) -> Self {
        let shell = vec!["/bin/sh".into(), "-c".into()];
        Self::new(name.into(), Program::Shell { line: line.into(), shell })
    }

    /// A worker that runs a program without a shell, all else by default. `argv[0]` is the program.
    pub fn exec<A: Into<OsString>>(name: impl Into<WorkerName>, argv: impl IntoIterator<Item = A>) -> Self {
        Self::new(name.into(), Program::Exec(argv.into_iter().map(Into::into).collect()))
    }

    /// A worker that is a thread of this program, all else by default. The closure that it runs stands
    /// beside the spec ([`crate::supervisor::Declaration`]); `what` is said of it where a process has its
    /// command.
    pub fn thread(name: impl Into<WorkerName>, what: impl Into<String>) -> Self {
        let program = Program::Thread { what: what.into(), daemon: false };
        Self { output: OutputKind::Pipe, ..Self::new(name.into(), program) }
    }

    /// This worker as a daemon, if it is a thread: nobody waits for it at the end of the program. It is
    /// asked to stop and let go, and it alone keeps no program up.
    #[must_use]
    pub fn daemon(mut self) -> Self {
        if let Program::Thread { daemon, .. } = &mut self.program {
            *daemon = true;
        }
        self
    }

    /// A worker that follows files, on a thread of minder's own, all else by default.
    pub fn follow(name: impl Into<WorkerName>, follow: Follow) -> Self {
        Self { output: OutputKind::Pipe, ..Self::new(name.into(), Program::Follow(follow)) }
    }

    /// A pool that is shown, all else by default; see [`crate::Supervisor::add_pool`].
    pub(crate) fn pool(name: impl Into<WorkerName>, what: impl Into<String>) -> Self {
        let program = Program::Pool { what: what.into() };
        Self { output: OutputKind::Pipe, ..Self::new(name.into(), program) }
    }

    /// A process that minder did not start, all else by default: it is neither started nor reaped, and
    /// left alone when minder ends.
    pub fn watched(name: impl Into<WorkerName>, target: Target) -> Self {
        Self { output: OutputKind::Pipe, ..Self::new(name.into(), Program::Watched(target)) }
    }

    /// What it is made of.
    pub fn kind(&self) -> Kind {
        match &self.program {
            Program::Shell { .. } | Program::Exec(_) => Kind::Process,
            Program::Thread { daemon, .. } => Kind::Thread { daemon: *daemon },
            Program::Follow(_) => Kind::Thread { daemon: false },
            Program::Watched(_) => Kind::Watched,
            Program::Pool { .. } => Kind::Pool,
        }
    }

    fn new(name: WorkerName, program: Program) -> Self {
        Self {
            name,
            program,
            cwd: None,
            env: Environment::default(),
            output: OutputKind::default(),
            log: LogBudget::default(),
            log_file: None,
            stdin: StdinKind::default(),
            umask: None,
            nice: None,
            limits: Vec::new(),
            stop: StopPolicy::default(),
            restart: RestartPolicy::default(),
            runaway: RunawayPolicy::default(),
            autostart: true,
            schedule: None,
            reap: Reap::default(),
            description: None,
            color: None,
        }
    }
}

/// What a worker runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// A command line for a shell: `shell` is the shell and its options, `line` its last argument.
    Shell {
        /// The command line as it was written.
        line: String,
        /// The shell's own words, `["/bin/sh", "-c"]` by default.
        shell: Vec<OsString>,
    },
    /// A program and its arguments, run as they are. Never empty.
    Exec(Vec<OsString>),
    /// A closure, on a thread of this program. Of what a spec says of processes (folder, environment,
    /// limits, …) nothing is for it; of `stop` only the grace is.
    Thread {
        /// What it does, for people.
        what: String,
        /// Nobody waits for it at the end of the program: it is asked to stop and let go.
        daemon: bool,
    },
    /// Files to follow, on a thread of minder's own. Of what a spec says of processes nothing is for it.
    Follow(Follow),
    /// Nothing: a process that somebody else started is watched.
    Watched(Target),
    /// Nothing of its own: a pool of this program is shown ([`crate::pool`]).
    Pool {
        /// What its workers are and how many, for people.
        what: String,
    },
}

/// What a worker is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A process and all that it starts.
    #[default]
    Process,
    /// A thread of this program.
    Thread {
        /// Nobody waits for it at the end of the program.
        daemon: bool,
    },
    /// A process that minder did not start.
    Watched,
    /// A pool of this program, minded by a thread.
    Pool,
}

impl Kind {
    /// Whether it is a process that minder did not start.
    pub fn is_watched(self) -> bool {
        matches!(self, Self::Watched)
    }

    /// Whether it is a thread, or minded by one: it can be asked to stop, not made to.
    pub fn is_thread(self) -> bool {
        matches!(self, Self::Thread { .. } | Self::Pool)
    }

    /// Whether it is a pool.
    pub fn is_pool(self) -> bool {
        matches!(self, Self::Pool)
    }

    /// What it is called where something is said that cannot be done to it: `process`, `thread`, `pool`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Process | Self::Watched => "process",
            Self::Thread { .. } => "thread",
            Self::Pool => "pool",
        }
    }

    /// What the number of its run is called: `pid` or `tid`.
    pub fn id_word(self) -> &'static str {
        if self.is_thread() { "tid" } else { "pid" }
    }
}

impl Program {
    /// Whether it reads minder's own standard input.
    pub fn reads_stdin(&self) -> bool {
        match self {
            Self::Follow(follow) => follow.what == Followed::Stdin,
            Self::Shell { .. }
            | Self::Exec(_)
            | Self::Thread { .. }
            | Self::Watched(_)
            | Self::Pool { .. } => false,
        }
    }

    /// The words given to execve(2); none for a thread and for what is watched.
    pub fn argv(&self) -> Vec<OsString> {
        match self {
            Self::Shell { line, shell } => shell.iter().cloned().chain([line.into()]).collect(),
            Self::Exec(argv) => argv.clone(),
            Self::Thread { .. } | Self::Follow(_) | Self::Watched(_) | Self::Pool { .. } => Vec::new(),
        }
    }
}

impl fmt::Display for Program {
    /// The command as a person wrote it; words with blanks are quoted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shell { line, .. } => f.write_str(line),
            Self::Thread { what, .. } | Self::Pool { what } => f.write_str(what),
            Self::Follow(follow) => follow.fmt(f),
            Self::Watched(target) => fmt::Display::fmt(target, f),
            Self::Exec(argv) => {
                for (index, word) in argv.iter().enumerate() {
                    let word = word.to_string_lossy();
                    let gap = if index == 0 { "" } else { " " };
                    if word.is_empty() || word.contains(char::is_whitespace) {
                        write!(f, "{gap}'{word}'")?;
                    } else {
                        write!(f, "{gap}{word}")?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// How a worker's environment is made: minder's own (unless `clear`), then `vars` on top.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Start from nothing rather than from minder's own environment.
    pub clear: bool,
    /// Variables to set, or with `None` to unset.
    pub vars: BTreeMap<OsString, Option<OsString>>,
}

/// Where a worker's output goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum OutputKind {
    /// A terminal of its own: it keeps its colours and its line buffering.
    #[default]
    Pty,
    /// Two pipes: stdout and stderr stay apart, their order is that of arrival.
    Pipe,
    /// One pipe for both: their order is exact, but they cannot be told apart.
    Merged,
}

/// Where a worker's standard input comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum StdinKind {
    /// Its terminal where it has one, else nothing (`/dev/null`).
    #[default]
    Auto,
    /// A terminal of its own, even where its output goes to pipes.
    Pty,
    /// `/dev/null`: end of input at once.
    Null,
    /// A pipe that the keyboard is written to.
    Pipe,
    /// This file.
    File(PathBuf),
}

/// How a worker is asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopPolicy {
    /// What its process group is sent first. Default: SIGTERM.
    pub signal: Signal,
    /// How long until SIGKILL. Default: 5 s.
    pub grace: Duration,
}

impl Default for StopPolicy {
    fn default() -> Self {
        Self { signal: Signal::TERM, grace: Duration::from_secs(5) }
    }
}

/// When and how often a worker that ended is started again.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RestartPolicy {
    /// After which ends. Default: none.
    pub when: RestartWhen,
    /// How long to wait before each start.
    pub backoff: Backoff,
    /// How often at most. Default: no bound (the backoff bounds the rate).
    pub limit: Option<RestartLimit>,
}

/// After which ends a worker is started again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RestartWhen {
    /// Never.
    #[default]
    No,
    /// After an exit code other than 0 and after a signal.
    OnFailure,
    /// After every end that was not asked for.
    Always,
}

/// The wait before a restart: `initial × factor^n`, at most `max`, give or take `jitter`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// Before the first restart in a row. Default: 0.5 s.
    pub initial: Duration,
    /// At most this long. Default: 30 s.
    pub max: Duration,
    /// Each wait is this many times the one before, at least 1. Default: 2.
    pub factor: f64,
    /// The share by which a wait is longer or shorter by chance, 0 to 1. Default: 0.1.
    pub jitter: f64,
    /// A run of this length was healthy: the next wait is `initial` again. Default: 10 s.
    pub reset_after: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            initial: Duration::from_millis(500),
            max: Duration::from_secs(30),
            factor: 2.0,
            jitter: 0.1,
            reset_after: Duration::from_secs(10),
        }
    }
}

/// At most `count` restarts within `window`; one more is not made, and the worker stays ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartLimit {
    /// How many.
    pub count: u32,
    /// Within how long.
    pub window: Duration,
}

/// Whether a worker's exit status is collected as soon as it ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Reap {
    /// At once.
    #[default]
    Auto,
    /// Only when somebody waits for it: until then it is a visible zombie.
    Manual,
}

/// One resource limit of setrlimit(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Which.
    pub resource: Resource,
    /// The soft limit; `None` is unlimited.
    pub soft: Option<u64>,
    /// The hard limit; `None` is unlimited.
    pub hard: Option<u64>,
}

/// A resource of setrlimit(2), in the manual's units (bytes, seconds, counts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `as`: address space, bytes.
    As,
    /// `core`: core file, bytes.
    Core,
    /// `cpu`: CPU time, seconds.
    Cpu,
    /// `data`: data segment, bytes.
    Data,
    /// `fsize`: largest file, bytes.
    Fsize,
    /// `memlock`: locked memory, bytes.
    Memlock,
    /// `nofile`: open descriptors.
    Nofile,
    /// `nproc`: processes of the user.
    Nproc,
    /// `stack`: stack, bytes.
    Stack,
}

impl Resource {
    /// Every resource, in order of name.
    pub const ALL: [Self; 9] = [
        Self::As,
        Self::Core,
        Self::Cpu,
        Self::Data,
        Self::Fsize,
        Self::Memlock,
        Self::Nofile,
        Self::Nproc,
        Self::Stack,
    ];

    /// Its name in a config file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::As => "as",
            Self::Core => "core",
            Self::Cpu => "cpu",
            Self::Data => "data",
            Self::Fsize => "fsize",
            Self::Memlock => "memlock",
            Self::Nofile => "nofile",
            Self::Nproc => "nproc",
            Self::Stack => "stack",
        }
    }
}

/// The colour of a worker's name: one of the terminal's own or an exact one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameColor {
    /// One of the terminal's 256: 0 to 7 are the basic ones (black, red, … white), 8 to 15 bright.
    Indexed(u8),
    /// An exact colour.
    Rgb(u8, u8, u8),
}
