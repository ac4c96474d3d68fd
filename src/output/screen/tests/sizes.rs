//! Resizes, long lines, memory.

use super::Bench;
use crate::output::screen::Screen;

#[test]
fn rows_without_room_leave_at_the_top() {
    let mut bench = Bench::fed(10, 4, "a\r\nb\r\nc\r\nd");
    bench.resize(10, 2);
    assert_eq!((bench.text().as_str(), bench.cursor()), ("c\nd", (1, 1)));
    assert_eq!(bench.lines(), ["a", "b"]);
    bench.resize(10, 4);
    assert_eq!(bench.text(), "c\nd");
}

#[test]
fn blank_rows_below_the_cursor_go_first() {
    let mut bench = Bench::fed(10, 5, "a\r\nb");
    bench.resize(10, 2);
    assert_eq!((bench.text().as_str(), bench.lines().len()), ("a\nb", 0));
}

#[test]
fn narrower_and_wide_again_gives_the_same() {
    let mut bench = Bench::fed(20, 6, "0123456789abcdef\r\n日本語テキスト\r\n\x1b[31mred\x1b[m $ ");
    let before: Vec<_> = (0..6).map(|row| bench.screen.row_spans(row)).collect();
    bench.resize(7, 9);
    assert_eq!(bench.text(), "0123456\n789abcd\nef\n日本語\nテキス\nト\nred $");
    bench.resize(20, 6);
    let after: Vec<_> = (0..6).map(|row| bench.screen.row_spans(row)).collect();
    assert_eq!(before, after);
    assert_eq!(bench.cursor(), (6, 2));
}

#[test]
fn the_cursor_keeps_its_character() {
    let mut bench = Bench::fed(10, 4, "0123456789abc\x1b[2;2H");
    bench.resize(5, 4);
    bench.feed("X");
    assert_eq!(bench.text(), "01234\n56789\naXc");
}

#[test]
fn a_pending_wrap_survives_a_resize() {
    let mut bench = Bench::fed(4, 4, "abcd");
    bench.resize(8, 4).feed("e");
    assert_eq!(bench.text(), "abcde");
    let mut bench = Bench::fed(8, 4, "abcdefgh");
    bench.resize(4, 4).feed("i");
    assert_eq!(bench.text(), "abcd\nefgh\ni");
}

#[test]
fn a_coloured_bar_makes_no_rows_of_its_own() {
    let mut bench = Bench::fed(20, 4, "\x1b[44mtitle\x1b[K\x1b[m\r\n$ ");
    bench.resize(10, 4);
    assert_eq!(bench.text(), "title\n$");
}

#[test]
fn a_line_without_end_is_handed_over_in_pieces() {
    let mut bench = Bench::new(80, 24);
    for _ in 0..40 {
        bench.feed("x".repeat(8000));
    }
    assert!(bench.screen.pending().len() <= 64 * 1024);
    bench.finish();
    assert_eq!(bench.heard.lines.iter().map(String::len).sum::<usize>(), 320_000);
    assert_eq!(bench.heard.lines.len(), 5);
}

#[test]
fn what_overwrites_the_top_row_is_not_the_rest_of_a_line_that_left() {
    let mut bench = Bench::fed(4, 2, "abcdefghij");
    assert_eq!(bench.screen.pending(), b"abcd");
    bench.feed("\x1b[H\x1b[2Knew");
    assert_eq!(bench.screen.pending(), b"");
    assert_eq!(bench.lines(), ["abcd"]);
}

#[test]
fn sizes_without_sense_are_mended() {
    let bench = Bench::fed(0, 0, "ab日");
    assert_eq!((bench.screen.size().columns, bench.screen.size().rows), (1, 1));
    assert_eq!(Bench::new(u16::MAX, u16::MAX).screen.size().columns, 4096);
}

#[test]
fn one_row_is_enough() {
    let mut bench = Bench::fed(5, 1, "a\r\nb\r\nhello world");
    assert_eq!(bench.text(), "d");
    bench.finish();
    assert_eq!(bench.lines(), ["a", "b", "hello world"]);
}

#[test]
fn used_rows_reach_to_the_text_and_the_cursor() {
    assert_eq!(Bench::new(5, 5).screen.used_rows(), 1);
    assert_eq!(Bench::fed(5, 5, "a\r\n\n").screen.used_rows(), 3);
    assert_eq!(Bench::fed(5, 5, "\x1b[4Hx\x1b[H").screen.used_rows(), 4);
}

#[test]
fn an_empty_screen_is_small_and_can_be_sent() {
    fn is_send<T: Send>() {}
    is_send::<Screen>();
    assert!(size_of::<Screen>() < 2048, "{}", size_of::<Screen>());
    let rows = &Bench::new(80, 24).screen.terminal.grid.rows;
    assert!(rows.iter().all(|row| row.cells().is_empty()));
}
