//! Few descriptors, few processes, many ends at once: what a full machine does to minder.

use crate::support::{DEADLINE, Finished, Launch, Process, installed, minder, poll_until, program};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;

const MINDER: &str = env!("CARGO_BIN_EXE_minder");
const WORKERS: usize = 8;

/// The arguments of a headless run of some workers that stay.
fn staying() -> impl Iterator<Item = String> {
    let lines = (0..WORKERS).map(|n| format!("w{n}=exec sleep 1000"));
    ["run", "--headless"].into_iter().map(str::to_owned).chain(lines)
}

/// Starts it where not all workers can start, and ends it once each has been told of.
fn run_short_of_something(launch: Launch) -> Finished {
    let piped = launch.start_piped();
    let told = |text: &str, words: &str| text.lines().filter(|line| line.contains(words)).count();
    let (started, failed) = piped.wait_stderr("a word on each worker", |text| {
        let (started, failed) = (told(text, ": started, pid"), told(text, ": could not be started: "));
        (started + failed == WORKERS).then_some((started, failed))
    });
    assert!(started > 0 && failed > 0, "{started} started, {failed} failed");
    let sleeps = || {
        let found = piped.processes().into_iter().filter(|process| process.name == "sleep");
        (found.count() == started).then_some(())
    };
    assert!(poll_until(DEADLINE, sleeps).is_some(), "not {started}: {:#?}", piped.processes());
    let supervisor = piped.processes().into_iter().find(|process| process.name == "minder");
    let supervisor = supervisor.expect("it goes on with those that were started");
    kill(Pid::from_raw(supervisor.pid), Signal::SIGTERM).expect("it lives");
    let finished = piped.finish();
    finished.expect_nothing_left();
    finished
}

#[test]
fn without_descriptors_some_workers_fail_and_the_others_live() {
    // The hard limit too: minder raises its soft one.
    let words = staying().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let line = format!("ulimit -Sn 26; ulimit -Hn 26; exec '{MINDER}' {words}");
    let finished = run_short_of_something(program("sh").args(["-c", &line]));
    let text = finished.stderr_text();
    assert!(text.contains("EMFILE") && text.contains("its limit is 26"), "{text}");
}

#[test]
fn without_processes_some_workers_fail_and_the_others_live() {
    // The limit is on a user and not on root: somebody who has no other process.
    if !geteuid().is_root() || !installed("setpriv") || !installed("prlimit") {
        return;
    }
    let user = (100_000 + std::process::id()).to_string();
    let launch = program("setpriv")
        .args(["--reuid", &user, "--regid", &user, "--clear-groups", "prlimit", "--nproc=10", MINDER])
        .args(staying());
    set_permissions(launch.path("."), Permissions::from_mode(0o755)).expect("it is ours");
    let finished = run_short_of_something(launch);
    let text = finished.stderr_text();
    assert!(text.contains("EAGAIN") && text.contains("the limit is 10 a user"), "{text}");
}

#[test]
fn fifty_ends_behind_one_sigchld_are_all_seen() {
    let lines = (0..50).map(|n| format!("w{n}=exec sleep 1000"));
    let piped = minder().args(["run", "--headless"]).args(lines).start_piped();
    let find = || {
        let found = piped.processes().into_iter().filter(|process| process.name == "sleep");
        Some(found.collect::<Vec<_>>()).filter(|found| found.len() == 50)
    };
    let sleeps = poll_until(DEADLINE, find).expect("all are started");
    // A stopped process is told of any number of ends by one signal.
    piped.signal(Signal::SIGSTOP);
    for process in &sleeps {
        kill(Pid::from_raw(process.pid), Signal::SIGKILL).expect("it lives");
    }
    let ended = |process: &Process| Process::find(process.pid).is_none_or(|now| !now.alive());
    assert!(poll_until(DEADLINE, || sleeps.iter().all(ended).then_some(())).is_some());
    piped.signal(Signal::SIGCONT);
    let finished = piped.finish();
    let text = finished.stderr_text();
    let told = text.lines().filter(|line| line.contains(": SIGKILL (9), ran ")).count();
    assert_eq!(told, 50, "{text}");
    assert_eq!(finished.status.code(), Some(128 + 9), "{text}");
    finished.expect_nothing_left();
}
