//! A row as readers are shown it: stretches of text in one style. Knows no screen.

use super::cell::{Cell, Kind};
use super::clusters::Clusters;
use super::row::Row;
use crate::output::{Span, Style};
use unicode_width::UnicodeWidthStr;

const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// The row's spans. Each span, drawn by itself, takes as many columns as its cells do: a span ends
/// where the next character would melt into the last one (an emoji joined to the one before it).
pub(super) fn of(row: &Row, clusters: &Clusters) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut last = Cell::BLANK;
    let mut apart = true;
    for &cell in row.trimmed() {
        if cell.kind() == Kind::Trail {
            continue;
        }
        if apart || !cell.same_style(last) || is_emoji_modifier(cell.character()) {
            spans.push(Span { text: String::new(), style: style(cell) });
        }
        last = cell;
        if let Some(span) = spans.last_mut() {
            apart = push(cell, clusters, &mut span.text);
        }
    }
    spans
}

fn style(cell: Cell) -> Style {
    cell.pen().style()
}

/// Appends the cell's text; says whether the next one must not touch it.
fn push(cell: Cell, clusters: &Clusters, text: &mut String) -> bool {
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
