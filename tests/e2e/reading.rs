//! Reading what workers say: search while others flood, filters as lines come, jumps, times.

use super::named;
use crate::support::{Key, Screen, minder};

/// The numbers `n-…` that are on the screen, in order.
fn numbers(screen: &Screen) -> Vec<u64> {
    let rows = screen.rows();
    rows.iter()
        .filter_map(|row| row.text.trim().strip_prefix("n-")?.split(' ').next()?.parse().ok())
        .collect()
}

#[test]
fn a_search_through_all_workers_finds_while_one_floods() {
    let flood = "alpha=exec yes po''urs and pours";
    let beta = named(
        "beta",
        "echo nee''dle one; seq 300; echo nee''dle two; seq 300; echo ar''med; exec sleep 1000",
    );
    let terminal = minder().size(100, 30).run([flood, &beta]).start();
    // What is looked for is there before it is looked for.
    terminal.wait_listed("beta", "running");
    terminal.send("j");
    terminal.wait_armed();
    terminal.send("k");
    terminal.wait_for("pours and pours");
    terminal.send("/");
    terminal.key(Key::Tab);
    terminal.send("needle");
    terminal.wait_for("needle two");
    terminal.key(Key::Enter);
    terminal.wait_for("match 2 of 2");
    terminal.send("n");
    terminal.wait_for("needle one");
    terminal.wait_for("match 1 of 2");
    terminal.wait_listed("beta", "2 found");
    terminal.escape("match 1 of 2");
    terminal.quit();
}

#[test]
fn a_filter_shows_matching_lines_as_they_come_and_ends() {
    let counts =
        "i=0; while :; do i=$((i + 1)); echo n-$i odd; i=$((i + 1)); echo n-$i even; sleep 0.02; done";
    let terminal = minder().run([&named("alpha", counts)]).start();
    terminal.wait_until("lines", |screen| numbers(screen).into_iter().find(|n| *n > 30));
    terminal.send("&odd");
    terminal.key(Key::Enter);
    let odd = |screen: &Screen| {
        let numbers = numbers(screen);
        (numbers.len() > 5 && numbers.iter().all(|n| n % 2 == 1)).then(|| numbers[numbers.len() - 1])
    };
    let newest = terminal.wait_until("odd lines alone", odd);
    terminal.wait_for("filter: ");
    terminal.wait_until("newer odd lines", |screen| odd(screen).filter(|now| *now > newest + 20));
    terminal.send("&!");
    terminal.key(Key::Backspace);
    terminal.key(Key::Ctrl('u'));
    terminal.send("!odd");
    terminal.key(Key::Enter);
    terminal.wait_until("even lines alone", |screen| {
        let numbers = numbers(screen);
        (numbers.len() > 5 && numbers.iter().all(|n| n % 2 == 0)).then_some(())
    });
    terminal.escape("filter: ");
    terminal.wait_until("all lines", |screen| {
        numbers(screen).windows(2).any(|pair| pair[0] + 1 == pair[1]).then_some(())
    });
    terminal.quit();
}

#[test]
fn jumps_lead_to_standard_error_errors_and_the_ends_of_runs() {
    let config = r#"
        [worker.alpha]
        cmd = "echo fi''rst >&2; until test -e go; do sleep 0.05; done; seq 200; echo 'Err''or: gone'; seq 200; echo do''ne; exit 3"
        output = "pipe"
    "#;
    let terminal = minder().up(config).start();
    terminal.wait_for("first");
    std::fs::write(terminal.folder().join("go"), "").expect("the folder is there");
    terminal.wait_listed("alpha", "failed");
    terminal.send("{");
    terminal.wait_for("first");
    terminal.send(")");
    terminal.wait_for("Error: gone");
    terminal.send("]");
    terminal.wait_for("── exit 3");
    terminal.send(":1");
    terminal.key(Key::Enter);
    terminal.wait_for("first");
    terminal.send(":25:00");
    terminal.key(Key::Enter);
    terminal.wait_for("is no time");
    terminal.quit();
}

#[test]
fn times_and_numbers_stand_beside_lines_also_where_it_is_narrow() {
    for (columns, rows) in [(80, 24), (40, 10)] {
        let terminal = minder().size(columns, rows).run(["alpha=echo li''ne one; exec sleep 1000"]).start();
        terminal.wait_for("line one");
        terminal.send("@");
        terminal.wait_until("a time of day", |screen| {
            let row = screen.row_of("line one")?;
            let time = row.text.trim().split(' ').next()?;
            (time.split(':').count() == 3 && time.len() >= 8).then_some(())
        });
        terminal.send("@");
        terminal.wait_until("an age", |screen| {
            let row = screen.row_of("line one")?;
            row.text.trim().split(' ').next()?.strip_suffix('s')?.parse::<u64>().ok()
        });
        terminal.send("@@@#");
        terminal.wait_until("a number", |screen| {
            let row = screen.row_of("line one")?;
            row.text.trim().starts_with("1 line").then_some(())
        });
        terminal.quit();
    }
}

#[test]
fn cut_lines_are_scrolled_sideways() {
    let wide = "echo be''gin $(seq -s - 60) en''d; exec sleep 1000";
    let terminal = minder().run([&named("alpha", wide)]).start();
    terminal.wait_for("begin 1-2");
    terminal.send("W");
    terminal.wait_without("-60 end");
    terminal.send("\x1b[C\x1b[C\x1b[C");
    terminal.wait_for("-60 end");
    terminal.wait_without("begin 1-2");
    terminal.send("\x1b[D\x1b[D\x1b[D");
    terminal.wait_for("begin 1-2");
    terminal.quit();
}

#[test]
fn several_workers_are_read_as_one_and_searched() {
    let say =
        |name: &str, rest: &str| format!("{name}=while [ ! -e go-{name} ]; do sleep 0.02; done; {rest}");
    let alpha = say(
        "alpha",
        "echo fi''rst; while [ ! -e go-again ]; do sleep 0.02; done; echo thi''rd; exec sleep 1000",
    );
    let beta = say("beta", "echo sec''ond; exec sleep 1000");
    let terminal = minder().size(100, 30).run([&alpha, &beta]).start();
    terminal.wait_listed("beta", "running");
    terminal.send("a");
    terminal.wait_for("all together");
    // Each is read before the next is said.
    for (file, line) in [("go-alpha", "first"), ("go-beta", "second"), ("go-again", "third")] {
        std::fs::write(terminal.folder().join(file), "").expect("the folder is there");
        terminal.wait_for(line);
    }
    terminal.wait_until("the lines in their order", |screen| {
        let row = |words: [&str; 2]| screen.row_with(&words).map(|row| row.index);
        let rows = [row(["alpha ", "first"])?, row(["beta ", "second"])?, row(["alpha ", "third"])?];
        rows.is_sorted().then_some(())
    });
    terminal.send("/second");
    terminal.key(Key::Enter);
    terminal.wait_for("match 1 of 1");
    terminal.escape("match 1 of 1");
    terminal.send("&ir");
    terminal.key(Key::Enter);
    terminal.wait_without("second");
    terminal.escape("filter: ");
    terminal.send("a");
    terminal.wait_without("all together");
    terminal.quit();
}

#[test]
fn what_was_found_in_view_stays_there_while_more_comes() {
    let counts =
        "i=0; while :; do i=$((i + 1)); echo n-$i; [ $i != 40 ] || echo an ERR''OR; sleep 0.02; done";
    for keys in ["/ERROR", "("] {
        let terminal = minder().size(100, 20).run([&named("alpha", counts)]).start();
        terminal.wait_for("an ERROR");
        terminal.send(keys);
        if keys.starts_with('/') {
            terminal.key(Key::Enter);
        }
        let below = |screen: &Screen| {
            let rows = screen.rows();
            let (_, count) = rows.iter().find_map(|row| row.text.split_once("▲ "))?;
            count.split(' ').next()?.parse().ok()
        };
        terminal.wait_until("lines below", below);
        let newest = |screen: &Screen| numbers(screen).last().copied();
        let stood = terminal.wait_until("numbers", newest);
        terminal.wait_until("more below", |screen| below(screen).filter(|count: &u64| *count > 60));
        terminal.wait_for("an ERROR");
        assert_eq!(terminal.wait_until("numbers", newest), stood);
        terminal.quit();
    }
}
