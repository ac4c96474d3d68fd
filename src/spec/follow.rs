//! Files that a worker follows: what was declared of them. Opens none.

use std::fmt;
use std::path::PathBuf;

/// What a worker follows, as `tail -F` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follow {
    /// What.
    pub what: Followed,
    /// Where it begins in what is there already. A file that appears later is read from its start.
    pub from: Beginning,
}

/// What a worker follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// The file at this path, whichever that is at the time. Absolute.
    File(PathBuf),
    /// Each file of these gets a worker of its own, now or when it appears.
    Files(Vec<Sought>),
    /// minder's own standard input.
    Stdin,
}

/// Files to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// This one, whether it is there or not. Absolute.
    Path(PathBuf),
    /// All that match this pattern: `*`, `?`, `[…]` and `**` for folders at any depth. Absolute.
    Pattern(String),
}

/// Where reading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// At the last so many lines.
    Last(u64),
    /// At the start.
    Start,
}

impl Default for Beginning {
    /// As tail(1) does.
    fn default() -> Self {
        Self::Last(10)
    }
}

impl fmt::Display for Sought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Pattern(pattern) => f.write_str(pattern),
        }
    }
}

impl fmt::Display for Follow {
    /// As it would be typed: `tail -F /var/log/syslog`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Followed::File(path) => write!(f, "tail -F {}", path.display()),
            Followed::Files(files) => {
                f.write_str("tail -F")?;
                files.iter().try_for_each(|sought| write!(f, " {sought}"))
            }
            Followed::Stdin => f.write_str("standard input"),
        }
    }
}
