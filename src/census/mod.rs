//! The thread that looks at /proc: who belongs to whom, who holds what open, what is used, and why
//! a program could not be found. It answers the supervisor's questions, and samples once a second
//! while somebody looks at the board or a worker has a bound; otherwise it sleeps. One worker's tree, or
//! minder itself, is read in detail only while somebody inspects it.

mod family;
mod inspect;
mod kin;
mod order;
mod strangers;
mod usage;

#[cfg(test)]
mod tests;

pub(crate) use family::Root;
pub(crate) use strangers::{Stranger, Strangers};

use crate::guest::{Bell, Board, Usages};
use crate::protocol::{Inspect, Pid, ProcessRef, Usage};
use crate::reactor::RunId;
use crate::spec::WorkerName;
use crate::sys::procfs::{self, Process};
use crate::sys::{clock, spawn::SpawnError};
use crate::threads::Served;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use family::{Families, Relative};
use inspect::{Inspector, Subject};
use order::{Rates, id};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};
use usage::{Meter, Units};

/// The variable that every process of a worker inherits: the worker's name.
pub(crate) const MARK: &str = "MINDER_WORKER";

/// The variable that says which supervisor the mark is of: its pid.
pub(crate) const SUPERVISOR_MARK: &str = "MINDER_SUPERVISOR";

/// The variable that every process of an errand inherits: see [`errand_mark`].
pub(crate) const ERRAND_MARK: &str = "MINDER_ERRAND";

/// What says whose errand a process is of.
pub(crate) fn errand_mark(supervisor: &str, errand: u64) -> String {
    format!("{supervisor}-{errand}")
}

/// How often what is used is sampled.
const SAMPLE: Duration = Duration::from_secs(1);

/// What the supervisor asks.
#[derive(Debug)]
pub(crate) enum Question {
    /// Who is alive of the run's tree besides its first process?
    Family(RunId),
    /// Who has one of these files open? (Named as /proc/PID/fd shows them.)
    Holders(RunId, Vec<String>),
    /// Why could it not be started?
    Explain(RunId, SpawnError),
    /// There is one more worker, at the next place; and whether it is watched for its bounds.
    Declare(WorkerName, bool),
    /// Who is alive of the tree of this errand, besides its first process?
    Kin(u64, Pid),
    /// Which worker is looked at in detail from now on? This one has no [`Answer`]: what is seen is
    /// published on the board.
    Inspect(Option<Inspect>),
}

/// How often processes are listed anew where they do not stay the same: others start theirs all the time.
const LISTINGS: usize = 5;

/// What it is told.
#[derive(Debug)]
pub(crate) enum Answer {
    Family(RunId, Vec<Member>),
    Holders(RunId, Vec<ProcessRef>),
    Explained(RunId, SpawnError, String),
    /// What each worker's tree uses, by its place; once a second, where that was asked for.
    Sampled(Vec<Usage>),
    /// A process to be watched is there.
    Found(RunId, Stranger),
    /// It is not there, and why.
    Missing(RunId, String),
    /// A watched process was stopped or goes on.
    Stopped(RunId, bool),
    /// A watched process has ended.
    Gone(RunId),
    /// Of this errand; empty too where /proc could not be read.
    Kin(u64, Vec<Member>),
    /// /proc could not be read just now.
    Unknown(RunId),
}

/// A process of a worker's tree, named for good by when it started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) process: ProcessRef,
    pub(crate) group: i32,
    pub(crate) start_ticks: u64,
}

/// Workers' first processes, and those that are threads, as the supervisor last said.
#[derive(Debug, Default)]
pub(crate) struct Roots {
    processes: Mutex<Arc<[Root]>>,
    threads: Mutex<Arc<[Root]>>,
}

impl Roots {
    pub(crate) fn set(&self, roots: Arc<[Root]>) {
        *self.processes.lock().unwrap_or_else(PoisonError::into_inner) = roots;
    }

    /// Of these the pid is a thread's id.
    pub(crate) fn set_threads(&self, roots: Arc<[Root]>) {
        *self.threads.lock().unwrap_or_else(PoisonError::into_inner) = roots;
    }

    fn get(&self) -> Arc<[Root]> {
        Arc::clone(&self.processes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn threads(&self) -> Arc<[Root]> {
        Arc::clone(&self.threads.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Who looks at the samples, if anybody does.
#[derive(Debug)]
pub(crate) struct Audience {
    pub(crate) board: Arc<Board>,
    pub(crate) bell: Bell,
}

/// How a worker's process is known that fled from all that it came from; and who is ours.
#[derive(Debug)]
pub(crate) struct Descent {
    /// What the environment of all that this supervisor started says.
    pub(crate) mark: String,
    /// It becomes the parent of those whose own parent ended: all that it started is below it. Else
    /// they go to init, and are known by their mark.
    pub(crate) adopts: bool,
    /// The process above ours that guards it.
    pub(crate) guardian: Option<Pid>,
}

/// The supervisor's handle: questions in.
#[derive(Debug)]
pub(crate) struct Census {
    questions: Sender<Question>,
    served: Served,
    pub(crate) roots: Arc<Roots>,
}

impl Census {
    /// Starts the thread. `names` are the workers' in order.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(crate) fn start(
        names: Vec<WorkerName>,
        audience: Option<Audience>,
        descent: Descent,
        answers: Sender<Answer>,
    ) -> io::Result<Self> {
        let (questions, inbox) = unbounded();
        let roots = Arc::new(Roots::default());
        let units = Units { ticks_per_second: procfs::ticks_per_second(), page_size: procfs::page_size() };
        let us = Pid(std::process::id() as i32);
        let clerk = Clerk {
            us,
            strangers_since: clock_ticks(&descent),
            guardian: descent.guardian,
            mark: descent.mark,
            names,
            roots: Arc::clone(&roots),
            families: Families::default(),
            meter: Meter::new(units),
            threads: Rates::default(),
            answers,
            units,
            inspector: None,
            watches: false,
        };
        let served = Served::start("census", move || clerk.serve(&inbox, audience.as_ref()))?;
        Ok(Self { questions, served, roots })
    }

    /// Ends the thread and waits until it is gone, for so long at most.
    pub(crate) fn finish(self, at_most: Duration) {
        drop(self.questions);
        self.served.finish(at_most);
    }

    /// Asks. Never blocks; the answer comes when it comes.
    pub(crate) fn ask(&self, question: Question) {
        // A closed channel means that the thread is over, which only our own drop brings about.
        let _ = self.questions.send(question);
    }
}

struct Clerk {
    us: Pid,
    guardian: Option<Pid>,
    mark: String,
    /// Where orphans are not handed to us: since when there may be some of ours among strangers.
    strangers_since: Option<u64>,
    names: Vec<WorkerName>,
    roots: Arc<Roots>,
    families: Families,
    meter: Meter,
    /// What thread workers use.
    threads: Rates,
    answers: Sender<Answer>,
    units: Units,
    /// Who is looked at in detail.
    inspector: Option<Inspector>,
    /// The supervisor wants samples: they are answers, too, whether or not anybody else looks.
    watches: bool,
}

impl Clerk {
    fn serve(mut self, questions: &Receiver<Question>, audience: Option<&Audience>) {
        let mut next_sample = audience.is_some().then(clock::now);
        loop {
            match receive(questions, next_sample) {
                // All that were asked before a look are answered by that one look: a thousand workers
                // that end together cost one reading of /proc.
                Ok(question) => {
                    let asked = std::iter::once(question).chain(questions.try_iter()).collect();
                    self.answer_all(asked, audience);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let now = clock::now();
            if self.watches {
                next_sample.get_or_insert(now);
            }
            if next_sample.is_some_and(|due| due <= now) {
                self.sample(audience);
                next_sample = Some(now + SAMPLE);
            }
        }
    }

    fn answer_all(&mut self, questions: Vec<Question>, audience: Option<&Audience>) {
        for question in &questions {
            if let Question::Declare(name, watched) = question {
                self.names.push(name.clone());
                self.watches |= watched;
            }
        }
        let wants_look = questions.iter().any(|question| matches!(question, Question::Family(_)));
        let relatives = if wants_look { self.look().ok() } else { None };
        for question in questions {
            let answer = match question {
                Question::Family(run) => match &relatives {
                    Some(relatives) => Answer::Family(run, members(relatives, run)),
                    None => Answer::Unknown(run),
                },
                Question::Holders(run, files) => Answer::Holders(run, self.holders(&files)),
                Question::Kin(errand, root) => Answer::Kin(errand, self.kin(errand, root)),
                Question::Explain(run, error) => {
                    self.explain(run, error);
                    continue;
                }
                Question::Declare(..) => continue,
                Question::Inspect(wanted) => {
                    if let Some(audience) = audience {
                        self.inspect(wanted, audience);
                    }
                    continue;
                }
            };
            // A closed channel means that the supervisor is over.
            let _ = self.answers.send(answer);
        }
    }

    /// On a thread of its own: a folder of PATH on a dead network mount would keep every answer.
    fn explain(&self, run: RunId, error: SpawnError) {
        let (answers, kept) = (self.answers.clone(), error.clone());
        let explain = move || {
            let text = error.explain();
            let _ = answers.send(Answer::Explained(run, error, text));
        };
        if thread::Builder::new().name("explain".into()).spawn(explain).is_err() {
            // No thread is to be had either, as after EAGAIN: then here, whatever it takes.
            let words = kept.explain();
            let _ = self.answers.send(Answer::Explained(run, kept, words));
        }
    }

    fn look(&mut self) -> io::Result<Vec<Relative>> {
        let (us, names) = (self.us, &self.names);
        let mark = |pid| {
            let supervisor = procfs::settled_environment(pid, SUPERVISOR_MARK)?;
            let name = procfs::environment(pid, MARK)?;
            (supervisor == self.mark).then(|| names.iter().position(|known| known.as_str() == name))?
        };
        let processes = self.processes()?;
        Ok(self.families.sort(us, self.strangers_since, &processes, &self.roots.get(), mark))
    }

    /// All processes. They are not read at one instant: a parent may be gone before it is read, and its
    /// child come after the list was. Where orphans come to us that child is found later; elsewhere the
    /// list is read until it stays the same.
    fn processes(&self) -> io::Result<Vec<Process>> {
        let mut processes = procfs::all()?;
        let Some(since) = self.strangers_since else { return Ok(processes) };
        let young = |processes: &[Process]| -> Vec<(Pid, u64)> {
            let young = processes.iter().filter(|process| process.start_ticks >= since);
            young.map(|process| (process.pid, process.start_ticks)).collect()
        };
        for _ in 0..LISTINGS {
            let again = procfs::all()?;
            let settled = young(&again) == young(&processes);
            processes = again;
            if settled {
                break;
            }
        }
        Ok(processes)
    }

    fn kin(&self, errand: u64, root: Pid) -> Vec<Member> {
        let wanted = errand_mark(&self.mark, errand);
        let marked = |pid| procfs::environment(pid, ERRAND_MARK).is_some_and(|mark| mark == wanted);
        let roots = self.roots.get();
        let strange = |pid| !roots.iter().any(|root| root.pid == pid);
        let processes = procfs::all().unwrap_or_default();
        kin::of(self.us, root, &processes, |pid| strange(pid) && marked(pid)).map(member).collect()
    }

    fn holders(&self, files: &[String]) -> Vec<ProcessRef> {
        let ours = |process: &Process| process.pid == self.us;
        procfs::all()
            .unwrap_or_default()
            .iter()
            .filter(|process| !process.is_zombie() && !ours(process) && procfs::holds(process.pid, files))
            .map(reference)
            .collect()
    }

    /// Looks at another worker, opens other threads, or looks no more.
    fn inspect(&mut self, wanted: Option<Inspect>, audience: &Audience) {
        let subject = |wanted: Inspect| {
            let subject = match wanted.worker {
                Some(name) => Subject::Worker(self.names.iter().position(|known| *known == name)?, name),
                None => Subject::Minder,
            };
            Some((subject, wanted.opened))
        };
        let Some((subject, opened)) = wanted.and_then(subject) else {
            self.inspector = None;
            audience.board.publish_tree(None);
            return;
        };
        if self.inspector.as_ref().is_none_or(|inspector| inspector.subject != subject) {
            self.inspector = Some(Inspector::new(subject, self.units));
        }
        if let Some(inspector) = &mut self.inspector {
            inspector.open(opened);
        }
        // Whoever opens a view does not wait for the next second.
        if let Ok(relatives) = self.look() {
            self.show_tree(&relatives, audience);
            audience.bell.ring();
        }
    }

    fn show_tree(&mut self, relatives: &[Relative], audience: &Audience) {
        let Some(inspector) = &mut self.inspector else { return };
        let family = match inspector.subject {
            Subject::Worker(place, _) => {
                let of_worker = relatives.iter().filter(|relative| relative.worker == place);
                let mut family: Vec<Relative> = of_worker.cloned().collect();
                let thread = self.roots.threads().iter().any(|root| root.worker == place);
                if let Some(process) = thread.then(|| procfs::read(self.us)).flatten() {
                    // A thread is shown among those of our own process, by name.
                    inspector.open(vec![id(&process)]);
                    family.push(Relative { worker: place, process, first: true, adopted: false });
                }
                family
            }
            Subject::Minder => own_family(self.us, self.guardian),
        };
        let tree = inspector.read(clock::now(), &family);
        audience.board.publish_tree(Some(Arc::new(tree)));
    }

    /// Of a thread only its time is its own: memory is the program's.
    fn sample_threads(&mut self, usages: &mut [Usage]) {
        let roots = self.roots.threads();
        let look = |root: &Root| Some((root.worker, procfs::read_thread(self.us, root.pid)?));
        let threads: Vec<_> = roots.iter().filter_map(look).collect();
        let used = threads.iter().map(|(_, thread)| (id(thread), thread.cpu_ticks));
        self.threads.look(clock::now(), self.units.ticks_per_second, used);
        for (worker, thread) in threads {
            if let Some(usage) = usages.get_mut(worker) {
                (usage.cpu_percent, usage.threads) = (self.threads.percent(id(&thread)), 1);
            }
        }
    }

    fn sample(&mut self, audience: Option<&Audience>) {
        let Ok(relatives) = self.look() else { return };
        let mut usages = self.meter.read(clock::now(), &relatives, self.names.len());
        self.sample_threads(&mut usages);
        if self.watches {
            // A closed channel means that the supervisor is over.
            let _ = self.answers.send(Answer::Sampled(usages.clone()));
        }
        let Some(audience) = audience else { return };
        self.show_tree(&relatives, audience);
        let usages: Usages = self.names.iter().cloned().zip(usages).collect();
        audience.board.publish_usages(Arc::new(usages));
        audience.bell.ring();
    }
}

/// Our own start, in clock ticks since boot: whatever a worker started came later.
fn clock_ticks(descent: &Descent) -> Option<u64> {
    let us = || procfs::read(Pid(std::process::id() as i32));
    (!descent.adopts).then(|| us().map_or(0, |process| process.start_ticks))
}

/// This process, and above it the one that guards it while it is there.
fn own_family(us: Pid, guardian: Option<Pid>) -> Vec<Relative> {
    let Some(own) = procfs::read(us) else { return Vec::new() };
    // Its pid is its own only as long as it is our parent.
    let guardian = guardian.filter(|guardian| *guardian == own.parent).and_then(procfs::read);
    let of_minder = |process| Relative { worker: usize::MAX, process, first: false, adopted: false };
    guardian.into_iter().chain([own]).map(of_minder).collect()
}

/// Who of the run's tree is alive besides its first process.
fn members(relatives: &[Relative], run: RunId) -> Vec<Member> {
    relatives
        .iter()
        .filter(|relative| relative.worker == run.worker && !relative.first)
        .map(|relative| &relative.process)
        .filter(|process| !process.is_zombie())
        .map(member)
        .collect()
}

fn member(process: &Process) -> Member {
    Member { process: reference(process), group: process.group, start_ticks: process.start_ticks }
}

fn receive(questions: &Receiver<Question>, until: Option<Instant>) -> Result<Question, RecvTimeoutError> {
    match until {
        Some(until) => questions.recv_deadline(until),
        None => questions.recv().map_err(|_| RecvTimeoutError::Disconnected),
    }
}

fn reference(process: &Process) -> ProcessRef {
    // One in state D may hold what its command line is read under: whoever asks for that waits as long.
    let line = (process.state != 'D').then(|| procfs::command_line(process.pid)).flatten();
    let name = line.unwrap_or_else(|| process.name.clone());
    ProcessRef { pid: process.pid, name: name.into() }
}
