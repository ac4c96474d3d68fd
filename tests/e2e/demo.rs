//! `minder demo`: every state is on the screen by its word, and true.

use crate::support::{DEADLINE, Process, Terminal, minder, poll_until};

/// The marked process whose worker the list shows with this name.
fn pid_of(terminal: &Terminal, name: &str) -> i32 {
    terminal.wait_until(&format!("the pid of {name}"), |screen| {
        let row = screen.row_with(&[name, "running"])?;
        let words = row.text.split_whitespace();
        let mut numbers = words.filter_map(|word| word.parse::<i32>().ok());
        numbers.find(|number| terminal.processes().iter().any(|process| process.pid == *number))
    })
}

#[test]
fn every_state_is_shown_by_its_word_and_all_is_gone_after_a_quit() {
    let terminal = minder().args(["demo"]).size(105, 70).start();
    for (name, words) in [
        ("web", "running"),
        ("flood", "running"),
        ("slow", "running"),
        ("stubborn", "running"),
        ("runaway", "running"),
        ("clock", "running"),
        ("build", "running"),
        ("orphan", "1 adopted"),
        ("zombies", "3 zombies"),
        ("crasher", "backoff"),
        ("fails", "exit 3"),
        ("manual", "zombie"),
        ("frozen", "SIGSTOP"),
        ("missing", "no start"),
        ("idle", "idle"),
    ] {
        terminal.wait_listed(name, words);
    }
    terminal.quit();
}

#[test]
fn the_runaway_burns_a_core_and_the_zombies_are_zombies_and_the_orphan_is_adopted() {
    let terminal = minder().args(["demo"]).size(105, 70).start();
    let runaway = pid_of(&terminal, "runaway");
    let ticks = || Process::find(runaway).map_or(0, |process| process.ticks);
    let before = ticks();
    assert!(poll_until(DEADLINE, || (ticks() > before + 10).then_some(())).is_some());

    let parent = pid_of(&terminal, "zombies");
    let zombies = || {
        let found = crate::support::children_of(parent);
        (found.iter().filter(|process| process.state == 'Z').count() == 3).then_some(())
    };
    assert!(poll_until(DEADLINE, zombies).is_some());

    let adopted = || {
        let mut marked = terminal.processes().into_iter();
        let worker = pid_of(&terminal, "orphan");
        marked.find(|process| {
            let environment = std::fs::read(format!("/proc/{}/environ", process.pid)).unwrap_or_default();
            let of_it = environment.split(|byte| *byte == 0).any(|entry| entry == b"MINDER_WORKER=orphan");
            let leads = process.session == process.pid;
            // The worker itself is a child and a leader too.
            of_it && leads && process.parent == terminal.supervisor() && process.pid != worker
        })
    };
    assert!(poll_until(DEADLINE, adopted).is_some(), "{:#?}", terminal.processes());
    terminal.quit();
}
