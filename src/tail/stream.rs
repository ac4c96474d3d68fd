//! What comes as it comes: standard input, fifos, devices. Read when there is something to read, so that
//! it can always stop.

use super::files::plain;
use super::follower::LOOK;
use super::reading::CHUNK;
use crate::sys::ear::Ear;
use crate::sys::notices::is_readable;
use crate::threads::Context;
use crossbeam_channel::{after, never, select};
use nix::errno::Errno;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Its end was reached.
    End,
    /// It was asked to stop.
    Stopped,
    /// Something may have changed on the way to it.
    Moved,
}

/// How a stream is waited for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Patience {
    /// It is read before anything is waited for: nothing tells that a fifo is at its end that had no writer
    /// since it was opened.
    pub(super) asks: bool,
    /// What happens on the way to it ends the wait.
    pub(super) hears_moves: bool,
    /// So does some time, since nothing tells of that.
    pub(super) looks: bool,
}

/// What came of a worker that follows something. Its words are shown.
pub(super) enum Followed {
    /// It was asked to stop: nothing is to be said.
    Stopped,
    /// Its end was reached, after so many bytes.
    End(u64),
}

impl fmt::Debug for Followed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What has no words.
            Self::Stopped => f.write_str("()"),
            Self::End(1) => f.write_str("end of input after 1 byte"),
            Self::End(bytes) => write!(f, "end of input after {bytes} bytes"),
        }
    }
}

/// Reads minder's own standard input to its end.
///
/// # Errors
/// In words, why it cannot be read.
pub(super) fn follow_stdin(context: &Context) -> Result<Followed, String> {
    let input = io::stdin().as_fd().try_clone_to_owned().map_err(|error| plain(&error))?;
    let ear = Ear::open().map_err(|error| plain(&error))?;
    let mut read = 0;
    let mut input = std::fs::File::from(input);
    loop {
        match copy(context, &ear, &mut input, Patience::default(), &mut read)
            .map_err(|error| plain(&error))?
        {
            Over::End => return Ok(Followed::End(read)),
            Over::Stopped => return Ok(Followed::Stopped),
            Over::Moved => {}
        }
    }
}

/// Writes what comes into the pane, until its end, and counts it.
///
/// # Errors
/// Those of read(2) and of the pane.
pub(super) fn copy<S: Read + AsFd>(
    context: &Context,
    ear: &Ear,
    stream: &mut S,
    patience: Patience,
    read: &mut u64,
) -> io::Result<Over> {
    let mut out = context.stdout();
    let mut buffer = vec![0; CHUNK];
    let mut asks = patience.asks;
    let over = loop {
        let waited =
            if std::mem::take(&mut asks) { Waited::Readable } else { wait(context, ear, stream, patience)? };
        match waited {
            Waited::Readable => {}
            Waited::Not => continue,
            Waited::Moved => break Over::Moved,
            Waited::Stopped => break Over::Stopped,
        }
        match stream.read(&mut buffer) {
            Ok(0) => break Over::End,
            Ok(count) => {
                *read += count as u64;
                out.write_all(&buffer[..count])?;
                // More is seldom there at once: what has no end yet is to be seen.
                out.flush()?;
            }
            Err(error) if [ErrorKind::Interrupted, ErrorKind::WouldBlock].contains(&error.kind()) => {}
            // The kernel's log, which began to write over what was not read yet.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                context.rule("some of it was overwritten before it was read");
            }
            // A terminal whose other side is closed.
            Err(error) if error.raw_os_error() == Some(Errno::EIO as i32) => break Over::End,
            Err(error) => return Err(error),
        }
    };
    ear.await_no_more(stream);
    Ok(over)
}

/// What a wait for a stream came to.
enum Waited {
    Readable,
    Not,
    Moved,
    Stopped,
}

fn wait(context: &Context, ear: &Ear, stream: &impl AsFd, patience: Patience) -> io::Result<Waited> {
    if context.stop_requested() {
        return Ok(Waited::Stopped);
    }
    if is_readable(stream) {
        return Ok(Waited::Readable);
    }
    match ear.await_readable(stream) {
        // It can always be read.
        Err(Errno::EPERM) => return Ok(Waited::Readable),
        Err(errno) => return Err(errno.into()),
        Ok(()) => {}
    }
    let look = if patience.looks { after(LOOK) } else { never() };
    select! {
        recv(context.stop_receiver()) -> _ => Ok(Waited::Stopped),
        recv(ear.woken()) -> _ => {
            let moved = patience.hears_moves && ear.take_moved();
            Ok(if moved { Waited::Moved } else { Waited::Not })
        }
        recv(look) -> _ => Ok(Waited::Moved),
    }
}
