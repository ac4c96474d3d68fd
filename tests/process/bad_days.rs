//! Bad days: workers that answer a stop by forking, endless lines, thousands of ends, folders that
//! vanish, and surroundings that nobody would start minder in on purpose.

use crate::support::{
    DEADLINE, Finished, Launch, children_of, installed, minder, poll_until, program, status_field,
    supervisor_of,
};
use nix::sys::signal::Signal;
use std::os::unix::process::ExitStatusExt;

const MINDER: &str = env!("CARGO_BIN_EXE_minder");

/// A shell that becomes a headless minder with one worker that ends with code 3, after or with this.
fn in_a_shell(before: &str, after: &str) -> Launch {
    let line = format!("{before} '{MINDER}' run --headless 'alpha=echo sa''id; exit 3' {after}");
    program("sh").args(["-c", &line])
}

fn expect_told(finished: &Finished) {
    assert_eq!(finished.status.code(), Some(3), "{}", finished.stderr_text());
    assert!(finished.stdout_text().contains("said"), "{}", finished.stdout_text());
    assert!(finished.stderr_text().contains("alpha: exit 3, ran"), "{}", finished.stderr_text());
    finished.expect_nothing_left();
}

#[test]
fn a_stop_answered_by_forking_leaves_nothing() {
    let line = "trap 'for i in 1 2 3 4 5; do setsid sleep 1000 & (sleep 1000 &) done; exit 0' TERM; \
        echo ar''med; while :; do sleep 0.1; done";
    let piped = minder().run_headless([&format!("alpha={line}")]).start_piped();
    piped.wait_stdout("armed", |text| text.contains("armed").then_some(()));
    piped.signal(Signal::SIGTERM);
    let finished = piped.finish();
    assert_eq!(finished.status.signal(), Some(Signal::SIGTERM as i32));
    finished.expect_nothing_left();
}

/// Ends in its own time when it is asked to, and of a hang-up at once.
const ORDERLY: &str = "trap 'echo flus''hing; sleep 0.5; echo flus''hed; exit 0' TERM; echo ar''med; while :; do sleep 0.1; done";

#[test]
fn below_a_shell_on_a_terminal_a_program_has_its_grace() {
    for (line, told) in [
        // The shell would die at once, and the kernel hang up its terminal.
        ("true && sh orderly; echo gone on", "stopped by you: SIGTERM (15)"),
        ("(sh orderly; echo gone on); echo gone on", "stopped by you: SIGTERM (15)"),
        ("sh orderly & wait", "stopped by you: SIGTERM (15)"),
        // What takes the shell's place ends as it does.
        ("exec sh orderly", "stopped by you: exit 0"),
    ] {
        let piped = minder().file("orderly", ORDERLY).run_headless([&format!("alpha={line}")]).start_piped();
        piped.wait_stdout("armed", |text| text.contains("armed").then_some(()));
        piped.signal(Signal::SIGTERM);
        let finished = piped.finish();
        let (said, heard) = (finished.stdout_text(), finished.stderr_text());
        assert!(said.contains("flushing") && said.contains("flushed"), "{line}: {said}");
        assert!(!said.contains("gone on"), "{line}: {said}");
        assert!(heard.contains(told) && !heard.contains("stopped (SIGSTOP)"), "{line}: {heard}");
        finished.expect_nothing_left();
    }
}

#[test]
fn who_fled_the_shells_group_has_its_grace_beside_it() {
    // What stays ignores the stop signal: the other one is asked all the same.
    let line = "setsid sh orderly & sh -c \"trap '' TERM; sleep 1000\" & wait";
    let piped = minder()
        .file("orderly", ORDERLY)
        .args(["run", "--headless", "--grace", "3s"])
        .args([&format!("alpha={line}")])
        .start_piped();
    piped.wait_stdout("armed", |text| text.contains("armed").then_some(()));
    piped.signal(Signal::SIGTERM);
    let finished = piped.finish();
    let said = finished.stdout_text();
    assert_eq!((said.matches("flushing").count(), said.matches("flushed").count()), (1, 1), "{said}");
    finished.expect_nothing_left();
}

#[test]
fn a_frozen_program_below_a_shell_is_resumed_by_a_stop_and_has_its_grace() {
    let command = "true && sh orderly; echo gone o''n";
    let mut terminal = minder().file("orderly", ORDERLY).run([&format!("alpha={command}")]).start();
    terminal.wait_for("armed");
    terminal.send("p");
    terminal.wait_for("stopped (SIGSTOP)");
    terminal.send("t");
    terminal.wait_for("flushed");
    terminal.wait_for("stopped by you: SIGTERM (15)");
    assert!(!terminal.screen().contains("gone on"));
    terminal.send("q");
    terminal.wait_exit();
    terminal.expect_nothing_left();
}

#[test]
fn a_traced_worker_is_stopped_too() {
    if !installed("strace") {
        return;
    }
    let piped = minder().run_headless(["alpha=echo pid $$; exec sleep 1000"]).start_piped();
    let pid = piped.wait_stdout("its pid", |text| crate::support::number_after(text, "pid"));
    let tracer = program("strace").args(["-f", "-p", &pid.to_string()]).start_piped();
    let attached = tracer.wait_stderr("strace", |text| {
        (text.contains("ttached") || text.contains("not permitted")).then(|| text.contains(" attached"))
    });
    piped.signal(Signal::SIGTERM);
    let finished = piped.finish();
    assert_eq!(finished.status.signal(), Some(Signal::SIGTERM as i32), "traced: {attached}");
    finished.expect_nothing_left();
    tracer.finish();
}

#[test]
fn a_gigabyte_on_one_line_stays_within_bounds() {
    // A terminal hands on 4 KiB at once and a pipe 64: the same way behind that, but longer.
    for (bytes, output) in [("1073741824", "pipe"), ("134217728", "pty")] {
        let line =
            format!("alpha=head -c {bytes} /dev/zero | tr '\\0' x; echo; echo en''ded; exec sleep 1000");
        let mut terminal = minder().size(100, 30).args(["run", "--output", output, &line]).start();
        terminal.wait_within(6 * DEADLINE, "ended", |screen| screen.contains("ended").then_some(()));
        let status = std::fs::read_to_string(format!("/proc/{}/status", terminal.supervisor()));
        let status = status.expect("it runs");
        let peak = status_field(&status, "VmHWM").expect("it has memory");
        let kilobytes: u64 = peak.trim_end_matches(" kB").parse().expect("it is a number");
        assert!(kilobytes < 150 << 10, "{output}: {kilobytes} kB at most");
        terminal.send("q");
        assert_eq!(terminal.wait_exit().code(), Some(0));
        terminal.expect_nothing_left();
    }
}

#[test]
fn bytes_that_are_no_text_and_endless_escapes_do_a_pane_no_harm() {
    let line = r"printf 'x\0y\377\376\300z\033[1;2;3;4;5;6;7;8;9;999999999999999999999\n'; \
        printf '\033P\0\0\033_\033^'; printf '\033[?1049h\033]0;never ended'; exec sleep 1000";
    let mut terminal =
        minder().size(100, 30).run([&format!("alpha={line}"), "beta=echo fi''ne; exec sleep 1000"]).start();
    terminal.wait_until("alpha", |screen| screen.row_with(&["alpha", "running"]));
    terminal.send("j");
    terminal.wait_for("fine");
    terminal.send("k");
    terminal.wait_without("fine");
    terminal.send("q");
    assert_eq!(terminal.wait_exit().code(), Some(0));
    terminal.expect_nothing_left();
    terminal.expect_restored();
}

#[test]
fn five_thousand_ends_leave_no_zombie() {
    // Each subshell ends and leaves its child to minder: half of the ends are of adopted ones. Two shells
    // do so at once.
    let line = "burst() { i=0; while [ $i -lt 1250 ]; do (: &); i=$((i+1)); done; }; \
        burst & burst; wait; echo do''ne; exec sleep 1000";
    let piped = minder().run_headless([&format!("alpha={line}")]).start_piped();
    piped.wait_stdout("done", |text| text.contains("done").then_some(()));
    let supervisor = supervisor_of(piped.pid());
    let only_one = || (children_of(supervisor).len() == 1).then_some(());
    assert!(poll_until(DEADLINE, only_one).is_some(), "{:#?}", children_of(supervisor));
    piped.signal(Signal::SIGTERM);
    piped.finish().expect_nothing_left();
}

#[test]
fn without_another_byte_of_memory_it_still_starts_and_ends_workers_or_leaves_nothing() {
    if !installed("prlimit") {
        return;
    }
    let config = "[worker.alpha]\ncmd = 'exit 1'\nrestart = 'always'\n\
        backoff = { initial = '10ms', max = '20ms' }\n[worker.beta]\ncmd = 'setsid sleep 1000 & exec sleep 1000'";
    let piped = minder().file("minder.toml", config).args(["up", "--headless"]).start_piped();
    let starts = |text: &str| text.matches("alpha: started, pid").count();
    piped.wait_stderr("a start", |text| (starts(text) > 0).then_some(()));
    let supervisor = supervisor_of(piped.pid()).to_string();
    // From now on every mmap and brk of the supervisor fails with ENOMEM. A start needs neither.
    let limited = program("prlimit").args(["--pid", &supervisor, "--as=4096:4096"]).finish();
    assert!(limited.status.success(), "{}", limited.stderr_text());
    let before = piped.wait_stderr("its starts", |text| Some(starts(text)));
    let dead = |text: &str| text.contains("the supervisor died");
    let gone = piped
        .wait_stderr("more starts", |text| (starts(text) > before + 5 || dead(text)).then(|| dead(text)));
    if !gone {
        piped.signal(Signal::SIGTERM);
    }
    let finished = piped.finish();
    let told = finished.status.signal() == Some(Signal::SIGTERM as i32) || dead(&finished.stderr_text());
    assert!(told, "{}\n{}", finished.status, finished.stderr_text());
    finished.expect_nothing_left();
}

#[test]
fn a_start_for_which_the_kernel_has_no_memory_costs_that_worker_alone() {
    if !installed("strace")
        || !program("strace").args(["-qq", "-o", "said", "true"]).finish().status.success()
    {
        return;
    }
    // Of each thread the third clone(2) fails and all that follow: after two starts by the one that
    // decides. Threads are made by clone3(2).
    let line = format!(
        "strace -f -qq -o said -e trace=clone -e inject=clone:error=ENOMEM:when=3+ \
         '{MINDER}' run --headless 'alpha=echo one' 'beta=echo two' 'gamma=echo three'"
    );
    let finished = program("sh").args(["-c", &line]).finish();
    let (said, text) = (finished.stdout_text(), finished.stderr_text());
    assert!(said.contains("one") && said.contains("two") && !said.contains("three"), "{said}{text}");
    assert!(text.contains("gamma: could not be started: no memory for another process (ENOMEM)"), "{text}");
    assert_eq!(finished.status.code(), Some(125), "{text}");
    finished.expect_nothing_left();
}

/// A place where nobody can be born: the first process of the PID namespace has ended (ENOMEM for a
/// process, EINVAL for a thread).
fn where_nobody_can_be_born(rest: &str) -> Option<Finished> {
    let permitted = program("unshare").args(["-pf", "true"]).finish().status.success();
    let line = format!("/bin/true; exec '{MINDER}' {rest}");
    permitted.then(|| program("unshare").args(["-p", "sh", "-c", &line]).finish())
}

#[test]
fn where_no_process_can_be_made_it_says_why() {
    if !installed("unshare") {
        return;
    }
    for (rest, words) in [
        ("init sleep 1000", "(ENOMEM), or the first process of this PID namespace has ended"),
        (
            "run --headless 'alpha=sleep 1000'",
            "cannot start a thread: the first process of its PID namespace",
        ),
    ] {
        let Some(finished) = where_nobody_can_be_born(rest) else { return };
        let text = finished.stderr_text();
        assert!(finished.status.code() == Some(125) && text.contains(words), "{rest}: {text}");
        finished.expect_nothing_left();
    }
}

#[test]
fn a_parent_outside_of_the_pid_namespace_is_no_parent_that_ended() {
    let namespace = |words: &[&str]| program("unshare").args(["-p"]).args(words);
    if !installed("unshare") || !namespace(&["true"]).finish().status.success() {
        return;
    }
    assert_eq!(namespace(&[MINDER, "init", "sh", "-c", "exit 3"]).finish().status.code(), Some(3));
    expect_told(&namespace(&[MINDER, "run", "--headless", "alpha=echo said; exit 3"]).finish());
}

#[test]
fn where_proc_hides_others_it_minds_its_own() {
    // As an unprivileged user in mount and PID namespaces of its own; the first process there is root's.
    let line = |command: &str| {
        format!(
            "cd / && mount -t proc -o hidepid=2 proc /proc || exit 77
            setpriv --reuid 65534 --regid 65534 --clear-groups {command}
            exit $?"
        )
    };
    let namespace =
        |command: &str| program("unshare").args(["-pmf", "--kill-child", "sh", "-c", &line(command)]);
    if !installed("unshare") || !installed("setpriv") {
        return;
    }
    let others = namespace("ls /proc/1").finish();
    if others.status.code() == Some(77) || others.status.success() {
        return tell_skipped();
    }
    let command =
        format!("'{MINDER}' run --headless 'alpha=(setsid sleep 1000 &); (: &); echo sa''id; exit 3'");
    expect_told(&namespace(&command).finish());
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests wants to know what was not tested")]
fn tell_skipped() {
    eprintln!("skipped: no /proc that hides others can be mounted here");
}

#[test]
fn a_folder_that_vanished_is_named_at_the_restart() {
    let config = "[worker.alpha]\ncmd = 'rmdir \"$PWD\"; exit 1'\ncwd = 'below'\nrestart = 'always'\n\
        max_restarts = 2\nbackoff = { initial = '10ms', max = '20ms' }";
    let launch = minder().file("minder.toml", config).args(["up", "--headless"]);
    std::fs::create_dir(launch.path("below")).expect("a folder can be made");
    let finished = launch.finish();
    let text = finished.stderr_text();
    let told = text.lines().any(|line| line.contains("could not be started") && line.contains("/below`"));
    assert!(told, "{text}");
    finished.expect_nothing_left();
}

#[test]
fn a_storm_of_sizes_does_no_harm() {
    let mut terminal = minder().size(100, 30).run(["alpha=exec yes flood"]).start();
    terminal.wait_until("alpha", |screen| screen.row_with(&["alpha", "running"]));
    for step in 0..500_u16 {
        terminal.resize(1 + step * 7 % 200, 1 + step * 13 % 60);
    }
    terminal.resize(100, 30);
    terminal.wait_until("alpha again", |screen| screen.row_with(&["alpha", "running"]));
    terminal.send("q");
    assert_eq!(terminal.wait_exit().code(), Some(0));
    terminal.expect_nothing_left();
    terminal.expect_restored();
}

#[test]
fn started_with_sigchld_ignored_it_sees_ends() {
    // Some shells cannot ignore it.
    if !program("env").args(["--ignore-signal=CHLD", "true"]).finish().status.success() {
        return;
    }
    expect_told(&in_a_shell("exec env --ignore-signal=CHLD", "").finish());
}

#[test]
fn started_with_signals_blocked_it_sees_ends_and_obeys() {
    let block = "--block-signal=TERM,INT,HUP,QUIT,CHLD,WINCH,CONT";
    if !program("env").args([block, "true"]).finish().status.success() {
        return;
    }
    let launch = |line: &str| program("env").args([block, MINDER, "run", "--headless", line]);
    expect_told(&launch("alpha=echo said; exit 3").finish());
    let piped = launch("alpha=exec sleep 1000").start_piped();
    piped.wait_stderr("its start", |text| text.contains("started, pid").then_some(()));
    piped.signal(Signal::SIGTERM);
    let finished = piped.finish();
    assert_eq!(finished.status.signal(), Some(Signal::SIGTERM as i32), "{}", finished.stderr_text());
    finished.expect_nothing_left();
}

#[test]
fn started_without_descriptors_it_still_minds() {
    expect_told(&in_a_shell("exec", "<&-").finish());
    let finished = in_a_shell("exec", "<&- >&- 2>&-").finish();
    assert_eq!(finished.status.code(), Some(3));
    finished.expect_nothing_left();
}

#[test]
fn under_setsid_it_is_as_everywhere() {
    expect_told(&in_a_shell("exec setsid -w", "").finish());
}

#[test]
fn as_the_first_process_of_a_namespace_it_leaves_nothing() {
    let namespace = || program("unshare").args(["-pf", "--mount-proc"]);
    if !installed("unshare") || !namespace().args(["true"]).finish().status.success() {
        return;
    }
    let line = "alpha=(setsid sleep 1000 &); (: &); echo said; exit 3";
    expect_told(&namespace().args([MINDER, "run", "--headless", line]).finish());
}
