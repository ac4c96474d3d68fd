//! How the loop ends: who asked, whether all is over, and what is cleared away.

use super::super::ending::{self, Request};
use super::super::life::Input;
use super::{CLEARING, Footing, Outcome, Supervisor};
use crate::guest::Subscriber;
use crate::protocol::{Phase, Pid, ProcessRef, ScreenOrder, Snapshot, Update, WorkerView};
use crate::signal::Signal;
use crate::spec::Kind;
use crate::sys::handle::Handle;
use crate::sys::{clock, process};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the threads that serve a supervisor, and those that are over, may take to be gone.
const GONE: Duration = Duration::from_secs(1);

impl Supervisor {
    pub(super) fn end(&mut self, by: Option<Signal>) {
        self.stop_timers();
        match self.ending.request(clock::now(), by) {
            Request::Stop => {
                self.tell(&Update::Quitting(by));
                self.end_errands(false);
                self.give_all(&Input::ShutDown);
            }
            Request::Kill => {
                self.tell(&Update::Killing);
                self.end_errands(true);
                for place in 0..self.workers.len() {
                    let thread = self.workers[place].spec.kind().is_thread();
                    self.give(place, if thread { Input::Abandon } else { Input::Kill });
                }
            }
            Request::Nothing => {}
        }
    }

    /// Whether all is over, and if so who could not be ended.
    pub(super) fn over(&mut self) -> Option<Vec<ProcessRef>> {
        let now = clock::now();
        // Nobody waits for a daemon.
        let holds_nobody = |view: &WorkerView| {
            view.at_rest() || (view.kind == Kind::Thread { daemon: true } && view.state.alive())
        };
        let at_rest = self.snapshot.workers.iter().all(|view| holds_nobody(view));
        if !self.ending.begun() && self.options.end_at_rest && at_rest {
            // Nothing more will happen by itself: reap what waits for it, end what was left behind.
            self.ending.begin_quietly(now);
            self.end_errands(false);
            self.give_all(&Input::ShutDown);
            self.publish();
        }
        if !self.ending.begun() {
            return None;
        }
        let busy: Vec<_> = self.snapshot.workers.iter().filter(|view| !view.state.at_rest()).collect();
        let stuck = self.errands.is_empty()
            && busy.iter().all(|view| ending::stuck_at(view).is_some_and(|at| at <= now));
        if !stuck {
            return None;
        }
        // Nobody, or those who do not die: what else was adopted is ended either way.
        let mut survivors: Vec<_> = busy.iter().flat_map(|view| ending::survivors(view)).collect();
        for left in self.clear(now)? {
            if survivors.iter().all(|known| known.pid != left.pid) {
                survivors.push(left);
            }
        }
        Some(survivors)
    }

    /// Ends whatever we adopted and no worker's stop reached: nothing outlives minder.
    fn clear(&mut self, now: Instant) -> Option<Vec<ProcessRef>> {
        if self.options.footing == Footing::Hosted {
            return Some(Vec::new());
        }
        self.reap_adopted();
        let left: Vec<Pid> = self.adopted().into_iter().filter(|pid| !self.inherited.contains(pid)).collect();
        if left.is_empty() {
            return Some(Vec::new());
        }
        let until = *self.clearing.get_or_insert(now + CLEARING);
        for &pid in &left {
            // It is our child: only we can reap it, so the pid is its own.
            if let Ok(child) = Handle::open(pid) {
                let _ = child.signal(Signal::KILL);
            }
        }
        (until <= now).then(|| left.into_iter().map(process::by_name).collect())
    }

    pub(super) fn finish(mut self, survivors: Vec<ProcessRef>) -> Outcome {
        let last =
            Snapshot { phase: Phase::Over, sequence: self.snapshot.sequence + 1, ..(*self.snapshot).clone() };
        self.snapshot = Arc::new(last);
        self.order_screen(ScreenOrder::Close);
        let outcome = Outcome {
            snapshot: Arc::clone(&self.snapshot),
            by: self.ending.by(),
            panicked: self.panicked,
            survivors,
        };
        let Self {
            options, inbox, reactor, census, strangers, outputs, joiner, workers, subscribers, ..
        } = self;
        // Whoever waits for a result hears first that none will come.
        drop(workers);
        if options.footing == Footing::Hosted {
            // The program goes on without us: no thread of ours is left in it.
            let until = clock::now() + GONE;
            let left = || until.saturating_duration_since(clock::now());
            if let Some(joiner) = joiner {
                joiner.finish(left());
            }
            reactor.finish(left());
            census.finish(left());
            strangers.finish(left());
            outputs.finish(left());
        }
        inbox.board.publish(Arc::clone(&outcome.snapshot));
        subscribers.iter().for_each(Subscriber::wake);
        outcome
    }
}
