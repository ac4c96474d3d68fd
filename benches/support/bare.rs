//! The physical limits: the same bytes read, or looked at once, and thrown away.

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use std::os::fd::OwnedFd;

/// What one read takes at most.
const READ: usize = 64 * 1024;

/// Reads all of them to their ends by one epoll, one read each in a turn. Returns how many bytes.
pub(crate) fn read_to_ends(descriptors: &[OwnedFd]) -> usize {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).expect("descriptors are left");
    for (index, descriptor) in descriptors.iter().enumerate() {
        epoll.add(descriptor, EpollEvent::new(EpollFlags::EPOLLIN, index as u64)).expect("it is open");
    }
    let mut open = descriptors.len();
    let (mut buffer, mut ready, mut total) = (vec![0; READ], vec![EpollEvent::empty(); 256], 0);
    while open > 0 {
        let count = match epoll.wait(&mut ready, EpollTimeout::NONE) {
            Err(Errno::EINTR) => 0,
            other => other.expect("it is an epoll"),
        };
        for event in &ready[..count] {
            let descriptor = &descriptors[event.data() as usize];
            match nix::unistd::read(descriptor, &mut buffer) {
                Ok(length) if length > 0 => total += length,
                Err(Errno::EAGAIN | Errno::EINTR) => {}
                // A terminal's end is EIO.
                Ok(_) | Err(_) => {
                    epoll.delete(descriptor).expect("it was added");
                    open -= 1;
                }
            }
        }
    }
    total
}

/// Looks at all bytes once: how many lines there are.
pub(crate) fn count_lines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}
