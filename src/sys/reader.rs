//! Whether anybody still reads what minder writes into a pipe or socket, known without writing.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{SFlag, fstat};
use std::os::fd::AsFd;

/// Waits until nobody reads the other end any more: true. False, at once, where there is no other
/// end that could go: a file, a terminal (which hangs up by a signal of its own), `/dev/null`.
pub fn await_departure(writing_end: &impl AsFd) -> bool {
    if !has_reader(writing_end) {
        return false;
    }
    loop {
        // POLLERR (pipes) and POLLHUP (sockets) are told whether or not they are asked for (poll(2)).
        let mut ends = [PollFd::new(writing_end.as_fd(), PollFlags::empty())];
        match poll(&mut ends, PollTimeout::NONE) {
            Ok(_) if ends[0].any() != Some(false) => return true,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return false,
        }
    }
}

fn has_reader(end: &impl AsFd) -> bool {
    fstat(end).is_ok_and(|facts| {
        let kind = SFlag::from_bits_truncate(facts.st_mode) & SFlag::S_IFMT;
        kind == SFlag::S_IFIFO || kind == SFlag::S_IFSOCK
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn a_reader_that_leaves_is_noticed_without_a_write() {
        let (reader, writer) = std::io::pipe().unwrap();
        let watching = std::thread::spawn(move || await_departure(&writer));
        drop(reader);
        assert!(watching.join().unwrap());
        let (reader, writer) = std::os::unix::net::UnixStream::pair().unwrap();
        drop(reader);
        assert!(await_departure(&writer));
    }

    #[test]
    fn a_file_has_no_reader_that_could_leave() {
        assert!(!await_departure(&File::open("/dev/null").unwrap()));
        assert!(!await_departure(&tempfile::tempfile().unwrap()));
    }
}
