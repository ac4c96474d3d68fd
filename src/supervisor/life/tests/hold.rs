//! A first process that is held until the others of its group have ended.

use super::*;

/// A shell that waits for so many others, which take their time.
fn shell(others: usize) -> Sim {
    let mut sim = Sim::new(|_| {});
    sim.start();
    (sim.kernel.leads, sim.kernel.group) = (true, others);
    sim
}

#[test]
fn it_ends_when_the_others_have_and_not_before() {
    let mut sim = shell(2);
    sim.give(Input::Stop);
    sim.settle();
    assert_eq!(sim.words(), "SIGTERM sent");
    assert!(sim.kernel.stopped && sim.kernel.pending_stop.is_some(), "{:?}", sim.kernel);
    sim.pass(Duration::from_secs(2));
    assert_eq!((sim.words().as_str(), sim.life.left().len()), ("SIGTERM sent", 2), "who blocks is shown");
    sim.kernel.group = 0;
    sim.pass(SWEEP);
    assert_eq!(sim.words(), "stopped by you: SIGTERM (15)");
    assert!(!sim.kernel.hung_up);
    let told =
        ["started, pid 100", "SIGTERM sent, SIGKILL in 5.0 s", "stopped by you: SIGTERM (15), ran 2.1 s"];
    assert_eq!(sim.told, told, "that it is stopped is nobody's business");
}

#[test]
fn the_grace_and_a_second_stop_end_all_that_is_held() {
    let mut sim = shell(1);
    sim.give(Input::Stop);
    sim.settle();
    sim.pass(Duration::from_secs(5));
    assert_eq!(sim.words(), "killed after the grace");
    let mut sim = shell(1);
    sim.give(Input::Stop);
    sim.settle();
    sim.give(Input::Stop);
    sim.settle();
    assert_eq!(sim.words(), "killed by you");
}

#[test]
fn one_that_is_frozen_is_held_as_it_is() {
    let mut sim = shell(1);
    sim.give(Input::SignalTree(Signal::STOP));
    sim.settle();
    sim.give(Input::Stop);
    assert!(sim.kernel.pending_stop.is_some(), "nothing is waited for: {:?}", sim.kernel);
    sim.settle();
    sim.kernel.group = 0;
    sim.pass(SWEEP);
    assert_eq!(sim.words(), "stopped by you: SIGTERM (15)");
    assert!(!sim.kernel.hung_up);
}

#[test]
fn others_that_were_stopped_are_resumed_once_they_are_known() {
    let mut life = shell(1).life;
    let now = crate::sys::clock::now();
    life.step(now, Input::Stop);
    let held = life.step(now, Input::Holding { stopped: true });
    assert_eq!(held, [Effect::SignalGroup(Signal::TERM)]);
    let family = || Input::Family([ProcessRef { pid: Pid(7), name: "node".into() }].into());
    let asked = [Effect::ResumeOthersOfGroup, Effect::SignalOthers(Signal::TERM)];
    assert_eq!(life.step(now, family()), asked, "and who is outside of the group has its grace too");
    assert_eq!(life.step(now, family()), []);
    // Whoever freezes it freezes nothing for long, and resumes not the one that is held.
    let frozen = life.step(now, Input::SignalTree(Signal::STOP));
    assert_eq!(frozen[0], Effect::SignalGroup(Signal::STOP));
    assert_eq!(life.step(now, family()), [Effect::ResumeOthersOfGroup]);
    assert_eq!(life.step(now, Input::SignalTree(Signal::CONT)), [Effect::ResumeOthersOfGroup]);
    // One look alone may be an old one.
    assert_eq!(life.step(now, Input::Alone), [Effect::LookForFamily]);
    assert_eq!(life.step(now, Input::Alone), [Effect::SignalGroup(Signal::CONT)]);
    // It was asked once.
    let left = Input::Family([ProcessRef { pid: Pid(7), name: "node".into() }].into());
    life.step(now, Input::Ended(ExitStatus::Signaled { signal: Signal::TERM, core: false }));
    life.step(now, Input::Drained);
    life.step(now, left);
    let swept = life.step(now, Input::Finished);
    assert!(!swept.iter().any(|effect| matches!(effect, Effect::SignalOthers(_))), "{swept:?}");
}

#[test]
fn one_that_does_not_stop_is_asked_as_all_others() {
    let mut life = shell(1).life;
    let now = crate::sys::clock::now();
    life.step(now, Input::Stop);
    assert_eq!(life.step(now, Input::Holding { stopped: false }), []);
    let late = life.deadline().expect("it is not waited for without end");
    assert!(late < now + Duration::from_secs(1));
    let asked = [Effect::SignalGroup(Signal::TERM), Effect::SignalGroup(Signal::CONT)];
    assert_eq!(life.step(late, Input::Tick), asked);
    // It stops after all: nothing is held any more.
    assert_eq!(life.step(late, Input::Suspended(Signal::STOP)), [Effect::SignalGroup(Signal::CONT)]);
}
