//! How far a worker says that it is: a bar, the share, and how long is left. Words only.

use crate::protocol::{Progress, Seconds};
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
    // Rounded down, as the words are.
    let eighths = (share * (BAR * 8) as f64) as usize;
    let (whole, part) = (eighths / 8, PARTS[eighths % 8]);
    let rest = BAR - whole - usize::from(!part.is_empty());
    format!("▕{}{part}{}▏ {percent} %{}", "█".repeat(whole), " ".repeat(rest), left(progress, now))
}

/// ` · 12 s left`, or nothing where nothing tells.
pub(super) fn left(progress: &Progress, now: Instant) -> String {
    progress.left(now).map(|left| format!(" · {} left", Seconds(left))).unwrap_or_default()
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
