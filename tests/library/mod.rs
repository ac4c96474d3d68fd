//! The library as a program uses it.
#![expect(clippy::unwrap_used, reason = "what helps a test is a test")]

mod alone;
mod conversations;
mod examples;
mod pools;
mod processes;
mod threads;

use std::time::Duration;

/// Nothing here takes as long; a test that waits so long has failed.
const PATIENCE: Option<Duration> = Some(Duration::from_mins(1));

/// The living processes that have this in their command line.
fn with_in_its_command(text: &str) -> Vec<i32> {
    let has = |pid: &i32| {
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains(text)
    };
    crate::support::all().iter().map(|process| process.pid).filter(has).collect()
}
