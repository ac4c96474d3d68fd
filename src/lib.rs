//! minder minds your child processes.

mod census;
pub mod cli;
pub mod config;
pub mod face;
pub mod guest;
pub mod headless;
pub mod output;
pub mod protocol;
pub mod reactor;
pub mod signal;
pub mod spec;
pub mod status;
pub mod supervisor;
pub mod sys;
pub mod ui;
