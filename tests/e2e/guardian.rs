//! Whatever ends minder, its terminal is whole and no process of its is left.

use super::{line, named};
use crate::support::{Piped, Terminal, children_of, installed, minder, program, supervisor_of};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::os::unix::process::ExitStatusExt;

/// A worker with the whole zoo below it: B ignores TERM, C leads a group of its own, D a session of
/// its own, E was forked twice and adopted.
const TREE: &str = "sh -c 'trap \"\" TERM HUP INT; while :; do sleep 0.2; done' & \
    sh -m -c 'sleep 1000 & wait' & setsid sh -c 'trap \"\" TERM HUP; while :; do sleep 0.2; done' & \
    (setsid sleep 1000 &); echo ar''med; wait";

fn send(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).expect("it is alive");
}

fn with_a_tree() -> Terminal {
    let terminal = minder().size(100, 30).run([&named("alpha", TREE), &named("beta", line::CALM)]).start();
    terminal.wait_for("armed");
    terminal.wait_listed("beta", "running");
    terminal
}

/// The catalogue's table: the tree below a first process that dies of SIGTERM and below one that ignores
/// it, in a terminal and with pipes, with and without control groups.
fn every_tree(end: impl Fn(&str, &str, &str)) {
    let deaf = format!("trap '' TERM; {TREE}");
    for line in [TREE, &deaf] {
        for output in ["pty", "pipe"] {
            for groups in ["on", "off"] {
                end(line, output, groups);
            }
        }
    }
}

fn on_the_screen(line: &str, output: &str, groups: &str) -> Terminal {
    let options = ["run", "--grace", "300ms", "--output", output, &named("alpha", line)];
    let terminal = minder().size(100, 30).env("MINDER_CGROUP", groups).args(options).start();
    terminal.wait_for("armed");
    // The daemon's parent has ended: it was adopted.
    terminal.wait_until("all six", |_| (terminal.processes().len() >= 8).then_some(()));
    terminal
}

#[test]
fn of_six_processes_none_survives_a_quit() {
    every_tree(|line, output, groups| {
        let mut terminal = on_the_screen(line, output, groups);
        terminal.send("q");
        assert_eq!(terminal.wait_exit().code(), Some(0), "{output} {groups} {line}");
        terminal.expect_nothing_left();
        terminal.expect_restored();
    });
}

#[test]
fn of_six_processes_none_survives_a_kill_of_the_supervisor_or_the_guardian() {
    every_tree(|line, output, groups| {
        for guardian in [false, true] {
            let mut terminal = on_the_screen(line, output, groups);
            let victim = if guardian { terminal.pid() } else { terminal.supervisor() };
            send(victim, Signal::SIGKILL);
            terminal.wait_exit();
            terminal.expect_nothing_left();
            terminal.expect_restored();
        }
    });
}

#[test]
fn of_six_processes_none_survives_headless() {
    every_tree(|line, output, groups| {
        for victim in ["minder", "supervisor", "guardian"] {
            let options =
                ["run", "--headless", "--grace", "300ms", "--output", output, &named("alpha", line)];
            let piped = minder().env("MINDER_CGROUP", groups).args(options).start_piped();
            piped.wait_stdout("the tree", |text| text.contains("armed").then_some(()));
            match victim {
                "minder" => send(piped.pid(), Signal::SIGTERM),
                "supervisor" => send(supervisor_of(piped.pid()), Signal::SIGKILL),
                _ => send(piped.pid(), Signal::SIGKILL),
            }
            piped.finish().expect_nothing_left();
        }
    });
}

#[test]
fn a_killed_supervisor_leaves_nothing_and_the_terminal_is_whole() {
    let mut terminal = with_a_tree();
    send(terminal.supervisor(), Signal::SIGKILL);
    let status = terminal.wait_exit();
    assert_eq!(status.code(), Some(137), "128 + 9, as a shell would say");
    terminal.expect_nothing_left();
    terminal.expect_restored();
    terminal.wait_for("the supervisor died: SIGKILL (9)");
}

#[test]
fn a_supervisor_that_crashes_leaves_nothing_either() {
    // Not SIGSEGV: Rust's handler for stack overflows lets one that nobody caused pass.
    for signal in [Signal::SIGABRT, Signal::SIGFPE] {
        let mut terminal = with_a_tree();
        send(terminal.supervisor(), signal);
        assert_eq!(terminal.wait_exit().code(), Some(128 + signal as i32));
        terminal.expect_nothing_left();
        terminal.expect_restored();
    }
}

#[test]
fn a_killed_guardian_makes_the_supervisor_stop_everything_in_order() {
    let said = "trap 'echo bye > bye; exit' TERM; echo ar''med; while :; do sleep 0.1; done";
    let mut terminal = minder().size(100, 30).run([&named("alpha", said)]).start();
    terminal.wait_for("armed");
    let bye = terminal.folder().join("bye");
    send(terminal.pid(), Signal::SIGKILL);
    assert_eq!(terminal.wait_exit().signal(), Some(Signal::SIGKILL as i32));
    terminal.expect_nothing_left();
    assert_eq!(std::fs::read_to_string(bye).expect("it ended in order"), "bye\n");
    terminal.expect_restored();
}

/// Before either can do anything about the death of the other.
fn kill_both(guardian: i32) {
    let supervisor = supervisor_of(guardian);
    send(guardian, Signal::SIGSTOP);
    send(supervisor, Signal::SIGKILL);
    send(guardian, Signal::SIGKILL);
}

#[test]
fn both_killed_at_once_take_the_first_processes_with_them() {
    for (output, groups) in [("pty", "on"), ("pty", "off"), ("pipe", "on"), ("pipe", "off")] {
        let run = |more: &[&str]| {
            let options = ["run", "--output", output].into_iter().chain(more.iter().copied());
            minder().env("MINDER_CGROUP", groups).args(options).args([named("alpha", line::CALM)])
        };
        let mut terminal = run(&[]).start();
        terminal.wait_here();
        kill_both(terminal.pid());
        terminal.wait_exit();
        terminal.expect_nothing_left();
        let piped = run(&["--headless"]).start_piped();
        piped.wait_stdout("its start", |text| text.contains("here ").then_some(()));
        kill_both(piped.pid());
        piped.finish().expect_nothing_left();
    }
}

#[test]
fn a_minder_in_a_minder_leaves_nothing_however_the_outer_one_ends() {
    let inner = format!("[defaults]\nstop.grace = '300ms'\n[worker.inner]\ncmd = \"\"\"{}\"\"\"", toml(TREE));
    let line = format!("alpha=cd inner; exec '{}' up --headless", env!("CARGO_BIN_EXE_minder"));
    for end in ["q", "supervisor", "guardian", "both"] {
        let launch = minder().size(100, 30).file("inner/minder.toml", &inner);
        let mut terminal = launch.args(["run", "--grace", "2s", &line]).start();
        terminal.wait_for("armed");
        terminal.wait_until("all of both", |_| (terminal.processes().len() >= 10).then_some(()));
        let supervisor = terminal.supervisor();
        match end {
            "q" => terminal.send("q"),
            "supervisor" => send(supervisor, Signal::SIGKILL),
            "guardian" => send(terminal.pid(), Signal::SIGKILL),
            // The kernel kills the inner guardian, the worker's first process; and the inner supervisor,
            // whose guardian is gone, stops everything in order.
            _ => kill_both(terminal.pid()),
        }
        terminal.wait_exit();
        terminal.expect_nothing_left();
        if end != "both" {
            terminal.expect_restored();
        }
    }
}

/// As in two containers on one machine: both see the same control groups, and both have the same pids.
#[test]
fn minders_in_two_pid_namespaces_end_only_their_own() {
    let alone = |more: &[&str]| program("unshare").args(["-pf", "--mount-proc"]).args(more.iter().copied());
    if !installed("unshare") || !alone(&["true"]).finish().status.success() {
        eprintln!("skipped: no pid namespace can be made here");
        return;
    }
    let said = "trap 'echo by''e; exit' TERM; echo ar''med; while :; do sleep 0.05; done";
    let start = |name: &str| {
        let worker = format!("{name}={said}");
        let launch = alone(&[env!("CARGO_BIN_EXE_minder"), "run", "--headless", &worker]).start_piped();
        launch.wait_stdout("armed", |text| text.contains("armed").then_some(()));
        launch
    };
    let (alpha, beta) = (start("alpha"), start("beta"));
    let guardian = |unshare: &Piped| children_of(unshare.pid())[0].pid;
    send(supervisor_of(guardian(&beta)), Signal::SIGKILL);
    let beta = beta.finish();
    let stderr = String::from_utf8_lossy(&beta.stderr);
    assert!(stderr.contains("the supervisor died: SIGKILL (9)"), "{stderr}");
    send(guardian(&alpha), Signal::SIGTERM);
    let alpha = alpha.finish();
    let stdout = String::from_utf8_lossy(&alpha.stdout);
    assert!(stdout.contains("bye"), "{stdout}");
}

/// As it stands between quotes in a TOML file.
fn toml(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[test]
fn headless_a_killed_supervisor_leaves_nothing() {
    let piped = minder().run_headless([&named("alpha", TREE)]).start_piped();
    piped.wait_stdout("the tree", |text| text.contains("armed").then_some(()));
    send(supervisor_of(piped.pid()), Signal::SIGKILL);
    let finished = piped.finish();
    assert_eq!(finished.status.code(), Some(137));
    let stderr = String::from_utf8_lossy(&finished.stderr);
    assert!(stderr.contains("the supervisor died: SIGKILL (9); "), "{stderr}");
    finished.expect_nothing_left();
}

#[test]
fn a_stopped_and_continued_supervisor_goes_on() {
    let terminal = minder().size(100, 30).run([&named("alpha", line::CALM)]).start();
    terminal.wait_listed("alpha", "running");
    let supervisor = terminal.supervisor();
    send(supervisor, Signal::SIGSTOP);
    send(supervisor, Signal::SIGCONT);
    terminal.send("t");
    terminal.wait_listed("alpha", "stopped by you");
    terminal.quit();
}

#[test]
fn a_stop_leaves_none_of_the_tree() {
    for key in ["t", "K"] {
        let terminal = minder().size(100, 30).args(["run", "--grace", "1s", &named("alpha", TREE)]).start();
        terminal.wait_for("armed");
        terminal.send(key);
        terminal.wait_until("the end of the tree", |screen| {
            (screen.contains("alpha") && terminal.processes().len() == 2).then_some(())
        });
        terminal.quit();
    }
}
