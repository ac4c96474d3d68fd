//! One turn of the reactor: of what is ready a bounded part is read each, so that no flood starves a
//! neighbour.

use super::run::{Pending, Role, RunId, Wires};
use super::{Event, Order};
use crate::guest::Bell;
use crate::output::Output;
use crate::protocol::Size;
use crate::sys::{clock, pty};
use crossbeam_channel::Sender;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::epoll::{Epoll, EpollEvent, EpollFlags, EpollTimeout};
use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

/// The token of the descriptor by which orders are announced.
pub(super) const ATTENTION: u64 = 0;

/// One read takes at most this: what one worker may cost the others in a turn.
const BUDGET: usize = 256 * 1024;

/// What a pipe holds when it is made (pipe(7)).
const PIPE: usize = 64 * 1024;
/// What a pipe is made to hold whose worker fills it faster than it is read: fewer and longer reads,
/// and the worker goes on while we are at its lines. The user's quota of such pages is bounded
/// (`pipe-user-pages-soft`), so quiet workers keep the small one.
const WIDE_PIPE: i32 = 1 << 20;
/// As often in a row must a pipe be found full.
const FLOODS: u8 = 16;

/// A read of so much emptied a full line discipline (4096 bytes, one of which may stay free: n_tty.c).
const TERMINAL: usize = 4095;
/// As often is a terminal read in a turn as long as it is found full: its line discipline and the buffers
/// before it (8 KB, pty.c) hold as much together. A worker that finds all of it free at once writes on for
/// longer: measured with a hundred floods on two cores, the kernel works a tenth to a sixth less than with
/// one read. More reads wait for what is still to be written.
const TERMINAL_READS: usize = 3;
/// So many full terminals are read in turns. After a read, the kernel's own thread moves up what comes
/// next, and who reads the same terminal at once contends with it: that cost the reader of a hundred floods
/// a tenth to a quarter of its time. Larger groups were slower.
const GROUP: usize = 4;

/// What is read at the end of a run at most, beyond what was read as it came: a grandchild that
/// floods on must not keep us.
const LAST_WORDS: usize = 4 << 20;

/// How soon a paused worker is looked at again, in milliseconds. Only while one is paused.
const PAUSE: u16 = 10;

/// All that the thread owns.
pub(super) struct State {
    epoll: Epoll,
    sources: HashMap<u64, Source>,
    workers: Vec<Worker>,
    bell: Bell,
    events: Sender<Event>,
    buffer: Vec<u8>,
    next_token: u64,
    paused: Vec<u64>,
    /// Terminals that were found full in this turn and are to be read again.
    full: Vec<u64>,
}

/// One descriptor. Tokens are never used twice, so a late event cannot hit a later descriptor.
struct Source {
    run: RunId,
    role: Role,
    fd: OwnedFd,
    /// What goes to it.
    pending: Pending,
    /// How many reads in a row found a full pipe.
    full: u8,
}

impl Source {
    /// Widens the pipe of a worker that floods. Not that of one whose log is small: what is left in its
    /// pipe when it ends comes all at once, and must not push out what is not printed yet.
    fn note_read(&mut self, length: usize, output: &Output) {
        self.full = if length >= PIPE { self.full.saturating_add(1) } else { 0 };
        let is_pipe = matches!(self.role, Role::Stdout | Role::Stderr);
        if self.full == FLOODS && is_pipe && output.takes_at_once(2 * WIDE_PIPE as usize) {
            // EPERM: the quota is used up, and it stays as it is.
            let _ = fcntl(&self.fd, FcntlArg::F_SETPIPE_SZ(WIDE_PIPE));
        }
    }

    /// It is not read until [`State::unpause`].
    fn pause(&self, epoll: &Epoll, token: u64) -> bool {
        modify(epoll, &self.fd, writing(self.role, &self.pending, token))
    }
}

struct Worker {
    output: Arc<Output>,
    serial: u32,
    open_outputs: usize,
    slave: Option<OwnedFd>,
}

impl Worker {
    fn new(output: Arc<Output>) -> Self {
        Self { output, serial: 0, open_outputs: 0, slave: None }
    }
}

impl State {
    pub(super) fn new(epoll: Epoll, bell: Bell, events: Sender<Event>) -> Self {
        Self {
            epoll,
            sources: HashMap::new(),
            workers: Vec::new(),
            bell,
            events,
            buffer: vec![0; BUDGET],
            next_token: ATTENTION + 1,
            paused: Vec::new(),
            full: Vec::with_capacity(GROUP),
        }
    }

    /// Waits, then serves each ready descriptor. True if orders were announced.
    pub(super) fn turn(&mut self, ready: &mut [EpollEvent]) -> Result<bool, Errno> {
        let timeout = if self.paused.is_empty() { EpollTimeout::NONE } else { EpollTimeout::from(PAUSE) };
        let count = match self.epoll.wait(ready, timeout) {
            Err(Errno::EINTR) => 0,
            other => other?,
        };
        let mut called = false;
        let mut fed = false;
        for event in ready.iter().take(count) {
            if event.data() == ATTENTION {
                called = true;
            } else {
                fed |= self.serve(event.data(), event.events());
            }
            if self.full.len() == GROUP {
                self.read_full_ones();
            }
        }
        self.read_full_ones();
        self.unpause();
        if fed {
            self.bell.ring();
        }
        Ok(called)
    }

    /// True if a pane changed.
    fn serve(&mut self, token: u64, flags: EpollFlags) -> bool {
        let Some(source) = self.sources.get(&token) else { return false };
        let (run, role) = (source.run, source.role);
        match role {
            Role::Exit => {
                self.close(token);
                self.workers[run.worker].slave = None;
                self.tell(Event::Ended(run));
                false
            }
            Role::Stdin => {
                // An error is told whatever is asked for (epoll_ctl(2)): nobody reads it any more.
                if flags.intersects(EpollFlags::EPOLLERR | EpollFlags::EPOLLHUP) {
                    self.close(token);
                } else {
                    self.flush(token);
                }
                false
            }
            Role::Terminal | Role::Stdout | Role::Stderr => {
                if flags.contains(EpollFlags::EPOLLOUT) {
                    self.flush(token);
                }
                let readable = EpollFlags::EPOLLIN | EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR;
                if !flags.intersects(readable) {
                    return false;
                }
                let length = self.read(token);
                if role == Role::Terminal && length >= TERMINAL {
                    self.full.push(token);
                }
                length > 0
            }
        }
    }

    /// Reads the terminals again that were found full, in turns, until their buffers should be empty.
    fn read_full_ones(&mut self) {
        let mut full = std::mem::take(&mut self.full);
        for _ in 1..TERMINAL_READS {
            full.retain(|token| self.read(*token) >= TERMINAL);
        }
        full.clear();
        self.full = full;
    }

    /// Reads once and feeds the pane. Returns how much; 0 where there was nothing or the end.
    fn read(&mut self, token: u64) -> usize {
        let Some(source) = self.sources.get_mut(&token) else { return 0 };
        let (run, Some(stream)) = (source.run, source.role.stream()) else { return 0 };
        match nix::unistd::read(&source.fd, &mut self.buffer) {
            // A terminal whose last slave was closed gives EIO: that is its end of file (pty(7)).
            Ok(0) | Err(Errno::EIO) => {
                self.close_output(token, run);
                0
            }
            Ok(length) => {
                let output = &self.workers[run.worker].output;
                source.note_read(length, output);
                let bytes = self.buffer.get(..length).unwrap_or_default();
                let reply = output.feed(stream, bytes, clock::wall());
                // Its own pipe makes it wait whose reader is far behind.
                if output.is_full() && !self.paused.contains(&token) && source.pause(&self.epoll, token) {
                    self.paused.push(token);
                }
                if !reply.is_empty() {
                    self.answer(run, &reply);
                }
                length
            }
            Err(Errno::EAGAIN | Errno::EINTR) => 0,
            Err(_) => {
                self.close_output(token, run);
                0
            }
        }
    }

    fn close_output(&mut self, token: u64, run: RunId) {
        self.close(token);
        let worker = &mut self.workers[run.worker];
        if worker.serial != run.serial {
            return;
        }
        worker.open_outputs -= 1;
        if worker.open_outputs == 0 {
            self.tell(Event::Drained(run));
        }
    }

    fn close(&mut self, token: u64) {
        if let Some(source) = self.sources.remove(&token) {
            // Closing alone would not do: a duplicate of a pidfd or a master may be open elsewhere.
            let _ = self.epoll.delete(&source.fd);
        }
    }

    fn tell(&self, event: Event) {
        // A closed channel means that the supervisor is over.
        let _ = self.events.send(event);
    }

    fn unpause(&mut self) {
        let Self { epoll, sources, workers, paused, .. } = self;
        paused.retain(|token| {
            let Some(source) = sources.get(token) else { return false };
            workers[source.run.worker].output.is_full()
                || !modify(epoll, &source.fd, interest(source.role, &source.pending, *token))
        });
    }

    pub(super) fn carry_out(&mut self, order: Order) {
        match order {
            Order::Host(output) => self.workers.push(Worker::new(output)),
            Order::Adopt(run, wires) => self.adopt(run, wires),
            Order::AdoptThread(run) => self.workers[run.worker].serial = run.serial,
            Order::Write(run, bytes) => self.write(run, &bytes),
            Order::Finish(run, text) => self.finish(run, &text),
            Order::LetGo(run) => self.let_go(run),
            Order::Resize(sizes) => self.resize(&sizes.into_iter().collect()),
        }
    }

    fn adopt(&mut self, run: RunId, mut wires: Wires) {
        let old: Vec<u64> = self
            .sources
            .iter()
            .filter(|(_, source)| source.run.worker == run.worker)
            .map(|(&token, _)| token)
            .collect();
        for token in old {
            self.close(token);
        }
        let worker = &mut self.workers[run.worker];
        (worker.serial, worker.open_outputs) = (run.serial, 0);
        worker.slave = wires.slave.take();
        for (role, fd) in wires.into_roles() {
            let token = self.next_token;
            self.next_token += 1;
            if role.stream().is_some() {
                self.workers[run.worker].open_outputs += 1;
            }
            let pending = Pending::default();
            // ENOMEM or ENOSPC (max_user_watches): without it the run would go unseen, so say its
            // end now; the supervisor then looks for itself.
            let added = self.epoll.add(&fd, interest(role, &pending, token));
            self.sources.insert(token, Source { run, role, fd, pending, full: 0 });
            if added.is_err() {
                self.serve(token, EpollFlags::EPOLLIN);
            }
        }
    }

    fn write(&mut self, run: RunId, bytes: &[u8]) {
        if self.workers[run.worker].serial != run.serial {
            return;
        }
        // A worker whose input is /dev/null or a file takes no keys.
        if let Some(token) = self.token(run, Role::Stdin) {
            // No terminal makes the newline out of what Enter sends (ICRNL, termios(3)).
            let line: Vec<u8> = bytes.iter().map(|&byte| if byte == b'\r' { b'\n' } else { byte }).collect();
            self.send(token, &line);
        } else if let Some(token) = self.token(run, Role::Terminal) {
            self.send(token, bytes);
        }
    }

    /// What a terminal answers comes back through it: it is no input of a worker that reads a pipe.
    fn answer(&mut self, run: RunId, bytes: &[u8]) {
        if let Some(token) = self.token(run, Role::Terminal) {
            self.send(token, bytes);
        }
    }

    fn token(&self, run: RunId, role: Role) -> Option<u64> {
        let wanted = |source: &Source| source.run == run && source.role == role;
        self.sources.iter().find(|(_, source)| wanted(source)).map(|(&token, _)| token)
    }

    fn send(&mut self, token: u64, bytes: &[u8]) {
        if let Some(source) = self.sources.get_mut(&token) {
            source.pending.push(bytes);
            self.flush(token);
        }
    }

    /// Writes what the worker takes, and asks to be told when it takes more.
    fn flush(&mut self, token: u64) {
        let Some(source) = self.sources.get_mut(&token) else { return };
        if source.pending.write_to(source.fd.as_fd()).is_ok() {
            let wanted = if self.paused.contains(&token) { writing } else { interest };
            modify(&self.epoll, &source.fd, wanted(source.role, &source.pending, token));
        } else {
            source.pending = Pending::default();
            if source.role == Role::Stdin {
                self.close(token);
            }
        }
    }

    fn finish(&mut self, run: RunId, text: &str) {
        let worker = &self.workers[run.worker];
        if worker.serial == run.serial {
            self.read_last_words(run);
            let at = clock::wall();
            let text = format!("{text} · {}", clock::time_of_day(at));
            let mut pane = self.workers[run.worker].output.lock();
            pane.finish(at);
            pane.rule(&text, at);
        }
        self.tell(Event::Finished(run));
        self.bell.ring();
    }

    fn read_last_words(&mut self, run: RunId) {
        let outputs: Vec<u64> = self
            .sources
            .iter()
            .filter(|(_, source)| source.run == run && source.role.stream().is_some())
            .map(|(&token, _)| token)
            .collect();
        for token in outputs {
            let mut left = LAST_WORDS;
            while left > 0 {
                match self.read(token) {
                    0 => break,
                    length => left = left.saturating_sub(length),
                }
            }
        }
    }

    fn let_go(&mut self, run: RunId) {
        let worker = &mut self.workers[run.worker];
        if worker.serial == run.serial {
            worker.slave = None;
        }
    }

    /// By the workers' places.
    fn resize(&mut self, sizes: &HashMap<usize, Size>) {
        for source in self.sources.values().filter(|source| source.role == Role::Terminal) {
            if let Some(size) = sizes.get(&source.run.worker) {
                // A worker that is gone has no use for a size.
                let _ = pty::resize(&source.fd, *size);
            }
        }
        for (place, size) in sizes {
            if let Some(worker) = self.workers.get(*place) {
                worker.output.lock().resize(*size);
            }
        }
        self.bell.ring();
    }
}

/// What we want to hear of a descriptor.
fn interest(role: Role, pending: &Pending, token: u64) -> EpollEvent {
    let read = match role {
        Role::Terminal | Role::Stdout | Role::Stderr | Role::Exit => EpollFlags::EPOLLIN,
        Role::Stdin => EpollFlags::empty(),
    };
    EpollEvent::new(read | writing(role, pending, token).events(), token)
}

/// What we want to hear of one that is not read now.
fn writing(role: Role, pending: &Pending, token: u64) -> EpollEvent {
    let flags = match role {
        Role::Terminal | Role::Stdin if !pending.is_empty() => EpollFlags::EPOLLOUT,
        Role::Terminal | Role::Stdin | Role::Stdout | Role::Stderr | Role::Exit => EpollFlags::empty(),
    };
    EpollEvent::new(flags, token)
}

fn modify(epoll: &Epoll, fd: &OwnedFd, mut event: EpollEvent) -> bool {
    epoll.modify(fd, &mut event).is_ok()
}
