//! How far a worker says that it is: a bar, the share, and how long is left. Words only.

use super::text;
use crate::protocol::{Jobs, Progress, Seconds};
use std::time::Instant;

/// Columns of the bar, without its ends.
const BAR: usize = 10;

/// Eighths of a column.
const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// `▕███▍      ▏ 34 % · 12 s left`, `340 done`
pub(super) fn bar(progress: &Progress, now: Instant) -> String {
    let Some((share, percent)) = progress.share().zip(progress.percent()) else {
        return progress.to_string();
    };
    format!("{} {percent} %{}", bare_bar(share), left(progress, now))
}

fn bare_bar(share: f64) -> String {
    // Rounded down, as the words are.
    let eighths = (share * (BAR * 8) as f64) as usize;
    let (whole, part) = (eighths / 8, PARTS[eighths % 8]);
    let rest = BAR - whole - usize::from(!part.is_empty());
    format!("▕{}{part}{}▏", "█".repeat(whole), " ".repeat(rest))
}

/// ` · 12 s left`, or nothing where nothing tells.
pub(super) fn left(progress: &Progress, now: Instant) -> String {
    progress.left(now).map(|left| format!(" · {} left", Seconds(left))).unwrap_or_default()
}

/// `12 queued · 4 running · 340 done · 2 failed`; what is none is left out, but for what is done.
pub(super) fn tally(jobs: &Jobs) -> String {
    let count = |count: u64, word: &str| (count > 0).then(|| format!("{} {word}", text::thousands(count)));
    let done = Some(format!("{} done", text::thousands(jobs.done)));
    let parts = [
        count(jobs.queued, "queued"),
        count(jobs.running, "running"),
        done,
        count(jobs.failed, "failed"),
        count(jobs.cancelled, "cancelled"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// `85/s`, `3.2/s`; nothing while nothing ends.
pub(super) fn rate(jobs: &Jobs) -> Option<String> {
    let rate = jobs.rate().filter(|rate| *rate > 0.0)?;
    Some(if rate < 9.95 {
        format!("{rate:.1}/s")
    } else {
        format!("{}/s", text::thousands(rate.round() as u64))
    })
}

/// As far as there is room in a row: the bar, and of a pool its counts and its speed.
pub(super) fn in_short(progress: &Progress, now: Instant) -> String {
    let Some(jobs) = &progress.jobs else { return bar(progress, now) };
    let bar =
        progress.percent().and_then(|percent| Some(format!("{} {percent} %", bare_bar(progress.share()?))));
    [bar, Some(tally(jobs)), rate(jobs)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// All that is said of a worker's progress on one line, the counts of a pool last: its title has them too.
pub(super) fn in_full(progress: &Progress, now: Instant) -> String {
    let Some(jobs) = &progress.jobs else { return bar(progress, now) };
    // A bar of nothing yet says nothing.
    let bar = (progress.total > 0).then(|| bar(progress, now));
    [bar, rate(jobs), Some(tally(jobs))].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_bar_grows_by_eighths_of_a_column() {
        let start = crate::sys::clock::now();
        let at = |done| bar(&Progress::new(0, 80, start).moved(done, 80, start), start);
        assert_eq!(at(0), "▕          ▏ 0 %");
        assert_eq!(at(3), "▕▍         ▏ 3 % · 0.00 s left");
        assert_eq!(at(40), "▕█████     ▏ 50 % · 0.00 s left");
        assert_eq!(at(79), "▕█████████▉▏ 98 % · 0.00 s left");
        assert_eq!(at(80), "▕██████████▏ 100 %");
        assert_eq!(bar(&Progress::new(7, 0, start), start), "7 done");
        let later = start + Duration::from_secs(10);
        let half = Progress::new(0, 80, start).moved(20, 80, later);
        assert_eq!(bar(&half, later), "▕██▌       ▏ 25 % · 30 s left");
    }
}
