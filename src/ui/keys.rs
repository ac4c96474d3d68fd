//! A key with its modifiers: read from a name, printed as one, and made from what the terminal
//! sends. Knows nothing of what a key does.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;
use std::str::FromStr;

/// One key press. Two spellings of the same press are equal: `J` carries its shift in the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// With which modifiers held.
    pub modifiers: KeyModifiers,
}

/// Names of the keys that are no character.
const NAMES: [(&str, KeyCode); 16] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    // A comma would be ambiguous in the lists of keys that help prints.
    ("comma", KeyCode::Char(',')),
];

/// Other spellings that are read and never printed.
const ALIASES: [(&str, &str); 7] = [
    ("return", "enter"),
    ("escape", "esc"),
    ("del", "delete"),
    ("ins", "insert"),
    ("pageup", "pgup"),
    ("pagedown", "pgdn"),
    ("backtab", "shift-tab"),
];

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::NONE }
    }

    /// A character with Ctrl held.
    pub const fn ctrl(letter: char) -> Self {
        Self { code: KeyCode::Char(letter), modifiers: KeyModifiers::CONTROL }
    }

    /// The character that this key types, if it is no command.
    pub fn typed(self) -> Option<char> {
        let KeyCode::Char(c) = self.code else { return None };
        self.modifiers.is_empty().then_some(c)
    }

    fn normal(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let known = KeyModifiers::SHIFT | KeyModifiers::CONTROL | KeyModifiers::ALT;
        let modifiers = modifiers & known;
        if let KeyCode::Char(c) = code {
            Self::normal_character(c, modifiers)
        } else if code == KeyCode::BackTab {
            Self { code: KeyCode::Tab, modifiers: modifiers | KeyModifiers::SHIFT }
        } else {
            Self { code, modifiers }
        }
    }

    fn normal_character(c: char, modifiers: KeyModifiers) -> Self {
        let without_shift = modifiers - KeyModifiers::SHIFT;
        let c = if without_shift.contains(KeyModifiers::CONTROL) {
            // crossterm names the bytes 0x1c to 0x1f by the digits that some terminals send them
            // for; people know them by the keys of ASCII.
            match c {
                '4' => '\\',
                '5' => ']',
                '6' => '^',
                '7' | '/' => '_',
                _ => c.to_ascii_lowercase(),
            }
        } else if modifiers.contains(KeyModifiers::SHIFT) {
            // The letter says it: `J` is shift and j.
            c.to_ascii_uppercase()
        } else {
            c
        };
        Self { code: KeyCode::Char(c), modifiers: without_shift }
    }
}

impl From<&KeyEvent> for Key {
    fn from(event: &KeyEvent) -> Self {
        Self::normal(event.code, event.modifiers)
    }
}

impl fmt::Display for Key {
    /// `ctrl-c`, `shift-tab`, `pgup`, `K`, `f5`: what [`Key::from_str`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = |modifier, word| if self.modifiers.contains(modifier) { word } else { "" };
        let known = NAMES.iter().find(|(_, code)| *code == self.code);
        let key = match (known, self.code) {
            (Some((known, _)), _) => (*known).to_owned(),
            (None, KeyCode::Char(c)) => c.to_string(),
            (None, KeyCode::F(number)) => format!("f{number}"),
            (None, other) => format!("{other:?}").to_lowercase(),
        };
        let name = [
            held(KeyModifiers::CONTROL, "ctrl-"),
            held(KeyModifiers::ALT, "alt-"),
            held(KeyModifiers::SHIFT, "shift-"),
            &key,
        ]
        .concat();
        f.pad(&name)
    }
}

/// A word that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key; keys are written as `K`, `ctrl-k`, `alt-x`, `shift-tab`, `pgup`, `f5`")]
pub struct UnknownKey(pub String);

impl FromStr for Key {
    type Err = UnknownKey;

    /// Reads what `Display` prints; modifiers in any order and any case, joined by `-` or `+`.
    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((held, after)) = split_modifier(rest) {
            modifiers |= held;
            rest = after;
        }
        let code = code(rest).ok_or_else(|| UnknownKey(text.to_owned()))?;
        Ok(Self::normal(code, modifiers))
    }
}

fn split_modifier(text: &str) -> Option<(KeyModifiers, &str)> {
    let at = text.find(['-', '+'])?;
    let rest = &text[at + 1..];
    let held = match text[..at].to_ascii_lowercase().as_str() {
        "ctrl" | "control" | "c" => KeyModifiers::CONTROL,
        "alt" | "meta" | "m" => KeyModifiers::ALT,
        "shift" | "s" => KeyModifiers::SHIFT,
        _ => return None,
    };
    (!rest.is_empty()).then_some((held, rest))
}

fn code(word: &str) -> Option<KeyCode> {
    let mut characters = word.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return (!only.is_control() && !only.is_whitespace()).then_some(KeyCode::Char(only));
    }
    let lower = word.to_ascii_lowercase();
    if lower == "backtab" {
        return Some(KeyCode::BackTab);
    }
    let name = ALIASES.iter().find(|(alias, _)| *alias == lower).map_or(&*lower, |(_, name)| name);
    if let Some((_, code)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*code);
    }
    let number = name.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(KeyCode::F(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_it_prints() {
        for name in [
            "K",
            "k",
            "ctrl-c",
            "ctrl-\\",
            "ctrl-]",
            "shift-tab",
            "pgup",
            "f12",
            "alt-x",
            "space",
            "enter",
            "esc",
            "/",
            "?",
            "ctrl-alt-up",
            "shift-home",
            "comma",
            "-",
            "+",
            "ctrl--",
        ] {
            let key: Key = name.parse().unwrap();
            assert_eq!(key.to_string(), name);
        }
    }

    #[test]
    fn spellings_of_one_key_are_equal() {
        for (one, other) in [
            ("Ctrl-C", "ctrl+c"),
            ("C-c", "ctrl-c"),
            ("PageUp", "pgup"),
            ("backtab", "shift-tab"),
            ("shift-k", "K"),
            ("Escape", "esc"),
        ] {
            assert_eq!(one.parse::<Key>(), other.parse::<Key>(), "{one} and {other}");
        }
    }

    #[test]
    fn what_is_no_key_is_told_with_the_mend() {
        for word in ["", "ctrl-", "f25", "f0", "hyper-x", "enterr", " "] {
            let error = word.parse::<Key>().unwrap_err().to_string();
            assert!(error.contains("keys are written as"), "{error}");
        }
    }

    #[test]
    fn control_bytes_have_the_names_of_ascii() {
        for (digit, name) in [('4', "ctrl-\\"), ('5', "ctrl-]"), ('6', "ctrl-^"), ('7', "ctrl-_")] {
            let event = KeyEvent::new(KeyCode::Char(digit), KeyModifiers::CONTROL);
            assert_eq!(Key::from(&event).to_string(), name);
        }
    }
}
