//! How the view looks: a title, aligned columns, and the tree with what each process runs. Only
//! rows in view cost anything.

use super::lines::Line;
use super::{Inspector, words};
use crate::protocol::{ProcessRow, ProcessState, Transport};
use crate::ui::head::Pen;
use crate::ui::model::Model;
use crate::ui::{status, text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

/// A fact in a column of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Pid,
    State,
    Cpu,
    Memory,
    Threads,
    Descriptors,
    Started,
    Ports,
    WaitsIn,
}

/// Columns from the left, with their widths; where there is no room the last ones go. What is left
/// of the row is the tree's.
const COLUMNS: [(Column, &str, usize); 9] = [
    (Column::Pid, "PID", 8),
    (Column::State, "STATE", 13),
    (Column::Cpu, "CPU%", 6),
    (Column::Memory, "MEM", 6),
    (Column::Threads, "THR", 5),
    (Column::Descriptors, "FD", 5),
    (Column::Started, "START", 9),
    (Column::Ports, "PORTS", 12),
    (Column::WaitsIn, "WAITS IN", 22),
];

/// The tree gets at least this much, or most of a narrow screen.
const TREE: usize = 45;

impl Column {
    fn to_the_left(self) -> bool {
        matches!(self, Self::State | Self::Ports | Self::WaitsIn)
    }

    /// One cell: a gap, then the text to its side.
    fn cell(self, text: &str, width: usize) -> String {
        let text = text::cut(text, width - 1);
        if self.to_the_left() { format!(" {text:<0$}", width - 1) } else { format!("{text:>width$}") }
    }

    fn of_process(self, process: &ProcessRow) -> String {
        let alive = !process.is_zombie();
        let when_alive = |text: String| if alive { text } else { String::new() };
        match self {
            Self::Pid => process.id.pid.to_string(),
            Self::State => process.state.to_string(),
            Self::Cpu => when_alive(process.cpu_percent.map(text::percent).unwrap_or_default()),
            Self::Memory => when_alive(text::bytes(process.memory)),
            Self::Threads => when_alive(process.thread_count.to_string()),
            Self::Descriptors => process.descriptors.map(|count| count.to_string()).unwrap_or_default(),
            Self::Started => process.started.to_string(),
            Self::Ports => ports(process),
            Self::WaitsIn => process.wait_channel.as_deref().unwrap_or_default().to_owned(),
        }
    }

    fn of_thread(self, process: &ProcessRow, thread: usize) -> String {
        let thread = &process.threads[thread];
        match self {
            Self::Pid => thread.tid.to_string(),
            Self::State => thread.state.to_string(),
            Self::Cpu => thread.cpu_percent.map(text::percent).unwrap_or_default(),
            Self::WaitsIn => thread.wait_channel.as_deref().unwrap_or_default().to_owned(),
            Self::Memory | Self::Threads | Self::Descriptors | Self::Started | Self::Ports => String::new(),
        }
    }
}

/// `8080 53/udp`: each port once, whatever the addresses.
fn ports(process: &ProcessRow) -> String {
    let mut ports: Vec<String> = Vec::new();
    for listener in &process.listens {
        let port = listener.address.port();
        let text = match listener.transport {
            Transport::Tcp => port.to_string(),
            Transport::Udp => format!("{port}/udp"),
        };
        if !ports.contains(&text) {
            ports.push(text);
        }
    }
    ports.join(" ")
}

/// How many columns have room.
fn columns(width: usize) -> usize {
    let mut room = width.saturating_sub(TREE.min(width * 3 / 5) + 2);
    COLUMNS
        .iter()
        .take_while(|(_, _, columns)| {
            let fits = *columns <= room;
            room = room.saturating_sub(*columns);
            fits
        })
        .count()
}

pub(in crate::ui) fn draw(model: &Model, inspector: &Inspector, body: Rect, buffer: &mut Buffer) {
    if body.is_empty() {
        return;
    }
    let columns = columns(usize::from(body.width));
    draw_title(model, inspector, body, buffer);
    if body.height >= 2 {
        draw_header(model, columns, Rect { y: body.y + 1, height: 1, ..body }, buffer);
    }
    let area = super::rows(body);
    let lines = inspector.lines();
    if lines.is_empty() && area.height > 0 {
        let words = match inspector.tree {
            Some(_) => "nothing of it is alive",
            None => "looking",
        };
        buffer.set_stringn(area.x + 1, area.y, words, usize::from(area.width), model.theme.dim());
    }
    for (row, line) in area.rows().zip(lines.iter().skip(inspector.top)) {
        draw_row(model, inspector, line, columns, row, buffer);
    }
    draw_more(model, inspector, lines.len(), area, buffer);
}

fn draw_title(model: &Model, inspector: &Inspector, area: Rect, buffer: &mut Buffer) {
    let theme = model.theme;
    let mut pen = Pen { x: area.x, y: area.y, end: area.right() };
    pen.write(buffer, "─", theme.dim());
    let name = format!(" {} ", inspector.worker.as_ref().map_or("minder itself", |name| name.as_str()));
    pen.write(buffer, &name, theme.chosen().add_modifier(Modifier::BOLD));
    if let Some(worker) = inspector.worker.as_ref().and_then(|name| model.worker(name)) {
        pen.write(buffer, &format!(" {}", status::word(worker)), theme.worker(worker));
    }
    if inspector.tree.is_some() {
        pen.write(buffer, &format!(" · {} ", words::summary(inspector.processes())), theme.dim());
    }
    let rest = "─".repeat(pen.room());
    pen.write(buffer, &rest, theme.dim());
}

fn draw_header(model: &Model, columns: usize, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen { x: area.x, y: area.y, end: area.right() };
    for (column, heading, width) in COLUMNS.iter().take(columns) {
        pen.write(buffer, &column.cell(heading, *width), model.theme.dim());
    }
    pen.write(buffer, "  COMMAND", model.theme.dim());
}

fn draw_row(
    model: &Model,
    inspector: &Inspector,
    line: &Line,
    columns: usize,
    row: Rect,
    buffer: &mut Buffer,
) {
    let theme = model.theme;
    let process = &inspector.processes()[line.process];
    let mut pen = Pen { x: row.x, y: row.y, end: row.right() };
    for (column, _, width) in COLUMNS.iter().take(columns) {
        let text = match line.thread {
            Some(thread) => column.of_thread(process, thread),
            None => column.of_process(process),
        };
        let looks = if *column == Column::State { state_looks(model, process, line) } else { Style::new() };
        pen.write(buffer, &column.cell(&text, *width), looks);
    }
    pen.write(buffer, "  ", Style::new());
    pen.write(buffer, &line.branch, theme.dim());
    match line.thread {
        Some(thread) => pen.write(buffer, &process.threads[thread].name, theme.dim()),
        None => draw_command(model, inspector, process, &mut pen, buffer),
    }
    if inspector.chosen == Some(inspector.choice(line)) {
        let looks = theme.chosen().fg(Color::Reset).remove_modifier(Modifier::DIM);
        buffer.set_style(row, looks);
    }
}

/// What is odd stands first, where it is not cut.
fn draw_command(
    model: &Model,
    inspector: &Inspector,
    process: &ProcessRow,
    pen: &mut Pen,
    buffer: &mut Buffer,
) {
    if let Some(mark) = words::mark(inspector, process) {
        pen.write(buffer, &format!("{mark}: "), model.theme.waiting());
    }
    let looks = if process.is_zombie() { model.theme.dim() } else { Style::new() };
    pen.write(buffer, &process.command, looks);
}

fn state_looks(model: &Model, process: &ProcessRow, line: &Line) -> Style {
    let state = line.thread.map_or(process.state, |thread| process.threads[thread].state);
    match state {
        ProcessState::Running => model.theme.running(),
        ProcessState::DiskSleep => model.theme.wrong(),
        ProcessState::Stopped | ProcessState::Traced | ProcessState::Zombie => model.theme.waiting(),
        ProcessState::Sleeping | ProcessState::Idle | ProcessState::Dead | ProcessState::Other(_) => {
            Style::new()
        }
    }
}

/// How many rows are out of view, at the right end of the first and the last row.
fn draw_more(model: &Model, inspector: &Inspector, lines: usize, area: Rect, buffer: &mut Buffer) {
    let below = lines.saturating_sub(inspector.top + usize::from(area.height));
    let mut mark = |y: u16, text: String| {
        let columns = text::width(&text) as u16;
        if area.height > 1 && columns < area.width {
            buffer.set_string(area.right() - columns, y, text, model.theme.dim());
        }
    };
    if inspector.top > 0 {
        mark(area.y, format!(" ▲ {}", text::thousands(inspector.top as u64)));
    }
    if below > 0 {
        mark(area.bottom() - 1, format!(" ▼ {}", text::thousands(below as u64)));
    }
}
