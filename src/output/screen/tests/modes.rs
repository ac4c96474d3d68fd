//! Modes, the alternate screen, saved cursors, queries, titles.

use super::Bench;
use crate::output::{CursorShape, InputModes, KeyFlags, MouseMode};

#[test]
fn the_alternate_screen_leaves_the_primary_one_as_it_was() {
    let mut bench = Bench::fed(10, 3, "$ vim\r\n");
    bench.feed("\x1b[?1049h\x1b[2J\x1b[Htext\r\n\n\n\n\nmore");
    assert!(bench.screen.alternate());
    assert_eq!(bench.text(), "\n\nmore");
    bench.feed("\x1b[?1049l");
    assert!(!bench.screen.alternate());
    assert_eq!((bench.text().as_str(), bench.cursor()), ("$ vim", (0, 1)));
    assert!(bench.lines().is_empty());
}

#[test]
fn an_alternate_screen_is_new_each_time() {
    for mode in ["1047", "1049"] {
        let bench = Bench::fed(10, 3, format!("\x1b[?{mode}hold\x1b[?{mode}l\x1b[?{mode}h"));
        assert_eq!(bench.text(), "", "{mode}");
    }
}

#[test]
fn leaving_an_alternate_screen_that_was_never_entered_does_nothing() {
    let bench = Bench::fed(10, 3, "a\r\nb\x1b[?1049l");
    assert_eq!((bench.text().as_str(), bench.cursor()), ("a\nb", (1, 1)));
}

#[test]
fn finish_drops_the_alternate_screen_and_keeps_the_primary() {
    let mut bench = Bench::fed(10, 3, "before\r\n\x1b[?1049hinside\x1b[?2004h\x1b]0;t\x07");
    bench.finish();
    assert_eq!(bench.lines(), ["before"]);
    assert!(!bench.screen.alternate());
    assert_eq!(bench.screen.input_modes(), InputModes::default());
    assert_eq!(bench.screen.title(), None);
}

#[test]
fn a_resize_under_the_alternate_screen_wraps_the_primary_one() {
    let mut bench = Bench::fed(6, 3, "abcdefgh\r\n$ \x1b[?1049h\x1b[Hfull\x1b[3;5Hx");
    bench.resize(4, 3);
    assert_eq!(bench.text(), "full");
    bench.feed("\x1b[?1049l");
    assert_eq!((bench.text().as_str(), bench.cursor()), ("abcd\nefgh\n$", (2, 2)));
}

#[test]
fn the_cursor_is_saved_with_its_style_and_sets() {
    let bench = Bench::fed(10, 3, "\x1b[31m\x1b(0a\x1b7\x1b[0m\x1b(B\x1b[3;3Hx\x1b8q");
    assert_eq!(bench.row(0), "▒─");
    let spans = bench.screen.row_spans(0);
    assert_eq!(spans.len(), 1);
    assert_eq!(Bench::fed(10, 3, "ab\x1b[s\x1b[3;3H\x1b[uc").text(), "abc");
}

#[test]
fn input_modes_are_told() {
    let bench = Bench::fed(10, 3, "\x1b[?1;1002;1004;1006;2004h\x1b=\x1b[20h");
    let all = InputModes {
        application_cursor: true,
        application_keypad: true,
        bracketed_paste: true,
        focus_events: true,
        mouse: MouseMode::Drag,
        mouse_sgr: true,
        newline: true,
        keys: KeyFlags::NONE,
    };
    assert_eq!(bench.screen.input_modes(), all);
    let off = Bench::fed(10, 3, "\x1b[?1003h\x1b[?1003l\x1b[?2004h\x1b[?2004l");
    assert_eq!(off.screen.input_modes(), InputModes::default());
}

#[test]
fn the_cursor_has_a_shape_or_is_hidden() {
    assert_eq!(Bench::fed(10, 3, "\x1b[?25l").screen.cursor(), None);
    assert_eq!(Bench::fed(10, 3, "\x1b[5 q").screen.cursor(), Some((0, 0, CursorShape::Bar)));
    assert_eq!(Bench::fed(10, 3, "\x1b[4 q").screen.cursor(), Some((0, 0, CursorShape::Underline)));
    assert_eq!(Bench::fed(10, 3, "\x1b[4 q\x1b[ q").screen.cursor(), Some((0, 0, CursorShape::Block)));
}

#[test]
fn a_soft_reset_keeps_the_text() {
    let bench = Bench::fed(10, 3, "a\x1b[?25l\x1b[?7l\x1b[1;31m\x1b[2;3r\x1b[1;2H\x1b[!pb");
    assert_eq!(bench.text(), "ab");
    assert_eq!(bench.screen.row_spans(0).len(), 1, "both in the default style");
    assert!(bench.screen.cursor().is_some());
}

#[test]
fn queries_are_answered() {
    for (query, answer) in [
        ("\x1b[c", "\x1b[?62;22c"),
        ("\x1bZ", "\x1b[?62;22c"),
        ("\x1b[>c", "\x1b[>1;300;0c"),
        ("\x1b[5n", "\x1b[0n"),
        ("\x1b[2;5H\x1b[6n", "\x1b[2;5R"),
        ("\x1b[2;5H\x1b[?6n", "\x1b[?2;5R"),
        ("\x1b[18t", "\x1b[8;3;10t"),
        ("\x1b[14t", "\x1b[4;48;80t"),
        ("\x1b[16t", "\x1b[6;16;8t"),
        ("\x1b[19t", "\x1b[9;3;10t"),
        ("\x1b]2;rm -rf\x07\x1b[21t", "\x1b]l\x1b\\"),
        ("\x1b[8;50;100t", ""),
        ("\x1b[=c", "\x1bP!|00000000\x1b\\"),
        ("\x1b[x", "\x1b[2;1;1;128;128;1;0x"),
        ("\x1b[?15n", "\x1b[?13n"),
        ("\x1b[?996n", "\x1b[?997;1n"),
        ("\x1bP$qm\x1b\\", "\x1bP1$r0m\x1b\\"),
        ("\x1b[1;38;2;1;2;3m\x1bP$qm\x1b\\", "\x1bP1$r0;1;38;2;1;2;3m\x1b\\"),
        ("\x1b[2;3r\x1bP$qr\x1b\\", "\x1bP1$r2;3r\x1b\\"),
        ("\x1b[5 q\x1bP$q q\x1b\\", "\x1bP1$r6 q\x1b\\"),
        ("\x1bP$qxyz\x1b\\", "\x1bP0$r\x1b\\"),
        ("\x1bP+q544e\x1b\\", "\x1bP0+r\x1b\\"),
        ("\x1b[?2026$p", "\x1b[?2026;2$y"),
        ("\x1b[?2026h\x1b[?2026$p", "\x1b[?2026;1$y"),
        ("\x1b[?7$p", "\x1b[?7;1$y"),
        ("\x1b[?9999$p", "\x1b[?9999;0$y"),
        ("\x1b[4$p", "\x1b[4;2$y"),
        ("\x1b[?u", ""),
        ("\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x07"),
        ("\x1b]10;?\x1b\\", "\x1b]10;rgb:e5e5/e5e5/e5e5\x1b\\"),
        ("\x1b]4;1;?;9;?\x07", "\x1b]4;1;rgb:cdcd/0000/0000\x07\x1b]4;9;rgb:ffff/0000/0000\x07"),
        ("\x1b]4;1;red\x07", ""),
        ("\x1b]52;c;?\x07", ""),
    ] {
        assert_eq!(Bench::fed(10, 3, query).heard.replies, answer, "{query:?}");
    }
    let version = Bench::fed(10, 3, "\x1b[>q").heard.replies;
    assert_eq!(version, format!("\x1bP>|minder({})\x1b\\", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_title_is_made_printable() {
    let title = |bytes: &str| Bench::fed(10, 3, bytes).screen.title().map(str::to_owned);
    assert_eq!(title("\x1b]0;a;b\x07").as_deref(), Some("a;b"));
    assert_eq!(title("\x1b]2;ünï\x1b\\").as_deref(), Some("ünï"));
    assert_eq!(title("\x1b]2;a\u{9b}b\u{202e}c\x07").as_deref(), Some("abc"));
    assert_eq!(title("\x1b]2;a\x07\x1b]2;\x07"), None);
    assert_eq!(title(&format!("\x1b]2;{}\x07", "x".repeat(100_000))).map(|t| t.len()), Some(256));
}

#[test]
fn a_title_is_put_by_and_taken_back() {
    let mut bench = Bench::fed(10, 3, "\x1b]2;shell\x07\x1b[22;0;0t\x1b]2;editor\x07");
    assert_eq!(bench.screen.title(), Some("editor"));
    bench.feed("\x1b[23;0;0t\x1b[23;0;0t");
    assert_eq!(bench.screen.title(), Some("shell"));
}

#[test]
fn a_lower_window_keeps_the_primary_screen_in_every_alternate_mode() {
    for mode in ["47", "1047", "1049"] {
        let mut bench = Bench::fed(6, 4, format!("a\r\nb\r\nc\r\nd\x1b[?{mode}h\x1b[Hfull"));
        bench.resize(6, 2);
        assert_eq!(bench.lines(), ["a", "b"], "{mode}");
        bench.feed(format!("\x1b[?{mode}l"));
        assert_eq!(bench.text(), "c\nd", "{mode}");
    }
}

#[test]
fn strings_are_swallowed() {
    for string in [
        "\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\",
        "\x1bPq#0;2;0;0;0#0~~\x1b\\link",
        "\x1b_Gf=24;AAAA\x1b\\link",
        "\x1b]52;c;aGVsbG8=\x07link",
        "\x1b^pm\x1b\\li\x1b[>4;2mnk\x1b[>1u",
    ] {
        let bench = Bench::fed(10, 3, string);
        assert_eq!((bench.text().as_str(), bench.heard.replies.as_str()), ("link", ""), "{string:?}");
    }
}

#[test]
fn an_endless_string_keeps_no_memory_and_can_be_left() {
    let mut bench = Bench::fed(10, 3, "\x1b]0;");
    for _ in 0..200 {
        bench.feed([b'x'; 10_000]);
    }
    bench.feed("\x1b\\ok");
    assert_eq!(bench.text(), "ok");
}
