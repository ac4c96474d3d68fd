//! The emulator's throughput beside what bounds it in the same run: the same bytes looked at once for
//! their line ends, and vte's parser alone. Then what a frame costs beside a bare one of ratatui's.
//!
//! `cargo bench --bench screen`
#![expect(clippy::print_stdout, reason = "it prints figures")]

mod support;

use minder::output::screen::{Host, Screen};
use minder::output::{Output, Stream};
use minder::protocol::Size;
use minder::sys::clock;
use std::hint::black_box;
use std::time::SystemTime;
use support::{bare, figures, streams};

const BYTES: usize = 4 << 20;
const ROUNDS: usize = 15;
const SIZE: Size = Size { columns: 80, rows: 24 };
/// What one read of a pipe gives, and one of a terminal.
const READS: [usize; 2] = [64 << 10, 4095];

fn main() {
    println!("MB/s, one core, {}×{}; unseen: what nobody looks at, with its log", SIZE.columns, SIZE.rows);
    println!("stream     reads  line ends  vte alone   drawn  ratio  unseen  ratio");
    // Those named on the command line, or all.
    let named: Vec<String> = std::env::args().collect();
    let some = streams::ALL.iter().any(|stream| named.iter().any(|name| name == stream));
    for stream in streams::ALL.into_iter().filter(|stream| !some || named.iter().any(|name| name == stream)) {
        let bytes = streams::bytes(stream, BYTES);
        for read in READS {
            compare(stream, &bytes, read);
        }
    }
}

fn compare(stream: &str, bytes: &[u8], read: usize) {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push([count, parse, draw, keep].map(|way| speed(bytes, read, way)));
    }
    let mut middle = |index: usize| {
        figures::percentile(&mut rounds.iter().map(|round| round[index]).collect::<Vec<_>>(), 1.0)
    };
    let [ends, vte, drawn, unseen] = [0, 1, 2, 3].map(&mut middle);
    println!(
        "{stream:9} {read:6}  {ends:9.0}  {vte:9.0}  {drawn:6.0}  {:.3}  {unseen:6.0}  {:.3}",
        drawn / ends,
        unseen / ends
    );
}

/// Bytes a microsecond.
fn speed(bytes: &[u8], read: usize, way: fn(&[u8], usize)) -> f64 {
    let begun = clock::now();
    way(black_box(bytes), read);
    bytes.len() as f64 / begun.elapsed().as_secs_f64() / 1e6
}

fn count(bytes: &[u8], read: usize) {
    black_box(bytes.chunks(read).map(bare::count_lines).sum::<usize>());
}

fn parse(bytes: &[u8], read: usize) {
    let (mut parser, mut seen) = (vte::Parser::new(), Seen(0));
    bytes.chunks(read).for_each(|part| parser.advance(&mut seen, part));
    black_box(seen.0);
}

fn draw(bytes: &[u8], read: usize) {
    let (mut screen, mut sink) = (Screen::new(SIZE), Sink(0));
    bytes.chunks(read).for_each(|part| screen.feed(part, &mut sink));
    black_box((screen, sink.0));
}

fn keep(bytes: &[u8], read: usize) {
    let output = Output::new(SIZE, true);
    for part in bytes.chunks(read) {
        black_box(output.feed(Stream::Terminal, part, SystemTime::UNIX_EPOCH));
    }
    black_box(output.lock().lines());
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
