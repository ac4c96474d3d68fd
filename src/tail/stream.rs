//! What comes as it comes: standard input, fifos, devices. Read when there is something to read, so that
//! it can always stop.

use super::files::plain;
use super::reading::CHUNK;
use crate::sys::ear::Ear;
use crate::sys::notices::is_readable;
use crate::threads::Context;
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
    let over = copy(context, &ear, &mut std::fs::File::from(input), &mut read);
    match over.map_err(|error| plain(&error))? {
        Over::End => Ok(Followed::End(read)),
        Over::Stopped => Ok(Followed::Stopped),
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
    read: &mut u64,
) -> io::Result<Over> {
    let mut out = context.stdout();
    let mut buffer = vec![0; CHUNK];
    let over = loop {
        match wait(context, ear, stream)? {
            Waited::Readable => {}
            Waited::Not => continue,
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
    Stopped,
}

fn wait(context: &Context, ear: &Ear, stream: &impl AsFd) -> io::Result<Waited> {
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
    crossbeam_channel::select! {
        recv(context.stop_receiver()) -> _ => Ok(Waited::Stopped),
        recv(ear.woken()) -> _ => Ok(Waited::Not),
    }
}
