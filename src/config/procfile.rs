//! A `Procfile`: lines of `name: command`, each run by the shell.

use super::diagnostic::{Diagnostics, Notes, Source};
use super::load::Config;
use super::read::{Unreadable, read_text};
use super::{dotenv, name};
use crate::spec::{LogBudget, Spec};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

/// Reads the text of a Procfile, called `name` in messages. Its commands start in `base`, with the
/// variables of `base/.env` where there is such a file, as with foreman. A variable as `$PORT` is
/// the shell's to put in; none is set by us.
///
/// # Errors
/// Every mistake of the text at once.
pub fn parse_procfile(text: &str, name: &str, base: &Path) -> Result<Config, Diagnostics> {
    let source = Source::new(name, text);
    let mut notes = Notes::new(&source);
    let mut workers: Vec<Spec> = Vec::new();
    let mut lines_seen = BTreeMap::new();
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if let Some(entry) = read_line(line, start, &mut notes) {
            match lines_seen.insert(entry.name.to_owned(), index + 1) {
                Some(first) => twice(&entry, start, first, &mut notes),
                None => workers.push(Spec::shell(entry.name, entry.command)),
            }
        }
        start += line.len();
    }
    if workers.is_empty() {
        notes.error(0..0, "no worker is declared").help("a line of it reads `web: npm run dev`");
    }
    let variables = beside(base, &mut notes);
    for worker in &mut workers {
        worker.cwd = Some(base.to_owned());
        worker.env.vars.extend(variables.iter().cloned());
    }
    let (workers, warnings) = notes.finish(workers)?;
    Ok(Config { workers, forward_signals: false, log: LogBudget::default(), file: name.into(), warnings })
}

/// One worker of a Procfile.
struct Entry<'t> {
    name: &'t str,
    /// Where the name begins in its line.
    at: usize,
    command: &'t str,
}

/// `None` for a comment, a blank line and a mistake, which is noted.
fn read_line<'t>(line: &'t str, start: usize, notes: &mut Notes) -> Option<Entry<'t>> {
    let text = line.trim_start_matches('\u{feff}').trim_start();
    let at = line.len() - text.len();
    let text = text.trim_end();
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let whole = start + at..start + at + text.len();
    let Some((name, command)) = text.split_once(':') else {
        notes.error(whole, "not a line of a Procfile").label("wants the form `name: command`");
        return None;
    };
    let command = command.trim_start();
    if !name::is_valid(name) {
        notes
            .error(whole.start..whole.start + name.len(), &format!("a worker cannot be called `{name}`"))
            .label("not a name")
            .help(name::RULE);
    } else if command.is_empty() {
        notes.error(whole, &format!("worker `{name}` has no command")).label("nothing behind the colon");
    } else if let Some(nul) = text.find('\0') {
        notes.error(start + at + nul..start + at + nul + 1, "a command cannot hold a NUL character");
    } else {
        return Some(Entry { name, at, command });
    }
    None
}

fn twice(entry: &Entry<'_>, start: usize, first: usize, notes: &mut Notes) {
    let span = start + entry.at..start + entry.at + entry.name.len();
    notes
        .error(span, &format!("worker `{}` is declared twice", entry.name))
        .label(&format!("first in line {first}"));
}

/// The variables of the `.env` in this folder; none where there is no such file.
fn beside(base: &Path, notes: &mut Notes) -> Vec<(OsString, Option<OsString>)> {
    let path = base.join(".env");
    let variables = match read_text(&path) {
        Ok(text) => dotenv::read(&notes.beside(Path::new(".env"), text), notes),
        // A folder of that name is somebody else's (a Python environment, often).
        Err(Unreadable::Missing | Unreadable::Folder) => Vec::new(),
        Err(error) => {
            notes.error(0..0, &format!("cannot read {}: {error}", path.display()));
            Vec::new()
        }
    };
    variables.into_iter().map(|(name, value)| (name.into(), Some(value.into()))).collect()
}
