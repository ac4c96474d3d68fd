//! Writing to a pipe whose reader may never read, and reading from one whose writer may never write:
//! both end when they are told to. Knows nothing of what goes through.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};

/// Ends whoever waits at the other end when it is dropped.
#[derive(Debug)]
pub struct Stopper {
    _open: PipeWriter,
}

/// Where it is seen that the [`Stopper`] was dropped.
#[derive(Debug)]
pub struct Stopped(PipeReader);

/// Both.
///
/// # Errors
/// EMFILE, ENFILE.
pub fn stopper() -> io::Result<(Stopper, Stopped)> {
    let (reader, writer) = io::pipe()?;
    Ok((Stopper { _open: writer }, Stopped(reader)))
}

/// Writes all of it, waiting for the reader. False if it was told to stop.
///
/// # Errors
/// EPIPE where nobody reads any more.
pub fn write_all(to: &PipeWriter, mut bytes: &[u8], stopped: &Stopped) -> io::Result<bool> {
    fcntl(to, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    while !bytes.is_empty() {
        match nix::unistd::write(to, bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => {
                if !wait(to.as_fd(), PollFlags::POLLOUT, stopped)? {
                    return Ok(false);
                }
            }
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(true)
}

/// Reads some of it, waiting for the writer. Nothing at its end, and where it was told to stop.
///
/// # Errors
/// Those of read(2).
pub fn read(from: &PipeReader, into: &mut [u8], stopped: &Stopped) -> io::Result<usize> {
    loop {
        if !wait(from.as_fd(), PollFlags::POLLIN, stopped)? {
            return Ok(0);
        }
        match nix::unistd::read(from, into) {
            Ok(count) => return Ok(count),
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Reads some of what is there, without waiting. Nothing where there is nothing, and at its end.
///
/// # Errors
/// Those of read(2).
pub fn read_now(from: &PipeReader, into: &mut [u8]) -> io::Result<usize> {
    let mut end = [PollFd::new(from.as_fd(), PollFlags::POLLIN)];
    if poll(&mut end, PollTimeout::ZERO)? == 0 {
        return Ok(0);
    }
    Ok(nix::unistd::read(from, into)?)
}

/// Until it is ready (true) or was told to stop (false).
fn wait(end: BorrowedFd<'_>, wanted: PollFlags, stopped: &Stopped) -> io::Result<bool> {
    loop {
        let mut ends = [PollFd::new(end, wanted), PollFd::new(stopped.0.as_fd(), PollFlags::POLLIN)];
        match poll(&mut ends, PollTimeout::NONE) {
            Ok(_) if ends[1].any() != Some(false) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_a_reader_or_a_writer_can_be_stopped() {
        let (reader, writer) = io::pipe().unwrap();
        let (stop, stopped) = stopper().unwrap();
        let writing = std::thread::spawn(move || write_all(&writer, &vec![0; 1 << 20], &stopped));
        drop(stop);
        assert!(!writing.join().unwrap().unwrap());
        let (stop, stopped) = stopper().unwrap();
        let reading = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while read(&reader, &mut buffer, &stopped)? > 0 {}
            io::Result::Ok(())
        });
        drop(stop);
        reading.join().unwrap().unwrap();
    }

    #[test]
    fn a_reader_that_goes_is_told() {
        let (reader, writer) = io::pipe().unwrap();
        let (_stop, stopped) = stopper().unwrap();
        drop(reader);
        assert_eq!(write_all(&writer, b"x", &stopped).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
