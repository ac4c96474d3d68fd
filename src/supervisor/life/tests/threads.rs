//! Workers that are threads.

use super::*;

fn thread(change: impl FnOnce(&mut Spec)) -> Sim {
    let mut sim = Sim::new(|spec| {
        *spec = Spec::thread("api", "counts");
        spec.restart.backoff.jitter = 0.0;
        change(spec);
    });
    sim.start();
    sim
}

fn daemon(spec: &mut Spec) {
    spec.program = Program::Thread { what: "counts".into(), daemon: true };
}

#[test]
fn a_thread_is_asked_once_and_its_value_is_told() {
    let mut sim = thread(|_| {});
    assert_eq!(sim.told, ["started, tid 100"]);
    sim.give(Input::Stop);
    assert_eq!(sim.words(), "asked to stop");
    sim.settle();
    assert_eq!(sim.words(), "stopped by you: returned");
    assert_eq!(
        sim.told[1..],
        ["asked to stop, within 5.0 s", "result: 42", "stopped by you: returned, ran 0.00 s"]
    );
}

#[test]
fn a_thread_that_does_not_answer_is_said_to_and_can_be_abandoned() {
    let mut sim = thread(|_| {});
    sim.kernel.ignores = true;
    sim.give(Input::Stop);
    sim.give(Input::Stop);
    sim.give(Input::Kill);
    sim.pass(Duration::from_millis(4999));
    assert_eq!(sim.words(), "asked to stop");
    sim.pass(Duration::from_millis(1));
    assert_eq!(sim.words(), "asked to stop, does not answer");
    sim.pass(Duration::from_hours(1));
    sim.give(Input::Abandon);
    sim.settle();
    assert_eq!(sim.words(), "abandoned by you");
    assert!(sim.life.state().at_rest());
    sim.kernel.reaped = true;
    sim.start();
    assert_eq!(sim.words(), "running", "it can be started again");
}

#[test]
fn the_end_waits_for_a_thread_as_long_as_its_grace_and_for_a_daemon_not_at_all() {
    let mut sim = thread(|_| {});
    sim.kernel.ignores = true;
    sim.give(Input::ShutDown);
    sim.settle();
    assert_eq!(sim.words(), "asked to stop");
    sim.pass(Duration::from_secs(5));
    assert_eq!(sim.words(), "abandoned after the grace");
    let mut sim = thread(daemon);
    sim.kernel.ignores = true;
    sim.give(Input::ShutDown);
    sim.settle();
    assert_eq!(sim.words(), "abandoned at the end");
}

#[test]
fn a_thread_that_was_stuck_before_the_end_is_not_waited_for_again() {
    let mut sim = thread(|_| {});
    sim.kernel.ignores = true;
    sim.give(Input::Stop);
    sim.pass(Duration::from_secs(9));
    sim.give(Input::ShutDown);
    sim.settle();
    assert_eq!(sim.words(), "abandoned after the grace");
}

#[test]
fn restart_policies_hold_for_threads() {
    let mut sim = thread(|spec| spec.restart.when = RestartWhen::OnFailure);
    sim.thread_ends(ThreadEnd::Panicked);
    sim.settle();
    assert!(matches!(sim.life.state(), State::Backoff { .. }), "{}", sim.words());
    sim.pass(Duration::from_millis(500));
    assert_eq!((sim.words().as_str(), sim.life.restarts()), ("running", 1));
    sim.thread_ends(ThreadEnd::Returned);
    sim.settle();
    assert_eq!(sim.words(), "returned");
}

#[test]
fn a_restart_waits_for_the_thread_or_for_its_being_abandoned() {
    let mut sim = thread(|_| {});
    sim.kernel.ignores = true;
    sim.give(Input::Restart);
    sim.pass(Duration::from_mins(1));
    assert_eq!((sim.words().as_str(), sim.kernel.starts), ("asked to stop, does not answer", 1));
    sim.give(Input::Abandon);
    sim.settle();
    assert_eq!(sim.words(), "running");
}

#[test]
fn signals_are_not_for_threads() {
    let mut sim = thread(|_| {});
    sim.give(Input::Signal(Signal::TERM));
    sim.give(Input::SignalTree(Signal::STOP));
    sim.settle();
    assert_eq!((sim.words().as_str(), sim.told.len()), ("running", 1));
}

#[test]
fn an_ended_thread_that_is_waited_for_by_hand_stays_until_it_is() {
    let mut sim = thread(|spec| spec.reap = Reap::Manual);
    sim.thread_ends(ThreadEnd::Failed);
    sim.settle();
    assert_eq!(sim.words(), "zombie: returned an error, not waited for");
    sim.give(Input::Wait);
    assert_eq!(sim.words(), "returned an error");
}
