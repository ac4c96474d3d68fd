//! What the keys do to workers, and the words for what becomes of them.

use super::{line, named, wait_process_state};
use crate::support::{DEADLINE, Key, alive, minder, number_after, poll_until, program, wait_ended};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The guardian and the supervisor: what is left when every worker is stopped.
const MINDERS: usize = 2;

#[test]
fn a_worker_is_started_and_shown_as_running() {
    let terminal = minder().run([&named("alpha", line::CALM)]).start();
    terminal.wait_listed("alpha", "running");
    let pid = terminal.wait_here();
    terminal.wait_listed("alpha", &pid.to_string());
    assert!(alive(pid));
    terminal.quit();
}

#[test]
fn j_and_k_and_the_arrows_choose_whose_pane_is_seen() {
    let say = |word: &str| format!("{word}=echo I a''m {word}; exec sleep 1000");
    let terminal = minder().run([&say("alpha"), &say("beta"), &say("gamma")]).start();
    terminal.wait_for("I am alpha");
    terminal.send("j");
    terminal.wait_for("I am beta");
    terminal.key(Key::Down);
    terminal.wait_for("I am gamma");
    terminal.send("k");
    terminal.wait_for("I am beta");
    terminal.key(Key::Up);
    terminal.wait_for("I am alpha");
    terminal.quit();
}

#[test]
fn exit_codes_and_crashes_are_told_in_words() {
    let terminal = minder()
        .size(100, 30)
        .run(["alpha=exit 3", "beta=exit 0", "gamma=kill -s SEGV $$", "delta=no-such-program"])
        .start();
    terminal.wait_listed("alpha", "exit 3");
    terminal.wait_listed("beta", "exit 0");
    terminal.wait_listed("gamma", "SIGSEGV (11)");
    terminal.wait_listed("delta", "127: command not found");
    terminal.quit();
}

#[test]
fn t_terminates_and_says_that_it_was_you() {
    let terminal = minder().size(100, 30).run([&named("alpha", line::CALM)]).start();
    let pid = terminal.wait_here();
    terminal.send("t");
    terminal.wait_listed("alpha", "stopped by you: SIGTERM (15)");
    assert!(!alive(pid));
    terminal.quit();
}

#[test]
fn an_ignored_stop_signal_counts_down_to_the_kill() {
    let terminal =
        minder().size(120, 30).args(["run", "--grace", "6s", &named("alpha", line::STUBBORN)]).start();
    terminal.wait_armed();
    terminal.send("t");
    let left =
        |screen: &crate::support::Screen| number_after(&screen.row_of("SIGKILL in")?.text, "SIGKILL in");
    let first = terminal.wait_until("a countdown", left);
    terminal.wait_until("less of it", |screen| {
        left(screen).filter(|now| *now < first && screen.contains("SIGTERM sent"))
    });
    terminal.wait_listed("alpha", "killed after the grace");
    terminal.quit();
}

#[test]
fn a_worker_that_left_its_children_behind_is_not_stopped_before_they_are() {
    // The first process ends at once on SIGTERM, the one in the background ignores it.
    let child = "(trap '' TERM; echo ar''med; while :; do sleep 0.2; done) & exec sleep 1000";
    let terminal = minder().size(120, 30).args(["run", "--grace", "2s", &named("alpha", child)]).start();
    terminal.wait_armed();
    terminal.send("t");
    terminal.wait_until("the end of the whole group", |screen| {
        (screen.contains("alpha") && terminal.processes().len() == MINDERS).then_some(())
    });
    terminal.quit();
}

#[test]
fn capital_k_kills_at_once() {
    let terminal =
        minder().size(100, 30).args(["run", "--grace", "10m", &named("alpha", line::STUBBORN)]).start();
    terminal.wait_armed();
    terminal.send("K");
    terminal.wait_listed("alpha", "killed by you");
    terminal.quit();
}

#[test]
fn a_second_t_kills_at_once() {
    let terminal =
        minder().size(100, 30).args(["run", "--grace", "10m", &named("alpha", line::STUBBORN)]).start();
    terminal.wait_armed();
    terminal.send("t");
    terminal.wait_for("SIGKILL in");
    terminal.send("t");
    terminal.wait_listed("alpha", "killed");
    terminal.quit();
}

#[test]
fn a_zombie_stays_until_it_is_waited_for() {
    let config = r#"
        [worker.alpha]
        cmd = "echo here $$; read answer; exit 4"
        reap = "manual"
    "#;
    let terminal = minder().size(100, 30).up(config).start();
    let pid = terminal.wait_here();
    terminal.key(Key::Enter);
    terminal.send("go\r");
    terminal.wait_listed("alpha", "zombie: exit 4, not waited for");
    wait_process_state(pid, "Z");
    terminal.key(Key::Ctrl(']'));
    terminal.send("w");
    terminal.wait_without("zombie: exit 4");
    terminal.wait_listed("alpha", "exit 4");
    assert_eq!(crate::support::Process::find(pid), None);
    terminal.quit();
}

#[test]
fn waiting_names_the_worker_and_esc_gives_up_without_touching_it() {
    let terminal = minder().size(100, 30).run([&named("alpha", line::CALM)]).start();
    let pid = terminal.wait_here();
    terminal.send("w");
    terminal.wait_for("waiting for alpha");
    terminal.key(Key::Escape);
    terminal.wait_without("waiting for alpha");
    terminal.wait_listed("alpha", "running");
    assert!(alive(pid));
    terminal.quit();
}

#[test]
fn a_restart_keeps_the_old_output_above_a_ruled_line() {
    let terminal = minder().size(100, 30).run([&named("alpha", line::CALM)]).start();
    let first = terminal.wait_here();
    terminal.send("r");
    let second = terminal.wait_until("a second run below the first", |screen| {
        let rows = screen.rows();
        let place = |row: &&crate::support::Row| row.text.starts_with("here ");
        let pids: Vec<_> = rows.iter().filter(place).map(|row| row.number_after("here")).collect();
        match pids[..] {
            [Some(old), Some(new)] if old == first && new != first => Some(new),
            _ => None,
        }
    });
    let screen = terminal.screen();
    let (old, new) = (format!("here {first}"), format!("here {second}"));
    let index = |text: &str| screen.row_of(text).map(|row| row.index);
    let ruled = screen
        .rows()
        .into_iter()
        .find(|row| Some(row.index) > index(&old) && Some(row.index) < index(&new) && row.contains("──"));
    assert!(ruled.is_some_and(|row| row.contains("SIGTERM")), "{screen}");
    assert!(!alive(first) && alive(second));
    terminal.quit();
}

#[test]
fn p_freezes_the_whole_group_and_continues_it() {
    let group = "sleep 1000 & echo here $!; wait";
    let terminal = minder().size(100, 30).run([&named("alpha", group)]).start();
    let child = terminal.wait_here();
    terminal.send("p");
    terminal.wait_listed("alpha", "stopped (SIGSTOP)");
    terminal.wait_listed("alpha", "frozen");
    wait_process_state(child, "T");
    terminal.send("p");
    terminal.wait_listed("alpha", "running");
    wait_process_state(child, "SR");
    terminal.quit();
}

#[test]
fn a_stop_by_somebody_else_is_seen() {
    let terminal =
        minder().size(100, 30).run(["alpha=kill -s STOP $$; echo go''es on; exec sleep 1000"]).start();
    terminal.wait_listed("alpha", "stopped (SIGSTOP)");
    let stopped = terminal.processes().into_iter().find(|process| process.state == 'T');
    let stopped = stopped.expect("it is stopped");
    kill(Pid::from_raw(stopped.pid), Signal::SIGCONT).expect("it lives");
    terminal.wait_for("goes on");
    terminal.wait_listed("alpha", "running");
    terminal.quit();
}

#[test]
fn a_stopped_worker_can_be_terminated() {
    let terminal = minder().size(100, 30).run([&named("alpha", line::CALM)]).start();
    terminal.wait_here();
    terminal.send("p");
    terminal.wait_listed("alpha", "stopped (SIGSTOP)");
    terminal.send("t");
    terminal.wait_listed("alpha", "stopped by you: SIGTERM (15)");
    terminal.quit();
}

#[test]
fn any_signal_can_be_picked_from_a_list() {
    let traps = "trap 'echo got \"the\" first' USR1; echo ar''med; while :; do sleep 0.1; done";
    let terminal = minder().size(100, 44).run([&named("alpha", traps)]).start();
    terminal.wait_armed();
    terminal.send("s");
    terminal.wait_until("a list with numbers and names", |screen| {
        screen.row_with(&["10", "SIGUSR1"]).and(screen.row_with(&["15", "SIGTERM"]))
    });
    terminal.send("usr1");
    terminal.wait_without("SIGTERM");
    terminal.key(Key::Enter);
    terminal.wait_for("got the first");
    terminal.wait_listed("alpha", "running");
    terminal.quit();
}

#[test]
fn space_stops_and_starts() {
    let terminal = minder().size(100, 30).run([&named("alpha", line::CALM)]).start();
    let pid = terminal.wait_here();
    terminal.send(" ");
    terminal.wait_listed("alpha", "stopped by you");
    assert!(wait_ended(pid, DEADLINE));
    terminal.send(" ");
    terminal.wait_listed("alpha", "running");
    terminal.quit();
}

#[test]
fn what_was_stopped_stays_so_whatever_its_policy_says() {
    let config = r#"
        [worker.alpha]
        cmd = "echo run >> runs; exec sleep 1000"
        restart = "always"
        backoff = { initial = "10ms", jitter = 0 }
    "#;
    let terminal = minder().size(100, 30).up(config).start();
    let runs = || {
        let text = std::fs::read_to_string(terminal.folder().join("runs")).unwrap_or_default();
        text.lines().count()
    };
    assert!(poll_until(DEADLINE, || (runs() == 1).then_some(())).is_some());
    terminal.wait_listed("alpha", "running");
    terminal.send("t");
    terminal.wait_listed("alpha", "stopped by you: SIGTERM (15)");
    // A program with a known duration is the clock: many times the backoff.
    program("sleep").args(["0.5"]).finish();
    assert_eq!(runs(), 1);
    terminal.wait_listed("alpha", "stopped by you: SIGTERM (15)");
    terminal.quit();
}

#[test]
fn capital_t_terminates_all() {
    let lines = ["alpha", "beta", "gamma"].map(|name| named(name, line::CALM));
    let terminal = minder().size(100, 30).args(["run"]).args(lines).start();
    for name in ["alpha", "beta", "gamma"] {
        terminal.wait_listed(name, "running");
    }
    terminal.send("T");
    for name in ["alpha", "beta", "gamma"] {
        terminal.wait_listed(name, "stopped by you: SIGTERM (15)");
    }
    assert_eq!(terminal.processes().len(), MINDERS);
    terminal.quit();
}

#[test]
fn the_filter_leaves_those_that_match() {
    let lines = ["alpha", "beta", "gamma"].map(|name| named(name, "exec sleep 1000"));
    let terminal = minder().size(100, 30).args(["run"]).args(lines).start();
    terminal.wait_listed("gamma", "running");
    terminal.send("f");
    terminal.send("bet");
    terminal.wait_without("gamma");
    terminal.key(Key::Enter);
    terminal.wait_listed("beta", "running");
    terminal.key(Key::Escape);
    terminal.wait_listed("gamma", "running");
    terminal.quit();
}

#[test]
fn a_crashing_worker_is_started_again_by_its_policy() {
    let config = r#"
        [worker.alpha]
        cmd = "echo here $$; kill -s SEGV $$"
        restart = "on-failure"
        backoff = { initial = "200ms", jitter = 0 }
        max_restarts = 2
    "#;
    let terminal = minder().size(120, 30).up(config).start();
    terminal.wait_until("three runs", |screen| {
        (screen.rows().iter().filter(|row| row.text.contains("here ") && !row.contains("$$")).count() == 3)
            .then_some(())
    });
    terminal.wait_listed("alpha", "SIGSEGV (11)");
    terminal.quit();
}

#[test]
fn sigusr1_is_passed_on_where_the_config_says_so() {
    let config = r#"
        forward_signals = true
        [worker.alpha]
        cmd = "trap 'echo got \"the\" first' USR1; echo ar''med; while :; do sleep 0.1; done"
    "#;
    let terminal = minder().up(config).start();
    terminal.wait_armed();
    terminal.signal(Signal::SIGUSR1);
    terminal.wait_for("got the first");
    terminal.quit();
}

#[test]
fn keys_can_be_changed_in_a_user_file() {
    let keys = "[keys]\nterminate = [\"D\"]\n";
    let launch = minder().size(100, 30).file("home/.config/minder/config.toml", keys);
    let terminal = launch.run([&named("alpha", line::CALM)]).start();
    terminal.wait_here();
    terminal.send("D");
    terminal.wait_listed("alpha", "stopped by you: SIGTERM (15)");
    terminal.quit();
}
