//! Every key and what it does, from the table.

use super::Step;
use crate::protocol::Size;
use crate::ui::keymap::{Action, Keymap, Section, TABLE};
use crate::ui::model::Model;
use crate::ui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// One line of help.
enum Line {
    Heading(&'static str),
    Key(String, &'static str),
    Gap,
}

fn lines(keymap: &Keymap) -> Vec<Line> {
    let mut lines = Vec::new();
    for section in Section::ALL {
        if !lines.is_empty() {
            lines.push(Line::Gap);
        }
        lines.push(Line::Heading(section.title()));
        let entries = TABLE.iter().filter(|entry| entry.section == section);
        lines.extend(entries.map(|entry| Line::Key(keymap.key_list(entry.action), entry.doc)));
    }
    lines
}

/// The first line in view after a step.
pub(super) fn moved(top: u16, step: Step, keymap: &Keymap, size: Size) -> u16 {
    // Frame, head, status and foot take five rows.
    let page = size.rows.saturating_sub(5).max(1);
    let last = (lines(keymap).len() as u16).saturating_sub(page);
    let wanted = match step {
        Step::Up => top.saturating_sub(1),
        Step::Down => top + 1,
        Step::PageUp => top.saturating_sub(page),
        Step::PageDown => top + page,
        Step::Top => 0,
        Step::End => last,
        Step::Accept | Step::Cancel => top,
    };
    wanted.min(last)
}

pub(super) fn draw(model: &Model, top: u16, body: Rect, buffer: &mut Buffer) {
    let lines = lines(&model.keymap);
    let keys = lines.iter().map(|line| match line {
        Line::Key(keys, _) => text::width(keys),
        Line::Heading(_) | Line::Gap => 0,
    });
    let keys = keys.max().unwrap_or(0).min(16);
    let docs = TABLE.iter().map(|entry| text::width(entry.doc)).max().unwrap_or(0);
    let size = ((keys + 2 + docs) as u16, lines.len() as u16);
    let more = usize::from(top) + usize::from(body.height.saturating_sub(2)) < lines.len();
    let close = model.keymap.key(Action::Cancel);
    let foot = match (more, top > 0) {
        (true, _) => format!("{} for more · {close} closes", model.keymap.key(Action::Down)),
        (false, _) => format!("{close} closes"),
    };
    let theme = model.theme;
    let inner = super::boxed(size, "keys", &foot, theme, body, buffer);
    let width = usize::from(inner.width);
    for (row, line) in inner.rows().zip(lines.iter().skip(usize::from(top))) {
        match line {
            Line::Heading(title) => {
                buffer.set_stringn(row.x, row.y, title, width, theme.bold());
            }
            Line::Key(names, doc) => {
                let names = text::cut(names, keys);
                buffer.set_stringn(row.x, row.y, &names, width, theme.accent());
                let room = width.saturating_sub(keys + 2);
                let at = row.x + (width - room) as u16;
                let doc = text::cut(doc, room);
                buffer.set_stringn(at, row.y, &doc, room, theme.name(None));
            }
            Line::Gap => {}
        }
    }
}
