//! What the screen looks like.

use super::fixtures::{ago, ahead, choose, frame, model, model_of, press, text, worker, workers};
use crate::protocol::{Excess, Measure, NextRun, Phase, State, TimerView, WorkerView};
use crate::signal::Signal;
use crate::spec::RunawayAction;
use crate::ui::update::{Message, update};
use insta::assert_snapshot;

#[test]
fn every_state_at_80x24_with_its_styles() {
    assert_snapshot!(format!("{:#?}", frame(&model(80, 24))));
}

#[test]
fn every_state_at_120x40() {
    assert_snapshot!(text(&model(120, 40)));
}

#[test]
fn every_state_at_200x60() {
    assert_snapshot!(text(&model(200, 60)));
}

#[test]
fn a_small_screen_at_40x10() {
    assert_snapshot!(text(&model(40, 10)));
}

#[test]
fn a_tiny_screen_at_10x3() {
    assert_snapshot!(text(&model(10, 3)));
}

#[test]
fn no_size_and_no_dialog_panics() {
    for columns in [0, 1, 2, 5, 9, 20, 40, 79, 109, 110, 111, 300] {
        for rows in [0, 1, 2, 3, 4, 5, 8, 9, 10, 12, 24, 100] {
            for keys in ["", "?", "s", "s 'x'", "f 'api'", "/ 'err'", "z", "tab", "enter", "i", "i s", "i ?"]
            {
                let mut model = model(columns, rows);
                press(&mut model, keys);
                frame(&model);
                model.snapshot = super::fixtures::snapshot(workers(), quitting());
                frame(&model);
            }
        }
    }
}

#[test]
fn nothing_to_show() {
    let mut model = model_of(Vec::new(), Phase::Up, (60, 12));
    model.view = crate::output::View::default();
    assert_snapshot!(text(&model));
}

#[test]
fn without_colours_words_and_glyphs_say_it() {
    let mut model = model(80, 24);
    model.theme.color = false;
    let buffer = frame(&model);
    let plain = buffer
        .content
        .iter()
        .all(|cell| cell.fg == ratatui::style::Color::Reset && cell.bg == ratatui::style::Color::Reset);
    assert!(plain);
    assert_eq!(text(&model), text(&super::fixtures::model(80, 24)));
}

#[test]
fn standard_error_of_pipes_is_marked() {
    let mut model = model(80, 24);
    choose(&mut model, "flood");
    assert_snapshot!(text(&model));
}

#[test]
fn the_status_line_says_what_is_waited_for() {
    let lines: Vec<_> = workers()
        .iter()
        .map(|worker| {
            let mut model = model(160, 24);
            choose(&mut model, worker.name.as_str());
            text(&model).lines().nth(22).unwrap().trim().to_owned()
        })
        .collect();
    assert_snapshot!(lines.join("\n"));
}

#[test]
fn waiting_can_be_given_up() {
    let api = WorkerView { waited_since: Some(ago(3.2)), ..workers().remove(0) };
    let mut model = model_of(vec![api], Phase::Up, (100, 12));
    model.focus = crate::ui::model::Focus::Pane;
    assert_snapshot!(text(&model));
}

#[test]
fn the_keyboard_is_the_workers() {
    let mut model = model(80, 24);
    press(&mut model, "enter");
    assert_snapshot!(format!("{:#?}", frame(&model)));
}

#[test]
fn scrolled_back_with_matches() {
    let mut model = model(80, 24);
    press(&mut model, "/ 'error' enter");
    update(&mut model, Message::Looked(Some(crate::output::Place::line(103))));
    model.view.following = false;
    model.view.lines_below = 1234;
    assert_snapshot!(format!("{:#?}", frame(&model)));
}

#[test]
fn help_lists_every_key() {
    let mut model = model(120, 40);
    press(&mut model, "?");
    assert_snapshot!(text(&model));
}

#[test]
fn help_scrolls_where_it_is_small() {
    let mut model = model(60, 16);
    press(&mut model, "? j j j");
    assert_snapshot!(text(&model));
}

#[test]
fn help_has_every_state_with_its_glyph() {
    let mut model = model(120, 130);
    press(&mut model, "?");
    let text = text(&model);
    for worker in workers() {
        let shown = format!("{} {} ", crate::ui::theme::glyph(&worker.state), worker.state.word());
        assert!(text.contains(&shown), "{shown}: {text}");
    }
}

#[test]
fn timers_say_when_they_run_next() {
    let next = |seconds, clock: &str| Some(NextRun { at: ahead(seconds), clock: clock.into() });
    let timer = |schedule: &str, next, queued| Some(TimerView { schedule: schedule.into(), next, queued });
    let mut ended = workers().into_iter().filter(|worker| matches!(worker.state, State::Ended(_)));
    let failed = ended.next().unwrap();
    let done = ended.next().unwrap();
    let backup = WorkerView {
        timer: timer("cron 30 2 * * *", next(45_000.0, "Mon Nov 23 02:30"), false),
        ..worker("backup", "restic backup", State::Idle)
    };
    let workers = vec![
        backup,
        WorkerView { timer: timer("every 5m", next(252.4, "14:05:00"), false), ..done.clone() },
        WorkerView { timer: timer("every 1h", next(7.25, "14:00:55"), false), gave_up: None, ..failed },
        WorkerView {
            timer: timer("every 1m", next(30.0, "14:01:18"), true),
            ..worker("slow", "make report", State::Running(super::fixtures::run(4123, 90.0)))
        },
        WorkerView { timer: timer("every 10s", None, false), name: "stopped".into(), ..done },
    ];
    let mut model = model_of(workers.clone(), Phase::Up, (100, 22));
    let mut shown = text(&model);
    for worker in &workers {
        choose(&mut model, worker.name.as_str());
        shown.push('\n');
        shown.push_str(text(&model).lines().nth(20).unwrap());
    }
    assert_snapshot!(shown);
    // The words change with the last seconds, and a run in hours costs no frame.
    let wakes = |seconds| {
        let timer = timer("cron @daily", next(seconds, ""), false);
        let model = model_of(vec![WorkerView { timer, ..workers[0].clone() }], Phase::Up, (80, 24));
        model.wakes_at(model.now).unwrap().duration_since(model.now).as_millis()
    };
    assert_eq!([wakes(5.0), wakes(600.0), wakes(9000.0)], [100, 1000, 60_000]);
}

#[test]
fn a_search_in_vain_says_so_while_it_is_typed_and_after() {
    let mut model = model(80, 24);
    let prompt = |model: &_| text(model).lines().nth(22).unwrap().to_owned();
    press(&mut model, "/ 'xyzzy'");
    assert!(prompt(&model).ends_with("searching…"));
    update(&mut model, Message::Looked(None));
    update(&mut model, Message::Looked(None));
    assert!(prompt(&model).ends_with("no match for xyzzy"), "{}", prompt(&model));
    press(&mut model, "enter");
    assert_eq!(prompt(&model).trim(), "no match for xyzzy");
}

#[test]
fn a_filter_that_nothing_passes_says_so_and_how_it_goes() {
    let mut model = model(80, 24);
    press(&mut model, "f 'xyzzy' enter");
    let shown = text(&model);
    assert!(shown.lines().next().unwrap().ends_with("filter: xyzzy · 0 of 15 · esc clears"), "{shown}");
    assert!(shown.contains("no worker matches"), "{shown}");
    press(&mut model, "esc");
    assert_eq!(model.list.shown.len(), 15);
}

#[test]
fn a_command_of_several_lines_is_one_line_after_the_description() {
    let api = WorkerView {
        description: Some("the shop".into()),
        ..worker("api", "echo \"x\"\n  sleep 2\n", State::Running(super::fixtures::run(1, 2.0)))
    };
    let model = model_of(vec![api], Phase::Up, (80, 12));
    assert!(text(&model).contains("─ api  running · the shop · echo \"x\" ⏎ sleep 2 ─"), "{}", text(&model));
}

#[test]
fn a_runaway_is_badged_in_the_list_and_the_head_of_its_pane() {
    let excess = |measure, bound, seconds, action| Excess { measure, bound, since: ago(seconds), action };
    let warned = excess(Measure::Processes, 1000, 42.0, RunawayAction::Warn);
    let frozen = excess(Measure::Memory, 2 << 30, 12.0, RunawayAction::Freeze);
    let running = State::Running(super::fixtures::run(4123, 754.0));
    let stopped = State::Suspended { run: super::fixtures::run(4124, 60.0), by: Signal::STOP };
    let workers = vec![
        WorkerView { excesses: [warned].into(), ..worker("bomb", ":(){ :|:& };:", running) },
        WorkerView { excesses: [frozen].into(), ..worker("leak", "node server.js", stopped) },
    ];
    let mut model = model_of(workers, Phase::Up, (100, 12));
    assert_snapshot!("runaway_warned", text(&model));
    press(&mut model, "j");
    assert_snapshot!("runaway_frozen", text(&model));
}

#[test]
fn the_signal_picker() {
    let mut model = model(80, 24);
    press(&mut model, "s");
    assert_snapshot!("signal_picker", text(&model));
    press(&mut model, "'usr'");
    assert_snapshot!("signal_picker_narrowed", text(&model));
}

#[test]
fn the_prompts() {
    let mut model = model(80, 24);
    press(&mut model, "f 'ap'");
    assert_snapshot!("filter_prompt", text(&model));
    press(&mut model, "enter / 'a(b'");
    assert_snapshot!("search_prompt", text(&model));
}

#[test]
fn zoomed() {
    let mut model = model(80, 24);
    press(&mut model, "z");
    assert_snapshot!(text(&model));
}

fn quitting() -> Phase {
    Phase::Quitting { since: ago(3.2), by: Some(Signal::INT), killing: false }
}

#[test]
fn a_quit_shows_who_holds_on() {
    assert_snapshot!("quitting", text(&model_of(workers(), quitting(), (80, 24))));
    let killing = Phase::Quitting { since: ago(5.0), by: None, killing: true };
    let stopped = vec![worker("later", "psql", State::Idle)];
    assert_snapshot!("quit_over", text(&model_of(stopped, killing, (80, 24))));
}

#[test]
fn five_hundred_workers_scroll() {
    let many = (0..500)
        .map(|number| {
            let state = State::Running(super::fixtures::run(5000 + number, 10.0));
            worker(&format!("worker-{number:03}"), "sleep 1d", state)
        })
        .collect();
    let mut model = model_of(many, Phase::Up, (80, 24));
    press(&mut model, "down down down down down down down down");
    assert_snapshot!(text(&model));
}

#[test]
fn a_message_is_taken_away_after_a_while() {
    let mut model = model(80, 24);
    update(&mut model, Message::Notice("the disk is full".into()));
    assert!(text(&model).contains("the disk is full"));
    assert_eq!(model.wakes_at(super::fixtures::now()), Some(ahead(0.1)), "it counts down too");
    model.now = ahead(5.0);
    model.expire();
    assert!(!text(&model).contains("the disk is full"));
}
