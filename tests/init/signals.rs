//! What comes in goes on: to whom, and as what.

use super::{init, wait_child, wait_state};
use crate::support::{DEADLINE, Process, number_after, wait_ended};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A shell that prints `got N` for every signal that it is told to listen to.
fn listener(numbers: impl Iterator<Item = i32>) -> String {
    let traps: Vec<_> = numbers.map(|number| format!("trap 'echo got {number}.' {number}; ")).collect();
    format!("{}echo armed; while :; do sleep 0.02; done", traps.concat())
}

/// Sends a signal by number: nix knows no real-time ones.
fn send(pid: i32, number: i32) {
    let sent = crate::support::program("kill").args([format!("-{number}"), pid.to_string()]).finish();
    assert!(sent.status.success(), "{}", sent.stderr_text());
}

/// All that can be caught but SIGCHLD, which counts no one, and the terminal's stops. 32 and 33
/// are glibc's own.
fn catchable() -> impl Iterator<Item = i32> {
    (1..=64).filter(|number| ![9, 17, 19, 20, 21, 22, 32, 33].contains(number))
}

#[test]
fn every_signal_that_can_be_caught_is_handed_on() {
    for mode in ["-v", "-c"] {
        let piped = init([mode, "sh", "-c", &listener(catchable())]).start_piped();
        piped.wait_stdout("armed", |text| text.contains("armed").then_some(()));
        for number in catchable() {
            send(piped.pid(), number);
            let got = format!("got {number}.");
            piped.wait_stdout(&got, |text| text.contains(&got).then_some(()));
        }
        piped.signal(Signal::SIGKILL);
        piped.finish();
    }
}

#[test]
fn a_signal_is_rewritten_or_dropped() {
    let script = listener([3, 10, 12].into_iter());
    let rules = ["-r", "15:3", "--rewrite=USR1:0", "--rewrite", "RTMIN+1:USR2"];
    let launch = init(rules).args(["--", "sh", "-c", &script]);
    let piped = launch.start_piped();
    piped.wait_stdout("armed", |text| text.contains("armed").then_some(()));
    piped.signal(Signal::SIGTERM);
    piped.wait_stdout("SIGQUIT", |text| text.contains("got 3.").then_some(()));
    piped.signal(Signal::SIGUSR1);
    send(piped.pid(), 35);
    let all = piped.wait_stdout("SIGUSR2", |text| text.contains("got 12.").then(|| text.to_owned()));
    assert!(!all.contains("got 10."), "{all}");
    piped.signal(Signal::SIGKILL);
    piped.finish();
}

const TWO: &str = "trap 'echo first; exit 3' TERM; (trap 'echo sec''ond; exit' TERM; echo child $$; \
                   while :; do sleep 0.02; done) & echo armed; while :; do sleep 0.02; done";

#[test]
fn the_whole_group_gets_it_or_the_single_child_alone() {
    let table: [(&[&str], bool); 4] = [(&[], true), (&["-g"], true), (&["-c"], false), (&["-c", "-g"], true)];
    for (options, whole) in table {
        let words = ["init"].iter().chain(options).chain(&["sh", "-c", TWO]);
        let piped = crate::support::minder().args(words).start_piped();
        piped.wait_stdout("armed", |text| (text.contains("armed") && text.contains("child")).then_some(()));
        piped.signal(Signal::SIGTERM);
        piped.wait_stdout("first", |text| text.contains("first").then_some(()));
        if whole {
            piped.wait_stdout("second", |text| text.contains("second").then_some(()));
        } else {
            // What the single child left behind is nobody's here: end it.
            assert!(wait_ended(piped.pid(), DEADLINE));
            let left = piped.processes().into_iter().find(|process| process.name == "sh").expect("it lives");
            kill(Pid::from_raw(left.pid), Signal::SIGKILL).expect("it lives");
        }
        let finished = piped.finish();
        assert_eq!(finished.status.code(), Some(3), "{options:?}");
        assert_eq!(finished.stdout_text().contains("second"), whole, "{options:?}");
        finished.expect_nothing_left();
    }
}

#[test]
fn switches_in_the_environment_do_the_same() {
    let piped =
        init(["sleep", "1000"]).env("DUMB_INIT_SETSID", "0").env("DUMB_INIT_DEBUG", "1").start_piped();
    let child = wait_child(piped.pid(), "sleep");
    let own = Process::find(piped.pid()).expect("it runs");
    assert_eq!((child.session, child.group), (own.session, child.pid));
    piped.signal(Signal::SIGTERM);
    let finished = piped.finish();
    assert_eq!(finished.status.code(), Some(143));
    assert!(finished.stderr_text().contains("SIGTERM handed on as SIGTERM"), "{}", finished.stderr_text());
}

#[test]
fn the_terminals_stops_stop_both_and_sigcont_continues_both() {
    let piped = init(["sleep", "1000"]).start_piped();
    let child = wait_child(piped.pid(), "sleep");
    for signal in [Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU] {
        piped.signal(signal);
        wait_state(child.pid, "T");
        wait_state(piped.pid(), "T");
        piped.signal(Signal::SIGCONT);
        wait_state(child.pid, "S");
        wait_state(piped.pid(), "S");
    }
    // Somebody else's SIGSTOP for the command is no business of init's.
    kill(Pid::from_raw(child.pid), Signal::SIGSTOP).expect("it lives");
    wait_state(child.pid, "T");
    wait_state(piped.pid(), "S");
    piped.signal(Signal::SIGTERM);
    piped.signal(Signal::SIGCONT);
    assert_eq!(piped.finish().status.code(), Some(143));
}

#[test]
fn when_its_parent_ends_it_is_sent_what_was_asked_for() {
    let minder = env!("CARGO_BIN_EXE_minder");
    let line = format!(
        "{minder} init -p USR1 -- sh -c 'trap \"echo orphaned; exit\" USR1; echo armed; \
                        while :; do sleep 0.02; done' & echo pid $!; read nothing; wait"
    );
    let piped = crate::support::program("sh").args(["-c", &format!("{line}; sleep 1000")]).start_piped();
    let pid = piped
        .wait_stdout("armed", |text| text.contains("armed").then(|| number_after(text, "pid")).flatten());
    piped.signal(Signal::SIGKILL);
    piped.wait_stdout("the signal", |text| text.contains("orphaned").then_some(()));
    assert!(wait_ended(pid, DEADLINE));
    piped.finish();
}
