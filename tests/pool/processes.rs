//! Jobs that are processes: their output, their ends, and that nothing of theirs is left.

use super::expect_no_threads;
use crate::support::{DEADLINE, Mark, alive, poll_until, program, wait_ended};
use crossbeam_channel::{Receiver, unbounded};
use minder::pool::{Builder, Event, JobError, Pool, Processes, Run};
use minder::signal::Signal;
use minder::spec::Spec;
use minder::status::ExitStatus;
use std::ffi::OsString;
use std::time::Duration;

/// A shell line whose processes are found again by the mark.
fn shell(mark: &Mark, line: &str) -> Spec {
    let mut spec = Spec::shell("job", line);
    spec.env.vars.insert(Mark::VARIABLE.into(), Some(OsString::from(mark.value())));
    spec.stop.grace = Duration::from_millis(300);
    spec
}

/// The pids of the processes that the pool starts, as they come.
pub(super) fn pids<S: minder::pool::Kind>(builder: Builder<S>) -> (Builder<S>, Receiver<i32>) {
    let (tell, told) = unbounded();
    let observe = move |event: &Event| {
        if let Event::ProcessStarted { pid, .. } = event {
            let _ = tell.send(pid.0);
        }
    };
    (builder.observe(observe), told)
}

fn processes(workers: usize) -> Builder<Processes> {
    Pool::processes(workers)
}

#[test]
fn a_process_is_a_job_and_its_output_the_result() {
    let mark = Mark::new();
    let pool = processes(2).start().unwrap();
    let output = pool.submit(shell(&mark, "echo out; echo err >&2; exit 3")).result().unwrap();
    assert_eq!(output.status, ExitStatus::Exited(3));
    assert_eq!((&*output.stdout, &*output.stderr), (&b"out\n"[..], &b"err\n"[..]));
    assert!(!output.truncated);
    mark.expect_nothing_left();
}

#[test]
fn input_and_output_larger_than_pipes_do_not_lock() {
    let mark = Mark::new();
    let pool = processes(1).start().unwrap();
    let input = vec![b'x'; 3 << 20];
    let job = pool.submit(Run::new(shell(&mark, "tee /dev/stderr")).input(input.clone()));
    let output = job.result().unwrap();
    assert!(output.stdout == input && output.stderr == input);
    // One that does not read what it is given.
    let output = pool.submit(Run::new(shell(&mark, "echo no")).input(input)).result().unwrap();
    assert_eq!(output.stdout, b"no\n");
    // Without input there is an end at once.
    let output = pool.submit(shell(&mark, "cat; echo end")).result().unwrap();
    assert_eq!(output.stdout, b"end\n");
}

#[test]
fn output_beyond_its_bound_is_cut_and_said_so() {
    let mark = Mark::new();
    let pool = processes(1).max_output(1000).start().unwrap();
    let output = pool.submit(shell(&mark, "yes | head -c 1000000")).result().unwrap();
    assert_eq!((output.stdout.len(), output.truncated, output.status), (1000, true, ExitStatus::Exited(0)));
}

#[test]
fn a_spec_counts() {
    let mark = Mark::new();
    let mut spec = shell(&mark, "pwd; umask; echo $WORD; cat");
    spec.cwd = Some("/usr".into());
    spec.umask = Some(0o027);
    spec.env.vars.insert("WORD".into(), Some("tea".into()));
    spec.stdin = minder::spec::StdinKind::File("/proc/self/comm".into());
    let output = processes(1).start().unwrap().submit(spec).result().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("/usr\n0027\ntea\n"), "{text}");
    assert!(text.len() > "/usr\n0027\ntea\n".len(), "its file was read: {text}");
}

#[test]
fn what_cannot_be_started_is_that_jobs_error() {
    let pool = processes(1).start().unwrap();
    let error = pool.submit(Spec::exec("job", ["/no/such/program"])).result().unwrap_err();
    let JobError::NotStarted(error) = error else { panic!("{error:?}") };
    assert_eq!(error.code(), 127);
    assert_eq!(pool.submit(Spec::exec("job", ["true"])).result().unwrap().status, ExitStatus::SUCCESS);
}

#[test]
fn a_process_that_is_killed_is_that_jobs_error_and_the_others_go_on() {
    let mark = Mark::new();
    let (builder, pids) = pids(processes(1));
    let pool = builder.start().unwrap();
    let job = pool.submit(shell(&mark, "echo begun; exec sleep 1000"));
    let next = pool.submit(shell(&mark, "echo next"));
    let pid = pids.recv().unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL).unwrap();
    let JobError::Died(output) = job.result().unwrap_err() else { panic!("it died") };
    assert_eq!(output.status, ExitStatus::Signaled { signal: Signal::KILL, core: false });
    assert_eq!(next.result().unwrap().stdout, b"next\n");
    mark.expect_nothing_left();
}

/// Five ways to get away from a first process that ends by itself.
const ESCAPES: [&str; 5] = [
    "sleep 1000 & exit 0",
    "setsid sleep 1000 & sleep 0.05; exit 0",
    "setsid setsid sleep 1000 & exit 0",
    "(setsid sh -c '(sleep 1000 &) ; exec sleep 1000' >/dev/null 2>&1 &) ; exit 0",
    "trap '' TERM HUP; setsid sh -c 'trap \"\" TERM HUP; sleep 1000 & wait' & echo away",
];

#[test]
fn a_job_is_over_when_its_tree_is() {
    for few in [true, false] {
        let mark = Mark::new();
        let pool = processes(2).start().unwrap();
        // So many pids are given meanwhile that all of /proc is looked at.
        let many = if few { "" } else { "i=0; while [ $i -lt 80 ]; do /bin/true; i=$((i+1)); done; " };
        let runs = ESCAPES.map(|line| shell(&mark, &format!("{many}{line}")));
        for result in pool.map(runs) {
            assert_eq!(result.unwrap().status, ExitStatus::Exited(0));
        }
        drop(pool);
        mark.expect_nothing_left();
    }
}

#[test]
fn a_running_process_is_cancelled_with_all_that_it_started() {
    let mark = Mark::new();
    let (builder, pids) = pids(processes(2));
    let pool = builder.start().unwrap();
    // One that ends when asked to, and one that has to be killed, with a daemon.
    let lines = ["sleep 1000 & wait", "trap '' TERM; setsid sleep 1000 & while :; do sleep 0.1; done"];
    let jobs = lines.map(|line| pool.submit(shell(&mark, line)));
    let first = [pids.recv().unwrap(), pids.recv().unwrap()];
    assert!(jobs.iter().all(minder::pool::Job::cancel));
    for job in jobs {
        assert_eq!(job.result(), Err(JobError::Cancelled));
    }
    assert!(first.iter().all(|pid| !alive(*pid)));
    mark.expect_nothing_left();
    let progress = pool.join();
    assert_eq!(progress.cancelled, 2);
}

#[test]
fn a_dropped_pool_leaves_no_process_no_zombie_and_no_thread() {
    let mark = Mark::new();
    let pool = processes(3).name("gone").start().unwrap();
    let lines = ["exec sleep 1000", "trap '' TERM; while :; do sleep 0.1; done", "kill -STOP $$", "exit 1"];
    let jobs: Vec<_> = lines.iter().cycle().take(20).map(|line| pool.submit(shell(&mark, line))).collect();
    let begun = || (mark.processes().len() >= 3).then_some(());
    assert!(poll_until(DEADLINE, begun).is_some());
    drop(pool);
    expect_no_threads("gone/");
    mark.expect_nothing_left();
    for job in jobs {
        let result = job.result();
        assert!(matches!(result, Err(JobError::Terminated) | Ok(_)), "{result:?}");
    }
}

#[test]
fn the_hosts_own_children_are_left_alone() {
    let mark = Mark::new();
    let mut ours = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
    let mut quick = std::process::Command::new("sh").args(["-c", "exit 7"]).spawn().unwrap();
    assert!(wait_ended(quick.id() as i32, DEADLINE));
    let pool = processes(2).start().unwrap();
    let runs = (0..30).map(|_| shell(&mark, "setsid sleep 1000 & exit 0"));
    assert!(pool.map(runs).all(|result| result.is_ok()));
    drop(pool);
    assert_eq!(quick.wait().unwrap().code(), Some(7), "nobody else collected its status");
    assert_eq!(ours.try_wait().unwrap(), None, "and nobody ended the other");
    ours.kill().unwrap();
    ours.wait().unwrap();
    mark.expect_nothing_left();
}

#[test]
fn a_job_inherits_neither_blocked_signals_nor_descriptors() {
    let pool = processes(1).start().unwrap();
    let output = pool.submit(Spec::exec("job", ["grep", "SigBlk", "/proc/self/status"])).result().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "SigBlk:\t0000000000000000\n");
    let output = pool.submit(Spec::exec("job", ["ls", "/proc/self/fd"])).result().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "0\n1\n2\n3\n");
}

/// Set in a test that runs itself again.
const AGAIN: &str = "MINDER_TEST_AGAIN";

#[test]
fn a_host_that_ignores_the_ends_of_its_children_has_no_statuses_but_no_hang() {
    if std::env::var_os(AGAIN).is_some() {
        let mark = Mark::new();
        let pool = processes(1).start().unwrap();
        for _ in 0..3 {
            let result = pool.submit(shell(&mark, "setsid sleep 1000 & exit 3")).result();
            assert!(matches!(result, Err(JobError::StatusLost(_))), "{result:?}");
        }
        drop(pool);
        return mark.expect_nothing_left();
    }
    let name = "pool::processes::a_host_that_ignores_the_ends_of_its_children_has_no_statuses_but_no_hang";
    let us = std::env::current_exe().unwrap();
    // An ignored signal stays ignored in what is executed (execve(2)).
    let ignoring = ["--ignore-signal=CHLD", us.to_str().unwrap(), "--exact", name];
    let finished = program("env").args(ignoring).env(AGAIN, "1").finish();
    let text = finished.stdout_text();
    assert!(finished.status.success() && text.contains("1 passed"), "{text}");
    finished.expect_nothing_left();
}
