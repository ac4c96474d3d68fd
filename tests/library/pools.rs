//! Pools that a program shows among its workers.

use super::PATIENCE;
use crossbeam_channel::{Receiver, Sender, bounded};
use minder::pool::{self, JobError, Pool};
use minder::protocol::{Jobs, State};
use minder::{AddError, Running, Spec, Supervisor, ThreadEnd};
use std::time::Duration;

fn nobody() -> Running {
    Supervisor::new().start().unwrap()
}

/// Waits until the worker is like this.
fn until(running: &Running, name: &str, wanted: impl Fn(&State) -> bool) {
    let guest = running.subscribe().unwrap();
    while !running.state(&name.into()).is_some_and(|state| wanted(&state)) {
        guest.changed().recv_timeout(PATIENCE.unwrap()).expect("it comes to that");
    }
}

/// Waits until what is said of the pool's jobs is like this.
fn until_jobs(running: &Running, name: &str, wanted: impl Fn(&Jobs) -> bool) -> Jobs {
    let guest = running.subscribe().unwrap();
    loop {
        let progress = running.output(&name.into()).and_then(|output| output.progress());
        if let Some(jobs) = progress.and_then(|progress| progress.jobs).filter(|jobs| wanted(jobs)) {
            return jobs;
        }
        guest.changed().recv_timeout(PATIENCE.unwrap()).expect("it comes to that");
    }
}

fn lines(running: &Running, name: &str) -> Vec<String> {
    let output = running.output(&name.into()).unwrap();
    let taken = output.lock().take_from(0, usize::MAX);
    taken.lines().map(|line| String::from_utf8_lossy(line.bytes).into_owned()).collect()
}

fn result(running: &Running, name: &str) -> Option<String> {
    let snapshot = running.snapshot();
    let worker = snapshot.workers.iter().find(|worker| worker.name.as_str() == name)?;
    worker.result.as_ref().map(ToString::to_string)
}

fn ended(state: &State) -> bool {
    matches!(state, State::Ended(_))
}

/// Jobs that wait until they are let go.
fn held(pool: &Pool, count: usize) -> (Sender<()>, Vec<pool::Job<()>>) {
    let (gate, closed): (Sender<()>, Receiver<()>) = bounded(0);
    let wait = move || {
        let closed = closed.clone();
        move || {
            let _ = closed.recv();
        }
    };
    (gate, (0..count).map(|_| pool.submit(wait())).collect())
}

#[test]
fn a_pool_is_a_worker_with_counts_and_a_line_for_each_failure() {
    let pool = Pool::threads(2).name("crawl").silent_panics().start().unwrap();
    let running = nobody();
    running.add_pool(&pool).unwrap();
    let (gate, jobs) = held(&pool, 5);
    let counts = |jobs: &Jobs| (jobs.queued, jobs.running, jobs.done, jobs.failed);
    until_jobs(&running, "crawl", |jobs| counts(jobs) == (3, 2, 0, 0));
    let bad = pool.submit(|| panic!("page 13 is cut off"));
    until_jobs(&running, "crawl", |jobs| counts(jobs) == (4, 2, 0, 0));
    drop(gate);
    until_jobs(&running, "crawl", |jobs| counts(jobs) == (0, 0, 5, 1));
    assert!(matches!(bad.result(), Err(JobError::Panicked(_))));
    // Told before it is counted.
    let said = lines(&running, "crawl");
    let [line] = said.as_slice() else { panic!("{said:?}") };
    assert!(line.starts_with("job 5 on worker ") && line.contains("page 13 is cut off"), "{line}");
    drop(jobs);
    pool.close();
    until(&running, "crawl", ended);
    assert_eq!(result(&running, "crawl").as_deref(), Some("5 done, 1 failed"));
}

#[test]
fn to_stop_it_terminates_the_pool_and_it_cannot_be_started_again() {
    let pool = Pool::threads(1).name("slow").start().unwrap();
    let running = nobody();
    running.add_pool(&pool).unwrap();
    let first = pool.submit(|| {
        while !pool::stop_requested() {
            std::thread::yield_now();
        }
    });
    let second = pool.submit(|| ());
    until_jobs(&running, "slow", |jobs| (jobs.queued, jobs.running) == (1, 1));
    running.stop("slow");
    assert_eq!(second.result(), Err(JobError::Terminated));
    assert_eq!(first.result(), Ok(()), "it was told, and ended by itself");
    until(&running, "slow", ended);
    assert_eq!(result(&running, "slow").as_deref(), Some("1 done, 1 cancelled"));
    assert!(matches!(pool.submit(|| ()).result(), Err(JobError::Closed)));
    running.start("slow");
    let failed = ThreadEnd::Failed;
    until(
        &running,
        "slow",
        |state| matches!(state, State::Ended(end) if end.status == minder::ExitStatus::Thread(failed)),
    );
    assert_eq!(result(&running, "slow").as_deref(), Some("it is over; only the program can make another"));
}

#[test]
fn one_that_is_dropped_ends_its_worker_and_one_that_is_abandoned_goes_on() {
    let running = nobody();
    let pool = Pool::threads(1).name("dropped").start().unwrap();
    running.add_pool(&pool).unwrap();
    assert_eq!(running.add_pool(&pool), Err(AddError::NameTaken("dropped".into())));
    until(&running, "dropped", |state| matches!(state, State::Running(_)));
    drop(pool);
    until(&running, "dropped", ended);
    let pool = Pool::threads(1).name("abandoned").start().unwrap();
    running.add_pool(&pool).unwrap();
    until(&running, "abandoned", |state| matches!(state, State::Running(_)));
    running.abandon("abandoned");
    until(&running, "abandoned", ended);
    assert_eq!(pool.submit(|| 6 * 7).result(), Ok(42));
    // Shown once more.
    running.start("abandoned");
    until_jobs(&running, "abandoned", |jobs| jobs.done == 1);
}

#[test]
fn a_process_that_dies_is_told_with_its_last_words_and_the_end_of_the_supervisor_ends_all() {
    let pool = Pool::processes(2).name("jobs").start().unwrap();
    let running = nobody();
    running.add_pool(&pool).unwrap();
    let shell = |line: &str| Spec::exec("job", ["sh", "-c", line]);
    let died = pool.submit(shell("echo so it goes >&2; kill -SEGV $$"));
    assert!(matches!(died.result(), Err(JobError::Died(_))));
    until_jobs(&running, "jobs", |jobs| jobs.failed == 1);
    let said = lines(&running, "jobs");
    assert!(said[0].contains("SIGSEGV") && said[0].ends_with("its last words: so it goes"), "{said:?}");
    let sleeps = pool.submit(shell("exec sleep 1000"));
    until_jobs(&running, "jobs", |jobs| jobs.running == 1);
    let outcome = running.shut_down();
    assert!(outcome.survivors.is_empty());
    assert_eq!(sleeps.result().map(|output| output.status), Err(JobError::Terminated));
}

#[test]
fn thousands_of_failures_are_told_or_counted_and_hold_nobody_up() {
    let pool = Pool::threads(4).name("bad").silent_panics().start().unwrap();
    let running = nobody();
    running.add_pool(&pool).unwrap();
    (0..4000_u32).for_each(|n| drop(pool.submit(move || assert_eq!(n % 2, 0, "odd"))));
    pool.close();
    until(&running, "bad", ended);
    assert_eq!(result(&running, "bad").as_deref(), Some("2000 done, 2000 failed"));
    let told = lines(&running, "bad");
    let more: u64 = told
        .iter()
        .filter_map(|line| line.strip_prefix("and ")?.split(' ').next()?.parse::<u64>().ok())
        .sum();
    let each = told.iter().filter(|line| line.contains("odd")).count() as u64;
    assert_eq!(each + more, 2000, "each is told or counted");
}

#[test]
fn pools_come_and_go_while_they_are_shown() {
    let running = nobody();
    for round in 0..200_u64 {
        let pool = Pool::threads(2).name(format!("pool-{round}")).start().unwrap();
        running.add_pool(&pool).unwrap();
        (0..round % 7).for_each(|n| drop(pool.submit(move || n)));
        match round % 4 {
            0 => drop(pool),
            1 => drop(pool.join()),
            2 => running.stop(pool.name()),
            _ => running.abandon(pool.name()),
        }
    }
    for round in 0..200_u64 {
        until(&running, &format!("pool-{round}"), ended);
    }
    assert!(running.wait_until_over(Some(Duration::ZERO)).is_none());
}
