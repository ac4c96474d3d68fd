//! A declaration's file as text, or why it cannot be read. Knows no format.

use super::diagnostic::{Diagnostics, Notes, Source};
use std::fs;
use std::io;
use std::path::Path;

/// A declaration that is longer is something else, a log or a disk image perhaps.
const MAX_BYTES: u64 = 1 << 20;

/// Why a file cannot be read as text.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("this file does not exist")]
    Missing,
    #[error("this is a folder")]
    Folder,
    #[error("you may not read it")]
    Forbidden,
    #[error("it is longer than {} MiB", MAX_BYTES >> 20)]
    TooLong,
    #[error("it is not UTF-8 text: a bad byte in line {line}")]
    NotText {
        /// The line of the first bad byte, from 1.
        line: usize,
        /// Where that byte is.
        at: usize,
        /// The text with each bad byte replaced.
        lossy: String,
    },
    #[error("{0}")]
    Other(io::Error),
}

/// Reads a file of UTF-8 text.
pub(super) fn read_text(path: &Path) -> Result<String, Unreadable> {
    let bytes = read_bytes(path)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line = memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
        Unreadable::NotText { line, at, lossy: String::from_utf8_lossy(bytes).into_owned() }
    })
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Unreadable> {
    use io::Read as _;
    let file = fs::File::open(path).map_err(explain)?;
    if file.metadata().map_err(explain)?.is_dir() {
        return Err(Unreadable::Folder);
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(explain)?;
    if bytes.len() as u64 > MAX_BYTES { Err(Unreadable::TooLong) } else { Ok(bytes) }
}

fn explain(error: io::Error) -> Unreadable {
    if error.kind() == io::ErrorKind::NotFound {
        Unreadable::Missing
    } else if error.kind() == io::ErrorKind::PermissionDenied {
        Unreadable::Forbidden
    } else if error.kind() == io::ErrorKind::IsADirectory {
        Unreadable::Folder
    } else {
        Unreadable::Other(error)
    }
}

/// The mistake of a whole file that cannot be read.
pub(super) fn unreadable(name: &str, error: Unreadable) -> Diagnostics {
    let message = format!("cannot read {name}: {error}");
    if let Unreadable::NotText { at, lossy, .. } = error {
        let source = Source::new(name, lossy);
        let mut notes = Notes::new(&source);
        notes.error(at..at + 1, &message).label("not UTF-8").help("save the file as UTF-8");
        return notes.failed();
    }
    let source = Source::new(name, "");
    let mut notes = Notes::new(&source);
    notes.error(0..0, &message);
    notes.failed()
}
