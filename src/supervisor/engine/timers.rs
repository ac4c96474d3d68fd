//! Workers' timers as the thread that decides sees them: what starts and stops one, and what a due
//! run makes it do. When a run is due is the machine's to say, [`super::super::timer`].

use super::Supervisor;
use crate::protocol::Update;
use crate::supervisor::life::Input;
use crate::supervisor::timer::{Due, Now};
use crate::sys::clock;

fn now() -> Now {
    Now { at: clock::now(), wall: clock::timestamp() }
}

impl Supervisor {
    /// minder starts: so does this worker or its timer.
    pub(super) fn begin(&mut self, place: usize) {
        let Some(timer) = &self.workers[place].timer else { return self.give(place, Input::Start) };
        let runs = timer.runs_at_start();
        if self.ending.begun() {
            return;
        }
        self.workers[place].start_timer(now());
        if runs {
            self.give(place, Input::Due);
        }
        self.tell_next_run(place);
    }

    /// It is started or restarted by hand, which starts a timer that is not on.
    pub(super) fn start(&mut self, place: usize, input: Input) {
        let started = !self.ending.begun() && self.workers[place].start_timer(now());
        self.give(place, input);
        if started {
            self.tell_next_run(place);
        }
    }

    /// It is stopped or killed by hand, which stops its timer.
    pub(super) fn stop(&mut self, place: usize, input: Input) {
        if self.may_not_signal(place) {
            return;
        }
        let worker = &mut self.workers[place];
        if worker.stop_timer() {
            let update = Update::TimerStopped(worker.spec.name.clone());
            self.tell(&update);
        }
        self.give(place, input);
    }

    /// What minder did not start is not meant by "all".
    pub(super) fn stop_all(&mut self) {
        for place in 0..self.workers.len() {
            if !self.workers[place].spec.kind().is_watched() {
                self.stop(place, Input::Stop);
            }
        }
    }

    /// minder ends.
    pub(super) fn stop_timers(&mut self) {
        for worker in &mut self.workers {
            worker.stop_timer();
        }
    }

    /// A deadline of its timer passed.
    pub(super) fn look_at_timer(&mut self, place: usize) {
        let worker = &mut self.workers[place];
        let Some(due) = worker.tick_timer(now()) else { return };
        let name = worker.spec.name.clone();
        match due {
            Due::Run => self.give(place, Input::Due),
            Due::Skip => self.tell(&Update::Skipped(name, "the last one is still on")),
            Due::SkipBehindQueue => self.tell(&Update::Skipped(name, "one waits already")),
            Due::Queue => self.tell(&Update::Queued(name)),
            Due::Replace => {
                self.tell(&Update::Replaced(name));
                self.give(place, Input::Replace);
            }
        }
    }

    /// Runs what waited for the last run to end, if that is over.
    pub(super) fn run_queued(&mut self, place: usize) {
        let worker = &mut self.workers[place];
        if !worker.life.is_on() && worker.take_queued(now) {
            self.give(place, Input::Due);
        }
    }

    /// After an end: when it runs next, unless that is at once.
    pub(super) fn tell_next_run_after(&mut self, place: usize, update: &Update) {
        let over = matches!(update, Update::Ended(..) | Update::Zombie(..) | Update::Failed(..));
        if over && !self.workers[place].timer_view().is_some_and(|timer| timer.queued) {
            self.tell_next_run(place);
        }
    }

    fn tell_next_run(&mut self, place: usize) {
        let worker = &self.workers[place];
        if let Some(next) = worker.timer_view().and_then(|timer| timer.next.clone()) {
            let ahead = next.at.saturating_duration_since(clock::now());
            let update = Update::NextRun(worker.spec.name.clone(), next.clock, ahead);
            self.tell(&update);
        }
    }
}
