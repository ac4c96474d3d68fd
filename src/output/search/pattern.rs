//! A pattern as it was typed, and the lines of a block that it matches. Knows no log.

use crate::output::block::Block;
use crate::output::styled;
use memchr::memchr;
use regex::{Regex, bytes};
use std::ops::Range;

/// Lines that look like errors: a level word where programs write one, an exception's or a panic's
/// name. A word in lower case counts only where it begins the line or a colon follows, so that
/// `0 errors` and `error handling` in a sentence do not.
pub const ERRORS: &str = concat!(
    r"\b(?:ERROR|FATAL|CRITICAL|CRIT|ALERT|EMERG|PANIC|SEVERE|FAILED|FAILURE|Traceback|Unhandled|Uncaught)\b",
    r"|\b(?:Error|Fatal|Exception|Failed|[A-Z][A-Za-z]*(?:Error|Exception))\b",
    r"|\b(?:error|fatal|panic|exception|failed)(?:\[[A-Za-z0-9]+\])?:",
    r"|^\s*(?:error|fatal|panic)\b",
    r"|\bpanicked at\b|\bsegfault\b|[Ss]egmentation fault|\bcore dumped\b|\blevel=(?:error|fatal|panic)\b",
    r#"|"level":\s*"(?:error|fatal|panic|critical)""#,
);

/// A pattern is at most so large once compiled.
const LARGEST: usize = 1 << 20;

/// What is looked for: a regular expression, or text that is none, taken letter by letter.
#[derive(Debug, Clone)]
pub struct Pattern {
    typed: String,
    text: Regex,
    bytes: bytes::Regex,
    literal: bool,
    /// It can be looked for in many lines at once: nothing in it is about the whole text's ends.
    many_lines: bool,
}

impl Pattern {
    /// Smart case: a capital letter in the text makes capitals matter. `None` for no text.
    pub fn new(typed: &str) -> Option<Self> {
        if typed.is_empty() {
            return None;
        }
        let smart = !has_capital(typed);
        Self::compile(typed, typed, smart, false)
            .or_else(|| Self::compile(&regex::escape(typed), typed, smart, true))
    }

    /// A regular expression in which every letter's case matters. `None` where it is none.
    pub fn exact(expression: &str) -> Option<Self> {
        Self::compile(expression, expression, false, false)
    }

    fn compile(expression: &str, typed: &str, any_case: bool, literal: bool) -> Option<Self> {
        let text = regex::RegexBuilder::new(expression)
            .case_insensitive(any_case)
            .multi_line(true)
            .size_limit(LARGEST)
            .build()
            .ok()?;
        let bytes = bytes::RegexBuilder::new(expression)
            .case_insensitive(any_case)
            .multi_line(true)
            .size_limit(LARGEST)
            .build()
            .ok()?;
        // Flags could switch off that lines have ends.
        let many_lines = literal || !["\\A", "\\z", "(?"].iter().any(|part| expression.contains(part));
        Some(Self { typed: typed.to_owned(), text, bytes, literal, many_lines })
    }

    /// As it was typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// It is no regular expression, and looked for letter by letter.
    pub fn is_literal(&self) -> bool {
        self.literal
    }

    /// Whether the plain text of a line matches.
    pub fn matches(&self, text: &str) -> bool {
        self.text.is_match(text)
    }

    /// Where in a text it matches; nothing that is empty.
    pub fn found_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.text.find_iter(text).map(|found| found.range()).filter(|found| !found.is_empty())
    }

    /// Appends the lines of a block, of those asked for, whose plain text matches.
    pub(super) fn lines_of(&self, block: &Block, lines: Range<u64>, found: &mut Vec<u64>) {
        if lines.is_empty() {
            return;
        }
        if !self.many_lines {
            return self.one_by_one(block, lines, found);
        }
        let (start, end) = (block.start_of(lines.start), block.start_of(lines.end));
        let bytes = &block.bytes()[start..end];
        let looked = if is_plain(bytes) {
            self.many(bytes, |byte| block.line_at(start + byte), found)
        } else {
            let (text, starts) = plain_text(block, lines.clone());
            let line_at = |byte| lines.start + starts.partition_point(|start| *start <= byte) as u64 - 1;
            self.many(text.as_bytes(), line_at, found)
        };
        if let Err(line) = looked {
            self.one_by_one(block, line..lines.end, found);
        }
    }

    /// Looks through many lines at once: their plain text, each closed by a newline. Gives up with the
    /// line where a match goes over a line's end, which one in a line alone would not.
    fn many(&self, text: &[u8], line_at: impl Fn(usize) -> u64, found: &mut Vec<u64>) -> Result<(), u64> {
        let mut at = 0;
        while at < text.len() {
            let Some(one) = self.bytes.find_at(text, at) else { return Ok(()) };
            if one.start() >= text.len() {
                return Ok(());
            }
            let rest = memchr(b'\n', &text[one.start()..]).map_or(text.len(), |end| one.start() + end);
            if one.end() > rest {
                return Err(line_at(at));
            }
            found.push(line_at(one.start()));
            at = rest + 1;
        }
        Ok(())
    }

    fn one_by_one(&self, block: &Block, lines: Range<u64>, found: &mut Vec<u64>) {
        found.extend(lines.filter(|line| {
            let bytes = block.line(*line).bytes;
            self.text.is_match(&styled::plain(bytes))
        }));
    }
}

/// The plain text of lines, each closed by a newline, and where each begins.
fn plain_text(block: &Block, lines: Range<u64>) -> (String, Vec<usize>) {
    let mut text = String::with_capacity(block.bytes().len());
    let mut starts = Vec::with_capacity((lines.end - lines.start) as usize);
    for line in lines {
        starts.push(text.len());
        styled::push_plain(block.line(line).bytes, &mut text);
        text.push('\n');
    }
    (text, starts)
}

/// Whether lines are shown as their bytes are: printable text and line ends alone.
fn is_plain(bytes: &[u8]) -> bool {
    // In pieces without a branch inside, which the compiler makes fast.
    let control = |byte: u8| u8::from(byte < b' ') & u8::from(byte != b'\n') | u8::from(byte == 0x7f);
    let clean = bytes.chunks(4096).all(|piece| piece.iter().fold(0, |any, byte| any | control(*byte)) == 0);
    // C1 controls are written as C2 80 to C2 9F.
    clean
        && std::str::from_utf8(bytes).is_ok_and(|text| {
            text.is_ascii()
                || !memchr::memchr_iter(0xC2, bytes).any(|at| matches!(bytes.get(at + 1), Some(0x80..=0x9f)))
        })
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
        let finds = |typed: &str, line: &str| Pattern::new(typed).unwrap().matches(line);
        assert!(finds("error", "an ERROR"));
        assert!(!finds("Error", "an ERROR"));
        assert!(finds(r"\Serror", "anERROR"));
    }

    #[test]
    fn what_is_no_expression_is_looked_for_as_it_is() {
        let pattern = Pattern::new("a(b").unwrap();
        assert!(pattern.is_literal() && pattern.matches("xA(By"));
        assert!(!Pattern::new("a.b").unwrap().is_literal());
        assert!(Pattern::new("").is_none());
    }

    #[test]
    fn error_looking_lines_are_told_from_talk_about_errors() {
        let errors = Pattern::exact(ERRORS).unwrap();
        for line in [
            "2026-11-22 ERROR db: gone",
            "[FATAL] no disk",
            "error: expected `;`",
            "error[E0308]: mismatched types",
            "make: *** [all] Error 2",
            "Traceback (most recent call last):",
            "ValueError: invalid literal",
            "java.lang.NullPointerException",
            "thread 'main' panicked at src/main.rs:2:5:",
            "panic: runtime error: index out of range",
            "Segmentation fault (core dumped)",
            r#"{"time":1,"level":"error","msg":"x"}"#,
            "time=1 level=error msg=x",
            "test a::b ... FAILED",
        ] {
            assert!(errors.matches(line), "{line}");
        }
        for line in ["0 errors, 2 warnings", "error handling is on", "no failures", "stderr", "terror: x"] {
            let expected = line == "error handling is on";
            assert_eq!(errors.matches(line), expected, "{line}");
        }
    }

    #[test]
    fn only_printable_text_is_plain() {
        assert!(is_plain("abc é日\nx\n".as_bytes()));
        for bytes in [&b"a\tb\n"[..], b"\x1b[m", b"\x7f", b"\xff", b"a\r\n", b"\xc2\x9b1m"] {
            assert!(!is_plain(bytes), "{bytes:?}");
        }
    }
}
