//! The emulator's throughput beside what bounds it: vte's parser alone on the same bytes.
//!
//! `cargo bench --bench screen`

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use minder::output::screen::{Host, Screen};
use minder::protocol::Size;
use std::fmt::Write;

const BYTES: usize = 4 << 20;
/// What one read gives.
const READ: usize = 64 << 10;
const STREAMS: [&str; 6] = ["plain", "sgr", "truecolor", "yes", "redraw", "utf8"];

fn main() {
    divan::main();
}

#[divan::bench(args = STREAMS)]
fn screen(bencher: Bencher<'_, '_>, stream: &str) {
    let bytes = bytes(stream);
    bencher.counter(BytesCount::of_slice(&bytes)).bench_local(|| {
        let mut screen = Screen::new(Size { columns: 80, rows: 24 });
        let mut sink = Sink(0);
        for read in bytes.chunks(READ) {
            screen.feed(read, &mut sink);
        }
        black_box((screen, sink.0));
    });
}

#[divan::bench(args = STREAMS)]
fn vte_alone(bencher: Bencher<'_, '_>, stream: &str) {
    let bytes = bytes(stream);
    bencher.counter(BytesCount::of_slice(&bytes)).bench_local(|| {
        let mut parser = vte::Parser::new();
        let mut seen = Seen(0);
        for read in bytes.chunks(READ) {
            parser.advance(&mut seen, read);
        }
        black_box(seen.0);
    });
}

/// Counts what a log would keep.
struct Sink(usize);

impl Host for Sink {
    fn line(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }

    fn reply(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }
}

/// Does next to nothing, but not nothing that could be left out.
struct Seen(u64);

impl vte::Perform for Seen {
    fn print(&mut self, character: char) {
        self.0 += u64::from(character);
    }

    fn execute(&mut self, byte: u8) {
        self.0 += u64::from(byte);
    }

    fn csi_dispatch(&mut self, params: &vte::Params, _: &[u8], _: bool, last: char) {
        self.0 += params.len() as u64 + u64::from(last);
    }
}

fn bytes(stream: &str) -> Vec<u8> {
    let mut out = String::new();
    let mut number = 0_usize;
    while out.len() < BYTES {
        number += 1;
        piece(stream, number, &mut out);
    }
    out.into_bytes()
}

fn piece(stream: &str, number: usize, out: &mut String) {
    let written = match stream {
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
    };
    written.expect("a String takes all");
}

/// A full-screen program that draws every row.
fn redraw(number: usize, out: &mut String) -> std::fmt::Result {
    for row in 1..=24 {
        write!(out, "\x1b[{row};1H\x1b[3{}m{number:05}\x1b[39m ", row % 8)?;
        write!(out, "{:<60}\x1b[7m{:>8}\x1b[27m\x1b[K", "a process with a long name", row * number)?;
    }
    Ok(())
}
