//! minder minds your child processes.

pub mod guest;
pub mod output;
pub mod protocol;
pub mod signal;
pub mod spec;
pub mod status;
pub mod ui;
