//! Pools of workers: give them jobs, take the results. What people know from Python's
//! `concurrent.futures` and `multiprocessing.Pool`, with every corner decided.
//!
//! ```
//! use minder::pool::Pool;
//!
//! let pool = Pool::threads(4).name("squares").start()?;
//!
//! let job = pool.submit(|| 6 * 7);
//! assert_eq!(job.result(), Ok(42));
//!
//! let lengths = pool.map(["one", "three", "twenty"], str::len);
//! assert_eq!(lengths.collect::<Result<Vec<_>, _>>(), Ok(vec![3, 5, 6]));
//!
//! let progress = pool.join();
//! assert_eq!((progress.done, progress.failed), (4, 0));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Three kinds
//!
//! | | A job is | Its result | A running job that is cancelled |
//! |---|---|---|---|
//! | [`Pool::threads`] | a closure | what it returns | is told ([`stop_requested`]), and ends when it likes |
//! | [`Pool::processes`] | a [`Spec`](crate::spec::Spec), run once | its [`Output`] and exit status | is ended, with all that it started |
//! | [`Pool::lines`] | a line for a long-lived process | the line that it answers | its process is ended, the next job gets another |
//!
//! There is no pool that runs closures in other processes, as `multiprocessing` does: a fork of a
//! program with threads may only make async-signal-safe calls until it becomes another program
//! (fork(2)), so no closure could be run in it soundly, and Rust cannot send one to a program that is
//! started afresh. What that is used for is there: a crash that stays in its process, a memory limit, a
//! job that can be killed ([`Pool::processes`]), a costly start-up paid once ([`Pool::lines`]).
//!
//! # What holds, whatever happens
//!
//! - **Every job ends**, and its handle says how: a result, or a [`JobError`]. A panic is that job's
//!   error with its message and place, and its backtrace if `RUST_BACKTRACE` asks for one. So are a
//!   panicking destructor of what a refused closure held, a killed process, a failed start. A result
//!   that nobody wants is dropped where a panic of its destructor hurts nobody. What ends the whole
//!   program ends the pool too: an abort, a stack overflow, a second panic while the first unwinds.
//! - **A pool is never narrower than it was made.** Where no fresh thread is to be had for a worker
//!   that served its [share](Builder::max_tasks_per_worker), the old one goes on.
//! - **Nothing is left** when it is gone, however it goes: no thread, no process, no zombie. Closures
//!   that run are waited for, unless one of them is it who drops the pool. A process is ended by its
//!   spec's stop signal and, after its grace, SIGKILL; then what is left of its tree: its group, its
//!   session, its descendants, and whatever carries its mark (`MINDER_POOL_JOB`) in the environment.
//!   One escapes who does all of this at once: leave the session, have its parents die, clear its
//!   environment; and a tree that starts processes faster than `/proc` can be read is given up after
//!   two seconds. If the host program itself is killed with SIGKILL, the kernel kills each job's first
//!   process, and nobody is there for the rest.
//! - **Nobody waits for ever for himself.** A job may add jobs and wait for them, in a pool of one
//!   worker, too: a job that still waits is run by whoever waits for it. (Waits with a timeout just
//!   wait. Two running jobs that wait for each other are their own trouble.)
//! - **The host's own is left alone.** Each process is waited for by its own handle, never "any
//!   child"; signal handlers, masks and the subreaper setting of the program stay as they are. Threads
//!   that run closures have the signal mask of the thread that started the pool; those that mind
//!   processes run nothing of the host's and block all signals. A panic hook is put before the
//!   program's, to learn where panics come from; it hands them on ([`Builder::silent_panics`]).
//!
//! # Shown
//!
//! [`Supervisor::add_pool`](crate::Supervisor::add_pool) shows a pool among the workers of a supervisor, on
//! the screen too: its counts with a bar and its speed, and a line for each job that failed.
//!
//! # By other names
//!
//! | `concurrent.futures` | `multiprocessing.Pool` | here |
//! |---|---|---|
//! | `ThreadPoolExecutor(n)`, `ProcessPoolExecutor(n)` | `ThreadPool(n)`, `Pool(n)` | [`Pool::threads`]; [`Pool::processes`], [`Pool::lines`] |
//! | `submit(f)` | `apply_async(f)` | [`submit`](Pool::submit) |
//! | `Future.result(timeout)` | `AsyncResult.get(timeout)` | [`Job::result`], [`Job::result_within`] |
//! | `Future.done`, `running`, `cancel` | `ready`, –, – | [`Job::is_done`], [`Job::is_running`], [`Job::cancel`] |
//! | `map(…, buffersize=)` | `imap` | [`map`](Pool::map), [`Map::bound`] |
//! | `as_completed` | `imap_unordered` | [`as_completed`], [`map_unordered`](Pool::map_unordered) |
//! | `chunksize=` | `chunksize=` | [`Map::chunk`] |
//! | `wait(fs, return_when=)` | – | [`wait`], [`Until`] |
//! | `initializer=` | `initializer=` | [`Builder::initializer`](Builder::<Threads>::initializer) |
//! | `max_tasks_per_child=` | `maxtasksperchild=` | [`Builder::max_tasks_per_worker`] |
//! | `shutdown()` | `close(); join()` | [`Pool::join`] |
//! | `shutdown(cancel_futures=True)` | `terminate(); join()` | [`Pool::terminate`], drop |
//! | – | – | [`Pool::progress`], [`Pool::watch`], [`Pool::wait_idle`], [`Builder::observe`] |
//!
//! # The corners
//!
//! | What | `concurrent.futures` | `multiprocessing.Pool` | here |
//! |---|---|---|---|
//! | a worker dies | `BrokenProcessPool` for all jobs, for ever | the job is lost: `get()` hangs | that job's error |
//! | cancel of a running job | refused | – | a process is ended; a closure is told |
//! | an error in the middle of a map | ends it; the rest is cancelled | ends `map`; `imap` goes on | an `Err` in its place, the rest comes |
//! | an error in a chunk | the rest of the chunk is lost | the whole chunk is lost | that item's alone |
//! | the input fails | in the caller | in `map` in the caller; in `imap` as a result | a panic in the caller; what is out still comes |
//! | an endless input | never returns without `buffersize` | pulled until memory ends | pulled up to the bound |
//! | the initializer fails | the pool is broken | workers are started for ever; hangs | the next job's error, then tried again |
//! | dropped without a word | jobs run on; waited for at exit | a warning, perhaps a hang | terminated and waited for |
//! | a job that comes too late | raises | raises | its result is [`JobError::Closed`] |
//! | a job waits for another, one worker | hangs | hangs | is run by the one that waits |

mod audience;
mod bell;
mod builder;
mod cell;
mod current;
mod error;
mod event;
mod handle;
mod job;
mod kind;
mod lines;
mod map;
mod order;
mod process;
mod shared;
mod shown;
mod task;
mod threads;
mod waiting;
mod window;

pub use crate::panics::Panic;
pub use builder::Builder;
pub use current::stop_requested;
pub use error::JobError;
pub use event::Event;
pub use handle::{Pool, Submitter};
pub use job::Job;
pub use kind::Kind;
pub use lines::Lines;
pub use map::Map;
pub use order::{JobId, Progress};
pub use process::{Output, Processes, Run};
pub(crate) use shown::Show;
pub use threads::Threads;
pub use waiting::{AsCompleted, Until, Waited, as_completed, wait};
