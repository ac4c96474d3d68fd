//! Workers that are read as one, and how they are picked.

use super::Reading;
use crate::spec::WorkerName;
use crate::ui::grid;
use crate::ui::keymap::Read;
use crate::ui::model::Model;
use crate::ui::update::Effect;

/// Workers whose lines are shown in one pane, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(in crate::ui) struct Group {
    /// In the order of the list.
    pub(in crate::ui) names: Vec<WorkerName>,
    /// All that there are: who comes later is one of them.
    all: bool,
    pub(in crate::ui) reading: Reading,
}

pub(super) fn pick(model: &mut Model) -> Vec<Effect> {
    if model.grid.is_some() {
        return grid::take_out(model);
    }
    let Some(name) = model.list.chosen.clone() else { return Vec::new() };
    if !model.picked.remove(&name) {
        model.picked.insert(name);
    }
    picked(model)
}

pub(super) fn pick_all(model: &mut Model) -> Vec<Effect> {
    let shown: Vec<_> =
        model.list.shown.iter().map(|place| model.snapshot.workers[*place].name.clone()).collect();
    if shown.iter().all(|name| model.picked.contains(name)) {
        model.picked.clear();
    } else {
        model.picked.extend(shown);
    }
    picked(model)
}

/// Says how many there are; a view of them that is open follows.
fn picked(model: &mut Model) -> Vec<Effect> {
    let names = names(model);
    let [together, side_by_side] = [Read::Together, Read::Grid].map(|read| model.read_key(read));
    let count = model.picked.len();
    let words = match &mut model.group {
        Some(group) => {
            // Places name workers by their place among those that are read.
            *group = Group {
                names,
                all: count == 0 && model.list.filter.is_empty(),
                reading: Reading { filter: group.reading.filter.take(), ..Reading::default() },
            };
            format!("{count} picked")
        }
        None if model.grid.is_some() => format!("{count} picked"),
        None if count == 0 => "none is picked".to_owned(),
        None => format!("{count} picked; {together} shows them together, {side_by_side} side by side"),
    };
    forget_found(model);
    model.say(words);
    Vec::new()
}

/// Those that are picked, or else all that the list shows.
fn names(model: &Model) -> Vec<WorkerName> {
    let workers = model.snapshot.workers.iter().map(|worker| &worker.name);
    let picked: Vec<_> = workers.filter(|name| model.picked.contains(*name)).cloned().collect();
    if picked.is_empty() {
        model.list.shown.iter().map(|place| model.snapshot.workers[*place].name.clone()).collect()
    } else {
        picked
    }
}

/// Opens the view of several, or closes it.
pub(super) fn together(model: &mut Model) -> Vec<Effect> {
    if model.group.take().is_none() {
        let all = model.picked.is_empty() && model.list.filter.is_empty();
        model.group = Some(Group { names: names(model), all, reading: Reading::default() });
    }
    if model.grid.take().is_some() {
        model.zoom = false;
    }
    forget_found(model);
    Vec::new()
}

/// Workers came: a view of all takes them in, behind the others, so that places go on to mean who they meant.
pub(in crate::ui) fn take_in(model: &mut Model) {
    let workers = &model.snapshot.workers;
    let fewer = |group: &&mut Group| group.all && group.names.len() < workers.len();
    let Some(group) = model.group.as_mut().filter(fewer) else { return };
    for worker in workers {
        if !group.names.contains(&worker.name) {
            group.names.push(worker.name.clone());
        }
    }
}

/// What was found or looked for is of another pane.
pub(in crate::ui) fn forget_found(model: &mut Model) {
    model.jump = None;
    if let Some(search) = &mut model.search {
        (search.at, search.look) = (None, None);
    }
}
