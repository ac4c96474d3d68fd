//! Selecting, copying, saving, opening and piping what a worker said.

use super::{line, named};
use crate::support::{DEADLINE, Key, Launch, Terminal, minder, poll_until, supervisor_of, wait_ended};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use nix::sys::signal::Signal;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const SAYS: &str = "echo fi''rst line; echo se''cond; echo la''st; exec sleep 1000";

fn says(launch: Launch) -> Terminal {
    let terminal = launch.run([&named("alpha", SAYS)]).start();
    terminal.wait_for("last");
    terminal.wait_listed("alpha", "running");
    terminal
}

/// A program in a folder of its own that is first in `PATH`.
fn with_program(launch: Launch, name: &str, script: &str) -> Launch {
    let launch = launch.file(&format!("bin/{name}.text"), &format!("#!/bin/sh\n{script}\n"));
    let program = launch.path(&format!("bin/{name}"));
    // Written by another process: of a file of ours a half-born child of another test may still have the
    // descriptor, and it could not be executed (ETXTBSY).
    let copied = Command::new("cp").arg(launch.path(&format!("bin/{name}.text"))).arg(&program).status();
    assert!(copied.is_ok_and(|status| status.success()));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let path = format!("{}:{}", launch.path("bin").display(), std::env::var("PATH").unwrap_or_default());
    launch.env("PATH", path)
}

/// What was last put into the clipboard by OSC 52.
fn clipboard(terminal: &Terminal) -> Option<String> {
    let transcript = terminal.transcript();
    let start = transcript.windows(7).rposition(|window| window == b"\x1b]52;c;")? + 7;
    let end = transcript[start..].iter().position(|byte| *byte == 7)?;
    let bytes = BASE64_STANDARD.decode(&transcript[start..start + end]).expect("it is base64");
    Some(String::from_utf8(bytes).expect("it is text"))
}

fn mouse(terminal: &Terminal, button: u8, column: u16, row: u16, end: char) {
    terminal.send(&format!("\x1b[<{button};{};{}{end}", column + 1, row + 1));
}

#[test]
fn what_is_selected_by_keys_arrives_in_the_clipboard_by_osc_52_and_by_a_tool() {
    let tool = "cat > \"$HOME/copied\"; echo \"$@\" > \"$HOME/asked\"; (sleep 1000 &) >/dev/null 2>&1";
    let launch = with_program(minder(), "xclip", tool).env("DISPLAY", ":77");
    let terminal = says(launch);
    terminal.send("Vgog");
    terminal.wait_for("1 line selected");
    terminal.send("j");
    terminal.wait_for("2 lines selected");
    terminal.send("y");
    terminal.wait_for("copied 2 lines, 18 bytes by OSC 52 and xclip");
    assert_eq!(clipboard(&terminal).as_deref(), Some("first line\nsecond\n"));
    let home =
        |name: &str| fs::read_to_string(terminal.folder().join("home").join(name)).expect("it was written");
    assert_eq!(home("copied"), "first line\nsecond\n");
    assert_eq!(home("asked").trim(), "-selection clipboard -in");
    // What such a tool leaves behind has the clipboard: it lives on. (The mark ends it with the test.)
    terminal.send("q");
    let mut terminal = terminal;
    assert_eq!(terminal.wait_exit().code(), Some(0));
    let left = || terminal.processes().into_iter().map(|process| process.name).collect::<Vec<_>>();
    assert!(poll_until(DEADLINE, || (left() == ["sleep"]).then_some(())).is_some(), "{:?}", left());
}

#[test]
fn a_tool_that_fails_is_told_with_what_was_tried() {
    let tool = "echo 'cannot open display' >&2; exit 3";
    let terminal = says(with_program(minder(), "xclip", tool).env("DISPLAY", ":77").size(100, 24));
    terminal.send("vy");
    terminal.wait_for("xclip: exit 3: cannot open display");
    terminal.quit();
}

#[test]
fn what_the_mouse_selects_stays_on_its_text_while_more_comes() {
    let flood = "echo al''pha beta; while :; do echo flood; sleep 0.01; done";
    let terminal = minder().run([&named("alpha", flood)]).start();
    terminal.wait_until("the flood, and the text scrolled away", |screen| {
        screen.listed("alpha", "running")?;
        (screen.last_row()?.index > 20
            && screen.rows().iter().filter(|row| row.text == "flood").count() > 10
            && !screen.contains("alpha beta"))
        .then_some(())
    });
    // It scrolls away under the pointer unless the pane is held.
    terminal.send("g");
    let row = terminal.wait_until("the text", |screen| screen.row_of("alpha beta")).index;
    mouse(&terminal, 0, 6, row, 'M');
    mouse(&terminal, 32, 9, row, 'M');
    mouse(&terminal, 0, 9, row, 'm');
    terminal.wait_for("text of 1 line selected");
    let lines = terminal.wait_until("the flood", |screen| screen.row_of("below")?.number_after("▲"));
    terminal.wait_until("more of it", |screen| {
        screen.row_of("below")?.number_after("▲").filter(|now| *now > lines + 20)
    });
    terminal.send("y");
    terminal.wait_for("copied 1 line, 4 bytes");
    assert_eq!(clipboard(&terminal).as_deref(), Some("beta"));
    terminal.quit();
}

#[test]
fn all_is_saved_and_nothing_is_replaced_without_a_yes() {
    let terminal = says(minder());
    let saved = || fs::read_to_string(terminal.folder().join("alpha.log")).unwrap_or_default();
    terminal.send("S");
    terminal.wait_for("save alpha to: alpha.log");
    terminal.key(Key::Enter);
    terminal.wait_for("saved 3 lines, 23 bytes to alpha.log");
    assert_eq!(saved(), "first line\nsecond\nlast\n");
    // One line of it, to the same name: no, then yes.
    for (answer, said, holds) in [
        ("n", "was left as it is", "first line\nsecond\nlast\n"),
        ("y", "saved 1 line, 11 bytes to alpha.log", "first line\n"),
    ] {
        terminal.send("VgogS");
        terminal.wait_for("save selection to: alpha.log");
        terminal.key(Key::Enter);
        terminal.wait_for("is there: replace it?");
        terminal.send(answer);
        terminal.wait_for(said);
        assert_eq!(saved(), holds);
    }
    terminal.send("S\x15~/x\r");
    terminal.wait_for("home/x");
    assert_eq!(
        fs::read_to_string(terminal.folder().join("home/x")).expect("~ is the home"),
        "first line\nsecond\nlast\n"
    );
    terminal.send("S\x15no/such/x\r");
    terminal.wait_for("there is no folder no/such");
    terminal.send("S\x15/dev/full\r");
    terminal.wait_for("it is no regular file");
    let names = fs::read_dir(terminal.folder()).expect("it is there");
    let parts = names.filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().contains("part"))
    });
    assert_eq!(parts.count(), 0);
    terminal.quit();
}

#[test]
fn colours_are_saved_as_colours_and_no_other_escape() {
    let terminal =
        minder().run(["alpha=printf '\\033[31mr\\033]0;x\\007ed\\033[m\\n'; exec sleep 1000"]).start();
    terminal.wait_listed("alpha", "running");
    terminal.wait_until("red", |screen| screen.rows().into_iter().find(|row| row.text == "red"));
    terminal.send("S\t\r");
    terminal.wait_for("saved 1 line");
    assert_eq!(fs::read(terminal.folder().join("alpha.log")).expect("it was saved"), b"\x1b[31mred\x1b[0m\n");
    terminal.quit();
}

#[test]
fn a_full_disk_is_told_and_nothing_half_written_stays() {
    let script = "mkdir full && mount -t tmpfs -o size=64k none full && exec \"$@\"";
    let probe = Command::new("unshare").args(["-rm", "sh", "-c", "mount -t tmpfs none /mnt"]).status();
    if !probe.is_ok_and(|status| status.success()) {
        return;
    }
    let terminal = crate::support::program("unshare")
        .args(["-rm", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_minder"), "run"])
        .args(["alpha=seq 1 50000; echo do''ne; exec sleep 1000"])
        .start();
    terminal.wait_for("done");
    terminal.wait_listed("alpha", "running");
    terminal.send("S\x15full/x\r");
    terminal.wait_for("the disk is full");
    terminal.send("|");
    terminal.wait_for("into:");
    terminal.send("echo left $(ls -A full | wc -l)\r");
    terminal.wait_for("left 0");
    // Before that, Esc would end it and show how it ended.
    terminal.wait_for("exit 0");
    terminal.escape("left 0");
    terminal.quit();
}

/// A pager that keeps what it was given, says that it is there and waits for a line.
const PAGER: &str = "cat > paged; echo pa''ging; read answer < /dev/tty; echo $answer > answer";

#[test]
fn a_pager_has_the_terminal_to_itself_and_workers_go_on() {
    let launch = with_program(minder(), "pages", PAGER).env("PAGER", "pages");
    let counts = "i=0; while :; do i=$((i + 1)); echo $i > count; sleep 0.02; done";
    let terminal = launch.run([&named("alpha", SAYS), &named("beta", counts)]).start();
    terminal.wait_for("last");
    terminal.wait_listed("alpha", "running");
    terminal.send("O");
    terminal.wait_for("paging");
    assert!(terminal.screen().modes_left_on().is_empty(), "{}", terminal.screen());
    let file = |name: &str| fs::read_to_string(terminal.folder().join(name)).ok();
    let count = || file("count")?.trim().parse::<u64>().ok();
    let first = poll_until(DEADLINE, count).expect("it counts");
    assert!(poll_until(DEADLINE, || count().filter(|now| *now > first + 5)).is_some());
    // Keys are the pager's: these would quit minder.
    terminal.send("qqq\n");
    terminal.wait_listed("alpha", "running");
    assert_eq!(file("answer").as_deref(), Some("qqq\n"));
    assert_eq!(file("paged").as_deref(), Some("first line\nsecond\nlast\n"));
    terminal.quit();
}

#[test]
fn minder_hears_signals_while_a_pager_is_open() {
    let launch = with_program(minder(), "pages", "trap '' TERM; echo pa''ging; cat > /dev/null; sleep 1000");
    let mut terminal = says(launch.env("PAGER", "pages"));
    terminal.send("O");
    terminal.wait_for("paging");
    terminal.signal(Signal::SIGTERM);
    let status = terminal.wait_exit();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(15), "{status}");
    terminal.expect_nothing_left();
    terminal.expect_restored();
}

/// Where no shell with job control gives the terminal to its next command by itself.
#[test]
fn a_supervisor_that_dies_behind_a_pager_leaves_the_terminal_to_whoever_started_it() {
    let script = "cat > /dev/null; echo pa''ging; read answer < /dev/tty";
    let launch = with_program(minder().size(100, 30), "pages", script).env("PAGER", "pages");
    let mut shell = launch.run([&named("alpha", line::CALM)]).in_a_shell();
    shell.run("set +m");
    shell.enter("sh job; read x; echo got-$x");
    shell.wait_listed("alpha", "running");
    let supervisor = supervisor_of(shell.job().pid);
    shell.send("O");
    shell.wait_for("paging");
    let killed = nix::sys::signal::kill(nix::unistd::Pid::from_raw(supervisor), Signal::SIGKILL);
    killed.expect("it is there");
    shell.wait_for("the supervisor died: SIGKILL (9)");
    shell.enter("a-line");
    shell.wait_for("got-a-line");
    shell.wait_prompt();
    shell.leave();
    shell.expect_nothing_left();
}

#[test]
fn a_pager_that_is_suspended_suspends_minder_and_fg_brings_it_back() {
    let script = "cat > /dev/null; mkfifo go; echo pa''ging; read answer < go";
    let launch = with_program(minder().size(100, 30), "pages", script).env("PAGER", "pages");
    let mut shell = launch.run([&named("alpha", line::CALM)]).in_a_shell();
    shell.start_job();
    shell.wait_listed("alpha", "running");
    shell.send("O");
    shell.wait_for("paging");
    shell.key(Key::Ctrl('z'));
    shell.wait_prompt();
    shell.run("echo still a shell");
    shell.enter("fg");
    // A pipe that can be opened for writing when somebody reads it: the pager goes on.
    fs::write(shell.folder().join("go"), "\n").expect("it is there");
    shell.wait_listed("alpha", "running");
    shell.send("q");
    shell.wait_prompt();
    shell.leave();
    shell.expect_nothing_left();
}

#[test]
fn a_pager_or_an_editor_that_is_missing_is_told() {
    let terminal = says(minder().env("PAGER", "lesss -R").env("VISUAL", "vimm").size(120, 24));
    for (key, program) in [("O", "lesss"), ("E", "vimm")] {
        terminal.send(key);
        terminal.wait_for(&format!("cannot run `{program}`: not found in PATH"));
        terminal.wait_listed("alpha", "running");
    }
    terminal.quit();
}

#[test]
fn an_editor_gets_a_file_that_is_its_reader_s_alone_and_gone_afterwards() {
    let edits = "stat -c %a \"$1\" > mode; echo \"$1\" > path; cp \"$1\" text";
    let terminal = says(with_program(minder(), "edits", edits).env("EDITOR", "edits"));
    terminal.send("E");
    let file = |name: &str| fs::read_to_string(terminal.folder().join(name)).ok();
    let text = poll_until(DEADLINE, || file("text").filter(|text| text.ends_with("last\n")));
    assert_eq!(text.as_deref(), Some("first line\nsecond\nlast\n"));
    terminal.wait_listed("alpha", "running");
    assert_eq!(file("mode").as_deref(), Some("600\n"));
    let path = file("path").expect("it was written");
    let gone = poll_until(DEADLINE, || (!std::path::Path::new(path.trim()).exists()).then_some(()));
    assert!(gone.is_some(), "{path} is still there");
    terminal.quit();
}

#[test]
fn a_command_gets_what_was_said_and_shows_what_it_makes_of_it() {
    let terminal = says(minder());
    terminal.send("|");
    terminal.wait_for("alpha into:");
    terminal.send("tr a-z A-Z; echo er''ror >&2; exit 3\r");
    for said in ["FIRST LINE", "error", "exit 3 · 4 lines"] {
        terminal.wait_for(said);
    }
    terminal.escape("FIRST LINE");
    terminal.quit();
}

#[test]
fn a_command_that_never_ends_is_ended_with_its_whole_tree() {
    let terminal = minder().run(["alpha=seq 1 100000; echo la''st; exec sleep 1000"]).start();
    terminal.wait_for("last");
    terminal.send("|");
    terminal.wait_for("alpha into:");
    // It reads nothing, and what it starts runs off.
    terminal.send(
        "setsid sh -c 'echo run''away $$; sleep 1000' & echo here; trap '' TERM; sleep 1000; sleep 1000\r",
    );
    let runaway = terminal.wait_until("its pid", |screen| screen.row_of("runaway")?.number_after("runaway"));
    terminal.wait_for("esc ends it");
    terminal.key(Key::Escape);
    terminal.wait_for("cancelled");
    assert!(wait_ended(runaway, DEADLINE));
    terminal.escape("cancelled");
    terminal.wait_listed("alpha", "running");
    terminal.quit();
}

/// Says six lines; a filter for `odd` lets every other one through.
fn odd_and_even(launch: Launch) -> Terminal {
    let says = "for i in 1 3 5; do echo n-$i odd; echo n-$((i + 1)) even; done; exec sleep 1000";
    let terminal = launch.run([&named("alpha", says)]).start();
    terminal.wait_for("n-6 even");
    terminal.wait_listed("alpha", "running");
    terminal
}

#[test]
fn what_a_filter_hides_is_not_taken_out() {
    let terminal = odd_and_even(minder());
    let saved = |name: &str| fs::read_to_string(terminal.folder().join(name)).unwrap_or_default();
    terminal.send("&odd\r");
    terminal.wait_for("filter: 3 of ");
    terminal.send("S");
    terminal.wait_for("save alpha to: alpha.log");
    terminal.key(Key::Enter);
    terminal.wait_for("saved 3 lines, 24 bytes to alpha.log");
    assert_eq!(saved("alpha.log"), "n-1 odd\nn-3 odd\nn-5 odd\n");
    terminal.send("|");
    terminal.wait_for("into:");
    terminal.send("wc -l > counted\r");
    terminal.wait_for("exit 0");
    assert_eq!(saved("counted").trim(), "3");
    terminal.escape("exit 0");
    // From the first line that is shown to the last one: what is between them and hidden stays here.
    terminal.send("Vgog");
    terminal.wait_for("1 line selected");
    terminal.send("jj");
    terminal.wait_for("lines selected");
    terminal.send("y");
    terminal.wait_for("copied 3 lines, 24 bytes");
    assert_eq!(clipboard(&terminal).as_deref(), Some("n-1 odd\nn-3 odd\nn-5 odd\n"));
    // The others, and with a block: the numbers alone.
    terminal.send("&\x15!odd\r");
    terminal.wait_for("&!odd filter: 3 of ");
    terminal.send("S\x15even.log\r");
    terminal.wait_for("saved 3 lines, 27 bytes to even.log");
    assert_eq!(saved("even.log"), "n-2 even\nn-4 even\nn-6 even\n");
    terminal.escape("filter: ");
    terminal.send("S\x15all.log\r");
    terminal.wait_for("saved 6 lines, 51 bytes to all.log");
    terminal.quit();
}

#[test]
fn the_mouse_takes_the_text_beside_numbers_and_times() {
    let terminal = says(minder());
    terminal.send("@#");
    let row = terminal.wait_until("both beside the text", |screen| {
        let row = screen.row_of("first line")?;
        (row.text.contains(':') && row.text.trim().starts_with('1')).then_some(row)
    });
    let column = row.column_of("first line").expect("it is in it");
    mouse(&terminal, 0, column, row.index, 'M');
    mouse(&terminal, 32, column + 4, row.index, 'M');
    mouse(&terminal, 0, column + 4, row.index, 'm');
    terminal.wait_for("text of 1 line selected");
    terminal.send("y");
    terminal.wait_for("copied 1 line, 5 bytes");
    assert_eq!(clipboard(&terminal).as_deref(), Some("first"));
    // A press on the number begins at the line's first column.
    mouse(&terminal, 0, 0, row.index, 'M');
    mouse(&terminal, 32, column + 2, row.index + 1, 'M');
    mouse(&terminal, 0, column + 2, row.index + 1, 'm');
    terminal.wait_for("text of 2 lines selected");
    terminal.send("y");
    terminal.wait_for("copied 2 lines");
    assert_eq!(clipboard(&terminal).as_deref(), Some("first line\nsec"));
    terminal.quit();
}
