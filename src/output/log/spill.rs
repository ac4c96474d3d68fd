//! Files for what memory has no room for. None has a name: whatever becomes of minder, the kernel
//! takes them back. Knows neither what is in them nor when something goes.

use super::budget::Total;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file takes at most this: what goes at once when the oldest have to go.
const MOST_SEGMENT: u64 = 64 << 20;
/// And at least this, or a small budget would be all descriptors.
const LEAST_SEGMENT: u64 = 1 << 20;

/// How much of a log lies on the disk.
#[derive(Debug)]
pub(super) struct DiskUse {
    pub(super) own: AtomicU64,
    total: Arc<Total>,
}

impl DiskUse {
    pub(super) fn new(total: Arc<Total>) -> Self {
        Self { own: AtomicU64::new(0), total }
    }

    fn add(&self, bytes: u64) {
        self.own.fetch_add(bytes, Ordering::Relaxed);
        self.total.disk.fetch_add(bytes, Ordering::Relaxed);
    }

    fn sub(&self, bytes: u64) {
        self.own.fetch_sub(bytes, Ordering::Relaxed);
        self.total.disk.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// A file without a name that is written once and read as long as somebody holds it.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    length: AtomicU64,
    usage: Arc<DiskUse>,
}

impl Drop for Segment {
    fn drop(&mut self) {
        self.usage.sub(self.length.load(Ordering::Relaxed));
    }
}

/// Where in a file packed lines lie.
#[derive(Debug, Clone)]
pub(super) struct Spilled {
    pub(super) segment: Arc<Segment>,
    at: u32,
    length: u32,
}

impl Spilled {
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.length as usize];
        self.segment.file.read_exact_at(&mut bytes, self.at.into())?;
        Ok(bytes)
    }
}

/// Appends to one log's newest file.
#[derive(Debug)]
pub(super) struct Spill {
    newest: Option<Arc<Segment>>,
    usage: Arc<DiskUse>,
}

impl Spill {
    pub(super) fn new(usage: Arc<DiskUse>) -> Self {
        Self { newest: None, usage }
    }

    /// Writes these bytes behind those that are there; of a budget of this size, a file takes a part.
    ///
    /// # Errors
    /// What the disk answers. Nothing is kept then.
    pub(super) fn write(&mut self, bytes: &[u8], folder: &Path, budget: u64) -> io::Result<Spilled> {
        let most = (budget / 16).clamp(LEAST_SEGMENT, MOST_SEGMENT);
        let full = |segment: &Arc<Segment>| {
            let length = segment.length.load(Ordering::Relaxed);
            length > 0 && length + bytes.len() as u64 > most
        };
        if self.newest.as_ref().is_none_or(full) {
            let file = nameless(folder)?;
            self.newest =
                Some(Arc::new(Segment { file, length: AtomicU64::new(0), usage: Arc::clone(&self.usage) }));
        }
        let segment = self.newest.as_ref().expect("it was made just now");
        let at = segment.length.load(Ordering::Relaxed);
        // What was written of it before a failure is written over the next time.
        segment.file.write_all_at(bytes, at)?;
        segment.length.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.usage.add(bytes.len() as u64);
        Ok(Spilled { segment: Arc::clone(segment), at: at as u32, length: bytes.len() as u32 })
    }

    /// The next bytes go to another file: what lies in this one has been given up.
    pub(super) fn turn(&mut self) {
        self.newest = None;
    }

    pub(super) fn is_newest(&self, segment: &Arc<Segment>) -> bool {
        self.newest.as_ref().is_some_and(|newest| Arc::ptr_eq(newest, segment))
    }
}

/// How many files had a name for a moment.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// A file that has no name from its beginning (`O_TMPFILE`, open(2)), or where the file system has no
/// such thing, one that lost it at once. Readable by its owner alone.
fn nameless(folder: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    if let Ok(file) = options.clone().custom_flags(libc::O_TMPFILE).open(folder) {
        return Ok(file);
    }
    let name = format!("spill-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = folder.join(name);
    // One of this name is left of a minder that was killed between two calls.
    let _ = std::fs::remove_file(&path);
    let file = options.create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// `$XDG_STATE_HOME/minder`, by default below `~/.local/state` (XDG Base Directory Specification).
/// `None` where neither is set.
pub fn state_folder() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")));
    base.map(|base| base.join("minder"))
}

#[cfg(test)]
mod tests {
    use super::super::budget::Budget;
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_has_a_name() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("state/minder");
        let total = Arc::new(Total::new(Budget { memory: 0, disk: 0 }));
        let usage = Arc::new(DiskUse::new(Arc::clone(&total)));
        let mut spill = Spill::new(Arc::clone(&usage));
        let pieces: Vec<Vec<u8>> = (0..40_u8).map(|byte| vec![byte; 100_000]).collect();
        let spilled: Vec<_> =
            pieces.iter().map(|piece| spill.write(piece, &folder, 1 << 20).unwrap()).collect();
        assert!(pieces.iter().zip(&spilled).all(|(piece, spilled)| spilled.read().unwrap() == *piece));
        assert!(!Arc::ptr_eq(&spilled[0].segment, &spilled[39].segment));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        assert_eq!(usage.own.load(Ordering::Relaxed), 4_000_000);
        drop((spilled, spill));
        assert_eq!((usage.own.load(Ordering::Relaxed), total.disk.load(Ordering::Relaxed)), (0, 0));
    }
}
