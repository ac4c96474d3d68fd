//! Erasing, shifting, regions, tabs, repetition: functions that change what is on the grid.

use super::Bench;

#[test]
fn erasing_a_line_takes_the_asked_part() {
    let bench = Bench::fed(6, 3, "abcdef\r\nabcdef\r\nabcdef\x1b[1;3H\x1b[K\x1b[2;3H\x1b[1K\x1b[3;3H\x1b[2K");
    assert_eq!(bench.text(), "ab\n   def");
}

#[test]
fn erasing_to_the_right_of_a_full_row_takes_nothing() {
    assert_eq!(Bench::fed(4, 2, "abcd\x1b[K").text(), "abcd");
}

#[test]
fn erasing_the_display_takes_the_asked_part() {
    let screen = "abc\r\ndef\r\nghi\x1b[2;2H";
    assert_eq!(Bench::fed(5, 3, format!("{screen}\x1b[J")).text(), "abc\nd");
    assert_eq!(Bench::fed(5, 3, format!("{screen}\x1b[1J")).text(), "\n  f\nghi");
    assert_eq!(Bench::fed(5, 3, format!("{screen}\x1b[3J")).text(), "abc\ndef\nghi");
}

#[test]
fn what_is_cleared_becomes_lines_first() {
    for clear in ["\x1b[2J", "\x1b[H\x1b[J", "\x1b[H\x1b[2J\x1b[3J", "\x1bc"] {
        let bench = Bench::fed(10, 5, format!("one\r\n\r\nthree\r\n{clear}"));
        assert_eq!((bench.text().as_str(), bench.lines()), ("", vec!["one", "", "three"]), "{clear:?}");
    }
}

#[test]
fn clearing_an_empty_screen_makes_no_line() {
    assert!(Bench::fed(10, 5, "\x1b[H\x1b[2J\x1b[2J").lines().is_empty());
}

#[test]
fn an_erased_cell_keeps_the_background() {
    let bench = Bench::fed(4, 2, "\x1b[44mab\x1b[1K\x1b[0m");
    let spans = bench.screen.row_spans(0);
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].text, "   ");
    assert_eq!(spans[0].style.background, crate::output::Color::Indexed(4));
}

#[test]
fn characters_are_inserted_deleted_and_erased() {
    assert_eq!(Bench::fed(6, 1, "abcdef\x1b[2G\x1b[2@").text(), "a  bcd");
    assert_eq!(Bench::fed(6, 1, "abcdef\x1b[2G\x1b[2P").text(), "adef");
    assert_eq!(Bench::fed(6, 1, "abcdef\x1b[2G\x1b[2X").text(), "a  def");
    assert_eq!(Bench::fed(6, 1, "abcdef\x1b[2G\x1b[4hXY\x1b[4l").text(), "aXYbcd");
}

#[test]
fn half_a_wide_character_is_a_blank() {
    assert_eq!(Bench::fed(6, 1, "日本\x1b[2Gx").text(), " x本");
    assert_eq!(Bench::fed(6, 1, "日本\x1b[3Gx").text(), "日x");
    assert_eq!(Bench::fed(6, 1, "日本\x1b[2G\x1b[K").text(), "");
    assert_eq!(Bench::fed(6, 1, "日本\x1b[1G\x1b[P").text(), " 本");
    assert_eq!(Bench::fed(5, 1, "a日本\x1b[1G\x1b[@").text(), " a日");
}

#[test]
fn lines_are_inserted_and_deleted_within_the_region() {
    let screen = "a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[2;1H";
    assert_eq!(Bench::fed(5, 4, format!("{screen}\x1b[L")).text(), "a\n\nb\nd");
    assert_eq!(Bench::fed(5, 4, format!("{screen}\x1b[M")).text(), "a\nc\n\nd");
    assert_eq!(Bench::fed(5, 4, format!("{screen}\x1b[H\x1b[L")).text(), "a\nb\nc\nd");
}

#[test]
fn a_region_scrolls_by_itself() {
    let screen = "a\r\nb\r\nc\r\nd\x1b[2;3r";
    assert_eq!(Bench::fed(5, 4, format!("{screen}\x1b[3;1H\n")).text(), "a\nc\n\nd");
    assert_eq!(Bench::fed(5, 4, format!("{screen}\x1b[2;1H\x1bM")).text(), "a\n\nb\nd");
    assert_eq!(Bench::fed(5, 4, format!("{screen}\x1b[S")).text(), "a\nc\n\nd");
    assert_eq!(Bench::fed(5, 4, format!("{screen}\x1b[T")).text(), "a\n\nb\nd");
}

#[test]
fn only_a_region_at_the_top_makes_lines() {
    let lower = Bench::fed(5, 4, "a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[3;1H\n\n");
    assert!(lower.lines().is_empty());
    let upper = Bench::fed(5, 4, "a\r\nb\r\nc\r\nd\x1b[1;3r\x1b[3;1H\n\n");
    assert_eq!(upper.lines(), ["a", "b"]);
    assert_eq!(upper.text(), "c\n\n\nd");
}

#[test]
fn origin_mode_counts_from_the_region() {
    let mut bench = Bench::fed(5, 5, "\x1b[2;4r\x1b[?6h");
    assert_eq!(bench.cursor(), (0, 1));
    bench.feed("\x1b[9;2Hx\x1b[6n");
    assert_eq!(bench.text(), "\n\n\n x");
    assert_eq!(bench.heard.replies, "\x1b[3;3R");
}

#[test]
fn vertical_moves_stop_at_the_region() {
    assert_eq!(Bench::fed(5, 6, "\x1b[2;4r\x1b[3;1H\x1b[9A").cursor(), (0, 1));
    assert_eq!(Bench::fed(5, 6, "\x1b[2;4r\x1b[3;1H\x1b[9B").cursor(), (0, 3));
    assert_eq!(Bench::fed(5, 6, "\x1b[2;4r\x1b[6;1H\x1b[9A").cursor(), (0, 1));
    assert_eq!(Bench::fed(5, 6, "\x1b[2;4r\x1b[1;1H\x1b[9A").cursor(), (0, 0));
}

#[test]
fn tab_stops_can_be_set_and_cleared() {
    assert_eq!(Bench::fed(30, 1, "\ta\tb").text(), "        a       b");
    assert_eq!(Bench::fed(30, 1, "\x1b[4G\x1bH\r\tx").text(), "   x");
    assert_eq!(Bench::fed(30, 1, "\x1b[9G\x1b[g\r\tx").cursor(), (17, 0));
    assert_eq!(Bench::fed(30, 1, "\x1b[3g\tx").cursor(), (29, 0));
    assert_eq!(Bench::fed(30, 1, "\x1b[2I\x1b[Z").cursor(), (8, 0));
}

#[test]
fn the_last_character_is_repeated() {
    assert_eq!(Bench::fed(10, 2, "ab\x1b[3b").text(), "abbbb");
    assert_eq!(Bench::fed(10, 2, "日\x1b[b").text(), "日日");
}

#[test]
fn hostile_counts_cost_no_more_than_a_screen() {
    let mut bench = Bench::new(80, 24);
    for last in "@ABCDEFGHIJKLMPSTXZ`abdefgjkru".chars() {
        bench.feed(format!("x\x1b[99999999;99999999{last}"));
    }
    assert!(bench.heard.lines.len() < 200, "{}", bench.heard.lines.len());
}

#[test]
fn line_drawing_is_drawn() {
    assert_eq!(Bench::fed(10, 1, "\x1b(0lqk\x1b(Blqk").text(), "┌─┐lqk");
    assert_eq!(Bench::fed(10, 1, "\x1b)0\x0ex\x0fx").text(), "│x");
}

#[test]
fn without_autowrap_the_last_column_is_overwritten() {
    assert_eq!(Bench::fed(4, 2, "abcd\x1b[?7lx").text(), "abcx", "also where the next row was due");
    assert_eq!(Bench::fed(4, 2, "\x1b[?7labcdefg").text(), "abcg");
    assert_eq!(Bench::fed(4, 2, "\x1b[?7labc日").text(), "ab日");
}

#[test]
fn alignment_fills_the_screen() {
    assert_eq!(Bench::fed(3, 2, "\x1b#8").text(), "EEE\nEEE");
}
