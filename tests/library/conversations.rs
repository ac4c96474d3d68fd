//! Processes that a program talks to.

use super::PATIENCE;
use crate::support::{DEADLINE, poll_until};
use minder::protocol::State;
use minder::spec::OutputKind;
use minder::{CommunicateError, ExitStatus, Signal, Spec, Supervisor, WaitError, communicate};
use std::io::{ErrorKind, Write};
use std::time::Duration;

#[test]
fn megabytes_go_in_and_come_out_at_once_byte_for_byte() {
    let input: Vec<u8> = (0..8_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let said = communicate(Spec::exec("cat", ["cat"]), &input, PATIENCE).unwrap();
    assert!(said.stdout == input, "{} bytes of {}", said.stdout.len(), input.len());
    assert_eq!((said.stderr.len(), said.status), (0, ExitStatus::Exited(0)));
}

#[test]
fn streams_are_kept_apart_or_merged_in_order() {
    let line = "for n in 1 2 3 4 5; do echo out $n; echo err $n >&2; done";
    let said = communicate(Spec::shell("two", line), b"", PATIENCE).unwrap();
    assert_eq!(said.stdout, b"out 1\nout 2\nout 3\nout 4\nout 5\n");
    assert_eq!(said.stderr, b"err 1\nerr 2\nerr 3\nerr 4\nerr 5\n");
    let spec = Spec { output: OutputKind::Merged, ..Spec::shell("one", line) };
    let said = communicate(spec, b"", PATIENCE).unwrap();
    let lines: Vec<_> = (1..=5).map(|n| format!("out {n}\nerr {n}\n")).collect();
    assert_eq!(String::from_utf8_lossy(&said.stdout), lines.concat());
    assert_eq!(said.stderr, b"");
}

#[test]
fn one_that_does_not_read_is_no_error_and_its_status_is_told() {
    let input = vec![b'x'; 1_000_000];
    let said =
        communicate(Spec::shell("deaf", "exec <&-; echo bye; kill -KILL $$"), &input, PATIENCE).unwrap();
    assert_eq!(said.stdout, b"bye\n");
    assert_eq!(said.status, ExitStatus::Signaled { signal: Signal::KILL, core: false });
}

#[test]
fn after_a_timeout_nothing_is_lost() {
    let running = Supervisor::new().start().unwrap();
    let spec = Spec::shell("slow", "echo early; read first; echo got $first; cat | wc -c");
    let mut slow = running.open(spec).unwrap();
    let mut stdin = slow.stdin().unwrap();
    let brief = Some(Duration::from_millis(50));
    // Its input is with us: it cannot end.
    let waited = slow.communicate(b"", brief);
    assert!(matches!(waited, Err(CommunicateError::Wait(WaitError::TimedOut(_)))), "{waited:?}");
    stdin.write_all(b"line\n0123456789").unwrap();
    drop(stdin);
    let said = slow.communicate(b"", PATIENCE).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&said.stdout).split_whitespace().collect::<Vec<_>>(),
        ["early", "got", "line", "10"]
    );
}

#[test]
fn input_that_is_not_taken_in_time_is_written_the_next_time() {
    let running = Supervisor::new().start().unwrap();
    let mut spec = Spec::shell("stopped", "kill -STOP $$; wc -c");
    spec.stop.grace = Duration::from_secs(20);
    let mut stopped = running.open(spec).unwrap();
    let waited = stopped.communicate(&vec![b'x'; 1_000_000], Some(Duration::from_millis(100)));
    assert!(matches!(waited, Err(CommunicateError::Wait(WaitError::TimedOut(_)))), "{waited:?}");
    let name = stopped.name().clone();
    let is_stopped = || matches!(running.state(&name), Some(State::Suspended { .. })).then_some(());
    assert!(poll_until(DEADLINE, is_stopped).is_some(), "{:?}", running.state(&name));
    stopped.send_signal(Signal::CONT);
    let said = stopped.communicate(b"and more", PATIENCE).unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), "1000008");
}

#[test]
fn a_time_that_is_over_ends_all_that_it_started() {
    let mark = format!("{}", 100_000 + std::process::id());
    let line = format!("setsid sleep {mark} & sleep {mark}");
    let waited = communicate(Spec::shell("sleeps", line), b"", Some(Duration::from_millis(200)));
    assert!(matches!(waited, Err(CommunicateError::Wait(WaitError::TimedOut(_)))), "{waited:?}");
    assert_eq!(super::with_in_its_command(&mark), [0; 0]);
}

#[test]
fn a_writer_hears_that_nobody_reads() {
    let running = Supervisor::new().start().unwrap();
    let mut gone = running.open(Spec::shell("gone", "exit 0")).unwrap();
    let mut stdin = gone.stdin().unwrap();
    assert!(gone.stdin().is_none(), "there is one");
    gone.wait(PATIENCE).unwrap();
    // A child that another test starts at the same time holds the other end until its exec.
    let broken = || stdin.write_all(b"hello").err().map(|error| error.kind());
    assert_eq!(poll_until(DEADLINE, broken), Some(ErrorKind::BrokenPipe));
}

#[test]
fn one_that_cannot_be_started_says_so() {
    let said = communicate(Spec::exec("none", ["no-such-program-anywhere"]), b"x", PATIENCE);
    assert!(matches!(said, Err(CommunicateError::Wait(WaitError::NoStart(..)))), "{said:?}");
}
