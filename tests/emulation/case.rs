//! One case: what is fed and what is expected of it, read from a text.
//!
//! ```text
//! case CUU stops at the top of the screen
//! rule VT510, CUU: the cursor stops at the top margin
//! size 8x3
//! in a\n\e[9Ab
//! |ab
//! cursor 1;3
//! ```
//!
//! `in` may stand on several lines, which follow each other. Rows (`|`) are listed from the first one on,
//! those not listed are blank. What else may be expected: `cursor` (row;column, its shape or `hidden`),
//! `answer`, `line` (one for each that left the screen), `looks` (a row and its stretches), `wraps` (rows
//! that go on in the next one), `modes`, `title`, `alternate`. Without `answer` and `line` there is none.
//! `speaks`: the terminal that minder runs on has the kitty keyboard protocol.

use super::{Sheet, escapes};
use minder::output::spans;

/// A case.
#[derive(Debug, Default)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) rule: String,
    pub(super) size: (u16, u16),
    pub(super) input: Vec<u8>,
    rows: Option<Vec<String>>,
    cursor: Option<String>,
    answer: Vec<u8>,
    lines: Vec<Vec<u8>>,
    looks: Vec<(u16, String)>,
    wraps: Option<String>,
    modes: Option<String>,
    title: Option<String>,
    alternate: bool,
    /// The screen speaks the kitty keyboard protocol.
    pub(super) speaks: bool,
}

impl Case {
    /// The cases of one file.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let mut cases: Vec<Self> = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix("case ") {
                cases.push(Self { name: name.to_owned(), size: (10, 4), ..Self::default() });
            } else {
                cases.last_mut().expect("a case comes first").take(line);
            }
        }
        cases
    }

    fn take(&mut self, line: &str) {
        if let Some(row) = line.strip_prefix('|') {
            self.rows.get_or_insert_default().push(row.trim_end().to_owned());
            return;
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let text = || rest.to_owned();
        match word {
            "rule" => self.rule = text(),
            "size" => {
                let (columns, rows) = rest.split_once('x').expect("COLUMNSxROWS");
                self.size = (columns.parse().expect("columns"), rows.parse().expect("rows"));
            }
            "in" => self.input.extend(escapes::read(rest)),
            "blank" => self.rows = Some(Vec::new()),
            "cursor" => self.cursor = Some(text()),
            "answer" => self.answer.extend(escapes::read(rest)),
            "line" => self.lines.push(escapes::read(rest)),
            "looks" => {
                let (row, looks) = rest.split_once(' ').unwrap_or((rest, ""));
                self.looks.push((row.parse().expect("a row"), looks.to_owned()));
            }
            "wraps" => self.wraps = Some(text()),
            "modes" => self.modes = Some(text()),
            "title" => self.title = Some(text()),
            "alternate" => self.alternate = true,
            "speaks" => self.speaks = true,
            _ => panic!("{}: `{line}` says nothing", self.name),
        }
    }

    /// What is not as expected, one line each.
    pub(super) fn differences(&self, sheet: &Sheet) -> Vec<String> {
        let mut all = Vec::new();
        let mut compare = |what: &str, expected: &str, is: &str| {
            if expected != is {
                all.push(format!("{what}: expected {expected:?}, is {is:?}"));
            }
        };
        if let Some(rows) = &self.rows {
            compare("rows", &rows.join("\n"), &sheet.rows().join("\n"));
        }
        for (row, looks) in &self.looks {
            compare(&format!("row {row}"), looks, &sheet.looks(row - 1));
        }
        let told = [("cursor", &self.cursor, sheet.cursor()), ("wraps", &self.wraps, sheet.wraps())];
        for (what, expected, is) in told.into_iter().chain([("modes", &self.modes, sheet.modes())]) {
            compare(what, expected.as_ref().unwrap_or(&is), &is);
        }
        if let Some(title) = &self.title {
            compare("title", title, sheet.screen().title().unwrap_or_default());
        }
        compare("answer", &escapes::write(&self.answer), &escapes::write(sheet.answers()));
        // The escapes of a line that nobody saw are as the program wrote them.
        let read: Vec<_> = self.lines.iter().map(|line| spans(line)).collect();
        let lines = |lines: &[Vec<u8>]| lines.iter().map(|line| escapes::write(line)).collect::<Vec<_>>();
        if read != sheet.log() {
            compare("lines", &lines(&self.lines).join("\n"), &lines(sheet.lines()).join("\n"));
        }
        let screen = |alternate: bool| if alternate { "alternate" } else { "primary" };
        compare("screen", screen(self.alternate), screen(sheet.screen().alternate()));
        all
    }

    /// Whether it expects something.
    pub(super) fn expects(&self) -> bool {
        let some = [&self.cursor, &self.wraps, &self.modes, &self.title].iter().any(|told| told.is_some());
        some || self.rows.is_some() || !self.looks.is_empty() || !self.answer.is_empty()
    }
}
