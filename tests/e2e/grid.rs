//! Several workers side by side: their terminals' sizes, keys, the mouse, search and scrolling there.

use super::named;
use crate::support::{DEADLINE, Key, Screen, Terminal, minder, poll_until};

const RIGHT: &str = "\x1b[C";

/// Waits until the chosen cell is this worker's: its title is the one with the mark.
fn wait_chosen(terminal: &Terminal, name: &str) {
    terminal.wait_for(&format!("▸ ● {name} "));
}

/// How often a text is on the screen.
fn count(screen: &Screen, text: &str) -> usize {
    screen.rows().iter().map(|row| row.text.matches(text).count()).sum()
}

/// Waits until files are there.
fn wait_files(terminal: &Terminal, names: &[&str]) {
    let there = || names.iter().all(|name| terminal.folder().join(name).exists()).then_some(());
    assert!(poll_until(DEADLINE, there).is_some(), "{names:?}: {}", terminal.screen());
}

#[test]
fn terminals_get_the_sizes_of_their_cells_and_have_the_old_ones_back() {
    let says = |name: &str| {
        let line = "trap 'echo now $(stty size)' WINCH; : > armed";
        named(name, &format!("{line}-{name}; while :; do sleep 0.05; done"))
    };
    let [alpha, beta, gamma, delta] = ["alpha", "beta", "gamma", "delta"].map(says);
    let terminal = minder().size(120, 40).run([&alpha, &beta, &gamma, &delta]).start();
    wait_files(&terminal, &["armed-alpha", "armed-beta", "armed-gamma", "armed-delta"]);
    terminal.send("A");
    for size in ["now 18 60", "now 18 59", "now 17 60", "now 17 59"] {
        terminal.wait_for(size);
    }
    terminal.send("z");
    terminal.wait_for("now 36 120");
    terminal.send("z");
    terminal.wait_until("the cell's size again", |screen| (count(screen, "now 18 60") == 2).then_some(()));
    terminal.resize(80, 24);
    for size in ["now 10 40", "now 10 39", "now 9 40", "now 9 39"] {
        terminal.wait_for(size);
    }
    terminal.resize(120, 40);
    terminal.wait_until("the larger size", |screen| (count(screen, "now 17 59") == 2).then_some(()));
    terminal.escape("▸ ● alpha");
    // As large as the pane beside the list of these names.
    terminal.wait_until("the size beside the list again", |screen| {
        let newest = screen.rows().into_iter().rfind(|row| row.contains("│now "))?;
        newest.text.ends_with("│now 36 71").then_some(())
    });
    terminal.quit();
}

#[test]
fn keys_and_clicks_go_to_the_cell_that_is_chosen() {
    let cats = ["alpha", "beta", "gamma"].map(|name| named(name, "echo re''ady; exec cat"));
    let [alpha, beta, gamma] = &cats;
    let terminal = minder().size(120, 40).run([alpha, beta, gamma]).start();
    terminal.wait_listed("gamma", "running");
    terminal.send("A");
    terminal.wait_until("all of them", |screen| (count(screen, "ready") == 3).then_some(()));
    wait_chosen(&terminal, "alpha");
    terminal.key(Key::Tab);
    wait_chosen(&terminal, "beta");
    terminal.key(Key::Enter);
    terminal.wait_for("beta has the keyboard");
    // While it is typed to, tab and arrows are the worker's.
    terminal.send("hel\tlo\r");
    // Once as the terminal echoes it and once as cat says it.
    terminal.wait_until("what was typed", |screen| (count(screen, "hel     lo") == 2).then_some(()));
    terminal.key(Key::Ctrl(']'));
    wait_chosen(&terminal, "beta");
    let row = terminal.wait_until("gamma's cell", |screen| screen.row_of("● gamma"));
    let column = row.column_of("● gamma").expect("it is in it");
    terminal.key(Key::Click(column + 2, row.index + 2));
    wait_chosen(&terminal, "gamma");
    terminal.send("t");
    terminal.wait_for("▸ ■ gamma stopped by you: SIGTERM (15)");
    terminal.send(&format!("x{RIGHT}"));
    terminal.wait_without("gamma");
    wait_chosen(&terminal, "beta");
    terminal.send("A");
    terminal.wait_listed("gamma", "ended");
    terminal.quit();
}

#[test]
fn one_cell_stands_still_while_another_floods_and_a_search_goes_through_all() {
    let calm = "seq 100; echo nee''dle one; exec sleep 1000";
    let flood = "echo nee''dle two; i=0; while :; do i=$((i + 1)); echo n-$i; sleep 0.01; done";
    let terminal = minder().size(120, 40).run([&named("alpha", calm), &named("beta", flood)]).start();
    terminal.wait_listed("beta", "running");
    terminal.send("A");
    terminal.wait_for("needle one");
    wait_chosen(&terminal, "alpha");
    terminal.key(Key::PageUp);
    terminal.wait_for("lines below");
    let newest = |screen: &Screen| {
        let rows = screen.rows();
        let numbers = rows.iter().filter_map(|row| crate::support::number_after(&row.text, "n-"));
        numbers.max()
    };
    let before = terminal.wait_until("the flood", newest);
    // More than has room in the cell: what is found there stands still.
    terminal.wait_until("more of it", |screen| newest(screen).filter(|now| *now > before.max(60) + 20));
    assert!(terminal.screen().contains("lines below"), "{}", terminal.screen());
    terminal.send("/");
    terminal.key(Key::Tab);
    terminal.send("needle");
    // Above the lines in view of the first one there is none.
    wait_chosen(&terminal, "beta");
    terminal.wait_for("needle two");
    terminal.key(Key::Enter);
    terminal.wait_for("match 1 of 1");
    terminal.send("n");
    wait_chosen(&terminal, "alpha");
    terminal.wait_for("needle one");
    terminal.escape("match 1 of 1");
    terminal.key(Key::Tab);
    wait_chosen(&terminal, "beta");
    terminal.send("&1$\r");
    terminal.wait_until("some lines of the one alone", |screen| {
        let rows = screen.rows();
        let numbers: Vec<_> =
            rows.iter().filter_map(|row| crate::support::number_after(&row.text, "n-")).collect();
        let some = numbers.len() > 5 && numbers.iter().all(|n| n % 10 == 1);
        (some && screen.contains("needle one")).then_some(())
    });
    terminal.quit();
}
