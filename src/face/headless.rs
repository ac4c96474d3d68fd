//! minder without a terminal: the supervisor on this thread, the printer on another.

use super::{FAREWELL, Ground, Job, last_words, mind, panics};
use crate::headless::{self, Settings};
use crate::protocol::{Command, Size};
use crate::supervisor::{Options, Outcome, Supervisor};
use crossbeam_channel::{Receiver, bounded};
use std::{io, thread};

/// The terminal that pty workers are shown where there is none to measure.
const SIZE: Size = Size { columns: 80, rows: 24 };

/// Minds the job until nothing of it runs. `None` if the supervisor itself panicked.
///
/// # Errors
/// When the threads that serve it cannot be started; nothing was.
pub fn headless(ground: &Ground, job: Job, settings: Settings) -> io::Result<Option<Outcome>> {
    let supervisor = Supervisor::new(
        job.specs,
        Options {
            size: SIZE,
            emulate: false,
            end_at_rest: true,
            forward_signals: job.forward_signals,
            sample: false,
            keep_ignored: ground.ignored.clone(),
            descriptors: ground.descriptors,
            guardian: ground.guardian,
        },
    )?;
    let guest = supervisor.guest();
    let guest_of_hook = guest.clone();
    panics::keep_messages(move || guest_of_hook.send(Command::Panicked));
    let (printing, printed) = bounded::<()>(1);
    thread::Builder::new().name("printer".into()).spawn(move || {
        let _printing = printing;
        headless::run(&guest, settings, io::stdout(), io::stderr());
    })?;
    let outcome = mind(|| {
        panics::rehearse("main");
        supervisor.run(ground.ears.clone(), None)
    });
    let asked = outcome.as_ref().is_none_or(|outcome| outcome.by.is_some());
    await_printer(ground, &printed, asked);
    last_words(outcome.as_ref().map_or(&[], |outcome| &outcome.survivors), &panics::messages());
    Ok(outcome)
}

/// What was said must be printed, as long as that takes: our reader may be slow. But where we were
/// asked to end, or are asked to now, a reader that takes nothing does not keep us.
fn await_printer(ground: &Ground, printed: &Receiver<()>, asked: bool) {
    if asked {
        let _ = printed.recv_timeout(FAREWELL);
        return;
    }
    loop {
        crossbeam_channel::select! {
            recv(printed) -> _ => return,
            recv(ground.ears.signals) -> signal => match signal {
                Ok(signal) if signal.ends() => {
                    let _ = printed.recv_timeout(FAREWELL);
                    return;
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}
