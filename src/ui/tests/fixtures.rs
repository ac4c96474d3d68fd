//! A minder with a worker in every state, at one fixed moment.

use crate::guest::Usages;
use crate::output::{
    Attributes, Color, Cursor, CursorShape, Edges, RowAddress, Span, Stream, Style, View, ViewRow,
};
use crate::protocol::{Cause, End, Phase, Pid, ProcessRef, Run, Size, Snapshot, State, Usage, WorkerView};
use crate::signal::Signal;
use crate::spec::{OutputKind, Reap};
use crate::status::ExitStatus;
use crate::ui::keymap::Keymap;
use crate::ui::model::Model;
use crate::ui::update::{Effect, Message, update};
use crate::ui::{Key, draw};
use crossterm::event::{Event, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

/// The moment of every test.
pub(super) fn now() -> Instant {
    static NOW: OnceLock<Instant> = OnceLock::new();
    *NOW.get_or_init(|| {
        #[expect(clippy::disallowed_methods, reason = "an instant can be had from nowhere else")]
        let now = Instant::now();
        now + Duration::from_secs(1_000_000)
    })
}

pub(super) fn ago(seconds: f64) -> Instant {
    now().checked_sub(Duration::from_secs_f64(seconds)).unwrap()
}

pub(super) fn ahead(seconds: f64) -> Instant {
    now() + Duration::from_secs_f64(seconds)
}

pub(super) fn run(pid: i32, seconds: f64) -> Run {
    Run { pid: Pid(pid), started: ago(seconds) }
}

pub(super) fn end(status: ExitStatus, cause: Cause) -> End {
    End { status, cause, at: ago(12.0), ran: Duration::from_secs_f64(2.1) }
}

fn exited(code: i32) -> End {
    end(ExitStatus::Exited(code), Cause::Itself)
}

pub(super) fn process(pid: i32, name: &str) -> ProcessRef {
    ProcessRef { pid: Pid(pid), name: name.into() }
}

pub(super) fn worker(name: &str, command: &str, state: State) -> WorkerView {
    WorkerView {
        name: name.into(),
        description: None,
        color: None,
        command: command.into(),
        kind: crate::spec::Kind::Process,
        output: OutputKind::Pty,
        takes_input: true,
        reap: Reap::Auto,
        state,
        wanted: true,
        restarts: 0,
        gave_up: None,
        waited_since: None,
        left: Arc::default(),
        excesses: Arc::default(),
        holders: Arc::default(),
        timer: None,
        result: None,
    }
}

/// A worker in every state.
pub(super) fn workers() -> Vec<WorkerView> {
    let term = Signal::TERM;
    let segv = ExitStatus::Signaled { signal: Signal::SEGV, core: true };
    let killed = ExitStatus::Signaled { signal: Signal::KILL, core: false };
    let asked = ExitStatus::Signaled { signal: term, core: false };
    vec![
        WorkerView {
            description: Some("the API behind the shop".into()),
            ..worker("api", "node server.js", State::Running(run(4123, 754.0)))
        },
        WorkerView {
            output: OutputKind::Pipe,
            takes_input: false,
            ..worker("flood", "yes", State::Running(run(4124, 42.0)))
        },
        worker("forgetful", "sh -c 'sleep 0 & exec sleep 1d'", State::Running(run(4125, 4000.0))),
        worker("editor", "vim notes", State::Suspended { run: run(4126, 3.0), by: Signal::TSTP }),
        WorkerView {
            left: [process(4140, "sh worker.sh")].into(),
            ..worker(
                "stubborn",
                "trap '' TERM; sleep 1d",
                State::Stopping {
                    run: run(4127, 90.0),
                    sent: term,
                    sent_at: ago(3.2),
                    kill_at: Some(ahead(1.8)),
                },
            )
        },
        worker(
            "daemon",
            "start-daemon",
            State::Sweeping {
                run: run(4128, 90.0),
                status: ExitStatus::SUCCESS,
                sent: Signal::KILL,
                sent_at: ago(0.5),
                kill_at: None,
            },
        ),
        worker("reader", "cat log", State::Draining { run: run(4129, 2.0), status: ExitStatus::Exited(1) }),
        WorkerView {
            reap: Reap::Manual,
            ..worker("ghost", "true", State::Zombie { run: run(4130, 60.0), end: exited(0) })
        },
        WorkerView {
            restarts: 4,
            ..worker(
                "crasher",
                "./crash",
                State::Backoff { until: ahead(1.2), end: end(segv, Cause::Itself) },
            )
        },
        WorkerView {
            gave_up: Some("5 restarts in 60 s".into()),
            restarts: 5,
            ..worker("three", "exit 3", State::Ended(exited(3)))
        },
        worker("migrate", "make migrate", State::Ended(exited(0))),
        worker("queue", "rq worker", State::Ended(end(asked, Cause::Stopped))),
        worker("loop", "while :; do :; done", State::Ended(end(killed, Cause::Killed))),
        worker(
            "typo",
            "npn start",
            State::Failed {
                error: "cannot run `npn`: not found in PATH; did you mean `npm`?".into(),
                code: 127,
                retry_at: None,
            },
        ),
        worker("later", "psql", State::Idle),
    ]
}

fn usages() -> Usages {
    let usage = |cpu, megabytes: u64, threads| Usage {
        cpu_percent: cpu,
        memory: megabytes << 20,
        threads,
        processes: 1,
        ..Usage::default()
    };
    let forgetful =
        Usage { zombies: 2, zombie_parent: Some(Pid(4125)), adopted: 1, ..usage(Some(0.0), 4, 1) };
    [
        ("api", usage(Some(3.1), 120, 11)),
        ("flood", usage(Some(99.8), 1, 1)),
        ("forgetful", forgetful),
        ("editor", usage(None, 9, 1)),
        ("stubborn", usage(Some(0.0), 2, 1)),
    ]
    .into_iter()
    .map(|(name, usage)| (name.into(), usage))
    .collect()
}

pub(super) fn snapshot(workers: Vec<WorkerView>, phase: Phase) -> Arc<Snapshot> {
    let workers = workers.into_iter().map(Arc::new).collect();
    Arc::new(Snapshot { sequence: 1, workers, phase })
}

/// What the chosen worker says, for as many columns and rows as there are in the tests.
pub(super) fn view() -> View {
    let plain = |text: &str| Span { text: text.into(), style: Style::default() };
    let green = Style { foreground: Color::Indexed(2), ..Style::default() };
    let bold = Style { attributes: Attributes::BOLD, ..Style::default() };
    let styled = |text: &str, style| Span { text: text.into(), style };
    let lines = [
        (Stream::Terminal, vec![plain("listening on :3000")]),
        (Stream::Ruling, vec![plain("exit 3, ran 2.1 s · 12:01:02")]),
        (Stream::Terminal, vec![styled("GET", bold), plain(" /shop "), styled("200", green)]),
        (Stream::Stderr, vec![plain("warning: Error in the error handler")]),
        (Stream::Terminal, vec![plain("宽 wide characters stay whole")]),
    ];
    let rows = lines.into_iter().enumerate().map(|(number, (stream, spans))| ViewRow {
        address: RowAddress::line(100 + number as u64),
        column: 0,
        stream,
        at: SystemTime::UNIX_EPOCH,
        before_at: None,
        spans: spans.into(),
        edges: Edges::default(),
    });
    View {
        rows: rows.collect(),
        cursor: Some(Cursor { column: 0, row: 5, shape: CursorShape::Block }),
        following: true,
        lines_below: 0,
        lines_total: 105,
        ..View::default()
    }
}

pub(super) fn model_of(workers: Vec<WorkerView>, phase: Phase, size: (u16, u16)) -> Model {
    let size = Size { columns: size.0, rows: size.1 };
    let mut model = Model::new(Keymap::default(), true, size, now());
    update(&mut model, Message::Facts(snapshot(workers, phase), Arc::new(usages())));
    model.view = view();
    model
}

pub(super) fn model(columns: u16, rows: u16) -> Model {
    model_of(workers(), Phase::Up, (columns, rows))
}

/// Keys by their names, or text between quotes.
pub(super) fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for word in keys.split_whitespace() {
        let keys: Vec<Key> = match word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')) {
            Some(text) => text.chars().map(|c| c.to_string().parse().unwrap()).collect(),
            None => vec![word.parse().unwrap()],
        };
        for key in keys {
            let event = Event::Key(KeyEvent::new(key.code, key.modifiers));
            effects.extend(update(model, Message::Input(event)));
        }
    }
    effects
}

pub(super) fn choose(model: &mut Model, name: &str) {
    model.list.chosen = Some(name.into());
    model.settle();
}

pub(super) fn frame(model: &Model) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, model.size.columns, model.size.rows));
    let cursor = draw::draw(model, &mut buffer);
    if let Some(at) = cursor {
        assert!(buffer.area.contains((at.column, at.row).into()), "{at:?}");
    }
    buffer
}

/// The frame as text, without the blanks at the ends of rows.
pub(super) fn text(model: &Model) -> String {
    let buffer = frame(model);
    let mut lines = Vec::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += unicode_width::UnicodeWidthStr::width(symbol).max(1) as u16;
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// A mouse event.
pub(super) fn mouse(
    model: &mut Model,
    kind: MouseEventKind,
    (column, row): (u16, u16),
    modifiers: KeyModifiers,
) -> Vec<Effect> {
    update(model, Message::Input(Event::Mouse(MouseEvent { kind, column, row, modifiers })))
}

/// The left button is pressed.
pub(super) fn down(model: &mut Model, at: (u16, u16)) -> Vec<Effect> {
    mouse(model, MouseEventKind::Down(MouseButton::Left), at, KeyModifiers::NONE)
}

/// The mouse moves while it is held.
pub(super) fn drag(model: &mut Model, at: (u16, u16)) -> Vec<Effect> {
    mouse(model, MouseEventKind::Drag(MouseButton::Left), at, KeyModifiers::NONE)
}

/// It is let go.
pub(super) fn up(model: &mut Model, at: (u16, u16)) -> Vec<Effect> {
    mouse(model, MouseEventKind::Up(MouseButton::Left), at, KeyModifiers::NONE)
}
