//! An excerpt into a file: written beside its name, which it takes when it is whole, so that nothing
//! half-written stays.

use super::desk::{Bench, News};
use super::errand::PIECE;
use super::words::{amount, gone};
use crate::output::{Excerpt, Form, Said};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How writing came out.
pub(super) enum Written {
    All(Said, u64),
    Cancelled,
}

pub(super) fn run(bench: &Bench, mut excerpt: Excerpt, path: &Path, form: Form, replace: bool) -> News {
    match save(bench, &mut excerpt, path, form, replace) {
        Ok(Written::All(said, bytes)) => News::Done(format!(
            "saved {} to {}{}",
            amount(said.lines, bytes),
            path.display(),
            gone(said.gone)
        )),
        Ok(Written::Cancelled) => News::Failed(format!("cancelled: {} was not written", path.display())),
        Err(Failure::Exists) => News::Exists(path.to_owned()),
        Err(Failure::Other(why)) => News::Failed(format!("cannot save to {}: {why}", path.display())),
    }
}

enum Failure {
    Exists,
    Other(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Other(in_words(&error))
    }
}

fn save(
    bench: &Bench,
    excerpt: &mut Excerpt,
    path: &Path,
    form: Form,
    replace: bool,
) -> Result<Written, Failure> {
    // What a link leads to is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut kept = None;
    if let Ok(there) = fs::metadata(&target) {
        if !there.is_file() {
            let what = if there.is_dir() { "a folder" } else { "no regular file" };
            return Err(Failure::Other(format!("it is {what}")));
        }
        if !replace {
            return Err(Failure::Exists);
        }
        kept = Some(there.permissions().mode() & 0o777);
    }
    let folder = match target.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Err(Failure::Other("it is a folder".into())),
    };
    if !folder.is_dir() {
        return Err(Failure::Other(format!("there is no folder {}", folder.display())));
    }
    let mut file = beside(folder, kept.unwrap_or(0o666))?;
    if let Some(mode) = kept {
        // Who may read it is not for our umask to say where it is there already. Another's file system may
        // know no modes.
        let _ = file.as_file().set_permissions(fs::Permissions::from_mode(mode));
    }
    let written = write(bench, excerpt, form, file.as_file_mut())?;
    if let Written::All(..) = written {
        let named = if replace { file.persist(&target) } else { file.persist_noclobber(&target) };
        named.map_err(|error| {
            let exists = error.error.kind() == io::ErrorKind::AlreadyExists;
            if exists { Failure::Exists } else { error.error.into() }
        })?;
    }
    Ok(written)
}

/// A new file in a folder, gone when it is dropped. Opened here, since tempfile's own errors name it, which
/// nobody asked for.
fn beside(folder: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(mode);
    tempfile::Builder::new().prefix(".minder-").suffix(".part").make_in(folder, |path| options.open(path))
}

/// Writes all of an excerpt, piece by piece, unless the task is cancelled.
pub(super) fn write(
    bench: &Bench,
    excerpt: &mut Excerpt,
    form: Form,
    to: &mut impl Write,
) -> io::Result<Written> {
    let (mut piece, mut bytes) = (Vec::new(), 0);
    loop {
        piece.clear();
        let said = excerpt.write(form, PIECE, &mut piece)?;
        to.write_all(&piece)?;
        bytes += piece.len() as u64;
        bench.progress.set(said.lines, bytes, excerpt.left());
        if said.over {
            to.flush()?;
            return Ok(Written::All(said, bytes));
        }
        if bench.is_cancelled() {
            return Ok(Written::Cancelled);
        }
    }
}

pub(super) fn in_words(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::StorageFull {
        return "the disk is full; nothing of it was kept".into();
    }
    match error.raw_os_error() {
        Some(number) => nix::errno::Errno::from_raw(number).desc().to_lowercase(),
        None => error.to_string(),
    }
}

/// A typed name as a path: a `~` at its beginning is the home folder.
pub fn home_expanded(typed: &str) -> PathBuf {
    let home = || std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    match (typed.strip_prefix('~'), home()) {
        (Some(""), Some(home)) => home,
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(typed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_not_about_a_file_that_nobody_named() {
        // Nobody can make files there, not even root.
        let error = beside(Path::new("/proc"), 0o600).unwrap_err();
        assert_eq!(in_words(&error), "no such file or directory");
    }
}
