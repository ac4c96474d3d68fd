//! A writer that is never waited for: what its reader has no room for is refused, and not waited on.

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
    /// A file takes all of it, and never says that it has no room.
    is_file: bool,
}

impl Patient {
    /// A writer to what this descriptor is open on.
    ///
    /// # Errors
    /// EMFILE: no descriptor is left.
    pub fn new(descriptor: &impl AsFd) -> io::Result<Self> {
        let file = File::from(descriptor.as_fd().try_clone_to_owned()?);
        let kind = SFlag::from_bits_truncate(fstat(&file)?.st_mode) & SFlag::S_IFMT;
        Ok(Self { file, is_file: kind == SFlag::S_IFREG })
    }

    /// Waits until it takes something, at most so long (up to 65 s). Whether it does; an error is one that
    /// a write will tell.
    pub fn await_room(&self, at_most: Duration) -> bool {
        let timeout = PollTimeout::try_from(at_most).unwrap_or(PollTimeout::MAX);
        poll(&mut [PollFd::new(self.file.as_fd(), PollFlags::POLLOUT)], timeout) != Ok(0)
    }
}

impl Write for Patient {
    /// # Errors
    /// `WouldBlock`: it takes nothing now. Else what write(2) says.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_file {
            return self.file.write(bytes);
        }
        if !self.await_room(Duration::ZERO) {
            return Err(ErrorKind::WouldBlock.into());
        }
        let part = &bytes[..bytes.len().min(AT_ONCE)];
        // Whole lines where there are any: others may write to the same place in between.
        let lines = memchr::memrchr(b'\n', part).map_or(part.len(), |newline| newline + 1);
        self.file.write(&part[..lines])
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
        let mut patient = Patient::new(&writer).unwrap();
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
        let mut patient = Patient::new(&writer).unwrap();
        drop(reader);
        assert!(patient.await_room(Duration::MAX));
        assert_eq!(patient.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
        let mut patient = Patient::new(&tempfile::tempfile().unwrap()).unwrap();
        assert_eq!(patient.write(&vec![0; 1 << 20]).unwrap(), 1 << 20);
    }
}
