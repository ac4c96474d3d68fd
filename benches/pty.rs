//! Terminals end to end: the same writers read by a bare loop and by the reactor into its panes.
//! Prints the ratio of both, and what a reader's thread costs beside the bare one's.
//!
//! `cargo bench --bench pty`; `MINDER_BENCH_BYTES` sets how much is written in a round.
#![expect(clippy::print_stdout, reason = "it prints figures")]

mod support;

use crossbeam_channel::{Receiver, unbounded};
use minder::guest::{Bell, Waker};
use minder::output::Output;
use minder::protocol::{Pid, Size};
use minder::reactor::{Event, Order, Reactor, RunId, Wires};
use minder::sys::handle::Handle;
use minder::sys::{clock, pty};
use std::io::PipeWriter;
use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::Arc;
use std::time::Duration;
use support::warm::warm;
use support::{bare, figures, writer};

const SIZE: Size = Size { columns: 120, rows: 50 };
const ROUNDS: usize = 9;
const BYTES: usize = 48 << 20;
const WARM: usize = 128 << 20;

fn main() {
    if writer::was_one() {
        return;
    }
    let bytes = std::env::var("MINDER_BENCH_BYTES").ok().and_then(|text| text.parse().ok()).unwrap_or(BYTES);
    println!("stream  workers  bare MB/s  minder MB/s  ratio  reader's CPU ns/byte bare  minder  ratio");
    for workers in [1, 100] {
        for stream in ["plain", "sgr"] {
            compare(stream, workers, bytes);
        }
    }
}

/// One way of reading, measured.
#[derive(Clone, Copy)]
struct Measured {
    bytes: usize,
    took: Duration,
    cpu: Duration,
}

impl Measured {
    fn speed(self) -> f64 {
        self.bytes as f64 / self.took.as_secs_f64() / 1e6
    }

    fn cost(self) -> f64 {
        self.cpu.as_nanos() as f64 / self.bytes as f64
    }
}

/// In turns, so that whatever else the machine does meets both.
fn compare(stream: &str, workers: usize, bytes: usize) {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        warm(WARM);
        let bare = read_bare(Writers::start(stream, workers, bytes));
        warm(WARM);
        let ours = Measured { bytes: bare.bytes, ..read_by_reactor(Writers::start(stream, workers, bytes)) };
        rounds.push((bare, ours));
    }
    let middle = |value: fn(&(Measured, Measured)) -> f64| {
        figures::median(&mut rounds.iter().map(value).collect::<Vec<f64>>())
    };
    println!(
        "{stream:7} {workers:7}  {:9.1}  {:11.1}  {:5.2}  {:25.2}  {:6.2}  {:5.2}",
        middle(|(bare, _)| bare.speed()),
        middle(|(_, ours)| ours.speed()),
        middle(|(bare, ours)| ours.speed() / bare.speed()),
        middle(|(bare, _)| bare.cost()),
        middle(|(_, ours)| ours.cost()),
        middle(|(bare, ours)| ours.cost() / bare.cost()),
    );
}

/// Processes that wait at their gates, each with a terminal.
struct Writers {
    masters: Vec<OwnedFd>,
    children: Vec<Child>,
    gates: Vec<PipeWriter>,
}

impl Writers {
    fn start(stream: &str, workers: usize, bytes: usize) -> Self {
        let mut all = Self { masters: Vec::new(), children: Vec::new(), gates: Vec::new() };
        for _ in 0..workers {
            let pty::Pty { master, slave } = pty::open(SIZE).expect("there are terminals");
            let (child, gate) = writer::start(stream, bytes / workers, slave);
            all.masters.push(master);
            all.children.push(child);
            all.gates.push(gate);
        }
        all
    }

    fn wait(mut self) {
        for child in &mut self.children {
            assert!(child.wait().expect("it is ours").success());
        }
    }
}

fn read_bare(mut writers: Writers) -> Measured {
    let masters = std::mem::take(&mut writers.masters);
    let gates = std::mem::take(&mut writers.gates);
    let reader = std::thread::spawn(move || {
        let (begun, before) = (clock::now(), figures::own_time());
        drop(gates);
        let bytes = bare::read_to_ends(&masters);
        Measured { bytes, took: begun.elapsed(), cpu: figures::own_time().saturating_sub(before) }
    });
    let measured = reader.join().expect("it only reads");
    writers.wait();
    measured
}

fn read_by_reactor(mut writers: Writers) -> Measured {
    let workers = writers.masters.len();
    let outputs: Vec<_> = (0..workers).map(|_| Arc::new(Output::new(SIZE, true))).collect();
    let (tell, events) = unbounded();
    let (waker, _changed) = Waker::new();
    let bell = Bell::default();
    bell.add(waker);
    let reactor = Reactor::start(bell, tell).expect("there are threads");
    for output in outputs {
        reactor.order(Order::Host(output));
    }
    for (worker, (master, child)) in writers.masters.drain(..).zip(&writers.children).enumerate() {
        let exit = Handle::open(Pid(child.id() as i32)).expect("it lives").exit().expect("a descriptor");
        let wires =
            Wires { terminal: Some(master), slave: None, stdout: None, stderr: None, stdin: None, exit };
        reactor.order(Order::Adopt(RunId { worker, serial: 1 }, wires));
    }
    let (begun, before) = (clock::now(), figures::time_of_thread("reactor"));
    writers.gates.clear();
    await_ends(&events, workers);
    let cpu = figures::time_of_thread("reactor").saturating_sub(before);
    let measured = Measured { bytes: 0, took: begun.elapsed(), cpu };
    drop(reactor);
    writers.wait();
    measured
}

fn await_ends(events: &Receiver<Event>, workers: usize) {
    let drained = events.iter().filter(|event| matches!(event, Event::Drained(_)));
    assert_eq!(drained.take(workers).count(), workers);
}
