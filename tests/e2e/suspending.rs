//! Ctrl-Z under a shell, `fg` and `bg`: minder as any good terminal program.

use super::{line, named, wait_process_state};
use crate::support::{DEADLINE, JobShell, Key, Screen, minder, poll_until};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

const COUNTS: &str = "i=0; while :; do i=$((i + 1)); echo $i > count; sleep 0.02; done";

/// A shell with minder as its job, which has one worker that counts in a file.
fn counting() -> JobShell {
    let shell = minder().size(100, 30).run([&named("alpha", COUNTS)]).in_a_shell();
    shell.start_job();
    shell.wait_listed("alpha", "running");
    shell
}

/// Waits until the worker has counted on from now.
fn wait_counted_on(shell: &JobShell) {
    let file = shell.folder().join("count");
    let count = || std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse::<u64>().ok());
    let first = poll_until(DEADLINE, count).expect("it counts");
    let more = poll_until(DEADLINE, || count().filter(|now| *now > first + 5));
    assert!(more.is_some(), "the worker does not go on");
}

fn quit_and_leave(mut shell: JobShell) {
    shell.send("q");
    shell.wait_prompt();
    shell.run("echo status $?");
    assert!(shell.screen().contains("status 0"), "{}", shell.screen());
    assert_eq!(&shell.settings(), shell.settings_before());
    assert!(shell.screen().modes_left_on().is_empty(), "{}", shell.screen());
    shell.leave();
    shell.expect_nothing_left();
}

#[test]
fn ctrl_z_gives_the_prompt_back_and_workers_go_on_and_fg_redraws() {
    let mut shell = counting();
    let job = shell.job();
    shell.key(Key::Ctrl('z'));
    shell.wait_prompt();
    wait_process_state(job.pid, "T");
    assert_eq!(&shell.settings(), shell.settings_before());
    assert!(shell.screen().modes_left_on().is_empty(), "{}", shell.screen());
    wait_counted_on(&shell);
    shell.run("echo still a shell");
    shell.enter("fg");
    shell.wait_listed("alpha", "running");
    assert!(shell.screen().modes_left_on().contains(&"alternate screen"));
    // Keys are minder's again.
    shell.send("?");
    shell.wait_for("freeze or continue");
    shell.escape("freeze or continue");
    quit_and_leave(shell);
}

#[test]
fn a_window_that_changed_meanwhile_is_drawn_in_its_new_size() {
    let mut shell = counting();
    shell.key(Key::Ctrl('z'));
    shell.wait_prompt();
    shell.resize(60, 20);
    shell.enter("fg");
    shell.wait_until("the foot line on the last row", |screen| {
        let row = screen.last_row()?;
        (row.index == 19 && screen.listed("alpha", "running").is_some()).then_some(())
    });
    quit_and_leave(shell);
}

#[test]
fn sigtstp_from_outside_suspends_like_the_key() {
    let mut shell = counting();
    let job = shell.job();
    kill(Pid::from_raw(job.pid), Signal::SIGTSTP).expect("it lives");
    shell.wait_prompt();
    wait_process_state(job.pid, "T");
    assert_eq!(&shell.settings(), shell.settings_before());
    shell.enter("fg");
    shell.wait_listed("alpha", "running");
    quit_and_leave(shell);
}

#[test]
fn in_the_background_minder_does_not_touch_the_terminal() {
    let mut shell = counting();
    let job = shell.job();
    shell.key(Key::Ctrl('z'));
    shell.wait_prompt();
    shell.run("bg");
    wait_process_state(job.pid, "SR");
    wait_counted_on(&shell);
    wait_process_state(job.pid, "SR");
    assert_eq!(&shell.settings(), shell.settings_before());
    shell.run("echo still a shell");
    let screen = shell.screen();
    assert!(screen.contains("still a shell") && screen.modes_left_on().is_empty(), "{screen}");
    assert!(!screen.contains("running"), "{screen}");
    shell.enter("fg");
    shell.wait_listed("alpha", "running");
    quit_and_leave(shell);
}

#[test]
fn a_suspended_minder_can_be_terminated() {
    let mut shell = counting();
    let job = shell.job();
    shell.key(Key::Ctrl('z'));
    shell.wait_prompt();
    // SIGTERM stays pending until somebody continues it: the shell does with `kill`.
    shell.run("kill %1; kill -s CONT %1; wait");
    assert!(crate::support::wait_ended(job.pid, DEADLINE));
    assert_eq!(&shell.settings(), shell.settings_before());
    shell.leave();
    shell.expect_nothing_left();
}

#[test]
fn stops_and_continues_while_many_workers_start_do_no_harm() {
    let lines = (0..150).map(|n| format!("w{n}=sleep 1000"));
    let shell = minder().size(100, 60).args(["run"]).args(lines).in_a_shell();
    shell.start_job();
    let started = poll_until(DEADLINE, || (shell.processes().len() > 10).then_some(()));
    assert!(started.is_some(), "{:#?}", shell.processes());
    let job = shell.job();
    let pid = Pid::from_raw(job.pid);
    for _ in 0..200 {
        kill(pid, Signal::SIGTSTP).expect("it lives");
        kill(pid, Signal::SIGCONT).expect("it lives");
    }
    wait_process_state(job.pid, "SRT");
    // Wherever the storm left it, in the shell's eyes it is stopped, running or never stopped. Both of
    // minder's processes are stopped, as a shell stops a job: one that went on could draw once more
    // before the shell has taken the terminal.
    killpg(pid, Signal::SIGSTOP).expect("it lives");
    shell.wait_until("a prompt", |screen| screen.row_of("prompt-2$"));
    // SIGSTOP left the terminal raw, where nothing makes a newline out of what Enter sends. A stop
    // that was on its way comes after the first `fg`: another prompt.
    let mut prompts = 2;
    let prompt = |screen: &Screen, count: u32| screen.row_of(&format!("prompt-{count}$"));
    while prompt(&shell.screen(), prompts).is_some() {
        shell.send("fg\n");
        prompts += 1;
        shell.wait_until("minder or a prompt", |screen| {
            screen.listed("w0", "running").or_else(|| prompt(screen, prompts))
        });
    }
    let all = poll_until(DEADLINE, || {
        let sleeps = shell.processes().into_iter().filter(|process| process.name == "sleep");
        (sleeps.count() == 150).then_some(())
    });
    assert!(all.is_some(), "not all of 150 were started");
    shell.send("q");
    assert!(crate::support::wait_ended(job.pid, DEADLINE));
}

#[test]
fn a_signal_s_end_stops_a_list_of_commands_in_the_shell() {
    let mut shell = minder().run([&named("alpha", line::CALM)]).in_a_shell();
    // Not even what follows a failure: the shell sees that it was interrupted.
    shell.enter("sh job && echo the ne''xt || echo the ne''xt");
    shell.wait_listed("alpha", "running");
    shell.key(Key::Ctrl('c'));
    shell.wait_prompt();
    shell.run("echo status $?");
    let screen = shell.screen();
    assert!(!screen.contains("the next") && screen.contains("status 130"), "{screen}");
    shell.leave();
    shell.expect_nothing_left();
}
