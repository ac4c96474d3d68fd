//! A worker's tree in detail, while somebody looks at it. Reads of each process what the list does
//! not need; made when somebody opens the view, gone when it is closed.

use super::family::Relative;
use super::order::{Rates, arrange, id};
use super::usage::Units;
use crate::protocol::{Listener, Pid, ProcessId, ProcessRow, ProcessState, ThreadRow, Tree};
use crate::spec::WorkerName;
use crate::sys::clock;
use crate::sys::detail::{self, Descriptors};
use crate::sys::procfs::{self, Process};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// Whose processes are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// Those of a worker, by its place in the list and its name.
    Worker(usize, WorkerName),
    /// This process and its guardian.
    Minder,
}

/// What is looked at, and the look before.
#[derive(Debug)]
pub(super) struct Inspector {
    pub(super) subject: Subject,
    opened: Vec<ProcessId>,
    units: Units,
    processes: Rates,
    threads: Rates,
}

/// The clocks at one look.
struct Moment {
    wall: SystemTime,
    /// Since boot.
    up: Duration,
}

/// The listening sockets of each network that a process of the tree is in.
type Networks = HashMap<Option<PathBuf>, HashMap<u64, Listener>>;

impl Inspector {
    pub(super) fn new(subject: Subject, units: Units) -> Self {
        let (processes, threads) = (Rates::default(), Rates::default());
        Self { subject, opened: Vec::new(), units, processes, threads }
    }

    /// Whose threads are wanted.
    pub(super) fn open(&mut self, opened: Vec<ProcessId>) {
        self.opened = opened;
    }

    /// The tree now. `family`: every process of its subject.
    pub(super) fn read(&mut self, now: Instant, family: &[Relative]) -> Tree {
        let used = family.iter().map(|relative| (id(&relative.process), relative.process.cpu_ticks));
        self.processes.look(now, self.units.ticks_per_second, used);
        let mut threads = self.read_threads(now, family);
        let moment = Moment { wall: clock::wall(), up: detail::uptime().unwrap_or_default() };
        let mut networks = Networks::new();
        let rows = arrange(family).into_iter().map(|(relative, depth)| {
            let threads = threads.remove(&relative.process.pid).unwrap_or_default();
            let threads = threads.iter().map(|thread| self.thread(relative.process.pid, thread)).collect();
            ProcessRow { depth, threads, ..self.row(relative, &moment, &mut networks) }
        });
        let processes = rows.collect();
        let worker = match &self.subject {
            Subject::Worker(_, name) => Some(name.clone()),
            Subject::Minder => None,
        };
        Tree { worker, processes }
    }

    fn read_threads(&mut self, now: Instant, family: &[Relative]) -> HashMap<Pid, Vec<Process>> {
        let opened = family.iter().map(|relative| &relative.process);
        let opened = opened.filter(|process| self.opened.contains(&id(process)) && !process.is_zombie());
        let threads: HashMap<Pid, Vec<Process>> =
            opened.map(|process| (process.pid, detail::threads(process.pid))).collect();
        let used = threads.values().flatten().map(|thread| (id(thread), thread.cpu_ticks));
        self.threads.look(now, self.units.ticks_per_second, used);
        threads
    }

    fn thread(&self, pid: Pid, thread: &Process) -> ThreadRow {
        ThreadRow {
            tid: thread.pid,
            start_ticks: thread.start_ticks,
            name: thread.name.as_str().into(),
            state: ProcessState::from_letter(thread.state),
            cpu_percent: self.threads.percent(id(thread)),
            wait_channel: detail::thread_wait_channel(pid, thread.pid).map(Arc::from),
        }
    }

    fn row(&self, relative: &Relative, moment: &Moment, networks: &mut Networks) -> ProcessRow {
        let Relative { process, first, adopted, .. } = relative;
        let pid = process.pid;
        let state = ProcessState::from_letter(process.state);
        // Of a zombie nothing but its entry is left.
        let alive = !process.is_zombie();
        let open = alive.then(|| detail::descriptors(pid)).flatten();
        // Reading the command line of a process in state D may make its reader wait too.
        let may_ask = alive && state != ProcessState::DiskSleep;
        let command = may_ask.then(|| procfs::command_line(pid)).flatten();
        // A script as an argument is read in one row.
        let command = command.map(|words| words.split_whitespace().collect::<Vec<_>>().join(" "));
        ProcessRow {
            id: id(process),
            parent: process.parent,
            depth: 0,
            command: command.unwrap_or_else(|| process.name.clone()).into(),
            state,
            tracer: alive.then(|| detail::tracer(pid)).flatten(),
            cpu_percent: self.processes.percent(id(process)),
            memory: process.resident_pages * self.units.page_size,
            started: self.started(process, moment).into(),
            wait_channel: detail::wait_channel(pid).filter(|_| alive).map(Arc::from),
            descriptors: open.as_ref().map(|open| open.count),
            listens: open.map(|open| listens(pid, &open, networks)).unwrap_or_default(),
            first: *first,
            adopted: *adopted,
            thread_count: process.threads,
            threads: Vec::new(),
        }
    }

    fn started(&self, process: &Process, moment: &Moment) -> String {
        let after_boot = Duration::from_secs_f64(process.start_ticks as f64 / self.units.ticks_per_second);
        let age = moment.up.saturating_sub(after_boot);
        clock::start_time(moment.wall.checked_sub(age).unwrap_or(moment.wall), moment.wall)
    }
}

/// Which of the sockets that it has open listen.
fn listens(pid: Pid, open: &Descriptors, networks: &mut Networks) -> Vec<Listener> {
    if open.sockets.is_empty() {
        return Vec::new();
    }
    let network = networks.entry(detail::network(pid)).or_insert_with(|| detail::listeners(pid));
    let mut listens: Vec<Listener> =
        open.sockets.iter().filter_map(|inode| network.get(inode)).copied().collect();
    listens.sort_unstable();
    listens.dedup();
    listens
}
