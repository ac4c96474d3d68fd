//! An open file, read on from where it was read to.

use super::course::{Identity, Reading};
use super::files::{Candidate, plain};
use super::last::start_of_last;
use crate::spec::Beginning;
use memchr::memchr;
use nix::errno::Errno;
use nix::unistd::{Whence, lseek};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::FileExt;

/// How much is read at once.
pub(super) const CHUNK: usize = 256 * 1024;

/// How much is read of a file of which another has the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rest {
    until: u64,
}

impl Rest {
    /// All that it had when that was seen, and so much of what is written to it later: somebody may write
    /// for ever, and faster than it is read.
    pub(super) fn of(seen: Reading, later: u64) -> Self {
        Self { until: seen.length.saturating_add(later) }
    }

    /// Whether there is more to read.
    pub(super) fn goes_on(self, now: Reading) -> bool {
        now.offset < self.until
    }
}

/// A file that is read.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) file: File,
    id: Identity,
    offset: u64,
    /// It was just found that there is nothing but a hole up to here.
    after_hole: bool,
}

/// How far a turn of reading came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// To what is its end now.
    ToTheEnd,
    /// There is more.
    SomeWay,
    /// Over a hole of so many bytes; there may be more.
    OverHole(u64),
}

impl Open {
    /// Begins to read a file. Says so if it begins within a line.
    ///
    /// # Errors
    /// Those of read(2).
    pub(super) fn begin(candidate: Candidate, from: Beginning) -> io::Result<(Self, bool)> {
        let Candidate { file, id, .. } = candidate;
        let (offset, cut) = match from {
            Beginning::Start => (0, false),
            Beginning::Last(lines) => {
                let length = file.metadata()?.len();
                let start = start_of_last(lines, length, |block, at| file.read_at(block, at))?;
                (start.offset, start.cut)
            }
        };
        Ok((Self { file, id, offset, after_hole: false }, cut))
    }

    pub(super) fn id(&self) -> Identity {
        self.id
    }

    /// Where it stands. What cannot be asked any more stands still.
    pub(super) fn reading(&self) -> Reading {
        let length = self.file.metadata().map_or(self.offset, |facts| facts.len());
        Reading { id: self.id, offset: self.offset, length }
    }

    /// From its start again.
    pub(super) fn anew(&mut self) {
        self.offset = 0;
        self.after_hole = false;
    }

    /// Writes what is there, a turn of so many bytes at most, unless it is to stop.
    ///
    /// # Errors
    /// Those of read(2), in words, and those of the writer.
    pub(super) fn read_on(
        &mut self,
        out: &mut impl Write,
        buffer: &mut [u8],
        turn: u64,
        stops: impl Fn() -> bool,
    ) -> Result<Came, Broken> {
        let end = self.offset.saturating_add(turn);
        while self.offset < end && !stops() {
            let count = match self.file.read_at(buffer, self.offset) {
                Ok(0) => {
                    out.flush().map_err(Broken::Writer)?;
                    return Ok(Came::ToTheEnd);
                }
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(Broken::Reader(plain(&error))),
            };
            let mut bytes = &buffer[..count];
            if let Some(nul) = memchr(0, bytes).filter(|nul| *nul > 0) {
                bytes = &bytes[..self.hole_after(nul).unwrap_or(count).clamp(nul, count)];
            }
            if bytes[0] == 0 {
                if let Some(hole) = self.skip_hole() {
                    return Ok(Came::OverHole(hole));
                }
                if self.after_hole {
                    // The rest of a hole, in the block where what was written begins.
                    let text = bytes.iter().position(|byte| *byte != 0).unwrap_or(count);
                    self.offset += text as u64;
                    bytes = &bytes[text..];
                }
            }
            self.after_hole &= bytes.is_empty();
            out.write_all(bytes).map_err(Broken::Writer)?;
            self.offset += bytes.len() as u64;
        }
        Ok(Came::SomeWay)
    }

    /// How far from where it stands the next hole begins, from so many bytes on.
    fn hole_after(&self, bytes: usize) -> Option<usize> {
        let hole = lseek(&self.file, (self.offset + bytes as u64) as i64, Whence::SeekHole).ok()?;
        usize::try_from(hole as u64 - self.offset).ok()
    }

    /// Goes over a hole: who writes on at its old place in a file that was truncated leaves one, which
    /// reads as nothing but NULs.
    fn skip_hole(&mut self) -> Option<u64> {
        // Asked first: what is added meanwhile is no part of the hole.
        let length = self.file.metadata().ok()?.len();
        let data = match lseek(&self.file, self.offset as i64, Whence::SeekData) {
            Ok(data) => data as u64,
            // Nothing but a hole up to its end.
            Err(Errno::ENXIO) => length,
            // This filesystem knows no holes.
            Err(_) => return None,
        };
        let hole = data.checked_sub(self.offset).filter(|hole| *hole > 0)?;
        self.offset = data;
        self.after_hole = true;
        Some(hole)
    }
}

/// Why reading cannot go on.
#[derive(Debug)]
pub(super) enum Broken {
    /// The file cannot be read, now; why.
    Reader(String),
    /// Nobody takes what is read.
    Writer(io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(offset: u64, length: u64) -> Reading {
        Reading { id: Identity { device: 1, inode: 1 }, offset, length }
    }

    #[test]
    fn what_was_there_is_read_and_some_of_what_comes_later() {
        let rest = Rest::of(at(10, 1 << 40), 100);
        assert!(rest.goes_on(at(1 << 39, 1 << 40)));
        assert!(rest.goes_on(at((1 << 40) + 99, 1 << 50)));
        assert!(!rest.goes_on(at((1 << 40) + 100, 1 << 50)));
        assert!(!Rest::of(at(10, 10), 0).goes_on(at(10, 10)));
    }
}
