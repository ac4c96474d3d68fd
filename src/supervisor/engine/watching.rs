//! What each worker uses, as the census last saw it, against its bounds; and what is done about a
//! runaway. Whether one is one, `runaway.rs` says.

use super::Supervisor;
use crate::protocol::{Excess, Update, Usage};
use crate::signal::Signal;
use crate::spec::RunawayAction;
use crate::supervisor::life::Input;
use crate::supervisor::runaway::Finding;
use crate::sys::clock;

impl Supervisor {
    /// A sample of every worker, by its place.
    pub(super) fn sampled(&mut self, usages: &[Usage]) {
        let now = clock::now();
        for (place, usage) in usages.iter().enumerate().take(self.workers.len()) {
            let worker = &mut self.workers[place];
            let said = worker.output.said();
            let findings = worker.watched(now, usage, said);
            let name = worker.spec.name.clone();
            for finding in findings {
                match finding {
                    Finding::Began(excess, after) => {
                        self.tell(&Update::Runaway(name.clone(), excess, after));
                        self.act_upon(place, excess);
                    }
                    Finding::Over(measure) => self.tell(&Update::Tamed(name.clone(), measure)),
                }
            }
        }
    }

    fn act_upon(&mut self, place: usize, excess: Excess) {
        match excess.action {
            RunawayAction::Warn => {}
            // A process of somebody else's that minder may not touch: that is said.
            RunawayAction::Freeze | RunawayAction::Terminate if self.may_not_signal(place) => {}
            RunawayAction::Freeze => self.give(place, Input::SignalTree(Signal::STOP)),
            RunawayAction::Terminate => self.give(place, Input::Runaway),
        }
    }
}
