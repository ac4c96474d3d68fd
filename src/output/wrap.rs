//! Styled text in rows of a width: characters as people see them stay whole. Knows no line, no log.

use super::view::{Edges, Span};
use compact_str::CompactString;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What stands for a character that is wider than the window.
const TOO_WIDE: &str = "\u{fffd}";

/// The rows that spans take in a window of this width, at least one; each takes at most `columns`.
pub(super) fn rows(spans: &[Span], columns: u16) -> Vec<Vec<Span>> {
    if columns == 0 {
        return vec![Vec::new()];
    }
    let mut rows = Rows { done: Vec::new(), row: Vec::new(), left: columns.into(), columns };
    for span in spans {
        rows.span(span);
    }
    rows.done.push(rows.row);
    rows.done
}

/// The first row: what is to be seen where a row may not be wrapped. The same where all of it is.
pub(super) fn cropped(spans: &Arc<[Span]>, columns: u16) -> Arc<[Span]> {
    if width(spans) <= usize::from(columns) {
        return Arc::clone(spans);
    }
    rows(spans, columns).swap_remove(0).into()
}

/// What of one long row is to be seen from column `left` on, and whether it goes on at either side.
/// A character that is cut in two shows as blanks.
pub(super) fn cut(spans: &[Span], left: u32, columns: u16) -> (Vec<Span>, Edges) {
    let (from, to) = (left as usize, left as usize + usize::from(columns));
    let mut seen = Vec::new();
    let mut at = 0;
    for span in spans {
        if at >= to {
            let more = Edges { left: from > 0, right: true };
            return (seen, more);
        }
        let mut text = CompactString::default();
        at = cut_text(&span.text, at, from..to, &mut text);
        if !text.is_empty() {
            seen.push(Span { text, style: span.style });
        }
    }
    (seen, Edges { left: from > 0 && at > 0, right: at > to })
}

/// Appends what of a text that begins at column `at` is to be seen. Returns the column of its end, or
/// one beyond what is seen.
fn cut_text(text: &str, at: usize, seen: std::ops::Range<usize>, out: &mut CompactString) -> usize {
    if text.is_ascii() {
        let index = |column: usize| column.saturating_sub(at).min(text.len());
        out.push_str(&text[index(seen.start)..index(seen.end)]);
        return at + text.len();
    }
    let mut at = at;
    for cluster in text.graphemes(true) {
        let end = at + cluster.width();
        if seen.start <= at && end <= seen.end {
            out.push_str(cluster);
        } else {
            let shown = end.min(seen.end).saturating_sub(at.max(seen.start));
            out.extend(std::iter::repeat_n(' ', shown));
        }
        at = end;
        if at > seen.end {
            break;
        }
    }
    at
}

/// How many columns spans take.
pub(super) fn width(spans: &[Span]) -> usize {
    spans.iter().map(|span| if span.text.is_ascii() { span.text.len() } else { span.text.width() }).sum()
}

struct Rows {
    done: Vec<Vec<Span>>,
    row: Vec<Span>,
    /// How many columns the row has left.
    left: usize,
    columns: u16,
}

impl Rows {
    /// Between two ASCII characters there is always an end of a cluster: only what is around the
    /// others is to be looked at closely.
    fn span(&mut self, span: &Span) {
        let mut rest = span.text.as_str();
        while !rest.is_empty() {
            let others = rest.bytes().position(|byte| !byte.is_ascii());
            // A mark may join the last character before it.
            let plain = others.map_or(rest.len(), |index| index.saturating_sub(1));
            self.ascii(&rest[..plain], span);
            rest = &rest[plain..];
            let mut pairs = rest.as_bytes().windows(2).skip(1);
            let apart = pairs.position(<[u8]>::is_ascii);
            let closely = apart.map_or(rest.len(), |index| index + 2);
            self.clusters(&rest[..closely], span);
            rest = &rest[closely..];
        }
    }

    fn clusters(&mut self, text: &str, span: &Span) {
        // What was not put into a row yet.
        let mut start = 0;
        let mut end = 0;
        for cluster in text.graphemes(true) {
            let width = cluster.width();
            if width > usize::from(self.columns) {
                self.put(&text[start..end], span);
                self.replace(span);
                start = end + cluster.len();
            } else if width > self.left {
                self.put(&text[start..end], span);
                self.turn();
                start = end;
                self.left -= width;
            } else {
                self.left -= width;
            }
            end += cluster.len();
        }
        self.put(&text[start..], span);
    }

    /// One byte, one column: nothing to measure.
    fn ascii(&mut self, text: &str, span: &Span) {
        let mut rest = text;
        while rest.len() > self.left {
            let (here, there) = rest.split_at(self.left);
            self.put(here, span);
            self.turn();
            rest = there;
        }
        self.left -= rest.len();
        self.put(rest, span);
    }

    fn replace(&mut self, span: &Span) {
        if self.left == 0 {
            self.turn();
        }
        self.left -= 1;
        self.put(TOO_WIDE, span);
    }

    fn put(&mut self, text: &str, span: &Span) {
        if text.is_empty() {
            return;
        }
        match self.row.last_mut() {
            Some(last) if last.style == span.style => last.text.push_str(text),
            Some(_) | None => self.row.push(Span { text: text.into(), style: span.style }),
        }
    }

    fn turn(&mut self) {
        self.done.push(std::mem::take(&mut self.row));
        self.left = self.columns.into();
    }
}

#[cfg(test)]
mod tests {
    use super::super::style::{Attributes, Style};
    use super::*;
    use proptest::prelude::*;

    fn spans(texts: &[&str]) -> Vec<Span> {
        let style = |index: usize| Style {
            attributes: if index % 2 == 1 { Attributes::BOLD } else { Attributes::NONE },
            ..Style::default()
        };
        let span = |(index, text): (usize, &&str)| Span { text: (*text).into(), style: style(index) };
        texts.iter().enumerate().map(span).collect()
    }

    fn texts(rows: Vec<Vec<Span>>) -> Vec<String> {
        rows.into_iter().map(|row| row.into_iter().map(|span| span.text).collect()).collect()
    }

    #[test]
    fn text_is_cut_at_the_width_and_only_there() {
        assert_eq!(texts(rows(&spans(&["abcdef"]), 3)), ["abc", "def"]);
        assert_eq!(texts(rows(&spans(&["ab", "cde", "f"]), 4)), ["abcd", "ef"]);
        assert_eq!(texts(rows(&spans(&["abé", "cde"]), 4)), ["abéc", "de"]);
        assert_eq!(texts(rows(&[], 4)), [""]);
    }

    #[test]
    fn a_long_row_is_cut_at_both_sides() {
        let cut = |texts: &[&str], left, columns| {
            let (spans, edges) = cut(&spans(texts), left, columns);
            (spans.into_iter().map(|span| span.text).collect::<String>(), edges.left, edges.right)
        };
        assert_eq!(cut(&["abc", "def"], 0, 6), ("abcdef".into(), false, false));
        assert_eq!(cut(&["abc", "def"], 2, 3), ("cde".into(), true, true));
        assert_eq!(cut(&["abc", "def"], 9, 3), (String::new(), true, false));
        assert_eq!(cut(&["a日本語b"], 2, 4), (" 本 ".into(), true, true));
        assert_eq!(cut(&["日本", "x"], 0, 4), ("日本".into(), false, true));
        assert_eq!(cut(&[], 3, 4), (String::new(), false, false));
    }

    #[test]
    fn wide_characters_and_clusters_stay_whole() {
        assert_eq!(texts(rows(&spans(&["日本語"]), 5)), ["日本", "語"]);
        assert_eq!(texts(rows(&spans(&["ae\u{301}", "e\u{301}b"]), 2)), ["ae\u{301}", "e\u{301}b"]);
        assert_eq!(texts(rows(&spans(&["abc", "\u{301}d"]), 3)), ["abc\u{301}", "d"]);
    }

    #[test]
    fn windows_too_narrow_for_anything_end() {
        assert_eq!(texts(rows(&spans(&["a日b"]), 1)), ["a", "\u{fffd}", "b"]);
        assert_eq!(texts(rows(&spans(&["a日b"]), 0)), [""]);
    }

    proptest! {
        #[test]
        fn rows_hold_all_the_text_and_fit(
            pieces in prop::collection::vec("[a-z]{0,20}|\\PC{0,6}|[a-c日é\u{301}👍]{0,20}", 0..4),
            columns in 2..20_u16,
        ) {
            let pieces: Vec<_> = pieces
                .iter()
                .map(|piece| piece.chars().filter(|c| !c.is_control()).collect::<String>())
                .collect();
            let all = spans(&pieces.iter().map(String::as_str).collect::<Vec<_>>());
            let made = texts(rows(&all, columns));
            // A cluster that unicode-width sees as wider than 2 may be replaced in narrow windows.
            if all.iter().flat_map(|span| span.text.graphemes(true)).all(|one| one.width() <= 2) {
                prop_assert_eq!(made.concat(), pieces.concat());
            }
            if let [alone] = &all[..] {
                let parts: Vec<_> = made.iter().flat_map(|row| row.graphemes(true)).collect();
                prop_assert_eq!(parts, alone.text.graphemes(true).collect::<Vec<_>>());
            }
            for row in rows(&all, columns) {
                let clusters = row.iter().flat_map(|span| span.text.graphemes(true));
                let width: usize = clusters.map(UnicodeWidthStr::width).sum();
                prop_assert!(width <= usize::from(columns));
            }
        }
    }
}
