//! What /proc says of processes (proc_pid_stat(5)). Reads, never decides; a process that ends in
//! between is simply not there.

use crate::protocol::Pid;
use crate::signal::Signal;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// One process as `/proc/PID/stat` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its pid.
    pub pid: Pid,
    /// The first 15 bytes of its program's name.
    pub name: String,
    /// `R S D T t Z I X`.
    pub state: char,
    /// Who will wait for it.
    pub parent: Pid,
    /// Its process group.
    pub group: i32,
    /// Its session.
    pub session: i32,
    /// CPU time used so far, user and system, in clock ticks.
    pub cpu_ticks: u64,
    /// Its threads.
    pub threads: u32,
    /// When it started, in clock ticks since boot: with the pid it names a process for good.
    pub start_ticks: u64,
    /// Resident memory in pages.
    pub resident_pages: u64,
}

impl Process {
    /// Whether it ended and only waits for its parent.
    pub fn is_zombie(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

/// Every process that we may see.
///
/// # Errors
/// When /proc cannot be read, for want of a descriptor for example: no answer is not "none".
pub fn all() -> io::Result<Vec<Process>> {
    // One that cannot be read ended meanwhile; where descriptors have run out, the first open tells.
    let pids = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let processes: Vec<Process> = pids.filter_map(|pid| read(Pid(pid))).collect();
    File::open("/proc/self/stat").map(|_| processes)
}

/// One process, if it is there.
pub fn read(pid: Pid) -> Option<Process> {
    read_stat(Path::new(&format!("/proc/{pid}/stat")))
}

/// One thread of a process, if it is there; `pid` is then the thread's id.
pub fn read_thread(process: Pid, thread: Pid) -> Option<Process> {
    read_stat(Path::new(&format!("/proc/{process}/task/{thread}/stat")))
}

/// A process or a thread by its `stat` file.
pub(super) fn read_stat(file: &Path) -> Option<Process> {
    // A stat line is below 400 bytes, the name at most 64 of them.
    let mut line = [0; 1024];
    let length = File::open(file).ok()?.read(&mut line).ok()?;
    parse(line.get(..length)?)
}

/// Our own descendants' parents, where the kernel has no `children` file.
pub(super) fn children_by_scan(parent: Pid) -> Vec<Pid> {
    all()
        .unwrap_or_default()
        .into_iter()
        .filter(|process| process.parent == parent)
        .map(|process| process.pid)
        .collect()
}

fn parse(line: &[u8]) -> Option<Process> {
    // The name may hold blanks and parentheses: it ends at the last `)`.
    let open = line.iter().position(|&byte| byte == b'(')?;
    let close = line.iter().rposition(|&byte| byte == b')')?;
    let pid = std::str::from_utf8(line.get(..open)?).ok()?.trim().parse().ok()?;
    let name = String::from_utf8_lossy(line.get(open + 1..close)?).into_owned();
    let fields: Vec<&str> =
        std::str::from_utf8(line.get(close + 1..)?).ok()?.split_ascii_whitespace().collect();
    // Numbered from 3, as the manual does.
    let field = |number: usize| fields.get(number - 3).copied();
    let number = |at: usize| field(at)?.parse::<u64>().ok();
    Some(Process {
        pid: Pid(pid),
        name,
        state: field(3)?.chars().next()?,
        parent: Pid(field(4)?.parse().ok()?),
        group: field(5)?.parse().ok()?,
        session: field(6)?.parse().ok()?,
        cpu_ticks: number(14)? + number(15)?,
        threads: field(20)?.parse().ok()?,
        start_ticks: number(22)?,
        resident_pages: field(24)?.parse().unwrap_or(0),
    })
}

/// What a signal would do to a process, as `/proc/PID/status` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// It would die of it at once: it neither handles nor ignores nor blocks it.
    pub dies: bool,
    /// It is stopped: it acts on nothing but SIGKILL until it is resumed.
    pub stopped: bool,
}

/// What this signal would do to a process; `None` if there is no such process.
pub fn fate(pid: Pid, signal: Signal) -> Option<Fate> {
    fate_in(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?, signal)
}

fn fate_in(status: &str, signal: Signal) -> Option<Fate> {
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let bit = 1_u64.checked_shl(u32::try_from(signal.number() - 1).ok()?)?;
    let has = |name: &str| Some(u64::from_str_radix(field(name)?, 16).ok()? & bit != 0);
    let stopped = field("State:")?.starts_with('T');
    // The mask is that of its first thread. Of one that is stopped it says little: a shell whose children were
    // stopped with it stands in its handler for SIGCHLD, where all is blocked for the moment.
    let blocked = has("SigBlk:")? && !stopped;
    let acts = blocked || has("SigIgn:")? || has("SigCgt:")?;
    Some(Fate { dies: !acts && signal.ends_unhandled(), stopped })
}

/// The programs of shells, by the names of their files.
const SHELLS: [&str; 8] = ["ash", "bash", "busybox", "dash", "ksh", "mksh", "sh", "zsh"];

/// Whether it is a shell now, or a script that one runs.
pub fn is_shell(pid: Pid) -> bool {
    let program = fs::read_link(format!("/proc/{pid}/exe"));
    program.is_ok_and(|program| {
        program.file_name().and_then(|name| name.to_str()).is_some_and(|name| SHELLS.contains(&name))
    })
}

/// Its children now, zombies included; `None` where the kernel has no list of them.
pub fn children(pid: Pid) -> Option<Vec<Pid>> {
    // Of its first thread alone: what others started is not there (proc_pid_task_children(5)).
    let list = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    Some(list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).map(Pid).collect())
}

/// Its command line with blanks between the words; `None` for kernel threads and zombies.
pub fn command_line(pid: Pid) -> Option<String> {
    const SHOWN: usize = 256;
    let mut bytes = [0; SHOWN];
    let length = File::open(format!("/proc/{pid}/cmdline")).ok()?.read(&mut bytes).ok()?;
    let words = String::from_utf8_lossy(bytes.get(..length)?).replace(['\0', '\n', '\t'], " ");
    let words = words.trim_end();
    (!words.is_empty()).then(|| words.to_owned())
}

/// The value of a variable in the environment that it was started with. Only its owner may read it.
pub fn environment(pid: Pid, variable: &str) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/environ")).ok()?;
    bytes.split(|&byte| byte == 0).find_map(|entry| {
        let value = entry.strip_prefix(variable.as_bytes())?.strip_prefix(b"=")?;
        Some(String::from_utf8_lossy(value).into_owned())
    })
}

/// The parent of the kernel's threads.
const KTHREADD: Pid = Pid(2);

/// How old a process is at most that may wait for its first execve(2) on a busy machine.
const YOUNG: Duration = Duration::from_secs(1);

/// As [`environment`], but of a process that becomes another program just now, and so has none, it is read
/// when that is done.
pub fn settled_environment(pid: Pid, variable: &str) -> Option<String> {
    // 10 ms in all: longer than any execve(2) takes, and not long where somebody cleared it. One that was
    // just started may wait for a processor in the midst of it.
    for round in 0..200 {
        let settled = !fs::read(format!("/proc/{pid}/environ")).ok()?.is_empty();
        // A zombie and a thread of the kernel never have one.
        let may_have = |process: &Process| !process.is_zombie() && process.parent != KTHREADD;
        let waits = |process: &Process| may_have(process) && age(process) < YOUNG;
        if settled || (round >= 10 && !waits(&read(pid)?)) {
            break;
        }
        // Nothing tells of that but the time.
        let _ = nix::poll::poll(&mut [], 1_u16);
    }
    environment(pid, variable)
}

/// Whether it has one of these files open: `/dev/pts/7`, `pipe:[1234]`, as /proc/PID/fd shows them.
pub fn holds(pid: Pid, files: &[String]) -> bool {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok()).any(|target| is_one_of(&target, files))
}

fn is_one_of(target: &Path, files: &[String]) -> bool {
    files.iter().any(|file| file.as_bytes() == target.as_os_str().as_bytes())
}

/// Where one of our own descriptors leads, as /proc/PID/fd shows it.
pub fn descriptor_name(fd: std::os::fd::BorrowedFd<'_>) -> Option<String> {
    let link = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&fd));
    Some(fs::read_link(link).ok()?.to_string_lossy().into_owned())
}

/// How long ago a process was started.
pub fn age(process: &Process) -> Duration {
    let up = super::detail::uptime();
    let started = Duration::from_secs_f64(process.start_ticks as f64 / ticks_per_second());
    up.unwrap_or_default().saturating_sub(started)
}

/// Clock ticks a second (sysconf(3)); 100 on every Linux today.
pub fn ticks_per_second() -> f64 {
    nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok().flatten().map_or(100.0, |ticks| ticks as f64)
}

/// The machine's memory in bytes (proc_meminfo(5)); 0 where that cannot be read.
pub fn total_memory() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = line.and_then(|line| line.split_ascii_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Bytes in a page of memory.
pub fn page_size() -> u64 {
    nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok().flatten().map_or(4096, |size| size as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_handles_ignores_or_blocks_a_signal_does_not_die_of_it() {
        let status = |state: &str, blocked: u64, ignored: u64, caught: u64| {
            format!(
                "Name:\tsh\nState:\t{state}\nTgid:\t7\nSigPnd:\t0000000000004000\n\
                 SigBlk:\t{blocked:016x}\nSigIgn:\t{ignored:016x}\nSigCgt:\t{caught:016x}\n"
            )
        };
        let (term, none) = (1 << 14, 0);
        let fate = |status: &str| fate_in(status, Signal::TERM).map(|fate| (fate.dies, fate.stopped));
        assert_eq!(fate(&status("S (sleeping)", none, none, none)), Some((true, false)));
        assert_eq!(fate(&status("T (stopped)", term, none, !term)), Some((true, true)));
        for (blocked, ignored, caught) in [(term, none, none), (none, term, none), (none, none, term)] {
            assert_eq!(fate(&status("S (sleeping)", blocked, ignored, caught)), Some((false, false)));
        }
        let all = status("S (sleeping)", none, none, none);
        for signal in [Signal::CHLD, Signal::CONT, Signal::STOP, Signal::TSTP, Signal::WINCH, Signal::KILL] {
            assert!(!fate_in(&all, signal).unwrap().dies, "{signal}");
        }
        assert_eq!(fate_in("State:\tS (sleeping)\n", Signal::TERM), None);
    }

    #[test]
    fn a_name_with_parentheses_and_blanks_is_read_whole() {
        let line = b"42 (a) b (c)) S 1 42 41 0 -1 4194560 1 2 3 4 70 30 0 0 20 0 7 0 12345 999 88 0";
        let process = parse(line).expect("a stat line");
        assert_eq!((process.pid, process.name.as_str(), process.state), (Pid(42), "a) b (c)", 'S'));
        assert_eq!((process.parent, process.group, process.session), (Pid(1), 42, 41));
        assert_eq!((process.cpu_ticks, process.threads), (100, 7));
        assert_eq!((process.start_ticks, process.resident_pages), (12345, 88));
    }

    #[test]
    fn we_find_ourselves() {
        let me = Pid(std::process::id() as i32);
        let process = read(me).expect("our own stat");
        assert!(
            all().unwrap().iter().any(|other| other.pid == me && other.start_ticks == process.start_ticks)
        );
        assert!(command_line(me).is_some());
    }
}
