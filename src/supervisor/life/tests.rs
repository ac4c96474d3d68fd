//! The machine against a pretended kernel: scripts for each rule, and random walks.

use super::*;
use crate::protocol::Pid;
use crate::spec::{RestartPolicy, RestartWhen, Target};
use proptest::prelude::*;

mod hold;
mod threads;

/// A process as far as a worker's life can tell, and what a real kernel would allow.
#[expect(clippy::struct_excessive_bools, reason = "a kernel has many")]
#[derive(Debug, Default)]
struct Kernel {
    alive: bool,
    ended: bool,
    reaped: bool,
    stopped: bool,
    pending_stop: Option<Signal>,
    ignores: bool,
    /// Its end hangs up the terminal of those in its group.
    leads: bool,
    /// So many are in its group beside it, and end when somebody says so.
    group: usize,
    hung_up: bool,
    family: usize,
    starts: u32,
    start_fails: bool,
}

struct Sim {
    life: Life,
    now: Instant,
    kernel: Kernel,
    told: Vec<String>,
    /// Answers that threads owe the machine.
    owed: Vec<Input>,
}

impl Sim {
    fn new(change: impl FnOnce(&mut Spec)) -> Self {
        let mut spec = Spec::shell("api", "true");
        spec.restart.backoff.jitter = 0.0;
        change(&mut spec);
        let kernel = Kernel { reaped: true, ..Kernel::default() };
        Self {
            life: Life::new(&spec, 1),
            now: crate::sys::clock::now(),
            kernel,
            told: Vec::new(),
            owed: Vec::new(),
        }
    }

    fn give(&mut self, input: Input) {
        let effects = self.life.step(self.now, input);
        for effect in effects {
            self.carry_out(effect);
        }
        if let Some(deadline) = self.life.deadline() {
            assert!(deadline > self.now, "a deadline that has passed makes the loop spin: {:?}", self.life);
        }
    }

    /// Gives what threads owe, until nothing is owed.
    fn settle(&mut self) {
        while !self.owed.is_empty() {
            let input = self.owed.remove(0);
            self.give(input);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Spawn => self.spawn(),
            Effect::SignalGroup(signal) => {
                assert!(!self.kernel.reaped, "the group may be a stranger's after the reap");
                self.signal(signal);
            }
            Effect::AskGroup(_) if self.kernel.leads && self.kernel.alive && self.kernel.group > 0 => {
                let stopped = self.kernel.stopped;
                self.signal(Signal::STOP);
                self.give(Input::Holding { stopped });
            }
            Effect::AskGroup(signal) => {
                self.carry_out(Effect::SignalGroup(signal));
                self.carry_out(Effect::SignalGroup(Signal::CONT));
            }
            Effect::ResumeOthersOfGroup => {}
            Effect::AskThread => {
                if !self.kernel.ignores {
                    self.thread_ends(ThreadEnd::Returned);
                }
            }
            Effect::LetGo => {
                assert!(self.kernel.alive, "only what is there can be let go");
                self.kernel = Kernel { ended: true, ignores: self.kernel.ignores, ..Kernel::default() };
            }
            Effect::KillTree => {
                (self.kernel.family, self.kernel.group) = (0, 0);
                if !self.kernel.reaped {
                    self.signal(Signal::KILL);
                }
            }
            Effect::SignalOthers(signal) | Effect::SignalFamily(signal) => {
                if signal == Signal::KILL || !self.kernel.ignores {
                    self.kernel.family = 0;
                }
            }
            Effect::LookForFamily => {
                let member = |n| ProcessRef { pid: Pid(1000 + n as i32), name: "child".into() };
                let members = self.kernel.family + self.kernel.group;
                self.owed.push(Input::Family((0..members).map(member).collect()));
                if self.kernel.group == 0 {
                    self.owed.push(Input::Alone);
                }
            }
            Effect::LookForHolders => self.owed.push(Input::Holders(Arc::default())),
            Effect::Finish(_) => self.owed.push(Input::Finished),
            Effect::Reap => {
                assert!(self.kernel.ended && !self.kernel.reaped, "one reap for each end");
                self.kernel.reaped = true;
            }
            Effect::Tell(update) => self.told.push(update.to_string()),
        }
    }

    fn spawn(&mut self) {
        assert!(self.kernel.reaped && !self.kernel.alive, "one run at a time");
        if self.kernel.start_fails {
            let failure = Failure { error: "no".into(), code: 125, transient: true };
            self.owed.push(Input::SpawnFailed(failure));
            return;
        }
        let Kernel { ignores, starts, family, leads, group, .. } = self.kernel;
        let starts = starts + 1;
        self.kernel = Kernel { alive: true, ignores, family, leads, group, starts, ..Kernel::default() };
        self.owed.push(Input::Spawned(Run { pid: Pid(100), started: self.now }));
    }

    fn signal(&mut self, signal: Signal) {
        let kernel = &mut self.kernel;
        if !kernel.alive {
            return;
        }
        match signal {
            Signal::KILL => self.end(ExitStatus::Signaled { signal, core: false }),
            Signal::STOP if !kernel.stopped => {
                kernel.stopped = true;
                self.owed.push(Input::Suspended(signal));
            }
            Signal::CONT if kernel.stopped => {
                kernel.stopped = false;
                self.owed.push(Input::Continued);
                if let Some(pending) = kernel.pending_stop.take() {
                    self.signal(pending);
                }
            }
            Signal::TERM if kernel.stopped => kernel.pending_stop = Some(signal),
            Signal::TERM if !kernel.ignores => self.end(ExitStatus::Signaled { signal, core: false }),
            _ => {}
        }
    }

    fn end(&mut self, status: ExitStatus) {
        if self.kernel.alive {
            self.kernel.alive = false;
            self.kernel.ended = true;
            self.kernel.hung_up = self.kernel.group > 0;
            self.kernel.group = 0;
            self.owed.push(Input::Drained);
            self.owed.push(Input::Ended(status));
        }
    }

    fn thread_ends(&mut self, end: ThreadEnd) {
        if self.kernel.alive {
            (self.kernel.alive, self.kernel.ended) = (false, true);
            self.owed.push(Input::ThreadEnded(end, Some("42".into())));
        }
    }

    fn start(&mut self) {
        self.give(Input::Start);
        self.settle();
    }

    fn exit(&mut self, code: i32) {
        self.end(ExitStatus::Exited(code));
        self.settle();
    }

    fn pass(&mut self, duration: Duration) {
        self.now += duration;
        self.give(Input::Tick);
        self.settle();
    }

    fn words(&self) -> String {
        self.life.state().to_string()
    }
}

#[test]
fn an_end_is_told_after_the_last_output_and_reaped_once() {
    let mut sim = Sim::new(|_| {});
    sim.start();
    sim.now += Duration::from_secs(2);
    sim.exit(3);
    assert_eq!(sim.words(), "exit 3");
    assert!(sim.kernel.reaped);
    assert_eq!(sim.told, ["started, pid 100", "exit 3, ran 2.0 s"]);
}

#[test]
fn a_held_output_delays_the_report_by_a_moment_only() {
    let mut sim = Sim::new(|_| {});
    sim.start();
    sim.kernel.alive = false;
    sim.kernel.ended = true;
    sim.give(Input::Ended(ExitStatus::SUCCESS));
    sim.settle();
    assert!(matches!(sim.life.state(), State::Draining { .. }));
    assert_eq!(sim.life.deadline(), Some(sim.now + DRAIN));
    sim.pass(DRAIN);
    assert_eq!(sim.words(), "exit 0");
}

#[test]
fn ignored_term_is_killed_at_the_deadline() {
    let mut sim = Sim::new(|_| {});
    sim.kernel.ignores = true;
    sim.start();
    sim.give(Input::Stop);
    sim.settle();
    sim.pass(Duration::from_millis(4999));
    assert_eq!(sim.words(), "SIGTERM sent");
    sim.pass(Duration::from_millis(1));
    assert_eq!(sim.words(), "killed after the grace");
}

#[test]
fn a_second_stop_kills_now() {
    let mut sim = Sim::new(|_| {});
    sim.kernel.ignores = true;
    sim.start();
    sim.give(Input::Stop);
    sim.give(Input::Stop);
    sim.settle();
    assert_eq!(sim.words(), "killed by you");
}

#[test]
fn the_first_stop_is_no_second_one_where_minder_sweeps_by_itself() {
    let mut sim = Sim::new(|spec| spec.restart.when = RestartWhen::OnFailure);
    sim.start();
    (sim.kernel.ignores, sim.kernel.family) = (true, 1);
    sim.exit(1);
    assert!(matches!(sim.life.state(), State::Sweeping { .. }), "{}", sim.words());
    sim.give(Input::Stop);
    sim.settle();
    assert_eq!((sim.kernel.family, sim.life.wanted()), (1, false), "it has its grace");
    sim.give(Input::Stop);
    sim.settle();
    sim.pass(SWEEP);
    assert_eq!((sim.kernel.family, sim.words().as_str(), sim.kernel.starts), (0, "exit 1", 1));
}

#[test]
fn who_fled_the_group_and_was_frozen_is_resumed_by_a_stop() {
    let mut sim = Sim::new(|_| {});
    sim.start();
    sim.give(Input::SignalTree(Signal::STOP));
    sim.settle();
    let (mut life, now) = (sim.life, sim.now);
    life.step(now, Input::Stop);
    let fled = || Input::Family([ProcessRef { pid: Pid(7), name: "sleep".into() }].into());
    assert_eq!(life.step(now, fled()), [Effect::SignalOthers(Signal::CONT)]);
    assert_eq!(life.step(now, fled()), []);
}

#[test]
fn what_the_last_run_left_is_swept_before_the_next_also_where_it_is_reaped_by_hand() {
    let mut sim = Sim::new(|spec| spec.reap = Reap::Manual);
    sim.start();
    sim.kernel.family = 1;
    sim.exit(0);
    assert!(matches!(sim.life.state(), State::Zombie { .. }), "{}", sim.words());
    sim.give(Input::Start);
    sim.settle();
    sim.pass(SWEEP);
    assert_eq!((sim.words().as_str(), sim.kernel.family, sim.kernel.starts), ("running", 0, 2));
}

#[test]
fn a_suspended_worker_is_continued_after_the_stop_signal() {
    let mut sim = Sim::new(|_| {});
    sim.start();
    sim.give(Input::SignalTree(Signal::STOP));
    sim.settle();
    assert_eq!(sim.words(), "stopped (SIGSTOP)");
    sim.give(Input::Stop);
    sim.settle();
    assert_eq!(sim.words(), "stopped by you: SIGTERM (15)");
}

#[test]
fn who_is_left_after_an_end_is_looked_at_until_nobody_is() {
    let mut sim = Sim::new(|_| {});
    sim.start();
    sim.kernel.family = 2;
    sim.exit(0);
    assert_eq!(sim.life.left().len(), 2);
    sim.kernel.family = 1;
    sim.pass(LOOK);
    assert_eq!(sim.life.left().len(), 1);
    sim.kernel.family = 0;
    sim.pass(LOOK);
    assert_eq!((sim.life.left().len(), sim.life.deadline()), (0, None));
}

#[test]
fn a_signal_picked_for_the_first_process_alone_is_your_doing() {
    let mut sim = Sim::new(|_| {});
    sim.start();
    sim.give(Input::Picked(Signal::TERM));
    sim.end(ExitStatus::Signaled { signal: Signal::TERM, core: false });
    sim.settle();
    assert_eq!(sim.words(), "SIGTERM (15) by you");
}

#[test]
fn a_stop_is_complete_when_the_tree_is_empty_not_when_the_leader_is_gone() {
    let mut sim = Sim::new(|_| {});
    sim.start();
    sim.kernel.family = 2;
    sim.give(Input::Stop);
    sim.kernel.ignores = true;
    sim.settle();
    assert!(matches!(sim.life.state(), State::Sweeping { .. }), "{:?}", sim.life);
    assert!(!sim.kernel.reaped, "the zombie leader pins the group");
    sim.pass(Duration::from_secs(5));
    sim.pass(SWEEP);
    assert_eq!(sim.words(), "stopped by you: SIGTERM (15)");
    assert!(sim.kernel.reaped && sim.kernel.family == 0);
}

#[test]
fn what_lives_on_after_an_end_is_named_and_can_be_stopped() {
    let mut sim = Sim::new(|_| {});
    sim.start();
    sim.kernel.family = 1;
    sim.exit(0);
    assert_eq!(sim.life.left().len(), 1);
    assert!(sim.told.iter().any(|line| line.contains("pid 1000 child")), "{:?}", sim.told);
    sim.give(Input::Stop);
    sim.pass(SWEEP);
    assert_eq!((sim.kernel.family, sim.life.left().len()), (0, 0));
    assert_eq!(sim.words(), "exit 0");
}

#[test]
fn a_manual_worker_is_a_zombie_until_somebody_waits() {
    let mut sim = Sim::new(|spec| spec.reap = Reap::Manual);
    sim.start();
    sim.exit(0);
    assert_eq!(sim.words(), "zombie: exit 0, not waited for");
    assert!(!sim.kernel.reaped);
    sim.give(Input::Wait);
    assert_eq!(sim.words(), "exit 0");
    assert!(sim.kernel.reaped);
}

#[test]
fn giving_up_a_wait_touches_nothing() {
    let mut sim = Sim::new(|spec| spec.reap = Reap::Manual);
    sim.start();
    sim.give(Input::Wait);
    assert!(sim.life.waited_since().is_some());
    sim.give(Input::GiveUpWaiting);
    sim.exit(0);
    assert_eq!(sim.words(), "zombie: exit 0, not waited for");
}

#[test]
fn a_restart_starts_when_the_old_run_is_gone() {
    let mut sim = Sim::new(|_| {});
    sim.start();
    sim.give(Input::Restart);
    sim.settle();
    assert_eq!((sim.words().as_str(), sim.kernel.starts, sim.life.restarts()), ("running", 2, 1));
}

#[test]
fn no_restart_slips_into_a_stop() {
    let mut sim = Sim::new(|spec| spec.restart.when = RestartWhen::Always);
    sim.start();
    sim.exit(1);
    assert!(matches!(sim.life.state(), State::Backoff { .. }));
    sim.give(Input::Stop);
    sim.pass(Duration::from_mins(1));
    assert_eq!((sim.words().as_str(), sim.kernel.starts), ("exit 1", 1));
}

#[test]
fn a_runaway_is_stopped_as_by_hand_but_its_restart_policy_has_the_last_word() {
    let mut sim = Sim::new(|spec| spec.restart.when = RestartWhen::OnFailure);
    sim.start();
    sim.give(Input::Runaway);
    sim.settle();
    assert!(
        matches!(sim.life.state(), State::Backoff { end, .. } if end.cause == Cause::Runaway),
        "{:?}",
        sim.life
    );
    assert!(sim.words().contains("stopped as a runaway: SIGTERM (15)"), "{}", sim.words());

    let mut sim = Sim::new(|_| {});
    sim.start();
    sim.kernel.ignores = true;
    sim.give(Input::Runaway);
    sim.pass(Duration::from_secs(5));
    sim.settle();
    let State::Ended(end) = sim.life.state() else { panic!("{:?}", sim.life) };
    assert_eq!(
        (end.cause, end.well(), end.code(), sim.life.state().word()),
        (Cause::Runaway, false, 137, "failed")
    );
}

#[test]
fn who_is_new_in_a_tree_that_is_frozen_is_frozen_too() {
    let life = |sim: &mut Sim, pids: &[i32]| {
        let family: Arc<[ProcessRef]> =
            pids.iter().map(|&pid| ProcessRef { pid: Pid(pid), name: "child".into() }).collect();
        sim.life.step(sim.now, Input::Family(family))
    };
    let mut sim = Sim::new(|_| {});
    sim.start();
    sim.life.step(sim.now, Input::SignalTree(Signal::STOP));
    let again = [Effect::SignalOthers(Signal::STOP), Effect::LookForFamily];
    assert_eq!(life(&mut sim, &[7]), again);
    assert_eq!(life(&mut sim, &[7, 8]), again, "born between the look and the signal");
    assert_eq!(life(&mut sim, &[7, 8]), [], "nobody is new");
    sim.life.step(sim.now, Input::SignalTree(Signal::CONT));
    assert_eq!(life(&mut sim, &[7, 8]), [Effect::SignalOthers(Signal::CONT)]);
    assert_eq!(life(&mut sim, &[7, 8, 9]), []);
}

#[test]
fn a_start_for_want_of_resources_is_tried_again() {
    let mut sim = Sim::new(|spec| spec.restart.when = RestartWhen::OnFailure);
    sim.kernel.start_fails = true;
    sim.start();
    assert!(matches!(sim.life.state(), State::Failed { retry_at: Some(_), .. }));
    sim.kernel.start_fails = false;
    sim.pass(Duration::from_secs(1));
    assert_eq!(sim.words(), "running");
}

#[test]
fn a_replaced_run_is_stopped_for_the_next_and_neither_is_a_restart() {
    let mut sim = Sim::new(|spec| spec.restart.when = RestartWhen::OnFailure);
    sim.give(Input::Due);
    sim.settle();
    sim.give(Input::Replace);
    // The next is due while the last is still being stopped: nothing is sent twice.
    sim.give(Input::Replace);
    sim.settle();
    assert_eq!((sim.words().as_str(), sim.kernel.starts, sim.life.restarts()), ("running", 2, 0));
    assert!(
        sim.told.iter().any(|told| told.starts_with("stopped for the next run: SIGTERM (15)")),
        "{:?}",
        sim.told
    );
    assert_eq!(sim.told.iter().filter(|told| told.contains("SIGKILL in")).count(), 1);
}

#[test]
fn a_due_run_takes_the_place_of_a_restart_that_is_waited_for() {
    let mut sim = Sim::new(|spec| spec.restart.when = RestartWhen::OnFailure);
    sim.give(Input::Due);
    sim.settle();
    sim.exit(1);
    assert!(matches!(sim.life.state(), State::Backoff { .. }) && !sim.life.is_on());
    sim.give(Input::Due);
    sim.settle();
    assert_eq!((sim.words().as_str(), sim.life.restarts()), ("running", 0));
    sim.exit(1);
    sim.pass(Duration::from_secs(1));
    assert_eq!((sim.words().as_str(), sim.life.restarts()), ("running", 1));
}

/// The life of a process that minder did not start, and what it does at each input.
struct Watched(Life, Instant);

impl Watched {
    fn new(target: Target) -> Self {
        let mut watched = Self(Life::new(&Spec::watched("web", target), 1), crate::sys::clock::now());
        assert_eq!(watched.give(Input::Start), [Effect::Spawn]);
        watched
    }

    fn found(target: Target) -> Self {
        let mut watched = Self::new(target);
        let run = Run { pid: Pid(100), started: watched.1 };
        let found = watched.give(Input::Spawned(run));
        assert_eq!(found, [Effect::Tell(Update::Found("web".into(), Pid(100)))]);
        watched
    }

    fn give(&mut self, input: Input) -> Vec<Effect> {
        self.0.step(self.1, input)
    }

    fn end(&mut self) -> Vec<Effect> {
        let mut effects = self.give(Input::Ended(ExitStatus::Unknown));
        effects.extend(self.give(Input::Finished));
        effects
    }
}

#[test]
fn what_is_watched_is_left_alone_at_the_end() {
    let left = [Effect::Reap, Effect::Tell(Update::LeftAlone("web".into()))];
    let mut watched = Watched::found(Target::Pid(100));
    assert_eq!(watched.give(Input::ShutDown), left);
    assert_eq!((watched.0.state(), watched.0.deadline()), (State::Idle, None));
    assert_eq!(watched.give(Input::Kill), [], "the second request means it no more than the first");
    let mut watched = Watched::new(Target::Pid(100));
    assert_eq!(watched.give(Input::ShutDown), [Effect::Reap]);
    assert_eq!(watched.0.state(), State::Idle);
}

#[test]
fn a_stop_of_what_is_watched_asks_it_and_then_kills_it() {
    let mut watched = Watched::found(Target::Pid(100));
    assert!(watched.give(Input::Stop).contains(&Effect::AskGroup(Signal::TERM)));
    watched.1 += Duration::from_secs(5);
    assert!(watched.give(Input::Tick).contains(&Effect::KillTree));
    let effects = watched.end();
    assert!(
        !effects.iter().any(|effect| matches!(effect, Effect::LookForFamily | Effect::Spawn)),
        "{effects:?}"
    );
    assert!(matches!(watched.0.state(), State::Ended(End { cause: Cause::Escalated, .. })));
}

/// Who was found below it when it was asked is not minder's to end.
#[test]
fn of_what_is_watched_a_stop_that_it_obeys_kills_nobody() {
    let mut watched = Watched::found(Target::Pid(100));
    let mut done = watched.give(Input::Stop);
    done.extend(watched.give(Input::Family([ProcessRef { pid: Pid(7), name: "child".into() }].into())));
    done.extend(watched.end());
    assert!(!done.contains(&Effect::KillTree), "{done:?}");
    assert!(watched.0.state().at_rest());
}

#[test]
fn a_kill_of_what_is_watched_finds_its_tree_first() {
    let mut watched = Watched::found(Target::Pid(100));
    let effects = watched.give(Input::Kill);
    assert!(effects.contains(&Effect::LookForFamily) && !effects.contains(&Effect::KillTree), "{effects:?}");
    assert_eq!(watched.give(Input::Family([].into())), [Effect::KillTree]);
    assert_eq!(watched.give(Input::Family([].into())), []);
}

#[test]
fn who_may_come_back_is_looked_for_again_unless_you_stopped_it() {
    let lasting = || Target::PidFile("web.pid".into());
    for (target, again) in [(lasting(), true), (Target::Pid(100), false)] {
        let mut watched = Watched::found(target);
        assert_eq!(watched.end().contains(&Effect::Spawn), again);
        assert_eq!(watched.0.state() == State::Starting, again);
    }
    let mut watched = Watched::found(lasting());
    watched.give(Input::Stop);
    assert!(!watched.end().contains(&Effect::Spawn));
    assert!(watched.0.state().at_rest());
}

fn any_input() -> impl Strategy<Value = Walk> {
    prop_oneof![
        Just(Walk::Give(Input::Start)),
        Just(Walk::Give(Input::Stop)),
        Just(Walk::Give(Input::Kill)),
        Just(Walk::Give(Input::Restart)),
        Just(Walk::Give(Input::Due)),
        Just(Walk::Give(Input::Replace)),
        Just(Walk::Give(Input::Wait)),
        Just(Walk::Give(Input::GiveUpWaiting)),
        Just(Walk::Give(Input::ChildrenChanged)),
        Just(Walk::Give(Input::Signal(Signal::STOP))),
        Just(Walk::Give(Input::Signal(Signal::CONT))),
        Just(Walk::Give(Input::SignalTree(Signal::STOP))),
        Just(Walk::Give(Input::SignalTree(Signal::CONT))),
        Just(Walk::Give(Input::Signal(Signal::KILL))),
        (0..2).prop_map(Walk::Exit),
        (0_u64..8000).prop_map(Walk::Pass),
        (0_usize..3).prop_map(Walk::Fork),
        any::<bool>().prop_map(Walk::Ignore),
        any::<bool>().prop_map(Walk::Lead),
        (0_usize..3).prop_map(Walk::Group),
        any::<bool>().prop_map(Walk::Starve),
        Just(Walk::Settle),
    ]
}

#[derive(Debug, Clone)]
enum Walk {
    Give(Input),
    Exit(i32),
    Pass(u64),
    Fork(usize),
    Ignore(bool),
    Lead(bool),
    Group(usize),
    Starve(bool),
    Settle,
}

proptest! {
    /// The walls are the asserts in [`Sim::carry_out`]: never two runs, one reap for each end, no
    /// group signal after the reap, no deadline in the past. And a shutdown always comes to rest.
    #[test]
    fn any_walk_keeps_the_walls_and_a_shutdown_ends_it(
        walk in proptest::collection::vec(any_input(), 0..60),
        manual in any::<bool>(),
        when in prop_oneof![Just(RestartWhen::No), Just(RestartWhen::OnFailure), Just(RestartWhen::Always)],
    ) {
        let mut sim = Sim::new(|spec| {
            spec.reap = if manual { Reap::Manual } else { Reap::Auto };
            spec.restart = RestartPolicy { when, ..spec.restart.clone() };
        });
        for step in walk {
            match step {
                Walk::Give(input) => sim.give(input),
                Walk::Exit(code) => sim.end(ExitStatus::Exited(code)),
                Walk::Pass(millis) => sim.pass(Duration::from_millis(millis)),
                Walk::Fork(count) => sim.kernel.family = count,
                Walk::Ignore(ignores) => sim.kernel.ignores = ignores,
                Walk::Lead(leads) => sim.kernel.leads = leads,
                Walk::Group(count) => sim.kernel.group = if sim.kernel.alive { count } else { 0 },
                Walk::Starve(fails) => sim.kernel.start_fails = fails,
                Walk::Settle => sim.settle(),
            }
        }
        sim.give(Input::ShutDown);
        let starts = sim.kernel.starts;
        for _ in 0..4 {
            sim.settle();
            sim.pass(Duration::from_secs(5));
        }
        prop_assert!(sim.life.state().at_rest(), "{:?}", sim.life);
        prop_assert!(sim.kernel.reaped && !sim.kernel.alive);
        prop_assert!(sim.kernel.starts <= starts + 1, "at most the start that was under way");
        prop_assert_eq!(sim.life.state().word() == "zombie", false);
    }
}
