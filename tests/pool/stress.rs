//! Thousands of short jobs, pools that end at random moments, panics wherever a user's code can
//! stand. `MINDER_STRESS_SEED` repeats a run.

use super::expect_no_threads;
use super::processes::pids;
use crate::support::Mark;
use fastrand::Rng;
use minder::pool::{self, Event, Job, JobError, Pool, Until};
use minder::spec::Spec;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

#[expect(clippy::print_stderr, reason = "a test that fails can be repeated")]
fn random() -> Rng {
    let seed = std::env::var("MINDER_STRESS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(2026);
    eprintln!("MINDER_STRESS_SEED={seed}");
    Rng::with_seed(seed)
}

/// Counts how many of it there are: what a pool lost or dropped twice shows.
struct Counted(Arc<AtomicI64>);

impl Counted {
    fn new(count: &Arc<AtomicI64>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Panics when it is dropped, unless somebody else panics already.
struct Bomb(bool);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.0 || std::thread::panicking(), "a destructor's own");
    }
}

#[test]
fn thousands_of_short_jobs_from_many_threads_all_end() {
    let pool = Pool::threads(3).name("short").max_tasks_per_worker(500).silent_panics().start().unwrap();
    let count = Arc::new(AtomicI64::new(0));
    std::thread::scope(|scope| {
        for giver in 0..4_u64 {
            let (pool, count) = (&pool, &count);
            scope.spawn(move || {
                let jobs: Vec<_> = (0..2500_u64)
                    .map(|n| {
                        let held = Counted::new(count);
                        pool.submit(move || {
                            assert_ne!(n % 100, 99, "one in a hundred");
                            (held, giver * n)
                        })
                    })
                    .collect();
                let mut failed = 0;
                for (n, job) in jobs.into_iter().enumerate() {
                    match job.result() {
                        Ok((_, product)) => assert_eq!(product, giver * n as u64),
                        Err(_) => failed += 1,
                    }
                }
                assert_eq!(failed, 25);
            });
        }
    });
    let progress = pool.join();
    assert_eq!((progress.submitted, progress.done, progress.failed), (10_000, 9900, 100));
    assert_eq!(count.load(Ordering::SeqCst), 0, "every closure and every result was dropped once");
    expect_no_threads("short/");
}

/// A job that may do anything a job can do.
fn any_job(random: &mut Rng, pool: &Pool, count: &Arc<AtomicI64>) -> Job<(Counted, Bomb)> {
    let (held, what) = (Counted::new(count), random.u8(..8));
    let (bomb, result) = (Bomb(what == 5), Bomb(what == 6));
    let submitter = pool.submitter();
    pool.submit(move || {
        let bomb = bomb;
        match what {
            0 => panic!("a job's own"),
            1 => std::panic::panic_any(Box::new(7)),
            2 => drop(submitter.submit(|| ())),
            3 => drop(submitter.submit(|| panic!("an inner job's own")).result()),
            4 => {
                while !pool::stop_requested() && fastrand::u8(..) > 2 {
                    std::thread::yield_now();
                }
            }
            _ => {}
        }
        drop(bomb);
        (held, result)
    })
}

/// What a user does with a handle. The result's destructor may panic in the user's own thread.
fn use_handle(random: &mut Rng, job: Job<(Counted, Bomb)>) {
    let what = random.u8(..5);
    let _ = catch_unwind(AssertUnwindSafe(|| {
        if what == 0 {
            let _ = job.cancel();
        } else if what == 1 {
            let _ = job.wait(Duration::ZERO);
        } else if what == 2 {
            drop(job.result_within(Duration::from_micros(50)));
        } else if what == 3 {
            drop(job.result());
        }
    }));
}

#[test]
fn pools_that_end_at_random_moments_lose_nothing_and_leave_nothing() {
    let mut random = random();
    for _ in 0..150 {
        let count = Arc::new(AtomicI64::new(0));
        let fails = random.bool();
        let builder = Pool::threads(random.usize(1..5)).name("chance").silent_panics();
        let builder =
            builder.initializer(move || assert!(!fails || fastrand::bool(), "an initializer's own"));
        let builder = if random.bool() { builder.max_tasks_per_worker(random.u64(1..5)) } else { builder };
        let builder =
            builder.observe(|event| assert!(!matches!(event, Event::JobEnded { .. }), "an observer's own"));
        let pool = builder.start().unwrap();
        let mut kept = Vec::new();
        for _ in 0..random.usize(..60) {
            let job = any_job(&mut random, &pool, &count);
            if random.bool() { kept.push(job) } else { use_handle(&mut random, job) }
        }
        if random.u8(..4) == 0 {
            pool::wait(&kept, Until::First, Duration::from_micros(random.u64(..500)));
        }
        match random.u8(..4) {
            0 => assert!(pool.join().is_idle()),
            1 => {
                pool.terminate();
                drop(pool);
            }
            2 => drop(catch_unwind(AssertUnwindSafe(|| {
                let _pool = pool;
                std::panic::resume_unwind(Box::new("the owner's own"));
            }))),
            _ => drop(pool),
        }
        // Every handle that is left has its answer: none of these waits for ever.
        for job in kept {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(job.result())));
        }
        assert_eq!(count.load(Ordering::SeqCst), 0, "closures and results");
        expect_no_threads("chance/");
    }
}

#[test]
fn a_pool_keeps_its_width_whatever_panics() {
    let pool = Pool::threads(2).silent_panics().start().unwrap();
    for _ in 0..200 {
        drop(pool.submit(|| panic!("a job's own")));
        drop(pool.submit(|| Bomb(true)));
        let bomb = Bomb(true);
        drop(pool.submit(move || drop(bomb)));
        drop(pool.submit(|| std::panic::panic_any(Bomb(true))));
        let bomb = Bomb(true);
        let waiting = pool.submit(move || std::mem::forget(bomb));
        let _ = waiting.cancel();
    }
    assert!(pool.wait_idle(None));
    // Two jobs that need each other run side by side: both workers are there.
    let (to_other, from_one) = crossbeam_channel::bounded::<()>(0);
    let jobs = [
        pool.submit(move || to_other.send(()).map_err(drop)),
        pool.submit(move || from_one.recv().map_err(drop)),
    ];
    assert!(pool::as_completed(jobs).all(|(_, met)| met == Ok(Ok(()))));
}

#[test]
fn a_closure_whose_destructor_panics_says_so_when_it_is_refused() {
    let pool = Pool::threads(1).silent_panics().start().unwrap();
    let (release, held) = crossbeam_channel::bounded::<()>(0);
    drop(pool.submit(move || held.recv().is_err()));
    let bomb = Bomb(true);
    let job = pool.submit(move || std::mem::forget(bomb));
    assert!(job.cancel());
    drop(release);
    assert!(matches!(job.result(), Err(JobError::Panicked(panic)) if panic.message == "a destructor's own"));
}

/// SIGKILL to a process that lives and is of this test, not to whoever has its pid after it.
fn kill_marked(mark: &Mark, pid: i32) {
    if mark.processes().iter().any(|process| process.pid == pid && process.alive()) {
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
    }
}

#[test]
fn processes_killed_and_pools_dropped_at_random_leave_nothing() {
    let mut random = random();
    let lines = [
        "exit 0",
        "exit 3",
        "exec sleep 1000",
        "sleep 1000 & exit 0",
        "setsid sleep 1000 & wait",
        "kill -SEGV $$",
        "i=0; while [ $i -lt 30 ]; do setsid sleep 1000 & i=$((i+1)); done; wait",
    ];
    for _ in 0..12 {
        let mark = Mark::new();
        let (builder, pids) = pids(Pool::processes(random.usize(1..4)).name("zoo"));
        let pool = builder.start().unwrap();
        let jobs: Vec<_> = (0..random.usize(1..12))
            .map(|_| {
                let mut spec = Spec::shell("job", lines[random.usize(..lines.len())]);
                spec.env.vars.insert(Mark::VARIABLE.into(), Some(OsString::from(mark.value())));
                spec.stop.grace = Duration::from_millis(200);
                pool.submit(spec)
            })
            .collect();
        let moment = Duration::from_millis(random.u64(..60));
        while let Ok(pid) = pids.recv_timeout(moment) {
            if random.bool() {
                kill_marked(&mark, pid);
            }
        }
        jobs.iter().filter(|_| random.bool()).for_each(|job| {
            let _ = job.cancel();
        });
        drop(pool);
        assert!(jobs.into_iter().all(|job| job.is_done()));
        mark.expect_nothing_left();
        expect_no_threads("zoo/");
    }
}

#[test]
fn servants_killed_at_random_cost_the_jobs_that_they_were_at() {
    let mut random = random();
    let mark = Mark::new();
    let mut spec = Spec::shell("servant", "while read -r line; do echo \"$line\"; done");
    spec.env.vars.insert(Mark::VARIABLE.into(), Some(OsString::from(mark.value())));
    let (builder, pids) = pids(Pool::lines(3, spec).max_tasks_per_worker(20));
    let pool = builder.start().unwrap();
    let mut lost = 0;
    for (number, answer) in pool.map((0..600).map(|n: u32| n.to_string())).bound(9).enumerate() {
        match answer {
            Ok(answer) => assert_eq!(answer, number.to_string().into_bytes()),
            Err(JobError::Died(_)) => lost += 1,
            Err(other) => panic!("{other:?}"),
        }
        if random.u8(..4) == 0
            && let Ok(pid) = pids.try_recv()
        {
            // It may have served its share and be gone.
            let _ =
                nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
        }
    }
    let progress = pool.join();
    assert_eq!((progress.done, progress.failed), (600 - lost, lost));
    mark.expect_nothing_left();
}
