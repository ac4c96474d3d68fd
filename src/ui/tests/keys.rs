//! What keys and the mouse do: (a model, keys) → what is asked for, and what is seen.

use super::fixtures::{ago, choose, model, model_of, press, process, run, text, worker, workers};
use crate::output::{Fit, InputModes, MouseMode, Place, Position, RowAddress};
use crate::protocol::{Command, Phase, State, WorkerView};
use crate::signal::Signal;
use crate::spec::WorkerName;
use crate::ui::dialogs::Dialog;
use crate::ui::model::{Focus, Model};
use crate::ui::reading::Kind;
use crate::ui::update::{Effect, Message, Scroll, update};
use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

pub(super) fn name(name: &str) -> WorkerName {
    name.into()
}

/// What keys ask for when this worker is chosen.
fn asked(worker: &str, keys: &str) -> Vec<Command> {
    let mut model = model(80, 24);
    choose(&mut model, worker);
    commands(press(&mut model, keys))
}

/// What is said when this worker is chosen and these keys ask for nothing.
fn refused(worker: &str, keys: &str) -> String {
    let mut model = model(80, 24);
    choose(&mut model, worker);
    assert_eq!(press(&mut model, keys), []);
    model.notice.expect("a refusal says why").text
}

pub(super) fn commands(effects: Vec<Effect>) -> Vec<Command> {
    effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send(command) => Some(command),
            Effect::Scroll(_)
            | Effect::ScrollCell(..)
            | Effect::Redraw
            | Effect::Select(_)
            | Effect::Take(..)
            | Effect::Write(_) => None,
        })
        .collect()
}

#[test]
fn each_key_asks_for_what_the_state_allows() {
    use Command as C;
    let table = [
        ("api", "t", C::Stop(name("api"))),
        ("stubborn", "t", C::Stop(name("stubborn"))),
        ("crasher", "t", C::Stop(name("crasher"))),
        ("api", "K", C::Kill(name("api"))),
        ("api", "r", C::Restart(name("api"))),
        ("three", "r", C::Restart(name("three"))),
        ("api", "space", C::Stop(name("api"))),
        ("three", "space", C::Start(name("three"))),
        ("later", "space", C::Start(name("later"))),
        ("crasher", "space", C::Stop(name("crasher"))),
        ("api", "p", C::Freeze(name("api"))),
        ("editor", "p", C::Continue(name("editor"))),
        ("api", "w", C::Wait(name("api"))),
        ("ghost", "w", C::Wait(name("ghost"))),
        ("api", "T", C::StopAll),
        ("api", "q", C::Quit),
        ("api", "ctrl-c", C::Interrupt),
        ("api", "ctrl-\\", C::QuitSignal),
        ("api", "ctrl-z", C::Suspend),
        ("api", "? ctrl-c", C::Interrupt),
        ("api", "/ ctrl-c", C::Interrupt),
        ("api", "s enter", C::Signal(name("api"), Signal::TERM)),
        ("api", "s 'hup' enter", C::Signal(name("api"), Signal::HUP)),
        ("api", "s '9' enter", C::Signal(name("api"), Signal::KILL)),
        ("api", "s up up enter", C::Signal(name("api"), Signal::PIPE)),
        ("api", "s 'rtmin+2' enter", C::Signal(name("api"), "RTMIN+2".parse().unwrap())),
    ];
    for (worker, keys, command) in table {
        assert_eq!(asked(worker, keys), [command], "{worker} {keys}");
    }
}

#[test]
fn a_refusal_says_why_and_what_to_press() {
    let table = [
        ("three", "enter", "three is not running; space starts it"),
        ("three", "t", "three is not running; there is nothing to stop"),
        ("ghost", "K", "ghost is not running; there is nothing to kill"),
        ("three", "w", "three has ended already: exit 3"),
        ("later", "p", "later is not running; there is nothing to freeze"),
        ("later", "s", "later is not running; nobody is there to get a signal"),
        ("flood", "enter", "flood hears no keyboard: give it `stdin = \"pty\"` or `stdin = \"pipe\"`"),
        ("stubborn", "space", "stubborn is being stopped; K kills it now"),
        ("api", "n", "nothing to look for yet; / searches"),
    ];
    for (worker, keys, words) in table {
        assert_eq!(refused(worker, keys), words);
    }
}

#[test]
fn ctrl_l_draws_everything_anew_and_closes_nothing() {
    let mut model = model(80, 24);
    for keys in ["ctrl-l", "? ctrl-l", "esc / ctrl-l"] {
        assert_eq!(press(&mut model, keys), [Effect::Redraw], "{keys}");
    }
    assert!(model.dialog.is_some());
}

#[test]
fn the_next_key_takes_a_message_away() {
    let mut model = model(80, 24);
    choose(&mut model, "three");
    press(&mut model, "enter");
    assert!(text(&model).contains("three is not running; space starts it"));
    press(&mut model, "up");
    assert!(!text(&model).contains("space starts it"));
}

#[test]
fn what_an_ended_worker_left_can_be_killed() {
    let left = [process(4140, "leftover")].into();
    let ended = WorkerView { left, ..worker("three", "exit 3", workers()[9].state.clone()) };
    let mut model = model_of(vec![ended], Phase::Up, (80, 24));
    assert_eq!(commands(press(&mut model, "K")), [Command::Kill(name("three"))]);
}

#[test]
fn escape_gives_up_waiting_and_touches_nothing_else() {
    let api = WorkerView { waited_since: Some(ago(1.0)), ..workers().remove(0) };
    let mut model = model_of(vec![api], Phase::Up, (80, 24));
    assert_eq!(commands(press(&mut model, "esc")), [Command::GiveUpWaiting(name("api"))]);
    assert_eq!(asked("api", "esc"), []);
}

#[test]
fn arrows_move_in_the_list_and_scroll_the_pane_when_it_has_the_focus() {
    let mut model = model(80, 24);
    press(&mut model, "down j down k");
    assert_eq!(model.list.chosen, Some(name("forgetful")));
    assert_eq!(press(&mut model, "tab down"), [Effect::Scroll(Scroll::Rows(1))]);
    assert_eq!(press(&mut model, "up"), [Effect::Scroll(Scroll::Rows(-1))]);
    assert_eq!(press(&mut model, "pgup"), [Effect::Scroll(Scroll::Rows(-12))]);
    assert_eq!(press(&mut model, "home"), [Effect::Scroll(Scroll::Top)]);
    press(&mut model, "tab up");
    assert_eq!(model.list.chosen, Some(name("flood")));
}

#[test]
fn the_list_stops_at_its_ends() {
    let mut model = model(80, 24);
    press(&mut model, "up");
    assert_eq!(model.list.chosen, Some(name("api")));
    press(&mut model, &"down ".repeat(40));
    assert_eq!(model.list.chosen, Some(name("later")));
    assert_eq!(model.list.top, 9);
}

#[test]
fn each_pane_keeps_its_place_until_end() {
    let mut model = model(80, 24);
    let place = Position::At(RowAddress::line(3));
    model.set_position(place);
    press(&mut model, "down");
    assert_eq!(model.position(), Position::Follow);
    press(&mut model, "up");
    assert_eq!(model.position(), place);
    press(&mut model, "end");
    assert_eq!(model.position(), Position::Follow);
}

#[test]
fn the_filter_works_while_it_is_typed_and_escape_undoes_it() {
    let mut model = model(80, 24);
    let shown = |model: &Model| model.list.shown.len();
    press(&mut model, "f 'start'");
    assert_eq!(shown(&model), 2, "by command: start-daemon and npn start");
    assert_eq!(model.list.chosen, Some(name("daemon")), "what is chosen is in view");
    press(&mut model, "esc");
    assert_eq!(shown(&model), 15);
    press(&mut model, "f 'API' enter");
    assert_eq!((shown(&model), model.list.filter.as_str()), (1, "API"));
    press(&mut model, "esc");
    assert_eq!(shown(&model), 15, "esc clears a filter that stands");
}

#[test]
fn escape_clears_what_has_the_focus_first() {
    let mut model = model(80, 24);
    press(&mut model, "f 'api' enter / 'x' enter esc");
    assert_eq!((model.list.shown.len(), model.search.is_some()), (15, true));
    press(&mut model, "f 'api' enter tab esc");
    assert_eq!((model.list.shown.len(), model.search.is_some()), (1, false));
    press(&mut model, "esc");
    assert_eq!(model.list.shown.len(), 15);
}

#[test]
fn a_key_of_the_screen_is_a_letter_in_a_prompt() {
    let mut model = model(80, 24);
    assert_eq!(press(&mut model, "f 'qKt' backspace"), []);
    assert_eq!(model.list.filter, "qK");
}

#[test]
fn search_goes_up_from_what_is_in_view_then_around_once() {
    let mut model = model(80, 24);
    press(&mut model, "/ 'error'");
    let look = |model: &Model| {
        model.search.as_ref().unwrap().look.map(|look| (look.from.line, look.up, look.wrapped))
    };
    assert_eq!(look(&model), Some((104, true, false)));
    let shown = update(&mut model, Message::Looked(Some(Place::line(42))));
    assert_eq!(shown, [Effect::Scroll(Scroll::Line(Place::line(42)))]);
    press(&mut model, "enter n");
    assert_eq!(look(&model), Some((41, true, false)));
    update(&mut model, Message::Looked(None));
    assert_eq!(look(&model), Some((u64::MAX, true, true)), "on from the newest line");
    update(&mut model, Message::Looked(None));
    assert_eq!(look(&model), None);
    assert_eq!(model.notice.as_ref().unwrap().text, "no match for error");
    press(&mut model, "esc");
    assert!(model.search.is_none());
}

#[test]
fn a_search_through_all_workers_goes_on_in_the_next_that_has_matches() {
    let mut model = model(80, 24);
    press(&mut model, "/ tab 'error' enter");
    assert!(model.search.as_ref().unwrap().everywhere);
    model.counts.of = [(name("flood"), (0, true)), (name("editor"), (7, false))].into();
    assert!(text(&model).contains("7… found"), "{}", text(&model));
    let counts = std::mem::take(&mut model.counts.of);
    update(&mut model, Message::Looked(None));
    assert_eq!(model.list.chosen, Some(name("api")), "it waits for those that are not counted");
    assert!(model.search.as_ref().unwrap().look.is_some());
    model.counts.of = counts;
    update(&mut model, Message::Looked(None));
    assert_eq!(model.list.chosen, Some(name("editor")));
    let look = model.search.as_ref().unwrap().look.unwrap();
    assert_eq!((look.from.line, look.up, look.wrapped), (u64::MAX, true, false));
    assert_eq!(model.notice.as_ref().unwrap().text, "the search went on in editor");
    update(&mut model, Message::Looked(Some(Place::line(3))));
    press(&mut model, "N");
    update(&mut model, Message::Looked(None));
    assert_eq!(model.list.chosen, Some(name("editor")), "no other has any");
    press(&mut model, "/ tab 'x'");
    assert!(!model.search.as_ref().unwrap().everywhere);
}

#[test]
fn a_filter_shows_while_it_is_typed_and_esc_or_nothing_ends_it() {
    let mut model = model(80, 24);
    let filter = |model: &Model| model.line_filter().map(|filter| (filter.inverse, filter.typed()));
    press(&mut model, "& 'GET'");
    assert_eq!(filter(&model), Some((false, "GET".to_owned())));
    press(&mut model, "esc");
    assert_eq!(filter(&model), None, "esc puts back what was");
    press(&mut model, "& '!GET' enter");
    assert_eq!(filter(&model), Some((true, "!GET".to_owned())));
    assert_eq!(press(&mut model, "& ctrl-u enter"), [Effect::Scroll(Scroll::Near(Place::line(104)))]);
    assert_eq!(filter(&model), None);
    press(&mut model, "& 'GET' enter");
    model.set_position(Position::At(RowAddress::line(100)));
    assert_eq!(
        press(&mut model, "esc"),
        [Effect::Scroll(Scroll::Line(Place::line(100)))],
        "what was on top stays in view"
    );
    press(&mut model, "& 'GET' enter down");
    assert_eq!(filter(&model), None, "each pane has its own");
}

#[test]
fn jumps_go_on_from_the_line_they_came_to() {
    let mut model = model(80, 24);
    let jump = |model: &Model| model.jump.map(|jump| (jump.kind, jump.up, jump.from.line));
    press(&mut model, "(");
    assert_eq!(jump(&model), Some((Kind::Error, true, 104)));
    assert_eq!(
        update(&mut model, Message::Jumped(Some(Place::line(103)))),
        [Effect::Scroll(Scroll::Line(Place::line(103)))]
    );
    press(&mut model, "(");
    assert_eq!(jump(&model), Some((Kind::Error, true, 102)));
    press(&mut model, "}");
    assert_eq!(jump(&model), Some((Kind::Stderr, false, 104)));
    update(&mut model, Message::Jumped(None));
    assert_eq!(model.notice.as_ref().unwrap().text, "no newer line of standard error");
    press(&mut model, "[");
    assert_eq!(jump(&model), Some((Kind::Run, true, 102)));
    press(&mut model, "esc esc");
    assert_eq!((model.jump, model.reading().unwrap().here), (None, None));
}

#[test]
fn a_place_can_be_typed() {
    let mut model = model(80, 24);
    model.wall = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
    let went = |model: &mut Model, typed: &str| press(model, &format!(": '{typed}' enter"));
    let minutes_ago = model.wall - std::time::Duration::from_mins(5);
    assert_eq!(went(&mut model, "102"), [Effect::Scroll(Scroll::Line(Place::line(101)))]);
    assert_eq!(went(&mut model, "50%"), [Effect::Scroll(Scroll::Near(Place::line(52)))]);
    assert_eq!(went(&mut model, "-5m"), [Effect::Scroll(Scroll::Time(minutes_ago))]);
    assert_eq!(went(&mut model, "106"), []);
    assert_eq!(model.notice.as_ref().unwrap().text, "the newest line is 105");
    model.view.lines_dropped = 50;
    assert_eq!(went(&mut model, "50"), [Effect::Scroll(Scroll::Top)]);
    assert_eq!(model.notice.as_ref().unwrap().text, "line 50 had to go; the oldest is 51");
}

#[test]
fn bookmarks_are_set_listed_gone_to_and_taken_away() {
    let mut model = model(80, 24);
    press(&mut model, "'''");
    assert_eq!(model.notice.as_ref().unwrap().text, "no bookmarks here yet; m and a letter set one");
    press(&mut model, "m 'a'");
    assert_eq!(model.notice.as_ref().unwrap().text, "bookmark a at line 105");
    press(&mut model, "'''");
    assert!(text(&model).contains("go to bookmark:"), "{}", text(&model));
    assert!(text(&model).contains("a line 105"), "{}", text(&model));
    assert_eq!(press(&mut model, "'a'"), [Effect::Scroll(Scroll::Line(Place::line(104)))]);
    press(&mut model, "m 'a'");
    assert_eq!(model.notice.as_ref().unwrap().text, "bookmark a taken away from line 105");
    press(&mut model, "m 'b' ''' 'x'");
    assert_eq!(model.notice.as_ref().unwrap().text, "there is no bookmark x");
}

#[test]
fn lines_are_cut_and_scrolled_sideways() {
    let mut model = model(80, 24);
    let left = |model: &Model| match model.sight().fit() {
        Fit::Cut { left } => Some(left),
        Fit::Wrap => None,
    };
    press(&mut model, "left");
    assert_eq!(left(&model), None);
    press(&mut model, "right");
    assert_eq!(left(&model), Some(40), "cut at once");
    press(&mut model, "right left left left");
    assert_eq!(left(&model), Some(0));
    press(&mut model, "W");
    assert_eq!(left(&model), None);
}

#[test]
fn a_search_given_up_puts_the_pane_back() {
    let mut model = model(80, 24);
    let place = Position::At(RowAddress::line(3));
    model.set_position(place);
    press(&mut model, "/ 'err'");
    model.set_position(Position::At(RowAddress::line(1)));
    press(&mut model, "esc");
    assert_eq!(model.position(), place);
    assert!(model.search.is_none());
}

#[test]
fn a_search_that_went_on_to_another_worker_puts_its_own_pane_back() {
    for end in ["esc", "enter"] {
        let mut model = model(80, 24);
        let (place, found) = (RowAddress::line(3), RowAddress::line(70));
        model.set_position(Position::At(place));
        let own = model.list.chosen.clone();
        press(&mut model, "/ 'err'");
        model.set_position(Position::At(RowAddress::line(1)));
        model.choose_worker(1);
        assert_ne!(model.list.chosen, own);
        model.set_position(Position::At(found));
        model.search.as_mut().unwrap().look = None;
        press(&mut model, end);
        assert_eq!(model.position(), Position::At(found), "{end}");
        assert_eq!(model.readings[own.as_ref().unwrap()].position, Position::At(place), "{end}");
    }
}

#[test]
fn the_way_back_from_a_worker_is_told_however_narrow_it_is() {
    for (columns, told) in
        [(80, "is the worker's"), (61, "takes the keyboard back"), (40, "keyboard back"), (20, "back")]
    {
        let mut model = model(columns, 24);
        model.keyboard = Some(name("api"));
        let text = text(&model);
        let foot = text.lines().last().unwrap();
        assert!(foot.contains("ctrl-] ") && foot.contains(told), "{columns}: {foot}");
    }
}

#[test]
fn with_the_keyboard_every_key_is_the_workers() {
    let mut model = model(80, 24);
    let typed = commands(press(&mut model, "enter q ctrl-c up enter"));
    let input = |bytes: &[u8]| Command::Input(name("api"), bytes.to_vec());
    assert_eq!(typed, [input(b"q"), input(b"\x03"), input(b"\x1b[A"), input(b"\r")]);
    assert_eq!(commands(press(&mut model, "ctrl-] q")), [Command::Quit]);
}

#[test]
fn pastes_are_the_workers_or_the_prompts() {
    let mut model = model(80, 24);
    let paste =
        |model: &mut _, text: &str| commands(update(model, Message::Input(Event::Paste(text.to_owned()))));
    assert_eq!(paste(&mut model, "ls"), []);
    assert!(model.notice.as_ref().unwrap().text.contains("enter gives a worker the keyboard"));
    press(&mut model, "f");
    paste(&mut model, "api\nq");
    assert_eq!(model.list.filter, "api");
    press(&mut model, "esc enter");
    model.modes = InputModes { bracketed_paste: true, ..InputModes::default() };
    let wrapped = Command::Input(name("api"), b"\x1b[200~ls\x1b[201~".to_vec());
    assert_eq!(paste(&mut model, "ls"), [wrapped]);
}

#[test]
fn the_rest_of_what_was_typed_for_a_dead_worker_is_no_command() {
    let mut model = model(80, 24);
    press(&mut model, "enter");
    let ended = worker("api", "node server.js", workers()[9].state.clone());
    let facts = super::fixtures::snapshot(vec![ended], Phase::Up);
    let facts = crate::protocol::Snapshot { sequence: 2, ..(*facts).clone() };
    update(&mut model, Message::Facts(facts.into(), std::sync::Arc::default()));
    assert_eq!(press(&mut model, "q K T"), []);
    let foot = text(&model).lines().last().unwrap().to_owned();
    assert_eq!(foot.trim(), "ctrl-], esc or enter gives the keyboard back");
    assert_eq!(commands(press(&mut model, "enter q")), [Command::Quit]);
}

#[test]
fn while_quitting_the_keys_are_minders_again() {
    let mut model = model(80, 24);
    press(&mut model, "enter");
    let phase = Phase::Quitting { since: ago(1.0), by: None, killing: false };
    let facts = super::fixtures::snapshot(workers(), phase);
    let facts = crate::protocol::Snapshot { sequence: 2, ..(*facts).clone() };
    update(&mut model, Message::Facts(facts.into(), std::sync::Arc::default()));
    assert_eq!(commands(press(&mut model, "q")), [Command::Quit]);
    assert_eq!(commands(press(&mut model, "ctrl-c")), [Command::Interrupt]);
}

fn pointed(model: &mut Model, kind: MouseEventKind, column: u16, row: u16) -> Vec<Effect> {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    update(model, Message::Input(Event::Mouse(event)))
}

#[test]
fn the_mouse_chooses_focuses_and_scrolls() {
    let mut model = model(80, 24);
    let down = MouseEventKind::Down(MouseButton::Left);
    pointed(&mut model, down, 5, 4);
    assert_eq!(model.list.chosen, Some(name("forgetful")));
    pointed(&mut model, down, 5, 12);
    assert_eq!(model.focus, Focus::Pane);
    let up = pointed(&mut model, MouseEventKind::ScrollUp, 5, 12);
    assert_eq!(up, [Effect::Scroll(Scroll::Rows(-3))]);
    pointed(&mut model, MouseEventKind::ScrollDown, 5, 4);
    assert_eq!(model.list.chosen, Some(name("editor")));
}

#[test]
fn the_mouse_over_the_pane_is_the_workers_only_if_it_asked() {
    let mut model = model(80, 24);
    press(&mut model, "enter");
    let down = MouseEventKind::Down(MouseButton::Left);
    assert_eq!(pointed(&mut model, down, 5, 12), []);
    model.modes = InputModes { mouse: MouseMode::Click, mouse_sgr: true, ..InputModes::default() };
    let told = commands(pointed(&mut model, down, 5, 12));
    assert_eq!(told, [Command::Input(name("api"), b"\x1b[<0;6;4M".to_vec())]);
    pointed(&mut model, down, 5, 4);
    assert_eq!((&model.keyboard, model.list.chosen), (&None, Some(name("forgetful"))));
}

#[test]
fn the_wheel_is_arrows_for_a_full_screen_program() {
    let mut model = model(80, 24);
    press(&mut model, "enter");
    model.view.alternate = true;
    let told = commands(pointed(&mut model, MouseEventKind::ScrollUp, 5, 12));
    assert_eq!(told, [Command::Input(name("api"), b"\x1b[A\x1b[A\x1b[A".to_vec())]);
}

#[test]
fn help_closes_by_the_key_that_opened_it() {
    let mut model = model(80, 24);
    for keys in ["? ?", "? esc", "? q", "? enter"] {
        assert_eq!(press(&mut model, keys), []);
        assert!(model.dialog.is_none(), "{keys}");
    }
    press(&mut model, "? down");
    assert!(matches!(model.dialog, Some(Dialog::Help { top: 1 })));
}

#[test]
fn a_worker_that_is_gone_from_the_list_is_not_chosen() {
    let mut model = model(80, 24);
    choose(&mut model, "typo");
    let one = vec![worker("api", "node server.js", State::Running(run(1, 1.0)))];
    let facts = super::fixtures::snapshot(one, Phase::Up);
    let facts = crate::protocol::Snapshot { sequence: 2, ..(*facts).clone() };
    update(&mut model, Message::Facts(facts.into(), std::sync::Arc::default()));
    assert_eq!(model.list.chosen, Some(name("api")));
}
