//! A bug in minder itself: the terminal is whole, the message is readable, nobody is left.
//!
//! Only debug builds have the variable that makes a thread panic.

use super::{line, named};
use crate::support::minder;

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only debug builds can be made to panic")]
fn a_panic_in_any_thread_restores_the_terminal_and_leaves_nobody() {
    for thread in ["screen", "main"] {
        let launch = minder().env("MINDER_TEST_PANIC", thread);
        let mut terminal = launch.run([&named("alpha", line::CALM)]).start();
        let status = terminal.wait_exit();
        assert_eq!(status.code(), Some(125), "{thread}: {status}");
        terminal.expect_restored();
        let screen = terminal.screen();
        assert!(screen.contains("panicked"), "{thread}:\n{screen}");
        terminal.expect_nothing_left();
    }
}
