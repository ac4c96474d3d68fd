//! minder minds your child processes: a supervisor on the main thread owns every worker and every
//! decision; the reactor, the census, the screen and the printer are its guests or its servants.
//! They tell it what happened or ask it for something, and show what it publishes.
//!
//! This page is the map of the house. The library is the binary's own; its API is not stable yet.
//!
//! # Rooms
//!
//! | Room | What it owns | Knows |
//! |---|---|---|
//! | `main.rs` | the command line's meaning for this process, exit codes | every room below |
//! | [`cli`] | what can be typed, help, man page, completions, the exit code's rule | `config`, `protocol` |
//! | [`config`] | `minder.toml` and `Procfile` → [`spec::Spec`], and every mistake on the way | `spec`, `signal` |
//! | [`spec`] | what was declared, resolved | `signal` |
//! | [`protocol`] | what guests and supervisor share: [`Command`](protocol::Command) in, [`Update`](protocol::Update) and [`Snapshot`](protocol::Snapshot) out | `spec`, `status` |
//! | [`guest`] | the channels between them: none blocks, none grows without bound | `protocol`, `output` |
//! | [`supervisor`] | the loop; the pure machines of a worker's life and of restarts | all but guests |
//! | [`reactor`] | workers' descriptors: terminals, pipes, pidfds, in one epoll | `output`, `sys` |
//! | `census` | looks at `/proc`: families, holders, samples | `sys` |
//! | [`output`] | what a worker says: its log of lines, and its screen | `protocol`'s sizes |
//! | [`takeout`] | what is taken out: clipboard, files, pager, editor, commands; a thread for each task | `guest`, `output`, `protocol`, `sys` |
//! | [`ui`], [`headless`] | the guests: the screen and the printer of lines | `protocol`, `spec`, `output`, `takeout` |
//! | [`init`] | `minder init`: one command, as a container's init runs it | `sys`, `signal`, `status` |
//! | [`face`] | wires one guest to a supervisor and runs it to its end | all of them |
//! | [`sys`] | Linux: spawn, signals, ptys, limits, clocks; alone says `unsafe` | `protocol`, `spec` |
//!
//! `tests/structure.rs` holds the walls up.
//!
//! # Threads
//!
//! | Thread | Waits on | Never |
//! |---|---|---|
//! | main | signals before commands before ends of processes before answers, until the earliest deadline | writes to a terminal or a disk, reads `/proc`, waits for a guest |
//! | `signals` | the pipe of its handlers; all other threads block signals | decides |
//! | `reactor` | one epoll | lets one flood starve the rest: one read each in a turn |
//! | `census` | questions, and once a second while somebody looks | acts on what it sees, reads in detail what nobody inspects |
//! | `screen` | keys, changes, its frame's time | asks a worker anything |
//! | `input` | the terminal's keys | draws |
//! | `takeout` (while something is taken out) | a disk, a program's pipes, its end | starts or signals: that is an errand of main's |
//! | `printer` (headless, instead of the two above) | changes, its reader | holds main up |
//!
//! Main alone starts, signals and reaps, so a pid that it counts as alive cannot have been reused.
//! Guests hold names, not pids.
//!
//! # A key, from press to frame
//!
//! `input` reads it → `ui::run` → the keymap makes it an action → `ui::actions` makes that a
//! [`Command`](protocol::Command) → [`Guest::send`](guest::Guest::send) → main's inbox →
//! `Supervisor::obey` → an input for the worker's machine, `supervisor::life` → its effects, carried
//! out by the engine through [`sys`] → a new snapshot on the board, and an update → the screen is
//! woken → a frame, of which what differs is written, in one piece.
//!
//! # An exit, from kernel to word
//!
//! The pidfd is readable → the reactor says [`Event::Ended`](reactor::Event::Ended) → main asks how
//! it ended but does not reap: the zombie keeps its pid and its group from being used again → what is
//! left of the group is ended → its last output is read, for a moment only → reaped, or left a zombie
//! where `reap = "manual"` → [`Update::Ended`](protocol::Update::Ended), a rule in its pane, and the
//! restart policy's word on what comes next.
//!
//! # Where each decision is written
//!
//! | What | Where |
//! |---|---|
//! | what happens next in a worker's life; stop, escalate, sweep, drain, reap | `supervisor/life.rs` |
//! | whether and when it is started again | `supervisor/restart.rs` |
//! | what a signal to minder, a second quit, a rest mean | `supervisor/ending.rs`, `supervisor/engine.rs` |
//! | what becomes of a pager, a filter, a clipboard's tool; who has the terminal meanwhile | `supervisor/errand.rs`, `supervisor/engine/errands.rs` |
//! | what is selected, and what a drag or a key makes of it | `ui/selection/` |
//! | by which ways text gets to the clipboard | `takeout/clipboard.rs` |
//! | what a child inherits | `supervisor/launch.rs`, `sys/spawn.rs` |
//! | what a failed start is called and its mend | `sys/spawn_error.rs` |
//! | the words of states, ends and updates | `protocol.rs`, `status.rs` |
//! | whom one signal to one process may reach | `supervisor/single.rs` |
//! | what is read of an inspected process | `census/inspect.rs`, `sys/detail.rs` |
//! | the exit code | `cli/exit.rs`, `main.rs` |
//! | keys, their names and their docs | `ui/keymap.rs` |
//! | keys of a config, their types, defaults and docs | `config/schema.rs` |
//! | how much a worker's log keeps, and what goes first | `output/log.rs` |
//!
//! # Minding workers from Rust
//!
//! On the main thread, before any other is started:
//!
//! ```no_run
//! use crossbeam_channel::{bounded, unbounded};
//! use minder::protocol::Size;
//! use minder::spec::{RestartWhen, Spec};
//! use minder::supervisor::{Ears, Options, Supervisor};
//! use minder::sys::{limits, signals};
//!
//! # fn main() -> std::io::Result<()> {
//! let keep_ignored = signals::ignored_at_start();
//! let (heard, signals) = unbounded();
//! let (changed, children) = bounded(1);
//! signals::listen(&keep_ignored, heard, changed)?;
//!
//! let mut web = Spec::shell("web", "echo hello; sleep 1; exit 3");
//! web.restart.when = RestartWhen::No;
//! let options = Options {
//!     size: Size { columns: 80, rows: 24 },
//!     emulate: false,
//!     interactive: false,
//!     end_at_rest: true,
//!     forward_signals: false,
//!     sample: false,
//!     keep_ignored,
//!     descriptors: limits::raise_descriptors(),
//!     guardian: None,
//! };
//! let supervisor = Supervisor::new(vec![web], options)?;
//!
//! let guest = supervisor.guest();
//! let told = std::thread::spawn(move || guest.updates().iter().for_each(|update| println!("{update}")));
//! let outcome = supervisor.run(Ears { signals, children }, None);
//! told.join().expect("it only prints");
//! for worker in &outcome.snapshot.workers {
//!     println!("{}: {}", worker.name, worker.state.word());
//! }
//! # Ok(())
//! # }
//! ```

mod census;
pub mod cli;
pub mod config;
pub mod face;
pub mod guardian;
pub mod guest;
pub mod headless;
pub mod init;
pub mod output;
pub mod protocol;
pub mod reactor;
pub mod signal;
pub mod spec;
pub mod status;
mod suggest;
pub mod supervisor;
pub mod sys;
pub mod takeout;
pub mod ui;
