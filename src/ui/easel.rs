//! A pane drawn without a terminal, for whoever measures what a frame costs. Knows no worker.

use super::canvas::Canvas;
use super::pane;
use super::theme::Theme;
use crate::output::ViewRow;
use crate::protocol::Size;
use ratatui::buffer::Buffer;
use std::io;

/// Frames of one pane, one after the other.
#[derive(Debug)]
pub struct Easel {
    canvas: Canvas,
    size: Size,
}

impl Easel {
    /// A window of this size, on which nothing was drawn yet.
    pub fn new(size: Size) -> Self {
        Self { canvas: Canvas::new(), size }
    }

    /// A frame with these rows.
    pub fn draw(&mut self, rows: &[ViewRow]) -> Buffer {
        let mut buffer = self.canvas.blank(self.size);
        for (place, row) in buffer.area.rows().zip(rows) {
            pane::draw_line(Theme { color: true }, row, place, &mut buffer);
        }
        buffer
    }

    /// What is written to a terminal that is to show this frame after the last one: all of it in one
    /// piece.
    ///
    /// # Errors
    /// None: it writes to memory.
    pub fn show(&mut self, frame: Buffer) -> io::Result<&[u8]> {
        self.canvas.show(frame, None)
    }
}
