//! The few colours of the headless face, as SGR escapes (ECMA-48 8.3.117) or as nothing at all.

use crate::spec::NameColor;
use std::fmt;

/// The colours of names that chose none, by their place in the list: easy to tell apart, readable
/// on dark and on light, and none of them red, which means trouble.
const BY_PLACE: [u8; 10] = [6, 3, 2, 5, 4, 14, 11, 10, 13, 12];

/// How a stretch of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    /// As it is.
    Plain,
    /// Of little weight.
    Dim,
    /// Trouble.
    Bad,
    /// A worker's own colour.
    Name(NameColor),
}

impl Paint {
    /// The colour of a worker's name.
    pub(super) fn of_name(chosen: Option<NameColor>, place: usize) -> Self {
        Self::Name(chosen.unwrap_or(NameColor::Indexed(BY_PLACE[place % BY_PLACE.len()])))
    }

    /// The text in this look, or as it is where there are no colours.
    pub(super) fn on<T: fmt::Display>(self, text: T, colors: bool) -> Painted<T> {
        Painted { paint: if colors { self } else { Self::Plain }, text }
    }

    fn start(self) -> Option<String> {
        Some(match self {
            Self::Plain => return None,
            Self::Dim => "\x1b[2m".to_owned(),
            Self::Bad => "\x1b[31m".to_owned(),
            Self::Name(NameColor::Indexed(color @ 0..=7)) => format!("\x1b[3{color}m"),
            Self::Name(NameColor::Indexed(color @ 8..=15)) => format!("\x1b[9{}m", color - 8),
            Self::Name(NameColor::Indexed(color)) => format!("\x1b[38;5;{color}m"),
            Self::Name(NameColor::Rgb(red, green, blue)) => {
                format!("\x1b[38;2;{red};{green};{blue}m")
            }
        })
    }
}

/// A text in a look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Painted<T> {
    paint: Paint,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.paint.start() {
            None => self.text.fmt(f),
            Some(start) => {
                f.write_str(&start)?;
                self.text.fmt(f)?;
                f.write_str("\x1b[0m")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_colour_has_its_escape_and_none_without_colours() {
        let table = [
            (Paint::Plain, "x"),
            (Paint::Dim, "\x1b[2mx\x1b[0m"),
            (Paint::Bad, "\x1b[31mx\x1b[0m"),
            (Paint::of_name(None, 0), "\x1b[36mx\x1b[0m"),
            (Paint::of_name(None, 10), "\x1b[36mx\x1b[0m"),
            (Paint::of_name(Some(NameColor::Indexed(12)), 0), "\x1b[94mx\x1b[0m"),
            (Paint::of_name(Some(NameColor::Indexed(200)), 0), "\x1b[38;5;200mx\x1b[0m"),
            (Paint::of_name(Some(NameColor::Rgb(1, 2, 3)), 0), "\x1b[38;2;1;2;3mx\x1b[0m"),
        ];
        for (paint, painted) in table {
            assert_eq!(paint.on("x", true).to_string(), painted);
            assert_eq!(paint.on("x", false).to_string(), "x");
        }
    }
}
