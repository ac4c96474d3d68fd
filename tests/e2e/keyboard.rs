//! The keyboard is the worker's: typing, sizes, and real full-screen programs in a pane.

use crate::support::{DEADLINE, Key, Screen, installed, minder, poll_until};
use std::fs;

#[test]
fn what_is_typed_arrives_and_a_key_on_screen_gives_the_keyboard_back() {
    let terminal = minder().run(["alpha=cat", "beta=sleep 1000"]).start();
    terminal.wait_listed("alpha", "running");
    terminal.key(Key::Enter);
    terminal.wait_until("the key that gives it back", |screen| {
        let row = screen.row_of("ctrl-]");
        row.or_else(|| screen.row_of("Ctrl-]"))
    });
    // Every one of these letters would do something if minder took it.
    terminal.send("quit Kill jump\r");
    terminal.wait_until("the line, echoed and answered", |screen| {
        let rows = screen.rows();
        (rows.iter().filter(|row| row.contains("quit Kill jump")).count() == 2).then_some(())
    });
    terminal.wait_listed("alpha", "running");
    terminal.key(Key::Ctrl(']'));
    terminal.wait_without("ctrl-]");
    terminal.send("t");
    terminal.wait_listed("alpha", "stopped by you");
    terminal.quit();
}

#[test]
fn ctrl_c_and_ctrl_z_are_the_worker_s_while_it_has_the_keyboard() {
    // A session's leader is in an orphaned group: the kernel gives it SIGTSTP, but stops it by
    // nothing but SIGSTOP (credentials(7), setpgid(2)). So it does that itself.
    let traps = "trap 'echo inter\"\"rupted' INT; trap 'kill -s STOP $$' TSTP; echo ar''med; while :; do sleep 0.1; done";
    let terminal = minder().run([&super::named("alpha", traps)]).start();
    terminal.wait_armed();
    terminal.key(Key::Enter);
    terminal.key(Key::Ctrl('c'));
    terminal.wait_for("interrupted");
    terminal.key(Key::Ctrl('z'));
    terminal.wait_listed("alpha", "stopped (SIGSTOP)");
    terminal.key(Key::Ctrl(']'));
    terminal.send("p");
    terminal.wait_listed("alpha", "running");
    terminal.quit();
}

#[test]
fn a_shell_works_in_a_pane() {
    let terminal = minder().env("PS1", "pane$ ").run(["alpha=exec sh -i"]).start();
    terminal.wait_for("pane$");
    terminal.wait_listed("alpha", "running");
    terminal.key(Key::Enter);
    terminal.send("echo $((6 * 7)) && tty && ps -o stat= -p $$\r");
    terminal.wait_for("42");
    terminal.wait_for("/dev/pts/");
    // Job control is on: no "can't access tty".
    assert!(!terminal.screen().contains("job control"), "{}", terminal.screen());
    terminal.send("sleep 1000\r");
    // What is typed and not read yet goes with a Ctrl-C.
    let sleeps = || terminal.processes().into_iter().find(|process| process.name == "sleep");
    assert!(poll_until(DEADLINE, sleeps).is_some(), "{}", terminal.screen());
    terminal.key(Key::Ctrl('c'));
    terminal.send("echo $?\r");
    terminal.wait_for("130");
    terminal.key(Key::Ctrl(']'));
    terminal.quit();
}

#[test]
fn the_final_size_reaches_the_panes_that_are_not_seen_too() {
    let traps = "trap 'stty size > size' WINCH; : > ready; while :; do sleep 0.05; done";
    let terminal = minder().size(80, 24).run(["alpha=sleep 1000", &super::named("beta", traps)]).start();
    terminal.wait_listed("beta", "running");
    let file = |name| fs::read_to_string(terminal.folder().join(name)).ok();
    assert!(poll_until(DEADLINE, || file("ready")).is_some());
    for columns in 81..100 {
        terminal.resize(columns, 30);
    }
    let last = || file("size").filter(|size| size.trim_end().ends_with(" 99"));
    assert!(poll_until(DEADLINE, last).is_some(), "{:?}", file("size"));
    terminal.quit();
}

#[test]
fn a_resize_reaches_the_worker() {
    let traps = "trap 'echo size $(stty size)' WINCH; echo ar''med; while :; do sleep 0.1; done";
    let terminal = minder().size(80, 24).run([&super::named("alpha", traps)]).start();
    terminal.wait_armed();
    terminal.resize(100, 40);
    let told = |screen: &Screen, columns: &str| {
        let mut rows = screen.rows().into_iter();
        rows.find(|row| row.text.starts_with("size ") && row.text.ends_with(columns))
    };
    terminal.wait_until("100 columns", |screen| told(screen, " 100"));
    terminal.resize(60, 20);
    terminal.wait_until("60 columns", |screen| told(screen, " 60"));
    terminal.quit();
}

#[test]
fn a_key_that_comes_with_a_resize_is_taken() {
    let terminal = minder().size(80, 24).run([&super::named("alpha", super::line::CALM)]).start();
    terminal.wait_here();
    for columns in 90..100 {
        terminal.send("?");
        terminal.wait_for("freeze or continue");
        terminal.resize(columns, 40);
        terminal.wait_until("the new size", |screen| (screen.last_row()?.index == 39).then_some(()));
        terminal.escape("freeze or continue");
    }
    terminal.quit();
}

#[test]
fn a_worker_starts_with_the_size_of_its_pane_and_the_keys_of_a_terminal() {
    let terminal = minder().size(80, 24).run(["alpha=stty size; stty -a; tty"]).start();
    terminal.wait_for("/dev/pts/");
    assert!(terminal.screen().rows().iter().any(|row| row.text.ends_with(" 80")));
    assert!(terminal.screen().contains("intr = ^C"), "{}", terminal.screen());
    terminal.quit();
}

#[test]
fn vim_edits_a_file_in_a_pane() {
    if !installed("vim") {
        return;
    }
    let launch = minder().size(100, 30).run(["alpha=exec vim -u NONE -n text"]);
    let file = launch.path("text");
    let terminal = launch.start();
    terminal.wait_for("~");
    terminal.wait_listed("alpha", "running");
    terminal.key(Key::Enter);
    terminal.send("ihello from vim");
    terminal.wait_for("hello from vim");
    terminal.key(Key::Escape);
    terminal.send(":wq\r");
    terminal.wait_listed("alpha", "exit 0");
    assert_eq!(fs::read_to_string(file).ok().as_deref(), Some("hello from vim\n"));
    terminal.key(Key::Ctrl(']'));
    terminal.quit();
}

#[test]
fn less_pages_in_a_pane() {
    if !installed("less") {
        return;
    }
    let terminal = minder().run(["alpha=seq -f 'line %g' 1 500 > text; exec less text"]).start();
    terminal.wait_for("line 1");
    terminal.wait_listed("alpha", "running");
    terminal.key(Key::Enter);
    terminal.send("G");
    terminal.wait_for("line 500");
    terminal.send("q");
    terminal.wait_listed("alpha", "exit 0");
    terminal.key(Key::Ctrl(']'));
    terminal.quit();
}

#[test]
fn top_draws_in_a_pane_and_ends() {
    if !installed("top") {
        return;
    }
    let terminal = minder().run(["alpha=exec top"]).start();
    terminal.wait_for("load average");
    terminal.wait_listed("alpha", "running");
    terminal.key(Key::Enter);
    terminal.send("q");
    terminal.wait_listed("alpha", "exit 0");
    terminal.key(Key::Ctrl(']'));
    terminal.quit();
}

#[test]
fn a_paste_arrives_whole_and_wrapped_where_it_is_asked_for() {
    let wants = "printf '\\033[?2004h'; stty -icanon -echo; echo ar''med; exec cat -v";
    let terminal = minder().run([&super::named("alpha", wants)]).start();
    terminal.wait_armed();
    terminal.key(Key::Enter);
    terminal.send("\x1b[200~q K t\x1b[201~\r");
    terminal.wait_for("^[[200~q K t^[[201~");
    terminal.key(Key::Ctrl(']'));
    terminal.quit();
}

#[test]
fn a_worker_with_pipes_takes_typed_lines_where_its_input_is_a_pipe() {
    let config = r#"
        [worker.alpha]
        cmd = "echo ar''med; while read -r line; do echo \"got $line\" | tee -a got; done"
        output = "pipe"
        stdin = "pipe"
    "#;
    let terminal = minder().up(config).start();
    terminal.wait_armed();
    terminal.key(Key::Enter);
    terminal.send("something\r");
    terminal.wait_for("got something");
    let file = terminal.folder().join("got");
    let text = poll_until(DEADLINE, || fs::read_to_string(&file).ok().filter(|text| !text.is_empty()));
    assert_eq!(text.as_deref(), Some("got something\n"));
    terminal.key(Key::Ctrl(']'));
    terminal.quit();
}
