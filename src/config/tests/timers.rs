//! Timers and watched processes as they are typed.

use super::*;

#[test]
fn check_says_when_timers_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("minder.toml");
    fs::write(&file, "[worker.a]\ncmd='x'\ncron='0 6 * * 1'\n[worker.b]\ncmd='x'\nevery='90s'").unwrap();
    let report = check(&file, Timestamp::UNIX_EPOCH, &TimeZone::UTC).unwrap();
    assert_eq!(
        report.timers,
        [
            "a: cron 0 6 * * 1: next Mon Jan 5 06:00:00, Mon Jan 12 06:00:00, Mon Jan 19 06:00:00",
            "b: every 1m 30s: at once and from then on",
        ]
    );
}

#[test]
fn timers_are_read() {
    let schedule = |lines| worker(lines).schedule.unwrap();
    let every = |seconds| Timing::Every(Duration::from_secs(seconds));
    assert_eq!(schedule("every = '5m'"), Schedule { timing: every(300), overlap: Overlap::Skip });
    let replace = Schedule { timing: every(1), overlap: Overlap::Replace };
    assert_eq!(schedule("every = '1s'\noverlap = 'replace'"), replace);
    let cron = Timing::Cron(Cron::new("@daily").unwrap());
    assert_eq!(
        schedule("cron = '@daily'\noverlap = 'queue'"),
        Schedule { timing: cron, overlap: Overlap::Queue }
    );
    assert_eq!(worker("").schedule, None);
    let shared = parse("[defaults]\noverlap='queue'\n[worker.a]\ncmd='x'\nevery='1h'\n[worker.b]\ncmd='x'");
    let shared = shared.unwrap().workers;
    assert_eq!(shared[0].schedule.as_ref().map(|schedule| schedule.overlap), Some(Overlap::Queue));
    assert_eq!(shared[1].schedule, None);
}

#[test]
fn watched_processes_are_read() {
    let program = |lines: &str| {
        let config = parse(&format!("[worker.a]\n{lines}")).unwrap_or_else(|errors| panic!("{errors}"));
        (config.workers[0].program.clone(), config.workers[0].output)
    };
    let watched = |target| (Program::Watched(target), OutputKind::Pipe);
    assert_eq!(program("pid = 4123"), watched(Target::Pid(4123)));
    assert_eq!(program("pid_file = 'run/web.pid'"), watched(Target::PidFile("/nowhere/run/web.pid".into())));
    assert_eq!(
        program("pgrep = '^nginx: master'"),
        watched(Target::Name(Pattern::new("^nginx: master").unwrap()))
    );
}

#[test]
fn mistakes_of_watched_processes_name_the_value_and_the_mend() {
    for (lines, expected) in [
        ("pid = 1", "`pid` wants an integer from 2 to 4194304 | must lie between 2 and 4194304"),
        ("pid = '12'", "this is a string | write it without quotes: 12"),
        ("pid_file = ''", "`pid_file` wants a path as a string | this is empty"),
        ("pgrep = '('", "| no regular expression | unclosed group"),
        (
            "pid = 12\npgrep = 'x'",
            "a worker has one of `cmd`, `pid`, `pid_file` and `pgrep` | it has another one too",
        ),
        (
            "cmd = 'x'\npid = 12",
            "a worker has one of `cmd`, `pid`, `pid_file` and `pgrep` | it has another one too",
        ),
        (
            "pid = 12\nevery = '5m'",
            "a process that is watched cannot have a timer | minder does not start it",
        ),
        ("pidfile = 'x'", "unknown key `pidfile` in [worker.a] | did you mean `pid_file`?"),
    ] {
        let mistakes = mistakes_of(&format!("[worker.a]\n{lines}"));
        assert!(mistakes.iter().any(|mistake| mistake.contains(expected)), "{lines}: {mistakes:?}");
    }
}

#[test]
fn mistakes_of_timers_name_the_value_and_the_mend() {
    for (lines, expected) in [
        (
            "every = 5",
            "`every` wants a duration as \"5m\" | this is an integer | write the unit with it, in quotes: \"5s\"",
        ),
        ("every = '0s'", "`every` wants a duration as \"5m\" | must lie between 1s and 8784h | "),
        ("every = '1d'", "| days and longer units are not taken | write \"24h\", or cron"),
        ("cron = '61 * * * *'", "| `61` cannot be its minute | 0 to 59"),
        ("cron = '* * *'", "| this has 3 fields | five: minute, hour"),
        ("cron = '@reboot'", "| this is no time | a worker without a timer starts with minder"),
        ("cron = '0 0 31 2 *'", "| no day is ever like this | "),
        ("cron = 3", "`cron` wants a time pattern as \"30 2 * * *\" | this is an integer"),
        (
            "every = '1m'\ncron = '@daily'",
            "a worker has either `every` or `cron` | it has `every` too | leave one",
        ),
        ("every = '1m'\noverlap = 'skipp'", "| not one of these | did you mean \"skip\"?"),
        ("every = '1m'\nrestart = 'always'", "a worker with a timer cannot have `restart = \"always\"`"),
        ("interval = '5m'", "unknown key `interval` in [worker.a] | did you mean `every`?"),
        ("schedule = '@daily'", "unknown key `schedule` in [worker.a] | did you mean `cron`?"),
    ] {
        let mistakes = mistakes(lines);
        assert_eq!(mistakes.len(), 1, "{lines}: {mistakes:?}");
        assert!(mistakes[0].contains(expected), "{lines}: {}", mistakes[0]);
    }
    let idle = parse("[worker.a]\ncmd = 'x'\noverlap = 'skip'").unwrap().warnings;
    assert!(summary(&idle[0]).contains("`overlap` is about runs by a timer, and this worker has none"));
    let shared = mistakes_of("[defaults]\nevery = '5m'\n[worker.a]\ncmd = 'x'");
    assert!(shared[0].contains("`every` cannot stand in [defaults]"), "{shared:?}");
    assert_eq!(mistakes("every = 'soon'\noverlap = 'skip'").len(), 1, "one mistake is told once");
}
