//! Log files: every line of the workers that have one, written as it comes by a thread that reads their
//! logs. A guest: no worker waits for its disk, and what a disk is too slow or too full for is counted
//! in the file.

mod format;
mod gzip;
mod rotating;
mod writer;

use crate::guest::Guest;
use crate::protocol::Command;
use crate::spec::{LogFile, WorkerName};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::time::{Duration, Instant, SystemTime};
use std::{io, thread};
use writer::{Pumped, Writer};

/// How soon a file that cannot be written is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Where it reads the time.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    /// For waiting.
    pub now: fn() -> Instant,
    /// For names and ages of files.
    pub wall: fn() -> SystemTime,
}

impl Clocks {
    fn moment(self) -> Moment {
        Moment { now: (self.now)(), wall: (self.wall)() }
    }
}

/// Now, on both clocks.
#[derive(Debug, Clone, Copy)]
struct Moment {
    now: Instant,
    wall: SystemTime,
}

/// The thread that writes log files.
#[derive(Debug)]
pub struct Logger {
    over: Sender<()>,
    done: Receiver<bool>,
}

impl Logger {
    /// Starts the thread. `woken` holds a token when a worker said something.
    ///
    /// # Errors
    /// When the thread cannot be had.
    pub fn start(
        files: Vec<(WorkerName, LogFile)>,
        guest: Guest,
        woken: Receiver<()>,
        clocks: Clocks,
    ) -> io::Result<Self> {
        let (over, is_over) = bounded(1);
        let (doing, done) = bounded(1);
        thread::Builder::new().name("logger".into()).spawn(move || {
            let mut gzip = gzip::Gzip::default();
            let moment = clocks.moment();
            let one = |(name, file)| {
                let output = guest.output(&name)?.clone();
                Some(Writer::new(name, file, output, moment, &mut gzip))
            };
            let writers = files.into_iter().filter_map(one).collect();
            let complete = Thread { writers, gzip, guest, woken, over: is_over, clocks }.run();
            // Nobody waits any more: it took too long.
            let _ = doing.send(complete);
        })?;
        Ok(Self { over, done })
    }

    /// Nothing more will be said: writes what is left, for at most this long. Whether all is written.
    pub fn finish(self, within: Duration) -> bool {
        let _ = self.over.send(());
        self.done.recv_timeout(within).unwrap_or(false)
    }
}

struct Thread {
    writers: Vec<Writer>,
    gzip: gzip::Gzip,
    guest: Guest,
    woken: Receiver<()>,
    over: Receiver<()>,
    clocks: Clocks,
}

impl Thread {
    /// Writes until all is over. Whether all of it is written.
    fn run(mut self) -> bool {
        let mut ending = false;
        loop {
            // Taken before the look, so that what comes during it wakes again.
            let _ = self.woken.try_recv();
            ending = ending || self.over.try_recv().is_ok();
            let (mut more, mut failing) = (false, false);
            for writer in &mut self.writers {
                if ending {
                    writer.hurry();
                }
                let (pumped, words) = writer.pump(self.clocks.moment(), &mut self.gzip);
                more |= pumped == Pumped::More;
                failing |= pumped == Pumped::Failing;
                if let Some(words) = words {
                    self.guest.send(Command::Tell(words.into()));
                }
            }
            if more {
                continue;
            }
            if ending {
                return !failing;
            }
            ending = self.wait(failing);
        }
    }

    /// Whether all is over.
    fn wait(&self, failing: bool) -> bool {
        let retry = if failing { crossbeam_channel::after(RETRY) } else { crossbeam_channel::never() };
        crossbeam_channel::select! {
            recv(self.over) -> _ => true,
            recv(self.woken) -> _ => false,
            recv(retry) -> _ => false,
        }
    }
}
