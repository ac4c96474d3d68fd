//! From frames to bytes: what differs from the frame before, in one write, so that nothing
//! flickers. Knows neither model nor terminal.

use super::doubtful;
use super::draw::CursorAt;
use crate::output::CursorShape;
use crate::protocol::Size;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

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
    /// The frame before the one that is shown: its memory serves for the next one.
    spare: Option<Buffer>,
}

impl Canvas {
    pub(super) fn new() -> Self {
        Self { shown: Buffer::default(), cursor: None, stale: true, bytes: Vec::new(), spare: None }
    }

    /// The next frame is drawn in full.
    pub(super) fn invalidate(&mut self) {
        self.stale = true;
    }

    /// An empty frame to draw on.
    pub(super) fn blank(&mut self, size: Size) -> Buffer {
        let area = Rect::new(0, 0, size.columns, size.rows);
        match self.spare.take().filter(|spare| spare.area == area) {
            Some(mut spare) => {
                spare.reset();
                spare
            }
            None => Buffer::empty(area),
        }
    }

    /// What to write so that the terminal shows this frame; empty if it does already.
    pub(super) fn show(&mut self, next: Buffer, cursor: Option<CursorAt>) -> io::Result<&[u8]> {
        self.bytes.clear();
        let fresh = self.stale || self.shown.area != next.area;
        if fresh {
            self.shown = Buffer::empty(next.area);
        }
        let doubtful = doubtful::rows(&self.shown, &next);
        let mut changes = self.shown.diff(&next);
        changes.retain(|(_, y, _)| !doubtful.contains(y));
        let unchanged = changes.is_empty() && doubtful.is_empty();
        if !fresh && unchanged && cursor == self.cursor {
            self.spare = Some(next);
            return Ok(&self.bytes);
        }
        self.bytes.extend_from_slice(BEGIN);
        if fresh {
            self.bytes.extend_from_slice(b"\x1b[?25l\x1b[0m\x1b[2J");
            self.cursor = None;
        }
        if self.cursor.is_some() && !unchanged {
            self.bytes.extend_from_slice(b"\x1b[?25l");
        }
        CrosstermBackend::new(&mut self.bytes).draw(changes.into_iter())?;
        if !doubtful.is_empty() {
            // A symbol that is wider than we think must not wrap into the row below.
            self.bytes.extend_from_slice(b"\x1b[?7l");
            doubtful.iter().try_for_each(|row| self.draw_row(&next, *row))?;
            self.bytes.extend_from_slice(b"\x1b[?7h");
        }
        self.put_cursor(cursor)?;
        self.bytes.extend_from_slice(END);
        self.spare = Some(std::mem::replace(&mut self.shown, next));
        self.stale = false;
        Ok(&self.bytes)
    }

    /// Draws a row from its first column on, whatever is there, and trusts no width in it: what
    /// comes after a doubtful symbol is placed anew.
    fn draw_row(&mut self, next: &Buffer, row: u16) -> io::Result<()> {
        write!(self.bytes, "\x1b[0m\x1b[{};1H\x1b[2K", row + 1)?;
        let cells = cells(next, row);
        for stretch in cells.split_inclusive(|(.., cell)| doubtful::symbol(cell.symbol())) {
            CrosstermBackend::new(&mut self.bytes).draw(stretch.iter().copied())?;
        }
        Ok(())
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

/// The cells of a row, but for those that a wide one covers.
fn cells(buffer: &Buffer, row: u16) -> Vec<(u16, u16, &Cell)> {
    let mut cells = Vec::new();
    let mut x = buffer.area.left();
    while x < buffer.area.right() {
        let cell = &buffer[(x, row)];
        cells.push((x, row, cell));
        x += cell.symbol().width().max(1) as u16;
    }
    cells
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
        let mut buffer = Canvas::new().blank(SIZE);
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

    /// A terminal that draws each character of a cluster by itself, as many do.
    #[test]
    fn nothing_is_left_of_symbols_that_the_terminal_draws_wider() {
        let family = "a👩\u{200d}👩\u{200d}👧b";
        let mut canvas = Canvas::new();
        let mut terminal = terminal();
        terminal.process(canvas.show(frame(family), None).unwrap());
        let column_of = |terminal: &vt100::Parser, column| {
            terminal.screen().cell(0, column).unwrap().contents().to_owned()
        };
        assert_eq!(column_of(&terminal, 3), "b", "what is behind it is where it belongs");
        assert_eq!(screen(&mut terminal, canvas.show(frame("ab"), None).unwrap()), "ab");
        assert_eq!(screen(&mut terminal, canvas.show(frame(""), None).unwrap()), "");
    }

    #[test]
    fn a_symbol_at_the_edge_does_not_reach_into_the_next_row() {
        let mut canvas = Canvas::new();
        let bytes = canvas.show(frame("12345678👩\u{200d}👧"), None).unwrap();
        let bytes = String::from_utf8_lossy(bytes).into_owned();
        let (off, on) = (bytes.find("\x1b[?7l").unwrap(), bytes.rfind("\x1b[?7h").unwrap());
        assert!((off..on).contains(&bytes.find('👩').unwrap()), "{bytes:?}");
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
