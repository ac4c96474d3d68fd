//! Lines through pipes into logs, end to end, beside a loop that reads the same bytes and throws them
//! away. `cargo bench --bench pipe`; `FLOOD_GB=20` makes the flood as long as the claim says.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

mod support;

use crossbeam_channel::unbounded;
use minder::guest::{Bell, Waker};
use minder::output::{Budget, Keeper, Log, Output};
use minder::protocol::{Pid, Size};
use minder::reactor::{Order, Reactor, RunId, Wires};
use minder::sys::handle::Handle;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;
use support::pouring::{Flow, LINE_BYTES, Pouring, bare, now, pour_if_asked};

const SIZE: Size = Size { columns: 80, rows: 24 };
const GB: u64 = 1 << 30;
/// Each figure is the median of so many runs, bare and ours in turns.
const ROUNDS: usize = 3;

fn main() {
    pour_if_asked();
    let flood = std::env::var("FLOOD_GB").ok().and_then(|text| text.parse().ok()).unwrap_or(4);
    let kept = Budget { memory: 8 << 30, disk: 0 };
    let packed = Budget { memory: 64 << 20, disk: 0 };
    let spilled = Budget { memory: 64 << 20, disk: 64 * GB };
    println!("| | bare, GB/s | minder, GB/s | ratio | wanted | shares |\n|---|---|---|---|---|---|");
    compare("1 writer, all kept as it came", 1, 2 * GB, kept, 0.75);
    compare(&format!("1 writer, {flood} GB, older packed"), 1, flood * GB, packed, 0.5);
    compare("100 writers, older packed", 100, 4 * GB, packed, 0.5);
    compare("1 writer, 2 GB, all of it on the disk (no claim)", 1, 2 * GB, spilled, 0.0);
}

fn compare(what: &str, writers: usize, bytes: u64, budget: Budget, wanted: f64) {
    let mut runs: Vec<(f64, f64, (f64, f64))> = (0..ROUNDS)
        .map(|_| {
            let limit = [64 << 10, 1 << 20].map(|pipe| bare(writers, bytes, pipe).rate());
            let ours = ours(writers, bytes, budget);
            (limit[0].max(limit[1]), ours.rate(), ours.fairness())
        })
        .collect();
    runs.sort_by(|one, other| (one.1 / one.0).total_cmp(&(other.1 / other.0)));
    let (bare, ours, (least, most)) = runs[ROUNDS / 2];
    let ratio = ours / bare;
    println!(
        "| {what} | {:.2} | {:.2} | {ratio:.2} | {wanted} | {least:.2}–{most:.2} |",
        bare / 1e9,
        ours / 1e9,
    );
}

/// The same through the reactor into logs.
fn ours(writers: usize, bytes: u64, budget: Budget) -> Flow {
    let total = Budget { memory: budget.memory, disk: budget.disk };
    let folder = std::env::temp_dir().join("minder-bench");
    let keeper = Keeper::start(total, Some(folder), Box::new(|words| println!("{words}"))).expect("a thread");
    let output = |_| {
        let log = Log::on(keeper.shelf("flood", budget));
        Arc::new(Output::with_log(SIZE, false, log, budget.memory))
    };
    let outputs: Vec<Arc<Output>> = (0..writers).map(output).collect();
    let (events, heard) = unbounded();
    let (waker, _woken) = Waker::new();
    let bell = Bell::default();
    bell.add(waker);
    let reactor = Reactor::start(bell, events).expect("a thread");
    outputs.iter().cloned().for_each(|output| reactor.order(Order::Host(output)));
    let mut pouring = Vec::new();
    for worker in 0..writers {
        let (process, out) = Pouring::new();
        let stdout: OwnedFd = out.into();
        fcntl(&stdout, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("a pipe");
        let exit =
            Handle::open(Pid(process.child.id() as i32)).expect("it runs").exit().expect("a descriptor");
        let wires =
            Wires { terminal: None, slave: None, stdout: Some(stdout), stderr: None, stdin: None, exit };
        reactor.order(Order::Adopt(RunId { worker, serial: 1 }, wires));
        pouring.push(process);
    }
    let begin = now();
    pouring.iter_mut().for_each(Pouring::start);
    let said = |output: &Arc<Output>| output.lock().lines().end * LINE_BYTES as u64;
    loop {
        // Nothing is to be heard: it is only a pause.
        let _ = heard.recv_timeout(Duration::from_millis(2));
        let shares: Vec<u64> = outputs.iter().map(said).collect();
        if shares.iter().sum::<u64>() >= bytes {
            return Flow { elapsed: begin.elapsed(), shares };
        }
    }
}
