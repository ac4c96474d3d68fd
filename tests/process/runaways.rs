//! Real hogs under the real binary: what is too much is said, shown, frozen or ended.

use crate::support::{DEADLINE, Process, Screen, minder, poll_until};
use nix::sys::signal::Signal;

/// Takes a whole core.
const CPU: &str = "cmd = 'while :; do :; done'";
/// Has about 60 MB, most of it as one string.
const MEMORY: &str = "cmd = \"x=$(head -c 30000000 /dev/zero | tr '\\\\0' x); sleep 1000\"";
/// Says more than anybody reads.
const OUTPUT: &str = "cmd = 'exec yes flood'";
/// Forks without end, as far as eighty go: half of them run off to sessions of their own.
const FORKS: &str =
    "cmd = 'i=0; while [ $i -lt 40 ]; do sleep 1000 & setsid sleep 1000 & i=$((i+1)); done; wait'";

fn config(hog: &str, runaway: &str) -> String {
    format!("[worker.alpha]\n{hog}\nrunaway = {{ for = '1s', {runaway} }}\nstop.grace = '1s'\n")
}

/// Headless: what is told of a hog that is only warned about.
fn expect_warned(hog: &str, runaway: &str, words: &str) {
    let piped = minder().file("minder.toml", &config(hog, runaway)).args(["up", "--headless"]).start_piped();
    piped.wait_stderr(words, |text| {
        text.lines()
            .any(|line| line.starts_with("minder: alpha: runaway: ") && line.contains(words))
            .then_some(())
    });
    piped.signal(Signal::SIGTERM);
    let finished = piped.finish();
    assert_eq!(finished.stderr_text().matches("runaway: ").count(), 1, "{}", finished.stderr_text());
    finished.expect_nothing_left();
}

#[test]
fn a_hog_of_each_kind_is_told_headless_and_once() {
    expect_warned(CPU, "cpu = 5", "more than 5 % of a core for ");
    expect_warned(MEMORY, "memory = '10M'", "more than 10 MiB of memory for ");
    expect_warned(FORKS, "processes = 30", "more than 30 processes for ");
    expect_warned(OUTPUT, "output = '100K'", "more than 100 KiB of output a second for ");
}

#[test]
fn a_runaway_that_is_frozen_stays_so_with_its_whole_tree() {
    // Long enough to be seen running again, however busy the machine is.
    let config = config(FORKS, "processes = 30, policy = 'freeze'").replace("for = '1s'", "for = '5s'");
    let mut terminal = minder().size(120, 20).up(&config).start();
    let badge = |screen: &Screen| screen.row_with(&["alpha", "frozen", "runaway: processes"]);
    terminal.wait_until("the badge", badge);
    terminal.wait_for("more than 30 processes for ");
    let asleep = || {
        let sleepers = terminal.processes().into_iter().filter(|process| process.name == "sleep");
        sleepers.filter(|process| process.state != 'T').count()
    };
    let frozen = poll_until(DEADLINE, || (asleep() == 0).then_some(()));
    assert!(frozen.is_some(), "{} are not frozen", asleep());
    // Let go, it is given another chance, and frozen again.
    terminal.send("p");
    terminal.wait_until("running", |screen| screen.row_with(&["alpha", "running"]));
    terminal.wait_without("runaway: processes");
    terminal.wait_until("the badge again", badge);
    terminal.send("q");
    assert_eq!(terminal.wait_exit().code(), Some(0));
    terminal.expect_nothing_left();
    terminal.expect_restored();
}

#[test]
fn a_runaway_that_is_stopped_has_failed_and_leaves_nothing() {
    let config = config(FORKS, "processes = 30, policy = 'terminate'");
    let finished = minder().file("minder.toml", &config).args(["up", "--headless"]).finish();
    let text = finished.stderr_text();
    assert!(text.contains("more than 30 processes for "), "{text}");
    assert!(text.contains("; it is stopped"), "{text}");
    assert!(text.contains("alpha: stopped as a runaway: SIGTERM (15), ran"), "{text}");
    assert_eq!(finished.status.code(), Some(143), "{text}");
    finished.expect_nothing_left();
}

#[test]
fn a_runaway_is_started_again_where_its_policy_says_so() {
    let config = config(CPU, "cpu = 5, policy = 'terminate'")
        + "restart = 'on-failure'\nbackoff = { initial = '10ms', max = '20ms' }\nmax_restarts = 1\n";
    let finished = minder().file("minder.toml", &config).args(["up", "--headless"]).finish();
    let text = finished.stderr_text();
    assert_eq!(text.matches("stopped as a runaway").count(), 3, "twice, and in the summary: {text}");
    assert!(text.contains("not started again: 1 restarts within"), "{text}");
    finished.expect_nothing_left();
}

#[test]
fn on_the_screen_a_flood_is_badged_until_it_calms_down() {
    let hog = "cmd = \"trap 'kill $!; exec sleep 1000' USR1; yes flood & wait\"";
    let mut terminal = minder().size(120, 20).up(&config(hog, "output = '100K'")).start();
    terminal.wait_until("the badge", |screen| screen.row_with(&["alpha", "running", "runaway: output"]));
    let children = crate::support::children_of(terminal.supervisor());
    let shell = children.into_iter().find(Process::alive).expect("it runs");
    let pid = nix::unistd::Pid::from_raw(shell.pid);
    nix::sys::signal::kill(pid, Signal::SIGUSR1).expect("it lives");
    terminal.wait_without("runaway: output");
    terminal.send("q");
    assert_eq!(terminal.wait_exit().code(), Some(0));
    terminal.expect_nothing_left();
}

#[test]
fn headless_without_a_bound_nobody_looks_at_proc() {
    let piped = minder().run_headless(["alpha=echo ar''med; exec sleep 1000"]).start_piped();
    piped.wait_stdout("armed", |text| text.contains("armed").then_some(()));
    let supervisor = crate::support::supervisor_of(piped.pid());
    let ticks = || Process::find(supervisor).map_or(0, |process| process.ticks);
    let switches = || {
        let tasks = std::fs::read_dir(format!("/proc/{supervisor}/task")).expect("it runs");
        let status = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("status")).ok();
        let census =
            tasks.filter_map(|task| status(task.ok()?)).find(|status| status.contains("Name:\tcensus"));
        crate::support::status_field(&census.expect("there is one"), "voluntary_ctxt_switches")
    };
    // What a start takes may not be over yet: one quiet while of some is what is asked for.
    let quiet = (0..5).any(|_| {
        let before = (ticks(), switches());
        crate::support::program("sleep").args(["3"]).finish();
        (ticks(), switches()) == before
    });
    assert!(quiet, "somebody looks at /proc, or something else is done all the time");
    piped.signal(Signal::SIGTERM);
    piped.finish().expect_nothing_left();
}
