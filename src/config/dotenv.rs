//! Files of `NAME=value` lines: `env_file`, and the `.env` beside a Procfile.

use super::diagnostic::{Notes, Source};
use std::cell::Cell;
use std::io::{self, Read};
use std::sync::Arc;

/// Reads the variables in order. Every line that cannot be read is noted.
pub(super) fn read(source: &Arc<Source>, notes: &mut Notes) -> Vec<(String, String)> {
    let given = Cell::new(0);
    let lines = Lines { rest: source.text.as_bytes(), given: &given, ended: false };
    let mut variables = Vec::new();
    for entry in dotenvy::Iter::new(lines) {
        match entry {
            Ok((name, value)) if value.contains('\0') => {
                let span = line_before(source, given.get());
                let message = format!("the value of `{name}` holds a NUL character");
                notes.error_in(source, span, &message).label("no variable can hold it");
            }
            Ok(variable) => variables.push(variable),
            Err(dotenvy::Error::LineParse(line, at)) => {
                let given = given.get().min(source.text.len());
                // An open quote takes all to the end, with the line end that is ours.
                let line = line.trim_end_matches('\n');
                let start = source.text[..given].rfind(line).unwrap_or(0);
                unreadable(source, start, line, at, notes);
            }
            Err(other) => {
                notes.error_in(source, 0..0, &format!("cannot be read: {other}"));
                break;
            }
        }
    }
    variables
}

fn unreadable(source: &Arc<Source>, start: usize, line: &str, at: usize, notes: &mut Notes) {
    let first_line = line.lines().next().unwrap_or_default().len();
    // Where the parser stopped, or the whole line if that is past its end.
    let from = start + if at < first_line { at } else { 0 };
    notes
        .error_in(source, from..start + first_line, "not a line of the form NAME=value")
        .label("cannot be read from here on")
        .help("a value with blanks or with `#`, `$`, quotes or backslashes in it wants 'single quotes'");
}

/// The line that ends at this byte.
fn line_before(source: &Source, end: usize) -> std::ops::Range<usize> {
    let end = end.min(source.text.len());
    let text = source.text[..end].trim_end_matches(['\r', '\n']);
    text.rfind('\n').map_or(0, |newline| newline + 1)..text.len()
}

/// Hands the text out line by line and counts, so that an error has a place: the parser gives none.
struct Lines<'a> {
    rest: &'a [u8],
    given: &'a Cell<usize>,
    ended: bool,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given.get() == 0 {
            // Editors on other systems put a byte-order mark at the start.
            if let Some(rest) = self.rest.strip_prefix("\u{feff}".as_bytes()) {
                self.rest = rest;
                self.given.set(3);
            }
        }
        if self.rest.is_empty() && !self.ended && !buffer.is_empty() {
            // The parser takes a last line that ends in a blank for an unfinished one.
            self.ended = true;
            buffer[0] = b'\n';
            return Ok(1);
        }
        let line = memchr::memchr(b'\n', self.rest).map_or(self.rest.len(), |newline| newline + 1);
        let (now, later) = self.rest.split_at(line.min(buffer.len()));
        buffer[..now.len()].copy_from_slice(now);
        self.rest = later;
        self.given.set(self.given.get() + now.len());
        Ok(now.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<(String, String)>, String> {
        let source = Source::new(".env", text);
        let mut notes = Notes::new(&source);
        let variables = read(&source, &mut notes);
        notes.finish(variables).map(|(variables, _)| variables).map_err(|errors| errors.to_string())
    }

    fn pairs(text: &str) -> Vec<(String, String)> {
        read_text(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
    }

    #[test]
    fn variables_are_read_with_quotes_comments_and_export() {
        let text = "# c\nMINDER_A=1\nexport B='two words'\n\nC=\"x\\ny\"\nD=${MINDER_A}2 # tail\nE=\nF=end ";
        let expected =
            [("MINDER_A", "1"), ("B", "two words"), ("C", "x\ny"), ("D", "12"), ("E", ""), ("F", "end")];
        let expected: Vec<_> = expected.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(pairs(text), expected);
        assert_eq!(pairs("\u{feff}A=1"), [("A".to_owned(), "1".to_owned())]);
        assert_eq!(pairs("A=1\r\nB=2\r\n").len(), 2);
    }

    #[test]
    fn every_bad_line_is_told_with_its_place() {
        let error = read_text("A=1\nB C\nD=a b\nE=2\n=x\n").unwrap_err();
        for place in [".env:2:3", ".env:3:5", ".env:5:1"] {
            assert!(error.contains(place), "{place} in\n{error}");
        }
    }

    #[test]
    fn an_open_quote_is_told_where_it_opens() {
        let error = read_text("A=1\nB=\"open\nC=3\n").unwrap_err();
        assert!(error.contains(".env:2:"), "{error}");
    }
}
