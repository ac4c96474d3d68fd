//! From frames to bytes: what differs from the frame before, in one write, so that nothing
//! flickers. Knows neither model nor terminal.

use super::draw::CursorAt;
use crate::output::CursorShape;
use crate::protocol::Size;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::io::{self, Write};

/// Synchronized update (mode 2026): the terminal shows all of a frame or nothing of it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// What the terminal shows.
#[derive(Debug)]
pub(super) struct Canvas {
    shown: Buffer,
    cursor: Option<CursorAt>,
    /// Nothing is known of what the terminal shows.
    stale: bool,
    bytes: Vec<u8>,
}

impl Canvas {
    pub(super) fn new() -> Self {
        Self { shown: Buffer::default(), cursor: None, stale: true, bytes: Vec::new() }
    }

    /// The next frame is drawn in full.
    pub(super) fn invalidate(&mut self) {
        self.stale = true;
    }

    /// An empty frame to draw on.
    pub(super) fn blank(size: Size) -> Buffer {
        Buffer::empty(Rect::new(0, 0, size.columns, size.rows))
    }

    /// What to write so that the terminal shows this frame; empty if it does already.
    pub(super) fn show(&mut self, next: Buffer, cursor: Option<CursorAt>) -> io::Result<&[u8]> {
        self.bytes.clear();
        let fresh = self.stale || self.shown.area != next.area;
        if fresh {
            self.shown = Buffer::empty(next.area);
        }
        let changes = self.shown.diff(&next);
        if !fresh && changes.is_empty() && cursor == self.cursor {
            return Ok(&self.bytes);
        }
        self.bytes.extend_from_slice(BEGIN);
        if fresh {
            self.bytes.extend_from_slice(b"\x1b[?25l\x1b[0m\x1b[2J");
            self.cursor = None;
        }
        if self.cursor.is_some() && !changes.is_empty() {
            self.bytes.extend_from_slice(b"\x1b[?25l");
        }
        CrosstermBackend::new(&mut self.bytes).draw(changes.into_iter())?;
        self.put_cursor(cursor)?;
        self.bytes.extend_from_slice(END);
        self.shown = next;
        self.stale = false;
        Ok(&self.bytes)
    }

    fn put_cursor(&mut self, cursor: Option<CursorAt>) -> io::Result<()> {
        let shape = |cursor: Option<CursorAt>| cursor.map(|cursor| cursor.shape);
        match cursor {
            Some(at) => {
                if shape(self.cursor) != Some(at.shape) {
                    write!(self.bytes, "\x1b[{} q", shape_number(at.shape))?;
                }
                write!(self.bytes, "\x1b[{};{}H\x1b[?25h", at.row + 1, at.column + 1)?;
            }
            None if self.cursor.is_some() => self.bytes.extend_from_slice(b"\x1b[?25l\x1b[0 q"),
            None => {}
        }
        self.cursor = cursor;
        Ok(())
    }

    /// What to write before the terminal is given back.
    pub(super) fn farewell(&mut self) -> &'static [u8] {
        self.stale = true;
        // The terminal's own cursor shape, no colours.
        b"\x1b[0 q\x1b[0m"
    }
}

/// DECSCUSR, the steady kinds.
fn shape_number(shape: CursorShape) -> u8 {
    match shape {
        CursorShape::Block => 2,
        CursorShape::Underline => 4,
        CursorShape::Bar => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { columns: 10, rows: 2 };

    fn frame(text: &str) -> Buffer {
        let mut buffer = Canvas::blank(SIZE);
        buffer.set_string(0, 0, text, ratatui::style::Style::new());
        buffer
    }

    fn cursor(column: u16) -> CursorAt {
        CursorAt { column, row: 0, shape: CursorShape::Block }
    }

    fn terminal() -> vt100::Parser {
        vt100::Parser::new(2.try_into().unwrap(), 10.try_into().unwrap(), 0)
    }

    fn screen(terminal: &mut vt100::Parser, bytes: &[u8]) -> String {
        terminal.process(bytes);
        terminal.screen().contents().trim_end().to_owned()
    }

    #[test]
    fn an_unchanged_frame_writes_nothing() {
        let mut canvas = Canvas::new();
        assert!(!canvas.show(frame("one"), None).unwrap().is_empty());
        assert!(canvas.show(frame("one"), None).unwrap().is_empty());
        canvas.show(frame("one"), Some(cursor(1))).unwrap();
        assert!(canvas.show(frame("one"), Some(cursor(1))).unwrap().is_empty());
    }

    #[test]
    fn the_terminal_shows_the_last_frame_whatever_was_there() {
        let mut canvas = Canvas::new();
        let mut terminal = terminal();
        terminal.process(b"rubbish");
        assert_eq!(screen(&mut terminal, canvas.show(frame("one"), None).unwrap()), "one");
        assert_eq!(screen(&mut terminal, canvas.show(frame("on"), None).unwrap()), "on");
        terminal.process(b"rubbish");
        canvas.invalidate();
        assert_eq!(screen(&mut terminal, canvas.show(frame("two"), None).unwrap()), "two");
    }

    #[test]
    fn the_cursor_is_where_it_was_put_and_gone_without() {
        let mut canvas = Canvas::new();
        let mut terminal = terminal();
        terminal.process(canvas.show(frame("one"), Some(cursor(2))).unwrap());
        assert_eq!(terminal.screen().cursor_position(), (0, 2));
        assert!(!terminal.screen().hide_cursor());
        terminal.process(canvas.show(frame("two"), Some(cursor(2))).unwrap());
        assert_eq!(terminal.screen().cursor_position(), (0, 2));
        terminal.process(canvas.show(frame("two"), None).unwrap());
        assert!(terminal.screen().hide_cursor());
    }
}
