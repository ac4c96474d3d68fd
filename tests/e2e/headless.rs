//! minder without a screen: prefixed lines, exit codes, the summary.

use crate::support::{Finished, minder, program, until_it_is};
use nix::sys::signal::Signal;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

impl Finished {
    /// What a worker said on its terminal or standard output: its lines without the prefix.
    fn said(&self, name: &str) -> Vec<String> {
        said(&self.stdout_text(), name, '│')
    }
}

fn said(stdout: &str, name: &str, mark: char) -> Vec<String> {
    let text = |line: &str| {
        let (prefix, text) = line.split_once(mark)?;
        (prefix.trim() == name).then(|| text.strip_prefix(' ').unwrap_or(text).to_owned())
    };
    stdout.lines().filter_map(text).collect()
}

fn exit_of(options: &[&str], lines: &[&str]) -> ExitStatus {
    let finished = minder().args(["run", "--headless"]).args(options).args(lines).finish();
    finished.expect_nothing_left();
    finished.status
}

#[test]
fn lines_have_their_workers_name_in_an_aligned_prefix() {
    let finished = minder().run_headless(["a=echo one; echo two", "longer=echo three"]).finish();
    assert_eq!(finished.said("a"), ["one", "two"]);
    assert_eq!(finished.said("longer"), ["three"]);
    let text = finished.stdout_text();
    assert!(text.contains("a      │ one\n") && text.contains("longer │ three\n"), "{text}");
    assert_eq!(finished.status.code(), Some(0));
    finished.expect_nothing_left();
}

#[test]
fn without_a_terminal_it_is_headless_by_itself() {
    let finished = minder().run(["alpha=echo hello"]).finish();
    assert_eq!(finished.said("alpha"), ["hello"]);
    assert!(!finished.stdout.contains(&0x1b), "{}", finished.stdout_text());
}

#[test]
fn standard_error_of_a_worker_with_pipes_is_marked() {
    let lines = ["run", "--headless", "--output", "pipe", "alpha=echo out; echo problem >&2"];
    let finished = minder().args(lines).finish();
    assert_eq!(finished.said("alpha"), ["out"]);
    assert_eq!(said(&finished.stdout_text(), "alpha", '!'), ["problem"]);
}

#[test]
fn the_lifecycle_and_the_summary_go_to_standard_error() {
    let finished = minder().run_headless(["alpha=exit 3", "beta=exit 0"]).finish();
    let text = finished.stderr_text();
    assert!(text.contains("alpha: started, pid "), "{text}");
    assert!(text.contains("alpha: exit 3, ran "), "{text}");
    let summary = |name: &str, code: &str, words: &str| {
        text.lines().any(|line| {
            let mut columns = line.split_whitespace();
            columns.next() == Some(name) && columns.next() == Some(code) && line.ends_with(words)
        })
    };
    assert!(summary("alpha", "3", "exit 3") && summary("beta", "0", "exit 0"), "{text}");
    assert!(finished.stdout.is_empty(), "{}", finished.stdout_text());
}

#[test]
fn colours_are_used_only_where_they_are_wanted() {
    let colored = |launch: crate::support::Launch| {
        let finished = launch.finish();
        assert!(finished.stdout_text().contains("red"));
        finished.stdout.contains(&0x1b)
    };
    let line = "alpha=printf '\\033[31mred\\033[0m\\n'";
    let run = || minder().run_headless([line]);
    assert!(!colored(run()), "a pipe is no terminal");
    assert!(colored(run().args(["--color", "always"])));
    assert!(!colored(run().args(["--color", "never"])));
    assert!(!colored(run().env("NO_COLOR", "1")));
}

#[test]
fn on_a_terminal_headless_has_colours_but_not_with_no_color() {
    for (no_color, wanted) in [(None, true), (Some("1"), false)] {
        let launch = minder().run_headless(["alpha=echo hello"]);
        let launch = no_color.map_or_else(
            || minder().run_headless(["alpha=echo hello"]),
            |value| launch.env("NO_COLOR", value),
        );
        let mut terminal = launch.start();
        terminal.wait_exit();
        let screen = terminal.screen();
        let cell = screen.cell_of("alpha │").expect("the prefix is there");
        assert_eq!(cell.fgcolor() != vt100::Color::Default, wanted, "{screen}");
        terminal.expect_restored();
    }
}

#[test]
fn the_exit_code_is_that_of_the_first_failure_or_as_chosen() {
    let lines = ["alpha=exit 3", "beta=sleep 2; exit 5", "gamma=exit 0"];
    for (options, code) in [
        (&[][..], 3),
        (&["--exit-code", "first-failure"], 3),
        (&["--exit-code", "max"], 5),
        (&["--exit-code", "beta"], 5),
        (&["--exit-code", "gamma"], 0),
        (&["--exit-code", "zero"], 0),
    ] {
        assert_eq!(exit_of(options, &lines).code(), Some(code), "{options:?}");
    }
}

#[test]
fn exit_codes_say_signals_and_programs_that_cannot_be_started() {
    assert_eq!(exit_of(&[], &["alpha=kill -s SEGV $$"]).code(), Some(128 + 11));
    assert_eq!(exit_of(&[], &["--", "no-such-program-anywhere"]).code(), Some(127));
    assert_eq!(exit_of(&[], &["--", "/etc/passwd"]).code(), Some(126));
    assert_eq!(exit_of(&[], &["--", "/etc"]).code(), Some(126));
}

#[test]
fn what_cannot_be_started_is_told_with_cause_and_mend() {
    let told =
        |config: &str| minder().args(["up", "--headless"]).file("minder.toml", config).finish().stderr_text();
    let text = told("[worker.alpha]\ncmd = ['no-such-program-anywhere']");
    assert!(text.contains("no-such-program-anywhere") && text.contains("PATH"), "{text}");
    let text = told("[worker.alpha]\ncmd = ['true']\ncwd = 'no-such-folder'");
    assert!(text.contains("no-such-folder"), "{text}");
    let launch = minder().file("script", "#!/no/such/interpreter\n").args(["run", "--headless"]);
    let finished = launch.args(["--", "sh", "-c", "chmod +x script"]).finish();
    assert!(finished.status.success());
    let script = finished.surroundings.folder().join("script");
    let text = minder().args(["run", "--headless", "--"]).args([script]).finish().stderr_text();
    assert!(text.contains("/no/such/interpreter"), "{text}");
}

#[test]
fn sigterm_stops_everything_and_ends_minder_by_sigterm() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let line = "alpha=trap 'echo goodbye; exit 0' TERM; echo ready; while :; do sleep 0.1; done";
        let piped = minder().run_headless([line]).start_piped();
        piped.wait_stdout("ready", |text| text.contains("ready").then_some(()));
        piped.signal(signal);
        let finished = piped.finish();
        assert_eq!(finished.status.signal(), Some(signal as i32), "{}", finished.status);
        // The shell may say besides that its `sleep` was terminated.
        let said = finished.said("alpha");
        let ends = (said.first().map(String::as_str), said.last().map(String::as_str));
        assert_eq!(ends, (Some("ready"), Some("goodbye")), "{said:?}");
        finished.expect_nothing_left();
    }
}

#[test]
fn output_is_complete_to_the_last_byte() {
    // 1 MiB of lines that can be told apart, without a newline after the last.
    let line = "alpha=seq -f '%015g' 65536 | head -c 1048575";
    let expected: Vec<String> = (1..=65536).map(|n| format!("{n:015}")).collect();
    for output in ["pipe", "pty"] {
        let finished = minder().args(["run", "--headless", "--output", output, line]).finish();
        let said = finished.said("alpha");
        assert_eq!(said.len(), expected.len(), "{output}");
        let first_wrong = said.iter().zip(&expected).find(|(said, expected)| said != expected);
        assert_eq!(first_wrong, None, "{output}");
    }
}

#[test]
fn a_worker_that_closes_its_terminal_is_not_hung_up() {
    let line = "alpha=exec > said 2>&1 < /dev/null; sleep 0.3; echo goes on";
    let finished = minder().run_headless([line]).finish();
    assert_eq!(finished.status.code(), Some(0), "{}", finished.stderr_text());
    let said = std::fs::read_to_string(finished.surroundings.folder().join("said"));
    assert_eq!(said.ok().as_deref(), Some("goes on\n"));
}

#[test]
fn on_a_terminal_output_and_errors_keep_their_order() {
    let line = "alpha=for i in 1 2 3 4 5 6 7 8 9; do echo out $i; echo err $i >&2; done";
    let finished = minder().run_headless([line]).finish();
    let expected: Vec<_> = (1..=9).flat_map(|n| [format!("out {n}"), format!("err {n}")]).collect();
    assert_eq!(finished.said("alpha"), expected);
}

#[test]
fn sigusr1_says_how_things_are() {
    let piped = minder().run_headless(["alpha=exec sleep 1000", "beta=exit 3"]).start_piped();
    piped.wait_stderr("the end of beta", |text| text.contains("beta: exit 3").then_some(()));
    piped.signal(Signal::SIGUSR1);
    piped.wait_stderr("every state", |text| {
        let told = |words: &str| text.lines().any(|line| line == words);
        (told("minder: alpha: running") && told("minder: beta: exit 3")).then_some(())
    });
    piped.signal(Signal::SIGTERM);
    piped.finish().expect_nothing_left();
}

#[test]
fn a_grandchild_that_holds_the_output_is_named_and_delays_nothing() {
    for output in ["pipe", "pty"] {
        // Not before it is what it shall be: what is still in the session gets its SIGHUP.
        let away = until_it_is("sleep 1000");
        let line = &format!("alpha=setsid sleep 1000 & {away}; echo last words; exit 4");
        let lines = ["run", "--headless", "--output", output, line, "beta=sleep 1000"];
        let piped = minder().args(lines).start_piped();
        piped.wait_stderr("the exit, while the grandchild lives", |text| {
            text.contains("alpha: exit 4, ran").then_some(())
        });
        piped.wait_stdout("its last words", |text| text.contains("last words").then_some(()));
        let sleeps = piped.processes().into_iter().filter(|process| process.name == "sleep");
        let pids: Vec<i32> = sleeps.map(|process| process.pid).collect();
        piped.wait_stderr("who holds it", |text| {
            let line = text.lines().find(|line| line.contains("held open by"))?;
            pids.iter().any(|pid| line.contains(&format!("pid {pid} sleep 1000"))).then_some(())
        });
        piped.signal(Signal::SIGTERM);
        piped.finish().expect_nothing_left();
    }
}

#[test]
fn a_reader_that_leaves_ends_everything() {
    let minder = env!("CARGO_BIN_EXE_minder");
    let line = format!("'{minder}' run --headless 'alpha=exec yes' 'beta=sleep 1000' | head -n 1");
    let finished = program("sh").args(["-c", &line]).finish();
    assert_eq!(finished.stdout_text().lines().count(), 1);
    finished.expect_nothing_left();
}

#[test]
fn a_reader_that_leaves_is_noticed_while_the_workers_are_quiet() {
    let minder = env!("CARGO_BIN_EXE_minder");
    let line = format!("'{minder}' run --headless 'alpha=echo hi && exec sleep 1000' | head -n 1");
    let finished = program("sh").args(["-c", &line]).finish();
    let text = finished.stderr_text();
    assert!(text.contains("minder: the reader of the output went away, stopping everything\n"), "{text}");
    finished.expect_nothing_left();
}

#[test]
fn output_that_cannot_be_written_is_a_failure_of_minder() {
    let minder = env!("CARGO_BIN_EXE_minder");
    let line = format!("'{minder}' run --headless 'seq 20' > /dev/full");
    let finished = program("sh").args(["-c", &line]).finish();
    let text = finished.stderr_text();
    assert!(text.contains("could not be written"), "{text}");
    assert_eq!(finished.status.code(), Some(125), "{text}");
}

#[test]
fn without_a_screen_a_worker_has_no_input_unless_it_asks_for_its_terminal() {
    let line = "alpha=(cat; test -t 0 || echo no input; test -t 1 && echo terminal)";
    let finished = minder().run_headless([line]).finish();
    assert_eq!(finished.said("alpha"), ["no input", "terminal"]);
    let config = "[worker.alpha]\ncmd = 'test -t 0 && echo terminal'\nstdin = 'pty'";
    let finished = minder().args(["up", "--headless"]).file("minder.toml", config).finish();
    assert_eq!(finished.said("alpha"), ["terminal"]);
}

#[test]
fn without_a_screen_a_mistake_in_the_keys_stops_nothing() {
    let launch = minder().file("home/.config/minder/config.toml", "[keys]\nnonsense = 3\n");
    let finished = launch.run_headless(["alpha=echo fine"]).finish();
    assert_eq!(finished.said("alpha"), ["fine"]);
}

#[test]
fn control_sequences_and_bytes_that_are_no_text_do_no_harm() {
    let line = "alpha=printf 'a\\033[2Jb\\033]0;title\\007c\\377d\\n'";
    let finished = minder().args(["run", "--headless", "--output", "pipe", line]).finish();
    let text = finished.stdout_text();
    assert!(text.contains('a') && text.contains('d'), "{text:?}");
    assert!(!finished.stdout.contains(&0x1b) && !finished.stdout.contains(&7), "{text:?}");
}

#[test]
fn without_a_config_it_says_what_it_looked_for() {
    let finished = minder().finish();
    let text = finished.stderr_text();
    assert_eq!(finished.status.code(), Some(2));
    assert!(text.contains("minder.toml") && text.contains("Procfile"), "{text}");
    assert!(text.contains("minder run") || text.contains("minder demo"), "{text}");
}

#[test]
fn a_config_with_mistakes_starts_nothing_and_tells_all_of_them() {
    let config = "[worker.alpha]\ncmd = 'touch started'\nrestrat = 'no'\n[worker.beta]\ncmd = 3\n";
    let finished = minder().file("minder.toml", config).args(["check"]).finish();
    let text = finished.stdout_text() + &finished.stderr_text();
    assert_eq!(finished.status.code(), Some(1), "{text}");
    assert!(text.contains("restrat") && text.contains("did you mean `restart`"), "{text}");
    assert!(text.contains("minder.toml:3:1") && text.contains("minder.toml:5:7"), "{text}");
    let finished = minder().file("minder.toml", config).args(["up", "--headless"]).finish();
    assert!(!finished.status.success());
    assert!(!finished.surroundings.folder().join("started").exists());
}

#[test]
fn a_procfile_in_a_parent_folder_is_found() {
    let finished = program("sh")
        .file("Procfile", "web: echo from the web\n")
        .args(["-c", &format!("mkdir -p a/b && cd a/b && exec '{}' up", env!("CARGO_BIN_EXE_minder"))])
        .finish();
    assert_eq!(finished.said("web"), ["from the web"]);
}

#[test]
fn what_happens_is_told_while_nobody_reads_the_lines() {
    let minder = env!("CARGO_BIN_EXE_minder");
    let writer =
        format!("sh -c 'echo $$ > pid; exec {minder} run --headless --names flood,fails yes \"exit 3\"'");
    let told = |words: &str| format!("until grep -q '{words}' told; do sleep 0.1; done");
    let reader = format!(
        "{}; {}; kill -TERM $(cat pid); {}; {}; while kill -0 $(cat pid) 2>&-; do sleep 0.1; done",
        told("flood: waits"),
        told("fails: exit 3"),
        told("flood: SIGTERM"),
        told("^NAME")
    );
    let line = format!("{{ {writer} 2> told; echo $? > code; }} | {{ {reader}; }}; cat code told");
    let finished = program("sh").args(["-c", &line]).finish();
    let text = finished.stdout_text();
    assert!(text.starts_with("143\n"), "{text}");
    assert!(text.contains("standard output is not read"), "{text}");
    finished.expect_nothing_left();
}
