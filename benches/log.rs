//! What keeping and showing lines costs, beside the copy of the same bytes that nobody can beat.

use divan::Bencher;
use divan::counter::BytesCount;
use minder::output::{Fit, Output, Pane, Position, Reader, Stream, Window};
use minder::protocol::Size;
use std::sync::Arc;
use std::time::SystemTime;

const READ_BYTES: usize = 64 * 1024;
/// Enough that the oldest blocks are dropped as new ones come.
const READS: usize = 1024;
const BUDGET: usize = 32 * 1024 * 1024;
const AT: SystemTime = SystemTime::UNIX_EPOCH;
const SIZE: Size = Size { columns: 120, rows: 50 };

fn main() {
    divan::main();
}

/// A read's worth of lines of 80 bytes, the last one cut.
fn read_of_lines() -> Vec<u8> {
    let line = b"2026-11-22T12:00:00Z INFO api: GET /items/17 200 in 3.2 ms, 1280 bytes to ::1  \n";
    line.iter().copied().cycle().take(READ_BYTES).collect()
}

fn fed_pane(read: &[u8]) -> Pane {
    let mut pane = Pane::new(SIZE, false, BUDGET);
    for _ in 0..READS {
        pane.feed(Stream::Stdout, read, AT);
    }
    pane
}

/// The physical limit: the same bytes copied into as much memory, used in turns.
#[divan::bench(sample_count = 20)]
fn append_memcpy(bencher: Bencher<'_, '_>) {
    let read = read_of_lines();
    let mut blocks = vec![vec![0_u8; READ_BYTES]; BUDGET / READ_BYTES];
    bencher.counter(BytesCount::new(READ_BYTES * READS)).bench_local(|| {
        for index in 0..READS {
            let turn = index % blocks.len();
            blocks[turn].copy_from_slice(divan::black_box(&read));
            divan::black_box(&mut blocks[turn]);
        }
    });
}

#[divan::bench(sample_count = 20)]
fn append_pane(bencher: Bencher<'_, '_>) {
    let read = read_of_lines();
    let mut pane = fed_pane(&read);
    bencher.counter(BytesCount::new(READ_BYTES * READS)).bench_local(|| {
        for _ in 0..READS {
            pane.feed(Stream::Stdout, divan::black_box(&read), AT);
        }
    });
}

/// Lines that end in CR LF, as a terminal's: each is trimmed.
#[divan::bench(sample_count = 20)]
fn append_pane_crlf(bencher: Bencher<'_, '_>) {
    let mut read = read_of_lines();
    for index in (0..read.len()).filter(|index| index % 80 == 78) {
        read[index] = b'\r';
    }
    let mut pane = fed_pane(&read);
    bencher.counter(BytesCount::new(READ_BYTES * READS)).bench_local(|| {
        for _ in 0..READS {
            pane.feed(Stream::Stdout, divan::black_box(&read), AT);
        }
    });
}

/// A reader of an output that has said so much.
fn reader_of(read: &[u8], reads: usize) -> Reader {
    let output = Arc::new(Output::with_budget(SIZE, false, BUDGET));
    for _ in 0..reads {
        output.lock().feed(Stream::Stdout, read, AT);
    }
    Reader::new(output)
}

fn window(position: Position) -> Window {
    Window { size: SIZE, position, fit: Fit::Wrap }
}

/// What a frame of a flood costs: a glance, the newest block, the rows.
#[divan::bench]
fn view_following(bencher: Bencher<'_, '_>) {
    let mut reader = reader_of(&read_of_lines(), READS);
    bencher.bench_local(|| {
        reader.look();
        reader.view(divan::black_box(window(Position::Follow)))
    });
}

#[divan::bench]
fn view_in_the_middle(bencher: Bencher<'_, '_>) {
    let reader = reader_of(&read_of_lines(), READS);
    let lines = reader.lines();
    let position = reader.at_line(window(Position::Follow), lines.start.midpoint(lines.end));
    bencher.bench_local(|| reader.view(divan::black_box(window(position))));
}

#[divan::bench]
fn view_of_colored_lines(bencher: Bencher<'_, '_>) {
    let line = "\x1b[32m2026-11-22\x1b[0m \x1b[1mGET\x1b[0m /städte/17 \x1b[38;5;208m200\x1b[0m in 3 ms\n";
    let reader = reader_of(line.repeat(READ_BYTES / line.len()).as_bytes(), READS);
    bencher.bench_local(|| reader.view(divan::black_box(window(Position::Follow))));
}

/// A line of 1 MiB with colours, which has to be wrapped from its beginning.
#[divan::bench(sample_count = 20)]
fn view_of_an_endless_line(bencher: Bencher<'_, '_>) {
    let reader = reader_of("\x1b[32mäb\x1b[0m cdefghi".repeat(2730).as_bytes(), 64);
    bencher.bench_local(|| reader.view(divan::black_box(window(Position::Follow))));
}
