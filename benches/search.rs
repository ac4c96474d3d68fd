//! What it costs to look through a log, beside memchr over the same bytes, which finds nothing in
//! them: the physical limit of the same run.

use divan::Bencher;
use divan::counter::BytesCount;
use minder::output::{Lookup, Output, Pattern, Stream, Test};
use minder::protocol::Size;
use std::sync::Arc;
use std::time::SystemTime;

const BYTES: usize = 24 << 20;
const BUDGET: usize = 64 << 20;
const AT: SystemTime = SystemTime::UNIX_EPOCH;
const SIZE: Size = Size { columns: 120, rows: 50 };
const PLAIN: &str = "2026-11-22T12:00:00Z INFO api: GET /items/17 200 in 3.2 ms, 1280 bytes to ::1  \n";
const COLORED: &str =
    "\x1b[32m2026-11-22\x1b[0m \x1b[1mGET\x1b[0m /items/17 \x1b[38;5;208m200\x1b[0m in 3 ms\n";

fn main() {
    divan::main();
}

fn lines(line: &str) -> Vec<u8> {
    line.repeat(BYTES / line.len()).into_bytes()
}

fn search(bencher: Bencher<'_, '_>, line: &str, pattern: &str) {
    let bytes = lines(line);
    let output = Arc::new(Output::with_budget(SIZE, false, BUDGET));
    output.lock().feed(Stream::Stdout, &bytes, AT);
    let pattern = Arc::new(Pattern::new(pattern).expect("a pattern"));
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        let test = Test::pattern(divan::black_box(&pattern), false);
        let lookup = Lookup::new(Arc::clone(&output), test, u64::MAX);
        while lookup.step() {}
        lookup.count_all()
    });
}

/// The physical limit.
#[divan::bench(sample_count = 20)]
fn memchr(bencher: Bencher<'_, '_>) {
    let bytes = lines(PLAIN);
    let counter = BytesCount::new(bytes.len());
    bencher.counter(counter).bench_local(|| memchr::memchr(0, divan::black_box(&bytes)));
}

#[divan::bench(sample_count = 20)]
fn literal(bencher: Bencher<'_, '_>) {
    search(bencher, PLAIN, "No such Text");
}

#[divan::bench(sample_count = 20)]
fn literal_of_any_case(bencher: Bencher<'_, '_>) {
    search(bencher, PLAIN, "error");
}

#[divan::bench(sample_count = 20)]
fn expression_with_a_literal(bencher: Bencher<'_, '_>) {
    search(bencher, PLAIN, r"Timeout after \d+ ms");
}

#[divan::bench(sample_count = 20)]
fn in_every_line(bencher: Bencher<'_, '_>) {
    search(bencher, PLAIN, "GET");
}

/// Each line's text is made first.
#[divan::bench(sample_count = 20)]
fn in_colored_lines(bencher: Bencher<'_, '_>) {
    search(bencher, COLORED, "error");
}
