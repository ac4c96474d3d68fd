//! The terminal: whose it is, Ctrl-C and Ctrl-Z, in a shell and as the first process of a terminal.

use super::{init, wait_child, wait_state};
use crate::support::{JobShell, Key, Process};

/// A shell with `minder init` as its job, whose command counts the Ctrl-C that come to it.
fn job<const N: usize>(options: [&str; N]) -> (JobShell, Process) {
    // No `sleep` in the loop: a stop that meets the shell's own half-born child leaves the shell in D.
    let line = "trap 'echo int''errupted' INT; echo ar''med; while :; do read word; done";
    let shell = init(options).args(["sh", "-c", line]).in_a_shell();
    shell.start_job();
    shell.wait_for("armed");
    let command = wait_child(shell.job().pid, "sh");
    (shell, command)
}

fn stops_continues_and_ends_in_a_shell<const N: usize>(options: [&str; N]) {
    let (mut shell, command) = job(options);
    let init = shell.job();
    for _ in 0..2 {
        shell.key(Key::Ctrl('z'));
        shell.wait_prompt();
        wait_state(init.pid, "T");
        wait_state(command.pid, "T");
        shell.enter("fg");
        wait_state(init.pid, "S");
        wait_state(command.pid, "SR");
    }
    shell.key(Key::Ctrl('c'));
    shell.wait_for("interrupted");
    shell.key(Key::Ctrl('\\'));
    shell.wait_prompt();
    shell.run("echo status $?");
    let screen = shell.screen();
    assert!(screen.contains("status 131"), "{screen}");
    let told = screen.rows().iter().filter(|row| row.text.contains("interrupted")).count();
    assert_eq!(told, 1, "{screen}");
    shell.leave();
    shell.expect_nothing_left();
}

#[test]
fn ctrl_z_and_fg_work_in_a_shell() {
    stops_continues_and_ends_in_a_shell([]);
}

#[test]
fn ctrl_z_and_fg_work_in_a_shell_for_a_single_child() {
    stops_continues_and_ends_in_a_shell(["-c"]);
}

#[test]
fn in_a_shell_the_terminal_stays_the_shells_session() {
    let (shell, command) = job([]);
    assert_eq!((command.session, command.group, command.terminal), (command.pid, command.pid, 0));
    assert_eq!(shell.process().foreground, shell.job().group);
}

#[test]
fn a_single_child_is_the_foreground_and_gives_it_back() {
    let (shell, command) = job(["-c"]);
    assert_eq!(command.session, shell.pid());
    assert_ne!(command.group, shell.job().group);
    assert_eq!(shell.process().foreground, command.group);
    drop(shell);
    // A script that goes on in its own group, without job control, can read after it.
    let minder = env!("CARGO_BIN_EXE_minder");
    let line = format!("{minder} init -c true; echo ne''xt; read word; echo \"<$word>\"");
    let terminal = crate::support::program("sh").args(["-c", &line]).start();
    terminal.wait_for("next");
    terminal.send("hello\n");
    terminal.wait_for("<hello>");
}

#[test]
fn as_the_first_process_of_a_terminal_it_hands_the_terminal_over() {
    let line = "trap 'echo hung up' HUP; trap 'echo int''errupted' INT; trap 'stty size' WINCH; \
                echo ar''med; while :; do read word && echo \"<$word>\"; done";
    let mut terminal = init(["sh", "-c", line]).size(80, 24).start();
    terminal.wait_for("armed");
    let command = wait_child(terminal.pid(), "sh");
    assert_eq!((command.session, command.foreground), (command.pid, command.group));
    assert_eq!(terminal.process().terminal, 0);
    terminal.key(Key::Ctrl('c'));
    terminal.wait_for("interrupted");
    terminal.resize(100, 30);
    terminal.wait_for("30 100");
    terminal.send("hello\n");
    terminal.wait_for("<hello>");
    assert!(!terminal.screen().contains("hung up"), "{}", terminal.screen());
    terminal.key(Key::Ctrl('\\'));
    assert_eq!(terminal.wait_exit().code(), Some(131));
    terminal.expect_nothing_left();
}
