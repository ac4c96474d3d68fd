//! The command line: what can be typed, what it means, its help, completions and man page.
//!
//! Nothing here starts a worker or draws; parsing ends in plain data ([`Invocation`]).

mod arguments;
mod color;
mod completions;
pub mod demo;
mod exit;
mod help;
mod invocation;
mod man;
mod run;
mod unknown;
mod watch;

pub use color::{ColorChoice, ColorEnvironment, colors_wanted};
pub use completions::completions;
pub use exit::{EmptyExitCodePolicy, ExitCodePolicy, code_of, exit_code};
pub use invocation::{Face, Invocation, Options, command, parse, parse_from};
pub use man::man;
pub use unknown::UnknownWorker;
