//! SGR both ways: from parameters into a pen, from a pen into an escape. Knows no grid.

use super::cell::{Packed, Pen};
use super::parameters::Parameters;
use crate::output::{Attributes, Color};

/// Applies `CSI … m`.
pub(super) fn apply(pen: &mut Pen, parameters: &Parameters) {
    let values = parameters.values();
    let mut index = 0;
    while index < values.len() {
        let subs = parameters.sub_count(index);
        let group = &values[index..=index + subs];
        index += match group[0] {
            38 | 48 | 58 => extended(pen, group, &values[index..]),
            4 if subs > 0 => {
                underline(pen, group[1] != 0);
                1 + subs
            }
            code => {
                simple(pen, code);
                1 + subs
            }
        };
    }
}

fn underline(pen: &mut Pen, on: bool) {
    if on { pen.set(Attributes::UNDERLINE) } else { pen.unset(Attributes::UNDERLINE) }
}

fn simple(pen: &mut Pen, code: u16) {
    match code {
        0 => *pen = Pen::default(),
        1 => pen.set(Attributes::BOLD),
        2 => pen.set(Attributes::DIM),
        3 => pen.set(Attributes::ITALIC),
        4 | 21 => pen.set(Attributes::UNDERLINE),
        5 | 6 => pen.set(Attributes::BLINK),
        7 => pen.set(Attributes::REVERSE),
        8 => pen.set(Attributes::HIDDEN),
        9 => pen.set(Attributes::STRIKE),
        22 => pen.unset(Attributes::BOLD.with(Attributes::DIM)),
        23 => pen.unset(Attributes::ITALIC),
        24 => pen.unset(Attributes::UNDERLINE),
        25 => pen.unset(Attributes::BLINK),
        27 => pen.unset(Attributes::REVERSE),
        28 => pen.unset(Attributes::HIDDEN),
        29 => pen.unset(Attributes::STRIKE),
        30..=37 => pen.foreground = Packed::indexed(code as u8 - 30),
        39 => pen.foreground = Packed::default(),
        40..=47 => pen.background = Packed::indexed(code as u8 - 40),
        49 => pen.background = Packed::default(),
        90..=97 => pen.foreground = Packed::indexed(code as u8 - 90 + 8),
        100..=107 => pen.background = Packed::indexed(code as u8 - 100 + 8),
        _ => {}
    }
}

/// `38`, `48`, `58` and what follows, with colons (then `group` holds it all) or semicolons. Returns
/// how many values it took.
fn extended(pen: &mut Pen, group: &[u16], rest: &[u16]) -> usize {
    let with_colons = group.len() > 1;
    let (color, taken) = if with_colons {
        (color_of_group(&group[1..]), group.len())
    } else {
        match rest.get(1) {
            Some(5) => (rest.get(2).and_then(|&index| indexed(index)), 3),
            Some(2) => (rest.get(2..5).and_then(rgb), 5),
            _ => (None, 2),
        }
    };
    if let Some(color) = color {
        match group[0] {
            38 => pen.foreground = color,
            48 => pen.background = color,
            // The underline's own colour: not drawn.
            _ => {}
        }
    }
    taken.min(rest.len())
}

/// `5:n`, `2:r:g:b` or, as the standard has it, `2:colour space:r:g:b`.
fn color_of_group(group: &[u16]) -> Option<Packed> {
    match group {
        [5, index, ..] => indexed(*index),
        [2, rest @ ..] if rest.len() == 3 => rgb(rest),
        [2, _, rest @ ..] if rest.len() >= 3 => rgb(&rest[..3]),
        _ => None,
    }
}

fn indexed(index: u16) -> Option<Packed> {
    u8::try_from(index).ok().map(Packed::indexed)
}

fn rgb(parts: &[u16]) -> Option<Packed> {
    let part = |index: usize| u8::try_from(*parts.get(index)?).ok();
    Some(Packed::rgb(part(0)?, part(1)?, part(2)?))
}

/// Writes what takes a terminal from the style `from` to the style `to`.
pub(super) fn write(out: &mut Vec<u8>, from: Pen, to: Pen) {
    out.extend_from_slice(b"\x1b[");
    // Off and on again: simpler than the difference, and no longer in most cases.
    if from != Pen::default() {
        out.push(b'0');
        if to == Pen::default() {
            out.push(b'm');
            return;
        }
        out.push(b';');
    }
    for (bit, code) in [b'1', b'2', b'3', b'4', b'5', b'7', b'8', b'9'].into_iter().enumerate() {
        if to.attributes >> bit & 1 == 1 {
            out.extend_from_slice(&[code, b';']);
        }
    }
    write_color(out, to.foreground.unpack(), 30);
    write_color(out, to.background.unpack(), 40);
    // Every part above ends in a separator; the last one becomes the final byte.
    if let Some(last) = out.last_mut() {
        *last = b'm';
    }
}

fn write_color(out: &mut Vec<u8>, color: Color, base: u8) {
    match color {
        Color::Default => {}
        Color::Indexed(index @ 0..8) => write_number(out, base + index),
        Color::Indexed(index @ 8..16) => write_number(out, base + 60 + index - 8),
        Color::Indexed(index) => {
            write_number(out, base + 8);
            out.extend_from_slice(b"5;");
            write_number(out, index);
        }
        Color::Rgb(red, green, blue) => {
            write_number(out, base + 8);
            out.extend_from_slice(b"2;");
            write_number(out, red);
            write_number(out, green);
            write_number(out, blue);
        }
    }
}

/// The number and a semicolon.
fn write_number(out: &mut Vec<u8>, number: u8) {
    if number >= 100 {
        out.push(b'0' + number / 100);
    }
    if number >= 10 {
        out.push(b'0' + number / 10 % 10);
    }
    out.extend_from_slice(&[b'0' + number % 10, b';']);
}
