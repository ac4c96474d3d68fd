//! What keys do: the one table from which the screen's behaviour, its help and foot line, the
//! user's file and the README's key table come. Knows nothing of the model.

use super::keys::Key;
use std::collections::HashMap;

/// What a key can be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// The pane one page back.
    PageUp,
    /// The pane one page on.
    PageDown,
    /// The oldest line.
    Top,
    /// The newest line, and follow.
    End,
    /// The other half of the screen.
    Focus,
    /// The keyboard to the worker.
    Keyboard,
    /// The keyboard back from the worker.
    GiveBack,
    /// Start or stop.
    StartStop,
    /// Stop.
    Terminate,
    /// SIGKILL now.
    Kill,
    /// Restart.
    Restart,
    /// Freeze or continue.
    Freeze,
    /// Pick a signal.
    Signal,
    /// Wait for the end.
    Wait,
    /// Give up waiting.
    GiveUp,
    /// Look at its processes.
    Inspect,
    /// Look at minder's own processes.
    InspectMinder,
    /// Show a process's threads.
    OpenThreads,
    /// Hide them.
    CloseThreads,
    /// Pick a signal for one process.
    SignalProcess,
    /// SIGTERM to one process.
    TerminateProcess,
    /// SIGKILL to one process.
    KillProcess,
    /// SIGSTOP or SIGCONT to one process.
    FreezeProcess,
    /// SIGCHLD to a zombie's parent.
    NudgeParent,
    /// End a zombie's parent.
    EndParent,
    /// Look no more.
    CloseInspect,
    /// Stop all.
    TerminateAll,
    /// Filter the list.
    Filter,
    /// About how the pane is read.
    Read(Read),
    /// Another cell of the grid.
    Cell(Cell),
    /// Search the pane.
    Search,
    /// The next match, upwards.
    Older,
    /// The next match, downwards.
    Newer,
    /// Select text.
    Select,
    /// Select lines.
    SelectLines,
    /// Select a block.
    SelectBlock,
    /// One character left.
    SelectLeft,
    /// One character right.
    SelectRight,
    /// The line's beginning.
    LineStart,
    /// The line's end.
    LineEnd,
    /// The next word.
    WordOn,
    /// The word before.
    WordBack,
    /// The word's end.
    WordEnd,
    /// The other end of what is selected.
    SwapEnds,
    /// Select no more.
    CloseSelection,
    /// To the clipboard.
    Copy,
    /// Into a file.
    Save,
    /// Into the pager.
    Page,
    /// Into the editor.
    Edit,
    /// Into a command.
    Pipe,
    /// The pane alone.
    Zoom,
    /// Every key.
    Help,
    /// Stop all and end.
    Quit,
    /// What SIGINT means.
    Interrupt,
    /// What SIGQUIT means.
    QuitSignal,
    /// What SIGTSTP means.
    Suspend,
    /// The screen anew.
    Redraw,
    /// Do what the dialog is for.
    Accept,
    /// Close the dialog.
    Cancel,
    /// Search in all workers, or in one.
    Scope,
}

/// How a pane is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Read {
    /// Only some lines.
    Lines,
    /// To a time, a line, a share.
    GoTo,
    /// Set a bookmark.
    Mark,
    /// To a bookmark.
    ToMark,
    /// Wrap long lines or cut them.
    Wrap,
    /// What is further left.
    Left,
    /// What is further right.
    Right,
    /// Line numbers.
    Numbers,
    /// Times.
    Times,
    /// An older line that looks like an error.
    OlderError,
    /// A newer one.
    NewerError,
    /// An older line of standard error.
    OlderStderr,
    /// A newer one.
    NewerStderr,
    /// An older begin or end of a run.
    OlderRun,
    /// A newer one.
    NewerRun,
    /// Pick the worker for a view of several.
    Pick,
    /// Pick all, or none.
    PickAll,
    /// Those that are picked, or all, as one.
    Together,
    /// Those that are picked, or all, side by side.
    Grid,
}

/// To which cell of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cell {
    /// The one above.
    Up,
    /// The one below.
    Down,
    /// The one at the left.
    Left,
    /// The one at the right.
    Right,
    /// The next one, round and round.
    Next,
    /// The one before, round and round.
    Previous,
}

/// Where a key does what it is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// In list, pane and dialogs; a dialog that takes text takes characters first.
    Everywhere,
    /// In list and pane.
    Screen,
    /// In dialogs.
    Dialog,
    /// While the keyboard is a worker's.
    Keyboard,
    /// While a worker's processes are looked at.
    Inspect,
    /// While text is selected.
    Select,
    /// In list and pane, and while text is selected.
    Output,
    /// While several are shown side by side; other keys do what they do in list and pane.
    Grid,
}

impl Context {
    /// Whether one key press can be meant for either.
    fn overlaps(self, other: Self) -> bool {
        self == other
            || match (self, other) {
                (Self::Everywhere, other) | (other, Self::Everywhere) => other != Self::Keyboard,
                (Self::Output, other) | (other, Self::Output) => {
                    matches!(other, Self::Screen | Self::Select | Self::Grid)
                }
                (Self::Grid, other) | (other, Self::Grid) => other == Self::Screen,
                (Self::Screen | Self::Dialog | Self::Keyboard | Self::Inspect | Self::Select, _) => false,
            }
    }
}

/// Under which heading help lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// The chosen worker.
    Worker,
    /// Moving about.
    Moving,
    /// The pane.
    Pane,
    /// Several workers at once.
    Several,
    /// Selecting in the pane, and taking out what it says.
    Taking,
    /// The inspect view.
    Processes,
    /// minder itself.
    Minder,
    /// Dialogs.
    Dialogs,
}

impl Section {
    /// Every section in the order in which help shows them.
    pub const ALL: [Self; 8] = [
        Self::Worker,
        Self::Moving,
        Self::Pane,
        Self::Several,
        Self::Taking,
        Self::Processes,
        Self::Minder,
        Self::Dialogs,
    ];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Worker => "The chosen worker",
            Self::Moving => "Moving about",
            Self::Pane => "Its pane",
            Self::Several => "Several at once",
            Self::Taking => "Taking out what it says",
            Self::Processes => "Its processes",
            Self::Minder => "minder",
            Self::Dialogs => "Dialogs",
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What it does.
    pub action: Action,
    /// Its name in a config file.
    pub name: &'static str,
    /// Its keys, as a config file writes them.
    pub keys: &'static [&'static str],
    /// Where.
    pub context: Context,
    /// Its heading in help.
    pub section: Section,
    /// One line for people.
    pub doc: &'static str,
}

const fn entry(
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    (context, section): (Context, Section),
    doc: &'static str,
) -> Entry {
    Entry { action, name, keys, context, section, doc }
}

const WORKER: (Context, Section) = (Context::Screen, Section::Worker);
const MOVING: (Context, Section) = (Context::Everywhere, Section::Moving);
const PANE: (Context, Section) = (Context::Screen, Section::Pane);
const SEVERAL: (Context, Section) = (Context::Screen, Section::Several);
const CELLS: (Context, Section) = (Context::Grid, Section::Several);
const FOUND: (Context, Section) = (Context::Output, Section::Pane);
const TAKING: (Context, Section) = (Context::Output, Section::Taking);
const SELECTED: (Context, Section) = (Context::Select, Section::Taking);
const PROCESSES: (Context, Section) = (Context::Inspect, Section::Processes);
const MINDER: (Context, Section) = (Context::Screen, Section::Minder);
const ANYWHERE: (Context, Section) = (Context::Everywhere, Section::Minder);
const DIALOG: (Context, Section) = (Context::Dialog, Section::Dialogs);

/// The table, in the order in which help shows it.
pub const TABLE: [Entry; 85] = {
    use Action as A;
    use Read as R;
    [
        entry(A::StartStop, "start-stop", &["space"], WORKER, "start, or stop if it runs"),
        entry(
            A::Terminate,
            "terminate",
            &["t"],
            WORKER,
            "stop: its signal, SIGKILL after the grace; again kills now",
        ),
        entry(A::Kill, "kill", &["K"], WORKER, "kill now: SIGKILL to the whole tree, no restart"),
        entry(A::Restart, "restart", &["r"], WORKER, "restart: stop if it runs, then start"),
        entry(
            A::Freeze,
            "freeze",
            &["p"],
            WORKER,
            "freeze or continue: SIGSTOP or SIGCONT to the whole tree",
        ),
        entry(A::Signal, "signal", &["s"], WORKER, "pick a signal to send"),
        entry(A::Wait, "wait", &["w"], WORKER, "wait for its end and reap it; reaps a zombie now"),
        entry(A::GiveUp, "give-up", &["esc"], WORKER, "give up waiting; else clear the filter or the search"),
        entry(A::Inspect, "inspect", &["i"], WORKER, "inspect: its processes and their threads, live"),
        entry(A::Keyboard, "keyboard", &["enter"], WORKER, "give it the keyboard"),
        entry(
            A::GiveBack,
            "give-back",
            &["ctrl-]", "f12"],
            (Context::Keyboard, Section::Worker),
            "take the keyboard back",
        ),
        entry(A::Up, "up", &["up", "k"], MOVING, "up in the list; scrolls the pane when it has the focus"),
        entry(
            A::Down,
            "down",
            &["down", "j"],
            MOVING,
            "down in the list; scrolls the pane when it has the focus",
        ),
        entry(A::PageUp, "page-up", &["pgup", "ctrl-b"], MOVING, "one page back in the pane"),
        entry(A::PageDown, "page-down", &["pgdn", "ctrl-f"], MOVING, "one page on in the pane"),
        entry(A::Top, "top", &["home", "g"], MOVING, "to the oldest line"),
        entry(A::End, "end", &["end", "G"], MOVING, "to the newest line, and follow"),
        entry(
            A::Focus,
            "focus",
            &["tab", "shift-tab"],
            (Context::Screen, Section::Moving),
            "focus: list or pane",
        ),
        entry(
            A::Filter,
            "filter",
            &["f"],
            (Context::Screen, Section::Moving),
            "filter the list by name or command",
        ),
        entry(A::Search, "search", &["/"], FOUND, "search the pane, newest match first"),
        entry(A::Older, "older-match", &["n"], FOUND, "next older match"),
        entry(A::Newer, "newer-match", &["N"], FOUND, "next newer match"),
        entry(A::Read(R::Lines), "lines", &["&"], PANE, "only lines that match; with ! first, the others"),
        entry(
            A::Read(R::GoTo),
            "go-to",
            &[":"],
            PANE,
            "go to a time, a line or a share: 14:03, -5m, 120, 50%",
        ),
        entry(A::Read(R::OlderError), "older-error", &["("], PANE, "older line that looks like an error"),
        entry(A::Read(R::NewerError), "newer-error", &[")"], PANE, "newer line that looks like an error"),
        entry(A::Read(R::OlderStderr), "older-stderr", &["{"], PANE, "older line of standard error"),
        entry(A::Read(R::NewerStderr), "newer-stderr", &["}"], PANE, "newer line of standard error"),
        entry(A::Read(R::OlderRun), "older-run", &["["], PANE, "older begin or end of a run"),
        entry(A::Read(R::NewerRun), "newer-run", &["]"], PANE, "newer begin or end of a run"),
        entry(A::Read(R::Mark), "mark", &["m"], PANE, "set a bookmark: a letter follows"),
        entry(
            A::Read(R::ToMark),
            "to-mark",
            &["'"],
            PANE,
            "list the bookmarks and go to one: a letter follows",
        ),
        entry(A::Read(R::Wrap), "wrap", &["W"], PANE, "wrap long lines, or cut them"),
        entry(
            A::Read(R::Left),
            "left",
            &["left", "h"],
            PANE,
            "half a screen to the left where lines are cut",
        ),
        entry(
            A::Read(R::Right),
            "right",
            &["right", "l"],
            PANE,
            "cut long lines; half a screen to the right",
        ),
        entry(A::Read(R::Numbers), "numbers", &["#"], PANE, "line numbers, or none"),
        entry(
            A::Read(R::Times),
            "times",
            &["@"],
            PANE,
            "times: of day, ago, since start, since the line before",
        ),
        entry(A::Zoom, "zoom", &["z"], PANE, "the pane alone, and back"),
        entry(A::Read(R::Pick), "pick", &["x"], SEVERAL, "pick the worker, or not; in a grid, take it out"),
        entry(A::Read(R::PickAll), "pick-all", &["X"], SEVERAL, "pick all workers, or none"),
        entry(
            A::Read(R::Together),
            "together",
            &["a"],
            SEVERAL,
            "all together: those picked, or all, in one pane; back",
        ),
        entry(A::Read(R::Grid), "grid", &["A"], SEVERAL, "grid: those picked, or all, side by side; back"),
        entry(A::Cell(Cell::Up), "cell-up", &["up"], CELLS, "in a grid: to the cell above; k scrolls"),
        entry(A::Cell(Cell::Down), "cell-down", &["down"], CELLS, "in a grid: to the cell below; j scrolls"),
        entry(A::Cell(Cell::Left), "cell-left", &["left"], CELLS, "in a grid: to the cell at the left"),
        entry(A::Cell(Cell::Right), "cell-right", &["right"], CELLS, "in a grid: to the cell at the right"),
        entry(A::Cell(Cell::Next), "cell-next", &["tab"], CELLS, "in a grid: to the next cell"),
        entry(
            A::Cell(Cell::Previous),
            "cell-previous",
            &["shift-tab"],
            CELLS,
            "in a grid: to the cell before",
        ),
        entry(A::Select, "select", &["v"], TAKING, "select text: move with the keys below, or drag"),
        entry(A::SelectLines, "select-lines", &["V"], TAKING, "select lines"),
        entry(
            A::SelectBlock,
            "select-block",
            &["ctrl-v"],
            TAKING,
            "select a block; by the mouse with alt or ctrl",
        ),
        entry(A::Copy, "copy", &["y"], TAKING, "copy what is selected to the clipboard"),
        entry(A::Save, "save", &["S"], TAKING, "save what is selected, or all, to a file"),
        entry(A::Page, "pager", &["O"], TAKING, "open what is selected, or all, in $PAGER"),
        entry(A::Edit, "editor", &["E"], TAKING, "open what is selected, or all, in $EDITOR"),
        entry(A::Pipe, "pipe", &["|"], TAKING, "pipe what is selected, or all, to a command"),
        entry(A::SelectLeft, "select-left", &["left", "h"], SELECTED, "selecting: one character left"),
        entry(A::SelectRight, "select-right", &["right", "l"], SELECTED, "selecting: one character right"),
        entry(A::WordOn, "select-word", &["w"], SELECTED, "selecting: to the next word"),
        entry(A::WordBack, "select-word-back", &["b"], SELECTED, "selecting: to the word before"),
        entry(A::WordEnd, "select-word-end", &["e"], SELECTED, "selecting: to the end of the word"),
        entry(A::LineStart, "select-line-start", &["0"], SELECTED, "selecting: to the beginning of the line"),
        entry(A::LineEnd, "select-line-end", &["$"], SELECTED, "selecting: to the end of the line"),
        entry(A::SwapEnds, "select-other-end", &["o"], SELECTED, "selecting: move the other end"),
        entry(
            A::CloseSelection,
            "select-leave",
            &["esc", "q"],
            SELECTED,
            "selecting: select nothing any more",
        ),
        entry(A::OpenThreads, "threads", &["enter", "right"], PROCESSES, "show the threads of the process"),
        entry(A::CloseThreads, "hide-threads", &["left"], PROCESSES, "hide them"),
        entry(
            A::SignalProcess,
            "signal-process",
            &["s"],
            PROCESSES,
            "pick a signal to send to this one process",
        ),
        entry(A::TerminateProcess, "terminate-process", &["t"], PROCESSES, "SIGTERM to it"),
        entry(A::KillProcess, "kill-process", &["K"], PROCESSES, "SIGKILL to it"),
        entry(
            A::FreezeProcess,
            "freeze-process",
            &["p"],
            PROCESSES,
            "freeze or continue it: SIGSTOP, SIGCONT",
        ),
        entry(A::NudgeParent, "nudge-parent", &["n"], PROCESSES, "a zombie's parent: nudge it with SIGCHLD"),
        entry(
            A::EndParent,
            "end-parent",
            &["e"],
            PROCESSES,
            "a zombie's parent: end it with SIGTERM; again with SIGKILL",
        ),
        entry(
            A::CloseInspect,
            "close-inspect",
            &["esc", "i", "q"],
            PROCESSES,
            "back to the list and the pane",
        ),
        entry(A::TerminateAll, "terminate-all", &["T"], MINDER, "stop all workers"),
        entry(A::InspectMinder, "inspect-minder", &["I"], MINDER, "minder's own processes and threads, live"),
        entry(A::Help, "help", &["?", "f1"], MINDER, "every key"),
        entry(A::Quit, "quit", &["q"], MINDER, "stop all and end; again kills at once"),
        entry(
            A::Interrupt,
            "interrupt",
            &["ctrl-c"],
            ANYWHERE,
            "as SIGINT: stop all and end; again kills at once",
        ),
        entry(A::QuitSignal, "quit-signal", &["ctrl-\\"], ANYWHERE, "as SIGQUIT: stop all and end"),
        entry(A::Suspend, "suspend", &["ctrl-z"], ANYWHERE, "suspend minder; workers go on, `fg` comes back"),
        entry(A::Redraw, "redraw", &["ctrl-l"], ANYWHERE, "clear the screen and draw it anew"),
        entry(A::Scope, "scope", &["tab"], DIALOG, "while a search is typed: in this worker, or in all"),
        entry(A::Accept, "accept", &["enter"], DIALOG, "do it"),
        entry(A::Cancel, "cancel", &["esc"], DIALOG, "close the dialog, change nothing"),
    ]
};

/// Which key does what: the table's defaults with the user's changes on top.
#[derive(Debug, Clone)]
pub struct Keymap {
    keys: Vec<Vec<Key>>,
    lookup: HashMap<(Context, Key), Action>,
}

/// Two actions that one key press could mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// The key.
    pub key: Key,
    /// The one.
    pub one: &'static str,
    /// The other.
    pub other: &'static str,
}

impl Default for Keymap {
    fn default() -> Self {
        let keys = TABLE
            .iter()
            .map(|entry| entry.keys.iter().map(|key| key.parse().expect("the table's keys parse")))
            .map(Iterator::collect)
            .collect();
        Self::new(keys)
    }
}

impl Keymap {
    fn new(keys: Vec<Vec<Key>>) -> Self {
        let lookup = TABLE
            .iter()
            .zip(&keys)
            .flat_map(|(entry, keys)| keys.iter().map(|key| ((entry.context, *key), entry.action)))
            .collect();
        Self { keys, lookup }
    }

    /// This map with other keys for some actions (by their place in [`TABLE`]).
    ///
    /// # Errors
    /// Each key that would mean two things at once.
    pub fn with(&self, changes: &[(usize, Vec<Key>)]) -> Result<Self, Vec<Conflict>> {
        let mut keys = self.keys.clone();
        for (place, theirs) in changes {
            keys[*place].clone_from(theirs);
        }
        let conflicts = conflicts(&keys);
        if conflicts.is_empty() { Ok(Self::new(keys)) } else { Err(conflicts) }
    }

    /// What this key does in list and pane, in dialogs, or while the keyboard is a worker's.
    pub fn action(&self, context: Context, key: Key) -> Option<Action> {
        let more: &[Context] = match context {
            Context::Screen | Context::Select => &[Context::Output, Context::Everywhere],
            Context::Grid => &[Context::Screen, Context::Output, Context::Everywhere],
            Context::Dialog | Context::Inspect | Context::Output => &[Context::Everywhere],
            Context::Everywhere | Context::Keyboard => &[],
        };
        let mut contexts = std::iter::once(context).chain(more.iter().copied());
        contexts.find_map(|context| self.lookup.get(&(context, key)).copied())
    }

    /// The keys of an action.
    pub fn keys(&self, action: Action) -> &[Key] {
        place(action).map_or(&[], |place| &self.keys[place])
    }

    /// The first key of an action as text; empty if it has none.
    pub fn key(&self, action: Action) -> String {
        self.keys(action).first().map(Key::to_string).unwrap_or_default()
    }

    /// All keys of an action as text.
    pub fn key_list(&self, action: Action) -> String {
        self.keys(action).iter().map(Key::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// An action's place in [`TABLE`].
fn place(action: Action) -> Option<usize> {
    TABLE.iter().position(|entry| entry.action == action)
}

fn conflicts(keys: &[Vec<Key>]) -> Vec<Conflict> {
    let mut seen: Vec<(Key, &Entry)> = Vec::new();
    let mut found = Vec::new();
    for (entry, keys) in TABLE.iter().zip(keys) {
        for key in keys {
            let clash = |(known, other): &&(Key, &Entry)| {
                known == key
                    && entry.action != other.action
                    && entry.context.overlaps(other.context)
                    && !stands_in(entry.action, other.action)
            };
            if let Some((_, other)) = seen.iter().find(clash) {
                found.push(Conflict { key: *key, one: other.name, other: entry.name });
            }
            seen.push((*key, entry));
        }
    }
    found
}

/// Whether the one is what the other's key means in a grid.
fn stands_in(one: Action, other: Action) -> bool {
    let pairs = [
        (Cell::Up, Action::Up),
        (Cell::Down, Action::Down),
        (Cell::Left, Action::Read(Read::Left)),
        (Cell::Right, Action::Read(Read::Right)),
        (Cell::Next, Action::Focus),
        (Cell::Previous, Action::Focus),
    ];
    let is = |cell, means| {
        (one, other) == (Action::Cell(cell), means) || (other, one) == (Action::Cell(cell), means)
    };
    pairs.into_iter().any(|(cell, means)| is(cell, means))
}

/// The key table for the README, in Markdown.
pub fn markdown_table() -> String {
    let mut text = String::from("| key | does | name in `[keys]` |\n|---|---|---|\n");
    let mut lines = Vec::new();
    for section in Section::ALL {
        lines.push(format!("| **{}** | | |\n", section.title()));
        for entry in TABLE.iter().filter(|entry| entry.section == section) {
            let keys: Vec<_> = entry.keys.iter().map(|key| format!("`{key}`")).collect();
            lines.push(format!("| {} | {} | `{}` |\n", keys.join(", "), entry.doc, entry.name));
        }
    }
    text.push_str(&lines.concat());
    text
}

#[cfg(test)]
mod tests;
