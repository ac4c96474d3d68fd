//! Jobs that are closures: their results, their errors, their order, and the pool's ends.

use super::{expect_no_threads, threads_named};
use crate::support::{DEADLINE, poll_until};
use crossbeam_channel::{bounded, unbounded};
use minder::pool::{self, Event, JobError, Pool, Progress, Until};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const MOMENT: Duration = Duration::from_millis(20);

/// A pool, and a job that keeps its only worker until the sender is dropped.
fn held(name: &str) -> (Pool, crossbeam_channel::Sender<()>, pool::Job<()>) {
    let pool = Pool::threads(1).name(name).silent_panics().start().expect("a thread");
    let (release, held) = bounded::<()>(0);
    let (begun, begins) = bounded(1);
    let job = pool.submit(move || {
        begun.send(()).expect("it is waited for");
        let _ = held.recv();
    });
    begins.recv().expect("it begins");
    (pool, release, job)
}

#[test]
fn a_result_comes_back() {
    let pool = Pool::threads(2).start().unwrap();
    assert_eq!(pool.submit(|| 6 * 7).result(), Ok(42));
    let job = pool.submit(|| "text".to_owned());
    assert!(job.wait(DEADLINE) && job.is_done() && !job.is_running());
    assert_eq!(job.result_within(Duration::ZERO).unwrap(), Ok("text".to_owned()));
    assert_eq!(pool.join().done, 2);
}

#[test]
fn a_wait_ends_with_its_time() {
    let (pool, release, first) = held("late");
    let second = pool.submit(|| 2);
    assert!(first.is_running() && !second.is_running());
    assert!(!second.wait(MOMENT) && !pool.wait_idle(MOMENT));
    let second = second.result_within(MOMENT).unwrap_err();
    drop(release);
    assert_eq!(second.result(), Ok(2));
    assert!(pool.wait_idle(DEADLINE));
}

#[test]
fn a_panic_is_that_jobs_error_with_message_and_place() {
    let pool = Pool::threads(1).name("boom").silent_panics().start().unwrap();
    let bad = pool.submit(|| panic!("no {}", "tea"));
    let good = pool.submit(|| std::thread::current().name().map(str::to_owned));
    let JobError::Panicked(panic) = bad.result().unwrap_err() else { panic!("it panicked") };
    assert_eq!(panic.message, "no tea");
    assert!(panic.location.unwrap().starts_with("tests/pool/threads.rs:"));
    assert_eq!(
        panic.backtrace.is_some(),
        std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0")
    );
    assert_eq!(good.result(), Ok(Some("boom/1".to_owned())));
    let progress = pool.join();
    assert_eq!((progress.done, progress.failed), (1, 1));
}

#[test]
fn a_waiting_job_is_cancelled_and_its_closure_dropped_at_once() {
    let (pool, release, first) = held("cancel");
    let (ran, runs) = bounded::<()>(1);
    let second = pool.submit(move || ran.send(()).unwrap());
    assert!(second.cancel() && second.is_done());
    assert!(runs.recv().is_err(), "the closure and its sender are gone");
    assert!(!second.cancel(), "it has ended");
    assert_eq!(second.result(), Err(JobError::Cancelled));
    assert!(!first.cancel(), "a closure that runs cannot be ended");
    drop(release);
    assert_eq!(first.result(), Ok(()));
    let progress = pool.join();
    assert_eq!((progress.submitted, progress.done, progress.cancelled), (2, 1, 1));
}

#[test]
fn a_closed_pool_runs_what_it_has_and_refuses_more() {
    let (pool, release, _first) = held("closed");
    let second = pool.submit(|| 2);
    let submitter = pool.submitter();
    pool.close();
    assert_eq!(pool.submit(|| 3).result(), Err(JobError::Closed));
    drop(release);
    assert_eq!(second.result(), Ok(2));
    drop(pool);
    assert_eq!(submitter.submit(|| 4).result(), Err(JobError::Closed));
    expect_no_threads("closed/");
}

#[test]
fn a_dropped_pool_refuses_what_waits_and_tells_what_runs() {
    let pool = Pool::threads(1).name("dropped").start().unwrap();
    let (begun, begins) = bounded(1);
    let first = pool.submit(move || {
        begun.send(()).unwrap();
        while !pool::stop_requested() {
            std::thread::yield_now();
        }
        "stopped"
    });
    let second = pool.submit(|| "never");
    begins.recv().unwrap();
    drop(pool);
    assert_eq!(first.result(), Ok("stopped"));
    assert_eq!(second.result(), Err(JobError::Terminated));
    expect_no_threads("dropped/");
    assert!(!pool::stop_requested(), "this thread is no worker");
}

#[test]
fn jobs_that_wait_for_jobs_of_their_own_pool_do_not_lock_each_other_out() {
    fn fibonacci(pool: &pool::Submitter, n: u64) -> u64 {
        if n < 2 {
            return n;
        }
        let (inner, other) = (pool.clone(), pool.clone());
        let left = pool.submit(move || fibonacci(&inner, n - 1));
        let right = pool.submit(move || fibonacci(&other, n - 2));
        let jobs = [left, right];
        pool::wait(&jobs, Until::All, None);
        pool::as_completed(jobs).map(|(_, part)| part.unwrap()).sum()
    }
    for workers in [1, 3] {
        let pool = Pool::threads(workers).start().unwrap();
        let submitter = pool.submitter();
        assert_eq!(pool.submit(move || fibonacci(&submitter, 12)).result(), Ok(144));
        assert!(pool.progress().is_idle());
    }
}

#[test]
fn a_job_may_map_over_its_own_pool() {
    let pool = Arc::new(Pool::threads(1).start().unwrap());
    let inner = Arc::downgrade(&pool);
    let job = pool.submit(move || {
        let pool = inner.upgrade().unwrap();
        let ordered: Vec<_> = pool.map(0..50, |n| n).chunk(3).map(Result::unwrap).collect();
        (ordered, pool.map_unordered(0..50, |n| n).map(Result::unwrap).sum::<i32>())
    });
    assert_eq!(job.result(), Ok(((0..50).collect(), 1225)));
}

#[test]
fn a_pool_may_be_dropped_or_joined_by_its_own_job() {
    let (tell, told) = unbounded();
    for joins in [false, true] {
        let pool = Pool::threads(2).name("inside").start().unwrap();
        let (give, given) = bounded::<Pool>(1);
        let job = pool.submit(move || {
            let pool: Pool = given.recv().unwrap();
            let late = pool.submit(std::thread::yield_now);
            if joins {
                let _ = pool.join();
            } else {
                drop(pool);
            }
            late
        });
        let sender = tell.clone();
        drop(pool.submit(move || sender.send(()).unwrap()));
        told.recv().unwrap();
        give.send(pool).unwrap();
        let late = job.result().unwrap().result();
        assert!(late == Ok(()) || (!joins && late == Err(JobError::Terminated)), "{late:?}");
        expect_no_threads("inside/");
    }
}

#[test]
fn a_pool_is_dropped_while_its_owner_unwinds() {
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let pool = Pool::threads(2).name("unwound").silent_panics().start().unwrap();
        (0..50).for_each(|_| drop(pool.submit(|| panic!("inner"))));
        std::panic::resume_unwind(Box::new("outer"));
    }));
    assert!(unwound.is_err());
    expect_no_threads("unwound/");
}

#[test]
fn a_worker_that_served_its_share_is_replaced_in_its_slot() {
    let started = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&started);
    let pool = Pool::threads(1).name("share").max_tasks_per_worker(3);
    let pool = pool.initializer(move || assert!(count.fetch_add(1, Ordering::SeqCst) < 100)).start().unwrap();
    let ids: Vec<_> = pool.map(0..9, |_| std::thread::current().id()).map(Result::unwrap).collect();
    for share in ids.chunks(3) {
        assert!(share.iter().all(|id| *id == share[0]));
    }
    assert!(ids[0] != ids[3] && ids[3] != ids[6]);
    assert_eq!(threads_named("share/").iter().filter(|name| *name != "share/1").count(), 0);
    pool.join();
    assert!(started.load(Ordering::SeqCst) >= 3);
    expect_no_threads("share/");
}

#[test]
fn an_initializer_that_panics_costs_jobs_but_not_the_pool() {
    let attempts = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&attempts);
    let fails_twice = move || assert!(count.fetch_add(1, Ordering::SeqCst) >= 2, "not yet");
    let pool = Pool::threads(1).silent_panics().initializer(fails_twice).start().unwrap();
    let results: Vec<_> = pool.map(0..4, |n| n).collect();
    for failed in &results[..2] {
        assert!(
            matches!(failed, Err(JobError::Initializer(panic)) if panic.message == "not yet"),
            "{failed:?}"
        );
    }
    assert_eq!(results[2..], [Ok(2), Ok(3)]);
    assert_eq!(attempts.load(Ordering::SeqCst), 3);
}

#[test]
fn no_workers_are_no_pool() {
    assert_eq!(Pool::threads(0).start().unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn waiting_for_the_first_the_first_error_and_all() {
    let (pool, release, first) = held("waits");
    let none = pool::wait(&[pool.submit(|| ())], Until::First, MOMENT);
    assert_eq!((none.done, none.not_done), (vec![], vec![0]));
    drop(release);
    assert!(pool::wait(&[first], Until::All, None).not_done.is_empty());
    let jobs: Vec<_> = (0..6).map(|n| pool.submit(move || assert_ne!(n, 2))).collect();
    let waited = pool::wait(&jobs, Until::FirstError, DEADLINE);
    assert!(waited.done.starts_with(&[0, 1, 2]), "{waited:?}");
    assert_eq!(pool::wait(&jobs, Until::All, DEADLINE).done.len(), 6);
    assert_eq!(pool::wait(&jobs, Until::First, None).done.len(), 6);
    assert!(pool::wait::<()>(&[], Until::First, None).done.is_empty());
    let failed: Vec<_> = pool::as_completed(jobs).filter(|(_, result)| result.is_err()).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].0, 2);
}

#[test]
fn what_is_counted_can_be_watched() {
    let (pool, release, _first) = held("count");
    let seen = pool.progress();
    assert_eq!(seen, Progress { submitted: 1, running: 1, ..Progress::default() });
    assert_eq!(pool.watch(&seen, MOMENT), seen, "nothing changes");
    let _second = pool.submit(|| ());
    let seen = pool.watch(&seen, None);
    assert_eq!((seen.submitted, seen.waiting), (2, 1));
    drop(release);
    let mut now = seen;
    while now.ended() < 2 {
        now = pool.watch(&now, DEADLINE);
    }
    assert_eq!((now.done, now.is_idle()), (2, true));
}

#[test]
fn an_observer_sees_each_job_between_its_worker_and_its_end() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&events);
    let observe = move |event: &Event| {
        sink.lock().unwrap().push(event.clone());
        panic!("an observer's panic is its own");
    };
    let pool = Pool::threads(1).silent_panics().observe(observe).start().unwrap();
    let good = pool.submit(|| ());
    let bad = pool.submit(|| panic!("bad"));
    let (good_id, bad_id) = (good.id(), bad.id());
    let error = bad.result().unwrap_err();
    assert_eq!(good.result(), Ok(()));
    pool.join();
    let expected = [
        Event::WorkerStarted { slot: 1 },
        Event::JobStarted { slot: 1, job: good_id },
        Event::JobEnded { slot: 1, job: good_id, error: None },
        Event::JobStarted { slot: 1, job: bad_id },
        Event::JobEnded { slot: 1, job: bad_id, error: Some(error) },
        Event::WorkerEnded { slot: 1 },
    ];
    assert_eq!(*events.lock().unwrap(), expected);
}

#[test]
fn a_job_whose_handle_is_dropped_runs_all_the_same() {
    let pool = Pool::threads(1).start().unwrap();
    let (tell, told) = bounded(1);
    drop(pool.submit(move || tell.send(()).unwrap()));
    told.recv_timeout(DEADLINE).unwrap();
    assert!(poll_until(DEADLINE, || pool.progress().is_idle().then_some(())).is_some());
}
