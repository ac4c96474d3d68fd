//! The keyboard is the worker's: typing, sizes, and real full-screen programs in a pane.

use super::installed;
use crate::support::{DEADLINE, Key, minder, poll_until};
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
    let traps = "trap 'echo inter\"\"rupted' INT; echo ar''med; while :; do sleep 0.1; done";
    let terminal = minder().run([&super::named("alpha", traps)]).start();
    terminal.wait_for("armed");
    terminal.key(Key::Enter);
    terminal.key(Key::Ctrl('c'));
    terminal.wait_for("interrupted");
    terminal.key(Key::Ctrl('z'));
    terminal.wait_listed("alpha", "stopped (SIGTSTP)");
    terminal.key(Key::Ctrl(']'));
    terminal.send("p");
    terminal.wait_listed("alpha", "running");
    terminal.quit();
}

#[test]
fn a_shell_works_in_a_pane() {
    let terminal = minder().env("PS1", "pane$ ").run(["alpha=exec sh -i"]).start();
    terminal.wait_for("pane$");
    terminal.key(Key::Enter);
    terminal.send("echo $((6 * 7)) && tty && ps -o stat= -p $$\r");
    terminal.wait_for("42");
    terminal.wait_for("/dev/pts/");
    // Job control is on: no "can't access tty".
    assert!(!terminal.screen().contains("job control"), "{}", terminal.screen());
    terminal.send("sleep 1000\r");
    terminal.key(Key::Ctrl('c'));
    terminal.send("echo $?\r");
    terminal.wait_for("130");
    terminal.key(Key::Ctrl(']'));
    terminal.quit();
}

#[test]
fn a_resize_reaches_the_worker() {
    let traps = "trap 'echo size $(stty size)' WINCH; echo ar''med; while :; do sleep 0.1; done";
    let terminal = minder().size(80, 24).run([&super::named("alpha", traps)]).start();
    terminal.wait_for("armed");
    terminal.resize(100, 40);
    terminal.wait_until("100 columns", |screen| {
        let row = screen.row_of("size ")?;
        row.text.trim_end().ends_with("100").then_some(())
    });
    terminal.resize(60, 20);
    terminal.wait_until("60 columns", |screen| {
        screen
            .rows()
            .iter()
            .any(|row| row.contains("size ") && row.text.ends_with("60"))
            .then_some(())
    });
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
    terminal.wait_for("armed");
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
    terminal.wait_for("armed");
    terminal.key(Key::Enter);
    terminal.send("something\r");
    terminal.wait_for("got something");
    let file = terminal.folder().join("got");
    let text =
        poll_until(DEADLINE, || fs::read_to_string(&file).ok().filter(|text| !text.is_empty()));
    assert_eq!(text.as_deref(), Some("got something\n"));
    terminal.key(Key::Ctrl(']'));
    terminal.quit();
}
