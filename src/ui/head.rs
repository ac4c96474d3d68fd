//! The head line: minder's name, how many workers are in each state, and what minder is about.

use super::keymap::Action;
use super::model::Model;
use super::text;
use crate::protocol::{Phase, Seconds, WorkerView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The words of states in the order in which they are counted: what is well, what went wrong,
/// what changes, what is over. Where there is no room the last ones go.
const ORDER: [&str; 16] = [
    "running", "stuck", "failed", "no start", LEFT_ALIVE, "zombie", "backoff", "stopping", "frozen",
    "ending", "looking", "waiting", "missing", "ended", "done", "idle",
];

/// The first process is over, but others of its tree are alive.
const LEFT_ALIVE: &str = "left alive";

/// Columns that the right side leaves: for the name and the first count.
const LEAST_LEFT: usize = 20;

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = model.theme;
    let right = right_side(model);
    let room = usize::from(area.width).saturating_sub(1);
    // What minder is about comes before the counts, but leaves room for its name.
    let right = text::cut(&right, room.saturating_sub(LEAST_LEFT));
    let right_columns = text::width(&right);
    let gap = if right.is_empty() { 1 } else { 3 };
    let end = area.right().saturating_sub(right_columns as u16 + gap);
    let mut pen = Pen { x: area.x + 1, y: area.y, end };
    pen.write(buffer, "minder", theme.bold());
    pen.write(buffer, "  ", theme.dim());
    let mut counts = counts(model).enumerate().peekable();
    while let Some((index, (count, word, worker))) = counts.next() {
        let gap = if index == 0 { "" } else { " · " };
        let words = format!("{count} {word}");
        let and_more = if counts.peek().is_some() { 2 } else { 0 };
        if !pen.fits(text::width(gap) + text::width(&words) + and_more) {
            pen.write(buffer, " …", theme.dim());
            break;
        }
        pen.write(buffer, gap, theme.dim());
        pen.write(buffer, &words, theme.worker(worker));
    }
    if !right.is_empty() {
        let x = area.right() - right_columns as u16 - 1;
        buffer.set_string(x, area.y, right, theme.waiting());
    }
}

fn right_side(model: &Model) -> String {
    match &model.snapshot.phase {
        Phase::Up if !model.list.filter.is_empty() => {
            let (shown, all) = (model.list.shown.len(), model.snapshot.workers.len());
            let clears = model.keymap.key(Action::GiveUp);
            format!("filter: {} · {shown} of {all} · {clears} clears", model.list.filter)
        }
        Phase::Up => progress(model).or_else(|| next_run(model)).unwrap_or_default(),
        Phase::Quitting { by: Some(signal), .. } => format!("quitting by {signal}"),
        Phase::Quitting { by: None, .. } => "quitting".to_owned(),
        Phase::Over => "over".to_owned(),
    }
}

/// How far those are together that say how far they are: `crawler 34 % · 12 s left`, `3 at work, 34 %`.
fn progress(model: &Model) -> Option<String> {
    let at_work: Vec<_> = model
        .progress
        .iter()
        .filter_map(|(name, progress)| Some((name, progress, progress.share()?)))
        .collect();
    match at_work.as_slice() {
        [] => None,
        [(name, progress, share)] => {
            Some(format!("{name} {} %{}", (share * 100.0) as u8, super::progress::left(progress, model.now)))
        }
        many => {
            let share = many.iter().map(|(_, _, share)| share).sum::<f64>() / many.len() as f64;
            Some(format!("{} at work, {} %", many.len(), (share * 100.0) as u8))
        }
    }
}

/// The next run of any timer: `next run: backup in 4m 12s`.
fn next_run(model: &Model) -> Option<String> {
    let workers = model.snapshot.workers.iter();
    let next = workers.filter_map(|worker| worker.next_run().map(|next| (next.at, &worker.name)));
    let (at, name) = next.min()?;
    Some(format!("next run: {name} in {}", Seconds(at.saturating_duration_since(model.now))))
}

/// How many workers each word is said of, with one of them; only words that are said.
fn counts(model: &Model) -> impl Iterator<Item = (usize, &'static str, &WorkerView)> {
    let mut counted: [(usize, Option<&WorkerView>); ORDER.len()] = [(0, None); ORDER.len()];
    for worker in &model.snapshot.workers {
        let word = if worker.left_alive() { LEFT_ALIVE } else { worker.word() };
        if let Some(place) = ORDER.iter().position(|known| *known == word) {
            counted[place] = (counted[place].0 + 1, Some(worker));
        }
    }
    ORDER.into_iter().zip(counted).filter_map(|(word, (count, worker))| Some((count, word, worker?)))
}

/// Writes from left to right on one row and stops at its end.
pub(super) struct Pen {
    pub(super) x: u16,
    pub(super) y: u16,
    pub(super) end: u16,
}

impl Pen {
    pub(super) fn room(&self) -> usize {
        usize::from(self.end.saturating_sub(self.x))
    }

    pub(super) fn fits(&self, columns: usize) -> bool {
        columns <= self.room()
    }

    pub(super) fn write(&mut self, buffer: &mut Buffer, text: &str, style: Style) {
        let room = self.room();
        if room > 0 {
            self.x = buffer.set_stringn(self.x, self.y, text::cut(text, room), room, style).0;
        }
    }
}
