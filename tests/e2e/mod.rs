//! The real binary in a real terminal: keys in, screen out.

mod demo;
mod ending;
mod grid;
mod guardian;
mod headless;
mod inspect;
mod keyboard;
mod logs;
mod pane;
mod panic;
mod queries;
mod reading;
mod suspending;
mod tail;
mod takeout;
mod timers;
mod watched;
mod workers;

use crate::support::{DEADLINE, Key, Process, Row, Screen, Terminal, poll_until};

/// Shell lines for workers, each with something to see. What is waited for is broken up by quotes,
/// here and in the tests: the screen shows a worker's command too.
mod line {
    /// Prints its pid and stays.
    pub(super) const CALM: &str = "echo here $$; exec sleep 1000";
    /// Survives everything but SIGKILL.
    pub(super) const STUBBORN: &str = "trap '' TERM INT HUP; echo ar''med; while :; do sleep 0.2; done";
}

/// `name=line`, as `minder run` takes it.
fn named(name: &str, line: &str) -> String {
    format!("{name}={line}")
}

impl Screen {
    /// The row of the list that this worker has, if it is in this state.
    fn listed(&self, name: &str, words: &str) -> Option<Row> {
        self.row_with(&[name, words])
    }
}

impl Terminal {
    /// Waits until the list shows the worker with these words.
    fn wait_listed(&self, name: &str, words: &str) -> Row {
        self.wait_until(&format!("{name}: {words}"), |screen| screen.listed(name, words))
    }

    /// Waits until the chosen worker has printed `armed` and keys find it running: output may be
    /// on the screen before the word for its state is.
    fn wait_armed(&self) {
        self.wait_until("armed and running", |screen| screen.row_of("armed").and(screen.row_of("running")));
    }

    /// The pid that the chosen worker printed as `here PID`, once it is shown as running.
    fn wait_here(&self) -> i32 {
        self.wait_until("here PID", |screen| {
            screen.row_of("running")?;
            let rows = screen.rows();
            rows.iter().find_map(|row| row.text.split_once("here ")?.1.trim().parse().ok())
        })
    }

    /// Presses Esc and waits until what it closes is gone: with another key right behind it, it
    /// would be Alt and that key.
    fn escape(&self, closes: &str) {
        self.key(Key::Escape);
        self.wait_without(closes);
    }

    /// Quits and waits until all is gone.
    fn quit(mut self) {
        self.send("q");
        let status = self.wait_exit();
        assert_eq!(status.code(), Some(0), "{status}");
        self.expect_nothing_left();
        self.expect_restored();
    }
}

/// Waits until the process is in one of these states of proc(5).
fn wait_process_state(pid: i32, states: &str) {
    let reached = poll_until(DEADLINE, || Process::find(pid).filter(|found| states.contains(found.state)));
    assert!(reached.is_some(), "not in {states}: {:?}", Process::find(pid));
}
