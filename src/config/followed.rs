//! Files to follow: `tail = "logs/*.log"`, and the words of `minder tail`.

use super::diagnostic::Notes;
use super::field::Field;
use super::key::{Key, read_nested};
use super::lower::{Place, whole};
use super::name;
use super::typed::{Typed, TypedTail};
use crate::spec::{Beginning, Follow, Followed, Program, Sought, Spec};
use crate::tail;
use glob::Pattern;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// More lines than anybody scrolls through.
const MOST_LINES: u64 = 1_000_000_000;

/// The keys of `tail`.
pub(super) static TAIL: [Key<TypedTail>; 2] = [
    Key {
        name: "files",
        wants: "a path or pattern, or an array of them",
        default: "must be given",
        doc: "What `tail` names where it is no table.",
        elsewhere: &["file", "path", "paths", "name"],
        read: |tail, field, notes| tail.files = read_files(field, notes).map_or(Typed::Mistaken, Typed::Read),
    },
    Key {
        name: "lines",
        wants: "an integer from 0 to 1000000000, or \"all\"",
        default: "10",
        doc: "With how many of its last lines a file begins that is there already.",
        elsewhere: &["n", "last", "tail", "from_start"],
        read: |tail, field, notes| tail.lines = read_lines(field, notes),
    },
];

/// `tail = "…"`, `tail = ["…"]`, `tail = { files = …, lines = … }`.
pub(super) fn read(tail: &mut TypedTail, field: Field<'_>, notes: &mut Notes) {
    if field.as_table().is_none() {
        tail.files = read_files(field, notes).map_or(Typed::Mistaken, Typed::Read);
        return;
    }
    read_nested(&TAIL, field, tail, notes);
    if matches!(tail.files, Typed::Absent) {
        field.bad(notes, "does not say which").help("add files = \"…\" to it");
        tail.files = Typed::Mistaken;
    }
}

fn read_files(field: Field<'_>, notes: &mut Notes) -> Option<Vec<Spanned<String>>> {
    if field.value.get_ref().as_array().is_some() {
        let words = field.words(notes)?;
        let empty = words.iter().find(|word| word.get_ref().trim().is_empty());
        if let Some(empty) = empty {
            notes
                .error(empty.span(), &format!("`{}` wants {}", field.key, field.wants))
                .label("this is empty");
            return None;
        }
        return Some(words);
    }
    field.filled(notes).map(|word| vec![word])
}

fn read_lines(field: Field<'_>, notes: &mut Notes) -> Option<Beginning> {
    match field.as_str() {
        Some("all") => Some(Beginning::Start),
        Some(_) => {
            field.bad(notes, "not one of these").help("`\"all\"` begins at the start of the file");
            None
        }
        None => field.integer(notes, 0..=MOST_LINES).map(Beginning::Last),
    }
}

impl TypedTail {
    /// Whether the worker says that it follows something, rightly or not.
    pub(super) fn is_typed(&self) -> bool {
        !matches!(self.files, Typed::Absent)
    }

    /// Where it is said, if it could be read.
    pub(super) fn span(&self) -> Option<std::ops::Range<usize>> {
        match &self.files {
            Typed::Read(files) => files.first().map(Spanned::span),
            Typed::Absent | Typed::Mistaken => None,
        }
    }
}

/// What it follows. `None` where that cannot be said; why is noted.
pub(super) fn lower(
    tail: &TypedTail,
    log_file: Option<&Spanned<String>>,
    place: Place<'_>,
    notes: &mut Notes,
) -> Option<Program> {
    let Typed::Read(files) = &tail.files else { return None };
    let mut sought = Vec::new();
    for file in files {
        sought.push(lower_one(file, place, notes)?);
    }
    let from = tail.lines.unwrap_or_default();
    if let [Sought::Path(path)] = sought.as_slice() {
        return Some(Program::Follow(Follow { what: Followed::File(path.clone()), from }));
    }
    if let Some(log) = log_file {
        notes
            .error(log.span(), "`log.file` is for a worker that follows one file")
            .label("each file that this one finds has a worker of its own");
        return None;
    }
    Some(Program::Follow(Follow { what: Followed::Files(sought), from }))
}

fn lower_one(file: &Spanned<String>, place: Place<'_>, notes: &mut Notes) -> Option<Sought> {
    let path = whole(file, place, notes)?;
    if path.is_dir() {
        notes
            .error(file.span(), "`tail` names a folder")
            .label(&format!("{} is a folder", path.display()))
            .help("name the files in it, as \"logs/*.log\"");
        return None;
    }
    if path.exists() || !is_pattern(file.get_ref()) {
        return Some(Sought::Path(path));
    }
    // What the file's folder is called is no pattern, whatever is in its name.
    let typed = Path::new(file.get_ref());
    let rest = typed.strip_prefix("~").unwrap_or(typed);
    let base = path.to_string_lossy().strip_suffix(&*rest.to_string_lossy()).map(str::to_owned);
    match pattern(base.as_deref().unwrap_or_default(), &rest.to_string_lossy()) {
        Ok(sought) => Some(sought),
        Err(error) => {
            notes
                .error(file.span(), "`tail` has a pattern that cannot be read")
                .label(error.msg)
                .help("`*`, `?`, `[…]`, and `**` for folders at any depth");
            None
        }
    }
}

/// Whether the shell would look for files that match.
fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// A pattern below a folder whose own name is none.
fn pattern(base: &str, rest: &str) -> Result<Sought, glob::PatternError> {
    let pattern = Pattern::escape(base) + rest;
    tail::check(&pattern)?;
    Ok(Sought::Pattern(pattern))
}

/// The name of the folder in which all that matches a pattern lies: a pattern's own letters make no name.
fn fixed_folder(pattern: &Path) -> String {
    let parts = pattern.iter().map(|part| part.to_string_lossy()).take_while(|part| !is_pattern(part));
    parts.last().map(Cow::into_owned).unwrap_or_default()
}

/// A spec for each of these files, and for each pattern one that finds more; for `-` one that reads
/// standard input.
///
/// # Errors
/// In words, a pattern that cannot be read.
pub(crate) fn tail_specs(files: &[PathBuf], from: Beginning) -> Result<Vec<Spec>, String> {
    // Fails only where the working folder is gone; they are then looked for as they were typed.
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let is_found = |path: &Path| path.to_str().is_some_and(is_pattern) && !path.exists();
    let is_stdin = |path: &Path| path == Path::new("-");
    let mut plain = Vec::new();
    for path in files.iter().filter(|path| !is_stdin(path) && !is_found(path)) {
        let path = whole(path);
        if !plain.contains(&path) {
            plain.push(path);
        }
    }
    let named: Vec<_> = plain.iter().zip(tail::names(&plain)).collect();
    let (mut taken, mut specs, mut done) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
    for file in files {
        if !done.insert(whole(file)) {
            continue;
        }
        let (wanted, what) = if is_stdin(file) {
            ("stdin".to_owned(), Followed::Stdin)
        } else if is_found(file) {
            let typed = file.to_string_lossy();
            let base = if file.is_absolute() {
                String::new()
            } else {
                format!("{}/", whole(Path::new(".")).display())
            };
            let sought = pattern(&base, &typed).map_err(|error| format!("{typed}: {}", error.msg))?;
            (name::slug_of(&fixed_folder(&whole(file))), Followed::Files(vec![sought]))
        } else {
            let path = whole(file);
            let name = named.iter().find(|(known, _)| **known == path).map(|(_, name)| name.clone());
            (name.unwrap_or_default(), Followed::File(path))
        };
        specs.push(Spec::follow(name::unused(&wanted, &mut taken), Follow { what, from }));
    }
    Ok(specs)
}
