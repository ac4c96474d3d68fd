//! What was declared of a worker's output: how much of it is kept, and the file that it is written to.

use std::path::PathBuf;
use std::time::Duration;

/// How much lines may take before the oldest go; of one worker, or of all together. `None`: by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogBudget {
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Bytes of packed lines on the disk, for what memory has no room for.
    pub disk: Option<u64>,
}

/// A file that all lines of a worker are written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Where it is. Its folder is made where there is none.
    pub path: PathBuf,
    /// How a line is written.
    pub format: LogFormat,
    /// When it makes room for the next.
    pub rotation: Rotation,
}

/// How a line is written to a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum LogFormat {
    /// Its text.
    #[default]
    Plain,
    /// Its text with its colours.
    Color,
    /// An object of JSON: time, worker, stream and text.
    Json,
}

/// When a log file is put aside and how many of those are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// Before it has more bytes than this; `None` is whatever its size. Default: 100 MiB.
    pub size: Option<u64>,
    /// With the first line after this time. Default: whatever its age.
    pub age: Option<Duration>,
    /// How many old ones are kept. Default: 5.
    pub keep: u32,
    /// Whether those are packed (gzip). Default: no.
    pub gzip: bool,
}

impl Default for Rotation {
    fn default() -> Self {
        Self { size: Some(100 << 20), age: None, keep: 5, gzip: false }
    }
}
