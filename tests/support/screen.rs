//! What a person sees at one moment: a copy of the emulator's grid. Knows no process.

use std::fmt;

/// The screen at one moment.
#[derive(Clone)]
pub(crate) struct Screen(vt100::Screen);

/// One row of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// From the top, 0.
    pub(crate) index: u16,
    /// Its text, without the blanks at its end.
    pub(crate) text: String,
}

impl Row {
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    /// The column of a text in it, counted in characters from 0.
    pub(crate) fn column_of(&self, text: &str) -> Option<u16> {
        let bytes = self.text.find(text)?;
        Some(self.text[..bytes].chars().count() as u16)
    }

    /// The first number after this text: `pid 123` → 123.
    pub(crate) fn number_after(&self, text: &str) -> Option<i32> {
        number_after(&self.text, text)
    }
}

/// The first number that follows this text.
pub(crate) fn number_after(whole: &str, text: &str) -> Option<i32> {
    let (_, rest) = whole.split_once(text)?;
    let rest = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    rest[..digits].parse().ok()
}

impl Screen {
    pub(crate) fn new(screen: &vt100::Screen) -> Self {
        Self(screen.clone())
    }

    /// Every row's text, the blank ones too.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let (_, columns) = self.0.size();
        let texts = self.0.rows(0, columns.get()).enumerate();
        texts.map(|(index, text)| Row { index: index as u16, text: text.trim_end().to_owned() }).collect()
    }

    /// Whether one row holds this text.
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.row_of(text).is_some()
    }

    /// The first row that holds this text.
    pub(crate) fn row_of(&self, text: &str) -> Option<Row> {
        self.rows().into_iter().find(|row| row.contains(text))
    }

    /// The first row that holds all of these.
    pub(crate) fn row_with(&self, texts: &[&str]) -> Option<Row> {
        self.rows().into_iter().find(|row| texts.iter().all(|text| row.contains(text)))
    }

    /// The last row that is not blank.
    pub(crate) fn last_row(&self) -> Option<Row> {
        self.rows().into_iter().rfind(|row| !row.text.is_empty())
    }

    /// The cell at the start of a text.
    pub(crate) fn cell_of(&self, text: &str) -> Option<&vt100::Cell> {
        let row = self.row_of(text)?;
        self.0.cell(row.index, row.column_of(text)?)
    }

    /// The cell at this place, counted from 0.
    pub(crate) fn cell_at(&self, column: u16, row: u16) -> Option<&vt100::Cell> {
        self.0.cell(row, column)
    }

    /// Columns and rows.
    pub(crate) fn size(&self) -> (u16, u16) {
        let (rows, columns) = self.0.size();
        (columns.get(), rows.get())
    }

    /// The cursor's column and row, `None` where it is hidden.
    pub(crate) fn cursor(&self) -> Option<(u16, u16)> {
        let (row, column) = self.0.cursor_position();
        (!self.0.hide_cursor()).then_some((column, row))
    }

    /// Modes that a program has left switched on, by name; empty on a terminal given back.
    pub(crate) fn modes_left_on(&self) -> Vec<&'static str> {
        [
            ("alternate screen", self.0.alternate_screen()),
            ("hidden cursor", self.0.hide_cursor()),
            ("mouse", self.0.mouse_protocol_mode() != vt100::MouseProtocolMode::None),
            ("bracketed paste", self.0.bracketed_paste()),
            ("application cursor keys", self.0.application_cursor()),
            ("application keypad", self.0.application_keypad()),
        ]
        .into_iter()
        .filter_map(|(name, on)| on.then_some(name))
        .collect()
    }
}

impl fmt::Display for Screen {
    /// The text in a frame, for the message of a failed test.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (columns, rows) = self.size();
        writeln!(f, "┌ {columns}x{rows}")?;
        for row in self.rows() {
            writeln!(f, "│{}", row.text)?;
        }
        write!(f, "└ on: {:?}, cursor: {:?}", self.modes_left_on(), self.cursor())
    }
}
