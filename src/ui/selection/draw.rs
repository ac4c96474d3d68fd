//! Selected text as it is seen: over the rows of a pane.

use super::{Selection, Shape, row_text};
use crate::output::ViewRow;
use crate::ui::model::Model;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Marks what is selected; `area` is where the rows' text stands, without gutters.
pub(in crate::ui) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(selection) = &model.selection else { return };
    if model.list.chosen.as_ref() != Some(&selection.worker) {
        return;
    }
    for (line, row) in model.view.rows.iter().zip(area.rows()) {
        let Some(cells) = cells(selection, line, row.width) else { continue };
        let marked = Rect { x: row.x + cells.start, width: cells.end - cells.start, ..row };
        for position in marked.positions() {
            let cell = &mut buffer[position];
            // Reversed text is to be seen as selected, too.
            let style = if cell.modifier.contains(Modifier::REVERSED) {
                Style::new().remove_modifier(Modifier::REVERSED).add_modifier(Modifier::UNDERLINED)
            } else {
                Style::new().add_modifier(Modifier::REVERSED)
            };
            cell.set_style(style);
        }
    }
}

/// Which cells of a row are marked; wide characters whole.
pub(super) fn cells(selection: &Selection, row: &ViewRow, width: u16) -> Option<Range<u16>> {
    let columns = selection.columns_of(row.address.place)?;
    let text = row_text(row);
    let all = text.width() as u32;
    let into_row = |column: u32| column.saturating_sub(row.column).min(width.into());
    let (mut from, mut to) = (into_row(columns.start), into_row(columns.end));
    match selection.shape {
        // A rectangle is one where there is no text, too; but not in rows that a line goes on in.
        Shape::Block if columns.end <= row.column => return None,
        Shape::Block => {}
        // Of an empty line, a cell says that it is selected.
        Shape::Characters | Shape::Lines => to = to.min(all.max(1)),
    }
    let mut at = 0;
    for cluster in text.graphemes(true) {
        let end = at + cluster.width() as u32;
        if at < from && from < end {
            from = at;
        }
        if at < to && to < end {
            to = end;
        }
        at = end;
    }
    (from < to).then(|| from as u16..to.min(width.into()) as u16)
}
