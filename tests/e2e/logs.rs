//! What is kept of output: more than memory holds, log files, full disks, slow readers.

use crate::support::{DEADLINE, Finished, Key, installed, minder, program};
use std::fs;
use std::path::Path;

/// The most memory that a process ever had, in KiB (proc(5)).
fn peak_memory(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("every process has memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn up(config: &str) -> Finished {
    minder().file("minder.toml", config).args(["up", "--headless"]).finish()
}

fn read(finished: &Finished, name: &str) -> String {
    let path = finished.surroundings.folder().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("it is readable").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A shell's words for so many lines that nothing can pack well, 79 characters each.
fn noise(lines: u32) -> String {
    format!("base64 -w 79 /dev/urandom | head -n {lines}")
}

#[test]
fn a_flood_keeps_its_first_line_on_the_disk_and_little_in_memory() {
    let config = format!(
        "[log]\nmemory = '4M'\ndisk = '1G'\n[worker.flood]\noutput = 'pipe'\n\
         cmd = \"echo f''irst of all; {}; echo l''ast of all; exec sleep 1000\"",
        noise(1_200_000)
    );
    let terminal = minder().up(&config).start();
    terminal.wait_within(DEADLINE * 3, "the last line", |screen| screen.row_of("last of all").map(|_| ()));
    terminal.key(Key::Home);
    terminal.wait_for("first of all");
    // 96 MB were said, of which four went to memory.
    let peak = peak_memory(terminal.supervisor());
    assert!(peak < 60_000, "{peak} KiB");
    let state = terminal.folder().join("home/.local/state/minder");
    assert_eq!(files(&state), [""; 0], "its files have no names");
    terminal.quit();
}

#[test]
fn a_log_file_has_every_line_and_is_added_to() {
    let config = "[defaults]\noutput = 'pipe'\nlog = { file = 'logs/{name}.log' }\n\
                  [worker.alpha]\ncmd = \"seq 200000; printf 'no end'; exit 3\"\n\
                  [worker.beta]\ncmd = \"printf '\\\\033[31mred\\\\033[0m\\\\n' >&2\"\nlog.format = 'json'";
    let again = "minder up --headless; minder up --headless";
    let again = again.replace("minder", env!("CARGO_BIN_EXE_minder"));
    let finished = program("sh").args(["-c", &again]).file("minder.toml", config).finish();
    let text = read(&finished, "logs/alpha.log");
    let once: Vec<String> = (1..=200_000).map(|n| n.to_string()).chain(["no end".to_owned()]).collect();
    let said: Vec<&str> = text.lines().filter(|line| !line.starts_with("--- exit 3, ran ")).collect();
    assert_eq!(said.len(), 2 * once.len());
    assert!(said.iter().zip(once.iter().chain(&once)).all(|(said, once)| said == once));
    let text = read(&finished, "logs/beta.log");
    let first = text.lines().next().expect("a line");
    assert!(first.starts_with("{\"time\":\"20"), "{first}");
    assert!(first.ends_with("Z\",\"worker\":\"beta\",\"stream\":\"stderr\",\"text\":\"red\"}"), "{first}");
    assert!(text.lines().nth(1).is_some_and(|line| line.contains("\"stream\":\"minder\",\"text\":\"exit 0")));
    finished.expect_nothing_left();
}

#[test]
fn full_log_files_are_put_aside_and_packed() {
    let config = "[worker.alpha]\noutput = 'pipe'\n\
                  cmd = \"seq -f '%0999.0f' 3000; sleep 2; seq -f '%0999.0f' 3001 4000\"\n\
                  log = { file = 'a.log', rotate = { size = '512K', keep = 4, gzip = true } }";
    let finished = up(config);
    let folder = finished.surroundings.folder();
    let aside: Vec<String> = files(folder).into_iter().filter(|name| name.starts_with("a.log.20")).collect();
    assert_eq!(aside.iter().filter(|name| !name.contains(".part")).count(), 4, "{aside:?}");
    assert!(aside.iter().any(|name| name.ends_with("Z.gz")), "{aside:?}");
    assert!(fs::metadata(folder.join("a.log")).expect("it is there").len() <= 512 << 10);
    let last = format!("{:0999}", 4000);
    assert!(read(&finished, "a.log").lines().any(|line| line == last));
}

#[test]
fn a_log_file_that_was_moved_away_is_begun_anew() {
    let config = "[worker.alpha]\noutput = 'pipe'\nlog = 'a.log'\n\
                  cmd = \"echo one; until grep -q one a.log; do sleep 0.01; done; mv a.log moved; sleep 1; echo two\"";
    let finished = up(config);
    assert_eq!(read(&finished, "moved"), "one\n");
    assert!(read(&finished, "a.log").starts_with("two\n--- exit 0, ran "));
}

#[test]
fn a_log_file_that_cannot_be_written_is_told_once_and_costs_the_worker_nothing() {
    let config = "[worker.alpha]\noutput = 'pipe'\nlog = '/dev/full'\ncmd = 'seq 100000; sleep 5; echo end'";
    let finished = up(config);
    let text = finished.stderr_text();
    assert_eq!(text.matches("alpha: /dev/full cannot be written: No space left").count(), 1, "{text}");
    assert!(text.contains("the last lines could not be written to all log files"), "{text}");
    assert_eq!(finished.status.code(), Some(0), "{text}");
    assert_eq!(finished.stdout_text().lines().count(), 100_001);
}

/// Runs a config where `small` is a file system of one MiB. False where that cannot be had here.
fn up_on_a_small_disk(config: &str, script: &str) -> Option<Finished> {
    if !installed("unshare") || !program("unshare").args(["-rm", "true"]).finish().status.success() {
        return None;
    }
    let minder = env!("CARGO_BIN_EXE_minder");
    let mount = "mkdir small && mount -t tmpfs -o size=1m tmpfs small";
    let script = format!("{mount} && {script}").replace("MINDER", minder);
    let launch = program("unshare").args(["-rm", "sh", "-c", &script]).file("minder.toml", config);
    let state = launch.path("small");
    Some(launch.env("XDG_STATE_HOME", state).finish())
}

#[test]
fn a_full_disk_under_the_oldest_lines_costs_those_alone() {
    let config = "[log]\nmemory = '1M'\ndisk = '1G'\n[worker.alpha]\noutput = 'pipe'\n\
                  cmd = 'base64 -w 79 /dev/urandom | head -n 300000; echo end'";
    let Some(finished) = up_on_a_small_disk(config, "MINDER up --headless") else { return };
    let text = finished.stderr_text();
    assert_eq!(text.matches("its oldest lines cannot be kept in").count(), 1, "{text}");
    assert_eq!(finished.status.code(), Some(0), "{text}");
    // The printer reads on time: it loses nothing.
    assert!(finished.stdout_text().lines().last().is_some_and(|line| line.ends_with("end")));
}

#[test]
fn a_full_disk_under_a_log_file_is_told_and_the_file_goes_on_when_there_is_room() {
    // The worker goes by what it is told, so that it does not matter how fast a line is written: it says
    // more until the disk is full, and then more than memory holds.
    let config = format!(
        "[worker.alpha]\noutput = 'pipe'\nlog.file = 'small/a.log'\nlog.memory = '256K'\nlog.rotate.size = 0\n\
         cmd = \"\"\"n=0; until grep -q 'a.log cannot be written' told; do {}; n=$((n + 3000)); sleep 0.02; done; \
         {}; mv small/a.log .; until grep -q 'a.log is written again' told; do sleep 0.05; done; \
         echo $((n + 20000)) > count; echo end\"\"\"",
        noise(3000),
        noise(20_000)
    );
    let script = "MINDER up --headless --on-full drop 2> told; status=$?; cp small/a.log b.log; cat told >&2; \
                  exit $status";
    let Some(finished) = up_on_a_small_disk(&config, script) else { return };
    let text = finished.stderr_text();
    assert!(text.contains("a.log cannot be written: No space left"), "{text}");
    assert!(text.contains("a.log is written again"), "{text}");
    assert_eq!(finished.status.code(), Some(0), "{text}");
    let (early, late) = (read(&finished, "a.log"), read(&finished, "b.log"));
    assert!(late.lines().any(|line| line == "end"), "{}", late.len());
    // What was written and what is missing is all there was.
    let lines = || early.lines().chain(late.lines());
    let count = |line: &str| {
        line.strip_prefix("--- ")?.split_once(" lines are missing here")?.0.parse::<usize>().ok()
    };
    let missing: usize = lines().filter_map(count).sum();
    let written = lines().filter(|line| line.len() == 79).count();
    assert!(missing > 0);
    // One was begun on a file and written again in the next.
    let said: usize = read(&finished, "count").trim().parse().expect("a number");
    assert!((said..=said + 1).contains(&(missing + written)), "{missing} + {written}, of {said}");
}

#[test]
fn a_slow_reader_makes_the_worker_wait_or_loses_lines_and_it_is_said_which() {
    let minder = env!("CARGO_BIN_EXE_minder");
    // With little memory the worker soon waits; with nobody to wait for it says all before the reader begins.
    let run = |policy: &str, memory: &str, reader: &str| {
        let config = format!(
            "[worker.alpha]\noutput = 'pipe'\nlog.memory = '{memory}'\n\
             cmd = 'seq -f %099.0f 400000; echo over >&2; : > over'"
        );
        let line = format!("'{minder}' up --headless --on-full {policy} | {{ {reader}; cat; }}");
        program("sh").args(["-c", &line]).file("minder.toml", &config).finish()
    };
    for memory in ["1M", "4M"] {
        // The worker ends while its reader makes a pause, and what it said last is still in its pipe.
        let finished = run("block", memory, "sleep 1; head -c 42500000; sleep 2");
        let text = finished.stderr_text();
        assert_eq!(finished.stdout_text().lines().count(), 400_001, "{memory}: {text}");
        assert_eq!(text.matches("alpha: waits: ").count(), 1, "{memory}: {text}");
    }
    let finished = run("drop", "4M", "until [ -e over ]; do sleep 0.1; done");
    let text = finished.stderr_text();
    let skipped: usize = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix("minder: alpha: ")?.split_once(" lines are skipped")?.0.parse::<usize>().ok()
        })
        .sum();
    assert!(skipped > 100_000, "{text}");
    assert_eq!(finished.stdout_text().lines().count() + skipped, 400_001, "{text}");
    assert!(!text.contains("waits"), "{text}");
}

#[test]
fn a_line_without_an_end_takes_bounded_memory_and_says_its_length() {
    for output in ["pipe", "pty"] {
        let line = "alpha=head -c 100000000 /dev/zero | tr '\\0' x; echo; echo e''nd; exec sleep 1000";
        let terminal = minder().args(["run", "--output", output, line]).start();
        terminal.wait_within(DEADLINE * 3, "the end", |screen| screen.row_of("end").map(|_| ()));
        // A terminal's rows show the end of the line.
        if output == "pipe" {
            terminal.wait_for("100000000 bytes]");
        }
        let peak = peak_memory(terminal.supervisor());
        assert!(peak < 60_000, "{output}: {peak} KiB");
        terminal.quit();
    }
}

#[test]
fn mistakes_in_log_are_told() {
    let config = "log = 3\n[worker.alpha]\ncmd = 'true'\nlog = { memory = '1K', disc = '2G', format = 'yaml' }\n\
                  [worker.beta]\ncmd = 'true'\nlog = 'x.log'\n[worker.gamma]\ncmd = 'true'\nlog = { file = 'x.log' }";
    let finished = minder().file("minder.toml", config).args(["check"]).finish();
    let text = finished.stdout_text() + &finished.stderr_text();
    for told in [
        "`log` wants a table",
        "must be at least 256K",
        "did you mean `disk`?",
        "\"plain\", \"color\" or \"json\"",
        "`beta` and `gamma` write the same log file",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
}
