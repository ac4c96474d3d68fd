//! What programs write, as bytes for a terminal or, with `\n` alone, for a pipe or a terminal that
//! makes the carriage returns itself (ONLCR, termios(3)).

use std::fmt::Write;

/// All kinds of streams that terminals are fed with.
pub(crate) const ALL: [&str; 6] = ["plain", "sgr", "truecolor", "yes", "redraw", "utf8"];

/// At least `length` bytes of a kind, of whole lines or frames that end in CR LF.
pub(crate) fn bytes(stream: &str, length: usize) -> Vec<u8> {
    let mut out = String::new();
    let mut number = 0_usize;
    while out.len() < length {
        number += 1;
        piece(stream, number, &mut out).expect("a String takes all");
    }
    out.into_bytes()
}

/// The same with line ends as programs write them.
pub(crate) fn written(stream: &str, length: usize) -> Vec<u8> {
    let mut bytes = bytes(stream, length);
    bytes.retain(|&byte| byte != b'\r');
    bytes
}

fn piece(stream: &str, number: usize, out: &mut String) -> std::fmt::Result {
    match stream {
        "plain" => {
            write!(out, "{number:08} GET /api/v1/items/{number} 200 in 12 ms, 5312 bytes, cache miss\r\n")
        }
        "sgr" => write!(
            out,
            "\x1b[2m{number:08}\x1b[0m \x1b[1;32mINFO\x1b[0m server::\x1b[36mhttp\x1b[0m: GET \x1b[4m/items\x1b[24m \x1b[38;5;208m200\x1b[m\r\n"
        ),
        "truecolor" => write!(
            out,
            "\x1b[38;2;{};{};{}mhalf a line of one colour\x1b[48;2;{};0;9mand half of another\x1b[m\r\n",
            number % 256,
            number / 3 % 256,
            number / 7 % 256,
            number % 251
        ),
        "yes" => write!(out, "y\r\n"),
        "redraw" => redraw(number, out),
        _ => writeln!(out, "{number:06} größer als früher: «Привет, мир» 日本語のテキスト ─── über\r"),
    }
}

/// A full-screen program that draws every row.
fn redraw(number: usize, out: &mut String) -> std::fmt::Result {
    for row in 1..=24 {
        write!(out, "\x1b[{row};1H\x1b[3{}m{number:05}\x1b[39m ", row % 8)?;
        write!(out, "{:<60}\x1b[7m{:>8}\x1b[27m\x1b[K", "a process with a long name", row * number)?;
    }
    Ok(())
}
