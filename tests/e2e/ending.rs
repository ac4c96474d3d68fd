//! Ends of minder: by key, by signal, by a closed window; what it leaves behind is nothing.

use super::{line, named};
use crate::support::{DEADLINE, Key, Process, Terminal, alive, all, minder, poll_until, wait_ended};
use nix::sys::signal::Signal;
use std::os::unix::process::ExitStatusExt;

/// minder with a calm and a stubborn worker and this grace, both up.
fn with_a_stubborn_worker(grace: &str) -> Terminal {
    let lines = [named("alpha", line::STUBBORN), named("beta", line::CALM)];
    let terminal = minder().size(100, 30).args(["run", "--grace", grace]).args(lines).start();
    terminal.wait_armed();
    terminal.wait_listed("beta", "running");
    terminal
}

#[test]
fn q_stops_everything_and_restores_the_terminal() {
    let lines = ["alpha", "beta", "gamma"].map(|name| named(name, line::CALM));
    let mut terminal = minder().args(["run"]).args(lines).start();
    terminal.wait_listed("gamma", "running");
    assert_ne!(&terminal.settings(), terminal.settings_before());
    assert!(terminal.screen().modes_left_on().contains(&"alternate screen"));
    terminal.send("q");
    let status = terminal.wait_exit();
    assert_eq!(status.code(), Some(0), "{status}");
    terminal.expect_nothing_left();
    terminal.expect_restored();
}

#[test]
fn q_stops_all_in_parallel() {
    let lines = (0..8).map(|n| {
        format!("worker-{n}=trap 'sleep 3; exit 0' TERM; echo ar''med; while :; do sleep 0.1; done")
    });
    let mut terminal = minder().size(100, 30).args(["run"]).args(lines).start();
    terminal.wait_listed("worker-7", "running");
    terminal.wait_armed();
    terminal.send("q");
    // One after the other they would take 24 s.
    terminal.wait_exit_within(std::time::Duration::from_secs(20));
    terminal.expect_nothing_left();
}

#[test]
fn a_quit_shows_who_holds_on_and_a_second_q_kills_at_once() {
    let mut terminal = with_a_stubborn_worker("10m");
    terminal.send("q");
    terminal.wait_for("stopping everything");
    terminal
        .wait_until("who holds on", |screen| screen.row_with(&["alpha", "SIGTERM", "SIGKILL in"]).map(drop));
    terminal.send("q");
    let status = terminal.wait_exit();
    assert_eq!(status.code(), Some(0), "{status}");
    terminal.expect_nothing_left();
    terminal.expect_restored();
}

#[test]
fn a_quit_takes_no_longer_than_the_slowest_grace() {
    let mut terminal = with_a_stubborn_worker("1s");
    terminal.send("q");
    terminal.wait_exit();
    terminal.expect_nothing_left();
}

#[test]
fn ctrl_c_stops_everything_and_ends_minder_by_sigint() {
    let mut terminal = minder().run([&named("alpha", line::CALM)]).start();
    terminal.wait_here();
    terminal.key(Key::Ctrl('c'));
    assert_eq!(terminal.wait_exit().signal(), Some(Signal::SIGINT as i32));
    terminal.expect_nothing_left();
    terminal.expect_restored();
}

#[test]
fn ctrl_backslash_stops_everything_and_ends_minder_by_sigquit() {
    let mut terminal = minder().run([&named("alpha", line::CALM)]).start();
    terminal.wait_here();
    terminal.key(Key::Ctrl('\\'));
    assert_eq!(terminal.wait_exit().signal(), Some(Signal::SIGQUIT as i32));
    terminal.expect_nothing_left();
    terminal.expect_restored();
}

#[test]
fn a_second_ctrl_c_kills_at_once() {
    let mut terminal = with_a_stubborn_worker("10m");
    terminal.key(Key::Ctrl('c'));
    // However fast: a key that is pressed is no echo.
    terminal.wait_for("stopping everything");
    terminal.key(Key::Ctrl('c'));
    assert_eq!(terminal.wait_exit().signal(), Some(Signal::SIGINT as i32));
    terminal.expect_nothing_left();
    terminal.expect_restored();
}

#[test]
fn a_signal_from_outside_stops_everything_and_ends_minder_by_the_same() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
        let mut terminal = minder().run([&named("alpha", line::CALM)]).start();
        terminal.wait_here();
        terminal.signal(signal);
        let status = terminal.wait_exit();
        assert_eq!(status.signal(), Some(signal as i32), "{signal}: {status}");
        terminal.expect_nothing_left();
        terminal.expect_restored();
    }
}

#[test]
fn a_second_signal_from_outside_kills_at_once() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut terminal = with_a_stubborn_worker("10m");
        terminal.signal(signal);
        // One that follows at once is taken for what a wrapper handed on.
        terminal.wait_until("a second of it", |screen| {
            let since = "stopping everything ·";
            screen.row_of(since)?.number_after(since).filter(|seconds| *seconds >= 1)
        });
        terminal.signal(signal);
        assert_eq!(terminal.wait_exit().signal(), Some(signal as i32));
        terminal.expect_nothing_left();
        terminal.expect_restored();
    }
}

#[test]
fn a_closed_window_ends_everything_without_a_spin() {
    let mut terminal = with_a_stubborn_worker("3s");
    let pid = terminal.pid();
    let before = terminal.process().ticks;
    terminal.hang_up();
    let mut used = 0;
    let ended = poll_until(DEADLINE, || {
        let process = Process::find(pid).filter(Process::alive);
        used = process.as_ref().map_or(used, |process| process.ticks - before);
        process.is_none().then_some(())
    });
    assert!(ended.is_some(), "minder lives on: {:?}", terminal.processes());
    // Three seconds of waiting in a spin would be some 300 ticks.
    assert!(used < 100, "{used} ticks of 10 ms while waiting for a stubborn worker");
    terminal.wait_exit();
    terminal.expect_nothing_left();
}

#[test]
fn a_hang_up_ends_it_without_a_screen_too() {
    // It leads the session, as under `ssh -t` and in a new tmux window: nobody else is told.
    for line in ["echo he''re; exec sleep 1000", "echo he''re; while :; do echo on; sleep 0.1; done"] {
        let mut terminal = minder().run_headless([&named("alpha", line)]).start();
        terminal.wait_for("here");
        let pid = terminal.pid();
        terminal.hang_up();
        let ended = poll_until(DEADLINE, || (!alive(pid)).then_some(()));
        assert!(ended.is_some(), "minder lives on: {:?}", terminal.processes());
        terminal.wait_exit();
        terminal.expect_nothing_left();
    }
}

/// A control group knows whom no look at /proc finds: no mark in its environment, a session of its own, its
/// parent gone.
#[test]
fn a_stop_ends_all_of_a_control_group() {
    let seconds = format!("1{:09}", std::process::id());
    let line = format!("(env -i setsid sleep {seconds} &); echo he''re $$; exec sleep 1000");
    let terminal = minder().run([&named("alpha", &line)]).start();
    terminal.wait_here();
    let ran_off = || {
        let line = |pid: i32| std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let ours = |pid: i32| String::from_utf8_lossy(&line(pid)).contains(&format!("sleep\0{seconds}"));
        all().into_iter().find(|process| ours(process.pid) && process.alive())
    };
    let group = |pid: i32| std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
    let found = poll_until(DEADLINE, || ran_off().filter(|process| process.session == process.pid));
    let has_group = group(found.expect("it ran off").pid) != group(terminal.supervisor());
    terminal.send("t");
    terminal.wait_listed("alpha", "stopped by you");
    // Without control groups it is found by its parent, which is minder now, once that is known.
    let gone = poll_until(DEADLINE, || ran_off().is_none().then_some(()));
    assert!(gone.is_some() || !has_group, "it lives on");
    terminal.quit();
}

#[test]
fn a_daemon_that_ran_off_is_gone_after_a_quit() {
    let daemon = "(setsid sleep 1000 &); echo here $$; exec sleep 1000";
    let terminal = minder().run([&named("alpha", daemon)]).start();
    terminal.wait_here();
    let ran_off = poll_until(DEADLINE, || {
        let mut found = terminal.processes().into_iter();
        found.find(|process| {
            process.name == "sleep"
                && process.parent == terminal.supervisor()
                && process.pid == process.session
        })
    });
    assert!(ran_off.is_some(), "{:#?}", terminal.processes());
    terminal.quit();
}

#[test]
fn the_end_of_all_workers_does_not_end_the_screen() {
    let terminal = minder().size(100, 30).run(["alpha=exit 0"]).start();
    terminal.wait_listed("alpha", "exit 0");
    terminal.send("?");
    terminal.wait_for("freeze or continue");
    terminal.escape("freeze or continue");
    terminal.quit();
}

#[test]
fn workers_do_not_outlive_a_quit_however_many_there_are() {
    let lines = (0..50).map(|n| format!("w{n}=sleep 1000 & sleep 1000"));
    let terminal = minder().size(100, 60).args(["run"]).args(lines).start();
    terminal.wait_listed("w0", "running");
    let first = terminal.processes().into_iter().find(|process| process.name == "sleep");
    terminal.quit();
    assert!(first.is_none_or(|process| wait_ended(process.pid, DEADLINE)));
}
