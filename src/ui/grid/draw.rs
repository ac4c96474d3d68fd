//! The grid as it is seen: cells under their titles, and which of them keys are for, also without colours.

use super::Shown;
use crate::ui::draw::CursorAt;
use crate::ui::head::Pen;
use crate::ui::model::Model;
use crate::ui::pane::{self, Words};
use crate::ui::text;
use crate::ui::theme::glyph_of;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Draws all cells. Returns where the chosen worker's cursor is.
pub(in crate::ui) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) -> Option<CursorAt> {
    let shown = model.shown();
    if shown.is_empty() && !area.is_empty() {
        let mut pen = Pen { x: area.x + 1, y: area.y, end: area.right() };
        pen.write(buffer, "no worker matches", model.theme.dim());
    }
    let mut cursor = None;
    for (index, cell) in shown.iter().enumerate() {
        let more = more(model, index, shown.len());
        draw_divider(model, cell, &shown, buffer);
        if !cell.cell.title.is_empty() {
            draw_title(model, cell, more, buffer);
        }
        cursor = pane::draw(model.sight_of(cell), cell.cell.pane, buffer).or(cursor);
    }
    cursor
}

fn is_chosen(model: &Model, shown: &Shown<'_>) -> bool {
    model.list.chosen.as_ref() == Some(&shown.worker.name)
}

/// How many members have no room: before the first cell and behind the last one.
fn more(model: &Model, index: usize, shown: usize) -> Option<Words> {
    let (_, before) = model.page();
    let behind = model.in_order().len().saturating_sub(before + shown);
    let words = |count: usize, arrow| format!("{arrow} {}", text::thousands(count as u64));
    let above = (index == 0 && before > 0).then(|| words(before, "▲"));
    let below = (index + 1 == shown && behind > 0).then(|| words(behind, "▼"));
    let short = [above, below].into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!short.is_empty()).then(|| [format!("{short} more"), short.clone(), short])
}

/// `▸ ● api running ━━━━ ▲ 123 lines below`
fn draw_title(model: &Model, shown: &Shown<'_>, more: Option<Words>, buffer: &mut Buffer) {
    let (area, theme, chosen) = (shown.cell.title, model.theme, is_chosen(model, shown));
    let sight = model.sight_of(shown);
    // Mark, glyph and name stay, with a blank beside each.
    let name_columns = text::width(shown.worker.name.as_str()) + 5;
    let width = usize::from(area.width);
    let badge = pane::badge(sight, more, (width * 2 / 3).min(width.saturating_sub(name_columns)));
    let badge_columns = text::width(&badge) as u16;
    let end = area.right().saturating_sub(badge_columns);
    let mut pen = Pen { x: area.x, y: area.y, end: end.saturating_sub(1) };
    let (mark, rule, looks) =
        if chosen { ("▸", "━", theme.accent()) } else { ("─", "─", theme.dim()) };
    pen.write(buffer, mark, looks);
    pen.write(buffer, " ", Style::new());
    pen.write(buffer, glyph_of(shown.worker), theme.worker(shown.worker));
    pen.write(buffer, " ", Style::new());
    let name = theme.name(shown.worker.color).add_modifier(Modifier::BOLD);
    let name = if chosen { name.patch(theme.chosen()) } else { name };
    pen.write(buffer, shown.worker.name.as_str(), name);
    pane::draw_state(sight, shown.worker, &mut pen, buffer);
    pen.end = end;
    let rest = rule.repeat(pen.room());
    pen.write(buffer, &rest, looks);
    buffer.set_stringn(end, area.y, &badge, usize::from(badge_columns), theme.waiting());
}

/// The line to the cell at the right; a strong one on both sides of the chosen one.
fn draw_divider(model: &Model, shown: &Shown<'_>, all: &[Shown<'_>], buffer: &mut Buffer) {
    let divider = shown.cell.divider;
    let right =
        |other: &&Shown<'_>| other.cell.pane.x == divider.right() && other.cell.title.y == shown.cell.title.y;
    let strong =
        is_chosen(model, shown) || all.iter().find(right).is_some_and(|other| is_chosen(model, other));
    let (line, looks) = if strong { ("┃", model.theme.accent()) } else { ("│", model.theme.dim()) };
    for row in divider.rows() {
        buffer.set_string(row.x, row.y, line, looks);
    }
}
