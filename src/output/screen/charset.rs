//! The character sets G0 to G3 and the line drawing one of the VT100. Knows no grid.

/// A character set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Charset {
    /// As the bytes say.
    #[default]
    Ascii,
    /// DEC Special Character and Line Drawing Set.
    LineDrawing,
    /// The United Kingdom's: as ASCII, with a pound sign.
    British,
}

/// Which sets are designated and which of them is in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Charsets {
    designated: [Charset; 4],
    active: usize,
    /// The slot of the next character alone.
    once: Option<usize>,
}

impl Charsets {
    /// `ESC ( 0` and its like: the intermediate names the slot, the final byte the set.
    pub(super) fn designate(&mut self, intermediate: u8, set: u8) {
        let slot = match intermediate {
            b'(' => 0,
            b')' => 1,
            b'*' => 2,
            b'+' => 3,
            _ => return,
        };
        self.designated[slot] = match set {
            b'0' => Charset::LineDrawing,
            b'A' => Charset::British,
            _ => Charset::Ascii,
        };
    }

    /// SI, SO, LS2, LS3: uses this slot from now on.
    pub(super) fn shift(&mut self, slot: usize) {
        self.active = slot;
    }

    /// SS2, SS3: uses this slot for the next character.
    pub(super) fn shift_once(&mut self, slot: usize) {
        self.once = Some(slot);
    }

    /// Whether ASCII means ASCII.
    #[inline]
    pub(super) fn plain(&self) -> bool {
        self.designated[self.active] == Charset::Ascii && self.once.is_none()
    }

    /// What is shown for this character, the next one.
    pub(super) fn map(&mut self, character: char) -> char {
        let slot = self.once.take().unwrap_or(self.active);
        match (self.designated[slot], character) {
            (Charset::LineDrawing, '_'..='~') => LINE_DRAWING[character as usize - '_' as usize],
            (Charset::British, '#') => '£',
            (Charset::LineDrawing | Charset::British | Charset::Ascii, _) => character,
        }
    }
}

/// The set's characters from 0x5f to 0x7e (VT220 Programmer Reference Manual, table 2-4).
const LINE_DRAWING: [char; 32] = [
    '\u{a0}', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─', '⎼',
    '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
];
