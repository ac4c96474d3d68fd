//! A runaway as guests see it: what is too much, above what, and since when.

use super::Seconds;
use crate::spec::RunawayAction;
use std::fmt;
use std::time::{Duration, Instant};

/// What can be too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Percent of one core.
    Cpu,
    /// Bytes of resident memory.
    Memory,
    /// Living processes.
    Processes,
    /// Bytes of output a second.
    Output,
}

impl Measure {
    /// The one word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Memory => "memory",
            Self::Processes => "processes",
            Self::Output => "output",
        }
    }
}

/// Something that has been too much for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excess {
    /// What.
    pub measure: Measure,
    /// More than this, in the measure's unit.
    pub bound: u64,
    /// Since when.
    pub since: Instant,
    /// What is done about it.
    pub action: RunawayAction,
}

impl Excess {
    /// `runaway: processes 42 s`, for the list.
    pub fn in_short(&self, now: Instant) -> String {
        let since = Seconds(now.saturating_duration_since(self.since));
        format!("runaway: {} {since}", self.measure.word())
    }

    /// `more than 1000 processes for 42 s`
    pub fn in_full(&self, now: Instant) -> String {
        format!("{self} for {}", Seconds(now.saturating_duration_since(self.since)))
    }

    /// What is done about it, where that is more than saying so.
    pub fn deed(&self) -> &'static str {
        match self.action {
            RunawayAction::Warn => "",
            RunawayAction::Freeze => "; its tree is frozen",
            RunawayAction::Terminate => "; it is stopped",
        }
    }
}

impl fmt::Display for Excess {
    /// `more than 1000 processes`, `more than 2.0 GiB of memory`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { measure, bound, .. } = self;
        match measure {
            Measure::Cpu => write!(f, "more than {bound} % of a core"),
            Measure::Memory => write!(f, "more than {} of memory", Bytes(*bound)),
            Measure::Processes => write!(f, "more than {bound} processes"),
            Measure::Output => write!(f, "more than {} of output a second", Bytes(*bound)),
        }
    }
}

/// An amount of bytes as people read it: `512 KiB`, `2.0 GiB`.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut value = self.0 as f64;
        for unit in ["bytes", "KiB", "MiB", "GiB"] {
            if value < 1024.0 {
                let digits = usize::from(value < 10.0 && unit != "bytes");
                return write!(f, "{value:.digits$} {unit}");
            }
            value /= 1024.0;
        }
        write!(f, "{value:.1} TiB")
    }
}

/// A runaway as an update tells it.
pub(super) fn began(f: &mut fmt::Formatter<'_>, excess: &Excess, after: Duration) -> fmt::Result {
    write!(f, "runaway: {excess} for {}{}", Seconds(after), excess.deed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_excess_has_its_words() {
        let words = |measure, bound| {
            let since = crate::sys::clock::now();
            Excess { measure, bound, since, action: RunawayAction::Warn }.to_string()
        };
        assert_eq!(words(Measure::Cpu, 150), "more than 150 % of a core");
        assert_eq!(words(Measure::Memory, 3 << 29), "more than 1.5 GiB of memory");
        assert_eq!(words(Measure::Processes, 1000), "more than 1000 processes");
        assert_eq!(words(Measure::Output, 10 << 20), "more than 10 MiB of output a second");
        assert_eq!(words(Measure::Output, 500), "more than 500 bytes of output a second");
    }
}
