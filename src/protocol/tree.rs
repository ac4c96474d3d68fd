//! One worker's processes, or minder's own, in detail, as last looked at: what the inspect view shows. Plain data; it
//! knows no /proc and no screen.

use super::Pid;
use crate::spec::WorkerName;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// A process for good: a pid alone may come to mean another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessId {
    /// Its pid.
    pub pid: Pid,
    /// When it started, in clock ticks since boot (proc_pid_stat(5)).
    pub start_ticks: u64,
}

/// What somebody looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspect {
    /// The worker; `None` for minder itself.
    pub worker: Option<WorkerName>,
    /// Of which of its processes the threads are wanted too.
    pub opened: Vec<ProcessId>,
}

/// Every process of one worker, or minder's own, at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// Whose they are; `None` for minder's own.
    pub worker: Option<WorkerName>,
    /// A parent stands before its children; those whose parent is none of them have depth 0.
    pub processes: Vec<ProcessRow>,
}

/// One process.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessRow {
    /// Its name for good.
    pub id: ProcessId,
    /// Who will wait for it.
    pub parent: Pid,
    /// How many of its ancestors are in the tree.
    pub depth: u16,
    /// Its command line or, without one, its name.
    pub command: Arc<str>,
    /// What it does.
    pub state: ProcessState,
    /// Who traces it (ptrace(2)).
    pub tracer: Option<Pid>,
    /// Percent of one core since the look before; `None` at first.
    pub cpu_percent: Option<f32>,
    /// Resident memory in bytes.
    pub memory: u64,
    /// When it started, as people here read it: `14:03:09`, or `Nov 21`.
    pub started: Arc<str>,
    /// Where in the kernel it sleeps, where that may be read.
    pub wait_channel: Option<Arc<str>>,
    /// Open descriptors; `None` where they may not be counted.
    pub descriptors: Option<u32>,
    /// Where it listens.
    pub listens: Vec<Listener>,
    /// It is the worker's first process.
    pub first: bool,
    /// Its parent ended and minder adopted it.
    pub adopted: bool,
    /// How many threads it has.
    pub thread_count: u32,
    /// Its threads, where somebody wants to see them.
    pub threads: Vec<ThreadRow>,
}

impl ProcessRow {
    /// It ended and its parent, if that is not minder, owes the wait.
    pub fn is_zombie(&self) -> bool {
        matches!(self.state, ProcessState::Zombie | ProcessState::Dead)
    }
}

/// One thread.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadRow {
    /// Its id; the first one's is its process's pid.
    pub tid: Pid,
    /// When it started: with its id it names a thread for good.
    pub start_ticks: u64,
    /// Its name.
    pub name: Arc<str>,
    /// What it does.
    pub state: ProcessState,
    /// Percent of one core since the look before; `None` at first.
    pub cpu_percent: Option<f32>,
    /// Where in the kernel it sleeps, where that may be read.
    pub wait_channel: Option<Arc<str>>,
}

/// What a process or thread does, as proc_pid_stat(5) says it by a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProcessState {
    /// `R`
    Running,
    /// `S`: can be woken by a signal.
    Sleeping,
    /// `D`: cannot; even SIGKILL waits.
    DiskSleep,
    /// `T`: by a job-control signal.
    Stopped,
    /// `t`: by its tracer.
    Traced,
    /// `Z`: ended, not waited for.
    Zombie,
    /// `X`: about to be gone.
    Dead,
    /// `I`: a kernel thread with nothing to do.
    Idle,
    /// A letter that this minder does not know.
    Other(char),
}

impl ProcessState {
    /// The state that this letter means.
    pub fn from_letter(letter: char) -> Self {
        match letter {
            'R' => Self::Running,
            'S' => Self::Sleeping,
            'D' => Self::DiskSleep,
            'T' => Self::Stopped,
            't' => Self::Traced,
            'Z' => Self::Zombie,
            'X' | 'x' => Self::Dead,
            'I' => Self::Idle,
            other => Self::Other(other),
        }
    }

    /// Its letter.
    pub fn letter(self) -> char {
        match self {
            Self::Running => 'R',
            Self::Sleeping => 'S',
            Self::DiskSleep => 'D',
            Self::Stopped => 'T',
            Self::Traced => 't',
            Self::Zombie => 'Z',
            Self::Dead => 'X',
            Self::Idle => 'I',
            Self::Other(letter) => letter,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Sleeping => "sleeping",
            Self::DiskSleep => "disk sleep",
            Self::Stopped => "stopped",
            Self::Traced => "traced",
            Self::Zombie => "zombie",
            Self::Dead => "dead",
            Self::Idle => "idle",
            Self::Other(_) => "",
        }
    }
}

impl fmt::Display for ProcessState {
    /// `S sleeping`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(format!("{} {}", self.letter(), self.word()).trim_end())
    }
}

/// How bytes get to a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// Connections.
    Tcp,
    /// Datagrams.
    Udp,
}

/// Where a process listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Listener {
    /// By which transport.
    pub transport: Transport,
    /// On which address and port.
    pub address: SocketAddr,
}

impl fmt::Display for Listener {
    /// `tcp 127.0.0.1:8080`, `udp *:53` for every address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transport = match self.transport {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        };
        if self.address.ip().is_unspecified() {
            write!(f, "{transport} *:{}", self.address.port())
        } else {
            write!(f, "{transport} {}", self.address)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_reads_back_and_has_its_word() {
        for letter in ['R', 'S', 'D', 'T', 't', 'Z', 'X', 'I', 'P'] {
            assert_eq!(ProcessState::from_letter(letter).letter(), letter);
        }
        assert_eq!(ProcessState::DiskSleep.to_string(), "D disk sleep");
        assert_eq!(ProcessState::Other('P').to_string(), "P");
    }

    #[test]
    fn every_address_is_a_star() {
        let listener = |address: &str, transport| Listener { transport, address: address.parse().unwrap() };
        assert_eq!(listener("0.0.0.0:53", Transport::Udp).to_string(), "udp *:53");
        assert_eq!(listener("[::1]:8080", Transport::Tcp).to_string(), "tcp [::1]:8080");
    }
}
