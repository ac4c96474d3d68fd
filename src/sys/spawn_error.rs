//! Why a process could not be started, in words: the cause and the mend. The numbers come from the
//! spawn; looking around for the explanation is slow and belongs to no thread that decides.
#![expect(clippy::wildcard_enum_match_arm, reason = "errno is the kernel's enum: the rest has its own words")]

use super::spawn::{Launch, candidates, search_path};
use super::{limits, procfs};
use crate::spec::Resource;
use crate::suggest;
use nix::errno::Errno;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The step at which a start failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// A word holds a NUL byte.
    Prepare,
    /// Opening its standard input file.
    Input,
    /// Opening a terminal or pipes for it.
    Wires,
    /// clone(2).
    Clone,
    /// setsid(2), setpgid(2).
    Session,
    /// Making the pty its controlling terminal, or its group a terminal's foreground.
    Terminal,
    /// dup2(2).
    Descriptors,
    /// setpriority(2).
    Nice,
    /// setrlimit(2).
    Limit,
    /// chdir(2).
    Folder,
    /// execve(2).
    Exec,
}

/// A start that failed: what was tried, where it stopped, and the kernel's reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpawnError {
    /// The step.
    pub stage: Stage,
    /// The reason.
    pub errno: Errno,
    tried: Box<Tried>,
}

/// What an explanation needs to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Tried {
    program: PathBuf,
    cwd: Option<PathBuf>,
    input: Option<PathBuf>,
    candidates: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    bytes: usize,
}

impl SpawnError {
    /// Notes what was tried.
    pub fn new(launch: &Launch<'_>, stage: Stage, errno: Errno) -> Self {
        let words = launch.argv.iter().map(|word| word.len() + 1).sum::<usize>();
        let variables =
            launch.environment.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>();
        let mut error = Self::early(launch.argv, launch.cwd, stage, errno);
        error.tried.candidates = candidates(launch);
        error.tried.folders = search_path(launch.environment);
        error.tried.bytes = words + variables;
        error
    }

    /// A failure before there was anything to launch: no terminal, pipe or input file.
    pub fn early(argv: &[OsString], cwd: Option<&Path>, stage: Stage, errno: Errno) -> Self {
        let program = argv.first().map(PathBuf::from).unwrap_or_default();
        let tried = Tried { program, cwd: cwd.map(Path::to_owned), ..Tried::default() };
        Self { stage, errno, tried: Box::new(tried) }
    }

    /// The input file that could not be opened.
    #[must_use]
    pub fn with_input(mut self, file: &Path) -> Self {
        self.tried.input = Some(file.to_owned());
        self
    }

    /// What a shell would report: 127 not found, 126 found and not executable, 125 for the rest.
    pub fn code(&self) -> i32 {
        match (self.stage, self.errno) {
            (Stage::Exec, Errno::ENOENT | Errno::ENOTDIR) => 127,
            (Stage::Exec, _) => 126,
            _ => 125,
        }
    }

    /// Whether the same start may succeed a little later: the system was out of something.
    pub fn transient(&self) -> bool {
        matches!(
            self.errno,
            Errno::EAGAIN | Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE | Errno::ENOSPC | Errno::ETXTBSY
        )
    }

    /// The cause and the mend. Looks around on the disk and in /proc: may take a while.
    pub fn explain(&self) -> String {
        let reason = self.errno.desc();
        match self.stage {
            Stage::Exec => self.explain_exec(),
            Stage::Folder => self.explain_folder(),
            Stage::Clone => explain_clone(self.errno),
            Stage::Wires => explain_wires(self.errno),
            Stage::Input => {
                let file = self.tried.input.as_deref().unwrap_or(Path::new("")).display();
                format!("cannot open `{file}` for its stdin: {reason}")
            }
            Stage::Prepare => "a NUL byte is in its command, folder or environment; remove it".into(),
            Stage::Nice => {
                format!("cannot set its niceness: {reason}; below minder's own it needs CAP_SYS_NICE")
            }
            Stage::Limit => {
                format!("cannot set its limits: {reason}; a hard limit can only be lowered")
            }
            Stage::Session | Stage::Terminal | Stage::Descriptors => {
                format!("cannot give it a session and a terminal: {reason}")
            }
        }
    }

    fn explain_folder(&self) -> String {
        let cwd = self.tried.cwd.as_deref().unwrap_or(Path::new("."));
        match self.errno {
            Errno::ENOENT => {
                let nearest = cwd.ancestors().skip(1).find(|folder| folder.is_dir());
                let hint =
                    nearest.map(|folder| format!(" (`{}` does)", folder.display())).unwrap_or_default();
                format!("its cwd `{}` does not exist{hint}", cwd.display())
            }
            Errno::ENOTDIR => format!("its cwd `{}` is not a folder", cwd.display()),
            errno => format!("cannot enter its cwd `{}`: {}", cwd.display(), errno.desc()),
        }
    }

    fn explain_exec(&self) -> String {
        let program = self.tried.program.display();
        match self.errno {
            Errno::ENOENT | Errno::ENOTDIR => self.explain_missing(),
            Errno::E2BIG => format!(
                "cannot run `{program}`: its arguments and environment take {} bytes, more than the kernel takes \
                 (execve(2), E2BIG); pass them in a file",
                self.tried.bytes
            ),
            Errno::ENOEXEC => format!(
                "cannot run `{program}`: it is neither a program of this machine nor a script with a `#!` line; \
                 add `#!/bin/sh` as its first line"
            ),
            Errno::EACCES => self.explain_denied(),
            Errno::ETXTBSY => format!("cannot run `{program}`: somebody is writing to it just now"),
            errno => format!("cannot run `{program}`: {}", errno.desc()),
        }
    }

    fn explain_missing(&self) -> String {
        let program = self.tried.program.display();
        if let Some(found) =
            self.tried.candidates.iter().map(|path| self.seen(path)).find(|path| path.exists())
        {
            let found_name = found.display();
            return match interpreter(&found) {
                Some(name) => format!(
                    "cannot run `{program}`: its interpreter `{name}` (line 1 of {found_name}) does not exist"
                ),
                None => format!(
                    "cannot run `{program}`: {found_name} is there, but the loader that it needs is not"
                ),
            };
        }
        if self.tried.program.as_os_str().to_string_lossy().contains('/') {
            let place = if self.tried.program.is_relative() { self.place() } else { String::new() };
            return format!("cannot run `{program}`: no such file{place}");
        }
        let similar = similar(&self.tried.program.to_string_lossy(), &self.tried.folders);
        let mend = similar.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        format!("cannot run `{program}`: not found in PATH ({}){mend}", shortened(&self.tried.folders))
    }

    fn explain_denied(&self) -> String {
        let program = self.tried.program.display();
        let Some(found) = self.tried.candidates.iter().map(|path| self.seen(path)).find(|path| path.exists())
        else {
            return format!("cannot run `{program}`: permission denied on the way to it");
        };
        let name = found.display();
        match fs::metadata(&found) {
            Ok(facts) if facts.is_dir() => format!("cannot run `{program}`: {name} is a folder"),
            Ok(facts) if facts.permissions().mode() & 0o111 == 0 => {
                format!("cannot run `{program}`: {name} is not executable; try `chmod +x {name}`")
            }
            _ => {
                format!("cannot run `{program}`: permission denied for {name} (its owner, or a noexec mount)")
            }
        }
    }

    /// The path as the child saw it, from its own folder.
    fn seen(&self, path: &Path) -> PathBuf {
        self.tried.cwd.as_ref().map_or_else(|| path.to_owned(), |cwd| cwd.join(path))
    }

    fn place(&self) -> String {
        self.tried.cwd.as_ref().map(|cwd| format!(" in {}", cwd.display())).unwrap_or_default()
    }
}

fn explain_clone(errno: Errno) -> String {
    match errno {
        Errno::EAGAIN => {
            let limit = limits::soft(Resource::Nproc)
                .map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
            let most = holds_most().map(|words| format!("; {words}")).unwrap_or_default();
            format!(
                "no more processes are allowed (EAGAIN): the limit is {limit} a user (`ulimit -u`) or the \
                 cgroup's pids.max{most}"
            )
        }
        // pid_namespaces(7): nobody can be born where the first process has ended.
        Errno::ENOMEM => {
            "no memory for another process (ENOMEM), or the first process of this PID namespace \
                          has ended, as under `unshare -p` without `-f`"
                .into()
        }
        Errno::EMFILE | Errno::ENFILE => explain_wires(errno),
        errno => format!("cannot make a process: {}", errno.desc()),
    }
}

fn explain_wires(errno: Errno) -> String {
    match errno {
        Errno::EMFILE => {
            let limit = limits::soft(Resource::Nofile)
                .map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
            format!(
                "minder has no descriptor left (EMFILE): its limit is {limit}; start minder with a higher \
                 `ulimit -n` (hard limit {limit})"
            )
        }
        Errno::ENFILE => "the system has no descriptor left (ENFILE); see /proc/sys/fs/file-max".into(),
        Errno::ENOSPC => {
            "the system has no terminal left; see /proc/sys/kernel/pty/max, or use output = \"pipe\"".into()
        }
        errno => format!("cannot open a terminal or pipe for it: {}", errno.desc()),
    }
}

/// Which program of our user has most threads and processes: it is likely to blame.
fn holds_most() -> Option<String> {
    let user = nix::unistd::getuid().as_raw();
    let mut counts: HashMap<String, u32> = HashMap::new();
    for process in procfs::all().ok()? {
        let ours = fs::metadata(format!("/proc/{}", process.pid)).is_ok_and(|facts| facts.uid() == user);
        if ours {
            *counts.entry(process.name).or_default() += process.threads;
        }
    }
    let total: u32 = counts.values().sum();
    let (name, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    Some(format!("{total} are in use, {count} of them by `{name}`"))
}

/// The first few of the folders that were searched: a PATH may hold dozens, and one of them twice.
fn shortened(folders: &[PathBuf]) -> String {
    const SHOWN: usize = 3;
    let mut seen = HashSet::new();
    let folders: Vec<_> = folders.iter().filter(|folder| seen.insert(*folder)).collect();
    let shown: Vec<_> = folders.iter().take(SHOWN).map(|folder| folder.display().to_string()).collect();
    let more = folders.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}

/// The interpreter that the first line of a script names.
fn interpreter(script: &Path) -> Option<String> {
    let mut start = [0; 256];
    let length = fs::File::open(script).ok()?.read(&mut start).ok()?;
    let line = start.get(..length)?.strip_prefix(b"#!")?;
    let line = line.split(|&byte| byte == b'\n').next()?;
    let text = String::from_utf8_lossy(line);
    // A script from another system: the kernel looks for a program whose name ends in CR.
    let name = text.trim_matches([' ', '\t']).split([' ', '\t']).next()?;
    Some(name.replace('\r', "\\r"))
}

/// A program along PATH whose name is nearly this one.
fn similar(program: &str, folders: &[PathBuf]) -> Option<String> {
    folders
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| Some((suggest::distance(program, &name)?, name)))
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_stands_in_path_twice_is_named_once() {
        let folders = ["/bin", "/usr/bin", "/bin", "/opt", "/usr/bin", "/sbin"].map(PathBuf::from);
        assert_eq!(shortened(&folders), "/bin, /usr/bin, /opt and 1 more");
    }
}
