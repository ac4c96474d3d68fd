//! What the terminal answers to queries. Owns the words; knows no grid.

use std::fmt::Write;

/// DA1: a VT220 with colours.
pub(super) const DEVICE: &str = "\x1b[?62;22c";
/// DA2: a VT220 at the level of xterm 300, whose extensions are what we have (SGR mouse and such).
pub(super) const SECONDARY_DEVICE: &str = "\x1b[>1;300;0c";
/// DSR 5: no malfunction.
pub(super) const OPERATING: &str = "\x1b[0n";
/// The kitty keyboard protocol: none of its flags.
pub(super) const KITTY_KEYBOARD: &str = "\x1b[?0u";

/// XTVERSION.
pub(super) fn version() -> String {
    format!("\x1bP>|minder({})\x1b\\", env!("CARGO_PKG_VERSION"))
}

/// DSR 6, or DECXCPR with `private`; both count from 1.
pub(super) fn cursor(row: usize, column: usize, private: bool) -> String {
    let mark = if private { "?" } else { "" };
    format!("\x1b[{mark}{};{}R", row + 1, column + 1)
}

/// XTWINOPS 18: the size in characters.
pub(super) fn size(columns: usize, rows: usize) -> String {
    format!("\x1b[8;{rows};{columns}t")
}

/// DECRPM: whether a mode is set, `None` where it is not known.
pub(super) fn mode(number: u16, private: bool, set: Option<bool>) -> String {
    let mark = if private { "?" } else { "" };
    let value = match set {
        None => 0,
        Some(true) => 1,
        Some(false) => 2,
    };
    format!("\x1b[{mark}{number};{value}$y")
}

/// The answers to `OSC 4 ; n ; ?` and `OSC 10 ; ?` and their like, for the parts of one OSC; nothing
/// is set by them. `bell`: how the query ended, and so does the answer.
pub(super) fn colors(parts: &[&[u8]], bell: bool) -> String {
    let end = if bell { "\x07" } else { "\x1b\\" };
    let mut answers = String::new();
    match parts {
        [b"4", pairs @ ..] => {
            let asked = pairs.chunks_exact(2).filter(|pair| pair[1] == b"?");
            for index in asked.filter_map(|pair| number(pair[0])) {
                answer(&mut answers, &format!("4;{index}"), palette(index), end);
            }
        }
        // Further parts ask for the numbers that follow.
        [first, rest @ ..] => {
            let numbers = number(first).unwrap_or(0)..=12;
            for (number, _) in numbers.zip(rest).filter(|(_, part)| **part == b"?") {
                let color = if number == 11 { DARK } else { LIGHT };
                answer(&mut answers, &number.to_string(), color, end);
            }
        }
        [] => {}
    }
    answers
}

/// The background.
const DARK: [u8; 3] = [0; 3];
/// The foreground and the cursor.
const LIGHT: [u8; 3] = [0xe5; 3];

fn number(part: &[u8]) -> Option<u8> {
    std::str::from_utf8(part).ok()?.parse().ok()
}

fn answer(out: &mut String, what: &str, [red, green, blue]: [u8; 3], end: &str) {
    let _ =
        write!(out, "\x1b]{what};rgb:{red:02x}{red:02x}/{green:02x}{green:02x}/{blue:02x}{blue:02x}{end}");
}

/// xterm's palette: 16 named colours, a cube of 6×6×6, 24 greys.
fn palette(index: u8) -> [u8; 3] {
    const NAMED: [[u8; 3]; 16] = [
        [0, 0, 0],
        [205, 0, 0],
        [0, 205, 0],
        [205, 205, 0],
        [0, 0, 238],
        [205, 0, 205],
        [0, 205, 205],
        [229, 229, 229],
        [127, 127, 127],
        [255, 0, 0],
        [0, 255, 0],
        [255, 255, 0],
        [92, 92, 255],
        [255, 0, 255],
        [0, 255, 255],
        [255, 255, 255],
    ];
    match index {
        0..16 => NAMED[usize::from(index)],
        16..232 => {
            let step = |value: u8| if value == 0 { 0 } else { 55 + 40 * value };
            let cube = index - 16;
            [step(cube / 36), step(cube / 6 % 6), step(cube % 6)]
        }
        232.. => [8 + 10 * (index - 232); 3],
    }
}
