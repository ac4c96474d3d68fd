//! What a terminal sends for a key, a paste, a mouse or a focus event: bytes for a worker's
//! input, per the modes its program asked for. After xterm's ctlseqs and DEC's manuals.

use super::kitty;
use crate::output::{InputModes, KeyFlags, MouseMode};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// What starts and ends a wrapped paste (mode 2004).
const PASTE: (&str, &str) = ("\x1b[200~", "\x1b[201~");

/// The bytes of one key press; empty for a key that a terminal sends nothing for.
pub fn key(event: &KeyEvent, modes: InputModes) -> Vec<u8> {
    if modes.keys != KeyFlags::NONE {
        return kitty::key(event, modes.keys);
    }
    let held = event.modifiers;
    match event.code {
        KeyCode::Char(c) => character(c, held),
        KeyCode::Enter if modes.newline => with_alt(b"\r\n", held),
        KeyCode::Enter => with_alt(b"\r", held),
        KeyCode::Esc => with_alt(b"\x1b", held),
        KeyCode::Backspace if held.contains(KeyModifiers::CONTROL) => with_alt(b"\x08", held),
        KeyCode::Backspace => with_alt(b"\x7f", held),
        KeyCode::Tab if held.contains(KeyModifiers::SHIFT) => b"\x1b[Z".to_vec(),
        KeyCode::Tab => with_alt(b"\t", held),
        KeyCode::BackTab => b"\x1b[Z".to_vec(),
        KeyCode::Null => vec![0],
        KeyCode::Up => cursor('A', held, modes),
        KeyCode::Down => cursor('B', held, modes),
        KeyCode::Right => cursor('C', held, modes),
        KeyCode::Left => cursor('D', held, modes),
        KeyCode::KeypadBegin => cursor('E', held, modes),
        KeyCode::End => cursor('F', held, modes),
        KeyCode::Home => cursor('H', held, modes),
        KeyCode::Insert => tilde(2, held),
        KeyCode::Delete => tilde(3, held),
        KeyCode::PageUp => tilde(5, held),
        KeyCode::PageDown => tilde(6, held),
        KeyCode::F(number) => function(number, held),
        KeyCode::CapsLock
        | KeyCode::ScrollLock
        | KeyCode::NumLock
        | KeyCode::PrintScreen
        | KeyCode::Pause
        | KeyCode::Menu
        | KeyCode::Media(_)
        | KeyCode::Modifier(_) => Vec::new(),
    }
}

fn character(c: char, held: KeyModifiers) -> Vec<u8> {
    let control = held.contains(KeyModifiers::CONTROL).then(|| control_byte(c)).flatten();
    let mut utf8 = [0; 4];
    let typed = control.as_ref().map_or_else(|| c.encode_utf8(&mut utf8).as_bytes(), std::slice::from_ref);
    with_alt(typed, held)
}

/// The byte of Ctrl and a character, as xterm sends it; `None` where Ctrl changes nothing.
fn control_byte(c: char) -> Option<u8> {
    match c.to_ascii_lowercase() {
        letter @ 'a'..='z' => Some(letter as u8 - b'a' + 1),
        ' ' | '@' | '2' | '`' => Some(0x00),
        '[' | '3' => Some(0x1b),
        '\\' | '4' => Some(0x1c),
        ']' | '5' => Some(0x1d),
        '^' | '6' | '~' => Some(0x1e),
        '_' | '7' | '/' => Some(0x1f),
        '?' | '8' => Some(0x7f),
        _ => None,
    }
}

/// Alt is an escape before the key (xterm's metaSendsEscape).
fn with_alt(bytes: &[u8], held: KeyModifiers) -> Vec<u8> {
    let prefix: &[u8] = if held.contains(KeyModifiers::ALT) { b"\x1b" } else { b"" };
    [prefix, bytes].concat()
}

/// xterm's number for the modifiers: 1 + shift 1 + alt 2 + ctrl 4; `None` for none.
fn modifier_number(held: KeyModifiers) -> Option<u8> {
    let bit = |modifier, value| if held.contains(modifier) { value } else { 0 };
    let sum = bit(KeyModifiers::SHIFT, 1) + bit(KeyModifiers::ALT, 2) + bit(KeyModifiers::CONTROL, 4);
    (sum > 0).then_some(1 + sum)
}

fn cursor(last: char, held: KeyModifiers, modes: InputModes) -> Vec<u8> {
    match modifier_number(held) {
        Some(number) => format!("\x1b[1;{number}{last}"),
        None if modes.application_cursor => format!("\x1bO{last}"),
        None => format!("\x1b[{last}"),
    }
    .into_bytes()
}

fn tilde(code: u8, held: KeyModifiers) -> Vec<u8> {
    match modifier_number(held) {
        Some(number) => format!("\x1b[{code};{number}~"),
        None => format!("\x1b[{code}~"),
    }
    .into_bytes()
}

/// F1 to F4 are the PF keys of a VT100; the others have numbers with DEC's gaps.
fn function(number: u8, held: KeyModifiers) -> Vec<u8> {
    let pf = |last: char| match modifier_number(held) {
        Some(number) => format!("\x1b[1;{number}{last}").into_bytes(),
        None => format!("\x1bO{last}").into_bytes(),
    };
    match number {
        1 => pf('P'),
        2 => pf('Q'),
        3 => pf('R'),
        4 => pf('S'),
        5 => tilde(15, held),
        6..=10 => tilde(number + 11, held),
        11..=14 => tilde(number + 12, held),
        15..=16 => tilde(number + 13, held),
        17..=20 => tilde(number + 14, held),
        _ => Vec::new(),
    }
}

/// The bytes of a paste. Line ends become what Enter sends. A wrapped paste cannot end itself:
/// what would end it, inside the text, is taken out.
pub fn paste(text: &str, modes: InputModes) -> Vec<u8> {
    let text = text.replace("\r\n", "\r").replace('\n', "\r");
    if !modes.bracketed_paste {
        return text.into_bytes();
    }
    let mut inner = text;
    // Again and again: taking one out can put another together.
    while inner.contains(PASTE.1) {
        inner = inner.replace(PASTE.1, "");
    }
    [PASTE.0, &inner, PASTE.1].concat().into_bytes()
}

/// The bytes of a focus event (mode 1004); empty if nobody asked.
pub fn focus(gained: bool, modes: InputModes) -> Vec<u8> {
    match (modes.focus_events, gained) {
        (true, true) => b"\x1b[I".to_vec(),
        (true, false) => b"\x1b[O".to_vec(),
        (false, _) => Vec::new(),
    }
}

/// The bytes of a mouse event at this cell of the pane (from 0); empty if nobody asked for it.
pub fn mouse(event: MouseEvent, (column, row): (u16, u16), modes: InputModes) -> Vec<u8> {
    let press = Press::of(event.kind);
    if !press.wanted(modes.mouse) {
        return Vec::new();
    }
    // Mode 9 (X10) tells neither modifiers nor releases.
    let modifiers = if modes.mouse == MouseMode::Press { 0 } else { mouse_modifiers(event.modifiers) };
    if modes.mouse_sgr {
        let last = if press.release { 'm' } else { 'M' };
        let code = press.code + modifiers;
        return format!("\x1b[<{code};{};{}{last}", column + 1, row + 1).into_bytes();
    }
    // Without mode 1006 a release does not say of which button, and a byte ends at 255.
    let code = if press.release { 3 } else { press.code } + modifiers;
    let cell = |at: u16| u8::try_from(at + 33).ok();
    match (cell(column), cell(row)) {
        (Some(column), Some(row)) => vec![0x1b, b'[', b'M', 32 + code, column, row],
        _ => Vec::new(),
    }
}

struct Press {
    code: u8,
    release: bool,
    /// Movement, with a button held or without.
    motion: Option<bool>,
}

impl Press {
    fn of(kind: MouseEventKind) -> Self {
        let button = |button| match button {
            MouseButton::Left => 0,
            MouseButton::Middle => 1,
            MouseButton::Right => 2,
        };
        let plain = |code| Self { code, release: false, motion: None };
        match kind {
            MouseEventKind::Down(which) => plain(button(which)),
            MouseEventKind::Up(which) => Self { release: true, ..plain(button(which)) },
            MouseEventKind::Drag(which) => Self { motion: Some(true), ..plain(button(which) + 32) },
            MouseEventKind::Moved => Self { motion: Some(false), ..plain(35) },
            MouseEventKind::ScrollUp => plain(64),
            MouseEventKind::ScrollDown => plain(65),
            MouseEventKind::ScrollLeft => plain(66),
            MouseEventKind::ScrollRight => plain(67),
        }
    }

    fn wanted(&self, mode: MouseMode) -> bool {
        match mode {
            MouseMode::Off => false,
            MouseMode::Press => !self.release && self.motion.is_none() && self.code < 3,
            MouseMode::Click => self.motion.is_none(),
            MouseMode::Drag => self.motion != Some(false),
            MouseMode::Motion => true,
        }
    }
}

fn mouse_modifiers(held: KeyModifiers) -> u8 {
    let bit = |modifier, value| if held.contains(modifier) { value } else { 0 };
    bit(KeyModifiers::SHIFT, 4) + bit(KeyModifiers::ALT, 8) + bit(KeyModifiers::CONTROL, 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: KeyModifiers = KeyModifiers::NONE;
    const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
    const ALT: KeyModifiers = KeyModifiers::ALT;
    const CTRL: KeyModifiers = KeyModifiers::CONTROL;

    fn plain() -> InputModes {
        InputModes::default()
    }

    fn sent(code: KeyCode, held: KeyModifiers, modes: InputModes) -> String {
        key(&KeyEvent::new(code, held), modes).escape_ascii().to_string()
    }

    #[test]
    fn keys_are_sent_as_xterm_sends_them() {
        use KeyCode::{BackTab, Backspace, Char, Delete, End, Enter, Esc, F, Home, Insert, PageUp};
        use KeyCode::{Left, PageDown, Tab, Up};
        let table = [
            (Char('a'), NONE, "a"),
            (Char('A'), SHIFT, "A"),
            (Char('é'), NONE, r"\xc3\xa9"),
            (Char('a'), ALT, r"\x1ba"),
            (Char('c'), CTRL, r"\x03"),
            (Char('C'), CTRL | SHIFT, r"\x03"),
            (Char('c'), CTRL | ALT, r"\x1b\x03"),
            (Char(' '), CTRL, r"\x00"),
            (Char('5'), CTRL, r"\x1d"),
            (Char('\\'), CTRL, r"\x1c"),
            (Char('/'), CTRL, r"\x1f"),
            (Char('1'), CTRL, "1"),
            (Enter, NONE, r"\r"),
            (Enter, ALT, r"\x1b\r"),
            (Esc, NONE, r"\x1b"),
            (Backspace, NONE, r"\x7f"),
            (Backspace, ALT, r"\x1b\x7f"),
            (Backspace, CTRL, r"\x08"),
            (Tab, NONE, r"\t"),
            (BackTab, SHIFT, r"\x1b[Z"),
            (Up, NONE, r"\x1b[A"),
            (Up, SHIFT, r"\x1b[1;2A"),
            (Left, CTRL, r"\x1b[1;5D"),
            (Left, CTRL | ALT | SHIFT, r"\x1b[1;8D"),
            (Home, NONE, r"\x1b[H"),
            (End, NONE, r"\x1b[F"),
            (End, ALT, r"\x1b[1;3F"),
            (Insert, NONE, r"\x1b[2~"),
            (Delete, NONE, r"\x1b[3~"),
            (Delete, CTRL, r"\x1b[3;5~"),
            (PageUp, NONE, r"\x1b[5~"),
            (PageDown, SHIFT, r"\x1b[6;2~"),
            (F(1), NONE, r"\x1bOP"),
            (F(4), NONE, r"\x1bOS"),
            (F(2), CTRL, r"\x1b[1;5Q"),
            (F(5), NONE, r"\x1b[15~"),
            (F(6), NONE, r"\x1b[17~"),
            (F(10), NONE, r"\x1b[21~"),
            (F(11), NONE, r"\x1b[23~"),
            (F(12), NONE, r"\x1b[24~"),
            (F(12), SHIFT, r"\x1b[24;2~"),
            (F(15), NONE, r"\x1b[28~"),
            (F(20), NONE, r"\x1b[34~"),
        ];
        for (code, held, bytes) in table {
            assert_eq!(sent(code, held, plain()), bytes, "{code:?} {held:?}");
        }
    }

    #[test]
    fn application_cursor_keys_change_only_without_modifiers() {
        let modes = InputModes { application_cursor: true, ..plain() };
        assert_eq!(sent(KeyCode::Up, NONE, modes), r"\x1bOA");
        assert_eq!(sent(KeyCode::Home, NONE, modes), r"\x1bOH");
        assert_eq!(sent(KeyCode::Up, CTRL, modes), r"\x1b[1;5A");
    }

    #[test]
    fn newline_mode_makes_enter_two_bytes() {
        let modes = InputModes { newline: true, ..plain() };
        assert_eq!(sent(KeyCode::Enter, NONE, modes), r"\r\n");
    }

    #[test]
    fn a_paste_is_wrapped_only_if_asked_and_cannot_end_itself() {
        let wrapped = InputModes { bracketed_paste: true, ..plain() };
        assert_eq!(paste("a\nb\r\nc", plain()), b"a\rb\rc");
        assert_eq!(paste("ls", wrapped), b"\x1b[200~ls\x1b[201~");
        let hostile = "a\x1b[201~b\x1b[20\x1b[201~1~rm";
        assert_eq!(paste(hostile, wrapped), b"\x1b[200~abrm\x1b[201~");
    }

    #[test]
    fn focus_is_told_only_if_asked() {
        let asked = InputModes { focus_events: true, ..plain() };
        assert_eq!(focus(true, asked), b"\x1b[I");
        assert_eq!(focus(false, asked), b"\x1b[O");
        assert_eq!(focus(true, plain()), b"");
    }

    fn pointed(kind: MouseEventKind, held: KeyModifiers, mouse: MouseMode, sgr: bool) -> String {
        let modes = InputModes { mouse, mouse_sgr: sgr, ..plain() };
        let event = MouseEvent { kind, column: 0, row: 0, modifiers: held };
        super::mouse(event, (4, 9), modes).escape_ascii().to_string()
    }

    #[test]
    fn the_mouse_is_told_as_asked() {
        use MouseButton::{Left, Right};
        use MouseEventKind::{Down, Drag, Moved, ScrollDown, ScrollUp, Up};
        use MouseMode::{Click, Drag as Dragging, Motion, Off, Press};
        let table = [
            (Down(Left), NONE, Off, true, ""),
            (Down(Left), NONE, Click, true, r"\x1b[<0;5;10M"),
            (Up(Left), NONE, Click, true, r"\x1b[<0;5;10m"),
            (Down(Right), CTRL, Click, true, r"\x1b[<18;5;10M"),
            (ScrollUp, NONE, Click, true, r"\x1b[<64;5;10M"),
            (ScrollDown, SHIFT, Click, true, r"\x1b[<69;5;10M"),
            (Drag(Left), NONE, Click, true, ""),
            (Drag(Left), NONE, Dragging, true, r"\x1b[<32;5;10M"),
            (Moved, NONE, Dragging, true, ""),
            (Moved, NONE, Motion, true, r"\x1b[<35;5;10M"),
            (Down(Left), NONE, Click, false, r"\x1b[M %*"),
            (Up(Left), NONE, Click, false, r"\x1b[M#%*"),
            (Up(Right), ALT, Click, false, r"\x1b[M+%*"),
            (Down(Right), CTRL, Press, false, r#"\x1b[M\"%*"#),
            (Up(Left), NONE, Press, false, ""),
            (ScrollUp, NONE, Press, false, ""),
        ];
        for (kind, held, mode, sgr, bytes) in table {
            assert_eq!(pointed(kind, held, mode, sgr), bytes, "{kind:?} {held:?} {mode:?} {sgr}");
        }
    }

    #[test]
    fn a_cell_beyond_what_a_byte_can_say_is_not_told() {
        let modes = InputModes { mouse: MouseMode::Click, ..plain() };
        let kind = MouseEventKind::Down(MouseButton::Left);
        let event = MouseEvent { kind, column: 0, row: 0, modifiers: NONE };
        assert_eq!(mouse(event, (222, 0), modes).len(), 6);
        assert_eq!(mouse(event, (223, 0), modes), b"");
    }
}
