//! `minder tail` and `tail = …`: files that are followed, on the screen and without one.

use super::Terminal;
use crate::support::{Key, installed, minder, program};
use nix::sys::signal::Signal;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

const MINDER: &str = env!("CARGO_BIN_EXE_minder");

fn append(path: &Path, text: &str) {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("it can be written");
}

impl Terminal {
    fn append(&self, file: &str, text: &str) {
        append(&self.folder().join(file), text);
    }
}

#[test]
fn each_file_has_a_pane_and_rotation_is_told() {
    let launch = minder().file("a.log", "one\ntwo\n").file("b.log", "other\n").size(100, 30);
    let terminal = launch.args(["tail", "-n", "1", "a.log", "b.log", "later.log"]).start();
    terminal.wait_listed("later.log", "running");
    terminal.wait_until("the last line alone", |screen| {
        screen.row_of("two").and(screen.row_of("one").is_none().then_some(()))
    });
    fs::rename(terminal.folder().join("a.log"), terminal.folder().join("a.log.1")).expect("it is there");
    terminal.append("a.log", "fresh\n");
    terminal.wait_for("rotated: another file is at its path");
    terminal.wait_for("fresh");
    terminal.append("later.log", "there now\n");
    terminal.send("G");
    terminal.send("jj");
    terminal.wait_for("there now");
    terminal.quit();
}

#[test]
fn stop_closes_and_restart_reads_the_last_lines_again() {
    let launch = minder().file("a.log", "one\ntwo\n").size(100, 30);
    let terminal = launch.args(["tail", "--lines", "1", "a.log"]).start();
    terminal.wait_for("two");
    terminal.send("t");
    terminal.wait_listed("a.log", "returned");
    let open = fs::read_dir(format!("/proc/{}/fd", terminal.supervisor())).expect("it runs");
    let open = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    assert!(open.filter(|path| path.ends_with("a.log")).count() == 0, "it is still open");
    terminal.append("a.log", "three\n");
    terminal.send("r");
    terminal.wait_for("three");
    terminal.wait_listed("a.log", "running");
    terminal.quit();
}

#[test]
fn a_follower_is_a_thread_that_is_joined_asked_and_let_go() {
    let launch = minder().file("a.log", "one\n").file("b.log", "other\n").size(110, 30);
    let terminal = launch.args(["tail", "a.log", "b.log"]).start();
    terminal.wait_listed("◆ a.log", "running");
    terminal.send("w");
    terminal.wait_for("waiting for a.log (tid ");
    terminal.send("t");
    terminal.wait_listed("✓ a.log", "returned");
    terminal.wait_without("waiting for a.log");
    terminal.send("j");
    terminal.wait_for("other");
    terminal.send("K");
    terminal.wait_for("b.log is a thread");
    terminal.wait_for("A thread cannot be killed: only it can end itself.");
    terminal.escape("b.log is a thread");
    terminal.wait_listed("◆ b.log", "running");
    terminal.send("K");
    terminal.wait_for("enter abandons it");
    terminal.key(Key::Enter);
    terminal.wait_listed("b.log", "abandoned by you");
    terminal.send("r");
    terminal.wait_listed("◆ b.log", "running");
    terminal.quit();
}

#[test]
fn followers_stand_among_minders_threads_by_their_names() {
    let launch = minder().file("a.log", "one\n").size(110, 30);
    let terminal = launch.args(["tail", "a.log", "later.log"]).start();
    terminal.wait_listed("◆ later.log", "running");
    for (opens, closes) in [("i", "i"), ("I", "q")] {
        terminal.send(opens);
        for thread in ["a.log", "later.log", "notices", "reactor"] {
            terminal.wait_for(&format!("· {thread}"));
        }
        terminal.send(closes);
        terminal.wait_without("· reactor");
    }
    terminal.quit();
}

#[test]
fn standard_input_is_followed_while_keys_come_from_the_terminal() {
    let script = format!("(echo fir''st; echo hal''f) | {MINDER} tail - a.log");
    let launch = program("sh").args(["-c", &script]).file("a.log", "from the file\n").size(100, 30);
    let mut terminal = launch.start();
    terminal.wait_for("half");
    terminal.wait_listed("stdin", "returned");
    terminal.send("j");
    terminal.wait_for("from the file");
    terminal.wait_listed("a.log", "running");
    terminal.send("q");
    assert_eq!(terminal.wait_exit().code(), Some(0));
    terminal.expect_nothing_left();
    terminal.expect_restored();
}

#[test]
fn standard_input_that_goes_on_does_not_keep_it_from_ending() {
    let script = format!("(echo fir''st; exec sleep 1000) | {MINDER} tail -");
    let mut terminal = program("sh").args(["-c", &script]).size(100, 30).start();
    terminal.wait_for("first");
    terminal.send("q");
    // The shell waits for the other side of its pipe too.
    terminal.wait_until("the screen is given back", |screen| screen.row_of("? help").is_none().then_some(()));
    let left = || terminal.processes().into_iter().filter(|process| process.name == "sleep").count();
    assert!(left() <= 1);
    for process in terminal.processes() {
        if process.name == "sleep" {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(process.pid), Signal::SIGKILL);
        }
    }
    assert_eq!(terminal.wait_exit().code(), Some(0));
    terminal.expect_restored();
}

#[test]
fn standard_input_that_is_the_terminal_is_refused() {
    let mut terminal = minder().args(["tail", "-"]).size(100, 30).start();
    assert_eq!(terminal.wait_exit().code(), Some(2));
    terminal.wait_for("pipe something");
    terminal.expect_restored();
}

#[test]
fn headless_prints_lines_until_a_signal_comes() {
    let launch = minder().file("logs/a.log", "one\n").args(["tail", "--headless", "logs/*.log"]);
    let folder = launch.path("logs");
    let piped = launch.start_piped();
    piped.wait_stdout("a line", |text| {
        let said = |line: &str| line.starts_with("a.log ") && line.ends_with("│ one");
        text.lines().any(said).then_some(())
    });
    append(&folder.join("b.log"), "two\n");
    piped.wait_stdout("a file that came later", |text| text.contains("│ two").then_some(()));
    OpenOptions::new()
        .write(true)
        .open(folder.join("a.log"))
        .and_then(|file| file.set_len(0))
        .expect("it is there");
    piped.wait_stderr("what was truncated", |text| {
        text.contains("a.log: truncated: was 4 bytes").then_some(())
    });
    piped.signal(Signal::SIGINT);
    let finished = piped.finish();
    assert_eq!(finished.status.signal(), Some(Signal::SIGINT as i32), "{}", finished.stderr_text());
    // What was found is no line of a file.
    assert!(!finished.stdout_text().contains("followed as"), "{}", finished.stdout_text());
    assert!(finished.stderr_text().contains("b.log is followed as b.log"), "{}", finished.stderr_text());
    finished.expect_nothing_left();
}

#[test]
fn it_begins_at_the_last_ten_lines_or_as_many_as_are_wanted_or_at_the_start() {
    let text = (1..=14).map(|n| format!("n{n}\n")).collect::<Vec<_>>().concat();
    for (options, first) in [(&[][..], 5), (&["-n", "3"], 12), (&["--lines=0"], 15), (&["--from-start"], 1)] {
        let words = ["tail", "--headless"].iter().chain(options).chain(&["a.log"]).copied();
        let piped = minder().file("a.log", &text).args(words.collect::<Vec<_>>()).start_piped();
        // What came later is read once all before it is.
        piped.wait_stderr("it follows", |text| text.contains("a.log: started").then_some(()));
        let last = if first > 14 { "" } else { "n14" };
        piped.wait_stdout(&format!("{options:?}"), |text| text.contains(last).then_some(()));
        piped.signal(Signal::SIGTERM);
        let finished = piped.finish();
        let said: Vec<_> = finished.stdout_text().lines().map(str::to_owned).collect();
        let wanted: Vec<_> = (first..=14).map(|n| format!("a.log │ n{n}")).collect();
        assert_eq!(said, wanted, "{options:?}");
    }
}

#[test]
fn headless_standard_input_alone_ends_with_its_end() {
    let script = format!("printf 'one\\ntwo' | {MINDER} tail --headless -");
    let finished = program("sh").args(["-c", &script]).finish();
    assert_eq!(finished.status.code(), Some(0));
    assert_eq!(finished.stdout_text(), "stdin │ one\nstdin │ two\n");
    assert!(finished.stderr_text().contains("end of input after 7 bytes"), "{}", finished.stderr_text());
    finished.expect_nothing_left();
}

#[test]
fn a_large_input_comes_whole_however_slowly_it_is_read() {
    let script =
        format!("seq 1 2000000 | {MINDER} tail --headless - 2>/dev/null | (sleep 1; tail -n 1; cat)");
    let finished = program("sh").args(["-c", &script]).finish();
    assert_eq!(finished.stdout_text(), "stdin │ 2000000\n");
}

#[test]
fn files_that_come_later_cost_no_line_however_slowly_all_are_read() {
    // All are more than there is memory for, and none becomes much smaller when it is packed.
    let noise = |line: u64| (line + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17);
    let text = |file: u64| {
        let words = |line: u64| (0..8).map(move |word| noise((file * 9000 + line) * 8 + word));
        let lines =
            (0..9000).map(|line| words(line).map(|word| format!("{word:016x}")).collect::<Vec<_>>().concat());
        lines.fold(String::new(), |text, line| text + &line + "\n")
    };
    // A printer whose reader does not read tells nothing, so that the reader can go by time alone.
    let script = format!(
        "{MINDER} up --headless 2> told | (sleep 2; head -n 180000 > all); cat told >&2; \
         cut -d ' ' -f 1 all | sort | uniq -c"
    );
    let config = "[log]\nmemory = '4M'\n[worker.logs.tail]\nfiles = 'x/*.log'\nlines = 'all'\n";
    let mut launch = program("sh").args(["-c", &script]).file("minder.toml", config);
    for file in 10..30 {
        launch = launch.file(&format!("x/{file}.log"), &text(file));
    }
    let finished = launch.finish();
    let counts = finished.stdout_text();
    let whole = |line: &str| line.trim_start().starts_with("9000 ");
    assert!(counts.lines().count() == 20 && counts.lines().all(whole), "{counts}{}", finished.stderr_text());
}

#[test]
fn a_config_names_files_by_patterns() {
    let config =
        "[worker.web]\ncmd = 'echo started; sleep 1000'\n[worker.logs]\ntail = ['logs/*.log', 'x']\n";
    let terminal = minder().file("logs/a.log", "one\n").size(100, 30).up(config).start();
    terminal.wait_listed("a.log", "running");
    terminal.wait_listed("logs", "running");
    terminal.wait_listed("x", "running");
    terminal.append("logs/b.log", "two\n");
    terminal.wait_listed("b.log", "running");
    terminal.quit();
}

#[test]
fn a_folder_is_refused() {
    let finished = minder().args(["tail", "/"]).finish();
    assert_eq!(finished.status.code(), Some(2));
    assert!(finished.stderr_text().contains("/ is a folder; name the files in it, as '/*.log'"));
}

#[test]
fn a_file_that_may_not_be_read_is_told_and_read_once_it_may() {
    if !nix::unistd::geteuid().is_root() || !installed("setpriv") {
        // A test of the room itself does that for who is not root.
        return;
    }
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", MINDER, "tail", "--headless", "a.log"];
    let launch = program("setpriv").file("a.log", "secret\n").args(nobody);
    let log = launch.path("a.log");
    let set =
        |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
    set(log.parent().expect("it has a folder"), 0o755);
    set(&log, 0o600);
    let piped = launch.start_piped();
    piped.wait_stderr("a refusal", |text| {
        text.contains("a.log: cannot be read: permission denied; waits until it can").then_some(())
    });
    set(&log, 0o644);
    piped.wait_stdout("its line", |text| text.contains("a.log │ secret").then_some(()));
    piped.signal(Signal::SIGTERM);
    piped.finish().expect_nothing_left();
}
