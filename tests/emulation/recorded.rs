//! What real programs wrote, byte for byte, beside the screen and the log that a terminal would have of
//! it: `recorded/NAME.bytes` and `recorded/NAME.expected`. How each was made: `recorded/README.md`.
//!
//! The first line of an expectation names the size and the moments (in bytes) at which the screen is told.

use super::{Sheet, cut, escapes};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// One recording with its expectation.
struct Recording {
    name: String,
    size: (u16, u16),
    moments: Vec<usize>,
    bytes: Vec<u8>,
    expected: String,
    path: PathBuf,
}

impl Recording {
    fn read(bytes: &Path) -> Self {
        let path = bytes.with_extension("expected");
        let name = bytes.file_stem().expect("it has a name").to_string_lossy().into_owned();
        let expected =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let head = expected.lines().next().expect("a first line");
        let (size, moments) = head.split_once(" at ").unwrap_or((head, ""));
        let (columns, rows) = size.split_once('x').expect("COLUMNSxROWS");
        let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{name}: {text} is no number"));
        Self {
            size: (columns.parse().expect("columns"), rows.parse().expect("rows")),
            moments: moments.split_whitespace().map(number).collect(),
            bytes: fs::read(bytes).expect("it is readable"),
            expected,
            path,
            name,
        }
    }

    fn head(&self) -> &str {
        self.expected.lines().next().unwrap_or_default()
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(self.size)
    }

    /// What is expected, as it is told.
    fn told(&self) -> String {
        let mut text = format!("{}\n", self.head());
        let mut sheet = self.sheet();
        let mut from = 0;
        for &moment in &self.moments {
            sheet.feed(&self.bytes[from..moment]);
            from = moment;
            tell(&sheet, &format!("after {moment} bytes"), &mut text);
        }
        sheet.feed(&self.bytes[from..]);
        tell(&sheet, "at the end", &mut text);
        sheet.finish();
        text.push_str("\nlog:\n");
        for line in sheet.lines() {
            let _ = writeln!(text, "{}", escapes::write(line));
        }
        text
    }
}

fn tell(sheet: &Sheet, when: &str, text: &mut String) {
    let alternate = if sheet.screen().alternate() { ", alternate screen" } else { "" };
    let _ = writeln!(text, "\n{when}: cursor {}{alternate}", sheet.cursor());
    for row in sheet.rows() {
        let _ = writeln!(text, "|{row}");
    }
}

fn all() -> Vec<Recording> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulation/recorded");
    let entries = fs::read_dir(folder).expect("the recordings are there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it is readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "bytes"));
    paths.sort();
    assert!(paths.len() >= 14, "{} recordings", paths.len());
    paths.iter().map(|path| Recording::read(path)).collect()
}

/// With `MINDER_BLESS=1` writes the expectations anew: to be read before they are kept.
#[test]
fn real_programs_end_as_a_terminal_shows_them() {
    for recording in all() {
        let told = recording.told();
        if std::env::var_os("MINDER_BLESS").is_some() {
            fs::write(&recording.path, &told).expect("it is writable");
        }
        let expected = fs::read_to_string(&recording.path).expect("it is readable");
        assert_eq!(told, expected, "{}", recording.name);
    }
}

#[test]
fn a_program_that_redraws_itself_leaves_one_line_for_each_that_stays() {
    let drawn = ["cargo-build", "npm-install", "rich-layers", "tqdm", "wget", "apt-install"];
    for recording in all().iter().filter(|recording| drawn.contains(&recording.name.as_str())) {
        let lines = recording.expected.split_once("\nlog:\n").expect("a log").1.lines().count();
        assert!(lines <= 40, "{}: {lines} lines", recording.name);
    }
}

/// However the bytes are cut, drawn at once or as a flood that is looked at now and then.
#[test]
fn cuts_and_floods_leave_the_same_of_real_programs() {
    for recording in all() {
        let mut whole = recording.sheet();
        whole.feed(&recording.bytes);
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) };
        let cuts = prop::collection::vec(any::<prop::sample::Index>(), 0..60);
        let looks = prop::collection::vec(prop::bool::weighted(0.3), 60);
        let compared = TestRunner::new(config).run(&(cuts, looks), |(cuts, looks)| {
            let (mut drawn, mut flood) = (recording.sheet(), recording.sheet());
            for (number, part) in cut(&recording.bytes, &cuts).into_iter().enumerate() {
                drawn.feed(part);
                flood.feed_unseen(part);
                if looks.get(number) == Some(&true) {
                    flood.settle();
                }
            }
            flood.settle();
            same(&recording, &whole, &drawn)?;
            same(&recording, &whole, &flood)?;
            for sheet in [&mut drawn, &mut flood] {
                sheet.finish();
            }
            prop_assert_eq!(drawn.log(), flood.log(), "{}", recording.name);
            Ok(())
        });
        compared.unwrap_or_else(|error| panic!("{}: {error}", recording.name));
    }
}

fn same(recording: &Recording, one: &Sheet, other: &Sheet) -> Result<(), TestCaseError> {
    for row in 0..recording.size.1 {
        prop_assert_eq!(one.looks(row), other.looks(row), "{}, row {}", recording.name, row);
    }
    prop_assert_eq!(one.cursor(), other.cursor(), "{}", recording.name);
    prop_assert_eq!(one.answers(), other.answers(), "{}", recording.name);
    prop_assert_eq!(one.log(), other.log(), "{}", recording.name);
    Ok(())
}
