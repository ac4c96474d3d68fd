//! How far a worker says that it is, and how long that leaves. Plain data and arithmetic.

use super::Seconds;
use std::fmt;
use std::time::{Duration, Instant};

/// How far a worker says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How much is done, in units of the worker's own.
    pub done: u64,
    /// Of how much; 0 where that is not known.
    pub total: u64,
    /// What was done when it was first said in this run.
    first: u64,
    since: Instant,
    at: Instant,
    /// Of a pool: how many jobs are where. What is done is then what has ended, in whatever way.
    pub jobs: Option<Jobs>,
}

/// How many jobs of a pool are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Jobs {
    /// Those that no worker has taken yet.
    pub queued: u64,
    /// Those that workers are at.
    pub running: u64,
    /// Those that returned.
    pub done: u64,
    /// Those that ended in an error of their own.
    pub failed: u64,
    /// Those that were cancelled or refused.
    pub cancelled: u64,
    /// How many have ended lately, and in what time; nothing while nothing is known of it.
    pub lately: Option<(u64, Duration)>,
}

impl Jobs {
    /// How many end in a second, lately.
    pub fn rate(&self) -> Option<f64> {
        let (ended, time) = self.lately.filter(|(_, time)| !time.is_zero())?;
        Some(ended as f64 / time.as_secs_f64())
    }
}

impl fmt::Display for Jobs {
    /// `12 queued, 4 running, 340 done, 2 failed`; what is none is left out, but for what is done.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queued, running, done, failed, cancelled, lately: _ } = *self;
        for (count, word) in [(queued, "queued"), (running, "running")] {
            if count > 0 {
                write!(f, "{count} {word}, ")?;
            }
        }
        write!(f, "{done} done")?;
        for (count, word) in [(failed, "failed"), (cancelled, "cancelled")] {
            if count > 0 {
                write!(f, ", {count} {word}")?;
            }
        }
        Ok(())
    }
}

impl Progress {
    /// Said now, for the first time in a run.
    pub fn new(done: u64, total: u64, now: Instant) -> Self {
        Self { done, total, first: done, since: now, at: now, jobs: None }
    }

    /// Said again, now.
    #[must_use]
    pub fn moved(self, done: u64, total: u64, now: Instant) -> Self {
        // Who starts over has another speed.
        if done < self.first {
            return Self::new(done, total, now);
        }
        Self { done, total, at: now, ..self }
    }

    /// Of a pool, with this said of its jobs.
    #[must_use]
    pub fn of_jobs(self, jobs: Jobs) -> Self {
        Self { jobs: Some(jobs), ..self }
    }

    /// The share that is done, 0 to 1; `None` where the whole is not known.
    pub fn share(&self) -> Option<f64> {
        (self.total > 0).then(|| (self.done as f64 / self.total as f64).clamp(0.0, 1.0))
    }

    /// Whole percent, 0 to 100.
    pub fn percent(&self) -> Option<u8> {
        // Rounded down: 100 is said of nothing that is not done.
        self.share().map(|share| (share * 100.0) as u8)
    }

    /// How long what is left takes at the speed so far; `None` where nothing tells. It counts down while
    /// nothing new is said.
    pub fn left(&self, now: Instant) -> Option<Duration> {
        let moved = self.done.checked_sub(self.first).filter(|moved| *moved > 0)?;
        let left = self.total.checked_sub(self.done).filter(|left| *left > 0)?;
        let took = self.at.saturating_duration_since(self.since).as_secs_f64();
        let whole = Duration::try_from_secs_f64(took * left as f64 / moved as f64).ok()?;
        Some(whole.saturating_sub(now.saturating_duration_since(self.at)))
    }
}

impl fmt::Display for Progress {
    /// `340 of 1000, 34 %, 12 s left`, `340 done`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(jobs) = &self.jobs {
            fmt::Display::fmt(jobs, f)?;
            return self.left(self.at).map_or(Ok(()), |left| write!(f, ", {} left", Seconds(left)));
        }
        let Some(percent) = self.percent() else { return write!(f, "{} done", self.done) };
        write!(f, "{} of {}, {percent} %", self.done, self.total)?;
        match self.left(self.at) {
            Some(left) => write!(f, ", {} left", Seconds(left)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_the_speed_so_far() {
        let start = crate::sys::clock::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let progress = Progress::new(0, 100, start);
        assert_eq!((progress.percent(), progress.left(start)), (Some(0), None));
        let progress = progress.moved(25, 100, after(10));
        assert_eq!(progress.to_string(), "25 of 100, 25 %, 30 s left");
        assert_eq!(progress.left(after(20)), Some(Duration::from_secs(20)), "it counts down");
        assert_eq!(progress.left(after(99)), Some(Duration::ZERO));
        assert_eq!(progress.moved(100, 100, after(40)).to_string(), "100 of 100, 100 %");
    }

    #[test]
    fn odd_numbers_are_shown_as_they_are() {
        let start = crate::sys::clock::now();
        assert_eq!(Progress::new(7, 0, start).to_string(), "7 done");
        assert_eq!(Progress::new(7, 5, start).percent(), Some(100));
        assert_eq!(Progress::new(999, 1000, start).percent(), Some(99));
        let over = Progress::new(50, 100, start).moved(2, 100, start);
        assert_eq!((over.done, over.left(start)), (2, None));
    }
}
