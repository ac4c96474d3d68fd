//! Starting a process: one clone that shares our memory until exec, so that its cost does not grow
//! with ours, and nothing but async-signal-safe calls in between.
//!
//! The child is a session of its own (or, where asked, a group of its own in ours), with an empty
//! signal mask, default dispositions and, unless asked, no descriptor of ours, and dies with us
//! (`PR_SET_PDEATHSIG`).
#![expect(unsafe_code, reason = "the child runs on a borrowed stack between clone and exec")]

use super::handle::{self, Handle};
use super::limits;
pub use super::spawn_error::{SpawnError, Stage};
use crate::protocol::Pid;
use crate::signal::Signal;
use crate::spec::Limit;
use nix::errno::Errno;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
use std::ffi::{CString, OsStr, OsString, c_char, c_int, c_void};
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr::{self, NonNull};

/// What is to be started. Everything is decided; nothing is looked up in the child.
#[derive(Debug)]
pub struct Launch<'a> {
    /// The program and its arguments; never empty.
    pub argv: &'a [OsString],
    /// Its whole environment. A program without `/` is looked for along its `PATH`.
    pub environment: &'a [(OsString, OsString)],
    /// Its folder; ours if `None`.
    pub cwd: Option<&'a Path>,
    /// Its standard input, output and error: descriptors of ours above 2, or our own three.
    pub standard: [BorrowedFd<'a>; 3],
    /// Its controlling terminal, the slave of a pty. In our session: the terminal that its group
    /// becomes the foreground of.
    pub terminal: Option<BorrowedFd<'a>>,
    /// Where it writes `0` to enter its control group, before it becomes the program.
    pub cgroup: Option<BorrowedFd<'a>>,
    /// umask(2).
    pub umask: Option<u32>,
    /// Added to our niceness.
    pub nice: Option<i32>,
    /// setrlimit(2).
    pub limits: &'a [Limit],
    /// Signals that stay ignored: those that were ignored when we were started (`nohup`).
    pub keep_ignored: &'a [Signal],
    /// A session of its own; else a group of its own in our session.
    pub session: bool,
    /// It inherits every descriptor that we have and that is not close-on-exec.
    pub inherit: bool,
}

/// Starts processes. Owns the stack that a child borrows until its exec; one thread uses it, the
/// one that lives for ever: the parent-death signal is sent when the *thread* that spawned ends
/// (`PR_SET_PDEATHSIG`(2const)).
#[derive(Debug)]
pub struct Spawner {
    stack: NonNull<c_void>,
}

const STACK: usize = 64 * 1024;
const GUARD: usize = 4096;

impl Spawner {
    /// Maps the stack.
    ///
    /// # Errors
    /// ENOMEM.
    pub fn new() -> Result<Self, Errno> {
        let length = const { NonZeroUsize::new(STACK + GUARD).expect("above 0") };
        let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_STACK;
        // SAFETY: a new anonymous mapping touches no memory that is in use.
        let stack =
            unsafe { mmap_anonymous(None, length, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, flags) }?;
        // SAFETY: the first page of the mapping just made, which nobody uses yet.
        unsafe { mprotect(stack, GUARD, ProtFlags::PROT_NONE) }?;
        Ok(Self { stack })
    }

    /// Starts a process. Returns when it has become the program or failed to.
    ///
    /// # Errors
    /// [`SpawnError`]: at which step, why, and enough to explain it.
    pub fn spawn(&mut self, launch: &Launch<'_>) -> Result<Handle, SpawnError> {
        let prepared = Prepared::new(launch)?;
        let mut plan = prepared.plan(launch);
        let mut pidfd: c_int = -1;
        let blocked = AllBlocked::new();
        // SAFETY: the mapping is STACK + GUARD bytes long; the stack grows down from its end.
        let top = unsafe { self.stack.as_ptr().byte_add(STACK + GUARD) };
        let pidfds = if handle::pidfds() { libc::CLONE_PIDFD } else { 0 };
        let flags = libc::CLONE_VM | libc::CLONE_VFORK | pidfds | libc::SIGCHLD;
        // SAFETY: CLONE_VFORK suspends this thread until the child has exec'd or ended, so `plan`,
        // the stack and everything `plan` points to outlive the child's use of them, and nobody
        // else uses them meanwhile (`&mut self`). All signals are blocked, so no handler of ours
        // runs in the child on our memory. `run_child` makes only async-signal-safe calls.
        let pid = unsafe { libc::clone(run_child, top, flags, (&raw mut plan).cast(), &raw mut pidfd) };
        let cloned = Errno::result(pid);
        drop(blocked);
        let pid = cloned.map_err(|errno| SpawnError::new(launch, Stage::Clone, errno))?;
        // SAFETY: clone succeeded. With CLONE_PIDFD this is a new descriptor, close-on-exec; without, −1.
        let child = unsafe { Handle::of_child(Pid(pid), pidfd) };
        match plan.failure {
            None => Ok(child),
            Some((stage, errno)) => {
                reap_failed(&child);
                Err(SpawnError::new(launch, stage, Errno::from_raw(errno)))
            }
        }
    }
}

impl Drop for Spawner {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and no child can be on it: spawn returned. A failure leaks it.
        let _ = unsafe { munmap(self.stack, STACK + GUARD) };
    }
}

/// The child has called `_exit` already; it is gone in a moment, and nobody else may reap it.
fn reap_failed(child: &Handle) {
    // SAFETY: waitpid with a null status writes nothing.
    while unsafe { libc::waitpid(child.pid().0, ptr::null_mut(), 0) } == -1 && Errno::last() == Errno::EINTR {
    }
}

/// Every signal blocked in this thread, until it is dropped.
struct AllBlocked(libc::sigset_t);

impl AllBlocked {
    fn new() -> Self {
        // SAFETY: sigset_t is plain data; sigfillset and pthread_sigmask only write to the sets given.
        unsafe {
            let (mut all, mut before) = (std::mem::zeroed(), std::mem::zeroed());
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
            Self(before)
        }
    }
}

impl Drop for AllBlocked {
    fn drop(&mut self) {
        // SAFETY: restores the set that this thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, ptr::null_mut()) };
    }
}

/// What the child's plan points into: kept alive, and never moved, while the child uses it.
struct Prepared {
    candidates: Vec<CString>,
    argv: Vec<CString>,
    environment: Vec<CString>,
    argv_pointers: Vec<*const c_char>,
    environment_pointers: Vec<*const c_char>,
    cwd: Option<CString>,
    limits: Vec<(c_int, libc::rlimit)>,
    nice: Option<c_int>,
}

impl Prepared {
    fn new(launch: &Launch<'_>) -> Result<Self, SpawnError> {
        let text = |bytes: &[u8]| {
            CString::new(bytes).map_err(|_| SpawnError::new(launch, Stage::Prepare, Errno::EINVAL))
        };
        let argv = launch.argv.iter().map(|word| text(word.as_bytes())).collect::<Result<Vec<_>, _>>()?;
        let environment = launch
            .environment
            .iter()
            .map(|(name, value)| text(&[name.as_bytes(), b"=", value.as_bytes()].concat()))
            .collect::<Result<Vec<_>, _>>()?;
        let candidates = candidates(launch)
            .iter()
            .map(|path| text(path.as_os_str().as_bytes()))
            .collect::<Result<Vec<_>, _>>()?;
        let limits = launch.limits.iter().map(|limit| {
            let bounds =
                libc::rlimit { rlim_cur: limits::bound(limit.soft), rlim_max: limits::bound(limit.hard) };
            (limits::kernel(limit.resource) as c_int, bounds)
        });
        Ok(Self {
            argv_pointers: pointers(&argv),
            environment_pointers: pointers(&environment),
            candidates,
            argv,
            environment,
            cwd: launch.cwd.map(|cwd| text(cwd.as_os_str().as_bytes())).transpose()?,
            limits: limits.collect(),
            nice: launch.nice.map(|added| own_niceness() + added),
        })
    }

    fn plan(&self, launch: &Launch<'_>) -> Plan<'_> {
        debug_assert_eq!(self.argv.len() + 1, self.argv_pointers.len());
        debug_assert_eq!(self.environment.len() + 1, self.environment_pointers.len());
        let ignored = launch.keep_ignored.iter().fold(0, |set, signal| set | 1 << (signal.number() - 1));
        Plan {
            candidates: &self.candidates,
            argv: self.argv_pointers.as_ptr(),
            environment: self.environment_pointers.as_ptr(),
            cwd: self.cwd.as_ref().map_or(ptr::null(), |cwd| cwd.as_ptr()),
            standard: launch.standard.map(|fd| fd.as_raw_fd()),
            terminal: launch.terminal.map(|fd| fd.as_raw_fd()),
            cgroup: launch.cgroup.map(|fd| fd.as_raw_fd()),
            umask: launch.umask,
            nice: self.nice,
            limits: &self.limits,
            keep_ignored: ignored,
            session: launch.session,
            inherit: launch.inherit,
            parent: std::process::id() as libc::pid_t,
            failure: None,
        }
    }
}

fn pointers(texts: &[CString]) -> Vec<*const c_char> {
    texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect()
}

fn own_niceness() -> c_int {
    // SAFETY: getpriority takes plain integers. -1 is a niceness as well as an error; 0 names us,
    // and for us it cannot fail.
    unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
}

/// Every path that the program may be at, as execvp(3) would try them.
pub(super) fn candidates(launch: &Launch<'_>) -> Vec<PathBuf> {
    let Some(program) = launch.argv.first() else { return Vec::new() };
    if program.as_bytes().contains(&b'/') {
        return vec![program.into()];
    }
    search_path(launch.environment).iter().map(|folder| folder.join(program)).collect()
}

/// The folders of the child's `PATH`; an empty one is the current folder (POSIX 8.3).
pub(super) fn search_path(environment: &[(OsString, OsString)]) -> Vec<PathBuf> {
    let path = environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_os_str());
    let path = path.unwrap_or(OsStr::new("/usr/local/bin:/usr/bin:/bin"));
    path.as_bytes()
        .split(|&byte| byte == b':')
        .map(|folder| if folder.is_empty() { Path::new(".") } else { Path::new(OsStr::from_bytes(folder)) })
        .map(Path::to_owned)
        .collect()
}

/// All that the child needs, in plain pointers and numbers.
struct Plan<'a> {
    candidates: &'a [CString],
    argv: *const *const c_char,
    environment: *const *const c_char,
    cwd: *const c_char,
    standard: [RawFd; 3],
    terminal: Option<RawFd>,
    cgroup: Option<RawFd>,
    umask: Option<u32>,
    nice: Option<c_int>,
    limits: &'a [(c_int, libc::rlimit)],
    keep_ignored: u64,
    session: bool,
    inherit: bool,
    parent: libc::pid_t,
    /// Written by the child before it ends without having become the program. The parent shares
    /// the memory and sleeps until then.
    failure: Option<(Stage, i32)>,
}

/// The child's life from clone to exec.
extern "C" fn run_child(plan: *mut c_void) -> c_int {
    // SAFETY: the parent passed a pointer to its plan and sleeps: we are the only user.
    let plan = unsafe { &mut *plan.cast::<Plan<'_>>() };
    // SAFETY: between clone and exec, see each function; only async-signal-safe calls are made.
    let failure = unsafe { become_program(plan) };
    plan.failure = Some(failure);
    // SAFETY: ends this process alone, without running anybody's exit handlers.
    unsafe { libc::_exit(127) }
}

/// Does every step and then execs; returns only on failure, with the step and the errno.
///
/// # Safety
/// Only in a child that may use the plan's pointers, before exec.
unsafe fn become_program(plan: &Plan<'_>) -> (Stage, i32) {
    // SAFETY: plain system calls on this process alone (the table of descriptors, the dispositions
    // and the rest were copied by clone: no CLONE_FILES, CLONE_SIGHAND or CLONE_FS); pointers are
    // the plan's, which the caller vouches for.
    unsafe {
        if let Err(failure) =
            own_place(plan).and_then(|()| own_descriptors(plan)).and_then(|()| own_limits(plan))
        {
            return failure;
        }
        reset_signals(plan.keep_ignored);
        die_with_parent(plan.parent);
        if !plan.cwd.is_null() && libc::chdir(plan.cwd) == -1 {
            return (Stage::Folder, errno());
        }
        unblock_signals();
        exec(plan)
    }
}

type Step = Result<(), (Stage, i32)>;

unsafe fn own_place(plan: &Plan<'_>) -> Step {
    // SAFETY: see become_program. All signals are blocked, SIGTTOU too: tcsetpgrp stops nobody.
    unsafe {
        if let Some(cgroup) = plan.cgroup {
            // A failure leaves it in ours: then its tree is found by looking, as everywhere else.
            libc::write(cgroup, b"0".as_ptr().cast(), 1);
        }
        if plan.session {
            check(Stage::Session, libc::setsid())?;
        } else {
            check(Stage::Session, libc::setpgid(0, 0))?;
        }
        match plan.terminal {
            Some(terminal) if plan.session => {
                check(Stage::Terminal, libc::ioctl(terminal, libc::TIOCSCTTY, 0))
            }
            Some(terminal) => check(Stage::Terminal, libc::tcsetpgrp(terminal, libc::getpid())),
            None => Ok(()),
        }
    }
}

unsafe fn own_descriptors(plan: &Plan<'_>) -> Step {
    // SAFETY: see become_program. The sources are above 2 (std opens /dev/null for any of 0 to 2
    // that is closed when we start), so no dup2 overwrites a later one's source, and each clears
    // close-on-exec on its target.
    unsafe {
        for (target, source) in plan.standard.into_iter().enumerate() {
            check(Stage::Descriptors, libc::dup2(source, target as c_int))?;
        }
        if plan.inherit {
            return Ok(());
        }
        let (first, last) = (3_u32, u32::MAX);
        if libc::syscall(libc::SYS_close_range, first, last, libc::CLOSE_RANGE_CLOEXEC) == -1 {
            close_one_by_one();
        }
        Ok(())
    }
}

/// Before Linux 5.11: there is no close_range that marks.
unsafe fn close_one_by_one() {
    // SAFETY: see become_program; an fd that is not open gives EBADF, which is fine.
    unsafe {
        let last = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 65_536) as c_int;
        for fd in 3..last {
            libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
}

unsafe fn own_limits(plan: &Plan<'_>) -> Step {
    // SAFETY: see become_program.
    unsafe {
        if let Some(nice) = plan.nice {
            check(Stage::Nice, libc::setpriority(libc::PRIO_PROCESS, 0, nice))?;
        }
        for (resource, bounds) in plan.limits {
            check(Stage::Limit, libc::setrlimit(*resource as _, ptr::from_ref(bounds)))?;
        }
        if let Some(umask) = plan.umask {
            libc::umask(umask as libc::mode_t);
        }
        Ok(())
    }
}

/// Default dispositions for all signals but those that were ignored when minder was started. Rust's
/// std resets SIGPIPE alone, and an ignored signal stays ignored across exec (execve(2)).
unsafe fn reset_signals(keep_ignored: u64) {
    // SAFETY: see become_program. Every handler of ours is gone from the child before any signal
    // is unblocked. KILL and STOP give EINVAL, and so do glibc's own 32 and 33, which are default
    // after exec unless our starter ignored them.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        for number in 1..=64 {
            let ignore = keep_ignored & (1 << (number - 1)) != 0;
            action.sa_sigaction = if ignore { libc::SIG_IGN } else { libc::SIG_DFL };
            libc::sigaction(number, &raw const action, ptr::null_mut());
        }
    }
}

/// The kernel kills us when the thread that started us ends; if it is gone already, end now.
unsafe fn die_with_parent(parent: libc::pid_t) {
    // SAFETY: see become_program.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        // 0: the parent is outside of our PID namespace, as after `unshare -p`.
        if ![parent, 0].contains(&libc::getppid()) {
            libc::_exit(127);
        }
    }
}

unsafe fn unblock_signals() {
    // SAFETY: see become_program.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
    }
}

/// As execvp(3): the first candidate that can be run; EACCES is remembered over ENOENT.
unsafe fn exec(plan: &Plan<'_>) -> (Stage, i32) {
    let mut remembered = libc::ENOENT;
    for candidate in plan.candidates {
        // SAFETY: see become_program; both arrays end with a null pointer.
        unsafe { libc::execve(candidate.as_ptr(), plan.argv, plan.environment) };
        match errno() {
            libc::ENOENT | libc::ENOTDIR => {}
            libc::EACCES => remembered = libc::EACCES,
            other => return (Stage::Exec, other),
        }
    }
    (Stage::Exec, remembered)
}

fn check(stage: Stage, result: c_int) -> Step {
    if result == -1 { Err((stage, errno())) } else { Ok(()) }
}

fn errno() -> i32 {
    // SAFETY: the location is this thread's own. The child shares the sleeping parent's, which
    // reads it only after a call of its own that failed.
    unsafe { *libc::__errno_location() }
}

#[cfg(test)]
mod tests;
