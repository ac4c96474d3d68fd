//! A row as readers are shown it: stretches of text in one style. Knows no screen.

use super::cell::{Cell, Kind};
use super::clusters::Clusters;
use super::row::Row;
use crate::output::{Span, Style};
use compact_str::CompactString;
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// The row's spans. Each span, drawn by itself, takes as many columns as its cells do: a span ends
/// where the next character would melt into the last one (an emoji joined to the one before it).
pub(super) fn of(row: &Row, clusters: &Clusters) -> Arc<[Span]> {
    let cells = row.said();
    // Most of what is shown is one byte in one column.
    let bytes: Vec<u8> =
        cells.iter().map(|cell| if cell.is_byte() { cell.low_byte() } else { b'?' }).collect();
    let text = String::from_utf8(bytes).unwrap_or_default();
    // Room for one each: what is copied from here has the length that is needed.
    let mut spans: Vec<Span> = Vec::with_capacity(cells.len());
    let mut last = Cell::BLANK;
    let mut apart = true;
    let mut at = 0;
    while let Some(&cell) = cells.get(at) {
        let plain = cells[at..].iter().take_while(|next| next.is_byte() && next.same_style(cell)).count();
        let begins = apart || !cell.same_style(last);
        if plain > 0 {
            let text = &text[at..at + plain];
            match spans.last_mut().filter(|_| !begins) {
                Some(span) => span.text.push_str(text),
                None => spans.push(Span { text: CompactString::new(text), style: style(cell) }),
            }
            (last, apart, at) = (cell, false, at + plain);
            continue;
        }
        at += 1;
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
    spans.into()
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
