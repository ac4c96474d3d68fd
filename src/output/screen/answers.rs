//! What the terminal answers to queries. Owns the words; knows no grid.

use std::fmt::Write;

/// DA1: a VT220 with colours.
pub(super) const DEVICE: &str = "\x1b[?62;22c";
/// DA2: a VT220 at the level of xterm 300, whose extensions are what we have (SGR mouse and such).
pub(super) const SECONDARY_DEVICE: &str = "\x1b[>1;300;0c";
/// DSR 5: no malfunction.
pub(super) const OPERATING: &str = "\x1b[0n";
/// DA3: no serial number.
pub(super) const UNIT: &str = "\x1bP!|00000000\x1b\\";
/// The columns and rows of pixels that a cell is said to have: nobody draws pixels here, but programs
/// that ask wait for an answer.
const CELL_PIXELS: (usize, usize) = (8, 16);

/// XTVERSION.
pub(super) fn version() -> String {
    format!("\x1bP>|minder({})\x1b\\", env!("CARGO_PKG_VERSION"))
}

/// DSR 6, or DECXCPR with `private`; both count from 1.
pub(super) fn cursor(row: usize, column: usize, private: bool) -> String {
    let mark = if private { "?" } else { "" };
    format!("\x1b[{mark}{};{}R", row + 1, column + 1)
}

/// The flags of the kitty keyboard protocol that are set.
pub(super) fn keyboard(flags: u8) -> String {
    format!("\x1b[?{flags}u")
}

/// XTWINOPS: what `CSI 11 t` and its like ask of the window, `None` where it is no question. Titles are
/// never told: what one program set, another must not read as keys.
pub(super) fn window(question: usize, columns: usize, rows: usize) -> Option<String> {
    let (width, height) = CELL_PIXELS;
    let answer = match question {
        // Shown, at the screen's corner.
        11 => "\x1b[1t".to_owned(),
        13 => "\x1b[3;0;0t".to_owned(),
        14 => format!("\x1b[4;{};{}t", rows * height, columns * width),
        15 => format!("\x1b[5;{};{}t", rows * height, columns * width),
        16 => format!("\x1b[6;{height};{width}t"),
        18 => format!("\x1b[8;{rows};{columns}t"),
        19 => format!("\x1b[9;{rows};{columns}t"),
        20 => "\x1b]L\x1b\\".to_owned(),
        21 => "\x1b]l\x1b\\".to_owned(),
        _ => return None,
    };
    Some(answer)
}

/// DSR with `?`: no printer, no keys of one's own, a North American keyboard, no locator, a dark theme.
pub(super) fn status(question: usize) -> Option<&'static str> {
    match question {
        15 => Some("\x1b[?13n"),
        25 => Some("\x1b[?20n"),
        26 => Some("\x1b[?27;1;0;0n"),
        53 | 55 => Some("\x1b[?50n"),
        56 => Some("\x1b[?57;0n"),
        996 => Some("\x1b[?997;1n"),
        _ => None,
    }
}

/// DECREQTPARM: no parity, eight bits, 38,400 baud both ways.
pub(super) fn parameters(solicited: usize) -> Option<String> {
    (solicited < 2).then(|| format!("\x1b[{};1;1;128;128;1;0x", solicited + 2))
}

/// DECRPSS: a setting as the sequence that makes it, `None` where it is not known.
pub(super) fn setting(value: Option<&str>) -> String {
    match value {
        Some(value) => format!("\x1bP1$r{value}\x1b\\"),
        None => "\x1bP0$r\x1b\\".to_owned(),
    }
}

/// XTGETTCAP: nothing is told; the program has a terminfo entry by its name.
pub(super) const CAPABILITY: &str = "\x1bP0+r\x1b\\";

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
