//! Talks to processes: what goes in, what comes out on which stream, and how they end.
//!
//! `cargo run --example communicate`
#![expect(clippy::print_stdout, reason = "an example speaks")]

use minder::spec::OutputKind;
use minder::{CommunicateError, Spec, Supervisor, WaitError, communicate};
use std::error::Error;
use std::io::Write;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    // All at once: a process, its input, and what it says to that.
    let sorted = communicate(Spec::exec("sort", ["sort", "-u"]), b"pear\napple\npear\n", None)?;
    println!("sort: {:?}, {}", String::from_utf8_lossy(&sorted.stdout), sorted.status);

    // Both streams, apart and in one.
    let line = "echo to out; echo to err >&2; exit 3";
    let apart = communicate(Spec::shell("apart", line), b"", None)?;
    println!(
        "apart: {:?} and {:?}, {}",
        String::from_utf8_lossy(&apart.stdout),
        String::from_utf8_lossy(&apart.stderr),
        apart.status
    );
    let merged = Spec { output: OutputKind::Merged, ..Spec::shell("merged", line) };
    println!("merged: {:?}", String::from_utf8_lossy(&communicate(merged, b"", None)?.stdout));

    // One that takes too long is ended, with all that it started.
    match communicate(Spec::shell("slow", "sleep 1000 & sleep 1000"), b"", Some(Duration::from_millis(200))) {
        Err(CommunicateError::Wait(WaitError::TimedOut(name))) => println!("{name}: took too long"),
        other => println!("slow: {other:?}"),
    }

    // Bit by bit: megabytes, written while others read what comes back.
    let running = Supervisor::new().start()?;
    let mut compressor = running.open(Spec::shell("compressor", "gzip -c | gzip -dc | wc -c"))?;
    let mut input = compressor.stdin().ok_or("it was started")?;
    for _ in 0..1000 {
        input.write_all(&[b'x'; 4096])?;
    }
    drop(input);
    let counted = compressor.communicate(b"", Some(Duration::from_mins(1)))?;
    println!("compressor: {} bytes", String::from_utf8_lossy(&counted.stdout).trim());
    Ok(())
}
