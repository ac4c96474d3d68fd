//! The character sets G0 to G3 and the line drawing one of the VT100. Knows no grid.

/// A character set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Charset {
    /// As the bytes say.
    #[default]
    Ascii,
    /// DEC Special Character and Line Drawing Set.
    LineDrawing,
}

/// Which sets are designated and which of them is in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Charsets {
    designated: [Charset; 4],
    active: usize,
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
        self.designated[slot] = if set == b'0' { Charset::LineDrawing } else { Charset::Ascii };
    }

    /// SI, SO, LS2, LS3: uses this slot from now on.
    pub(super) fn shift(&mut self, slot: usize) {
        self.active = slot;
    }

    /// Whether ASCII means ASCII.
    #[inline]
    pub(super) fn plain(&self) -> bool {
        self.designated[self.active] == Charset::Ascii
    }

    /// What is shown for this character.
    pub(super) fn map(&self, character: char) -> char {
        match (self.designated[self.active], character) {
            (Charset::LineDrawing, '_'..='~') => LINE_DRAWING[character as usize - '_' as usize],
            (Charset::LineDrawing | Charset::Ascii, _) => character,
        }
    }
}

/// The set's characters from 0x5f to 0x7e (VT220 Programmer Reference Manual, table 2-4).
const LINE_DRAWING: [char; 32] = [
    '\u{a0}', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─', '⎼',
    '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
];
