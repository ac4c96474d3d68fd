//! All that the screen knows, at one moment: the newest facts and what its user did. Plain data
//! with questions; nothing here changes because time passes.

use super::dialogs::Dialog;
use super::grid::{self, Grid};
use super::inspect::{self, Inspector};
use super::keymap::Keymap;
use super::layout::Layout;
use super::reading::times::Times;
use super::reading::{Display, Group, Jump, Reading};
use super::search::{Counts, Search};
use super::selection::{self, Clicks, Selection};
use super::takeout::Doing;
use super::text;
use super::theme::Theme;
use crate::guest::Usages;
use crate::output::{InputModes, Position, View, Window};
use crate::protocol::{Phase, Progress, Size, Snapshot, State, Usage, WorkerView};
use crate::spec::WorkerName;
use jiff::tz::TimeZone;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// How long a message stays.
pub(super) const MESSAGE_STAYS: Duration = Duration::from_secs(5);
/// How often a countdown is drawn.
const TICK: Duration = Duration::from_millis(100);
/// How often ages are drawn, and what is left where it is told in seconds.
const SECOND: Duration = Duration::from_secs(1);
/// No name gets more columns than this.
const LONGEST_NAME: usize = 24;

/// Which half the arrow keys are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Focus {
    #[default]
    List,
    Pane,
}

/// The list of workers: what is chosen and what is in view.
#[derive(Debug, Clone, Default)]
pub(super) struct List {
    pub(super) chosen: Option<WorkerName>,
    pub(super) filter: String,
    /// Places in the snapshot of those that the filter lets through.
    pub(super) shown: Vec<usize>,
    /// The first of `shown` that is in view.
    pub(super) top: usize,
    /// Columns of the longest name.
    pub(super) name_columns: usize,
}

/// Something to say, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) text: String,
    pub(super) until: Instant,
}

/// All that the screen knows.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) keymap: Keymap,
    pub(super) theme: Theme,
    pub(super) size: Size,
    pub(super) now: Instant,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) usages: Arc<Usages>,
    /// How far workers say that they are, while they run.
    pub(super) progress: HashMap<WorkerName, Progress>,
    pub(super) list: List,
    pub(super) focus: Focus,
    pub(super) zoom: bool,
    /// Who has the keyboard, if it is not minder's.
    pub(super) keyboard: Option<WorkerName>,
    /// Workers that are picked to be shown together.
    pub(super) picked: BTreeSet<WorkerName>,
    /// Several workers are shown in one pane.
    pub(super) group: Option<Group>,
    /// Several workers are shown side by side.
    pub(super) grid: Option<Grid>,
    /// How panes are read.
    pub(super) readings: HashMap<WorkerName, Reading>,
    pub(super) display: Display,
    pub(super) search: Option<Search>,
    /// A search that is typed is through all workers.
    pub(super) search_everywhere: bool,
    pub(super) counts: Counts,
    pub(super) jump: Option<Jump>,
    /// The wall's clock, for times that are shown and typed.
    pub(super) wall: SystemTime,
    pub(super) zone: TimeZone,
    /// The chosen worker's pane as last looked at.
    pub(super) view: View,
    /// How the chosen worker wants its keys, as last looked at.
    pub(super) modes: InputModes,
    /// The view of a worker's processes, while it is open.
    pub(super) inspector: Option<Inspector>,
    pub(super) dialog: Option<Dialog>,
    /// Text that is selected.
    pub(super) selection: Option<Selection>,
    /// The mouse's last press on the pane.
    pub(super) clicks: Option<Clicks>,
    /// What is being taken out.
    pub(super) doing: Vec<Doing>,
    pub(super) notice: Option<Notice>,
}

impl Model {
    pub(super) fn new(keymap: Keymap, color: bool, size: Size, now: Instant) -> Self {
        Self {
            keymap,
            theme: Theme { color },
            size,
            now,
            snapshot: Arc::default(),
            usages: Arc::default(),
            progress: HashMap::new(),
            list: List::default(),
            focus: Focus::default(),
            zoom: false,
            keyboard: None,
            picked: BTreeSet::new(),
            group: None,
            grid: None,
            readings: HashMap::new(),
            display: Display::default(),
            search: None,
            search_everywhere: false,
            counts: Counts::default(),
            jump: None,
            wall: SystemTime::UNIX_EPOCH,
            zone: TimeZone::UTC,
            view: View::default(),
            modes: InputModes::default(),
            inspector: None,
            dialog: None,
            selection: None,
            clicks: None,
            doing: Vec::new(),
            notice: None,
        }
    }

    pub(super) fn layout(&self) -> Layout {
        let alone = self.zoom || self.grid.is_some();
        self.with_cells(Layout::of(self.size, self.snapshot.workers.len(), self.list.name_columns, alone))
    }

    /// The chosen worker.
    pub(super) fn chosen(&self) -> Option<&Arc<WorkerView>> {
        self.worker(self.list.chosen.as_ref()?)
    }

    pub(super) fn worker(&self, name: &WorkerName) -> Option<&Arc<WorkerView>> {
        self.snapshot.workers.iter().find(|worker| worker.name == *name)
    }

    pub(super) fn usage(&self, name: &WorkerName) -> Option<&Usage> {
        self.usages.get(name)
    }

    /// The chosen worker's place among those that are shown.
    pub(super) fn chosen_place(&self) -> Option<usize> {
        let chosen = self.list.chosen.as_ref()?;
        // Between new facts and the filter's next look, a place may be gone.
        let name = |place: &usize| Some(&self.snapshot.workers.get(*place)?.name);
        self.list.shown.iter().position(|place| name(place) == Some(chosen))
    }

    /// The window into the chosen worker's output, beside its gutter.
    pub(super) fn window(&self) -> Window {
        self.sight().window()
    }

    pub(super) fn position(&self) -> Position {
        self.reading().map(|reading| reading.position).unwrap_or_default()
    }

    pub(super) fn set_position(&mut self, position: Position) {
        if let Some(reading) = self.reading_mut() {
            reading.position = position;
        }
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), until: self.now + MESSAGE_STAYS });
    }

    /// Takes the newest facts.
    pub(super) fn take(&mut self, snapshot: Arc<Snapshot>, usages: Arc<Usages>) {
        self.usages = usages;
        if snapshot.sequence == self.snapshot.sequence
            && snapshot.workers.len() == self.snapshot.workers.len()
        {
            self.snapshot = snapshot;
            return;
        }
        self.snapshot = snapshot;
        let names = self.snapshot.workers.iter().map(|worker| text::width(worker.name.as_str()));
        self.list.name_columns = names.max().unwrap_or(0).clamp(4, LONGEST_NAME);
        self.apply_filter();
    }

    /// Finds out which workers the filter lets through; keeps one of them chosen.
    pub(super) fn apply_filter(&mut self) {
        let was = self.chosen_place().unwrap_or(0);
        let wanted = self.list.filter.to_lowercase();
        let passes = |worker: &WorkerView| {
            wanted.is_empty()
                || worker.name.as_str().to_lowercase().contains(&wanted)
                || worker.command.to_lowercase().contains(&wanted)
        };
        let workers = self.snapshot.workers.iter().enumerate();
        self.list.shown = workers.filter(|(_, worker)| passes(worker)).map(|at| at.0).collect();
        if self.chosen_place().is_none() {
            let nearest = was.min(self.list.shown.len().saturating_sub(1));
            self.choose(nearest);
        }
    }

    /// Chooses by place among those that are shown.
    pub(super) fn choose(&mut self, place: usize) {
        self.choose_at(self.list.shown.get(place).copied());
    }

    /// Chooses by place in the snapshot.
    pub(super) fn choose_worker(&mut self, place: usize) {
        self.choose_at(Some(place));
    }

    fn choose_at(&mut self, place: Option<usize>) {
        let chosen = place.map(|place| self.snapshot.workers[place].name.clone());
        if chosen != self.list.chosen && self.group.is_none() {
            // What was found or looked for is of another pane.
            self.jump = None;
            if let Some(search) = &mut self.search {
                (search.at, search.look) = (None, None);
            }
        }
        if chosen != self.list.chosen {
            // A pane that stood still for it follows again.
            selection::clear(self);
        }
        let before = std::mem::replace(&mut self.list.chosen, chosen);
        if let (Some(grid), true) = (&mut self.grid, before != self.list.chosen) {
            // Each cell's view stays with it.
            let chosen = self.list.chosen.as_ref();
            let view = chosen.and_then(|name| grid.views.remove(name)).unwrap_or_default();
            let view = std::mem::replace(&mut self.view, view);
            grid.views.extend(before.map(|name| (name, view)));
        }
    }

    /// Scrolls the list so that the chosen row is in view and no row at the end is wasted.
    pub(super) fn settle(&mut self) {
        grid::settle(self);
        let rows = usize::from(self.layout().rows.height).max(1);
        let chosen = self.chosen_place().unwrap_or(0);
        let last_top = self.list.shown.len().saturating_sub(rows);
        self.list.top = self.list.top.min(chosen).max((chosen + 1).saturating_sub(rows));
        self.list.top = self.list.top.min(last_top);
        let rows = inspect::height(self);
        if let Some(inspector) = &mut self.inspector {
            inspector.settle(rows);
        }
    }

    pub(super) fn quitting(&self) -> bool {
        !matches!(self.snapshot.phase, Phase::Up)
    }

    /// When the screen, last drawn at that moment, changes by itself: a countdown goes on or a
    /// message has been there long enough.
    pub(super) fn wakes_at(&self, drawn_at: Instant) -> Option<Instant> {
        let ages = (self.display.times == Times::Ago).then_some(SECOND);
        let down = self.counts_down().then_some(TICK);
        let tick = [ages, down, self.next_run_ticks()].into_iter().flatten().min();
        let tick = tick.map(|tick| drawn_at + tick);
        let notice = self.notice.as_ref().map(|notice| notice.until);
        // What is left is told in seconds.
        let left = self.progress.values().any(|progress| progress.left(drawn_at).is_some());
        let second = left.then(|| drawn_at + SECOND);
        tick.into_iter().chain(second).chain(notice).chain(selection::wakes_at(self)).min()
    }

    /// Takes away what has been there long enough.
    pub(super) fn expire(&mut self) {
        self.notice.take_if(|notice| notice.until <= self.now);
    }

    /// How often the words for how long until the next runs change.
    fn next_run_ticks(&self) -> Option<Duration> {
        let next =
            self.snapshot.workers.iter().filter_map(|worker| worker.next_run()).map(|next| next.at).min();
        Some(match next?.saturating_duration_since(self.now).as_secs() {
            0..10 => TICK,
            10..3600 => Duration::from_secs(1),
            _ => Duration::from_mins(1),
        })
    }

    fn counts_down(&self) -> bool {
        let doing = !self.doing.is_empty();
        doing || self.quitting() || self.snapshot.workers.iter().any(|worker| counts_down(worker))
    }
}

fn counts_down(worker: &WorkerView) -> bool {
    let by_state = match &worker.state {
        State::Stopping { .. } | State::Asked { .. } | State::Sweeping { .. } | State::Backoff { .. } => true,
        State::Failed { retry_at, .. } => retry_at.is_some(),
        State::Idle
        | State::Starting
        | State::Running(_)
        | State::Suspended { .. }
        | State::Draining { .. }
        | State::Zombie { .. }
        | State::Ended(_) => false,
    };
    by_state || (worker.waited_since.is_some() && !worker.state.at_rest())
}
