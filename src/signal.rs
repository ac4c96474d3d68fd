//! A signal by number, with the name and meaning people know it by. A table, no system calls.

use std::fmt;
use std::str::FromStr;

/// A Linux signal number, 1 to 64 (signal(7)).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signal(i32);

/// Number, name without `SIG`, what it says to a process. The order is the kernel's.
const TABLE: [(i32, &str, &str); 31] = [
    (1, "HUP", "hang up; many daemons reload"),
    (2, "INT", "interrupt, as Ctrl-C"),
    (3, "QUIT", "quit with a core dump, as Ctrl-\\"),
    (4, "ILL", "illegal instruction"),
    (5, "TRAP", "trace or breakpoint trap"),
    (6, "ABRT", "abort"),
    (7, "BUS", "bus error"),
    (8, "FPE", "arithmetic error"),
    (9, "KILL", "kill; cannot be caught"),
    (10, "USR1", "user-defined 1"),
    (11, "SEGV", "invalid memory reference"),
    (12, "USR2", "user-defined 2"),
    (13, "PIPE", "write to a pipe without a reader"),
    (14, "ALRM", "timer"),
    (15, "TERM", "terminate, politely"),
    (16, "STKFLT", "stack fault (unused)"),
    (17, "CHLD", "a child changed state"),
    (18, "CONT", "continue if stopped"),
    (19, "STOP", "stop; cannot be caught"),
    (20, "TSTP", "stop, as Ctrl-Z"),
    (21, "TTIN", "read from the terminal in the background"),
    (22, "TTOU", "write to the terminal in the background"),
    (23, "URG", "urgent data on a socket"),
    (24, "XCPU", "CPU time limit exceeded"),
    (25, "XFSZ", "file size limit exceeded"),
    (26, "VTALRM", "virtual timer"),
    (27, "PROF", "profiling timer"),
    (28, "WINCH", "the window changed size"),
    (29, "IO", "input or output is possible"),
    (30, "PWR", "power failure"),
    (31, "SYS", "bad system call"),
];

impl Signal {
    /// SIGHUP (1).
    pub const HUP: Self = Self(1);
    /// SIGINT (2).
    pub const INT: Self = Self(2);
    /// SIGQUIT (3).
    pub const QUIT: Self = Self(3);
    /// SIGKILL (9).
    pub const KILL: Self = Self(9);
    /// SIGUSR1 (10).
    pub const USR1: Self = Self(10);
    /// SIGSEGV (11).
    pub const SEGV: Self = Self(11);
    /// SIGUSR2 (12).
    pub const USR2: Self = Self(12);
    /// SIGPIPE (13).
    pub const PIPE: Self = Self(13);
    /// SIGTERM (15).
    pub const TERM: Self = Self(15);
    /// SIGCHLD (17).
    pub const CHLD: Self = Self(17);
    /// SIGCONT (18).
    pub const CONT: Self = Self(18);
    /// SIGSTOP (19).
    pub const STOP: Self = Self(19);
    /// SIGTSTP (20).
    pub const TSTP: Self = Self(20);
    /// SIGURG (23).
    pub const URG: Self = Self(23);
    /// SIGWINCH (28).
    pub const WINCH: Self = Self(28);

    /// The signal with this number, or `None` outside 1 to 64.
    pub const fn from_number(number: i32) -> Option<Self> {
        if number >= 1 && number <= 64 { Some(Self(number)) } else { None }
    }

    /// Its number.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// Whether minder ends in order when it receives this.
    pub fn ends(self) -> bool {
        matches!(self, Self::HUP | Self::INT | Self::QUIT | Self::TERM)
    }

    /// Whether it ends a process that does nothing about it (signal(7)); not SIGKILL, about which nobody can.
    pub(crate) fn ends_unhandled(self) -> bool {
        let stays = matches!(self, Self::CHLD | Self::CONT | Self::STOP | Self::URG | Self::WINCH);
        !stays && !self.is_job_stop() && self != Self::KILL
    }

    /// Whether it is one that a terminal stops a job with: SIGTSTP, SIGTTIN, SIGTTOU.
    pub(crate) fn is_job_stop(self) -> bool {
        (Self::TSTP.0..=22).contains(&self.0)
    }

    /// What it tells a process, in a few words; empty for the real-time ones.
    pub fn meaning(self) -> &'static str {
        TABLE.iter().find(|(number, _, _)| *number == self.0).map_or("", |(_, _, meaning)| meaning)
    }

    /// Every named signal in order of number: what a list to pick from shows.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(number, _, _)| Self(*number))
    }
}

impl fmt::Display for Signal {
    /// `SIGTERM`, or `SIGRTMIN+2` for a real-time one (glibc's SIGRTMIN is 34; 32 and 33 are its own).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match TABLE.iter().find(|(number, _, _)| *number == self.0) {
            Some((_, name, _)) => f.pad(&format!("SIG{name}")),
            None if self.0 >= 34 => f.pad(&format!("SIGRTMIN+{}", self.0 - 34)),
            None => f.pad(&format!("signal {}", self.0)),
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A word that names no signal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no signal; use a name as `TERM` or `SIGTERM`, or a number from 1 to 64")]
pub struct UnknownSignal(pub String);

impl FromStr for Signal {
    type Err = UnknownSignal;

    /// Reads `TERM`, `SIGTERM`, `sigterm`, `15`, `RTMIN+2`.
    fn from_str(text: &str) -> Result<Self, UnknownSignal> {
        let unknown = || UnknownSignal(text.to_owned());
        let upper = text.trim().to_ascii_uppercase();
        if let Ok(number) = upper.parse() {
            return Self::from_number(number).ok_or_else(unknown);
        }
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        if let Some((number, _, _)) = TABLE.iter().find(|(_, known, _)| *known == name) {
            return Ok(Self(*number));
        }
        match name.strip_prefix("RTMIN") {
            Some("") => Ok(Self(34)),
            Some(rest) => rest
                .strip_prefix('+')
                .and_then(|offset| offset.parse::<i32>().ok())
                .filter(|offset| (0..=30).contains(offset))
                .map(|offset| Self(34 + offset))
                .ok_or_else(unknown),
            None => match name {
                "POLL" => Ok(Self(29)),
                "IOT" => Ok(Self(6)),
                "CLD" => Ok(Self(17)),
                "RTMAX" => Ok(Self(64)),
                _ => Err(unknown()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for signal in (1..=64).filter_map(Signal::from_number) {
            if signal.number() == 32 || signal.number() == 33 {
                continue;
            }
            assert_eq!(signal.to_string().parse::<Signal>(), Ok(signal));
            assert_eq!(signal.number().to_string().parse::<Signal>(), Ok(signal));
        }
    }

    #[test]
    fn what_is_no_signal_is_told_with_the_mend() {
        for word in ["", "TERMINATE", "0", "65", "-9", "RTMIN+31", "RTMIN-1"] {
            let error = word.parse::<Signal>().unwrap_err().to_string();
            assert!(error.contains("use a name"), "{error}");
        }
    }
}
