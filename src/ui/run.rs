//! The screen's loop: waits for orders, keys, facts and its frame clock, and draws when something
//! changed. Decides nothing: that is `update`'s.

use super::canvas::Canvas;
use super::draw;
use super::keymap::Keymap;
use super::model::Model;
use super::reading;
use super::reading::finder::{Finder, Sought};
use super::selection;
use super::surface::Surface;
use super::takeout::{self, Doing, Source};
use super::update::{Effect, Message, Scroll, update};
use crate::guest::Guest;
use crate::output::{Excerpt, Keep, KeyFlags, Output};
use crate::protocol::{Command, Phase, ScreenOrder, Size, Update, WorkerView};
use crate::spec::WorkerName;
use crate::takeout::{Desk, Task};
use crossbeam_channel::{Receiver, RecvError, Select, TryRecvError};
use crossterm::event::Event;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// Sixty frames a second at most.
const FRAME: Duration = Duration::from_micros(16_667);
/// So many keys are taken between two frames at most.
const KEYS_PER_TURN: usize = 256;

/// How often a search may go on in one turn: around its own worker, and on to the next one.
const LOOKS_PER_TURN: usize = 4;

/// What the screen is told once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which key does what.
    pub keymap: Keymap,
    /// Whether colours are wanted; without, words, glyphs and attributes say everything.
    pub color: bool,
    /// The monotonic clock.
    pub now: fn() -> Instant,
    /// The wall's clock, for times that are shown and typed.
    pub wall: fn() -> SystemTime,
    /// Where its people are.
    pub zone: TimeZone,
    /// Where what workers said is taken out.
    pub desk: Desk,
}

/// Runs the screen until it is told to close or everything is over. Blocks; meant for a thread of
/// its own.
///
/// A terminal that fails is told as [`Command::TerminalLost`].
pub fn run(
    guest: &Guest,
    orders: &Receiver<ScreenOrder>,
    input: &Receiver<Event>,
    terminal: &mut impl Surface,
    settings: Settings,
) {
    // The theme decides about colours. crossterm, left to NO_COLOR, would write `CSI ; m` in place
    // of each colour, which resets bold and reverse too.
    crossterm::style::force_color_output(true);
    let now = settings.now;
    let size = Size { columns: 80, rows: 24 };
    let mut model = Model::new(settings.keymap, settings.color, size, now());
    model.zone = settings.zone;
    let screen = Screen {
        guest,
        orders,
        input: Some(input),
        terminal,
        desk: settings.desk,
        model,
        finder: Finder::default(),
        canvas: Canvas::new(),
        now,
        wall: settings.wall,
        told_size: None,
        told_sizes: Vec::new(),
        drawn_at: None,
        asked_keys: KeyFlags::NONE,
        news: true,
        changed: true,
    };
    if screen.run().is_err() {
        guest.send(Command::TerminalLost);
    }
}

/// Whether the loop goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    GoOn,
    Over,
}

struct Screen<'a, S> {
    guest: &'a Guest,
    orders: &'a Receiver<ScreenOrder>,
    /// `None` once nobody sends any more.
    input: Option<&'a Receiver<Event>>,
    terminal: &'a mut S,
    desk: Desk,
    model: Model,
    finder: Finder,
    canvas: Canvas,
    now: fn() -> Instant,
    wall: fn() -> SystemTime,
    /// The panes' size as the supervisor was last told, and those of panes that have one of their own.
    told_size: Option<Size>,
    told_sizes: Vec<(WorkerName, Size)>,
    drawn_at: Option<Instant>,
    /// How keys were asked for of the terminal.
    asked_keys: KeyFlags,
    /// The board or an output has something new.
    news: bool,
    /// The model has something new.
    changed: bool,
}

impl<S: Surface> Screen<'_, S> {
    fn run(mut self) -> io::Result<()> {
        self.take_terminal()?;
        self.take_facts()?;
        while self.turn()? == Flow::GoOn {}
        Ok(())
    }

    fn turn(&mut self) -> io::Result<Flow> {
        self.wait();
        self.model.now = (self.now)();
        if self.take_orders()? == Flow::Over {
            return Ok(Flow::Over);
        }
        self.take_input()?;
        self.take_news()?;
        self.seek()?;
        if self.guest.changed().try_recv().is_ok() {
            self.news = true;
        }
        if self.wakes_at().is_some_and(|at| at <= self.model.now) {
            self.model.expire();
            self.changed = true;
            let effects = selection::tick(&mut self.model);
            self.carry_out(effects)?;
        }
        if self.frame_due().is_some_and(|due| due <= self.model.now) {
            self.draw()?;
        }
        if self.model.snapshot.phase == Phase::Over {
            self.leave()?;
            return Ok(Flow::Over);
        }
        Ok(Flow::GoOn)
    }

    /// When the next frame may be drawn, if there is anything to draw.
    fn frame_due(&self) -> Option<Instant> {
        let wanted = self.news || self.changed;
        wanted.then(|| self.drawn_at.map_or(self.model.now, |at| at + FRAME))
    }

    /// When the screen changes by itself.
    fn wakes_at(&self) -> Option<Instant> {
        self.model.wakes_at(self.drawn_at?)
    }

    /// Until something is to be done.
    fn wait(&self) {
        let mut select = Select::new();
        select.recv(self.orders);
        select.recv(self.desk.news());
        if let Some(input) = self.input {
            select.recv(input);
        }
        if !self.news {
            // Known news wait for the frame clock alone: a flood does not wake us for each read.
            select.recv(self.guest.changed());
        }
        match self.frame_due().or_else(|| self.wakes_at()) {
            // Nothing was ready in time: that is what the deadline is for.
            Some(deadline) => drop(select.ready_deadline(deadline)),
            None => drop(select.ready()),
        }
    }

    fn take_orders(&mut self) -> io::Result<Flow> {
        loop {
            match self.orders.try_recv() {
                Ok(order) => {
                    if self.obey(order)? == Flow::Over {
                        return Ok(Flow::Over);
                    }
                }
                Err(TryRecvError::Empty) => return Ok(Flow::GoOn),
                Err(TryRecvError::Disconnected) => {
                    self.leave()?;
                    return Ok(Flow::Over);
                }
            }
        }
    }

    fn obey(&mut self, order: ScreenOrder) -> io::Result<Flow> {
        match order {
            ScreenOrder::Leave => self.be_away(),
            // Whoever stopped us may have changed the settings: they are set anew.
            ScreenOrder::Enter => self.take_terminal(),
            // A window that was small for a moment has lost what it could not show.
            ScreenOrder::Resized => self.redraw(),
            ScreenOrder::Close => {
                self.leave()?;
                Ok(Flow::Over)
            }
        }
    }

    fn redraw(&mut self) -> io::Result<Flow> {
        self.canvas.invalidate();
        self.measure()
    }

    fn take_terminal(&mut self) -> io::Result<Flow> {
        self.terminal.enter()?;
        self.asked_keys = KeyFlags::NONE;
        self.redraw()
    }

    fn leave(&mut self) -> io::Result<()> {
        self.terminal.write(self.canvas.farewell())?;
        self.terminal.leave()
    }

    /// The terminal is somebody else's until we are told to take it again.
    fn be_away(&mut self) -> io::Result<Flow> {
        self.leave()?;
        self.guest.send(Command::ScreenLeft);
        loop {
            match self.orders.recv() {
                Ok(ScreenOrder::Enter) => return self.take_terminal(),
                Ok(ScreenOrder::Leave) => self.guest.send(Command::ScreenLeft),
                // The size is read again when the terminal is ours again.
                Ok(ScreenOrder::Resized) => {}
                Ok(ScreenOrder::Close) | Err(RecvError) => return Ok(Flow::Over),
            }
        }
    }

    fn measure(&mut self) -> io::Result<Flow> {
        let size = self.terminal.size()?;
        self.tell(Message::Resized(size))?;
        Ok(Flow::GoOn)
    }

    fn take_input(&mut self) -> io::Result<()> {
        for _ in 0..KEYS_PER_TURN {
            let Some(input) = self.input else { return Ok(()) };
            match input.try_recv() {
                Ok(event) => {
                    // Who presses a key upon what a pane says is not to be judged by older facts.
                    self.take_facts()?;
                    self.look_at_modes();
                    self.tell(Message::Input(event))?;
                }
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => self.input = None,
            }
        }
        Ok(())
    }

    fn take_news(&mut self) -> io::Result<()> {
        let news = self.desk.news().clone();
        news.try_iter().try_for_each(|report| self.tell(Message::Taken(report)))
    }

    /// How the worker wants its keys at this moment, not at that of the last frame.
    fn look_at_modes(&mut self) {
        if let Some(modes) = self.output().map(|output| output.lock().input_modes()) {
            self.model.modes = modes;
        }
    }

    /// The terminal tells keys as the worker that has the keyboard asked for, and as ever to minder.
    fn ask_keys(&mut self) -> io::Result<()> {
        let typing = self.model.keyboard.is_some() && self.model.modes.keys != KeyFlags::NONE;
        let wanted = if typing { self.model.modes.keys } else { KeyFlags::NONE };
        if std::mem::replace(&mut self.asked_keys, wanted) != wanted {
            self.terminal.ask_keys(wanted.0)?;
        }
        Ok(())
    }

    fn tell(&mut self, message: Message) -> io::Result<()> {
        self.changed = true;
        let effects = update(&mut self.model, message);
        self.carry_out(effects)?;
        self.tell_pane_size();
        Ok(())
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Send(command) => self.guest.send(command),
                Effect::Scroll(scroll) => self.scroll(scroll),
                Effect::ScrollCell(name, rows) => self.scroll_cell(name, rows),
                Effect::Redraw => self.canvas.invalidate(),
                Effect::Select(motion) => self.select(&motion),
                Effect::Take(task, source) => self.take(task, source),
                Effect::Write(bytes) => self.terminal.write(&bytes)?,
            }
        }
        Ok(())
    }

    fn select(&mut self, motion: &selection::Motion) {
        self.look();
        let Some(name) = self.model.list.chosen.clone() else { return };
        if let Some(reader) = self.finder.reader(&name) {
            selection::go(&mut self.model, reader, motion);
        }
    }

    fn take(&mut self, task: Task, source: Source) {
        let Some(output) = self.guest.output(&source.worker) else { return };
        let keep = self.finder.filter(&source.worker).map(|lookup| {
            let wanted = move |stream, text: &str| lookup.test().passes(stream, text);
            Keep(Arc::new(wanted))
        });
        let excerpt = Excerpt::new(output, source.extent, keep);
        match self.desk.begin(task.clone(), excerpt) {
            Ok(running) => takeout::begun(&mut self.model, Doing { running, task, source }),
            Err(error) => self.model.say(format!("cannot begin: {error}")),
        }
    }

    fn tell_pane_size(&mut self) {
        if self.model.snapshot.workers.is_empty() {
            return;
        }
        let (size, sizes) = self.model.pane_sizes();
        if self.told_size != Some(size) {
            self.told_size = Some(size);
            self.guest.send(Command::Resize(size));
        }
        if self.told_sizes != sizes {
            self.told_sizes.clone_from(&sizes);
            self.guest.send(Command::ResizeSome(sizes));
        }
    }

    fn output(&self) -> Option<Arc<Output>> {
        self.guest.output(self.model.list.chosen.as_ref()?)
    }

    /// The readers see what there is now, and look for what is wanted.
    fn look(&mut self) {
        self.model.wall = (self.wall)();
        if let Err(why) = self.finder.look(self.guest, &self.model) {
            (self.model.search, self.model.jump) = (None, None);
            self.model.say(why);
        }
    }

    fn scroll(&mut self, scroll: Scroll) {
        self.look();
        reading::scroll(&mut self.model, &self.finder, scroll);
    }

    fn scroll_cell(&mut self, name: WorkerName, rows: i64) {
        self.look();
        if let Some(position) = self.finder.scrolled_cell(&self.model, &name, rows) {
            self.model.readings.entry(name).or_default().position = position;
        }
    }

    /// Goes on with a search and a jump as far as it is known where they lead.
    fn seek(&mut self) -> io::Result<()> {
        for _ in 0..LOOKS_PER_TURN {
            let looking = self.model.search.as_ref().is_some_and(|search| search.look.is_some());
            if !looking && self.model.jump.is_none() {
                return Ok(());
            }
            self.look();
            if let Sought::Known(line) = self.finder.jumped(&self.model) {
                self.tell(Message::Jumped(line))?;
            } else if let Sought::Known(line) = self.finder.searched(&mut self.model) {
                self.model.counts = self.finder.counts(&self.model);
                self.tell(Message::Looked(line))?;
            } else {
                return Ok(());
            }
        }
        Ok(())
    }

    fn take_facts(&mut self) -> io::Result<()> {
        let board = self.guest.board();
        let (snapshot, usages) = (board.snapshot(), board.usages());
        let same = Arc::ptr_eq(&snapshot, &self.model.snapshot) && Arc::ptr_eq(&usages, &self.model.usages);
        if !same {
            self.tell(Message::Facts(snapshot, usages))?;
        }
        self.take_progress()?;
        self.take_tree()?;
        // Facts come by snapshot; of the updates only what is nobody's fact is told.
        let updates = self.guest.updates().clone();
        for update in updates.try_iter() {
            if let Update::Notice(text) = update {
                self.tell(Message::Notice(text))?;
            }
        }
        Ok(())
    }

    /// Only threads say how far they are, and only while they run that is so.
    fn take_progress(&mut self) -> io::Result<()> {
        let at_work = self.model.snapshot.workers.iter();
        let at_work = at_work.filter(|worker| worker.kind.is_thread() && worker.state.alive());
        let said = |worker: &Arc<WorkerView>| {
            Some((worker.name.clone(), self.guest.output(&worker.name)?.progress()?))
        };
        let progress: HashMap<_, _> = at_work.filter_map(said).collect();
        if progress != self.model.progress {
            self.tell(Message::Progress(progress))?;
        }
        Ok(())
    }

    /// Nothing is looked at most of the time.
    fn take_tree(&mut self) -> io::Result<()> {
        let Some(inspector) = &self.model.inspector else { return Ok(()) };
        let tree = self.guest.board().tree();
        if tree.as_ref().map(Arc::as_ptr) != inspector.tree.as_ref().map(Arc::as_ptr) {
            self.tell(Message::Tree(tree))?;
        }
        Ok(())
    }

    /// Draws a frame if it would differ: a flood in a pane that is not looked at costs no drawing.
    fn draw(&mut self) -> io::Result<()> {
        if self.news {
            self.take_facts()?;
        }
        self.seek()?;
        self.look();
        let (view, modes) = self.finder.view(&self.model);
        let counts = self.finder.counts(&self.model);
        self.changed |= view != self.model.view || counts != self.model.counts;
        // A frame that is held back is looked at again, though nobody may say that it is whole.
        self.news = view.held;
        if let Some(cells) = self.model.grid.is_some().then(|| self.finder.cells(&self.model))
            && let Some(grid) = &mut self.model.grid
        {
            self.changed |= cells != grid.views;
            self.news |= cells.values().any(|view| view.held);
            grid.views = cells;
        }
        (self.model.view, self.model.modes, self.model.counts) = (view, modes, counts);
        selection::settle(&mut self.model);
        self.ask_keys()?;
        self.drawn_at = Some(self.model.now);
        if std::mem::take(&mut self.changed) {
            let mut frame = self.canvas.blank(self.model.size);
            let cursor = draw::draw(&self.model, &mut frame);
            let bytes = self.canvas.show(frame, cursor)?;
            if !bytes.is_empty() {
                self.terminal.write(bytes)?;
            }
        }
        Ok(())
    }
}
