//! minder minds your child processes.

pub mod cli;
pub mod config;
pub mod guest;
pub mod headless;
pub mod output;
pub mod protocol;
pub mod signal;
pub mod spec;
pub mod status;
