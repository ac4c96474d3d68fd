//! How a process ended, in the two ways there are, and in words. Knows nothing of workers.

use crate::signal::Signal;
use std::fmt;

/// How a process ended (waitid(2)): by itself with a code, or by a signal.
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
}

impl ExitStatus {
    /// Exit code 0.
    pub const SUCCESS: Self = Self::Exited(0);

    /// True for exit code 0 alone.
    pub fn success(self) -> bool {
        self == Self::SUCCESS
    }

    /// The code a shell reports: the exit code, or 128 + the signal's number (POSIX sh, `$?`).
    pub fn shell_code(self) -> i32 {
        match self {
            Self::Exited(code) => code,
            Self::Signaled { signal, .. } => 128 + signal.number(),
        }
    }
}

impl fmt::Display for ExitStatus {
    /// `exit 3`, `127: command not found`, `SIGSEGV (11), core dumped`.
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
