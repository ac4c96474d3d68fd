//! `minder.toml`: its text, read in one walk that goes on after each mistake.

use super::diagnostic::{Diagnostics, Notes, Source};
use super::key::read_table;
use super::load::Config;
use super::lower::{Place, lower};
use super::schema;
use super::typed::TypedFile;
use ::toml::de::DeTable;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Beyond this many places that are no TOML, the file is something else altogether.
const MAX_SYNTAX: usize = 50;

/// Reads the text of a `minder.toml`, called `name` in messages. Paths in it are relative to
/// `base`; `~` is `home`.
///
/// # Errors
/// Every mistake of the text at once.
pub fn parse_toml(text: &str, name: &str, base: &Path, home: Option<&Path>) -> Result<Config, Diagnostics> {
    let source = Source::new(name, text);
    let mut notes = Notes::new(&source);
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    let mut file = TypedFile::default();
    read_table(&schema::TOP, document.get_ref(), "at the top level", &mut file, &mut notes);
    let (forward_signals, log) = (file.forward_signals.unwrap_or(false), file.log);
    if file.workers.is_empty() && errors.is_empty() {
        nothing_to_run(document.get_ref(), &mut notes);
    }
    let workers = lower(file, Place { base, home }, &mut notes);
    note_syntax(&source, &errors, &mut notes);
    let (workers, warnings) = notes.finish(workers)?;
    Ok(Config { workers, forward_signals, log, file: name.into(), warnings })
}

/// Says that there is no worker, unless a worker's table was misspelt: that is told already.
fn nothing_to_run(document: &DeTable<'_>, notes: &mut Notes) {
    let empty = document
        .get("worker")
        .is_none_or(|worker| worker.get_ref().as_table().is_some_and(toml::map::Map::is_empty));
    if empty
        && document.keys().all(|key| schema::TOP.iter().any(|known| known.name == key.get_ref().as_ref()))
    {
        notes
            .error(0..0, "no worker is declared")
            .help("a worker is a table with a command:\n\n[worker.web]\ncmd = \"npm run dev\"");
    }
}

/// Adds what is no TOML at all. The parser goes on behind such a place with a guess, so what was
/// found wrong with that guess, or missing, is not held against the person who wrote it.
fn note_syntax(source: &Arc<Source>, errors: &[::toml::de::Error], notes: &mut Notes) {
    if errors.is_empty() {
        return;
    }
    let errors = &errors[..errors.len().min(MAX_SYNTAX)];
    let regions: Vec<Range<usize>> = errors.iter().map(|error| guess(source, error)).collect();
    notes.retain_own(|item| {
        let own = lines_of(&source.text, &item.span());
        let guessed = regions.iter().any(|bad| own.start < bad.end && bad.start < own.end);
        !guessed && !item.message().ends_with("has no `cmd`")
    });
    // Within a table that was given twice, every key is given twice: the header says it all.
    let mut twice_until = 0;
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        if !is_twice(error) {
            no_toml(error.message(), span, notes);
        } else if span.start >= twice_until {
            twice_until = section_of(&source.text, &span).end;
            let name = source.text.get(span.clone()).unwrap_or_default();
            notes.error(span, &format!("`{name}` is given twice"));
        }
    }
}

fn is_twice(error: &::toml::de::Error) -> bool {
    error.message().starts_with("duplicate key")
}

/// The bytes whose meaning the parser can only guess at.
fn guess(source: &Source, error: &::toml::de::Error) -> Range<usize> {
    let span = error.span().unwrap_or(0..0);
    if is_twice(error) { lines_of(&source.text, &span) } else { section_of(&source.text, &span) }
}

/// The lines of a span; if they are the header of a table, all that stands below it too.
fn section_of(text: &str, span: &Range<usize>) -> Range<usize> {
    let lines = lines_of(text, span);
    if !text[lines.start..].trim_start_matches([' ', '\t']).starts_with('[') {
        return lines;
    }
    let rest = text.get(lines.end - 1..).unwrap_or_default();
    let next = rest.find("\n[").map_or(text.len(), |next| lines.end + next);
    lines.start..next.max(lines.end)
}

fn no_toml(said: &str, span: Range<usize>, notes: &mut Notes) {
    let said = said.strip_suffix(", expected nothing").unwrap_or(said);
    let mend = if said.contains("leading zero") {
        Some("octal is written 0o022")
    } else if said.contains("unquoted key") {
        Some("put the name in quotes")
    } else {
        None
    };
    let diagnostic = notes.error(span, &format!("not TOML: {said}"));
    if let Some(mend) = mend {
        diagnostic.help(mend);
    }
}

/// The bytes of the whole lines that hold a span, each with its line end.
fn lines_of(text: &str, span: &Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let start = span.start.min(bytes.len());
    let end = span.end.clamp(start, bytes.len());
    let from = memchr::memrchr(b'\n', &bytes[..start]).map_or(0, |at| at + 1);
    let to = memchr::memchr(b'\n', &bytes[end..]).map_or(bytes.len() + 1, |at| end + at + 1);
    from..to
}
