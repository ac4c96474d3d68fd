//! Ours against alacritty's, cell by cell: random sequences, recorded programs, random cuts.
//!
//! Where they differ, ours does as xterm does:
//!
//! | What | Ours | Alacritty's |
//! |---|---|---|
//! | ICH, DCH, ECH, CBT, LF, RI while a wrap is pending | ends it | keeps it |
//! | HT while a wrap is pending | stays on the row | wraps first |
//! | ED 0 while a wrap is pending | keeps the last column, as EL 0 | erases it |
//! | CUU, CUD, CNL, CPL, VPR within a scroll region | stop at its edge | leave it |
//! | CHA, HPA in origin mode | stay on the row | add the region's top again |
//! | ED 1 on the second row | erases the first | does not |
//! | IL, DL | go to the first column | stay |
//! | DCH of more than is right of the cursor | takes what there is | takes some left of it |
//! | CSI T with several parameters | is no scroll (mouse tracking) | scrolls |
//! | REP of more than a screenful | stops there: a few bytes must not fill a log | goes on |
//! | the column that a wide character leaves free at the edge | is not underlined | is |
//! | a combining mark with nothing before it | is dropped | joins the first cell |
//! | REP after a combining mark | repeats the character | repeats the mark |
//! | DECSED, DECSEL, HPB, VPB, DECSTR, modes 47, 1047, 1048 | known | unknown |
//! | DECCOLM (3) | ignored | clears |
//! | entering the alternate screen (1049) from itself | clears it | does nothing |
//! | DECOM reset, DECALN | go to the first cell | stay |
//! | C1 controls as single bytes, broken UTF-8 | a replacement character each | executed |
//! | writing over one half of a wide character by a shift | both halves go | one stays |

use super::super::cell::Kind;
use super::Bench;
use super::others::Recorded;
use crate::output::{Attributes, Color, Style, plain};
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::term::{Config, Term, TermMode, test::TermSize};
use alacritty_terminal::vte::ansi::{self, NamedColor, Processor};
use proptest::collection::vec;
use proptest::prelude::*;

/// Alacritty's terminal.
struct Other {
    parser: Processor,
    term: Term<VoidListener>,
}

/// What a cell shows: its text, empty for the right half of a wide character, and how it looks.
#[derive(Debug, PartialEq)]
struct Shown {
    text: String,
    style: Style,
}

impl Shown {
    fn new(text: String, mut style: Style) -> Self {
        // Alacritty keeps a tab where it began, for copying; a blank of the drawing set is any blank.
        let text = if ["\0", "\t", "\u{a0}"].contains(&text.as_str()) { " ".to_owned() } else { text };
        if text.trim().is_empty() {
            // On a blank only some of a style is to be seen.
            let seen = Attributes::REVERSE.0 | Attributes::UNDERLINE.0 | Attributes::STRIKE.0;
            style.attributes.0 &= seen;
            if style.attributes == Attributes::NONE {
                style.foreground = Color::Default;
            }
        }
        Self { text, style }
    }

    /// The last column, before a wide character that did not fit.
    fn left_free(style: Style) -> Self {
        Self { text: " ".to_owned(), style: Style { background: style.background, ..Style::default() } }
    }
}

impl Other {
    fn new(columns: u16, rows: u16) -> Self {
        Self::with_history(columns, rows, 0)
    }

    fn with_history(columns: u16, rows: u16, scrolling_history: usize) -> Self {
        let size = TermSize::new(columns.into(), rows.into());
        let config = Config { scrolling_history, ..Config::default() };
        Self { parser: Processor::new(), term: Term::new(config, &size, VoidListener) }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.parser.advance(&mut self.term, bytes);
    }

    fn rows(&self) -> Vec<Vec<Shown>> {
        let grid = self.term.grid();
        let (rows, columns) = (grid.screen_lines(), grid.columns());
        (0..rows)
            .map(|row| (0..columns).map(|column| shown(&grid[Line(row as i32)][Column(column)])).collect())
            .collect()
    }

    /// The lines that it keeps, soft-wrapped rows joined, down to the last one with text.
    fn lines(&self) -> Vec<String> {
        let grid = self.term.grid();
        let (mut lines, mut line) = (Vec::new(), String::new());
        for row in -(grid.history_size() as i32)..grid.screen_lines() as i32 {
            let row = &grid[Line(row)];
            let cells = row[..].iter();
            let spacers = Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER;
            line.extend(cells.filter(|cell| !cell.flags.intersects(spacers)).map(|cell| match cell.c {
                '\t' => ' ',
                shown => shown,
            }));
            if !row[Column(grid.columns() - 1)].flags.contains(Flags::WRAPLINE) {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
            }
        }
        let used = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        lines.truncate(used);
        lines
    }

    fn cursor(&self) -> (usize, usize) {
        let point = self.term.grid().cursor.point;
        (point.column.0, point.line.0 as usize)
    }
}

fn shown(cell: &Cell) -> Shown {
    let attributes = [
        (Flags::BOLD, Attributes::BOLD),
        (Flags::DIM, Attributes::DIM),
        (Flags::ITALIC, Attributes::ITALIC),
        (Flags::ALL_UNDERLINES, Attributes::UNDERLINE),
        (Flags::INVERSE, Attributes::REVERSE),
        (Flags::HIDDEN, Attributes::HIDDEN),
        (Flags::STRIKEOUT, Attributes::STRIKE),
    ];
    let set = attributes.into_iter().filter(|(flag, _)| cell.flags.intersects(*flag));
    let style = Style {
        foreground: color(cell.fg),
        background: color(cell.bg),
        attributes: set.fold(Attributes::NONE, |all, (_, attribute)| all.with(attribute)),
    };
    if cell.flags.contains(Flags::WIDE_CHAR_SPACER) {
        return Shown { text: String::new(), style: Style::default() };
    }
    if cell.flags.contains(Flags::LEADING_WIDE_CHAR_SPACER) {
        return Shown::left_free(style);
    }
    let marks = cell.zerowidth().unwrap_or_default();
    Shown::new(std::iter::once(&cell.c).chain(marks).collect(), style)
}

fn color(color: ansi::Color) -> Color {
    match color {
        ansi::Color::Named(NamedColor::Foreground | NamedColor::Background) => Color::Default,
        ansi::Color::Named(named) => Color::Indexed(named as u8),
        ansi::Color::Indexed(index) => Color::Indexed(index),
        ansi::Color::Spec(rgb) => Color::Rgb(rgb.r, rgb.g, rgb.b),
    }
}

fn our_rows(bench: &Bench) -> Vec<Vec<Shown>> {
    let terminal = &bench.screen.terminal;
    let shown = |cell: super::super::cell::Cell| {
        let text = match cell.cluster() {
            Some(index) => terminal.clusters.text(index).to_owned(),
            None => cell.character().to_string(),
        };
        let mut style = cell.pen().style();
        // Alacritty's does not blink.
        style.attributes.0 &= !Attributes::BLINK.0;
        match cell.kind() {
            Kind::Filler => Shown::left_free(style),
            Kind::Trail => Shown { text: String::new(), style: Style::default() },
            Kind::Narrow | Kind::Lead => Shown::new(text, style),
        }
    };
    let columns = terminal.columns();
    terminal.grid.rows.iter().map(|row| (0..columns).map(|column| shown(row.get(column))).collect()).collect()
}

fn our_cursor(bench: &Bench) -> (usize, usize) {
    (bench.screen.terminal.cursor.column, bench.screen.terminal.cursor.row)
}

fn compare(ours: &Bench, other: &Other, what: &dyn Fn() -> String) -> Result<(), TestCaseError> {
    prop_assert_eq!(our_cursor(ours), other.cursor(), "cursors after {}", what());
    for (number, (our, other)) in our_rows(ours).iter().zip(&other.rows()).enumerate() {
        let text = |row: &[Shown]| row.iter().map(|cell| cell.text.as_str()).collect::<String>();
        let styles = our.iter().zip(other).find(|(our, other)| our != other);
        prop_assert!(
            our == other,
            "row {}: {:?} {:?}, {:?} after {}",
            number,
            text(our),
            text(other),
            styles,
            what()
        );
    }
    prop_assert_eq!(ours.screen.alternate(), other.term.mode().contains(TermMode::ALT_SCREEN), "{}", what());
    Ok(())
}

/// Text, functions from a known place, regions; wide characters without what may halve them.
fn piece(wide: bool) -> impl Strategy<Value = String> {
    let text = prop_oneof![
        4 => "[ -~]{0,40}",
        2 => if wide { "(日|本|語a|한|é│|日\u{302}|👍){0,20}" } else { "(é|│|a|a\u{301}){0,30}" },
        1 => "(\r\t|a|\r){0,9}",
    ];
    let places = if wide { 1..=1_u16 } else { 1..=12 };
    let names = &[
        "J",
        "2J",
        "K",
        "1K",
        "2K",
        "X",
        "5X",
        "S",
        "2S",
        "T",
        "3T",
        "A",
        "3B",
        "2C",
        "40D",
        "2E",
        "F",
        "7G",
        "3d",
        "mx\x1b[9b",
        "@",
        "3@",
        "P",
        "I",
        "Z",
        "s",
        "u",
        "?25l",
        "?1049l\x1b[?1049h",
        "?1049l",
        "4h\x1b[4l",
        "?7l\x1b[?7h",
    ][..];
    let function =
        (1..=8_u16, places, prop::sample::select(names)).prop_map(move |(row, column, function)| {
            let halves = wide && (function == "1K" || function.ends_with(['@', 'P', 'X']));
            let function = if halves { "K" } else { function };
            format!("\x1b[{row};{column}H\x1b[{function}")
        });
    let region = (1..4_u16, 4..8_u16, 1..9_u16, prop::sample::select(&["S", "2T", "L", "3M", "2L"][..]));
    let region = region.prop_map(|(top, bottom, row, function)| {
        format!("\x1b[{top};{bottom}r\x1b[{row};1H\x1b[{function}\r\n\n\x1b[r")
    });
    let codes = &[
        "0",
        "1",
        "2",
        "3",
        "4",
        "7",
        "9",
        "22",
        "23",
        "24",
        "27",
        "29",
        "31",
        "97",
        "39",
        "44",
        "105",
        "49",
        "38;5;200",
        "48;2;4;5;6",
        "1;4;7;33",
        "38:2::1:2:3",
        "4:3",
        "",
    ][..];
    let sgr = prop::sample::select(codes).prop_map(move |codes| {
        // What shows on a blank shows on the column that a wide character leaves free.
        let shows = wide && ["4", "7", "9", "1;4;7;33", "4:3"].contains(&codes);
        format!("\x1b[{}m", if shows { "1" } else { codes })
    });
    let rest =
        &["\r\n", "\r", "\x1b7", "\x1b8", "\x1b[H\x1bM", "\x1b(0", "\x1b(B", "\x1b]0;t\x07", "\x1bPq\x1b\\"]
            [..];
    let rest = prop::sample::select(rest).prop_map(str::to_owned);
    prop_oneof![4 => text, 3 => function, 1 => region, 2 => sgr, 3 => rest]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn alacritty_shows_the_same(
        pieces in any::<bool>().prop_flat_map(|wide| vec(piece(wide), 0..40)),
        cuts in vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let bytes = pieces.concat().into_bytes();
        let (mut ours, mut other) = (Bench::new(12, 8), Other::new(12, 8));
        for part in super::unseen::cut(&bytes, &cuts) {
            ours.screen.feed_unseen(part, &mut ours.heard);
        }
        // Not cut: a character cut in two takes the one before it away there.
        other.feed(&bytes);
        ours.screen.settle(&mut ours.heard);
        compare(&ours, &other, &|| format!("{}", bytes.escape_ascii()))?;
    }
}

/// Where a function is tried: somewhere, at corners, on both halves of a wide character.
const PLACES: [&str; 5] = ["\x1b[3;5H", "\x1b[1;1H", "\x1b[6;12H", "\x1b[3;3H", "\x1b[3;4H"];

#[test]
fn each_function_alone_is_as_alacrittys() {
    let fill = "ab日本cdefghi\r\n\x1b[1;31mabcdefghijkl\x1b[m\r\nx日本日本日本y\r\n\x1b[44mabc\x1b[m\r\n\
                0123456789abcdefghijklmn";
    let mut different = Vec::new();
    for function in functions().iter().filter(|function| !differs(function)) {
        for place in PLACES {
            let bytes = format!("{fill}{place}{function}x\r\ny");
            let (mut ours, mut other) = (Bench::new(12, 6), Other::new(12, 6));
            ours.feed(&bytes);
            other.feed(bytes.as_bytes());
            if let Err(error) = compare(&ours, &other, &String::new) {
                different.push(format!("{function:?} at {place:?}: {error}"));
            }
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
}

/// Whether the table above says that it does.
fn differs(function: &str) -> bool {
    let Some(body) = function.strip_prefix("\x1b[") else { return function == "\x1b#8" };
    let (parameters, last) = body.split_at(body.len() - 1);
    let modes: Vec<&str> = parameters.trim_start_matches('?').split(';').collect();
    match last {
        "L" | "M" | "P" | "j" | "k" => true,
        "J" | "K" => parameters.starts_with('?'),
        "T" => parameters.contains(';'),
        "b" => parameters == "99",
        "p" => parameters.ends_with('!'),
        "h" | "l" if parameters.starts_with('?') => {
            modes.iter().any(|mode| ["3", "6", "47", "1047", "1048"].contains(mode))
        }
        _ => false,
    }
}

/// Every control function there is, with a few parameters each.
fn functions() -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for last in '@'..='~' {
        for marks in ["", "?", ">", "=", "!", " "] {
            for parameters in ["", "0", "1", "2", "3", "5", "99", "2;4", "1;2;3"] {
                all.push(if marks == "!" || marks == " " {
                    format!("\x1b[{parameters}{marks}{last}")
                } else {
                    format!("\x1b[{marks}{parameters}{last}")
                });
            }
        }
    }
    for mode in [1, 3, 5, 6, 7, 9, 12, 25, 45, 47, 66, 67, 69, 1000, 1004, 1007, 1047, 1048, 1049, 2004] {
        all.extend(["h", "l"].map(|on| format!("\x1b[?{mode}{on}")));
    }
    all.extend(('0'..='~').filter(|last| !"[]PX^_".contains(*last)).map(|last| format!("\x1b{last}")));
    all.extend(('0'..='~').flat_map(|last| [format!("\x1b#{last}"), format!("\x1b({last}q\x0eq\x0f")]));
    all.extend((0_u8..0x20).filter(|code| *code != 0x1b).map(|code| char::from(code).to_string()));
    all.extend(
        ["日本", "a\u{301}", "\u{301}", "👍🏽", "☁\u{fe0f}", "👩\u{200d}🚀", "🇩🇪", "\u{feff}"]
            .map(str::to_owned),
    );
    all
}

#[test]
fn alacritty_shows_real_programs_the_same_at_every_moment() {
    for recorded in super::others::recorded() {
        let Recorded { program, columns, rows, bytes } = recorded;
        let (mut ours, mut other) = (Bench::new(columns, rows), Other::new(columns, rows));
        for (number, part) in super::others::parts(&bytes).into_iter().enumerate() {
            ours.feed(part);
            other.feed(part);
            let outcome = compare(&ours, &other, &|| format!("{program}, part {number}"));
            outcome.unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

/// What scrolled off, and what is on the screen at the end, are the same lines.
#[test]
fn alacritty_keeps_the_same_lines_of_real_programs() {
    for Recorded { program, columns, rows, bytes } in super::others::recorded() {
        let mut ours = Bench::fed(columns, rows, &bytes);
        let mut other = Other::with_history(columns, rows, 10_000);
        // Clearing the scrollback (ED 3) takes nothing out of a log.
        for part in bytes.split_inclusive(|&byte| byte == b'J') {
            other.feed(part.strip_suffix(b"\x1b[3J").unwrap_or(part));
        }
        if other.term.mode().contains(TermMode::ALT_SCREEN) {
            other.feed(b"\x1b[?1049l");
        }
        ours.finish();
        let kept = ours.heard.lines.iter().map(|line| plain(line.as_bytes()).trim_end().to_owned());
        let mut kept: Vec<String> = kept.collect();
        let used = kept.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        kept.truncate(used);
        // Clearing an empty screen leaves a blank line in alacritty's history, and none in a log.
        let begun = |lines: Vec<String>| lines.into_iter().skip_while(String::is_empty).collect::<Vec<_>>();
        assert_eq!(begun(kept), begun(other.lines()), "{program}");
    }
}
