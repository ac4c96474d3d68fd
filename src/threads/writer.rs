//! What a thread writes to its pane: whole lines, in order, and no faster than they are read where
//! somebody must read them.

use super::context::Shared;
use crate::output::Stream;
use crate::sys::clock;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::time::Duration;

/// How soon a full pane is looked at again. Only while it is full.
const PAUSE: Duration = Duration::from_millis(10);

/// A line that does not end goes to the pane in pieces of this many bytes.
const MOST_KEPT: usize = 64 * 1024;

/// A stream of a thread worker. What is not a whole line yet is held back until it is, or is flushed,
/// or the writer is dropped.
#[derive(Debug)]
pub struct Writer {
    shared: Arc<Shared>,
    stop: Receiver<()>,
    stream: Stream,
    kept: Vec<u8>,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, stop: Receiver<()>, stream: Stream) -> Self {
        Self { shared, stop, stream, kept: Vec::new() }
    }

    /// Waits while the reader of the pane is far behind: until it is not, or the thread is asked to
    /// stop. What it says then it may say at once; the pane has room for some megabytes more.
    fn await_room(&self) {
        while self.shared.output.is_full() && !self.shared.is_over() {
            match self.stop.recv_timeout(PAUSE) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn feed(&self, bytes: &[u8]) -> io::Result<()> {
        self.await_room();
        let mut pane = self.shared.output.lock();
        // Looked at under the lock: what comes after the end of the run would be of the next one.
        if self.shared.is_over() {
            return Err(io::Error::new(ErrorKind::BrokenPipe, "the worker's run is over"));
        }
        pane.feed(self.stream, bytes, clock::wall());
        drop(pane);
        self.shared.bell.ring();
        Ok(())
    }

    fn feed_kept(&mut self, end: usize) -> io::Result<()> {
        let fed = self.feed(&self.kept[..end]);
        self.kept.drain(..end);
        fed
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = &bytes[..bytes.len().min(MOST_KEPT)];
        self.kept.extend_from_slice(bytes);
        if let Some(newline) = memchr::memrchr(b'\n', &self.kept) {
            self.feed_kept(newline + 1)?;
        } else if self.kept.len() >= MOST_KEPT {
            self.feed_kept(self.kept.len())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.kept.is_empty() { Ok(()) } else { self.feed_kept(self.kept.len()) }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure.
        let _ = self.flush();
    }
}
