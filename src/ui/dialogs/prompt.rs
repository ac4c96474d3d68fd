//! A line of text: the list's filter and the pane's search. Both work while they are typed; Esc
//! puts back what was before.

use super::Step;
use crate::output::Position;
use crate::ui::actions::lines_in_view;
use crate::ui::draw::CursorAt;
use crate::ui::keys::Key;
use crate::ui::model::Model;
use crate::ui::search::Search;
use crate::ui::text;
use crate::ui::update::Effect;
use crossterm::event::{KeyCode, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Text that is typed; the cursor is at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::ui) struct TextLine(pub(in crate::ui) String);

impl TextLine {
    /// Takes a key if it is about text; says whether it was.
    pub(in crate::ui) fn key(&mut self, key: Key) -> bool {
        let ctrl = |letter| key == Key::ctrl(letter);
        if let Some(c) = key.typed() {
            self.0.push(c);
        } else if key.code == KeyCode::Backspace && key.modifiers == KeyModifiers::NONE {
            self.0.pop();
        } else if ctrl('u') {
            self.0.clear();
        } else if ctrl('w') {
            let kept = self.0.trim_end().rfind(char::is_whitespace).map_or(0, |at| at + 1);
            self.0.truncate(kept);
        } else {
            return false;
        }
        true
    }
}

/// An open prompt.
#[derive(Debug, Clone)]
pub(in crate::ui) struct Prompt {
    pub(in crate::ui) text: TextLine,
    purpose: Purpose,
}

#[derive(Debug, Clone)]
enum Purpose {
    Filter {
        before: String,
    },
    Search {
        before: Option<Search>,
        /// Where the pane stood, and the newest line that was in view there.
        stood: (Position, u64),
    },
}

impl Prompt {
    pub(in crate::ui) fn filter(model: &Model) -> Self {
        let before = model.list.filter.clone();
        Self { text: TextLine(before.clone()), purpose: Purpose::Filter { before } }
    }

    pub(in crate::ui) fn search(model: &Model) -> Self {
        let stood = (model.position(), lines_in_view(model).1);
        let purpose = Purpose::Search { before: model.search.clone(), stood };
        Self { text: TextLine::default(), purpose }
    }

    pub(super) fn draw(&self, model: &Model, area: Rect, buffer: &mut Buffer) -> CursorAt {
        let (label, note) = match &self.purpose {
            Purpose::Filter { .. } => ("filter: ", shown(model)),
            Purpose::Search { .. } => ("search: ", searched(model, &self.text.0)),
        };
        draw_line(model, label, &self.text.0, &note, area, buffer)
    }
}

/// Draws a line that is typed, what it is for at its left and a note at its right.
pub(in crate::ui) fn draw_line(
    model: &Model,
    label: &str,
    typed: &str,
    note: &str,
    area: Rect,
    buffer: &mut Buffer,
) -> CursorAt {
    let width = usize::from(area.width);
    let start = format!(" {label}");
    // A note is cut before it takes more than half of the line from what is typed.
    let beside = width.saturating_sub(text::width(&start) + text::width(typed) + 2);
    let note_room = (text::width(note) + 1).min(beside.max(width / 2));
    let note = text::cut(note, note_room.saturating_sub(1));
    let room = width.saturating_sub(text::width(&start) + 2 + note_room);
    let typed = text::cut_start(typed, room);
    buffer.set_stringn(area.x, area.y, &start, width, model.theme.accent());
    let at = area.x + text::width(&start).min(width) as u16;
    let left = usize::from(area.right() - at);
    let (end, _) = buffer.set_stringn(at, area.y, &typed, left, model.theme.bold());
    if usize::from(area.right() - end) > note_room {
        let x = area.right() - note_room as u16;
        buffer.set_string(x, area.y, &note, model.theme.dim());
    }
    CursorAt::typing(end.min(area.right().saturating_sub(1)), area.y)
}

fn shown(model: &Model) -> String {
    format!("{} of {}", model.list.shown.len(), model.snapshot.workers.len())
}

fn searched(model: &Model, typed: &str) -> String {
    match &model.search {
        // Until something is typed, it is the search from before.
        Some(_) | None if typed.is_empty() => "newest first".into(),
        Some(search) if search.look.is_some() => "searching…".into(),
        Some(search) if search.in_vain() => search.no_match(),
        Some(search) if search.literal => "no regular expression; taken letter by letter".into(),
        Some(_) | None => "newest first".into(),
    }
}

/// The text changed.
pub(super) fn changed(model: &mut Model) -> Vec<Effect> {
    let Some(super::Dialog::Prompt(prompt)) = &model.dialog else { return Vec::new() };
    let typed = prompt.text.0.clone();
    match &prompt.purpose {
        Purpose::Filter { .. } => {
            model.list.filter = typed;
            model.apply_filter();
        }
        Purpose::Search { stood: (position, line), .. } => {
            let (position, line) = (*position, *line);
            model.search = Search::new(&typed);
            if let Some(search) = &mut model.search {
                search.look(line, true);
            } else {
                model.set_position(position);
            }
        }
    }
    Vec::new()
}

pub(super) fn act(model: &mut Model, step: Step) -> Vec<Effect> {
    match step {
        Step::Accept => accept(model),
        Step::Cancel => cancel(model),
        // The arrows work on the list that is being filtered.
        Step::Up | Step::Down => {
            let rows = if step == Step::Up { -1 } else { 1 };
            if let Some(super::Dialog::Prompt(Prompt { purpose: Purpose::Filter { .. }, .. })) = model.dialog
            {
                crate::ui::actions::move_choice(model, rows);
            }
        }
        Step::PageUp | Step::PageDown | Step::Top | Step::End => {}
    }
    Vec::new()
}

fn accept(model: &mut Model) {
    let Some(super::Dialog::Prompt(prompt)) = model.dialog.take() else { return };
    match prompt.purpose {
        Purpose::Filter { .. } => {}
        // Nothing typed: the search from before goes on, as in less and vi.
        Purpose::Search { before, stood: (_, line) } if prompt.text.0.is_empty() => {
            model.search = before;
            if let Some(search) = &mut model.search {
                search.look(search.at.map_or(line, |at| at.saturating_sub(1)), true);
            }
        }
        Purpose::Search { .. } => {
            if let Some(search) = model.search.as_ref().filter(|search| search.in_vain()) {
                let text = search.no_match();
                model.say(text);
            }
        }
    }
}

fn cancel(model: &mut Model) {
    let Some(super::Dialog::Prompt(prompt)) = model.dialog.take() else { return };
    match prompt.purpose {
        Purpose::Filter { before } => {
            model.list.filter = before;
            model.apply_filter();
        }
        Purpose::Search { before, stood: (position, _) } => {
            model.search = before;
            model.set_position(position);
        }
    }
}
