//! Mistakes in a declaration: where each is, what it is and how to mend it. Knows no format.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Whoever has more to mend than this mends these first.
const MAX_SHOWN: usize = 100;

/// Every mistake of a configuration, in order of place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Each mistake and each warning, in order of place.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.items.iter()
    }

    /// How many are mistakes rather than warnings; at least 1.
    pub fn mistakes(&self) -> usize {
        self.items.iter().filter(|item| item.severity == Severity::Error).count()
    }

    /// The first hundred as a person reads them, the offending text underlined, and how many more.
    pub fn render(&self, color: bool) -> String {
        let shown = self.items.iter().take(MAX_SHOWN);
        let mut texts: Vec<String> = shown.map(|item| item.render(color)).collect();
        if let Some(more) = self.items.len().checked_sub(MAX_SHOWN).filter(|more| *more > 0) {
            texts.push(format!("… and {more} more"));
        }
        texts.join("\n\n")
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

/// Whether a configuration can be used in spite of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but it may not do what was meant.
    Warning,
}

/// One mistake or warning, with its place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    severity: Severity,
    source: Arc<Source>,
    span: Range<usize>,
    message: String,
    label: String,
    help: Option<String>,
}

impl Diagnostic {
    /// A mistake at these bytes of a text; a span past the end is moved to the end.
    pub(super) fn error(source: &Arc<Source>, span: Range<usize>, message: &str) -> Self {
        Self {
            severity: Severity::Error,
            span: source.clamp(span),
            source: Arc::clone(source),
            message: printable(message),
            label: String::new(),
            help: None,
        }
    }

    /// Says at the underlined text what is wrong with it.
    pub(super) fn label(&mut self, label: &str) -> &mut Self {
        self.label = printable(label);
        self
    }

    /// Says below the text how to mend it.
    pub(super) fn help(&mut self, help: &str) -> &mut Self {
        self.help = Some(printable(help));
        self
    }

    /// Whether it is a mistake or a warning.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The file, as it was named to us.
    pub fn file(&self) -> &str {
        &self.source.name
    }

    /// The bytes of the file that it is about.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.source.text[..self.span.start].matches('\n').count() + 1
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        let start = self.source.line_start(self.span.start);
        self.source.text[start..self.span.start].chars().count() + 1
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What is wrong with the underlined text; may be empty.
    pub fn note(&self) -> &str {
        &self.label
    }

    /// How to mend it.
    pub fn mend(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// It as a person reads it, the offending text underlined.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[self.group()])
    }

    fn group(&self) -> Group<'_> {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let group = Group::with_title(level.primary_title(&self.message));
        let group = match self.snippet() {
            Some(snippet) => group.element(snippet),
            None => group.element(Origin::path(&self.source.name)),
        };
        group.elements(self.help.as_deref().map(|help| Level::HELP.message(help)))
    }

    /// The lines it is about, and no others: a large file costs no more than a small one.
    fn snippet(&self) -> Option<Snippet<'_, annotate_snippets::Annotation<'_>>> {
        if self.source.text.is_empty() {
            return None;
        }
        let start = self.source.line_start(self.span.start);
        let rest = &self.source.text[self.span.end..];
        let end = self.span.end + rest.find('\n').unwrap_or(rest.len());
        let span = self.span.start - start..self.span.end - start;
        let mark = AnnotationKind::Primary.span(span);
        let mark = if self.label.is_empty() { mark } else { mark.label(&self.label) };
        Some(
            Snippet::source(&self.source.text[start..end])
                .line_start(self.line())
                .path(&self.source.name)
                .annotation(mark),
        )
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

/// A text that was read, and what to call it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

impl Source {
    pub(super) fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: printable(&name.into()), text: text.into() })
    }

    /// The byte at which the line around `at` begins.
    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// A span that lies in the text, on character boundaries, with its start before its end.
    fn clamp(&self, span: Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(span.start);
        let end = self.text.ceil_char_boundary(span.end.min(self.text.len()));
        start..end.max(start)
    }
}

/// What has been found so far while a text is read.
pub(super) struct Notes {
    pub(super) source: Arc<Source>,
    items: Vec<Diagnostic>,
}

impl Notes {
    pub(super) fn new(source: &Arc<Source>) -> Self {
        Self { source: Arc::clone(source), items: Vec::new() }
    }

    /// Another text, named by its path from the folder of the one being read.
    pub(super) fn beside(&self, path: &Path, text: String) -> Arc<Source> {
        let name = Path::new(&self.source.name).with_file_name(path);
        Source::new(name.display().to_string(), text)
    }

    /// Adds a mistake at these bytes of the text being read.
    pub(super) fn error(&mut self, span: Range<usize>, message: &str) -> &mut Diagnostic {
        let source = Arc::clone(&self.source);
        self.error_in(&source, span, message)
    }

    /// Adds a mistake in another text than the one being read.
    pub(super) fn error_in(
        &mut self,
        source: &Arc<Source>,
        span: Range<usize>,
        message: &str,
    ) -> &mut Diagnostic {
        self.items.push(Diagnostic::error(source, span, message));
        let last = self.items.len() - 1;
        &mut self.items[last]
    }

    /// Adds a warning at these bytes of the text being read.
    pub(super) fn warning(&mut self, span: Range<usize>, message: &str) -> &mut Diagnostic {
        let item = self.error(span, message);
        item.severity = Severity::Warning;
        item
    }

    /// Drops what is about the text being read, and not about another, and fails the test.
    pub(super) fn retain_own(&mut self, keep: impl Fn(&Diagnostic) -> bool) {
        self.items.retain(|item| !Arc::ptr_eq(&item.source, &self.source) || keep(item));
    }

    /// `value` and the warnings, or all that was found if a mistake is among it.
    pub(super) fn finish<T>(mut self, value: T) -> Result<(T, Vec<Diagnostic>), Diagnostics> {
        let main = Arc::clone(&self.source);
        self.items.sort_by(|a, b| {
            let other = |item: &Diagnostic| !Arc::ptr_eq(&item.source, &main);
            (other(a), &a.source.name, a.span.start, &a.message).cmp(&(
                other(b),
                &b.source.name,
                b.span.start,
                &b.message,
            ))
        });
        // A mistake in [defaults] is met once for each worker.
        self.items.dedup();
        if self.items.iter().any(|item| item.severity == Severity::Error) {
            Err(Diagnostics { items: self.items })
        } else {
            Ok((value, self.items))
        }
    }

    /// What was found, which must hold a mistake.
    pub(super) fn failed(self) -> Diagnostics {
        match self.finish(()) {
            Ok(((), items)) | Err(Diagnostics { items }) => Diagnostics { items },
        }
    }
}

/// A text from a file goes to a terminal here: its control characters must not.
fn printable(text: &str) -> String {
    let escape = |c: char| c.is_control() && c != '\n';
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if escape(c) {
            clean.extend(c.escape_default());
        } else {
            clean.push(c);
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_count_from_one_and_in_characters() {
        let source = Source::new("f", "a\nβγδ = 1\n");
        let at = source.text.find('δ').unwrap();
        let item = Diagnostic::error(&source, at..at + 1, "m");
        assert_eq!((item.line(), item.column()), (2, 3));
        assert_eq!(item.span(), at..at + 2, "widened to whole characters");
    }

    #[test]
    fn spans_outside_the_text_are_moved_into_it() {
        let source = Source::new("f", "abc");
        #[expect(clippy::reversed_empty_ranges, reason = "the mistake under test")]
        for span in [10..20, 2..1, 0..0, 3..3] {
            let item = Diagnostic::error(&source, span, "m");
            assert!(item.render(false).contains("--> f:1"), "{item}");
        }
    }

    #[test]
    fn control_characters_of_a_file_do_not_reach_the_terminal() {
        let source = Source::new("f\u{1b}[31m", "a\u{1b}[31m");
        let mut item = Diagnostic::error(&source, 0..1, "x\u{1b}[2J");
        item.label("\u{7}").help("\u{9b}0m");
        assert!(!item.render(false).contains(['\u{1b}', '\u{7}', '\u{9b}']), "{item:?}");
    }
}
