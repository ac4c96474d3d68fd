//! Looking at output: scrolling, searching, help, floods and windows of any size.

use super::{line, named};
use crate::support::{DEADLINE, Key, Screen, minder, poll_until};
use std::fs;

/// The numbers `n-…` that are on the screen, in order.
fn numbers(screen: &Screen) -> Vec<u64> {
    let rows = screen.rows();
    rows.iter().filter_map(|row| row.text.trim().strip_prefix("n-")?.parse().ok()).collect()
}

#[test]
fn scrolled_back_the_pane_stays_while_output_pours_in_and_end_follows_again() {
    let counts = "i=0; while :; do i=$((i + 1)); echo n-$i; echo $i > count; sleep 0.02; done";
    let terminal = minder().run([&named("alpha", counts)]).start();
    terminal.wait_until("many lines", |screen| numbers(screen).into_iter().find(|n| *n > 60));
    terminal.key(Key::PageUp);
    let below = |screen: &Screen| screen.row_of(" below").map(|_| numbers(screen));
    let stays = terminal.wait_until("lines below", below);
    let newest = *stays.last().expect("there are numbers");

    let count = || fs::read_to_string(terminal.folder().join("count")).ok()?.trim().parse().ok();
    let poured = poll_until(DEADLINE, || count().filter(|count: &u64| *count > newest + 50));
    assert!(poured.is_some(), "the worker does not go on");
    assert_eq!(numbers(&terminal.screen()), stays);

    terminal.key(Key::End);
    let newer = |first: &u64| *first > newest;
    terminal.wait_until("newer lines", |screen| numbers(screen).first().copied().filter(newer));
    let first = numbers(&terminal.screen())[0];
    let goes_on = |now: &u64| *now > first;
    terminal.wait_until("to follow", |screen| numbers(screen).first().copied().filter(goes_on));
    terminal.quit();
}

#[test]
fn nothing_stays_of_symbols_that_terminals_draw_in_ways_of_their_own() {
    let lines =
        ["fla''gs: 🇩🇪 🇯🇵", "fam''ily: 👩\u{200d}👩\u{200d}👧", "tha''i: ภาษาไทย ำ", "dev''a: नमस्ते क्षि"];
    let say = format!("alpha=printf '%s\\n' '{}'; exec sleep 1000", lines.join("' '"));
    let terminal = minder().run([say.as_str(), "beta=sleep 1000"]).start();
    for start in ["flags: ", "family: ", "thai: ", "deva: "] {
        terminal.wait_for(start);
    }
    terminal.send("j");
    terminal.wait_without("family");
    let screen = terminal.screen();
    let remains = |c: char| matches!(c, '\u{900}'..='\u{e7f}' | '\u{1f1e6}'..='\u{1faff}' | '\u{200d}');
    assert!(!screen.rows().iter().any(|row| row.text.contains(remains)), "{screen}");
    terminal.quit();
}

#[test]
fn home_shows_the_first_line() {
    let terminal = minder().run(["alpha=seq -f 'n-%g' 1 3000; exec sleep 1000"]).start();
    terminal.wait_for("n-3000");
    terminal.key(Key::Home);
    terminal.wait_until("the first line", |screen| numbers(screen).contains(&1).then_some(()));
    terminal.quit();
}

#[test]
fn tab_gives_the_arrows_to_the_pane() {
    let lines = ["alpha=seq -f 'n-%g' 1 300; exec sleep 1000", "beta=sleep 1000"];
    let terminal = minder().run(lines).start();
    terminal.wait_for("n-300");
    terminal.key(Key::Tab);
    // The first takes the blank row away that the cursor is on.
    terminal.key(Key::Up);
    terminal.key(Key::Up);
    terminal.wait_without("n-300");
    terminal.key(Key::PageDown);
    terminal.wait_for("n-300");
    terminal.quit();
}

#[test]
fn the_wheel_scrolls_the_pane_under_it() {
    let terminal = minder().run(["alpha=seq -f 'n-%g' 1 300; exec sleep 1000"]).start();
    let row = terminal.wait_until("the last line", |screen| screen.row_of("n-300"));
    terminal.key(Key::WheelUp(5, row.index));
    terminal.wait_without("n-300");
    terminal.quit();
}

#[test]
fn a_click_chooses_a_worker() {
    let say = |word: &str| format!("{word}=echo I a''m {word}; exec sleep 1000");
    let terminal = minder().run([&say("alpha"), &say("beta")]).start();
    terminal.wait_for("I am alpha");
    let row = terminal.wait_listed("beta", "running");
    terminal.key(Key::Click(4, row.index));
    terminal.wait_for("I am beta");
    terminal.quit();
}

#[test]
fn a_search_finds_the_newest_match_first() {
    let lines = "echo nee''dle one; seq 200; echo nee''dle two; seq 200; echo ar''med; exec sleep 1000";
    let terminal = minder().run([&named("alpha", lines)]).start();
    terminal.wait_armed();
    terminal.send("/needles");
    terminal.key(Key::Backspace);
    terminal.key(Key::Enter);
    terminal.wait_for("needle two");
    terminal.send("n");
    terminal.wait_for("needle one");
    terminal.send("N");
    terminal.wait_for("needle two");
    terminal.quit();
}

#[test]
fn help_lists_every_key() {
    let terminal = minder().size(120, 130).run([&named("alpha", line::CALM)]).start();
    terminal.wait_listed("alpha", "running");
    terminal.send("?");
    for words in ["SIGKILL", "freeze or continue", "restart", "filter", "search", "the pane alone", "suspend"]
    {
        terminal.wait_for(words);
    }
    terminal.escape("freeze or continue");
    terminal.quit();
}

#[test]
fn z_gives_the_pane_the_whole_window() {
    let say = |word: &str| format!("{word}=echo I a''m {word}; exec sleep 1000");
    let terminal = minder().run([&say("alpha"), &say("beta")]).start();
    terminal.wait_listed("beta", "running");
    terminal.wait_for("I am alpha");
    terminal.send("z");
    terminal.wait_without("beta");
    terminal.wait_for("I am alpha");
    terminal.send("z");
    terminal.wait_listed("beta", "running");
    terminal.quit();
}

#[test]
fn three_floods_leave_the_keys_answered() {
    let flood = |name: &str| format!("{name}=exec yes {name} po''urs and pours and pours");
    let calm = named("delta", "echo all i''s calm; exec sleep 1000");
    let lines = [flood("alpha"), flood("beta"), flood("gamma"), calm];
    let terminal = minder().size(120, 40).args(["run"]).args(lines).start();
    terminal.wait_for("alpha pours");
    for _ in 0..5 {
        terminal.send("j");
        terminal.wait_for("beta pours");
        terminal.send("j");
        terminal.wait_for("gamma pours");
        terminal.send("j");
        terminal.wait_for("all is calm");
        terminal.send("kkk");
        terminal.wait_for("alpha pours");
    }
    terminal.quit();
}

#[test]
fn colours_of_a_worker_are_on_the_screen() {
    let colours = "printf '\\033[31mred\\033[0m \\033[38;2;1;2;3mexact\\033[0m\\n'; exec sleep 1000";
    let terminal = minder().env("COLORTERM", "truecolor").run([&named("alpha", colours)]).start();
    terminal.wait_until("red and exact", |screen| {
        let red = screen.cell_of("red exact")?.fgcolor();
        let row = screen.row_of("red exact")?;
        let exact = screen.cell_at(row.column_of("exact")?, row.index)?.fgcolor();
        let right = red == vt100::Color::Idx(1) && exact == vt100::Color::Rgb(1, 2, 3);
        right.then_some(())
    });
    terminal.quit();
}

#[test]
fn small_windows_and_changing_sizes_do_no_harm() {
    let flood = "exec yes this is a line that is longer than the window is wide";
    for (columns, rows) in [(40, 10), (10, 3), (1, 1)] {
        let lines = [named("alpha", flood), named("beta", line::CALM)];
        let terminal = minder().size(columns, rows).args(["run"]).args(lines).start();
        terminal.wait_until("something drawn", |screen| {
            screen.rows().iter().any(|row| !row.text.is_empty()).then_some(())
        });
        terminal.send("j?");
        terminal.resize(100, 30);
        terminal.wait_for("freeze or continue");
        // Small for a moment, the window loses what it showed; the last size is drawn in full.
        terminal.resize(columns, rows);
        terminal.resize(100, 30);
        terminal.wait_for("freeze or continue");
        terminal.escape("freeze or continue");
        terminal.send("s");
        terminal.wait_for("SIGUSR1");
        terminal.escape("SIGUSR1");
        terminal.wait_listed("alpha", "running");
        terminal.resize(columns, rows);
        terminal.resize(3, 200);
        terminal.resize(120, 40);
        terminal.wait_listed("beta", "running");
        terminal.quit();
    }
}

#[test]
fn at_40_by_10_the_list_and_the_keys_are_still_there() {
    let terminal = minder().size(40, 10).run([&named("alpha", line::CALM)]).start();
    terminal.wait_listed("alpha", "running");
    terminal.wait_here();
    terminal.quit();
}
