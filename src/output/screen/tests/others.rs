//! Ours against another emulator, on what both do alike.

use super::Bench;
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs;
use std::num::NonZeroU16;
use std::path::Path;

const COLUMNS: u16 = 20;
const ROWS: u16 = 8;

/// Text, or a function from a known place: what a function does while a wrap is pending is where
/// emulators differ.
fn piece(wide: bool) -> impl Strategy<Value = String> {
    let text = prop_oneof![
        4 => "[ -~]{0,45}",
        // Where a wide character does not fit, ours blanks the column that it leaves, vt100 does not.
        2 => if wide { "\x1b\\[K[日本語a한é│日\u{302}]{0,8}" } else { "[é│a]{0,30}" },
        1 => "\x1b\\[K(a\u{301}|e\u{300}){0,3}",
    ];
    let functions = prop::sample::select(
        &[
            "J", "1J", "2J", "K", "1K", "2K", "L", "3L", "M", "2M", "P", "3P", "X", "5X", "S", "2S", "T",
            "3T", "A", "3B", "2C", "40D", "2E", "F", "7G", "3d", "r", "2;5r", "1;4r", "3;8r", "9b",
        ][..],
    );
    let function = (1..=ROWS, 1..=COLUMNS, functions).prop_map(move |(row, column, function)| {
        // As the standard has it and xterm does, IL and DL go to the first column; vt100 stays.
        let column = if function.ends_with(['L', 'M']) { 1 } else { column };
        // Where a wide character does not fit: as below.
        let function = if wide && function == "9b" { "9C" } else { function };
        // DECSTBM goes to the first row without origin mode; vt100 to the region's.
        let home = if function.ends_with('r') { "\x1b[H" } else { "" };
        format!("\x1b[{row};{column}H\x1b[{function}{home}")
    });
    // ICH within a wide character: ours empties it, vt100 moves it.
    let insertion = (1..=ROWS, if wide { 1..=1 } else { 1..=COLUMNS }, 1..25)
        .prop_map(|(row, column, count)| format!("\x1b[{row};{column}H\x1b[{count}@"));
    let sgr = prop_oneof![
        prop::sample::select(&[0_u8, 1, 2, 3, 4, 7, 22, 23, 24, 27, 31, 97, 39, 44, 105, 49][..])
            .prop_map(|code| code.to_string()),
        prop::sample::select(&["38;5;200", "48;5;17", "38;2;1;2;3", "48;2;4;5;6", "1;4;7;33"][..])
            .prop_map(str::to_owned),
    ]
    .prop_map(|codes| format!("\x1b[{codes}m"));
    let place = (1..=ROWS, 1..=COLUMNS).prop_map(|(row, column)| format!("\x1b[{row};{column}H"));
    let alone = prop::sample::select(&["\r\n", "\r", "\n\r", "\x1b[r\x1b[H\x1bM", "\r\t"][..])
        .prop_map(str::to_owned);
    prop_oneof![4 => text, 3 => function, 1 => insertion, 2 => sgr, 1 => place, 2 => alone]
}

/// What a real program wrote, on a pty of its size.
pub(super) struct Recorded {
    pub(super) program: String,
    pub(super) columns: u16,
    pub(super) rows: u16,
    pub(super) bytes: Vec<u8>,
}

/// All recordings, which `tests/emulation` has with what is expected of them.
pub(super) fn recorded() -> Vec<Recorded> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulation/recorded");
    let entries = fs::read_dir(folder).expect("the recordings are there");
    let paths = entries.map(|entry| entry.expect("it is readable").path());
    let recordings = paths.filter(|path| path.extension().is_some_and(|end| end == "bytes"));
    recordings.map(|path| Recorded::read(&path)).collect()
}

impl Recorded {
    fn read(path: &Path) -> Self {
        let expected = fs::read_to_string(path.with_extension("expected")).expect("it is readable");
        let head = expected.lines().next().expect("a first line");
        let size = head.split(' ').next().unwrap_or_default();
        let (columns, rows) = size.split_once('x').expect("COLUMNSxROWS");
        Self {
            program: path.file_stem().expect("it has a name").to_string_lossy().into_owned(),
            columns: columns.parse().expect("columns"),
            rows: rows.parse().expect("rows"),
            bytes: fs::read(path).expect("it is readable"),
        }
    }
}

/// Parts of some 61 bytes. No character is cut in two: there others take the one before it away.
pub(super) fn parts(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut parts, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let within = |end: &usize| rest.get(*end).is_some_and(|byte| (0x80..0xc0).contains(byte));
        let mut end = rest.len().min(61);
        while within(&end) {
            end += 1;
        }
        let (part, later) = rest.split_at(end);
        parts.push(part);
        rest = later;
    }
    parts
}

#[test]
fn real_programs_look_the_same_at_every_moment() {
    for Recorded { program, columns, rows, bytes } in recorded() {
        let mut other = vt100::Parser::new(size(rows), size(columns), 0);
        let mut ours = Bench::new(columns, rows);
        for (number, part) in parts(&bytes).into_iter().enumerate() {
            other.process(part);
            ours.feed(part);
            let shown: Vec<String> =
                other.screen().rows(0, columns).map(|row| row.trim_end().to_owned()).collect();
            let our_rows: Vec<String> = (0..rows).map(|row| ours.row(row)).collect();
            assert_eq!(our_rows, shown, "{program}, part {number}");
        }
        assert!(bytes.len() > 500, "{program}");
    }
}

fn size(size: u16) -> NonZeroU16 {
    NonZeroU16::new(size).expect("sizes are above 0")
}

fn other(stream: &str) -> vt100::Parser {
    let mut other = vt100::Parser::new(size(ROWS), size(COLUMNS), 0);
    other.process(stream.as_bytes());
    other
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn another_emulator_shows_the_same(pieces in vec(piece(false), 0..40)) {
        compare(&pieces.concat())?;
    }

    #[test]
    fn another_emulator_shows_the_same_wide_characters(pieces in vec(piece(true), 0..40)) {
        compare(&pieces.concat())?;
    }
}

fn compare(stream: &str) -> Result<(), TestCaseError> {
    let ours = Bench::fed(COLUMNS, ROWS, stream);
    let other = other(stream);
    let rows: Vec<String> = other.screen().rows(0, COLUMNS).map(|row| row.trim_end().to_owned()).collect();
    let our_rows: Vec<String> = (0..ROWS).map(|row| ours.row(row)).collect();
    prop_assert_eq!(our_rows, rows, "{:?}", stream);
    let (row, column) = other.screen().cursor_position();
    prop_assert_eq!(ours.cursor(), (column.min(COLUMNS - 1), row), "{:?}", stream);
    Ok(())
}
