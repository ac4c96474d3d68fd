//! All that the screen knows, at one moment: the newest facts and what its user did. Plain data
//! with questions; nothing here changes because time passes.

use super::dialogs::Dialog;
use super::inspect::{self, Inspector};
use super::keymap::Keymap;
use super::layout::Layout;
use super::search::Search;
use super::selection::{self, Clicks, Selection};
use super::takeout::Doing;
use super::text;
use super::theme::Theme;
use crate::guest::Usages;
use crate::output::{Fit, InputModes, Position, View, Window};
use crate::protocol::{Phase, Size, Snapshot, State, Usage, WorkerView};
use crate::spec::{OutputKind, WorkerName};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a message stays.
pub(super) const MESSAGE_STAYS: Duration = Duration::from_secs(5);
/// How often a countdown is drawn.
const TICK: Duration = Duration::from_millis(100);
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
    pub(super) list: List,
    pub(super) focus: Focus,
    pub(super) zoom: bool,
    /// Who has the keyboard, if it is not minder's.
    pub(super) keyboard: Option<WorkerName>,
    /// Where panes stand that do not follow.
    pub(super) positions: HashMap<WorkerName, Position>,
    pub(super) search: Option<Search>,
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
            list: List::default(),
            focus: Focus::default(),
            zoom: false,
            keyboard: None,
            positions: HashMap::new(),
            search: None,
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
        Layout::of(self.size, self.snapshot.workers.len(), self.list.name_columns, self.zoom)
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

    /// The window into the chosen worker's output. Lines from pipes leave a column for the mark
    /// of standard error.
    pub(super) fn window(&self) -> Window {
        let mut size = self.layout().pane_size();
        if self.chosen().is_some_and(|worker| worker.output == OutputKind::Pipe) {
            size.columns = size.columns.saturating_sub(1).max(1);
        }
        Window { size, position: self.position(), fit: Fit::Wrap }
    }

    pub(super) fn position(&self) -> Position {
        let chosen = self.list.chosen.as_ref();
        chosen.and_then(|name| self.positions.get(name)).copied().unwrap_or_default()
    }

    pub(super) fn set_position(&mut self, position: Position) {
        let Some(name) = self.list.chosen.clone() else { return };
        match position {
            Position::Follow => self.positions.remove(&name),
            Position::At(_) => self.positions.insert(name, position),
        };
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
        let at = self.list.shown.get(place);
        let chosen = at.map(|at| self.snapshot.workers[*at].name.clone());
        if chosen != self.list.chosen
            && let Some(search) = &mut self.search
        {
            // What was found or looked for is of another pane.
            (search.at, search.look) = (None, None);
        }
        self.list.chosen = chosen;
    }

    /// Scrolls the list so that the chosen row is in view and no row at the end is wasted.
    pub(super) fn settle(&mut self) {
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
        let tick = self.counts_down().then(|| drawn_at + TICK);
        let notice = self.notice.as_ref().map(|notice| notice.until);
        tick.into_iter().chain(notice).chain(selection::wakes_at(self)).min()
    }

    /// Takes away what has been there long enough.
    pub(super) fn expire(&mut self) {
        self.notice.take_if(|notice| notice.until <= self.now);
    }

    fn counts_down(&self) -> bool {
        let doing = !self.doing.is_empty();
        doing || self.quitting() || self.snapshot.workers.iter().any(|worker| counts_down(worker))
    }
}

fn counts_down(worker: &WorkerView) -> bool {
    let by_state = match &worker.state {
        State::Stopping { .. } | State::Sweeping { .. } | State::Backoff { .. } => true,
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
