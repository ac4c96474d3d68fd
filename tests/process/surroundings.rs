//! A worker as the observer of what it was started with.

use crate::support::{DEADLINE, Launch, Process, minder, poll_until, program, signal_mask};
use std::collections::BTreeSet;

/// What the only worker said, without the prefix.
fn said(launch: Launch) -> String {
    let finished = launch.finish();
    assert!(finished.status.success(), "{}\n{}", finished.status, finished.stderr_text());
    let text = finished.stdout_text();
    let lines = text.lines().filter_map(|line| line.split_once("│ ").map(|(_, text)| text));
    lines.collect::<Vec<_>>().join("\n")
}

/// A headless run of one program with this kind of output.
fn observe(output: &str, argv: &[&str]) -> Launch {
    minder().args(["run", "--headless", "--output", output, "--"]).args(argv)
}

/// A headless run of a `minder.toml`.
fn configured(config: &str) -> Launch {
    minder().file("minder.toml", config).args(["up", "--headless"])
}

/// What `nice` says where this much is added to what the tests run at (19 is the most).
fn niceness_with(added: i32) -> String {
    let own: i32 = program("nice").finish().stdout_text().trim().parse().expect("nice says a number");
    (own + added).min(19).to_string()
}

const MINDER: &str = env!("CARGO_BIN_EXE_minder");

#[test]
fn no_signal_is_blocked_or_ignored() {
    for output in ["pty", "pipe"] {
        let status = said(observe(output, &["cat", "/proc/self/status"]));
        for key in ["SigBlk", "SigIgn", "SigCgt"] {
            assert_eq!(signal_mask(&status, key), 0, "{output} {key}");
        }
    }
}

#[test]
fn no_signal_is_blocked_or_ignored_under_the_screen_either() {
    let line = "alpha=cat /proc/self/status > status; echo writ''ten; exec sleep 1000";
    let mut terminal = minder().run([line]).start();
    terminal.wait_for("written");
    let status = std::fs::read_to_string(terminal.folder().join("status")).expect("it was written");
    for key in ["SigBlk", "SigIgn"] {
        assert_eq!(signal_mask(&status, key), 0, "{status}");
    }
    terminal.send("q");
    terminal.wait_exit();
}

#[test]
fn under_nohup_hang_up_stays_ignored_and_nothing_else() {
    let launch = program("nohup").args([MINDER, "run", "--headless", "--", "cat", "/proc/self/status"]);
    let status = said(launch);
    assert_eq!(signal_mask(&status, "SigIgn"), 1, "{status}");
    assert_eq!(signal_mask(&status, "SigBlk"), 0, "{status}");
}

#[test]
fn no_descriptor_but_its_own_three_is_open() {
    for output in ["pty", "pipe"] {
        // With one that minder itself was left by whoever started it.
        let line =
            format!("exec '{MINDER}' run --headless --output {output} -- ls /proc/self/fd 9< /dev/null");
        let open = said(program("sh").args(["-c", &line]));
        let open: BTreeSet<&str> = open.split_whitespace().collect();
        // 3 is the folder that `ls` reads.
        assert_eq!(open, BTreeSet::from(["0", "1", "2", "3"]), "{output}");
    }
}

#[test]
fn a_worker_leads_a_session_and_a_group_of_its_own_on_its_own_terminal() {
    let stat = said(observe("pty", &["cat", "/proc/self/stat"]));
    let fields: Vec<i64> = stat.split_whitespace().map(|field| field.parse().unwrap_or_default()).collect();
    let (pid, group, session, terminal, foreground) = (fields[0], fields[4], fields[5], fields[6], fields[7]);
    assert_eq!((group, session, foreground), (pid, pid, pid), "{stat}");
    assert_ne!(terminal, 0, "{stat}");
}

#[test]
fn a_worker_with_pipes_leads_a_session_without_a_terminal() {
    let stat = said(observe("pipe", &["cat", "/proc/self/stat"]));
    let fields: Vec<i64> = stat.split_whitespace().map(|field| field.parse().unwrap_or_default()).collect();
    assert_eq!((fields[4], fields[5], fields[6]), (fields[0], fields[0], 0), "{stat}");
}

#[test]
fn the_controlling_terminal_works() {
    let text = said(minder().run_headless(["alpha=tty < /dev/tty; echo through it > /dev/tty"]));
    assert!(text.contains("through it"), "{text}");
}

#[test]
fn what_the_config_says_of_a_worker_is_so() {
    let launch = configured(
        r#"
        [worker.alpha]
        cmd = "umask; nice; ulimit -n; ulimit -Hn; pwd; echo $GREETING; echo $TEST_MARK"
        umask = "027"
        nice = 5
        limits = { nofile = { soft = 64, hard = 128 } }
        cwd = "below"
        env = { GREETING = "hello" }
        "#,
    )
    .file("below/file", "");
    let folder = launch.path("below").canonicalize().expect("it was just made");
    let mark = launch.mark().to_owned();
    let text = said(launch);
    let lines: Vec<&str> = text.lines().collect();
    let folder = folder.display().to_string();
    let nice = niceness_with(5);
    assert_eq!(lines, ["0027", &nice, "64", "128", &folder, "hello", &mark]);
}

#[test]
fn without_a_word_in_the_config_all_is_as_minder_found_it() {
    let line = "(umask; nice; ulimit -n; pwd)";
    let around =
        format!("umask 0031; ulimit -n 200; exec nice -n 3 '{MINDER}' run --headless 'alpha={line}'");
    let launch = program("sh").args(["-c", &around]);
    let folder = launch.path(".").canonicalize().expect("it is there").display().to_string();
    let text = said(launch);
    let nice = niceness_with(3);
    assert_eq!(text.lines().collect::<Vec<_>>(), ["0031", &nice, "200", &folder]);
}

#[test]
fn a_cleared_environment_has_only_what_was_set() {
    let launch = configured(
        "[worker.alpha]\ncmd = ['/usr/bin/env']\nclear_env = true\nenv = { ONLY = 'this' }\noutput = 'pipe'",
    );
    let text = said(launch);
    // Besides what was set it has the marks by which minder finds all that a worker starts.
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("MINDER_")).collect();
    assert_eq!(lines, ["ONLY=this"], "{text}");
}

#[test]
fn a_variable_can_be_unset_and_read_from_a_file() {
    let launch = configured(
        "[worker.alpha]\ncmd = 'echo ${GONE-unset} $FROM_FILE $OVER'\nenv_file = 'some.env'\nenv = { GONE = { unset = true }, OVER = 'env' }",
    )
    .env("GONE", "not at all")
    .file("some.env", "FROM_FILE='a file'\nOVER=file\n");
    assert_eq!(said(launch), "unset a file env");
}

#[test]
fn standard_input_is_what_was_declared() {
    let text = said(
        configured("[worker.alpha]\ncmd = ['cat']\nstdin = { file = 'some' }").file("some", "from a file\n"),
    );
    assert_eq!(text, "from a file");
    let text = said(configured("[worker.alpha]\ncmd = 'readlink /proc/self/fd/0'\nstdin = 'null'"));
    assert_eq!(text, "/dev/null");
}

#[test]
fn workers_are_children_of_minder_that_it_reaps_at_once() {
    let piped = minder().run_headless(["alpha=exit 3", "beta=exec sleep 1000"]).start_piped();
    piped.wait_stderr("the end of alpha", |text| text.contains("alpha: exit 3").then_some(()));
    let supervisor = crate::support::supervisor_of(piped.pid());
    let children = || crate::support::children_of(supervisor);
    // It is told first, and reaped then.
    let alone = poll_until(DEADLINE, || (children().len() == 1).then_some(()));
    assert!(alone.is_some() && children().iter().all(Process::alive), "{:#?}", children());
    piped.signal(nix::sys::signal::Signal::SIGTERM);
    piped.finish().expect_nothing_left();
}
