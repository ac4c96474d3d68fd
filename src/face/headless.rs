//! minder without a terminal: the supervisor on this thread, the printer on another.

use super::logs::LogFiles;
use super::{FAREWELL, Ground, Job, Minded, last_words, mind, panics};
use crate::guest::Guest;
use crate::headless::{self, OnFull, Out, Settings};
use crate::output::KeyFlags;
use crate::protocol::{Command, Size};
use crate::supervisor::{Footing, Options, Supervisor};
use crate::sys::patient::Patient;
use crate::sys::reader;
use crossbeam_channel::{Receiver, bounded};
use std::time::Duration;
use std::{io, thread};

/// The terminal that pty workers are shown where there is none to measure.
const SIZE: Size = Size { columns: 80, rows: 24 };

/// Minds the job until nothing of it runs.
///
/// # Errors
/// When the threads that serve it cannot be started; nothing was.
pub fn headless(ground: &Ground, job: Job, settings: Settings) -> io::Result<Minded> {
    let footing = job.footing;
    let files = LogFiles::of(&job.workers);
    let supervisor = Supervisor::with(
        job.inbox,
        job.workers,
        Options {
            footing,
            size: SIZE,
            emulate: false,
            printed: settings.on_full == OnFull::Block,
            keyboard: KeyFlags::NONE,
            interactive: false,
            end_at_rest: true,
            forward_signals: job.forward_signals,
            sample: false,
            log: job.log,
            listeners: files.listeners(),
            keep_ignored: ground.ignored.clone(),
            descriptors: ground.descriptors,
            guardian: ground.guardian,
        },
    )?;
    let guest = supervisor.guest();
    let logs = files.start(supervisor.guest())?;
    let guest_of_hook = guest.clone();
    let hook = panics::Hook::keep_messages(footing, move || guest_of_hook.send(Command::Panicked));
    if footing == Footing::Own {
        watch_reader(supervisor.guest())?;
    }
    let (printing, printed) = bounded(1);
    let out = Patient::beside(&io::stderr(), &io::stdout())?;
    thread::Builder::new().name("printer".into()).spawn(move || {
        let complete = headless::run(&guest, settings, out, io::stderr());
        // Nobody waits any more: we were asked to end, and the reader took too long.
        let _ = printing.send(complete);
    })?;
    let outcome = mind(footing, || {
        panics::rehearse("main");
        supervisor.run(ground.ears.clone(), None)
    });
    let asked = outcome.as_ref().is_none_or(|outcome| outcome.by.is_some());
    let printed = await_printer(ground, &printed, asked);
    logs.finish();
    last_words(outcome.as_ref().map_or(&[], |outcome| &outcome.survivors), &hook.messages());
    Ok(Minded { outcome, printed })
}

impl Out for Patient {
    fn await_room(&mut self, at_most: Duration) -> bool {
        Self::await_room(self, at_most)
    }
}

/// Tells the supervisor when our reader leaves: while workers are quiet, no write would. The thread
/// ends with the process.
fn watch_reader(guest: Guest) -> io::Result<()> {
    thread::Builder::new().name("reader".into()).spawn(move || {
        if reader::await_departure(&io::stdout()) {
            guest.send(Command::ReaderGone);
        }
    })?;
    Ok(())
}

/// What was said must be printed, as long as that takes: our reader may be slow. But where we were
/// asked to end, or are asked to now, a reader that takes nothing does not keep us. Whether all of it is
/// printed.
fn await_printer(ground: &Ground, printed: &Receiver<bool>, asked: bool) -> bool {
    if asked {
        return printed.recv_timeout(FAREWELL).unwrap_or(false);
    }
    loop {
        crossbeam_channel::select! {
            recv(printed) -> complete => return complete.unwrap_or(false),
            recv(ground.ears.signals) -> signal => match signal {
                Ok(signal) if signal.ends() => {
                    return printed.recv_timeout(FAREWELL).unwrap_or(false);
                }
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }
}
