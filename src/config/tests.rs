//! Whole texts in, specs or messages out: every key, good and bad.

mod timers;
mod ways;

use super::*;
use crate::signal::Signal;
use crate::spec::{
    Backoff, Beginning, Bound, Cron, Followed, Limit, Memory, NameColor, OutputKind, Overlap, Pattern,
    Program, Reap, Resource, RestartLimit, RestartWhen, RunawayAction, RunawayPolicy, Schedule, Sought, Spec,
    StdinKind, Target, Timing,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn parse(text: &str) -> Result<Config, Diagnostics> {
    parse_toml(text, "minder.toml", Path::new("/nowhere"), Some(Path::new("/home/me")))
}

/// The one worker of a text that holds these lines below `[worker.a]`.
fn worker(lines: &str) -> Spec {
    let text = format!("[worker.a]\ncmd = 'true'\n{lines}");
    let config = parse(&text).unwrap_or_else(|errors| panic!("{text}\n{errors}"));
    config.workers.into_iter().next().unwrap()
}

/// The messages with labels and helps for these lines below `[worker.a]`.
fn mistakes(lines: &str) -> Vec<String> {
    mistakes_of(&format!("[worker.a]\ncmd = 'true'\n{lines}"))
}

/// The same of a whole file.
fn mistakes_of(text: &str) -> Vec<String> {
    let Err(errors) = parse(text) else { panic!("no mistake in\n{text}") };
    errors.iter().map(summary).collect()
}

fn summary(item: &Diagnostic) -> String {
    format!(
        "{}:{} {} | {} | {}",
        item.line(),
        item.column(),
        item.message(),
        item.note(),
        item.mend().unwrap_or("")
    )
}

/// The value of a variable that the spec speaks of; `None` if it unsets it.
fn var(spec: &Spec, name: &str) -> Option<String> {
    let value = &spec.env.vars[&OsString::from(name)];
    value.as_ref().map(|value| value.to_string_lossy().into_owned())
}

#[test]
fn a_bare_worker_has_the_defaults_of_a_spec_and_the_folder_of_the_file() {
    let mut expected = Spec::shell("a", "true");
    expected.cwd = Some(PathBuf::from("/nowhere"));
    assert_eq!(worker(""), expected);
}

#[test]
fn workers_keep_the_order_of_the_file() {
    let config = parse("[worker.z]\ncmd='1'\n[worker.a]\ncmd='2'\n[worker.m]\ncmd='3'").unwrap();
    let names: Vec<_> = config.workers.iter().map(|spec| spec.name.to_string()).collect();
    assert_eq!(names, ["z", "a", "m"]);
    assert!(!config.forward_signals);
    assert!(parse("forward_signals = true\n[worker.z]\ncmd='1'").unwrap().forward_signals);
}

#[test]
fn cmd_and_shell_make_the_program() {
    let program = |text: &str| parse(&format!("[worker.a]\n{text}")).unwrap().workers[0].program.clone();
    assert_eq!(program("cmd = ['a b', '']"), Program::Exec(vec!["a b".into(), "".into()]));
    let bash = Program::Shell { line: "x | y".into(), shell: vec!["bash".into(), "-c".into()] };
    assert_eq!(program("cmd = 'x | y'\nshell = 'bash'"), bash);
    assert_eq!(program("cmd = 'x | y'\nshell = ['bash', '-c']"), bash);
}

#[test]
fn environments_are_built_from_values_files_and_unset() {
    let spec =
        worker("clear_env = true\n[worker.a.env]\nS='x'\nI=0x10\nB=false\nF=1.50\nU={unset=true}\nE=''");
    assert!(spec.env.clear);
    for (name, value) in [("S", "x"), ("I", "16"), ("B", "false"), ("F", "1.50"), ("E", "")] {
        assert_eq!(var(&spec, name), Some(value.to_owned()), "{name}");
    }
    assert_eq!(var(&spec, "U"), None);
}

#[test]
fn env_files_come_below_env_and_a_later_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one"), "A=1\nB=1\nC=1\n").unwrap();
    fs::write(folder.path().join("two"), "B=2\nC=2\n").unwrap();
    let text = "[worker.a]\ncmd='x'\nenv_file=['one','two']\nenv.C='3'\n[worker.b]\ncmd='x'\nenv_file='one'";
    let config = parse_toml(text, "f", folder.path(), None).unwrap();
    let values = |index: usize| ["A", "B", "C"].map(|name| var(&config.workers[index], name).unwrap());
    assert_eq!(values(0), ["1", "2", "3"]);
    assert_eq!(values(1), ["1", "1", "1"]);
}

#[test]
fn mistakes_in_an_env_file_are_told_in_that_file_and_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.env"), "A=1\nnonsense\n").unwrap();
    let text = "[defaults]\nenv_file='bad.env'\n[worker.a]\ncmd='x'\n[worker.b]\ncmd='x'\nenv_file='gone'\n[worker.c]\ncmd='x'";
    let errors = parse_toml(text, "f", folder.path(), None).unwrap_err();
    let places: Vec<_> = errors.iter().map(|item| format!("{}:{}", item.file(), item.line())).collect();
    assert_eq!(places, ["f:7", "bad.env:2"], "{errors}");
}

#[test]
fn paths_are_relative_to_the_file_and_the_home_is_known() {
    for (typed, whole) in [("web", "/nowhere/web"), ("/x", "/x"), ("~/x", "/home/me/x"), ("~", "/home/me")] {
        assert_eq!(worker(&format!("cwd = '{typed}'")).cwd, Some(whole.into()), "{typed}");
    }
    assert_eq!(worker("stdin = { file = 'in' }").stdin, StdinKind::File("/nowhere/in".into()));
    let homeless = parse_toml("[worker.a]\ncmd='x'\ncwd='~/x'", "f", Path::new("/"), None);
    assert!(homeless.unwrap_err().to_string().contains("HOME is not set"));
}

#[test]
fn a_folder_that_is_not_there_is_a_warning() {
    let config = parse("[worker.a]\ncmd='x'\ncwd='gone'").unwrap();
    assert_eq!(config.warnings.len(), 1);
    assert_eq!(config.warnings[0].severity(), Severity::Warning);
    assert!(config.warnings[0].to_string().contains("/nowhere/gone"), "{}", config.warnings[0]);
}

#[test]
fn words_choose_among_the_kinds() {
    assert_eq!(worker("output='pipe'").output, OutputKind::Pipe);
    assert_eq!(worker("output='pty'").output, OutputKind::Pty);
    for (word, kind) in [
        ("auto", StdinKind::Auto),
        ("pty", StdinKind::Pty),
        ("null", StdinKind::Null),
        ("pipe", StdinKind::Pipe),
    ] {
        assert_eq!(worker(&format!("stdin='{word}'")).stdin, kind);
    }
    for (word, when) in
        [("no", RestartWhen::No), ("on-failure", RestartWhen::OnFailure), ("always", RestartWhen::Always)]
    {
        assert_eq!(worker(&format!("restart='{word}'")).restart.when, when);
    }
    assert_eq!(worker("reap='manual'").reap, Reap::Manual);
    assert!(!worker("autostart=false").autostart);
    assert_eq!(worker("description='the API'").description.as_deref(), Some("the API"));
}

#[test]
fn numbers_are_read_in_their_notations() {
    for umask in ["'022'", "'0o022'", "0o022", "'22'"] {
        assert_eq!(worker(&format!("umask={umask}")).umask, Some(0o22), "{umask}");
    }
    assert_eq!(worker("umask=0").umask, Some(0));
    assert_eq!(worker("nice=-5").nice, Some(-5));
    assert_eq!(worker("color='bright-blue'").color, Some(NameColor::Indexed(12)));
    assert_eq!(worker("color=200").color, Some(NameColor::Indexed(200)));
    assert_eq!(worker("color='#ff8800'").color, Some(NameColor::Rgb(255, 136, 0)));
}

#[test]
fn limits_are_read_in_their_units() {
    let spec = worker(
        "limits = { nofile = 1024, core = 'unlimited', as = '2G', cpu = '1m', nproc = { soft = 5, hard = 'unlimited' } }",
    );
    let limit = |resource, soft, hard| Limit { resource, soft, hard };
    assert_eq!(
        spec.limits,
        [
            limit(Resource::Nofile, Some(1024), Some(1024)),
            limit(Resource::Core, None, None),
            limit(Resource::As, Some(2 << 30), Some(2 << 30)),
            limit(Resource::Cpu, Some(60), Some(60)),
            limit(Resource::Nproc, Some(5), None),
        ]
    );
}

#[test]
fn stopping_and_restarting_are_read() {
    let spec = worker("stop = { signal = 'sigint', grace = '1m30s' }");
    assert_eq!((spec.stop.signal, spec.stop.grace), (Signal::INT, Duration::from_secs(90)));
    let short = worker("stop = 'INT'");
    assert_eq!((short.stop.signal, short.stop.grace), (Signal::INT, Duration::from_secs(5)));
    assert_eq!(worker("stop.signal = 15").stop.signal, Signal::TERM);
    let spec =
        worker("backoff = { initial = '1s', max = '10s', factor = 1.5, jitter = 0, reset_after = '1m' }");
    assert_eq!(
        spec.restart.backoff,
        Backoff {
            initial: Duration::from_secs(1),
            max: Duration::from_secs(10),
            factor: 1.5,
            jitter: 0.0,
            reset_after: Duration::from_mins(1),
        }
    );
    let limit = |seconds| Some(RestartLimit { count: 5, window: Duration::from_secs(seconds) });
    assert_eq!(worker("max_restarts = 5").restart.limit, limit(60));
    assert_eq!(worker("max_restarts = { count = 5, window = '10s' }").restart.limit, limit(10));
    assert_eq!(worker("").restart.limit, None);
}

#[test]
fn a_runaway_has_its_bounds_and_what_is_done() {
    let text = "
        [defaults]
        runaway = { policy = 'freeze', for = '3s', output = '1M' }
        [worker.a]
        cmd = 'x'
        runaway = { cpu = 150, memory = '50%', output = 'off' }
        [worker.b]
        cmd = 'x'
        runaway = { output = 'off' }
    ";
    let workers = parse(text).unwrap().workers;
    let a = RunawayPolicy {
        cpu: Bound::At(150),
        memory: Bound::At(Memory::Percent(50)),
        processes: Bound::Default,
        output: Bound::Never,
        hold: Duration::from_secs(3),
        action: RunawayAction::Freeze,
    };
    assert_eq!((workers[0].runaway, workers[0].runaway.is_declared()), (a, true));
    assert!(!workers[1].runaway.is_declared(), "the defaults' policy needs no bound in every worker");
    assert_eq!(worker("").runaway, RunawayPolicy::default());
    assert_eq!(worker("runaway.memory = 4096").runaway.memory, Bound::At(Memory::Bytes(4096)));
}

#[test]
fn a_workers_own_key_replaces_the_default_and_tables_merge() {
    let text = "
        [defaults]
        nice = 1
        output = 'pipe'
        stop = { signal = 'INT', grace = '1s' }
        backoff.initial = '2s'
        env = { A = '1', B = '1' }
        limits = { nofile = 10, core = 0 }
        color = 'red'
        [worker.a]
        cmd = 'x'
        nice = 2
        stop.grace = '9s'
        backoff.max = '40s'
        env = { B = '2', C = '2' }
        limits.nofile = 20
    ";
    let spec = parse(text).unwrap().workers.remove(0);
    assert_eq!(
        (spec.nice, spec.output, spec.color),
        (Some(2), OutputKind::Pipe, Some(NameColor::Indexed(1)))
    );
    assert_eq!((spec.stop.signal, spec.stop.grace), (Signal::INT, Duration::from_secs(9)));
    assert_eq!(spec.restart.backoff.initial, Duration::from_secs(2));
    assert_eq!(spec.restart.backoff.max, Duration::from_secs(40));
    let values = ["A", "B", "C"].map(|name| var(&spec, name).unwrap());
    assert_eq!(values, ["1", "2", "2"]);
    let limits: Vec<_> = spec.limits.iter().map(|limit| (limit.resource, limit.soft)).collect();
    assert_eq!(limits, [(Resource::Nofile, Some(20)), (Resource::Core, Some(0))]);
}

/// A bad line, a part of what is said of it, and a part of the mend (or nothing).
const BAD: &[(&str, &str, &str)] = &[
    ("cwd = 1", "`cwd` wants a path as a string | this is an integer", "\"1\""),
    ("cwd = ''", "this is empty", ""),
    ("env = 'A=1'", "`env` wants a table", "env = {"),
    ("env.A = []", "`env.A` wants a string", ""),
    ("env.A = {}", "{ unset = true }", ""),
    ("env.A = { unset = false }", "leave the variable out", ""),
    ("env.A = { unste = true }", "unknown key `unste` in `env.A` | did you mean `unset`", ""),
    ("env.'A=B' = 'x'", "cannot be the name of a variable", ""),
    ("env.A = \"\\u0000\"", "NUL", ""),
    ("env_file = 'gone'", "this file does not exist", "/nowhere/gone"),
    ("env_file = [1]", "wants strings in its array", "\"1\""),
    ("env_file = []", "this is empty", ""),
    ("clear_env = 'true'", "wants true or false", "without quotes: true"),
    ("clear_env = 1", "wants true or false | this is an integer", ""),
    ("shell = 'bash -eu'", "the shell alone", "[\"bash\", \"-eu\"]"),
    ("shell = []", "this is empty", ""),
    ("output = 'pipes'", "wants \"pty\", \"pipe\" or \"merged\"", "did you mean \"pipe\"?"),
    ("output = true", "this is true or false", ""),
    ("stdin = 'nul'", "not one of these", "did you mean \"null\"?"),
    ("stdin = { path = 'x' }", "did you mean `file`?", ""),
    ("stdin = {}", "{ file = \"PATH\" }", ""),
    ("umask = 22", "this is not octal", "0o22"),
    ("umask = '088'", "must be octal", ""),
    ("umask = 0o1000", "between 0 and 777", ""),
    ("umask = '+22'", "must be octal", ""),
    ("nice = 20", "between -20 and 19", ""),
    ("nice = '5'", "wants an integer", "without quotes: 5"),
    ("limits = 5", "wants a table of limits", "nofile"),
    ("limits.nofiles = 5", "unknown limit `nofiles` | did you mean `nofile`?", ""),
    ("limits.color = 5", "unknown limit `color`", "`nofile`"),
    ("limits.as = '2 GB'", "cannot be read", "512M"),
    ("limits.nofile = -1", "must lie between 0", ""),
    ("limits.nofile = { soft = 5 }", "must both be given", ""),
    ("limits.nofile = { soft = 'unlimited', hard = 4 }", "above the hard", ""),
    ("stop = 5", "wants a table or a signal", ""),
    ("stop = 'TREM'", "no such signal", "did you mean \"TERM\"?"),
    ("stop.signal = 'please'", "no such signal", "a number from 1 to 64"),
    ("stop.signal = 65", "between 1 and 64", ""),
    ("stop.grace = 5", "wants a duration", "\"5s\""),
    ("stop.grace = '5'", "no number with a unit", "1m30s"),
    ("stop.grace = '25h'", "between 0s and 24h", ""),
    ("stop.timeout = '5s'", "did you mean `grace`?", ""),
    ("restart = 'on_failure'", "not one of these", "did you mean \"on-failure\"?"),
    ("restart = false", "wants \"no\"", ""),
    ("backoff = '1s'", "wants a table", "initial"),
    ("backoff.factor = 0.5", "between 1 and 100", ""),
    ("backoff.factor = nan", "between 1 and 100", ""),
    ("backoff.jitter = 2", "between 0 and 1", ""),
    ("backoff.jitter = '1'", "wants a number", ""),
    ("backoff.initial = '1m'", "longer than `backoff.max` | initial is 1m, max is 30s", ""),
    ("max_restarts = 0", "between 1 and", ""),
    ("max_restarts = {}", "`count` is missing", ""),
    ("max_restarts = { count = 5, windw = '1s' }", "did you mean `window`?", ""),
    ("runaway = 5", "wants a table", "memory"),
    ("runaway.cpu = 0", "between 1 and 1000000", ""),
    ("runaway.cpu = 'a lot'", "wants percent of one core", ""),
    ("runaway.memory = '120%'", "between 1% and 100%", ""),
    ("runaway.memory = '2GB'", "cannot be read", "512M"),
    ("runaway.rss = '2G'", "did you mean `memory`?", ""),
    ("runaway.for = 5", "wants a duration", "\"5s\""),
    ("runaway.policy = 'frieze'", "not one of these", "did you mean \"freeze\"?"),
    ("runaway.policy = 'freeze'", "has no bound to act at", "runaway.memory"),
    ("runaway = { policy = 'terminate', processes = 'off' }", "has no bound", ""),
    ("autostart = 'no'", "wants true or false", ""),
    ("reap = 'manually'", "wants \"auto\" or \"manual\"", "\"manual\""),
    ("description = \"a\\nb\"", "control character", ""),
    ("description = 2026-01-01", "a date or a time", ""),
    ("color = 'blu'", "no such colour", "did you mean \"blue\"?"),
    ("color = '#12'", "no such colour", "bright-white"),
    ("color = 256", "between 0 and 255", ""),
    ("comand = 'x'", "unknown key `comand`", "`cmd`"),
    ("command = 'x'", "did you mean `cmd`?", ""),
    ("directory = 'x'", "did you mean `cwd`?", ""),
    ("restrat = 'no'", "did you mean `restart`?", ""),
];

#[test]
fn every_bad_value_is_told_with_its_mend() {
    for (line, said, mend) in BAD {
        let found = mistakes(line);
        assert_eq!(found.len(), 1, "{line}: {found:#?}");
        assert!(found[0].starts_with("3:"), "{line}: {found:#?}");
        assert!(found[0].contains(said) && found[0].contains(mend), "{line}: {found:#?}");
    }
}

#[test]
fn a_command_that_cannot_be_run_is_told() {
    for (cmd, said) in [
        ("cmd = ''", "this is empty"),
        ("cmd = ' '", "this is empty"),
        ("cmd = []", "this is empty"),
        ("cmd = ['']", "names no program"),
        ("cmd = ['sleep', 5]", "strings in its array"),
        ("cmd = \"a\\u0000\"", "NUL"),
        ("cmd = ['a', \"\\u0000\"]", "NUL"),
        ("cmd = 5", "wants a string"),
        ("nice = 1", "worker `a` has no `cmd`"),
    ] {
        let errors = parse(&format!("[worker.a]\n{cmd}")).unwrap_err();
        assert_eq!(errors.mistakes(), 1, "{cmd}: {errors}");
        assert!(errors.to_string().contains(said), "{cmd}: {errors}");
    }
}

#[test]
fn what_stands_at_the_top_is_checked() {
    for (text, said) in [
        ("", "no worker is declared"),
        ("# nothing", "no worker is declared"),
        ("[worker]", "no worker is declared"),
        ("[workers.a]\ncmd='x'", "did you mean `worker`?"),
        ("worker = 1", "`worker` wants tables"),
        ("[worker]\na = 'npm start'", "`worker.a` wants a table"),
        ("[[worker.a]]\ncmd='x'", "`worker.a` wants a table"),
        ("[worker.'a b']\ncmd='x'", "cannot be called `a b`"),
        ("defaults = 1\n[worker.a]\ncmd='x'", "`defaults` wants a table"),
        ("[defaults]\ncmd='x'\n[worker.a]\ncmd='x'", "`cmd` cannot stand in [defaults]"),
        ("forward_signals = 1\n[worker.a]\ncmd='x'", "wants true or false"),
        ("[worker.a]\ncmd='x'\n[worker.a]\ncmd='y'", "given twice"),
        ("[worker.a]\ncmd='x'\ncmd='y'", "given twice"),
        ("[worker.a]\ncmd='x\n", "not TOML"),
        ("[worker.a\ncmd='x'", "not TOML"),
    ] {
        let errors = parse(text).unwrap_err();
        assert!(errors.to_string().contains(said), "{text}: {errors}");
        assert_eq!(errors.mistakes(), 1, "{text}: {errors}");
    }
}

#[test]
fn a_section_by_a_wrong_name_does_not_hide_what_is_wrong_in_it() {
    let found = mistakes_of("[default]\nnice = 99\nrestrat = 'no'\n[worker.a]\ncmd = 'x'");
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].contains("unknown key `default`"), "{found:#?}");
    assert!(found[1].contains("-20 and 19") && found[2].contains("`restart`"), "{found:#?}");
}

#[test]
fn the_defaults_are_not_offered_what_only_one_worker_can_mean() {
    let found = mistakes_of("[defaults]\nnonsense = 1\ncommand = 'x'\n[worker.a]\ncmd = 'x'");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().all(|said| said.contains("`cwd`") && !said.contains("`cmd`")), "{found:#?}");
}

#[test]
fn ten_mistakes_are_told_at_once() {
    let text = "\
forward_signal = true

[defaults]
stop = { signal = \"TREM\", grace = 5 }
cmd = \"shared\"

[worker.api]
cmd = [\"node\", 3000]
restrat = \"on-failure\"
env = { PORT = [1] }
umask = 22

[worker.\"my db\"]
cmd = \"\"

[worker.größe]
cwd = \"gone\"
limits.nofile = { soft = 10, hard = 5 }
color = \"purple\"
";
    insta::assert_snapshot!(parse(text).unwrap_err().render(false));
}

#[test]
fn what_is_no_toml_does_not_hide_the_other_mistakes() {
    let text = "[worker.a]\ncmd = \nnice = 99\n\n[worker.b]\ncmd = 'x'\numask = 022\noutput = \"pip\"\n";
    insta::assert_snapshot!(parse(text).unwrap_err().render(false));
}

#[test]
fn colours_are_drawn_only_when_asked_for() {
    let errors = parse("x = 1").unwrap_err();
    assert!(errors.render(true).contains("\u{1b}["));
    assert!(!errors.render(false).contains('\u{1b}'));
}

#[test]
fn a_procfile_is_read_with_the_env_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "PORT=5000\n").unwrap();
    let file = folder.path().join("Procfile");
    fs::write(&file, "\u{feff}# c\n\nweb: bundle exec x -p $PORT: y\r\n  db:postgres # kept\n").unwrap();
    let config = load(&file).unwrap();
    let told: Vec<_> = config.workers.iter().map(|spec| format!("{}|{}", spec.name, spec.program)).collect();
    assert_eq!(told, ["web|bundle exec x -p $PORT: y", "db|postgres # kept"]);
    assert_eq!(var(&config.workers[0], "PORT"), Some("5000".to_owned()));
    assert_eq!(config.workers[1].cwd.as_deref(), Some(folder.path()));
    assert_eq!(config.file, file);
    fs::write(folder.path().join(".env"), "PORT=50 00\n").unwrap();
    let place = format!("{}:1:9", folder.path().join(".env").display());
    assert!(load(&file).unwrap_err().to_string().contains(&place));
}

#[test]
fn every_bad_line_of_a_procfile_is_told() {
    let text = "web: a\nnonsense\n: x\nmy app: x\ndb:\nweb: again\nnul: a\0b\n";
    let errors = parse_procfile(text, "Procfile", Path::new("/nowhere")).unwrap_err();
    let told: Vec<_> =
        errors.iter().map(|item| format!("{}:{} {}", item.line(), item.column(), item.message())).collect();
    assert_eq!(
        told,
        [
            "2:1 not a line of a Procfile",
            "3:1 a worker cannot be called ``",
            "4:1 a worker cannot be called `my app`",
            "5:1 worker `db` has no command",
            "6:1 worker `web` is declared twice",
            "7:7 a command cannot hold a NUL character",
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("folder.toml")).unwrap();
    fs::write(path("latin.toml"), b"[worker.a]\ncmd = 'caf\xe9'\n").unwrap();
    fs::write(path("notes.txt"), "x").unwrap();
    fs::write(path("nul.toml"), "[worker.a]\ncmd = 'a\0b'\n").unwrap();
    for (name, said) in [
        ("gone.toml", "this file does not exist"),
        ("folder.toml", "this is a folder"),
        ("gone", "this file does not exist"),
        ("latin.toml", "latin.toml:2:11"),
        ("latin.toml", "not UTF-8"),
        ("notes.txt", "cannot tell what kind of file"),
        ("nul.toml", "nul.toml:2:"),
    ] {
        let error = load(&path(name)).unwrap_err().to_string();
        assert!(error.contains(said), "{name}: {error}");
    }
}

#[test]
fn followed_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap();
    fs::write(base.join("[a].log"), "").unwrap();
    let follow = |lines: &str| {
        let text = format!("[worker.a]\n{lines}");
        let config =
            parse_toml(&text, "minder.toml", &base, None).unwrap_or_else(|errors| panic!("{errors}"));
        let Program::Follow(follow) = config.workers[0].program.clone() else { panic!("{lines}") };
        assert_eq!(config.workers[0].output, OutputKind::Pipe);
        (follow.what, follow.from)
    };
    let last = Beginning::Last;
    let file = |name: &str| Followed::File(base.join(name));
    assert_eq!(follow("tail = 'x.log'"), (file("x.log"), last(10)));
    assert_eq!(follow("tail = '[a].log'"), (file("[a].log"), last(10)));
    assert_eq!(follow("tail = { files = 'x.log', lines = 3 }"), (file("x.log"), last(3)));
    assert_eq!(follow("tail = { files = '/x', lines = 'all' }\noutput = 'pty'").1, Beginning::Start);
    let pattern = Sought::Pattern(base.join("logs/*.log").display().to_string());
    let files = vec![Sought::Path(base.join("x")), pattern.clone()];
    assert_eq!(follow("tail = ['x', 'logs/*.log']"), (Followed::Files(files), last(10)));
    assert_eq!(follow("tail = 'logs/*.log'").0, Followed::Files(vec![pattern]));
}

#[test]
fn mistakes_of_followed_files_name_the_value_and_the_mend() {
    for (lines, expected) in [
        ("cmd = 'x'\ntail = 'y'", "3:8 a worker has one of `cmd`, `tail`, `pid`, `pid_file` and `pgrep`"),
        ("tail = 'y'\npgrep = 'x'", "3:9 a worker has one of `cmd`, `tail`, `pid`, `pid_file` and `pgrep`"),
        ("tail = 'y'\nevery = '5m'", "files that are followed cannot have a timer | following does not end"),
        ("tail = ''", "this is empty"),
        ("tail = ['a', ' ']", "this is empty"),
        ("tail = 3", "`tail` wants a path or pattern, an array of them, or { files, lines }"),
        ("tail = { lines = 3 }", "does not say which | add files = \"…\" to it"),
        (
            "tail = { files = 'x', lines = 'most' }",
            "not one of these | `\"all\"` begins at the start of the file",
        ),
        ("tail = '/'", "`tail` names a folder | / is a folder | name the files in it"),
        ("tail = '[a'", "`tail` has a pattern that cannot be read"),
        ("tail = '*.log'\nlog = 'x'", "`log.file` is for a worker that follows one file"),
        ("nice = 1", "worker `a` has no `cmd`"),
    ] {
        let told = mistakes_of(&format!("[worker.a]\n{lines}"));
        assert!(told.iter().any(|told| told.contains(expected)), "{lines}: {told:?}");
    }
}

#[test]
fn check_counts_workers_and_warnings() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("minder.toml");
    fs::write(&file, "[worker.a]\ncmd='x'\ncwd='gone'\n[worker.b]\ncmd='y'").unwrap();
    let report = check(&file, Timestamp::UNIX_EPOCH, &TimeZone::UTC).unwrap();
    let line = report.to_string();
    assert!(line.ends_with("minder.toml: 2 workers, no mistakes, 1 warning"), "{line}");
}

#[test]
fn selecting_keeps_the_named_workers_and_starts_them() {
    let text = "[worker.api]\ncmd='x'\n[worker.db]\ncmd='y'\nautostart=false\n[worker.web]\ncmd='z'";
    let mut config = parse(text).unwrap();
    let error = select(&mut config, &["dbb".to_owned(), "web".to_owned(), "apy".to_owned()]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no worker is called `dbb`\nno worker is called `apy`; did you mean `api`?\nthe workers are: api, db, web"
    );
    assert_eq!(config.workers.len(), 3);
    select(&mut config, &[]).unwrap();
    assert!(!config.workers[1].autostart);
    select(&mut config, &["web".to_owned(), "db".to_owned()]).unwrap();
    let told: Vec<_> = config.workers.iter().map(|spec| (spec.name.to_string(), spec.autostart)).collect();
    assert_eq!(told, [("db".to_owned(), true), ("web".to_owned(), true)]);
}

mod random {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "\
forward_signals = true
[defaults]
stop = { signal = \"TERM\", grace = \"5s\" }
env.A = \"1\"
[worker.api]
cmd = [\"node\", \"server.js\"]
restart = \"on-failure\"
backoff = { initial = \"1s\", factor = 1.5 }
max_restarts = { count = 5, window = \"1m\" }
limits = { nofile = { soft = 1, hard = 2 }, as = \"2G\" }
stdin = { file = \"x\" }
umask = 0o022
[worker.db]
cmd = '''x
y'''
env = { Ä = { unset = true } }
color = \"#ff8800\"
";

    /// Reads it every way and draws what was found.
    fn survive(text: &str) {
        for result in [parse(text), parse_procfile(text, "Procfile", Path::new("/nowhere"))] {
            match result {
                Ok(config) => assert!(!config.workers.is_empty()),
                Err(errors) => {
                    assert!(errors.mistakes() > 0);
                    assert!(!errors.render(true).is_empty());
                    assert!(errors.iter().all(|item| item.line() > 0 && item.column() > 0));
                }
            }
        }
        let source = diagnostic::Source::new("e", text);
        let mut notes = diagnostic::Notes::new(&source);
        let variables = dotenv::read(&source, &mut notes);
        if let Err(errors) = notes.finish(variables) {
            assert!(!errors.to_string().is_empty());
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            survive(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn random_words_never_panic(text in r#"([a-z_]{1,8}|[\[\]{}.,='"\\#$\n \r:]|[0-9é\t\x00]){0,60}"#) {
            survive(&text);
        }

        #[test]
        fn mutated_configs_never_panic(
            cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..6_usize, r#"[\[\]{}.,='"\\#\na0é-]{0,3}"#), 1..4)
        ) {
            let mut text = GOOD.to_owned();
            for (at, length, insert) in cuts {
                let start = text.floor_char_boundary(at.index(text.len() + 1));
                let end = text.ceil_char_boundary((start + length).min(text.len()));
                text.replace_range(start..end, &insert);
            }
            survive(&text);
        }

        #[test]
        fn names_made_from_commands_are_valid_and_unique(commands in proptest::collection::vec("[ -~é]{1,20}[a-z]", 1..6)) {
            if let Ok(specs) = from_run_args(&commands, &[], &[]) {
                let names: std::collections::BTreeSet<_> = specs.iter().map(|spec| spec.name.clone()).collect();
                prop_assert_eq!(names.len(), specs.len());
                prop_assert!(specs.iter().all(|spec| name::is_valid(spec.name.as_str())));
            }
        }
    }
}
