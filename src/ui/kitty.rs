//! What a terminal sends for a key by the kitty keyboard protocol.
//!
//! After <https://sw.kovidgoyal.net/kitty/keyboard-protocol/>. What crossterm does not tell (keys of
//! other layouts, the text of a key, the keypad's own codes) is not asked for: `KeyFlags::SPOKEN`.

use crate::output::KeyFlags;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The code of F13; the others follow.
const F13: u32 = 57376;
/// The code of the first media key, play; the others follow.
const PLAY: u32 = 57428;
/// The code of the left shift key; the other modifiers follow.
const LEFT_SHIFT: u32 = 57441;

/// The bytes of one key that was pressed, repeated or let go, for a program that set these flags.
pub(super) fn key(event: &KeyEvent, flags: KeyFlags) -> Vec<u8> {
    let let_go = event.kind == KeyEventKind::Release;
    if let_go && !flags.contains(KeyFlags::EVENTS) {
        return Vec::new();
    }
    if !flags.contains(KeyFlags::ALL_KEYS)
        && let Some(text) = text(event)
    {
        return if let_go { Vec::new() } else { text };
    }
    let Some((number, last)) = sequence(event.code) else { return Vec::new() };
    let modifiers = modifiers(event);
    let kind = match event.kind {
        KeyEventKind::Repeat if flags.contains(KeyFlags::EVENTS) => ":2",
        KeyEventKind::Release => ":3",
        KeyEventKind::Press | KeyEventKind::Repeat => "",
    };
    let told = match (modifiers, kind, number) {
        (1, "", 1) => format!("\x1b[{last}"),
        (1, "", _) => format!("\x1b[{number}{last}"),
        _ => format!("\x1b[{number};{modifiers}{kind}{last}"),
    };
    told.into_bytes()
}

/// What is sent as ever unless all keys are asked for: text, and three keys that a shell is typed to with.
fn text(event: &KeyEvent) -> Option<Vec<u8>> {
    let held = event.modifiers;
    if let KeyCode::Char(character) = event.code {
        return (held - KeyModifiers::SHIFT).is_empty().then(|| character.to_string().into_bytes());
    }
    let typed = [(KeyCode::Enter, b'\r'), (KeyCode::Tab, b'\t'), (KeyCode::Backspace, b'\x7f')];
    let typed = typed.into_iter().find(|(code, _)| *code == event.code && held.is_empty());
    typed.map(|(_, byte)| vec![byte])
}

/// The number and the final character of a key's sequence.
fn sequence(code: KeyCode) -> Option<(u32, char)> {
    let unicode = |character: char| (u32::from(character), 'u');
    Some(match code {
        // The key without shift: its small letter.
        KeyCode::Char(character) => unicode(small(character)),
        KeyCode::Null => unicode(' '),
        KeyCode::Enter => unicode('\r'),
        KeyCode::Tab | KeyCode::BackTab => unicode('\t'),
        KeyCode::Backspace => unicode('\x7f'),
        KeyCode::Esc => unicode('\x1b'),
        KeyCode::Up => (1, 'A'),
        KeyCode::Down => (1, 'B'),
        KeyCode::Right => (1, 'C'),
        KeyCode::Left => (1, 'D'),
        KeyCode::KeypadBegin => (1, 'E'),
        KeyCode::End => (1, 'F'),
        KeyCode::Home => (1, 'H'),
        KeyCode::Insert => (2, '~'),
        KeyCode::Delete => (3, '~'),
        KeyCode::PageUp => (5, '~'),
        KeyCode::PageDown => (6, '~'),
        KeyCode::F(number) => return function(number),
        KeyCode::CapsLock => (57358, 'u'),
        KeyCode::ScrollLock => (57359, 'u'),
        KeyCode::NumLock => (57360, 'u'),
        KeyCode::PrintScreen => (57361, 'u'),
        KeyCode::Pause => (57362, 'u'),
        KeyCode::Menu => (57363, 'u'),
        // Both are listed in the protocol's order.
        KeyCode::Media(media) => (PLAY + media as u32, 'u'),
        KeyCode::Modifier(modifier) => (LEFT_SHIFT + modifier as u32, 'u'),
    })
}

fn small(character: char) -> char {
    let mut small = character.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) => one,
        _ => character,
    }
}

/// F3 is no `CSI R`, which would be a report of the cursor.
fn function(number: u8) -> Option<(u32, char)> {
    let number = u32::from(number);
    Some(match number {
        1 => (1, 'P'),
        2 => (1, 'Q'),
        3 => (13, '~'),
        4 => (1, 'S'),
        5 => (15, '~'),
        6..=10 => (number + 11, '~'),
        11 | 12 => (number + 12, '~'),
        13..=35 => (F13 + number - 13, 'u'),
        _ => return None,
    })
}

/// The protocol's number of the modifiers, 1 for none.
fn modifiers(event: &KeyEvent) -> u8 {
    let bits = [
        (KeyModifiers::SHIFT, 1),
        (KeyModifiers::ALT, 2),
        (KeyModifiers::CONTROL, 4),
        (KeyModifiers::SUPER, 8),
        (KeyModifiers::HYPER, 16),
        (KeyModifiers::META, 32),
    ];
    let mut held = event.modifiers;
    // Keys that crossterm names by what they are with a modifier.
    for (code, modifier) in [(KeyCode::BackTab, KeyModifiers::SHIFT), (KeyCode::Null, KeyModifiers::CONTROL)]
    {
        if event.code == code {
            held |= modifier;
        }
    }
    1 + bits.into_iter().filter(|(modifier, _)| held.contains(*modifier)).map(|(_, bit)| bit).sum::<u8>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{MediaKeyCode, ModifierKeyCode};

    const NONE: KeyModifiers = KeyModifiers::NONE;
    const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
    const CTRL: KeyModifiers = KeyModifiers::CONTROL;
    const ALT: KeyModifiers = KeyModifiers::ALT;

    fn sent(code: KeyCode, held: KeyModifiers, kind: KeyEventKind, flags: u8) -> String {
        let event = KeyEvent::new_with_kind(code, held, kind);
        key(&event, KeyFlags(flags)).escape_ascii().to_string()
    }

    #[test]
    fn keys_that_could_be_taken_for_others_are_sequences_of_their_own() {
        use KeyCode::{BackTab, Backspace, Char, Delete, Enter, Esc, F, Home, Tab, Up};
        let table = [
            (Char('a'), NONE, "a"),
            (Char('A'), SHIFT, "A"),
            (Char('é'), NONE, r"\xc3\xa9"),
            (Char('i'), CTRL, r"\x1b[105;5u"),
            (Char('A'), CTRL | SHIFT, r"\x1b[97;6u"),
            (Char('x'), ALT, r"\x1b[120;3u"),
            (KeyCode::Null, NONE, r"\x1b[32;5u"),
            (Esc, NONE, r"\x1b[27u"),
            (Enter, NONE, r"\r"),
            (Enter, SHIFT, r"\x1b[13;2u"),
            (Tab, NONE, r"\t"),
            (Tab, CTRL, r"\x1b[9;5u"),
            (BackTab, SHIFT, r"\x1b[9;2u"),
            (Backspace, NONE, r"\x7f"),
            (Backspace, CTRL, r"\x1b[127;5u"),
            (Up, NONE, r"\x1b[A"),
            (Up, CTRL, r"\x1b[1;5A"),
            (Home, SHIFT, r"\x1b[1;2H"),
            (Delete, NONE, r"\x1b[3~"),
            (F(1), NONE, r"\x1b[P"),
            (F(3), NONE, r"\x1b[13~"),
            (F(12), ALT, r"\x1b[24;3~"),
            (F(13), NONE, r"\x1b[57376u"),
            (Char('a'), KeyModifiers::SUPER, r"\x1b[97;9u"),
        ];
        for (code, held, bytes) in table {
            assert_eq!(sent(code, held, KeyEventKind::Press, 1), bytes, "{code:?} {held:?}");
        }
    }

    #[test]
    fn repeats_and_releases_are_told_to_who_asked() {
        use KeyEventKind::{Press, Release, Repeat};
        assert_eq!(sent(KeyCode::Esc, NONE, Release, 1), "");
        assert_eq!(sent(KeyCode::Esc, NONE, Repeat, 1), r"\x1b[27u");
        assert_eq!(sent(KeyCode::Esc, NONE, Release, 3), r"\x1b[27;1:3u");
        assert_eq!(sent(KeyCode::Up, CTRL, Repeat, 3), r"\x1b[1;5:2A");
        assert_eq!(sent(KeyCode::Char('a'), NONE, Release, 3), "", "text has no release");
        assert_eq!(sent(KeyCode::Char('a'), NONE, Press, 11), r"\x1b[97u");
        assert_eq!(sent(KeyCode::Char('a'), NONE, Release, 11), r"\x1b[97;1:3u");
    }

    #[test]
    fn all_keys_are_sequences_where_that_is_asked() {
        use KeyEventKind::Press;
        assert_eq!(sent(KeyCode::Char('a'), SHIFT, Press, 8), r"\x1b[97;2u");
        assert_eq!(sent(KeyCode::Enter, NONE, Press, 8), r"\x1b[13u");
        let right_meta = KeyCode::Modifier(ModifierKeyCode::RightMeta);
        assert_eq!(sent(right_meta, KeyModifiers::META, Press, 8), r"\x1b[57452;33u");
        assert_eq!(sent(KeyCode::Media(MediaKeyCode::MuteVolume), NONE, Press, 8), r"\x1b[57440u");
    }
}
