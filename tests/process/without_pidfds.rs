//! The same tests again, with minder as on a kernel without pidfds: ends by SIGCHLD, signals by pid.

use crate::support::WITHOUT_PIDFDS;
use std::process::Command;

/// What has to do with ends, signals and trees.
const AGAIN: [&str; 6] =
    ["e2e::workers", "e2e::ending", "e2e::guardian", "e2e::inspect", "process::stress", "init::ends"];

#[test]
fn ends_and_signals_are_the_same_without_pidfds() {
    if std::env::var_os(WITHOUT_PIDFDS).is_some() {
        return;
    }
    let tests = std::env::current_exe().expect("this test runs");
    let again = Command::new(tests).args(AGAIN).env(WITHOUT_PIDFDS, "1").output().expect("it runs again");
    let told = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success(), "{told}\n{}", String::from_utf8_lossy(&again.stderr));
    let passed = crate::support::number_after(&told, "ok.").unwrap_or_default();
    assert!(passed > 40, "{told}");
}
