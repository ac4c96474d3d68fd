//! Who still holds on while everything is stopped.

use crate::protocol::{Phase, Seconds, State, WorkerView};
use crate::ui::keymap::Action;
use crate::ui::model::Model;
use crate::ui::theme::glyph_of;
use crate::ui::{status, text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(model: &Model, body: Rect, buffer: &mut Buffer) {
    let holding: Vec<_> = model.snapshot.workers.iter().filter(|worker| holds_on(worker)).collect();
    let names = holding.iter().map(|worker| text::width(worker.name.as_str()));
    let names = names.max().unwrap_or(0).min(24);
    let (title, foot) = words(model);
    let rows = (holding.len() as u16).max(1);
    let theme = model.theme;
    let inner = super::boxed((100, rows), &title, &foot, theme, body, buffer);
    let width = usize::from(inner.width);
    if holding.is_empty() && inner.height > 0 {
        buffer.set_stringn(inner.x, inner.y, "everything has ended", width, theme.dim());
    }
    let fits = usize::from(inner.height);
    // The last row tells how many more there are, where not all have one.
    let listed = if holding.len() > fits { fits.saturating_sub(1) } else { fits };
    for (row, worker) in inner.rows().zip(holding.iter().take(listed)) {
        let name = text::cut(worker.name.as_str(), names);
        let start = format!("{} {name:<names$}  ", glyph_of(worker));
        let (x, _) = buffer.set_stringn(row.x, row.y, &start, width, theme.state(&worker.state));
        let room = usize::from(row.right() - x);
        let words = status::holding(worker, model.now);
        let words = text::one_line(&words);
        buffer.set_stringn(x, row.y, text::cut(&words, room), room, theme.name(None));
    }
    if holding.len() > listed && inner.height > 0 {
        let more = format!("and {} more", holding.len() - listed);
        buffer.set_stringn(inner.x, inner.bottom() - 1, more, width, theme.dim());
    }
}

/// A zombie is reaped at the end and holds nobody up.
fn holds_on(worker: &WorkerView) -> bool {
    match &worker.state {
        State::Running(_)
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Asked { .. }
        | State::Draining { .. }
        | State::Sweeping { .. } => true,
        State::Idle
        | State::Starting
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Ended(_)
        | State::Failed { .. } => !worker.left.is_empty(),
    }
}

fn words(model: &Model) -> (String, String) {
    let keys = format!(
        "{} or {} kills everything now",
        model.keymap.key(Action::Quit),
        model.keymap.key(Action::Interrupt)
    );
    match &model.snapshot.phase {
        Phase::Up => (String::new(), String::new()),
        Phase::Quitting { since, by, killing } => {
            let for_long = Seconds(model.now.saturating_duration_since(*since));
            let what = match (killing, by) {
                (true, _) => "killing everything".to_owned(),
                (false, Some(signal)) => format!("{signal} received, stopping everything"),
                (false, None) => "stopping everything".to_owned(),
            };
            (format!("{what} · {for_long}"), if *killing { String::new() } else { keys })
        }
        Phase::Over => ("everything is stopped".to_owned(), String::new()),
    }
}
