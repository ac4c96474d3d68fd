//! What the kernel tells of files and folders (inotify(7)), and of descriptors that can be read, in one
//! wait. Knows nothing of who wants to know.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor};
use nix::sys::statfs::{fstatfs, statfs};
use std::ffi::OsString;
use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;

/// What is watched: a file or a folder, whatever becomes of its name. Its number is not used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Watch(i32);

/// What the kernel told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Of a watched file: it was written to or truncated.
    Written(Watch),
    /// Of a watched file or folder: it was renamed, deleted, or its rights changed; or in a watched folder
    /// something of this name did, or came.
    Moved(Watch, Option<OsString>),
    /// The watch is over: what was watched is gone.
    Over(Watch),
    /// There was too much to tell.
    Lost,
    /// A descriptor can be read, or its end is reached. Told once for each [`Notices::await_readable`].
    Readable(u64),
    /// Somebody called.
    Called,
}

/// Everything that one thread waits for.
#[derive(Debug)]
pub struct Notices {
    inotify: Inotify,
    epoll: Epoll,
    attention: EventFd,
}

/// The numbers of our own two descriptors; [`Notices::await_readable`] takes others.
const INOTIFY: u64 = u64::MAX;
const ATTENTION: u64 = u64::MAX - 1;

impl Notices {
    /// Nothing is watched yet.
    ///
    /// # Errors
    /// EMFILE where the user has no inotify instance left (`fs.inotify.max_user_instances`) or the process
    /// no descriptor.
    pub fn open() -> Result<Self, Errno> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        let attention = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&inotify, EpollEvent::new(EpollFlags::EPOLLIN, INOTIFY))?;
        epoll.add(&attention, EpollEvent::new(EpollFlags::EPOLLIN, ATTENTION))?;
        Ok(Self { inotify, epoll, attention })
    }

    /// Watches an open file: by its descriptor, so that it is this file whatever is at its path.
    ///
    /// # Errors
    /// ENOSPC where the user has no watch left (`fs.inotify.max_user_watches`).
    pub fn watch_file(&self, file: &impl AsFd) -> Result<Watch, Errno> {
        let path = format!("/proc/self/fd/{}", file.as_fd().as_raw_fd());
        let wanted = AddWatchFlags::IN_MODIFY
            | AddWatchFlags::IN_ATTRIB
            | AddWatchFlags::IN_MOVE_SELF
            | AddWatchFlags::IN_DELETE_SELF;
        self.inotify.add_watch(path.as_str(), wanted).map(|watch| Watch(watch.as_raw()))
    }

    /// Watches what comes into a folder, leaves it or changes its rights; not what is written in it.
    ///
    /// # Errors
    /// As [`Notices::watch_file`]; EACCES where we may not read the folder.
    pub fn watch_folder(&self, folder: &Path) -> Result<Watch, Errno> {
        let wanted = AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_MOVE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_ATTRIB
            | AddWatchFlags::IN_MOVE_SELF
            | AddWatchFlags::IN_DELETE_SELF
            | AddWatchFlags::IN_ONLYDIR;
        self.inotify.add_watch(folder, wanted).map(|watch| Watch(watch.as_raw()))
    }

    /// Watches it no more. What was told and not taken yet may still come.
    pub fn forget(&self, Watch(watch): Watch) {
        #[expect(unsafe_code, reason = "nix makes a descriptor of a watch only when it is added")]
        // SAFETY: the call takes plain integers; one that is no watch any more is an error.
        unsafe {
            libc::inotify_rm_watch(self.inotify.as_fd().as_raw_fd(), watch)
        };
    }

    /// Tells once, with this number, when the descriptor can be read.
    ///
    /// # Errors
    /// EPERM for one that can always be read: a file, or a device as `/dev/null`.
    pub fn await_readable(&self, descriptor: &impl AsFd, number: u64) -> Result<(), Errno> {
        let mut event = EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLONESHOT, number);
        match self.epoll.add(descriptor, event) {
            Err(Errno::EEXIST) => self.epoll.modify(descriptor, &mut event),
            told => told,
        }
    }

    /// Tells nothing more of that descriptor.
    pub fn await_no_more(&self, descriptor: &impl AsFd) {
        // ENOENT: nothing was to be told.
        let _ = self.epoll.delete(descriptor);
    }

    /// Ends the present wait, or the next one.
    pub fn call(&self) {
        // EAGAIN means that the counter is full: whoever waits is awake enough.
        let _ = self.attention.write(1);
    }

    /// Waits until there is something to tell.
    pub fn wait(&self) -> Vec<Notice> {
        let mut ready = [EpollEvent::empty(); 64];
        // EINTR: there was nothing to tell.
        let count = self.epoll.wait(&mut ready, EpollTimeout::NONE).unwrap_or(0);
        let mut told = Vec::new();
        for event in &ready[..count] {
            match event.data() {
                INOTIFY => self.take(&mut told),
                ATTENTION => {
                    // Empties the counter; an error means that it was empty.
                    let _ = self.attention.read();
                    told.push(Notice::Called);
                }
                number => told.push(Notice::Readable(number)),
            }
        }
        told
    }

    fn take(&self, told: &mut Vec<Notice>) {
        // What is left is told by the next wait.
        told.extend(self.inotify.read_events().unwrap_or_default().into_iter().map(meaning));
    }
}

fn meaning(InotifyEvent { wd, mask, name, .. }: InotifyEvent) -> Notice {
    let watch = Watch(WatchDescriptor::as_raw(wd));
    if mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
        Notice::Lost
    } else if mask.contains(AddWatchFlags::IN_IGNORED) {
        Notice::Over(watch)
    } else if mask.contains(AddWatchFlags::IN_MODIFY) {
        Notice::Written(watch)
    } else {
        Notice::Moved(watch, name)
    }
}

/// Filesystems whose files others write: inotify(7) is not told of that.
/// The numbers are those of statfs(2) and of the kernel's `magic.h`.
const UNTOLD: [(i64, &str); 13] = [
    (0x6969, "NFS"),
    (0x517B, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB2"),
    (0x0102_1997, "9p"),
    (0x6573_5546, "FUSE"),
    (0x00C3_6400, "Ceph"),
    (0x5346_414F, "AFS"),
    (0x6B41_4653, "AFS"),
    (0x0BD0_0BD0, "Lustre"),
    (0x0116_1970, "GFS2"),
    (0x4750_4653, "GPFS"),
    (0x786F_4256, "vboxsf"),
];

/// Filesystems whose files the kernel makes up as they are read: proc, sysfs, cgroup2, debugfs, tracefs.
const MADE_UP: [i64; 5] = [0x9FA0, 0x6265_6572, 0x6367_7270, 0x6462_6720, 0x7472_6163];

/// Whether the kernel makes up a file as it is read: its length says nothing then.
pub fn made_up(file: &impl AsFd) -> bool {
    magic(file).is_some_and(|magic| MADE_UP.contains(&magic))
}

fn magic(file: &impl AsFd) -> Option<i64> {
    Some(fstatfs(file).ok()?.filesystem_type().0 & 0xFFFF_FFFF)
}

/// The name of the filesystem that a file is on, if changes there are not told.
pub fn untold(file: &impl AsFd) -> Option<&'static str> {
    untold_kind(magic(file)?)
}

/// As [`untold`], of the filesystem where something is at a path or would be made.
pub fn untold_at(path: impl AsRef<Path>) -> Option<&'static str> {
    let there = path.as_ref().ancestors().find_map(|ancestor| statfs(ancestor).ok())?;
    untold_kind(there.filesystem_type().0 & 0xFFFF_FFFF)
}

fn untold_kind(kind: i64) -> Option<&'static str> {
    UNTOLD.iter().find(|(magic, _)| *magic == kind).map(|(_, name)| *name)
}

/// Whether reading this would not wait.
pub fn is_readable(stream: &impl AsFd) -> bool {
    let mut ready = [PollFd::new(stream.as_fd(), PollFlags::POLLIN)];
    poll(&mut ready, PollTimeout::ZERO).is_ok_and(|count| count > 0)
}
