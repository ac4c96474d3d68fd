//! The threads of minder: all but one block every signal that means something to it.

use crate::support::{Process, minder, program, signal_mask};
use nix::sys::signal::Signal;
use std::fs;

const OURS: [Signal; 10] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGCHLD,
    Signal::SIGWINCH,
    Signal::SIGTSTP,
    Signal::SIGCONT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
];

/// The blocked signals of every thread, by its name.
fn blocked(pid: i32) -> Vec<(String, u64)> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("it runs");
    let statuses = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("status")).ok());
    let name = |status: &str| crate::support::status_field(status, "Name").unwrap_or_default();
    statuses.map(|status| (name(&status), signal_mask(&status, "SigBlk"))).collect()
}

#[test]
fn one_thread_takes_the_signals_and_all_others_block_them() {
    let ours = OURS.iter().fold(0, |mask, signal| mask | 1 << (*signal as u64 - 1));
    let terminal = minder().size(100, 30).run(["alpha=echo ar''med; exec sleep 1000"]).start();
    terminal.wait_for("armed");
    terminal.send("?");
    terminal.wait_for("freeze or continue");
    let threads = blocked(terminal.supervisor());
    assert!(threads.len() > 1, "{threads:?}");
    let open: Vec<_> = threads.iter().filter(|(_, mask)| mask & ours != ours).collect();
    assert_eq!(open.len(), 1, "threads that do not block all of them: {threads:x?}");
    assert_eq!(open[0].1 & ours, 0, "{threads:x?}");
}

#[test]
fn an_idle_minder_sleeps() {
    let terminal = minder().size(100, 30).run(["alpha=echo ar''med; exec sleep 1000"]).start();
    terminal.wait_for("armed");
    // A program with a known duration is the clock.
    let (guardian, supervisor) = (terminal.pid(), terminal.supervisor());
    let of = |pid| Process::find(pid).map_or(0, |process: Process| process.ticks);
    let ticks = || of(guardian) + of(supervisor);
    // What a start takes may not be over yet: the second while is as quiet as all that follow.
    let used = || {
        let before = ticks();
        program("sleep").args(["3"]).finish();
        ticks() - before
    };
    // One while that is quiet shows it, however slow the machine is in others.
    let mut least = used();
    for _ in 0..5 {
        if least <= 10 {
            break;
        }
        least = least.min(used());
    }
    assert!(least <= 10, "{least} ticks of 10 ms in 3 s with nothing to do");
}
