//! SGR for whoever has no screen: the same two ways as in `sgr`, between [`Style`]s.

use super::cell::{Packed, Pen};
use super::parameters::Parameters;
use super::sgr;
use crate::output::{Color, Style};

/// Applies `CSI … m`.
pub(in crate::output) fn apply(style: &mut Style, params: &vte::Params) {
    let mut pen = Pen::from(*style);
    sgr::apply(&mut pen, &Parameters::from(params));
    *style = pen.style();
}

/// Writes what takes a terminal from the style `from` to the style `to`, which differ.
pub(in crate::output) fn write(out: &mut Vec<u8>, from: Style, to: Style) {
    sgr::write(out, from.into(), to.into());
}

impl From<Style> for Pen {
    fn from(style: Style) -> Self {
        Self {
            foreground: packed(style.foreground),
            background: packed(style.background),
            attributes: style.attributes.0 as u8,
        }
    }
}

fn packed(color: Color) -> Packed {
    match color {
        Color::Default => Packed::default(),
        Color::Indexed(index) => Packed::indexed(index),
        Color::Rgb(red, green, blue) => Packed::rgb(red, green, blue),
    }
}
