//! `minder init`: one command, as the init of a container runs it. No terminal, no worker, no
//! supervisor: a single thread that hands signals on and reaps.
//!
//! Knows `sys`, and nothing of what is above it. main comes here before clap and before any thread.

mod options;
mod run;

pub use options::{Asked, Mistake, Options, Place, Rewrite, Rewrites, Target, read};
pub use run::run;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};

/// What was typed cannot be meant.
const MISUSE: u8 = 2;
/// We ourselves failed.
const OWN_FAILURE: u8 = 125;

/// Does what this process's command line asks for, if that is `minder init …`, and returns the exit
/// code; `None` if it is not, or if it asks for the help text, which is clap's.
pub fn called(words: impl IntoIterator<Item = OsString>) -> Option<u8> {
    let mut words = words.into_iter().skip(1);
    if words.next()? != "init" {
        return None;
    }
    match read(words, |name| std::env::var_os(name)) {
        Ok(Asked::Run(options)) => Some(run(&options)),
        Ok(Asked::Version) => {
            // A reader that is gone needs no version.
            let _ = writeln!(io::stdout(), "minder {}", env!("CARGO_PKG_VERSION"));
            Some(0)
        }
        Ok(Asked::Help) => None,
        Err(mistake) => {
            say(format_args!("{mistake}; `minder init --help` says more"));
            Some(MISUSE)
        }
    }
}

fn say(words: impl Display) {
    // In one piece; where even this cannot be written, nobody is left to be told.
    let _ = io::stderr().write_all(format!("minder init: {words}\n").as_bytes());
}
