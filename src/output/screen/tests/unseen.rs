//! A flood that is not drawn unless somebody looks: the log and the grid are as if it were.

use super::super::{Flooded, Host, Screen};
use super::walks::{seen, stream};
use super::{Bench, Heard};
use crate::output::{Span, spans};
use crate::protocol::Size;
use proptest::collection::vec;
use proptest::prelude::*;

/// What a program that logs writes: mostly plain lines, now and then something else.
fn flood() -> impl Strategy<Value = Vec<u8>> {
    let colored = "(\x1b\\[(0|1|3[1-7]|38;5;[0-9]{1,3}|48;2;1;2;3|4|24|7|27|39|49|)m|[a-z ]{0,9}){0,9}";
    let text = prop_oneof![
        6 => "[ -~]{0,30}",
        2 => "[a-z]{0,90}",
        2 => "[ab ]{0,25}",
        4 => colored.prop_map(|line| line + "\x1b[0m"),
        2 => colored.prop_map(|line| line + "\x1b[m"),
        1 => colored,
        2 => "[é日│a👍]{0,14}",
        1 => "[a\u{301}日\u{85}]{0,6}",
        1 => "[a\t]{0,6}",
    ];
    let end = prop_oneof![12 => Just("\r\n"), 1 => Just("\n"), 1 => Just("\r"), 1 => Just("\x1b[K\r\n")];
    let line = (text, end).prop_map(|(text, end)| (text + end).into_bytes());
    let other = prop::sample::select(
        &[
            "\x1b[2A",
            "\x1b[H",
            "\x1b[3b",
            "\x1b[2;4r",
            "\x1b[r",
            "\x1b[?1049h",
            "\x1b[?1049l",
            "\x1b[4h",
            "\x1b[4l",
            "\x1b[?7l",
            "\x1b[?7h",
            "\x1b(0",
            "\x1b(B",
            "\x1b[41m",
            "\x1b[m",
            "\x1b[2J",
            "\x1b[J",
            "\x1b[6n",
            "\u{ff}",
            "\x1b[38:5:1mx\x1b[m\r\n",
            "\x1b]0;t\x07",
            "\x1b[5X",
            "\x1b[2L",
            "\x1bM",
            "\x1bc",
        ][..],
    )
    .prop_map(|piece: &str| piece.as_bytes().to_vec());
    let lines = (line, 1..12_usize).prop_map(|(line, times)| line.repeat(times));
    prop_oneof![
        3 => vec(prop_oneof![12 => lines, 2 => other], 0..20).prop_map(|pieces| pieces.concat()),
        1 => stream(),
    ]
}

/// Cuts bytes at these places.
pub(super) fn cut<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut from = 0;
    let parts =
        places.into_iter().chain([bytes.len()]).map(|to| &bytes[std::mem::replace(&mut from, to)..to]);
    parts.collect()
}

/// Lines as they are read: what they say and how it looks.
fn read(bench: &Bench) -> Vec<Vec<Span>> {
    bench.lines().into_iter().map(|line| spans(line.as_bytes())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn a_flood_leaves_what_drawing_it_would_leave(
        (columns, rows) in (1..40_u16, 1..9_u16),
        bytes in flood(),
        cuts in vec(any::<prop::sample::Index>(), 0..12),
        looks in vec(prop::bool::weighted(0.2), 13),
        (new_columns, new_rows) in (1..40_u16, 1..9_u16),
    ) {
        let mut slow = Bench::new(columns, rows);
        let mut fast = Bench::new(columns, rows);
        for (part, look) in cut(&bytes, &cuts).into_iter().zip(looks) {
            slow.feed(part);
            fast.screen.feed_unseen(part, &mut fast.heard);
            if look {
                fast.screen.settle(&mut fast.heard);
                prop_assert_eq!(seen(&slow).0, seen(&fast).0);
                prop_assert_eq!(read(&slow), read(&fast));
            }
        }
        for bench in [&mut slow, &mut fast] {
            bench.screen.settle(&mut bench.heard);
        }
        prop_assert_eq!(seen(&slow).0, seen(&fast).0);
        prop_assert_eq!(read(&slow), read(&fast));
        for bench in [&mut slow, &mut fast] {
            bench.resize(new_columns, new_rows);
            bench.feed("x\x1b[b");
        }
        prop_assert_eq!(seen(&slow).0, seen(&fast).0);
        for bench in [&mut slow, &mut fast] {
            bench.finish();
        }
        prop_assert_eq!(read(&slow), read(&fast));
    }
}

/// Counts what comes drawn and what never was.
#[derive(Default)]
struct Counts {
    drawn: usize,
    undrawn: usize,
    heard: Heard,
}

impl Host for Counts {
    fn line(&mut self, _: &[u8]) {
        self.drawn += 1;
    }

    fn reply(&mut self, _: &[u8]) {}
}

impl Flooded for Counts {
    fn wait(&mut self, line: &[u8]) {
        assert!(!line.contains(&b'\n'));
        self.heard.wait(line);
    }

    fn leave(&mut self, count: usize) {
        self.undrawn += count;
        self.heard.leave(count);
    }

    fn take_back(&mut self) -> Vec<u8> {
        self.heard.take_back()
    }
}

#[test]
fn lines_that_nobody_sees_are_never_drawn() {
    let line = "a line of \x1b[1;32mcolours\x1b[0m and text — größer, 日本語\r\n";
    let flood = line.repeat(10_000);
    for read in [1, 7, 4095, 65_536] {
        let mut screen = Screen::new(Size { columns: 80, rows: 24 });
        let mut counts = Counts::default();
        for part in flood.as_bytes().chunks(read) {
            screen.feed_unseen(part, &mut counts);
        }
        assert_eq!((counts.drawn, counts.undrawn), (0, 10_000 - 23), "reads of {read}");
        screen.settle(&mut counts);
        assert_eq!((counts.drawn, counts.undrawn), (0, 10_000 - 23), "the last ones are on the screen");
    }
}
