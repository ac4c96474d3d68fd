//! Packs files that were put aside, on a thread of its own: it takes seconds, and lines do not wait. One
//! that is cut short by minder's end is packed after the next start.

use super::rotating::{packed_name, part_name};
use crossbeam_channel::{Sender, unbounded};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The thread, started when the first file is given to it.
#[derive(Debug, Default)]
pub(super) struct Gzip {
    files: Option<Sender<PathBuf>>,
    /// Those that wait or are being packed.
    waiting: Arc<Mutex<HashSet<PathBuf>>>,
}

impl Gzip {
    /// Packs this file some time soon. Where that fails, it stays as it is until somebody asks again.
    pub(super) fn pack(&mut self, file: PathBuf) {
        if !lock(&self.waiting).insert(file.clone()) {
            return;
        }
        if self.files.is_none() {
            let (files, given) = unbounded::<PathBuf>();
            let thread = std::thread::Builder::new().name("gzip".into());
            let waiting = Arc::clone(&self.waiting);
            let started = thread.spawn(move || {
                for file in given {
                    let _ = pack(&file);
                    lock(&waiting).remove(&file);
                }
            });
            self.files = started.ok().map(|_| files);
        }
        if let Some(files) = &self.files {
            // The thread ends only with us.
            let _ = files.send(file);
        }
    }
}

fn lock(files: &Mutex<HashSet<PathBuf>>) -> MutexGuard<'_, HashSet<PathBuf>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pack(path: &Path) -> io::Result<()> {
    let part = part_name(path);
    let mut from = File::open(path)?;
    let to = File::create(&part)?;
    to.set_permissions(from.metadata()?.permissions())?;
    let mut packer = GzEncoder::new(to, Compression::default());
    let written =
        io::copy(&mut from, &mut packer).and_then(|_| packer.finish()).and_then(|file| file.sync_all());
    let done = written.and_then(|()| fs::rename(&part, packed_name(path)));
    match done {
        // It was one too many and let go of meanwhile: what it was packed into goes, too.
        Ok(()) => match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::remove_file(packed_name(path)),
            other => other,
        },
        Err(error) => {
            let _ = fs::remove_file(&part);
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::{Read, Write};

    #[test]
    fn a_packed_file_has_the_same_lines() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("api.log.x");
        fs::write(&path, "line\n".repeat(10_000)).unwrap();
        pack(&path).unwrap();
        assert!(!path.exists());
        let mut text = String::new();
        GzDecoder::new(File::open(packed_name(&path)).unwrap()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "line\n".repeat(10_000));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    /// A pipe as the file holds the packing up until we have let go of it.
    #[test]
    fn a_file_that_is_let_go_of_while_it_is_packed_does_not_come_back() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("api.log.x");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let given = path.clone();
        let packing = std::thread::spawn(move || pack(&given));
        let mut lines = File::options().write(true).open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        lines.write_all(b"line\n").unwrap();
        drop(lines);
        packing.join().unwrap().unwrap();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }
}
