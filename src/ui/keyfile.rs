//! The user's keys: `[keys]` of `config.toml` on top of the table. Reads text, never a file.

use super::keymap::{Action, Keymap, TABLE};
use super::keys::Key;
use crate::suggest;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A mistake in the user's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyError {
    /// The file as it was named.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// What is wrong and the mend.
    pub message: String,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

impl std::error::Error for KeyError {}

impl Keymap {
    /// The defaults with what `text`, a `config.toml`, changes: `[keys]` holds `action = "key"` or
    /// `action = ["key", …]`; an empty list takes the key away.
    ///
    /// # Errors
    /// Every mistake at once, in the order of the file.
    pub fn from_toml(text: &str, file_name: &str) -> Result<Self, Vec<KeyError>> {
        let mut reader = Reader { text, file_name, errors: Vec::new() };
        let changes = reader.read();
        let map = reader.apply(&changes);
        reader.errors.sort_by_key(|error| (error.line, error.column));
        map.filter(|_| reader.errors.is_empty()).ok_or(reader.errors)
    }
}

/// New keys for an action: its place in the table, where the file says so, and the keys.
type Change = (usize, Range<usize>, Vec<Key>);

struct Reader<'a> {
    text: &'a str,
    file_name: &'a str,
    errors: Vec<KeyError>,
}

impl Reader<'_> {
    fn error(&mut self, span: &Range<usize>, message: impl Into<String>) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        self.errors.push(KeyError {
            file: self.file_name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        });
    }

    fn read(&mut self) -> Vec<Change> {
        let root = match DeTable::parse(self.text) {
            Ok(root) => root,
            Err(error) => {
                self.error(&error.span().unwrap_or(0..0), error.message());
                return Vec::new();
            }
        };
        let mut changes = Vec::new();
        for (name, value) in root.get_ref() {
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("keys", DeValue::Table(table)) => changes.extend(self.read_keys(table)),
                ("keys", _) => self.error(&value.span(), "`keys` is a table: write `[keys]`"),
                (other, _) => {
                    let message = format!("unknown setting `{other}`; known is `keys`");
                    self.error(&name.span(), message);
                }
            }
        }
        changes
    }

    fn read_keys(&mut self, table: &DeTable<'_>) -> Vec<Change> {
        let mut changes = Vec::new();
        for (name, value) in table {
            let action = name.get_ref().as_ref();
            match TABLE.iter().position(|entry| entry.name == action) {
                Some(place) => changes.push((place, name.span(), self.read_value(value))),
                None => self.error(&name.span(), unknown_action(action)),
            }
        }
        changes
    }

    fn read_value(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Key> {
        match value.get_ref() {
            DeValue::String(text) => self.read_key(text, &value.span()).into_iter().collect(),
            DeValue::Array(items) => items.iter().filter_map(|item| self.read_item(item)).collect(),
            other @ (DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Table(_)) => {
                let kind = other.type_str();
                let message = format!("a key is text as \"ctrl-k\" or a list of such, not {kind}");
                self.error(&value.span(), message);
                Vec::new()
            }
        }
    }

    fn read_item(&mut self, item: &Spanned<DeValue<'_>>) -> Option<Key> {
        if let Some(text) = item.get_ref().as_str() {
            self.read_key(text, &item.span())
        } else {
            self.error(&item.span(), "a key is text as \"ctrl-k\"");
            None
        }
    }

    fn read_key(&mut self, text: &str, span: &Range<usize>) -> Option<Key> {
        text.parse().map_err(|error| self.error(span, format!("{error}"))).ok()
    }

    fn apply(&mut self, changes: &[Change]) -> Option<Keymap> {
        let plain: Vec<_> = changes.iter().map(|(place, _, keys)| (*place, keys.clone())).collect();
        let conflicts = match Keymap::default().with(&plain) {
            Ok(map) => {
                self.check_way_out(&map, changes);
                return Some(map);
            }
            Err(conflicts) => conflicts,
        };
        for conflict in conflicts {
            let theirs = |name| {
                changes
                    .iter()
                    .find(|(place, _, keys)| TABLE[*place].name == name && keys.contains(&conflict.key))
            };
            let (place, span, _) = theirs(conflict.other)
                .or_else(|| theirs(conflict.one))
                .expect("the defaults clash nowhere, so one of the two was changed");
            let taken_by = if TABLE[*place].name == conflict.other { conflict.one } else { conflict.other };
            let message = format!(
                "`{}` does `{taken_by}` already; give that one another key, or none: {taken_by} = []",
                conflict.key
            );
            self.error(span, message);
        }
        None
    }

    /// Whoever cannot quit by a key has to know another terminal and kill(1).
    fn check_way_out(&mut self, map: &Keymap, changes: &[Change]) {
        let none = |ways: &[Action]| ways.iter().all(|way| map.keys(*way).is_empty());
        if none(&[Action::GiveBack]) {
            let taken = changes.iter().find(|change| TABLE[change.0].action == Action::GiveBack);
            let (_, span, _) = taken.expect("the defaults have a key for it, so the file took it");
            self.error(span, "without a key for `give-back` a worker would keep the keyboard for ever");
        }
        let ways = [Action::Quit, Action::Interrupt];
        if !none(&ways) {
            return;
        }
        let taken = |change: &&Change| ways.contains(&TABLE[change.0].action) && change.2.is_empty();
        let last = changes.iter().filter(taken).max_by_key(|(_, span, _)| span.start);
        let (_, span, _) = last.expect("the defaults have a way out, so the file took it");
        self.error(span, "with neither a key for `quit` nor one for `interrupt` there is no way out");
    }
}

fn unknown_action(name: &str) -> String {
    let nearest = suggest::nearest(name, TABLE.iter().map(|entry| entry.name));
    match nearest {
        Some(near) => format!("unknown action `{name}`; did you mean `{near}`?"),
        None => format!("unknown action `{name}`; press ? in minder for every action and its key"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::keymap::{Action, Context};

    fn errors(text: &str) -> Vec<String> {
        let errors = Keymap::from_toml(text, "config.toml").unwrap_err();
        errors.iter().map(KeyError::to_string).collect()
    }

    #[test]
    fn a_key_or_a_list_of_keys_replaces_the_defaults() {
        let text = "[keys]\nkill = \"ctrl-k\"\nzoom = [\"z\", \"f11\"]\nwait = []\n";
        let map = Keymap::from_toml(text, "config.toml").unwrap();
        let at = |key: &str| map.action(Context::Screen, key.parse().unwrap());
        assert_eq!(at("ctrl-k"), Some(Action::Kill));
        assert_eq!(at("f11"), Some(Action::Zoom));
        assert_eq!((at("K"), at("w")), (None, None));
        assert_eq!(map.key_list(Action::Zoom), "z, f11");
    }

    #[test]
    fn two_actions_may_swap_their_keys() {
        let map = Keymap::from_toml("[keys]\nkill = \"t\"\nterminate = \"K\"", "c").unwrap();
        assert_eq!(map.key(Action::Kill), "t");
    }

    #[test]
    fn every_mistake_is_told_at_once_with_its_place() {
        let text = "[keys]\nkil = \"x\"\nzoom = \"hyper-z\"\nquit = 3\nhelp = [1]\n[theme]\n";
        assert_eq!(
            errors(text),
            [
                "config.toml:2:1: unknown action `kil`; did you mean `kill`?",
                "config.toml:3:8: `hyper-z` is no key; keys are written as `K`, `ctrl-k`, `alt-x`, `shift-tab`, `pgup`, `f5`",
                "config.toml:4:8: a key is text as \"ctrl-k\" or a list of such, not integer",
                "config.toml:5:9: a key is text as \"ctrl-k\"",
                "config.toml:6:2: unknown setting `theme`; known is `keys`",
            ]
        );
    }

    #[test]
    fn one_key_for_two_things_is_an_error() {
        assert_eq!(
            errors("[keys]\nzoom = \"q\"\n"),
            ["config.toml:2:1: `q` does `quit` already; give that one another key, or none: quit = []"]
        );
        assert!(Keymap::from_toml("[keys]\ncancel = \"q\"\n", "c").is_ok(), "another context");
    }

    #[test]
    fn a_way_out_must_be_left() {
        assert!(Keymap::from_toml("[keys]\nquit = []\n", "c").is_ok());
        assert_eq!(
            errors("[keys]\nquit = []\ninterrupt = []\n"),
            ["config.toml:3:1: with neither a key for `quit` nor one for `interrupt` there is no way out"]
        );
        assert_eq!(
            errors("[keys]\ngive-back = []\n"),
            ["config.toml:2:1: without a key for `give-back` a worker would keep the keyboard for ever"]
        );
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_place() {
        let found = errors("[keys]\nkill = \n");
        assert!(found[0].starts_with("config.toml:2:"), "{found:?}");
    }
}
