//! Processes that minder did not start, as the real binary watches them.

use super::wait_process_state;
use crate::support::{
    DEADLINE, Process, alive, all as processes, children_of, installed, minder, poll_until, program,
    wait_runs,
};
use nix::sys::signal::Signal;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command};

/// A process of somebody else's: ours.
struct Stranger(Child);

impl Stranger {
    fn new(line: &str) -> Self {
        Self(Command::new("sh").args(["-c", line]).spawn().expect("sh can be run"))
    }

    /// One that is what it shall be by now.
    fn sleeping(seconds: &str) -> Self {
        let started = Self(Command::new("sleep").arg(seconds).spawn().expect("sleep can be run"));
        wait_runs(started.pid(), &format!("sleep {seconds}"));
        started
    }

    fn pid(&self) -> i32 {
        self.0.id() as i32
    }

    fn text(&self) -> String {
        self.pid().to_string()
    }

    /// Ends it and waits for it, as its parent does.
    fn end(mut self) {
        self.0.kill().expect("it can be killed");
        self.0.wait().expect("it is our child");
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_process_of_somebody_elses_is_shown_and_left_alone_at_the_end() {
    let stranger = Stranger::sleeping("1000.25");
    let terminal = minder().size(110, 30).args(["watch", &stranger.text()]).start();
    terminal.wait_for("not started by minder: no output, no exit code");
    terminal.wait_for(&format!("watching pid {}: sleep 1000.25", stranger.pid()));
    terminal.wait_for(&format!("child of pid {}", std::process::id()));
    terminal.wait_listed("◎ sleep-", &stranger.text());
    terminal.send("r");
    terminal.wait_for("cannot start it again");
    terminal.quit();
    assert!(alive(stranger.pid()));
}

#[test]
fn the_stop_key_ends_it_and_its_code_is_not_made_up() {
    let stranger = Stranger::sleeping("1000");
    let terminal = minder().size(120, 30).args(["watch", &stranger.text()]).start();
    terminal.wait_listed("◎ sleep-", "running");
    terminal.send("t");
    terminal.wait_for("stopped by you: ended, code unknown: not our child");
    terminal.quit();
}

#[test]
fn kill_reaches_all_that_descends_from_it() {
    let stranger = Stranger::new("sleep 1000 & sleep 1000 & wait");
    let family = poll_until(DEADLINE, || Some(children_of(stranger.pid())).filter(|all| all.len() == 2));
    let family = family.expect("it has two children");
    let terminal = minder().size(110, 30).args(["watch", &stranger.text()]).start();
    terminal.wait_listed("◎ sh-", "running");
    terminal.send("K");
    terminal.wait_listed("sh-", "ended");
    for process in family {
        let gone = poll_until(DEADLINE, || (!alive(process.pid)).then_some(()));
        assert!(gone.is_some(), "{process:?} lives");
    }
    terminal.quit();
}

#[test]
fn it_is_frozen_and_continued_and_shown_so() {
    let stranger = Stranger::sleeping("1000");
    let terminal = minder().size(110, 30).args(["watch", &stranger.text()]).start();
    terminal.wait_listed("sleep-", "running");
    terminal.send("p");
    terminal.wait_listed("sleep-", "frozen");
    wait_process_state(stranger.pid(), "T");
    terminal.send("p");
    terminal.wait_listed("◎ sleep-", "running");
    terminal.quit();
    assert!(alive(stranger.pid()));
}

#[test]
fn a_pid_file_is_waited_for_and_who_comes_back_is_found_again() {
    let config = "[worker.web]\npid_file = 'web.pid'\n";
    let launch = minder().up(config).args(["--headless"]);
    let path = launch.path("web.pid");
    let piped = launch.start_piped();
    let says = |words: &str| piped.wait_stderr(words, |text| text.contains(words).then_some(()));
    says("web.pid is not there yet");
    fs::write(&path, "soon\n").expect("it can be written");
    says("web.pid does not hold a pid: \"soon\"");
    let first = Stranger::sleeping("1000");
    fs::write(&path, first.text()).expect("it can be written");
    says(&format!("web: found, pid {}", first.pid()));
    let pid = first.pid();
    first.end();
    says("web: ended, code unknown: not our child, ran");
    says(&format!("web.pid is stale: there is no process {pid}"));
    let second = Stranger::sleeping("1000");
    fs::write(&path, second.text()).expect("it can be written");
    says(&format!("web: found, pid {}", second.pid()));
    piped.signal(Signal::SIGTERM);
    let finished = piped.finish();
    assert!(finished.stderr_text().contains("web: left alone: minder did not start it"));
    assert!(alive(second.pid()));
}

#[test]
fn headless_it_ends_with_the_last_that_it_watched() {
    let stranger = Stranger::sleeping("1000");
    let piped = minder().args(["watch", "--headless", &stranger.text()]).start_piped();
    let found = format!("found, pid {}", stranger.pid());
    piped.wait_stderr("it is found", |text| text.contains(&found).then_some(()));
    stranger.end();
    let finished = piped.finish();
    assert_eq!(finished.status.code(), Some(0), "{}", finished.stderr_text());
}

#[test]
fn who_cannot_be_watched_is_told_with_the_reason() {
    let finished = minder().args(["watch", "--headless", "4194303"]).finish();
    assert_eq!(finished.status.code(), Some(1), "{}", finished.stderr_text());
    assert!(finished.stderr_text().contains("there is no process 4194303"), "{}", finished.stderr_text());
    let finished = minder().args(["watch", "--headless", "1"]).finish();
    assert_eq!(finished.status.code(), Some(2), "{}", finished.stderr_text());
}

#[test]
fn by_name_it_is_the_oldest_that_matches() {
    // Nobody else's, also where these tests run twice at once.
    let seconds = format!("1{:08}", std::process::id());
    let first = Stranger::sleeping(&seconds);
    let started = |child: &Stranger| Process::find(child.pid()).expect("it lives").started;
    // A tick apart: of two of the same age nobody can say which was first.
    let younger = || Some(Stranger::sleeping(&seconds)).filter(|second| started(second) > started(&first));
    let _second = poll_until(DEADLINE, younger).expect("time goes on");
    let terminal = minder().size(110, 30).args(["watch", "--name", &format!("^sleep {seconds}$")]).start();
    terminal.wait_for(&format!("watching pid {}: sleep", first.pid()));
    terminal.quit();
}

/// A process that whoever runs the tests may not signal, and what starts minder as somebody who may not.
/// Root takes the rights of nobody; anybody else finds a process of another user's, if there is one.
fn somebody_elses() -> Option<(i32, &'static str, Option<Stranger>)> {
    let ours = nix::unistd::geteuid();
    if ours.is_root() {
        let stranger = Stranger::new("exec sleep 1000.5");
        // The terminal and the folder are root's.
        let become_nobody = "chmod a+rw \"$(tty)\"; chmod a+rx .; exec setpriv --reuid=65534 --regid=65534 \
                             --clear-groups";
        return installed("setpriv").then_some((stranger.pid(), become_nobody, Some(stranger)));
    }
    let theirs = processes().into_iter().find(|process| {
        let owner = fs::metadata(format!("/proc/{}", process.pid)).map(|facts| facts.uid());
        let kernel = process.pid <= 2 || process.parent == 2;
        !kernel && owner.is_ok_and(|owner| owner != ours.as_raw()) && process.state == 'S'
    });
    theirs.map(|process| (process.pid, "exec", None))
}

#[test]
fn who_may_not_be_signalled_is_watched_and_nothing_is_faked() {
    let Some((pid, somebody, _stranger)) = somebody_elses() else { return };
    let (refused, minder) = (format!("-{pid}: Operation not permitted"), env!("CARGO_BIN_EXE_minder"));
    let script = format!("{somebody} {minder} watch --grace 1s {pid}");
    let mut terminal = program("sh").args(["-c", &script]).size(120, 30).start();
    terminal.wait_for("in a folder that cannot be seen: ");
    terminal.wait_listed("◎", &pid.to_string());
    for key in ["t", "K", "p"] {
        terminal.send(key);
        let words = ["minder may not signal ", &refused];
        terminal.wait_until(&format!("the refusal of {key}"), |screen| screen.row_with(&words));
        // Another word takes its place, so that the next key's is a new one.
        terminal.send("w");
        terminal.wait_for("waiting for ");
        terminal.escape("waiting for ");
    }
    terminal.wait_listed("◎", "running");
    terminal.send("q");
    assert_eq!(terminal.wait_exit().code(), Some(0));
    terminal.expect_restored();
    assert!(alive(pid));
}

#[test]
fn a_runaway_that_may_not_be_signalled_is_told_and_left_alone() {
    let Some((pid, somebody, _stranger)) = somebody_elses().filter(|(_, _, stranger)| stranger.is_some())
    else {
        return;
    };
    let config =
        format!("[worker.big]\npid = {pid}\nrunaway = {{ memory = '64K', for = '1s', policy = 'freeze' }}\n");
    let script =
        format!("{} {} up --headless", somebody.replace("\"$(tty)\"", "."), env!("CARGO_BIN_EXE_minder"));
    let piped = program("sh").file("minder.toml", &config).args(["-c", &script]).start_piped();
    piped.wait_stderr("a refusal", |text| {
        text.contains("minder may not signal big: Operation not permitted").then_some(())
    });
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
    assert!(status.contains("State:\tS"), "it was touched: {status}");
    piped.signal(Signal::SIGTERM);
    piped.finish();
    assert!(alive(pid));
}
