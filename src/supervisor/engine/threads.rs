//! Thread workers in the loop: started, asked, let go, heard of; and workers that are added while it
//! runs.

use super::super::declaration::{AddError, Declaration};
use super::super::inbox::Request;
use super::super::life::{Failure, Input};
use super::super::worker::Worker;
use super::Supervisor;
use crate::census::Question;
use crate::protocol::{Phase, Run, Update};
use crate::reactor::{Order, RunId};
use crate::spec::{Program, Spec, WorkerName};
use crate::sys::clock;
use crate::tail::{self, Added};
use crate::threads::{self, Job, Joiner, Report, Surroundings, Verdict};
use crossbeam_channel::bounded;
use std::sync::Arc;
use std::thread::JoinHandle;

impl Supervisor {
    /// Minds one more worker; does not start it.
    pub(super) fn add(&mut self, declaration: Declaration) -> Result<usize, AddError> {
        let Declaration { spec, job, talk } = declaration;
        if self.ending.begun() {
            return Err(AddError::Ending);
        }
        if self.places.contains_key(&spec.name) {
            return Err(AddError::NameTaken(spec.name));
        }
        let (place, name) = (self.workers.len(), spec.name.clone());
        let output = self.outputs.make(&spec, talk.as_ref().map(|talk| &talk.capture), &self.options);
        self.inbox.outputs.add(name.clone(), Arc::clone(&output));
        self.reactor.order(Order::Host(Arc::clone(&output)));
        let seed = u64::from(std::process::id()).wrapping_mul(31).wrapping_add(place as u64);
        let job = job.or_else(|| self.following(&spec));
        let declaration = Declaration { spec, job, talk };
        let worker = Worker::new(place, declaration, output, seed, self.surroundings);
        self.census.ask(Question::Declare(name.clone(), worker.is_watched()));
        self.places.insert(name, place);
        self.workers.push(worker);
        Ok(place)
    }

    /// What a worker that follows files runs. It may find more of them.
    fn following(&self, spec: &Spec) -> Option<Job> {
        let Program::Follow(follow) = &spec.program else { return None };
        let requests = self.inbox.requests();
        Some(tail::follow(spec, follow, move |spec| {
            let (answer, answered) = bounded(1);
            let asked = requests.send(Request::Add(Box::new(spec.into()), answer));
            // Nobody answers once the supervisor is over.
            match asked.ok().and_then(|()| answered.recv().ok()) {
                Some(Ok(())) => Added::Yes,
                Some(Err(AddError::NameTaken(_))) => Added::NameTaken,
                Some(Err(AddError::Ending | AddError::NoClosure(_) | AddError::NotAThread(_))) | None => {
                    Added::TooLate
                }
            }
        }))
    }

    pub(super) fn answer(&mut self, request: Request) {
        match request {
            Request::Add(declaration, answer) => {
                let added = self.add(*declaration);
                let told = added.as_ref().map(|_| ()).map_err(Clone::clone);
                if let Ok(place) = added {
                    self.start_by_itself(place);
                }
                // Published first: whoever is told that it is there finds it on the board.
                self.publish();
                // Whoever asked may have left.
                let _ = answer.send(told);
            }
            Request::Subscribe(answer) => {
                let (guest, subscriber) = self.inbox.guest();
                self.subscribers.push(subscriber);
                let _ = answer.send(guest);
            }
            Request::Sync(answer) => {
                self.publish();
                let _ = answer.send(());
            }
        }
    }

    pub(super) fn start_by_itself(&mut self, place: usize) {
        if self.workers[place].spec.autostart {
            self.begin(place);
        }
    }

    pub(super) fn spawn_thread(&mut self, place: usize) {
        let worker = &mut self.workers[place];
        let run = worker.run();
        worker.output.set_progress(None);
        self.reactor.order(Order::AdoptThread(run));
        let around = Surroundings {
            name: worker.spec.name.clone(),
            output: Arc::clone(&worker.output),
            bell: self.inbox.bell.clone(),
            reports: self.reports_in.clone(),
        };
        let failure = match worker.job.clone().map(|job| threads::start(run, job, around)) {
            Some(Ok(thread)) => {
                worker.thread = Some(thread);
                return;
            }
            Some(Err(error)) => Failure {
                error: format!("no thread is to be had: {error}").into(),
                code: 125,
                transient: true,
            },
            None => Failure { error: "it was given no closure to run".into(), code: 125, transient: false },
        };
        self.give(place, Input::SpawnFailed(failure));
    }

    pub(super) fn let_go(&mut self, place: usize) {
        let worker = &mut self.workers[place];
        if let Some(thread) = worker.thread.take() {
            thread.let_go();
        }
        if let Some(job) = &worker.job {
            job.abandoned();
        }
        self.publish_threads();
    }

    pub(super) fn hear_of_thread(&mut self, report: Report) {
        match report {
            Report::Started(run, tid) if self.is_present(run) => {
                self.give(run.worker, Input::Spawned(Run { pid: tid, started: clock::now() }));
                self.publish_threads();
                // Everything was killed at once, and this one was not there yet.
                if matches!(self.ending.phase(), Phase::Quitting { killing: true, .. }) {
                    self.give(run.worker, Input::Abandon);
                }
            }
            Report::Progress(run, progress) if self.is_present(run) => {
                let name = self.workers[run.worker].spec.name.clone();
                self.tell(&Update::Progress(name, progress));
            }
            Report::Ruled(run, words) if self.is_present(run) => {
                let words = format!("{}: {words}", self.workers[run.worker].spec.name);
                self.tell(&Update::Notice(words.into()));
            }
            Report::Ended(run, verdict) => self.thread_ended(run, verdict),
            Report::Started(..) | Report::Progress(..) | Report::Ruled(..) => {}
        }
    }

    fn is_present(&self, run: RunId) -> bool {
        let worker = &self.workers[run.worker];
        worker.serial == run.serial && worker.thread.is_some()
    }

    fn thread_ended(&mut self, run: RunId, Verdict { end, words }: Verdict) {
        if !self.is_present(run) {
            let name = &self.workers[run.worker].spec.name;
            let words = format!("{name}: the thread that was abandoned has ended: {end}");
            return self.tell(&Update::Notice(words.into()));
        }
        if let Some(handle) = self.workers[run.worker].thread.take().and_then(|mut thread| thread.over()) {
            self.join(handle);
        }
        self.give(run.worker, Input::ThreadEnded(end, words));
        self.publish_threads();
    }

    /// Only for those that look at samples.
    fn publish_threads(&self) {
        if self.options.sample {
            self.census.roots.set_threads(self.workers.iter().filter_map(Worker::thread_root).collect());
        }
    }

    /// A thread that is over is joined by another: the last of its instructions may take their time.
    fn join(&mut self, handle: JoinHandle<()>) {
        if self.joiner.is_none() {
            self.joiner = Joiner::start().ok();
        }
        if let Some(joiner) = &self.joiner {
            joiner.join(handle);
        }
    }

    /// A thread cannot be killed, and nobody should think so.
    pub(super) fn kill(&mut self, name: &WorkerName) {
        let Some(&place) = self.places.get(name) else { return };
        let worker = &self.workers[place];
        if worker.spec.kind().is_thread() && worker.life.state().alive() {
            let kind = worker.spec.kind().word();
            let words = format!("{name} is a {kind}, which cannot be killed: it is asked to stop");
            self.tell(&Update::Notice(words.into()));
        }
        self.stop(place, Input::Kill);
    }
}
