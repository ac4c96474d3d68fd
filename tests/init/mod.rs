//! `minder init` with real commands: signals, orphans, ends, terminals, PID namespaces.

mod ends;
mod orphans;
mod peers;
mod signals;
mod terminal;

use crate::support::{DEADLINE, Launch, Process, children_of, minder, poll_until};

/// `minder init` with these words behind it.
fn init<const N: usize>(words: [&str; N]) -> Launch {
    minder().args(["init"]).args(words)
}

/// Waits until the process is in one of these states of proc(5).
fn wait_state(pid: i32, states: &str) {
    let reached = poll_until(DEADLINE, || Process::find(pid).filter(|found| states.contains(found.state)));
    assert!(reached.is_some(), "not in {states}: {:?}", Process::find(pid));
}

/// Waits until this process has one child that runs this program.
fn wait_child(pid: i32, name: &str) -> Process {
    let child = || children_of(pid).into_iter().find(|child| child.name == name);
    poll_until(DEADLINE, child).unwrap_or_else(|| panic!("no {name} below {pid}: {:#?}", children_of(pid)))
}
