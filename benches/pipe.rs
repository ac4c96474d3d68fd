//! Lines through pipes into logs, end to end, beside a loop that reads the same bytes and throws them
//! away: short rounds of both in turns, since whatever else the machine does then meets both.
//!
//! `cargo bench --bench pipe`; `FLOOD_GB=20` makes the flood as long as the claim says, `ROUNDS` says how
//! often the short ones are run, and words after `--` choose rows by their beginnings.
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
use support::figures;
use support::pouring::{Flow, Pouring, bare, give_up_after, now, pour_if_asked};
use support::warm::warm;

const SIZE: Size = Size { columns: 80, rows: 24 };
const GB: u64 = 1 << 30;

fn main() {
    pour_if_asked();
    let number =
        |name, default| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(default);
    let (flood, rounds) = (number("FLOOD_GB", 2), number("ROUNDS", 7) as usize);
    let kept = Budget { memory: 8 << 30, disk: 0 };
    let packed = Budget { memory: 64 << 20, disk: 0 };
    let spilled = Budget { memory: 64 << 20, disk: 64 * GB };
    println!(
        "| | bare, GB/s | minder, GB/s | ratio | least–most | wanted | CPU bare, ns/byte | minder's reactor | shares bare | minder |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    compare("1 writer, 1 GB, all kept as it came", rounds, 1, GB, kept, 0.75);
    compare("1 writer, 1 GB, older packed", rounds, 1, GB, packed, 0.5);
    compare(&format!("flood of {flood} GB of 1 writer, older packed"), 3, 1, flood * GB, packed, 0.5);
    compare("100 writers, 2 GB, older packed", rounds, 100, 2 * GB, packed, 0.5);
    compare("disk: 1 writer, 1 GB, all of it kept there (no claim)", 3, 1, GB, spilled, 0.0);
}

fn compare(what: &str, rounds: usize, writers: usize, bytes: u64, budget: Budget, wanted: f64) {
    let mut chosen = std::env::args().skip(1).filter(|word| !word.starts_with('-')).peekable();
    if chosen.peek().is_some() && !chosen.any(|word| what.starts_with(&word)) {
        return;
    }
    let room = bytes.min(budget.memory as u64) as usize + (256 << 20);
    let runs: Vec<(Flow, Flow)> = (0..rounds)
        .map(|_| {
            // The wide pipe is the faster one for a bare reader of one writer; of many, the small one.
            let pipe = if writers == 1 { 1 << 20 } else { 64 << 10 };
            let bare = bare(writers, bytes, pipe, || warm(room));
            (bare, ours(writers, bytes, budget, || warm(room)))
        })
        .collect();
    let each = |value: fn(&(Flow, Flow)) -> f64| runs.iter().map(value).collect::<Vec<f64>>();
    let middle = |value| figures::median(&mut each(value));
    let mut ratios = each(|(bare, ours)| ours.rate() / bare.rate());
    ratios.sort_by(f64::total_cmp);
    println!(
        "| {what} | {:.2} | {:.2} | {:.2} | {:.2}–{:.2} | {wanted} | {:.3} | {:.3} | {:.2}–{:.2} | {:.2}–{:.2} |",
        middle(|(bare, _)| bare.rate() / 1e9),
        middle(|(_, ours)| ours.rate() / 1e9),
        ratios[rounds / 2],
        ratios[0],
        ratios[rounds - 1],
        middle(|(bare, _)| bare.cost()),
        middle(|(_, ours)| ours.cost()),
        middle(|(bare, _)| bare.fairness().0),
        middle(|(bare, _)| bare.fairness().1),
        middle(|(_, ours)| ours.fairness().0),
        middle(|(_, ours)| ours.fairness().1),
    );
}

/// The same through the reactor into logs.
fn ours(writers: usize, bytes: u64, budget: Budget, prepare: impl FnOnce()) -> Flow {
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
    prepare();
    let (begin, before) = (now(), figures::time_of_thread("reactor"));
    pouring.iter_mut().for_each(Pouring::start);
    loop {
        // Nothing is to be heard: it is only a pause.
        let _ = heard.recv_timeout(Duration::from_millis(1));
        let shares: Vec<u64> = outputs.iter().map(|output| output.said()).collect();
        let elapsed = begin.elapsed();
        if shares.iter().sum::<u64>() >= bytes || elapsed > give_up_after(bytes) {
            let cpu = figures::time_of_thread("reactor").saturating_sub(before);
            // The writers first: nobody is left to read them.
            drop(pouring);
            // The next one's thread must not be taken for this one's.
            reactor.finish(Duration::from_secs(10));
            return Flow { elapsed, shares, cpu };
        }
    }
}
