//! A row as readers are shown it: stretches of text in one style. Knows no screen.

use super::cell::{Cell, Kind};
use super::clusters::Clusters;
use super::row::Row;
use crate::output::{Span, Style};
use compact_str::CompactString;
use unicode_width::UnicodeWidthStr;

const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// The row's spans. Each span, drawn by itself, takes as many columns as its cells do: a span ends
/// where the next character would melt into the last one (an emoji joined to the one before it).
pub(super) fn of(row: &Row, clusters: &Clusters) -> Vec<Span> {
    let mut rest = row.trimmed();
    let mut spans: Vec<Span> = Vec::with_capacity(stretches(rest));
    let mut bytes = String::with_capacity(rest.len());
    let mut last = Cell::BLANK;
    let mut apart = true;
    while let Some((&cell, after)) = rest.split_first() {
        // Most of what is shown is one byte in one column.
        let plain = rest.iter().take_while(|next| next.is_byte() && next.same_style(cell)).count();
        let begins = apart || !cell.same_style(last);
        if plain > 0 {
            bytes.clear();
            bytes.extend(rest[..plain].iter().map(|cell| char::from(cell.low_byte())));
            match spans.last_mut().filter(|_| !begins) {
                Some(span) => span.text.push_str(&bytes),
                None => spans.push(Span { text: CompactString::new(&bytes), style: style(cell) }),
            }
            (last, apart, rest) = (cell, false, &rest[plain..]);
            continue;
        }
        rest = after;
        if cell.kind() == Kind::Trail {
            continue;
        }
        if begins || is_emoji_modifier(cell.character()) {
            spans.push(Span { text: CompactString::default(), style: style(cell) });
        }
        last = cell;
        if let Some(span) = spans.last_mut() {
            apart = push(cell, clusters, &mut span.text);
        }
    }
    spans
}

/// How many spans there are, or few more or less.
fn stretches(cells: &[Cell]) -> usize {
    let changes = cells.windows(2).filter(|pair| !pair[0].same_style(pair[1])).count();
    changes + usize::from(!cells.is_empty())
}

fn style(cell: Cell) -> Style {
    cell.pen().style()
}

/// Appends the cell's text; says whether the next one must not touch it.
fn push(cell: Cell, clusters: &Clusters, text: &mut CompactString) -> bool {
    let Some(index) = cell.cluster() else {
        text.push(cell.character());
        return false;
    };
    let cluster = clusters.text(index);
    let columns = if cell.kind() == Kind::Lead { 2 } else { 1 };
    // A variation selector can ask for two columns where the program counted on one.
    if cluster.width() == columns {
        text.push_str(cluster);
    } else {
        text.extend(cluster.chars().next());
    }
    cluster.ends_with(ZERO_WIDTH_JOINER)
}

fn is_emoji_modifier(character: char) -> bool {
    matches!(character, '\u{1f3fb}'..='\u{1f3ff}')
}
