//! Styles in and out, wide characters and marks, and the lines made of them.

use super::Bench;
use crate::output::{Attributes, Color, Span, Style};

fn style(foreground: Color, background: Color, attributes: Attributes) -> Style {
    Style { foreground, background, attributes }
}

/// The style of `x` after this escape.
fn after(escape: &str) -> Style {
    let bench = Bench::fed(10, 1, format!("{escape}x"));
    bench.screen.row_spans(0)[0].style
}

#[test]
fn colours_are_understood_in_every_form() {
    let foreground = |color| style(color, Color::Default, Attributes::NONE);
    let background = |color| style(Color::Default, color, Attributes::NONE);
    for (escape, expected) in [
        ("\x1b[31m", foreground(Color::Indexed(1))),
        ("\x1b[97m", foreground(Color::Indexed(15))),
        ("\x1b[102m", background(Color::Indexed(10))),
        ("\x1b[38;5;208m", foreground(Color::Indexed(208))),
        ("\x1b[38:5:208m", foreground(Color::Indexed(208))),
        ("\x1b[48;2;1;2;3m", background(Color::Rgb(1, 2, 3))),
        ("\x1b[48:2:1:2:3m", background(Color::Rgb(1, 2, 3))),
        ("\x1b[48:2::1:2:3m", background(Color::Rgb(1, 2, 3))),
        ("\x1b[31;39m", Style::default()),
        ("\x1b[41;49m", Style::default()),
        ("\x1b[58;5;3m", Style::default()),
        ("\x1b[58:2::1:2:3m", Style::default()),
        ("\x1b[38;5m", Style::default()),
        ("\x1b[38;2;999;0;0m", Style::default()),
        ("\x1b[>4;1m", Style::default()),
    ] {
        assert_eq!(after(escape), expected, "{escape:?}");
    }
}

#[test]
fn attributes_are_set_and_unset() {
    let attributes = |escape| after(escape).attributes;
    let on = Attributes::BOLD
        .with(Attributes::DIM)
        .with(Attributes::ITALIC)
        .with(Attributes::UNDERLINE)
        .with(Attributes::BLINK)
        .with(Attributes::REVERSE)
        .with(Attributes::HIDDEN)
        .with(Attributes::STRIKE);
    assert_eq!(attributes("\x1b[1;2;3;4;5;7;8;9m"), on);
    assert_eq!(attributes("\x1b[1;2;3;4;5;7;8;9m\x1b[22;23;24;25;27;28;29m"), Attributes::NONE);
    assert_eq!(attributes("\x1b[1;31m\x1b[m"), Attributes::NONE);
    assert_eq!(attributes("\x1b[4:3m"), Attributes::UNDERLINE);
    assert_eq!(attributes("\x1b[21m"), Attributes::UNDERLINE);
    assert_eq!(attributes("\x1b[4m\x1b[4:0m"), Attributes::NONE);
    assert_eq!(attributes("\x1b[58;2;1;4;7;3m"), Attributes::ITALIC);
}

#[test]
fn a_long_list_of_attributes_takes_what_fits() {
    let many = vec!["1"; 40].join(";");
    assert_eq!(after(&format!("\x1b[{many}m")).attributes, Attributes::BOLD);
}

#[test]
fn a_row_is_told_in_stretches_of_one_style() {
    let bench = Bench::fed(20, 1, "a \x1b[31mb\x1b[44m \x1b[m  ");
    let red = style(Color::Indexed(1), Color::Default, Attributes::NONE);
    let on_blue = style(Color::Indexed(1), Color::Indexed(4), Attributes::NONE);
    let expected = [("a ", Style::default()), ("b", red), (" ", on_blue)];
    let expected = expected.map(|(text, style)| Span { text: text.into(), style });
    assert_eq!(*bench.screen.row_spans(0), expected);
    assert!(bench.screen.row_spans(7).is_empty());
}

#[test]
fn a_line_read_again_looks_the_same() {
    let styles = [
        "\x1b[1;38;5;208;48;2;1;20;255m",
        "\x1b[2;3;4m",
        "\x1b[5;7;8;9m",
        "\x1b[0;92m",
        "\x1b[105;37m",
        "\x1b[0m",
        "\x1b[38;5;16m",
        "\x1b[38;5;7m",
    ];
    let text = styles.join("ab 日é ");
    let mut first = Bench::fed(80, 2, format!("{text}\x1b[mz"));
    let shown = first.screen.row_spans(0);
    first.finish();
    let second = Bench::fed(80, 2, first.lines()[0]);
    assert_eq!(second.screen.row_spans(0), shown);
}

#[test]
fn blanks_at_the_end_of_a_line_go_unless_they_can_be_seen() {
    let bench = Bench::fed(20, 2, "a  \r\n\x1b[1mb  \r\n\x1b[44mc \x1b[m\r\n\x1b[4md \x1b[m\r\n\n");
    let expected = ["a", "\x1b[1mb\x1b[0m", "\x1b[1;44mc \x1b[0m", "\x1b[4md \x1b[0m"];
    assert_eq!(bench.lines(), expected);
}

#[test]
fn wide_characters_take_two_columns_and_are_told_once() {
    let bench = Bench::fed(10, 2, "日本x");
    assert_eq!((bench.row(0).as_str(), bench.cursor()), ("日本x", (5, 0)));
}

#[test]
fn a_wide_character_that_does_not_fit_goes_to_the_next_row() {
    let mut bench = Bench::fed(4, 2, "abc日");
    assert_eq!(bench.text(), "abc\n日");
    assert!(bench.screen.wrapped(0));
    bench.feed("\r\n\n\n");
    assert_eq!(bench.lines(), ["abc日", ""]);
}

#[test]
fn marks_join_the_character_before_them() {
    let mut bench = Bench::fed(10, 1, "e\u{301}x\u{302}\u{323} 日\u{302}");
    assert_eq!((bench.row(0).as_str(), bench.cursor()), ("e\u{301}x\u{302}\u{323} 日\u{302}", (5, 0)));
    bench.feed("\r\n");
    assert_eq!(bench.lines(), ["e\u{301}x\u{302}\u{323} 日\u{302}"]);
}

#[test]
fn a_mark_in_the_last_column_joins_it() {
    assert_eq!(Bench::fed(3, 2, "abe\u{301}f").text(), "abe\u{301}\nf");
}

#[test]
fn marks_without_end_keep_no_memory() {
    let mut bench = Bench::fed(10, 1, "a");
    for _ in 0..100 {
        bench.feed("\u{301}".repeat(1000)).feed("\rb\u{302}\rc\u{302}");
    }
    bench.feed("\re\u{301}");
    assert_eq!(bench.row(0), "e\u{301}");
    let kept = bench.screen.terminal.clusters.len();
    assert!(kept <= 512, "{kept}");
}

#[test]
fn joined_emoji_keep_their_columns() {
    let bench = Bench::fed(10, 1, "👩\u{200d}🚀x");
    let spans = bench.screen.row_spans(0);
    assert_eq!(spans.len(), 2, "drawn by itself, neither melts into the other: {spans:?}");
    assert_eq!(bench.cursor(), (5, 0));
}

#[test]
fn bytes_that_are_no_text_are_shown_as_such() {
    assert_eq!(Bench::fed(10, 1, b"a\xffb\xe6\x97c\x9bd").text(), "a\u{fffd}b\u{fffd}c\u{fffd}d");
}
