//! A screen with a host that remembers, to be asked for what tests look at.

use super::super::{Flooded, Host, Screen};
use crate::protocol::Size;

/// Keeps what a screen says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) lines: Vec<String>,
    pub(super) replies: String,
    waiting: Vec<u8>,
}

impl Host for Heard {
    fn line(&mut self, bytes: &[u8]) {
        self.lines.push(String::from_utf8(bytes.to_vec()).expect("lines are UTF-8"));
    }

    fn reply(&mut self, bytes: &[u8]) {
        self.replies.push_str(std::str::from_utf8(bytes).expect("replies are ASCII"));
    }
}

impl Flooded for Heard {
    fn wait(&mut self, line: &[u8]) {
        self.waiting.extend_from_slice(line);
        self.waiting.push(b'\n');
    }

    fn leave(&mut self, count: usize) {
        for _ in 0..count {
            let end = self.waiting.iter().position(|&byte| byte == b'\n').expect("so many wait");
            let line: Vec<u8> = self.waiting.drain(..=end).collect();
            self.line(&line[..end]);
        }
    }

    fn take_back(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.waiting)
    }
}

/// A screen with its host.
pub(super) struct Bench {
    pub(super) screen: Screen,
    pub(super) heard: Heard,
}

impl Bench {
    pub(super) fn new(columns: u16, rows: u16) -> Self {
        Self { screen: Screen::new(Size { columns, rows }), heard: Heard::default() }
    }

    /// A screen of this size that was fed these bytes.
    pub(super) fn fed(columns: u16, rows: u16, bytes: impl AsRef<[u8]>) -> Self {
        let mut bench = Self::new(columns, rows);
        bench.feed(bytes);
        bench
    }

    pub(super) fn feed(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.screen.feed(bytes.as_ref(), &mut self.heard);
        self
    }

    pub(super) fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.screen.resize(Size { columns, rows }, &mut self.heard);
        self
    }

    pub(super) fn finish(&mut self) -> &mut Self {
        self.screen.finish(&mut self.heard);
        self
    }

    /// The text of one row, trailing blanks trimmed.
    pub(super) fn row(&self, index: u16) -> String {
        let text: String = self.screen.row_spans(index).iter().map(|span| span.text.as_str()).collect();
        text.trim_end().to_owned()
    }

    /// The text of all rows, empty ones at the end left out.
    pub(super) fn text(&self) -> String {
        let rows: Vec<String> = (0..self.screen.size().rows).map(|row| self.row(row)).collect();
        rows.join("\n").trim_end_matches('\n').to_owned()
    }

    /// Column and row of the cursor.
    pub(super) fn cursor(&self) -> (u16, u16) {
        let (column, row, _) = self.screen.cursor().expect("the cursor is shown");
        (column, row)
    }

    pub(super) fn lines(&self) -> Vec<&str> {
        self.heard.lines.iter().map(String::as_str).collect()
    }
}
