//! What programs that people run write, as they write it.

use super::Bench;
use std::fmt::Write;

#[test]
fn a_cargo_build_redraws_its_bar_in_place() {
    let mut bench = Bench::new(60, 4);
    for done in 0..50 {
        write_crate(&mut bench, done);
    }
    bench.feed("\x1b[1m\x1b[92m    Finished\x1b[0m `dev` profile in 3.21s\x1b[K\r\n");
    bench.finish();
    assert_eq!(bench.heard.lines.len(), 51);
    assert_eq!(bench.lines()[7], "\x1b[1;92m   Compiling\x1b[0m crate-7 v1.0.7");
    assert_eq!(bench.lines()[50], "\x1b[1;92m    Finished\x1b[0m `dev` profile in 3.21s");
    assert!(bench.lines().iter().all(|line| !line.contains("Building")));
}

fn write_crate(bench: &mut Bench, number: usize) {
    bench.feed(format!("\x1b[K\x1b[1m\x1b[92m   Compiling\x1b[0m crate-{number} v1.0.{number}\r\n"));
    let bar = "=".repeat(number / 3);
    bench
        .feed(format!("\x1b[K\x1b[1m\x1b[96m    Building\x1b[0m [{bar:<17}>] {number}/50: crate-{number}\r"));
}

#[test]
fn a_spinner_that_moves_up_overwrites_in_place() {
    let mut bench = Bench::fed(30, 6, "install\r\n");
    for step in 0..20 {
        let up = if step == 0 { "" } else { "\x1b[2A" };
        bench.feed(format!("{up}\r\x1b[2K⠋ fetch {step}\r\n\x1b[2K⠙ link {step}\r\n"));
    }
    assert_eq!(bench.text(), "install\n⠋ fetch 19\n⠙ link 19");
    bench.finish();
    assert_eq!(bench.lines(), ["install", "⠋ fetch 19", "⠙ link 19"]);
}

#[test]
fn an_editor_starts_and_leaves_without_trace() {
    let mut bench = Bench::fed(30, 6, "$ vim notes\r\n");
    bench.feed(
        "\x1b[?1049h\x1b[22;0;0t\x1b[>4;2m\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[1;6r\x1b[?12h\x1b[?12l\
         \x1b[22;2t\x1b[22;1t\x1b[27m\x1b[23m\x1b[29m\x1b[m\x1b[H\x1b[2J\x1b[?25l\x1b[6;1H\"notes\" 2L, 11B\
         \x1b[2;1H▽\x1b[6n\x1b[2;1H  \x1b[3;1H\x1bPzz\x1b\\\x1b[0%m\x1b[6n\x1b[3;1H           \x1b[1;1H\x1b[>c\
         \x1b]10;?\x07\x1b]11;?\x07\x1b[1;1Hhello\r\nworld\x1b[3;1H\x1b[94m~                             \
         \x1b[4;1H~                             \x1b[5;1H~                             \x1b[m\x1b[6;20H1,1\
         \x1b[1;1H\x1b[?25h",
    );
    assert_eq!(bench.text(), "hello\nworld\n~\n~\n~\n\"notes\" 2L, 11B    1,1");
    assert!(bench.screen.alternate() && bench.screen.input_modes().bracketed_paste);
    assert!(bench.heard.replies.starts_with("\x1b[2;2R"), "{:?}", bench.heard.replies);
    // A line is deleted as vim does it: within a region.
    bench.feed("\x1b[1;5r\x1b[1;1H\x1b[M\x1b[1;6r\x1b[5;1H\x1b[94m~\x1b[m\x1b[1;1H");
    assert_eq!(bench.row(0), "world");
    bench.feed("\x1b[?1004l\x1b[?2004l\x1b[?1l\x1b>\x1b[6;1H\x1b[K\x1b[23;0;0t\x1b[?1049l\x1b[?25h");
    assert_eq!((bench.text().as_str(), bench.cursor()), ("$ vim notes", (0, 1)));
    assert!(bench.lines().is_empty());
}

#[test]
fn a_process_viewer_redraws_the_whole_screen() {
    let mut bench = Bench::fed(40, 8, "\x1b[?1049h\x1b[H\x1b[2J\x1b[?25l\x1b[?1000h\x1b[?1006h");
    for second in 0..30 {
        let mut frame = String::from("\x1b[H");
        for row in 1..=8 {
            let color = if row == 3 { "\x1b[30;46m" } else { "\x1b[39;49m" };
            write!(frame, "\x1b[{row}d{color}{:>5} R {second:>4}.{row} cmd\x1b[K\x1b(B\x1b[m\r", row * 100)
                .expect("a String takes all");
        }
        bench.feed(frame);
    }
    assert_eq!(bench.row(7), "  800 R   29.8 cmd");
    let spans = bench.screen.row_spans(2);
    assert_eq!((spans.len(), spans[0].text.len()), (2, 18), "the bar goes on to the edge");
    assert_eq!(spans[1].text.len(), 22);
    assert!(bench.lines().is_empty());
}

#[test]
fn a_shell_prompt_longer_than_the_row_is_one_line() {
    let mut bench = Bench::fed(10, 3, "$ echo 0123456789abcdef\r\n0123456789abcdef\r\n$ ");
    bench.finish();
    assert_eq!(bench.lines(), ["$ echo 0123456789abcdef", "0123456789abcdef", "$"]);
}
