//! One process from its start to its reaping: its pipes, its end, what is left of it. One thread, the
//! worker's, starts it, waits on all of it at once and reaps it.

use super::super::bell::Bell;
use super::super::{JobError, stop_requested};
use super::tree;
use crate::protocol::Pid;
use crate::signal::Signal;
use crate::spec::{Spec, StdinKind, StopPolicy};
use crate::status::ExitStatus;
use crate::sys::handle::Handle;
use crate::sys::process::{self, Change};
use crate::sys::spawn::{Launch, SpawnError, Spawner, Stage};
use crate::sys::{clock, signals};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::Mode;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long after its end its output is read while a stranger holds the pipe.
const DRAIN: Duration = Duration::from_millis(100);
/// What is read of one output after that at most: a stranger that floods on must not keep us.
const LAST_WORDS: usize = 4 << 20;
/// How often a process is looked at whose end no descriptor tells.
const LOOK: Duration = Duration::from_millis(10);
/// How long after SIGKILL it is waited for (state D).
const PATIENCE: Duration = Duration::from_secs(5);

/// What a process said and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How its first process ended.
    pub status: ExitStatus,
    /// What came on its standard output.
    pub stdout: Vec<u8>,
    /// What came on its standard error.
    pub stderr: Vec<u8>,
    /// Whether it said more than is kept.
    pub truncated: bool,
    /// From its start to its end.
    pub ran: Duration,
}

/// What its input comes from.
pub(in super::super) enum Input {
    /// As its spec says, without a pipe.
    Spec,
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// What is written to it later.
    Open,
}

/// What starts processes, one worker's.
#[derive(Debug)]
pub(in super::super) struct Starter {
    spawner: Spawner,
    keep_ignored: Vec<Signal>,
    /// Killed, but not ended when we last looked.
    owed: Vec<Arc<Handle>>,
}

impl Starter {
    pub(in super::super) fn new() -> Result<Self, Errno> {
        Ok(Self { spawner: Spawner::new()?, keep_ignored: signals::ignored_at_start(), owed: Vec::new() })
    }

    /// Starts it. Its output goes to pipes, whatever its spec says.
    pub(in super::super) fn start(
        &mut self,
        spec: &Spec,
        input: Input,
        max_output: usize,
    ) -> Result<Live, SpawnError> {
        self.owed.retain(|child| matches!(child.reap(), Ok(None)));
        let argv = spec.program.argv();
        let early = |stage, errno| SpawnError::early(&argv, spec.cwd.as_deref(), stage, errno);
        let wires = |errno| early(Stage::Wires, errno);
        let (out, out_end) = pipe().map_err(wires)?;
        let (err, err_end) = pipe().map_err(wires)?;
        let (fed, in_end) = match (input, &spec.stdin) {
            (Input::Spec, StdinKind::File(file)) => {
                let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
                let file_end = open(file, flags, Mode::empty());
                (None, file_end.map_err(|errno| early(Stage::Input, errno).with_input(file))?)
            }
            (Input::Spec, StdinKind::Auto | StdinKind::Pty | StdinKind::Null | StdinKind::Pipe) => {
                (None, open("/dev/null", OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty()).map_err(wires)?)
            }
            (Input::Bytes(bytes), _) => {
                let (read, write) = pipe().map_err(wires)?;
                (Some(Feed { fd: write, bytes, written: 0, closes: true }), read)
            }
            (Input::Open, _) => {
                let (read, write) = pipe().map_err(wires)?;
                (Some(Feed { fd: write, bytes: Vec::new(), written: 0, closes: false }), read)
            }
        };
        let ours = [Some(&out), Some(&err), fed.as_ref().map(|feed| &feed.fd)];
        for fd in ours.into_iter().flatten() {
            fcntl(fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(wires)?;
        }
        let mark = tree::new_mark();
        let child = self.spawner.spawn(&Launch {
            argv: &argv,
            environment: &environment(spec, &mark),
            cwd: spec.cwd.as_deref(),
            standard: [in_end.as_fd(), out_end.as_fd(), err_end.as_fd()],
            terminal: None,
            cgroup: None,
            umask: spec.umask,
            nice: spec.nice,
            limits: &spec.limits,
            keep_ignored: &self.keep_ignored,
            session: true,
            inherit: false,
        })?;
        let streams =
            [out, err].map(|fd| Stream { fd: Some(fd), bytes: Vec::new(), max: max_output, cut: false });
        let (stop, started) = (spec.stop, clock::now());
        // Without a descriptor to be had, its end is looked for.
        let exit = child.exit().ok().flatten();
        let child = Arc::new(child);
        Ok(Live {
            child,
            exit,
            mark,
            stop,
            input: fed,
            streams,
            ending: Ending::Unasked,
            started,
            ended: false,
        })
    }

    /// Ends what is left of the process's tree, reads its last words, reaps it, and says how it ended.
    pub(in super::super) fn finish(&mut self, mut live: Live, bell: &Bell) -> Result<Output, JobError> {
        let pid = live.pid();
        let ran = clock::now() - live.started;
        // ECHILD: somebody else was faster, or the host ignores SIGCHLD.
        let pinned = live.child.change().is_ok();
        tree::end_rest(pid, pinned, &live.mark);
        if !live.ended {
            self.owed.push(Arc::clone(&live.child));
            return Err(JobError::Stuck(pid));
        }
        live.drain(bell, clock::now() + DRAIN);
        let status = live.child.reap().ok().flatten().ok_or(JobError::StatusLost(pid))?;
        let truncated = live.streams.iter().any(|stream| stream.cut);
        let [stdout, stderr] = [0, 1].map(|which| std::mem::take(&mut live.streams[which].bytes));
        Ok(Output { status, stdout, stderr, truncated, ran })
    }
}

fn environment(spec: &Spec, mark: &str) -> Vec<(OsString, OsString)> {
    let inherited = std::env::vars_os().filter(|_| !spec.env.clear);
    let mut environment: BTreeMap<OsString, OsString> = inherited.collect();
    for (name, value) in &spec.env.vars {
        match value {
            Some(value) => environment.insert(name.clone(), value.clone()),
            None => environment.remove(name),
        };
    }
    environment.insert(tree::VARIABLE.into(), mark.into());
    environment.into_iter().collect()
}

fn pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    nix::unistd::pipe2(OFlag::O_CLOEXEC)
}

/// What goes to its standard input.
#[derive(Debug)]
struct Feed {
    fd: OwnedFd,
    bytes: Vec<u8>,
    written: usize,
    /// Closed when all is written.
    closes: bool,
}

/// What comes from one of its outputs.
#[derive(Debug)]
struct Stream {
    /// `None` after its end.
    fd: Option<OwnedFd>,
    bytes: Vec<u8>,
    max: usize,
    cut: bool,
}

/// How far its end that was asked for has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Unasked,
    Asked { kill_at: Instant },
    Killed { give_up_at: Instant },
}

/// Why a conversation paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Pause {
    /// What was waited for is there.
    Ready,
    /// It ended, or does not end by SIGKILL: [`Starter::finish`] is next.
    Over,
    /// The time is over.
    Late,
}

/// A process that runs.
#[derive(Debug)]
pub(in super::super) struct Live {
    child: Arc<Handle>,
    /// Readable when it has ended.
    exit: Option<OwnedFd>,
    mark: String,
    stop: StopPolicy,
    input: Option<Feed>,
    streams: [Stream; 2],
    ending: Ending,
    started: Instant,
    ended: bool,
}

impl Live {
    pub(in super::super) fn pid(&self) -> Pid {
        self.child.pid()
    }

    /// Whether its end was asked for.
    pub(in super::super) fn was_stopped(&self) -> bool {
        self.ending != Ending::Unasked
    }

    /// What came on its standard output and was not taken.
    pub(in super::super) fn said(&mut self) -> &mut Vec<u8> {
        &mut self.streams[0].bytes
    }

    /// Whether it said more than is kept.
    pub(in super::super) fn is_cut(&self) -> bool {
        self.streams[0].cut
    }

    /// Forgets what it said on its standard error.
    pub(in super::super) fn forget_errors(&mut self) {
        self.streams[1].bytes.clear();
    }

    /// Adds to its input.
    pub(in super::super) fn say(&mut self, bytes: &[u8]) {
        if let Some(feed) = &mut self.input {
            feed.bytes.drain(..std::mem::take(&mut feed.written));
            feed.bytes.extend_from_slice(bytes);
        }
    }

    /// Ends its input.
    pub(in super::super) fn hang_up(&mut self) {
        self.input = None;
    }

    /// Asks it to end: its stop signal to its group, and SIGKILL after its grace.
    pub(in super::super) fn ask_to_end(&mut self) {
        if self.ending == Ending::Unasked {
            self.signal(self.stop.signal);
            // A stopped process acts on SIGTERM only once it is continued (signal(7)).
            self.signal(Signal::CONT);
            self.ending = Ending::Asked { kill_at: clock::later(clock::now(), self.stop.grace) };
        }
    }

    /// To its group. It is not reaped before it is finished, so the number is its own.
    fn signal(&self, signal: Signal) {
        // ESRCH: it made itself another group's member and nobody is left in its own.
        let _ = process::signal_group(self.pid(), signal);
        if signal == Signal::KILL {
            let _ = self.child.signal(signal);
        }
    }

    /// Moves bytes until `ready` says so, it ends, or the time is over. A job that is to stop is asked
    /// to end meanwhile, and killed after its grace.
    pub(in super::super) fn converse(
        &mut self,
        bell: &Bell,
        until: Option<Instant>,
        ready: impl Fn(&mut Self) -> bool,
    ) -> Pause {
        let mut looked = false;
        loop {
            if stop_requested() {
                self.ask_to_end();
            }
            if ready(self) {
                return Pause::Ready;
            }
            let now = clock::now();
            if self.ended || self.escalate(now) {
                return Pause::Over;
            }
            let late = until.is_some_and(|until| until <= now);
            if late && looked {
                return Pause::Late;
            }
            let deadline = [until, self.deadline()].into_iter().flatten().min();
            self.turn(bell, deadline.map(|deadline| deadline.saturating_duration_since(now)));
            // However late it is, there is one look at what happened meanwhile.
            looked = late;
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self.ending {
            Ending::Unasked => None,
            Ending::Asked { kill_at } => Some(kill_at),
            Ending::Killed { give_up_at } => Some(give_up_at),
        }
    }

    /// Does what is due; true when there is nothing more that could be done.
    fn escalate(&mut self, now: Instant) -> bool {
        match self.ending {
            Ending::Asked { kill_at } if kill_at <= now => {
                self.signal(Signal::KILL);
                self.ending = Ending::Killed { give_up_at: now + PATIENCE };
                false
            }
            Ending::Killed { give_up_at } => give_up_at <= now,
            Ending::Unasked | Ending::Asked { .. } => false,
        }
    }

    /// Waits for one thing to happen and does what can be done then.
    fn turn(&mut self, bell: &Bell, timeout: Option<Duration>) {
        let [ended, rung, out, err, input] = self.poll(bell, timeout);
        if rung {
            bell.hear();
        }
        for (stream, readable) in self.streams.iter_mut().zip([out, err]) {
            if readable {
                stream.read();
            }
        }
        if input && self.input.as_mut().is_some_and(|feed| feed.write() == Fed::Over) {
            self.input = None;
        }
        self.ended = ended;
    }

    /// Whether it ended, the bell rang, its two outputs can be read, its input written.
    fn poll(&self, bell: &Bell, timeout: Option<Duration>) -> [bool; 5] {
        let feed = self.input.as_ref().filter(|feed| feed.is_wanted());
        let [out, err] = &self.streams;
        let asked: [(Option<BorrowedFd<'_>>, PollFlags); 5] = [
            (self.exit.as_ref().map(AsFd::as_fd).filter(|_| !self.ended), PollFlags::POLLIN),
            (bell.fd(), PollFlags::POLLIN),
            (out.fd.as_ref().map(AsFd::as_fd), PollFlags::POLLIN),
            (err.fd.as_ref().map(AsFd::as_fd), PollFlags::POLLIN),
            (feed.map(|feed| feed.fd.as_fd()), PollFlags::POLLOUT),
        ];
        let mut polled: Vec<PollFd<'_>> =
            asked.iter().filter_map(|(fd, flags)| fd.map(|fd| PollFd::new(fd, *flags))).collect();
        // A poll(2) that rounds down would spin through the last millisecond.
        let rounded = |timeout| PollTimeout::try_from(timeout + Duration::from_millis(1));
        let looks = self.exit.is_none() && !self.ended;
        let timeout = if looks { Some(timeout.map_or(LOOK, |timeout| timeout.min(LOOK))) } else { timeout };
        let timeout = timeout.map_or(PollTimeout::NONE, |time| rounded(time).unwrap_or(PollTimeout::MAX));
        if poll(&mut polled, timeout).is_err() {
            return [false; 5];
        }
        let mut answers = polled.iter().map(|fd| fd.any() != Some(false));
        let mut said = asked.map(|(fd, _)| fd.is_some() && answers.next().unwrap_or(false));
        said[0] |=
            looks && !matches!(self.child.change(), Ok(None | Some(Change::Stopped(_) | Change::Continued)));
        said
    }

    /// Its last words, after its end.
    fn drain(&mut self, bell: &Bell, until: Instant) {
        self.input = None;
        while self.streams.iter().any(|stream| stream.fd.is_some()) {
            let left = until.saturating_duration_since(clock::now());
            if left.is_zero() {
                // However late we come: what it left in its pipes is there.
                return self.streams.iter_mut().for_each(Stream::read_rest);
            }
            self.turn(bell, Some(left));
            self.ended = true;
        }
    }
}

impl Drop for Live {
    /// One that was not finished is not left behind: whatever unwinds here, it is ended and reaped.
    fn drop(&mut self) {
        // One that does not end by SIGKILL is owed, not waited for a second time.
        let stuck = matches!(self.ending, Ending::Killed { .. }) && !self.ended;
        // ECHILD: it was finished.
        if !stuck && matches!(self.child.change(), Ok(None | Some(Change::Stopped(_) | Change::Continued))) {
            self.signal(Signal::KILL);
            self.child.await_end(PATIENCE);
        }
        let _ = self.child.reap();
    }
}

/// Whether more can be written.
#[derive(PartialEq, Eq)]
enum Fed {
    Open,
    Over,
}

impl Feed {
    fn is_wanted(&self) -> bool {
        self.written < self.bytes.len() || self.closes
    }

    fn write(&mut self) -> Fed {
        match nix::unistd::write(&self.fd, &self.bytes[self.written..]) {
            Ok(written) => self.written += written,
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            // EPIPE: it reads no more.
            Err(_) => return Fed::Over,
        }
        if self.closes && self.written == self.bytes.len() { Fed::Over } else { Fed::Open }
    }
}

impl Stream {
    /// Reads what is there, without waiting.
    fn read_rest(&mut self) {
        let mut left = LAST_WORDS;
        while left > 0 {
            match self.read() {
                0 => return,
                length => left = left.saturating_sub(length),
            }
        }
        self.cut = true;
    }

    /// One read: the other descriptors have their turn. How much came; 0 where there was nothing or the
    /// end.
    fn read(&mut self) -> usize {
        let Some(fd) = &self.fd else { return 0 };
        let mut buffer = [0; 16 * 1024];
        match nix::unistd::read(fd, &mut buffer) {
            Ok(length @ 1..) => {
                let room = self.max.saturating_sub(self.bytes.len());
                self.cut |= length > room;
                self.bytes.extend_from_slice(&buffer[..length.min(room)]);
                length
            }
            Err(Errno::EAGAIN | Errno::EINTR) => 0,
            Ok(0) | Err(_) => {
                self.fd = None;
                0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_left_in_its_pipe_is_read_however_late() {
        let spec = Spec::exec("head", ["head", "-c", "65536", "/dev/zero"]);
        let mut live = Starter::new().unwrap().start(&spec, Input::Spec, 1 << 20).unwrap();
        // A pipe takes as much before its writer waits.
        live.child.await_end(Duration::from_mins(1));
        live.drain(&Bell::default(), clock::now());
        assert_eq!((live.streams[0].bytes.len(), live.is_cut()), (65536, false));
    }
}
