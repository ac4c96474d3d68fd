//! Who wants to know of files and folders hears of them here. One thread waits for all that the kernel
//! tells, as long as anybody listens: a user has few inotify instances, and shares them.

use super::notices::{Notice, Notices, Watch};
use super::route::route;
use crossbeam_channel::{Receiver, Sender, bounded};
use nix::errno::Errno;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;

/// The hub, while anybody listens.
static HUB: Mutex<Weak<Hub>> = Mutex::new(Weak::new());

/// The thread that waits, and what it knows.
#[derive(Debug)]
struct Hub {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    notices: Notices,
    book: Mutex<Book>,
    over: AtomicBool,
}

/// Who wants to hear of what.
#[derive(Debug, Default)]
struct Book {
    interests: HashMap<Watch, Vec<Interest>>,
    ears: HashMap<u64, Arc<Inner>>,
    next: u64,
}

#[derive(Debug)]
struct Interest {
    ear: u64,
    /// In a folder: of this name alone.
    name: Option<OsString>,
}

/// The hub's end of an ear.
#[derive(Debug)]
struct Inner {
    wake: Sender<()>,
    moved: AtomicBool,
}

impl Inner {
    fn wake(&self, moved: bool) {
        if moved {
            self.moved.store(true, Ordering::Release);
        }
        // Full: it is told already. Gone: it wants to hear no more.
        let _ = self.wake.try_send(());
    }
}

/// Hears of files, folders and streams.
#[derive(Debug)]
pub(crate) struct Ear {
    hub: Arc<Hub>,
    number: u64,
    inner: Arc<Inner>,
    woken: Receiver<()>,
    held: HashSet<Watch>,
}

impl Ear {
    /// # Errors
    /// EMFILE and the like: no instance, descriptor or thread is to be had.
    pub(crate) fn open() -> io::Result<Self> {
        let hub = hub()?;
        let (wake, woken) = bounded(1);
        let inner = Arc::new(Inner { wake, moved: AtomicBool::new(false) });
        let mut book = hub.shared.book();
        let number = book.next;
        book.next += 1;
        book.ears.insert(number, Arc::clone(&inner));
        drop(book);
        Ok(Self { hub, number, inner, woken, held: HashSet::new() })
    }

    /// Has a token when something changed.
    pub(crate) fn woken(&self) -> &Receiver<()> {
        &self.woken
    }

    /// Whether anything but what is in the watched files changed since this was last asked.
    pub(crate) fn take_moved(&self) -> bool {
        self.inner.moved.swap(false, Ordering::AcqRel)
    }

    /// Hears from now on of these, and of nothing else.
    pub(crate) fn attend(&mut self) -> Attending<'_> {
        Attending { held: HashSet::new(), refused: None, ear: self }
    }

    /// Is woken once when this can be read.
    ///
    /// # Errors
    /// EPERM for what can always be read.
    pub(crate) fn await_readable(&self, stream: &impl AsFd) -> Result<(), Errno> {
        self.hub.shared.notices.await_readable(stream, self.number)
    }

    /// Is not woken for this any more: to be called before it is closed.
    pub(crate) fn await_no_more(&self, stream: &impl AsFd) {
        self.hub.shared.notices.await_no_more(stream);
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.attend().done();
        self.hub.shared.book().ears.remove(&self.number);
    }
}

/// What an ear is to hear of, being said.
pub(crate) struct Attending<'a> {
    ear: &'a mut Ear,
    held: HashSet<Watch>,
    refused: Option<Errno>,
}

/// How often a way is looked at that changes under our eyes.
const MOST_LOOKS: usize = 8;

impl Attending<'_> {
    /// What happens on the way to a path: to each folder and link that says which file it means.
    pub(crate) fn way(&mut self, path: &Path) {
        let mut stations = route(path);
        for _ in 0..MOST_LOOKS {
            for station in &stations {
                self.folder(&station.folder, Some(station.name.clone()));
            }
            // What came before its folder was watched, nobody tells.
            let now = route(path);
            if now == stations {
                return;
            }
            stations = now;
        }
        self.ear.inner.wake(true);
    }

    /// What happens to this name in a folder, or to any name.
    pub(crate) fn folder(&mut self, folder: &Path, name: Option<OsString>) {
        // Under the book's lock, so that nothing is told of it before it is known who wants to hear.
        let shared = Arc::clone(&self.ear.hub.shared);
        let mut book = shared.book();
        match shared.notices.watch_folder(folder) {
            Ok(watch) => self.hold(&mut book, watch, name),
            // It is gone since it was looked at: there is more to look at.
            Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP) => self.ear.inner.wake(true),
            Err(errno) => self.refused = self.refused.or(Some(errno)),
        }
    }

    /// What happens to an open file.
    pub(crate) fn file(&mut self, file: &impl AsFd) {
        let shared = Arc::clone(&self.ear.hub.shared);
        let mut book = shared.book();
        match shared.notices.watch_file(file) {
            Ok(watch) => self.hold(&mut book, watch, None),
            Err(errno) => self.refused = self.refused.or(Some(errno)),
        }
    }

    fn hold(&mut self, book: &mut Book, watch: Watch, name: Option<OsString>) {
        let interests = book.interests.entry(watch).or_default();
        if self.held.insert(watch) {
            interests.retain(|interest| interest.ear != self.ear.number);
        }
        interests.push(Interest { ear: self.ear.number, name });
    }

    /// That is all. The first reason why something is not heard of.
    pub(crate) fn done(self) -> Option<Errno> {
        let Self { ear, held, refused } = self;
        let shared = Arc::clone(&ear.hub.shared);
        let mut book = shared.book();
        for watch in ear.held.difference(&held) {
            let Some(interests) = book.interests.get_mut(watch) else { continue };
            interests.retain(|interest| interest.ear != ear.number);
            if interests.is_empty() {
                book.interests.remove(watch);
                shared.notices.forget(*watch);
            }
        }
        ear.held = held;
        refused
    }
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self) {
        while !self.over.load(Ordering::Acquire) {
            for notice in self.notices.wait() {
                self.pass_on(&notice);
            }
        }
    }

    fn pass_on(&self, notice: &Notice) {
        let mut book = self.book();
        match notice {
            Notice::Written(watch) => book.wake(*watch, false, |_| true),
            Notice::Moved(watch, None) => book.wake(*watch, true, |_| true),
            Notice::Moved(watch, Some(name)) => {
                book.wake(*watch, true, |wanted| wanted.is_none_or(|wanted| wanted == name));
            }
            Notice::Over(watch) => {
                book.wake(*watch, true, |_| true);
                book.interests.remove(watch);
            }
            Notice::Lost => book.ears.values().for_each(|ear| ear.wake(true)),
            Notice::Readable(number) => {
                if let Some(ear) = book.ears.get(number) {
                    ear.wake(false);
                }
            }
            Notice::Called => {}
        }
    }
}

impl Book {
    fn wake(&self, watch: Watch, moved: bool, concerns: impl Fn(Option<&OsString>) -> bool) {
        for interest in self.interests.get(&watch).into_iter().flatten() {
            if concerns(interest.name.as_ref())
                && let Some(ear) = self.ears.get(&interest.ear)
            {
                ear.wake(moved);
            }
        }
    }
}

fn hub() -> io::Result<Arc<Hub>> {
    let mut hub = HUB.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(hub) = hub.upgrade() {
        return Ok(hub);
    }
    let (book, over) = (Mutex::default(), AtomicBool::new(false));
    let shared = Arc::new(Shared { notices: Notices::open()?, book, over });
    let served = Arc::clone(&shared);
    let thread = std::thread::Builder::new().name("notices".into()).spawn(move || served.serve())?;
    let new = Arc::new(Hub { shared, thread: Some(thread) });
    *hub = Arc::downgrade(&new);
    Ok(new)
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        self.shared.notices.call();
        if let Some(thread) = self.thread.take() {
            // It panicked, which its own panic told.
            let _ = thread.join();
        }
    }
}
