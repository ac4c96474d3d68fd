//! A reader of one worker's output: it glances under the pane's lock and reads without it. Knows
//! neither who asks nor how rows are drawn.

mod walking;

use super::blocks::Blocks;
use super::flow::{Flow, Walk};
use super::glance::{Glance, Tail};
use super::layouts::Layouts;
use super::single::Single;
use super::strand::Strand;
use crate::output::pane::Output;
use crate::output::view::{Cursor, Fit, InputModes, Place, Position, RowAddress, View, ViewRow, Window};
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

/// Reads one worker's output. Each guest has its own.
///
/// All that it says is as of its last [`Reader::look`]. What it opened of the log last, it keeps.
#[derive(Debug)]
pub struct Reader {
    output: Arc<Output>,
    blocks: Blocks,
    layouts: Layouts,
    glance: Glance,
}

impl Reader {
    /// A reader that has looked once.
    pub fn new(output: Arc<Output>) -> Self {
        let glance = output.lock().glance();
        Self { output, blocks: Blocks::default(), layouts: Layouts::default(), glance }
    }

    /// Looks anew: from now on it is about what there is now. Takes the pane's lock for a moment.
    pub fn look(&mut self) {
        self.glance = self.output.lock().glance();
        self.blocks.try_again();
    }

    /// The rows in a window.
    pub fn view(&self, window: Window) -> View {
        let flow = self.flow(window);
        let rows = flow.rows(self.topmost(&flow, window), window.size.rows);
        let lines_below = rows.last().map_or(0, |last| flow.lines_below(last.address));
        let terminal = self.glance.terminal.as_ref();
        View {
            cursor: self.cursor_in(window, &rows),
            following: window.position == Position::Follow,
            lines_below,
            lines_total: self.glance.end(),
            lines_dropped: self.glance.lines.start,
            alternate: terminal.is_some_and(|terminal| terminal.alternate),
            title: terminal.and_then(|terminal| terminal.title.clone()),
            rows,
        }
    }

    /// The position `rows` further down (or up, if negative), kept within what there is;
    /// [`Position::Follow`] where that reaches the end.
    pub fn scrolled(&self, window: Window, rows: i64) -> Position {
        let flow = self.flow(window);
        let top = self.topmost(&flow, window);
        let distance = rows.unsigned_abs();
        let moved = if rows < 0 { flow.up(top, distance) } else { flow.down(top, distance) };
        self.position_at(&flow, window, moved)
    }

    /// The position that shows the oldest line on top.
    pub fn top(&self, window: Window) -> Position {
        let flow = self.flow(window);
        let first = RowAddress { place: flow.walk.first(), row: 0 };
        self.position_at(&flow, window, first)
    }

    /// The position that shows this line on top, or follows where that is the end.
    pub fn at_line(&self, window: Window, line: u64) -> Position {
        let flow = self.flow(window);
        let address = flow.nearest(RowAddress { place: Place::line(line), row: 0 });
        self.position_at(&flow, window, address)
    }

    /// The nearest line that matches, from `from` downwards or upwards, `from` included. Looks at
    /// most at `budget` lines. Matches are on the plain text; lines that are not finished are looked
    /// at, too.
    ///
    /// # Errors
    /// The line to go on from, when the budget ran out first.
    pub fn find(
        &self,
        pattern: &regex::Regex,
        from: u64,
        up: bool,
        budget: usize,
    ) -> Result<Option<u64>, u64> {
        let lines = self.glance.lines.start..self.glance.end();
        let last = lines.end.checked_sub(1);
        let mut next = if up { last.map(|last| last.min(from)) } else { Some(from.max(lines.start)) };
        for _ in 0..budget {
            let Some(line) = next.filter(|line| lines.contains(line)) else { return Ok(None) };
            if pattern.is_match(&self.text(line)) {
                return Ok(Some(line));
            }
            next = if up { line.checked_sub(1) } else { Some(line + 1) };
        }
        next.filter(|line| lines.contains(line)).map_or(Ok(None), Err)
    }

    /// The first line that came at this time or later; the end where none did.
    pub fn line_since(&self, time: SystemTime) -> u64 {
        self.strand().since(time)
    }

    /// How keys, pastes and mouse are to be encoded for the worker.
    pub fn input_modes(&self) -> InputModes {
        self.glance.terminal.as_ref().map(|terminal| terminal.modes).unwrap_or_default()
    }

    /// The lines that there are, those included that are not finished.
    pub fn lines(&self) -> Range<u64> {
        self.glance.lines.start..self.glance.end()
    }

    /// The plain text of a line; empty where there is none.
    pub fn text(&self, line: u64) -> String {
        self.strand().text(line)
    }

    fn strand(&self) -> Strand<'_> {
        Strand { output: &self.output, blocks: &self.blocks, layouts: &self.layouts, glance: &self.glance }
    }

    fn flow(&self, window: Window) -> Flow<Single<'_>> {
        Flow { walk: Single { strand: self.strand(), columns: window.size.columns, fit: window.fit } }
    }

    /// The topmost row of a window that follows.
    ///
    /// A program that has the whole screen is shown from the grid's first row, as on a terminal.
    /// One that only writes on is shown with its end at the window's: above it stand the lines that
    /// came before, also those of an earlier run.
    fn follow_top(&self, flow: &Flow<Single<'_>>, window: Window) -> RowAddress {
        match self.glance.terminal.as_ref().filter(|terminal| terminal.has_screen) {
            Some(terminal) => {
                // In a window lower than the grid, the cursor's row stays in sight.
                let cursor_end = terminal.cursor.map_or(0, |(_, row, _)| row + 1);
                let hidden = cursor_end.saturating_sub(window.size.rows);
                self.grid_row(hidden, window).unwrap_or(flow.end())
            }
            None => flow.up(flow.end(), window.size.rows.into()),
        }
    }

    fn topmost(&self, flow: &Flow<Single<'_>>, window: Window) -> RowAddress {
        let follow = self.follow_top(flow, window);
        match window.position {
            Position::Follow => follow,
            Position::At(address) => flow.nearest(address).min(follow),
        }
    }

    fn position_at(&self, flow: &Flow<Single<'_>>, window: Window, top: RowAddress) -> Position {
        if top >= self.follow_top(flow, window) { Position::Follow } else { Position::At(top) }
    }

    /// Where a row of the grid stands.
    fn grid_row(&self, row: u16, window: Window) -> Option<RowAddress> {
        let tail = self.glance.tail.iter().zip(self.glance.lines.end..);
        tail.into_iter().find_map(|((_, tail), line)| match tail {
            Tail::Grid(grid) if (grid.start..grid.start + grid.rows.len() as u16).contains(&row) => {
                let laid = self.strand().laid(line, window.size.columns, window.fit);
                let row = laid.text_height() + u32::from(row - grid.start);
                Some(RowAddress { place: Place::line(line), row })
            }
            Tail::Grid(_) | Tail::Open(_) => None,
        })
    }

    fn cursor_in(&self, window: Window, rows: &[ViewRow]) -> Option<Cursor> {
        let (column, row, shape) = self.glance.terminal.as_ref()?.cursor?;
        let address = self.grid_row(row, window)?;
        let row = rows.iter().position(|row| row.address == address)? as u16;
        let left = match window.fit {
            Fit::Wrap => 0,
            Fit::Cut { left } => left,
        };
        let column = u16::try_from(u32::from(column).checked_sub(left)?).ok()?;
        (column < window.size.columns).then_some(Cursor { column, row, shape })
    }
}
