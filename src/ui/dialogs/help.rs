//! Every key and what it does, from the table; and what the list's glyphs and columns mean.

use super::Step;
use crate::protocol::Size;
use crate::ui::keymap::Action;
use crate::ui::keymap::{Keymap, Section, TABLE};
use crate::ui::model::Model;
use crate::ui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of the frame with its margins.
const AROUND: u16 = 4;
/// Columns between the keys and what they do.
const GAP: usize = 2;

/// The states as the list shows them.
const STATES: [(&str, &str); 19] = [
    ("○ idle", "not started yet"),
    ("◷ waiting", "for its timer, which runs it again"),
    ("◎ running", "started by somebody else, and watched"),
    ("◌ looking", "for the process that is to be watched"),
    ("○ starting", "about to run"),
    ("● running", "its process runs"),
    ("◇ idle", "a thread of this program, not started"),
    ("◆ running", "a thread of this program that runs"),
    ("◈ stopping", "a thread that was asked to stop"),
    ("◈ stuck", "a thread that did not stop within its grace; it can be abandoned"),
    ("‖ frozen", "a signal stopped its process; it can be continued"),
    ("◐ stopping", "asked to stop; SIGKILL follows after the grace"),
    ("◐ ending", "it ended and its last output is being read"),
    ("z zombie", "it ended and nobody has waited for it"),
    ("↻ backoff", "it ended and starts again in a moment"),
    ("✓ done", "exit code 0"),
    ("■ ended", "you ended it"),
    ("✗ failed", "another exit code, or a signal that was not yours"),
    ("! no start", "it could not be started"),
];

/// The list's columns, each for the worker with all that it started.
const COLUMNS: [(&str, &str); 6] = [
    ("PID", "its first process"),
    ("UP", "how long that has run"),
    ("CPU%", "of one core, as last sampled; above 100 on several"),
    ("MEM", "resident memory of all its processes"),
    ("THR", "threads of all its processes"),
    ("RST", "how often it was started again"),
];

/// One line of help.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Heading(&'static str),
    /// Keys or a word, and what they do or mean.
    Entry(String, String),
    Gap,
}

/// All of help, before it is cut into lines.
fn sections(keymap: &Keymap) -> Vec<(&'static str, Vec<(String, &'static str)>)> {
    let keys = Section::ALL.map(|section| {
        let entries = TABLE.iter().filter(|entry| entry.section == section);
        (section.title(), entries.map(|entry| (keymap.key_list(entry.action), entry.doc)).collect())
    });
    let legend = |words: &[(&str, &'static str)]| {
        words.iter().map(|(word, meaning)| ((*word).to_owned(), *meaning)).collect()
    };
    let mut sections = Vec::from(keys);
    sections.push(("States in the list", legend(&STATES)));
    sections.push(("Columns of the list", legend(&COLUMNS)));
    sections
}

/// Help in lines of at most this many columns, and how many of them the keys take.
fn lines(keymap: &Keymap, columns: usize) -> (Vec<Line>, usize) {
    let sections = sections(keymap);
    let entries = sections.iter().flat_map(|(_, entries)| entries);
    let keys = entries.map(|(keys, _)| text::width(keys)).max().unwrap_or(0).min(16);
    let room = columns.saturating_sub(keys + GAP).max(1);
    let mut lines = Vec::new();
    for (title, entries) in sections {
        if !lines.is_empty() {
            lines.push(Line::Gap);
        }
        lines.push(Line::Heading(title));
        for (mut keys, doc) in entries {
            for part in text::wrapped(doc, room) {
                lines.push(Line::Entry(std::mem::take(&mut keys), part));
            }
        }
    }
    (lines, keys)
}

/// The first line in view after a step.
pub(super) fn moved(top: u16, step: Step, keymap: &Keymap, size: Size) -> u16 {
    // Frame, head, status and foot take five rows.
    let page = size.rows.saturating_sub(5).max(1);
    let (lines, _) = lines(keymap, usize::from(size.columns.saturating_sub(AROUND)));
    let last = (lines.len() as u16).saturating_sub(page);
    let wanted = match step {
        Step::Up => top.saturating_sub(1),
        Step::Down => top + 1,
        Step::PageUp => top.saturating_sub(page),
        Step::PageDown => top + page,
        Step::Top => 0,
        Step::End => last,
        Step::Accept | Step::Cancel | Step::Scope => top,
    };
    wanted.min(last)
}

pub(super) fn draw(model: &Model, top: u16, body: Rect, buffer: &mut Buffer) {
    let (lines, keys) = lines(&model.keymap, usize::from(body.width.saturating_sub(AROUND)));
    let docs = lines.iter().map(|line| match line {
        Line::Entry(_, doc) => text::width(doc),
        Line::Heading(_) | Line::Gap => 0,
    });
    let size = ((keys + GAP + docs.max().unwrap_or(0)) as u16, lines.len() as u16);
    let more = usize::from(top) + usize::from(body.height.saturating_sub(2)) < lines.len();
    let close = model.keymap.key(Action::Cancel);
    let foot = match (more, top > 0) {
        (true, _) => format!("{} for more · {close} closes", model.keymap.key(Action::Down)),
        (false, _) => format!("{close} closes"),
    };
    let theme = model.theme;
    let inner = super::boxed(size, "help", &foot, theme, body, buffer);
    let width = usize::from(inner.width);
    for (row, line) in inner.rows().zip(lines.iter().skip(usize::from(top))) {
        match line {
            Line::Heading(title) => {
                buffer.set_stringn(row.x, row.y, title, width, theme.bold());
            }
            Line::Entry(names, doc) => {
                let names = text::cut(names, keys);
                buffer.set_stringn(row.x, row.y, &names, width, theme.accent());
                let room = width.saturating_sub(keys + GAP);
                let at = row.x + (width - room) as u16;
                buffer.set_stringn(at, row.y, doc, room, theme.name(None));
            }
            Line::Gap => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_cut_where_it_is_narrow() {
        let (lines, keys) = lines(&Keymap::default(), 36);
        let words = |lines: &[Line]| -> String {
            lines
                .iter()
                .map(|line| match line {
                    Line::Entry(_, doc) => format!("{doc} "),
                    Line::Heading(_) | Line::Gap => String::new(),
                })
                .collect()
        };
        for entry in TABLE {
            assert!(words(&lines).contains(entry.doc), "{}", entry.doc);
        }
        for line in &lines {
            let Line::Entry(_, doc) = line else { continue };
            assert!(keys + GAP + text::width(doc) <= 36, "{doc}");
        }
    }
}
