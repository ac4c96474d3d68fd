//! The screen's readers and what is looked for in what they read: kept as the model wants it. Decides
//! nothing, draws nothing.

use crate::guest::Guest;
use crate::output::{InputModes, Lookup, Nearest, Position, Reader, Searcher, Test, View, Window};
use crate::spec::WorkerName;
use crate::ui::model::Model;
use crate::ui::reading::Jump;
use crate::ui::search::Counts;
use crate::ui::update::Scroll;
use std::collections::HashMap;
use std::sync::Arc;

/// What a look is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Jump(Jump),
    Filter,
    Search,
}

/// One look that the model wants.
struct Wanted {
    worker: WorkerName,
    role: Role,
    test: Test,
    /// Where it begins.
    from: u64,
}

struct Held {
    worker: WorkerName,
    role: Role,
    lookup: Arc<Lookup>,
}

/// Readers of the workers that are in view, and the looks through their logs.
#[derive(Default)]
pub(in crate::ui) struct Finder {
    readers: Vec<(WorkerName, Reader)>,
    held: Vec<Held>,
    /// Started when it is first needed.
    searcher: Option<Searcher>,
}

impl Finder {
    /// Sees what there is now and looks for what the model wants. Says why it cannot, if so.
    pub(in crate::ui) fn look(&mut self, guest: &Guest, model: &Model) -> Result<(), String> {
        let changed = self.hold(guest, model);
        self.read(guest, model);
        if self.held.is_empty() {
            return Ok(());
        }
        if self.searcher.is_none() {
            let waker = guest.waker();
            let searcher = Searcher::start(move || {
                // Nobody looks any more: nobody is there to be woken.
                waker.wake();
            });
            self.searcher = Some(searcher.map_err(|error| format!("cannot search: {error}"))?);
        }
        if let Some(searcher) = &self.searcher {
            if changed {
                searcher.look_for(self.held.iter().map(|held| &held.lookup));
            }
            searcher.poke();
        }
        Ok(())
    }

    /// Holds the looks that are wanted, and no others. Says whether they are others than before.
    fn hold(&mut self, guest: &Guest, model: &Model) -> bool {
        let mut old = std::mem::take(&mut self.held);
        let before = old.len();
        let mut changed = false;
        for wanted in wanted(model) {
            let same = |held: &Held| {
                held.worker == wanted.worker && held.role == wanted.role && *held.lookup.test() == wanted.test
            };
            if let Some(place) = old.iter().position(same) {
                self.held.push(old.remove(place));
            } else if let Some(output) = guest.output(&wanted.worker) {
                changed = true;
                let lookup = match wanted.role {
                    Role::Jump(jump) => Lookup::one_way(output, wanted.test, jump.from, jump.up),
                    Role::Filter | Role::Search => Lookup::new(output, wanted.test, wanted.from),
                };
                let lookup = Arc::new(lookup);
                self.held.push(Held { worker: wanted.worker, role: wanted.role, lookup });
            }
        }
        changed || before != self.held.len()
    }

    /// Forgets whoever is not in view any more, and looks anew at the others.
    fn read(&mut self, guest: &Guest, model: &Model) {
        let names = model.list.chosen.as_slice();
        self.readers.retain(|(known, _)| names.contains(known));
        for name in names {
            if let Some((_, reader)) = self.readers.iter_mut().find(|(known, _)| known == name) {
                reader.look();
            } else {
                let output = guest.output(name);
                self.readers.extend(output.map(|output| (name.clone(), Reader::new(output))));
            }
        }
        for (name, reader) in &mut self.readers {
            let of = |role: fn(&Role) -> bool| {
                let held = self.held.iter().find(|held| held.worker == *name && role(&held.role));
                held.map(|held| Arc::clone(&held.lookup))
            };
            reader.set_filter(of(|role| *role == Role::Filter));
            reader.set_search(of(|role| *role == Role::Search));
        }
    }

    fn chosen(&self, model: &Model) -> Option<&Reader> {
        let chosen = model.list.chosen.as_ref()?;
        self.readers.iter().find(|(known, _)| known == chosen).map(|(_, reader)| reader)
    }

    /// What is in the window, and how the worker wants its keys.
    pub(in crate::ui) fn view(&self, model: &Model) -> (View, InputModes) {
        let window = model.window();
        let reader = self.chosen(model);
        reader.map_or_else(Default::default, |reader| (reader.view(window), reader.input_modes()))
    }

    /// How many matches there are.
    pub(in crate::ui) fn counts(&self, model: &Model) -> Counts {
        let Some(search) = &model.search else { return Counts::default() };
        let mut of = HashMap::new();
        for held in self.held.iter().filter(|held| held.role == Role::Search) {
            of.insert(held.worker.clone(), held.lookup.count_all());
        }
        let mut place = 0;
        if let (Some(reader), Some(chosen)) = (self.chosen(model), &model.list.chosen) {
            let (all, upto, whole) = reader.found(search.at.unwrap_or(0));
            of.insert(chosen.clone(), (all, whole));
            place = upto;
        }
        Counts { of, place }
    }

    /// The line that the search is looking for.
    pub(in crate::ui) fn searched(&self, model: &mut Model) -> Nearest {
        let Some(reader) = self.chosen(model) else { return Nearest::Nothing };
        let look = model.search.as_mut().and_then(|search| search.look.as_mut());
        look.map_or(Nearest::Pending, |look| {
            let until = *look.until.get_or_insert(reader.log_lines().end);
            reader.nearest(look.from, look.up, until)
        })
    }

    /// The line that a jump goes to.
    pub(in crate::ui) fn jumped(&self, model: &Model) -> Nearest {
        let (Some(jump), Some(reader)) = (model.jump, self.chosen(model)) else { return Nearest::Pending };
        let held = self.held.iter().find(|held| held.role == Role::Jump(jump));
        held.map_or(Nearest::Nothing, |held| reader.nearest_of(&held.lookup, jump.from, jump.up, jump.until))
    }

    /// Where the window goes.
    pub(in crate::ui) fn scrolled(&self, model: &Model, scroll: Scroll) -> Option<Position> {
        let reader = self.chosen(model)?;
        let window = model.window();
        Some(match scroll {
            Scroll::Rows(rows) => reader.scrolled(window, rows),
            Scroll::Top => reader.top(window),
            Scroll::Line(line) => to_line(reader, window, line),
            Scroll::Time(time) => to_line(reader, window, reader.line_since(time)),
        })
    }
}

/// A line into view, with some of what was said before it above.
fn to_line(reader: &Reader, window: Window, line: u64) -> Position {
    match reader.at_line(window, line) {
        Position::Follow => Position::Follow,
        position @ Position::At(_) => {
            reader.scrolled(Window { position, ..window }, -i64::from(window.size.rows / 3))
        }
    }
}

/// The looks that the model wants, the most urgent first.
fn wanted(model: &Model) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let Some(chosen) = model.list.chosen.clone() else { return wanted };
    let filter = |name: &WorkerName| {
        let reading = model.readings.get(name)?;
        Some(reading.filter.as_ref()?.test())
    };
    let from = |name: &WorkerName| match model.readings.get(name).map(|reading| reading.position) {
        Some(Position::At(address)) => address.place.line,
        Some(Position::Follow) | None => u64::MAX,
    };
    if let Some(jump) = model.jump {
        let test = jump.kind.test().within(filter(&chosen));
        wanted.push(Wanted { worker: chosen.clone(), role: Role::Jump(jump), test, from: jump.from });
    }
    if let Some(test) = filter(&chosen) {
        wanted.push(Wanted { worker: chosen.clone(), role: Role::Filter, test, from: from(&chosen) });
    }
    if let Some(search) = &model.search {
        let others = model.snapshot.workers.iter().map(|worker| &worker.name);
        let others = others.filter(|name| **name != chosen && search.everywhere);
        for name in std::iter::once(&chosen).chain(others) {
            let test = Test::pattern(&search.pattern, false).within(filter(name));
            wanted.push(Wanted { worker: name.clone(), role: Role::Search, test, from: from(name) });
        }
    }
    for (name, reading) in &model.readings {
        if let (Some(filter), true) = (&reading.filter, *name != chosen) {
            let (worker, test) = (name.clone(), filter.test());
            wanted.push(Wanted { worker, role: Role::Filter, test, from: from(name) });
        }
    }
    wanted
}
