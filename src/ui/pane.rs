//! The chosen worker's pane: a title that says whose it is, and what it says.

use super::draw::CursorAt;
use super::head::Pen;
use super::keymap::Action;
use super::model::{Focus, Model};
use super::{selection, status, text};
use crate::output::{Stream, ViewRow};
use crate::protocol::{State, WorkerView};
use crate::spec::OutputKind;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

pub(super) fn draw_title(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = model.theme;
    let focused = model.focus == Focus::Pane || model.keyboard.is_some();
    let rule = if model.keyboard.is_some() { theme.accent() } else { theme.dim() };
    let badge = badge(model, usize::from(area.width) / 2);
    let badge_columns = text::width(&badge) as u16;
    let end = area.right().saturating_sub(badge_columns);
    let mut pen = Pen { x: area.x, y: area.y, end: end.saturating_sub(1) };
    pen.write(buffer, "─", rule);
    if let Some(worker) = model.chosen() {
        let name = format!(" {} ", worker.name);
        let looks = if focused { theme.chosen() } else { Style::new() };
        pen.write(buffer, &name, looks.add_modifier(Modifier::BOLD));
        draw_about(model, worker, &mut pen, buffer);
    }
    pen.end = end;
    let rest = "─".repeat(pen.room());
    pen.write(buffer, &rest, rule);
    buffer.set_stringn(end, area.y, &badge, usize::from(badge_columns), theme.waiting());
}

/// What the title says beside the name: who has the keyboard, or how it is and what runs there.
fn draw_about(model: &Model, worker: &WorkerView, pen: &mut Pen, buffer: &mut Buffer) {
    if model.keyboard.as_ref() == Some(&worker.name) {
        let back = model.keymap.key(Action::GiveBack);
        let words = if worker.state.alive() {
            format!("has the keyboard · {back} gives it back")
        } else {
            format!("has ended, {} · {back}, esc or enter gives the keyboard back", worker.state)
        };
        pen.write(buffer, &format!(" {words} "), model.theme.accent());
        return;
    }
    let state = match &worker.state {
        // The whole error stands in the status line.
        State::Failed { .. } => worker.state.word().to_owned(),
        State::Ended(_) | State::Zombie { .. } if worker.left_alive() => {
            format!("{}, but {}", worker.state, status::still_live(worker))
        }
        State::Idle
        | State::Starting
        | State::Running(_)
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Ended(_) => worker.state.to_string(),
    };
    pen.write(buffer, &format!(" {state}"), model.theme.worker(worker));
    let title = model.view.title.as_deref().filter(|_| worker.state.alive());
    let title = title.unwrap_or(&worker.command);
    let title = text::one_line(title);
    let words = match &worker.description {
        Some(description) => format!("{} · {title}", text::one_line(description)),
        None => title.into_owned(),
    };
    pen.write(buffer, &format!(" · {words} "), model.theme.dim());
}

/// `▲ 1,234 lines below · end follows`, while the pane does not follow.
fn badge(model: &Model, room: usize) -> String {
    if model.view.following || model.view.rows.is_empty() {
        return String::new();
    }
    let below = text::thousands(model.view.lines_below);
    let end = model.keymap.key(Action::End);
    let short = format!(" ▲ {below} below ");
    let lines = text::counted(model.view.lines_below, "line", "lines");
    let full = format!(" ▲ {lines} below · {end} follows ");
    [full, short].into_iter().find(|badge| text::width(badge) <= room).unwrap_or_default()
}

/// Draws the rows. Returns where the worker's cursor is, if the keyboard is the worker's.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) -> Option<CursorAt> {
    let worker = model.chosen()?;
    if model.view.rows.is_empty() {
        draw_nothing(model, worker, area, buffer);
    }
    let text_area = text_area(model, area);
    let gutter = text_area.x - area.x;
    for (row, line) in text_area.rows().zip(&model.view.rows) {
        match line.stream {
            Stream::Ruling => draw_ruling(model, line, row, buffer),
            Stream::Stderr if gutter > 0 => {
                draw_line(model, line, row, buffer);
                let mark = if model.theme.color { "▎" } else { "!" };
                buffer.set_string(area.x, row.y, mark, model.theme.wrong());
            }
            Stream::Stderr | Stream::Terminal | Stream::Stdout => {
                draw_line(model, line, row, buffer);
            }
        }
    }
    selection::draw(model, text_area, buffer);
    cursor(model, text_area)
}

/// Where the text of lines stands: beside what is no part of it.
pub(super) fn text_area(model: &Model, area: Rect) -> Rect {
    // Lines from pipes are marked at their left where they are of standard error.
    let pipe = model.chosen().is_some_and(|worker| worker.output == OutputKind::Pipe);
    let gutter = u16::from(pipe).min(area.width);
    Rect { x: area.x + gutter, width: area.width - gutter, ..area }
}

fn cursor(model: &Model, area: Rect) -> Option<CursorAt> {
    model.keyboard.as_ref()?;
    let cursor = model.view.cursor?;
    let inside = cursor.column < area.width && cursor.row < area.height;
    inside.then(|| CursorAt { column: area.x + cursor.column, row: area.y + cursor.row, shape: cursor.shape })
}

fn draw_nothing(model: &Model, worker: &WorkerView, area: Rect, buffer: &mut Buffer) {
    let words = if worker.state.alive() {
        "it has said nothing yet".to_owned()
    } else {
        let start = model.keymap.key(Action::StartStop);
        format!("{} · {start} starts it", worker.state)
    };
    if area.height > 0 {
        let room = usize::from(area.width).saturating_sub(1);
        let words = text::cut(&words, room);
        buffer.set_stringn(area.x + 1, area.y, &words, room, model.theme.dim());
    }
}

fn draw_ruling(model: &Model, line: &ViewRow, row: Rect, buffer: &mut Buffer) {
    let width = usize::from(row.width);
    let words: String = line.spans.iter().map(|span| span.text.as_str()).collect();
    let start = text::cut(&format!("── {words} "), width).into_owned();
    let rest = "─".repeat(width.saturating_sub(text::width(&start)));
    buffer.set_stringn(row.x, row.y, start + &rest, width, model.theme.dim());
}

fn draw_line(model: &Model, line: &ViewRow, row: Rect, buffer: &mut Buffer) {
    let mut x = row.x;
    for span in &line.spans {
        let room = usize::from(row.right().saturating_sub(x));
        if room == 0 {
            break;
        }
        let looks = model.theme.printed(span.style);
        x = buffer.set_stringn(x, row.y, &span.text, room, looks).0;
    }
    mark_found(model, line, row, buffer);
}

fn mark_found(model: &Model, line: &ViewRow, row: Rect, buffer: &mut Buffer) {
    let Some(search) = &model.search else { return };
    let words: String = line.spans.iter().map(|span| span.text.as_str()).collect();
    let mut looks = model.theme.found();
    if search.at == Some(line.address.place.line) {
        looks = looks.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
    }
    for found in search.pattern.find_iter(&words).filter(|found| !found.is_empty()) {
        let start = text::width(&words[..found.start()]) as u16;
        let columns = text::width(found.as_str()) as u16;
        let area = Rect { x: row.x.saturating_add(start), width: columns, ..row };
        buffer.set_style(area.intersection(row), looks);
    }
}
