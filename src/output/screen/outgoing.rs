//! Makes lines of the rows that leave the top of the primary screen. Knows no cursor and keeps
//! nothing but the line that is still half on screen.

use super::cell::{Cell, Kind, Pen};
use super::clusters::Clusters;
use super::row::Row;
use super::screen::Host;
use super::sgr;

/// A longer logical line is handed over in pieces.
const LONGEST: usize = 64 * 1024;
/// A buffer larger than this is given back after use.
const BUFFER_KEPT: usize = 4 * 1024;

/// The part of a logical line that left the screen already, encoded; between lines, an empty buffer.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    bytes: Vec<u8>,
}

impl Outgoing {
    pub(super) fn pending(&self) -> &[u8] {
        &self.bytes
    }

    /// A row left. Its line is handed over if it ends here.
    #[inline]
    pub(super) fn row(&mut self, row: &Row, clusters: &Clusters, host: &mut impl Host) {
        self.encode(row.said(), clusters);
        if !row.wrapped {
            self.end(host);
        } else if self.bytes.len() >= LONGEST {
            self.flush(host);
        }
    }

    /// The rest of a half-gone line will not come: hands over what there is of it.
    pub(super) fn flush(&mut self, host: &mut impl Host) {
        if !self.bytes.is_empty() {
            self.end(host);
        }
    }

    #[inline]
    fn end(&mut self, host: &mut impl Host) {
        let used = self.bytes.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
        host.line(&self.bytes[..used]);
        self.bytes.clear();
        if self.bytes.capacity() > BUFFER_KEPT {
            self.bytes = Vec::new();
        }
    }

    /// Text with escapes, from the default style back to it.
    fn encode(&mut self, cells: &[Cell], clusters: &Clusters) {
        self.bytes.reserve(cells.len() + 8);
        // Most lines have no style.
        if cells.iter().fold(true, |all, cell| all & cell.is_plain_byte()) {
            return self.bytes.extend(cells.iter().map(|cell| cell.low_byte()));
        }
        let mut style = Cell::BLANK;
        let mut rest = cells;
        while let Some(&first) = rest.first() {
            if !first.same_style(style) {
                sgr::write(&mut self.bytes, style.pen(), first.pen());
                style = first;
            }
            let end = rest.iter().position(|cell| !cell.same_style(first)).unwrap_or(rest.len());
            self.encode_text(&rest[..end], clusters);
            rest = &rest[end..];
        }
        if style.pen() != Pen::default() {
            sgr::write(&mut self.bytes, style.pen(), Pen::default());
        }
    }

    fn encode_text(&mut self, cells: &[Cell], clusters: &Clusters) {
        if cells.iter().fold(true, |all, cell| all & cell.is_byte()) {
            return self.bytes.extend(cells.iter().map(|cell| cell.low_byte()));
        }
        for &cell in cells {
            if let (Some(byte), Kind::Narrow | Kind::Lead | Kind::Filler) = (cell.byte(), cell.kind()) {
                self.bytes.push(byte);
            } else {
                self.encode_cell(cell, clusters);
            }
        }
    }

    fn encode_cell(&mut self, cell: Cell, clusters: &Clusters) {
        if cell.kind() == Kind::Trail {
            return;
        }
        if let Some(index) = cell.cluster() {
            self.bytes.extend_from_slice(clusters.text(index).as_bytes());
        } else {
            let mut buffer = [0; 4];
            self.bytes.extend_from_slice(cell.character().encode_utf8(&mut buffer).as_bytes());
        }
    }
}
