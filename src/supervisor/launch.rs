//! From a spec to a process: its environment, its terminal or pipes, and the call that starts it.

use super::engine::{Footing, Options};
use crate::census::{ERRAND_MARK, MARK, SUPERVISOR_MARK, errand_mark};
use crate::protocol::{Errand, ErrandPlace, Pid, Size};
use crate::reactor::{RunId, Wires};
use crate::signal::Signal;
use crate::spec::{Environment, Limit, OutputKind, Spec, StdinKind};
use crate::sys::cgroup::{Cgroup, Cgroups};
use crate::sys::handle::Handle;
use crate::sys::procfs;
use crate::sys::pty::{self, Pty};
use crate::sys::spawn::{Launch, SpawnError, Spawner, Stage};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::stat::Mode;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// What does not differ from start to start.
#[derive(Debug)]
pub(super) struct Launcher {
    spawner: Spawner,
    /// Marks what it starts as its own, by environment.
    mark: String,
    /// Ignored when minder was started, and so in its children.
    keep_ignored: Vec<Signal>,
    /// The limit on descriptors that minder was started with.
    descriptors: Option<Limit>,
    /// Whether somebody can type to workers.
    interactive: bool,
    cgroups: Option<Cgroups>,
}

/// A started run.
#[derive(Debug)]
pub(super) struct Launched {
    /// Its first process.
    pub(super) process: Handle,
    pub(super) wires: Wires,
    /// The control group that holds all it will ever start, where there is one.
    pub(super) cgroup: Option<Cgroup>,
    /// Its output files as /proc/PID/fd shows them.
    pub(super) files: Vec<String>,
}

/// The worker's ends, closed on our side once it has them.
struct Ends {
    stdin: OwnedFd,
    stdout: OwnedFd,
    stderr: OwnedFd,
    terminal: Option<OwnedFd>,
}

/// Our ends before the pidfd is known.
#[derive(Default)]
struct Ours {
    terminal: Option<OwnedFd>,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
    stdin: Option<OwnedFd>,
}

impl Launcher {
    pub(super) fn new(options: &Options, mark: String) -> Result<Self, Errno> {
        let us = Pid(std::process::id() as i32);
        let cgroups = (options.footing == Footing::Own).then(|| Cgroups::make(us)).flatten();
        Ok(Self {
            spawner: Spawner::new()?,
            mark,
            keep_ignored: options.keep_ignored.clone(),
            descriptors: options.descriptors,
            interactive: options.interactive,
            cgroups,
        })
    }

    /// Whether runs get control groups.
    pub(super) fn has_cgroups(&self) -> bool {
        self.cgroups.is_some()
    }

    /// Starts one run with a pane of this size.
    pub(super) fn launch(&mut self, run: RunId, spec: &Spec, size: Size) -> Result<Launched, SpawnError> {
        let argv = spec.program.argv();
        let early = |stage, errno| SpawnError::early(&argv, spec.cwd.as_deref(), stage, errno);
        let (ours, ends) = connect(spec, size, self.interactive).map_err(|failure| match failure {
            Failure::Wires(errno) => early(Stage::Wires, errno),
            Failure::Input(errno, file) => early(Stage::Input, errno).with_input(file),
        })?;
        let files = [&ends.stdout, &ends.stderr];
        let mut files: Vec<_> = files.iter().filter_map(|end| procfs::descriptor_name(end.as_fd())).collect();
        files.dedup();
        let environment = self.environment(spec);
        let limits: Vec<Limit> = self.descriptors.iter().chain(&spec.limits).copied().collect();
        let name = format!("{}-{}", run.worker, run.serial);
        let cgroup = self.cgroups.as_ref().and_then(|cgroups| cgroups.run(&name));
        let child = self.spawner.spawn(&Launch {
            argv: &argv,
            environment: &environment,
            cwd: spec.cwd.as_deref(),
            standard: [ends.stdin.as_fd(), ends.stdout.as_fd(), ends.stderr.as_fd()],
            terminal: ends.terminal.as_ref().map(AsFd::as_fd),
            cgroup: cgroup.as_ref().and_then(Cgroup::entry),
            umask: spec.umask,
            nice: spec.nice,
            limits: &limits,
            keep_ignored: &self.keep_ignored,
            session: true,
            inherit: false,
        })?;
        let exit = child.exit().map_err(|error| {
            // Nobody will mind it: it must not live on.
            let _ = crate::sys::process::signal_group(child.pid(), Signal::KILL);
            early(Stage::Wires, Errno::from_raw(error.raw_os_error().unwrap_or(libc::EMFILE)))
        })?;
        let Ours { terminal, stdout, stderr, stdin } = ours;
        let wires = Wires { terminal, slave: ends.terminal, stdout, stderr, stdin, exit };
        Ok(Launched { process: child, wires, cgroup, files })
    }

    /// Starts an errand: in a session of its own, or as the foreground job of our terminal.
    pub(super) fn run(&mut self, errand: &Errand) -> Result<(Handle, Option<Cgroup>), SpawnError> {
        let mark = errand_mark(&self.mark, errand.id);
        let variables = std::env::vars_os().filter(|(name, _)| name != ERRAND_MARK);
        let environment: Vec<_> = variables.chain([(ERRAND_MARK.into(), mark.into())]).collect();
        let limits: Vec<Limit> = self.descriptors.iter().copied().collect();
        let cgroup = self.cgroups.as_ref().and_then(|cgroups| cgroups.run(&format!("errand-{}", errand.id)));
        let on_terminal = errand.place == ErrandPlace::Terminal;
        let standard = &errand.standard;
        let child = self.spawner.spawn(&Launch {
            argv: &errand.argv,
            environment: &environment,
            cwd: None,
            standard: [standard.stdin.as_fd(), standard.stdout.as_fd(), standard.stderr.as_fd()],
            terminal: on_terminal.then(|| standard.stdout.as_fd()),
            cgroup: cgroup.as_ref().and_then(Cgroup::entry),
            umask: None,
            nice: None,
            limits: &limits,
            keep_ignored: &self.keep_ignored,
            session: !on_terminal,
            inherit: false,
        })?;
        Ok((child, cgroup))
    }

    /// minder's own environment or nothing, then what every worker has, then what the spec says.
    fn environment(&self, spec: &Spec) -> Vec<(OsString, OsString)> {
        let inherited = std::env::vars_os().filter(|_| !spec.env.clear);
        let mut environment: BTreeMap<OsString, OsString> = inherited.collect();
        if has_terminal(spec) {
            // What our terminal understands, whatever the outer one is; and its size is asked of it.
            environment.insert("TERM".into(), "xterm-256color".into());
            environment.insert("COLORTERM".into(), "truecolor".into());
            environment.remove(OsStr::new("LINES"));
            environment.remove(OsStr::new("COLUMNS"));
        }
        apply(&spec.env, &mut environment);
        environment.insert(MARK.into(), spec.name.as_str().into());
        environment.insert(SUPERVISOR_MARK.into(), self.mark.as_str().into());
        environment.into_iter().collect()
    }
}

fn apply(declared: &Environment, environment: &mut BTreeMap<OsString, OsString>) {
    for (name, value) in &declared.vars {
        match value {
            Some(value) => environment.insert(name.clone(), value.clone()),
            None => environment.remove(name),
        };
    }
}

/// Whether it has a terminal of its own, for its output or its standard input.
pub(super) fn has_terminal(spec: &Spec) -> bool {
    spec.output == OutputKind::Pty || spec.stdin == StdinKind::Pty
}

enum Failure<'a> {
    Wires(Errno),
    Input(Errno, &'a Path),
}

impl From<Errno> for Failure<'_> {
    fn from(errno: Errno) -> Self {
        Self::Wires(errno)
    }
}

/// Opens what the spec asks for. Where nobody can type, input from its terminal would never come and
/// never end: a worker that reads would hang for ever, so that has to be asked for.
fn connect(spec: &Spec, size: Size, interactive: bool) -> Result<(Ours, Ends), Failure<'_>> {
    let mut ours = Ours::default();
    let mut slave = None;
    if has_terminal(spec) {
        let Pty { master, slave: end } = pty::open(size)?;
        ours.terminal = Some(master);
        slave = Some(end);
    }
    let (stdout, stderr) = match (spec.output, &slave) {
        (OutputKind::Pty, Some(slave)) => (copy(slave.as_fd())?, copy(slave.as_fd())?),
        (OutputKind::Merged, _) => {
            let (read, write) = pipe()?;
            ours.stdout = Some(non_blocking(read)?);
            (copy(write.as_fd())?, write)
        }
        (OutputKind::Pty | OutputKind::Pipe, _) => {
            let (out, err) = (pipe()?, pipe()?);
            ours.stdout = Some(non_blocking(out.0)?);
            ours.stderr = Some(non_blocking(err.0)?);
            (out.1, err.1)
        }
    };
    let stdin = match (&spec.stdin, &slave) {
        (StdinKind::Auto, Some(slave)) if interactive => copy(slave.as_fd())?,
        (StdinKind::Pty, Some(slave)) => copy(slave.as_fd())?,
        (StdinKind::Auto | StdinKind::Pty | StdinKind::Null, _) => null()?,
        (StdinKind::Pipe, _) => {
            let (read, write) = pipe()?;
            ours.stdin = Some(non_blocking(write)?);
            read
        }
        (StdinKind::File(file), _) => input_file(file).map_err(|errno| Failure::Input(errno, file))?,
    };
    Ok((ours, Ends { stdin, stdout, stderr, terminal: slave }))
}

fn pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    nix::unistd::pipe2(OFlag::O_CLOEXEC)
}

fn null() -> Result<OwnedFd, Errno> {
    open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty())
}

/// Opens without waiting: a FIFO that nobody writes would keep the thread that decides for ever.
fn input_file(file: &Path) -> Result<OwnedFd, Errno> {
    let fd =
        open(file, OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY, Mode::empty())?;
    fcntl(&fd, FcntlArg::F_SETFL(OFlag::empty()))?;
    Ok(fd)
}

fn copy(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    fd.try_clone_to_owned().map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EMFILE)))
}

fn non_blocking(fd: OwnedFd) -> Result<OwnedFd, Errno> {
    fcntl(&fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    Ok(fd)
}
