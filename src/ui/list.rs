//! The list of workers: one row each, its columns aligned. Only rows in view cost anything.

use super::head::Pen;
use super::model::{Focus, Model};
use super::theme::glyph_of;
use super::{status, text};
use crate::protocol::{State, Usage, WorkerView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use std::time::Instant;

/// Columns of the longest state's word.
const STATE: usize = 8;

/// A number in a column of its own, right-aligned under its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Metric {
    Pid,
    Uptime,
    Cpu,
    Memory,
    Threads,
    Restarts,
}

/// In the order in which they are shown: where there is no room the last ones go first.
const METRICS: [(Metric, &str, usize); 6] = [
    (Metric::Pid, "PID", 7),
    (Metric::Uptime, "UP", 6),
    (Metric::Cpu, "CPU%", 6),
    (Metric::Memory, "MEM", 6),
    (Metric::Threads, "THR", 5),
    (Metric::Restarts, "RST", 5),
];

/// Which columns have room.
struct Columns {
    name: usize,
    metrics: usize,
}

impl Columns {
    fn of(width: usize, names: usize) -> Self {
        let name = names.min(width.saturating_sub(4 + STATE)).max(4);
        let mut room = width.saturating_sub(Self::start(name));
        let mut metrics = 0;
        for (_, _, columns) in METRICS {
            if columns > room {
                break;
            }
            room -= columns;
            metrics += 1;
        }
        Self { name, metrics }
    }

    /// Where the metrics start: after marker, glyph, name and state.
    fn start(name: usize) -> usize {
        3 + name + 1 + STATE
    }

    fn metrics_end(&self, metrics: usize) -> usize {
        let columns = METRICS.iter().take(metrics).map(|metric| metric.2);
        Self::start(self.name) + columns.sum::<usize>()
    }

    /// How many metrics a row shows beside a note of this width, and where the note starts: notes
    /// take the place of the least important numbers.
    fn beside_note(&self, width: usize, most: usize, note: usize) -> (usize, usize) {
        let most = most.min(self.metrics);
        if note == 0 || most == 0 {
            return (most, Self::start(self.name) + 1);
        }
        let fits = |metrics: &usize| self.metrics_end(*metrics) + 2 + note <= width;
        // The pid stays, even if it costs the end of the note.
        let metrics = (1..=most).rev().find(fits).unwrap_or(1);
        (metrics, self.metrics_end(metrics) + 2)
    }
}

pub(super) fn draw_header(model: &Model, area: Rect, buffer: &mut Buffer) {
    let columns = Columns::of(usize::from(area.width), model.list.name_columns);
    let start = format!("   {:<name$} {:<STATE$}", "NAME", "STATE", name = columns.name);
    let mut pen = Pen { x: area.x, y: area.y, end: area.right() };
    pen.write(buffer, &start, model.theme.dim());
    for (_, word, width) in METRICS.iter().take(columns.metrics) {
        pen.write(buffer, &format!("{word:>width$}"), model.theme.dim());
    }
}

pub(super) fn draw_rows(model: &Model, area: Rect, buffer: &mut Buffer) {
    let shown = model.list.shown.iter().skip(model.list.top);
    for (row, place) in area.rows().zip(shown) {
        let more = more(model, area, row);
        let badge = text::width(&more) as u16;
        buffer.set_string(row.right() - badge, row.y, &more, model.theme.dim());
        let whole = row;
        let row = Rect { width: row.width - badge, ..row };
        let columns = Columns::of(usize::from(row.width), model.list.name_columns);
        let worker = &model.snapshot.workers[*place];
        let chosen = model.list.chosen.as_ref() == Some(&worker.name);
        draw_row(model, worker, &columns, chosen, row, buffer);
        if chosen {
            buffer.set_style(whole, choice(model));
        }
    }
    if model.list.shown.is_empty() && !model.list.filter.is_empty() && area.height > 0 {
        let mut pen = Pen { x: area.x + 1, y: area.y, end: area.right() };
        pen.write(buffer, "no worker matches", model.theme.dim());
    }
}

/// The chosen row is plain to see where the arrow keys move it, and marked where they do not.
fn choice(model: &Model) -> Style {
    if model.focus == Focus::List && model.keyboard.is_none() {
        // One calm bar: colours would be patches on it, and dim text on it is hard to read.
        model.theme.chosen().fg(Color::Reset).remove_modifier(Modifier::DIM)
    } else {
        model.theme.bold()
    }
}

fn draw_row(
    model: &Model,
    worker: &WorkerView,
    columns: &Columns,
    chosen: bool,
    row: Rect,
    buffer: &mut Buffer,
) {
    let theme = model.theme;
    let looks = theme.worker(worker);
    let usage = model.usage(&worker.name);
    let mut pen = Pen { x: row.x, y: row.y, end: row.right() };
    let (sign, looks_of_it) = match (model.picked.contains(&worker.name), chosen) {
        // Which one keys are for is seen wherever the focus is.
        (true, true) => ("+", theme.bold().add_modifier(Modifier::REVERSED)),
        (true, false) => ("+", theme.bold()),
        (false, true) => ("▸", theme.bold()),
        (false, false) => (" ", theme.bold()),
    };
    pen.write(buffer, sign, looks_of_it);
    pen.write(buffer, glyph_of(worker), looks);
    let name = text::cut(worker.name.as_str(), columns.name);
    let gap = columns.name.saturating_sub(text::width(&name));
    pen.write(buffer, &format!(" {name}{:gap$} ", ""), theme.name(worker.color));
    pen.write(buffer, &format!("{:<STATE$}", status::word(worker)), looks);
    let progress = model.progress.get(&worker.name);
    let mut note = status::in_short(worker, usage, progress, model.now);
    if let Some(found) = status::found(model, worker) {
        note = if note.is_empty() { found } else { format!("{found} · {note}") };
    }
    let width = usize::from(row.width);
    let (metrics, at) = columns.beside_note(width, most_metrics(&worker.state), text::width(&note));
    for (metric, _, width) in METRICS.iter().take(metrics) {
        let number = number(*metric, worker, usage, model.now).unwrap_or_default();
        pen.write(buffer, &format!("{number:>width$}"), Style::new());
    }
    if let Some(room) = width.checked_sub(at) {
        let note = text::cut(&note, room);
        buffer.set_stringn(row.x + at as u16, row.y, &note, room, note_looks(model, worker));
    }
}

fn note_looks(model: &Model, worker: &WorkerView) -> Style {
    match &worker.state {
        State::Idle | State::Zombie { .. } | State::Ended(_) | State::Failed { .. }
            if worker.left_alive() =>
        {
            model.theme.waiting()
        }
        State::Ended(end) if end.well() => model.theme.dim(),
        State::Running(_) => model.theme.waiting(),
        State::Idle
        | State::Starting
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Asked { .. }
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Ended(_)
        | State::Failed { .. } => model.theme.state(&worker.state),
    }
}

/// What is there to be measured: of a zombie nothing is left but its pid, and how a worker ended
/// takes the place of its numbers.
fn most_metrics(state: &State) -> usize {
    match state {
        State::Running(_) | State::Suspended { .. } | State::Stopping { .. } | State::Asked { .. } => {
            METRICS.len()
        }
        State::Zombie { .. } => 1,
        State::Idle
        | State::Starting
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Backoff { .. }
        | State::Ended(_)
        | State::Failed { .. } => 0,
    }
}

fn number(metric: Metric, worker: &WorkerView, usage: Option<&Usage>, now: Instant) -> Option<String> {
    match metric {
        Metric::Pid => worker.state.run().map(|run| run.pid.to_string()),
        Metric::Uptime => {
            worker.state.run().map(|run| text::uptime(now.saturating_duration_since(run.started)))
        }
        Metric::Cpu => usage.and_then(|usage| usage.cpu_percent).map(text::percent),
        // Memory is the whole program's.
        Metric::Memory if worker.kind.is_thread() => None,
        Metric::Memory => usage.map(|usage| text::bytes(usage.memory)),
        Metric::Threads => usage.map(|usage| usage.threads.to_string()),
        Metric::Restarts => (worker.restarts > 0).then(|| worker.restarts.to_string()),
    }
}

/// How many rows are out of view, at the right end of the first and the last row.
fn more(model: &Model, area: Rect, row: Rect) -> String {
    let above = model.list.top;
    let below = model.list.shown.len().saturating_sub(above + usize::from(area.height));
    let words = match () {
        () if above > 0 && row.y == area.y => format!(" ▲ {}", text::thousands(above as u64)),
        () if below > 0 && row.y + 1 == area.bottom() => format!(" ▼ {}", text::thousands(below as u64)),
        () => String::new(),
    };
    let fits = area.height > 1 && text::width(&words) + 20 < usize::from(area.width);
    if fits { words } else { String::new() }
}
