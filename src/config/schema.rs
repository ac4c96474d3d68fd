//! Every key of `minder.toml`: one table, from which the file is read, mistakes are told and the
//! reference is written.

use super::diagnostic::Notes;
use super::duration::DAY;
use super::field::Field;
use super::key::{Key, in_file_order, read_nested, read_table, read_table_without};
use super::typed::{Typed, TypedBackoff, TypedCommand, TypedFile, TypedStdin, TypedStop, TypedWorker};
use super::{color, env, followed, limits, log, name, runaway, timer, watched};
use crate::signal::Signal;
use crate::spec::{NameColor, OutputKind, Reap, RestartLimit, RestartWhen};
use crate::suggest;
use std::time::Duration;
use toml::Spanned;
use toml::de::DeTable;

/// How long the window of `max_restarts` is unless it says so itself.
const DEFAULT_WINDOW: Duration = Duration::from_mins(1);
/// Keys that only one worker can mean.
const NOT_SHARED: [&str; 8] = ["cmd", "tail", "pid", "pid_file", "pgrep", "every", "cron", "description"];

/// The keys outside all workers.
pub(super) static TOP: [Key<TypedFile>; 4] = [
    Key {
        name: "forward_signals",
        wants: "true or false",
        default: "`false`",
        doc: "Whether SIGUSR1 and SIGUSR2, when minder gets them, are passed on to every worker.",
        elsewhere: &[],
        read: |file, field, notes| file.forward_signals = field.boolean(notes),
    },
    Key {
        name: "log",
        wants: "a table",
        default: "",
        doc: "How much of the output of all workers together is kept.",
        elsewhere: &["logs", "logging"],
        read: |file, field, notes| log::read_total(&mut file.log, field, notes),
    },
    Key {
        name: "defaults",
        wants: "a table",
        default: "nothing",
        doc: "What the workers share: every key of a worker but `cmd`, `tail`, `pid`, `pid_file`, `pgrep`, \
              `every`, `cron` and `description`. A worker's own key replaces it; `env`, `limits`, `log`, \
              `stop`, `backoff` and `runaway` are merged entry by entry.",
        elsewhere: &["default"],
        read: read_defaults,
    },
    Key {
        name: "worker",
        wants: "tables, as `[worker.web]`",
        default: "",
        doc: "One table for each worker, `[worker.NAME]`. A name is 1 to 64 letters, digits, `_`, `-` \
              and `.`, and begins with a letter, a digit or `_`.",
        elsewhere: &["workers", "process", "processes", "procs", "service", "services", "program"],
        read: read_workers,
    },
];

/// The keys of a worker.
pub(super) static WORKER: [Key<TypedWorker>; 28] = [
    Key {
        name: "cmd",
        wants: "a string (for the shell) or an array of strings (no shell)",
        default: "must be given",
        doc: "What to run. A string is a command line for the shell, where `$PORT`, pipes and `&&` are \
              the shell's business; an array is a program and its arguments, run as they are: minder \
              itself puts nothing in for variables.",
        elsewhere: &["command", "run", "exec", "script", "start"],
        read: |worker, field, notes| {
            worker.cmd = read_command(field, notes).map_or(Typed::Mistaken, Typed::Read);
        },
    },
    Key {
        name: "tail",
        wants: "a path or pattern, an array of them, or { files, lines }",
        default: "none",
        doc: "In the place of `cmd`: a file to follow as `tail -F` does, whatever is renamed, truncated or \
              appears, relative to the file's folder. Of a pattern as `\"logs/*.log\"` (with `**` for folders \
              at any depth, through no link to one) and of an array, each file gets a worker of its own, \
              named after it, also one that appears later. Keys for how a process is started mean nothing \
              to it, which a warning says.",
        elsewhere: &["follow", "tailf", "log_files"],
        read: |worker, field, notes| followed::read(&mut worker.tail, field, notes),
    },
    Key {
        name: "pid",
        wants: "an integer from 2 to 4194304",
        default: "none",
        doc: "In the place of `cmd`: a process that somebody else started, by its pid. It is watched, can be \
              signalled and stopped, and is left alone when minder ends. Keys for how a process is started, \
              and started again, mean nothing to it, which a warning says.",
        elsewhere: &[],
        read: |worker, field, notes| watched::read_pid(&mut worker.watch, field, notes),
    },
    Key {
        name: "pid_file",
        wants: "a path as a string",
        default: "none",
        doc: "As `pid`, which is read from this file. It is looked for until the file is there and its \
              process too, and again when that has ended.",
        elsewhere: &["pidfile"],
        read: |worker, field, notes| watched::read_pid_file(&mut worker.watch, field, notes),
    },
    Key {
        name: "pgrep",
        wants: "a regular expression as a string",
        default: "none",
        doc: "As `pid`: the oldest process whose name or command line matches. It is looked for until it \
              is there, and again when it has ended.",
        elsewhere: &["match", "pattern"],
        read: |worker, field, notes| watched::read_pgrep(&mut worker.watch, field, notes),
    },
    Key {
        name: "cwd",
        wants: "a path as a string",
        default: "the file's folder",
        doc: "The folder it starts in. Relative to the file's folder; `~/` is your home.",
        elsewhere: &["dir", "directory", "working_dir", "workdir", "root", "path", "chdir"],
        read: |worker, field, notes| worker.cwd = field.filled(notes),
    },
    Key {
        name: "env",
        wants: "a table of variables",
        default: "none",
        doc: "Variables to set on top of minder's own environment and of `env_file`: strings, numbers, \
              `true` and `false` (as text). `{ unset = true }` takes a variable away.",
        elsewhere: &["environment", "vars", "variables"],
        read: |worker, field, notes| env::read(&mut worker.env, field, notes),
    },
    Key {
        name: "env_file",
        wants: "a path or an array of paths",
        default: "none",
        doc: "Files of `NAME=value` lines (dotenv), relative to the file's folder; a later one wins, \
              `env` wins over all. Outside single quotes `$NAME` and `${NAME}` are put in, from minder's \
              own environment or from the lines above; a `$` itself is `\\$` there, and a shell's \
              `${NAME:-…}` is not known.",
        elsewhere: &["dotenv", "env_files"],
        read: |worker, field, notes| worker.env_file = env::read_files(field, notes),
    },
    Key {
        name: "clear_env",
        wants: "true or false",
        default: "`false`",
        doc: "Start from an empty environment rather than from minder's own.",
        elsewhere: &["env_clear", "clean_env"],
        read: |worker, field, notes| worker.clear_env = field.boolean(notes),
    },
    Key {
        name: "shell",
        wants: "a shell as a string, or the shell and its options as an array",
        default: "`[\"/bin/sh\", \"-c\"]`",
        doc: "What runs a `cmd` that is a string. `\"bash\"` means `[\"bash\", \"-c\"]`; an array is used as \
              it is, as `[\"bash\", \"-euo\", \"pipefail\", \"-c\"]`.",
        elsewhere: &[],
        read: |worker, field, notes| worker.shell = read_shell(field, notes),
    },
    Key {
        name: "output",
        wants: "\"pty\", \"pipe\" or \"merged\"",
        default: "`\"pty\"`",
        doc: "`\"pty\"`: the worker sees a terminal, keeps its colours and its line buffering. `\"pipe\"`: \
              stdout and stderr are kept apart and marked. `\"merged\"`: one pipe for both, in the order \
              in which they were written.",
        elsewhere: &["tty", "pty"],
        read: |worker, field, notes| {
            let choices =
                [("pty", OutputKind::Pty), ("pipe", OutputKind::Pipe), ("merged", OutputKind::Merged)];
            worker.output = field.choice(notes, &choices);
        },
    },
    Key {
        name: "log",
        wants: "a table, or a file's path",
        default: "",
        doc: "How much of its output is kept, and the file that it is written to.",
        elsewhere: &["logs", "logging", "logfile", "log_file", "log_location", "stdout_logfile"],
        read: |worker, field, notes| log::read(&mut worker.log, field, notes),
    },
    Key {
        name: "stdin",
        wants: "\"auto\", \"pty\", \"null\", \"pipe\" or { file = \"PATH\" }",
        default: "`\"auto\"`",
        doc: "Where its input comes from: a terminal, nothing, a pipe that the keyboard is written to, \
              or a file (relative to the file's folder). `\"auto\"` is its terminal where it has one and \
              there is a screen to type on; headless, and with `output = \"pipe\"`, it is nothing: the \
              worker reads its end at once.",
        elsewhere: &["input"],
        read: |worker, field, notes| worker.stdin = read_stdin(field, notes),
    },
    Key {
        name: "umask",
        wants: "an octal string as \"022\", or 0o022",
        default: "minder's own",
        doc: "The mode bits that new files lose, up to `\"777\"`.",
        elsewhere: &[],
        read: |worker, field, notes| worker.umask = read_umask(field, notes),
    },
    Key {
        name: "nice",
        wants: "an integer from -20 to 19",
        default: "minder's own",
        doc: "Added to minder's own niceness; below 0 needs the privilege.",
        elsewhere: &["niceness", "priority"],
        read: |worker, field, notes| worker.nice = field.integer(notes, -20..=19),
    },
    Key {
        name: "limits",
        wants: "a table of limits",
        default: "minder's own",
        doc: "Resource limits (setrlimit(2)). One value sets the soft and the hard limit; \
              `{ soft = 1024, hard = 4096 }` sets them apart; `\"unlimited\"` lifts one.",
        elsewhere: &["rlimits", "ulimit", "ulimits", "limit"],
        read: |worker, field, notes| limits::read(&mut worker.limits, field, notes),
    },
    Key {
        name: "stop",
        wants: "a table or a signal's name",
        default: "",
        doc: "How it is asked to stop. `stop = \"INT\"` is short for `stop = { signal = \"INT\" }`.",
        elsewhere: &["stop_signal", "stopsignal", "kill", "shutdown", "signal", "grace"],
        read: read_stop,
    },
    Key {
        name: "restart",
        wants: "\"no\", \"on-failure\" or \"always\"",
        default: "`\"no\"`",
        doc: "Whether it is started again when it ends: never, after an exit code other than 0 or a \
              signal, or after every end that you did not ask for.",
        elsewhere: &["autorestart", "auto_restart", "restart_policy", "respawn"],
        read: |worker, field, notes| {
            let choices = [
                ("no", RestartWhen::No),
                ("on-failure", RestartWhen::OnFailure),
                ("always", RestartWhen::Always),
            ];
            worker.restart = field.choice(notes, &choices);
        },
    },
    Key {
        name: "backoff",
        wants: "a table",
        default: "",
        doc: "How long to wait before each restart.",
        elsewhere: &["restart_delay", "restart_sec", "delay"],
        read: |worker, field, notes| {
            if !read_nested(&BACKOFF, field, &mut worker.backoff, notes) {
                field.wrong_type(notes).help("as backoff = { initial = \"1s\" }");
            }
        },
    },
    Key {
        name: "max_restarts",
        wants: "an integer above 0 or { count, window }",
        default: "no bound",
        doc: "At most this many restarts within the window; after that it stays ended.",
        elsewhere: &["start_limit", "retries", "max_retries", "startretries"],
        read: |worker, field, notes| worker.max_restarts = read_max_restarts(field, notes),
    },
    Key {
        name: "runaway",
        wants: "a table",
        default: "",
        doc: "When its tree counts as a runaway, and what is done then. What has a default is looked out for \
              where there is a screen, and never more than said; what you set is looked out for headless \
              too.",
        elsewhere: &["watchdog", "threshold", "thresholds", "max_memory", "max_memory_restart"],
        read: |worker, field, notes| runaway::read(&mut worker.runaway, field, notes),
    },
    Key {
        name: "autostart",
        wants: "true or false",
        default: "`true`",
        doc: "Whether it (or its timer) starts with minder, or waits for a start by hand.",
        elsewhere: &["auto_start", "enabled", "disabled"],
        read: |worker, field, notes| worker.autostart = field.boolean(notes),
    },
    Key {
        name: "every",
        wants: "a duration as \"5m\"",
        default: "no timer",
        doc: "Runs it on a timer: at once, and then each time that this long has gone by since the \
              start of the run before. From 1 second to 366 days, on the monotonic clock.",
        elsewhere: &["interval", "period", "repeat"],
        read: |worker, field, notes| timer::read_every(&mut worker.timer, field, notes),
    },
    Key {
        name: "cron",
        wants: "a time pattern as \"30 2 * * *\"",
        default: "no timer",
        doc: "Runs it when the wall clock says so, in local time: minute, hour, day of the month, month, \
              weekday, or six fields with the second first, or `@hourly`, `@daily`, `@weekly`, \
              `@monthly`, `@yearly`. `minder check` shows the next times.",
        elsewhere: &["schedule", "crontab", "at"],
        read: |worker, field, notes| timer::read_cron(&mut worker.timer, field, notes),
    },
    Key {
        name: "overlap",
        wants: "\"skip\", \"queue\" or \"replace\"",
        default: "`\"skip\"`",
        doc: "What becomes of a run by the timer that is due while the last one is on: it is left out, \
              it waits for the last one to end (one waits at most), or the last one is stopped for it.",
        elsewhere: &["on_overlap", "concurrency", "concurrency_policy"],
        read: |worker, field, notes| timer::read_overlap(&mut worker.timer, field, notes),
    },
    Key {
        name: "reap",
        wants: "\"auto\" or \"manual\"",
        default: "`\"auto\"`",
        doc: "`\"manual\"` leaves the ended worker a visible zombie until somebody waits for it.",
        elsewhere: &["wait"],
        read: |worker, field, notes| {
            worker.reap = field.choice(notes, &[("auto", Reap::Auto), ("manual", Reap::Manual)]);
        },
    },
    Key {
        name: "description",
        wants: "a line of text",
        default: "none",
        doc: "One line for people.",
        elsewhere: &["desc", "comment", "title", "help"],
        read: |worker, field, notes| worker.description = read_description(field, notes),
    },
    Key {
        name: "color",
        wants: "a colour's name, a number from 0 to 255 or \"#rrggbb\"",
        default: "by its place",
        doc: "The colour of its name: `black`, `red`, `green`, `yellow`, `blue`, `magenta`, `cyan`, `white`, \
              each also as `bright-…`, `gray`, one of the terminal's 256 by number, or an exact one.",
        elsewhere: &["colour"],
        read: |worker, field, notes| worker.color = read_color(field, notes),
    },
];

/// The keys of `stop`.
pub(super) static STOP: [Key<TypedStop>; 2] = [
    Key {
        name: "signal",
        wants: "a signal by name or number",
        default: "`\"TERM\"`",
        doc: "What its process group is sent first, as `\"INT\"`, `\"SIGINT\"` or `2`.",
        elsewhere: &["sig"],
        read: |stop, field, notes| stop.signal = read_signal(field, notes),
    },
    Key {
        name: "grace",
        wants: "a duration as \"5s\"",
        default: "`\"5s\"`",
        doc: "How long it has until SIGKILL, up to 24 hours.",
        elsewhere: &["timeout", "wait", "grace_period", "delay"],
        read: |stop, field, notes| stop.grace = field.duration(notes, Duration::ZERO..=DAY),
    },
];

/// The keys of `backoff`.
pub(super) static BACKOFF: [Key<TypedBackoff>; 5] = [
    Key {
        name: "initial",
        wants: "a duration as \"500ms\"",
        default: "`\"500ms\"`",
        doc: "The wait before the first restart in a row.",
        elsewhere: &["min", "start", "delay"],
        read: |backoff, field, notes| backoff.initial = read_wait(field, notes),
    },
    Key {
        name: "max",
        wants: "a duration as \"30s\"",
        default: "`\"30s\"`",
        doc: "No wait is longer.",
        elsewhere: &["cap", "limit"],
        read: |backoff, field, notes| backoff.max = read_wait(field, notes),
    },
    Key {
        name: "factor",
        wants: "a number from 1 to 100",
        default: "`2`",
        doc: "Each wait is this many times the one before.",
        elsewhere: &["multiplier", "base"],
        read: |backoff, field, notes| backoff.factor = field.number(notes, 1.0..=100.0),
    },
    Key {
        name: "jitter",
        wants: "a number from 0 to 1",
        default: "`0.1`",
        doc: "The share by which a wait is longer or shorter by chance.",
        elsewhere: &["random"],
        read: |backoff, field, notes| backoff.jitter = field.number(notes, 0.0..=1.0),
    },
    Key {
        name: "reset_after",
        wants: "a duration as \"10s\"",
        default: "`\"10s\"`",
        doc: "A run of this length was healthy: the next wait is `initial` again.",
        elsewhere: &["reset"],
        read: |backoff, field, notes| {
            backoff.reset_after = field.duration(notes, Duration::ZERO..=DAY);
        },
    },
];

/// `max_restarts` as a table, before it is known whether it has its count.
#[derive(Default)]
pub(super) struct TypedMaxRestarts {
    count: Option<u32>,
    window: Option<Duration>,
}

/// The keys of `max_restarts`.
pub(super) static MAX_RESTARTS: [Key<TypedMaxRestarts>; 2] = [
    Key {
        name: "count",
        wants: "an integer above 0",
        default: "must be given",
        doc: "How many restarts; `max_restarts = 5` is short for `max_restarts = { count = 5 }`.",
        elsewhere: &["max", "number"],
        read: |limit, field, notes| limit.count = field.integer(notes, 1..=u32::MAX),
    },
    Key {
        name: "window",
        wants: "a duration as \"1m\"",
        default: "`\"1m\"`",
        doc: "Within how long, up to 24 hours.",
        elsewhere: &["within", "interval", "period"],
        read: |limit, field, notes| {
            limit.window = field.duration(notes, Duration::from_millis(1)..=DAY);
        },
    },
];

/// `stdin` as a table.
#[derive(Default)]
pub(super) struct TypedStdinTable {
    file: Option<Spanned<String>>,
}

/// The keys of `stdin` as a table.
pub(super) static STDIN: [Key<TypedStdinTable>; 1] = [Key {
    name: "file",
    wants: "a path as a string",
    default: "must be given",
    doc: "The file to read from, relative to the file's folder; `~/` is your home.",
    elsewhere: &["path"],
    read: |stdin, field, notes| stdin.file = field.filled(notes),
}];

fn read_defaults(file: &mut TypedFile, field: Field<'_>, notes: &mut Notes) {
    let Some(table) = field.as_table() else {
        field.wrong_type(notes).help("as a table: [defaults]");
        return;
    };
    for (name, _) in in_file_order(table) {
        if NOT_SHARED.contains(&name.get_ref().as_ref()) {
            let message = format!("`{}` cannot stand in [defaults]", name.get_ref());
            notes.error(name.span(), &message).label("belongs to a single worker");
        }
    }
    read_table_without(&WORKER, &NOT_SHARED, table, "in [defaults]", &mut file.defaults, notes);
}

fn read_workers(file: &mut TypedFile, field: Field<'_>, notes: &mut Notes) {
    let Some(table) = field.as_table() else {
        field.wrong_type(notes).help("a worker is a table with its name: [worker.web]");
        return;
    };
    for (worker_name, value) in in_file_order(table) {
        let text = worker_name.get_ref().as_ref();
        if !name::is_valid(text) {
            notes
                .error(worker_name.span(), &format!("a worker cannot be called `{text}`"))
                .label("not a name")
                .help(name::RULE);
        }
        let Some(body) = value.get_ref().as_table() else {
            let field = field.with(value);
            let key = format!("worker.{text}");
            let diagnostic = Field { key: &key, wants: "a table", ..field }.wrong_type(notes);
            diagnostic.help(&format!("as {text} = {{ cmd = \"…\" }}, or under [worker.{text}]"));
            continue;
        };
        let mut worker = TypedWorker::default();
        read_table(&WORKER, body, &format!("in [worker.{text}]"), &mut worker, notes);
        worker.keys = own_keys(body);
        file.workers.push((Spanned::new(worker_name.span(), text.to_owned()), worker));
    }
}

/// The keys of a worker that stand in its table.
fn own_keys(body: &DeTable<'_>) -> Vec<Spanned<&'static str>> {
    let entries = in_file_order(body).into_iter();
    let known = |name: &str| WORKER.iter().map(|key| key.name).find(|known| *known == name);
    entries.filter_map(|(name, _)| Some(Spanned::new(name.span(), known(name.get_ref())?))).collect()
}

fn read_command(field: Field<'_>, notes: &mut Notes) -> Option<TypedCommand> {
    if field.as_str().is_some() {
        return field.filled(notes).map(|line| TypedCommand::Line(line.into_inner()));
    }
    let words = field.words(notes)?;
    if let Some(first) = words.first().filter(|word| word.get_ref().trim().is_empty()) {
        notes.error(first.span(), "`cmd` names no program").label("this is empty");
        return None;
    }
    Some(TypedCommand::Words(words.into_iter().map(Spanned::into_inner).collect()))
}

fn read_shell(field: Field<'_>, notes: &mut Notes) -> Option<Vec<String>> {
    if field.value.get_ref().is_array() {
        let words = field.words(notes)?;
        return Some(words.into_iter().map(Spanned::into_inner).collect());
    }
    let shell = field.filled(notes)?.into_inner();
    if shell.contains(char::is_whitespace) {
        let words = shell.split_whitespace().map(|word| format!("\"{word}\""));
        let words: Vec<String> = words.collect();
        field
            .bad(notes, "a string is the shell alone")
            .help(&format!("give its options as an array: [{}]", words.join(", ")));
        return None;
    }
    Some(vec![shell, "-c".to_owned()])
}

fn read_stdin(field: Field<'_>, notes: &mut Notes) -> Option<TypedStdin> {
    let Some(table) = field.as_table() else {
        return read_stdin_word(field, notes);
    };
    let mut stdin = TypedStdinTable::default();
    read_nested(&STDIN, field, &mut stdin, notes);
    if table.is_empty() {
        field.wrong_type(notes);
    }
    stdin.file.map(TypedStdin::File)
}

fn read_stdin_word(field: Field<'_>, notes: &mut Notes) -> Option<TypedStdin> {
    type Make = fn() -> TypedStdin;
    let choices: [(&str, Make); 4] = [
        ("auto", || TypedStdin::Auto),
        ("pty", || TypedStdin::Pty),
        ("null", || TypedStdin::Null),
        ("pipe", || TypedStdin::Pipe),
    ];
    field.choice(notes, &choices).map(|make| make())
}

fn read_umask(field: Field<'_>, notes: &mut Notes) -> Option<u32> {
    const LABEL: &str = "must be octal, between 0 and 777";
    if let Some(integer) = field.value.get_ref().as_integer() {
        // Decimal 22 is octal 26: whoever wrote it meant something else.
        if integer.radix() != 8 && integer.as_str() != "0" {
            let octal = format!("write \"{0}\" or 0o{0}", integer.as_str());
            field.bad(notes, "this is not octal").help(&octal);
            return None;
        }
        let mask = u32::from_str_radix(integer.as_str(), 8).ok().filter(|mask| *mask <= 0o777);
        if mask.is_none() {
            field.bad(notes, LABEL);
        }
        return mask;
    }
    let Some(text) = field.as_str() else {
        field.wrong_type(notes);
        return None;
    };
    let digits = text.strip_prefix("0o").unwrap_or(text);
    let octal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let mask = u32::from_str_radix(digits, 8).ok().filter(|mask| octal && *mask <= 0o777);
    if mask.is_none() {
        field.bad(notes, LABEL);
    }
    mask
}

fn read_stop(worker: &mut TypedWorker, field: Field<'_>, notes: &mut Notes) {
    if read_nested(&STOP, field, &mut worker.stop, notes) {
        return;
    }
    if field.as_str().is_some() {
        worker.stop.signal = read_signal(field, notes);
    } else {
        field.wrong_type(notes).help("as stop = { signal = \"INT\", grace = \"10s\" }");
    }
}

fn read_signal(field: Field<'_>, notes: &mut Notes) -> Option<Signal> {
    if field.value.get_ref().is_integer() {
        return field.integer(notes, 1..=64).and_then(Signal::from_number);
    }
    let Some(text) = field.as_str() else {
        field.wrong_type(notes);
        return None;
    };
    let signal = text.parse::<Signal>().ok();
    if signal.is_none() {
        let typed = text.to_ascii_uppercase();
        let names: Vec<String> =
            Signal::all().map(|signal| signal.to_string().trim_start_matches("SIG").to_owned()).collect();
        let names = names.iter().map(String::as_str);
        let help = match suggest::nearest(typed.trim_start_matches("SIG"), names) {
            Some(name) => format!("did you mean \"{name}\"?"),
            None => "as \"TERM\", \"SIGINT\", \"RTMIN+2\" or a number from 1 to 64".to_owned(),
        };
        field.bad(notes, "no such signal").help(&help);
    }
    signal
}

fn read_wait(field: Field<'_>, notes: &mut Notes) -> Option<Spanned<Duration>> {
    let wait = field.duration(notes, Duration::ZERO..=DAY)?;
    Some(Spanned::new(field.span(), wait))
}

fn read_max_restarts(field: Field<'_>, notes: &mut Notes) -> Option<RestartLimit> {
    let Some(table) = field.as_table() else {
        let count = field.integer(notes, 1..=u32::MAX)?;
        return Some(RestartLimit { count, window: DEFAULT_WINDOW });
    };
    let mut limit = TypedMaxRestarts::default();
    read_nested(&MAX_RESTARTS, field, &mut limit, notes);
    if !table.contains_key("count") {
        field.bad(notes, "`count` is missing");
    }
    let window = limit.window.unwrap_or(DEFAULT_WINDOW);
    limit.count.map(|count| RestartLimit { count, window })
}

fn read_description(field: Field<'_>, notes: &mut Notes) -> Option<String> {
    let text = field.string(notes)?;
    if text.contains(char::is_control) {
        field.bad(notes, "holds a line end or another control character");
        return None;
    }
    Some(text.to_owned())
}

fn read_color(field: Field<'_>, notes: &mut Notes) -> Option<NameColor> {
    if field.value.get_ref().is_integer() {
        return field.integer(notes, 0..=u8::MAX).map(NameColor::Indexed);
    }
    let Some(text) = field.as_str() else {
        field.wrong_type(notes);
        return None;
    };
    let color = color::parse(text);
    if color.is_none() {
        let help = match suggest::nearest(text, color::NAMES) {
            Some(name) => format!("did you mean \"{name}\"?"),
            None => format!("names: {}", color::NAMES.join(", ")),
        };
        field.bad(notes, "no such colour").help(&help);
    }
    color
}
