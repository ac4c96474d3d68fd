//! Which rows hold symbols that terminals do not agree on: clusters of several characters, emoji,
//! characters of no width. One that a terminal draws wider or narrower than we think moves all that
//! is behind it, and leaves remains that no comparison of frames can know of.

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthChar;

/// Whether terminals draw it in different numbers of columns.
///
/// Letters and lines that only a terminal set up for an East Asian script draws wide are not among
/// them: every cell of a Greek text would have to be placed by itself, and there our lines are
/// wrong anyway.
#[inline]
pub(super) fn symbol(symbol: &str) -> bool {
    if symbol.len() == 1 {
        // What most cells hold, told without decoding it.
        return false;
    }
    let mut characters = symbol.chars();
    match (characters.next(), characters.next()) {
        (None, _) => false,
        (Some(only), None) => !only.is_ascii() && character(only),
        (Some(_), Some(_)) => true,
    }
}

fn character(c: char) -> bool {
    match c {
        // Emoji, flags and other pictures, new ones each year; the hexagrams became wide in
        // Unicode 16; icons of patched fonts.
        '\u{1f000}'..='\u{1faff}' | '\u{4dc0}'..='\u{4dff}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => true,
        // Wide symbols before the East Asian scripts start: they were narrow until Unicode 9.
        '\u{2000}'..'\u{2e80}' => c.width() != Some(1),
        _ => c.width().is_none_or(|width| width == 0),
    }
}

/// The rows that differ between two frames and of which either holds such a symbol.
pub(super) fn rows(shown: &Buffer, next: &Buffer) -> Vec<u16> {
    let doubtful = |cells: &[Cell]| cells.iter().any(|cell| symbol(cell.symbol()));
    let width = usize::from(next.area.width).max(1);
    let rows = shown.content.chunks(width).zip(next.content.chunks(width)).zip(next.area.top()..);
    rows.filter(|((old, new), _)| old != new && (doubtful(old) || doubtful(new)))
        .map(|(_, row)| row)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::symbol;

    #[test]
    fn what_every_terminal_draws_alike_is_not_doubted() {
        for sure in ["a", " ", "─", "●", "✓", "é", "я", "宽", "ไ"] {
            assert!(!symbol(sure), "{sure}");
        }
    }

    #[test]
    fn clusters_emoji_and_marks_are_doubted() {
        for doubtful in
            ["🇩🇪", "👩\u{200d}👩\u{200d}👧", "e\u{301}", "क\u{94d}षि", "น\u{e33}", "😀", "⌚", "\u{200d}"]
        {
            assert!(symbol(doubtful), "{doubtful}");
        }
    }
}
