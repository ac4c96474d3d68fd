//! How a process or a thread ended, in every way there is, and in words. Knows nothing of workers.

use crate::signal::Signal;
use std::fmt;

/// How a run ended: a process (waitid(2)) by itself with a code or by a signal, a thread as a
/// closure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitStatus {
    /// It called `exit` or returned from `main` with this code, 0 to 255.
    Exited(i32),
    /// A signal ended it; `core` says whether the kernel wrote a core dump.
    Signaled {
        /// The signal that ended it.
        signal: Signal,
        /// Whether the kernel says it dumped core (`WCOREDUMP`).
        core: bool,
    },
    /// It was no child of ours: only its parent is told.
    Unknown,
    /// It was a thread.
    Thread(ThreadEnd),
}

/// How a thread's closure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ThreadEnd {
    /// It returned a value.
    Returned,
    /// It returned an error.
    Failed,
    /// It panicked.
    Panicked,
    /// It did not end: it was let go, and may run on as long as the program does.
    Abandoned,
}

impl fmt::Display for ThreadEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Returned => "returned",
            Self::Failed => "returned an error",
            Self::Panicked => "panicked",
            Self::Abandoned => "abandoned",
        })
    }
}

impl ExitStatus {
    /// Exit code 0.
    pub const SUCCESS: Self = Self::Exited(0);

    /// True for exit code 0 and for a thread that returned a value.
    pub fn success(self) -> bool {
        matches!(self, Self::SUCCESS | Self::Thread(ThreadEnd::Returned))
    }

    /// The code a shell reports: the exit code, or 128 + the signal's number (POSIX sh, `$?`). For a
    /// thread what a program whose `main` ended so would have: 101 for a panic, 1 for an error.
    pub fn shell_code(self) -> i32 {
        match self {
            Self::Exited(code) => code,
            Self::Signaled { signal, .. } => 128 + signal.number(),
            // Nothing went wrong that we know of.
            Self::Unknown | Self::Thread(ThreadEnd::Returned) => 0,
            Self::Thread(ThreadEnd::Failed | ThreadEnd::Abandoned) => 1,
            Self::Thread(ThreadEnd::Panicked) => 101,
        }
    }
}

impl fmt::Display for ExitStatus {
    /// `exit 3`, `127: command not found`, `SIGSEGV (11), core dumped`, `panicked`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The shell's own codes for a command that it could not run (POSIX sh 2.8.2).
            Self::Exited(126) => f.write_str("126: command not executable"),
            Self::Exited(127) => f.write_str("127: command not found"),
            Self::Exited(code) => write!(f, "exit {code}"),
            Self::Signaled { signal, core } => {
                write!(f, "{signal} ({})", signal.number())?;
                if *core {
                    f.write_str(", core dumped")?;
                }
                Ok(())
            }
            Self::Unknown => f.write_str("ended, code unknown: not our child"),
            Self::Thread(end) => fmt::Display::fmt(end, f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_read_as_people_say_them() {
        assert_eq!(ExitStatus::Exited(3).to_string(), "exit 3");
        assert_eq!(ExitStatus::Exited(127).to_string(), "127: command not found");
        let segv = ExitStatus::Signaled { signal: Signal::SEGV, core: true };
        assert_eq!(segv.to_string(), "SIGSEGV (11), core dumped");
        assert_eq!(segv.shell_code(), 139);
    }
}
