//! What keeping and showing lines costs, beside the copy of the same bytes that nobody can beat.

use divan::Bencher;
use divan::counter::BytesCount;
use minder::output::{Pane, Position, Stream, Window};
use minder::protocol::Size;
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

#[divan::bench]
fn view_following(bencher: Bencher<'_, '_>) {
    let pane = fed_pane(&read_of_lines());
    let window = Window { size: SIZE, position: Position::Follow };
    bencher.bench_local(|| pane.view(divan::black_box(window)));
}

#[divan::bench]
fn view_in_the_middle(bencher: Bencher<'_, '_>) {
    let pane = fed_pane(&read_of_lines());
    let lines = pane.lines();
    let follow = Window { size: SIZE, position: Position::Follow };
    let position = pane.at_line(follow, lines.start.midpoint(lines.end));
    bencher.bench_local(|| pane.view(divan::black_box(Window { position, ..follow })));
}

#[divan::bench]
fn view_of_colored_lines(bencher: Bencher<'_, '_>) {
    let line = "\x1b[32m2026-11-22\x1b[0m \x1b[1mGET\x1b[0m /städte/17 \x1b[38;5;208m200\x1b[0m in 3 ms\n";
    let pane = fed_pane(line.repeat(READ_BYTES / line.len()).as_bytes());
    let window = Window { size: SIZE, position: Position::Follow };
    bencher.bench_local(|| pane.view(divan::black_box(window)));
}

/// A line of 1 MiB with colours, which has to be wrapped from its beginning.
#[divan::bench(sample_count = 20)]
fn view_of_an_endless_line(bencher: Bencher<'_, '_>) {
    let mut pane = Pane::new(SIZE, false, BUDGET);
    for _ in 0..64 {
        pane.feed(Stream::Stdout, "\x1b[32mäb\x1b[0m cdefghi".repeat(2730).as_bytes(), AT);
    }
    let window = Window { size: SIZE, position: Position::Follow };
    bencher.bench_local(|| pane.view(divan::black_box(window)));
}

#[divan::bench(sample_count = 20)]
fn find_without_a_match(bencher: Bencher<'_, '_>) {
    let pane = fed_pane(&read_of_lines());
    let lines = pane.lines();
    let pattern = regex::Regex::new("(?i)no such text").expect("a valid pattern");
    bencher
        .counter(divan::counter::ItemsCount::new(lines.end - lines.start))
        .bench_local(|| pane.find(divan::black_box(&pattern), 0, false, usize::MAX));
}
