//! The screen's readers of what workers say: one for each that is looked at. Decides nothing.

use super::update::Scroll;
use crate::guest::Guest;
use crate::output::{InputModes, Position, Reader, View, Window};
use crate::spec::WorkerName;

/// Readers of the workers that are in view.
#[derive(Debug, Default)]
pub(super) struct Readers {
    kept: Vec<(WorkerName, Reader)>,
}

impl Readers {
    /// Forgets whoever is not in view any more, and looks anew at the others.
    pub(super) fn look(&mut self, guest: &Guest, names: &[WorkerName]) {
        self.kept.retain(|(known, _)| names.contains(known));
        for name in names {
            if let Some((_, reader)) = self.kept.iter_mut().find(|(known, _)| known == name) {
                reader.look();
            } else {
                let output = guest.output(name);
                self.kept.extend(output.map(|output| (name.clone(), Reader::new(output))));
            }
        }
    }

    /// The reader of one that is in view.
    pub(super) fn of(&self, name: &WorkerName) -> Option<&Reader> {
        self.kept.iter().find(|(known, _)| known == name).map(|(_, reader)| reader)
    }

    /// What is in the window, and how the worker wants its keys.
    pub(super) fn view(&self, name: &WorkerName, window: Window) -> (View, InputModes) {
        self.of(name).map_or_else(Default::default, |reader| (reader.view(window), reader.input_modes()))
    }

    /// Where a window goes.
    pub(super) fn scrolled(&self, name: &WorkerName, window: Window, scroll: Scroll) -> Option<Position> {
        let reader = self.of(name)?;
        Some(match scroll {
            Scroll::Rows(rows) => reader.scrolled(window, rows),
            Scroll::Top => reader.top(window),
            Scroll::Line(line) => match reader.at_line(window, line) {
                Position::Follow => Position::Follow,
                // With some of what was said before it above.
                position @ Position::At(_) => {
                    reader.scrolled(Window { position, ..window }, -i64::from(window.size.rows / 3))
                }
            },
        })
    }
}
