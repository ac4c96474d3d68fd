//! An excerpt into a shell's command, whose output is read along.

use super::capture::Captured;
use super::desk::{Bench, News};
use super::errand::{self, Outcome};
use super::save::in_words;
use super::words::gone;
use crate::output::{Excerpt, Form, Said};
use crate::protocol::{ErrandPlace, Standard};
use crate::sys::feed;
use crossbeam_channel::bounded;
use std::io::{self, PipeReader};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// A command that takes longer is ended.
const AT_MOST: Duration = Duration::from_mins(10);
/// How long what it started may go on to write after its own end.
const DRAIN: Duration = Duration::from_millis(200);
/// What is read after that at most: what floods on must not keep us.
const LAST_WORDS: usize = 4 << 20;

pub(super) fn run(bench: &Bench, excerpt: Excerpt, command: &str, captured: &Arc<Captured>) -> News {
    News::Piped(match pipe(bench, excerpt, command, captured) {
        Ok((Outcome::Ended(Ok(status)), said)) => format!("{status}{}", gone(said.gone)),
        Ok((Outcome::Ended(Err(why)), _)) => why,
        Ok((Outcome::Cancelled, _)) => "cancelled".into(),
        Err(error) => format!("cannot run it: {}", in_words(&error)),
    })
}

fn pipe(
    bench: &Bench,
    excerpt: Excerpt,
    command: &str,
    captured: &Arc<Captured>,
) -> io::Result<(Outcome, Said)> {
    let (input, to) = io::pipe()?;
    let (from, output) = io::pipe()?;
    let errors = output.try_clone()?;
    let standard = Standard { stdin: input.into(), stdout: output.into(), stderr: errors.into() };
    let argv = ["sh", "-c", command].map(Into::into).into();
    let (stop, stopped) = feed::stopper()?;
    let (reading, read) = bounded::<()>(0);
    let told = Arc::clone(captured);
    thread::Builder::new().name("takeout-reader".into()).spawn(move || {
        let _reading = reading;
        read_all(&from, &told, &stopped);
    })?;
    let asked = errand::ask(bench, argv, standard, ErrandPlace::Apart, Some(AT_MOST));
    let feeder = errand::feed(bench, excerpt, Form::Plain, to)?;
    let outcome = asked.wait(bench);
    // What it left in the background may hold both of its ends and do nothing with them.
    let fed = feeder.stop();
    let _ = read.recv_timeout(DRAIN);
    drop(stop);
    // Now it waits for nothing: it reads what is there, and ends.
    let _ = read.recv();
    fed.map(|said| (outcome, said))
}

fn read_all(from: &PipeReader, captured: &Captured, stopped: &feed::Stopped) {
    let mut buffer = vec![0; 64 * 1024];
    // A failure is an end.
    while let Ok(count @ 1..) = feed::read(from, &mut buffer, stopped) {
        captured.add(&buffer[..count]);
    }
    // It may have been told to stop before it had its turn: what is there was said in time.
    let mut left = LAST_WORDS;
    while left > 0
        && let Ok(count @ 1..) = feed::read_now(from, &mut buffer)
    {
        captured.add(&buffer[..count]);
        left = left.saturating_sub(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_was_said_before_the_stop_is_read_however_late() {
        let (from, mut output) = io::pipe().unwrap();
        let (stop, stopped) = feed::stopper().unwrap();
        // What a pipe holds; it stays open, as with a grandchild.
        output.write_all(&vec![b'x'; 64 * 1024]).unwrap();
        drop(stop);
        let captured = Captured::default();
        read_all(&from, &captured, &stopped);
        assert_eq!(captured.so_far().1, 64 * 1024);
        drop(output);
    }
}
