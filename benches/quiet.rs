//! While one worker floods: how soon a quiet worker's line can be read, and a stop is sent.
//!
//! `cargo bench --bench quiet`; `MINDER_BENCH_SAMPLES` sets how many lines are timed.
#![expect(clippy::print_stdout, reason = "it prints figures")]

mod support;

use crossbeam_channel::{bounded, unbounded};
use minder::guest::Guest;
use minder::output::{Fit, KeyFlags, Position, Reader, Window};
use minder::protocol::{Command, Size};
use minder::signal::Signal;
use minder::spec::{LogBudget, RestartWhen, Spec, WorkerName};
use minder::supervisor::{Ears, Footing, Options, Supervisor};
use minder::sys::{clock, limits, signals, waiting};
use std::io::Write;
use std::time::{Duration, SystemTime};
use support::figures;

const SIZE: Size = Size { columns: 100, rows: 40 };
/// Between two lines of the quiet worker.
const PAUSE: Duration = Duration::from_millis(7);

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("--flood") => flood(),
        Some("--quiet") => quiet(),
        Some("--stopped") => stopped(),
        Some(_) | None => measure(),
    }
}

/// Nanoseconds since the epoch: the one clock that can be told from process to process here.
fn now() -> i64 {
    let since = clock::wall().duration_since(SystemTime::UNIX_EPOCH).expect("it is later");
    since.as_nanos() as i64
}

fn flood() {
    let line = b"2026-11-22T12:00:00Z INFO api: GET /items/17 200 in 3.2 ms, 1280 bytes to ::1\n".repeat(800);
    let mut out = std::io::stdout().lock();
    while out.write_all(&line).is_ok() {}
}

fn quiet() {
    let (_never, waits) = bounded::<()>(0);
    while writeln!(std::io::stdout(), "{}", now()).is_ok() {
        let _ = waits.recv_timeout(PAUSE);
    }
}

/// Says when the signal to stop came.
fn stopped() {
    waiting::block_all();
    let _ = writeln!(std::io::stdout(), "ready");
    while waiting::next(None).is_none_or(|taken| taken.signal != Signal::TERM) {}
    let _ = writeln!(std::io::stdout(), "stopped {}", now());
}

fn measure() {
    let samples =
        std::env::var("MINDER_BENCH_SAMPLES").ok().and_then(|text| text.parse().ok()).unwrap_or(1000);
    let keep_ignored = signals::ignored_at_start();
    let (heard, signals) = unbounded();
    let (changed, children) = bounded(1);
    signals::listen(&keep_ignored, heard, changed).expect("signals can be had");
    let program = std::env::current_exe().expect("it runs, so it has a path");
    let spec = |name: &str, role: &str| {
        let mut spec = Spec::exec(name, [program.as_os_str().to_owned(), role.into()]);
        spec.restart.when = RestartWhen::No;
        spec
    };
    let specs = vec![spec("flood", "--flood"), spec("quiet", "--quiet"), spec("stopped", "--stopped")];
    let options = Options {
        footing: Footing::Own,
        size: SIZE,
        emulate: true,
        printed: false,
        keyboard: KeyFlags::NONE,
        interactive: true,
        end_at_rest: false,
        forward_signals: false,
        sample: false,
        log: LogBudget::default(),
        listeners: Vec::new(),
        keep_ignored,
        descriptors: limits::raise_descriptors(),
        guardian: None,
    };
    let supervisor = Supervisor::new(specs, options).expect("there are threads");
    let guest = supervisor.guest();
    let watching = std::thread::spawn(move || {
        let mut lines = time_lines(&guest, samples);
        let mut stops: Vec<f64> = (0..samples / 20).map(|_| time_stop(&guest)).collect();
        tell("quiet line to the screen model", &mut lines, 20.0);
        tell("stop sent", &mut stops, 5.0);
        guest.send(Command::Quit);
        guest.send(Command::Quit);
    });
    supervisor.run(Ears { signals, children }, None);
    watching.join().expect("it only watches");
}

const WINDOW: Window = Window { size: SIZE, position: Position::Follow, fit: Fit::Wrap };

fn last_line(guest: &Guest, worker: &str) -> String {
    let output = guest.output(&WorkerName::from(worker)).expect("it is declared");
    let view = Reader::new(output).view(WINDOW);
    let mut rows =
        view.rows.iter().rev().map(|row| row.spans.iter().map(|span| span.text.as_str()).collect::<String>());
    rows.find(|row| !row.trim().is_empty()).unwrap_or_default()
}

/// Milliseconds from a line's writing to its being seen.
fn time_lines(guest: &Guest, samples: usize) -> Vec<f64> {
    let (mut taken, mut last) = (Vec::new(), 0);
    while taken.len() < samples {
        let _ = guest.changed().recv();
        let written = last_line(guest, "quiet").trim().parse::<i64>().unwrap_or(last);
        if written > last {
            if last > 0 {
                taken.push((now() - written) as f64 / 1e6);
            }
            last = written;
        }
    }
    taken
}

/// Milliseconds from the command to the signal's coming.
fn time_stop(guest: &Guest) -> f64 {
    let name = WorkerName::from("stopped");
    guest.send(Command::Start(name.clone()));
    while last_line(guest, "stopped").trim() != "ready" {
        let _ = guest.changed().recv();
    }
    let asked = now();
    guest.send(Command::Stop(name.clone()));
    loop {
        let output = guest.output(&name).expect("it is declared");
        let view = Reader::new(output).view(WINDOW);
        let mut rows =
            view.rows.iter().map(|row| row.spans.iter().map(|span| span.text.as_str()).collect::<String>());
        let told = rows.find_map(|row| {
            row.strip_prefix("stopped ")?.trim().parse::<i64>().ok().filter(|at| *at > asked)
        });
        if let Some(at) = told {
            return (at - asked) as f64 / 1e6;
        }
        let _ = guest.changed().recv();
    }
}

fn tell(what: &str, milliseconds: &mut [f64], limit: f64) {
    let [middle, p99, most] = [0.5, 0.99, 1.0].map(|part| figures::percentile(milliseconds, part));
    println!(
        "{what}: {} samples, median {middle:.2} ms, p99 {p99:.2} ms (limit {limit} ms), most {most:.2} ms",
        milliseconds.len()
    );
}
