//! What the bytes of a line say and how it looks: escapes become styles, the rest of what controls
//! a terminal is dropped. Knows neither logs nor widths of windows.

use super::screen::restyle;
use super::style::Style;
use super::view::Span;
use compact_str::CompactString;
use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;
use vte::{Params, Parser, Perform};

const TAB_STOP: usize = 8;

/// A line as styled text: SGR escapes become styles, tabs go to stops of 8 columns, what is no
/// UTF-8 shows as U+FFFD, every other control and escape is dropped.
///
/// As on a terminal, what comes after a carriage return replaces what was there.
pub fn spans(bytes: &[u8]) -> Vec<Span> {
    if let Some(text) = printable(bytes) {
        let style = Style::default();
        return if text.is_empty() { Vec::new() } else { vec![Span { text: text.into(), style }] };
    }
    let mut spans = Vec::new();
    read(bytes, &mut spans);
    spans
}

/// The text of a line as [`spans`] shows it.
pub fn plain(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(text) = printable(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    push_plain(bytes, &mut text);
    Cow::Owned(text)
}

/// Appends the text of a line as [`spans`] shows it.
pub(super) fn push_plain(bytes: &[u8], text: &mut String) {
    let start = text.len();
    if without_colors(bytes, text).is_none() {
        text.truncate(start);
        let mut plain = String::new();
        read(bytes, &mut plain);
        text.push_str(&plain);
    }
}

/// Appends the text of a line that has nothing but tabs and colours beside it, found without the
/// state machine; `None` where there is more to it.
fn without_colors(bytes: &[u8], text: &mut String) -> Option<()> {
    let mut column = 0;
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(u8::is_ascii_control).unwrap_or(rest.len());
        let (chunk, control) = rest.split_at(end);
        let chunk = std::str::from_utf8(chunk).ok()?;
        if !chunk.is_ascii() && chunk.contains(char::is_control) {
            return None;
        }
        text.push_str(chunk);
        // Carried along: a line may be a megabyte of tabs.
        column += chunk.chars().filter_map(UnicodeWidthChar::width).sum::<usize>();
        rest = match control {
            [] => control,
            [b'\t', after @ ..] => {
                let blanks = to_tab_stop(column);
                text.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
                after
            }
            [0x1B, b'[', after @ ..] => {
                let last = after.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';' | b':'))?;
                // Of these, only the one that sets colours, and the one that erases, are common.
                matches!(after[last], b'm' | b'K').then(|| &after[last + 1..])?
            }
            _ => return None,
        };
    }
    Some(())
}

/// Writes a line so that it may go to a real terminal: its text, its tabs and, with `colors`, its
/// styles, encoded anew and reset at the end. No escape gets there unread.
pub fn recolored(bytes: &[u8], colors: bool, out: &mut Vec<u8>) {
    if let Some(text) = printable(bytes) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let start = out.len();
    let mut encoder = Encoder { out, start, colors, style: Style::default() };
    read(bytes, &mut encoder);
    encoder.change_to(Style::default());
}

/// Writes styled text as [`recolored`] writes bytes.
pub(super) fn encoded(spans: &[Span], colors: bool, out: &mut Vec<u8>) {
    let start = out.len();
    let mut encoder = Encoder { out, start, colors, style: Style::default() };
    for span in spans {
        encoder.change_to(span.style);
        encoder.out.extend_from_slice(span.text.as_bytes());
    }
    encoder.change_to(Style::default());
}

/// The style that holds after these bytes.
pub(super) fn style_after(bytes: &[u8]) -> Style {
    if memchr::memchr(0x1B, bytes).is_none() {
        return Style::default();
    }
    read(bytes, &mut Nowhere)
}

/// The bytes as text if all of it is to be shown as it is: no control character, no escape.
pub(super) fn printable(bytes: &[u8]) -> Option<&str> {
    if bytes.iter().any(u8::is_ascii_control) {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    (text.is_ascii() || !text.contains(char::is_control)).then_some(text)
}

/// Where the text of a line goes.
trait Sink {
    /// A printable character, or a tab at this column.
    fn put(&mut self, character: char, column: usize, style: Style);
    /// What was put is to be overwritten.
    fn restart(&mut self);
}

impl Sink for Vec<Span> {
    fn put(&mut self, character: char, column: usize, style: Style) {
        if self.last().is_none_or(|last| last.style != style) {
            self.push(Span { text: CompactString::default(), style });
        }
        let last = self.last_mut().expect("a span was pushed where there was none");
        push(&mut last.text, character, column);
    }

    fn restart(&mut self) {
        self.clear();
    }
}

impl Sink for String {
    fn put(&mut self, character: char, column: usize, _: Style) {
        push(self, character, column);
    }

    fn restart(&mut self) {
        self.clear();
    }
}

fn push(text: &mut impl Extend<char>, character: char, column: usize) {
    let (shown, times) = if character == '\t' { (' ', to_tab_stop(column)) } else { (character, 1) };
    text.extend(std::iter::repeat_n(shown, times));
}

struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    colors: bool,
    style: Style,
}

impl Encoder<'_> {
    fn change_to(&mut self, style: Style) {
        if self.colors && style != self.style {
            restyle::write(self.out, self.style, style);
            self.style = style;
        }
    }
}

impl Sink for Encoder<'_> {
    fn put(&mut self, character: char, _: usize, style: Style) {
        self.change_to(style);
        self.out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn restart(&mut self) {
        self.out.truncate(self.start);
        self.style = Style::default();
    }
}

/// For whoever asks for the style alone.
struct Nowhere;

impl Sink for Nowhere {
    fn put(&mut self, _: char, _: usize, _: Style) {}
    fn restart(&mut self) {}
}

/// Reads a line into a sink; returns the style that holds at its end.
fn read(bytes: &[u8], sink: &mut impl Sink) -> Style {
    let mut reader = Reader { sink, style: Style::default(), column: 0, overwrites: false };
    let mut parser = Parser::new();
    parser.advance(&mut reader, bytes);
    // CAN shows what a character cut at the line's end leaves behind, and says nothing itself.
    parser.advance(&mut reader, b"\x18");
    reader.style
}

struct Reader<'a, S> {
    sink: &'a mut S,
    style: Style,
    column: usize,
    /// The cursor went back to the line's beginning: the next character overwrites it.
    overwrites: bool,
}

impl<S: Sink> Reader<'_, S> {
    fn put(&mut self, character: char, columns: usize) {
        if std::mem::take(&mut self.overwrites) {
            self.column = 0;
            self.sink.restart();
        }
        let columns = if character == '\t' { to_tab_stop(self.column) } else { columns };
        self.sink.put(character, self.column, self.style);
        self.column += columns;
    }
}

impl<S: Sink> Perform for Reader<'_, S> {
    fn print(&mut self, character: char) {
        // DEL comes here as well: it has no width, as all that is not shown.
        if let Some(columns) = character.width() {
            self.put(character, columns);
        }
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\t' => self.put('\t', 0),
            b'\r' => self.overwrites = true,
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignore: bool, action: char) {
        if ignore || !intermediates.is_empty() {
            return;
        }
        match action {
            'm' => restyle::apply(&mut self.style, params),
            // CHA to the first column: how spinners go back to a line's beginning.
            'G' if params.iter().next().is_none_or(|first| first[0] <= 1) => self.overwrites = true,
            _ => {}
        }
    }
}

fn to_tab_stop(column: usize) -> usize {
    TAB_STOP - column % TAB_STOP
}

#[cfg(test)]
mod tests {
    use super::super::style::{Attributes, Color};
    use super::*;
    use proptest::prelude::*;

    fn text(bytes: &[u8]) -> String {
        spans(bytes).into_iter().map(|span| span.text).collect()
    }

    fn recolor(bytes: &[u8], colors: bool) -> String {
        let mut out = Vec::new();
        recolored(bytes, colors, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn sgr_becomes_style() {
        let red = Style { foreground: Color::Indexed(1), ..Style::default() };
        let exact = Style {
            foreground: Color::Rgb(1, 2, 3),
            background: Color::Indexed(200),
            attributes: Attributes::BOLD,
        };
        assert_eq!(
            spans(b"a\x1b[31mb\x1b[1;38:2::1:2:3;48;5;200mc\x1b[md"),
            [
                Span { text: "a".into(), style: Style::default() },
                Span { text: "b".into(), style: red },
                Span { text: "c".into(), style: exact },
                Span { text: "d".into(), style: Style::default() },
            ]
        );
    }

    #[test]
    fn what_controls_a_terminal_is_dropped() {
        assert_eq!(text(b"a\x07b\x1b[2Jc\x1b]0;title\x07d\x1bPq#1\x1b\\e\x1b(Bf"), "abcdef");
        assert_eq!(text(b"a\x7fb\x00c\x90d\xc2\x9be"), "abcde");
        assert_eq!(text(b"a\x1b[?25lb\x1b[>4;1mc\x1b[38"), "abc");
    }

    #[test]
    fn what_is_no_utf8_shows_as_a_replacement() {
        assert_eq!(text(b"a\xffb"), "a\u{fffd}b");
        assert_eq!(text(b"a\xe2\x82"), "a\u{fffd}");
        assert_eq!(text("a\u{20ac}é".as_bytes()), "a\u{20ac}é");
    }

    /// In one pass: it would take hours if each tab looked at all that is before it.
    #[test]
    fn a_line_may_be_all_tabs() {
        assert_eq!(plain(&b"x\t".repeat(1 << 20)).len(), 8 << 20);
    }

    #[test]
    fn tabs_go_to_stops_of_eight() {
        assert_eq!(text(b"\ta\tb"), "        a       b");
        assert_eq!(text("1234567é\t日\tb".as_bytes()), "1234567é        日      b");
        assert_eq!(recolor(b"\ta\x1b[H", false), "\ta");
    }

    #[test]
    fn what_follows_a_carriage_return_replaces_the_line() {
        assert_eq!(text(b"10%\r20%\r30%\r"), "30%");
        assert_eq!(text(b"\x1b[32m10%\r\x1b[1G\x1b[0Kdone"), "done");
        let green = Style { foreground: Color::Indexed(2), ..Style::default() };
        assert_eq!(spans(b"\x1b[32m10%\r20%"), [Span { text: "20%".into(), style: green }]);
        assert_eq!(recolor(b"\x1b[32m10%\r20%", true), recolor(b"\x1b[32m20%", true));
    }

    #[test]
    fn a_recolored_line_ends_as_it_began() {
        assert_eq!(recolor(b"a\x1b[31mb", false), "ab");
        let colored = recolor(b"a\x1b[31mb\x1b[2J", true);
        assert!(colored.starts_with("a\x1b["), "{colored:?}");
        assert_eq!(spans(colored.as_bytes()), spans(b"a\x1b[31mb"));
        assert_eq!(style_after(colored.as_bytes()), Style::default());
    }

    fn noise() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..6),
            "[ -~]{0,8}".prop_map(String::into_bytes),
            "\\PC{0,4}".prop_map(String::into_bytes),
            "\x1b\\[[0-9;:]{0,8}m".prop_map(String::into_bytes),
            "\x1b[\\[\\]PX^_(]?[0-9;?]{0,3}[A-Za-z\x07]?".prop_map(String::into_bytes),
            prop::sample::select(vec![b"\r".to_vec(), b"\t".to_vec(), b"\x1b[G".to_vec()]),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_bytes_give_printable_text_alone(bytes in noise()) {
            let shown = text(&bytes);
            prop_assert!(!shown.contains(char::is_control), "{shown:?}");
            prop_assert_eq!(&plain(&bytes), &shown);
            let colored = recolor(&bytes, true);
            prop_assert_eq!(spans(colored.as_bytes()), spans(&bytes));
            prop_assert_eq!(style_after(colored.as_bytes()), Style::default());
            let bare = recolor(&bytes, false);
            prop_assert!(!bare.contains(|c: char| c.is_control() && c != '\t'));
            prop_assert_eq!(plain(bare.as_bytes()), shown);
        }
    }
}
