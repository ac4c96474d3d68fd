//! How it ends: as the command did, or telling why there was none. What it costs while it runs.

use super::{init, wait_child};
use crate::support::{DEADLINE, minder, poll_until, status_field};
use nix::sys::signal::Signal;
use std::cell::RefCell;
use std::fs;

#[test]
fn it_ends_with_the_commands_code_or_128_and_the_signal() {
    let table = [("exit 0", 0), ("exit 3", 3), ("exit 255", 255), ("kill -9 $$", 137), ("kill -1 $$", 129)];
    for (line, code) in table {
        let finished = init(["--", "sh", "-c", line]).finish();
        assert_eq!(finished.status.code(), Some(code), "{line}");
        assert!(finished.stderr.is_empty(), "{line}: {}", finished.stderr_text());
    }
}

#[test]
fn an_exit_code_can_be_made_0() {
    for (line, code) in [("exit 7", 0), ("kill $$", 0), ("exit 8", 8)] {
        let finished = init(["-e", "7", "-e143", "sh", "-c", line]).finish();
        assert_eq!(finished.status.code(), Some(code), "{line}");
    }
}

#[test]
fn a_command_that_cannot_be_started_is_told_with_the_shells_code() {
    let table = [
        ("no-such-program", 127, "not found in PATH"),
        ("./missing", 127, "no such file"),
        ("/etc", 126, "is a folder"),
        ("./plain", 126, "chmod +x"),
    ];
    for (program, code, said) in table {
        let finished = init([program]).file("plain", "words\n").finish();
        let text = finished.stderr_text();
        assert_eq!(finished.status.code(), Some(code), "{program}: {text}");
        assert!(text.starts_with("minder init: cannot run") && text.contains(said), "{program}: {text}");
    }
}

#[test]
fn wrong_usage_starts_nothing() {
    for (words, said) in [(&["-x", "true"][..], "no option `-x`"), (&[], "no command")] {
        let finished = minder().args(["init"]).args(words).finish();
        assert_eq!(finished.status.code(), Some(2));
        assert!(finished.stderr_text().contains(said), "{}", finished.stderr_text());
    }
}

#[test]
fn help_and_version_are_told() {
    let version = init(["-V"]).finish();
    assert_eq!(version.stdout_text(), format!("minder {}\n", env!("CARGO_PKG_VERSION")));
    for words in [["-h"], ["--help"]] {
        let help = init(words).finish();
        assert_eq!(help.status.code(), Some(0));
        assert!(help.stdout_text().contains("minder init [OPTIONS] [--] PROG [ARG]..."));
    }
}

#[test]
fn options_of_minders_own_may_stand_in_front() {
    let finished = minder().args(["--color", "never", "init", "-c", "sh", "-c", "exit 5"]).finish();
    assert_eq!(finished.status.code(), Some(5), "{}", finished.stderr_text());
}

#[test]
fn the_command_inherits_what_a_shell_would_hand_it() {
    let minder = env!("CARGO_BIN_EXE_minder");
    let line = format!("echo in | FOO=bar {minder} init sh -c 'cat; cat <&9; pwd; echo $FOO' 9<some");
    let launch = crate::support::program("sh").args(["-c", &line]).file("some", "nine\n");
    let folder = launch.path("").canonicalize().expect("it is there");
    let finished = launch.finish();
    assert_eq!(finished.stdout_text(), format!("in\nnine\n{}\nbar\n", folder.display()));
}

#[test]
fn it_dies_and_the_command_dies_with_it() {
    let piped = init(["sleep", "1000"]).start_piped();
    wait_child(piped.pid(), "sleep");
    piped.signal(Signal::SIGKILL);
    piped.finish().expect_nothing_left();
}

#[test]
fn it_is_one_thread_and_small() {
    let piped = init(["sleep", "1000"]).start_piped();
    wait_child(piped.pid(), "sleep");
    let status = fs::read_to_string(format!("/proc/{}/status", piped.pid())).expect("it runs");
    assert_eq!(status_field(&status, "Threads").as_deref(), Some("1"), "{status}");
    // As it is installed it has 1.4 MB. Not optimized, it touches more code once it has let go of all, and
    // how many pages come with each touch goes by where the kernel put it.
    let bound = if cfg!(debug_assertions) { 2_560 } else { 2_048 };
    let seen = RefCell::new(0);
    let size = || {
        // Counted page by page; `VmRSS` may be off by some hundred kB (proc_pid_status(5)).
        let sizes = fs::read_to_string(format!("/proc/{}/smaps_rollup", piped.pid())).ok()?;
        let size: u64 = status_field(&sizes, "Rss")?.trim_end_matches(" kB").trim().parse().ok()?;
        *seen.borrow_mut() = size;
        (size < bound).then_some(())
    };
    assert!(poll_until(DEADLINE, size).is_some(), "{} kB\n{status}", seen.borrow());
    piped.signal(Signal::SIGTERM);
    piped.finish();
}
