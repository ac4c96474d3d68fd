//! Text, movement, wrapping, scrolling.

use super::Bench;

#[test]
fn text_stands_where_the_cursor_was() {
    let bench = Bench::fed(20, 5, "one\r\ntwo\x1b[4;3Hthree");
    assert_eq!(bench.text(), "one\ntwo\n\n  three");
    assert_eq!(bench.cursor(), (7, 3));
}

#[test]
fn rows_that_leave_the_top_become_lines() {
    let bench = Bench::fed(20, 2, "a\r\n\x1b[1;31mb\x1b[m c  \r\nd\r\ne");
    assert_eq!(bench.lines(), ["a", "\x1b[1;31mb\x1b[0m c"]);
    assert_eq!(bench.text(), "d\ne");
}

#[test]
fn a_wrapped_line_leaves_in_one_piece() {
    let mut bench = Bench::fed(4, 2, "abcdefghijkl");
    assert!(bench.screen.wrapped(0));
    assert_eq!(bench.screen.pending(), b"abcd");
    assert!(bench.lines().is_empty());
    bench.feed("\r\n\n\n");
    assert_eq!(bench.lines(), ["abcdefghijkl", ""]);
    assert_eq!(bench.screen.pending(), b"");
}

#[test]
fn the_last_column_wraps_only_with_the_next_character() {
    let mut bench = Bench::fed(4, 3, "abcd");
    assert_eq!(bench.cursor(), (3, 0));
    bench.feed("\r\nx");
    assert_eq!(bench.text(), "abcd\nx");
    assert!(!bench.screen.wrapped(0));
    bench.feed("\x1b[1;4HZe");
    assert_eq!(bench.text(), "abcZ\ne");
    assert!(bench.screen.wrapped(0));
}

#[test]
fn finish_hands_over_all_that_is_there() {
    let mut bench = Bench::fed(10, 5, "a\r\n\r\nb\r\n");
    bench.finish();
    assert_eq!(bench.lines(), ["a", "", "b"]);
    assert_eq!((bench.text().as_str(), bench.cursor()), ("", (0, 0)));
}

#[test]
fn a_wider_screen_unwraps_what_was_wrapped() {
    let mut bench = Bench::fed(4, 4, "abcdefgh\r\nxy");
    bench.resize(6, 4);
    assert_eq!(bench.text(), "abcdef\ngh\nxy");
    assert_eq!(bench.cursor(), (2, 2));
    bench.resize(10, 4);
    assert_eq!(bench.text(), "abcdefgh\nxy");
    assert_eq!(bench.cursor(), (2, 1));
}
