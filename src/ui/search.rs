//! A search through a pane: what is looked for and where it stands. It looks in slices, so that
//! no key waits for it; the slices themselves are the loop's.

use regex::{Regex, RegexBuilder};

/// How many lines one slice looks at.
pub(super) const SLICE: usize = 20_000;

/// What is looked for, and how far the look came.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// As it was typed.
    pub(super) text: String,
    pub(super) pattern: Regex,
    /// It is no regular expression, and looked for letter by letter.
    pub(super) literal: bool,
    /// The line that was found last.
    pub(super) at: Option<u64>,
    /// The look that is going on.
    pub(super) look: Option<Look>,
}

/// A look that is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// The next line to look at.
    pub(super) from: u64,
    /// Towards older lines.
    pub(super) up: bool,
    /// It came to the end and went on from the other one.
    pub(super) wrapped: bool,
}

impl Search {
    /// Smart case: a capital letter in the text makes capitals matter.
    pub(super) fn new(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let (pattern, literal) = match compile(text, text) {
            Ok(pattern) => (pattern, false),
            Err(_) => (compile(&regex::escape(text), text).ok()?, true),
        };
        Some(Self { text: text.to_owned(), pattern, literal, at: None, look: None })
    }

    /// It looked everywhere and found nothing.
    pub(super) fn in_vain(&self) -> bool {
        self.look.is_none() && self.at.is_none()
    }

    /// What is said when there is none.
    pub(super) fn no_match(&self) -> String {
        format!("no match for {}", self.text)
    }

    /// Starts to look from this line on, the line included.
    pub(super) fn look(&mut self, from: u64, up: bool) {
        self.look = Some(Look { from, up, wrapped: false });
    }
}

fn compile(pattern: &str, typed: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).case_insensitive(!has_capital(typed)).size_limit(1 << 20).build()
}

/// A capital letter that is meant as such: not the one of `\S`.
fn has_capital(text: &str) -> bool {
    let mut escaped = false;
    text.chars().any(|c| {
        let meant = !escaped && c.is_uppercase();
        escaped = !escaped && c == '\\';
        meant
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_matter_once_one_is_typed() {
        let finds = |text: &str, line: &str| Search::new(text).unwrap().pattern.is_match(line);
        assert!(finds("error", "an ERROR"));
        assert!(!finds("Error", "an ERROR"));
        assert!(finds(r"\Serror", "anERROR"));
    }

    #[test]
    fn what_is_no_expression_is_looked_for_as_it_is() {
        let search = Search::new("a(b").unwrap();
        assert!(search.literal && search.pattern.is_match("xA(By"));
        assert!(!Search::new("a.b").unwrap().literal);
        assert!(Search::new("").is_none());
    }
}
