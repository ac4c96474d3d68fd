//! Threads that a program minds beside its children.

use super::PATIENCE;
use crossbeam_channel::{never, select, unbounded};
use minder::protocol::{Cause, State};
use minder::spec::RestartWhen;
use minder::threads::Panic;
use minder::{Context, ExitStatus, JoinError, Running, Spec, Stopped, Supervisor, ThreadEnd};
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

fn nobody() -> Running {
    Supervisor::new().start().unwrap()
}

fn thread(name: &str, grace: Duration) -> Spec {
    let mut spec = Spec::thread(name, "is tested");
    spec.stop.grace = grace;
    spec
}

fn daemon(name: &str) -> Spec {
    Spec::thread(name, "is tested").daemon()
}

/// Waits until the worker is like this.
fn until(running: &Running, name: &str, wanted: impl Fn(&State) -> bool) {
    let guest = running.subscribe().unwrap();
    while !running.state(&name.into()).is_some_and(|state| wanted(&state)) {
        guest.changed().recv_timeout(PATIENCE.unwrap()).expect("it comes to that");
    }
}

fn unresponsive(state: &State) -> bool {
    matches!(state, State::Asked { answer_by: None, .. })
}

fn lines(running: &Running, name: &str) -> Vec<String> {
    let output = running.output(&name.into()).unwrap();
    let taken = output.lock().take_from(0, usize::MAX);
    taken.lines().map(|line| String::from_utf8_lossy(line.bytes).into_owned()).collect()
}

#[expect(clippy::disallowed_methods, reason = "a test's own clock")]
fn now() -> Instant {
    Instant::now()
}

#[test]
fn thousands_of_short_threads_come_and_go_and_each_result_is_handed_over() {
    let running = nobody();
    let handles: Vec<_> = (0..3000_u32)
        .map(|n| {
            let spec = Spec::thread(format!("short-{n}"), "squares");
            running
                .add_thread(spec, move |context| {
                    let _ = writeln!(context.stdout(), "{n}");
                    match n % 3 {
                        0 => Ok(n),
                        1 => Err(format!("{n} is odd")),
                        _ => panic!("{n}"),
                    }
                })
                .unwrap()
        })
        .collect();
    for (n, handle) in (0_u32..).zip(&handles) {
        let result = handle.join(PATIENCE);
        match n % 3 {
            0 => assert_eq!(result, Ok(n)),
            1 => assert_eq!(result, Err(JoinError::Failed(format!("{n} is odd")))),
            _ => assert!(
                matches!(&result, Err(JoinError::Panicked(Panic { message, .. })) if *message == n.to_string()),
                "{result:?}"
            ),
        }
    }
    let last = running.wait(&"short-2999".into(), PATIENCE).unwrap();
    assert_eq!(last.status, ExitStatus::Thread(ThreadEnd::Panicked));
    let outcome = running.shut_down();
    assert!(outcome.snapshot.workers.iter().all(|worker| matches!(worker.state, State::Ended(_))));
}

#[test]
fn a_thread_stops_wherever_its_closure_stands() {
    let running = nobody();
    let at = Arc::new(Barrier::new(4));
    let (sleeping, selecting, asking) = (Arc::clone(&at), Arc::clone(&at), Arc::clone(&at));
    let sleeps = running.add_thread(Spec::thread("sleeps", ""), move |context| {
        sleeping.wait();
        context.sleep(Duration::from_hours(9))
    });
    let selects = running.add_thread(Spec::thread("selects", ""), move |context: &Context| {
        selecting.wait();
        select! {
            recv(never::<()>()) -> _ => Err("never"),
            recv(context.stop_receiver()) -> _ => Ok("asked"),
        }
    });
    let asks = running.add_thread(Spec::thread("asks", ""), move |context: &Context| {
        asking.wait();
        while !context.stop_requested() {
            std::thread::yield_now();
        }
        Ok::<_, String>(context.name().to_string())
    });
    at.wait();
    for name in ["sleeps", "selects", "asks"] {
        running.stop(name);
    }
    assert_eq!(sleeps.unwrap().join(PATIENCE), Err(JoinError::Failed(Stopped)));
    assert_eq!(selects.unwrap().join(PATIENCE), Ok("asked"));
    assert_eq!(asks.unwrap().join(PATIENCE), Ok("asks".into()));
    assert_eq!(running.wait(&"asks".into(), PATIENCE).unwrap().cause, Cause::Stopped);
}

#[test]
fn one_that_does_not_answer_is_shown_abandoned_and_its_late_end_is_nobodys() {
    let running = nobody();
    let (go, gone) = unbounded::<()>();
    let deaf = running
        .add_thread(thread("deaf", Duration::from_millis(50)), move |context: &Context| {
            let _ = gone.recv();
            Ok::<_, String>(writeln!(context.stdout(), "late").is_err())
        })
        .unwrap();
    running.stop("deaf");
    until(&running, "deaf", unresponsive);
    running.kill("deaf");
    running.sync();
    assert!(
        running.state(deaf.name()).is_some_and(|state| unresponsive(&state)),
        "a thread cannot be killed"
    );
    deaf.abandon();
    assert_eq!(deaf.join(PATIENCE), Err(JoinError::Abandoned));
    let end = running.wait(deaf.name(), PATIENCE).unwrap();
    assert_eq!((end.status, end.cause), (ExitStatus::Thread(ThreadEnd::Abandoned), Cause::Killed));
    let guest = running.subscribe().unwrap();
    drop(go);
    let told = guest.updates().recv_timeout(PATIENCE.unwrap()).unwrap();
    assert_eq!(told.to_string(), "deaf: the thread that was abandoned has ended: returned");
    assert!(!lines(&running, "deaf").contains(&"late".into()));
    assert_eq!(deaf.join(Some(Duration::ZERO)), Err(JoinError::TimedOut));
}

#[test]
fn the_end_of_the_program_waits_for_no_thread_longer_than_its_grace() {
    let (go, gone) = unbounded::<()>();
    let mut supervisor = Supervisor::new();
    for n in 0..3 {
        let gone = gone.clone();
        let spec = thread(&format!("deaf-{n}"), Duration::from_millis(300));
        supervisor.add_thread(spec, move |_| gone.recv().map_err(|_| "let go")).unwrap();
    }
    let asked_daemon = gone.clone();
    supervisor.add_thread(daemon("daemon"), move |_| asked_daemon.recv().map_err(|_| "let go")).unwrap();
    let running = supervisor.start().unwrap();
    running.sync();
    let began = now();
    let outcome = running.shut_down();
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(20), "{took:?}");
    let words = outcome.snapshot.workers.iter().map(|worker| worker.state.to_string());
    let expected = ["abandoned after the grace"; 3].into_iter().chain(["abandoned at the end"]);
    assert!(words.clone().eq(expected), "{:?}", words.collect::<Vec<_>>());
    drop(go);
}

#[test]
fn nobody_waits_for_a_daemon_when_all_others_are_done() {
    let mut supervisor = Supervisor::new();
    let job = supervisor.add_thread(Spec::thread("job", ""), |_| Ok::<_, String>(1)).unwrap();
    let ticks =
        supervisor.add_thread(daemon("ticks"), |context| context.sleep(Duration::from_hours(9))).unwrap();
    supervisor.run().unwrap();
    assert_eq!(job.join(PATIENCE), Ok(1));
    assert!(matches!(ticks.join(PATIENCE), Err(JoinError::Abandoned)));
}

#[test]
fn restart_policies_hold_and_the_newest_result_is_kept() {
    let running = nobody();
    let tries = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    let mut spec = Spec::thread("flaky", "");
    spec.restart.when = RestartWhen::OnFailure;
    spec.restart.backoff.initial = Duration::from_millis(1);
    spec.restart.backoff.max = Duration::from_millis(5);
    let flaky = running.add_thread(spec, move |_| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => panic!("the first time"),
        1..8 => Err("again"),
        n => Ok(n),
    });
    let end = running.wait(&"flaky".into(), PATIENCE).unwrap();
    assert_eq!(end.status, ExitStatus::Thread(ThreadEnd::Returned));
    assert_eq!(flaky.unwrap().join(PATIENCE), Ok(8));
    assert_eq!(running.snapshot().workers[0].restarts, 8);
}

#[test]
fn threads_are_added_stopped_and_dropped_while_others_run_wild() {
    // Random moments, but a seed that a failure can be told by.
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let running = nobody();
        for n in 0..random.u32(1..40) {
            let sleep = Duration::from_micros(random.u64(0..3000));
            let how = random.u8(0..5);
            let spec = thread(&format!("wild-{n}"), Duration::from_millis(random.u64(0..20)));
            let body = move |context: &Context| {
                context.progress(u64::from(n), 40);
                let _ = writeln!(context.stderr(), "{n}");
                match how {
                    0 => panic!("wild {n}"),
                    1 => Ok(n),
                    2 => context.sleep(sleep).map(|()| n),
                    3 => context.sleep(Duration::from_hours(1)).map(|()| n),
                    _ => {
                        // Deaf for a while: longer than its grace now and then.
                        let _ = never::<()>().recv_timeout(Duration::from_millis(30));
                        Ok(n)
                    }
                }
            };
            let handle = running.add_thread(spec, body).unwrap();
            match random.u8(0..8) {
                0 => handle.stop(),
                1 => handle.abandon(),
                2 => running.restart(handle.name().clone()),
                3 => drop(handle.join(Some(Duration::from_millis(1)))),
                _ => {}
            }
        }
        if random.bool() {
            let outcome = running.shut_down();
            assert!(outcome.snapshot.workers.iter().all(|worker| worker.state.at_rest()), "seed {seed}");
        } else {
            drop(running);
        }
    }
}

#[test]
fn a_clean_return_or_error_of_every_kind_stands_in_the_pane() {
    let running = nobody();
    running.add_thread(Spec::thread("value", ""), |_| Ok::<_, String>(vec!["a", "b"])).unwrap();
    running.add_thread(Spec::thread("error", ""), |_| Err::<(), _>("no such luck")).unwrap();
    running.add_thread(Spec::thread("panic", ""), |_| -> Result<(), String> { panic!("boom") }).unwrap();
    for name in ["value", "error", "panic"] {
        running.wait(&name.into(), PATIENCE).unwrap();
    }
    assert!(lines(&running, "value")[0].starts_with("returned [\"a\", \"b\"], ran "));
    assert_eq!(lines(&running, "error")[0], "error: no such luck");
    let panic = lines(&running, "panic");
    assert!(
        panic[0].starts_with("panicked at tests/library/threads.rs:") && panic[0].ends_with(": boom"),
        "{panic:?}"
    );
}
