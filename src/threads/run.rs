//! One run of a thread worker: the thread, how it is asked to stop or let go, what it reports, and
//! who joins it.

use super::context::{Context, Shared};
use super::work::{Job, Verdict};
use crate::guest::Bell;
use crate::output::Output;
use crate::panics::{Hook, catch};
use crate::protocol::{Pid, Progress};
use crate::reactor::RunId;
use crate::spec::WorkerName;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// What a thread worker tells the thread that decides.
#[derive(Debug)]
pub(crate) enum Report {
    /// It runs; its thread's id.
    Started(RunId, Pid),
    /// Its closure is over, and all that it said is in its pane.
    Ended(RunId, Verdict),
    /// It said how far it is.
    Progress(RunId, Progress),
}

/// What a run is connected to.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) name: WorkerName,
    pub(crate) output: Arc<Output>,
    pub(crate) bell: Bell,
    pub(crate) reports: Sender<Report>,
}

/// A run, as the thread that decides holds it.
#[derive(Debug)]
pub(crate) struct Thread {
    shared: Arc<Shared>,
    /// Dropped, it asks the thread to stop.
    stop: Option<Sender<()>>,
    handle: Option<JoinHandle<()>>,
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.ask_to_stop();
    }
}

impl Thread {
    pub(crate) fn ask_to_stop(&mut self) {
        self.shared.ask();
        self.stop = None;
    }

    /// Takes nothing more from it.
    pub(crate) fn let_go(self) {
        self.shared.end();
    }

    /// It reported its end: what is left is to join it.
    pub(crate) fn over(&mut self) -> Option<JoinHandle<()>> {
        self.handle.take()
    }
}

/// Starts a run. Its first report says that it began.
///
/// # Errors
/// EAGAIN: no more threads are to be had.
pub(crate) fn start(run: RunId, job: Job, around: Surroundings) -> io::Result<Thread> {
    let (stop, asked) = bounded(0);
    let Surroundings { name, output, bell, reports } = around;
    let title = name.as_str().replace('\0', " ");
    let context = Context::new(run, name, output, (bell, reports.clone()), asked);
    let shared = Arc::clone(context.shared());
    let handle = Builder::new().name(title).spawn(move || {
        let tid = Pid(nix::unistd::gettid().as_raw());
        // A closed channel means that the supervisor is over: nobody waits for a word any more.
        let _ = reports.send(Report::Started(run, tid));
        let verdict =
            catch(Hook::Silent, || job.run(&context)).unwrap_or_else(|panic| Verdict::panicked(&panic));
        drop(job);
        context.shared().end();
        drop(context);
        let _ = reports.send(Report::Ended(run, verdict));
    })?;
    Ok(Thread { shared, stop: Some(stop), handle: Some(handle) })
}

/// A thread that serves somebody until its channels close, and how to see it gone.
#[derive(Debug)]
pub(crate) struct Served {
    over: Receiver<()>,
    handle: JoinHandle<()>,
}

impl Served {
    /// # Errors
    /// EAGAIN: no more threads are to be had.
    pub(crate) fn start(name: &str, serve: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let (going, over) = bounded(0);
        let handle = Builder::new().name(name.into()).spawn(move || {
            let _going: Sender<()> = going;
            serve();
        })?;
        Ok(Self { over, handle })
    }

    /// Waits until it is gone, for so long at most. Whoever served must have closed its channels.
    pub(crate) fn finish(self, at_most: Duration) {
        if self.over.recv_timeout(at_most) == Err(RecvTimeoutError::Disconnected) {
            // What is left of it are its last instructions.
            let _ = self.handle.join();
        }
    }
}

/// Joins threads that are over, so that nobody who decides has to wait for the last of their
/// instructions: a thread's own data may have destructors, and those may take their time.
#[derive(Debug)]
pub(crate) struct Joiner {
    threads: Sender<JoinHandle<()>>,
    served: Served,
}

impl Joiner {
    /// # Errors
    /// EAGAIN: no more threads are to be had.
    pub(crate) fn start() -> io::Result<Self> {
        let (threads, ended) = unbounded::<JoinHandle<()>>();
        let served = Served::start("joiner", move || {
            for thread in ended {
                // It panicked outside of its closure, as in the destructor of its own data.
                let _ = thread.join();
            }
        })?;
        Ok(Self { threads, served })
    }

    /// Joins it, soon.
    pub(crate) fn join(&self, thread: JoinHandle<()>) {
        // A closed channel: it panicked, and the thread is detached.
        let _ = self.threads.send(thread);
    }

    /// Waits until all are joined, for so long at most.
    pub(crate) fn finish(self, at_most: Duration) {
        drop(self.threads);
        self.served.finish(at_most);
    }
}
