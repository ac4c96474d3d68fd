//! A line of text: the list's filter, the pane's search and its filter, which work while they are
//! typed; where to go; a bookmark's letter. Esc puts back what was before.

use super::Step;
use crate::output::{Place, Position};
use crate::spec::WorkerName;
use crate::ui::actions::lines_in_view;
use crate::ui::draw::CursorAt;
use crate::ui::keys::Key;
use crate::ui::model::Model;
use crate::ui::reading::Filter as LineFilter;
use crate::ui::reading::goto::Goto;
use crate::ui::search::Search;
use crate::ui::text;
use crate::ui::update::{Effect, Scroll};
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
        stood: Stood,
    },
    /// Which lines of the pane are shown.
    Lines {
        before: Option<LineFilter>,
        stood: Position,
    },
    GoTo,
    /// A letter for a bookmark.
    Mark,
    /// The letter of one.
    ToMark,
}

/// Where a pane stood. A search through all workers may have gone on to another one's.
#[derive(Debug, Clone)]
struct Stood {
    worker: Option<WorkerName>,
    position: Position,
    /// The first column in view where lines are cut.
    left: u32,
    /// The newest line that was in view.
    newest: Place,
}

impl Stood {
    fn now(model: &Model) -> Self {
        let (worker, newest) = (model.list.chosen.clone(), lines_in_view(model).1);
        let left = model.reading().map_or(0, |reading| reading.left);
        Self { worker, position: model.position(), left, newest }
    }

    /// Puts that pane back, and no other.
    fn put_back(self, model: &mut Model) {
        let reading = match self.worker {
            Some(worker) if model.list.chosen.as_ref() != Some(&worker) => {
                Some(model.readings.entry(worker).or_default())
            }
            Some(_) | None => model.reading_mut(),
        };
        if let Some(reading) = reading {
            (reading.position, reading.left) = (self.position, self.left);
        }
    }
}

impl Prompt {
    pub(in crate::ui) fn filter(model: &Model) -> Self {
        let before = model.list.filter.clone();
        Self { text: TextLine(before.clone()), purpose: Purpose::Filter { before } }
    }

    pub(in crate::ui) fn search(model: &Model) -> Self {
        let purpose = Purpose::Search { before: model.search.clone(), stood: Stood::now(model) };
        Self { text: TextLine::default(), purpose }
    }

    pub(in crate::ui) fn lines(model: &Model) -> Self {
        let before = model.line_filter().cloned();
        let text = before.as_ref().map(LineFilter::typed).unwrap_or_default();
        Self { text: TextLine(text), purpose: Purpose::Lines { before, stood: model.position() } }
    }

    pub(in crate::ui) fn go_to(_: &Model) -> Self {
        Self { text: TextLine::default(), purpose: Purpose::GoTo }
    }

    pub(in crate::ui) fn mark(_: &Model) -> Self {
        Self { text: TextLine::default(), purpose: Purpose::Mark }
    }

    pub(in crate::ui) fn to_mark(_: &Model) -> Self {
        Self { text: TextLine::default(), purpose: Purpose::ToMark }
    }

    /// What the foot says that Enter does; one letter needs no Enter.
    pub(in crate::ui) fn accepts(&self) -> Option<&'static str> {
        match self.purpose {
            Purpose::Filter { .. } | Purpose::Search { .. } | Purpose::Lines { .. } => Some("keep"),
            Purpose::GoTo => Some("go"),
            Purpose::Mark | Purpose::ToMark => None,
        }
    }

    /// Whether it is about what to search for.
    pub(in crate::ui) fn is_search(&self) -> bool {
        matches!(self.purpose, Purpose::Search { .. })
    }

    pub(super) fn draw(&self, model: &Model, area: Rect, buffer: &mut Buffer) -> CursorAt {
        let (label, note) = match &self.purpose {
            Purpose::Filter { .. } => ("filter: ", shown(model)),
            Purpose::Search { .. } if everywhere(model) => ("search all: ", searched(model, &self.text.0)),
            Purpose::Search { .. } => ("search: ", searched(model, &self.text.0)),
            Purpose::Lines { .. } => ("lines with: ", passing(model, &self.text.0)),
            Purpose::GoTo => ("go to: ", "14:03 · 14:03:21 · -5m · line 120 · 50%".to_owned()),
            Purpose::Mark => ("bookmark: ", "a letter, for the line on top or the one found last".to_owned()),
            Purpose::ToMark => ("go to bookmark: ", marks(model)),
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

fn everywhere(model: &Model) -> bool {
    model.search_everywhere
}

fn searched(model: &Model, typed: &str) -> String {
    match &model.search {
        // Until something is typed, it is the search from before.
        Some(_) | None if typed.is_empty() => {
            let key = model.keymap.key(crate::ui::keymap::Action::Scope);
            let other = if everywhere(model) { "this worker" } else { "all workers" };
            format!("newest first · {key}: in {other}")
        }
        Some(search) if search.look.is_some() => "searching…".into(),
        Some(search) if search.in_vain() => search.no_match(),
        Some(search) if search.pattern.is_literal() => "no regular expression; taken letter by letter".into(),
        Some(_) => crate::ui::pane::matches(model).unwrap_or_default(),
        None => String::new(),
    }
}

fn passing(model: &Model, typed: &str) -> String {
    if typed.is_empty() {
        return "! first: the other lines · empty: all lines".to_owned();
    }
    let Some(passing) = model.view.passing else { return String::new() };
    let (lines, all) = (text::thousands(passing.lines), text::thousands(passing.of));
    format!("{lines}{} of {all}", if passing.whole { "" } else { "…" })
}

/// `a 12 · b 4,000`
fn marks(model: &Model) -> String {
    let Some(reading) = model.reading() else { return String::new() };
    let words =
        |(letter, place): (&char, &Place)| format!("{letter} line {}", text::thousands(place.line + 1));
    reading.marks.iter().map(words).collect::<Vec<_>>().join(" · ")
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
        Purpose::Search { stood, .. } => {
            let stood = stood.clone();
            model.search = Search::new(&typed, model.search_everywhere);
            if let Some(search) = &mut model.search {
                search.look(stood.newest, true);
            } else {
                stood.put_back(model);
            }
        }
        Purpose::Lines { .. } => {
            if let Some(reading) = model.reading_mut() {
                reading.filter = LineFilter::new(&typed);
            }
            restart_search(model);
        }
        Purpose::GoTo => {}
        Purpose::Mark => return letter(model, set_mark),
        Purpose::ToMark => return letter(model, go_to_mark),
    }
    Vec::new()
}

/// The lines that can be found are others now.
fn restart_search(model: &mut Model) {
    if let Some(search) = &mut model.search {
        search.look = None;
    }
}

/// One letter is all that is typed.
fn letter(model: &mut Model, act: fn(&mut Model, char) -> Vec<Effect>) -> Vec<Effect> {
    let Some(super::Dialog::Prompt(prompt)) = &mut model.dialog else { return Vec::new() };
    match std::mem::take(&mut prompt.text.0).chars().next() {
        Some(letter) if letter.is_alphanumeric() => {
            model.dialog = None;
            act(model, letter)
        }
        Some(_) | None => Vec::new(),
    }
}

/// At the line that was found last while it is in view, or else at the top; following, at the end.
fn set_mark(model: &mut Model, letter: char) -> Vec<Effect> {
    let found = model.search.as_ref().and_then(|search| search.at);
    let rows = &model.view.rows;
    let in_view = |place: &Place| rows.iter().any(|row| row.address.place == *place);
    let here = model.reading().and_then(|reading| reading.here);
    let by_view = if model.view.following { rows.last() } else { rows.first() };
    let place = [here, found].into_iter().flatten().find(in_view);
    let Some(place) = place.or_else(|| by_view.map(|row| row.address.place)) else { return Vec::new() };
    let line = text::thousands(place.line + 1);
    let Some(reading) = model.reading_mut() else { return Vec::new() };
    let words = if reading.marks.get(&letter) == Some(&place) {
        reading.marks.remove(&letter);
        format!("bookmark {letter} taken away from line {line}")
    } else {
        reading.marks.insert(letter, place);
        format!("bookmark {letter} at line {line}")
    };
    model.say(words);
    Vec::new()
}

fn go_to_mark(model: &mut Model, letter: char) -> Vec<Effect> {
    match model.reading().and_then(|reading| reading.marks.get(&letter)).copied() {
        Some(place) if model.group.is_none() && place.line < model.view.lines_dropped => {
            model.say(format!("the line of bookmark {letter} had to go"));
            Vec::new()
        }
        Some(place) => crate::ui::reading::go(model, place),
        None => {
            model.say(format!("there is no bookmark {letter}"));
            Vec::new()
        }
    }
}

pub(super) fn act(model: &mut Model, step: Step) -> Vec<Effect> {
    match step {
        Step::Accept => return accept(model),
        Step::Cancel => cancel(model),
        // The arrows work on the list that is being filtered.
        Step::Up | Step::Down => {
            let rows = if step == Step::Up { -1 } else { 1 };
            if let Some(super::Dialog::Prompt(Prompt { purpose: Purpose::Filter { .. }, .. })) = model.dialog
            {
                crate::ui::actions::move_choice(model, rows);
            }
        }
        Step::Scope => scope(model),
        Step::PageUp | Step::PageDown | Step::Top | Step::End => {}
    }
    Vec::new()
}

/// In this worker, or in all.
fn scope(model: &mut Model) {
    let Some(super::Dialog::Prompt(Prompt { purpose: Purpose::Search { .. }, .. })) = model.dialog else {
        return;
    };
    model.search_everywhere = !model.search_everywhere;
    let newest = lines_in_view(model).1;
    if let Some(search) = &mut model.search {
        search.everywhere = model.search_everywhere;
        if search.everywhere && search.in_vain() {
            // What is not here may be in another one.
            search.look(newest, true);
        }
    }
}

fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(super::Dialog::Prompt(prompt)) = model.dialog.take() else { return Vec::new() };
    match prompt.purpose {
        // Nothing typed: the search from before goes on, as in less and vi.
        Purpose::Search { before, stood } if prompt.text.0.is_empty() => {
            model.search = before;
            if let Some(search) = &mut model.search {
                search.look(search.at.and_then(Place::previous).unwrap_or(stood.newest), true);
            }
        }
        Purpose::Search { stood, .. } => {
            if let Some(search) = model.search.as_ref().filter(|search| search.in_vain()) {
                let text = search.no_match();
                // What was found while less was typed does not stay in view.
                stood.put_back(model);
                model.say(text);
            }
        }
        Purpose::Lines { before, .. } if prompt.text.0.is_empty() => {
            // What the filter showed before it was taken away is what stays in view.
            if let Some(reading) = model.reading_mut() {
                reading.filter = before;
            }
            return crate::ui::reading::leave_filter(model);
        }
        Purpose::GoTo => return go_to(model, &prompt.text.0),
        Purpose::Filter { .. } | Purpose::Lines { .. } | Purpose::Mark | Purpose::ToMark => {}
    }
    Vec::new()
}

fn go_to(model: &mut Model, typed: &str) -> Vec<Effect> {
    let (first, all) = (model.view.lines_dropped, model.view.lines_total);
    match Goto::parse(typed, model.wall, &model.zone) {
        Ok(Goto::Line(_) | Goto::Percent(_)) if model.group.is_some() => {
            model.say("lines of several workers are found by their time: 14:03, 14:03:21 or -5m");
        }
        Ok(Goto::Line(line)) if line > all => {
            model.say(format!("the newest line is {}", text::thousands(all)));
        }
        Ok(Goto::Line(line)) if line <= first => {
            model.say(format!("line {line} had to go; the oldest is {}", text::thousands(first + 1)));
            return vec![Effect::Scroll(Scroll::Top)];
        }
        Ok(Goto::Line(line)) => return crate::ui::reading::go(model, Place::line(line - 1)),
        Ok(Goto::Percent(percent)) => {
            let line = first + (all - first) * u64::from(percent) / 100;
            return vec![Effect::Scroll(Scroll::Near(Place::line(line)))];
        }
        Ok(Goto::Time(time)) => return vec![Effect::Scroll(Scroll::Time(time))],
        Err(why) => model.say(why),
    }
    Vec::new()
}

fn cancel(model: &mut Model) {
    let Some(super::Dialog::Prompt(prompt)) = model.dialog.take() else { return };
    match prompt.purpose {
        Purpose::Filter { before } => {
            model.list.filter = before;
            model.apply_filter();
        }
        Purpose::Search { before, stood } => {
            model.search = before;
            stood.put_back(model);
        }
        Purpose::Lines { before, stood } => {
            if let Some(reading) = model.reading_mut() {
                (reading.filter, reading.position) = (before, stood);
            }
        }
        Purpose::GoTo | Purpose::Mark | Purpose::ToMark => {}
    }
}
