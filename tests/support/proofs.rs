//! The harness proves itself on programs that everybody knows.

use super::clock::{DEADLINE, poll_until};
use super::keys::Key;
use super::launch::program;
use super::processes::{Mark, Process, alive, signal_mask, status_field, wait_ended};
use super::screen::number_after;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::os::unix::process::ExitStatusExt;

#[test]
fn typed_keys_arrive_and_what_is_written_is_seen() {
    let mut terminal = program("cat").start();
    terminal.send("hello");
    terminal.key(Key::Enter);
    let echoed = |screen: &super::Screen| {
        let rows = screen.rows();
        (rows[0].text == "hello" && rows[1].text == "hello").then_some(())
    };
    terminal.wait_until("hello, echoed and answered", echoed);
    terminal.key(Key::Ctrl('d'));
    assert!(terminal.wait_exit().success());
    terminal.expect_restored();
    terminal.expect_nothing_left();
}

#[test]
fn what_was_written_before_an_exit_is_on_the_screen_after_it() {
    let mut terminal = program("sh").args(["-c", "seq 1 5000; printf last"]).start();
    terminal.wait_exit();
    assert_eq!(terminal.screen().last_row().map(|row| row.text).as_deref(), Some("last"));
    assert!(terminal.transcript().starts_with(b"1\r\n2\r\n"));
}

#[test]
fn a_program_is_the_foreground_of_its_own_session_and_terminal() {
    let terminal = program("sleep").args(["100"]).start();
    let (pid, process) = (terminal.pid(), terminal.process());
    assert_eq!((process.session, process.group, process.foreground), (pid, pid, pid));
    assert_ne!(process.terminal, 0);
}

#[test]
fn the_surroundings_are_clean() {
    let finished = program("sh").args(["-c", "env; ls -A \"$HOME\"; grep Sig /proc/self/status"]);
    let text = finished.finish().stdout_text();
    assert!(!text.contains("MINDER_") && !text.contains("NO_COLOR"), "{text}");
    assert!(text.contains("\nTERM=xterm-256color\n"), "{text}");
    for key in ["SigBlk", "SigIgn"] {
        assert_eq!(signal_mask(&text, key), 0, "{text}");
    }
}

#[test]
fn a_resize_reaches_the_program() {
    let wait = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.1; done";
    let mut terminal = program("sh").args(["-c", wait]).size(80, 24).start();
    terminal.wait_for("ready");
    terminal.resize(100, 30);
    terminal.wait_for("30 100");
    assert_eq!(terminal.screen().size(), (100, 30));
    terminal.wait_exit();
}

#[test]
fn settings_and_modes_left_behind_are_noticed() {
    let mess = "stty raw; printf '\\033[?1049h\\033[?25l\\033[?1000h\\033[?2004h'";
    let mut terminal = program("sh").args(["-c", mess]).start();
    terminal.wait_exit();
    assert_ne!(&terminal.settings(), terminal.settings_before());
    assert_eq!(
        terminal.screen().modes_left_on(),
        ["alternate screen", "hidden cursor", "mouse", "bracketed paste"]
    );
}

#[test]
fn colours_are_seen() {
    let mut terminal = program("printf").args(["plain \\033[1;31mred\\033[0m\\n"]).start();
    terminal.wait_exit();
    let screen = terminal.screen();
    let cell = screen.cell_of("red").expect("it is there");
    assert_eq!((cell.fgcolor(), cell.bold()), (vt100::Color::Idx(1), true));
}

#[test]
fn an_end_by_a_signal_is_told_from_an_exit() {
    let mut terminal = program("sleep").args(["100"]).start();
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.wait_exit().signal(), Some(15));
}

#[test]
fn a_closed_terminal_hangs_the_program_up() {
    let mut terminal = program("sleep").args(["100"]).start();
    terminal.hang_up();
    assert_eq!(terminal.wait_exit().signal(), Some(1));
}

#[test]
fn whatever_ran_off_is_found_by_the_mark_and_killed_at_the_end() {
    // The shell stays: its end would hang up a daemon that has not left its session yet.
    let daemon = "setsid -f sleep 1000; echo gone; read answer";
    let terminal = program("sh").args(["-c", daemon]).start();
    terminal.wait_for("gone");
    let found = poll_until(DEADLINE, || {
        let mut found = terminal.processes().into_iter();
        found.find(|process| process.name == "sleep" && process.session != terminal.pid())
    });
    let daemon = found.expect("it is found");
    assert!(alive(daemon.pid));
    drop(terminal);
    assert!(wait_ended(daemon.pid, DEADLINE));
}

#[test]
fn a_zombie_counts_as_left() {
    let terminal = program("sh").args(["-c", "sleep 1000 & echo child $!; exec sleep 1000"]).start();
    let pid = terminal.wait_until("the child's pid", |screen| screen.row_of("child")?.number_after("child"));
    let child = || terminal.processes().into_iter().find(|process| process.pid == pid);
    let seen = poll_until(DEADLINE, child).expect("it carries the mark");
    assert!(seen.alive());
    // The program that the shell becomes waits for nobody; the shell itself might.
    let became = || (terminal.process().name == "sleep").then_some(());
    assert!(poll_until(DEADLINE, became).is_some());
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it lives");
    assert!(wait_ended(pid, DEADLINE));
    assert_eq!(child().map(|process| process.state), Some('Z'));
}

#[test]
fn pipes_are_read_to_the_last_byte() {
    let line = "head -c 1048576 /dev/zero; echo problem >&2; exit 3";
    let finished = program("sh").args(["-c", line]).finish();
    assert_eq!((finished.stdout.len(), finished.stderr_text()), (1 << 20, "problem\n".into()));
    assert_eq!(finished.status.code(), Some(3));
    finished.expect_nothing_left();
}

#[test]
fn output_in_a_pipe_can_be_awaited() {
    let line = "echo pid $$; echo waiting >&2; exec sleep 100";
    let piped = program("sh").args(["-c", line]).start_piped();
    let pid = piped.wait_stdout("its pid", |text| number_after(text, "pid"));
    piped.wait_stderr("waiting", |text| text.contains("waiting").then_some(()));
    assert_eq!(pid, piped.pid());
    let marked = || piped.processes().into_iter().find(|process| process.pid == pid);
    assert!(poll_until(DEADLINE, marked).is_some());
    piped.signal(Signal::SIGINT);
    assert_eq!(piped.finish().status.signal(), Some(2));
}

#[test]
fn a_job_is_stopped_continued_and_ended_in_a_shell() {
    let mut shell = program("cat").in_a_shell();
    let cooked = shell.settings();
    shell.start_job();
    shell.enter("first");
    shell.wait_until("the answer", |screen| {
        (screen.rows().iter().filter(|row| row.text == "first").count() == 2).then_some(())
    });
    let job = shell.job();
    assert_eq!(shell.process().foreground, job.group);
    shell.key(Key::Ctrl('z'));
    shell.wait_prompt();
    assert_eq!(Process::find(job.pid).map(|process| process.state), Some('T'));
    assert_eq!(shell.settings(), cooked);
    shell.enter("fg");
    let running = poll_until(DEADLINE, || {
        let process = Process::find(job.pid)?;
        (process.alive() && process.state != 'T').then_some(())
    });
    assert!(running.is_some());
    shell.key(Key::Ctrl('c'));
    shell.wait_prompt();
    assert!(!alive(job.pid));
    shell.run("echo $((6 * 7))");
    assert!(shell.screen().contains("42"));
    shell.leave();
    shell.expect_nothing_left();
}

#[test]
fn what_a_job_leaves_behind_is_seen_in_the_shell() {
    let mut shell = program("stty").args(["-echo"]).in_a_shell();
    let before = shell.settings();
    shell.start_job();
    shell.wait_prompt();
    assert_ne!(shell.settings(), before);
}

#[test]
fn a_test_that_waits_in_vain_tells_what_was_on_the_screen() {
    let terminal = program("sh").args(["-c", "echo something else"]).start();
    let waiting = std::panic::AssertUnwindSafe(|| terminal.wait_for("something"));
    assert!(std::panic::catch_unwind(waiting).is_ok());
    let waiting = std::panic::AssertUnwindSafe(|| terminal.wait_for("nothing"));
    let panic = std::panic::catch_unwind(waiting).expect_err("it is not there");
    let message = panic.downcast_ref::<String>().expect("it has a message");
    assert!(message.contains("waited for: nothing; but the program has ended"), "{message}");
    assert!(message.contains("│something else"), "{message}");
}

#[test]
fn the_files_of_proc_are_read_right() {
    let status = fs::read_to_string("/proc/self/status").expect("/proc is mounted");
    assert_eq!(status_field(&status, "Pid"), Some(std::process::id().to_string()));
    let own = Process::find(std::process::id() as i32).expect("we are here");
    assert_eq!(status_field(&status, "PPid"), Some(own.parent.to_string()));
    assert_eq!(status_field(&status, "Pi"), None);
    assert!(Mark::new().processes().is_empty());
}
