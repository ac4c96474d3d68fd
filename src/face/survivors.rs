//! The last words on a process that could not be ended: who it is now and why it lives. Knows no
//! worker.

use crate::protocol::{Pid, ProcessRef, ProcessState};
use crate::sys::{detail, process, procfs};
use std::fmt::Write;

/// `could not end pid 77 cp: D disk sleep in nfs_wait; SIGKILL waits until it wakes`.
pub(super) fn words(survivor: &ProcessRef) -> String {
    let pid = survivor.pid;
    // As its terminal was closed, it may have been hung up.
    let Some(found) = procfs::read(pid).filter(|found| !found.is_zombie()) else {
        return format!("{survivor} did not die of SIGKILL in time, but is gone by now");
    };
    let state = ProcessState::from_letter(found.state);
    // Reading the command line of a process in state D may make its reader wait too.
    let asks = state != ProcessState::DiskSleep;
    let command = asks.then(|| procfs::command_line(pid)).flatten().unwrap_or(found.name);
    let mut words = format!("could not end pid {pid} {command}: {state}");
    if let Some(channel) = detail::wait_channel(pid) {
        // A String takes any text.
        let _ = write!(words, " in {channel}");
    }
    words.push_str("; ");
    words.push_str(&why(pid, state));
    words
}

fn why(pid: Pid, state: ProcessState) -> String {
    if let Some(owner) = process::owner(pid).filter(|_| !process::may_signal(pid)) {
        return format!("it belongs to another user (uid {owner}), whom minder may not signal");
    }
    if let Some(tracer) = detail::tracer(pid) {
        return format!("it is traced by pid {tracer}");
    }
    match state {
        ProcessState::DiskSleep => "SIGKILL waits until it wakes".to_owned(),
        ProcessState::Running
        | ProcessState::Sleeping
        | ProcessState::Stopped
        | ProcessState::Traced
        | ProcessState::Idle
        | ProcessState::Zombie
        | ProcessState::Dead
        | ProcessState::Other(_) => "it did not die of SIGKILL".to_owned(),
    }
}
