//! minder's command line: reads it, chooses a face, and maps what came of it to an exit code.

use minder::cli::{self, ColorEnvironment, ExitCodePolicy, Face, colors_wanted};
use minder::config::{self, Config, Diagnostics};
use minder::face::{self, Ground, Job, Minded};
use minder::guardian::{self, Guarded};
use minder::headless;
use minder::init;
use minder::output::KeyFlags;
use minder::spec::WorkerName;
use minder::sys::terminal::Terminal;
use minder::sys::{clock, job_control, signals};
use minder::ui::Keymap;
use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// minder itself failed (as with env(1), nohup(1) and timeout(1)).
const OWN_FAILURE: u8 = 125;
/// `minder check` found mistakes.
const MISTAKES: u8 = 1;
/// What was typed or written in a config cannot be meant; nothing was started.
const MISUSE: u8 = 2;

/// Why nothing was started, for people, and the exit code for it.
struct Refusal(String, u8);

impl Refusal {
    fn misuse(words: impl Display) -> Self {
        Self(format!("minder: {words}"), MISUSE)
    }

    fn failure(words: impl Display) -> Self {
        Self(format!("minder: {words}"), OWN_FAILURE)
    }

    /// A file's mistakes with `code`, and below them, where eyes are, how many they are.
    fn mistakes(mistakes: &Diagnostics, file: &Path, colors: bool, code: u8) -> Self {
        let shown = mistakes.render(colors);
        let shown = shown.trim_end();
        if !file.is_file() {
            return Self(shown.to_owned(), MISUSE);
        }
        let count = match mistakes.mistakes() {
            1 => "1 mistake".to_owned(),
            count => format!("{count} mistakes"),
        };
        Self(format!("{shown}\n\nminder: {}: {count}", file.display()), code)
    }
}

fn main() -> ExitCode {
    // Before clap and before any thread: an init is to cost next to nothing.
    if let Some(code) = init::called(std::env::args_os()) {
        return ExitCode::from(code);
    }
    let cli::Invocation { face, options } = cli::parse();
    let done = match face {
        Face::Completions(shell) => print(|out| cli::completions(shell, out)),
        Face::Man => print(cli::man),
        Face::Init(options) => Ok(ExitCode::from(init::run(&options))),
        Face::Check { file } => check(file, &options),
        Face::Run(workers) => mind(Job::new(workers), &options),
        Face::Up { file, names } => up(file, &names, &options).and_then(|job| mind(job, &options)),
        Face::Demo => demo(&options).and_then(|job| mind(job, &options)),
    };
    done.unwrap_or_else(|Refusal(words, code)| {
        tell(&words);
        ExitCode::from(code)
    })
}

fn up(file: Option<PathBuf>, names: &[String], options: &cli::Options) -> Result<Job, Refusal> {
    let file = file.map_or_else(find, Ok)?;
    let mut config = load(&file, options)?;
    config::select(&mut config, names).map_err(Refusal::misuse)?;
    let colors = colors_on_stderr(options);
    for warning in &config.warnings {
        tell(warning.render(colors).trim_end());
    }
    Ok(job(config))
}

fn job(config: Config) -> Job {
    Job { forward_signals: config.forward_signals, log: config.log, ..Job::new(config.workers) }
}

fn demo(options: &cli::Options) -> Result<Job, Refusal> {
    let here = std::env::current_dir().map_err(Refusal::failure)?;
    let config = config::parse_toml(cli::demo::TEXT, cli::demo::NAME, &here, None)
        .map_err(|mistakes| Refusal::failure(mistakes.render(colors_on_stderr(options))))?;
    Ok(job(config))
}

fn check(file: Option<PathBuf>, options: &cli::Options) -> Result<ExitCode, Refusal> {
    let file = file.map_or_else(find, Ok)?;
    match config::check(&file, clock::timestamp(), &clock::time_zone()) {
        Ok(report) => {
            let colors = wanted(options, io::stdout().is_terminal());
            print(|out| {
                report
                    .warnings
                    .iter()
                    .try_for_each(|warning| writeln!(out, "{}", warning.render(colors).trim_end()))?;
                writeln!(out, "{report}")
            })
        }
        Err(mistakes) => Err(Refusal::mistakes(&mistakes, &file, colors_on_stderr(options), MISTAKES)),
    }
}

fn find() -> Result<PathBuf, Refusal> {
    let here = std::env::current_dir().map_err(Refusal::failure)?;
    config::find(&here).map_err(Refusal::misuse)
}

fn load(file: &Path, options: &cli::Options) -> Result<Config, Refusal> {
    config::load(file)
        .map_err(|mistakes| Refusal::mistakes(&mistakes, file, colors_on_stderr(options), MISUSE))
}

/// Minds a job with the face that fits: the screen on a terminal, else headless.
fn mind(job: Job, options: &cli::Options) -> Result<ExitCode, Refusal> {
    let term = std::env::var_os("TERM");
    let terminal = if options.wants_screen(term.as_deref()) { open_terminal(&job)? } else { None };
    // In the background nobody sees a screen, and the terminal is somebody else's.
    let terminal = terminal.filter(job_control::wait_for_foreground);
    let policy = options.exit_code.clone().unwrap_or_else(|| ExitCodePolicy::by_default(terminal.is_none()));
    let names: Vec<WorkerName> = job.workers.iter().map(|worker| worker.spec.name.clone()).collect();
    policy.check(&names).map_err(Refusal::misuse)?;
    // Without a screen nobody presses a key: a mistake in their file is no reason to run nothing.
    let screen = terminal.map(|terminal| Ok((terminal, keymap()?, keyboard()?))).transpose()?;
    // From here on there are two processes: this one is the child, the supervisor.
    let guarded = guardian::stand();
    let ground = Ground::prepare(guarded.as_ref().map(Guarded::guardian));
    let outcome = ground.and_then(|ground| match screen {
        Some((terminal, keymap, keyboard)) => {
            face::screen(&ground, job, terminal, keymap, keyboard, wanted(options, true))
        }
        None => face::headless(
            &ground,
            job,
            headless::Settings {
                colors_out: wanted(options, io::stdout().is_terminal()),
                colors_err: colors_on_stderr(options),
                on_full: options.on_full,
            },
        ),
    });
    if let Some(guarded) = guarded {
        guarded.done();
    }
    outcome.map(|minded| end(minded, &policy)).map_err(Refusal::failure)
}

/// The terminal for a screen, if there is one.
fn open_terminal(job: &Job) -> Result<Option<Terminal>, Refusal> {
    let reads_stdin = job.workers.iter().any(|worker| worker.spec.program.reads_stdin());
    if !reads_stdin {
        return Ok(Terminal::open().ok());
    }
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        let words = "`-` is standard input, and that is the terminal, where the keys come from: pipe something \
                     into it, or use --headless";
        return Err(Refusal::misuse(words));
    }
    Ok(Terminal::open_beside_stdin().ok())
}

/// The one place that turns an end into an exit code.
fn end(minded: Minded, policy: &ExitCodePolicy) -> ExitCode {
    let Some(outcome) = minded.outcome else { return ExitCode::from(OWN_FAILURE) };
    if outcome.panicked || !outcome.survivors.is_empty() {
        return ExitCode::from(OWN_FAILURE);
    }
    if let Some(signal) = outcome.by {
        // So that whoever waits for us sees it, and `minder up && next` stops.
        signals::die_by(signal);
        return ExitCode::from(u8::try_from(128 + signal.number()).unwrap_or(OWN_FAILURE));
    }
    if !minded.printed {
        return ExitCode::from(OWN_FAILURE);
    }
    ExitCode::from(cli::exit_code(policy, outcome.snapshot.workers.iter().map(AsRef::as_ref)))
}

/// What the terminal speaks of the kitty keyboard protocol.
fn keyboard() -> Result<KeyFlags, Refusal> {
    face::speech().map_err(Refusal::misuse)
}

/// The user's keys: `$XDG_CONFIG_HOME/minder/config.toml`, by default below `~/.config` (XDG Base
/// Directory Specification).
fn keymap() -> Result<Keymap, Refusal> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    let Some(file) = base.map(|base| base.join("minder/config.toml")) else { return Ok(Keymap::default()) };
    let name = file.display().to_string();
    match std::fs::read_to_string(&file) {
        Ok(text) => Keymap::from_toml(&text, &name).map_err(|errors| {
            let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
            Refusal::misuse(lines.join("\n"))
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Keymap::default()),
        Err(error) => Err(Refusal::misuse(format!("cannot read {name}: {error}"))),
    }
}

fn wanted(options: &cli::Options, is_terminal: bool) -> bool {
    colors_wanted(options.color, &ColorEnvironment::current(), is_terminal)
}

fn colors_on_stderr(options: &cli::Options) -> bool {
    wanted(options, io::stderr().is_terminal())
}

/// Prints something as a whole. A reader that has seen enough is no failure.
fn print(write: impl FnOnce(&mut io::Stdout) -> io::Result<()>) -> Result<ExitCode, Refusal> {
    match write(&mut io::stdout()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Refusal::failure(format!("cannot write to standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(ExitCode::SUCCESS),
    }
}

fn tell(what: &str) {
    // Where even this cannot be written, nobody is left to be told.
    let _ = writeln!(io::stderr(), "{what}");
}
