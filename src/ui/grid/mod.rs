//! Several workers side by side: of whom, which of them have room, and which cell is next. The chosen
//! worker's cell is the pane that keys are for; what a cell says is the readers' business.

pub(super) mod cells;
mod draw;

pub(super) use draw::draw;

use super::actions::refuse;
use super::keymap::{Cell as To, Read};
use super::layout::Layout;
use super::model::Model;
use super::reading::forget_found;
use super::sight::Sight;
use super::update::Effect;
use crate::output::View;
use crate::protocol::{Size, WorkerView};
use crate::spec::WorkerName;
use cells::Cell;
use ratatui::layout::{Position, Rect};
use std::collections::HashMap;
use std::sync::Arc;

/// Workers that are shown side by side.
#[derive(Debug, Clone, Default)]
pub(super) struct Grid {
    /// Their places in the snapshot, in the order of the list: those that are picked, or else all, as far
    /// as the list's filter lets them through.
    pub(super) members: Vec<usize>,
    /// What is in view of those that are shown; but what the chosen one says is the model's view.
    pub(super) views: HashMap<WorkerName, View>,
}

/// A cell that is shown, and whose it is.
pub(super) struct Shown<'a> {
    pub(super) worker: &'a Arc<WorkerView>,
    pub(super) cell: Cell,
}

impl Model {
    /// Whether cells are in view: one that is opened alone hides the others.
    pub(super) fn grid_in_view(&self) -> bool {
        self.grid.is_some() && !self.zoom
    }

    /// Where cells are: all that one pane alone would have.
    fn grid_area(&self) -> Rect {
        let alone = Layout::of(self.size, 1, 0, true);
        if alone.title.is_empty() { alone.pane } else { alone.title.union(alone.pane) }
    }

    /// The members that have room together with the chosen one, and how many come before them.
    fn page(&self) -> (&[usize], usize) {
        let members = self.grid.as_ref().map_or(&[][..], |grid| &grid.members);
        let capacity = cells::capacity(self.grid_area());
        let first = self.chosen_member().unwrap_or(0) / capacity * capacity;
        let end = members.len().min(first + capacity);
        (&members[first..end], first)
    }

    /// The chosen worker's place among the members.
    fn chosen_member(&self) -> Option<usize> {
        let chosen = self.list.chosen.as_ref()?;
        let members = &self.grid.as_ref()?.members;
        members
            .iter()
            .position(|place| self.snapshot.workers.get(*place).is_some_and(|worker| worker.name == *chosen))
    }

    /// The cells that are in view.
    pub(super) fn shown(&self) -> Vec<Shown<'_>> {
        if !self.grid_in_view() {
            return Vec::new();
        }
        let (page, _) = self.page();
        if page.is_empty() {
            return Vec::new();
        }
        let workers = page.iter().filter_map(|place| self.snapshot.workers.get(*place));
        let cells = cells::cells(self.grid_area(), page.len());
        workers.zip(cells).map(|(worker, cell)| Shown { worker, cell }).collect()
    }

    /// The places that are gone through from worker to worker: the grid's, or all that the list shows.
    pub(super) fn in_order(&self) -> &[usize] {
        self.grid.as_ref().map_or(&self.list.shown, |grid| &grid.members)
    }

    /// This layout, with the chosen one's cell for the pane where there is a grid.
    pub(super) fn with_cells(&self, layout: Layout) -> Layout {
        if !self.grid_in_view() {
            return layout;
        }
        let area = self.grid_area();
        let shown = self.shown();
        let chosen = shown.iter().find(|shown| self.list.chosen.as_ref() == Some(&shown.worker.name));
        let nowhere = Rect { width: 0, height: 0, ..area };
        let (title, pane) = chosen.map_or((nowhere, nowhere), |shown| (shown.cell.title, shown.cell.pane));
        Layout { cells: area, title, pane, ..layout }
    }

    /// A cell as it is seen.
    pub(super) fn sight_of<'a>(&'a self, shown: &Shown<'a>) -> Sight<'a> {
        if self.list.chosen.as_ref() == Some(&shown.worker.name) {
            return self.sight();
        }
        let view = self.grid.as_ref().and_then(|grid| grid.views.get(&shown.worker.name));
        Sight {
            model: self,
            worker: Some(shown.worker),
            view: view.unwrap_or(&NOTHING),
            reading: self.readings.get(&shown.worker.name),
            size: size(shown.cell.pane),
            chosen: false,
        }
    }

    /// The sizes of panes: of all, and of those that have one of their own.
    ///
    /// A program is disturbed by each change: one that is in no cell keeps the size that it has beside the
    /// list, and where one of them is alone the others keep theirs.
    pub(super) fn pane_sizes(&self) -> (Size, Vec<(WorkerName, Size)>) {
        if self.grid.is_none() {
            return (self.layout().pane_size(), Vec::new());
        }
        let beside = Layout::of(self.size, self.snapshot.workers.len(), self.list.name_columns, false);
        let (page, _) = self.page();
        let workers = page.iter().filter_map(|place| self.snapshot.workers.get(*place));
        let cells = cells::cells(self.grid_area(), page.len());
        let alone = |name: &WorkerName| self.zoom && self.list.chosen.as_ref() == Some(name);
        let sizes = workers.zip(cells).map(|(worker, cell)| {
            let own = if alone(&worker.name) { self.layout().pane_size() } else { size(cell.pane) };
            (worker.name.clone(), own)
        });
        (beside.pane_size(), sizes.collect())
    }
}

/// What is in view where nobody has looked yet.
static NOTHING: std::sync::LazyLock<View> = std::sync::LazyLock::new(View::default);

fn size(pane: Rect) -> Size {
    Size { columns: pane.width.max(1), rows: pane.height.max(1) }
}

/// Opens the grid; brings it back where one cell is alone; or closes it.
pub(super) fn toggle(model: &mut Model) -> Vec<Effect> {
    if model.grid.is_some() {
        if !std::mem::take(&mut model.zoom) {
            model.grid = None;
        }
        return Vec::new();
    }
    let members = members(model);
    if members.len() < 2 {
        let pick = model.read_key(Read::Pick);
        return refuse(model, format!("a grid is of two workers or more: {pick} picks them in the list"));
    }
    if model.group.take().is_some() {
        forget_found(model);
    }
    model.zoom = false;
    model.grid = Some(Grid { members, views: HashMap::new() });
    Vec::new()
}

/// Esc and the like: from one that is alone to the grid, from there to the list. False if there is none.
pub(super) fn leave(model: &mut Model) -> bool {
    let there = model.grid.is_some();
    if there {
        toggle(model);
    }
    there
}

/// Those that are picked, or else all; as far as the list shows them.
fn members(model: &Model) -> Vec<usize> {
    let picked = |place: &usize| model.picked.contains(&model.snapshot.workers[*place].name);
    let shown = model.list.shown.iter().copied();
    if model.picked.is_empty() { shown.collect() } else { shown.filter(picked).collect() }
}

/// Takes the chosen one out of the grid, which is of picked workers from then on.
pub(super) fn take_out(model: &mut Model) -> Vec<Effect> {
    let Some(name) = model.list.chosen.clone() else { return Vec::new() };
    let at = model.chosen_member().unwrap_or(0);
    if model.picked.is_empty() {
        let workers = model.in_order().iter().map(|place| model.snapshot.workers[*place].name.clone());
        model.picked = workers.collect();
    }
    model.picked.remove(&name);
    model.zoom = false;
    if model.picked.is_empty() {
        model.grid = None;
        return Vec::new();
    }
    let left = members(model);
    let next = left.get(at.min(left.len().saturating_sub(1))).copied();
    if let Some(grid) = &mut model.grid {
        grid.members = left;
    }
    if let Some(place) = next {
        model.choose_worker(place);
    }
    model.say(format!("{name} was taken out; {} workers are left here", model.in_order().len()));
    Vec::new()
}

/// After each message: the members as they are now, one of them chosen.
pub(super) fn settle(model: &mut Model) {
    if model.grid.is_none() {
        return;
    }
    let members = members(model);
    let first = members.first().copied();
    if let Some(grid) = &mut model.grid {
        grid.members = members;
    }
    if let (None, Some(first)) = (model.chosen_member(), first) {
        model.choose_worker(first);
    }
}

/// To another cell.
pub(super) fn go(model: &mut Model, to: To) -> Vec<Effect> {
    let at = model.chosen_member().unwrap_or(0);
    let members = model.in_order();
    let last = members.len().saturating_sub(1);
    let next = match to {
        To::Left => at.saturating_sub(1),
        To::Right => (at + 1).min(last),
        To::Next => {
            if at == last {
                0
            } else {
                at + 1
            }
        }
        To::Previous => at.checked_sub(1).unwrap_or(last),
        To::Up => beside(model, at, true),
        To::Down => beside(model, at, false),
    };
    if let Some(place) = members.get(next).copied() {
        model.choose_worker(place);
    }
    Vec::new()
}

/// The member above or below: in the row of cells next to its own, or else beyond those that are shown.
fn beside(model: &Model, at: usize, up: bool) -> usize {
    let shown = model.shown();
    let (_, first) = model.page();
    let stays = at;
    let Some(own) = at.checked_sub(first).and_then(|at| shown.get(at)).map(|shown| shown.cell.title) else {
        return stays;
    };
    let middle = own.x + own.width / 2;
    let above_or_below = |cell: &Rect| if up { cell.y < own.y } else { cell.y > own.y };
    let over = |cell: &Rect| (cell.left()..cell.right()).contains(&middle);
    let mut found = shown
        .iter()
        .enumerate()
        .map(|(index, shown)| (index, shown.cell.title))
        .filter(|(_, cell)| above_or_below(cell) && over(cell));
    let found = if up { found.next_back() } else { found.next() };
    match found {
        Some((index, _)) => first + index,
        None if up => first.checked_sub(1).unwrap_or(stays),
        None => Some(first + shown.len()).filter(|next| *next < model.in_order().len()).unwrap_or(stays),
    }
}

/// The worker in whose cell this is.
pub(super) fn at(model: &Model, position: Position) -> Option<usize> {
    let (page, _) = model.page();
    let shown = model.shown();
    let index = shown.iter().position(|shown| shown.cell.whole().contains(position))?;
    page.get(index).copied()
}
