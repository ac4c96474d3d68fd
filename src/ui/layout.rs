//! Where everything is on a screen of some size. Pure arithmetic; knows neither facts nor looks.

use crate::protocol::Size;
use ratatui::layout::Rect;

/// From this width on, list and pane stand side by side.
const SIDE_BY_SIDE: u16 = 110;
/// What a program on a terminal likes to have.
const PANE_COLUMNS: u16 = 80;
/// The list's width beside the names, up to the memory column, and with every column.
const BESIDE_NAMES: (u16, u16) = (43, 70);

/// The parts of the screen; a part that has no room is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Counts of states.
    pub(super) head: Rect,
    /// Names of the list's columns.
    pub(super) header: Rect,
    /// The list's rows.
    pub(super) rows: Rect,
    /// The line between list and pane where they stand side by side.
    pub(super) divider: Rect,
    /// Above the pane: whose it is.
    pub(super) title: Rect,
    /// What the worker says.
    pub(super) pane: Rect,
    /// Where several stand side by side; title and pane are the chosen one's there.
    pub(super) cells: Rect,
    /// What is waited for, messages, prompts.
    pub(super) status: Rect,
    /// Keys that work now.
    pub(super) foot: Rect,
}

impl Layout {
    /// `names`: columns of the longest name. The number of workers and their names alone decide,
    /// not what they do: a pane that changes its size disturbs the program in it.
    pub(super) fn of(size: Size, workers: usize, names: usize, zoom: bool) -> Self {
        let mut rest = Rect::new(0, 0, size.columns, size.rows);
        let foot = take_bottom(&mut rest, u16::from(size.rows >= 3));
        let status = take_bottom(&mut rest, u16::from(size.rows >= 9));
        let head = take_top(&mut rest, u16::from(size.rows >= 5));
        let base = Self { head, status, foot, ..Self::default() };
        if zoom {
            base.with_pane(rest)
        } else if size.columns >= SIDE_BY_SIDE {
            base.side_by_side(rest, names)
        } else {
            base.stacked(rest, workers)
        }
    }

    fn side_by_side(mut self, mut rest: Rect, names: usize) -> Self {
        let width = list_width(rest.width, names);
        let mut list = take_left(&mut rest, width);
        let header = u16::from(list.height >= 2);
        self.header = take_top(&mut list, header);
        self.rows = list;
        self.divider = take_left(&mut rest, 1);
        self.with_pane(rest)
    }

    fn stacked(mut self, mut rest: Rect, workers: usize) -> Self {
        let header = u16::from(rest.height >= 12);
        let most = (rest.height / 3).saturating_sub(header).max(1);
        let rows = u16::try_from(workers).unwrap_or(u16::MAX).clamp(1, most);
        self.header = take_top(&mut rest, header);
        self.rows = take_top(&mut rest, rows);
        self.with_pane(rest)
    }

    fn with_pane(mut self, mut rest: Rect) -> Self {
        let title = u16::from(rest.height >= 2);
        self.title = take_top(&mut rest, title);
        self.pane = rest;
        self
    }

    /// The pane's inside.
    pub(super) fn pane_size(&self) -> Size {
        Size { columns: self.pane.width.max(1), rows: self.pane.height.max(1) }
    }
}

fn list_width(columns: u16, names: usize) -> u16 {
    let names = names as u16;
    let (least, all) = (BESIDE_NAMES.0 + names, BESIDE_NAMES.1 + names);
    least.max(all.min(columns.saturating_sub(PANE_COLUMNS + 1))).clamp(45, 84).min(columns / 2)
}

fn take_top(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    let taken = Rect { height: rows, ..*rest };
    rest.y += rows;
    rest.height -= rows;
    taken
}

fn take_bottom(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    rest.height -= rows;
    Rect { y: rest.y + rest.height, height: rows, ..*rest }
}

fn take_left(rest: &mut Rect, columns: u16) -> Rect {
    let columns = columns.min(rest.width);
    let taken = Rect { width: columns, ..*rest };
    rest.x += columns;
    rest.width -= columns;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(columns: u16, rows: u16) -> Layout {
        Layout::of(Size { columns, rows }, 12, 12, false)
    }

    #[test]
    fn every_row_is_used_once_at_any_size() {
        for rows in 1..60 {
            for columns in [1, 10, 40, 80, 110, 120, 200] {
                for zoom in [false, true] {
                    let layout = Layout::of(Size { columns, rows }, 12, 12, zoom);
                    let beside = if columns >= SIDE_BY_SIDE && !zoom {
                        assert_eq!(
                            layout.header.height + layout.rows.height,
                            layout.title.height + layout.pane.height
                        );
                        0
                    } else {
                        layout.header.height + layout.rows.height
                    };
                    let used = layout.head.height
                        + beside
                        + layout.title.height
                        + layout.pane.height
                        + layout.status.height
                        + layout.foot.height;
                    assert_eq!(used, rows, "{columns}x{rows} {layout:?}");
                }
            }
        }
    }

    #[test]
    fn a_wide_screen_gives_the_pane_what_programs_like() {
        assert_eq!(at(80, 24).pane, Rect::new(0, 9, 80, 13));
        assert!(at(120, 40).pane.width >= 64, "{:?}", at(120, 40));
        assert!(at(200, 60).pane.width >= PANE_COLUMNS);
    }
}
