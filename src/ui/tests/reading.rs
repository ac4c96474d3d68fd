//! Reading as it is seen: what stands beside lines, which lines are shown, several as one; and that the
//! mouse hits the text that stands beside all that.

use super::fixtures::{down, drag, frame, up};
use super::keys::name;
use super::seen::{Seen, piped};
use crate::output::{Columns, Extent, Position, Stream};
use crate::protocol::{Command, WorkerView};
use crate::spec::NameColor;
use crate::ui::update::Effect;
use insta::assert_snapshot;

/// What `api` says in half a minute.
const SAID: [(Stream, u64, &str); 6] = [
    (Stream::Stdout, 0, "listening on :3000"),
    (Stream::Stdout, 1_250, "GET /shop 200 in 12 ms"),
    (
        Stream::Stderr,
        1_300,
        "warning: the cache is cold, and this line is long enough to be wrapped in 40 columns",
    ),
    (Stream::Stdout, 12_345, "GET /cart 200 in 3 ms"),
    (Stream::Stderr, 30_000, "Error: no such cart"),
    (Stream::Stdout, 30_001, "GET /cart 500 in 1 ms"),
];

fn seen(size: (u16, u16), keys: &str) -> Seen {
    let mut seen = Seen::new(size, vec![piped("api")]);
    seen.say("api", &SAID);
    seen.press(keys);
    seen.model.notice = None;
    seen
}

/// The rows of the pane as text.
fn rows(seen: &Seen) -> Vec<String> {
    let pane = seen.model.layout().pane;
    let text = seen.text();
    let rows = text.lines().skip(usize::from(pane.y)).take(usize::from(pane.height));
    let beside_list = |row: &str| row.chars().skip(usize::from(pane.x)).collect::<String>();
    rows.map(beside_list).take_while(|row| !row.is_empty()).collect()
}

#[test]
fn numbers_and_every_kind_of_time() {
    let mut seen = seen((80, 24), "#");
    let mut shown = vec![rows(&seen).join("\n")];
    for times in ["of day", "ago", "since the oldest", "since the line before"] {
        seen.press("@");
        shown.push(format!("{times}:\n{}", rows(&seen).join("\n")));
    }
    assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn where_it_is_narrow_numbers_go_and_times_are_short() {
    assert_snapshot!(seen((40, 10), "z # @").text());
}

#[test]
fn a_filter_and_its_inverse_with_numbers_at_120x40() {
    let mut seen = seen((120, 40), "# & 'get' enter");
    let shown = |seen: &Seen| {
        format!("{}\n{}", seen.text().lines().nth(1).unwrap_or_default(), rows(seen).join("\n"))
    };
    let mut text = shown(&seen);
    seen.press("& ctrl-u '!get' enter");
    text = format!("{text}\n\n{}", shown(&seen));
    assert_snapshot!(text);
}

#[test]
fn a_filter_is_typed_at_40x10() {
    assert_snapshot!(seen((40, 10), "& 'cart'").text());
}

fn together(size: (u16, u16), keys: &str) -> Seen {
    let colored = WorkerView { color: Some(NameColor::Rgb(255, 128, 0)), ..piped("web") };
    let mut seen = Seen::new(size, vec![piped("api"), colored, piped("a-very-long-name-indeed")]);
    seen.say("api", &SAID);
    seen.say(
        "web",
        &[(Stream::Stdout, 1_270, "compiled"), (Stream::Stderr, 20_000, "Error: no such module")],
    );
    seen.say("a-very-long-name-indeed", &[(Stream::Stdout, 500, "ready")]);
    seen.press(keys);
    seen.model.notice = None;
    seen
}

#[test]
fn several_as_one_with_coloured_names_at_80x24() {
    let seen = together((80, 24), "a @");
    let pane = seen.model.layout().pane;
    // The colours of the names are what is new here: rows of the pane with their styles.
    let buffer = frame(&seen.model);
    let names = pane.rows().take(9).map(|row| {
        let cell = |x: u16| &buffer[(pane.x + x, row.y)];
        let name: String = (1..13).map(|x| cell(x).symbol()).collect();
        format!("{} {:?}", name.trim_end(), cell(1).fg)
    });
    assert_snapshot!(format!("{}\n\n{}", seen.text(), names.collect::<Vec<_>>().join("\n")));
}

#[test]
fn several_as_one_filtered_at_200x60() {
    let seen = together((200, 60), "a # @ @ @ & 'error' enter");
    let title = seen.text().lines().nth(1).unwrap_or_default().chars().skip(84).collect::<String>();
    assert_snapshot!(format!("{title}\n{}", rows(&seen).join("\n")));
}

/// Drags from one cell of the pane to another; what is selected.
fn dragged(seen: &mut Seen, from: (u16, u16), to: (u16, u16)) -> Extent {
    let pane = seen.model.layout().pane;
    let on_screen = |(x, y)| (pane.x + x, pane.y + y);
    down(&mut seen.model, on_screen(from));
    drag(&mut seen.model, on_screen(to));
    up(&mut seen.model, on_screen(to));
    seen.look();
    seen.model.selection.as_ref().expect("text is selected").extent()
}

#[test]
fn the_mouse_hits_the_text_beside_numbers_and_times() {
    // Mark 1, number 4, time of day 13, and then the text: `GET` of the second line.
    for (keys, gutter) in [("", 1), ("#", 5), ("@", 14), ("# @", 18), ("# @ @", 12), ("# @ @ @", 13)] {
        let mut seen = seen((80, 24), keys);
        let extent = dragged(&mut seen, (gutter, 1), (gutter + 2, 1));
        assert_eq!(extent, Extent { first: 1, last: 1, columns: Columns::Run { from: 0, to: 2 } }, "{keys}");
        let (buffer, pane) = (frame(&seen.model), seen.model.layout().pane);
        let marked: String = pane
            .positions()
            .filter(|place| buffer[*place].modifier.contains(ratatui::style::Modifier::REVERSED))
            .map(|place| buffer[place].symbol().to_owned())
            .collect();
        assert_eq!(marked, "GET", "{keys}: what is marked is what is selected");
    }
}

#[test]
fn a_press_beside_the_text_begins_at_its_first_column() {
    let mut seen = seen((80, 24), "# @");
    let extent = dragged(&mut seen, (2, 0), (20, 1));
    assert_eq!(extent, Extent { first: 0, last: 1, columns: Columns::Run { from: 0, to: 2 } });
}

#[test]
fn the_mouse_hits_wrapped_rows_and_cut_ones_beside_numbers() {
    // 34 columns of text beside mark and number: the third line takes three rows.
    let mut wrapped = seen((40, 24), "z #");
    let extent = dragged(&mut wrapped, (5 + 1, 3), (5 + 3, 3));
    assert_eq!(extent, Extent { first: 2, last: 2, columns: Columns::Run { from: 36, to: 38 } });
    let mut cut = seen((40, 24), "z # W right");
    let left = cut.model.sight().window().size.columns / 2;
    let extent = dragged(&mut cut, (5, 2), (5 + 3, 2));
    let from = u32::from(left);
    assert_eq!(extent, Extent { first: 2, last: 2, columns: Columns::Run { from, to: from + 3 } });
}

#[test]
fn the_mouse_hits_lines_that_a_filter_lets_through() {
    let mut seen = seen((80, 24), "# & '!get' enter");
    // Of lines 1, 3 and 5, the last one.
    let row = rows(&seen).iter().position(|row| row.contains("no such cart")).expect("it passes") as u16;
    let extent = dragged(&mut seen, (5 + 7, row), (5 + 8, row));
    assert_eq!(extent, Extent { first: 4, last: 4, columns: Columns::Run { from: 7, to: 8 } });
    assert_eq!(seen.model.selection.as_ref().map(|selection| &selection.worker), Some(&name("api")));
}

#[test]
fn the_top_says_how_many_older_lines_had_to_go() {
    let mut seen = seen((120, 40), "z");
    let flood = "a line of a flood that nobody stops\n".repeat(20_000);
    let output = seen.output("api");
    // More than is kept of one worker.
    for _ in 0..60 {
        output.feed(Stream::Stdout, flood.as_bytes(), super::seen::at(60_000));
    }
    seen.look();
    assert!(!seen.text().contains("had to go"), "who follows has nothing to miss: {}", seen.text());
    seen.press("g");
    let gone = seen.model.view.lines_dropped;
    assert!(gone > 100_000, "{gone}");
    let words = format!("{} older lines had to go · ▲ ", crate::ui::text::thousands(gone));
    assert!(seen.text().contains(&words), "{}", seen.text());
    seen.press("j");
    assert!(!seen.text().contains("had to go"), "further down it is no news: {}", seen.text());
}

/// What is marked as found in the pane.
fn marked(seen: &Seen) -> String {
    let (buffer, pane) = (frame(&seen.model), seen.model.layout().pane);
    let found = seen.model.theme.found();
    let is_found = |cell: &ratatui::buffer::Cell| {
        cell.bg == found.bg.unwrap_or_default() && cell.modifier.contains(found.add_modifier)
    };
    pane.positions().filter(|place| is_found(&buffer[*place])).map(|place| buffer[place].symbol()).collect()
}

/// A line whose words are far from its beginning: a needle in columns 3000 to 3005.
fn long_line() -> String {
    format!("{}needle{}", "0123456789".repeat(300), "0123456789".repeat(300))
}

#[test]
fn what_was_found_far_within_a_wrapped_line_is_in_view() {
    let mut seen = seen((80, 24), "z");
    seen.say("api", &[(Stream::Stdout, 40_000, &long_line()), (Stream::Stdout, 41_000, "and so on")]);
    seen.press("/ 'needle' enter");
    assert_eq!(marked(&seen), "needle", "{}", seen.text());
    let (Position::At(top), line) = (seen.model.position(), 6) else { panic!("it stays") };
    assert_eq!((top.place.line, seen.model.view.rows[0].address), (line, top));
    seen.press("a");
    assert_eq!(marked(&seen), "", "at the end: {}", seen.text());
    seen.press("n");
    assert_eq!(marked(&seen), "needle", "of several together: {}", seen.text());
}

#[test]
fn what_was_found_is_marked_where_its_line_wraps() {
    let mut seen = seen((40, 10), "z");
    let columns = usize::from(seen.model.window().size.columns);
    let line = format!("{}needle", "-".repeat(columns - 3));
    seen.say("api", &[(Stream::Stdout, 40_000, &line)]);
    seen.press("/ 'needle' enter");
    assert_eq!(marked(&seen), "needle", "{}", seen.text());
}

#[test]
fn what_was_found_beyond_the_edge_of_a_cut_line_comes_into_view() {
    let mut seen = seen((80, 24), "z W");
    seen.say("api", &[(Stream::Stdout, 40_000, &long_line()), (Stream::Stdout, 41_000, "and so on")]);
    seen.press("/ 'needle'");
    assert_eq!(marked(&seen), "needle", "{}", seen.text());
    seen.press("esc");
    assert!(rows(&seen).concat().contains("and so on"), "it stands as it stood: {}", seen.text());
    seen.press("/ 'needle' enter / 'listening' enter");
    assert_eq!(marked(&seen), "listening", "{}", seen.text());
    assert!(rows(&seen).concat().contains("listening on :3000"), "from its beginning: {}", seen.text());
}

#[test]
fn the_end_of_a_selection_is_in_view_in_a_cut_line() {
    let mut seen = seen((80, 24), "z W");
    seen.say("api", &[(Stream::Stdout, 40_000, &format!("{}the end", long_line()))]);
    seen.press("v $");
    assert!(rows(&seen).concat().contains("the end"), "{}", seen.text());
    seen.press("0");
    assert!(rows(&seen).concat().contains("listening on :3000"), "{}", seen.text());
}

#[test]
fn two_clicks_take_all_of_a_word_that_is_cut() {
    let mut seen = seen((80, 24), "z W");
    seen.say("api", &[(Stream::Stdout, 40_000, &format!("in {} it is", long_line()))]);
    let row = rows(&seen).iter().position(|row| row.contains("in 0123")).expect("it is in view") as u16;
    let pane = seen.model.layout().pane;
    let cell = (pane.x + 20, pane.y + row);
    down(&mut seen.model, cell);
    up(&mut seen.model, cell);
    let effects = down(&mut seen.model, cell);
    seen.carry_out(effects);
    let extent = seen.model.selection.as_ref().expect("a word is selected").extent();
    assert_eq!(extent.columns, Columns::Run { from: 3, to: 3 + 6006 - 1 });
}

#[test]
fn of_a_selection_stays_what_the_log_has() {
    let mut seen = seen((80, 24), "z");
    let flood = |seen: &mut Seen, lines: usize| {
        let flood = "a line of a flood that nobody stops\n".repeat(lines);
        seen.output("api").feed(Stream::Stdout, flood.as_bytes(), super::seen::at(60_000));
        seen.look();
    };
    let said = |seen: &mut Seen| seen.model.notice.take().map(|notice| notice.text).unwrap_or_default();
    for _ in 0..60 {
        flood(&mut seen, 20_000);
    }
    seen.press("g V end");
    assert_eq!(said(&mut seen), "");
    let before = seen.model.view.lines_dropped;
    flood(&mut seen, 20_000);
    let first = seen.model.selection.as_ref().expect("its newest lines are there").extent().first;
    assert!(first > before && first == seen.model.view.lines_dropped, "{first}");
    let words = said(&mut seen);
    assert!(words.starts_with("the oldest of the selected lines had to go"), "{words}");
    for _ in 0..60 {
        flood(&mut seen, 20_000);
    }
    assert!(seen.model.selection.is_none());
    let words = said(&mut seen);
    assert!(words.starts_with("what was selected had to go"), "{words}");
    assert_eq!(seen.press("y"), []);
}

#[test]
fn where_the_first_run_began_is_the_oldest_line() {
    let mut seen = seen((40, 8), "z");
    seen.press("[");
    assert!(rows(&seen)[0].contains("listening on :3000"), "{}", seen.text());
    assert_eq!(seen.model.notice.take().map(|notice| notice.text).as_deref(), Some("the oldest line"));
    seen.press("[");
    let words = seen.model.notice.take().map(|notice| notice.text).unwrap_or_default();
    assert_eq!(words, "no older begin or end of a run");
}

/// A worker with a terminal of 80 columns, and what it wrote on it.
fn on_a_terminal(size: (u16, u16), text: &str) -> Seen {
    let running = crate::protocol::State::Running(super::fixtures::run(4123, 754.0));
    let mut seen = Seen::new(size, vec![super::fixtures::worker("api", "serve", running)]);
    seen.output("api").feed(Stream::Terminal, text.as_bytes(), super::seen::at(0));
    seen.press("z");
    seen
}

#[test]
fn beside_numbers_and_times_all_of_a_terminals_lines_is_there() {
    let line = format!("{}ABCDEFGHIJ{}abcdeNEEDLEfghij", "0123456789".repeat(7), "0123456789".repeat(7));
    let mut seen = on_a_terminal((80, 24), &format!("{line}\r\n日本{}\r\n$ ", "語".repeat(38)));
    for keys in ["#", "@", "# a"] {
        seen.press(keys);
        let gutter = seen.model.layout().pane_size().columns - seen.model.window().size.columns;
        assert!(gutter > 0, "{keys}");
        let cut = |row: &String| row.chars().skip(gutter.into()).collect::<String>();
        let whole = |seen: &Seen| rows(seen).iter().map(cut).collect::<String>().replace(' ', "");
        let wide = format!("日本{}", "語".repeat(38));
        assert!(whole(&seen).contains(&line.replace(' ', "")), "{keys}: {}", seen.text());
        assert!(whole(&seen).contains(&wide), "{keys}: {}", seen.text());
    }
    seen.press("a / 'NEEDLE' enter");
    assert_eq!(marked(&seen), "NEEDLE", "{}", seen.text());
}

#[test]
fn the_cursor_stands_where_it_is_typed_also_beside_numbers() {
    let mut seen = on_a_terminal((80, 24), &format!("$ {}", "x".repeat(90)));
    seen.press("# enter");
    let (columns, rows) = (u32::from(seen.model.window().size.columns), &seen.model.view.rows);
    let cursor = seen.model.view.cursor.expect("it is in view");
    assert_eq!(rows[usize::from(cursor.row)].column + u32::from(cursor.column), 92);
    assert!(u32::from(cursor.column) < columns);
}

#[test]
fn a_drag_in_a_window_that_becomes_too_low_does_no_harm() {
    let mut seen = seen((80, 24), "");
    let pane = seen.model.layout().pane;
    down(&mut seen.model, (pane.x + 3, pane.y));
    drag(&mut seen.model, (pane.x + 6, pane.y + 1));
    for rows in [3, 2, 1, 24] {
        let size = crate::protocol::Size { columns: 80, rows };
        crate::ui::update::update(&mut seen.model, crate::ui::update::Message::Resized(size));
        seen.look();
        seen.text();
    }
    assert!(seen.model.selection.is_some());
}

#[test]
fn the_mouse_of_a_program_counts_from_the_first_cell_of_its_terminal() {
    // What an earlier run said stands above it.
    let mut seen = on_a_terminal((80, 24), "of the run before\r\n");
    seen.output("api").lock().finish(super::seen::at(1));
    seen.output("api").feed(Stream::Terminal, b"\x1b[?1000h\x1b[?1006hone\r\ntwo", super::seen::at(2));
    for (keys, gutter) in [("enter", 0), ("ctrl-] # enter", 4)] {
        seen.press(keys);
        seen.look();
        assert!(seen.model.keyboard.is_some(), "{}", seen.text());
        let pane = seen.model.layout().pane;
        let row = rows(&seen).iter().position(|row| row.contains("two")).expect("it is in view") as u16;
        assert_eq!(row, 2);
        let effects = down(&mut seen.model, (pane.x + gutter + 1, pane.y + row));
        let typed = Effect::Send(Command::Input("api".into(), b"\x1b[<0;2;2M".to_vec()));
        assert_eq!(effects, [typed], "{keys}");
        assert_eq!(down(&mut seen.model, (pane.x + gutter + 1, pane.y)), [], "above its first row");
    }
}

#[test]
fn a_view_of_all_takes_in_who_comes_later_and_one_of_some_does_not() {
    for (keys, expected) in [("a", true), ("x a", false)] {
        let mut seen = Seen::new((80, 24), vec![piped("api"), piped("web")]);
        seen.press(keys);
        seen.say("api", &[(Stream::Stdout, 0, "from the beginning")]);
        seen.come(vec![piped("api"), piped("late"), piped("web")]);
        seen.say("late", &[(Stream::Stdout, 10, "just come")]);
        assert!(seen.text().contains("from the beginning"), "{}", seen.text());
        assert_eq!(seen.text().contains("just come"), expected, "{}", seen.text());
    }
}

#[test]
fn beside_numbers_the_rows_of_a_whole_screen_are_cut_with_a_mark_and_keep_their_columns() {
    let mut seen = on_a_terminal((80, 24), &format!("\x1b[2J\x1b[H{}$ ", "0123456789".repeat(16)));
    seen.press("#");
    let first: Vec<u32> = seen.model.view.rows.iter().take(3).map(|row| row.column).collect();
    assert_eq!(first, [0, 80, 160], "{}", seen.text());
    assert!(rows(&seen)[0].ends_with('>') && rows(&seen)[1].ends_with('>'), "{}", seen.text());
}
