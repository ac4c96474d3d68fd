//! The lines of one worker as a reader sees them after a glance: which there are, what they say and
//! how they stand in rows. Knows no window.

use super::blocks::{Blocks, Lost};
use super::glance::{Glance, GridLine, OpenText, Tail};
use super::layouts::{Layouts, WrappedRows, wrapped};
use crate::output::block::Block;
use crate::output::line::Stream;
use crate::output::log::Handle;
use crate::output::pane::Output;
use crate::output::search::{Lookup, Nearest};
use crate::output::style::{Attributes, Style};
use crate::output::styled;
use crate::output::view::{Edges, Fit, Span};
use crate::output::wrap;
use compact_str::CompactString;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

/// The lines that pass a test: those of the log by a look through it, the others found at the glance.
#[derive(Debug, Clone)]
pub(super) struct Sieve {
    pub(super) lookup: Arc<Lookup>,
    /// Lines that are not in the log yet.
    tail: Vec<u64>,
}

impl Sieve {
    pub(super) fn new(lookup: Arc<Lookup>, glance: &Glance) -> Self {
        let tail = glance.said_tail().iter().zip(glance.lines.end..);
        let passing = tail.filter(|((_, tail), _)| lookup.test().passes(tail.stream(), &tail.text()));
        let tail = passing.map(|(_, line)| line).collect();
        Self { lookup, tail }
    }

    /// The first from this line on.
    fn at_or_after(&self, line: u64, glance: &Glance) -> Option<u64> {
        let logged = self.lookup.at_or_after(line.max(glance.lines.start));
        let unfinished = || self.tail.iter().copied().find(|one| *one >= line);
        logged.filter(|one| *one < glance.lines.end).or_else(unfinished)
    }

    /// The last before this line.
    fn before(&self, line: u64, glance: &Glance) -> Option<u64> {
        let unfinished = self.tail.iter().rev().copied().find(|one| *one < line);
        let logged = || self.lookup.before(line.min(glance.lines.end));
        unfinished.or_else(logged).filter(|one| *one >= glance.lines.start)
    }

    /// How many there are in these lines, and whether all of them were looked at.
    pub(super) fn count(&self, lines: Range<u64>, glance: &Glance) -> (u64, bool) {
        let (start, end) = (lines.start.max(glance.lines.start), lines.end.min(glance.lines.end));
        let (logged, whole) = if start < end { self.lookup.count(start..end) } else { (0, true) };
        (logged + self.tail.iter().filter(|line| lines.contains(line)).count() as u64, whole)
    }

    /// The nearest from `from` up or down, `from` included. Of the log, only the lines before `until`
    /// are waited for: in a flood there are always more.
    pub(super) fn nearest(&self, from: u64, up: bool, until: u64, glance: &Glance) -> Nearest {
        let lines = glance.lines.start..glance.lines.end.min(until);
        let tail = || {
            let mut tail = self.tail.iter().copied();
            if up { tail.rev().find(|line| *line <= from) } else { tail.find(|line| *line >= from) }
        };
        if up {
            return tail().map_or_else(|| self.lookup.nearest(lines, from, up), Nearest::Found);
        }
        match self.lookup.nearest(lines, from, up) {
            Nearest::Nothing => tail().map_or(Nearest::Nothing, Nearest::Found),
            nearest @ (Nearest::Found(_) | Nearest::Pending) => nearest,
        }
    }
}

/// One worker's lines at one glance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strand<'a> {
    /// The lines that are to be seen; `None`: all.
    pub(super) sieve: Option<&'a Sieve>,
    pub(super) output: &'a Output,
    pub(super) blocks: &'a Blocks,
    pub(super) layouts: &'a Layouts,
    pub(super) glance: &'a Glance,
    /// So many of its last lines are not shown.
    pub(super) hidden: u64,
}

impl<'a> Strand<'a> {
    /// Without the blank line that the cursor waits on.
    pub(super) fn without_waiting(self) -> Self {
        let blank = |(_, tail): &(SystemTime, Tail)| matches!(tail, Tail::Grid(_)) && tail.text().is_empty();
        let waits = self.sieve.is_none() && self.glance.tail.last().is_some_and(blank);
        Self { hidden: waits.into(), ..self }
    }

    /// One past the last line, whether it is to be seen or not.
    pub(super) fn end(&self) -> u64 {
        self.glance.end() - self.hidden
    }

    /// The first line that is to be seen from this one on.
    pub(super) fn at_or_after(&self, line: u64) -> Option<u64> {
        match self.sieve {
            Some(sieve) => sieve.at_or_after(line, self.glance),
            None => Some(line.max(self.glance.lines.start)).filter(|line| *line < self.end()),
        }
    }

    /// The last line that is to be seen before this one.
    pub(super) fn before(&self, line: u64) -> Option<u64> {
        match self.sieve {
            Some(sieve) => sieve.before(line, self.glance),
            None => line.min(self.end()).checked_sub(1).filter(|line| *line >= self.glance.lines.start),
        }
    }

    /// How many lines are to be seen from this one on.
    pub(super) fn count_from(&self, line: u64) -> u64 {
        match self.sieve {
            Some(sieve) => sieve.count(line..self.end(), self.glance).0,
            None => self.end().saturating_sub(line.max(self.glance.lines.start)),
        }
    }

    /// When a line came; of one that is gone, the earliest moment, and of one in a gap, when the first came
    /// that is there behind it: times never go back.
    pub(super) fn at(&self, line: u64) -> SystemTime {
        if let Some((at, _)) = self.glance.tail_at(line) {
            return *at;
        }
        if let Ok(block) = self.blocks.of(self.output, line) {
            return block.line(line).at;
        }
        let gap = self.output.handle(line).filter(Handle::is_gap);
        gap.map_or(SystemTime::UNIX_EPOCH, |gap| self.at(gap.lines().end))
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
        if let Some((_, tail)) = self.glance.tail_at(line) {
            return tail.text();
        }
        let block = self.blocks.of(self.output, line);
        block.map(|block| styled::plain(block.line(line).bytes).into_owned()).unwrap_or_default()
    }

    /// A line in rows.
    pub(super) fn laid(&self, line: u64, columns: u16, fit: Fit) -> Laid<'a> {
        let made = |stream, at, text| Laid { stream, at, text, grid: None, columns, fit };
        match self.glance.tail_at(line) {
            Some((at, Tail::Open(open))) => made(open.stream, *at, open_text(open, columns, fit)),
            Some((at, Tail::Grid(grid))) if self.glance.joins_rows(fit) => {
                made(Stream::Terminal, *at, Text::Rows(Arc::new(vec![grid.whole()])))
            }
            Some((at, Tail::Grid(grid))) if self.glance.rewraps(grid, columns, fit) => {
                made(Stream::Terminal, *at, Text::Rows(Arc::new(wrap::rows(&grid.whole(), columns))))
            }
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
    Text::Rows(Arc::new(vec![vec![Span { text: text.into(), style }]]))
}

/// One byte, one column: its rows are found without a look at it.
fn is_ascii(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
}

fn widths(rows: &[impl AsRef<[Span]>]) -> u32 {
    rows.iter().map(|row| wrap::width(row.as_ref()) as u32).sum()
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

    /// As [`Laid::column`], where the row above begins at this column and says this: of a line of a
    /// megabyte, what is before a row is not measured anew for each. Rows on the grid may be cropped.
    pub(super) fn column_below(&self, row: u32, column: u32, above: &[Span]) -> u32 {
        match self.fit {
            Fit::Wrap if row <= self.text_height() => column + wrap::width(above) as u32,
            Fit::Wrap | Fit::Cut { .. } => self.column(row),
        }
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
    pub(super) fn row(&self, row: u32) -> (Arc<[Span]>, Edges) {
        if row >= self.text_height() {
            let below = (row - self.text_height()) as usize;
            let Some(spans) = self.grid.and_then(|grid| grid.rows.get(below)) else {
                return (Arc::default(), Edges::default());
            };
            return match self.fit {
                Fit::Wrap => {
                    let seen = wrap::cropped(spans, self.columns);
                    let right = !Arc::ptr_eq(&seen, spans);
                    (seen, Edges { left: false, right })
                }
                Fit::Cut { left } => self.cut(spans, left),
            };
        }
        match &self.text {
            Text::None => (Arc::default(), Edges::default()),
            Text::Block(block, number) => self.ascii_row(block.line(*number).bytes, row),
            Text::Ascii(bytes) => self.ascii_row(bytes, row),
            Text::Rows(rows) => match self.fit {
                Fit::Wrap => (rows[row as usize].as_slice().into(), Edges::default()),
                Fit::Cut { left } => self.cut(&rows[0], left),
            },
        }
    }

    fn cut(&self, spans: &[Span], left: u32) -> (Arc<[Span]>, Edges) {
        let (seen, edges) = wrap::cut(spans, left, self.columns);
        (seen.into(), edges)
    }

    fn ascii_row(&self, bytes: &[u8], row: u32) -> (Arc<[Span]>, Edges) {
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
            return (Arc::default(), edges);
        }
        let text = CompactString::from_utf8_lossy(bytes);
        (Arc::new([Span { text, ..Span::default() }]), edges)
    }
}
