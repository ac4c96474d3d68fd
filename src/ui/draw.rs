//! One frame from the model: every part draws itself into its place.

use super::layout::Layout;
use super::model::Model;
use super::{dialogs, foot, grid, head, inspect, list, pane, status};
use crate::output::CursorShape;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Where the cursor is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CursorAt {
    pub(super) column: u16,
    pub(super) row: u16,
    pub(super) shape: CursorShape,
}

impl CursorAt {
    /// Where text is typed.
    pub(super) fn typing(column: u16, row: u16) -> Self {
        Self { column, row, shape: CursorShape::Bar }
    }
}

/// Draws everything. Returns where the cursor is; it is hidden if nowhere.
pub(super) fn draw(model: &Model, buffer: &mut Buffer) -> Option<CursorAt> {
    let layout = model.layout();
    let visible = |area: Rect| !area.is_empty();
    if visible(layout.head) {
        head::draw(model, layout.head, buffer);
    }
    let of_worker = match &model.inspector {
        Some(inspector) => {
            inspect::draw(model, inspector, body(&layout), buffer);
            None
        }
        None => draw_workers(model, &layout, buffer),
    };
    dialogs::draw(model, body(&layout), buffer);
    let of_prompt = draw_bottom(model, &layout, buffer);
    of_prompt.or(of_worker.filter(|_| model.dialog.is_none() && !model.quitting()))
}

/// List and pane. Returns where the chosen worker's cursor is.
fn draw_workers(model: &Model, layout: &Layout, buffer: &mut Buffer) -> Option<CursorAt> {
    let visible = |area: Rect| !area.is_empty();
    if model.grid_in_view() {
        return grid::draw(model, layout.cells, buffer);
    }
    if visible(layout.header) {
        list::draw_header(model, layout.header, buffer);
    }
    list::draw_rows(model, layout.rows, buffer);
    for cell in layout.divider.rows() {
        buffer.set_string(cell.x, cell.y, "│", model.theme.dim());
    }
    if visible(layout.title) {
        pane::draw_title(model, layout.title, buffer);
    }
    pane::draw(model.sight(), layout.pane, buffer)
}

/// Status and foot. Where only the foot has room, a prompt or a message takes it.
fn draw_bottom(model: &Model, layout: &Layout, buffer: &mut Buffer) -> Option<CursorAt> {
    let has_status = !layout.status.is_empty();
    let line = if has_status { layout.status } else { layout.foot };
    if line.is_empty() {
        return None;
    }
    let cursor = dialogs::draw_prompt(model, line, buffer);
    if cursor.is_none() && (has_status || status::notice(model).is_some()) {
        status::draw(model, line, buffer);
    }
    let taken = cursor.is_some() || status::notice(model).is_some();
    if !layout.foot.is_empty() && (has_status || !taken) {
        foot::draw(model, layout.foot, buffer);
    }
    cursor
}

/// All between head and status: where dialogs may lie.
pub(super) fn body(layout: &Layout) -> Rect {
    [layout.header, layout.rows, layout.divider, layout.title, layout.pane, layout.cells]
        .into_iter()
        .filter(|area| !area.is_empty())
        .reduce(Rect::union)
        .unwrap_or_default()
}
