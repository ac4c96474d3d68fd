//! Reading while lines come and go.

use super::{Reader, Together};
use crate::output::log::trial::log_with_a_gap;
use crate::output::view::{Fit, Place, Position, RowAddress, Window};
use crate::output::{DEFAULT_BUDGET, Lookup, Output, Pattern, Stream, Test, View};
use crate::protocol::Size;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const AT: SystemTime = SystemTime::UNIX_EPOCH;

fn window(columns: u16, rows: u16, position: Position, fit: Fit) -> Window {
    Window { size: Size { columns, rows }, position, fit }
}

fn texts(view: &View) -> Vec<String> {
    let text =
        |row: &crate::output::ViewRow| row.spans.iter().map(|span| span.text.as_str()).collect::<String>();
    view.rows.iter().map(text).collect()
}

fn output(budget: usize) -> Arc<Output> {
    Arc::new(Output::with_budget(Size { columns: 80, rows: 24 }, false, budget))
}

#[test]
fn a_reader_shows_what_there_was_when_it_looked() {
    let output = output(DEFAULT_BUDGET);
    output.lock().feed(Stream::Stdout, b"one\ntwo", AT);
    let mut reader = Reader::new(Arc::clone(&output));
    output.lock().feed(Stream::Stdout, b" and more\nthree\n", AT);
    let all = window(80, 9, Position::Follow, Fit::Wrap);
    assert_eq!(texts(&reader.view(all)), ["one", "two"]);
    reader.look();
    assert_eq!(texts(&reader.view(all)), ["one", "two and more", "three"]);
}

#[test]
fn lines_that_go_between_the_glance_and_the_look_are_said_to_be_gone() {
    let output = output(256 * 1024);
    output.lock().feed(Stream::Stdout, b"one\ntwo\n", AT);
    let reader = Reader::new(Arc::clone(&output));
    for _ in 0..100_000 {
        output.lock().feed(Stream::Stdout, b"a line of the flood that takes their place\n", AT);
    }
    let view = reader.view(window(80, 9, Position::Follow, Fit::Wrap));
    assert_eq!(texts(&view), ["[this line had to go]", "[this line had to go]"]);
}

#[test]
fn lines_in_a_gap_are_said_to_be_gone_and_times_go_on_across_it() {
    let home = tempfile::tempdir().unwrap();
    let (log, _kept) = log_with_a_gap(home.path());
    let output = Output::with_log(Size { columns: 80, rows: 24 }, false, log, 1 << 20);
    let reader = Reader::new(Arc::new(output));
    let since = |second| reader.line_since(AT + Duration::from_secs(second));
    let expected = [0, 10, 20, 30, 30, 30, 30, 70, 80, 90, 100];
    assert_eq!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(since), expected);
    let top = Position::At(RowAddress::line(29));
    let view = reader.view(window(80, 32, top, Fit::Wrap));
    let gone = |text: &&String| text.contains("it had to go while the disk took nothing");
    assert_eq!((view.rows.len(), texts(&view).iter().filter(gone).count()), (32, 30));
}

#[test]
fn cut_lines_take_one_row_each_and_say_where_they_go_on() {
    let output = output(DEFAULT_BUDGET);
    output.lock().feed(Stream::Stdout, "abcdefgh\nij\n日本語日本語\nopen end".as_bytes(), AT);
    let reader = Reader::new(output);
    let at = |left| reader.view(window(4, 9, Position::Follow, Fit::Cut { left }));
    assert_eq!(texts(&at(0)), ["abcd", "ij", "日本", "open"]);
    assert_eq!(texts(&at(3)), ["defg", "", " 語 ", "n en"]);
    let edges: Vec<_> = at(3).rows.iter().map(|row| (row.edges.left, row.edges.right)).collect();
    assert_eq!(edges, [(true, true), (true, false), (true, true), (true, true)]);
    let edges: Vec<_> = at(5).rows.iter().map(|row| (row.edges.left, row.edges.right)).collect();
    assert_eq!(edges, [(true, false), (true, false), (true, true), (true, false)]);
}

#[test]
fn rows_know_when_their_line_and_the_one_before_it_came() {
    let output = output(DEFAULT_BUDGET);
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    output.lock().feed(Stream::Stdout, b"one\n", at(1));
    output.lock().feed(Stream::Stdout, b"two two\n", at(5));
    let reader = Reader::new(output);
    let view = reader.view(window(4, 9, Position::At(RowAddress::line(0)), Fit::Wrap));
    let times: Vec<_> = view.rows.iter().map(|row| (row.at, row.before_at)).collect();
    assert_eq!(times, [(at(1), None), (at(5), Some(at(1))), (at(5), Some(at(1)))]);
}

#[test]
fn a_frame_is_shown_when_it_is_whole_or_overdue() {
    let output = Arc::new(Output::new(Size { columns: 10, rows: 3 }, true));
    let mut reader = Reader::new(Arc::clone(&output));
    let mut look = |bytes: &[u8]| {
        output.lock().feed(Stream::Terminal, bytes, AT);
        reader.look();
        let view = reader.view(window(10, 3, Position::Follow, Fit::Wrap));
        (texts(&view).join("|"), view.held)
    };
    assert_eq!(look(b"\x1b[?2026hold\x1b[?2026l"), ("old".to_owned(), false));
    assert_eq!(look(b"\x1b[?2026h\x1b[H"), ("old".to_owned(), true));
    assert_eq!(look(b"n\x1b[?2026l"), ("nld".to_owned(), false));
    assert_eq!(look(b"\x1b[?2026h\x1b[Hne"), ("nld".to_owned(), true));
    assert_eq!(look(b"w\x1b[?2026l"), ("new".to_owned(), false));
    let mut looks = std::iter::once(&b"\x1b[?2026h!"[..]).chain(std::iter::repeat_n(&b""[..], 99)).map(look);
    assert!(looks.by_ref().take(5).all(|shown| shown == ("new".to_owned(), true)));
    assert!(looks.any(|shown| shown == ("new!".to_owned(), false)), "an update that never ends is shown");
}

/// Lines of several workers, each with who says it and how long after the one before.
fn talk() -> impl Strategy<Value = Vec<(usize, u64, String)>> {
    prop::collection::vec((0..3_usize, 0..3_u64, "[ab]{0,12}"), 0..60)
}

/// When, who and which line.
type Line = (u64, u16, u64);

fn told(talk: &[(usize, u64, String)]) -> (Vec<Arc<Output>>, Vec<Line>) {
    let outputs: Vec<_> = (0..3).map(|_| output(DEFAULT_BUDGET)).collect();
    let mut nanoseconds = 1;
    let mut order = Vec::new();
    for (worker, later, text) in talk {
        nanoseconds += later;
        let at = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds);
        let mut pane = outputs[*worker].lock();
        order.push((nanoseconds, *worker as u16, pane.lines().end));
        pane.feed(Stream::Stdout, format!("{text}\n").as_bytes(), at);
    }
    order.sort_unstable();
    (outputs, order)
}

fn place((at, worker, line): Line) -> Place {
    Place { at, worker, line }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn lines_of_several_are_read_in_the_order_in_which_they_came(
        talk in talk(),
        filtered in any::<bool>(),
        (columns, rows) in (1..9_u16, 1..9_u16),
        up in 1..40_i64,
        by in 1..9_i64,
    ) {
        let (outputs, mut order) = told(&talk);
        let mut readers: Vec<_> = outputs.iter().cloned().map(Reader::new).collect();
        if filtered {
            let pattern = Arc::new(Pattern::new("ab").unwrap());
            for (reader, output) in readers.iter_mut().zip(&outputs) {
                let lookup = Lookup::new(Arc::clone(output), Test::pattern(&pattern, false), 0);
                while lookup.step() {}
                reader.set_filter(Some(Arc::new(lookup)));
            }
            let text = |line: &Line| readers[usize::from(line.1)].text(line.2);
            order.retain(|line| text(line).contains("ab"));
        }
        let together = Together::new(readers.iter().collect());
        let at = |position| window(columns, rows, position, Fit::Wrap);
        // Page by page from the top, everything is seen once and in order.
        let mut seen = Vec::new();
        let mut position = together.at(at(Position::Follow), Place::line(0), 0);
        loop {
            let view = together.view(at(position));
            let left = order.len() as u64 - order.iter().filter(|line| {
                view.rows.last().is_some_and(|row| place(**line) <= row.address.place)
            }).count() as u64;
            prop_assert!(view.lines_below == left || view.lines_below == left + 1);
            seen.extend(view.rows.into_iter().map(|row| row.address));
            if position == Position::Follow {
                break;
            }
            position = together.scrolled(at(position), i64::from(rows));
        }
        seen.sort_unstable();
        seen.dedup();
        let mut places: Vec<_> = seen.iter().map(|address| address.place).collect();
        places.dedup();
        prop_assert_eq!(places, order.iter().copied().map(place).collect::<Vec<_>>());
        // Up and down are each other's inverse.
        let here = together.scrolled(at(Position::Follow), -up);
        let above = together.scrolled(at(here), -by);
        let top = together.at(at(Position::Follow), Place::line(0), 0);
        if above != top {
            prop_assert_eq!(together.scrolled(at(above), by), here);
        }
    }

    #[test]
    fn the_nearest_match_of_several_is_the_nearest_by_time(talk in talk(), from in 0..60_usize, up in any::<bool>()) {
        let (outputs, order) = told(&talk);
        let mut readers: Vec<_> = outputs.iter().cloned().map(Reader::new).collect();
        let pattern = Arc::new(Pattern::new("bb").unwrap());
        for (reader, output) in readers.iter_mut().zip(&outputs) {
            let lookup = Lookup::new(Arc::clone(output), Test::pattern(&pattern, false), 0);
            while lookup.step() {}
            reader.set_search(Some(Arc::new(lookup)));
        }
        let Some(from) = order.get(from).copied().map(place) else { return Ok(()) };
        let matching = |line: &&Line| readers[usize::from(line.1)].text(line.2).contains("bb");
        let mut places = order.iter().filter(matching).copied().map(place);
        let expected = if up { places.rfind(|one| *one <= from) } else { places.find(|one| *one >= from) };
        let together = Together::new(readers.iter().collect());
        let found = together.nearest(from, up, Place::END, |_, reader, line, until| reader.nearest(line, up, until));
        prop_assert_eq!(found, Ok(expected));
        let all = order.iter().filter(matching).count() as u64;
        let upto = order.iter().filter(matching).filter(|line| place(**line) <= from).count() as u64;
        prop_assert_eq!(together.found(Some(from)), (all, upto, true));
    }
}
