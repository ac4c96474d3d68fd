//! Workers that are threads of this program: what their closure is given, how it is run, what becomes
//! of a panic, and how they are joined. Decides nothing: the supervisor starts them, asks them to stop
//! and hears of their ends by a channel, as it does of processes.

mod context;
mod run;
mod work;
mod writer;

#[cfg(test)]
mod tests;

pub use crate::panics::Panic;
pub use context::{Context, Stopped};
pub(crate) use run::{Joiner, Report, Served, Surroundings, Thread, start};
pub use work::{Job, JoinError, Verdict, Work, job, job_once};
pub use writer::Writer;
