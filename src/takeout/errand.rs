//! A program of a task: started by the supervisor, fed with an excerpt, waited for, cancelled.

use super::desk::{Bench, next_number};
use crate::output::{Excerpt, Form, Said};
use crate::protocol::{Command, Errand, ErrandEnd, ErrandPlace, Standard};
use crate::sys::feed::{self, Stopper};
use crossbeam_channel::{Receiver, bounded, select};
use std::ffi::OsString;
use std::io::{self, PipeWriter};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How much of an excerpt is held at once.
pub(super) const PIECE: usize = 256 * 1024;

/// A program that was asked for.
pub(super) struct Asked {
    id: u64,
    pub(super) ended: Receiver<ErrandEnd>,
}

/// How waiting for it came out.
pub(super) enum Outcome {
    Ended(ErrandEnd),
    Cancelled,
}

/// Asks for a program.
pub(super) fn ask(
    bench: &Bench,
    argv: Vec<OsString>,
    standard: Standard,
    place: ErrandPlace,
    at_most: Option<Duration>,
) -> Asked {
    let (ended, told) = bounded(1);
    let id = next_number();
    let standard = Arc::new(standard);
    bench.guest.send(Command::Run(Errand { id, argv, standard, place, at_most, ended }));
    Asked { id, ended: told }
}

impl Asked {
    /// Until it has ended, by itself or because the task was cancelled.
    pub(super) fn wait(&self, bench: &Bench) -> Outcome {
        let over = || Err("minder is ending".to_owned());
        select! {
            recv(self.ended) -> end => Outcome::Ended(end.unwrap_or_else(|_| over())),
            recv(bench.cancelled) -> _ => {
                bench.guest.send(Command::CancelErrand(self.id));
                // The supervisor is bound to say so; where it is over itself, the channel is closed.
                let _ = self.ended.recv();
                Outcome::Cancelled
            }
        }
    }
}

/// A thread that writes to a program's input, until it is dropped or the program reads no more.
pub(super) struct Feeder {
    stopper: Option<Stopper>,
    thread: Option<JoinHandle<io::Result<Said>>>,
}

/// Starts to write an excerpt.
pub(super) fn feed(bench: &Bench, mut excerpt: Excerpt, form: Form, to: PipeWriter) -> io::Result<Feeder> {
    let (stop, stopped) = feed::stopper()?;
    let progress = Arc::clone(&bench.progress);
    let write = move || {
        let (mut piece, mut bytes) = (Vec::new(), 0);
        loop {
            piece.clear();
            let said = excerpt.write(form, PIECE, &mut piece)?;
            bytes += piece.len() as u64;
            match feed::write_all(&to, &piece, &stopped) {
                Ok(true) => progress.set(said.lines, bytes, excerpt.left()),
                Ok(false) => return Ok(said),
                // It has read enough: a pager that was left, `head`.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(said),
                Err(error) => return Err(error),
            }
            if said.over {
                return Ok(said);
            }
        }
    };
    let thread = thread::Builder::new().name("takeout-feeder".into()).spawn(write)?;
    Ok(Feeder { stopper: Some(stop), thread: Some(thread) })
}

impl Feeder {
    /// Stops it; what it wrote, or why it could not.
    pub(super) fn stop(mut self) -> io::Result<Said> {
        self.stopper = None;
        let joined = self.thread.take().and_then(|thread| thread.join().ok());
        joined.unwrap_or_else(|| Err(io::Error::other("the thread that wrote has panicked")))
    }
}

/// `/dev/null`, for reading and writing.
pub(super) fn null() -> io::Result<OwnedFd> {
    Ok(std::fs::OpenOptions::new().read(true).write(true).open("/dev/null")?.into())
}

/// minder's own terminal, once more.
pub(super) fn terminal() -> io::Result<OwnedFd> {
    io::stdout().as_fd().try_clone_to_owned()
}

/// The words of a command of the user's: as they are where they are plain, else a shell's.
pub(super) fn argv(command: &str, more: &[OsString]) -> Vec<OsString> {
    let plain = |c: char| c.is_alphanumeric() || " _-+./=:,@%".contains(c);
    // `VARIABLE=value program` is a shell's to understand.
    let sets = command.split_whitespace().next().is_some_and(|first| first.contains('='));
    if command.chars().all(plain) && !sets {
        return command.split_whitespace().map(OsString::from).chain(more.iter().cloned()).collect();
    }
    let script = if more.is_empty() { command.to_owned() } else { format!("{command} \"$@\"") };
    let shell = ["sh", "-c", &script, "sh"].map(OsString::from);
    shell.into_iter().chain(more.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_need_no_shell() {
        let file = [OsString::from("a file")];
        assert_eq!(argv("less -R", &[]), ["less", "-R"]);
        assert_eq!(argv("vim -u NONE", &file), ["vim", "-u", "NONE", "a file"]);
        assert_eq!(argv("FOO=1 vi", &[]), ["sh", "-c", "FOO=1 vi", "sh"]);
        assert_eq!(argv("x='1 2' vi", &file), ["sh", "-c", "x='1 2' vi \"$@\"", "sh", "a file"]);
    }
}
