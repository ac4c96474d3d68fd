//! A supervisor before it runs: what it is to mind, and where.

use super::conversation::Conversation;
use super::process::ProcessHandle;
use super::remote::Remote;
use super::running::Running;
use super::thread::ThreadHandle;
use crate::face::{self, Ground, Job};
use crate::headless;
use crate::output::KeyFlags;
use crate::pool::{self, Pool};
use crate::protocol::Size;
use crate::spec::{LogBudget, Spec};
use crate::supervisor::{AddError, Declaration, Ears, Footing, Inbox, Options, Outcome, Supervisor as Core};
use crate::sys::terminal::Terminal;
use crate::threads::{self, Context};
use crate::ui::Keymap;
use crossbeam_channel::never;
use std::fmt::{Debug, Display};
use std::io;

/// Minds processes and threads for your program.
///
/// Declare workers, then let it run: in the background ([`Supervisor::start`]), on this thread until
/// nothing runs any more ([`Supervisor::run`]), printing what workers say
/// ([`Supervisor::run_headless`]), or with the screen ([`Supervisor::run_screen`]). Until then nothing
/// happens; no thread is started.
///
/// Of your program nothing is changed behind its back: no signal handler, no signal mask, no resource
/// limit, and no child is touched or reaped but the workers. Two things are to be known. Its panic hook
/// is put behind one that keeps panics of thread workers to their panes, and hands on all others. And
/// a process that a worker started and that then fled, with a session and parent of its own, is found
/// only while its environment tells whose it is; `minder`, the program, catches those too, as their new
/// parent, which a library must not make of your program.
///
/// ```
/// use minder::{Spec, Supervisor};
///
/// let mut supervisor = Supervisor::new();
/// supervisor.add(Spec::shell("greeter", "echo hello"))?;
/// let sum = supervisor.add_thread(Spec::thread("adder", "adds up"), |context| {
///     for step in 1..=3 {
///         context.progress(step, 3);
///     }
///     Ok::<u32, String>(1 + 2 + 3)
/// })?;
/// let outcome = supervisor.run()?;
/// assert_eq!(sum.join(None)?, 6);
/// assert!(outcome.snapshot.workers.iter().all(|worker| worker.state.at_rest()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Supervisor {
    declared: Vec<Declaration>,
    inbox: Inbox,
    hear_signals: bool,
}

/// The size of panes where there is no screen.
const SIZE: Size = Size { columns: 80, rows: 24 };

impl Supervisor {
    /// Nothing to mind yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks it to hear signals: SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH, SIGUSR1,
    /// SIGUSR2 and SIGCHLD.
    ///
    /// They are then blocked in the thread that starts or runs it, and so in all threads that it starts
    /// but one, which only hands them on: call this from the main thread, before others are started.
    /// Run on this thread, it acts on them as the program `minder` does: SIGINT, SIGTERM and SIGHUP stop
    /// all workers in order, a second one kills. In the background they come out of
    /// [`Running::signals`], and what they mean is for you to say. Handlers that your program had
    /// installed are called as before; afterwards, what had its default has it again.
    ///
    /// Without this no handler is installed and no signal blocked. That a worker is stopped or continued
    /// by a signal is then noticed only twice a second.
    #[must_use]
    pub fn hear_signals(mut self) -> Self {
        self.hear_signals = true;
        self
    }

    /// One more process.
    ///
    /// # Errors
    /// [`AddError::NameTaken`]; [`AddError::NoClosure`] for a thread's spec.
    pub fn add(&mut self, spec: Spec) -> Result<ProcessHandle, AddError> {
        let name = spec.name.clone();
        if spec.kind().is_thread() {
            return Err(AddError::NoClosure(name));
        }
        self.declare(spec.into())?;
        Ok(ProcessHandle::new(self.remote(), name))
    }

    /// One more process, to be talked to: its standard input is yours, and what it says is kept for you
    /// byte for byte, besides being shown.
    ///
    /// # Errors
    /// As [`Supervisor::add`].
    pub fn open(&mut self, spec: Spec) -> Result<Conversation, AddError> {
        let (spec, wires) = super::conversation::prepare(spec);
        let name = spec.name.clone();
        if spec.kind().is_thread() {
            return Err(AddError::NoClosure(name));
        }
        self.declare(Declaration { talk: Some(wires.talk()), ..spec.into() })?;
        Ok(Conversation::new(ProcessHandle::new(self.remote(), name), wires))
    }

    /// One more thread, which runs this closure; a restart runs it again. `spec` is of [`Spec::thread`].
    ///
    /// What it returns, its error or its panic are shown, and come out of the handle.
    ///
    /// # Errors
    /// [`AddError::NameTaken`]; [`AddError::NotAThread`] for a process's spec.
    pub fn add_thread<T, E, F>(&mut self, spec: Spec, closure: F) -> Result<ThreadHandle<T, E>, AddError>
    where
        F: Fn(&Context) -> Result<T, E> + Send + Sync + 'static,
        T: Debug + Send + 'static,
        E: Display + Send + 'static,
    {
        let name = spec.name.clone();
        if !spec.kind().is_thread() {
            return Err(AddError::NotAThread(name));
        }
        let (job, results) = threads::job(closure);
        self.declare(Declaration::thread(spec, job))?;
        Ok(ThreadHandle::new(self.remote(), name, results))
    }

    /// Shows a pool of your program as a worker of its name: how many jobs are queued, run, are done and
    /// have failed, and in its pane a line for each that failed.
    ///
    /// The worker runs until the pool takes no more jobs and all have ended ([`Pool::close`],
    /// [`Pool::terminate`], or its drop): [`Supervisor::run`] waits for that. Stopped, also at the end of
    /// the supervisor, it terminates the pool. The pool stays yours.
    ///
    /// ```
    /// use minder::pool::Pool;
    /// use minder::Supervisor;
    ///
    /// let pool = Pool::threads(2).name("squares").start()?;
    /// let mut supervisor = Supervisor::new();
    /// supervisor.add_pool(&pool)?;
    /// let squares: Vec<_> = (0..100_u64).map(|n| pool.submit(move || n * n)).collect();
    /// pool.close();
    /// let outcome = supervisor.run()?;
    /// assert_eq!(outcome.snapshot.workers[0].result.as_deref(), Some("100 done"));
    /// # drop(squares);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`AddError::NameTaken`].
    pub fn add_pool<S: pool::Kind>(&mut self, pool: &Pool<S>) -> Result<(), AddError> {
        let (spec, job) = super::pool::worker(pool);
        self.declare(Declaration::thread(spec, job))
    }

    fn declare(&mut self, declaration: Declaration) -> Result<(), AddError> {
        let name = &declaration.spec.name;
        if self.declared.iter().any(|known| known.spec.name == *name) {
            return Err(AddError::NameTaken(name.clone()));
        }
        self.declared.push(declaration);
        Ok(())
    }

    /// By which any thread talks to it, as soon as it runs. What is asked before is done then.
    pub fn remote(&self) -> Remote {
        Remote::new(&self.inbox)
    }

    /// Runs it in the background, on a thread of its own, until it is told to end or is dropped.
    ///
    /// # Errors
    /// When threads or descriptors are not to be had.
    pub fn start(self) -> io::Result<Running> {
        let Self { declared, inbox, hear_signals } = self;
        let remote = Remote::new(&inbox);
        Running::start(remote, hear_signals, move |ears| {
            Ok((Core::with(inbox, declared, options(false))?, ears))
        })
    }

    /// Runs it on this thread, in silence, until nothing runs and nothing will start by itself.
    ///
    /// # Errors
    /// When threads or descriptors are not to be had.
    pub fn run(self) -> io::Result<Outcome> {
        let listening = self.hear_signals.then(crate::sys::hosted::listen).transpose()?;
        let ears = listening.as_ref().map_or_else(deaf, |listening| Ears {
            signals: listening.signals.clone(),
            children: listening.children.clone(),
        });
        Ok(Core::with(self.inbox, self.declared, options(true))?.run(ears, None))
    }

    /// As [`Supervisor::run`], printing each line with its worker's name before it on standard output,
    /// what happens on standard error, and a summary, as `minder` does without a screen.
    ///
    /// # Errors
    /// As there.
    pub fn run_headless(self, settings: headless::Settings) -> io::Result<Outcome> {
        let listening = self.hear_signals.then(crate::sys::hosted::listen).transpose()?;
        let ground = Ground::hosted(listening.as_ref());
        let job = Job::hosted(self.declared, self.inbox);
        over(face::headless(&ground, job, settings)?)
    }

    /// Runs it on this thread, the main one, with the screen on the terminal of standard input and
    /// output, until its user quits.
    ///
    /// A screen needs signals, for its size and Ctrl-Z: this asks for them, as
    /// [`Supervisor::hear_signals`].
    ///
    /// # Errors
    /// ENOTTY where standard input and output are no terminal, what is wrong with `MINDER_KITTY`, and as
    /// [`Supervisor::run`].
    pub fn run_screen(self, keymap: Keymap) -> io::Result<Outcome> {
        let terminal = Terminal::open()?;
        let keyboard = face::speech().map_err(io::Error::other)?;
        let listening = crate::sys::hosted::listen()?;
        let ground = Ground::hosted(Some(&listening));
        let job = Job::hosted(self.declared, self.inbox);
        let color = std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
        over(face::screen(&ground, job, terminal, keymap, keyboard, color)?)
    }
}

fn over(minded: face::Minded) -> io::Result<Outcome> {
    minded.outcome.ok_or_else(|| io::Error::other("the supervisor panicked"))
}

pub(super) fn deaf() -> Ears {
    Ears { signals: never(), children: never() }
}

pub(super) fn options(end_at_rest: bool) -> Options {
    Options {
        footing: Footing::Hosted,
        size: SIZE,
        emulate: false,
        printed: false,
        keyboard: KeyFlags::NONE,
        interactive: false,
        end_at_rest,
        forward_signals: false,
        sample: false,
        log: LogBudget::default(),
        listeners: Vec::new(),
        keep_ignored: Vec::new(),
        descriptors: None,
        guardian: None,
    }
}
