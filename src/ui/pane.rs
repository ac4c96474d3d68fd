//! The chosen worker's pane: a title that says whose it is, and what it says.

use super::draw::CursorAt;
use super::head::Pen;
use super::keymap::Action;
use super::model::{Focus, Model};
use super::reading::gutter::Gutter;
use super::theme::Theme;
use super::{selection, status, text};
use crate::output::{Stream, ViewRow};
use crate::protocol::{State, WorkerView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

pub(super) fn draw_title(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = model.theme;
    let focused = model.focus == Focus::Pane || model.keyboard.is_some();
    let rule = if model.keyboard.is_some() { theme.accent() } else { theme.dim() };
    let badge = badge(model, usize::from(area.width) * 2 / 3);
    let badge_columns = text::width(&badge) as u16;
    let end = area.right().saturating_sub(badge_columns);
    let mut pen = Pen { x: area.x, y: area.y, end: end.saturating_sub(1) };
    pen.write(buffer, "─", rule);
    if let Some(group) = &model.group {
        let looks = if focused { theme.chosen() } else { Style::new() };
        pen.write(buffer, " all together ", looks.add_modifier(Modifier::BOLD));
        let names: Vec<_> = group.names.iter().map(ToString::to_string).collect();
        pen.write(buffer, &format!(" {} ", names.join(", ")), theme.dim());
    } else if let Some(worker) = model.chosen() {
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
        State::Starting if worker.is_looked_for() => "looked for".to_owned(),
        State::Running(_) if worker.kind.is_watched() => "watched".to_owned(),
        State::Failed { .. } if worker.kind.is_watched() => "missing".to_owned(),
        State::Idle if worker.waits_for_timer() => "waits for its timer".to_owned(),
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
        | State::Asked { .. }
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Ended(_) => worker.state.to_string(),
    };
    pen.write(buffer, &format!(" {state}"), model.theme.worker(worker));
    for excess in worker.excesses.iter() {
        pen.write(buffer, &format!(" · {}", excess.in_full(model.now)), model.theme.waiting());
    }
    let title = model.view.title.as_deref().filter(|_| worker.state.alive());
    let title = title.unwrap_or(&worker.command);
    let title = text::one_line(title);
    let words = match &worker.description {
        Some(description) => format!("{} · {title}", text::one_line(description)),
        None => title.into_owned(),
    };
    pen.write(buffer, &format!(" · {words} "), model.theme.dim());
}

/// What stands at the title's right, the most important last: `/error 12 of 3,456 · filter: 123 of
/// 4,567,890 lines · ▲ 1,234 lines below · end follows`.
fn badge(model: &Model, room: usize) -> String {
    let below = below(model);
    let parts = [searched(model), filtered(model), below];
    // Long words or short ones; where there is no room for all, the first ones go.
    for skipped in 0..parts.len() {
        for form in 0..2 {
            let words: Vec<_> = parts[skipped..].iter().flatten().map(|part| part[form].as_str()).collect();
            let badge = if words.is_empty() { String::new() } else { format!(" {} ", words.join(" · ")) };
            if text::width(&badge) <= room {
                return badge;
            }
        }
    }
    String::new()
}

/// How far the pane is from its end, in long and in short.
fn below(model: &Model) -> Option<[String; 2]> {
    if model.view.following || model.view.rows.is_empty() {
        return None;
    }
    let below = text::thousands(model.view.lines_below);
    let end = model.keymap.key(Action::End);
    let lines = text::counted(model.view.lines_below, "line", "lines");
    Some([format!("▲ {lines} below · {end} follows"), format!("▲ {below} below")])
}

/// How many lines a filter lets through.
fn filtered(model: &Model) -> Option<[String; 2]> {
    let filter = model.line_filter()?;
    let passing = model.view.passing?;
    let all = model.view.lines_total - model.view.lines_dropped;
    let (lines, all) = (text::thousands(passing.lines), text::thousands(all));
    let more = if passing.whole { "" } else { "…" };
    let typed = filter.typed();
    Some([
        format!("&{typed} filter: {lines}{more} of {all} lines"),
        format!("filter: {lines}{more} of {all}"),
    ])
}

/// Which match is in view, and how many there are.
fn searched(model: &Model) -> Option<[String; 2]> {
    let search = model.search.as_ref()?;
    let words = matches(model)?;
    Some([format!("/{} {words}", search.pattern.typed()), words])
}

/// `match 12 of 3,456`; `…` while not all was looked at.
pub(super) fn matches(model: &Model) -> Option<String> {
    let search = model.search.as_ref()?;
    let (all, whole) = model.counts.here;
    let more = if whole { "" } else { "…" };
    let all = text::thousands(all);
    Some(match search.at {
        Some(_) if whole => format!("match {} of {all}", text::thousands(model.counts.place)),
        Some(_) | None if all == "1" => format!("1{more} match"),
        Some(_) | None => format!("{all}{more} matches"),
    })
}

/// Draws the rows. Returns where the worker's cursor is, if the keyboard is the worker's.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) -> Option<CursorAt> {
    let worker = model.chosen()?;
    if model.view.rows.is_empty() && model.group.is_none() {
        draw_nothing(model, worker, area, buffer);
    }
    let gutter = Gutter::of(model);
    let text_area = text_area(model, area);
    for ((whole, row), line) in area.rows().zip(text_area.rows()).zip(&model.view.rows) {
        match line.stream {
            Stream::Ruling => draw_ruling(model, line, row, buffer),
            Stream::Stderr | Stream::Terminal | Stream::Stdout => {
                draw_line(model.theme, line, row, buffer);
                mark_found(model, line, row, buffer);
            }
        }
        gutter.draw(model, line, whole, buffer);
        if model.reading().is_some_and(|reading| reading.here == Some(line.address.place)) {
            buffer.set_style(row, model.theme.here());
        }
    }
    selection::draw(model, text_area, buffer);
    cursor(model, text_area)
}

/// Where the text of lines stands: beside what is no part of it.
pub(super) fn text_area(model: &Model, area: Rect) -> Rect {
    let columns = Gutter::of(model).columns().min(area.width);
    Rect { x: area.x + columns, width: area.width - columns, ..area }
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

/// Draws what a worker said in one row.
pub(super) fn draw_line(theme: Theme, line: &ViewRow, row: Rect, buffer: &mut Buffer) {
    let mut x = row.x;
    for span in &line.spans {
        let room = usize::from(row.right().saturating_sub(x));
        if room == 0 {
            break;
        }
        let looks = theme.printed(span.style);
        x = text::put(buffer, (x, row.y), &span.text, room, looks);
    }
    for (goes_on, x, mark) in [(line.edges.left, row.x, "<"), (line.edges.right, row.right().max(1) - 1, ">")]
    {
        if goes_on && row.width > 1 {
            buffer.set_string(x, row.y, mark, theme.accent());
        }
    }
}

fn mark_found(model: &Model, line: &ViewRow, row: Rect, buffer: &mut Buffer) {
    let Some(search) = &model.search else { return };
    let words: String = line.spans.iter().map(|span| span.text.as_str()).collect();
    let mut looks = model.theme.found();
    if search.at == Some(line.address.place) {
        looks = looks.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
    }
    for found in search.pattern.found_in(&words) {
        let start = text::width(&words[..found.start]) as u16;
        let columns = text::width(&words[found]) as u16;
        let area = Rect { x: row.x.saturating_add(start), width: columns, ..row };
        buffer.set_style(area.intersection(row), looks);
    }
}
