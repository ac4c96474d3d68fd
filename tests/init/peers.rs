//! Swapping the name works: where dumb-init or tini is installed, each option does what it does there.

use super::init;
use crate::support::{Launch, installed, program};

/// Options and command after which dumb-init and we end with the same code and the same output.
const AS_DUMB_INIT: [&[&str]; 12] = [
    &["sh", "-c", "exit 3"],
    &["--", "sh", "-c", "exit 255"],
    &["sh", "-c", "kill -9 $$"],
    &["-c", "sh", "-c", "exit 4"],
    &["--single-child", "sh", "-c", "kill -15 $$"],
    &["-r", "15:3", "sh", "-c", "trap 'echo quit; exit 5' 3; kill -TERM $PPID; sleep 5 & wait"],
    &["--rewrite", "15:10", "sh", "-c", "trap 'echo usr1; exit 6' USR1; kill -TERM $PPID; sleep 5 & wait"],
    &["--rewrite=15:0", "sh", "-c", "kill -TERM $PPID; sleep 0.3; exit 7"],
    &[
        "-r",
        "15:2",
        "-r",
        "2:15",
        "sh",
        "-c",
        "trap 'echo int; exit 8' INT; kill -TERM $PPID; sleep 5 & wait",
    ],
    &["sh", "-c", "trap 'echo hup; exit 9' HUP; kill -HUP $PPID; sleep 5 & wait"],
    // A session of its own, or the one that is there.
    &["sh", "-c", "test $(ps -o sid= -p $$) = $$ && echo own"],
    &["-c", "sh", "-c", "test $(ps -o sid= -p $$) = $(ps -o sid= -p $PPID) && echo the same"],
];

/// The same for tini. As a subreaper: it says much where it is neither that nor PID 1.
const AS_TINI: [&[&str]; 13] = [
    &["-s", "--", "sh", "-c", "exit 3"],
    &["-s", "--", "sh", "-c", "kill -9 $$"],
    &["-s", "-e", "3", "--", "sh", "-c", "exit 3"],
    &["-s", "-e143", "--", "sh", "-c", "kill $$"],
    &["-s", "-e", "7", "-e", "8", "--", "sh", "-c", "exit 8"],
    &["-s", "-g", "--", "sh", "-c", "trap 'echo term; exit 9' TERM; kill -TERM $PPID; sleep 5 & wait"],
    &["-s", "-p", "SIGKILL", "--", "sh", "-c", "exit 5"],
    &["-s", "-p", "SIGTERM", "--", "sh", "-c", "exit 6"],
    &["-s", "--", "sh", "-c", "(sleep 0.1 &); sleep 0.3; ps -o pid= --ppid $PPID | grep -c ."],
    &["-s", "--", "sh", "-c", "trap 'echo usr2; exit 4' USR2; kill -USR2 $PPID; sleep 5 & wait"],
    &["-s", "--", "no-such-program"],
    &["-s", "--", "/etc"],
    &["-s", "-g", "-e", "1", "--", "false"],
];

fn ends(launch: Launch) -> (Option<i32>, String) {
    let finished = launch.finish();
    (finished.status.code(), finished.stdout_text())
}

fn expect_the_same(peer: &str, table: &[&[&str]]) {
    if !installed(peer) || !installed("ps") {
        return;
    }
    for words in table {
        let ours = ends(init([]).args(words.iter()));
        assert_eq!(ours, ends(program(peer).args(words.iter())), "{peer} {words:?}");
    }
}

#[test]
fn it_does_what_dumb_init_does() {
    expect_the_same("dumb-init", &AS_DUMB_INIT);
}

#[test]
fn it_does_what_tini_does() {
    expect_the_same("tini", &AS_TINI);
}
