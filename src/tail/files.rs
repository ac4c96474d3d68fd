//! What is at a path: looked at, opened, and told apart by what it is.

use super::course::{AtPath, Identity};
use crate::sys::notices::made_up;
use nix::errno::Errno;
use nix::libc;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// What was found at a path.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing that can be read, now.
    Nothing(AtPath),
    /// Something that cannot be opened, and nothing tells when it can; why: no descriptor is left, a server is
    /// away.
    Untold(String),
    /// The file that is open already; how long it is.
    Same(u64),
    /// Another file, opened.
    Other(Candidate),
}

/// A file that was opened and is not read yet.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) file: File,
    pub(super) id: Identity,
    pub(super) kind: Kind,
}

/// How something is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// At any place.
    File,
    /// From writers that come and go.
    Fifo,
    /// As it comes, until its end; so are files that the kernel makes up.
    Device,
}

impl Candidate {
    /// How long it is now. What has no length counts as long enough to be read.
    pub(super) fn length(&self) -> u64 {
        match self.kind {
            Kind::File => self.file.metadata().map_or(0, |facts| facts.len()),
            Kind::Fifo | Kind::Device => 1,
        }
    }
}

pub(super) fn identity(facts: &Metadata) -> Identity {
    Identity { device: facts.dev(), inode: facts.ino() }
}

/// Looks at what is there, and opens it unless it is this.
pub(super) fn find(path: &Path, open: Option<Identity>) -> Found {
    match std::fs::metadata(path) {
        Ok(facts) if Some(identity(&facts)) == open => Found::Same(facts.len()),
        Ok(facts) => strange(&facts).map_or_else(|| open_new(path), Found::Nothing),
        Err(error) => refusal(&error),
    }
}

fn open_new(path: &Path) -> Found {
    // Without blocking: a fifo that nobody writes to yet would hold us here.
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_CLOEXEC;
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let opened = opened.and_then(|file| file.metadata().map(|facts| (file, facts)));
    match opened {
        Err(error) => refusal(&error),
        Ok((file, facts)) => {
            if let Some(strange) = strange(&facts) {
                return Found::Nothing(strange);
            }
            let kind = if made_up(&file) { Kind::Device } else { kind(&facts) };
            Found::Other(Candidate { file, id: identity(&facts), kind })
        }
    }
}

fn kind(facts: &Metadata) -> Kind {
    if facts.file_type().is_fifo() {
        Kind::Fifo
    } else if facts.is_file() {
        Kind::File
    } else {
        Kind::Device
    }
}

fn strange(facts: &Metadata) -> Option<AtPath> {
    let kind = facts.file_type();
    if kind.is_dir() {
        Some(AtPath::Strange("a folder"))
    } else if kind.is_block_device() {
        Some(AtPath::Strange("a disk"))
    } else if kind.is_socket() {
        Some(AtPath::Strange("a socket"))
    } else {
        None
    }
}

fn refusal(error: &io::Error) -> Found {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENOENT | Errno::ENOTDIR) => Found::Nothing(AtPath::Missing),
        // Somebody changes the rights or a link, which is told.
        Some(Errno::EACCES | Errno::EPERM | Errno::ELOOP) => Found::Nothing(AtPath::Refused(plain(error))),
        Some(_) | None => Found::Untold(plain(error)),
    }
}

/// An error in the kernel's words alone.
pub(super) fn plain(error: &io::Error) -> String {
    let errno = error.raw_os_error().map(Errno::from_raw);
    errno.map_or_else(|| error.to_string(), |errno| errno.desc().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_tells_of_is_told_apart() {
        let found = |errno: Errno| refusal(&io::Error::from(errno));
        assert!(matches!(found(Errno::ENOENT), Found::Nothing(AtPath::Missing)));
        assert!(matches!(found(Errno::EACCES), Found::Nothing(AtPath::Refused(_))));
        for errno in [Errno::EMFILE, Errno::ENFILE, Errno::EIO, Errno::ESTALE, Errno::ENOMEM] {
            assert!(matches!(found(errno), Found::Untold(_)), "{errno}");
        }
    }
}
