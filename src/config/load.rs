//! A whole configuration, from a file to what is to be run.

use super::diagnostic::{Diagnostic, Diagnostics, Notes, Source};
use super::procfile::parse_procfile;
use super::read::{read_text, unreadable};
use super::toml::parse_toml;
use crate::spec::{LogBudget, Spec};
use crate::suggest;
use std::path::{Path, PathBuf};

/// A whole configuration, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The workers, in the order of the file; at least one.
    pub workers: Vec<Spec>,
    /// Whether SIGUSR1 and SIGUSR2 are passed on to the workers.
    pub forward_signals: bool,
    /// How much of the output of all workers together is kept.
    pub log: LogBudget,
    /// The file it was read from.
    pub file: PathBuf,
    /// What is no mistake but may not do what was meant.
    pub warnings: Vec<Diagnostic>,
}

/// The format of a file.
enum Format {
    Toml,
    Procfile,
}

/// Reads a file by what its name says that it is: `*.toml`, `Procfile`, `Procfile.dev`, `*.procfile`.
///
/// # Errors
/// Every mistake of the file at once, or why it cannot be read.
pub fn load(file: &Path) -> Result<Config, Diagnostics> {
    let name = file.display().to_string();
    let text = read_text(file).map_err(|error| unreadable(&name, error))?;
    let Some(format) = format_of(file) else { return Err(unknown_format(&name)) };
    // Fails only where the working folder is gone; paths are then as relative as the file's own.
    let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let base = whole.parent().unwrap_or(Path::new("/"));
    let mut config = match format {
        Format::Procfile => parse_procfile(&text, &name, base)?,
        Format::Toml => {
            let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
            parse_toml(&text, &name, base, home.as_deref())?
        }
    };
    file.clone_into(&mut config.file);
    Ok(config)
}

fn format_of(file: &Path) -> Option<Format> {
    let name = file.file_name()?.to_string_lossy();
    if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        Some(Format::Toml)
    } else if name.starts_with("Procfile") || name.ends_with(".procfile") {
        Some(Format::Procfile)
    } else {
        None
    }
}

fn unknown_format(name: &str) -> Diagnostics {
    let source = Source::new(name, "");
    let mut notes = Notes::new(&source);
    notes
        .error(0..0, &format!("cannot tell what kind of file {name} is"))
        .help("call it minder.toml (or *.toml), or Procfile (or Procfile.*, *.procfile)");
    notes.failed()
}

/// Names that no worker of the configuration has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.describe())]
pub struct UnknownName {
    /// The names that were asked for, each with the worker that was likely meant.
    pub unknown: Vec<(String, Option<String>)>,
    /// The workers there are.
    pub known: Vec<String>,
}

impl UnknownName {
    fn describe(&self) -> String {
        let mut lines = Vec::new();
        for (name, meant) in &self.unknown {
            lines.push(match meant {
                Some(meant) => format!("no worker is called `{name}`; did you mean `{meant}`?"),
                None => format!("no worker is called `{name}`"),
            });
        }
        if self.unknown.iter().any(|(_, meant)| meant.is_none()) {
            lines.push(format!("the workers are: {}", self.known.join(", ")));
        }
        lines.join("\n")
    }
}

/// Keeps the named workers alone, in the order of the file, and starts each whatever its
/// `autostart` says: it was asked for. No names at all keep everything as it is.
///
/// # Errors
/// [`UnknownName`] with every name that no worker has; nothing is changed then.
pub fn select(config: &mut Config, names: &[String]) -> Result<(), UnknownName> {
    if names.is_empty() {
        return Ok(());
    }
    let known: Vec<String> = config.workers.iter().map(|spec| spec.name.to_string()).collect();
    let unknown: Vec<_> = names
        .iter()
        .filter(|name| !known.contains(name))
        .map(|name| {
            let meant = suggest::nearest(name, known.iter().map(String::as_str));
            (name.clone(), meant.map(str::to_owned))
        })
        .collect();
    if !unknown.is_empty() {
        return Err(UnknownName { unknown, known });
    }
    config.workers.retain(|spec| names.iter().any(|name| name == spec.name.as_str()));
    for spec in &mut config.workers {
        spec.autostart = true;
    }
    Ok(())
}
