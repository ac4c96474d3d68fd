//! What `minder check` says of a file without mistakes.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::load::load;
use crate::spec::{Schedule, Spec, Timing};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt;
use std::path::{Path, PathBuf};

/// A file that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The file.
    pub file: PathBuf,
    /// How many workers it declares, at least 1.
    pub workers: usize,
    /// When workers with a timer run, a line each.
    pub timers: Vec<String>,
    /// What is no mistake but may not do what was meant.
    pub warnings: Vec<Diagnostic>,
}

impl fmt::Display for Report {
    /// The last lines of the report; the warnings are the caller's to print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for timer in &self.timers {
            writeln!(f, "{timer}")?;
        }
        let workers = if self.workers == 1 { "worker" } else { "workers" };
        write!(f, "{}: {} {workers}, no mistakes", self.file.display(), self.workers)?;
        match self.warnings.len() {
            0 => Ok(()),
            1 => f.write_str(", 1 warning"),
            count => write!(f, ", {count} warnings"),
        }
    }
}

/// Reads a file as [`load`] does, for what is wrong with it and when its timers would run if minder
/// were started `now`, in this time zone.
///
/// # Errors
/// Every mistake of the file at once.
pub fn check(file: &Path, now: Timestamp, zone: &TimeZone) -> Result<Report, Diagnostics> {
    let config = load(file)?;
    let timers = config.workers.iter().filter_map(|spec| timer(spec, now, zone)).collect();
    Ok(Report { file: config.file, workers: config.workers.len(), timers, warnings: config.warnings })
}

/// How many of a timer's next times are shown.
const SHOWN: usize = 3;

/// `backup: cron 30 2 * * *: next Mon Nov 23 02:30, …`
fn timer(spec: &Spec, now: Timestamp, zone: &TimeZone) -> Option<String> {
    let Schedule { timing, .. } = spec.schedule.as_ref()?;
    let by_hand = if spec.autostart { "" } else { ", once it is started by hand" };
    let times = match timing {
        Timing::Every(_) => "at once and from then on".to_owned(),
        Timing::Cron(cron) => {
            let next = |at: &Timestamp| cron.next_after(*at, zone);
            let times = std::iter::successors(next(&now), next).take(SHOWN);
            let words = times.map(|at| at.to_zoned(zone.clone()).strftime("%a %b %-d %H:%M:%S").to_string());
            format!("next {}", words.collect::<Vec<_>>().join(", "))
        }
    };
    Some(format!("{}: {timing}: {times}{by_hand}", spec.name))
}
