//! A signal to pick: a list by number, name and meaning that typing narrows down.

use super::Step;
use super::prompt::TextLine;
use crate::protocol::{Command, ProcessId};
use crate::signal::Signal;
use crate::spec::WorkerName;
use crate::ui::keymap::Action;
use crate::ui::keys::Key;
use crate::ui::model::Model;
use crate::ui::text;
use crate::ui::update::Effect;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Who gets the signal.
#[derive(Debug, Clone)]
pub(in crate::ui) enum Target {
    /// A worker's whole group.
    Worker(WorkerName),
    /// One process of a worker's tree or one thread of it, with words for it.
    Process(WorkerName, ProcessId, Option<ProcessId>, String),
}

impl Target {
    fn command(self, signal: Signal) -> Command {
        match self {
            Self::Worker(name) => Command::Signal(name, signal),
            Self::Process(worker, process, thread, _) => {
                Command::SignalProcess { worker, process, thread, signal }
            }
        }
    }
}

/// An open list of signals.
#[derive(Debug, Clone)]
pub(in crate::ui) struct Picker {
    target: Target,
    text: TextLine,
    chosen: usize,
}

impl Picker {
    /// A list for this one that stands on this signal.
    pub(in crate::ui) fn new(target: Target, on: Signal) -> Self {
        let chosen = Signal::all().position(|signal| signal == on).unwrap_or(0);
        Self { target, text: TextLine::default(), chosen }
    }

    /// Takes a key if it is about the text; says whether it was.
    pub(super) fn key(&mut self, key: Key) -> bool {
        let taken = self.text.key(key);
        if taken {
            self.chosen = 0;
        }
        taken
    }

    /// Those whose number, name or meaning has what was typed, numbers and names that start so
    /// first. A signal that has no row, as `RTMIN+2`, is found by its exact name or number.
    fn shown(&self) -> Vec<Signal> {
        let typed = self.text.0.trim().to_lowercase();
        if typed.is_empty() {
            return Signal::all().collect();
        }
        let rank = |signal: &Signal| {
            let name = signal.to_string().to_lowercase();
            let (number, short) = (signal.number().to_string(), &name["sig".len()..]);
            match () {
                () if number == typed || short == typed || name == typed => Some(0),
                () if short.starts_with(&typed) || name.starts_with(&typed) => Some(1),
                () if number.starts_with(&typed) || signal.meaning().contains(&typed) => Some(2),
                () if short.contains(&typed) => Some(3),
                () => None,
            }
        };
        let mut ranked: Vec<_> = Signal::all().filter_map(|signal| Some((rank(&signal)?, signal))).collect();
        ranked.sort();
        let mut shown: Vec<_> = ranked.into_iter().map(|(_, signal)| signal).collect();
        if let Ok(exact) = typed.parse()
            && !shown.contains(&exact)
        {
            shown.insert(0, exact);
        }
        shown
    }

    pub(super) fn draw(&self, model: &Model, body: Rect, buffer: &mut Buffer) {
        let shown = self.shown();
        let theme = model.theme;
        let title = match &self.target {
            Target::Worker(name) => format!("signal for {name}"),
            Target::Process(_, _, _, words) => format!("signal for {words}"),
        };
        let foot = format!(
            "type to narrow · {} sends · {} closes",
            model.keymap.key(Action::Accept),
            model.keymap.key(Action::Cancel)
        );
        let rows = Signal::all().count() as u16 + 1;
        let inner = super::boxed((58, rows), &title, &foot, theme, body, buffer);
        if inner.height == 0 {
            return;
        }
        let width = usize::from(inner.width);
        let typed = if self.text.0.is_empty() { "…" } else { &self.text.0 };
        let line = format!("signal: {}", text::cut_start(typed, width.saturating_sub(8)));
        buffer.set_stringn(inner.x, inner.y, line, width, theme.accent());
        let list = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
        let top = (self.chosen + 1).saturating_sub(usize::from(list.height));
        let chosen = shown.get(self.chosen);
        for (row, signal) in list.rows().zip(shown.iter().skip(top)) {
            let line = format!("{:>2}  {:<12}  {}", signal.number(), signal, signal.meaning());
            buffer.set_stringn(row.x, row.y, text::cut(&line, width), width, theme.name(None));
            if Some(signal) == chosen {
                buffer.set_style(row, theme.chosen());
            }
        }
        if shown.is_empty() && list.height > 0 {
            buffer.set_stringn(list.x, list.y, "no such signal", width, theme.dim());
        }
    }
}

pub(super) fn act(model: &mut Model, step: Step) -> Vec<Effect> {
    let page = usize::from(model.layout().pane.height).max(2) - 1;
    let Some(super::Dialog::Signals(picker)) = &mut model.dialog else { return Vec::new() };
    let shown = picker.shown();
    let last = shown.len().saturating_sub(1);
    match step {
        Step::Up => picker.chosen = picker.chosen.saturating_sub(1),
        Step::Down => picker.chosen = (picker.chosen + 1).min(last),
        Step::PageUp => picker.chosen = picker.chosen.saturating_sub(page),
        Step::PageDown => picker.chosen = (picker.chosen + page).min(last),
        Step::Top => picker.chosen = 0,
        Step::End => picker.chosen = last,
        Step::Accept => {
            let signal = shown.get(picker.chosen).copied();
            let target = picker.target.clone();
            if let Some(signal) = signal {
                model.dialog = None;
                return vec![Effect::Send(target.command(signal))];
            }
        }
        Step::Cancel => model.dialog = None,
        Step::Scope => {}
    }
    Vec::new()
}
