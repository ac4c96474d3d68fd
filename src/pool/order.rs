//! Which job is next, who runs what, and what is counted. Pure: no threads, no clock, no locks; knows
//! nothing of what a job is.

use std::collections::VecDeque;

/// A job's number in its pool, from 0 in the order of submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// How many jobs of a pool are where. `submitted` is the sum of all others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Progress {
    /// All that were accepted.
    pub submitted: u64,
    /// Those that no worker has taken yet.
    pub waiting: u64,
    /// Those that workers are at.
    pub running: u64,
    /// Those that returned.
    pub done: u64,
    /// Those that ended in an error of their own: a panic, a worker that died, a failed start.
    pub failed: u64,
    /// Those that were cancelled or that the pool's end refused.
    pub cancelled: u64,
}

impl Progress {
    /// How many have ended, in whatever way.
    pub fn ended(&self) -> u64 {
        self.done + self.failed + self.cancelled
    }

    /// Nothing waits and nothing runs.
    pub fn is_idle(&self) -> bool {
        self.waiting == 0 && self.running == 0
    }
}

/// How a job ended, for the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Failed,
    Cancelled,
}

/// What a worker does next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn<J> {
    Run(JobId, J),
    /// Nothing to do yet.
    Rest,
    /// It served its share: another takes its slot.
    Retire,
    /// The pool is over.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Closed,
    Terminated,
}

/// The jobs of one worker.
#[derive(Debug, Default)]
struct Slot {
    /// What it is at: more than one where a job waits for another and runs it itself.
    running: Vec<JobId>,
    /// How many jobs the present worker took.
    served: u64,
}

/// The machine: jobs wait in the order of their numbers; each is run at most once.
#[derive(Debug)]
pub(super) struct Order<J> {
    /// By number. `None` where one was withdrawn; never at the front.
    queue: VecDeque<(JobId, Option<J>)>,
    slots: Vec<Slot>,
    phase: Phase,
    progress: Progress,
    max_tasks: Option<u64>,
}

impl<J> Order<J> {
    pub(super) fn new(slots: usize, max_tasks: Option<u64>) -> Self {
        let slots = (0..slots).map(|_| Slot::default()).collect();
        Self { queue: VecDeque::new(), slots, phase: Phase::Open, progress: Progress::default(), max_tasks }
    }

    /// Adds a job at the end; gives it back where the pool takes none any more.
    pub(super) fn submit(&mut self, job: J) -> Result<JobId, J> {
        if self.phase != Phase::Open {
            return Err(job);
        }
        let id = JobId(self.progress.submitted);
        self.progress.submitted += 1;
        self.progress.waiting += 1;
        self.queue.push_back((id, Some(job)));
        Ok(id)
    }

    /// The next thing for this slot's worker.
    pub(super) fn take(&mut self, slot: usize) -> Turn<J> {
        let empty = self.queue.is_empty();
        if empty && self.phase != Phase::Open {
            return Turn::End;
        }
        if self.max_tasks.is_some_and(|max| self.slots[slot].served >= max) {
            return Turn::Retire;
        }
        let Some((id, job)) = self.queue.pop_front() else { return Turn::Rest };
        let job = job.expect("what was withdrawn never stands at the front");
        self.trim();
        self.begin(slot, id);
        Turn::Run(id, job)
    }

    /// A worker that is at one job takes this other one, if it still waits: its own waits for it.
    pub(super) fn claim(&mut self, slot: usize, id: JobId) -> Option<J> {
        let job = self.remove(id)?;
        self.begin(slot, id);
        Some(job)
    }

    fn begin(&mut self, slot: usize, id: JobId) {
        self.progress.waiting -= 1;
        self.progress.running += 1;
        self.slots[slot].served += 1;
        self.slots[slot].running.push(id);
    }

    /// The worker is through with it.
    pub(super) fn finish(&mut self, slot: usize, id: JobId, outcome: Outcome) {
        let running = &mut self.slots[slot].running;
        debug_assert_eq!(running.last(), Some(&id), "jobs that wait for each other end inside out");
        running.retain(|other| *other != id);
        self.progress.running -= 1;
        self.count(outcome);
    }

    /// Takes a job out that still waits: it is cancelled.
    pub(super) fn withdraw(&mut self, id: JobId) -> Option<J> {
        let job = self.remove(id)?;
        self.progress.waiting -= 1;
        self.count(Outcome::Cancelled);
        Some(job)
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Done => self.progress.done += 1,
            Outcome::Failed => self.progress.failed += 1,
            Outcome::Cancelled => self.progress.cancelled += 1,
        }
    }

    fn remove(&mut self, id: JobId) -> Option<J> {
        let at = self.queue.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        let job = self.queue[at].1.take()?;
        self.trim();
        Some(job)
    }

    /// What was withdrawn is forgotten once it would be next.
    fn trim(&mut self) {
        while self.queue.front().is_some_and(|(_, job)| job.is_none()) {
            self.queue.pop_front();
        }
    }

    /// Another worker sits down in this slot.
    pub(super) fn succeed(&mut self, slot: usize) {
        self.slots[slot].served = 0;
    }

    /// No more jobs are taken; those that wait are run.
    pub(super) fn close(&mut self) {
        if self.phase == Phase::Open {
            self.phase = Phase::Closed;
        }
    }

    /// No more jobs are taken; those that wait are given back, cancelled.
    pub(super) fn terminate(&mut self) -> Vec<J> {
        self.phase = Phase::Terminated;
        let refused: Vec<J> = self.queue.drain(..).filter_map(|(_, job)| job).collect();
        self.progress.cancelled += self.progress.waiting;
        self.progress.waiting = 0;
        refused
    }

    /// Whether it takes no jobs any more and all have ended.
    pub(super) fn is_over(&self) -> bool {
        self.phase != Phase::Open && self.progress.is_idle()
    }

    pub(super) fn is_terminated(&self) -> bool {
        self.phase == Phase::Terminated
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    /// The slot whose worker is at this job.
    pub(super) fn slot_of(&self, id: JobId) -> Option<usize> {
        self.slots.iter().position(|slot| slot.running.contains(&id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[derive(Debug, Clone)]
    enum Step {
        Submit,
        Take(usize),
        Claim(usize, u64),
        Finish(usize, u8),
        Withdraw(u64),
        Close,
        Terminate,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            8 => Just(Step::Submit),
            8 => (0..3_usize).prop_map(Step::Take),
            2 => (0..3_usize, 0..40_u64).prop_map(|(slot, id)| Step::Claim(slot, id)),
            8 => (0..3_usize, 0..3_u8).prop_map(|(slot, outcome)| Step::Finish(slot, outcome)),
            4 => (0..40_u64).prop_map(Step::Withdraw),
            1 => Just(Step::Close),
            1 => Just(Step::Terminate),
        ];
        proptest::collection::vec(step, 0..200)
    }

    /// What must be so, kept as plainly as can be: every job is in exactly one place.
    #[derive(Default)]
    struct Model {
        waiting: BTreeSet<u64>,
        running: BTreeMap<usize, Vec<u64>>,
        served: BTreeMap<usize, u64>,
        ended: BTreeMap<u64, u8>,
        submitted: u64,
        open: bool,
    }

    impl Model {
        fn run(&mut self, slot: usize, id: u64) {
            assert!(self.waiting.remove(&id), "{id} is run while it waits, and once");
            self.running.entry(slot).or_default().push(id);
            *self.served.entry(slot).or_default() += 1;
        }

        fn end(&mut self, id: u64, how: u8) {
            assert!(self.ended.insert(id, how).is_none(), "{id} ends once");
        }

        fn progress(&self) -> Progress {
            let count = |how| self.ended.values().filter(|each| **each == how).count() as u64;
            Progress {
                submitted: self.submitted,
                waiting: self.waiting.len() as u64,
                running: self.running.values().map(Vec::len).sum::<usize>() as u64,
                done: count(0),
                failed: count(1),
                cancelled: count(2),
            }
        }
    }

    const OUTCOMES: [Outcome; 3] = [Outcome::Done, Outcome::Failed, Outcome::Cancelled];
    const MAX: u64 = 5;

    fn step(order: &mut Order<u64>, model: &mut Model, step: &Step) {
        match *step {
            Step::Submit => match order.submit(model.submitted) {
                Ok(id) => {
                    assert!(model.open);
                    assert_eq!(id.0, model.submitted);
                    model.waiting.insert(id.0);
                    model.submitted += 1;
                }
                Err(job) => assert!(!model.open && job == model.submitted),
            },
            // A worker asks for the next job when it is through with the one before.
            Step::Take(slot) if model.running.get(&slot).is_none_or(Vec::is_empty) => {
                match order.take(slot) {
                    Turn::Run(id, job) => {
                        assert_eq!(id.0, job);
                        assert_eq!(model.waiting.first(), Some(&job), "the oldest comes first");
                        assert!(model.served.get(&slot).is_none_or(|served| *served < MAX));
                        model.run(slot, job);
                    }
                    Turn::Rest => assert!(model.open && model.waiting.is_empty()),
                    Turn::End => assert!(!model.open && model.waiting.is_empty()),
                    Turn::Retire => {
                        assert!(model.served[&slot] >= MAX);
                        order.succeed(slot);
                        model.served.insert(slot, 0);
                    }
                }
            }
            Step::Claim(slot, id) if model.running.get(&slot).is_some_and(|jobs| !jobs.is_empty()) => {
                let claimed = order.claim(slot, JobId(id));
                assert_eq!(claimed.is_some(), model.waiting.contains(&id));
                if claimed.is_some() {
                    model.run(slot, id);
                    assert_eq!(order.slot_of(JobId(id)), Some(slot));
                }
            }
            Step::Finish(slot, how) => {
                if let Some(id) = model.running.get_mut(&slot).and_then(Vec::pop) {
                    order.finish(slot, JobId(id), OUTCOMES[usize::from(how)]);
                    model.end(id, how);
                    assert_eq!(order.slot_of(JobId(id)), None);
                }
            }
            Step::Withdraw(id) => {
                let withdrawn = order.withdraw(JobId(id));
                assert_eq!(withdrawn, model.waiting.take(&id));
                if withdrawn.is_some() {
                    model.end(id, 2);
                }
            }
            Step::Close => {
                order.close();
                model.open = false;
            }
            Step::Terminate => {
                let refused = order.terminate();
                let waiting = std::mem::take(&mut model.waiting);
                assert_eq!(refused, waiting.iter().copied().collect::<Vec<_>>());
                for id in refused {
                    model.end(id, 2);
                }
                model.open = false;
            }
            Step::Take(_) | Step::Claim(..) => {}
        }
    }

    proptest! {
        #[test]
        fn every_job_is_in_one_place_and_runs_once_in_order(steps in steps()) {
            let mut order = Order::new(3, Some(MAX));
            let mut model = Model { open: true, ..Model::default() };
            for each in &steps {
                step(&mut order, &mut model, each);
                let progress = order.progress();
                prop_assert_eq!(progress, model.progress());
                prop_assert_eq!(progress.submitted, progress.waiting + progress.running + progress.ended());
            }
            // Whatever happened: once it is closed and all go on, everything ends.
            order.close();
            model.open = false;
            for round in 0..2 * model.submitted + 4 {
                let slot = round as usize % 3;
                for _ in 0..3 { step(&mut order, &mut model, &Step::Finish(slot, 0)); }
                step(&mut order, &mut model, &Step::Take(slot));
            }
            for slot in [0, 1, 2, 0, 1, 2] { step(&mut order, &mut model, &Step::Finish(slot, 0)); }
            prop_assert!(order.progress().is_idle());
            prop_assert_eq!(order.progress().ended(), order.progress().submitted);
        }
    }
}
