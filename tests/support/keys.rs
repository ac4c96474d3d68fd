//! Keys as an xterm sends them.

/// A key that has no character of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key {
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
    Enter,
    Escape,
    Tab,
    Backspace,
    /// Ctrl and a letter or one of `\ ] ^ _`.
    Ctrl(char),
    /// The wheel up over this column and row, counted from 0 (SGR mouse).
    WheelUp(u16, u16),
    /// The left button pressed and released on this column and row, counted from 0 (SGR mouse).
    Click(u16, u16),
}

impl Key {
    /// The bytes that the terminal sends for it.
    pub(crate) fn bytes(self) -> Vec<u8> {
        match self {
            Self::Up => b"\x1b[A".to_vec(),
            Self::Down => b"\x1b[B".to_vec(),
            Self::Home => b"\x1b[H".to_vec(),
            Self::End => b"\x1b[F".to_vec(),
            Self::PageUp => b"\x1b[5~".to_vec(),
            Self::PageDown => b"\x1b[6~".to_vec(),
            Self::Enter => b"\r".to_vec(),
            Self::Escape => b"\x1b".to_vec(),
            Self::Tab => b"\t".to_vec(),
            Self::Backspace => b"\x7f".to_vec(),
            Self::Ctrl(letter) => vec![letter.to_ascii_uppercase() as u8 & 0x1f],
            Self::WheelUp(column, row) => format!("\x1b[<64;{};{}M", column + 1, row + 1).into(),
            Self::Click(column, row) => {
                let (column, row) = (column + 1, row + 1);
                format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m").into()
            }
        }
    }
}
