//! minder minds child processes, and threads beside them: it starts them, shows what they say,
//! restarts them, and ends them for good, with everything that they started.
//!
//! There is a program, `minder`, and this library, with which your own program minds its children
//! and its threads, with or without the screen. Its API is young and may still change. First the
//! library in ten minutes; below it the map of the house, for whoever changes it.
//!
//! # The library in ten minutes
//!
//! Say what is to be minded, and run it: here until nothing runs any more, or in the background with
//! [`Supervisor::start`].
//!
//! ```
//! use minder::{Spec, Supervisor};
//!
//! let mut supervisor = Supervisor::new();
//! supervisor.add(Spec::shell("greeter", "echo hello; sleep 0.1; echo goodbye"))?;
//! let answer = supervisor.add_thread(Spec::thread("thinker", "thinks"), |_context| Ok::<_, String>(42))?;
//! supervisor.run()?;
//! assert_eq!(answer.join(None)?, 42);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Spec`] says all that is known of a worker before it runs; its fields are yours to set: the
//! folder, the environment, limits, how it is stopped, whether it is restarted.
//!
//! ```
//! use minder::spec::RestartWhen;
//! use minder::{Spec, Supervisor};
//! use std::time::Duration;
//!
//! let mut web = Spec::exec("web", ["sleep", "1000"]);
//! web.env.vars.insert("PORT".into(), Some("8080".into()));
//! web.stop.grace = Duration::from_secs(2);
//! web.restart.when = RestartWhen::OnFailure;
//!
//! let running = Supervisor::new().start()?;
//! let web = running.add(web)?;
//! assert!(web.pid().is_some());
//! web.terminate();
//! println!("{}", web.wait(Some(Duration::from_secs(10)))?);   // SIGTERM (15)
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! // Dropped here, it stops what still runs and waits for it: no process is left, and no zombie.
//! ```
//!
//! ## Threads
//!
//! A thread worker is a closure that is given a [`Context`]: by it the thread hears that it should
//! stop, sleeps, writes to its pane, and says how far it is. What it returns is shown and comes out of
//! its handle; so are its error and its panic, which ends the worker and not your program.
//!
//! ```
//! use minder::{JoinError, Spec, Stopped, Supervisor};
//! use std::io::Write;
//! use std::time::Duration;
//!
//! let running = Supervisor::new().start()?;
//! let crawler = running.add_thread(Spec::thread("crawler", "fetches pages"), |context| {
//!     for page in 0..1000 {
//!         context.progress(page, 1000);
//!         let _ = writeln!(context.stdout(), "page {page}");
//!         context.sleep(Duration::from_millis(50))?;   // ends early when it is asked to stop
//!     }
//!     Ok::<_, Stopped>("all of them")
//! })?;
//! crawler.stop();
//! assert_eq!(crawler.join(None), Err(JoinError::Failed(Stopped)));
//!
//! let careless = running.add_thread(Spec::thread("careless", "panics"), |_| -> Result<(), String> {
//!     panic!("oh no")
//! })?;
//! assert!(matches!(careless.join(None), Err(JoinError::Panicked(panic)) if panic.message == "oh no"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Beside other channels, [`Context::stop_receiver`] is for `select!`. No thread can be killed. One
//! that does not stop within its grace is shown as such, can be abandoned
//! ([`ThreadHandle::abandon`]), and is abandoned when the supervisor ends: no end waits longer than the
//! grace. Nobody waits at all for a daemon ([`Spec::daemon`]).
//!
//! ## Talking to processes
//!
//! [`communicate`] runs one, gives it its input and gets all that it says: it cannot deadlock. With
//! [`Remote::open`] a conversation may last: its standard input is a writer, what it says is kept byte
//! for byte, apart or merged ([`spec::OutputKind`]).
//!
//! ```
//! use minder::{ExitStatus, Spec, Supervisor, communicate};
//! use std::io::Write;
//!
//! let said = communicate(Spec::exec("tr", ["tr", "a-z", "A-Z"]), b"quiet", None)?;
//! assert_eq!((said.stdout, said.status), (b"QUIET".to_vec(), ExitStatus::Exited(0)));
//!
//! let running = Supervisor::new().start()?;
//! let mut sum = running.open(Spec::shell("sum", "read a b; echo $((a + b)); exit 7"))?;
//! writeln!(sum.stdin().expect("it was just started"), "30 12")?;
//! let said = sum.communicate(b"", None)?;
//! assert_eq!((said.stdout, said.status), (b"42\n".to_vec(), ExitStatus::Exited(7)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Knowing what happens
//!
//! [`Remote::subscribe`] gives a [`Guest`] of your own: updates in order, the newest snapshot of all
//! facts, and what workers say. A [`Remote`] talks to the supervisor from any thread.
//!
//! ```
//! use minder::protocol::Update;
//! use minder::{Spec, Supervisor};
//!
//! let running = Supervisor::new().start()?;
//! let guest = running.subscribe().expect("it runs");
//! running.add(Spec::shell("job", "exit 3"))?;
//! let end = guest.updates().iter().find(|update| matches!(update, Update::Ended(..)));
//! assert!(end.is_some_and(|end| end.to_string().starts_with("exit 3")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Pools
//!
//! A [`pool`] runs jobs, with a supervisor or without. [`Supervisor::add_pool`] shows it as a worker:
//! what is queued, runs, is done and has failed.
//!
//! ```
//! use minder::{Pool, Supervisor};
//!
//! let pool = Pool::threads(4).name("squares").start()?;
//! let running = Supervisor::new().start()?;
//! running.add_pool(&pool)?;
//! let sum: Result<u64, _> = pool.map(1_u64..=10, |n| n * n).sum();
//! assert_eq!(sum, Ok(385));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Signals, the screen, and your program
//!
//! Nothing of your program is changed behind its back. [`Supervisor::hear_signals`] asks for signals:
//! in the background they are events ([`Running::signals`]), on the main thread they end the
//! supervisor as they end `minder`. [`Supervisor::run_screen`] draws the screen on your terminal,
//! [`Supervisor::run_headless`] prints. `examples/` has a server with worker threads and a child
//! database, a program with the screen, a crawler on a pool, and one that talks to processes.
//!
//! # The house
//!
//! A supervisor on one thread, the program's main one, owns every worker and every decision; the
//! reactor, the census, the screen and the printer are its guests or its servants. They tell it what
//! happened or ask it for something, and show what it publishes. This page is the map.
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
//! | [`threads`] | workers that are threads: context, writers, panics, joins | `guest`, `output` |
//! | `tail` | workers that follow files: which file is at a path, last lines, rotation, patterns | `threads`, `spec`, `sys` |
//! | [`reactor`] | workers' descriptors: terminals, pipes, pidfds, in one epoll | `output`, `sys` |
//! | [`pool`] | pools of threads and of processes that run jobs, for Rust programs; the order of jobs and a map's bound, pure | `sys`, `spec`, `status`, [`protocol::Pid`] |
//! | `panics` | what a panic of somebody else's closure said | nothing |
//! | `census` | looks at `/proc`: families, holders, samples | `sys` |
//! | [`output`] | what a worker says: its log of lines, and its screen | `protocol`'s sizes |
//! | [`takeout`] | what is taken out: clipboard, files, pager, editor, commands; a thread for each task | `guest`, `output`, `protocol`, `sys` |
//! | [`ui`], [`headless`], [`logger`] | the guests: the screen, the printer of lines and the writer of log files | `protocol`, `spec`, `output`, `takeout` |
//! | [`init`] | `minder init`: one command, as a container's init runs it | `sys`, `signal`, `status` |
//! | `embed` | this library's own words: a supervisor inside another program | `face`, `supervisor` |
//! | [`face`] | wires one guest to a supervisor and runs it to its end | all of them |
//! | [`sys`] | Linux: spawn, signals, ptys, limits, clocks; alone says `unsafe` | `protocol`, `spec` |
//!
//! `tests/structure.rs` holds the walls up.
//!
//! # Threads
//!
//! | Thread | Waits on | Never |
//! |---|---|---|
//! | main | signals before commands before ends of processes before answers, until the earliest deadline | writes to a terminal or a disk, looks through `/proc` (it reads the state of those that it signals, and its children), waits for a guest |
//! | `signals` | the pipe of its handlers; all other threads block signals | decides |
//! | `reactor` | one epoll | lets one flood starve the rest: a bounded part of each is read in a turn |
//! | `strangers` (once something is watched) | questions, what `notices` tells of pid files, and twice a second while a process is watched or looked for by its name | signals anybody |
//! | `census` | questions, and once a second while somebody looks or a worker has a bound of its own | acts on what it sees, reads in detail what nobody inspects |
//! | `keeper` | logs that grew out of their memory: it packs what is old, writes older lines to the disk or drops them; all others go first (nice 10) | holds a lock while it does |
//! | `logger` (where a worker has a log file), `gzip` | lines, its disk | holds a worker up |
//! | `screen` | keys, changes, its frame's time | asks a worker anything |
//! | `input` | the terminal's keys | draws |
//! | `searcher`, once it is needed | what to look for, and more lines | holds a key, a worker or a frame up |
//! | thread workers, by name | their own work | hold anything up: who does not answer is let go |
//! | `notices` (where files are followed or a pid file is awaited) | what inotify tells, streams that can be read | reads a file |
//! | `joiner` | threads that are over | decides |
//! | `takeout` (while something is taken out) | a disk, a program's pipes, its end | starts or signals: that is an errand of main's |
//! | `printer` (headless, instead of the two above) | changes, its reader | holds main up |
//!
//! Main alone starts, signals and reaps, so a pid that it counts as alive cannot have been reused.
//! Guests hold names, not pids. In a [`pool`] each worker's thread (`NAME/1` …) does so for its own
//! processes, and waits on all of one by one poll.
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
//! The pidfd is readable → the reactor says [`Event::Ended`](reactor::Event::Ended) (where there are no
//! pidfds: SIGCHLD comes, and main looks at each) → main asks how
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
//! | what to do about a file that was rotated, truncated or deleted | `tail/course.rs` |
//! | which files match a pattern | `tail/pattern.rs`; looked for on the disk: `tail/walk.rs` |
//! | whether it runs away | `supervisor/runaway.rs`; what is done then: `supervisor/engine/watching.rs` |
//! | when a timer's next run is due, and what it comes to while the last one is on | `spec/schedule.rs`, `supervisor/timer.rs` |
//! | what a signal to minder, a second quit, a rest mean | `supervisor/ending.rs`, `supervisor/engine.rs` |
//! | what becomes of a pager, a filter, a clipboard's tool; who has the terminal meanwhile | `supervisor/errand.rs`, `supervisor/engine/errands.rs` |
//! | what is selected, and what a drag or a key makes of it | `ui/selection/` |
//! | by which ways text gets to the clipboard | `takeout/clipboard.rs` |
//! | what a child inherits | `supervisor/launch.rs`, `sys/spawn.rs` |
//! | what a failed start is called and its mend | `sys/spawn_error.rs` |
//! | the words of states, ends and updates | `protocol.rs`, `status.rs` |
//! | how a process that minder did not start is found, and what ends the watch | `census/strangers.rs`, `supervisor/life/watched.rs` |
//! | whom one signal to one process may reach | `supervisor/single.rs` |
//! | what is read of an inspected process | `census/inspect.rs`, `sys/detail.rs` |
//! | the exit code | `cli/exit.rs`, `main.rs` |
//! | keys, their names and their docs | `ui/keymap.rs` |
//! | what a worker is sent for a key | `ui/encode.rs`, `ui/kitty.rs`; what it asked for: `output/screen/keyboard.rs` |
//! | keys of a config, their types, defaults and docs | `config/schema.rs` |
//! | how many cells a grid has, and where each stands; of which size their terminals are | `ui/grid/cells.rs`, `ui/grid/mod.rs` |
//! | which rows stand in a window, in which order | `output/reading/` |
//! | which lines match, and which look like errors | `output/search/` |
//! | how much a worker's log keeps, and what goes first | `output/log/shelf.rs`; all together: `output/log/budget.rs` |
//! | when a log file is put aside | `logger/rotating.rs` |
//! | which job of a pool is next, what is counted; how far a map runs ahead | `pool/order.rs`, `pool/window.rs` |
//! | what belongs to a job's process and is ended with it | `pool/process/tree.rs` |

pub use pool::Pool;

mod census;
pub mod cli;
pub mod config;
mod embed;
pub mod face;
pub mod guardian;
pub mod guest;
pub mod headless;
pub mod init;
pub mod logger;
pub mod output;
mod panics;
pub mod pool;
pub mod protocol;
pub mod reactor;
pub mod signal;
pub mod spec;
pub mod status;
mod suggest;
pub mod supervisor;
pub mod sys;
mod tail;
pub mod takeout;
pub mod threads;
pub mod ui;

pub use embed::{
    CommunicateError, Communicated, Conversation, ProcessHandle, Remote, Running, StdinWriter, Supervisor,
    ThreadHandle, WaitError, communicate,
};
pub use guest::Guest;
pub use headless::Settings;
pub use signal::Signal;
pub use spec::{Spec, WorkerName};
pub use status::{ExitStatus, ThreadEnd};
pub use supervisor::{AddError, Outcome};
pub use threads::{Context, JoinError, Stopped};
pub use ui::Keymap;
