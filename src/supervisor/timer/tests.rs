//! The timer against two pretended clocks.

use super::*;
use proptest::prelude::*;

/// Both clocks, and a timer that is asked at each of its deadlines, as the loop does.
struct Sim {
    timer: Timer,
    now: Now,
    on: bool,
    due: Vec<Due>,
}

impl Sim {
    fn new(timing: Timing, overlap: Overlap) -> Self {
        let wall: Timestamp = "2026-11-22T11:59:30Z".parse().unwrap();
        let mut timer = Timer::new(Schedule { timing, overlap }, TimeZone::UTC);
        let now = Now { at: crate::sys::clock::now(), wall };
        timer.start(now);
        Self { timer, now, on: false, due: Vec::new() }
    }

    fn every(seconds: u64, overlap: Overlap) -> Self {
        Self::new(Timing::Every(Duration::from_secs(seconds)), overlap)
    }

    fn cron(pattern: &str) -> Self {
        Self::new(Timing::Cron(Cron::new(pattern).unwrap()), Overlap::Skip)
    }

    /// Lets this long go by, stopping at each deadline. How many runs were due.
    fn pass(&mut self, seconds: f64) -> usize {
        let before = self.due.len();
        let end = self.now.at + Duration::from_secs_f64(seconds);
        while let Some(deadline) = self.timer.deadline().filter(|at| *at <= end) {
            assert!(
                deadline > self.now.at,
                "a deadline that has passed makes the loop spin: {:?}",
                self.timer
            );
            self.advance(deadline.duration_since(self.now.at));
            self.look();
        }
        self.advance(end.duration_since(self.now.at));
        self.due.len() - before
    }

    fn advance(&mut self, by: Duration) {
        self.now = Now { at: self.now.at + by, wall: self.now.wall + by };
    }

    fn look(&mut self) {
        self.due.extend(self.timer.tick(self.now, self.on));
    }

    /// Somebody sets the wall clock.
    fn set_wall(&mut self, wall: &str) {
        self.now.wall = wall.parse().unwrap();
    }

    /// When it runs next, in words and in milliseconds from now.
    fn next(&self) -> (String, u128) {
        let next = self.timer.next(self.now).unwrap();
        (next.clock.to_string(), next.at.duration_since(self.now.at).as_millis())
    }
}

#[test]
fn every_keeps_its_rhythm_from_start_to_start() {
    let mut sim = Sim::every(300, Overlap::Skip);
    assert!(sim.timer.runs_at_start());
    assert_eq!(sim.next(), ("12:04:30".into(), 300_000));
    assert_eq!(sim.pass(299.0), 0);
    assert_eq!(sim.pass(1.0), 1);
    assert_eq!(sim.pass(1500.0), 5);
    assert_eq!(sim.next().1, 300_000);
}

#[test]
fn every_minds_no_change_of_the_wall_clock() {
    let mut sim = Sim::every(300, Overlap::Skip);
    sim.set_wall("2031-01-01T00:00:00Z");
    assert_eq!((sim.pass(299.0), sim.pass(1.0)), (0, 1));
    sim.set_wall("2001-01-01T00:00:00Z");
    assert_eq!((sim.pass(299.0), sim.pass(1.0)), (0, 1));
}

#[test]
fn what_a_stopped_minder_missed_is_one_run_and_the_rhythm_stays() {
    let mut sim = Sim::every(10, Overlap::Skip);
    sim.advance(Duration::from_secs(47));
    sim.look();
    assert_eq!(sim.due, [Due::Run]);
    assert_eq!(sim.next().1, 3000);
}

#[test]
fn a_start_while_it_is_on_moves_nothing() {
    let mut sim = Sim::every(300, Overlap::Skip);
    sim.pass(100.0);
    sim.timer.start(sim.now);
    assert_eq!(sim.next().1, 200_000);
    assert!(sim.timer.stop() && !sim.timer.stop());
    assert_eq!((sim.timer.deadline(), sim.timer.next(sim.now).is_none()), (None, true));
    sim.timer.start(sim.now);
    assert_eq!(sim.next().1, 300_000);
}

#[test]
fn what_is_due_while_the_last_run_is_on_goes_by_the_policy() {
    let due = |overlap| {
        let mut sim = Sim::every(10, overlap);
        sim.on = true;
        sim.pass(30.0);
        (sim.due, sim.timer.is_queued())
    };
    assert_eq!(due(Overlap::Skip), (vec![Due::Skip; 3], false));
    assert_eq!(due(Overlap::Replace), (vec![Due::Replace; 3], false));
    let queue = vec![Due::Queue, Due::SkipBehindQueue, Due::SkipBehindQueue];
    assert_eq!(due(Overlap::Queue), (queue, true));
}

#[test]
fn what_waits_is_taken_once_and_forgotten_by_a_stop() {
    let mut sim = Sim::every(10, Overlap::Queue);
    sim.on = true;
    sim.pass(10.0);
    assert!(sim.timer.take_queued() && !sim.timer.take_queued());
    sim.pass(10.0);
    sim.timer.stop();
    assert!(!sim.timer.take_queued());
}

#[test]
fn cron_waits_for_its_time_and_never_looks_away_for_more_than_a_minute() {
    let mut sim = Sim::cron("0 14 * * *");
    assert!(!sim.timer.runs_at_start());
    assert_eq!(sim.next(), ("14:00:00".into(), 7_230_000));
    for _ in 0..120 {
        assert!(sim.timer.deadline().unwrap() <= sim.now.at + LOOK);
        assert_eq!(sim.pass(60.0), 0);
    }
    assert_eq!(sim.pass(30.0), 1);
    assert_eq!(sim.next(), ("Mon Nov 23 14:00".into(), 86_400_000));
}

#[test]
fn a_wall_clock_set_ahead_runs_once_what_it_jumped_over() {
    let mut sim = Sim::cron("*/5 * * * *");
    sim.set_wall("2026-11-22T13:31:10Z");
    assert_eq!(sim.pass(60.0), 1);
    assert_eq!(sim.next().0, "13:35:00");
}

#[test]
fn a_wall_clock_set_back_a_little_runs_nothing_twice() {
    let mut sim = Sim::cron("*/5 * * * *");
    assert_eq!(sim.pass(30.0), 1);
    sim.set_wall("2026-11-22T11:59:59.900Z");
    assert_eq!(sim.pass(1.0), 0, "12:00 was already");
    sim.set_wall("2026-11-22T11:00:00Z");
    assert_eq!(sim.pass(3600.0), 0, "the hour is lived a second time");
    assert_eq!(sim.pass(300.0), 1);
}

#[test]
fn a_wall_clock_that_was_wrong_by_hours_is_believed_once_it_is_right() {
    let mut sim = Sim::cron("0 * * * *");
    sim.set_wall("2036-01-01T00:30:00Z");
    assert_eq!(sim.pass(60.0), 1);
    sim.set_wall("2026-11-22T12:10:00Z");
    assert_eq!(sim.pass(60.0), 0);
    assert_eq!(sim.next().0, "13:00:00");
    assert_eq!(sim.pass(50.0 * 60.0), 1);
}

#[test]
fn a_far_run_says_its_day() {
    assert_eq!(Sim::cron("0 0 1 1 *").next().0, "Jan 1 2027 00:00");
    assert_eq!(Sim::cron("0 3 * * *").next().0, "Mon Nov 23 03:00");
}

proptest! {
    /// However the wall clock is pushed about, no minute of it runs twice unless it was set back by
    /// hours, nothing spins, and a clock that is left alone is followed to the second.
    #[test]
    fn walks(steps in prop::collection::vec((0.0..4000.0f64, -9000i64..9000), 1..30)) {
        let mut sim = Sim::cron("*/7 * * * *");
        let mut highest = sim.now.wall;
        for (seconds, step) in steps {
            sim.now.wall += jiff::SignedDuration::from_secs(step);
            let from = sim.now.wall;
            let due = sim.pass(seconds);
            // No more than the clock's own: each seventh minute, one more at either end.
            prop_assert!(due as f64 <= seconds / (7.0 * 60.0) * 9.0 / 8.0 + 3.0, "{due} in {seconds} s from {from}");
            highest = highest.max(sim.now.wall);
        }
        // Undisturbed for as long as it may take to catch up: on time again.
        let behind = highest.duration_since(sim.now.wall);
        sim.pass(behind.as_secs_f64() + 10.0 * 60.0);
        let (_, ahead) = sim.next();
        prop_assert!(ahead <= 7 * 60 * 1000, "{ahead}");
    }
}
