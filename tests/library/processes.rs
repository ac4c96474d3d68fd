//! Processes that a program minds in the background.

use super::PATIENCE;
use minder::protocol::{Cause, Command, State, Update};
use minder::spec::{Reap, RestartWhen, StopPolicy};
use minder::{AddError, ExitStatus, Signal, Spec, Supervisor, WaitError};
use std::time::Duration;

fn nobody() -> minder::Running {
    Supervisor::new().start().unwrap()
}

#[test]
fn a_process_is_started_waited_for_and_its_status_is_exact() {
    let running = nobody();
    let exits = running.add(Spec::shell("exits", "exit 3")).unwrap();
    assert_eq!(exits.wait(PATIENCE), Ok(ExitStatus::Exited(3)));
    assert_eq!(exits.poll(), Some(ExitStatus::Exited(3)));
    let dies = running.add(Spec::shell("dies", "kill -USR2 $$")).unwrap();
    assert_eq!(dies.wait(PATIENCE), Ok(ExitStatus::Signaled { signal: Signal::USR2, core: false }));
    assert_eq!(dies.pid(), None, "it is reaped");
}

#[test]
fn what_is_waited_for_in_vain_says_why() {
    let running = nobody();
    let sleeps = running.add(Spec::exec("sleeps", ["sleep", "1000"])).unwrap();
    let (name, brief) = (sleeps.name().clone(), Some(Duration::from_millis(20)));
    assert_eq!(sleeps.wait(brief), Err(WaitError::TimedOut(name)));
    assert_eq!(sleeps.poll(), None);
    assert!(sleeps.pid().is_some());
    let idle = running.add(Spec { autostart: false, ..Spec::shell("idle", "true") }).unwrap();
    assert_eq!(idle.wait(PATIENCE), Err(WaitError::NotStarted("idle".into())));
    let missing = running.add(Spec::exec("missing", ["no-such-program-anywhere"])).unwrap();
    let Err(WaitError::NoStart(_, why)) = missing.wait(PATIENCE) else { panic!("{:?}", missing.state()) };
    assert!(why.contains("not found"), "{why}");
    let unknown = running.wait(&"unknown".into(), PATIENCE);
    assert_eq!(unknown, Err(WaitError::Unknown("unknown".into())));
}

#[test]
fn it_is_started_stopped_restarted_and_signalled_by_name() {
    let running = nobody();
    let said = "trap 'exit 7' USR1; echo up; while :; do sleep 0.05; done";
    let worker = running.add(Spec { autostart: false, ..Spec::shell("loop", said) }).unwrap();
    running.start("loop");
    running.sync();
    let first = worker.pid().unwrap();
    let guest = running.subscribe().unwrap();
    let output = running.output(worker.name()).unwrap();
    while output.lock().lines().end < 1 {
        guest.changed().recv_timeout(PATIENCE.unwrap()).unwrap();
    }
    running.restart("loop");
    for update in guest.updates() {
        if matches!(update, Update::Started(_, pid) if pid != first) {
            break;
        }
    }
    // The shell may not have come to its trap yet.
    while output.lock().lines().end < 3 {
        guest.changed().recv_timeout(PATIENCE.unwrap()).unwrap();
    }
    worker.send_signal(Signal::USR1);
    assert_eq!(worker.wait(PATIENCE), Ok(ExitStatus::Exited(7)));
    running.start("loop");
    worker.terminate();
    let end = running.wait(worker.name(), PATIENCE).unwrap();
    assert_eq!(end.cause, Cause::Stopped);
    running.start("loop");
    worker.kill();
    assert_eq!(running.wait(worker.name(), PATIENCE).unwrap().cause, Cause::Killed);
}

#[test]
fn a_zombie_is_reaped_when_it_is_waited_for() {
    let running = nobody();
    let worker = running.add(Spec { reap: Reap::Manual, ..Spec::shell("zombie", "exit 4") }).unwrap();
    let guest = running.subscribe().unwrap();
    while !matches!(worker.state(), Some(State::Zombie { .. })) {
        guest.changed().recv_timeout(PATIENCE.unwrap()).unwrap();
    }
    assert_eq!(worker.wait(PATIENCE), Ok(ExitStatus::Exited(4)));
    assert!(matches!(worker.state(), Some(State::Ended(_))));
}

#[test]
fn names_are_unique_and_nothing_is_added_at_the_end() {
    let mut supervisor = Supervisor::new();
    supervisor.add(Spec::exec("one", ["sleep", "1000"])).unwrap();
    assert_eq!(supervisor.add(Spec::shell("one", "true")).unwrap_err(), AddError::NameTaken("one".into()));
    let running = supervisor.start().unwrap();
    assert_eq!(running.add(Spec::shell("one", "true")).unwrap_err(), AddError::NameTaken("one".into()));
    let thread = running.add(Spec::thread("two", "nothing")).unwrap_err();
    assert_eq!(thread, AddError::NoClosure("two".into()));
    let process = running.add_thread(Spec::shell("two", "true"), |_| Ok::<(), String>(())).unwrap_err();
    assert_eq!(process, AddError::NotAThread("two".into()));
    let remote = running.remote();
    let outcome = running.shut_down();
    assert_eq!(outcome.survivors, []);
    assert!(remote.is_over());
    assert_eq!(remote.add(Spec::shell("late", "true")).unwrap_err(), AddError::Ending);
    remote.start("one");
    let end = remote.wait(&"one".into(), PATIENCE).unwrap();
    assert_eq!(end.status, ExitStatus::Signaled { signal: Signal::TERM, core: false });
}

#[test]
fn updates_come_in_the_order_in_which_things_happen() {
    let running = nobody();
    let guest = running.subscribe().unwrap();
    let mut spec = Spec::shell("fails", "exit 1");
    spec.restart.when = RestartWhen::OnFailure;
    spec.restart.backoff.initial = Duration::from_millis(5);
    spec.restart.limit = Some(minder::spec::RestartLimit { count: 1, window: Duration::from_mins(1) });
    running.add(spec).unwrap();
    let mut told = Vec::new();
    for update in guest.updates() {
        let gave_up = matches!(update, Update::GaveUp(..));
        told.push(update.to_string().split([',', ' ']).next().unwrap_or_default().to_owned());
        if gave_up {
            break;
        }
    }
    assert_eq!(told, ["started", "exit", "starts", "started", "exit", "not"]);
}

#[test]
fn a_stop_and_a_continuation_are_noticed_without_sigchld() {
    let running = nobody();
    let worker = running.add(Spec::exec("sleeps", ["sleep", "1000"])).unwrap();
    let guest = running.subscribe().unwrap();
    let until = |wanted: fn(&State) -> bool| {
        while !worker.state().is_some_and(|state| wanted(&state)) {
            guest.changed().recv_timeout(PATIENCE.unwrap()).unwrap();
        }
    };
    running.send(Command::Freeze(worker.name().clone()));
    until(|state| matches!(state, State::Suspended { .. }));
    running.send(Command::Continue(worker.name().clone()));
    until(|state| matches!(state, State::Running(_)));
}

#[test]
fn two_supervisors_in_one_program_do_not_take_each_others_workers() {
    let (one, two) = (nobody(), nobody());
    let mut spec = Spec::shell("same", "setsid sh -c 'sleep 1000 & exec sleep 1000' & sleep 1000");
    spec.stop.grace = Duration::from_secs(20);
    let first = one.add(spec.clone()).unwrap();
    let second = two.add(spec).unwrap();
    let pid = second.pid();
    first.terminate();
    first.wait(PATIENCE).unwrap();
    drop(one);
    assert_eq!((second.poll(), second.pid()), (None, pid));
}

#[test]
fn how_it_ended_is_told_to_whoever_asks() {
    let running = nobody();
    running.add(Spec::exec("sleeps", ["sleep", "1000"])).unwrap();
    assert!(running.wait_until_over(Some(Duration::ZERO)).is_none());
    running.remote().shut_down();
    let first = running.wait_until_over(None).unwrap();
    let again = running.wait_until_over(PATIENCE).unwrap();
    let last = running.shut_down();
    for outcome in [first, again, last] {
        assert!(!outcome.panicked && outcome.survivors.is_empty());
        assert!(matches!(outcome.snapshot.workers[0].state, State::Ended(_)));
    }
}

#[test]
fn as_long_as_a_clock_can_count_and_longer_is_never() {
    let running = nobody();
    let said = "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done";
    let stop = StopPolicy { grace: Duration::MAX, ..StopPolicy::default() };
    let worker = running.add(Spec { stop, ..Spec::shell("loop", said) }).unwrap();
    let guest = running.subscribe().unwrap();
    let output = running.output(worker.name()).unwrap();
    while output.lock().lines().end < 1 {
        guest.changed().recv_timeout(PATIENCE.unwrap()).unwrap();
    }
    worker.terminate();
    assert_eq!(worker.wait(Some(Duration::MAX)), Ok(ExitStatus::Exited(7)));
    assert!(!running.shut_down().panicked);
}

#[test]
fn it_waits_for_nothing_that_never_runs() {
    let mut supervisor = Supervisor::new();
    let worker = supervisor.add(Spec::shell("never", "true")).unwrap();
    let remote = supervisor.remote();
    drop(supervisor);
    assert!(worker.wait(PATIENCE).is_err());
    assert!(remote.subscribe().is_none());
    assert_eq!(remote.add(Spec::shell("late", "true")).unwrap_err(), AddError::Ending);
}
