//! What `minder check` says of a file without mistakes.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::load::load;
use std::fmt;
use std::path::{Path, PathBuf};

/// A file that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The file.
    pub file: PathBuf,
    /// How many workers it declares, at least 1.
    pub workers: usize,
    /// What is no mistake but may not do what was meant.
    pub warnings: Vec<Diagnostic>,
}

impl fmt::Display for Report {
    /// The last line of the report; the warnings are the caller's to print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workers = if self.workers == 1 { "worker" } else { "workers" };
        write!(f, "{}: {} {workers}, no mistakes", self.file.display(), self.workers)?;
        match self.warnings.len() {
            0 => Ok(()),
            1 => f.write_str(", 1 warning"),
            count => write!(f, ", {count} warnings"),
        }
    }
}

/// Reads a file as [`load`] does, for what is wrong with it alone.
///
/// # Errors
/// Every mistake of the file at once.
pub fn check(file: &Path) -> Result<Report, Diagnostics> {
    let config = load(file)?;
    Ok(Report { file: config.file, workers: config.workers.len(), warnings: config.warnings })
}
