//! A worker's pane: a title that says whose it is, and what it says.

use super::draw::CursorAt;
use super::head::Pen;
use super::keymap::Action;
use super::model::{Focus, Model};
use super::reading::gutter::Gutter;
use super::sight::Sight;
use super::theme::Theme;
use super::{progress, selection, status, text};
use crate::output::{Stream, ViewRow};
use crate::protocol::{State, WorkerView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

pub(super) fn draw_title(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = model.theme;
    let focused = model.focus == Focus::Pane || model.keyboard.is_some();
    let rule = if model.keyboard.is_some() { theme.accent() } else { theme.dim() };
    let badge = badge(model.sight(), None, usize::from(area.width) * 2 / 3);
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
        draw_about(model.sight(), worker, &mut pen, buffer);
    }
    pen.end = end;
    let rest = "─".repeat(pen.room());
    pen.write(buffer, &rest, rule);
    buffer.set_stringn(end, area.y, &badge, usize::from(badge_columns), theme.waiting());
}

/// What the title says beside the name: who has the keyboard, or how it is and what runs there.
fn draw_about(sight: Sight<'_>, worker: &WorkerView, pen: &mut Pen, buffer: &mut Buffer) {
    draw_state(sight, worker, pen, buffer);
    if sight.model.keyboard.as_ref() == Some(&worker.name) {
        return;
    }
    let title = sight.view.title.as_deref().filter(|_| worker.state.alive());
    let title = title.unwrap_or(&worker.command);
    let title = text::one_line(title);
    let words = match &worker.description {
        Some(description) => format!("{} · {title}", text::one_line(description)),
        None => title.into_owned(),
    };
    pen.write(buffer, &format!("· {words} "), sight.model.theme.dim());
}

/// Who has the keyboard, or how the worker is.
pub(super) fn draw_state(sight: Sight<'_>, worker: &WorkerView, pen: &mut Pen, buffer: &mut Buffer) {
    let model = sight.model;
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
    pen.write(buffer, &format!(" {}", state(worker)), model.theme.worker(worker));
    if let Some(jobs) = model.progress.get(&worker.name).and_then(|progress| progress.jobs) {
        pen.write(buffer, &format!(" · {}", progress::tally(&jobs)), Style::new());
    }
    for excess in worker.excesses.iter() {
        pen.write(buffer, &format!(" · {}", excess.in_full(model.now)), model.theme.waiting());
    }
    pen.write(buffer, " ", model.theme.dim());
}

fn state(worker: &WorkerView) -> String {
    match &worker.state {
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
    }
}

/// What is said in many words, in few, and in as few as there can be.
pub(super) type Words = [String; FORMS];
const FORMS: usize = 3;

/// What stands at the title's right, the most important last: `/error 12 of 3,456 · filter: 123 of
/// 4,567,890 lines · 98,765 older lines had to go · ▲ 1,234 lines below · end follows`.
///
/// `more`: what is more important than all of that.
pub(super) fn badge(sight: Sight<'_>, more: Option<Words>, room: usize) -> String {
    let parts = [searched(sight), filtered(sight), gone(sight), below(sight), more];
    // Long words or short ones; where there is no room for all, the first ones go.
    for skipped in 0..parts.len() {
        for form in 0..FORMS {
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
fn below(sight: Sight<'_>) -> Option<Words> {
    let view = sight.view;
    // Where all is in view and stands still for a selection, nothing is below.
    if view.following || view.rows.is_empty() || view.lines_below == 0 {
        return None;
    }
    let below = text::thousands(view.lines_below);
    let end = sight.model.keymap.key(Action::End);
    let lines = text::counted(view.lines_below, "line", "lines");
    Some([format!("▲ {lines} below · {end} follows"), format!("▲ {below} below"), format!("▲ {below}")])
}

/// At the top, how many lines were above it: the log had no room for them. Of several workers together,
/// and through a filter, wherever one reads back: which row is the top is not told there.
fn gone(sight: Sight<'_>) -> Option<Words> {
    let view = sight.view;
    let first = view.rows.first()?.address.place.line;
    let at_top = first <= view.lines_dropped || view.passing.is_some() || sight.model.group.is_some();
    if view.following || view.lines_dropped == 0 || !at_top {
        return None;
    }
    let lines = text::counted(view.lines_dropped, "older line", "older lines");
    let short = format!("{} gone", text::thousands(view.lines_dropped));
    Some([format!("{lines} had to go"), short.clone(), short])
}

/// How many lines a filter lets through.
fn filtered(sight: Sight<'_>) -> Option<Words> {
    let filter = sight.reading?.filter.as_ref()?;
    let passing = sight.view.passing?;
    let (lines, all) = (text::thousands(passing.lines), text::thousands(passing.of));
    let more = if passing.whole { "" } else { "…" };
    let typed = filter.typed();
    Some([
        format!("&{typed} filter: {lines}{more} of {all} lines"),
        format!("filter: {lines}{more} of {all}"),
        "filtered".into(),
    ])
}

/// Which match is in view, and how many there are.
fn searched(sight: Sight<'_>) -> Option<Words> {
    let model = sight.model;
    let search = model.search.as_ref()?;
    if !sight.chosen {
        let found = status::found(model, sight.worker?)?;
        return Some([found.clone(), found.clone(), found]);
    }
    let words = matches(model)?;
    Some([format!("/{} {words}", search.pattern.typed()), words.clone(), words])
}

/// `match 12 of 3,456`; `…` while not all was looked at.
pub(super) fn matches(model: &Model) -> Option<String> {
    let search = model.search.as_ref()?;
    let (all, whole) = model.counts.here;
    let more = if whole { "" } else { "…" };
    let all = text::thousands(all);
    Some(match search.at {
        // One that had to go is none of those that are counted.
        Some(_) if whole && model.counts.place > 0 => {
            format!("match {} of {all}", text::thousands(model.counts.place))
        }
        Some(_) | None if all == "1" => format!("1{more} match"),
        Some(_) | None => format!("{all}{more} matches"),
    })
}

/// Draws the rows. Returns where the worker's cursor is, if the keyboard is the worker's.
pub(super) fn draw(sight: Sight<'_>, area: Rect, buffer: &mut Buffer) -> Option<CursorAt> {
    let (model, worker) = (sight.model, sight.worker?);
    if sight.view.rows.is_empty() && model.group.is_none() {
        draw_nothing(sight, worker, area, buffer);
    }
    let gutter = Gutter::of(sight);
    let text_area = text_area(sight, area);
    for ((whole, row), line) in area.rows().zip(text_area.rows()).zip(&sight.view.rows) {
        match line.stream {
            Stream::Ruling => draw_ruling(model, line, row, buffer),
            Stream::Stderr | Stream::Terminal | Stream::Stdout => {
                draw_line(model.theme, line, row, buffer);
            }
        }
        gutter.draw(sight, line, whole, buffer);
        if sight.reading.is_some_and(|reading| reading.here == Some(line.address.place)) {
            buffer.set_style(row, model.theme.here());
        }
    }
    mark_found(sight, text_area, buffer);
    if !sight.chosen {
        return None;
    }
    selection::draw(model, text_area, buffer);
    cursor(model, text_area)
}

/// Where the text of lines stands: beside what is no part of it.
pub(super) fn text_area(sight: Sight<'_>, area: Rect) -> Rect {
    let columns = Gutter::of(sight).columns().min(area.width);
    Rect { x: area.x + columns, width: area.width - columns, ..area }
}

fn cursor(model: &Model, area: Rect) -> Option<CursorAt> {
    model.keyboard.as_ref()?;
    let cursor = model.view.cursor?;
    let inside = cursor.column < area.width && cursor.row < area.height;
    inside.then(|| CursorAt { column: area.x + cursor.column, row: area.y + cursor.row, shape: cursor.shape })
}

fn draw_nothing(sight: Sight<'_>, worker: &WorkerView, area: Rect, buffer: &mut Buffer) {
    let model = sight.model;
    let filtered = sight.reading.is_some_and(|reading| reading.filter.is_some());
    let words = if filtered && sight.view.lines_total > sight.view.lines_dropped {
        "no line matches".to_owned()
    } else if worker.state.alive() {
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
    for span in line.spans.iter() {
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

/// Marks what the search finds, also where it goes on in the next row of its line.
fn mark_found(sight: Sight<'_>, area: Rect, buffer: &mut Buffer) {
    let model = sight.model;
    let Some(search) = model.search.as_ref().filter(|search| sight.chosen || search.everywhere) else {
        return;
    };
    let mut rows = area.rows();
    for line in sight.view.rows.chunk_by(|one, next| one.address.place == next.address.place) {
        let areas: Vec<Rect> = rows.by_ref().take(line.len()).collect();
        if line[0].stream == Stream::Ruling {
            continue;
        }
        let mut looks = model.theme.found();
        if sight.chosen && search.at == Some(line[0].address.place) {
            looks = looks.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        }
        let mut words = String::new();
        let mut parts = Vec::new();
        for row in line {
            let start = words.len();
            words.extend(row.spans.iter().map(|span| span.text.as_str()));
            parts.push(start..words.len());
        }
        for found in search.pattern.found_in(&words) {
            for (part, row) in parts.iter().zip(&areas) {
                let here = found.start.max(part.start)..found.end.min(part.end);
                if !here.is_empty() {
                    let start = text::width(&words[part.start..here.start]) as u16;
                    let columns = text::width(&words[here]) as u16;
                    let area = Rect { x: row.x.saturating_add(start), width: columns, ..*row };
                    buffer.set_style(area.intersection(*row), looks);
                }
            }
        }
    }
}
