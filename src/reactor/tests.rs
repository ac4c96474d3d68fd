//! The reactor with real pipes, terminals and processes.

use super::*;
use crate::guest::Waker;
use crate::output::{Fit, Position, Reader, Window};
use crate::sys::handle::Handle;
use crate::sys::pty;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SIZE: Size = Size { columns: 80, rows: 24 };
const DEADLINE: Duration = Duration::from_mins(1);

struct Bench {
    reactor: Reactor,
    outputs: Vec<Arc<Output>>,
    events: Receiver<Event>,
    changed: Receiver<()>,
}

impl Bench {
    fn new(terminals: &[bool]) -> Self {
        let outputs: Vec<_> =
            terminals.iter().map(|&terminal| Arc::new(Output::new(SIZE, terminal))).collect();
        let (events_in, events) = unbounded();
        let (waker, changed) = Waker::new();
        let bell = Bell::default();
        bell.add(waker);
        let reactor = Reactor::start(bell, events_in).unwrap();
        for output in &outputs {
            reactor.order(Order::Host(Arc::clone(output)));
        }
        Self { reactor, outputs, events, changed }
    }

    fn event(&self) -> Event {
        self.events.recv_timeout(DEADLINE).expect("an event")
    }

    fn text(&self, worker: usize) -> String {
        let size = Size { columns: 200, rows: 100 };
        let window = Window { size, position: Position::Follow, fit: Fit::Wrap };
        let view = Reader::new(Arc::clone(&self.outputs[worker])).view(window);
        let rows =
            view.rows.iter().map(|row| row.spans.iter().map(|span| span.text.as_str()).collect::<String>());
        rows.collect::<Vec<_>>().join("\n")
    }

    fn wait_for(&self, worker: usize, text: &str) {
        while !self.text(worker).contains(text) {
            self.changed
                .recv_timeout(DEADLINE)
                .unwrap_or_else(|_| panic!("no {text}: {}", self.text(worker)));
        }
    }
}

const fn run(worker: usize, serial: u32) -> RunId {
    RunId { worker, serial }
}

fn non_blocking(fd: OwnedFd) -> OwnedFd {
    fcntl(&fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
    fd
}

fn pidfd(child: &Child) -> Option<OwnedFd> {
    Handle::open(crate::protocol::Pid(child.id() as i32)).unwrap().exit().unwrap()
}

/// A child whose output goes to pipes, and our ends.
fn piped(command: &str) -> (Child, Wires) {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let wires = Wires {
        terminal: None,
        slave: None,
        stdout: child.stdout.take().map(|out| non_blocking(out.into())),
        stderr: child.stderr.take().map(|err| non_blocking(err.into())),
        stdin: child.stdin.take().map(|input| non_blocking(input.into())),
        exit: pidfd(&child),
    };
    (child, wires)
}

#[test]
fn output_end_and_ruling_come_in_their_order() {
    let bench = Bench::new(&[false]);
    let (mut child, wires) = piped("echo one; echo two >&2; printf three");
    bench.reactor.order(Order::Adopt(run(0, 1), wires));
    let mut first = [bench.event(), bench.event()];
    first.sort_by_key(|event| matches!(event, Event::Drained(_)));
    assert_eq!(first, [Event::Ended(run(0, 1)), Event::Drained(run(0, 1))]);
    bench.reactor.order(Order::Finish(run(0, 1), "exit 0".into()));
    assert_eq!(bench.event(), Event::Finished(run(0, 1)));
    let text = bench.text(0);
    assert!(text.contains("two") && text.find("three") < text.find("exit 0 · "), "{text}");
    child.wait().unwrap();
}

#[test]
fn a_flood_starves_no_neighbour_and_no_order() {
    let bench = Bench::new(&[false, false]);
    let (mut flood, wires) = piped("exec yes 0123456789012345678901234567890123456789");
    bench.reactor.order(Order::Adopt(run(0, 1), wires));
    bench.wait_for(0, "0123456789");
    let (mut quiet, wires) = piped("read line; echo got $line");
    bench.reactor.order(Order::Adopt(run(1, 1), wires));
    bench.reactor.order(Order::Write(run(1, 1), b"it\n".to_vec()));
    bench.wait_for(1, "got it");
    flood.kill().unwrap();
    flood.wait().unwrap();
    quiet.wait().unwrap();
}

#[test]
fn the_end_is_told_while_a_grandchild_holds_the_output() {
    let bench = Bench::new(&[false]);
    let (mut child, wires) = piped("sleep 1000 & echo $!");
    bench.reactor.order(Order::Adopt(run(0, 1), wires));
    assert_eq!(bench.event(), Event::Ended(run(0, 1)));
    bench.reactor.order(Order::Finish(run(0, 1), "exit 0".into()));
    assert_eq!(bench.event(), Event::Finished(run(0, 1)));
    let text = bench.text(0);
    let grandchild: i32 = text.lines().next().and_then(|line| line.trim().parse().ok()).expect("its pid");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(grandchild), nix::sys::signal::Signal::SIGKILL)
        .unwrap();
    assert_eq!(bench.event(), Event::Drained(run(0, 1)), "it is still read to its end");
    child.wait().unwrap();
}

#[test]
fn input_waits_for_a_slow_reader_and_loses_nothing() {
    let bench = Bench::new(&[false]);
    let (mut child, wires) = piped("read go; head -c 256000 | wc -c");
    bench.reactor.order(Order::Adopt(run(0, 1), wires));
    // More than a pipe holds: the rest is written when there is room again.
    let lines = "go\n".to_owned() + &"0123456789abcde\n".repeat(16_000);
    bench.reactor.order(Order::Write(run(0, 1), lines.into_bytes()));
    bench.wait_for(0, "256000");
    child.wait().unwrap();
}

#[test]
fn words_of_an_older_run_are_not_taken_for_the_new_ones() {
    let bench = Bench::new(&[false]);
    let (mut old, wires) = piped("exec sleep 1000");
    bench.reactor.order(Order::Adopt(run(0, 1), wires));
    let (mut new, wires) = piped("read line; echo $line");
    bench.reactor.order(Order::Adopt(run(0, 2), wires));
    bench.reactor.order(Order::Write(run(0, 1), b"stale\n".to_vec()));
    bench.reactor.order(Order::Write(run(0, 2), b"fresh\n".to_vec()));
    bench.wait_for(0, "fresh");
    old.kill().unwrap();
    old.wait().unwrap();
    new.wait().unwrap();
    while let Ok(event) = self_event(&bench) {
        assert!(!matches!(event, Event::Ended(RunId { serial: 1, .. })), "the old pidfd is not watched");
    }
}

fn self_event(bench: &Bench) -> Result<Event, crossbeam_channel::RecvTimeoutError> {
    bench.events.recv_timeout(Duration::from_millis(50))
}

/// A terminal that changes nothing of what goes through it.
fn raw_terminal() -> (OwnedFd, File) {
    let pty = pty::open(SIZE).unwrap();
    let mut raw = nix::sys::termios::tcgetattr(&pty.slave).unwrap();
    nix::sys::termios::cfmakeraw(&mut raw);
    nix::sys::termios::tcsetattr(&pty.slave, nix::sys::termios::SetArg::TCSANOW, &raw).unwrap();
    (pty.master, File::from(pty.slave))
}

#[test]
fn a_terminal_answers_what_its_program_asks() {
    let bench = Bench::new(&[true]);
    let (master, mut slave) = raw_terminal();
    let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
    let wires = Wires {
        terminal: Some(master),
        slave: None,
        stdout: None,
        stderr: None,
        stdin: None,
        exit: pidfd(&child),
    };
    bench.reactor.order(Order::Adopt(run(0, 1), wires));
    slave.write_all(b"\x1b[5;7H\x1b[6n").unwrap();
    let mut answer = [0; 6];
    slave.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"\x1b[5;7R");
    bench.reactor.order(Order::Resize(vec![(0, Size { columns: 100, rows: 40 })]));
    // The order and the question go different ways: ask until the order has arrived.
    while report(&mut slave) != b"\x1b[8;40;100t" {}
    drop(slave);
    assert_eq!(bench.event(), Event::Drained(run(0, 1)), "EIO is the end");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_terminals_answer_is_no_input_of_a_worker_that_reads_a_pipe() {
    let bench = Bench::new(&[true]);
    let (master, mut slave) = raw_terminal();
    let (mut input, stdin) = io::pipe().unwrap();
    let wires = Wires {
        terminal: Some(master),
        slave: None,
        stdout: None,
        stderr: None,
        stdin: Some(non_blocking(stdin.into())),
        exit: None,
    };
    bench.reactor.order(Order::Adopt(run(0, 1), wires));
    slave.write_all(b"\x1b[5;7H\x1b[6n").unwrap();
    let mut ends = [&slave as &dyn AsFd, &input].map(|end| PollFd::new(end.as_fd(), PollFlags::POLLIN));
    assert!(poll(&mut ends, PollTimeout::try_from(DEADLINE).unwrap()).unwrap() > 0, "no answer");
    assert_eq!(ends.map(|end| end.any()), [Some(true), Some(false)]);
    let mut answer = [0; 6];
    slave.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"\x1b[5;7R");
    bench.reactor.order(Order::Write(run(0, 1), b"typed\r".to_vec()));
    let mut typed = [0; 6];
    input.read_exact(&mut typed).unwrap();
    assert_eq!(&typed, b"typed\n");
}

/// Asks for the size and reads the answer to its end.
fn report(slave: &mut File) -> Vec<u8> {
    slave.write_all(b"\x1b[18t").unwrap();
    let mut answer = Vec::new();
    while answer.last() != Some(&b't') {
        let mut byte = [0];
        slave.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    answer
}

#[test]
fn a_worker_whose_reader_is_far_behind_waits_and_goes_on() {
    let bench = Bench::new(&[false]);
    bench.outputs[0].set_printed_up_to(Some(0));
    let (mut child, wires) = piped("head -c 30000000 /dev/zero | tr '\\0' '\\n'; echo end");
    bench.reactor.order(Order::Adopt(run(0, 1), wires));
    while !bench.outputs[0].is_full() {
        bench.changed.recv_timeout(DEADLINE).expect("it fills");
    }
    // Now the printer catches up, again and again, as it would.
    let mut next = 0;
    loop {
        let taken = bench.outputs[0].lock().take_from(next, 1 << 20);
        assert_eq!(taken.dropped, 0, "a slow printer costs no line");
        next = taken.next;
        bench.outputs[0].set_printed_up_to(Some(next));
        if taken.lines().any(|line| line.bytes == b"end") {
            break;
        }
        if taken.is_empty() {
            bench.changed.recv_timeout(DEADLINE).expect("it goes on");
        }
    }
    assert_eq!(next, 30_000_001);
    child.wait().unwrap();
}

#[test]
fn a_key_typed_to_a_worker_that_waits_does_not_end_its_waiting() {
    let bench = Bench::new(&[true, false]);
    bench.outputs[0].set_printed_up_to(Some(0));
    let pty = pty::open(SIZE).unwrap();
    let out = File::from(pty.slave);
    let mut flood = Command::new("yes").arg("x".repeat(100)).stdout(out).spawn().unwrap();
    let wires = Wires {
        terminal: Some(pty.master),
        slave: None,
        stdout: None,
        stderr: None,
        stdin: None,
        exit: None,
    };
    bench.reactor.order(Order::Adopt(run(0, 1), wires));
    while !bench.outputs[0].is_full() {
        bench.changed.recv_timeout(DEADLINE).expect("it fills");
    }
    // A turn of the reactor ends, and with it what was read before.
    let turn = || {
        bench.reactor.order(Order::Finish(run(1, 1), String::new()));
        assert_eq!(bench.event(), Event::Finished(run(1, 1)));
    };
    turn();
    let said = bench.outputs[0].said();
    bench.reactor.order(Order::Write(run(0, 1), b"x\n".to_vec()));
    (0..50).for_each(|_| turn());
    assert_eq!(bench.outputs[0].said(), said);
    // It goes on once the printer does.
    let end = bench.outputs[0].lock().lines().end;
    bench.outputs[0].set_printed_up_to(Some(end));
    while bench.outputs[0].said() == said {
        bench.changed.recv_timeout(DEADLINE).expect("it goes on");
    }
    flood.kill().unwrap();
    flood.wait().unwrap();
}

/// What a full terminal holds is three times what a read gives: its writer is to be woken once for it.
#[test]
fn a_turn_takes_more_of_a_full_terminal_than_a_read_gives() {
    const ONE_READ: u64 = 4096;
    let (master, slave) = raw_terminal();
    let mut slave = File::from(non_blocking(slave.into()));
    let output = Arc::new(Output::new(SIZE, true));
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).unwrap();
    let (events, _told) = unbounded();
    let mut state = turn::State::new(epoll, Bell::default(), events);
    state.carry_out(Order::Host(Arc::clone(&output)));
    let wires =
        Wires { terminal: Some(master), slave: None, stdout: None, stderr: None, stdin: None, exit: None };
    state.carry_out(Order::Adopt(run(0, 1), wires));
    let mut ready = [EpollEvent::empty(); 8];
    // The kernel's own thread may still be moving up what was written: then a turn takes less.
    let turns = (0..100).map(|_| {
        while slave.write(&[b'x'; 512]).is_ok() {}
        let before = output.said();
        state.turn(&mut ready).unwrap();
        output.said() - before
    });
    let enough = turns.max_by_key(|read| *read).is_some_and(|most| most > 2 * ONE_READ);
    assert!(enough, "a turn ends after a read");
}
