//! The view of a worker's processes: its looks and its keys.

use super::fixtures::{choose, frame, model, press, process as left, text};
use crate::protocol::{
    Command, Inspect, Listener, Pid, ProcessId, ProcessRow, ProcessState, ThreadRow, Transport, Tree,
    WorkerView,
};
use crate::signal::Signal;
use crate::ui::model::Model;
use crate::ui::update::{Effect, Message, update};
use insta::assert_snapshot;
use std::sync::Arc;

fn id(pid: i32) -> ProcessId {
    ProcessId { pid: Pid(pid), start_ticks: 1000 + pid as u64 }
}

fn row(pid: i32, parent: i32, depth: u16, command: &str) -> ProcessRow {
    ProcessRow {
        id: id(pid),
        parent: Pid(parent),
        depth,
        command: command.into(),
        state: ProcessState::Sleeping,
        tracer: None,
        cpu_percent: Some(0.0),
        memory: 3 << 20,
        started: "14:03:09".into(),
        wait_channel: Some("do_wait".into()),
        descriptors: Some(4),
        listens: Vec::new(),
        first: false,
        adopted: false,
        thread_count: 1,
        threads: Vec::new(),
    }
}

fn zombie(pid: i32, parent: i32, depth: u16, name: &str) -> ProcessRow {
    let row = row(pid, parent, depth, name);
    ProcessRow {
        state: ProcessState::Zombie,
        memory: 0,
        descriptors: None,
        wait_channel: None,
        cpu_percent: None,
        ..row
    }
}

fn thread(tid: i32, name: &str, state: ProcessState, percent: f32) -> ThreadRow {
    let (tid, name, wait_channel) = (Pid(tid), name.into(), Some("futex_wait_queue".into()));
    ThreadRow { tid, start_ticks: 7, name, state, cpu_percent: Some(percent), wait_channel }
}

/// A tree with one of each.
fn tree() -> Tree {
    let listener =
        |transport, address: &str| Listener { transport, address: address.parse().expect("an address") };
    let threads = vec![
        thread(4123, "node", ProcessState::Sleeping, 0.1),
        thread(4131, "v8:worker", ProcessState::Running, 87.0),
    ];
    Tree {
        worker: Some("api".into()),
        processes: vec![
            ProcessRow {
                first: true,
                cpu_percent: Some(87.2),
                memory: 120 << 20,
                descriptors: Some(31),
                thread_count: 2,
                listens: vec![
                    listener(Transport::Tcp, "0.0.0.0:3000"),
                    listener(Transport::Tcp, "[::]:3000"),
                    listener(Transport::Udp, "127.0.0.1:53"),
                ],
                threads,
                ..row(4123, 99, 0, "node server.js --with-a-long-command-line --that-goes-on")
            },
            row(4140, 4123, 1, "sh -c make watch"),
            ProcessRow { state: ProcessState::Stopped, ..row(4141, 4140, 2, "make watch") },
            zombie(4142, 4140, 2, "cc1"),
            ProcessRow {
                state: ProcessState::DiskSleep,
                cpu_percent: None,
                ..row(4150, 4123, 1, "cp /mnt/a /mnt/b")
            },
            zombie(4151, 4123, 1, "git"),
            ProcessRow {
                adopted: true,
                tracer: Some(Pid(77)),
                state: ProcessState::Traced,
                ..row(4160, 99, 0, "daemon --fork")
            },
        ],
    }
}

/// The view of `api` as it is after these keys.
fn inspected(size: (u16, u16), keys: &str) -> (Model, Vec<Command>) {
    let mut model = model(size.0, size.1);
    press(&mut model, "i");
    update(&mut model, Message::Tree(Some(Arc::new(tree()))));
    let effects = press(&mut model, keys);
    (model, commands(effects))
}

fn commands(effects: Vec<Effect>) -> Vec<Command> {
    let command = |effect| match effect {
        Effect::Send(command) => Some(command),
        Effect::Scroll(_)
        | Effect::ScrollCell(..)
        | Effect::Redraw
        | Effect::Select(_)
        | Effect::Take(..)
        | Effect::Write(_) => None,
    };
    effects.into_iter().filter_map(command).collect()
}

fn look(opened: &[ProcessId]) -> Command {
    Command::Inspect(Some(Inspect { worker: Some("api".into()), opened: opened.into() }))
}

fn signal(pid: i32, signal: Signal) -> Command {
    Command::SignalProcess { worker: "api".into(), process: id(pid), thread: None, signal }
}

fn to_first_thread(pid: i32, signal: Signal) -> Command {
    let thread = Some(ProcessId { pid: Pid(pid), start_ticks: 7 });
    Command::SignalProcess { worker: "api".into(), process: id(pid), thread, signal }
}

#[test]
fn a_tree_at_80x24_with_its_styles() {
    assert_snapshot!(format!("{:#?}", frame(&inspected((80, 24), "").0)));
}

#[test]
fn a_tree_at_120x40_with_threads() {
    assert_snapshot!(text(&inspected((120, 40), "enter down down").0));
}

#[test]
fn a_tree_at_200x60() {
    assert_snapshot!(text(&inspected((200, 60), "end up").0));
}

#[test]
fn a_tree_in_a_small_window_scrolls() {
    assert_snapshot!(text(&inspected((40, 9), "down down down").0));
}

#[test]
fn no_size_panics_with_a_tree() {
    for columns in [1, 2, 5, 9, 20, 40, 79, 110, 300] {
        for rows in [1, 2, 3, 4, 5, 8, 9, 12, 100] {
            for keys in ["", "enter", "s", "?", "end", "end left left"] {
                frame(&inspected((columns, rows), keys).0);
            }
        }
    }
}

#[test]
fn each_key_is_for_the_chosen_process_alone() {
    let table = [
        ("t", vec![signal(4123, Signal::TERM)]),
        ("down K", vec![signal(4140, Signal::KILL)]),
        ("p", vec![signal(4123, Signal::STOP)]),
        ("down down p", vec![signal(4141, Signal::CONT)]),
        ("s 'usr1' enter", vec![signal(4123, Signal::USR1)]),
        ("down down down n", vec![signal(4140, Signal::CHLD)]),
        ("down down down e e", vec![signal(4140, Signal::TERM), signal(4140, Signal::KILL)]),
        ("down down down e down down e", vec![signal(4140, Signal::TERM), signal(4123, Signal::TERM)]),
        ("enter down p", vec![look(&[id(4123)]), to_first_thread(4123, Signal::STOP)]),
        ("enter down s 'usr1' enter", vec![look(&[id(4123)]), to_first_thread(4123, Signal::USR1)]),
        ("enter down left", vec![look(&[id(4123)]), look(&[])]),
        ("esc", vec![Command::Inspect(None)]),
        ("q", vec![Command::Inspect(None)]),
        ("i q", vec![Command::Inspect(None), Command::Quit]),
        ("ctrl-c", vec![Command::Interrupt]),
    ];
    for (keys, wanted) in table {
        assert_eq!(inspected((80, 24), keys).1, wanted, "{keys}");
    }
}

#[test]
fn a_refusal_says_why() {
    let table = [
        ("n", "choose one"),
        ("e", "choose one"),
        ("down down down K", "4142 has ended and hears nothing; n nudges its parent, e ends that"),
        ("down down down enter", "a zombie has no threads"),
    ];
    for (keys, why) in table {
        let (model, sent) = inspected((80, 24), keys);
        let said = model.notice.expect("a refusal says why").text;
        assert!(said.contains(why) && sent.is_empty(), "{keys}: {said}");
    }
}

#[test]
fn a_process_that_is_gone_hands_its_keys_to_nobody() {
    let (mut model, _) = inspected((80, 24), "down");
    let mut later = tree();
    later.processes.remove(1);
    update(&mut model, Message::Tree(Some(Arc::new(later.clone()))));
    assert!(text(&model).contains("pid 4140 is gone; choose another"));
    assert_eq!(press(&mut model, "K"), []);
    // The same pid once more is another process.
    let reused = ProcessId { start_ticks: 9, ..id(4140) };
    later.processes.insert(1, ProcessRow { id: reused, ..row(4140, 4123, 1, "another") });
    update(&mut model, Message::Tree(Some(Arc::new(later))));
    assert_eq!(press(&mut model, "K"), []);
    assert_eq!(commands(press(&mut model, "up K")), [signal(4123, Signal::KILL)]);
}

#[test]
fn another_workers_tree_is_not_shown() {
    let mut model = model(80, 24);
    choose(&mut model, "flood");
    press(&mut model, "i");
    update(&mut model, Message::Tree(Some(Arc::new(tree()))));
    assert!(text(&model).contains("looking"));
    let nobody = Tree { worker: Some("flood".into()), processes: Vec::new() };
    update(&mut model, Message::Tree(Some(Arc::new(nobody))));
    assert!(text(&model).contains("nothing of it is alive"));
}

#[test]
fn what_an_ended_worker_left_is_shown_as_such() {
    let mut workers = super::fixtures::workers();
    let ended: Vec<WorkerView> = workers
        .drain(..)
        .filter(|worker| ["ghost", "three", "migrate"].contains(&worker.name.as_str()))
        .map(|worker| WorkerView { left: [left(4140, "sh job.sh"), left(4141, "cat")].into(), ..worker })
        .collect();
    let phase = crate::protocol::Phase::Up;
    assert_snapshot!(text(&super::fixtures::model_of(ended, phase, (100, 12))));
}

/// Minder's own two processes, as the census shows them.
fn own_tree() -> Tree {
    let threads = vec![
        thread(90, "minder", ProcessState::Sleeping, 0.1),
        thread(92, "reactor", ProcessState::Running, 2.5),
        thread(93, "screen", ProcessState::Sleeping, 1.0),
    ];
    let supervisor = ProcessRow { thread_count: 3, threads, ..row(90, 80, 1, "minder up") };
    Tree { worker: None, processes: vec![row(80, 7, 0, "minder up"), supervisor] }
}

fn own() -> Model {
    let mut model = model(100, 16);
    press(&mut model, "I");
    let effects = update(&mut model, Message::Tree(Some(Arc::new(own_tree()))));
    let opened = Command::Inspect(Some(Inspect { worker: None, opened: vec![id(90)] }));
    assert_eq!(commands(effects), [opened], "the supervisor's threads are asked for");
    model
}

#[test]
fn minder_itself_is_its_guardian_its_supervisor_and_their_threads() {
    assert_snapshot!(text(&own()));
    // Without a guardian there is one process, and that is the supervisor.
    let mut alone = own();
    let tree = Tree { worker: None, processes: vec![row(90, 1, 0, "minder up")] };
    update(&mut alone, Message::Tree(Some(Arc::new(tree))));
    let shown = text(&alone);
    assert!(shown.contains("supervisor: minder up") && !shown.contains("guardian"), "{shown}");
}

#[test]
fn minder_does_not_signal_itself() {
    for keys in ["t", "K", "p", "s", "j t", "j j K", "j j s"] {
        let mut model = own();
        assert_eq!(commands(press(&mut model, keys)), [], "{keys}");
        assert!(model.dialog.is_none(), "{keys}");
        assert!(text(&model).contains("minder does not signal itself"), "{keys}: {}", text(&model));
    }
    let mut model = own();
    assert_eq!(commands(press(&mut model, "esc")), [Command::Inspect(None)]);
    assert!(model.inspector.is_none());
}
