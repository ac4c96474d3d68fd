//! The line above the foot: what was just said, what is waited for and for how long, or what else
//! is to be known of the chosen worker. Words only; the facts are the model's.

use super::inspect;
use super::model::Model;
use super::progress;
use super::text::{self, counted};
use super::{selection, takeout};
use crate::protocol::{Listed, Progress, Seconds, State, TimerView, Usage, WorkerView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::borrow::Cow;
use std::time::Instant;

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width).saturating_sub(2);
    let (words, style) = if let Some(notice) = notice(model) {
        (notice, model.theme.bold())
    } else if let Some(inspector) = &model.inspector {
        (inspect::about(model, inspector), model.theme.dim())
    } else if let Some(progress) = takeout::progress(model) {
        (progress, model.theme.waiting())
    } else if model.selection.is_some() {
        (selection::hint(model), model.theme.dim())
    } else if let Some(odd) = odd(model) {
        (odd, model.theme.waiting())
    } else if let Some(waiting) = waiting(model) {
        (waiting, model.theme.waiting())
    } else {
        (about(model), model.theme.dim())
    };
    let words = text::one_line(&words);
    buffer.set_stringn(area.x + 1, area.y, text::cut(&words, width), width, style);
}

/// What was just said, while it stays.
pub(super) fn notice(model: &Model) -> Option<String> {
    let notice = model.notice.as_ref()?;
    (model.now < notice.until).then(|| notice.text.clone())
}

/// What is wrong with the chosen worker. While nothing is under way with it, that is nearer than
/// what others wait for.
fn odd(model: &Model) -> Option<String> {
    let worker = model.chosen()?;
    let under_way = worker.waited_since.is_some() || waiting_for(worker, model.now).is_some();
    (!under_way && !oddities(model, worker).is_empty()).then(|| about(model))
}

/// What is waited for: of the chosen worker or else of the first that holds things up.
fn waiting(model: &Model) -> Option<String> {
    let of = |worker: &WorkerView| {
        let words = waiting_for(worker, model.now)?;
        Some(format!("{}: {words}", worker.name))
    };
    let chosen = model.chosen();
    if let Some(worker) = chosen
        && worker.waited_since.is_some()
    {
        return Some(awaited(model, worker));
    }
    if let Some(words) = chosen.and_then(|worker| of(worker)) {
        return Some(words);
    }
    let mut others = model.snapshot.workers.iter().filter(|worker| being_stopped(worker));
    let words = of(others.next()?)?;
    match others.count() {
        0 => Some(words),
        more => Some(format!("{words}; and {more} more")),
    }
}

fn being_stopped(worker: &WorkerView) -> bool {
    matches!(worker.state, State::Stopping { .. } | State::Asked { .. } | State::Sweeping { .. })
}

/// `waiting for api (pid 4123) 3.2 s · SIGTERM sent … · esc gives up`
fn awaited(model: &Model, worker: &WorkerView) -> String {
    let since = worker.waited_since.unwrap_or(model.now);
    let pid =
        worker.state.run().map(|run| format!(" ({} {})", worker.kind.id_word(), run.pid)).unwrap_or_default();
    let waited = Seconds(model.now.saturating_duration_since(since));
    let more = waiting_for(worker, model.now).map(|words| format!(" · {words}"));
    let give_up = model.keymap.key(super::keymap::Action::GiveUp);
    let more = more.unwrap_or_default();
    format!("waiting for {}{pid} {waited}{more} · {give_up} gives up", worker.name)
}

/// What happens next with a worker and who holds it up; `None` if nothing is under way.
fn waiting_for(worker: &WorkerView, now: Instant) -> Option<String> {
    let words = match &worker.state {
        State::Stopping { run, sent, sent_at, kill_at } => {
            let first = format!("pid {} {}", run.pid, worker.command);
            let who =
                if worker.left.is_empty() { first } else { format!("{first}, {}", Listed(&worker.left)) };
            format!("{}; waiting on {who}", countdown(*sent, *sent_at, *kill_at, now))
        }
        State::Asked { run, asked_at, answer_by } => {
            format!("{}; waiting on tid {} {}", patience(*asked_at, *answer_by, now), run.pid, worker.command)
        }
        State::Sweeping { status, sent, sent_at, kill_at, .. } => format!(
            "{status}; {}; waiting on {}",
            countdown(*sent, *sent_at, *kill_at, now),
            if worker.left.is_empty() {
                "its last process".to_owned()
            } else {
                Listed(&worker.left).to_string()
            }
        ),
        State::Backoff { until, end } => {
            format!("{end}; starts again in {}", remaining(*until, now))
        }
        State::Failed { error, retry_at: Some(at), .. } => {
            format!("{error}; tried again in {}", remaining(*at, now))
        }
        State::Draining { status, .. } => format!("{status}, reading its last output"),
        State::Idle
        | State::Starting
        | State::Running(_)
        | State::Suspended { .. }
        | State::Zombie { .. }
        | State::Ended(_)
        | State::Failed { retry_at: None, .. } => return None,
    };
    Some(words)
}

/// `asked to stop 3.2 s ago, 1.8 s of its grace left`
fn patience(asked_at: Instant, answer_by: Option<Instant>, now: Instant) -> String {
    let ago = Seconds(now.saturating_duration_since(asked_at));
    match answer_by {
        Some(at) => format!("asked to stop {ago} ago, {} of its grace left", remaining(at, now)),
        None => format!("does not answer: asked to stop {ago} ago"),
    }
}

/// `SIGTERM sent 3.2 s ago, SIGKILL in 1.8 s`
fn countdown(
    sent: crate::signal::Signal,
    sent_at: Instant,
    kill_at: Option<Instant>,
    now: Instant,
) -> String {
    let ago = Seconds(now.saturating_duration_since(sent_at));
    match kill_at {
        Some(at) => format!("{sent} sent {ago} ago, SIGKILL in {}", remaining(at, now)),
        None => format!("{sent} sent {ago} ago"),
    }
}

fn remaining(until: Instant, now: Instant) -> Seconds {
    Seconds(until.saturating_duration_since(now))
}

/// Who of a quitting minder's workers holds on, and how long yet: what the view of a quit says.
pub(super) fn holding(worker: &WorkerView, now: Instant) -> String {
    waiting_for(worker, now).unwrap_or_else(|| match &worker.state {
        State::Running(run) => format!("running, {} {}", worker.kind.id_word(), run.pid),
        State::Idle
        | State::Starting
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Asked { .. }
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Ended(_)
        | State::Failed { .. } => {
            let left = left(worker).map(|left| format!("; {left}")).unwrap_or_default();
            format!("{}{left}", worker.state)
        }
    })
}

/// What else is to be known of the chosen worker: its state in full and what is odd about it.
fn about(model: &Model) -> String {
    let Some(worker) = model.chosen() else {
        return match model.list.filter.as_str() {
            "" => "no workers".to_owned(),
            filter => format!("no worker has `{filter}` in its name or command"),
        };
    };
    let mut parts = vec![state_in_full(worker)];
    if let Some(progress) = model.progress.get(&worker.name) {
        let so_far = format!("{} of {}", text::thousands(progress.done), text::thousands(progress.total));
        parts.extend((progress.total > 0 && progress.jobs.is_none()).then_some(so_far));
        parts.push(progress::in_full(progress, model.now));
    }
    parts.extend(oddities(model, worker));
    if worker.restarts > 0 {
        parts.push(counted(u64::from(worker.restarts), "restart", "restarts"));
    }
    parts.extend(worker.timer.as_ref().map(|timer| timer_in_full(timer, model.now)));
    let words = parts.join(" · ");
    format!("{}: {words}", worker.name)
}

/// `every 5m, next run at 14:05:00, in 4m 12s`
fn timer_in_full(timer: &TimerView, now: Instant) -> String {
    match &timer.next {
        Some(next) => {
            format!("{}, next run at {}, in {}", timer.schedule, next.clock, remaining(next.at, now))
        }
        None => format!("{}, its timer is stopped", timer.schedule),
    }
}

fn oddities(model: &Model, worker: &WorkerView) -> Vec<String> {
    let mut parts = Vec::new();
    parts.extend(worker.excesses.iter().map(|excess| format!("runaway: {}", excess.in_full(model.now))));
    if worker.timer.as_ref().is_some_and(|timer| timer.queued) {
        parts.push("the next run is due and waits".to_owned());
    }
    parts.extend(worker.gave_up.as_ref().map(|why| format!("not started again: {why}")));
    parts.extend(left(worker));
    if !worker.holders.is_empty() {
        parts.push(format!("its output is held open by {}", Listed(&worker.holders)));
    }
    parts.extend(model.usage(&worker.name).into_iter().flat_map(odd_processes));
    parts
}

fn state_in_full(worker: &WorkerView) -> String {
    match &worker.state {
        State::Starting if worker.is_looked_for() => format!("looking for {}", worker.command),
        State::Running(run) if worker.kind.is_watched() => {
            format!("watched, pid {}; minder did not start it and leaves it alone at its end", run.pid)
        }
        State::Running(run) => format!("running, {} {}", worker.kind.id_word(), run.pid),
        State::Backoff { end, .. } | State::Ended(end) => {
            format!("{end}{}, ran {}", worker.said(), Seconds(end.ran))
        }
        State::Idle
        | State::Starting
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Asked { .. }
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Failed { .. } => worker.state.to_string(),
    }
}

/// Its state in the one word that the list has room for.
pub(super) fn word(worker: &WorkerView) -> Cow<'static, str> {
    if worker.left_alive() {
        Cow::Owned(format!("left {}", worker.left.len()))
    } else {
        Cow::Borrowed(worker.word())
    }
}

/// What else is to be said when it has ended: `2 of its processes live`.
pub(super) fn still_live(worker: &WorkerView) -> String {
    match worker.left.len() {
        1 => "1 of its processes lives".to_owned(),
        many => format!("{many} of its processes live"),
    }
}

fn left(worker: &WorkerView) -> Option<String> {
    if worker.left_alive() {
        return Some(format!("{}: {}", still_live(worker), Listed(&worker.left)));
    }
    let told = !worker.left.is_empty() && !worker.state.alive();
    told.then(|| format!("still alive of its tree: {}", Listed(&worker.left)))
}

/// `2 zombies, parent 4121 is not waiting`, `1 adopted`
fn odd_processes(usage: &Usage) -> Vec<String> {
    let mut parts = Vec::new();
    if usage.zombies > 0 {
        let zombies = counted(u64::from(usage.zombies), "zombie", "zombies");
        parts.push(match usage.zombie_parent {
            Some(parent) => format!("{zombies}, parent {parent} is not waiting"),
            None => zombies,
        });
    }
    if usage.adopted > 0 {
        let orphans = counted(u64::from(usage.adopted), "orphan", "orphans");
        parts.push(format!("{orphans} adopted"));
    }
    parts
}

/// The same in the few columns of a row: what is odd about a worker that runs, or how one that
/// does not run ended.
pub(super) fn in_short(
    worker: &WorkerView,
    usage: Option<&Usage>,
    progress: Option<&Progress>,
    now: Instant,
) -> String {
    let excess = worker.excesses.first().map(|excess| excess.in_short(now));
    let bar = progress.map(|progress| progress::in_short(progress, now));
    let mut parts: Vec<String> = excess.into_iter().chain(bar).collect();
    if let Some(next) = worker.next_run().filter(|_| worker.state.at_rest()) {
        parts.push(format!("next in {}", remaining(next.at, now)));
    }
    match &worker.state {
        State::Idle | State::Starting | State::Running(_) => {}
        State::Suspended { by, .. } => parts.push(by.to_string()),
        State::Stopping { sent, kill_at, .. } => parts.push(match kill_at {
            Some(at) => format!("SIGKILL in {}", remaining(*at, now)),
            None => format!("{sent} sent"),
        }),
        State::Asked { asked_at, answer_by, .. } => parts.push(match answer_by {
            Some(at) => format!("{} of its grace left", remaining(*at, now)),
            None => format!("no answer for {}", Seconds(now.saturating_duration_since(*asked_at))),
        }),
        State::Sweeping { kill_at, status, sent, .. } => {
            parts.push(status.to_string());
            parts.push(match kill_at {
                Some(at) => format!("SIGKILL in {}", remaining(*at, now)),
                None => format!("{sent} sent"),
            });
        }
        State::Draining { status, .. } => parts.push(format!("{status}, reading")),
        State::Zombie { end, .. } => parts.push(format!("{end}, not waited for")),
        State::Backoff { until, end } => {
            parts.push(format!("again in {}", remaining(*until, now)));
            parts.push(end.to_string());
        }
        State::Ended(end) => parts.push(format!("{end}{}", worker.said())),
        State::Failed { error, .. } => parts.push(error.to_string()),
    }
    if worker.restarts > 0 && !worker.state.alive() {
        parts.push(counted(u64::from(worker.restarts), "restart", "restarts"));
    }
    if worker.timer.as_ref().is_some_and(|timer| timer.queued) {
        parts.push("next is due".to_owned());
    }
    if worker.waited_since.is_some() {
        parts.push("waited for".to_owned());
    }
    if worker.gave_up.is_some() {
        parts.push("gave up".to_owned());
    }
    if worker.left_alive() {
        parts.push(still_live(worker));
    } else if !worker.left.is_empty() && !worker.state.alive() {
        parts.push(format!("{} left", worker.left.len()));
    }
    if !worker.holders.is_empty() {
        parts.push("output held".to_owned());
    }
    if let Some(usage) = usage.filter(|usage| usage.zombies > 0) {
        parts.push(counted(u64::from(usage.zombies), "zombie", "zombies"));
    }
    if let Some(usage) = usage.filter(|usage| usage.adopted > 0) {
        parts.push(format!("{} adopted", usage.adopted));
    }
    parts.join(" · ")
}

/// How many matches of a search through all workers are in this one.
pub(super) fn found(model: &Model, worker: &WorkerView) -> Option<String> {
    model.search.as_ref().filter(|search| search.everywhere)?;
    let (count, whole) = model.counts.of.get(&worker.name).filter(|(count, _)| *count > 0)?;
    let more = if *whole { "" } else { "…" };
    Some(format!("{}{more} found", text::thousands(*count)))
}
