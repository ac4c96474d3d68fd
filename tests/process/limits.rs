//! Few descriptors, few processes, many ends at once: what a full machine does to minder.

use crate::support::{
    DEADLINE, Finished, Launch, Process, installed, minder, poll_until, program, supervisor_of,
};
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
    let Some(launch) = with_processes(0, 10) else { return };
    let finished = run_short_of_something(launch.args(staying()));
    let text = finished.stderr_text();
    assert!(text.contains("EAGAIN") && text.contains("the limit is 10 a user"), "{text}");
}

/// A user who has no other process, another one for each number below 4: limits on a user bind no root.
fn somebody(number: u32) -> String {
    (100_000 + 4 * std::process::id() + number).to_string()
}

/// As somebody who may not have more processes than this.
fn with_processes(number: u32, most: usize) -> Option<Launch> {
    if !geteuid().is_root() || !installed("setpriv") || !installed("prlimit") {
        return None;
    }
    let user = somebody(number);
    let limit = format!("--nproc={most}");
    let launch = program("setpriv").args(["--reuid", &user, "--regid", &user, "--clear-groups", "prlimit"]);
    let launch = launch.args([&limit, MINDER]);
    set_permissions(launch.path("."), Permissions::from_mode(0o755)).expect("it is ours");
    Some(launch)
}

#[test]
fn a_fork_bomb_is_ended_with_all_that_it_forks() {
    let Some(launch) = with_processes(1, 60).filter(|_| installed("perl")) else { return };
    // Whoever cannot fork tries again: as soon as one is killed, there is another one.
    let bomb = "alpha=exec perl -e 'while (1) { defined(fork) or select undef, undef, undef, 0.01 }'";
    let piped = launch.args(["run", "--headless", "--grace", "500ms", bomb]).start_piped();
    let many = poll_until(DEADLINE, || (piped.processes().len() > 30).then_some(()));
    assert!(many.is_some(), "{:#?}", piped.processes());
    let supervisor = supervisor_of(piped.pid());
    kill(Pid::from_raw(supervisor), Signal::SIGTERM).expect("it lives");
    let finished = piped.finish();
    finished.expect_nothing_left();
    let text = finished.stderr_text();
    assert!(!text.contains("could not end"), "{text}");
}

#[test]
fn what_belongs_to_another_user_is_named_when_it_cannot_be_ended() {
    if !geteuid().is_root() || !installed("setpriv") {
        return;
    }
    let user = somebody(2);
    let launch = program("setpriv").args(["--reuid", &user, "--regid", &user, "--clear-groups", MINDER]);
    let folder = launch.path(".").canonicalize().expect("it is there");
    set_permissions(&folder, Permissions::from_mode(0o755)).expect("it is ours");
    let root = folder.join("become");
    let real = program("sh").args(["-c", "command -v setpriv"]).finish().stdout_text();
    // By another process: what we write ourselves may still be open in a half-born child (ETXTBSY).
    assert!(program("cp").args([real.trim(), &root.display().to_string()]).finish().status.success());
    set_permissions(&root, Permissions::from_mode(0o4755)).expect("it is ours");
    let become_root = format!("{} --reuid 0 --regid 0 --clear-groups", root.display());
    let alpha = format!("alpha=echo ar''med; exec {become_root} sleep 1000");
    let beta = format!("beta=({become_root} setsid sleep 2000 &); exec sleep 3000");
    let piped = launch
        .args(["run", "--headless", "--output", "pipe", "--grace", "200ms", &alpha, &beta])
        .start_piped();
    let running = |time: &str| {
        let words = format!("sleep\0{time}\0");
        let runs_it = |process: &Process| {
            std::fs::read_to_string(format!("/proc/{}/cmdline", process.pid)).is_ok_and(|read| read == words)
        };
        piped.processes().into_iter().find(runs_it).map(|process| process.pid)
    };
    let both = poll_until(DEADLINE, || Some((running("1000")?, running("2000")?)));
    let Some((first, daemon)) = both else {
        // Mounted without set-user-id programs.
        return;
    };
    kill(Pid::from_raw(supervisor_of(piped.pid())), Signal::SIGTERM).expect("it lives");
    let finished = piped.finish();
    let text = finished.stderr_text();
    assert_eq!(finished.status.code(), Some(125), "{text}");
    for (pid, time) in [(first, "1000"), (daemon, "2000")] {
        let told = format!("minder: could not end pid {pid} sleep {time}: ");
        let line = text.lines().find(|line| line.starts_with(&told));
        let line = line.unwrap_or_else(|| panic!("nothing begins with {told}:\n{text}"));
        assert!(line.ends_with("it belongs to another user (uid 0), whom minder may not signal"), "{line}");
    }
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
    let supervisor = Pid::from_raw(supervisor_of(piped.pid()));
    kill(supervisor, Signal::SIGSTOP).expect("it lives");
    for process in &sleeps {
        kill(Pid::from_raw(process.pid), Signal::SIGKILL).expect("it lives");
    }
    let ended = |process: &Process| Process::find(process.pid).is_none_or(|now| !now.alive());
    assert!(poll_until(DEADLINE, || sleeps.iter().all(ended).then_some(())).is_some());
    kill(supervisor, Signal::SIGCONT).expect("it lives");
    let finished = piped.finish();
    let text = finished.stderr_text();
    let told = text.lines().filter(|line| line.contains(": SIGKILL (9), ran ")).count();
    assert_eq!(told, 50, "{text}");
    assert_eq!(finished.status.code(), Some(128 + 9), "{text}");
    finished.expect_nothing_left();
}
