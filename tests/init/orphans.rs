//! What the command leaves behind: adopted, reaped, and ended at the end; as PID 1 and as a subreaper.

use super::{init, wait_child};
use crate::support::{DEADLINE, Launch, children_of, poll_until, program};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// `minder init` as PID 1 of a namespace of its own; `None`, and said so, where that is not permitted.
fn first_of_a_namespace<const N: usize>(words: [&str; N]) -> Option<Launch> {
    let unshare = || program("unshare").args(["-pf", "--mount-proc", "--kill-child"]);
    if !crate::support::installed("unshare") || !unshare().args(["true"]).finish().status.success() {
        tell_skipped();
        return None;
    }
    Some(unshare().args([env!("CARGO_BIN_EXE_minder"), "init"]).args(words))
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests wants to know what was not tested")]
fn tell_skipped() {
    eprintln!("skipped: PID namespaces are not permitted here");
}

/// A hundred orphans that end by themselves, then a rest.
const ORPHANS: &str = "for n in $(seq 100); do (sleep 0.0$n &); done; sleep 1; echo do''ne; exec sleep 1000";

#[test]
fn a_subreaper_reaps_its_orphans_at_once() {
    let piped = init(["-s", "-w", "sh", "-c", ORPHANS]).start_piped();
    piped.wait_stdout("done", |text| text.contains("done").then_some(()));
    let alone = poll_until(DEADLINE, || (children_of(piped.pid()).len() == 1).then_some(()));
    assert!(alone.is_some(), "{:#?}", children_of(piped.pid()));
    piped.signal(Signal::SIGTERM);
    let finished = piped.finish();
    assert_eq!(finished.status.code(), Some(143));
    let told = finished.stderr_text();
    assert_eq!(told.lines().filter(|line| line.contains("reaped pid")).count(), 100, "{told}");
    finished.expect_nothing_left();
}

#[test]
fn without_being_asked_it_adopts_nobody() {
    let piped = init(["sh", "-c", "(sleep 1000 & echo orphan); exec sleep 1000"]).start_piped();
    piped.wait_stdout("the orphan", |text| text.contains("orphan").then_some(()));
    assert_eq!(children_of(piped.pid()).len(), 1);
    piped.signal(Signal::SIGTERM);
    piped.finish().expect_nothing_left();
}

/// A daemon in a session of its own that ignores SIGTERM, and one that does not.
const DAEMONS: &str = "setsid -f sh -c \"trap '' TERM; echo stub''born; while :; do sleep 0.1; done\"; \
                       setsid -f sleep 1000; exec sleep 1000";

#[test]
fn a_subreaper_ends_what_ran_away_from_the_group() {
    let piped = init(["-s", "-v", "sh", "-c", DAEMONS]).start_piped();
    piped.wait_stdout("the daemon", |text| text.contains("stubborn").then_some(()));
    wait_child(piped.pid(), "sleep");
    piped.signal(Signal::SIGTERM);
    let finished = piped.finish();
    assert_eq!(finished.status.code(), Some(143), "{}", finished.stderr_text());
    finished.expect_nothing_left();
}

#[test]
fn as_pid_1_it_hands_on_reaps_and_ends_what_is_left() {
    let Some(launch) = first_of_a_namespace(["-v", "sh", "-c", DAEMONS]) else { return };
    let piped = launch.start_piped();
    piped.wait_stdout("the daemon", |text| text.contains("stubborn").then_some(()));
    let init = wait_child(piped.pid(), "minder");
    let three = poll_until(DEADLINE, || (children_of(init.pid).len() == 3).then_some(()));
    assert!(three.is_some(), "{:#?}", children_of(init.pid));
    // PID 1 has no default for a signal: what it does not take is lost.
    kill(Pid::from_raw(init.pid), Signal::SIGTERM).expect("it runs");
    let finished = piped.finish();
    let told = finished.stderr_text();
    assert_eq!(finished.status.code(), Some(143), "{told}");
    assert!(told.contains("SIGTERM handed on as SIGTERM"), "{told}");
    // Ended and reaped one by one: not merely gone with the namespace.
    assert!(told.contains("SIGTERM (15)\nminder init: SIGKILL to all that is left\n"), "{told}");
    assert!(told.contains("SIGKILL (9)\n"), "{told}");
    finished.expect_nothing_left();
}

#[test]
fn as_pid_1_it_leaves_no_zombie() {
    let line =
        // One that is a zombie still has its name.
        "for n in $(seq 20); do (sleep 0.0$n &); done; \
         until ! cat /proc/[0-9]*/comm 2>/dev/null | grep -q sleep; do :; done; \
         grep -l '^State:.Z' /proc/[0-9]*/status";
    let Some(launch) = first_of_a_namespace(["-w", "sh", "-c", line]) else { return };
    let finished = launch.finish();
    assert_eq!((finished.stdout_text().as_str(), finished.status.code()), ("", Some(1)));
    let told = finished.stderr_text();
    assert_eq!(told.lines().filter(|line| line.contains("reaped pid")).count(), 20, "{told}");
}

#[test]
fn as_pid_1_it_ends_as_the_command_does() {
    for (line, code) in [("exit 3", 3), ("kill -9 $$", 137), ("exec no-such-program", 127)] {
        let Some(launch) = first_of_a_namespace(["sh", "-c", line]) else { return };
        assert_eq!(launch.finish().status.code(), Some(code), "{line}");
    }
}
