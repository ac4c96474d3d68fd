//! Workers that are processes and answer lines: kept, replaced, and lost one by one.

use super::processes::pids;
use crate::support::{DEADLINE, Mark, alive, wait_ended};
use minder::pool::{JobError, Pool};
use minder::spec::Spec;
use minder::status::ExitStatus;
use std::ffi::OsString;
use std::time::Duration;

/// Answers with its pid and the line; dies, is silent, or says too much when it is told to.
const SERVANT: &str = "while read -r line; do case $line in \
    die) echo last words >&2; kill -SEGV $$;; leave) exit 3;; sleep) sleep 1000;; \
    twice) printf '%s one\\n%s two\\n' $$ $$;; *) echo \"$$ $line\";; esac; done";

fn servant(mark: &Mark) -> Spec {
    let mut spec = Spec::shell("servant", SERVANT);
    spec.env.vars.insert(Mark::VARIABLE.into(), Some(OsString::from(mark.value())));
    spec.stop.grace = Duration::from_millis(300);
    spec
}

fn split(answer: Result<Vec<u8>, JobError>) -> (i32, String) {
    let text = String::from_utf8(answer.expect("an answer")).expect("the servant writes text");
    let (pid, line) = text.split_once(' ').expect("its pid and the line");
    (pid.parse().expect("its pid is a number"), line.to_owned())
}

#[test]
fn answers_come_in_order_from_processes_that_are_kept() {
    let mark = Mark::new();
    let pool = Pool::lines(2, servant(&mark)).start().unwrap();
    let lines = (0..100).map(|n| n.to_string());
    let answers: Vec<_> = pool.map(lines).chunk(3).map(split).collect();
    let said: Vec<_> = answers.iter().map(|(_, line)| line.clone()).collect();
    assert_eq!(said, (0..100).map(|n| n.to_string()).collect::<Vec<_>>());
    let mut pids: Vec<_> = answers.iter().map(|(pid, _)| *pid).collect();
    pids.sort_unstable();
    pids.dedup();
    assert!(pids.len() <= 2, "{pids:?}");
    drop(pool);
    mark.expect_nothing_left();
}

#[test]
fn one_that_dies_costs_its_job_alone() {
    let mark = Mark::new();
    let pool = Pool::lines(1, servant(&mark)).start().unwrap();
    let (first, _) = split(pool.submit("a").result());
    let JobError::Died(output) = pool.submit("die").result().unwrap_err() else { panic!("it died") };
    assert!(matches!(output.status, ExitStatus::Signaled { .. }));
    assert_eq!(output.stderr, b"last words\n");
    let (second, line) = split(pool.submit("b").result());
    assert!(second != first && line == "b");
    let JobError::Died(output) = pool.submit("leave").result().unwrap_err() else { panic!("it left") };
    assert_eq!(output.status, ExitStatus::Exited(3));
    // Killed while it has nothing to do: no job's error.
    let (third, _) = split(pool.submit("c").result());
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(third), nix::sys::signal::Signal::SIGKILL).unwrap();
    assert!(wait_ended(third, DEADLINE));
    let (fourth, line) = split(pool.submit("d").result());
    assert!(fourth != third && line == "d");
    drop(pool);
    mark.expect_nothing_left();
}

#[test]
fn one_that_says_more_than_it_was_asked_is_replaced() {
    let mark = Mark::new();
    let pool = Pool::lines(1, servant(&mark)).start().unwrap();
    let (first, line) = split(pool.submit("twice").result());
    assert_eq!(line, "one");
    // The second line came with the first or comes soon: it must not become an answer.
    let (_, line) = split(pool.submit("next").result());
    assert!(line == "next" || line == "two", "{line}");
    let (last, line) = split(pool.submit("last").result());
    assert!(line == "last" && last != first, "{line}");
}

#[test]
fn it_is_replaced_after_its_share_and_ends_when_its_input_does() {
    let mark = Mark::new();
    let pool = Pool::lines(1, servant(&mark)).max_tasks_per_worker(2).start().unwrap();
    let answers: Vec<i32> = pool.map(["1", "2", "3", "4"]).map(|answer| split(answer).0).collect();
    assert!(answers[0] == answers[1] && answers[1] != answers[2] && answers[2] == answers[3], "{answers:?}");
    pool.join();
    mark.expect_nothing_left();
}

#[test]
fn one_that_does_not_answer_is_cancelled() {
    let mark = Mark::new();
    let (builder, pids) = pids(Pool::lines(1, servant(&mark)));
    let pool = builder.start().unwrap();
    let job = pool.submit("sleep");
    let pid = pids.recv().unwrap();
    assert!(job.cancel());
    assert_eq!(job.result(), Err(JobError::Cancelled));
    assert!(!alive(pid));
    assert_eq!(split(pool.submit("on").result()).1, "on");
    let job = pool.submit("sleep");
    pids.recv().unwrap();
    drop(pool);
    assert_eq!(job.result(), Err(JobError::Terminated));
    mark.expect_nothing_left();
}

#[test]
fn what_cannot_be_started_is_each_jobs_error() {
    let pool = Pool::lines(1, Spec::exec("servant", ["/no/such/program"])).start().unwrap();
    for _ in 0..3 {
        assert!(matches!(pool.submit("x").result(), Err(JobError::NotStarted(_))));
    }
}
