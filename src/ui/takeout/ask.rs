//! What is asked before something is taken out, and what a command said: a line to type over the status
//! line, or a frame.

use super::Source;
use crate::output::{self, Form};
use crate::takeout::{Captured, Task, home_expanded};
use crate::ui::dialogs::{Dialog, Step, TextLine, boxed};
use crate::ui::draw::CursorAt;
use crate::ui::keymap::Action;
use crate::ui::keys::Key;
use crate::ui::model::Model;
use crate::ui::text;
use crate::ui::update::Effect;
use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::path::PathBuf;
use std::sync::Arc;

/// What is asked or shown.
#[derive(Debug, Clone)]
pub(in crate::ui) struct Ask(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// A file's name.
    Save { name: TextLine, form: Form, source: Source },
    /// Whether a file may be replaced.
    Overwrite { path: PathBuf, form: Form, source: Source },
    /// A command.
    Pipe { command: TextLine, source: Source },
    /// What a command says.
    Piped { task: u64, command: String, captured: Arc<Captured>, ended: Option<String>, top: usize },
}

impl Ask {
    pub(super) fn save(source: Source) -> Self {
        let name: String = source
            .worker
            .as_str()
            .chars()
            .map(|c| if c == '/' || c.is_control() { '_' } else { c })
            .collect();
        let name = TextLine(format!("{name}.log"));
        Self(Kind::Save { name, form: Form::Plain, source })
    }

    pub(super) fn overwrite(path: PathBuf, form: Form, source: Source) -> Self {
        Self(Kind::Overwrite { path, form, source })
    }

    pub(super) fn pipe(source: Source) -> Self {
        Self(Kind::Pipe { command: TextLine::default(), source })
    }

    pub(super) fn piped(task: u64, command: String, captured: Arc<Captured>) -> Self {
        Self(Kind::Piped { task, command, captured, ended: None, top: 0 })
    }

    pub(super) fn is_of(&self, wanted: u64) -> bool {
        matches!(self.0, Kind::Piped { task, .. } if task == wanted)
    }

    pub(super) fn ended(&mut self, how: String) {
        if let Kind::Piped { ended, .. } = &mut self.0 {
            *ended = Some(how);
        }
    }
}

/// A key, where it is about text; what comes of it.
pub(in crate::ui) fn key(model: &mut Model, key: Key) -> Option<Vec<Effect>> {
    let Some(Dialog::Asking(ask)) = &mut model.dialog else { return None };
    match &mut ask.0 {
        Kind::Save { form, .. } if key == Key::plain(KeyCode::Tab) => {
            *form = match form {
                Form::Plain => Form::Colored,
                Form::Colored => Form::Plain,
            };
        }
        Kind::Save { name: line, .. } | Kind::Pipe { command: line, .. } => {
            if !line.key(key) {
                return None;
            }
        }
        Kind::Overwrite { .. } => {
            return match key.typed() {
                Some('y' | 'Y') => Some(accept(model)),
                Some(_) => Some(step(model, Step::Cancel)),
                // Enter is pressed too easily.
                None if key.code == KeyCode::Enter => Some(Vec::new()),
                None => None,
            };
        }
        Kind::Piped { .. } => {
            let closes = key.typed() == Some('q');
            return closes.then(|| step(model, Step::Cancel));
        }
    }
    Some(Vec::new())
}

/// Whether what is pasted is typed here.
pub(in crate::ui) fn paste(ask: &Ask) -> bool {
    matches!(ask.0, Kind::Save { .. } | Kind::Pipe { .. })
}

pub(in crate::ui) fn step(model: &mut Model, step: Step) -> Vec<Effect> {
    let rows = i64::from(model.layout().pane.height.max(1));
    let moves = match step {
        Step::Accept => return accept(model),
        Step::Cancel => {
            cancel(model);
            return Vec::new();
        }
        Step::Scope => return Vec::new(),
        Step::Up => -1,
        Step::Down => 1,
        Step::PageUp => -rows,
        Step::PageDown => rows,
        Step::Top => i64::MIN / 2,
        Step::End => i64::MAX / 2,
    };
    if let Some(Dialog::Asking(Ask(Kind::Piped { top, captured, .. }))) = &mut model.dialog {
        let last = lines(captured).len().saturating_sub(1) as i64;
        *top = (*top as i64).saturating_add(moves).clamp(0, last) as usize;
    }
    Vec::new()
}

fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(Dialog::Asking(ask)) = model.dialog.take() else { return Vec::new() };
    let (task, source) = match ask.0 {
        Kind::Save { name, form, source } => {
            let name = name.0.trim();
            if name.is_empty() {
                model.say("nothing was saved: no name was given");
                return Vec::new();
            }
            (Task::Save { path: home_expanded(name), form, replace: false }, source)
        }
        Kind::Overwrite { path, form, source } => (Task::Save { path, form, replace: true }, source),
        Kind::Pipe { command, source } => {
            if command.0.trim().is_empty() {
                return Vec::new();
            }
            (Task::Pipe { command: command.0, captured: Arc::default() }, source)
        }
        piped @ Kind::Piped { .. } => {
            model.dialog = Some(Dialog::Asking(Ask(piped)));
            cancel(model);
            return Vec::new();
        }
    };
    crate::ui::selection::clear(model);
    vec![Effect::Take(task, source)]
}

fn cancel(model: &mut Model) {
    let Some(Dialog::Asking(ask)) = model.dialog.take() else { return };
    match ask.0 {
        // What still runs is ended first; its frame stays to say how.
        Kind::Piped { task, ended: None, command, captured, top } => {
            model.doing.retain(|doing| doing.running.id != task);
            let words = Some("being ended".to_owned());
            let ask = Ask(Kind::Piped { task, command, captured, ended: words, top });
            model.dialog = Some(Dialog::Asking(ask));
        }
        Kind::Overwrite { path, .. } => model.say(format!("{} was left as it is", path.display())),
        Kind::Save { .. } | Kind::Pipe { .. } | Kind::Piped { .. } => {}
    }
}

/// The keys that work, for the foot line.
pub(in crate::ui) fn keys(ask: &Ask) -> Vec<(Action, &'static str)> {
    use Action as A;
    match &ask.0 {
        Kind::Save { .. } => vec![(A::Accept, "save"), (A::Cancel, "close")],
        Kind::Overwrite { .. } => vec![(A::Cancel, "leave it as it is")],
        Kind::Pipe { .. } => vec![(A::Accept, "run"), (A::Cancel, "close")],
        Kind::Piped { ended: None, .. } => vec![(A::Cancel, "end it")],
        Kind::Piped { .. } => vec![(A::Cancel, "close"), (A::PageDown, "next page")],
    }
}

/// Draws what is typed over the status line. Returns where its cursor is.
pub(in crate::ui) fn draw_line(
    ask: &Ask,
    model: &Model,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<CursorAt> {
    let line = |label: &str, typed: &str, note: &str, buffer: &mut Buffer| {
        Some(crate::ui::dialogs::draw_line(model, label, typed, note, area, buffer))
    };
    let of = |source: &Source| {
        let all = source.extent == output::Extent::ALL;
        if all { source.worker.to_string() } else { "selection".to_owned() }
    };
    match &ask.0 {
        Kind::Save { name, form: Form::Plain, source } => {
            line(&format!("save {} to: ", of(source)), &name.0, "plain; tab: with colours", buffer)
        }
        Kind::Save { name, form: Form::Colored, source } => {
            line(&format!("save {} to: ", of(source)), &name.0, "with colours; tab: plain", buffer)
        }
        Kind::Overwrite { path, .. } => {
            line(&format!("{} is there: replace it? y or n ", path.display()), "", "", buffer)
        }
        Kind::Pipe { command, source } => {
            line(&format!("{} into: ", of(source)), &command.0, "a shell's command", buffer)
        }
        Kind::Piped { .. } => None,
    }
}

/// What a command said so far, as lines that may go on a screen.
fn lines(captured: &Captured) -> Vec<String> {
    let (bytes, all) = captured.so_far();
    let mut lines: Vec<String> =
        bytes.split(|byte| *byte == b'\n').map(|line| output::plain(line).into_owned()).collect();
    if bytes.ends_with(b"\n") || bytes.is_empty() {
        lines.pop();
    }
    let more = all - bytes.len() as u64;
    if more > 0 {
        lines.push(format!("… and {} bytes more", text::thousands(more)));
    }
    lines
}

/// Draws a command's frame.
pub(in crate::ui) fn draw(ask: &Ask, model: &Model, body: Rect, buffer: &mut Buffer) {
    let Kind::Piped { command, captured, ended, top, .. } = &ask.0 else { return };
    let lines = lines(captured);
    let close = model.keymap.key(Action::Cancel);
    let foot = match ended {
        None => format!("it runs · {close} ends it"),
        Some(how) => {
            format!("{how} · {} · {close} closes", text::counted(lines.len() as u64, "line", "lines"))
        }
    };
    let columns = lines.iter().map(|line| text::width(line)).max().unwrap_or(0).max(text::width(&foot) + 4);
    let size = (
        columns.min(usize::from(u16::MAX)) as u16,
        lines.len().clamp(1, usize::from(body.height).max(1)) as u16,
    );
    let title = format!("| {}", text::one_line(command));
    let size = (size.0.max(text::width(&title) as u16 + 4), size.1);
    let inner = boxed(size, &title, &foot, model.theme, body, buffer);
    let fits = usize::from(inner.height);
    let top = (*top).min(lines.len().saturating_sub(fits));
    for (row, line) in inner.rows().zip(lines.iter().skip(top)) {
        let width = usize::from(row.width);
        buffer.set_stringn(row.x, row.y, text::cut(line, width), width, model.theme.name(None));
    }
    if lines.is_empty() && inner.height > 0 {
        let width = usize::from(inner.width);
        let words = if ended.is_some() { "it said nothing" } else { "it has said nothing yet" };
        buffer.set_stringn(inner.x, inner.y, words, width, model.theme.dim());
    }
}
