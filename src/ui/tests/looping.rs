//! The loop: the terminal taken and given back, one write a frame, nothing while nothing happens.

use super::fixtures::{snapshot, worker};
use crate::guest::{Board, Guest, Subscriber};
use crate::output::Output;
use crate::protocol::{Command, Phase, ScreenOrder, Size, State};
use crate::spec::WorkerName;
use crate::ui::keymap::Keymap;
use crate::ui::run::{Settings, run};
use crate::ui::surface::Surface;
use crossbeam_channel::{Receiver, Sender, unbounded};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(1);

/// What the screen did with its terminal.
#[derive(Debug, PartialEq, Eq)]
enum Did {
    Enter,
    Leave,
    Keys(u8),
    Write(Vec<u8>),
}

struct Fake {
    did: Sender<Did>,
    size: Receiver<Size>,
    last: Size,
    broken: bool,
}

impl Surface for Fake {
    fn enter(&mut self) -> io::Result<()> {
        self.did.send(Did::Enter).map_err(io::Error::other)
    }

    fn leave(&mut self) -> io::Result<()> {
        self.did.send(Did::Leave).map_err(io::Error::other)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size.try_iter().last().unwrap_or(self.last))
    }

    fn ask_keys(&mut self, flags: u8) -> io::Result<()> {
        self.did.send(Did::Keys(flags)).map_err(io::Error::other)
    }

    fn write(&mut self, frame: &[u8]) -> io::Result<()> {
        if self.broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.did.send(Did::Write(frame.to_vec())).map_err(io::Error::other)
    }
}

/// A screen on a thread of its own and all its ends.
struct Stage {
    orders: Sender<ScreenOrder>,
    input: Sender<Event>,
    inbox: Receiver<Command>,
    did: Receiver<Did>,
    size: Sender<Size>,
    subscriber: Subscriber,
    board: Arc<Board>,
    thread: JoinHandle<()>,
}

impl Stage {
    fn new(broken: bool) -> Self {
        let (commands, inbox) = unbounded();
        let (orders, orders_out) = unbounded();
        let (input, input_out) = unbounded();
        let (did_in, did) = unbounded();
        let (size, size_out) = unbounded();
        let board = Arc::new(Board::default());
        // Nothing counts down here, so that nothing is drawn by itself.
        board.publish(snapshot(vec![worker("later", "psql", State::Idle)], Phase::Up));
        let pane = Output::new(Size { columns: 80, rows: 24 }, true);
        let outputs = crate::guest::Outputs::default();
        outputs.add(WorkerName::from("later"), Arc::new(pane));
        let (guest, subscriber) = Guest::new(commands, Arc::clone(&board), outputs);
        let last = Size { columns: 80, rows: 24 };
        let mut surface = Fake { did: did_in, size: size_out, last, broken };
        let thread = std::thread::spawn(move || {
            #[expect(clippy::disallowed_methods, reason = "the loop's deadlines are real here")]
            let now = std::time::Instant::now;
            let settings = Settings {
                keymap: Keymap::default(),
                color: true,
                now,
                wall: || std::time::SystemTime::UNIX_EPOCH,
                zone: jiff::tz::TimeZone::UTC,
                desk: crate::takeout::Desk::new(guest.clone(), None),
            };
            run(&guest, &orders_out, &input_out, &mut surface, settings);
        });
        Self { orders, input, inbox, did, size, subscriber, board, thread }
    }

    fn next(&self) -> Did {
        self.did.recv_timeout(PATIENCE).expect("the screen does something")
    }

    fn frame(&self) -> String {
        match self.next() {
            Did::Write(bytes) => String::from_utf8(bytes).unwrap(),
            other @ (Did::Enter | Did::Leave | Did::Keys(_)) => panic!("not a frame: {other:?}"),
        }
    }

    fn command(&self) -> Command {
        self.inbox.recv_timeout(PATIENCE).expect("the screen asks for something")
    }

    fn key(&self, c: char) {
        let event = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        self.input.send(Event::Key(event)).unwrap();
    }
}

fn pane(columns: u16, rows: u16) -> Command {
    Command::Resize(Size { columns, rows })
}

#[test]
fn the_terminal_is_taken_lent_out_and_given_back() {
    let stage = Stage::new(false);
    assert_eq!(stage.next(), Did::Enter);
    assert_eq!(stage.command(), pane(80, 18));
    let first = stage.frame();
    assert!(first.starts_with("\x1b[?2026h") && first.ends_with("\x1b[?2026l"), "{first:?}");
    assert!(first.contains("\x1b[2J"));

    stage.orders.send(ScreenOrder::Leave).unwrap();
    assert_eq!(stage.frame(), "\x1b[0 q\x1b[0m");
    assert_eq!(stage.next(), Did::Leave);
    assert_eq!(stage.command(), Command::ScreenLeft);

    stage.orders.send(ScreenOrder::Enter).unwrap();
    assert_eq!(stage.next(), Did::Enter);
    assert!(stage.frame().contains("\x1b[2J"), "everything is drawn anew");

    stage.orders.send(ScreenOrder::Close).unwrap();
    assert_eq!(stage.frame(), "\x1b[0 q\x1b[0m");
    assert_eq!(stage.next(), Did::Leave);
    stage.thread.join().unwrap();
    assert_eq!(stage.inbox.try_iter().count(), 0);
}

#[test]
fn keys_become_commands_and_sizes_reach_the_panes() {
    let stage = Stage::new(false);
    assert_eq!(stage.command(), pane(80, 18));
    stage.input.send(Event::Key(KeyEvent::new(KeyCode::Char(' '), KeyModifiers::NONE))).unwrap();
    assert_eq!(stage.command(), Command::Start("later".into()));
    stage.key('z');
    assert_eq!(stage.command(), pane(80, 20));
    stage.size.send(Size { columns: 40, rows: 10 }).unwrap();
    stage.orders.send(ScreenOrder::Resized).unwrap();
    assert_eq!(stage.command(), pane(40, 6));
    stage.orders.send(ScreenOrder::Close).unwrap();
    stage.thread.join().unwrap();
}

#[test]
fn what_changes_nothing_on_the_screen_is_not_written() {
    let mut stage = Stage::new(false);
    assert_eq!(stage.next(), Did::Enter);
    stage.frame();
    for _ in 0..100 {
        stage.subscriber.wake();
    }
    // Had a wake-up been drawn, this would not be the next frame.
    stage.subscriber.tell(crate::protocol::Update::Notice("the disk is full".into()));
    assert!(stage.frame().contains("disk"));
    stage.orders.send(ScreenOrder::Close).unwrap();
    stage.thread.join().unwrap();
}

/// A terminal that knows synchronized updates (mode 2026) shows all of a frame or nothing of it; others
/// ignore the marks.
#[test]
fn each_frame_is_one_write_between_the_marks_of_an_update() {
    let mut stage = Stage::new(false);
    assert_eq!(stage.next(), Did::Enter);
    stage.frame();
    for number in 0..5 {
        stage.subscriber.tell(crate::protocol::Update::Notice(format!("notice {number}").into()));
        let frame = stage.frame();
        assert!(frame.starts_with("\x1b[?2026h") && frame.ends_with("\x1b[?2026l"), "{frame:?}");
        assert_eq!(frame.matches("\x1b[?2026").count(), 2, "{frame:?}");
        // Of the text only what differs from the notice before is drawn.
        assert!(frame.contains(&number.to_string()), "{frame:?}");
    }
    stage.orders.send(ScreenOrder::Close).unwrap();
    stage.thread.join().unwrap();
}

#[test]
fn ctrl_l_clears_the_screen_and_draws_it_anew() {
    let stage = Stage::new(false);
    assert_eq!(stage.next(), Did::Enter);
    stage.frame();
    stage.input.send(Event::Key(KeyEvent::new(KeyCode::Char('l'), KeyModifiers::CONTROL))).unwrap();
    let frame = stage.frame();
    assert!(frame.contains("\x1b[2J") && frame.contains("later"), "{frame:?}");
    stage.orders.send(ScreenOrder::Close).unwrap();
    stage.thread.join().unwrap();
}

#[test]
fn a_terminal_that_fails_is_told() {
    let stage = Stage::new(true);
    assert_eq!(stage.command(), pane(80, 18));
    assert_eq!(stage.command(), Command::TerminalLost);
    stage.thread.join().unwrap();
}

#[test]
fn the_screen_ends_when_everything_is_over_or_nobody_orders_it() {
    let stage = Stage::new(false);
    assert_eq!(stage.next(), Did::Enter);
    stage.board.publish(Arc::new(crate::protocol::Snapshot {
        sequence: 2,
        workers: Vec::new(),
        phase: Phase::Over,
    }));
    stage.subscriber.wake();
    stage.thread.join().unwrap();
    assert_eq!(stage.did.try_iter().last(), Some(Did::Leave));

    let stage = Stage::new(false);
    drop(stage.orders);
    drop(stage.input);
    stage.thread.join().unwrap();
    assert_eq!(stage.did.try_iter().last(), Some(Did::Leave));
}
