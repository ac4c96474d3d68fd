//! Reading while lines come and go.

use super::Reader;
use crate::output::view::{Fit, Position, RowAddress, Window};
use crate::output::{DEFAULT_BUDGET, Output, Stream, View};
use crate::protocol::Size;
use std::sync::Arc;
use std::time::SystemTime;

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
    let at = |seconds| SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
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
