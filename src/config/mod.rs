//! Declarations of workers, read from files and from the command line, and lowered to
//! [`Spec`](crate::spec::Spec)s. What was typed is kept apart from what it means; every mistake of
//! a file is told at once, with its place and its mend.
//!
//! # `minder.toml`
#![doc = include_str!("../../assets/reference.md")]

mod check;
mod color;
mod diagnostic;
mod dotenv;
mod duration;
mod field;
mod find;
mod key;
mod limits;
mod load;
mod log;
mod lower;
mod name;
mod procfile;
mod read;
mod reference;
mod run_args;
mod runaway;
mod schema;
mod size;
mod timer;
mod toml;
mod typed;
mod watched;

#[cfg(test)]
mod tests;

pub use self::toml::parse_toml;
pub use check::{Report, check};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub(crate) use duration::parse as parse_duration;
pub use find::{NAMES, NotFound, find};
pub use load::{Config, UnknownName, load, select};
pub use procfile::parse_procfile;
pub use reference::reference_markdown;
pub use run_args::{RunArgsError, from_run_args};
pub(crate) use watched::watch_specs;
