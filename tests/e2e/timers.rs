//! Workers that run on a timer, as the real binary runs them.

use super::line;
use crate::support::{DEADLINE, Terminal, minder, poll_until};
use nix::sys::signal::Signal;
use std::fs;

/// How many runs wrote their line into the file `runs`.
fn runs(terminal: &Terminal) -> usize {
    fs::read_to_string(terminal.folder().join("runs")).unwrap_or_default().lines().count()
}

fn wait_runs(terminal: &Terminal, count: usize) {
    let reached = poll_until(DEADLINE, || (runs(terminal) >= count).then_some(()));
    assert!(reached.is_some(), "{} runs", runs(terminal));
}

#[test]
fn every_runs_at_once_and_again_until_it_is_stopped() {
    let config = "[worker.alpha]\ncmd = 'echo run >> runs'\nevery = '1s'\n";
    let terminal = minder().size(110, 30).up(config).start();
    wait_runs(&terminal, 3);
    terminal.wait_listed("alpha", "waiting");
    terminal.wait_for("next run: alpha in ");
    terminal.wait_for("every 1s, next run at ");
    terminal.send("t");
    terminal.wait_for("every 1s, its timer is stopped");
    // It may have been told in the middle of a run.
    let row = terminal.wait_until("its rest", |screen| {
        screen.listed("alpha", "done").or_else(|| screen.listed("alpha", "stopped by you"))
    });
    assert!(!row.text.contains("next in"), "{}", row.text);
    let before = runs(&terminal);
    terminal.send(" ");
    wait_runs(&terminal, before + 2);
    terminal.quit();
}

#[test]
fn a_key_runs_what_waits_for_its_time() {
    let config = "[worker.alpha]\ncmd = 'echo run >> runs; exit 3'\ncron = '0 0 1 1 *'\n";
    let terminal = minder().size(110, 30).up(config).start();
    terminal.wait_listed("alpha", "waiting");
    terminal.wait_for("cron 0 0 1 1 *, next run at Jan 1 ");
    assert_eq!(runs(&terminal), 0);
    terminal.send(" ");
    terminal.wait_listed("alpha failed", "next in");
    assert_eq!(runs(&terminal), 1);
    terminal.quit();
}

#[test]
fn what_is_due_while_the_last_run_is_on_goes_by_the_policy() {
    let config = ["skip", "queue", "replace"].map(|overlap| {
        let line = line::CALM;
        format!("[worker.{overlap}]\ncmd = '{line}'\nevery = '1s'\noverlap = '{overlap}'\n")
    });
    let piped = minder().up(&config.concat()).args(["--headless"]).start_piped();
    for words in [
        "skip: a run was due and is skipped: the last one is still on",
        "queue: a run is due and waits for the last one to end",
        "queue: a run was due and is skipped: one waits already",
        "replace: a run is due: the last one is stopped for it",
        "replace: stopped for the next run: SIGTERM (15), ran",
    ] {
        piped.wait_stderr(words, |text| text.contains(words).then_some(()));
    }
    let starts = |name: &str, text: &str| text.matches(&format!("{name}: started, pid")).count();
    piped.wait_stderr("the replacement", |text| (starts("replace", text) >= 3).then_some(()));
    piped.wait_stderr("one run", |text| {
        (starts("skip", text) == 1 && starts("queue", text) == 1).then_some(())
    });
    piped.signal(Signal::SIGTERM);
    piped.finish().expect_nothing_left();
}

#[test]
fn what_waited_for_the_last_run_follows_it() {
    let config = "[worker.alpha]\ncmd = 'echo run >> runs; while ! test -e go; do sleep 0.1; done'\n\
                  every = '2s'\noverlap = 'queue'\n";
    let terminal = minder().size(110, 30).up(config).start();
    terminal.wait_listed("alpha", "next is due");
    wait_runs(&terminal, 1);
    assert_eq!(runs(&terminal), 1);
    fs::write(terminal.folder().join("go"), "").expect("it can be written");
    wait_runs(&terminal, 3);
    terminal.quit();
}

#[test]
fn a_worker_that_waits_for_its_time_keeps_a_headless_minder_up_until_it_is_told() {
    let config = "[worker.alpha]\ncmd = 'true'\ncron = '@yearly'\n[worker.beta]\ncmd = 'exit 0'\n";
    let piped = minder().up(config).args(["--headless"]).start_piped();
    piped.wait_stderr("alpha's time", |text| text.contains("alpha: next run at Jan 1 ").then_some(()));
    piped.wait_stderr("beta's end", |text| text.contains("beta: exit 0, ran").then_some(()));
    piped.signal(Signal::SIGTERM);
    let finished = piped.finish();
    assert!(finished.stderr_text().contains("SIGTERM received, stopping everything"));
    finished.expect_nothing_left();
}

#[test]
fn a_timer_that_nobody_starts_keeps_nothing_up() {
    let config =
        "[worker.alpha]\ncmd = 'true'\nevery = '1s'\nautostart = false\n[worker.beta]\ncmd = 'true'\n";
    let finished = minder().up(config).args(["--headless"]).finish();
    assert_eq!(finished.status.code(), Some(0), "{}", finished.stderr_text());
    assert!(!finished.stderr_text().contains("alpha: started"));
}

#[test]
fn a_run_that_fails_is_tried_again_and_the_timer_goes_on() {
    let config = "[worker.alpha]\ncmd = 'echo run >> runs; exit 1'\ncron = '@yearly'\n\
                  restart = 'on-failure'\nbackoff = { initial = '10ms' }\nmax_restarts = 2\n";
    let terminal = minder().size(110, 30).up(config).start();
    terminal.wait_listed("alpha", "waiting");
    terminal.send(" ");
    terminal.wait_for("not started again: 2 restarts within");
    terminal.wait_listed("alpha", "next in");
    assert_eq!(runs(&terminal), 3);
    terminal.quit();
}

#[test]
fn check_shows_the_next_times() {
    let config = "[worker.a]\ncmd = 'x'\ncron = '30 2 29 2 *'\n[worker.b]\ncmd = 'x'\nevery = '5m'\n\
                  [worker.c]\ncmd = 'x'\nevery = '1h'\nautostart = false\n";
    let finished = minder().file("minder.toml", config).args(["check"]).finish();
    let text = finished.stdout_text();
    assert!(text.contains("a: cron 30 2 29 2 *: next ") && text.contains("Feb 29 02:30:00, "), "{text}");
    assert!(text.contains("b: every 5m: at once and from then on\n"), "{text}");
    assert!(text.contains("c: every 1h: at once and from then on, once it is started by hand\n"), "{text}");
}
