//! minder on a terminal: the supervisor on this thread, the screen and its keys on two others.

use super::logs::LogFiles;
use super::{FAREWELL, Ground, Job, Minded, last_words, mind, panics};
use crate::guest::Guest;
use crate::output::KeyFlags;
use crate::protocol::{Command, ScreenOrder, Size};
use crate::supervisor::{Options, Screen, Supervisor};
use crate::sys::terminal::Terminal;
use crate::sys::{clock, job_control};
use crate::takeout::Desk;
use crate::ui::{self, Keymap, Settings, Surface};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use crossterm::event::{self, Event};
use std::io::{self, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Minds the job on this terminal until it is quit.
///
/// # Errors
/// When the threads that serve it cannot be started; nothing was.
pub fn screen(
    ground: &Ground,
    job: Job,
    terminal: Terminal,
    keymap: Keymap,
    keyboard: KeyFlags,
    color: bool,
) -> io::Result<Minded> {
    let terminal = Arc::new(terminal);
    let footing = job.footing;
    let files = LogFiles::of(&job.workers);
    let supervisor = Supervisor::with(
        job.inbox,
        job.workers,
        Options {
            footing,
            size: terminal.size(),
            emulate: true,
            printed: false,
            keyboard,
            interactive: true,
            end_at_rest: false,
            forward_signals: job.forward_signals,
            sample: true,
            log: job.log,
            listeners: files.listeners(),
            keep_ignored: ground.ignored.clone(),
            descriptors: ground.descriptors,
            guardian: ground.guardian,
        },
    )?;
    let guest = supervisor.guest();
    let logs = files.start(supervisor.guest())?;
    let (terminal_of_hook, guest_of_hook) = (Arc::clone(&terminal), guest.clone());
    let hook = panics::Hook::keep_messages(footing, move || {
        terminal_of_hook.leave();
        guest_of_hook.send(Command::Panicked);
    });
    let keys = read_keys(Arc::clone(&terminal), guest.clone())?;
    // Held by the screen and by each task: all are waited for.
    let (busy, left) = bounded(1);
    let desk = Desk::new(guest.clone(), Some(busy));
    let settings = Settings { keymap, color, now: clock::now, wall: clock::wall, zone: clock::zone(), desk };
    let orders = draw(Arc::clone(&terminal), guest, keys, settings)?;
    let outcome = mind(footing, || {
        panics::rehearse("main");
        let stuck = Arc::clone(&terminal);
        let give_back = Box::new(move || stuck.leave());
        supervisor.run(ground.ears.clone(), Some(Screen { orders, give_back }))
    });
    // The screen gives the terminal back itself and what is being written goes; a terminal that takes nothing is not waited for.
    let _ = left.recv_timeout(FAREWELL);
    terminal.leave();
    terminal.close();
    logs.finish();
    last_words(outcome.as_ref().map_or(&[], |outcome| &outcome.survivors), &hook.messages());
    Ok(Minded { outcome, printed: true })
}

fn draw(
    terminal: Arc<Terminal>,
    guest: Guest,
    keys: Receiver<Event>,
    settings: Settings,
) -> io::Result<Sender<ScreenOrder>> {
    let (orders, taken) = unbounded();
    thread::Builder::new().name("screen".into()).spawn(move || {
        panics::rehearse("screen");
        ui::run(&guest, &taken, &keys, &mut Window { terminal, guest: guest.clone() }, settings);
    })?;
    Ok(orders)
}

/// How long more keys are waited for: crossterm looks at nothing, not even at what it has read, when
/// no time is left. (Its feature `use-dev-tty` polls by level; the other source polls by edge, and
/// forgets keys that come with a SIGWINCH.)
const MORE: Duration = Duration::from_millis(5);

/// Reads keys on a thread of their own: crossterm's reader may neither return nor sleep once the
/// terminal has hung up (crossterm issue 793), so it is asked only when there is something to read.
fn read_keys(terminal: Arc<Terminal>, guest: Guest) -> io::Result<Receiver<Event>> {
    let (keys, read) = unbounded();
    thread::Builder::new().name("input".into()).spawn(move || {
        while terminal.wait_for_keys() {
            while event::poll(MORE).unwrap_or(false) {
                let Ok(event) = event::read() else { break };
                if keys.send(event).is_err() {
                    return;
                }
            }
        }
        guest.send(Command::TerminalLost);
    })?;
    Ok(read)
}

/// The terminal as the screen uses it.
struct Window {
    terminal: Arc<Terminal>,
    guest: Guest,
}

impl Window {
    /// Nothing may land on the screen of whoever has the terminal now. The supervisor is told, and
    /// looks when it is ours again.
    fn is_in_background(&self) -> bool {
        let background = !job_control::in_foreground(&*self.terminal);
        if background {
            self.guest.send(Command::InBackground);
        }
        background
    }
}

impl Surface for Window {
    fn enter(&mut self) -> io::Result<()> {
        if self.is_in_background() {
            return Ok(());
        }
        self.terminal.enter()
    }

    fn leave(&mut self) -> io::Result<()> {
        self.terminal.leave();
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.terminal.size())
    }

    fn ask_keys(&mut self, flags: u8) -> io::Result<()> {
        if self.is_in_background() {
            return Ok(());
        }
        self.terminal.ask_keys(flags)
    }

    fn write(&mut self, frame: &[u8]) -> io::Result<()> {
        if self.is_in_background() {
            return Ok(());
        }
        (&*self.terminal).write_all(frame)
    }
}
