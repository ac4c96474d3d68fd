//! The wall clock is stepped under the real binary: a year ahead and a day back, while graces, backoffs
//! and timers run. They count on the monotonic clock; what is shown by the wall's stays readable.

use crate::support::{DEADLINE, Launch, Terminal, minder, poll_until};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

const SHIM: &str = include_str!("shim/wall_clock.rs");
const DAY: i64 = 86_400;
const YEAR: i64 = 365 * DAY;

/// 2030-01-01 00:00:00 UTC.
const NEW_YEAR: i64 = 1_893_456_000;

/// The clock of one minder: a file with the seconds by which it goes wrong.
struct WallClock {
    file: File,
    offset: i64,
}

impl WallClock {
    fn step(&mut self, seconds: i64) {
        self.offset += seconds;
        self.file.write_all_at(&self.offset.to_ne_bytes(), 0).expect("eight bytes can be written");
    }
}

/// The library that moves the wall clock. `None`, and said so, where it cannot be built or has no effect.
#[expect(clippy::print_stderr, reason = "whoever runs the tests wants to know what was not tested")]
fn shim(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (folder.join("shim.rs"), folder.join("libshim.so"));
    fs::write(&source, SHIM).expect("a file can be written");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let options = ["--edition", "2024", "-O", "--crate-type", "cdylib", "-o"];
    let built = Command::new(rustc).args(options).arg(&library).arg(&source).stderr(Stdio::null()).status();
    let date = || Command::new("date").arg("+%Y").envs(moved(&library, folder)).output();
    fs::write(folder.join("clock"), NEW_YEAR.to_ne_bytes()).expect("a file can be written");
    let works = built.is_ok_and(|status| status.success())
        && date().is_ok_and(|said| {
            String::from_utf8_lossy(&said.stdout).trim().parse::<u32>().is_ok_and(|year| year > 2050)
        });
    if !works {
        eprintln!("skipped: no library that moves the wall clock can be built or put in front here");
    }
    works.then_some(library)
}

fn moved(library: &Path, folder: &Path) -> [(&'static str, PathBuf); 2] {
    [("LD_PRELOAD", library.to_owned()), ("TEST_WALL_CLOCK", folder.join("clock"))]
}

/// minder with its own wall clock, which now says this.
fn with_a_clock_at(seconds: i64, launch: Launch) -> Option<(WallClock, Launch)> {
    let folder = launch.path(".");
    let library = shim(&folder)?;
    let file = File::options().write(true).open(folder.join("clock")).expect("it was just written");
    #[expect(clippy::disallowed_methods, reason = "a test's own clock")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs() as i64;
    let mut clock = WallClock { file, offset: 0 };
    clock.step(seconds - now);
    let launch =
        moved(&library, &folder).into_iter().fold(launch, |launch, (name, value)| launch.env(name, value));
    Some((clock, launch.env("TZ", "UTC")))
}

/// Each run of a worker writes when it was started, in hundredths of a second since boot: no wall clock.
const TELL: &str = "cut -d\" \" -f22 /proc/$$/stat >> ";

/// The starts that a worker told of so far.
fn starts(terminal: &Terminal, name: &str) -> Vec<u64> {
    let text = fs::read_to_string(terminal.folder().join(name)).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

fn wait_more(terminal: &Terminal, names: &[&str], more: usize) {
    for name in names {
        let before = starts(terminal, name).len();
        let reached = poll_until(DEADLINE, || (starts(terminal, name).len() >= before + more).then_some(()));
        let (now, screen) = (starts(terminal, name), terminal.screen());
        assert!(reached.is_some(), "{name}: {before}, then {now:?}\n{screen}");
    }
}

/// No two nearer than this many hundredths.
fn expect_apart(starts: &[u64], least: u64) {
    assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= least), "not {least} apart: {starts:?}");
}

/// No more than one a second, and one more at either end and for each step of the clock.
fn expect_each_second(starts: &[u64], name: &str) {
    let hundredths = starts.last().expect("it runs") - starts[0];
    assert!(starts.len() as u64 <= hundredths / 100 + 4, "{name} in {hundredths}/100 s: {starts:?}");
}

/// Ends by SIGKILL alone; once it is asked, it writes what the clock since boot says, again and again.
const STUBBORN: &str = "trap \"asked=yes\" TERM; touch $0.up; while :; do sleep 0.05; \
    test -z \"$asked\" || cut -d\" \" -f1 /proc/uptime | tr -d . >> $0; done";

/// Stops the chosen worker, whose grace is three seconds, and steps the wall clock meanwhile: it gets them,
/// and not much more.
fn expect_a_whole_grace(terminal: &Terminal, clock: &mut WallClock, name: &str, seconds: i64) {
    terminal.send("t");
    terminal.wait_until("its countdown", |screen| screen.row_with(&[name, "SIGKILL in"]));
    assert!(poll_until(DEADLINE, || starts(terminal, name).first().copied()).is_some());
    clock.step(seconds);
    terminal.wait_until("its end", |screen| screen.row_with(&[name, "killed"]));
    let told = starts(terminal, name);
    let lived = told.last().expect("it told") - told[0];
    // What is missing is what a loaded machine takes for one more line.
    assert!((150..1500).contains(&lived), "{name} lived on for {lived}/100 s");
}

/// What shows a time of the wall clock is on the screen once, and nothing of it panics.
fn look_at_times(terminal: &Terminal) {
    let beside = |what: &str, is_it: fn(&str) -> bool| {
        terminal.send("@");
        terminal.wait_until(what, |screen| {
            // The pane stands right of the list.
            let first =
                |text: &str| text.rsplit('│').next()?.strip_suffix(" tick").map(|word| is_it(word.trim()));
            screen.rows().iter().any(|row| first(&row.text) == Some(true)).then_some(())
        });
    };
    beside("times of day", |word| word.split(':').count() == 3);
    beside("ages", |word| word.ends_with(['s', 'm', 'h', 'd']));
    terminal.send("@@@i");
    terminal.wait_for("COMMAND");
    terminal.send("i");
    terminal.wait_without("COMMAND");
}

#[test]
fn a_stepped_wall_clock_moves_no_grace_no_backoff_and_no_timer_but_crons() {
    let config = format!(
        "[worker.ticks]\ncmd = 'while :; do echo ti\"\"ck; sleep 0.1; done'\n\
         log = {{ file = 'ticks.log', format = 'json' }}\n\
         [worker.ahead]\ncmd = ['sh', '-c', '''{STUBBORN}''', 'ahead']\nstop.grace = '3s'\n\
         [worker.back]\ncmd = ['sh', '-c', '''{STUBBORN}''', 'back']\nstop.grace = '3s'\n\
         [worker.every]\ncmd = '{TELL} every'\nevery = '1s'\n\
         [worker.secondly]\ncmd = '{TELL} secondly'\ncron = '* * * * * *'\n\
         [worker.yearly]\ncmd = '{TELL} yearly'\ncron = '0 0 1 1 *'\n\
         [worker.phoenix]\ncmd = '{TELL} phoenix; exit 1'\nrestart = 'always'\n\
         backoff = {{ initial = '1s', max = '1s', jitter = 0 }}\nmax_restarts = 10000\n"
    );
    let Some((mut clock, launch)) = with_a_clock_at(NEW_YEAR - 300, minder().size(120, 40)) else { return };
    let mut terminal = launch.up(&config).start();
    terminal.wait_until("all", |screen| screen.row_with(&["yearly", "waiting"]));
    for name in ["ahead", "back"] {
        let up = terminal.folder().join(format!("{name}.up"));
        assert!(poll_until(DEADLINE, || up.exists().then_some(())).is_some());
    }
    let rhythms = ["every", "secondly", "phoenix"];
    wait_more(&terminal, &rhythms, 2);
    look_at_times(&terminal);

    // A year and more goes by at once, and two New Years with it.
    terminal.send("j");
    expect_a_whole_grace(&terminal, &mut clock, "ahead", YEAR + DAY);
    wait_more(&terminal, &rhythms, 3);
    terminal.send("k");
    look_at_times(&terminal);
    // Within a minute the wall clock is looked at again.
    let ran = poll_until(3 * DEADLINE, || starts(&terminal, "yearly").first().copied());
    assert!(ran.is_some(), "its run was lost\n{}", terminal.screen());

    // And a day is lived once more.
    terminal.send("jj");
    expect_a_whole_grace(&terminal, &mut clock, "back", -DAY);
    wait_more(&terminal, &rhythms, 3);
    terminal.send("kk");
    look_at_times(&terminal);

    assert_eq!(starts(&terminal, "yearly").len(), 1, "however many New Years went by");
    expect_each_second(&starts(&terminal, "every"), "every");
    expect_each_second(&starts(&terminal, "secondly"), "secondly");
    expect_apart(&starts(&terminal, "phoenix"), 95);
    terminal.send("q");
    assert_eq!(terminal.wait_exit().code(), Some(0));
    terminal.expect_nothing_left();
    terminal.expect_restored();
    let log = fs::read_to_string(terminal.folder().join("ticks.log")).expect("it was written");
    // Within a worker time never goes back, also where the clock does.
    let times: Vec<&str> =
        log.lines().filter_map(|line| line.strip_prefix("{\"time\":\"")?.get(..10)).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!((times.first(), times.last()), (Some(&"2029-12-31"), Some(&"2031-01-01")));
}
