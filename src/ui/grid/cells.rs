//! How cells share an area: how many have room, in how many columns, and where each stands. Pure
//! arithmetic; knows neither workers nor looks.

use crate::protocol::Size;
use ratatui::layout::Rect;

/// More cells than this nobody reads.
pub(super) const MOST: usize = 16;
/// A cell with less room for text than this is of no use: fewer are shown.
const LEAST: Size = Size { columns: 30, rows: 4 };
/// What programs are written for: more columns are worth nothing more.
const ENOUGH_COLUMNS: u16 = 80;
/// Of a cell's rows, so many are worth nothing: what stands in one or two rows tells no story.
const WORTHLESS_ROWS: u16 = 3;

/// The parts of a cell. Together those of all cells take the whole area, each place once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) struct Cell {
    /// Above the pane; where a cell follows, over the line between as well.
    pub(in crate::ui) title: Rect,
    pub(in crate::ui) pane: Rect,
    /// The line to the cell at the right; empty where there is none.
    pub(in crate::ui) divider: Rect,
}

impl Cell {
    /// All of it.
    pub(in crate::ui) fn whole(&self) -> Rect {
        [self.pane, self.divider].into_iter().filter(|part| !part.is_empty()).fold(self.title, Rect::union)
    }
}

/// How many cells have room; one has at any size.
pub(in crate::ui) fn capacity(area: Rect) -> usize {
    let columns = (area.width + 1) / (LEAST.columns + 1);
    let rows = area.height / (LEAST.rows + 1);
    (usize::from(columns) * usize::from(rows)).clamp(1, MOST)
}

/// So many cells in this area, or as many as have room: row by row, and in the last row the wider the
/// fewer they are.
pub(in crate::ui) fn cells(area: Rect, count: usize) -> Vec<Cell> {
    let count = count.clamp(1, capacity(area));
    let columns = columns(area, count);
    let rows = count.div_ceil(columns);
    let mut cells = Vec::with_capacity(count);
    let mut y = area.y;
    for (row, height) in shares(area.height, rows).enumerate() {
        let in_row = columns.min(count - row * columns);
        let mut x = area.x;
        for (column, width) in shares(area.width.saturating_sub(in_row as u16 - 1), in_row).enumerate() {
            let last = column + 1 == in_row;
            let cell = cell(Rect { x, y, width: width + u16::from(!last), height }, last);
            x += cell.title.width;
            cells.push(cell);
        }
        y += height;
    }
    cells
}

fn cell(whole: Rect, last: bool) -> Cell {
    let title = Rect { height: u16::from(whole.height >= 2), ..whole };
    let below = Rect { y: whole.y + title.height, height: whole.height - title.height, ..whole };
    let width = below.width - u16::from(!last);
    Cell {
        title: if title.is_empty() { Rect { width: below.width, ..title } } else { title },
        pane: Rect { width, ..below },
        divider: Rect { x: below.x + width, width: below.width - width, ..below },
    }
}

/// A length in so many parts, the first ones longer by one where it does not divide.
fn shares(length: u16, parts: usize) -> impl Iterator<Item = u16> {
    let parts = parts.max(1) as u16;
    let (share, rest) = (length / parts, length % parts);
    (0..parts).map(move |part| share + u16::from(part < rest))
}

/// In how many columns so many cells are read best.
fn columns(area: Rect, count: usize) -> usize {
    let fitting = (1..=count).filter_map(|columns| Some((worth(area, count, columns)?, columns)));
    // Of two that are worth the same, the one with longer lines.
    let best = fitting.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map_or(1, |(_, columns)| columns)
}

/// What cells in so many columns are worth to their readers; `None` where they are too small.
///
/// Columns count more than rows: a row that is missing can be scrolled to, a line that is wrapped three
/// times is hard to read. What is left empty is worth nothing.
fn worth(area: Rect, count: usize, columns: usize) -> Option<u64> {
    let rows = count.div_ceil(columns);
    let width = area.width.checked_sub(columns as u16 - 1)? / columns as u16;
    let height = (area.height / rows as u16).checked_sub(1)?;
    if width < LEAST.columns || height < LEAST.rows {
        return None;
    }
    let width = u64::from(width.min(ENOUGH_COLUMNS));
    let used = 1000 * count as u64 / (columns * rows) as u64;
    Some(width * width * u64::from(height - WORTHLESS_ROWS) * used)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn area(columns: u16, rows: u16) -> Rect {
        Rect::new(0, 1, columns, rows)
    }

    /// How many cells stand in each row.
    fn rows(columns: u16, rows: u16, count: usize) -> Vec<usize> {
        let cells = cells(area(columns, rows), count);
        cells.chunk_by(|one, next| one.title.y == next.title.y).map(<[Cell]>::len).collect()
    }

    #[test]
    fn cells_stand_as_the_window_is_shaped() {
        // What is left of 80x24, 120x40 and 200x60 without head, status and foot.
        for (columns, lines, table) in [
            (80, 21, &[(2, vec![1, 1]), (3, vec![1, 1, 1]), (4, vec![2, 2])][..]),
            (120, 37, &[(2, vec![2]), (4, vec![2, 2]), (6, vec![2, 2, 2]), (9, vec![3, 3, 3])]),
            (200, 57, &[(2, vec![2]), (3, vec![3]), (9, vec![3, 3, 3]), (16, vec![4, 4, 4, 4])]),
        ] {
            for (count, expected) in table {
                assert_eq!(rows(columns, lines, *count), *expected, "{count} at {columns}x{lines}");
            }
        }
    }

    #[test]
    fn where_there_is_no_room_fewer_are_shown() {
        assert_eq!(capacity(area(200, 57)), MOST);
        assert_eq!(capacity(area(120, 37)), MOST);
        assert_eq!(capacity(area(80, 21)), 8);
        assert_eq!(capacity(area(40, 7)), 1);
        assert_eq!(capacity(area(0, 0)), 1);
        assert_eq!(rows(40, 7, 5), [1]);
    }

    proptest! {
        #[test]
        fn cells_fill_the_area_and_never_overlap(
            columns in 0_u16..320, rows in 0_u16..120, count in 1_usize..20,
        ) {
            let area = area(columns, rows);
            let cells = cells(area, count);
            prop_assert_eq!(cells.len(), count.min(capacity(area)));
            let mut taken = vec![0; usize::from(columns) * usize::from(rows)];
            for cell in &cells {
                for part in [cell.title, cell.pane, cell.divider] {
                    prop_assert_eq!(part.intersection(area).area(), part.area(), "{:?} in {:?}", part, area);
                    for place in part.positions() {
                        let (x, y) = (usize::from(place.x), usize::from(place.y - area.y));
                        taken[y * usize::from(columns) + x] += 1;
                    }
                }
                if cells.len() > 1 {
                    prop_assert!(cell.pane.width >= LEAST.columns && cell.pane.height >= LEAST.rows);
                }
            }
            prop_assert!(taken.iter().all(|times| *times == 1), "{:?}", cells);
        }
    }
}
