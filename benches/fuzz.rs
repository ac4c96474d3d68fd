//! Random programs before a pane, for as long as `MINDER_FUZZ_SECONDS` says (10 by default), from
//! `MINDER_FUZZ_SEED`: nothing panics, no row is wider than its window, and what nobody looks at is
//! what it would be if somebody did.
//!
//! `MINDER_FUZZ_SECONDS=3600 cargo bench --bench fuzz`
#![expect(clippy::print_stdout, reason = "it prints its seed")]

use fastrand::Rng;
use minder::output::{Fit, Lookup, Nearest, Output, Pattern, Position, Reader, Stream, Test, View, Window};
use minder::protocol::Size;
use minder::sys::clock;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use unicode_width::UnicodeWidthStr;

/// Small, so that what goes first goes often.
const BUDGET: usize = 96 * 1024;

fn main() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("MINDER_FUZZ_SECONDS").unwrap_or(10);
    let first = number("MINDER_FUZZ_SEED").unwrap_or_else(|| fastrand::u64(..));
    let begun = clock::now();
    let mut runs = 0;
    while begun.elapsed() < Duration::from_secs(seconds) {
        let seed = first.wrapping_add(runs);
        // A panic is told with what it takes to see it again.
        if std::panic::catch_unwind(|| one(&mut Rng::with_seed(seed))).is_err() {
            println!("MINDER_FUZZ_SEED={seed} MINDER_FUZZ_SECONDS=0 fails at once");
            std::process::exit(1);
        }
        runs += 1;
    }
    if seconds == 0 {
        one(&mut Rng::with_seed(first));
    }
    println!("{runs} programs from seed {first}: nothing found");
}

/// One program, written to a pane that is drawn at once and to one that is not.
fn one(random: &mut Rng) {
    let mut size = some_size(random);
    let terminal = random.u8(..8) > 0;
    let seen = Arc::new(Output::with_budget(size, terminal, BUDGET));
    let unseen = Arc::new(Output::with_budget(size, terminal, BUDGET));
    for second in 0..random.u64(1..60) {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        let bytes = some_bytes(random);
        let stream = if terminal { Stream::Terminal } else { Stream::Stdout };
        let replies = feed_cut(&bytes, random, |part| seen.lock().feed(stream, part, at));
        let others = feed_cut(&bytes, random, |part| unseen.feed(stream, part, at));
        assert_eq!(replies.len(), others.len(), "answers");
        if random.u8(..4) == 0 {
            look(&seen, &unseen, random);
        }
        if random.u8(..6) == 0 {
            size = some_size(random);
            seen.lock().resize(size);
            unseen.lock().resize(size);
        }
        if random.u8(..30) == 0 {
            for output in [&seen, &unseen] {
                output.lock().finish(at);
                output.lock().rule("over", at);
            }
        }
    }
    look(&seen, &unseen, random);
}

fn feed_cut(bytes: &[u8], random: &mut Rng, mut feed: impl FnMut(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut replies = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = random.usize(1..=rest.len());
        replies.extend(feed(&rest[..length]));
        rest = &rest[length..];
    }
    replies
}

fn some_size(random: &mut Rng) -> Size {
    Size { columns: random.u16(1..60), rows: random.u16(1..20) }
}

/// All that readers do.
fn look(first: &Arc<Output>, second: &Arc<Output>, random: &mut Rng) {
    let [seen, unseen] = [first, second].map(|output| Reader::new(Arc::clone(output)));
    let fit = if random.bool() { Fit::Wrap } else { Fit::Cut { left: random.u32(..40) } };
    let mut window = Window { size: some_size(random), position: Position::Follow, fit };
    for _ in 0..random.u8(1..6) {
        let (one, other) = (seen.view(window), unseen.view(window));
        check(&one, window);
        check(&other, window);
        window.position = match random.u8(..4) {
            0 => seen.scrolled(window, random.i64(-300..300)),
            1 => seen.top(window),
            2 => seen.at_line(window, random.u64(..3000)),
            _ => Position::Follow,
        };
    }
    assert_eq!(seen.lines().end, unseen.lines().end, "as many lines");
    let text = |reader: &Reader| {
        let size = Size { columns: 80, rows: 40 };
        let rows = reader.view(Window { size, position: Position::Follow, fit: Fit::Wrap }).rows;
        rows.iter()
            .map(|row| row.spans.iter().map(|span| span.text.as_str()).collect())
            .collect::<Vec<String>>()
    };
    // Blocks may end, and go, at other places: what both still have is the same.
    let (one, other) = (text(&seen), text(&unseen));
    assert!(
        one.iter().rev().zip(other.iter().rev()).all(|(one, other)| one == other),
        "{one:#?}\n{other:#?}"
    );
    let pattern = Arc::new(Pattern::new("a+|[0-9]{2}").expect("it is one"));
    let lookup = Lookup::new(Arc::clone(first), Test::pattern(&pattern, random.bool()), random.u64(..2000));
    while lookup.step() {}
    let found = lookup.nearest(first.lock().lines(), random.u64(..2000), random.bool());
    assert!(found != Nearest::Pending, "all was looked at");
    assert!(
        first.lock().take_from(random.u64(..2000), 10_000).lines().all(|line| line.bytes.len() < 2 << 20)
    );
}

fn check(view: &View, window: Window) {
    assert!(view.rows.len() <= usize::from(window.size.rows));
    for row in &view.rows {
        let width: usize = row.spans.iter().map(|span| span.text.width()).sum();
        assert!(width <= usize::from(window.size.columns), "{row:?}");
        assert!(!row.spans.iter().any(|span| span.text.contains(char::is_control)), "{row:?}");
    }
}

fn some_bytes(random: &mut Rng) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..random.usize(1..40) {
        piece(random, &mut bytes);
    }
    bytes
}

const WORDS: [&str; 22] = [
    "a",
    "word",
    "two words ",
    "größer",
    "日本語",
    "e\u{301}",
    "👩\u{200d}👩\u{200d}👧",
    "🇩🇪",
    "☁\u{fe0f}",
    "👍🏽",
    "שלום",
    "مرحبا",
    "\u{feff}",
    "\u{202e}x",
    "\t",
    "   ",
    "\u{85}",
    "\u{fffd}",
    "क्षि",
    "\u{1100}\u{1161}\u{11a8}",
    "\u{ad}",
    "\0",
];
const CODES: [&str; 14] = [
    "\x1b7",
    "\x1b8",
    "\x1bM",
    "\x1bD",
    "\x1bc",
    "\x1b(0",
    "\x1b(B",
    "\x1b#8",
    "\x0e",
    "\x0f",
    "\x1b[!p",
    "\x18",
    "\x1b[?2026h",
    "\x1b[?2026l",
];
const STRINGS: [&str; 8] =
    ["\x1b]0;", "\x1b]52;c;", "\x1b]8;;", "\x1b]1337;File=", "\x1bP$q", "\x1bPq", "\x1b_G", "\x1b^"];

fn piece(random: &mut Rng, out: &mut Vec<u8>) {
    match random.u8(..16) {
        0..=3 => {
            let line = words(random);
            (0..random.usize(1..30)).for_each(|_| out.extend_from_slice(line.as_bytes()));
        }
        4 | 5 => out.extend_from_slice(WORDS[random.usize(..WORDS.len())].as_bytes()),
        6 | 7 => out.extend_from_slice(b"\r\n"),
        8..=10 => {
            let marks = ["", "", "", "?", ">", "=", "!"][random.usize(..7)];
            let most = if random.u8(..20) == 0 { 70_000 } else { 30 };
            let parameters: Vec<String> =
                (0..random.usize(..4)).map(|_| random.u32(..most).to_string()).collect();
            let last = char::from(random.u8(0x40..0x7f));
            out.extend_from_slice(format!("\x1b[{marks}{}{last}", parameters.join(";")).as_bytes());
        }
        11 => {
            let mode = [1, 3, 6, 7, 25, 47, 1000, 1047, 1048, 1049, 2004, 2026][random.usize(..12)];
            let on = if random.bool() { 'h' } else { 'l' };
            out.extend_from_slice(format!("\x1b[?{mode}{on}").as_bytes());
        }
        12 => out.extend_from_slice(CODES[random.usize(..CODES.len())].as_bytes()),
        13 => out.extend((0..random.usize(..20)).map(|_| random.u8(..))),
        14 => {
            out.extend_from_slice(STRINGS[random.usize(..STRINGS.len())].as_bytes());
            let length = if random.u8(..8) == 0 { 20_000 } else { 20 };
            out.extend((0..random.usize(..length)).map(|_| random.u8(0x20..0x7f)));
            out.extend_from_slice([b"\x07".as_slice(), b"\x1b\\", b""][random.usize(..3)]);
        }
        _ => out.push([b'\r', b'\n', 8, 9, 0x7f, b' '][random.usize(..6)]),
    }
}

/// A line as programs log them, most with colours that end.
fn words(random: &mut Rng) -> String {
    let mut line = String::new();
    for _ in 0..random.usize(..12) {
        if random.u8(..3) == 0 {
            line.push_str(
                ["\x1b[31m", "\x1b[1;4m", "\x1b[0m", "\x1b[48;5;9m", "\x1b[39m"][random.usize(..5)],
            );
        }
        // The rarer ones are no part of plain lines.
        let most = if random.u8(..6) == 0 { WORDS.len() } else { 5 };
        line.push_str(WORDS[random.usize(..most)]);
    }
    line + ["\r\n", "\x1b[m\r\n", "\x1b[0m\r\n", "\n"][random.usize(..4)]
}
