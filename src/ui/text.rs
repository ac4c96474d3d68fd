//! Text that fits: cut to columns with an ellipsis, and numbers as short as a column wants them.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use std::borrow::Cow;
use std::time::Duration;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many columns it takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Several lines as one: ` ⏎ ` stands where one ends. Empty lines and what indents the others go.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Cow::Owned(lines.collect::<Vec<_>>().join(" ⏎ ").replace(char::is_control, " "))
}

/// Its words in lines of at most this many columns; a word that is longer is cut.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word = cut(word, columns);
        let line = lines.last_mut().expect("there is one from the start");
        if line.is_empty() {
            line.push_str(&word);
        } else if width(line) + 1 + width(&word) <= columns {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push(word.into_owned());
        }
    }
    lines
}

/// At most this many columns of it; what is cut ends in `…`.
pub(super) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += width(grapheme);
        if used > columns - 1 {
            break;
        }
        kept.push_str(grapheme);
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// At most this many columns of its end; what is cut starts with `…`.
pub(super) fn cut_start(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut kept = Vec::new();
    let mut used = 1;
    for grapheme in text.graphemes(true).rev() {
        used += width(grapheme);
        if used > columns {
            break;
        }
        kept.push(grapheme);
    }
    kept.push(if columns == 0 { "" } else { "…" });
    Cow::Owned(kept.into_iter().rev().collect())
}

/// How long something runs, in at most 5 columns: `42s`, `12m34`, `3h05`, `2d03`.
pub(super) fn uptime(ran: Duration) -> String {
    let seconds = ran.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h{:02}", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{:02}", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// Bytes in at most 5 columns: `0`, `812K`, `9.5M`, `120M`, `1.2G`.
pub(super) fn bytes(bytes: u64) -> String {
    let mut value = bytes as f64 / 1024.0;
    for unit in ['K', 'M', 'G'] {
        match value {
            ..9.95 if unit != 'K' => return format!("{value:.1}{unit}"),
            ..999.5 => return format!("{value:.0}{unit}"),
            _ => value /= 1024.0,
        }
    }
    format!("{value:.1}T")
}

/// Percent of one core in at most 5 columns.
pub(super) fn percent(value: f32) -> String {
    if value < 9.95 { format!("{value:.1}") } else { format!("{value:.0}") }
}

/// A count with its thousands apart: `1,234`.
pub(super) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 zombie`, `2 zombies`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(count), if count == 1 { one } else { many })
}

/// Draws text from a cell on, at most `room` columns of it. Returns the column after it.
pub(super) fn put(buffer: &mut Buffer, (x, y): (u16, u16), text: &str, room: usize, looks: Style) -> u16 {
    let printable = text.bytes().fold(true, |all, byte| all & (b' '..=b'~').contains(&byte));
    if !printable {
        return buffer.set_stringn(x, y, text, room, looks).0;
    }
    // One column for each byte: most of what is drawn, and nothing to be looked up in tables.
    let columns = text.len().min(room).min(usize::from(buffer.area.right().saturating_sub(x)));
    if columns > 0 {
        let start = buffer.index_of(x, y);
        for (cell, byte) in buffer.content[start..start + columns].iter_mut().zip(text.bytes()) {
            cell.set_char(char::from(byte)).set_style(looks);
        }
    }
    x + columns as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Color;

    #[test]
    fn text_is_put_as_ratatui_puts_it() {
        let looks = Style::new().fg(Color::Red);
        for text in ["", "plain", "much longer than there is room", "é日本", "a\tb"] {
            for (x, room) in [(0, 20), (3, 4), (9, 5), (10, 5)] {
                let mut ours = Buffer::empty(Rect::new(0, 0, 10, 2));
                let mut theirs = ours.clone();
                let end = put(&mut ours, (x, 1), text, room, looks);
                let same = x >= 10 || end == theirs.set_stringn(x, 1, text, room, looks).0;
                assert!(same && ours == theirs, "{text:?} at {x} in {room}");
            }
        }
    }

    #[test]
    fn cut_text_says_so_and_fits() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        assert_eq!(cut("宽宽宽", 4), "宽…");
        assert_eq!(cut("x", 0), "");
        assert_eq!(cut_start("longer", 4), "…ger");
        assert_eq!(cut_start("longer", 0), "");
    }

    #[test]
    fn lines_stay_apart_on_one_line() {
        assert_eq!(one_line("echo x"), "echo x");
        assert_eq!(one_line("echo x\n  sleep\t2\n\n"), "echo x ⏎ sleep 2");
    }

    #[test]
    fn words_wrap_between_them() {
        assert_eq!(wrapped("stop all and end", 8), ["stop all", "and end"]);
        assert_eq!(wrapped("interrupted now", 5), ["inte…", "now"]);
    }

    #[test]
    fn numbers_fit_their_columns() {
        let seconds = Duration::from_secs;
        for (ran, text) in [(0, "0s"), (59, "59s"), (61, "1m01"), (7500, "2h05"), (97_200, "1d03")] {
            assert_eq!(uptime(seconds(ran)), text);
        }
        for (size, text) in [
            (0, "0K"),
            (812 * 1024, "812K"),
            (1 << 20, "1.0M"),
            (120 << 20, "120M"),
            (1023 << 20, "1.0G"),
            (5 << 40, "5.0T"),
        ] {
            assert_eq!(bytes(size), text);
        }
        assert_eq!((percent(0.25), percent(99.6)), ("0.2".to_owned(), "100".to_owned()));
        assert_eq!((thousands(7), thousands(1_234_567)), ("7".to_owned(), "1,234,567".to_owned()));
    }
}
