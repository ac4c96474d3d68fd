//! The whole program as a person has it: minder on a terminal, one worker that says millions of lines of 80
//! bytes through a pipe, then the key that goes to the first of them. Beside it, a loop that reads the same
//! lines and throws them away.
//!
//! `cargo bench --bench whole`; `LINES=100000000` makes it as long as the claim says.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[path = "../tests/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "what the tests need of it is more")]
mod harness;
mod support;

use harness::{Terminal, minder, status_field};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::pouring::now;

const LINE: usize = 80;
const DIGITS: usize = 12;
const TEXT: &[u8] = b" GET /items 200 in 12 ms";
/// A hundred times what it takes, so that only what hangs is given up.
const PATIENCE: Duration = Duration::from_mins(30);

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("--say") {
        return say(arguments.next().and_then(|lines| lines.parse().ok()).expect("a number of lines"));
    }
    let lines = std::env::var("LINES").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000_000);
    println!("{lines} lines of {LINE} bytes");
    println!("| | bare, MB/s | minder, MB/s | ratio | most memory, MB | from `g` to the top on screen, ms |");
    println!("|---|---|---|---|---|---|");
    compare("64 MB of memory, what is more is dropped", lines, r#"{ memory = "64M" }"#);
    compare("64 MB of memory, what is more is on the disk", lines, r#"{ memory = "64M", disk = "64G" }"#);
}

/// Says numbered lines, 64 KB a write. Only their digits are written anew: what is measured is to be minder.
fn say(lines: u64) {
    let mut line = [b'.'; LINE];
    line[DIGITS..][..TEXT.len()].copy_from_slice(TEXT);
    line[LINE - 1] = b'\n';
    let mut block = line.repeat(64 * 1024 / LINE);
    // Not std's, which looks for line ends.
    let mut out = std::fs::File::from(std::io::stdout().as_fd().try_clone_to_owned().expect("it is open"));
    let mut said = 0;
    while said < lines {
        let count = (lines - said).min((block.len() / LINE) as u64);
        for (number, line) in (said + 1..=said + count).zip(block.chunks_exact_mut(LINE)) {
            let digits = (0..DIGITS as u32).rev().map(|place| b'0' + (number / 10_u64.pow(place) % 10) as u8);
            line.iter_mut().zip(digits).for_each(|(byte, digit)| *byte = digit);
        }
        if out.write_all(&block[..count as usize * LINE]).is_err() {
            return;
        }
        said += count;
    }
}

fn compare(what: &str, lines: u64, log: &str) {
    let megabytes = (lines as usize * LINE) as f64 / 1e6;
    let bare = bare(lines);
    let me = std::env::current_exe().expect("it runs, so it has a path");
    let config = format!(
        "[worker.flood]\ncmd = ['{}', '--say', '{lines}']\noutput = 'pipe'\nlog = {log}\n",
        me.display()
    );
    let begun = now();
    let mut terminal = minder().size(120, 40).up(&config).start();
    terminal.wait_within(PATIENCE, "the end of the flood", |screen| screen.contains("exit 0").then_some(()));
    let took = begun.elapsed();
    let begun = now();
    terminal.send("g");
    let first = format!("{:0DIGITS$}", 1);
    let top = terminal.wait_until("the top", |screen| {
        let tops = [first.as_str(), "had to go", " gone "];
        tops.into_iter().find(|top| screen.contains(top)).map(str::to_owned)
    });
    let found = begun.elapsed();
    println!(
        "| {what} | {:.0} | {:.0} | {:.2} | {:.0} | {:.0}, `{top}` |",
        megabytes / bare.as_secs_f64(),
        megabytes / took.as_secs_f64(),
        bare.as_secs_f64() / took.as_secs_f64(),
        most_memory(&terminal),
        found.as_secs_f64() * 1e3,
    );
    terminal.send("q");
    terminal.wait_exit();
}

/// What the same lines take through a loop that throws them away.
fn bare(lines: u64) -> Duration {
    let me = std::env::current_exe().expect("it runs, so it has a path");
    let begun = now();
    let mut child = Command::new(me)
        .args(["--say", &lines.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the bench starts itself");
    let mut out = child.stdout.take().expect("it was asked for");
    let mut buffer = vec![0; 256 * 1024];
    while out.read(&mut buffer).expect("it reads") > 0 {}
    child.wait().expect("it is ours");
    begun.elapsed()
}

/// What both of minder's processes had resident at most, together, in MB.
fn most_memory(terminal: &Terminal) -> f64 {
    let of = |pid: i32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
        let text = status_field(&status, "VmHWM").expect("every kernel says it");
        text.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()).expect("kilobytes")
    };
    (of(terminal.pid()) + of(terminal.supervisor())) * 1024.0 / 1e6
}
