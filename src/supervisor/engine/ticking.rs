//! The loop's times: when it wakes by itself, and what is due then.

use super::super::ending;
use super::super::life::Input;
use super::super::worker::Worker;
use super::jobs::terminal;
use super::{Supervisor, own_process};
use crate::sys::{clock, job_control};
use std::time::{Duration, Instant};

/// How often minder in the background looks whether it was brought back: a shell's `fg` says nothing
/// to a job that runs.
const LOOK_UP: Duration = Duration::from_millis(250);

/// How often the end looks for adopted processes meanwhile; their ends come by SIGCHLD besides.
const CLEAR_AGAIN: Duration = Duration::from_millis(50);

/// How often a supervisor in somebody else's process looks whether a worker was stopped or continued:
/// SIGCHLD may be that process's own.
const GLANCE: Duration = Duration::from_millis(500);

impl Supervisor {
    pub(super) fn tick(&mut self) {
        let now = clock::now();
        for place in 0..self.workers.len() {
            if self.workers[place].life.deadline().is_some_and(|at| at <= now) {
                self.give(place, Input::Tick);
            }
            if self.workers[place].timer_deadline().is_some_and(|at| at <= now) {
                self.look_at_timer(place);
            }
        }
        if self.glance_at.is_some_and(|at| at <= now) {
            self.children_changed();
        }
        let may_glance =
            !own_process(&self.options) && self.workers.iter().any(|worker| worker.pid().is_some());
        let due = self.glance_at.filter(|at| *at > now).unwrap_or(now + GLANCE);
        self.glance_at = may_glance.then_some(due);
        self.tick_errands(now);
        if self.suspending.is_some_and(|at| at <= now) {
            // It is stuck in a write: the shell must get the terminal all the same.
            if let Some(screen) = &self.screen {
                (screen.give_back)();
            }
            self.sleep();
        }
        if self.is_in_background() && job_control::in_foreground(&terminal()) {
            self.continued();
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let lives = self.workers.iter().filter_map(|worker| worker.life.deadline());
        let timers = self.workers.iter().filter_map(Worker::timer_deadline);
        let stuck = self.snapshot.workers.iter().filter_map(|view| ending::stuck_at(view));
        // What passed a while ago is known, and must not wake us for ever; what passed just now may not be.
        let known = clock::now().checked_sub(CLEAR_AGAIN);
        let stuck = stuck.filter(|at| self.ending.begun() && known.is_none_or(|known| *at > known));
        let clearing = self.clearing.map(|_| clock::now() + CLEAR_AGAIN);
        let away = self.is_in_background().then(|| clock::now() + LOOK_UP);
        let errands = self.errands.deadline();
        let all =
            lives.chain(timers).chain(stuck).chain(errands).chain(self.glance_at).chain(self.suspending);
        all.chain(clearing).chain(away).min()
    }
}
