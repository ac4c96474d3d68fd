//! One cell of the grid in twelve bytes: a character, its width, its style. Knows no row.

use crate::output::{Attributes, Color, Style};

/// The bits of [`Cell::content`]: 21 for the character or the cluster's index, 2 for the kind, 1 that
/// says which, 8 for the attributes.
const CHARACTER: u32 = (1 << 21) - 1;
const KIND: u32 = 0b11 << 21;
const CLUSTER: u32 = 1 << 23;
const ATTRIBUTES_SHIFT: u32 = 24;
const ATTRIBUTES: u32 = 0xff << ATTRIBUTES_SHIFT;
/// What shows on a blank: reverse video, a line below or through it.
const VISIBLE_ON_BLANK: u16 = Attributes::REVERSE.0 | Attributes::UNDERLINE.0 | Attributes::STRIKE.0;

/// How a cell takes part in wide characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One column.
    Narrow,
    /// The left half of a wide character; it holds the text.
    Lead,
    /// The right half.
    Trail,
    /// The last column, left free because a wide character did not fit and went to the next row.
    Filler,
}

/// A colour in one word: 0 is the default, a tag in the top byte says what the rest is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Packed(u32);

impl Packed {
    const INDEXED: u32 = 1 << 24;
    const RGB: u32 = 2 << 24;

    pub(super) const fn indexed(index: u8) -> Self {
        Self(Self::INDEXED | index as u32)
    }

    pub(super) const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self(Self::RGB | u32::from_be_bytes([0, red, green, blue]))
    }

    pub(super) fn unpack(self) -> Color {
        let [tag, red, green, blue] = self.0.to_be_bytes();
        match tag {
            0 => Color::Default,
            1 => Color::Indexed(blue),
            _ => Color::Rgb(red, green, blue),
        }
    }
}

/// A style as cells hold it; what is printed next gets it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pen {
    pub(super) foreground: Packed,
    pub(super) background: Packed,
    pub(super) attributes: u8,
}

impl Pen {
    pub(super) fn style(self) -> Style {
        Style {
            foreground: self.foreground.unpack(),
            background: self.background.unpack(),
            attributes: Attributes(u16::from(self.attributes)),
        }
    }

    pub(super) fn set(&mut self, attribute: Attributes) {
        self.attributes |= attribute.0 as u8;
    }

    pub(super) fn unset(&mut self, attribute: Attributes) {
        self.attributes &= !(attribute.0 as u8);
    }

    /// What an erased cell looks like: the background stays (back-colour erase), the rest goes.
    pub(super) fn blank(self) -> Cell {
        Cell { content: 0, foreground: Packed::default(), background: self.background }
    }
}

/// One column of a row. All zero is a blank in the default style.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cell {
    content: u32,
    foreground: Packed,
    background: Packed,
}

impl Cell {
    /// A blank in the default style.
    pub(super) const BLANK: Self = Self { content: 0, foreground: Packed(0), background: Packed(0) };

    #[inline]
    pub(super) fn new(character: char, pen: Pen) -> Self {
        Self {
            content: u32::from(character) | u32::from(pen.attributes) << ATTRIBUTES_SHIFT,
            foreground: pen.foreground,
            background: pen.background,
        }
    }

    #[inline]
    pub(super) fn ascii(byte: u8, pen: Pen) -> Self {
        Self::new(char::from(byte), pen)
    }

    #[inline]
    pub(super) fn of_kind(self, kind: Kind) -> Self {
        Self { content: self.content & !KIND | (kind as u32) << 21, ..self }
    }

    #[inline]
    pub(super) fn kind(self) -> Kind {
        match (self.content & KIND) >> 21 {
            0 => Kind::Narrow,
            1 => Kind::Lead,
            2 => Kind::Trail,
            _ => Kind::Filler,
        }
    }

    /// The same cell with its text in the table of clusters.
    pub(super) fn with_cluster(self, index: u32) -> Self {
        Self { content: self.content & !CHARACTER | CLUSTER | index & CHARACTER, ..self }
    }

    /// Where in the table of clusters its text is, if there.
    #[inline]
    pub(super) fn cluster(self) -> Option<u32> {
        (self.content & CLUSTER != 0).then_some(self.content & CHARACTER)
    }

    /// Its character. A cell never written holds a space.
    #[inline]
    pub(super) fn character(self) -> char {
        match self.content & CHARACTER {
            0 => ' ',
            value => char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER),
        }
    }

    /// Its character if that is one byte long.
    #[inline]
    pub(super) fn byte(self) -> Option<u8> {
        match self.content & (CHARACTER | CLUSTER) {
            0 => Some(b' '),
            value if value < 0x80 => Some(value as u8),
            _ => None,
        }
    }

    /// Whether it is one byte in one column.
    #[inline]
    pub(super) fn is_byte(self) -> bool {
        self.content & (CHARACTER | CLUSTER | KIND) < 0x80
    }

    /// Whether it is one byte in one column in the default style.
    #[inline]
    pub(super) fn is_plain_byte(self) -> bool {
        // One comparison for many cells at once, where a branch for each would cost more than the rest.
        (self.content & !0x7f) | self.foreground.0 | self.background.0 == 0
    }

    /// The byte, where [`Self::is_byte`].
    #[inline]
    pub(super) fn low_byte(self) -> u8 {
        // A cell never written holds a space.
        (self.content as u8).max(b' ')
    }

    #[inline]
    pub(super) fn pen(self) -> Pen {
        Pen {
            foreground: self.foreground,
            background: self.background,
            attributes: (self.content >> ATTRIBUTES_SHIFT) as u8,
        }
    }

    #[inline]
    pub(super) fn same_style(self, other: Self) -> bool {
        (self.content ^ other.content) & ATTRIBUTES == 0
            && self.foreground == other.foreground
            && self.background == other.background
    }

    /// The same look with no text in it.
    pub(super) fn emptied(self) -> Self {
        Self { content: self.content & ATTRIBUTES, ..self }
    }

    /// Whether it has no text, whatever its style.
    #[inline]
    pub(super) fn is_empty(self) -> bool {
        matches!(self.content & (CHARACTER | CLUSTER), 0 | 0x20) && !matches!(self.kind(), Kind::Trail)
    }

    /// Whether nothing is to be seen of it: no text and no style that shows on a blank.
    #[inline]
    pub(super) fn is_blank(self) -> bool {
        self.is_empty()
            && self.background == Packed(0)
            && u16::from((self.content >> ATTRIBUTES_SHIFT) as u8) & VISIBLE_ON_BLANK == 0
    }
}
