//! A writer that is not waited for: what the reader of its pipe has no room for is refused.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{SFlag, fstat};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::time::Duration;

/// A pipe that can be written to takes as much at once without waiting (`PIPE_BUF`, POSIX and pipe(7)).
const AT_ONCE: usize = 4096;

/// A descriptor that others share: it is not made non-blocking, since that would be so for all of them
/// (`O_NONBLOCK` is of the open file description, open(2)). It is asked before each write instead.
#[derive(Debug)]
pub struct Patient {
    file: File,
    /// It is waited for nevertheless.
    waits: bool,
}

impl Patient {
    /// A writer to what this descriptor is open on, if that is a pipe or socket of its own. What else there
    /// is cannot tell how much it takes. And where the other descriptor, to which the caller writes as well,
    /// leads to the same reader, nothing is told earlier by not waiting, but all in the wrong order.
    ///
    /// # Errors
    /// EMFILE: no descriptor is left.
    pub fn beside(other: &impl AsFd, descriptor: &impl AsFd) -> io::Result<Self> {
        let file = File::from(descriptor.as_fd().try_clone_to_owned()?);
        let facts = fstat(&file)?;
        let kind = SFlag::from_bits_truncate(facts.st_mode) & SFlag::S_IFMT;
        let same =
            fstat(other).is_ok_and(|other| (other.st_dev, other.st_ino) == (facts.st_dev, facts.st_ino));
        Ok(Self { file, waits: same || !matches!(kind, SFlag::S_IFIFO | SFlag::S_IFSOCK) })
    }

    /// Waits until it takes something, at most so long (up to 65 s). Whether it does; an error is one that
    /// a write will tell.
    pub fn await_room(&self, at_most: Duration) -> bool {
        let timeout = PollTimeout::try_from(at_most).unwrap_or(PollTimeout::MAX);
        let mut out = [PollFd::new(self.file.as_fd(), PollFlags::POLLOUT)];
        !matches!(poll(&mut out, timeout), Ok(0) | Err(Errno::EINTR))
    }
}

impl Write for Patient {
    /// # Errors
    /// `WouldBlock`: it takes nothing now. Else what write(2) says.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waits {
            return self.file.write(bytes);
        }
        if !self.await_room(Duration::ZERO) {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.file.write(&bytes[..bytes.len().min(AT_ONCE)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_pipe_that_nobody_reads_is_not_waited_for() {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut patient = Patient::beside(&io::stderr(), &writer).unwrap();
        drop(writer);
        let bytes: Vec<u8> = (0..1 << 20).map(|index| index as u8).collect();
        let (mut written, mut read) = (0, Vec::new());
        while written < bytes.len() {
            match patient.write(&bytes[written..]) {
                Ok(count) => written += count,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    assert!(!patient.await_room(Duration::from_millis(1)));
                    let mut some = [0; 10_000];
                    let count = reader.read(&mut some).unwrap();
                    read.extend_from_slice(&some[..count]);
                    assert!(patient.await_room(Duration::MAX));
                }
            }
        }
        drop(patient);
        reader.read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes);
    }

    #[test]
    fn a_reader_that_left_is_an_error_and_a_file_takes_all() {
        let (reader, writer) = io::pipe().unwrap();
        let mut patient = Patient::beside(&io::stderr(), &writer).unwrap();
        drop(reader);
        assert!(patient.await_room(Duration::MAX));
        assert_eq!(patient.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
        let mut patient = Patient::beside(&io::stderr(), &tempfile::tempfile().unwrap()).unwrap();
        assert_eq!(patient.write(&vec![0; 1 << 20]).unwrap(), 1 << 20);
    }

    #[test]
    fn what_another_writes_to_as_well_is_waited_for() {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut patient = Patient::beside(&writer.try_clone().unwrap(), &writer).unwrap();
        drop(writer);
        let bytes = vec![b'x'; 1 << 20];
        std::thread::scope(|threads| {
            threads.spawn(move || {
                patient.write_all(&bytes).unwrap();
            });
            let mut read = Vec::new();
            reader.read_to_end(&mut read).unwrap();
            assert_eq!(read.len(), 1 << 20);
        });
    }
}
