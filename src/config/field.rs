//! One value of a TOML table, read as what its key wants. A mistake is noted and the value left out.

use super::diagnostic::{Diagnostic, Notes};
use super::{duration, size};
use crate::suggest;
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with the key it stands under.
#[derive(Clone, Copy)]
pub(super) struct Field<'v> {
    /// The key as messages name it.
    pub(super) key: &'v str,
    /// What the key wants, in words.
    pub(super) wants: &'v str,
    pub(super) value: &'v Spanned<DeValue<'v>>,
}

impl<'v> Field<'v> {
    pub(super) fn span(self) -> Range<usize> {
        self.value.span()
    }

    /// Another value under the same key, as an array's element.
    pub(super) fn with(self, value: &'v Spanned<DeValue<'v>>) -> Self {
        Self { value, ..self }
    }

    /// The same value, as one that must be `wants`.
    pub(super) fn wanting(self, wants: &'v str) -> Self {
        Self { wants, ..self }
    }

    pub(super) fn as_str(self) -> Option<&'v str> {
        self.value.get_ref().as_str()
    }

    pub(super) fn as_table(self) -> Option<&'v DeTable<'v>> {
        self.value.get_ref().as_table()
    }

    /// Notes that the value is of another type than its key wants.
    pub(super) fn wrong_type(self, notes: &mut Notes) -> &mut Diagnostic {
        let message = format!("`{}` wants {}", self.key, self.wants);
        let found = format!("this is {}", found(self.value.get_ref()));
        notes.error(self.span(), &message).label(&found)
    }

    /// Notes that the value is of the right type and still cannot be.
    pub(super) fn bad<'n>(self, notes: &'n mut Notes, label: &str) -> &'n mut Diagnostic {
        let message = format!("`{}` wants {}", self.key, self.wants);
        notes.error(self.span(), &message).label(label)
    }

    /// A string that the kernel can take: without NUL.
    pub(super) fn string(self, notes: &mut Notes) -> Option<&'v str> {
        let Some(text) = self.as_str() else {
            let scalar = scalar(self.value.get_ref());
            let diagnostic = self.wrong_type(notes);
            if let Some(text) = scalar {
                diagnostic.help(&format!("write it in quotes: \"{text}\""));
            }
            return None;
        };
        if text.contains('\0') {
            self.bad(notes, "holds a NUL character, which no argument or variable can");
            return None;
        }
        Some(text)
    }

    /// A string that is not blank.
    pub(super) fn filled(self, notes: &mut Notes) -> Option<Spanned<String>> {
        let text = self.string(notes)?;
        if text.trim().is_empty() {
            self.bad(notes, "this is empty");
            return None;
        }
        Some(Spanned::new(self.span(), text.to_owned()))
    }

    /// An array of strings with at least one in it.
    pub(super) fn words(self, notes: &mut Notes) -> Option<Vec<Spanned<String>>> {
        let Some(array) = self.value.get_ref().as_array() else {
            self.wrong_type(notes);
            return None;
        };
        if array.is_empty() {
            self.bad(notes, "this is empty");
            return None;
        }
        let mut words = Vec::with_capacity(array.len());
        for element in array {
            let field = self.with(element).wanting("strings in its array");
            let word = field.string(notes).map(|text| Spanned::new(element.span(), text.to_owned()));
            words.push(word);
        }
        words.into_iter().collect()
    }

    pub(super) fn boolean(self, notes: &mut Notes) -> Option<bool> {
        let value = self.value.get_ref().as_bool();
        if value.is_none() {
            let word = self.as_str().filter(|text| ["true", "false"].contains(text));
            let diagnostic = self.wrong_type(notes);
            if let Some(word) = word {
                diagnostic.help(&format!("write it without quotes: {word}"));
            }
        }
        value
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(self, notes: &mut Notes, choices: &[(&str, T)]) -> Option<T> {
        let Some(text) = self.as_str() else {
            self.wrong_type(notes);
            return None;
        };
        let found = choices.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let nearest = suggest::nearest(text, choices.iter().map(|(word, _)| *word));
            let diagnostic = self.bad(notes, "not one of these");
            if let Some(word) = nearest {
                diagnostic.help(&format!("did you mean \"{word}\"?"));
            }
        }
        found.map(|(_, value)| *value)
    }

    /// A whole number, in any of TOML's notations.
    pub(super) fn integer<N>(self, notes: &mut Notes, range: RangeInclusive<N>) -> Option<N>
    where
        N: TryFrom<i128> + PartialOrd + Display,
    {
        let Some(integer) = self.value.get_ref().as_integer() else {
            let quoted = self.as_str().and_then(|text| text.parse::<i64>().ok());
            let diagnostic = self.wrong_type(notes);
            if let Some(number) = quoted {
                diagnostic.help(&format!("write it without quotes: {number}"));
            }
            return None;
        };
        let number = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.and_then(|number| N::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let label = format!("must lie between {} and {}", range.start(), range.end());
            self.bad(notes, &label);
        }
        number
    }

    /// Bytes, as a number or with a unit in a string, within these bounds.
    pub(super) fn size(self, notes: &mut Notes, range: RangeInclusive<u64>) -> Option<u64> {
        let Some(text) = self.as_str() else { return self.integer(notes, range) };
        let Some(bytes) = size::parse(text) else {
            self.bad(notes, "cannot be read")
                .help("a whole number with K, M, G or T (times 1024) behind it, as \"512M\"");
            return None;
        };
        if !range.contains(&bytes) {
            let label = format!("must be at least {}", size::write(*range.start()));
            self.bad(notes, &label);
            return None;
        }
        Some(bytes)
    }

    /// As [`Field::size`], at least `least` or nothing at all.
    pub(super) fn size_or_zero(self, notes: &mut Notes, least: u64) -> Option<u64> {
        let zero = self.value.get_ref().as_integer().is_some_and(|integer| integer.as_str() == "0");
        if zero || self.as_str() == Some("0") {
            return Some(0);
        }
        self.size(notes, least..=u64::MAX >> 2)
    }

    /// A number with or without a fraction.
    pub(super) fn number(self, notes: &mut Notes, range: RangeInclusive<f64>) -> Option<f64> {
        let value = self.value.get_ref();
        let Some(text) = value.as_float().map(toml::de::DeFloat::as_str).or_else(|| {
            value.as_integer().filter(|integer| integer.radix() == 10).map(toml::de::DeInteger::as_str)
        }) else {
            self.wrong_type(notes);
            return None;
        };
        // `nan` lies in no range.
        let number = text.parse::<f64>().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let label = format!("must lie between {} and {}", range.start(), range.end());
            self.bad(notes, &label);
        }
        number
    }

    /// A duration in a string, within these bounds.
    pub(super) fn duration(self, notes: &mut Notes, range: RangeInclusive<Duration>) -> Option<Duration> {
        let Some(text) = self.as_str() else {
            let scalar = scalar(self.value.get_ref());
            let diagnostic = self.wrong_type(notes);
            if let Some(number) = scalar {
                diagnostic.help(&format!("write the unit with it, in quotes: \"{number}s\""));
            }
            return None;
        };
        let Some(duration) = duration::parse(text) else {
            self.bad(notes, "no number with a unit").help("as \"500ms\", \"5s\", \"1m30s\" or \"2h\"");
            return None;
        };
        if !range.contains(&duration) {
            let (start, end) = (duration::write(*range.start()), duration::write(*range.end()));
            self.bad(notes, &format!("must lie between {start} and {end}"));
            return None;
        }
        Some(duration)
    }
}

/// A number or a truth value as text.
pub(super) fn scalar(value: &DeValue<'_>) -> Option<String> {
    if let Some(truth) = value.as_bool() {
        return Some(truth.to_string());
    }
    if let Some(integer) = value.as_integer() {
        let number = i128::from_str_radix(integer.as_str(), integer.radix());
        return number.ok().map(|number| number.to_string());
    }
    value.as_float().map(|float| float.as_str().to_owned())
}

fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
