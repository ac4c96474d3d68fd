//! The harness: programs in terminals and pipes, and processes as a third party sees them.

mod clock;
mod keys;
mod launch;
mod piped;
mod processes;
mod proofs;
mod screen;
mod shell;
pub(crate) mod sys;
mod terminal;

pub(crate) use clock::{DEADLINE, poll_until};
pub(crate) use keys::Key;
pub(crate) use launch::{Launch, WITHOUT_PIDFDS, installed, minder, program};
pub(crate) use piped::{Finished, Piped};
pub(crate) use processes::{
    Mark, Process, alive, all, children_of, signal_mask, status_field, supervisor_of, until_it_is,
    wait_ended, wait_runs,
};
pub(crate) use screen::{Row, Screen, number_after};
pub(crate) use shell::JobShell;
pub(crate) use terminal::Terminal;
