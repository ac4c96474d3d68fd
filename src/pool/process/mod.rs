//! Workers that run processes: a job is a spec, and its result is what the process said and how it
//! ended. Knows nothing of the supervisor.

mod live;
mod tree;

use super::bell::Bell;
use super::builder::Builder;
use super::error::JobError;
use super::event::Event;
use super::handle::{Pool, Submitter};
use super::job::Job;
use super::kind::{Kind, Post};
use super::map::{Map, chunk_result};
use super::shared::Shared;
use super::window::Handing;
use crate::spec::Spec;
use crate::status::ExitStatus;
pub use live::Output;
pub(super) use live::{Input, Live, Pause, Starter};
use nix::sys::signal::SigSet;
use std::sync::Arc;

/// Bytes of each output that are kept by default.
pub(super) const MAX_OUTPUT: usize = 64 << 20;

/// A worker that runs one process for each job.
#[derive(Debug)]
pub struct Processes {
    post: Post,
    max_output: usize,
    /// Made with the first job: a failure is that job's.
    starter: Option<Starter>,
}

/// What the workers of one pool share.
#[derive(Debug)]
pub struct ProcessSettings {
    pub(super) max_output: usize,
}

/// A process as a job: its spec, and what it is given to read.
///
/// Of the spec count its program, folder, environment, umask, niceness and limits, its standard input
/// if that is a file, and its stop policy, by which it is ended when it is cancelled. Its output goes
/// to pipes; a pool neither shows nor restarts it.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    spec: Spec,
    input: Option<Vec<u8>>,
}

impl Run {
    /// A job without input, unless the spec names a file.
    pub fn new(spec: Spec) -> Self {
        Self { spec, input: None }
    }

    /// Gives it these bytes to read, then the end of input. It need not read them.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }
}

impl From<Spec> for Run {
    fn from(spec: Spec) -> Self {
        Self::new(spec)
    }
}

impl Pool<Processes> {
    /// A pool that runs this many processes at a time, each of which is a job.
    ///
    /// ```
    /// use minder::pool::Pool;
    /// use minder::spec::Spec;
    ///
    /// let pool = Pool::processes(2).start()?;
    /// let words = ["alpha", "beta", "gamma"];
    /// let runs = pool.map(words.map(|word| Spec::exec("upper", ["sh", "-c", "echo $0 | tr a-z A-Z", word])));
    /// let said: Vec<_> = runs.map(|run| String::from_utf8(run.unwrap().stdout).unwrap()).collect();
    /// assert_eq!(said, ["ALPHA\n", "BETA\n", "GAMMA\n"]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn processes(workers: usize) -> Builder<Processes> {
        Builder::new(workers, ProcessSettings { max_output: MAX_OUTPUT })
    }

    /// Gives it a process to run. Never blocks.
    ///
    /// A process that exits is a result, whatever its code: see [`Output::status`]. One that a signal
    /// ended is [`JobError::Died`]. It is over when its first process has ended; what that left
    /// running is killed then.
    pub fn submit(&self, run: impl Into<Run>) -> Job<Output> {
        submit(&self.shared, run.into())
    }

    /// The results of these processes, in their order. Specs are pulled lazily, see [`Map`].
    pub fn map<I>(&self, runs: I) -> Map<I::IntoIter, Output>
    where
        I: IntoIterator,
        I::Item: Into<Run>,
    {
        self.map_in(Handing::InOrder, runs)
    }

    /// As [`map`](Self::map), but each result comes as soon as it is there.
    pub fn map_unordered<I>(&self, runs: I) -> Map<I::IntoIter, Output>
    where
        I: IntoIterator,
        I::Item: Into<Run>,
    {
        self.map_in(Handing::AsTheyFinish, runs)
    }

    fn map_in<I>(&self, handing: Handing, runs: I) -> Map<I::IntoIter, Output>
    where
        I: IntoIterator,
        I::Item: Into<Run>,
    {
        let shared = Arc::clone(&self.shared);
        let submit = move |runs: Vec<I::Item>| {
            let runs: Vec<Run> = runs.into_iter().map(Into::into).collect();
            shared.submit(move |seat| chunk_result(runs.into_iter().map(|run| seat.run(&run))))
        };
        Map::new(runs.into_iter(), handing, 2 * self.workers(), Box::new(submit))
    }
}

impl Submitter<Processes> {
    /// As [`Pool::submit`](Pool::<Processes>::submit).
    pub fn submit(&self, run: impl Into<Run>) -> Job<Output> {
        submit(&self.shared, run.into())
    }
}

fn submit(shared: &Arc<Shared<Processes>>, run: Run) -> Job<Output> {
    shared.submit(move |seat| seat.run(&run))
}

impl Builder<Processes> {
    /// How many bytes of each of a process's outputs are kept, the first ones. What comes after is
    /// read and dropped, and [`Output::truncated`] says so. Default: 64 MiB.
    pub fn max_output(mut self, bytes: usize) -> Self {
        self.settings.max_output = bytes;
        self
    }
}

impl Processes {
    fn run(&mut self, run: &Run) -> Result<Output, JobError> {
        if super::stop_requested() {
            return Err(JobError::Terminated);
        }
        let starter = match &mut self.starter {
            Some(starter) => starter,
            none => none.insert(Starter::new().map_err(JobError::Wires)?),
        };
        let input = run.input.clone().map_or(Input::Spec, Input::Bytes);
        let mut live = starter.start(&run.spec, input, self.max_output).map_err(JobError::NotStarted)?;
        let pid = live.pid();
        self.post.tell(|slot| Event::ProcessStarted { slot, pid });
        let bell: &Bell = &self.post.bell;
        live.converse(bell, None, |_| false);
        let stopped = live.was_stopped();
        let output = starter.finish(live, bell)?;
        match output.status {
            // If it was cancelled, its handle says so instead.
            _ if stopped => Err(JobError::Terminated),
            ExitStatus::Exited(_) => Ok(output),
            // A process ends in one of the two ways above and in this one.
            ExitStatus::Signaled { .. } | ExitStatus::Thread(_) | ExitStatus::Unknown => {
                Err(JobError::Died(Box::new(output)))
            }
        }
    }
}

/// All signals are blocked in a thread of ours that runs no code of the host's: they are for the
/// host's threads. What it starts begins with none blocked. And a process that stops reading is told
/// by EPIPE, not by SIGPIPE.
pub(super) fn block_signals() {
    // EINVAL alone, for a flag that is not one.
    let _ = SigSet::all().thread_block();
}

impl Kind for Processes {
    fn word(workers: usize) -> &'static str {
        if workers == 1 { "process at a time" } else { "processes at a time" }
    }

    type Settings = ProcessSettings;
    const ENDS_WHEN_TOLD: bool = true;
    const IS_ITS_THREAD: bool = false;

    fn open(settings: &ProcessSettings, post: &Post) -> Self {
        block_signals();
        Self { post: post.clone(), max_output: settings.max_output, starter: None }
    }

    fn ready(&mut self, _settings: &ProcessSettings, _post: &Post) -> Result<(), JobError> {
        Ok(())
    }

    fn helper() -> Option<Self> {
        None
    }
}
