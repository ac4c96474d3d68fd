//! Which process a watched worker is: one that minder did not start.

use regex::Regex;
use std::fmt;
use std::path::{Path, PathBuf};

/// How a process that minder did not start is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// By its pid. It is looked for once.
    Pid(i32),
    /// By the pid in this file. It is looked for until it is there, and again when it has ended.
    PidFile(PathBuf),
    /// By its name or its command line: the oldest process that matches. It is looked for until it is
    /// there, and again when it has ended.
    Name(Pattern),
}

impl Target {
    /// Whether another process may take the place of one that ended.
    pub fn lasts(&self) -> bool {
        match self {
            Self::Pid(_) => false,
            Self::PidFile(_) | Self::Name(_) => true,
        }
    }

    /// The file that its pid is in.
    pub fn pid_file(&self) -> Option<&Path> {
        match self {
            Self::PidFile(path) => Some(path),
            Self::Pid(_) | Self::Name(_) => None,
        }
    }
}

impl fmt::Display for Target {
    /// `pid 123`, `the pid in /run/web.pid`, `what matches ^nginx: master`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pid(pid) => write!(f, "pid {pid}"),
            Self::PidFile(path) => write!(f, "the pid in {}", path.display()),
            Self::Name(pattern) => write!(f, "what matches {}", pattern.as_str()),
        }
    }
}

/// A regular expression, compared by its text.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        Regex::new(text).map(Self)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether some of the text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}
