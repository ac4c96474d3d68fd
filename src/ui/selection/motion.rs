//! How the moving end of a selection goes through the text by keys. Pure: the text is asked for.

use super::Point;
use crate::output::{Pattern, Place};
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A step of the moving end.
#[derive(Debug, Clone)]
pub(in crate::ui) enum Motion {
    /// Stays, but is to be in view.
    Stay,
    /// Stays, and all of the word that it is in is selected, also what of it is not in view.
    Word,
    Left,
    Right,
    /// So many lines down, or up.
    Lines(i64),
    /// The oldest line.
    Top,
    /// The newest line.
    End,
    LineStart,
    LineEnd,
    /// The next word's beginning.
    WordOn,
    /// The beginning of this word or the one before.
    WordBack,
    /// The end of this word or the next.
    WordEnd,
    /// What a search found in this line.
    Match(Place, Arc<Pattern>),
}

/// For tests and effects: two that do the same.
impl PartialEq for Motion {
    fn eq(&self, other: &Self) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }
}

impl Eq for Motion {}

/// The text that a motion goes through.
pub(in crate::ui) trait Lines {
    fn text(&self, place: Place) -> String;
    fn before(&self, place: Place) -> Option<Place>;
    fn after(&self, place: Place) -> Option<Place>;
    /// The oldest and the newest line's.
    fn ends(&self) -> Option<(Place, Place)>;
}

/// Characters of one line: where each begins, and of which kind of word it is.
fn cells(text: &str) -> Vec<(u32, u8)> {
    let mut column = 0;
    let mut cells = Vec::new();
    for cluster in text.graphemes(true) {
        let first = cluster.chars().next().unwrap_or(' ');
        let class = match first {
            c if c.is_whitespace() => 0,
            c if c.is_alphanumeric() || c == '_' => 1,
            _ => 2,
        };
        cells.push((column, class));
        column += cluster.width() as u32;
    }
    cells
}

/// The cell that a column is of; the last one beyond the end.
fn index_at(cells: &[(u32, u8)], column: u32) -> usize {
    cells.partition_point(|(start, _)| *start <= column).saturating_sub(1)
}

impl Motion {
    /// Where the end goes from there, and the column that it wants to be in.
    pub(in crate::ui) fn apply(&self, lines: &impl Lines, from: Point, goal: u32) -> (Point, u32) {
        let Some((first, last)) = lines.ends() else { return (from, goal) };
        let from = Point { place: from.place.clamp(first, last), ..from };
        let within = |place: Place, goal: u32| {
            let cells = cells(&lines.text(place));
            let column = cells.get(index_at(&cells, goal)).map_or(0, |(column, _)| *column);
            Point { place, column }
        };
        let row = |place| (within(place, goal), goal);
        let to = match self {
            Self::Stay | Self::Word => return (from, goal),
            Self::Lines(count) => return row(step(lines, from.place, *count)),
            Self::Top => return row(first),
            Self::End => return row(last),
            Self::LineStart => Point { column: 0, ..from },
            Self::LineEnd => return (within(from.place, u32::MAX), u32::MAX),
            Self::Left => sideways(lines, from, -1),
            Self::Right => sideways(lines, from, 1),
            Self::WordOn => word_on(lines, from),
            Self::WordBack => word_back(lines, from),
            Self::WordEnd => word_end(lines, from),
            Self::Match(place, pattern) => {
                let place = *place;
                let text = lines.text(place);
                let start = pattern.found_in(&text).next().map_or(0, |found| found.start);
                Point { place, column: text[..start].width() as u32 }
            }
        };
        (to, to.column)
    }
}

fn step(lines: &impl Lines, mut place: Place, count: i64) -> Place {
    for _ in 0..count.unsigned_abs() {
        let next = if count < 0 { lines.before(place) } else { lines.after(place) };
        let Some(next) = next else { break };
        place = next;
    }
    place
}

fn sideways(lines: &impl Lines, from: Point, by: isize) -> Point {
    let cells = cells(&lines.text(from.place));
    let index = index_at(&cells, from.column).saturating_add_signed(by);
    let cell = cells.get(index).or(cells.last());
    Point { column: cell.map_or(0, |(column, _)| *column), ..from }
}

fn word_on(lines: &impl Lines, from: Point) -> Point {
    let here = cells(&lines.text(from.place));
    let at = index_at(&here, from.column);
    let class = here.get(at).map_or(0, |cell| cell.1);
    let mut rest = here.iter().skip(at).skip_while(|cell| cell.1 == class && class != 0);
    if let Some((column, _)) = rest.find(|cell| cell.1 != 0) {
        return Point { column: *column, ..from };
    }
    let mut place = from.place;
    while let Some(after) = lines.after(place) {
        place = after;
        if let Some((column, _)) = cells(&lines.text(place)).iter().find(|cell| cell.1 != 0) {
            return Point { place, column: *column };
        }
    }
    let last = cells(&lines.text(place)).last().map_or(0, |cell| cell.0);
    Point { place, column: last }
}

fn word_back(lines: &impl Lines, from: Point) -> Point {
    let mut place = from.place;
    let mut here = cells(&lines.text(place));
    // What is before the cell, or of lines before, everything.
    here.truncate(index_at(&here, from.column));
    loop {
        if let Some(end) = here.iter().rposition(|cell| cell.1 != 0) {
            let class = here[end].1;
            let before = here[..end].iter().rposition(|cell| cell.1 != class);
            return Point { place, column: here[before.map_or(0, |before| before + 1)].0 };
        }
        let Some(before) = lines.before(place) else { return Point { place, column: 0 } };
        place = before;
        here = cells(&lines.text(place));
    }
}

fn word_end(lines: &impl Lines, from: Point) -> Point {
    let mut place = from.place;
    let mut here = cells(&lines.text(place));
    let mut start = index_at(&here, from.column) + 1;
    loop {
        if let Some(begin) = (start..here.len()).find(|index| here[*index].1 != 0) {
            let class = here[begin].1;
            let end = (begin..here.len()).take_while(|index| here[*index].1 == class).last();
            return Point { place, column: here[end.unwrap_or(begin)].0 };
        }
        let Some(after) = lines.after(place) else {
            return Point { place, column: here.last().map_or(0, |cell| cell.0) };
        };
        place = after;
        here = cells(&lines.text(place));
        start = 0;
    }
}
