//! A worker's timer: `every`, `cron` and `overlap`, read and lowered.

use super::diagnostic::Notes;
use super::field::Field;
use super::typed::{Typed, TypedTimer, TypedWorker};
use crate::spec::{Cron, Overlap, RestartWhen, Schedule, Timing};
use std::time::Duration;
use toml::Spanned;

/// What is shorter is no timer but a loop, and what is longer outlives minder.
const PERIODS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24 * 366);

pub(super) fn read_every(timer: &mut TypedTimer, field: Field<'_>, notes: &mut Notes) {
    let days = field.as_str().is_some_and(|text| text.contains(['d', 'w', 'y']));
    if days && field.as_str().and_then(super::duration::parse).is_none() {
        // A day is no fixed time: two of a year have 23 and 25 hours.
        field
            .bad(notes, "days and longer units are not taken")
            .help("write \"24h\", or cron = \"@daily\" for a time of the day");
        timer.every = Typed::Mistaken;
        return;
    }
    timer.every = field
        .duration(notes, PERIODS)
        .map_or(Typed::Mistaken, |period| Typed::Read(Spanned::new(field.span(), period)));
}

pub(super) fn read_cron(timer: &mut TypedTimer, field: Field<'_>, notes: &mut Notes) {
    timer.cron = Typed::Mistaken;
    let Some(text) = field.string(notes) else { return };
    match Cron::new(text) {
        Ok(cron) => timer.cron = Typed::Read(Spanned::new(field.span(), cron)),
        Err(mistake) => {
            field.bad(notes, &mistake.to_string()).help(&mistake.mend());
        }
    }
}

pub(super) fn read_overlap(timer: &mut TypedTimer, field: Field<'_>, notes: &mut Notes) {
    let choices = [("skip", Overlap::Skip), ("queue", Overlap::Queue), ("replace", Overlap::Replace)];
    timer.overlap = field.choice(notes, &choices).map(|overlap| Spanned::new(field.span(), overlap));
}

/// Notes an `overlap` of the worker's own that has nothing to overlap.
pub(super) fn look_for_idle_overlap(own: &TypedWorker, notes: &mut Notes) {
    let timer = &own.timer;
    if let (Typed::Absent, Typed::Absent, Some(overlap)) = (&timer.every, &timer.cron, &timer.overlap) {
        notes
            .warning(overlap.span(), "`overlap` is about runs by a timer, and this worker has none")
            .label("does nothing")
            .help("add every = \"5m\" or cron = \"30 2 * * *\"");
    }
}

/// The schedule, if there is one and it can be.
pub(super) fn lower(
    timer: TypedTimer,
    restart: Option<RestartWhen>,
    watches: bool,
    notes: &mut Notes,
) -> Option<Schedule> {
    let overlap = timer.overlap.map_or(Overlap::default(), Spanned::into_inner);
    let (span, timing) = match (timer.every, timer.cron) {
        (Typed::Read(_), Typed::Read(cron)) => {
            notes
                .error(cron.span(), "a worker has either `every` or `cron`")
                .label("it has `every` too")
                .help("leave one of them out, or make two workers");
            return None;
        }
        (Typed::Read(every), Typed::Absent | Typed::Mistaken) => {
            (every.span(), Timing::Every(every.into_inner()))
        }
        (Typed::Absent | Typed::Mistaken, Typed::Read(cron)) => {
            (cron.span(), Timing::Cron(cron.into_inner()))
        }
        (Typed::Absent | Typed::Mistaken, Typed::Absent | Typed::Mistaken) => return None,
    };
    if watches {
        notes
            .error(span, "a process that is watched cannot have a timer")
            .label("minder does not start it")
            .help("give the timer to a worker with a `cmd`");
        return None;
    }
    if restart == Some(RestartWhen::Always) {
        notes
            .error(span, "a worker with a timer cannot have `restart = \"always\"`")
            .label("would never find it ended")
            .help("with restart = \"on-failure\" a run that failed is tried again before the next is due");
        return None;
    }
    Some(Schedule { timing, overlap })
}
