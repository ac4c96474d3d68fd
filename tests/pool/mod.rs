//! Pools, as a program that uses them sees them.

mod example;
mod lines;
mod maps;
mod processes;
mod stress;
mod threads;

use crate::support::{DEADLINE, poll_until};
use std::fs;

/// The threads of this process whose names begin like this.
fn threads_named(prefix: &str) -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").expect("we have threads");
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.map(|name| name.trim_end().to_owned()).filter(|name| name.starts_with(prefix)).collect()
}

/// A joined thread is in the list until the kernel has forgotten it.
fn expect_no_threads(prefix: &str) {
    let gone = poll_until(DEADLINE, || threads_named(prefix).is_empty().then_some(()));
    assert!(gone.is_some(), "{:?}", threads_named(prefix));
}
