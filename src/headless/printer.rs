//! The printer's loop: lines and updates, in an order that makes sense to a reader.

use super::lines::Lines;
use super::paint::Paint;
use super::prefix::{Prefix, prefix, widest};
use super::sink::{Out, Sink, Written};
use super::summary::summary;
use crate::guest::Guest;
use crate::output::recolored;
use crate::protocol::{Command, Phase, Snapshot, Update};
use crate::spec::WorkerName;
use crossbeam_channel::{Select, TryRecvError};
use std::io::Write;
use std::time::Duration;

/// What is taken of one worker before it is the next one's turn: a flood starves nobody.
const TURN_BYTES: usize = 64 * 1024;
/// How long until a writer that failed is tried again, and how long news wait for one that takes nothing.
const RETRY: Duration = Duration::from_millis(50);
/// How often the last words on standard error are tried again: for three seconds.
const LAST_TRIES: u8 = 60;
/// A reader that takes nothing for so many times as long does not read: what happens is told before what
/// was said then. Shorter than the time that we have where we are asked to end.
const PATIENCE: u8 = 8;

/// What happens where lines come faster than standard output is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum OnFull {
    /// The workers wait: no line is lost
    #[default]
    Block,
    /// Lines are skipped, and how many is told: no worker waits
    Drop,
}

/// How it prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether standard output gets colours: the prefixes' and the workers' own.
    pub colors_out: bool,
    /// Whether standard error gets colours.
    pub colors_err: bool,
    /// What happens where lines come faster than standard output is read.
    pub on_full: OnFull,
}

/// Prints until the supervisor is over and everything that the workers said is printed, then a
/// summary. To be run on a thread of its own: only this thread waits for a slow reader.
///
/// Lines of workers go to `out`, which is not waited for where nobody reads it; what happens to them and
/// the summary to `err`. Where the reader of `out` went away, it sends [`Command::ReaderGone`] and goes on
/// with `err` alone. Any other error is told once, and the lines are written when it works again.
///
/// Whether all that was said is printed, or its reader left before.
pub fn run(guest: &Guest, settings: Settings, out: impl Out, err: impl Write) -> bool {
    Printer::new(guest, guest, settings, out, err).run()
}

/// One worker's place in the output.
#[derive(Debug)]
struct Place {
    name: WorkerName,
    prefix: Prefix,
    paint: Paint,
    next: u64,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the two streams")]
struct Printer<'a, L, O, E> {
    guest: &'a Guest,
    lines: &'a L,
    settings: Settings,
    out: Sink<O>,
    err: Sink<E>,
    places: Vec<Place>,
    /// Standard output takes nothing right now, but may again.
    out_later: bool,
    /// For how many times [`RETRY`] it took nothing.
    stalled: u8,
    /// The summary was told.
    summed_up: bool,
    error_told: bool,
    /// Standard output does not work: no worker is to wait for it.
    failing: bool,
    /// That workers wait for the reader was told.
    waits_told: bool,
    /// Lines went while standard output did not work.
    lost: bool,
    supervisor_gone: bool,
}

impl<'a, L: Lines, O: Out, E: Write> Printer<'a, L, O, E> {
    fn new(guest: &'a Guest, lines: &'a L, settings: Settings, out: O, err: E) -> Self {
        Self {
            guest,
            lines,
            settings,
            out: Sink::new(out),
            err: Sink::new(err),
            places: Vec::new(),
            out_later: false,
            stalled: 0,
            summed_up: false,
            error_told: false,
            failing: false,
            waits_told: false,
            lost: false,
            supervisor_gone: false,
        }
    }

    fn run(mut self) -> bool {
        loop {
            // Read before anything else: what is over by now has said all that it ever will.
            let snapshot = self.guest.board().snapshot();
            let over = snapshot.phase == Phase::Over || self.supervisor_gone;
            self.arrange(&snapshot);
            self.tell_updates();
            let more = self.print_turn();
            if more {
                continue;
            }
            if over && !self.out_later {
                break self.finish();
            }
            if over && self.is_stalled() {
                self.sum_up();
            }
            self.wait();
        }
    }

    /// Gives every worker its place. Workers that have one keep what was printed of them.
    fn arrange(&mut self, snapshot: &Snapshot) {
        let known = self.places.iter().map(|place| &place.name);
        if known.eq(snapshot.workers.iter().map(|worker| &worker.name)) {
            return;
        }
        let width = widest(snapshot.workers.iter().map(AsRef::as_ref));
        let before = std::mem::take(&mut self.places);
        for (index, worker) in snapshot.workers.iter().enumerate() {
            let printed = before.iter().find(|place| place.name == worker.name);
            self.places.push(Place {
                name: worker.name.clone(),
                prefix: prefix(worker, index, width, self.settings.colors_out),
                paint: Paint::of_name(worker.color, index),
                next: printed.map_or(0, |place| place.next),
            });
            self.say_printed(index);
        }
    }

    fn tell_updates(&mut self) {
        loop {
            match self.guest.updates().try_recv() {
                Ok(update) => self.tell(&update),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.supervisor_gone = true;
                    break;
                }
            }
        }
        self.write_err();
    }

    fn tell(&mut self, update: &Update) {
        if let Update::Ended(name, _) | Update::Zombie(name, _) = update {
            // What was told so far happened before these lines.
            self.write_err();
            self.print_rest_of(name);
        }
        let place = self.places.iter().find(|place| Some(&place.name) == update.worker());
        let paint = place.map_or(Paint::Plain, |place| place.paint);
        let subject = update.worker().map(|name| (name.clone(), paint));
        self.say(subject, paint_of(update), &update.to_string());
    }

    /// One line on standard error: `minder: api: started, pid 7`.
    fn say(&mut self, subject: Option<(WorkerName, Paint)>, paint: Paint, text: &str) {
        let colors = self.settings.colors_err;
        let mut line = format!("{} ", Paint::Dim.on("minder:", colors));
        if let Some((name, paint)) = subject {
            line += &paint.on(name, colors).to_string();
            line += ": ";
        }
        // What was said may quote a file's name or a command, with anything in it.
        let mut readable = Vec::new();
        recolored(text.as_bytes(), false, &mut readable);
        let readable = String::from_utf8_lossy(&readable);
        line += &paint.on(readable, colors).to_string();
        line.push('\n');
        self.err.buffer().extend_from_slice(line.as_bytes());
    }

    /// Prints what every worker said, a turn's worth of each. Whether there may be more.
    fn print_turn(&mut self) -> bool {
        // Then nothing is taken in this turn.
        let mut more = self.out.waiting() >= TURN_BYTES;
        for index in 0..self.places.len() {
            more |= self.take(index);
        }
        self.write_out();
        self.write_err();
        more && self.out.waiting() == 0
    }

    /// Prints what a worker that ended said last, so that its end is told after it.
    fn print_rest_of(&mut self, name: &WorkerName) {
        let Some(index) = self.places.iter().position(|place| place.name == *name) else { return };
        // As far as it is now: the next run may be pouring already.
        let end = self.lines.end(name);
        loop {
            let any = self.places[index].next < end && self.take(index);
            self.write_out();
            if self.out_later && !self.is_stalled() {
                self.await_reader();
            } else if !any {
                break;
            }
        }
    }

    /// Whether nobody seems to read.
    fn is_stalled(&self) -> bool {
        self.stalled >= PATIENCE
    }

    /// Waits a moment for a reader that takes nothing.
    fn await_reader(&mut self) {
        if !self.out.await_room(RETRY) {
            self.stalled = self.stalled.saturating_add(1);
        }
    }

    /// Moves one turn's worth of a worker's lines into the buffer. Whether there were any.
    fn take(&mut self, index: usize) -> bool {
        // What cannot be written stays in the worker's log, which has a budget; here it has none.
        if self.out.is_gone() {
            return false;
        }
        if self.settings.on_full == OnFull::Block {
            self.say_waits(index);
        }
        if self.out.waiting() >= TURN_BYTES {
            return false;
        }
        if self.settings.on_full == OnFull::Drop {
            self.skip(index);
        }
        let place = &mut self.places[index];
        let (colors, buffer) = (self.settings.colors_out, self.out.buffer());
        let taken = self.lines.take(&place.name, place.next, TURN_BYTES, &mut |line| {
            if let Some(prefix) = place.prefix.of(line.stream) {
                buffer.extend_from_slice(prefix.as_bytes());
                recolored(line.bytes, colors, buffer);
                buffer.push(b'\n');
            }
        });
        let any = taken.next > place.next;
        place.next = taken.next;
        self.say_printed(index);
        if taken.dropped > 0 {
            self.lost |= self.error_told;
            self.say_dropped(index, taken.dropped);
        }
        any
    }

    /// Lets the worker go on that waited for what was taken now.
    fn say_printed(&self, index: usize) {
        let place = &self.places[index];
        let waits = !self.failing && self.settings.on_full == OnFull::Block;
        self.lines.printed(&place.name, waits.then_some(place.next));
    }

    /// Skips what is too far behind.
    fn skip(&mut self, index: usize) {
        let place = &mut self.places[index];
        if let Some(line) = self.lines.recent(&place.name, place.next) {
            let skipped = line - place.next;
            place.next = line;
            let subject = Some((place.name.clone(), place.paint));
            let text = format!("{skipped} lines are skipped here: they come faster than they are read");
            self.say(subject, Paint::Bad, &text);
        }
    }

    /// Says once, for all of them, that a worker waits.
    fn say_waits(&mut self, index: usize) {
        let place = &self.places[index];
        if !self.waits_told && self.lines.waits(&place.name) {
            self.waits_told = true;
            let subject = Some((place.name.clone(), place.paint));
            let text =
                "waits: its lines come faster than they are read (`--on-full drop` skips lines instead)";
            self.say(subject, Paint::Plain, text);
        }
    }

    fn say_dropped(&mut self, index: usize, dropped: u64) {
        let place = &self.places[index];
        let subject = Some((place.name.clone(), place.paint));
        let text = format!("{dropped} lines are missing here: they came faster than they are read");
        self.say(subject, Paint::Bad, &text);
    }

    fn write_out(&mut self) {
        let waited = self.out.waiting();
        let written = self.out.write();
        if self.out.waiting() < waited {
            self.stalled = 0;
        }
        self.out_later = matches!(written, Written::Later);
        let failing = matches!(written, Written::Gone | Written::Failed(_));
        if failing != self.failing {
            self.failing = failing;
            (0..self.places.len()).for_each(|index| self.say_printed(index));
        }
        match written {
            Written::Gone => self.guest.send(Command::ReaderGone),
            Written::Failed(error) if !self.error_told => {
                self.error_told = true;
                let text = format!("cannot write to standard output: {error}; trying on");
                self.say(None, Paint::Bad, &text);
            }
            Written::All | Written::Later | Written::Failed(_) => {}
        }
    }

    /// Standard error has nobody to complain to: what fails is tried again with the next line, and
    /// a reader that went is no reason to stop the workers.
    ///
    /// True where it is full and its reader may take more later.
    fn write_err(&mut self) -> bool {
        let written = self.err.write();
        // Bounded: a full disk must not fill the memory too.
        if matches!(written, Written::Later | Written::Failed(_)) && self.err.waiting() > TURN_BYTES {
            self.err.forget();
        }
        matches!(written, Written::Later)
    }

    fn wait(&mut self) {
        if self.out_later {
            return self.await_reader();
        }
        if self.out.waiting() > 0 {
            // No event tells that a writer works again, and news cannot be printed until it does.
            let _ = crossbeam_channel::after(RETRY).recv();
            return;
        }
        let mut select = Select::new();
        select.recv(self.guest.updates());
        select.recv(self.guest.changed());
        select.ready();
        // Taken before the next look, so that a change during that look wakes again.
        let _ = self.guest.changed().try_recv();
    }

    fn finish(mut self) -> bool {
        self.write_out();
        if self.out.waiting() > 0 {
            self.lost = true;
            self.say(None, Paint::Bad, "the last of the output could not be written");
        }
        self.sum_up();
        let mut left = LAST_TRIES;
        while self.write_err() && left > 0 {
            // Somebody made it non-blocking, and its reader is slow: how all ended is worth some seconds.
            left -= 1;
            let _ = crossbeam_channel::after(RETRY).recv();
        }
        !self.lost
    }

    /// Tells how all of them ended, once.
    fn sum_up(&mut self) {
        if std::mem::replace(&mut self.summed_up, true) {
            return;
        }
        if self.out_later {
            self.say(None, Paint::Plain, "standard output is not read: what is left waits for its reader");
        }
        let snapshot = self.guest.board().snapshot();
        let table = summary(snapshot.workers.iter().map(AsRef::as_ref), self.settings.colors_err);
        self.err.buffer().extend_from_slice(table.as_bytes());
    }
}

/// Trouble is red, the rest is as it is.
fn paint_of(update: &Update) -> Paint {
    match update {
        Update::Failed(..)
        | Update::Unresponsive(..)
        | Update::Escalated(..)
        | Update::Skipped(..)
        | Update::Missing(..)
        | Update::GaveUp(..)
        | Update::Lagged(_)
        | Update::Left(..)
        | Update::Holding(..)
        | Update::Runaway(..)
        | Update::Killing => Paint::Bad,
        Update::Ended(_, end) | Update::Zombie(_, end) if !end.well() => Paint::Bad,
        Update::Started(..)
        | Update::StartedThread(..)
        | Update::Asked(..)
        | Update::Progress(..)
        | Update::Returned(..)
        | Update::Stopping(..)
        | Update::Signaled(..)
        | Update::Suspended(..)
        | Update::Continued(_)
        | Update::Ended(..)
        | Update::Zombie(..)
        | Update::Reaped(..)
        | Update::Backoff(..)
        | Update::Tamed(..)
        | Update::NextRun(..)
        | Update::Found(..)
        | Update::LeftAlone(_)
        | Update::Queued(_)
        | Update::Replaced(_)
        | Update::TimerStopped(_)
        | Update::Quitting(_)
        | Update::Notice(_) => Paint::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Fickle, Said, exited, worker};
    use super::*;
    use crate::guest::{Board, Subscriber};
    use crate::output::Stream;
    use crate::protocol::{Pid, State, WorkerView};
    use crossbeam_channel::Receiver;
    use std::io::ErrorKind;
    use std::sync::Arc;

    /// A guest, what it sends, and the supervisor's end of it.
    struct Scene {
        guest: Guest,
        inbox: Receiver<Command>,
        board: Arc<Board>,
        subscriber: Subscriber,
        said: Said,
        out: Fickle,
        err: Fickle,
    }

    impl Scene {
        fn new(workers: Vec<WorkerView>) -> Self {
            let (commands, inbox) = crossbeam_channel::unbounded();
            let board = Arc::new(Board::default());
            let (guest, subscriber) =
                Guest::new(commands, Arc::clone(&board), crate::guest::Outputs::default());
            let scene = Self {
                guest,
                inbox,
                board,
                subscriber,
                said: Said::default(),
                out: Fickle::default(),
                err: Fickle::default(),
            };
            scene.publish(workers, Phase::Up);
            scene
        }

        fn publish(&self, workers: Vec<WorkerView>, phase: Phase) {
            let workers = workers.into_iter().map(Arc::new).collect();
            self.board.publish(Arc::new(Snapshot { sequence: 0, workers, phase }));
            self.subscriber.wake();
        }

        fn over(&self, workers: Vec<WorkerView>) {
            self.publish(workers, Phase::Over);
        }

        fn print(&self, settings: Settings) -> bool {
            let (out, err) = (self.out.clone(), self.err.clone());
            Printer::new(&self.guest, &self.said, settings, out, err).run()
        }
    }

    fn idle(names: &[&str]) -> Vec<WorkerView> {
        names.iter().map(|name| worker(name, State::Idle)).collect()
    }

    #[test]
    fn lines_are_prefixed_and_told_apart_and_the_summary_comes_last() {
        let mut scene = Scene::new(idle(&["api", "database"]));
        let end = exited(3, 2);
        scene.said.say("api", Stream::Stdout, &["one", "two"]);
        scene.said.say("api", Stream::Stderr, &["oh no"]);
        scene.said.say("api", Stream::Ruling, &["exit 3"]);
        scene.said.say("database", Stream::Terminal, &["ready"]);
        scene.subscriber.tell(Update::Started("api".into(), Pid(7)));
        scene.subscriber.tell(Update::Ended("api".into(), end));
        scene.subscriber.tell(Update::Quitting(None));
        scene.over(vec![worker("api", State::Ended(end)), worker("database", State::Idle)]);
        scene.print(Settings::default());
        insta::assert_snapshot!(format!("{}---\n{}", scene.out.text(), scene.err.text()));
    }

    #[test]
    fn what_is_too_far_behind_is_skipped_or_waited_for_and_told() {
        let print = |on_full| {
            let scene = Scene::new(idle(&["api"]));
            scene.said.say("api", Stream::Stdout, &["1", "2", "3"]);
            scene.said.set_waits("api");
            scene.said.set_recent("api", 2);
            scene.over(idle(&["api"]));
            assert!(scene.print(Settings { on_full, ..Settings::default() }));
            (scene.out.text().lines().count(), scene.err.text())
        };
        let (printed, told) = print(OnFull::Drop);
        assert_eq!(printed, 1);
        assert!(told.contains("api: 2 lines are skipped here"), "{told}");
        let (printed, told) = print(OnFull::Block);
        assert_eq!((printed, told.matches("api: waits").count()), (3, 1), "{told}");
    }

    #[test]
    fn colours_are_for_each_stream_by_itself() {
        let print = |colors_out| {
            let mut scene = Scene::new(idle(&["api"]));
            let said = "\u{1b}[32mgreen\u{1b}[m \u{1b}]0;title\u{7}x";
            scene.said.say("api", Stream::Terminal, &[said]);
            let error = "no \u{1b}[2Jsuch file";
            scene.subscriber.tell(Update::Failed("api".into(), error.into()));
            scene.over(idle(&["api"]));
            scene.print(Settings { colors_out, colors_err: !colors_out, ..Settings::default() });
            (scene.out.text(), scene.err.text())
        };
        let (out, err) = print(true);
        assert!(out.starts_with("\u{1b}[36mapi │\u{1b}[0m \u{1b}"), "{out:?}");
        assert!(out.contains("green") && !out.contains("title"), "{out:?}");
        assert!(err.starts_with("minder: api: could not be started: no such file\n"), "{err:?}");
        let (out, err) = print(false);
        assert_eq!(out, "api │ green x\n");
        assert!(err.starts_with("\u{1b}[2mminder:\u{1b}[0m \u{1b}[36mapi\u{1b}[0m: "), "{err:?}");
        assert!(err.contains("\u{1b}[31mcould not be started: no such file\u{1b}[0m\n"), "{err:?}");
    }

    #[test]
    fn the_last_lines_come_before_the_end_even_of_a_flood() {
        let mut scene = Scene::new(idle(&["api"]));
        // Both streams into one, as on a terminal.
        scene.err = scene.out.clone();
        let lines: Vec<String> = (0..10_000).map(|number| format!("line {number}")).collect();
        scene.said.say("api", Stream::Stdout, &lines);
        scene.subscriber.tell(Update::Started("api".into(), Pid(7)));
        scene.subscriber.tell(Update::Ended("api".into(), exited(0, 1)));
        scene.over(idle(&["api"]));
        scene.print(Settings::default());
        let text = scene.out.text();
        let printed: Vec<_> = text.lines().collect();
        assert_eq!(printed[0], "minder: api: started, pid 7");
        assert!(printed[1..=10_000].iter().zip(&lines).all(|(row, line)| row.ends_with(line)));
        assert_eq!(printed[10_001], "minder: api: exit 0, ran 1.0 s");
    }

    #[test]
    fn a_reader_that_went_is_told_to_the_supervisor_once() {
        let mut scene = Scene::new(idle(&["api"]));
        scene.said.say("api", Stream::Stdout, &["x"]);
        scene.out.take_then_fail(0, ErrorKind::BrokenPipe);
        scene.subscriber.tell(Update::Ended("api".into(), exited(0, 1)));
        scene.over(idle(&["api"]));
        scene.print(Settings::default());
        assert_eq!(scene.inbox.try_iter().collect::<Vec<_>>(), [Command::ReaderGone]);
        assert!(scene.err.text().contains("api: exit 0"), "{}", scene.err.text());
    }

    #[test]
    fn a_full_disk_is_told_once_and_what_was_kept_is_written_when_there_is_room() {
        let scene = Scene::new(idle(&["api"]));
        scene.said.say("api", Stream::Stdout, &["one"]);
        scene.out.take_then_fail(3, ErrorKind::StorageFull);
        std::thread::scope(|threads| {
            let printing = threads.spawn(|| scene.print(Settings::default()));
            scene.out.await_failures(3);
            scene.said.say("api", Stream::Stdout, &["two"]);
            scene.out.take_all();
            scene.out.await_text("two");
            scene.over(idle(&["api"]));
            assert!(printing.join().unwrap());
        });
        assert_eq!(scene.out.text(), "api │ one\napi │ two\n");
        assert_eq!(scene.err.text().matches("cannot write to standard output").count(), 1);
        assert_eq!(scene.inbox.try_iter().count(), 0);
    }

    #[test]
    fn a_slow_reader_gets_everything_even_when_all_is_over() {
        let scene = Scene::new(idle(&["api"]));
        scene.said.say("api", Stream::Stdout, &["one", "two"]);
        scene.out.take_then_fail(3, ErrorKind::WouldBlock);
        scene.over(idle(&["api"]));
        std::thread::scope(|threads| {
            let printing = threads.spawn(|| scene.print(Settings::default()));
            scene.out.await_failures(2);
            scene.out.take_all();
            printing.join().unwrap();
        });
        assert_eq!(scene.out.text(), "api │ one\napi │ two\n");
        assert!(!scene.err.text().contains("cannot write"), "{}", scene.err.text());
    }

    #[test]
    fn what_happens_is_told_while_nobody_reads_the_lines() {
        let mut scene = Scene::new(idle(&["api"]));
        // More than is taken before some of it is written.
        let lines: Vec<String> = (0..50_000).map(|number| format!("line {number}")).collect();
        scene.said.say("api", Stream::Stdout, &lines);
        scene.said.set_waits("api");
        scene.out.take_then_fail(3, ErrorKind::WouldBlock);
        scene.subscriber.tell(Update::Ended("api".into(), exited(3, 1)));
        scene.over(vec![worker("api", State::Ended(exited(3, 1)))]);
        std::thread::scope(|threads| {
            let printing = threads.spawn(|| scene.print(Settings::default()));
            for told in ["api: waits", "api: exit 3", "standard output is not read", "NAME"] {
                scene.err.await_text(told);
            }
            scene.out.take_all();
            assert!(printing.join().unwrap());
        });
        assert!(scene.out.text().lines().eq(lines.iter().map(|line| format!("api │ {line}"))));
        assert_eq!(scene.err.text().matches("exit 3").count(), 2, "{}", scene.err.text());
    }

    #[test]
    fn a_disk_that_stays_full_does_not_keep_it_from_ending() {
        let scene = Scene::new(idle(&["api"]));
        scene.said.say("api", Stream::Stdout, &["one"]);
        scene.out.take_then_fail(0, ErrorKind::StorageFull);
        scene.over(idle(&["api"]));
        assert!(!scene.print(Settings::default()));
        assert!(scene.err.text().contains("could not be written"), "{}", scene.err.text());
    }

    #[test]
    fn lines_that_went_unread_are_told() {
        let scene = Scene::new(idle(&["api"]));
        scene.said.say("api", Stream::Stdout, &["one", "two", "three"]);
        scene.said.drop_first("api", 2);
        scene.over(idle(&["api"]));
        scene.print(Settings::default());
        assert_eq!(scene.out.text(), "api │ three\n");
        assert!(scene.err.text().contains("api: 2 lines are missing"), "{}", scene.err.text());
    }

    #[test]
    fn it_ends_when_the_supervisor_is_gone_without_a_word() {
        let Scene { guest, subscriber, said, out, err, .. } = Scene::new(idle(&["api"]));
        said.say("api", Stream::Stdout, &["one"]);
        drop(subscriber);
        Printer::new(&guest, &said, Settings::default(), out.clone(), err).run();
        assert_eq!(out.text(), "api │ one\n");
    }
}
