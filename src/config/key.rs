//! What a key of a table is: its name, its words for people and how its value is read.

use super::diagnostic::Notes;
use super::field::Field;
use super::suggest;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// One key of a table that is read into a `T`. The parser, its messages and the reference in the
/// documentation all come from these.
pub(super) struct Key<T> {
    pub(super) name: &'static str,
    /// The type in words, as in "`nice` wants an integer".
    pub(super) wants: &'static str,
    /// What holds without the key, in words.
    pub(super) default: &'static str,
    /// One or two sentences of Markdown.
    pub(super) doc: &'static str,
    /// What it is called elsewhere: only for "did you mean".
    pub(super) elsewhere: &'static [&'static str],
    pub(super) read: fn(&mut T, Field<'_>, &mut Notes),
}

/// Reads a table key by key in the order of the file.
///
/// `place` names the table in messages.
pub(super) fn read_table<T>(
    keys: &[Key<T>],
    table: &DeTable<'_>,
    place: &str,
    target: &mut T,
    notes: &mut Notes,
) {
    walk(keys, table, "", place, target, notes);
}

/// Reads a table that is the value of a key; `false` if the value is none.
pub(super) fn read_nested<T>(keys: &[Key<T>], field: Field<'_>, target: &mut T, notes: &mut Notes) -> bool {
    let Some(table) = field.as_table() else { return false };
    let (prefix, place) = (format!("{}.", field.key), format!("in `{}`", field.key));
    walk(keys, table, &prefix, &place, target, notes);
    true
}

fn walk<T>(
    keys: &[Key<T>],
    table: &DeTable<'_>,
    prefix: &str,
    place: &str,
    target: &mut T,
    notes: &mut Notes,
) {
    for (name, value) in in_file_order(table) {
        match keys.iter().find(|key| key.name == name.get_ref().as_ref()) {
            Some(key) => {
                let path = format!("{prefix}{}", key.name);
                (key.read)(target, Field { key: &path, wants: key.wants, value }, notes);
            }
            None => unknown(keys, name, place, notes),
        }
    }
}

/// The entries of a table as they stand in the file; the parser keeps them by name.
pub(super) fn in_file_order<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

fn unknown<T>(keys: &[Key<T>], name: &Spanned<DeString<'_>>, place: &str, notes: &mut Notes) {
    let typed = name.get_ref();
    let elsewhere = keys.iter().find(|key| key.elsewhere.contains(&typed.as_ref()));
    let meant =
        elsewhere.map(|key| key.name).or_else(|| suggest::nearest(typed, keys.iter().map(|key| key.name)));
    let known = suggest::listed(keys.iter().map(|key| key.name), '`');
    let diagnostic = notes.error(name.span(), &format!("unknown key `{typed}` {place}"));
    match meant {
        Some(meant) => diagnostic.label(&format!("did you mean `{meant}`?")),
        None => diagnostic.label("not known here").help(&format!("what may stand here: {known}")),
    };
}
