//! `minder watch`: processes that somebody else started.

use super::arguments::WatchArguments;
use crate::config::watch_specs;
use crate::spec::{Pattern, Spec, StopPolicy};

/// Reads a pid that may be watched.
pub(super) fn read_pid(text: &str) -> Result<i32, String> {
    text.parse().ok().filter(|pid| *pid > 1).ok_or_else(|| "a pid is a whole number above 1".to_owned())
}

/// Reads a regular expression.
pub(super) fn read_pattern(text: &str) -> Result<Pattern, String> {
    Pattern::new(text).map_err(|error| error.to_string())
}

impl WatchArguments {
    /// The workers that were asked for.
    pub(super) fn specs(&self) -> Vec<Spec> {
        let mut specs = watch_specs(&self.pids, &self.pid_file, &self.name);
        for spec in &mut specs {
            spec.stop = StopPolicy { signal: self.signal, grace: self.grace };
        }
        specs
    }
}
