//! Everything unsafe and everything that is Linux's own: system calls behind types that cannot be
//! misused. Knows specs and signals, nothing of workers' lives, of guests or of screens.
//!
//! Another Unix is a port of this room.

pub mod cgroup;
pub mod clock;
pub mod detail;
pub(crate) mod ear;
pub mod feed;
pub mod handle;
pub mod hosted;
pub mod init;
pub mod job_control;
pub mod limits;
pub mod memory;
pub mod notices;
pub mod patient;
pub mod pipe;
pub mod process;
pub mod procfs;
pub mod pty;
pub mod reader;
mod route;
pub mod signals;
pub mod spawn;
mod spawn_error;
pub mod terminal;
pub mod waiting;
