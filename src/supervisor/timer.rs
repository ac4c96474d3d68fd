//! A worker's timer: when its next run is due, and what a due run comes to while the last one is
//! still on. Pure: it is told what both clocks say. It starts and stops nothing itself.

use crate::protocol::NextRun;
use crate::spec::{Cron, Overlap, Schedule, Timing};
use crate::sys::clock::later;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::{Duration, Instant};

/// How long a wait for the wall clock is at most before it is looked at again: it may have been set
/// meanwhile, or the machine slept.
const LOOK: Duration = Duration::from_mins(1);

/// A wall clock that is set back by less than this runs nothing twice; by more, it was wrong before,
/// and what it said then is forgotten (the same three hours as in cron(8)).
const CORRECTION: Duration = Duration::from_hours(3);

/// One moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// On the monotonic clock.
    pub(super) at: Instant,
    /// On the wall's.
    pub(super) wall: Timestamp,
}

/// What a due run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing is on: run.
    Run,
    /// The last run is on: this one is left out.
    Skip,
    /// The last run is on: this one waits for it to end.
    Queue,
    /// The last run is on, and one waits already: this one is left out.
    SkipBehindQueue,
    /// The last run is on: it is stopped for this one.
    Replace,
}

/// The machine.
#[derive(Debug)]
pub(super) struct Timer {
    schedule: Schedule,
    /// The time zone of `cron`.
    zone: TimeZone,
    next: Option<Next>,
    queued: bool,
}

/// The next run of a timer that is on.
#[derive(Debug)]
enum Next {
    Every {
        due: Instant,
    },
    Cron {
        /// All that was due up to here is dealt with.
        after: Timestamp,
        due: Timestamp,
        /// When `due` comes, as the clocks stood at the last look.
        due_at: Instant,
        look_at: Instant,
    },
}

impl Timer {
    pub(super) fn new(schedule: Schedule, zone: TimeZone) -> Self {
        Self { schedule, zone, next: None, queued: false }
    }

    pub(super) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    pub(super) fn is_on(&self) -> bool {
        self.next.is_some()
    }

    /// Whether a run that was due waits for the last one to end.
    pub(super) fn is_queued(&self) -> bool {
        self.queued
    }

    /// Whether a run is due as soon as the timer is started.
    pub(super) fn runs_at_start(&self) -> bool {
        matches!(self.schedule.timing, Timing::Every(_))
    }

    /// From now on runs are due. A timer that is on already goes on as it is.
    pub(super) fn start(&mut self, now: Now) {
        if self.next.is_none() {
            self.next = match &self.schedule.timing {
                Timing::Every(period) => Some(Next::Every { due: later(now.at, *period) }),
                Timing::Cron(cron) => wait_for(cron, &self.zone, now.wall, now),
            };
        }
    }

    /// Nothing is due any more. Whether it was on.
    pub(super) fn stop(&mut self) -> bool {
        self.queued = false;
        self.next.take().is_some()
    }

    /// The next moment at which [`Timer::tick`] does something.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next.as_ref().map(|next| match next {
            Next::Every { due } => *due,
            Next::Cron { look_at, .. } => *look_at,
        })
    }

    /// Looks at the clocks. `on`: the last run is not over. However many runs were missed, one is due.
    pub(super) fn tick(&mut self, now: Now, on: bool) -> Option<Due> {
        if !self.passes(now) {
            return None;
        }
        Some(match self.schedule.overlap {
            _ if !on => Due::Run,
            Overlap::Skip => Due::Skip,
            Overlap::Queue if self.queued => Due::SkipBehindQueue,
            Overlap::Queue => {
                self.queued = true;
                Due::Queue
            }
            Overlap::Replace => Due::Replace,
        })
    }

    /// The last run is over. Whether one that waited for that is to be run now.
    pub(super) fn take_queued(&mut self) -> bool {
        std::mem::take(&mut self.queued)
    }

    /// When it runs next.
    pub(super) fn next(&self, now: Now) -> Option<NextRun> {
        let next = self.next.as_ref()?;
        let (at, wall) = match next {
            Next::Every { due } => {
                let ahead = due.saturating_duration_since(now.at);
                (*due, now.wall.checked_add(ahead).unwrap_or(Timestamp::MAX))
            }
            Next::Cron { due, due_at, .. } => (*due_at, *due),
        };
        Some(NextRun { at, clock: clock(wall, now.wall, &self.zone).into() })
    }

    /// Moves on past what is due. Whether anything was.
    fn passes(&mut self, now: Now) -> bool {
        match (&mut self.next, &self.schedule.timing) {
            (Some(Next::Every { due }), Timing::Every(period)) => {
                let passed = *due <= now.at;
                if passed {
                    *due = following(*due, *period, now.at);
                }
                passed
            }
            (Some(Next::Cron { after, .. }), Timing::Cron(cron)) => {
                let behind = after.duration_since(now.wall).unsigned_abs();
                let set_back = now.wall < *after;
                let after = if set_back && behind > CORRECTION { now.wall } else { *after };
                let passed = cron.next_after(after, &self.zone).is_some_and(|due| due <= now.wall);
                let after = if passed { now.wall } else { after };
                self.next = wait_for(cron, &self.zone, after, now);
                passed
            }
            (Some(Next::Every { .. }), Timing::Cron(_))
            | (Some(Next::Cron { .. }), Timing::Every(_))
            | (None, _) => false,
        }
    }
}

/// The first moment of the rhythm after now: a machine that was stopped does not run all it missed.
fn following(due: Instant, period: Duration, now: Instant) -> Instant {
    let late = now.saturating_duration_since(due).as_nanos();
    let period_nanos = period.as_nanos().max(1);
    let periods = u32::try_from(late / period_nanos + 1).unwrap_or(u32::MAX);
    later(due, period.saturating_mul(periods))
}

fn wait_for(cron: &Cron, zone: &TimeZone, after: Timestamp, now: Now) -> Option<Next> {
    let due = cron.next_after(after, zone)?;
    let ahead = Duration::try_from(due.duration_since(now.wall)).unwrap_or_default();
    let due_at = later(now.at, ahead);
    Some(Next::Cron { after, due, due_at, look_at: due_at.min(now.at + LOOK) })
}

/// A moment ahead as people here read it: `14:05:00`, or `Mon Nov 23 02:00` if that is not today.
fn clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let format = match (at.date() == now.date(), at.year() == now.year()) {
        (true, _) => "%H:%M:%S",
        (false, true) => "%a %b %-d %H:%M",
        (false, false) => "%b %-d %Y %H:%M",
    };
    at.strftime(format).to_string()
}

#[cfg(test)]
mod tests;
