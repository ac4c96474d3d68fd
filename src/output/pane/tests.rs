//! A pane seen from outside: bytes in, windows out.

use super::super::reading::Reader;
use super::super::view::{Fit, Place, Position, RowAddress, View, ViewRow, Window};
use super::*;
use proptest::prelude::*;
use std::sync::Arc;

/// A pane with a reader, as guests have it.
struct Pane {
    output: Arc<Output>,
    reader: std::cell::RefCell<Reader>,
}

impl Pane {
    fn new(size: Size, terminal: bool, budget: usize) -> Self {
        let output = Arc::new(Output::with_budget(size, terminal, budget));
        Self { reader: Reader::new(Arc::clone(&output)).into(), output }
    }

    fn reader(&self) -> std::cell::RefMut<'_, Reader> {
        let mut reader = self.reader.borrow_mut();
        reader.look();
        reader
    }

    fn feed(&mut self, stream: Stream, bytes: &[u8], at: SystemTime) -> Vec<u8> {
        self.output.lock().feed(stream, bytes, at)
    }

    fn resize(&mut self, size: Size) {
        self.output.lock().resize(size);
    }

    fn finish(&mut self, at: SystemTime) {
        self.output.lock().finish(at);
    }

    fn rule(&mut self, text: &str, at: SystemTime) {
        self.output.lock().rule(text, at);
    }

    fn lines(&self) -> Range<u64> {
        self.output.lock().lines()
    }

    fn view(&self, window: Window) -> View {
        self.reader().view(window)
    }

    fn scrolled(&self, window: Window, rows: i64) -> Position {
        self.reader().scrolled(window, rows)
    }

    fn top(&self, window: Window) -> Position {
        self.reader().top(window)
    }

    fn at_line(&self, window: Window, line: u64) -> Position {
        self.reader().at_line(window, line)
    }
}

const AT: SystemTime = SystemTime::UNIX_EPOCH;

fn size(columns: u16, rows: u16) -> Size {
    Size { columns, rows }
}

fn lines_pane() -> Pane {
    Pane::new(size(80, 24), false, DEFAULT_BUDGET)
}

fn window(columns: u16, rows: u16, position: Position) -> Window {
    Window { size: size(columns, rows), position, fit: Fit::Wrap }
}

fn texts(view: &View) -> Vec<String> {
    let text = |row: &ViewRow| row.spans.iter().map(|span| span.text.as_str()).collect();
    view.rows.iter().map(text).collect()
}

fn shown(pane: &Pane, columns: u16, rows: u16, position: Position) -> Vec<String> {
    texts(&pane.view(window(columns, rows, position)))
}

fn at(line: u64, row: u32) -> Position {
    Position::At(RowAddress { place: Place::line(line), row })
}

#[test]
fn output_is_shared_by_threads() {
    const fn shared<T: Send + Sync>() {}
    const { shared::<Output>() };
}

#[test]
fn following_shows_the_end_with_what_is_unfinished() {
    let mut pane = lines_pane();
    pane.feed(Stream::Stdout, b"1\n2\n3\nno end", AT);
    pane.feed(Stream::Stderr, b"error", AT);
    let view = pane.view(window(80, 3, Position::Follow));
    assert_eq!(texts(&view), ["3", "no end", "error"]);
    assert_eq!(view.rows[2].stream, Stream::Stderr);
    assert_eq!(view.rows[2].address, RowAddress { place: Place::line(4), row: 0 });
    assert!(view.following);
    assert_eq!((view.lines_below, view.lines_total, view.lines_dropped), (0, 5, 0));
    assert_eq!(shown(&pane, 3, 4, Position::Follow), ["no ", "end", "err", "or"]);
}

#[test]
fn a_window_is_scrolled_by_wrapped_rows() {
    let mut pane = lines_pane();
    pane.feed(Stream::Stdout, "abcdef\n日本語\nx\ny\n".as_bytes(), AT);
    let narrow = |position| window(4, 2, position);
    assert_eq!(texts(&pane.view(narrow(Position::Follow))), ["x", "y"]);
    let up = pane.scrolled(narrow(Position::Follow), -2);
    assert_eq!(up, at(1, 0));
    assert_eq!(texts(&pane.view(narrow(up))), ["日本", "語"]);
    let up = pane.scrolled(narrow(up), -1);
    assert_eq!(up, at(0, 1));
    let view = pane.view(narrow(up));
    assert_eq!(texts(&view), ["ef", "日本"]);
    assert_eq!(view.lines_below, 3);
    assert!(!view.following);
    assert_eq!(pane.scrolled(narrow(up), -100), at(0, 0));
    assert_eq!(pane.top(narrow(up)), at(0, 0));
    assert_eq!(pane.scrolled(narrow(up), 2), at(1, 1));
    assert_eq!(pane.scrolled(narrow(up), 3), Position::Follow);
    assert_eq!(pane.scrolled(narrow(up), i64::MAX), Position::Follow);
    assert_eq!(pane.scrolled(narrow(up), i64::MIN), at(0, 0));
}

#[test]
fn a_line_is_shown_on_top_unless_the_end_is_nearer() {
    let mut pane = lines_pane();
    pane.feed(Stream::Stdout, b"0\n1\n2\n3\n4\n", AT);
    let follow = window(80, 2, Position::Follow);
    assert_eq!(pane.at_line(follow, 1), at(1, 0));
    assert_eq!(pane.at_line(follow, 3), Position::Follow);
    assert_eq!(pane.at_line(follow, 99), Position::Follow);
    assert_eq!(pane.top(window(80, 5, Position::Follow)), Position::Follow);
}

#[test]
fn a_dropped_position_goes_to_the_oldest_line() {
    let mut pane = Pane::new(size(80, 24), false, 200 * 1024);
    for number in 0..10_000 {
        pane.feed(Stream::Stdout, format!("{number} {:60}\n", "").as_bytes(), AT);
    }
    let first = pane.lines().start;
    assert!(first > 0);
    let view = pane.view(window(80, 2, at(0, 3)));
    assert_eq!(view.rows[0].address, RowAddress { place: Place::line(first), row: 0 });
    assert!(texts(&view)[0].starts_with(&first.to_string()));
    assert_eq!(view.lines_dropped, first);
    assert_eq!(view.lines_total, 10_000);
    assert_eq!(pane.scrolled(window(80, 2, at(0, 0)), 1), at(first + 1, 0));
}

#[test]
fn windows_without_room_show_nothing_and_end() {
    let mut pane = lines_pane();
    pane.feed(Stream::Stdout, "日本\nabc".as_bytes(), AT);
    assert!(shown(&pane, 0, 0, Position::Follow).is_empty());
    assert_eq!(shown(&pane, 0, 2, Position::Follow), ["", ""]);
    assert_eq!(shown(&pane, 1, 9, Position::Follow), ["\u{fffd}", "\u{fffd}", "a", "b", "c"]);
    assert!(shown(&lines_pane(), 80, 24, Position::Follow).is_empty());
}

#[test]
fn a_ruling_stands_between_runs() {
    let mut pane = lines_pane();
    pane.feed(Stream::Stdout, b"no end", AT);
    pane.finish(AT);
    pane.rule("exit 3", AT);
    pane.feed(Stream::Stdout, b"again\n", AT);
    let view = pane.view(window(80, 24, Position::Follow));
    assert_eq!(texts(&view), ["no end", "exit 3", "again"]);
    assert_eq!(view.rows[1].stream, Stream::Ruling);
}

#[test]
fn a_worker_whose_lines_are_all_printed_does_not_wait_however_little_room_it_is_sure_of() {
    let output = Output::with_log(size(80, 24), false, Log::new(1 << 20), 4096);
    output.set_printed_up_to(Some(0));
    output.feed(Stream::Stdout, &[b'\n'; 3000], AT);
    assert!(output.is_full());
    output.set_printed_up_to(Some(3000));
    assert!(!output.is_full());
}

#[test]
fn a_worker_waits_only_for_a_printer_that_follows_and_is_far_behind() {
    let output = Output::new(size(80, 24), false);
    let line = [b'x'; 1023].iter().chain(b"\n").copied().collect::<Vec<u8>>();
    for _ in 0..10 << 10 {
        output.lock().feed(Stream::Stdout, &line, AT);
    }
    assert!(!output.is_full(), "nobody prints");
    output.set_printed_up_to(Some(0));
    assert!(output.is_full());
    let next = output.lock().lines().end;
    output.set_printed_up_to(Some(next));
    assert!(!output.is_full());
    output.set_printed_up_to(Some(0));
    output.set_printed_up_to(None);
    assert!(!output.is_full());
}

fn terminal_pane(columns: u16, rows: u16, bytes: &str) -> Pane {
    let mut pane = Pane::new(size(columns, rows), true, DEFAULT_BUDGET);
    pane.feed(Stream::Terminal, bytes.as_bytes(), AT);
    pane
}

#[test]
fn a_terminal_shows_its_grid_and_scrolls_back_into_the_log() {
    let pane = terminal_pane(4, 3, "1\r\n2\r\nabcdefghijklmno\r\nx");
    let follow = window(4, 3, Position::Follow);
    let view = pane.view(follow);
    assert_eq!(texts(&view), ["ijkl", "mno", "x"]);
    assert_eq!(view.rows[0].address, RowAddress { place: Place::line(2), row: 2 });
    assert_eq!(view.cursor.map(|cursor| (cursor.column, cursor.row)), Some((1, 2)));
    assert_eq!((view.lines_below, view.lines_total), (0, 4));
    let up = pane.scrolled(follow, -3);
    assert_eq!(up, at(1, 0));
    let view = pane.view(window(4, 3, up));
    assert_eq!(texts(&view), ["2", "abcd", "efgh"]);
    assert_eq!(view.cursor, None);
    assert_eq!(view.lines_below, 2);
    assert_eq!(pane.scrolled(window(4, 3, up), 3), Position::Follow);
    assert_eq!(pane.reader().text(2), "abcdefghijklmno", "what scrolled off and what did not");
}

#[test]
fn lines_on_a_terminal_came_when_they_were_written() {
    let second = |second| AT + std::time::Duration::from_secs(second);
    let mut pane = Pane::new(size(10, 3), true, DEFAULT_BUDGET);
    pane.feed(Stream::Terminal, b"one\r\ntwo", second(1));
    pane.feed(Stream::Terminal, b" too\r\n", second(2));
    let times = |pane: &Pane| {
        let view = pane.view(window(10, 9, Position::Follow));
        view.rows.iter().map(|row| row.at.duration_since(AT).unwrap().as_secs()).collect::<Vec<_>>()
    };
    assert_eq!(times(&pane), [1, 2, 2]);
    pane.feed(Stream::Terminal, b"3\r\n4\r\n5\r\n", second(9));
    assert_eq!(times(&pane), [1, 2, 9, 9, 9, 9], "the first ones are in the log now");
    pane.finish(second(20));
    pane.rule("exit 0", second(5));
    assert_eq!(times(&pane), [1, 2, 9, 9, 9, 20], "time never goes back");
}

#[test]
fn a_terminal_answers() {
    let mut pane = terminal_pane(80, 24, "ab");
    assert_eq!(pane.feed(Stream::Terminal, b"\x1b[6n", AT), b"\x1b[1;3R");
}

#[test]
fn a_restarted_terminal_goes_on_below_the_ruling() {
    let mut pane = terminal_pane(10, 4, "1\r\n2\r\nlast\r\n");
    pane.finish(AT);
    pane.rule("exit 0", AT);
    let view = pane.view(window(10, 4, Position::Follow));
    assert_eq!(texts(&view), ["1", "2", "last", "exit 0"]);
    assert_eq!(view.cursor, None);
    pane.feed(Stream::Terminal, b"again", AT);
    let view = pane.view(window(10, 4, Position::Follow));
    assert_eq!(texts(&view), ["2", "last", "exit 0", "again"]);
    assert_eq!(view.cursor.map(|cursor| (cursor.column, cursor.row)), Some((5, 3)));
}

#[test]
fn a_program_that_has_the_screen_is_shown_from_its_first_row() {
    let mut pane = terminal_pane(10, 4, "1\r\n2\r\n");
    pane.finish(AT);
    pane.feed(Stream::Terminal, b"x\x1b[2J\x1b[Hcleared", AT);
    assert_eq!(shown(&pane, 10, 4, Position::Follow), ["cleared"]);
    assert_eq!(pane.lines(), 0..3);
    pane.feed(Stream::Terminal, b"\x1b[?1049h\x1b[2;2Hfull", AT);
    let view = pane.view(window(10, 4, Position::Follow));
    assert!(view.alternate);
    assert_eq!(texts(&view), ["", " full"]);
    assert_eq!(view.cursor.map(|cursor| (cursor.column, cursor.row)), Some((5, 1)));
    let up = pane.scrolled(window(10, 4, Position::Follow), -1);
    assert_eq!(shown(&pane, 10, 4, up), ["x", "", " full"]);
    pane.finish(AT);
    pane.rule("exit 0", AT);
    let view = pane.view(window(10, 6, Position::Follow));
    assert_eq!(texts(&view), ["1", "2", "x", "cleared", "exit 0"]);
    assert!(!view.alternate);
}

#[test]
fn a_grid_of_another_size_than_the_window_is_cropped() {
    let mut pane = terminal_pane(8, 4, "\x1b[?1049h12345678\r\nb\r\nc\r\nd\x1b[2;1H");
    let view = pane.view(window(4, 3, Position::Follow));
    assert_eq!(texts(&view), ["1234", "b", "c"]);
    assert_eq!(view.cursor.map(|cursor| (cursor.column, cursor.row)), Some((0, 1)));
    pane.feed(Stream::Terminal, b"\x1b[4;8H", AT);
    let view = pane.view(window(4, 3, Position::Follow));
    assert_eq!(texts(&view), ["b", "c", "d"]);
    assert_eq!(view.cursor, None);
    assert_eq!(shown(&pane, 20, 9, Position::Follow).len(), 4);
}

#[test]
fn a_line_keeps_its_number_when_it_leaves_the_grid() {
    let mut pane = terminal_pane(6, 3, "a long line\r\nb\r\n");
    let follow = window(6, 3, Position::Follow);
    let addresses = |pane: &Pane| {
        let rows = pane.view(window(6, 9, Position::Follow)).rows.into_iter();
        rows.take(3).map(|row| (row.address, row.spans)).collect::<Vec<_>>()
    };
    let before = addresses(&pane);
    for _ in 0..5 {
        pane.feed(Stream::Terminal, b"more\r\n", AT);
        assert_eq!(addresses(&pane)[..1], before[..1]);
        assert_eq!(pane.at_line(follow, 0), at(0, 0));
        assert_eq!(shown(&pane, 6, 3, at(0, 0)), ["a long", " line", "b"]);
        if pane.lines().end >= 4 {
            break;
        }
    }
    assert!(pane.lines().end >= 4);
}

#[test]
fn a_resize_moves_rows_between_grid_and_log_in_order() {
    let mut pane = terminal_pane(8, 4, "1\r\n2\r\n3\r\n4");
    pane.resize(size(8, 2));
    assert_eq!(shown(&pane, 8, 2, Position::Follow), ["3", "4"]);
    assert_eq!(shown(&pane, 8, 9, Position::Follow), ["1", "2", "3", "4"]);
    pane.resize(size(8, 6));
    assert_eq!(shown(&pane, 8, 6, Position::Follow), ["1", "2", "3", "4"]);
}

/// Output as workers make it, and worse.
fn output() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[ -~]{0,30}".prop_map(String::into_bytes),
        4 => Just(b"\r\n".to_vec()),
        2 => "\\PC{0,6}".prop_map(String::into_bytes),
        2 => "\x1b\\[[0-9;]{0,6}[mHJKABCDLMPr@G]".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..8),
        1 => prop::sample::select(vec![
            b"\n".to_vec(), b"\r".to_vec(), b"\t".to_vec(), b"\x1b[?1049h".to_vec(),
            b"\x1b[?1049l".to_vec(), b"\x1bc".to_vec(), "日本語".into(),
        ]),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Lines of all widths in colours, with no cursor movement.
/// Without blanks before an SGR or a line's end: a line that wraps within its trailing blanks loses the
/// blank row with them when it becomes a line of the log.
fn plain_output() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "([ -~]{0,29}[!-~])?",
        3 => Just("\r\n".to_owned()),
        1 => "\x1b\\[[34][0-7]m",
        1 => "[日本語é]{0,9}",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Without blanks at the end: the column that a wide character left free has a background on the
/// grid, but is not in the log.
fn trimmed(rows: &[ViewRow]) -> Vec<ViewRow> {
    let mut rows = rows.to_vec();
    for row in &mut rows {
        // The cell that a wide character left at a row's end is none of the line in the log.
        row.column = 0;
        let mut spans = row.spans.to_vec();
        while let Some(last) = spans.last_mut() {
            last.text.truncate(last.text.trim_end_matches(' ').len());
            if !last.text.is_empty() {
                break;
            }
            spans.pop();
        }
        row.spans = spans.into();
    }
    rows
}

proptest! {
    #[test]
    fn scrolling_goes_back_to_where_it_was(
        bytes in output(),
        terminal in any::<bool>(),
        (columns, rows) in (1..40_u16, 1..12_u16),
        up in 1..40_i64,
        by in 1..20_i64,
    ) {
        let mut pane = Pane::new(size(columns, rows), terminal, DEFAULT_BUDGET);
        pane.feed(Stream::Stdout, &bytes, AT);
        let here = pane.scrolled(window(columns, rows, Position::Follow), -up);
        let above = pane.scrolled(window(columns, rows, here), -by);
        let view = pane.view(window(columns, rows, above));
        prop_assert!(view.rows.len() <= usize::from(rows));
        let top = pane.view(window(columns, rows, pane.top(window(columns, rows, here))));
        let at_top = view.rows.first() == top.rows.first();
        if !at_top {
            prop_assert_eq!(pane.scrolled(window(columns, rows, above), by), here);
        }
    }

    #[test]
    fn a_position_stays_put_while_output_pours_in(
        before in output(),
        after in output(),
        (columns, rows) in (1..40_u16, 1..12_u16),
        up in 1..60_i64,
    ) {
        let mut pane = Pane::new(size(columns, rows), false, DEFAULT_BUDGET);
        pane.feed(Stream::Stdout, &before, AT);
        let here = window(columns, rows, pane.scrolled(window(columns, rows, Position::Follow), -up));
        if here.position == Position::Follow {
            return Ok(());
        }
        let first = pane.view(here).rows;
        let finished = pane.lines().end;
        pane.feed(Stream::Stdout, &after, AT);
        pane.finish(AT);
        pane.rule("over", AT);
        let second = pane.view(here).rows;
        let settled = first.iter().take_while(|row| row.address.place.line < finished).count();
        if second == pane.view(window(columns, rows, Position::Follow)).rows {
            // A long line that was begun anew has fewer rows: what is above them comes down.
            let found = settled == 0 || second.windows(settled).any(|rows| *rows == first[..settled]);
            prop_assert!(found, "{:?} is not in {:?}", &first[..settled], second);
        } else {
            prop_assert_eq!(&first[..settled], &second[..settled]);
        }
    }

    #[test]
    fn a_position_on_a_terminal_stays_put(
        before in plain_output(),
        after in plain_output(),
        (columns, rows) in (1..40_u16, 1..12_u16),
        up in 1..60_i64,
    ) {
        let mut pane = Pane::new(size(columns, rows), true, DEFAULT_BUDGET);
        pane.feed(Stream::Terminal, before.as_bytes(), AT);
        let here = window(columns, rows, pane.scrolled(window(columns, rows, Position::Follow), -up));
        if here.position == Position::Follow {
            return Ok(());
        }
        let first = pane.view(here);
        // The last line may be written on.
        let lines = first.rows.iter().filter(|row| row.address.place.line + 1 < first.lines_total).count();
        pane.feed(Stream::Terminal, after.as_bytes(), AT);
        prop_assert_eq!(trimmed(&first.rows[..lines]), trimmed(&pane.view(here).rows[..lines]));
        pane.finish(AT);
        prop_assert_eq!(trimmed(&first.rows[..lines]), trimmed(&pane.view(here).rows[..lines]));
    }

    #[test]
    fn random_cuts_give_the_same_view(
        bytes in output(),
        terminal in any::<bool>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut whole = Pane::new(size(20, 5), terminal, DEFAULT_BUDGET);
        let mut cut = Pane::new(size(20, 5), terminal, DEFAULT_BUDGET);
        whole.feed(Stream::Terminal, &bytes, AT);
        let mut ends: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        ends.extend([0, bytes.len()]);
        ends.sort_unstable();
        for range in ends.windows(2).filter(|range| range[0] < range[1]) {
            cut.feed(Stream::Terminal, &bytes[range[0]..range[1]], AT);
        }
        let all = window(20, 500, Position::Follow);
        prop_assert_eq!(whole.view(all), cut.view(all));
        whole.finish(AT);
        cut.finish(AT);
        prop_assert_eq!(whole.view(all), cut.view(all));
    }

    #[test]
    fn any_bytes_and_any_window_are_survived(
        pieces in prop::collection::vec((output(), 0..50_u16, 0..20_u16), 0..6),
        terminal in any::<bool>(),
        (columns, rows) in (0..50_u16, 0..20_u16),
        line in 0..50_u64,
        row in 0..9_u32,
    ) {
        let mut pane = Pane::new(size(20, 6), terminal, DEFAULT_BUDGET);
        for (bytes, new_columns, new_rows) in pieces {
            pane.feed(Stream::Terminal, &bytes, AT);
            pane.resize(size(new_columns.max(1), new_rows.max(1)));
            for position in [Position::Follow, at(line, row)] {
                let view = pane.view(window(columns, rows, position));
                prop_assert!(view.rows.len() <= usize::from(rows));
                let addresses: Vec<_> = view.rows.iter().map(|row| row.address).collect();
                prop_assert!(addresses.is_sorted_by(|one, other| one < other));
            }
        }
        pane.finish(AT);
        prop_assert_eq!(pane.view(window(columns, rows, Position::Follow)).lines_total, pane.lines().end);
    }
}
