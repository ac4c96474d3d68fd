//! Random bytes and random sequences: nothing panics, cuts do not matter, what is shown is sound.

use super::super::cell::Kind;
use super::{Bench, Heard};
use proptest::collection::vec;
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

/// A piece of a stream: text, control, a sequence that means something, or noise.
pub(super) fn piece() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![4 => 0..30_u32, 1 => Just(0_u32), 1 => Just(99_999_999_u32), 1 => 0..3000_u32];
    let numbers = (vec(number, 0..4), prop::bool::weighted(0.1)).prop_map(|(numbers, colons)| {
        let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
        numbers.join(if colons { ":" } else { ";" })
    });
    let csi = (prop::sample::select(&["", "", "", "?", ">", "="][..]), numbers, 0x40..0x7f_u8).prop_map(
        |(private, numbers, last)| format!("\x1b[{private}{numbers}{}", char::from(last)).into_bytes(),
    );
    let modes =
        prop::sample::select(&["6", "7", "25", "47", "1047", "1048", "1049", "2026", "1000", "4", "20"][..]);
    let mode = (modes, any::<bool>(), any::<bool>()).prop_map(|(number, ansi, on)| {
        let mark = if ansi { "" } else { "?" };
        format!("\x1b[{mark}{number}{}", if on { 'h' } else { 'l' }).into_bytes()
    });
    let fixed = prop::sample::select(
        &[
            "\x1b7",
            "\x1b8",
            "\x1bD",
            "\x1bE",
            "\x1bH",
            "\x1bM",
            "\x1bc",
            "\x1b(0",
            "\x1b(B",
            "\x1b#8",
            "\x0e",
            "\x0f",
            "\x1b[!p",
            "\x1b[2 q",
            "\x1b[?25$p",
            "\x1b]0;title\x07",
            "\x1b]4;1;?\x1b\\",
            "\x1bPsome\x1b\\",
            "\x1b_apc\x1b\\",
            "\x1b]52;c;aGk=\x07",
            "\x1b[",
            "\x1b",
            "\x1b]0;",
            "\x1bP",
            "\x1b[1?2h",
            "\u{85}",
            "\u{9b}",
            "\x18",
            "\x1a",
            "\u{feff}",
        ][..],
    )
    .prop_map(|text: &str| text.as_bytes().to_vec());
    let text = prop_oneof![
        "[ -~]{0,50}",
        "[a ]{0,3}",
        "[日本語a한]{0,12}",
        "(a\u{301}|e\u{300}\u{302}|👩\u{200d}🚀|☁\u{fe0f}|👍🏽|\u{301}){0,4}",
    ]
    .prop_map(String::into_bytes);
    let control = prop::sample::select(&["\r\n", "\n", "\r", "\t", "\x08", "\x07", "\x7f"][..])
        .prop_map(|text: &str| text.as_bytes().to_vec());
    prop_oneof![
        5 => text,
        4 => csi,
        2 => mode,
        2 => fixed,
        3 => control,
        1 => vec(any::<u8>(), 0..12),
        1 => vec(0x80..=0xff_u8, 0..6),
    ]
}

pub(super) fn stream() -> impl Strategy<Value = Vec<u8>> {
    vec(piece(), 0..60).prop_map(|pieces| pieces.concat())
}

fn size() -> impl Strategy<Value = (u16, u16)> {
    (prop_oneof![1..4_u16, 1..40_u16], prop_oneof![1..4_u16, 1..12_u16])
}

/// Everything that can be seen of a screen: of itself, and what it said.
pub(super) fn seen(bench: &Bench) -> (impl PartialEq + std::fmt::Debug + use<>, Heard) {
    let screen = &bench.screen;
    let rows: Vec<_> =
        (0..screen.size().rows).map(|row| (screen.row_spans(row), screen.wrapped(row))).collect();
    let title = screen.title().map(str::to_owned);
    let seen = (
        rows,
        screen.pending().to_vec(),
        screen.cursor(),
        screen.input_modes(),
        (screen.alternate(), screen.used_rows(), title, screen.size()),
        bench.heard.replies.clone(),
    );
    (seen, bench.heard.clone())
}

fn check(bench: &Bench) {
    let terminal = &bench.screen.terminal;
    let size = bench.screen.size();
    let columns = usize::from(size.columns);
    assert!(terminal.cursor.column < columns && terminal.cursor.row < usize::from(size.rows));
    assert_eq!(terminal.grid.height(), usize::from(size.rows));
    for row in &terminal.grid.rows {
        assert!(row.cells().len() <= columns);
        for column in 0..columns {
            let here = row.get(column).kind();
            let next = (column + 1 < columns).then(|| row.get(column + 1).kind());
            assert_eq!(here == Kind::Lead, next == Some(Kind::Trail), "halves at {column}: {row:?}");
        }
        assert!(row.get(0).kind() != Kind::Trail);
    }
    for row in 0..size.rows {
        let spans = bench.screen.row_spans(row);
        assert!(spans.iter().map(|span| span.text.width()).sum::<usize>() <= columns);
        assert!(spans.iter().all(|span| !span.text.contains(char::is_control)));
    }
    let pending = std::str::from_utf8(bench.screen.pending()).expect("pending is UTF-8").to_owned();
    for line in bench.heard.lines.iter().chain([&pending]) {
        check_line(line);
    }
    let title = bench.screen.title().unwrap_or_default();
    assert!(!title.contains(char::is_control) && title.chars().count() <= 256);
}

/// No escape but SGR, which ends in the default style.
fn check_line(line: &str) {
    let mut styled = false;
    let mut parts = line.split('\x1b');
    assert!(!parts.next().unwrap_or_default().contains(char::is_control));
    for part in parts {
        let (codes, text) = part.split_once('m').expect("an escape in a line is SGR");
        let codes = codes.strip_prefix('[').expect("an escape in a line is a control sequence");
        assert!(codes.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "{line:?}");
        assert!(!text.contains(char::is_control), "{line:?}");
        styled = codes != "0";
    }
    assert!(!styled, "{line:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn anything_can_be_fed(
        (columns, rows) in size(),
        parts in vec((stream(), size()), 1..5),
    ) {
        let mut bench = Bench::new(columns, rows);
        for (bytes, (columns, rows)) in parts {
            bench.feed(bytes);
            check(&bench);
            bench.resize(columns, rows);
            check(&bench);
        }
        bench.finish();
        check(&bench);
        prop_assert_eq!(bench.text(), "");
    }

    #[test]
    fn cuts_do_not_matter(
        (columns, rows) in size(),
        bytes in stream(),
        cuts in vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let whole = Bench::fed(columns, rows, &bytes);
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        places.sort_unstable();
        let mut cut = Bench::new(columns, rows);
        let mut from = 0;
        for to in places.into_iter().chain([bytes.len()]) {
            cut.feed(&bytes[from..to]);
            from = to;
        }
        prop_assert_eq!(seen(&whole), seen(&cut));
        let mut single = Bench::new(columns, rows);
        for byte in &bytes {
            single.feed([*byte]);
        }
        prop_assert_eq!(seen(&whole), seen(&single));
    }

    #[test]
    fn noise_can_be_fed(bytes in vec(any::<u8>(), 0..2000)) {
        let bench = Bench::fed(10, 4, bytes);
        check(&bench);
    }

    #[test]
    fn plain_lines_come_out_as_they_went_in(
        lines in vec("[!-~]([ -~]{0,60}[!-~])?", 0..30),
        (columns, rows) in size(),
        (new_columns, new_rows) in size(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut bench = Bench::new(columns, rows);
        let resize_at = at.index(lines.len() + 1);
        for (number, line) in lines.iter().enumerate() {
            if number == resize_at {
                bench.resize(new_columns, new_rows);
            }
            bench.feed(format!("{line}\r\n"));
        }
        bench.finish();
        prop_assert_eq!(bench.lines(), lines);
    }
}
