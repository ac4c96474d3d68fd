//! Processes as a third party sees them, in /proc. Knows nothing of minder.

use super::clock::{DEADLINE, poll_until, readable};
use super::sys;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A line of /proc/PID/stat (proc(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    /// The file name of what it runs, at most 15 bytes.
    pub(crate) name: String,
    /// `R` running, `S` sleeping, `T` stopped, `Z` zombie …
    pub(crate) state: char,
    pub(crate) parent: i32,
    pub(crate) group: i32,
    pub(crate) session: i32,
    /// The controlling terminal's device number, 0 for none.
    pub(crate) terminal: i32,
    /// The foreground group of that terminal.
    pub(crate) foreground: i32,
    /// User and system time used, in clock ticks (1/100 s).
    pub(crate) ticks: u64,
    /// Since boot, in clock ticks: together with the pid it names a process for good.
    pub(crate) started: u64,
}

impl Process {
    /// The process with this pid, zombies included.
    pub(crate) fn find(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (before, rest) = stat.rsplit_once(')')?;
        let (_, name) = before.split_once('(')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<i64>().ok();
        Some(Self {
            pid,
            name: name.to_owned(),
            state: fields.first()?.chars().next()?,
            parent: number(1)? as i32,
            group: number(2)? as i32,
            session: number(3)? as i32,
            terminal: number(4)? as i32,
            foreground: number(5)? as i32,
            ticks: (number(11)? + number(12)?) as u64,
            started: number(19)? as u64,
        })
    }

    /// Whether it can still do something.
    pub(crate) fn alive(&self) -> bool {
        !matches!(self.state, 'Z' | 'X' | 'x')
    }
}

/// Whether the process exists and is no zombie.
pub(crate) fn alive(pid: i32) -> bool {
    Process::find(pid).is_some_and(|process| process.alive())
}

/// All processes there are.
pub(crate) fn all() -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("/proc is mounted");
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(Process::find)
        .collect()
}

/// The children of a process, zombies included.
pub(crate) fn children_of(pid: i32) -> Vec<Process> {
    all().into_iter().filter(|process| process.parent == pid).collect()
}

/// minder's second process, which minds the workers, by its first, the guardian that was started.
pub(crate) fn supervisor_of(guardian: i32) -> i32 {
    let found = poll_until(DEADLINE, || {
        children_of(guardian).into_iter().find(|child| child.name == "minder").map(|child| child.pid)
    });
    found.expect("the guardian has a supervisor")
}

/// Waits until this process runs this command: right after its start it has its parent's command line
/// or none, and a shell's `exec` takes its time.
pub(crate) fn wait_runs(pid: i32, line: &str) {
    let words =
        || fs::read_to_string(format!("/proc/{pid}/cmdline")).ok().map(|text| text.replace('\0', " "));
    let runs = || words().filter(|words| words.trim_end() == line);
    assert!(poll_until(DEADLINE, runs).is_some(), "pid {pid} is not `{line}`: {:?}", words());
}

/// A shell's words after `COMMAND &`: it waits until that runs this, written without its blanks. What is
/// not yet a session of its own gets the SIGHUP that its shell's end brings.
pub(crate) fn until_it_is(line: &str) -> String {
    let line = line.replace(' ', "");
    format!(r#"until [ "$(tr -d '\0' < /proc/$!/cmdline)" = {line} ]; do sleep 0.01; done"#)
}

/// What /proc/PID/status (or a thread's) says after this key, e.g. `SigBlk`.
pub(crate) fn status_field(status: &str, key: &str) -> Option<String> {
    let line = status.lines().find(|line| line.split(':').next() == Some(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The set of signals behind a key of a status file, as a bit mask: bit 0 is signal 1. Without 32
/// and 33, which glibc's `posix_spawn` leaves ignored in a child.
pub(crate) fn signal_mask(status: &str, key: &str) -> u64 {
    let field = status_field(status, key).expect("status files name their signal masks");
    u64::from_str_radix(&field, 16).expect("signal masks are hexadecimal") & !(0b11 << 31)
}

/// Waits until the process has ended (a zombie has); false when the deadline passed.
pub(crate) fn wait_ended(pid: i32, deadline: Duration) -> bool {
    sys::pidfd(pid).is_none_or(|descriptor| readable(descriptor, deadline))
}

/// A mark in the environment of all that one test starts: by it they are found again, wherever
/// they ran off to.
#[derive(Debug)]
pub(crate) struct Mark {
    value: String,
    /// All that were ever seen with the mark, by pid and start. A zombie has no environment any
    /// more; it is known by having been seen alive.
    seen: Mutex<BTreeSet<(i32, u64)>>,
}

impl Mark {
    /// The variable that carries it.
    pub(crate) const VARIABLE: &str = "TEST_MARK";

    /// A mark that no other test has.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self { value: format!("{}-{count}-", std::process::id()), seen: Mutex::default() }
    }

    pub(crate) fn value(&self) -> &str {
        &self.value
    }

    /// All processes that carry the mark now, and the zombies that once did. One that is just
    /// executing another program can be missed.
    pub(crate) fn processes(&self) -> Vec<Process> {
        let entry = format!("{}={}", Self::VARIABLE, self.value);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let found: Vec<Process> = all()
            .into_iter()
            .filter(|process| {
                seen.contains(&(process.pid, process.started))
                    || has_environment_entry(process.pid, entry.as_bytes())
            })
            .collect();
        seen.extend(found.iter().map(|process| (process.pid, process.started)));
        found
    }

    /// Waits until no process with the mark is left, zombies included. Panics with a list of
    /// those that are.
    pub(crate) fn expect_nothing_left(&self) {
        // A process has no environment for a moment while it executes another program: only some
        // looks in a row are the truth.
        let mut empty_looks = 0;
        let gone = poll_until(DEADLINE, || {
            empty_looks = if self.processes().is_empty() { empty_looks + 1 } else { 0 };
            (empty_looks == 3).then_some(())
        });
        assert!(gone.is_some(), "these were left behind: {:#?}", self.processes());
    }

    /// Kills all that carry the mark: for the end of a test, whatever became of it.
    pub(crate) fn kill_all(&self) {
        // Again and again, as they may start others in between.
        poll_until(Duration::from_secs(5), || {
            let alive: Vec<_> = self.processes().into_iter().filter(Process::alive).collect();
            for process in &alive {
                let _ = kill(Pid::from_raw(process.pid), Signal::SIGKILL);
            }
            alive.is_empty().then_some(())
        });
    }
}

/// Whether the environment that the process was started with holds this entry.
fn has_environment_entry(pid: i32, entry: &[u8]) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|each| each == entry)
}
