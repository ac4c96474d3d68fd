//! A pool that is shown as a worker: its counts, a line for each failure, and its end. Minds it on a
//! thread of its own, which sleeps while nothing happens.

use crate::pool::{self, Pool, Show};
use crate::protocol::Jobs;
use crate::spec::Spec;
use crate::status::ThreadEnd;
use crate::sys::clock;
use crate::threads::{Context, Job, Verdict, Work};
use crossbeam_channel::{never, select};
use std::collections::VecDeque;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often what is shown is looked at, at most.
const LOOK: Duration = Duration::from_millis(50);

/// How often its speed is reckoned anew while nothing else happens.
const RECKON: Duration = Duration::from_millis(500);

/// The time that its speed is reckoned over.
const LATELY: Duration = Duration::from_secs(5);

/// Its spec and what its worker runs.
pub(super) fn worker<S: pool::Kind>(pool: &Pool<S>) -> (Spec, Job) {
    let what = format!("{} {}", pool.workers(), S::word(pool.workers()));
    (Spec::pool(pool.name(), what), Job::new(Minder { pool: pool.show(), told: AtomicBool::new(false) }))
}

struct Minder {
    pool: Box<dyn Show>,
    /// What came of it all was said: there is nothing more to be shown.
    told: AtomicBool,
}

impl Work for Minder {
    fn run(&self, context: &Context) -> Verdict {
        if self.told.load(Ordering::Acquire) {
            let words = "it is over; only the program can make another";
            return Verdict { end: ThreadEnd::Failed, words: Some(words.into()) };
        }
        self.mind(context);
        let words = counts(&self.pool.progress(), None).to_string();
        Verdict { end: ThreadEnd::Returned, words: Some(words.into()) }
    }

    fn abandoned(&self) {}
}

impl Minder {
    fn mind(&self, context: &Context) {
        let (mut speed, mut stop) = (Speed::default(), context.stop_receiver());
        let (no_more, mut out) = (never(), context.stderr());
        loop {
            // Before the failures: what is counted as failed has left its reason.
            let over = self.pool.is_over();
            let progress = self.pool.progress();
            let idle = progress.is_idle();
            let lately = speed.reckon(clock::now(), progress.ended(), idle);
            self.tell_failures(&mut out);
            context.progress_of_jobs(progress.ended(), progress.submitted, counts(&progress, lately));
            if over {
                self.told.store(true, Ordering::Release);
                return;
            }
            let reckon = if idle { never() } else { crossbeam_channel::after(RECKON) };
            select! {
                recv(stop) -> _ => {
                    // Let go: the pool goes on, and may be shown once more.
                    if context.is_let_go() {
                        return;
                    }
                    self.pool.terminate();
                    stop = &no_more;
                }
                recv(self.pool.woken()) -> _ => {
                    // Many jobs may end in the time of a frame.
                    let _ = no_more.recv_timeout(LOOK);
                }
                recv(reckon) -> _ => {}
            }
            if context.is_let_go() {
                return;
            }
        }
    }

    fn tell_failures(&self, out: &mut impl Write) {
        let failures = self.pool.take_failures();
        for failure in failures.told {
            // Its pane is gone: so is who would be told.
            let _ = writeln!(out, "job {} on worker {}: {}", failure.job.0, failure.slot, failure.why);
        }
        if failures.more > 0 {
            let _ = writeln!(out, "and {} more jobs failed", failures.more);
        }
    }
}

fn counts(progress: &pool::Progress, lately: Option<(u64, Duration)>) -> Jobs {
    let pool::Progress { submitted: _, waiting, running, done, failed, cancelled } = *progress;
    Jobs { queued: waiting, running, done, failed, cancelled, lately }
}

/// How many jobs end in what time.
#[derive(Debug, Default)]
struct Speed {
    /// When how many had ended, the oldest first.
    seen: VecDeque<(Instant, u64)>,
}

impl Speed {
    /// What ended lately; `None` while nothing is to be done.
    fn reckon(&mut self, now: Instant, ended: u64, idle: bool) -> Option<(u64, Duration)> {
        if idle {
            self.seen.clear();
            return None;
        }
        let due = |(last, _): &(Instant, u64)| now.saturating_duration_since(*last) >= RECKON;
        if self.seen.back().is_none_or(due) {
            self.seen.push_back((now, ended));
        }
        // One that is older stays, so that the time is never shorter than that.
        while self.seen.get(1).is_some_and(|(at, _)| now.saturating_duration_since(*at) >= LATELY) {
            self.seen.pop_front();
        }
        let (since, before) = *self.seen.front()?;
        let time = now.saturating_duration_since(since);
        (time >= RECKON).then_some((ended - before, time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_is_that_of_the_last_seconds_and_none_while_idle() {
        let start = clock::now();
        let at = |tenths: u64| start + Duration::from_millis(tenths * 100);
        let mut speed = Speed::default();
        assert_eq!(speed.reckon(at(0), 0, false), None, "nothing is known yet");
        assert_eq!(speed.reckon(at(3), 90, false), None, "too short a time");
        let per_second = |lately: Option<(u64, Duration)>| Jobs { lately, ..Jobs::default() }.rate();
        assert_eq!(per_second(speed.reckon(at(10), 100, false)), Some(100.0));
        for half in 3..=40 {
            speed.reckon(at(half * 5), 100, false);
        }
        assert_eq!(per_second(speed.reckon(at(205), 100, false)), Some(0.0), "it does not dream of the past");
        assert_eq!(speed.reckon(at(206), 100, true), None);
        assert_eq!(speed.reckon(at(900), 100, false), None, "an idle time does not count");
        assert_eq!(per_second(speed.reckon(at(910), 110, false)), Some(10.0));
    }
}
