//! What the keys for reading do with the model.

use super::times::Times;
use super::{Jump, Kind, group};
use crate::output::{Place, Position, RowAddress};
use crate::ui::actions::lines_in_view;
use crate::ui::dialogs::{Dialog, Prompt};
use crate::ui::keymap::Read;
use crate::ui::model::Model;
use crate::ui::update::{Effect, Scroll};

pub(in crate::ui) fn act(model: &mut Model, read: Read) -> Vec<Effect> {
    match read {
        Read::Lines => prompt(model, Prompt::lines),
        Read::GoTo => prompt(model, Prompt::go_to),
        Read::Mark => prompt(model, Prompt::mark),
        Read::ToMark => to_mark(model),
        Read::Wrap => wrap(model),
        Read::Left => sideways(model, -1),
        Read::Right => sideways(model, 1),
        Read::Numbers => numbers(model),
        Read::Times => times(model),
        Read::OlderError => jump(model, Kind::Error, true),
        Read::NewerError => jump(model, Kind::Error, false),
        Read::OlderStderr => jump(model, Kind::Stderr, true),
        Read::NewerStderr => jump(model, Kind::Stderr, false),
        Read::OlderRun => jump(model, Kind::Run, true),
        Read::NewerRun => jump(model, Kind::Run, false),
        Read::Pick => group::pick(model),
        Read::PickAll => group::pick_all(model),
        Read::Together => group::together(model),
        Read::Grid => crate::ui::grid::toggle(model),
    }
}

fn prompt(model: &mut Model, of: fn(&Model) -> Prompt) -> Vec<Effect> {
    if model.chosen().is_some() {
        let prompt = of(model);
        model.dialog = Some(Dialog::Prompt(prompt));
    }
    Vec::new()
}

fn to_mark(model: &mut Model) -> Vec<Effect> {
    if model.reading().is_none_or(|reading| reading.marks.is_empty()) {
        let key = model.read_key(Read::Mark);
        model.say(format!("no bookmarks here yet; {key} and a letter set one"));
        return Vec::new();
    }
    prompt(model, Prompt::to_mark)
}

fn wrap(model: &mut Model) -> Vec<Effect> {
    model.display.cut = !model.display.cut;
    let words = if model.display.cut {
        let (left, right) = (model.read_key(Read::Left), model.read_key(Read::Right));
        format!("long lines are cut; {left} and {right} scroll")
    } else {
        "long lines wrap".to_owned()
    };
    // A wrapped row that was on top may be none any more.
    let cut = model.display.cut;
    if let Some(reading) = model.reading_mut() {
        reading.left = 0;
        if let (Position::At(address), true) = (reading.position, cut) {
            reading.position = Position::At(RowAddress { row: 0, ..address });
        }
    }
    model.say(words);
    Vec::new()
}

/// By half a screen, as less does.
fn sideways(model: &mut Model, direction: i64) -> Vec<Effect> {
    if !model.display.cut {
        if direction > 0 {
            wrap(model);
        } else {
            return Vec::new();
        }
    }
    let half = i64::from(model.window().size.columns / 2).max(1);
    if let Some(reading) = model.reading_mut() {
        reading.left = (i64::from(reading.left) + half * direction).clamp(0, 1 << 24) as u32;
    }
    Vec::new()
}

fn numbers(model: &mut Model) -> Vec<Effect> {
    model.display.numbers = !model.display.numbers;
    no_room(model, model.display.numbers);
    Vec::new()
}

fn times(model: &mut Model) -> Vec<Effect> {
    model.display.times = model.display.times.next();
    model.say(model.display.times.word());
    no_room(model, model.display.times != Times::Off);
    Vec::new()
}

/// Says so where what was asked for does not show.
fn no_room(model: &mut Model, wanted: bool) {
    if wanted && super::gutter::Gutter::of(model.sight()).columns() < 4 {
        let zoom = model.keymap.key(crate::ui::keymap::Action::Zoom);
        model.say(format!("the pane is too narrow for that; {zoom} gives it the whole window"));
    }
}

/// From the line that was jumped to, while it is in view, or else from what is in view.
fn jump(model: &mut Model, kind: Kind, up: bool) -> Vec<Effect> {
    let (first, last) = lines_in_view(model);
    let here = model.reading().and_then(|reading| reading.here);
    let from = match here.filter(|here| (first..=last).contains(here)) {
        Some(here) if up => here.previous(),
        Some(here) => Some(here.next()),
        None if up => Some(last),
        None => Some(first),
    };
    match from {
        Some(from) => model.jump = Some(Jump { kind, up, from, until: model.newest() }),
        None => model.say(kind.none(up)),
    }
    Vec::new()
}

/// A jump found its line, or that there is none.
pub(in crate::ui) fn jumped(model: &mut Model, line: Option<Place>) -> Vec<Effect> {
    let Some(jump) = model.jump.take() else { return Vec::new() };
    match line {
        Some(line) => go(model, line),
        None if jump.kind == Kind::Run && jump.up && !is_at_top(model) => {
            // No ruling says where the first run began: it is where all begins.
            model.say("the oldest line");
            vec![Effect::Scroll(Scroll::Top)]
        }
        None => {
            model.say(jump.kind.none(jump.up));
            Vec::new()
        }
    }
}

/// Whether nothing that could be shown is above.
fn is_at_top(model: &Model) -> bool {
    let first = model.view.rows.first().map(|row| row.address);
    first.is_none_or(|first| first <= RowAddress::line(model.view.lines_dropped)) && model.group.is_none()
}

/// Brings a line into view and shows which it is.
pub(in crate::ui) fn go(model: &mut Model, line: Place) -> Vec<Effect> {
    if let Some(reading) = model.reading_mut() {
        reading.here = Some(line);
    }
    vec![Effect::Scroll(Scroll::Line(line))]
}

/// All lines are shown again; what was looked at stays in view.
pub(in crate::ui) fn leave_filter(model: &mut Model) -> Vec<Effect> {
    let (first, last) = lines_in_view(model);
    let found = model.search.as_ref().and_then(|search| search.at);
    let following = model.position() == Position::Follow;
    let Some(reading) = model.reading_mut() else { return Vec::new() };
    if reading.filter.take().is_none() {
        return Vec::new();
    }
    let here = reading.here;
    let looked_at = [found, here].into_iter().flatten().find(|line| (first..=last).contains(line));
    match looked_at {
        Some(line) if following => vec![Effect::Scroll(Scroll::Near(line))],
        Some(line) => vec![Effect::Scroll(Scroll::Line(line))],
        None if following && model.view.rows.is_empty() => Vec::new(),
        None if following => vec![Effect::Scroll(Scroll::Near(last))],
        None => vec![Effect::Scroll(Scroll::Line(first))],
    }
}
