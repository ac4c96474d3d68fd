//! Workers that are threads: how they look, and what keys do to them.

use super::fixtures::{ago, ahead, choose, model_of, now, press, text, worker};
use super::keys::{commands, name};
use crate::protocol::{Cause, Command, End, Jobs, Phase, Pid, Progress, Run, State, WorkerView};
use crate::spec::{Kind, OutputKind};
use crate::status::{ExitStatus, ThreadEnd};
use crate::ui::model::Model;
use crate::ui::update::{Message, update};
use insta::assert_snapshot;
use std::time::Duration;

fn thread(name: &str, state: State) -> WorkerView {
    let kind = Kind::Thread { daemon: false };
    WorkerView { kind, output: OutputKind::Pipe, takes_input: false, ..worker(name, "is tested", state) }
}

fn run() -> Run {
    Run { pid: Pid(812), started: ago(75.0) }
}

fn ended(end: ThreadEnd, words: &str) -> WorkerView {
    let end =
        End { status: ExitStatus::Thread(end), cause: Cause::Itself, at: now(), ran: Duration::from_secs(3) };
    let ended = thread("", State::Ended(end));
    WorkerView { name: end.status.to_string().replace(' ', "-").into(), result: Some(words.into()), ..ended }
}

fn threads() -> Model {
    let asked = |answer_by| State::Asked { run: run(), asked_at: ago(7.0), answer_by };
    let workers = vec![
        worker("process", "sleep 1000", State::Running(Run { pid: Pid(900), started: ago(5.0) })),
        thread("crawler", State::Running(run())),
        thread("idle", State::Idle),
        thread("stopping", asked(Some(ahead(1.5)))),
        thread("stuck", asked(None)),
        ended(ThreadEnd::Returned, "42"),
        ended(ThreadEnd::Failed, "no such file"),
        ended(ThreadEnd::Panicked, "src/main.rs:3:5: oh no"),
        ended(ThreadEnd::Abandoned, ""),
    ];
    let mut model = model_of(workers, Phase::Up, (100, 24));
    let progress = Progress::new(0, 1000, ago(10.0)).moved(250, 1000, now());
    update(&mut model, Message::Progress([(name("crawler"), progress)].into()));
    choose(&mut model, "crawler");
    model
}

#[test]
fn threads_have_a_glyph_of_their_own_and_a_bar() {
    assert_snapshot!(text(&threads()));
}

#[test]
fn one_that_does_not_answer_says_for_how_long() {
    let mut model = threads();
    choose(&mut model, "stuck");
    let shown = text(&model);
    assert!(shown.contains("does not answer: asked to stop 7.0 s ago"), "{shown}");
    assert_eq!(model.wakes_at(now()), Some(ahead(0.1)));
}

#[test]
fn kill_says_that_a_thread_cannot_be_killed_and_offers_to_abandon_it() {
    let mut model = threads();
    assert_eq!(commands(press(&mut model, "K")), []);
    assert_snapshot!(text(&model));
    assert_eq!(commands(press(&mut model, "esc")), []);
    assert!(model.dialog.is_none());
    assert_eq!(commands(press(&mut model, "K enter")), [Command::Abandon(name("crawler"))]);
    choose(&mut model, "process");
    assert_eq!(commands(press(&mut model, "K")), [Command::Kill(name("process"))]);
}

#[test]
fn a_thread_is_asked_to_stop_and_joined_and_gets_no_signals() {
    let mut model = threads();
    assert_eq!(commands(press(&mut model, "t")), [Command::Stop(name("crawler"))]);
    assert_eq!(commands(press(&mut model, "w")), [Command::Wait(name("crawler"))]);
    for (key, why) in [("s", "gets no signals"), ("p", "cannot be frozen"), ("enter", "hears no keyboard")] {
        assert_eq!(commands(press(&mut model, key)), [], "{key}");
        assert!(model.dialog.is_none(), "{key}");
        let shown = text(&model);
        assert!(shown.contains(why), "{key}: {shown}");
    }
}

#[test]
fn the_inspect_view_of_a_thread_opens_the_programs_threads_on_it() {
    use crate::protocol::{ProcessId, ProcessRow, ProcessState, ThreadRow, Tree};
    let mut model = threads();
    press(&mut model, "i");
    let row = |tid, name: &str| ThreadRow {
        tid: Pid(tid),
        start_ticks: 1,
        name: name.into(),
        state: ProcessState::Sleeping,
        cpu_percent: Some(12.5),
        wait_channel: None,
    };
    let process = ProcessRow {
        id: ProcessId { pid: Pid(800), start_ticks: 1 },
        parent: Pid(1),
        depth: 0,
        command: "minder up".into(),
        state: ProcessState::Sleeping,
        tracer: None,
        cpu_percent: Some(13.0),
        memory: 9 << 20,
        started: "14:03:09".into(),
        wait_channel: None,
        descriptors: Some(9),
        listens: Vec::new(),
        first: true,
        adopted: false,
        thread_count: 2,
        threads: vec![row(800, "minder"), row(812, "crawler")],
    };
    let tree = Tree { worker: Some(name("crawler")), processes: vec![process] };
    update(&mut model, Message::Tree(Some(tree.into())));
    assert_snapshot!(text(&model));
}

fn pool() -> Model {
    let pool = WorkerView { kind: Kind::Pool, ..thread("crawl", State::Running(run())) };
    let mut model = model_of(vec![pool], Phase::Up, (100, 12));
    let jobs = Jobs {
        queued: 1200,
        running: 4,
        done: 340,
        failed: 2,
        cancelled: 0,
        lately: Some((425, Duration::from_secs(5))),
    };
    let progress = Progress::new(0, 1546, ago(10.0)).moved(342, 1546, now()).of_jobs(jobs);
    update(&mut model, Message::Progress([(name("crawl"), progress)].into()));
    choose(&mut model, "crawl");
    model
}

#[test]
fn a_pool_has_a_glyph_of_its_own_its_counts_a_bar_and_its_speed() {
    assert_snapshot!(text(&pool()));
}

#[test]
fn of_a_pool_it_is_said_what_can_be_done_about_it() {
    let mut model = pool();
    assert_eq!(commands(press(&mut model, "t")), [Command::Stop(name("crawl"))]);
    for (key, why) in
        [("s", "crawl is a pool and gets no signals"), ("p", "crawl is a pool, which cannot be frozen")]
    {
        assert_eq!(commands(press(&mut model, key)), [], "{key}");
        let shown = text(&model);
        assert!(shown.contains(why), "{key}: {shown}");
    }
    press(&mut model, "K");
    let shown = text(&model);
    assert!(
        shown.contains("crawl is a pool") && shown.contains("A pool's threads cannot be killed"),
        "{shown}"
    );
    assert_eq!(commands(press(&mut model, "enter")), [Command::Abandon(name("crawl"))]);
}
