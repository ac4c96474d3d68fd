//! What can be typed: the clap types. What it means is [`super::invocation`]'s.

use super::color::ColorChoice;
use super::exit::ExitCodePolicy;
use super::run::{OUTPUTS, RESTARTS, one_of, read_duration};
use super::tail::no_folder;
use super::{help, watch};
use crate::headless::OnFull;
use crate::init::{self, Rewrite};
use crate::signal::Signal;
use crate::spec::{OutputKind, Pattern, RestartWhen};
use clap::builder::TypedValueParser as _;
use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Minds your child processes.
///
/// Starts them, shows each one's output, exit code and zombie state live in the terminal, and ends
/// and waits for them by a keystroke. Without a command, minder does what `minder up` does.
#[derive(Debug, Parser)]
#[command(
    name = "minder",
    version,
    after_help = help::MORE,
    after_long_help = help::MINDER,
    max_term_width = 100
)]
pub(super) struct Typed {
    /// Read this config file, without a command or before `up` and `check`
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) file: Option<PathBuf>,

    #[command(flatten)]
    pub(super) faces: FaceOptions,
    #[command(flatten)]
    pub(super) color: ColorOption,
    #[command(subcommand)]
    pub(super) command: Option<Verb>,
}

/// What is the same for every way of minding workers.
#[derive(Debug, Default, Args)]
pub(super) struct FaceOptions {
    /// Print prefixed lines instead of the full-screen view
    ///
    /// Each worker's lines are printed with its name in front; what happens to the workers and a
    /// summary at the end go to standard error. This is so by itself where standard input or standard
    /// output is no terminal, and where TERM is `dumb` or not set. Workers have no input then, unless
    /// their `stdin` says otherwise.
    #[arg(long, help_heading = help::COMMON, display_order = 100)]
    pub(super) headless: bool,

    /// Which exit code minder ends with: first-failure, max, zero, or a worker's NAME
    ///
    /// `first-failure`: that of the worker that failed first; `max`: the highest; `zero`: always 0;
    /// NAME: that worker's. A worker that a signal ended counts as 128 + the signal's number; one
    /// that you stopped counts as 0. Default: `first-failure` when headless, `zero` otherwise.
    #[arg(long, value_name = "WHICH", help_heading = help::COMMON, display_order = 101)]
    pub(super) exit_code: Option<ExitCodePolicy>,

    /// Headless, where lines come faster than standard output is read
    ///
    /// With `block` the workers wait for a slow reader, which is told once. With `drop` they never do,
    /// and lines are skipped; how many of which worker is told on standard error. Default: `block`.
    #[arg(long, value_name = "POLICY", help_heading = help::COMMON, display_order = 101)]
    pub(super) on_full: Option<OnFull>,
}

/// Whether to use colours; understood before and after the command.
#[derive(Debug, Args)]
pub(super) struct ColorOption {
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = help::COMMON,
        display_order = 102
    )]
    pub(super) color: ColorChoice,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Mind the commands given here
    ///
    /// Each argument is a shell command line and becomes a worker, named after its command. Words
    /// after `--` are one program and its arguments, run without a shell.
    #[command(override_usage = help::RUN_USAGE, after_long_help = help::RUN)]
    Run(RunArguments),
    /// Mind the workers of a config file
    ///
    /// Without FILE: `minder.toml` or `Procfile`, in this folder or the nearest parent that has
    /// one. With NAMEs, only those workers are there, and started.
    #[command(after_long_help = help::UP)]
    Up(UpArguments),
    /// Follow files as `tail -F` does, each in a pane of its own
    ///
    /// Goes on when a file is renamed, truncated, deleted or made anew, and waits for one that is not there
    /// or may not be read. `-` is standard input. What matches a pattern in quotes is followed too, also
    /// when it appears later.
    #[command(after_long_help = help::TAIL)]
    Tail(TailArguments),
    /// Watch processes that somebody else started
    ///
    /// Shows what each uses, its tree and its end, and signals it where you say so. What only a parent is
    /// told is not to be had: its output and its exit code. minder leaves them alone when it ends.
    #[command(after_long_help = help::WATCH)]
    Watch(WatchArguments),
    /// See every state a worker can be in, without a config file
    ///
    /// Starts the workers of a config that is built into minder: a healthy service, a flood, one
    /// that ignores SIGTERM, one that crashes, zombies, an orphan, a runaway and more. All of it is
    /// real, harmless, and gone when you quit.
    #[command(after_long_help = help::DEMO)]
    Demo(DemoArguments),
    /// Check a config file and say every mistake at once
    ///
    /// Each mistake is shown with its file, line and column, the text underlined and the mend.
    /// Starts nothing.
    #[command(after_long_help = help::CHECK)]
    Check(CheckArguments),
    /// Run one command as a container's init does: hand signals on, reap, end as it ends
    ///
    /// For the ENTRYPOINT of a container, in the place of dumb-init or tini, whose options it takes.
    /// The command runs in a session of its own. Every signal that minder gets is handed on to its
    /// process group, what it orphans is reaped, and minder ends with its exit code. There is no
    /// screen, no worker and no config.
    #[command(version, override_usage = help::INIT_USAGE, after_long_help = help::INIT)]
    Init(InitArguments),
    /// Print the completions for a shell
    #[command(after_long_help = help::COMPLETIONS)]
    Completions(CompletionsArguments),
    /// Print the manual page (roff)
    #[command(after_long_help = help::MAN)]
    Man,
}

/// `minder run`
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// Shell command lines, each a worker; `name=CMD` names it
    #[arg(value_name = "CMD", value_hint = ValueHint::CommandString)]
    pub(super) lines: Vec<String>,

    /// After `--`: one program and its arguments, run without a shell
    #[arg(last = true, value_name = "PROG", value_hint = ValueHint::CommandWithArguments)]
    pub(super) argv: Vec<OsString>,

    /// Names for the workers, in order, separated by commas
    #[arg(long, short, value_name = "A,B", value_delimiter = ',')]
    pub(super) names: Vec<String>,

    /// Start a worker again when it ends
    #[arg(long, value_name = "POLICY", default_value = "no",
        value_parser = one_of(RESTARTS))]
    pub(super) restart: RestartWhen,

    /// The signal that asks a worker to stop, by name or number
    #[arg(long, value_name = "SIGNAL", default_value = "TERM")]
    pub(super) signal: Signal,

    /// How long a worker may take to stop before it is killed, e.g. 500ms, 5s, 1m30s
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = read_duration)]
    pub(super) grace: Duration,

    /// Whether workers write to a terminal of their own or to pipes
    ///
    /// On a terminal (`pty`) programs keep their colours and write line by line. With pipes,
    /// standard output and standard error stay apart.
    #[arg(long, value_name = "KIND", default_value = "pty",
        value_parser = one_of(OUTPUTS))]
    pub(super) output: OutputKind,

    #[command(flatten)]
    pub(super) faces: FaceOptions,
}

/// `minder up`
#[derive(Debug, Default, Args)]
pub(super) struct UpArguments {
    /// Only these workers
    #[arg(value_name = "NAME")]
    pub(super) names: Vec<String>,

    /// Read this config file
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) file: Option<PathBuf>,

    #[command(flatten)]
    pub(super) faces: FaceOptions,
}

/// `minder tail`
#[derive(Debug, Args)]
pub(super) struct TailArguments {
    /// The files; `-` is standard input, 'logs/*.log' in quotes all that match, now or later
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath,
        value_parser = clap::builder::PathBufValueParser::new().try_map(no_folder))]
    pub(super) files: Vec<PathBuf>,

    /// With how many of its last lines a file begins that is there already
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    pub(super) lines: u64,

    /// Begin at the start of each file
    #[arg(long, conflicts_with = "lines")]
    pub(super) from_start: bool,

    #[command(flatten)]
    pub(super) faces: FaceOptions,
}

/// `minder watch`
#[derive(Debug, Args)]
#[group(id = "watched", required = true, multiple = true, args = ["pids", "name", "pid_file"])]
pub(super) struct WatchArguments {
    /// Their pids
    #[arg(value_name = "PID", value_parser = watch::read_pid)]
    pub(super) pids: Vec<i32>,

    /// The oldest process whose name or command line matches; may be given again
    ///
    /// It is looked for until it is there, and again when it has ended.
    #[arg(long, short, value_name = "REGEX", value_parser = watch::read_pattern)]
    pub(super) name: Vec<Pattern>,

    /// The process whose pid is in this file; may be given again
    ///
    /// It is looked for until it is there, and again when it has ended.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) pid_file: Vec<PathBuf>,

    /// The signal that asks a process to stop, by name or number
    #[arg(long, value_name = "SIGNAL", default_value = "TERM")]
    pub(super) signal: Signal,

    /// How long a process may take to stop before it is killed, once you asked for that
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = read_duration)]
    pub(super) grace: Duration,

    #[command(flatten)]
    pub(super) faces: FaceOptions,
}

/// `minder demo`
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    #[command(flatten)]
    pub(super) faces: FaceOptions,
}

/// `minder check`
#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Check this config file
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) file: Option<PathBuf>,
}

/// `minder init`: for help, completions and the page; it is read by [`crate::init`] before clap is
/// asked, and here only where an option of minder's stands in front.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option's letter")]
pub(super) struct InitArguments {
    /// The program and its arguments; options after PROG are its own
    #[arg(value_name = "PROG", required = true, trailing_var_arg = true, allow_hyphen_values = true,
        value_hint = ValueHint::CommandWithArguments)]
    pub(super) argv: Vec<OsString>,

    /// Hand signals to the command's first process alone, and keep it in this session
    ///
    /// In a process group of its own, which becomes the terminal's foreground if minder was it.
    #[arg(long, short = 'c')]
    pub(super) single_child: bool,

    /// Hand a signal on as another one, by name or number; `15:0` drops it
    ///
    /// May be given again. Without a rewrite of their own, TSTP, TTIN and TTOU become STOP for a command
    /// in a session of its own.
    #[arg(long, short, value_name = "SIGNAL:SIGNAL")]
    pub(super) rewrite: Vec<Rewrite>,

    /// Adopt and reap orphans also where minder is not PID 1 (a subreaper)
    #[arg(short = 's')]
    pub(super) subreaper: bool,

    /// Hand signals to the whole process group: so it is by itself, but with -c
    #[arg(short = 'g')]
    pub(super) group: bool,

    /// Be sent this signal when minder's own parent ends
    #[arg(short = 'p', value_name = "SIGNAL")]
    pub(super) parent_death: Option<Signal>,

    /// Tell each orphan that is reaped
    #[arg(short = 'w')]
    pub(super) warn: bool,

    /// Make 0 of this exit code; may be given again
    #[arg(short = 'e', value_name = "CODE")]
    pub(super) well: Vec<u8>,

    /// Tell each signal and each end on standard error
    #[arg(long, short, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,

    /// Shadows the global option: there is nothing to colour.
    #[arg(long, hide = true, value_name = "WHEN")]
    pub(super) color: Option<ColorChoice>,
}

impl InitArguments {
    /// As [`crate::init::read`] says it.
    pub(super) fn options(self) -> init::Options {
        let mut options = init::Options::new(self.argv).single_child(self.single_child, self.group);
        self.rewrite.into_iter().for_each(|rule| options.rewrites.add(rule));
        options.subreaper = self.subreaper;
        options.warn = self.warn;
        options.verbose = self.verbose > 0;
        options.parent_death = self.parent_death;
        options.well = self.well;
        options.switched(|name| std::env::var_os(name))
    }
}

/// `minder completions`
#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell to complete in
    #[arg(value_name = "SHELL")]
    pub(super) shell: Shell,
}
