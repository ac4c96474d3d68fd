//! What quiet workers notice of floods beside them: how old a quiet worker's line is when it can be
//! read in its log, how old a stop is when the thread that decides sends the signal, and when its worker
//! has it. `cargo bench --bench latency`.
//!
//! The times at a worker are taken by two processes, so that being woken is a part of them.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

mod support;

use minder::protocol::{State, WorkerView};
use minder::spec::OutputKind;
use minder::{Guest, ProcessHandle, Running, Spec, Supervisor, WorkerName};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;
use std::time::{Duration, SystemTime};
use support::figures::{median, percentile};
use support::pouring::{self, now};

/// Set for a process that is to be one of those below.
const ROLE: &str = "MINDER_BENCH_ROLE";
const QUIET: &str = "quiet";
const STOPPED: &str = "stopped";
const DEAF: &str = "deaf";
const FLOODS: usize = 3;
const LINES: usize = 1000;
const STOPS: usize = 100;
const BETWEEN_LINES: Duration = Duration::from_millis(5);
const AT_MOST: Duration = Duration::from_mins(1);

fn main() {
    match std::env::var(ROLE).as_deref() {
        Ok(QUIET) => return say_the_time(),
        Ok(DEAF) => return ignore_stops(),
        Ok(STOPPED) => return say_when_stopped(),
        Ok(_) | Err(_) => pouring::pour_if_asked(),
    }
    println!("| | floods | median, ms | p99, ms | most, ms | wanted p99 |\n|---|---|---|---|---|---|");
    for floods in [0, FLOODS] {
        let running = Supervisor::new().start().expect("it starts");
        for number in 0..floods {
            let name = format!("flood{number}");
            add(&running, &name, pouring::POUR, "1");
        }
        let guest = running.subscribe().expect("it runs");
        print("a quiet worker's line, in its log", floods, lines(&running, &guest), "20 ms");
        print("a stop, when it is sent", floods, sends(&running, &guest), "5 ms");
        print("a stop, at its worker", floods, stops(&running, &guest, "s", ProcessHandle::terminate), "");
        print("a bare kill(2), the limit of that", floods, stops(&running, &guest, "k", bare_kill), "");
        running.shut_down();
    }
}

fn print(what: &str, floods: usize, mut times: Vec<f64>, wanted: &str) {
    let (middle, late, last) =
        (median(&mut times), percentile(&mut times, 0.99), percentile(&mut times, 1.0));
    println!("| {what} | {floods} | {middle:.2} | {late:.2} | {last:.2} | {wanted} |");
}

/// A worker of this kind.
fn add(running: &Running, name: &str, variable: &str, value: &str) -> ProcessHandle {
    let program = std::env::current_exe().expect("the bench has a path");
    let mut spec = Spec { output: OutputKind::Pipe, ..Spec::exec(name, [program]) };
    spec.env.vars.insert(variable.into(), Some(value.into()));
    running.add(spec).expect("it is a new name")
}

fn lines(running: &Running, guest: &Guest) -> Vec<f64> {
    let quiet = add(running, QUIET, ROLE, QUIET);
    let mut seen = Seen::default();
    let mut times = Vec::new();
    let begun = now();
    while times.len() < LINES && begun.elapsed() < AT_MOST {
        let _ = guest.changed().recv_timeout(Duration::from_secs(1));
        let at = nanos();
        times.extend(seen.stamps(guest, quiet.name()).iter().map(|said| millis(*said, at)));
    }
    quiet.kill();
    times
}

fn bare_kill(worker: &ProcessHandle) {
    let pid = worker.pid().expect("it runs");
    kill(Pid::from_raw(pid.0), Signal::SIGTERM).expect("it is not reaped");
}

/// How old each stop was when it was sent, by the clock of the thread that decides, which reads it and
/// then calls kill(2).
fn sends(running: &Running, guest: &Guest) -> Vec<f64> {
    let stop = |number| {
        let worker = add(running, &format!("d{number}"), ROLE, DEAF);
        let _ready = Seen::default().next(guest, worker.name())?;
        let asked = now();
        worker.terminate();
        let sent_at = |worker: &WorkerView| {
            if let State::Stopping { sent_at, .. } = worker.state { Some(sent_at) } else { None }
        };
        let sent = guest.board().wait_until(Some(now() + AT_MOST), |facts| {
            facts.workers.iter().find(|view| view.name == *worker.name()).and_then(|view| sent_at(view))
        });
        worker.kill();
        Some(sent?.saturating_duration_since(asked).as_secs_f64() * 1e3)
    };
    (0..STOPS).filter_map(stop).collect()
}

fn stops(running: &Running, guest: &Guest, prefix: &str, stop_it: fn(&ProcessHandle)) -> Vec<f64> {
    let stop = |number| {
        let worker = add(running, &format!("{prefix}{number}"), ROLE, STOPPED);
        let mut seen = Seen::default();
        let _ready = seen.next(guest, worker.name())?;
        let at = nanos();
        stop_it(&worker);
        Some(millis(at, seen.next(guest, worker.name())?))
    };
    (0..STOPS).filter_map(stop).collect()
}

/// What was read of a worker.
#[derive(Default)]
struct Seen {
    next: u64,
}

impl Seen {
    fn stamps(&mut self, guest: &Guest, name: &WorkerName) -> Vec<u128> {
        let Some(output) = guest.output(name) else { return Vec::new() };
        let taken = output.lock().take_from(self.next, 1 << 20);
        self.next = taken.next;
        let text = |bytes| std::str::from_utf8(bytes).ok()?.parse().ok();
        taken.lines().filter_map(|line| text(line.bytes)).collect()
    }

    fn next(&mut self, guest: &Guest, name: &WorkerName) -> Option<u128> {
        let begun = now();
        while begun.elapsed() < AT_MOST {
            if let Some(stamp) = self.stamps(guest, name).first() {
                return Some(*stamp);
            }
            let _ = guest.changed().recv_timeout(Duration::from_secs(1));
        }
        None
    }
}

fn millis(from: u128, to: u128) -> f64 {
    to.saturating_sub(from) as f64 / 1e6
}

/// What both processes read the same.
#[expect(clippy::disallowed_methods, reason = "a bench measures")]
fn nanos() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_nanos())
}

#[expect(clippy::disallowed_methods, reason = "a worker that says something now and then")]
fn say_the_time() {
    loop {
        println!("{}", nanos());
        std::thread::sleep(BETWEEN_LINES);
    }
}

fn say_when_stopped() {
    let mut signals = Signals::new([SIGTERM]).expect("it may be caught");
    println!("{}", nanos());
    signals.forever().next();
    println!("{}", nanos());
}

fn ignore_stops() {
    let mut signals = Signals::new([SIGTERM]).expect("it may be caught");
    println!("{}", nanos());
    for _ in signals.forever() {}
}
