//! A model over real outputs: what readers find is in view, without the loop and without a terminal.

use super::fixtures::{press, text, worker};
use crate::guest::{Board, Guest, Outputs};
use crate::output::{Output, Stream};
use crate::protocol::{Phase, Size, State, WorkerView};
use crate::spec::OutputKind;
use crate::ui::keymap::Keymap;
use crate::ui::model::Model;
use crate::ui::reading;
use crate::ui::reading::finder::{Finder, Sought};
use crate::ui::update::{Effect, Message, update};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The searcher finds what little there is long before.
const PATIENCE: Duration = Duration::from_mins(1);

/// A line: who says it, how many milliseconds after 14:00, and what.
pub(super) type Line<'a> = (Stream, u64, &'a str);

pub(super) struct Seen {
    pub(super) model: Model,
    guest: Guest,
    finder: Finder,
    outputs: Outputs,
}

/// So many milliseconds after 14:00.
pub(super) fn at(millis: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(14) + Duration::from_millis(millis)
}

/// A worker that runs and says lines on pipes.
pub(super) fn piped(name: &str) -> WorkerView {
    let running = State::Running(super::fixtures::run(4123, 754.0));
    WorkerView { output: OutputKind::Pipe, ..worker(name, "serve", running) }
}

impl Seen {
    /// At 14:01, on a screen of this size.
    pub(super) fn new(size: (u16, u16), workers: Vec<WorkerView>) -> Self {
        let (commands, _) = crossbeam_channel::unbounded();
        let outputs = Outputs::default();
        for worker in &workers {
            let pane = Output::new(Size { columns: 80, rows: 24 }, worker.output == OutputKind::Pty);
            outputs.add(worker.name.clone(), Arc::new(pane));
        }
        let (guest, _) = Guest::new(commands, Arc::new(Board::default()), outputs.clone());
        let size = Size { columns: size.0, rows: size.1 };
        let mut model = Model::new(Keymap::default(), true, size, super::fixtures::now());
        model.wall = at(60_000);
        let facts = Message::Facts(super::fixtures::snapshot(workers, Phase::Up), Arc::default());
        update(&mut model, facts);
        let mut seen = Self { model, guest, finder: Finder::default(), outputs };
        seen.look();
        seen
    }

    /// These are the workers now; some of them are new.
    pub(super) fn come(&mut self, workers: Vec<WorkerView>) {
        for worker in workers.iter().filter(|worker| self.outputs.get(&worker.name).is_none()) {
            let pane = Output::new(Size { columns: 80, rows: 24 }, worker.output == OutputKind::Pty);
            self.outputs.add(worker.name.clone(), Arc::new(pane));
        }
        let facts = Message::Facts(super::fixtures::snapshot(workers, Phase::Up), Arc::default());
        update(&mut self.model, facts);
        self.look();
    }

    pub(super) fn output(&self, name: &str) -> Arc<Output> {
        self.outputs.get(&name.into()).expect("it is one of them")
    }

    pub(super) fn say(&mut self, name: &str, lines: &[Line<'_>]) {
        for (stream, millis, words) in lines {
            self.output(name).feed(*stream, format!("{words}\r\n").as_bytes(), at(*millis));
        }
        self.look();
    }

    /// Presses keys and does what they ask of panes.
    pub(super) fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in keys.split_whitespace() {
            let wanted = press(&mut self.model, key);
            effects.extend(self.carry_out(wanted));
        }
        effects
    }

    /// Does what is asked of panes; gives back the rest.
    pub(super) fn carry_out(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut rest = Vec::new();
        for effect in effects {
            match effect {
                Effect::Scroll(scroll) => reading::scroll(&mut self.model, &self.finder, scroll),
                Effect::ScrollCell(name, rows) => {
                    let position = self.finder.scrolled_cell(&self.model, &name, rows);
                    let reading = self.model.readings.entry(name).or_default();
                    reading.position = position.expect("it is in view");
                }
                Effect::Select(motion) => {
                    let name = self.model.list.chosen.clone().expect("one is chosen");
                    let reader = self.finder.reader(&name).expect("it is in view");
                    crate::ui::selection::go(&mut self.model, reader, &motion);
                }
                Effect::Send(_) | Effect::Redraw | Effect::Take(..) | Effect::Write(_) => rest.push(effect),
            }
        }
        self.look();
        rest
    }

    /// Looks until all is looked at that there is.
    pub(super) fn look(&mut self) {
        loop {
            self.finder.look(&self.guest, &self.model).expect("the searcher starts");
            self.seek();
            let (view, modes) = self.finder.view(&self.model);
            let cells = self.finder.cells(&self.model);
            let counts = self.finder.counts(&self.model);
            let passing: Vec<_> = cells.values().chain([&view]).filter_map(|view| view.passing).collect();
            let whole = passing.iter().all(|passing| passing.whole)
                && counts.of.values().all(|(_, whole)| *whole)
                && self.model.jump.is_none()
                && self.model.search.as_ref().is_none_or(|search| search.look.is_none());
            (self.model.view, self.model.modes, self.model.counts) = (view, modes, counts);
            if let Some(grid) = &mut self.model.grid {
                grid.views = cells;
            }
            crate::ui::selection::settle(&mut self.model);
            if whole {
                return;
            }
            self.guest.changed().recv_timeout(PATIENCE).expect("the searcher goes on");
        }
    }

    /// Goes on with a search and a jump as far as it is known where they lead.
    fn seek(&mut self) {
        loop {
            let effects = if let Sought::Known(line) = self.finder.jumped(&self.model) {
                update(&mut self.model, Message::Jumped(line))
            } else if let Sought::Known(line) = self.finder.searched(&mut self.model) {
                self.model.counts = self.finder.counts(&self.model);
                update(&mut self.model, Message::Looked(line))
            } else {
                return;
            };
            for effect in effects {
                if let Effect::Scroll(scroll) = effect {
                    reading::scroll(&mut self.model, &self.finder, scroll);
                }
            }
            self.finder.look(&self.guest, &self.model).expect("the searcher starts");
        }
    }

    /// Whether anything is read of this worker.
    pub(super) fn reads(&self, name: &str) -> bool {
        self.finder.reader(&name.into()).is_some()
    }

    pub(super) fn text(&self) -> String {
        text(&self.model)
    }
}
