//! Packs files that were put aside, on a thread of its own: it takes seconds, and lines do not wait. One
//! that is cut short by minder's end is packed after the next start.

use super::rotating::packed_name;
use crossbeam_channel::{Sender, unbounded};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The thread, started when the first file is given to it.
#[derive(Debug, Default)]
pub(super) struct Gzip {
    files: Option<Sender<PathBuf>>,
    known: HashSet<PathBuf>,
}

impl Gzip {
    /// Packs this file some time soon. Where that fails, it stays as it is.
    pub(super) fn pack(&mut self, file: PathBuf) {
        if !self.known.insert(file.clone()) {
            return;
        }
        if self.files.is_none() {
            let (files, given) = unbounded::<PathBuf>();
            let thread = std::thread::Builder::new().name("gzip".into());
            let started = thread.spawn(move || given.iter().for_each(|file| drop(pack(&file))));
            self.files = started.ok().map(|_| files);
        }
        if let Some(files) = &self.files {
            // The thread ends only with us.
            let _ = files.send(file);
        }
    }
}

fn pack(path: &Path) -> io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut from = File::open(path)?;
    let to = File::create(&part)?;
    to.set_permissions(from.metadata()?.permissions())?;
    let mut packer = GzEncoder::new(to, Compression::default());
    let written =
        io::copy(&mut from, &mut packer).and_then(|_| packer.finish()).and_then(|file| file.sync_all());
    let done = written.and_then(|()| fs::rename(&part, packed_name(path)));
    match done {
        Ok(()) => fs::remove_file(path),
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
    use std::io::Read;

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
}
