//! What the screen does, by behaviour.

mod basics;
mod others;
mod walks;

use super::{Host, Screen};
use crate::protocol::Size;

/// Keeps what a screen says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    lines: Vec<String>,
    replies: String,
}

impl Host for Heard {
    fn line(&mut self, bytes: &[u8]) {
        self.lines.push(String::from_utf8(bytes.to_vec()).expect("lines are UTF-8"));
    }

    fn reply(&mut self, bytes: &[u8]) {
        self.replies.push_str(std::str::from_utf8(bytes).expect("replies are ASCII"));
    }
}

/// A screen with its host.
struct Bench {
    screen: Screen,
    heard: Heard,
}

impl Bench {
    fn new(columns: u16, rows: u16) -> Self {
        Self { screen: Screen::new(Size { columns, rows }), heard: Heard::default() }
    }

    /// A screen of this size that was fed these bytes.
    fn fed(columns: u16, rows: u16, bytes: impl AsRef<[u8]>) -> Self {
        let mut bench = Self::new(columns, rows);
        bench.feed(bytes);
        bench
    }

    fn feed(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.screen.feed(bytes.as_ref(), &mut self.heard);
        self
    }

    fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.screen.resize(Size { columns, rows }, &mut self.heard);
        self
    }

    fn finish(&mut self) -> &mut Self {
        self.screen.finish(&mut self.heard);
        self
    }

    /// The text of one row, trailing blanks trimmed.
    fn row(&self, index: u16) -> String {
        let text: String = self.screen.row_spans(index).into_iter().map(|span| span.text).collect();
        text.trim_end().to_owned()
    }

    /// The text of all rows, empty ones at the end left out.
    fn text(&self) -> String {
        let rows: Vec<String> = (0..self.screen.size().rows).map(|row| self.row(row)).collect();
        rows.join("\n").trim_end_matches('\n').to_owned()
    }

    /// Column and row of the cursor.
    fn cursor(&self) -> (u16, u16) {
        let (column, row, _) = self.screen.cursor().expect("the cursor is shown");
        (column, row)
    }

    fn lines(&self) -> Vec<&str> {
        self.heard.lines.iter().map(String::as_str).collect()
    }
}
