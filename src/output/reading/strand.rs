//! The lines of one worker as a reader sees them after a glance: which there are, what they say and
//! how they stand in rows. Knows no window.

use super::blocks::{Blocks, Lost};
use super::glance::{Glance, GridLine, OpenText, Tail};
use super::layouts::{Layouts, WrappedRows, wrapped};
use crate::output::block::Block;
use crate::output::line::Stream;
use crate::output::pane::Output;
use crate::output::style::{Attributes, Style};
use crate::output::styled;
use crate::output::view::{Edges, Fit, Span};
use crate::output::wrap;
use std::sync::Arc;
use std::time::SystemTime;
use unicode_width::UnicodeWidthStr;

/// One worker's lines at one glance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strand<'a> {
    pub(super) output: &'a Output,
    pub(super) blocks: &'a Blocks,
    pub(super) layouts: &'a Layouts,
    pub(super) glance: &'a Glance,
}

impl<'a> Strand<'a> {
    /// When a line came; of one that is gone, the earliest moment.
    pub(super) fn at(&self, line: u64) -> SystemTime {
        if let Some((at, _)) = self.glance.tail_at(line) {
            return *at;
        }
        let block = self.blocks.of(self.output, line);
        block.map_or(SystemTime::UNIX_EPOCH, |block| block.line(line).at)
    }

    /// The first line that came at this time or later. Within a worker time never goes back.
    pub(super) fn since(&self, time: SystemTime) -> u64 {
        let (mut from, mut to) = (self.glance.lines.start, self.glance.end());
        while from < to {
            let middle = from.midpoint(to);
            if self.at(middle) < time { from = middle + 1 } else { to = middle }
        }
        from
    }

    /// The plain text of a line; empty where there is none.
    pub(super) fn text(&self, line: u64) -> String {
        match self.glance.tail_at(line) {
            Some((_, Tail::Open(open))) => styled::plain(&open.bytes).into_owned(),
            Some((_, Tail::Grid(grid))) => {
                let mut text = styled::plain(&grid.pending).into_owned();
                text.extend(grid.rows.iter().flatten().map(|span| span.text.as_str()));
                text
            }
            None => {
                let block = self.blocks.of(self.output, line);
                block.map(|block| styled::plain(block.line(line).bytes).into_owned()).unwrap_or_default()
            }
        }
    }

    /// A line in rows.
    pub(super) fn laid(&self, line: u64, columns: u16, fit: Fit) -> Laid<'a> {
        let made = |stream, at, text| Laid { stream, at, text, grid: None, columns, fit };
        match self.glance.tail_at(line) {
            Some((at, Tail::Open(open))) => made(open.stream, *at, open_text(open, columns, fit)),
            Some((at, Tail::Grid(grid))) => {
                Laid { grid: Some(grid), ..made(Stream::Terminal, *at, above_grid(grid, columns, fit)) }
            }
            None if self.glance.lines.contains(&line) => match self.blocks.of(self.output, line) {
                Ok(block) => {
                    let logged = block.line(line);
                    let (stream, at) = (logged.stream, logged.at);
                    made(stream, at, self.logged(block, line, columns, fit))
                }
                Err(lost) => made(Stream::Stdout, SystemTime::UNIX_EPOCH, lost_text(&lost)),
            },
            None => made(Stream::Ruling, SystemTime::UNIX_EPOCH, Text::None),
        }
    }

    fn logged(&self, block: Arc<Block>, number: u64, columns: u16, fit: Fit) -> Text<'a> {
        let bytes = block.line(number).bytes;
        if is_ascii(bytes) {
            return Text::Block(block, number);
        }
        Text::Rows(match fit {
            Fit::Wrap => self.layouts.rows(number, bytes, columns),
            Fit::Cut { .. } => self.layouts.whole(number, bytes),
        })
    }
}

fn open_text(open: &OpenText, columns: u16, fit: Fit) -> Text<'_> {
    if is_ascii(&open.bytes) {
        return Text::Ascii(&open.bytes);
    }
    Text::Rows(match fit {
        Fit::Wrap => open.wrapped(columns),
        Fit::Cut { .. } => whole(&open.bytes),
    })
}

/// What scrolled off already.
fn above_grid(grid: &GridLine, columns: u16, fit: Fit) -> Text<'_> {
    if grid.pending.is_empty() {
        return Text::None;
    }
    if is_ascii(&grid.pending) {
        return Text::Ascii(&grid.pending);
    }
    Text::Rows(match fit {
        Fit::Wrap => wrapped(&grid.pending, columns),
        Fit::Cut { .. } => whole(&grid.pending),
    })
}

fn whole(bytes: &[u8]) -> WrappedRows {
    Arc::new(vec![styled::spans(bytes)])
}

/// In the place of a line that cannot be shown.
fn lost_text(lost: &Lost) -> Text<'static> {
    let text = match lost {
        Lost::Gone => "[this line had to go]".to_owned(),
        Lost::Unreadable(why) => format!("[this line cannot be read back: {why}]"),
    };
    let style = Style { attributes: Attributes::DIM, ..Style::default() };
    Text::Rows(Arc::new(vec![vec![Span { text, style }]]))
}

/// One byte, one column: its rows are found without a look at it.
fn is_ascii(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
}

fn widths(rows: &[Vec<Span>]) -> u32 {
    rows.iter().flatten().map(|span| span.text.width() as u32).sum()
}

/// A line in rows.
pub(super) struct Laid<'a> {
    pub(super) stream: Stream,
    pub(super) at: SystemTime,
    text: Text<'a>,
    /// The rows that come after the text's.
    grid: Option<&'a GridLine>,
    columns: u16,
    fit: Fit,
}

enum Text<'a> {
    None,
    /// Printable ASCII alone, as the others of this kind.
    Block(Arc<Block>, u64),
    Ascii(&'a [u8]),
    Rows(WrappedRows),
}

impl Laid<'_> {
    /// Rows above the grid's.
    pub(super) fn text_height(&self) -> u32 {
        let length = match &self.text {
            Text::None => return 0,
            Text::Rows(rows) => return rows.len() as u32,
            Text::Block(block, number) => block.line(*number).bytes.len(),
            Text::Ascii(bytes) => bytes.len(),
        };
        match (self.fit, self.columns) {
            (Fit::Cut { .. }, _) | (Fit::Wrap, 0) => 1,
            (Fit::Wrap, columns) => length.div_ceil(columns.into()).max(1) as u32,
        }
    }

    /// All its rows.
    pub(super) fn height(&self) -> u32 {
        self.text_height() + self.grid.map_or(0, |grid| grid.rows.len() as u32)
    }

    /// At which column of its line a row begins, as the line would be in one row of any width.
    pub(super) fn column(&self, row: u32) -> u32 {
        let left = match self.fit {
            Fit::Wrap => 0,
            Fit::Cut { left } => left,
        };
        if row == 0 {
            return left;
        }
        let above = row.min(self.text_height());
        let text = match &self.text {
            Text::None => 0,
            Text::Rows(rows) => widths(&rows[..above as usize]),
            Text::Block(block, number) => self.ascii_columns(block.line(*number).bytes, above),
            Text::Ascii(bytes) => self.ascii_columns(bytes, above),
        };
        let of_grid = self.grid.map_or(0, |grid| {
            let above = (row - above) as usize;
            widths(&grid.rows[..above.min(grid.rows.len())])
        });
        left + text + of_grid
    }

    /// Of one byte and one column each: how many stand in its first rows.
    fn ascii_columns(&self, bytes: &[u8], rows: u32) -> u32 {
        let all = bytes.len() as u32;
        match self.fit {
            Fit::Wrap => all.min(rows * u32::from(self.columns)),
            Fit::Cut { .. } => all,
        }
    }

    /// What a row says, and whether the line goes on at the left and at the right of it where lines
    /// are cut.
    pub(super) fn row(&self, row: u32) -> (Vec<Span>, Edges) {
        if row >= self.text_height() {
            let below = (row - self.text_height()) as usize;
            let spans = self.grid.and_then(|grid| grid.rows.get(below)).cloned().unwrap_or_default();
            return match self.fit {
                Fit::Wrap => (wrap::cropped(spans, self.columns), Edges::default()),
                Fit::Cut { left } => wrap::cut(&spans, left, self.columns),
            };
        }
        match &self.text {
            Text::None => (Vec::new(), Edges::default()),
            Text::Block(block, number) => self.ascii_row(block.line(*number).bytes, row),
            Text::Ascii(bytes) => self.ascii_row(bytes, row),
            Text::Rows(rows) => match self.fit {
                Fit::Wrap => (rows[row as usize].clone(), Edges::default()),
                Fit::Cut { left } => wrap::cut(&rows[0], left, self.columns),
            },
        }
    }

    fn ascii_row(&self, bytes: &[u8], row: u32) -> (Vec<Span>, Edges) {
        let columns = usize::from(self.columns);
        let (start, edges) = match self.fit {
            Fit::Wrap => (row as usize * columns, Edges::default()),
            Fit::Cut { left } => {
                let left = left as usize;
                let right = bytes.len() > left + columns;
                (left, Edges { left: left > 0 && !bytes.is_empty(), right })
            }
        };
        let start = start.min(bytes.len());
        let bytes = &bytes[start..(start + columns).min(bytes.len())];
        if bytes.is_empty() {
            return (Vec::new(), edges);
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        (vec![Span { text, ..Span::default() }], edges)
    }
}
