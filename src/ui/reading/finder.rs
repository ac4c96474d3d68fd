//! The screen's readers and what is looked for in what they read: kept as the model wants it. Decides
//! nothing, draws nothing.

use crate::guest::Guest;
use crate::output::{
    InputModes, Lookup, Nearest, Pending, Place, Position, Reader, RowAddress, Searcher, Test, Together,
    View, Window,
};
use crate::spec::WorkerName;
use crate::ui::model::Model;
use crate::ui::reading::Jump;
use crate::ui::reading::times::Times;
use crate::ui::search::Counts;
use crate::ui::text;
use crate::ui::update::Scroll;
use std::collections::HashMap;
use std::ops::Range;
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
    /// Where it begins: the line's number.
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
                    Role::Jump(jump) if model.group.is_none() => {
                        Lookup::one_way(output, wanted.test, wanted.from, jump.up)
                    }
                    Role::Jump(_) | Role::Filter | Role::Search => {
                        Lookup::new(output, wanted.test, wanted.from)
                    }
                };
                let lookup = Arc::new(lookup);
                self.held.push(Held { worker: wanted.worker, role: wanted.role, lookup });
            }
        }
        changed || before != self.held.len()
    }

    /// Forgets whoever is not in view any more, and looks anew at the others.
    fn read(&mut self, guest: &Guest, model: &Model) {
        let names = in_view(model);
        self.readers.retain(|(known, _)| names.contains(&known));
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

    /// What lets lines of this worker through, if it is filtered.
    pub(in crate::ui) fn filter(&self, name: &WorkerName) -> Option<Arc<Lookup>> {
        let held = self.held.iter().find(|held| held.role == Role::Filter && held.worker == *name)?;
        Some(Arc::clone(&held.lookup))
    }

    /// The topmost row of a pane that stands there.
    pub(in crate::ui) fn first_row(&self, model: &Model, position: Position) -> Option<RowAddress> {
        let window = Window { position, ..model.window() };
        let view = match self.together(model) {
            Some(together) => together.view(window),
            None => self.chosen(model)?.view(window),
        };
        view.rows.first().map(|row| row.address)
    }

    /// The reader of one that is in view.
    pub(in crate::ui) fn reader(&self, name: &WorkerName) -> Option<&Reader> {
        self.readers.iter().find(|(known, _)| known == name).map(|(_, reader)| reader)
    }

    fn chosen(&self, model: &Model) -> Option<&Reader> {
        self.reader(model.list.chosen.as_ref()?)
    }

    /// The readers of those that are shown together, if several are.
    fn together(&self, model: &Model) -> Option<Together<'_>> {
        let names = &model.group.as_ref()?.names;
        Some(Together::new(names.iter().filter_map(|name| self.reader(name)).collect()))
    }

    /// What is in the window, and how the worker wants its keys.
    pub(in crate::ui) fn view(&self, model: &Model) -> (View, InputModes) {
        let window = model.window();
        if let Some(together) = self.together(model) {
            return (together.view(window), InputModes::default());
        }
        let Some(reader) = self.chosen(model) else { return Default::default() };
        let oldest = (model.display.times == Times::Since).then(|| reader.oldest()).flatten();
        (View { oldest, ..reader.view(window) }, reader.input_modes())
    }

    /// What is in the windows of the cells that are in view beside the chosen one's.
    pub(in crate::ui) fn cells(&self, model: &Model) -> HashMap<WorkerName, View> {
        let shown = model.shown();
        let others = shown.iter().map(|shown| (&shown.worker.name, model.sight_of(shown)));
        let others = others.filter(|(_, sight)| !sight.chosen);
        others
            .filter_map(|(name, sight)| {
                let reader = self.reader(name)?;
                let oldest = (model.display.times == Times::Since).then(|| reader.oldest()).flatten();
                Some((name.clone(), View { oldest, ..reader.view(sight.window()) }))
            })
            .collect()
    }

    /// Where the window of another cell goes.
    pub(in crate::ui) fn scrolled_cell(
        &self,
        model: &Model,
        name: &WorkerName,
        rows: i64,
    ) -> Option<Position> {
        let shown = model.shown().into_iter().find(|shown| shown.worker.name == *name)?;
        Some(self.reader(name)?.scrolled(model.sight_of(&shown).window(), rows))
    }

    /// How many matches there are.
    pub(in crate::ui) fn counts(&self, model: &Model) -> Counts {
        let Some(search) = &model.search else { return Counts::default() };
        let held = self.held.iter().filter(|held| held.role == Role::Search);
        let of = held.map(|held| (held.worker.clone(), held.lookup.count_all())).collect();
        let (all, place, whole) = match (self.together(model), self.chosen(model)) {
            (Some(together), _) => together.found(search.at),
            (None, Some(reader)) => reader.found(search.at.map_or(0, |at| at.line)),
            (None, None) => (0, 0, true),
        };
        Counts { of, here: (all, whole), place }
    }

    /// The line that the search is looking for.
    pub(in crate::ui) fn searched(&self, model: &mut Model) -> Sought {
        let newest = model.newest();
        let Some(mut look) = model.search.as_ref().and_then(|search| search.look) else {
            return Sought::Pending;
        };
        let logged = self.chosen(model).map(|reader| Place::line(reader.log_lines().end));
        let until =
            *look.until.get_or_insert(if model.group.is_some() { newest } else { logged.unwrap_or(newest) });
        if let Some(search) = &mut model.search {
            search.look = Some(look);
        }
        let nearest = |reader: &Reader, from, until| reader.nearest(from, look.up, until);
        match (self.together(model), self.chosen(model)) {
            (Some(together), _) => together
                .nearest(look.from, look.up, until, |_, reader, from, until| nearest(reader, from, until))
                .into(),
            (None, Some(reader)) => nearest(reader, look.from.line, until.line).into(),
            (None, None) => Sought::Known(None),
        }
    }

    /// The line that a jump goes to.
    pub(in crate::ui) fn jumped(&self, model: &Model) -> Sought {
        let Some(jump) = model.jump else { return Sought::Pending };
        let held = |name: &WorkerName| {
            self.held.iter().find(|held| held.role == Role::Jump(jump) && held.worker == *name)
        };
        let nearest = |name: &WorkerName, reader: &Reader, from, until| {
            let nearest = held(name).map(|held| reader.nearest_of(&held.lookup, from, jump.up, until));
            nearest.unwrap_or(Nearest::Nothing)
        };
        match (self.together(model), &model.group, &self.chosen(model).zip(model.list.chosen.as_ref())) {
            (Some(together), Some(group), _) => together
                .nearest(jump.from, jump.up, jump.until, |worker, reader, from, until| {
                    nearest(&group.names[worker], reader, from, until)
                })
                .into(),
            (_, _, Some((reader, name))) => nearest(name, reader, jump.from.line, jump.until.line).into(),
            (_, _, None) => Sought::Known(None),
        }
    }

    /// Which columns of this line are what the search found in it, and how wide the line is; `None` where
    /// another one was found last.
    pub(in crate::ui) fn found_in(&self, model: &Model, place: Place) -> Option<(Range<u32>, u32)> {
        let search = model.search.as_ref().filter(|search| search.at == Some(place))?;
        let text = match self.together(model) {
            Some(together) => together.text_at(place),
            None => self.chosen(model)?.text_at(place),
        };
        let found = search.pattern.found_in(&text).next()?;
        let columns = |bytes: Range<usize>| text::width(&text[bytes]) as u32;
        let start = columns(0..found.start);
        Some((start..start + columns(found), columns(0..text.len())))
    }

    /// Where the window goes.
    pub(in crate::ui) fn scrolled(&self, model: &Model, scroll: Scroll) -> Option<Position> {
        let window = model.window();
        let found = scroll.place().and_then(|place| self.found_in(model, place));
        let column = found.map_or(0, |(columns, _)| columns.start);
        if let Some(together) = self.together(model) {
            return Some(match scroll {
                Scroll::Rows(rows) => together.scrolled(window, rows),
                Scroll::Top => together.at(window, Place::line(0), 0),
                Scroll::Line(place) | Scroll::Near(place) => {
                    with_context(together.at(window, place, column), window, |window, rows| {
                        together.scrolled(window, rows)
                    })
                }
                Scroll::Time(time) => {
                    with_context(together.at(window, together.since(time), 0), window, |window, rows| {
                        together.scrolled(window, rows)
                    })
                }
            });
        }
        let reader = self.chosen(model)?;
        let context = |window, rows| reader.scrolled(window, rows);
        Some(match scroll {
            Scroll::Rows(rows) => reader.scrolled(window, rows),
            Scroll::Top => reader.top(window),
            Scroll::Line(place) | Scroll::Near(place) => {
                with_context(reader.at(window, place, column), window, context)
            }
            Scroll::Time(time) => {
                with_context(reader.at_line(window, reader.line_since(time)), window, context)
            }
        })
    }
}

/// What is known of a line that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Sought {
    /// Not all on the way was looked at yet.
    Pending,
    /// It is this one, or there is none.
    Known(Option<Place>),
}

impl From<Nearest> for Sought {
    fn from(nearest: Nearest) -> Self {
        match nearest {
            Nearest::Found(line) => Self::Known(Some(Place::line(line))),
            Nearest::Nothing => Self::Known(None),
            Nearest::Pending => Self::Pending,
        }
    }
}

impl From<Result<Option<Place>, Pending>> for Sought {
    fn from(nearest: Result<Option<Place>, Pending>) -> Self {
        nearest.map_or(Self::Pending, Self::Known)
    }
}

/// The workers whose lines are in view.
fn members(model: &Model) -> &[WorkerName] {
    match &model.group {
        Some(group) => &group.names,
        None => model.list.chosen.as_slice(),
    }
}

/// The workers that are in view.
fn in_view(model: &Model) -> Vec<&WorkerName> {
    let cells = model.shown();
    let cells = cells.iter().map(|shown| &shown.worker.name);
    let others = cells.filter(|name| model.list.chosen.as_ref() != Some(*name));
    members(model).iter().chain(others).collect()
}

/// A position with some of what was said before it above.
fn with_context(position: Position, window: Window, scrolled: impl Fn(Window, i64) -> Position) -> Position {
    match position {
        Position::Follow => Position::Follow,
        Position::At(_) => scrolled(Window { position, ..window }, -i64::from(window.size.rows / 3)),
    }
}

/// The looks that the model wants, the most urgent first.
fn wanted(model: &Model) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let members = members(model);
    let filter = |name: &WorkerName| {
        let reading = if model.group.is_some() { model.reading() } else { model.readings.get(name) };
        Some(reading?.filter.as_ref()?.test())
    };
    let from = |name: &WorkerName| match model.readings.get(name).map(|reading| reading.position) {
        Some(Position::At(address)) if model.group.is_none() => address.place.line,
        Some(_) | None => u64::MAX,
    };
    if let Some(jump) = model.jump {
        let from = if model.group.is_some() { u64::MAX } else { jump.from.line };
        for name in members {
            let test = jump.kind.test().within(filter(name));
            wanted.push(Wanted { worker: name.clone(), role: Role::Jump(jump), test, from });
        }
    }
    for name in members {
        if let Some(test) = filter(name) {
            wanted.push(Wanted { worker: name.clone(), role: Role::Filter, test, from: from(name) });
        }
    }
    if let Some(search) = &model.search {
        let others = model.snapshot.workers.iter().map(|worker| &worker.name);
        let others = others.filter(|name| search.everywhere && !members.contains(name));
        for name in members.iter().chain(others) {
            let test = Test::pattern(&search.pattern, false).within(filter(name));
            wanted.push(Wanted { worker: name.clone(), role: Role::Search, test, from: from(name) });
        }
    }
    // Those out of view go on, so that they are there when one comes back.
    let others = model.readings.iter().filter(|(name, _)| model.group.is_none() && !members.contains(name));
    for (name, reading) in others {
        if let Some(filter) = &reading.filter {
            let (worker, test) = (name.clone(), filter.test());
            wanted.push(Wanted { worker, role: Role::Filter, test, from: from(name) });
        }
    }
    wanted
}
