//! What a pool adds to a job, as ratios of the same run: a closure through a pool of threads against a
//! plain loop over a crossbeam channel, and a process through a pool against a bare
//! posix_spawn/waitid loop (std's `Command`). Rounds alternate, and the median counts: on a busy
//! machine trust the ratios, not the times.
//!
//! `cargo bench --bench pool`
#![expect(clippy::print_stdout, reason = "its output is its result")]

use crossbeam_channel::{bounded, unbounded};
use minder::pool::{Pool, as_completed};
use minder::spec::Spec;
use minder::sys::clock;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

const ROUNDS: usize = 9;
const CLOSURES: u64 = 50_000;
const PROCESSES: usize = 200;
const WORKERS: usize = 2;

/// A job of a chosen length: this many turns of a cheap hash.
fn work(turns: u64) -> u64 {
    (0..turns).fold(turns, |hash, turn| black_box(hash.rotate_left(5) ^ turn).wrapping_mul(0x9E37_79B9))
}

/// Boxed jobs through one channel, each result through a channel of its own: the least that a job
/// whose result can be waited for needs.
fn plain_channel(turns: u64) {
    let (give, take) = unbounded::<Box<dyn FnOnce() + Send>>();
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let take = take.clone();
            thread::spawn(move || take.iter().for_each(|job| job()))
        })
        .collect();
    let results: Vec<_> = (0..CLOSURES)
        .map(|_| {
            let (fill, result) = bounded(1);
            let job = move || fill.send(work(turns)).expect("the result is waited for");
            give.send(Box::new(job)).expect("the workers live");
            result
        })
        .collect();
    for result in results {
        let _ = black_box(result.recv());
    }
    drop(give);
    for worker in workers {
        worker.join().expect("it does not panic");
    }
}

fn pool_submit(turns: u64) {
    let pool = Pool::threads(WORKERS).start().expect("threads");
    let jobs: Vec<_> = (0..CLOSURES).map(|_| pool.submit(move || work(turns))).collect();
    for job in jobs {
        let _ = black_box(job.result());
    }
}

fn pool_map(turns: u64) {
    let pool = Pool::threads(WORKERS).start().expect("threads");
    let results = pool.map(0..CLOSURES, move |_| work(turns)).chunk(100);
    results.for_each(|result| assert!(black_box(result).is_ok()));
}

fn bare_spawn(captured: bool) {
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            thread::spawn(move || {
                for _ in 0..PROCESSES / WORKERS {
                    let mut command = Command::new("/bin/true");
                    command.stdin(Stdio::null());
                    if captured {
                        black_box(command.output().expect("it starts"));
                    } else {
                        command.stdout(Stdio::null()).stderr(Stdio::null());
                        black_box(command.status().expect("it starts"));
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("it does not panic");
    }
}

fn pool_processes() {
    let pool = Pool::processes(WORKERS).start().expect("threads");
    let jobs = (0..PROCESSES).map(|_| pool.submit(Spec::exec("true", ["/bin/true"])));
    as_completed(jobs).for_each(|(_, result)| drop(black_box(result.expect("it runs"))));
}

fn pool_lines() {
    let spec = Spec::shell("echo", "while read -r line; do echo \"$line\"; done");
    let pool = Pool::lines(WORKERS, spec).start().expect("threads");
    let results = pool.map((0..PROCESSES).map(|n| n.to_string()));
    results.for_each(|result| drop(black_box(result.expect("it answers"))));
}

fn time(what: &dyn Fn()) -> Duration {
    let start = clock::now();
    what();
    clock::now() - start
}

/// Runs all in turn, and prints the median of each for one job, beside the first.
fn compare(title: &str, jobs: u32, contenders: &[(&str, &dyn Fn())]) {
    let mut times = vec![Vec::new(); contenders.len()];
    for _ in 0..ROUNDS {
        for ((_, what), times) in contenders.iter().zip(&mut times) {
            times.push(time(*what) / jobs);
        }
    }
    println!("{title}");
    let mut first = None;
    for ((name, _), times) in contenders.iter().zip(&mut times) {
        times.sort_unstable();
        let median = times[times.len() / 2];
        let first = *first.get_or_insert(median);
        println!(
            "  {name:<42} {median:>10.2?} a job, {:.2} times",
            median.as_secs_f64() / first.as_secs_f64()
        );
    }
}

fn main() {
    for (title, turns) in [("empty closures", 0), ("closures of some 10 µs", 10_000)] {
        compare(
            title,
            CLOSURES as u32,
            &[
                ("plain loop over a crossbeam channel", &|| plain_channel(turns)),
                ("Pool::threads, submit and result", &|| pool_submit(turns)),
                ("Pool::threads, map in chunks of 100", &|| pool_map(turns)),
            ],
        );
    }
    compare(
        "processes: /bin/true",
        PROCESSES as u32,
        &[
            ("posix_spawn and wait, no output", &|| bare_spawn(false)),
            ("posix_spawn and wait, output captured", &|| bare_spawn(true)),
            ("Pool::processes, output captured", &pool_processes),
            ("Pool::lines, one line each", &pool_lines),
        ],
    );
}
