//! One line of a worker's output and who said it. Plain data.

use std::time::SystemTime;

/// Who said a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// The worker, on its terminal (stdout and stderr cannot be told apart there).
    Terminal,
    /// The worker, on standard output.
    Stdout,
    /// The worker, on standard error.
    Stderr,
    /// minder: a ruled line between runs and the like.
    Ruling,
}

/// One finished line, as its log holds it.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Counted from the worker's first, 0.
    pub number: u64,
    /// Who said it.
    pub stream: Stream,
    /// When its end arrived.
    pub at: SystemTime,
    /// What it says, as it came, without its line end. Any bytes; colours as SGR escapes.
    pub bytes: &'a [u8],
}
