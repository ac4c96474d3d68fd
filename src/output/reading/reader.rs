//! A reader of one worker's output: it glances under the pane's lock and reads without it. Knows
//! neither who asks nor how rows are drawn.

mod walking;

use super::blocks::Blocks;
use super::flow::{Flow, Walk};
use super::glance::{Glance, GridLine, Tail, Terminal};
use super::layouts::Layouts;
use super::single::Single;
use super::strand::{Sieve, Strand};
use crate::output::pane::Output;
use crate::output::search::{Lookup, Nearest};
use crate::output::view::{
    Cursor, Fit, InputModes, MouseMode, Passing, Place, Position, RowAddress, View, ViewRow, Window,
};
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
    /// So many glances in a row were into the middle of a frame.
    held: u32,
    filter: Option<Sieve>,
    pub(super) search: Option<Sieve>,
}

/// So often in a row a reader stays with what it saw before a program began its frame; at sixty looks a
/// second, about 150 ms. A program that never ends its frame is shown as it is then.
const MOST_HELD: u32 = 9;

impl Reader {
    /// A reader that has looked once.
    pub fn new(output: Arc<Output>) -> Self {
        let glance = output.lock().glance();
        let (blocks, layouts) = (Blocks::default(), Layouts::default());
        Self { output, blocks, layouts, glance, held: 0, filter: None, search: None }
    }

    /// Looks anew: from now on it is about what there is now. Takes the pane's lock for a moment.
    ///
    /// While a program is in the middle of a frame, what stood there before stays; but not for ever.
    pub fn look(&mut self) {
        let glance = self.output.lock().glance();
        let updating = glance.terminal.as_ref().is_some_and(|terminal| terminal.updating);
        self.held = if updating { self.held + 1 } else { 0 };
        if self.is_held() {
            return;
        }
        self.glance = glance;
        self.blocks.try_again();
        let look_again = |sieve: Sieve| Sieve::new(sieve.lookup, &self.glance);
        self.filter = self.filter.take().map(look_again);
        self.search = self.search.take().map(look_again);
    }

    /// It stays with what it saw before: it is to look again soon.
    pub(super) fn is_held(&self) -> bool {
        (1..=MOST_HELD).contains(&self.held)
    }

    /// The rows in a window.
    pub fn view(&self, window: Window) -> View {
        let flow = self.flow(window);
        let terminal = self.glance.terminal.as_ref();
        let view = flow.view(window, self.follow_top(&flow, window));
        View {
            cursor: self.cursor_in(window, &view.rows),
            terminal_top: self.terminal_top(window, &view.rows),
            passing: self.passing(),
            lines_total: self.glance.end(),
            lines_dropped: self.glance.lines.start,
            alternate: terminal.is_some_and(|terminal| terminal.alternate),
            title: terminal.and_then(|terminal| terminal.title.clone()),
            held: self.is_held(),
            ..view
        }
    }

    /// The position `rows` further down (or up, if negative), kept within what there is;
    /// [`Position::Follow`] where that reaches the end.
    pub fn scrolled(&self, window: Window, rows: i64) -> Position {
        let flow = self.flow(window);
        flow.scrolled(window, self.follow_top(&flow, window), rows)
    }

    /// The position that shows the oldest line on top.
    pub fn top(&self, window: Window) -> Position {
        self.at_line(window, 0)
    }

    /// The position that shows this line on top, or follows where that is the end.
    pub fn at_line(&self, window: Window, line: u64) -> Position {
        self.at(window, Place::line(line), 0)
    }

    /// The position that shows what is at this place on top, of a line of several rows the one that has
    /// this column; or follows where that is the end.
    pub fn at(&self, window: Window, place: Place, column: u32) -> Position {
        let flow = self.flow(window);
        flow.at(place, column, self.follow_top(&flow, window))
    }

    /// Shows only the lines that this finds, or all again.
    pub fn set_filter(&mut self, lookup: Option<Arc<Lookup>>) {
        set(&mut self.filter, lookup, &self.glance);
    }

    /// What [`Reader::nearest`] and [`Reader::found`] are about.
    pub fn set_search(&mut self, lookup: Option<Arc<Lookup>>) {
        set(&mut self.search, lookup, &self.glance);
    }

    /// The nearest line that the search finds, from `from` upwards or downwards, `from` included. Of
    /// the log, only the lines before `until` are waited for: in a flood there are always more.
    pub fn nearest(&self, from: u64, up: bool, until: u64) -> Nearest {
        let search = self.search.as_ref();
        search.map_or(Nearest::Nothing, |search| search.nearest(from, up, until, &self.glance))
    }

    /// The nearest line that this look finds, as [`Reader::nearest`].
    pub fn nearest_of(&self, lookup: &Arc<Lookup>, from: u64, up: bool, until: u64) -> Nearest {
        Sieve::new(Arc::clone(lookup), &self.glance).nearest(from, up, until, &self.glance)
    }

    /// When the oldest line came.
    pub fn oldest(&self) -> Option<SystemTime> {
        let first = self.lines().start;
        (first < self.lines().end).then(|| self.strand().at(first))
    }

    /// How many lines the search finds in all and from the oldest line up to this one, and whether all
    /// lines were looked at.
    pub fn found(&self, upto: u64) -> (u64, u64, bool) {
        let Some(search) = &self.search else { return (0, 0, true) };
        let (all, whole) = search.count(self.lines(), &self.glance);
        let (before, _) = search.count(self.lines().start..upto + 1, &self.glance);
        (all, before, whole)
    }

    /// The first line of the log, and the one after its last.
    pub fn log_lines(&self) -> Range<u64> {
        self.glance.lines.clone()
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

    pub(super) fn passing(&self) -> Option<Passing> {
        let (lines, whole) = self.filter.as_ref()?.count(self.lines(), &self.glance);
        let logged = &self.glance.lines;
        let of = logged.end - logged.start + self.glance.said_tail().len() as u64;
        Some(Passing { lines, of, whole })
    }

    pub(super) fn strand(&self) -> Strand<'_> {
        Strand {
            sieve: self.filter.as_ref(),
            output: &self.output,
            blocks: &self.blocks,
            layouts: &self.layouts,
            glance: &self.glance,
            hidden: 0,
        }
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
        let has_screen = |terminal: &&Terminal| terminal.has_screen && self.filter.is_none();
        match self.glance.terminal.as_ref().filter(has_screen) {
            Some(terminal) => {
                // In a window lower than the grid, the cursor's row stays in sight.
                let cursor_end = terminal.cursor.map_or(0, |(_, row, _)| row + 1);
                let hidden = cursor_end.saturating_sub(window.size.rows);
                self.grid_row(hidden, window).unwrap_or(flow.end())
            }
            None => flow.up(flow.end(), window.size.rows.into()),
        }
    }

    /// The line of the grid that has this row.
    fn grid_line(&self, row: u16) -> Option<(u64, &GridLine)> {
        let tail = (self.glance.lines.end..).zip(&self.glance.tail);
        tail.into_iter().find_map(|(line, (_, tail))| match tail {
            Tail::Grid(grid) if (grid.start..grid.start + grid.rows.len() as u16).contains(&row) => {
                Some((line, grid))
            }
            Tail::Grid(_) | Tail::Open(_) => None,
        })
    }

    /// Where a row of the grid stands.
    fn grid_row(&self, row: u16, window: Window) -> Option<RowAddress> {
        let (line, grid) = self.grid_line(row)?;
        if self.glance.joins_rows(window.fit) {
            return Some(RowAddress::line(line));
        }
        let laid = self.strand().laid(line, window.size.columns, window.fit);
        let row = laid.text_height() + u32::from(row - grid.start);
        Some(RowAddress { place: Place::line(line), row })
    }

    fn terminal_top(&self, window: Window, rows: &[ViewRow]) -> Option<i32> {
        let terminal = self.glance.terminal.as_ref();
        terminal.filter(|terminal| terminal.modes.mouse != MouseMode::Off)?;
        // Its first row may be above the view: any other tells as much.
        (0..u16::MAX).map_while(|row| Some((row, self.grid_row(row, window)?))).find_map(|(row, address)| {
            let at = rows.iter().position(|seen| seen.address == address)?;
            Some(at as i32 - i32::from(row))
        })
    }

    fn cursor_in(&self, window: Window, rows: &[ViewRow]) -> Option<Cursor> {
        let (column, row, shape) = self.glance.terminal.as_ref()?.cursor?;
        let (line, grid) = self.grid_line(row)?;
        let joined = self.glance.joins_rows(window.fit);
        let (address, column) = if self.glance.rewraps(grid, window.size.columns, window.fit) {
            let (flow, place, column) = (self.flow(window), Place::line(line), grid.column(row, column));
            let address = flow.row_of(place, column);
            (address, column.saturating_sub(flow.walk.laid(place).column(address.row)))
        } else {
            let column = if joined { grid.column(row, column) } else { u32::from(column) };
            (self.grid_row(row, window)?, column)
        };
        let row = rows.iter().position(|row| row.address == address)? as u16;
        let left = match window.fit {
            Fit::Wrap => 0,
            Fit::Cut { left } => left,
        };
        let column = u16::try_from(column.checked_sub(left)?).ok()?;
        (column < window.size.columns).then_some(Cursor { column, row, shape })
    }
}

/// Sieves with this look from now on, if it is another.
fn set(sieve: &mut Option<Sieve>, lookup: Option<Arc<Lookup>>, glance: &Glance) {
    match (&*sieve, lookup) {
        (Some(known), Some(lookup)) if Arc::ptr_eq(&known.lookup, &lookup) => {}
        (_, lookup) => *sieve = lookup.map(|lookup| Sieve::new(lookup, glance)),
    }
}
