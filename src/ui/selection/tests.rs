//! What is selected against a naive model of a screen, by the mouse and by keys.

use super::*;
use crate::output::{Excerpt, Fit, Form, Output, Reader, RowAddress, Window, cut_text};
use crate::protocol::Size;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::SystemTime;

fn output(lines: &[String]) -> Arc<Output> {
    let output = Output::new(Size { columns: 80, rows: 24 }, false);
    for line in lines {
        output.lock().feed(Stream::Stdout, format!("{line}\n").as_bytes(), SystemTime::UNIX_EPOCH);
    }
    Arc::new(output)
}

fn seen(output: &Arc<Output>, columns: u16) -> View {
    let position = Position::At(RowAddress::line(0));
    let window = Window { size: Size { columns, rows: 500 }, position, fit: Fit::Wrap };
    Reader::new(Arc::clone(output)).view(window)
}

fn text(output: &Arc<Output>, selection: &Selection) -> String {
    let mut out = Vec::new();
    let mut excerpt = Excerpt::new(Arc::clone(output), selection.extent(), None);
    assert!(excerpt.write(Form::Plain, usize::MAX, &mut out).unwrap().over);
    String::from_utf8(out).unwrap()
}

fn select(view: &View, shape: Shape, from: (i32, i32), to: (i32, i32)) -> Selection {
    let point = |cell| Stretch::one(point_at(view, cell).unwrap());
    let mut selection = Selection::new("w".into(), shape, point(from), Position::Follow);
    selection.extend(point(to));
    selection
}

/// What a person reads of the marked cells: rows that are of one line are joined, and blanks at the
/// ends of lines are none.
fn joined(rows: impl Iterator<Item = (u64, String)>) -> String {
    let mut lines: Vec<(u64, String)> = Vec::new();
    for (line, text) in rows {
        match lines.last_mut() {
            Some((last, all)) if *last == line => all.push_str(&text),
            Some(_) | None => lines.push((line, text)),
        }
    }
    lines.iter().map(|(_, line)| line.trim_end_matches(' ')).collect::<Vec<_>>().join("\n")
}

/// The characters of which a cell is between two cells in the order of reading.
fn naive(view: &View, from: (i32, i32), to: (i32, i32)) -> String {
    let clamped = |(x, y): (i32, i32)| {
        let (row, next) = (&view.rows[y as usize], view.rows.get(y as usize + 1));
        let goes_on = next.is_some_and(|next| next.address.place == row.address.place);
        let last = (row_text(row).width() as i32 - 1).max(0);
        (y, if goes_on { x.min(last) } else { x })
    };
    let (from, to) = (clamped(from), clamped(to));
    let (from, to) = (from.min(to), from.max(to));
    joined((from.0..=to.0).map(|y| {
        let row = &view.rows[y as usize];
        let mut text = String::new();
        let mut x = 0;
        for cluster in row_text(row).graphemes(true) {
            let end = x + cluster.width() as i32;
            if (y, end - 1) >= from && (y, x) <= to {
                text.push_str(cluster);
            }
            x = end;
        }
        (row.address.place.line, text)
    }))
}

proptest! {
    #[test]
    fn a_drag_selects_what_a_person_sees_between_the_cells(
        lines in prop::collection::vec("[a-c日 ]{0,30}", 1..12),
        columns in 2..20_u16,
        other in 2..40_u16,
        (from, to) in ((0..20, 0..1000), (0..20, 0..1000)),
    ) {
        let output = output(&lines);
        let view = seen(&output, columns);
        let rows = view.rows.len() as i32;
        let cell = |(x, y): (i32, i32)| (x % i32::from(columns), y % rows);
        let (from, to) = (cell(from), cell(to));
        let selection = select(&view, Shape::Characters, from, to);
        let taken = text(&output, &selection);
        prop_assert_eq!(&taken, &naive(&view, from, to));
        // In a window of another width, the same text is marked.
        let again = seen(&output, other);
        let marked = again.rows.iter().filter(|row| selection.columns_of(row.address.place).is_some());
        let marked = joined(marked.map(|row| {
            let cells = draw::cells(&selection, row, other).unwrap_or(0..0);
            let part = cut_text(&row_text(row), cells.start.into()..cells.end.into()).to_owned();
            (row.address.place.line, part)
        }));
        prop_assert_eq!(marked, taken);
    }

    #[test]
    fn a_block_is_its_columns_of_each_line(
        lines in prop::collection::vec("[a-c日 ]{0,12}", 1..12),
        (from, to) in ((0..14, 0..1000), (0..14, 0..1000)),
    ) {
        let output = output(&lines);
        let view = seen(&output, 40);
        let rows = view.rows.len() as i32;
        let (from, to) = ((from.0, from.1 % rows), (to.0, to.1 % rows));
        let selection = select(&view, Shape::Block, from, to);
        let (left, right) = (from.0.min(to.0) as u32, from.0.max(to.0) as u32);
        let mut expected = String::new();
        for line in &lines[from.1.min(to.1) as usize..=from.1.max(to.1) as usize] {
            expected.push_str(cut_text(line, left..right + 1).trim_end_matches(' '));
            expected.push('\n');
        }
        prop_assert_eq!(text(&output, &selection), expected);
    }
}

#[test]
fn what_is_selected_stays_on_its_text_while_more_comes() {
    let output = output(&["one two".into(), "three".into()]);
    let selection = select(&seen(&output, 10), Shape::Characters, (4, 0), (2, 1));
    assert_eq!(text(&output, &selection), "two\nthr");
    output.lock().feed(Stream::Stdout, &b"flood\n".repeat(5000), SystemTime::UNIX_EPOCH);
    assert_eq!(text(&output, &selection), "two\nthr");
}

#[test]
fn a_word_is_what_two_clicks_take_for_one() {
    let word = |text: &str, column: u32| cut_text(text, word_at(text, column)).to_owned();
    assert_eq!(word("at src/ui/mod.rs:12 (x)", 5), "src/ui/mod.rs:12");
    assert_eq!(word("at src/ui/mod.rs:12 (x)", 21), "x");
    assert_eq!(word("日本 x", 1), "日本");
    assert_eq!(word("a  b", 1), "  ");
    assert_eq!(word("a", 7), "");
}

/// Lines without a reader.
struct Fake(&'static [&'static str]);

impl Lines for Fake {
    fn text(&self, place: Place) -> String {
        self.0[place.line as usize].to_owned()
    }

    fn before(&self, place: Place) -> Option<Place> {
        place.line.checked_sub(1).map(Place::line)
    }

    fn after(&self, place: Place) -> Option<Place> {
        (place.line + 1 < self.0.len() as u64).then(|| Place::line(place.line + 1))
    }

    fn ends(&self) -> Option<(Place, Place)> {
        Some((Place::line(0), Place::line(self.0.len() as u64 - 1)))
    }
}

#[test]
fn keys_move_the_end_as_in_vi() {
    use Motion as M;
    let lines = Fake(&["let x = foo(bar);", "", "  日本 end"]);
    let walk = |steps: &[Motion]| {
        let start = (Point { place: Place::line(0), column: 0 }, 0);
        let (to, _) = steps.iter().fold(start, |(at, goal), step| step.apply(&lines, at, goal));
        (to.place.line, to.column)
    };
    assert_eq!(walk(&[M::WordOn]), (0, 4));
    assert_eq!(walk(&[M::WordOn, M::WordOn, M::WordOn, M::WordOn]), (0, 11));
    assert_eq!(walk(&[M::LineEnd, M::WordOn]), (2, 2), "over an empty line");
    assert_eq!(walk(&[M::WordEnd]), (0, 2));
    assert_eq!(walk(&[M::LineEnd, M::WordEnd]), (2, 4), "the last cell of the word is wide");
    assert_eq!(walk(&[M::End, M::WordOn, M::WordBack, M::WordBack]), (0, 12));
    assert_eq!(walk(&[M::Lines(1), M::Lines(1), M::Right, M::Right, M::Right]), (2, 4));
    assert_eq!(walk(&[M::LineEnd, M::Lines(1), M::Lines(1)]), (2, 9), "the column is kept");
    assert_eq!(walk(&[M::End, M::Lines(9), M::Lines(-9), M::Left]), (0, 0));
    let found = M::Match(Place::line(2), Arc::new(crate::output::Pattern::new("end").unwrap()));
    assert_eq!(walk(&[found]), (2, 7));
}
