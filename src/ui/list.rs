//! The list of workers: one row each, its columns aligned. Only rows in view cost anything.

use super::head::Pen;
use super::model::{Focus, Model};
use super::theme::glyph;
use super::{status, text};
use crate::protocol::{State, Usage, WorkerView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::time::Instant;

/// Columns of the longest state's word.
const STATE: usize = 8;
/// A note gets a column of its own from this width on.
const NOTE: usize = 12;

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
    fn beside_note(&self, width: usize, note: usize) -> (usize, usize) {
        if note == 0 {
            return (self.metrics, width);
        }
        let fits = |metrics: &usize| self.metrics_end(*metrics) + 2 + note.min(NOTE) <= width;
        let metrics = (1..=self.metrics).rev().find(fits).unwrap_or(0);
        // Under one another where there is room, close to the numbers where there is not.
        (metrics, self.metrics_end(metrics) + if metrics == 0 { 1 } else { 2 })
    }
}

pub(super) fn draw_header(model: &Model, area: Rect, buffer: &mut Buffer) {
    let columns = Columns::of(usize::from(area.width), model.list.name_columns);
    let mut heading = format!("   {:<name$} {:<STATE$}", "NAME", "STATE", name = columns.name);
    for (_, word, width) in METRICS.iter().take(columns.metrics) {
        heading.push_str(&format!("{word:>width$}"));
    }
    buffer.set_stringn(area.x, area.y, heading, usize::from(area.width), model.theme.dim());
}

pub(super) fn draw_rows(model: &Model, area: Rect, buffer: &mut Buffer) {
    let columns = Columns::of(usize::from(area.width), model.list.name_columns);
    let shown = model.list.shown.iter().skip(model.list.top);
    for (row, place) in area.rows().zip(shown) {
        let worker = &model.snapshot.workers[*place];
        let chosen = model.list.chosen.as_ref() == Some(&worker.name);
        draw_row(model, worker, &columns, chosen, row, buffer);
        if chosen {
            buffer.set_style(row, choice(model));
        }
    }
    draw_more(model, area, buffer);
}

/// The chosen row is plain to see where the arrow keys move it, and marked where they do not.
fn choice(model: &Model) -> Style {
    if model.focus == Focus::List && model.keyboard.is_none() {
        // Dim text on a reversed row is hard to read.
        model.theme.chosen().remove_modifier(Modifier::DIM)
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
    let looks = theme.state(&worker.state);
    let usage = model.usage(&worker.name);
    let mut pen = Pen { x: row.x, y: row.y, end: row.right() };
    pen.write(buffer, if chosen { "▸" } else { " " }, theme.bold());
    pen.write(buffer, glyph(&worker.state), looks);
    let name = text::cut(worker.name.as_str(), columns.name);
    let gap = columns.name.saturating_sub(text::width(&name));
    pen.write(buffer, &format!(" {name}{:gap$} ", ""), theme.name(worker.color));
    pen.write(buffer, &format!("{:<STATE$}", worker.state.word()), looks);
    let note = status::in_short(worker, usage, model.now);
    let width = usize::from(row.width);
    let (metrics, at) = if has_numbers(&worker.state) {
        columns.beside_note(width, text::width(&note))
    } else {
        (0, Columns::start(columns.name) + 1)
    };
    let numbers = numbers(worker, usage, metrics, model.now);
    pen.write(buffer, &numbers, Style::new());
    if let Some(room) = width.checked_sub(at) {
        let note = text::cut(&note, room);
        buffer.set_stringn(row.x + at as u16, row.y, &note, room, note_looks(model, worker));
    }
}

fn note_looks(model: &Model, worker: &WorkerView) -> Style {
    match &worker.state {
        State::Ended(end) if end.well() => model.theme.dim(),
        State::Running(_) => model.theme.waiting(),
        State::Idle
        | State::Starting
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Ended(_)
        | State::Failed { .. } => model.theme.state(&worker.state),
    }
}

/// Whether something of it is there to be measured; how it ended takes the place of numbers else.
fn has_numbers(state: &State) -> bool {
    state.alive() || matches!(state, State::Zombie { .. })
}

fn numbers(worker: &WorkerView, usage: Option<&Usage>, metrics: usize, now: Instant) -> String {
    // Of a zombie nothing is left but its pid.
    let zombie = matches!(worker.state, State::Zombie { .. });
    let metrics = if zombie { metrics.min(1) } else { metrics };
    let mut line = String::new();
    for (metric, _, width) in METRICS.iter().take(metrics) {
        let number = number(*metric, worker, usage, now).unwrap_or_default();
        line.push_str(&format!("{number:>width$}"));
    }
    line
}

fn number(metric: Metric, worker: &WorkerView, usage: Option<&Usage>, now: Instant) -> Option<String> {
    match metric {
        Metric::Pid => worker.state.run().map(|run| run.pid.to_string()),
        Metric::Uptime => {
            worker.state.run().map(|run| text::uptime(now.saturating_duration_since(run.started)))
        }
        Metric::Cpu => usage.and_then(|usage| usage.cpu_percent).map(text::percent),
        Metric::Memory => usage.map(|usage| text::bytes(usage.memory)),
        Metric::Threads => usage.map(|usage| usage.threads.to_string()),
        Metric::Restarts => (worker.restarts > 0).then(|| worker.restarts.to_string()),
    }
}

/// How many rows are out of view, at the right end of the first and the last row.
fn draw_more(model: &Model, area: Rect, buffer: &mut Buffer) {
    let rows = usize::from(area.height);
    let below = model.list.shown.len().saturating_sub(model.list.top + rows);
    let mut mark = |y: u16, text: String| {
        let columns = text::width(&text);
        if area.height > 1 && columns + 20 < usize::from(area.width) {
            buffer.set_string(area.right() - columns as u16, y, text, model.theme.dim());
        }
    };
    if model.list.top > 0 {
        mark(area.y, format!(" ▲ {}", text::thousands(model.list.top as u64)));
    }
    if below > 0 {
        mark(area.bottom().saturating_sub(1), format!(" ▼ {}", text::thousands(below as u64)));
    }
}
