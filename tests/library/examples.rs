//! Each example does what it says.

use crate::support::program;
use std::path::PathBuf;

/// Cargo builds them with the tests, and puts them beside.
fn example(name: &str) -> String {
    let mut folder: PathBuf = std::env::current_exe().unwrap();
    folder.pop();
    folder.pop();
    let file = folder.join("examples").join(name);
    assert!(
        file.exists(),
        "{} is not there: `cargo test` or `cargo build --examples` builds it",
        file.display()
    );
    file.display().to_string()
}

#[test]
fn communicate_talks_to_processes() {
    let finished = program(example("communicate")).finish();
    let said = finished.stdout_text();
    for line in [
        "sort: \"apple\\npear\\n\", exit 0",
        "apart: \"to out\\n\" and \"to err\\n\", exit 3",
        "merged: \"to out\\nto err\\n\"",
        "slow: took too long",
        "compressor: 4096000 bytes",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn server_answers_whatever_fails() {
    let finished = program(example("server")).args(["--requests", "20"]).finish();
    let said = finished.stdout_text();
    for line in
        ["20 of 20 answers were right", "after a panic: \"\"", "and on: \"1\"", "database: stopped by you"]
    {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn screen_prints_where_there_is_no_terminal() {
    let finished = program(example("screen")).finish();
    let said = finished.stdout_text();
    for line in ["child  │ child says 3", "primes: Ok(25997)", "flaky: Err(\"as was said\")"] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn screen_shows_threads_and_says_what_can_be_done_about_a_stubborn_one() {
    let terminal = program(example("screen")).size(100, 24).start();
    terminal.wait_for("✓ primes");
    terminal.wait_for("◆ stubborn");
    terminal.send("jjjK");
    terminal.wait_for("A thread cannot be killed");
    terminal.send("\x1b");
    terminal.wait_without("A thread cannot be killed");
    terminal.send("t");
    terminal.wait_for("◈ stubborn stuck");
    terminal.send("K");
    terminal.wait_for("itself. It was");
    terminal.send("\r");
    terminal.wait_for("abandoned by you");
    terminal.send("q");
    terminal.wait_for("primes: Ok(25997)");
}

#[test]
fn crawl_shows_its_pool_with_counts_and_the_page_that_is_broken() {
    let terminal = program(example("crawl")).args(["2", "30"]).size(120, 24).start();
    terminal.wait_for("❖ crawl");
    terminal.wait_until("its end of work", |screen| screen.row_with(&["─ crawl", "82 done · 1 failed"]));
    terminal.wait_until("its bar", |screen| screen.row_with(&["❖ crawl", "▕██████████▏ 100 %"]));
    terminal.wait_for("the job panicked at examples/crawl.rs:");
    terminal.wait_until("the results", |screen| screen.row_with(&["✓ pages", "returned Tally"]));
    terminal.send("K");
    terminal.wait_for("crawl is a pool");
    terminal.send("\x1b");
    terminal.wait_without("crawl is a pool");
    terminal.send("t");
    terminal.wait_for("stopped by you: returned 82 done, 1 failed");
    terminal.send("q");
    terminal.wait_for("Ok(Tally");
}

#[test]
fn the_readmes_program_is_an_example_and_runs() {
    let code = include_str!("../../examples/first.rs");
    let code = code.split_once("\n\n").map(|(_, code)| code).unwrap();
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&format!("```rust\n{code}```")), "the README and examples/first.rs differ");
    let finished = program(example("first")).finish();
    assert!(finished.status.success(), "{}", finished.stderr_text());
}
