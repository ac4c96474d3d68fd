//! What a key of a table is: its name, its words for people and how its value is read.

use super::diagnostic::Notes;
use super::field::Field;
use crate::suggest;
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
    walk(keys, &[], table, "", place, target, notes);
}

/// As [`read_table`], for a table where the keys in `without` have no place: they are not offered.
/// What to say where one stands there all the same is the caller's.
pub(super) fn read_table_without<T>(
    keys: &[Key<T>],
    without: &[&str],
    table: &DeTable<'_>,
    place: &str,
    target: &mut T,
    notes: &mut Notes,
) {
    walk(keys, without, table, "", place, target, notes);
}

/// Reads a table that is the value of a key; `false` if the value is none.
pub(super) fn read_nested<T>(keys: &[Key<T>], field: Field<'_>, target: &mut T, notes: &mut Notes) -> bool {
    let Some(table) = field.as_table() else { return false };
    let (prefix, place) = (format!("{}.", field.key), format!("in `{}`", field.key));
    walk(keys, &[], table, &prefix, &place, target, notes);
    true
}

fn walk<T>(
    keys: &[Key<T>],
    without: &[&str],
    table: &DeTable<'_>,
    prefix: &str,
    place: &str,
    target: &mut T,
    notes: &mut Notes,
) {
    for (name, value) in in_file_order(table) {
        let known = keys.iter().find(|key| key.name == name.get_ref().as_ref());
        // A section by a wrong name has its own mistakes: told at once, not in a second round.
        let section = |_: &&Key<T>| value.get_ref().is_table();
        let key = known.or_else(|| unknown(keys, without, name, place, notes).filter(section));
        if let Some(key) = key {
            let path = format!("{prefix}{}", key.name);
            (key.read)(target, Field { key: &path, wants: key.wants, value }, notes);
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

/// Notes it; the key that was likely meant.
fn unknown<'k, T>(
    keys: &'k [Key<T>],
    without: &[&str],
    name: &Spanned<DeString<'_>>,
    place: &str,
    notes: &mut Notes,
) -> Option<&'k Key<T>> {
    let typed = name.get_ref();
    let offered = || keys.iter().filter(|key| !without.contains(&key.name));
    let names = || offered().map(|key| key.name);
    let elsewhere = offered().find(|key| key.elsewhere.contains(&typed.as_ref()));
    let near = || suggest::nearest(typed, names()).and_then(|near| offered().find(|key| key.name == near));
    let meant = elsewhere.or_else(near);
    let diagnostic = notes.error(name.span(), &format!("unknown key `{typed}` {place}"));
    match meant {
        Some(key) => diagnostic.label(&format!("did you mean `{}`?", key.name)),
        None => {
            diagnostic.label("not known here").help(&format!("what may stand here: {}", listed(names(), '`')))
        }
    };
    meant
}

/// `"a"`, `"a" or "b"`, `"a", "b" or "c"`, each between `quote`s.
pub(super) fn listed<'w>(words: impl IntoIterator<Item = &'w str>, quote: char) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("{quote}{word}{quote}")).collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_a_sentence() {
        assert_eq!(listed(["a", "b", "c"], '`'), "`a`, `b` or `c`");
        assert_eq!(listed(["a"], '"'), "\"a\"");
    }
}
