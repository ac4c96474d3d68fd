//! Where tasks are given and news of them come from: one thread for each task. Knows nothing of how a
//! task is done.

use super::capture::Captured;
use super::{copy, open, pipe, save};
use crate::guest::Guest;
use crate::output::{Excerpt, Form};
use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded, unbounded};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// What is to be done with an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// To the clipboard.
    Copy,
    /// Into a file.
    Save {
        /// Its name; a `~` at the beginning is the home folder.
        path: PathBuf,
        /// Plain or with colours.
        form: Form,
        /// It may take the place of a file that is there.
        replace: bool,
    },
    /// Into `$PAGER`, on the terminal.
    Page,
    /// Into `$EDITOR`, on the terminal, as a file that is gone afterwards.
    Edit,
    /// Into `sh -c command`, whose output is kept.
    Pipe {
        /// The command.
        command: String,
        /// What it says.
        captured: Arc<Captured>,
    },
}

/// What became of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// This is to be written to the terminal, which puts it into the clipboard.
    Terminal(Vec<u8>),
    /// It is done; in words.
    Done(String),
    /// It could not be done; in words.
    Failed(String),
    /// There is a file of that name.
    Exists(PathBuf),
    /// The command ended; in words.
    Piped(String),
}

/// News of one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whose, as [`Running::id`] says.
    pub task: u64,
    /// What.
    pub news: News,
    /// Nothing more comes of it.
    pub last: bool,
}

/// How far a task is.
#[derive(Debug, Default)]
pub struct Progress {
    lines: AtomicU64,
    bytes: AtomicU64,
    left: AtomicU64,
}

impl Progress {
    /// Lines and bytes that were taken out, and lines that are left to be looked at.
    pub fn now(&self) -> (u64, u64, u64) {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        (read(&self.lines), read(&self.bytes), read(&self.left))
    }

    pub(super) fn set(&self, lines: u64, bytes: u64, left: u64) {
        self.lines.store(lines, Ordering::Relaxed);
        self.bytes.store(bytes, Ordering::Relaxed);
        self.left.store(left, Ordering::Relaxed);
    }
}

/// A task that is going on. Dropped, it is cancelled.
#[derive(Debug)]
pub struct Running {
    /// Its number.
    pub id: u64,
    /// How far it is.
    pub progress: Arc<Progress>,
    _cancel: Sender<()>,
}

/// Gives out tasks.
#[derive(Debug, Clone)]
pub struct Desk {
    guest: Guest,
    reports: Sender<Report>,
    news: Receiver<Report>,
    /// Dropped by the last task that is over: whoever has the other end waits for them so.
    busy: Option<Sender<()>>,
}

/// The numbers of tasks and of their errands.
static NUMBERS: AtomicU64 = AtomicU64::new(1);

pub(super) fn next_number() -> u64 {
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

impl Desk {
    /// A desk whose tasks hold `busy` until they are over.
    pub fn new(guest: Guest, busy: Option<Sender<()>>) -> Self {
        let (reports, news) = unbounded();
        Self { guest, reports, news, busy }
    }

    /// What became of tasks.
    pub fn news(&self) -> &Receiver<Report> {
        &self.news
    }

    /// Begins a task.
    ///
    /// # Errors
    /// EAGAIN where no thread can be had.
    pub fn begin(&self, task: Task, excerpt: Excerpt) -> std::io::Result<Running> {
        let (cancel, cancelled) = bounded(0);
        let progress = Arc::new(Progress::default());
        progress.set(0, 0, excerpt.left());
        let id = next_number();
        let bench = Bench {
            id,
            guest: self.guest.clone(),
            reports: self.reports.clone(),
            progress: Arc::clone(&progress),
            cancelled,
        };
        let busy = self.busy.clone();
        thread::Builder::new().name("takeout".into()).spawn(move || {
            let _busy = busy;
            let news = match task {
                Task::Copy => copy::run(&bench, excerpt),
                Task::Save { path, form, replace } => save::run(&bench, excerpt, &path, form, replace),
                Task::Page => open::page(&bench, excerpt),
                Task::Edit => open::edit(&bench, excerpt),
                Task::Pipe { command, captured } => pipe::run(&bench, excerpt, &command, &captured),
            };
            bench.tell(news, true);
        })?;
        Ok(Running { id, progress, _cancel: cancel })
    }
}

/// What a task has at hand.
#[derive(Debug)]
pub(super) struct Bench {
    id: u64,
    pub(super) guest: Guest,
    reports: Sender<Report>,
    pub(super) progress: Arc<Progress>,
    pub(super) cancelled: Receiver<()>,
}

impl Bench {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.try_recv() == Err(TryRecvError::Disconnected)
    }

    pub(super) fn tell(&self, news: News, last: bool) {
        // A closed channel means that the screen is over.
        let _ = self.reports.send(Report { task: self.id, news, last });
    }
}
