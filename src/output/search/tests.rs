//! What is found, against a look at each line by itself; and the thread that finds it.

use super::{Criterion, Lookup, Nearest, Pattern, Searcher, Test};
use crate::output::view::{Fit, Position, RowAddress, Window};
use crate::output::{DEFAULT_BUDGET, Output, Reader, Stream, plain};
use crate::protocol::Size;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const AT: SystemTime = SystemTime::UNIX_EPOCH;

fn output(bytes: &[u8]) -> Arc<Output> {
    let output = Arc::new(Output::with_budget(Size { columns: 80, rows: 24 }, false, DEFAULT_BUDGET));
    output.lock().feed(Stream::Stdout, bytes, AT);
    output
}

fn test(pattern: &str, inverse: bool) -> Test {
    Test::pattern(&Arc::new(Pattern::new(pattern).unwrap()), inverse)
}

fn looked(output: &Arc<Output>, test: Test, from: u64) -> Arc<Lookup> {
    let lookup = Arc::new(Lookup::new(Arc::clone(output), test, from));
    while lookup.step() {}
    lookup
}

/// Every line that a look found, by walking down.
fn found(lookup: &Lookup) -> Vec<u64> {
    let mut lines = Vec::new();
    while let Some(line) = lookup.at_or_after(lines.last().map_or(0, |last| last + 1)) {
        lines.push(line);
    }
    lines
}

/// What a look at each line finds.
fn naive(output: &Output, test: &Test) -> Vec<u64> {
    let lines = output.lock().lines();
    let passes = |line: &u64| {
        let block = output.handle(*line).unwrap().open().unwrap();
        let line = block.line(*line);
        test.passes(line.stream, &plain(line.bytes))
    };
    lines.filter(passes).collect()
}

#[test]
fn lines_are_found_by_their_plain_text() {
    let output = output(b"one\nt\x1b[31mw\x1b[mo\nthree\ntwo and a half\ntw");
    let find = |pattern: &str, from, up| {
        let mut reader = Reader::new(Arc::clone(&output));
        reader.set_search(Some(looked(&output, test(pattern, false), from)));
        reader.nearest(from, up, u64::MAX)
    };
    assert_eq!(find("two", 0, false), Nearest::Found(1));
    assert_eq!(find("two", 1, false), Nearest::Found(1));
    assert_eq!(find("two", 2, false), Nearest::Found(3));
    assert_eq!(find("two", 2, true), Nearest::Found(1));
    assert_eq!(find("^tw$", u64::MAX, true), Nearest::Found(4), "also where it is not finished");
    assert_eq!(find("^tw$", 0, false), Nearest::Found(4));
    assert_eq!(find("none", 0, false), Nearest::Nothing);
    assert_eq!(find("none", 9, true), Nearest::Nothing);
    assert_eq!(find("two", 99, false), Nearest::Nothing);
    assert_eq!(find("one\\s+t", 0, false), Nearest::Nothing, "no match goes over a line's end");
    assert_eq!(find("[^x]*half", 0, false), Nearest::Found(3));
}

#[test]
fn nothing_is_known_of_lines_that_were_not_looked_at() {
    let output = output("no\n".repeat(100_000).as_bytes());
    let lookup = Lookup::new(Arc::clone(&output), test("yes", false), 50_000);
    let lines = output.lock().lines();
    assert_eq!(lookup.nearest(lines.clone(), 50_000, true), Nearest::Pending);
    assert_eq!(lookup.nearest(lines.clone(), 50_000, false), Nearest::Pending);
    assert_eq!(lookup.count_all(), (0, false));
    while lookup.step() {}
    assert_eq!(lookup.nearest(lines.clone(), 50_000, true), Nearest::Nothing);
    assert_eq!(lookup.count_all(), (0, true));
    output.lock().feed(Stream::Stdout, b"yes\n", AT);
    let lines = output.lock().lines();
    assert_eq!(lookup.nearest(lines.clone(), 0, false), Nearest::Pending);
    while lookup.step() {}
    assert_eq!(lookup.nearest(lines, 0, false), Nearest::Found(100_000));
}

#[test]
fn a_one_way_look_leaves_the_other_side_alone() {
    let output = output("x\ny\n".repeat(100_000).as_bytes());
    let lookup = Lookup::one_way(Arc::clone(&output), test("x", false), 100_000, true);
    while lookup.step() {}
    let lines = output.lock().lines();
    assert_eq!(lookup.nearest(lines.clone(), 100_000, true), Nearest::Found(100_000));
    assert_eq!(lookup.nearest(lines.clone(), 100_001, false), Nearest::Pending);
    let lookup = Lookup::one_way(Arc::clone(&output), test("y", false), 100_000, false);
    while lookup.step() {}
    assert_eq!(lookup.nearest(lines, 100_000, false), Nearest::Found(100_001));
}

#[test]
fn a_look_upwards_from_the_screen_takes_in_what_comes_into_the_log_meanwhile() {
    let output = Arc::new(Output::new(Size { columns: 80, rows: 24 }, true));
    let feed = |text: &str| output.lock().feed(Stream::Terminal, text.as_bytes(), AT);
    feed(&"needle\r\n".repeat(100));
    let shown = output.lock().lines().end + 10;
    let lookup = Lookup::one_way(Arc::clone(&output), test("needle", false), shown, true);
    while lookup.step() {}
    // The line that it began at leaves the screen.
    feed(&"hay\r\n".repeat(30));
    while lookup.step() {}
    let lines = output.lock().lines();
    assert!(lines.contains(&shown));
    assert_eq!(lookup.nearest(lines, shown, true), Nearest::Found(shown));
}

#[test]
fn lines_that_had_to_go_are_found_no_more() {
    let output = Arc::new(Output::with_budget(Size { columns: 80, rows: 24 }, false, 256 * 1024));
    output.lock().feed(Stream::Stdout, b"needle\nneedle\n", AT);
    let lookup = looked(&output, test("needle", false), 0);
    assert_eq!(lookup.count_all(), (2, true));
    for _ in 0..100 {
        output.lock().feed(Stream::Stdout, "a line\n".repeat(1000).as_bytes(), AT);
    }
    output.lock().feed(Stream::Stdout, b"needle\n", AT);
    while lookup.step() {}
    assert_eq!(lookup.count_all(), (1, true));
    assert_eq!(found(&lookup), [100_002]);
}

#[test]
fn streams_are_told_apart() {
    let output = output(b"out\n");
    output.lock().feed(Stream::Stderr, b"error: x\n", AT);
    output.lock().rule("exit 1", AT);
    let of = |stream| found(&looked(&output, Test::new(Criterion::Stream(stream)), 0));
    assert_eq!([of(Stream::Stdout), of(Stream::Stderr), of(Stream::Ruling)], [[0], [1], [2]]);
}

#[test]
fn the_thread_finds_what_comes_and_ends_with_its_owner() {
    let output = output(&"nothing\n".repeat(200_000).into_bytes());
    let (woken, wakes) = crossbeam_channel::bounded(1);
    let searcher = Searcher::start(move || {
        let _ = woken.try_send(());
    })
    .unwrap();
    let lookup = Arc::new(Lookup::new(Arc::clone(&output), test("thing|some", false), 7));
    searcher.look_for([&lookup]);
    let wait_for = |count| {
        while lookup.count_all() != count {
            wakes.recv_timeout(Duration::from_mins(1)).expect("it goes on");
        }
    };
    wait_for((200_000, true));
    output.lock().feed(Stream::Stdout, b"something\n", AT);
    searcher.poke();
    wait_for((200_001, true));
    drop(searcher);
    assert_eq!(Arc::strong_count(&lookup), 1);
}

/// Lines with and without what is not plain, some of them long.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => "[ab ]{0,6}".prop_map(String::into_bytes),
        3 => Just(b"\n".to_vec()),
        1 => prop::sample::select(vec![
            b"\x1b[31m".to_vec(), b"\t".to_vec(), b"\r".to_vec(), "é".into(), b"\xff".to_vec(),
            b"\x1b[K".to_vec(), b"\x1b[2G".to_vec(), b"\xc2\x9b".to_vec(), b"a\n".repeat(500), b"b".repeat(900),
        ]),
    ];
    prop::collection::vec(piece, 0..200).prop_map(|pieces| pieces.concat())
}

fn patterns() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a", "ab", "b a", "^a", "b$", "^$", "a\\s+b", "[^a]*b", "A", "é", "a|b", "(?s)a.b", "\\Aa", ".",
        "\u{fffd}",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn all_is_found_and_nothing_else(
        bytes in lines(),
        pattern in patterns(),
        within in prop::option::of((patterns(), any::<bool>())),
        inverse in any::<bool>(),
        from in 0..3000_u64,
    ) {
        let output = output(&bytes);
        let within = within.map(|(pattern, inverse)| test(pattern, inverse));
        let test = test(pattern, inverse).within(within);
        let lookup = looked(&output, test.clone(), from);
        let expected = naive(&output, &test);
        prop_assert_eq!(lookup.count(output.lock().lines()), (expected.len() as u64, true));
        prop_assert_eq!(found(&lookup), expected);
    }

    #[test]
    fn a_filtered_pane_scrolls_back_to_where_it_was(
        bytes in lines(),
        pattern in patterns(),
        inverse in any::<bool>(),
        (columns, rows) in (9..40_u16, 4..12_u16),
        up in 1..40_i64,
        by in 1..20_i64,
        cut in any::<bool>(),
    ) {
        let output = output(&bytes);
        let test = test(pattern, inverse);
        let mut reader = Reader::new(Arc::clone(&output));
        reader.set_filter(Some(looked(&output, test.clone(), 0)));
        let fit = if cut { Fit::Cut { left: 1 } } else { Fit::Wrap };
        let window = |position| Window { size: Size { columns, rows }, position, fit };
        let here = reader.scrolled(window(Position::Follow), -up);
        let above = reader.scrolled(window(here), -by);
        let view = reader.view(window(above));
        let top = reader.view(window(reader.top(window(here))));
        if view.rows.first() != top.rows.first() {
            prop_assert_eq!(reader.scrolled(window(above), by), here);
        }
        // All that passes is seen, in order, and what does not is not.
        let mut seen = Vec::new();
        let mut position = reader.top(window(Position::Follow));
        loop {
            let view = reader.view(window(position));
            seen.extend(view.rows.iter().map(|row| row.address));
            if position == Position::Follow {
                break;
            }
            position = reader.scrolled(window(position), i64::from(rows));
        }
        seen.sort_unstable();
        seen.dedup();
        let mut lines: Vec<_> = seen.iter().map(|address: &RowAddress| address.place.line).collect();
        lines.dedup();
        let mut expected = naive(&output, &test);
        let unfinished = reader.log_lines().end..reader.lines().end;
        expected.extend(unfinished.filter(|line| test.passes(Stream::Stdout, &reader.text(*line))));
        let passing = view.passing.unwrap();
        prop_assert_eq!((passing.lines, passing.whole), (expected.len() as u64, true));
        prop_assert_eq!(lines, expected);
    }
}

#[test]
fn what_stands_on_a_screen_and_in_unfinished_lines_is_counted() {
    let size = Size { columns: 40, rows: 5 };
    for (terminal, stream) in [(true, Stream::Terminal), (false, Stream::Stdout)] {
        let output = Arc::new(Output::new(size, terminal));
        let say = |text: &str| drop(output.feed(stream, text.as_bytes(), SystemTime::UNIX_EPOCH));
        let pattern = Arc::new(Pattern::new("needle").unwrap());
        let lookup = Lookup::new(Arc::clone(&output), Test::pattern(&pattern, false), u64::MAX);
        let count = || {
            while lookup.step() {}
            lookup.count_all()
        };
        say("a needle\r\nhay\r\n");
        assert_eq!(count(), (1, true));
        say("another nee");
        assert_eq!(count(), (1, true));
        say("dle");
        assert_eq!(count(), (2, true));
        say("\r\n1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n");
        assert_eq!(count(), (2, true), "none is counted twice when it leaves the screen");
    }
}
