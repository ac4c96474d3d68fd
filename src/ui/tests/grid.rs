//! Several workers side by side: what is seen, what keys and the mouse do there.

use super::fixtures::{ago, down, drag, frame, mouse, run, up, worker};
use super::keys::{commands, name};
use super::seen::{Seen, piped};
use crate::output::{Columns, Extent, Position, Stream};
use crate::protocol::{Cause, Command, End, Size, State, WorkerView};
use crate::spec::WorkerName;
use crate::status::ExitStatus;
use crossterm::event::{KeyModifiers, MouseEventKind};
use insta::assert_snapshot;
use std::time::Duration;

/// So many workers that said something; the second one speaks on a terminal, the third has failed.
fn workers(count: usize) -> Vec<WorkerView> {
    let failed = End {
        status: ExitStatus::Exited(3),
        cause: Cause::Itself,
        at: ago(12.0),
        ran: Duration::from_secs(2),
    };
    (1..=count)
        .map(|number| match number {
            2 => worker("w2", "top", State::Running(run(4124, 60.0))),
            3 => WorkerView { state: State::Ended(failed), ..piped("w3") },
            _ => piped(&format!("w{number}")),
        })
        .collect()
}

fn grid(size: (u16, u16), count: usize, keys: &str) -> Seen {
    let mut seen = Seen::new(size, workers(count));
    for number in 1..=count {
        let lines: Vec<_> = (1..=40).map(|line| format!("w{number} says {line}")).collect();
        let stream = if number == 2 { Stream::Terminal } else { Stream::Stdout };
        let lines: Vec<_> = lines.iter().map(|line| (stream, 0, line.as_str())).collect();
        seen.say(&format!("w{number}"), &lines);
    }
    seen.press(keys);
    seen
}

fn chosen(seen: &Seen) -> &str {
    seen.model.list.chosen.as_ref().map_or("", WorkerName::as_str)
}

/// The names in the titles, from the first cell on.
fn shown(seen: &Seen) -> Vec<String> {
    seen.model.shown().iter().map(|shown| shown.worker.name.to_string()).collect()
}

/// The first row of the text of a worker's cell.
fn cell(seen: &Seen, name: &str) -> ratatui::layout::Rect {
    let shown = seen.model.shown();
    shown.iter().find(|shown| shown.worker.name.as_str() == name).expect("it is shown").cell.pane
}

#[test]
fn four_at_80x24_with_their_styles() {
    assert_snapshot!(format!("{:#?}", frame(&grid((80, 24), 4, "A right").model)));
}

#[test]
fn two_at_120x40_stand_side_by_side() {
    assert_snapshot!(grid((120, 40), 2, "A").text());
}

#[test]
fn sixteen_at_200x60() {
    assert_snapshot!(grid((200, 60), 16, "A down down right").text());
}

#[test]
fn one_of_many_at_40x10() {
    assert_snapshot!(grid((40, 10), 5, "A tab").text());
}

#[test]
fn the_chosen_cell_is_seen_without_colours() {
    let mut seen = grid((80, 24), 3, "A down");
    seen.model.theme.color = false;
    let text = seen.text();
    let marked: Vec<_> = text.lines().filter(|line| line.contains('▸')).collect();
    assert!(matches!(&marked[..], [one] if one.contains("▸ ● w2 running ━━━")), "{text}");
}

#[test]
fn nothing_panics_at_any_size() {
    for columns in [0, 1, 2, 31, 61, 79, 80, 110, 300] {
        for rows in [0, 1, 2, 3, 5, 9, 12, 24, 100] {
            for keys in
                ["A", "A down tab", "A z", "A / 'says'", "A ?", "A i", "A enter", "A # @ W v", "A f 'x'"]
            {
                let seen = grid((columns, rows), 5, keys);
                frame(&seen.model);
            }
        }
    }
}

#[test]
fn it_is_of_those_that_are_picked_or_else_of_all() {
    let all = grid((120, 40), 5, "A");
    assert_eq!(shown(&all), ["w1", "w2", "w3", "w4", "w5"]);
    let picked = grid((120, 40), 5, "down x down down x A");
    assert_eq!(shown(&picked), ["w2", "w4"]);
    assert_eq!(chosen(&picked), "w4");
    let one = grid((120, 40), 5, "x A");
    assert!(one.model.grid.is_none());
    assert!(
        one.text().contains("a grid is of two workers or more: x picks them in the list"),
        "{}",
        one.text()
    );
    let together = grid((120, 40), 5, "a A");
    assert!(together.model.group.is_none() && together.model.grid_in_view());
    let back = grid((120, 40), 5, "A a");
    assert!(back.model.group.is_some() && back.model.grid.is_none());
}

#[test]
fn keys_lead_from_cell_to_cell_and_to_those_that_have_no_room() {
    // Two columns: w1 w2, w3 w4, w5.
    let mut seen = grid((120, 40), 5, "A");
    for (keys, at) in [
        ("up left", "w1"),
        ("right", "w2"),
        ("down", "w4"),
        ("down", "w5"),
        ("down right", "w5"),
        ("up", "w3"),
        ("tab tab tab", "w1"),
        ("shift-tab", "w5"),
    ] {
        seen.press(keys);
        assert_eq!(chosen(&seen), at, "{keys}");
    }
    // Eight have room here.
    let mut seen = grid((80, 24), 11, "A");
    assert_eq!(shown(&seen).len(), 8);
    assert!(seen.text().contains("▼ 3 more"), "{}", seen.text());
    seen.press("down down down down");
    assert_eq!(shown(&seen), ["w9", "w10", "w11"]);
    assert!(seen.text().contains("▲ 8 more"), "{}", seen.text());
    assert!(seen.text().contains("w9 says 40"), "{}", seen.text());
    seen.press("up");
    assert_eq!(chosen(&seen), "w8");
}

#[test]
fn who_is_not_in_view_costs_nothing() {
    let mut seen = grid((80, 24), 11, "A");
    let read = |seen: &Seen| (1..=11).filter(|number| seen.reads(&format!("w{number}"))).collect::<Vec<_>>();
    assert_eq!(read(&seen), [1, 2, 3, 4, 5, 6, 7, 8]);
    seen.press("shift-tab");
    assert_eq!(read(&seen), [9, 10, 11]);
    seen.press("z");
    assert_eq!(read(&seen), [11]);
    seen.press("z A");
    assert_eq!(read(&seen), [11]);
}

#[test]
fn keys_of_a_worker_go_to_the_chosen_cell() {
    let mut seen = grid((120, 40), 3, "A right");
    assert_eq!(commands(seen.press("r")), [Command::Restart(name("w2"))]);
    assert_eq!(commands(seen.press("t")), [Command::Stop(name("w2"))]);
    seen.press("enter");
    assert_eq!(seen.model.keyboard, Some(name("w2")));
    assert_eq!(commands(seen.press("tab")), [Command::Input(name("w2"), b"\t".to_vec())]);
    assert!(seen.text().contains("w2 has the keyboard · ctrl-] gives it back"), "{}", seen.text());
}

#[test]
fn one_is_opened_alone_and_the_way_back_is_the_same() {
    let mut seen = grid((120, 40), 3, "A right z");
    assert!(!seen.model.grid_in_view());
    assert!(seen.text().contains("w2 says 20") && !seen.text().contains("w1 says"), "{}", seen.text());
    for keys in ["z", "z A", "z esc"] {
        seen.press(keys);
        assert!(seen.model.grid_in_view() && chosen(&seen) == "w2", "{keys}");
    }
    for keys in ["esc", "A A"] {
        seen.press(keys);
        assert!(seen.model.grid.is_none() && !seen.model.zoom, "{keys}");
    }
    assert_eq!(chosen(&seen), "w2");
}

#[test]
fn one_is_taken_out_and_the_filter_of_the_list_narrows_it() {
    let mut seen = grid((120, 40), 4, "A right x");
    assert_eq!(shown(&seen), ["w1", "w3", "w4"]);
    assert_eq!(chosen(&seen), "w3");
    seen.press("f 'w4' enter");
    assert_eq!((shown(&seen), chosen(&seen)), (vec!["w4".to_owned()], "w4"));
    seen.press("f ctrl-u 'no-such' enter");
    assert!(seen.text().contains("no worker matches"), "{}", seen.text());
    seen.press("esc");
    assert_eq!(shown(&seen), ["w1", "w3", "w4"]);
    seen.press("x x x");
    assert!(seen.model.grid.is_none() && seen.model.picked.is_empty());
}

#[test]
fn each_cell_is_read_by_itself() {
    let mut seen = grid((120, 40), 2, "A pgup");
    assert!(matches!(seen.model.readings[&name("w1")].position, Position::At(_)));
    seen.press("tab");
    assert_eq!(seen.model.position(), Position::Follow);
    seen.say("w1", &[(Stream::Stdout, 0, "w1 says more")]);
    seen.say("w2", &[(Stream::Terminal, 0, "w2 says more")]);
    let text = seen.text();
    assert!(
        text.contains("w2 says more") && !text.contains("w1 says more") && text.contains("below"),
        "{text}"
    );
    seen.press("& 'no-such' enter");
    assert!(seen.text().contains("no line matches"), "{}", seen.text());
    seen.press("& ctrl-u '!2' enter");
    let text = seen.text();
    assert!(!text.contains("w2 says 12") && text.contains("w1 says 12"), "{text}");
    assert!(text.contains("filter"), "{text}");
    seen.press("shift-tab end k k j");
    assert!(matches!(seen.model.position(), Position::At(_)), "k and j scroll");
    assert!(!seen.text().contains("w1 says more"));
    seen.press("l");
    assert!(seen.model.display.cut, "l cuts lines and scrolls");
}

#[test]
fn a_small_cell_that_is_read_back_says_that_it_is_filtered() {
    let mut seen = grid((120, 40), 16, "A & 'says' enter");
    let title =
        |seen: &Seen| seen.text().lines().nth(1).unwrap_or_default().chars().take(40).collect::<String>();
    assert!(title(&seen).contains(" filter: "), "{}", title(&seen));
    seen.press("pgup");
    let words = title(&seen);
    assert!(words.contains(" filtered · ▲ "), "{words}");
}

#[test]
fn a_search_through_all_leads_from_cell_to_cell() {
    let mut seen = grid((120, 40), 3, "A");
    seen.say("w2", &[(Stream::Terminal, 0, "the needle")]);
    seen.say("w3", &[(Stream::Stdout, 0, "a needle")]);
    seen.press("/ tab 'needle' enter");
    assert_eq!(chosen(&seen), "w2", "the next one that has it");
    let text = seen.text();
    assert!(text.contains("match 1 of 1") && text.contains("1 found"), "{text}");
    let found = |seen: &Seen, name: &str| {
        let (buffer, pane) = (frame(&seen.model), cell(seen, name));
        let yellow = |place: ratatui::layout::Position| buffer[place].bg == ratatui::style::Color::Yellow;
        pane.positions().filter(|place| yellow(*place)).count()
    };
    assert_eq!((found(&seen, "w2"), found(&seen, "w3")), (6, 6), "it is marked in every cell");
    seen.press("n");
    assert_eq!(chosen(&seen), "w3");
    // Nothing here, and then in all.
    seen.press("esc tab / tab 'needle'");
    assert_eq!(chosen(&seen), "w1");
    seen.press("tab enter");
    assert_eq!(chosen(&seen), "w2", "{:?}", seen.model.notice);
    seen.press("n");
    // A match in the very first line is not the end of the way.
    seen.press("esc / '1$' enter");
    let mut way = vec![chosen(&seen).to_owned()];
    for _ in 0..12 {
        seen.press("n");
        way.push(chosen(&seen).to_owned());
    }
    way.dedup();
    assert_eq!(way, ["w3", "w1", "w2", "w3"]);
    // In one alone, it is marked there alone.
    seen.press("esc / tab 'needle' enter");
    assert_eq!((found(&seen, "w2"), found(&seen, "w3")), (0, 6));
}

#[test]
fn a_click_chooses_a_cell_and_a_drag_selects_in_it() {
    let mut seen = grid((120, 40), 4, "A");
    let pane = cell(&seen, "w4");
    down(&mut seen.model, (pane.x + 3, pane.y));
    assert_eq!(chosen(&seen), "w4");
    drag(&mut seen.model, (pane.x + 6, pane.y + 1));
    up(&mut seen.model, (pane.x + 6, pane.y + 1));
    let selection = seen.model.selection.as_ref().expect("text is selected");
    let first = seen.model.view.rows[0].address.place.line;
    assert_eq!(selection.worker, name("w4"));
    // A mark stands left of what comes from pipes.
    let run = Columns::Run { from: 2, to: 5 };
    assert_eq!(selection.extent(), Extent { first, last: first + 1, columns: run });
    // The title and the line between belong to the cell at their left.
    let title = (cell(&seen, "w1").right(), cell(&seen, "w1").y - 1);
    down(&mut seen.model, title);
    assert_eq!(chosen(&seen), "w1");
    assert_eq!(seen.model.readings[&name("w4")].position, Position::Follow, "it goes on");
}

#[test]
fn the_wheel_scrolls_the_cell_under_the_mouse_and_chooses_none() {
    let mut seen = grid((120, 40), 4, "A");
    let pane = cell(&seen, "w4");
    let effects = mouse(&mut seen.model, MouseEventKind::ScrollUp, (pane.x, pane.y), KeyModifiers::NONE);
    seen.carry_out(effects);
    assert_eq!(chosen(&seen), "w1");
    assert!(matches!(seen.model.readings[&name("w4")].position, Position::At(_)));
    assert!(seen.text().contains("▲ 3 lines below"), "{}", seen.text());
    let own = cell(&seen, "w1");
    let effects = mouse(&mut seen.model, MouseEventKind::ScrollUp, (own.x, own.y), KeyModifiers::NONE);
    seen.carry_out(effects);
    assert!(matches!(seen.model.position(), Position::At(_)));
}

#[test]
fn terminals_are_as_large_as_their_cells_and_others_as_beside_the_list() {
    let mut seen = grid((120, 40), 4, "");
    let beside = seen.model.layout().pane_size();
    assert_eq!(seen.model.pane_sizes(), (beside, Vec::new()));
    let cells = |seen: &Seen| {
        let (all, own) = seen.model.pane_sizes();
        assert_eq!(all, beside);
        own.iter().map(|(name, size)| (name.to_string(), size.columns, size.rows)).collect::<Vec<_>>()
    };
    let own = |name: &str, columns, rows| (name.to_owned(), columns, rows);
    seen.press("A");
    let four = [own("w1", 60, 18), own("w2", 59, 18), own("w3", 60, 17), own("w4", 59, 17)];
    assert_eq!(cells(&seen), four);
    seen.press("right down");
    assert_eq!(cells(&seen), four, "another choice changes no size");
    seen.press("z");
    let alone = [own("w1", 60, 18), own("w2", 59, 18), own("w3", 60, 17), own("w4", 120, 36)];
    assert_eq!(cells(&seen), alone);
    seen.press("z # @");
    assert_eq!(cells(&seen), four);
    seen.press("A");
    assert_eq!(seen.model.pane_sizes(), (beside, Vec::new()));
    seen.press("z");
    assert_eq!(seen.model.pane_sizes().0, Size { columns: 120, rows: 36 });
}

#[test]
fn a_frame_of_sixteen_floods_is_as_large_as_the_window_however_much_they_say() {
    let mut seen = grid((200, 60), 16, "A");
    let mut canvas = crate::ui::canvas::Canvas::new();
    let mut frame = |lines: usize| {
        for number in 1..=16 {
            let stream = if number == 2 { Stream::Terminal } else { Stream::Stdout };
            let line = |n| format!("\x1b[3{}mline {n} of {lines}\x1b[m fills the cell {number}\r\n", n % 8);
            let more: String = (0..lines).map(line).collect();
            seen.output(&format!("w{number}")).feed(stream, more.as_bytes(), super::seen::at(0));
        }
        seen.look();
        let rows: usize =
            seen.model.grid.iter().flat_map(|grid| grid.views.values()).map(|view| view.rows.len()).sum();
        let mut buffer = canvas.blank(seen.model.size);
        let cursor = crate::ui::draw::draw(&seen.model, &mut buffer);
        (rows, canvas.show(buffer, cursor).expect("it is memory").len())
    };
    frame(100);
    let ((rows, few), (rows_again, many)) = (frame(101), frame(5000));
    assert_eq!(rows, rows_again, "only what the cells show is read");
    assert!(rows <= 60 * 4, "{rows}");
    assert!(few > 1000 && many > 1000, "each frame is another one: {few} and {many} bytes");
    assert!(many < 200 * 60 * 4, "{many} bytes");
}
