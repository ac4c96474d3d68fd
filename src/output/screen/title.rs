//! The window title, made fit to be shown. Knows no terminal.

/// A longer title is cut.
const LONGEST: usize = 256;

/// Printable text of at most [`LONGEST`] characters, from the parts that an OSC was split into.
pub(super) fn sanitise(parts: &[&[u8]]) -> Option<String> {
    let joined = parts.join(&b';');
    let text: String =
        String::from_utf8_lossy(&joined).chars().filter(|&c| is_shown(c)).take(LONGEST).collect();
    (!text.trim().is_empty()).then_some(text)
}

/// No control character and none that changes the direction of what surrounds the title.
fn is_shown(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
