//! Few colours, all of them the terminal's own, so that dark and light both read well; and the
//! glyph of each state. Every colour has a word or a glyph beside it.

use crate::output::{self, Attributes};
use crate::protocol::{State, WorkerView};
use crate::spec::NameColor;
use ratatui::style::{Color, Modifier, Style};

/// How things look: with colours, or without (`NO_COLOR`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Theme {
    pub(super) color: bool,
}

impl Theme {
    fn colored(self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    /// What matters less.
    #[expect(clippy::unused_self, reason = "asked like every other look")]
    pub(super) fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// What matters more.
    #[expect(clippy::unused_self, reason = "asked like every other look")]
    pub(super) fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The chosen row, the title of what has the focus.
    #[expect(clippy::unused_self, reason = "asked like every other look")]
    pub(super) fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Keys, and whatever invites.
    pub(super) fn accent(self) -> Style {
        self.colored(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// What runs.
    pub(super) fn running(self) -> Style {
        self.colored(Color::Green)
    }

    /// What is being waited for.
    pub(super) fn waiting(self) -> Style {
        self.colored(Color::Yellow)
    }

    /// What went wrong.
    pub(super) fn wrong(self) -> Style {
        self.colored(Color::Red)
    }

    /// Times beside lines.
    pub(super) fn time(self) -> Style {
        if self.color { Style::new().fg(Color::Cyan).add_modifier(Modifier::DIM) } else { self.dim() }
    }

    /// The line that was jumped to.
    #[expect(clippy::unused_self, reason = "asked like every other look")]
    pub(super) fn here(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Words that the search found.
    pub(super) fn found(self) -> Style {
        if self.color {
            Style::new().fg(Color::Black).bg(Color::Yellow)
        } else {
            Style::new().add_modifier(Modifier::REVERSED)
        }
    }

    /// A state's glyph and word.
    pub(super) fn state(self, state: &State) -> Style {
        match state {
            State::Running(_) => self.running(),
            State::Suspended { .. }
            | State::Stopping { .. }
            | State::Asked { answer_by: Some(_), .. }
            | State::Sweeping { .. }
            | State::Draining { .. }
            | State::Backoff { .. } => self.colored(Color::Yellow),
            State::Zombie { .. } => self.colored(Color::Magenta),
            State::Failed { .. } | State::Asked { answer_by: None, .. } => self.colored(Color::Red),
            State::Ended(end) if !end.well() => self.colored(Color::Red),
            State::Idle | State::Starting | State::Ended(_) => self.dim(),
        }
    }

    /// A worker's glyph and word.
    pub(super) fn worker(self, worker: &WorkerView) -> Style {
        match () {
            () if worker.left_alive() => self.waiting(),
            () if worker.waits_for_timer() => self.dim(),
            () => self.state(&worker.state),
        }
    }

    /// A worker's name.
    pub(super) fn name(self, color: Option<NameColor>) -> Style {
        match color {
            Some(NameColor::Indexed(index)) => self.colored(Color::Indexed(index)),
            Some(NameColor::Rgb(red, green, blue)) => self.colored(Color::Rgb(red, green, blue)),
            None => Style::new(),
        }
    }

    /// What a worker printed. Without colours its attributes stay.
    pub(super) fn printed(self, style: output::Style) -> Style {
        let color = |color| match color {
            output::Color::Default => Color::Reset,
            output::Color::Indexed(index) => Color::Indexed(index),
            output::Color::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
        };
        let plain = Style::new().add_modifier(modifiers(style.attributes));
        if self.color { plain.fg(color(style.foreground)).bg(color(style.background)) } else { plain }
    }
}

fn modifiers(attributes: Attributes) -> Modifier {
    [
        (Attributes::BOLD, Modifier::BOLD),
        (Attributes::DIM, Modifier::DIM),
        (Attributes::ITALIC, Modifier::ITALIC),
        (Attributes::UNDERLINE, Modifier::UNDERLINED),
        (Attributes::BLINK, Modifier::SLOW_BLINK),
        (Attributes::REVERSE, Modifier::REVERSED),
        (Attributes::HIDDEN, Modifier::HIDDEN),
        (Attributes::STRIKE, Modifier::CROSSED_OUT),
    ]
    .into_iter()
    .filter(|(attribute, _)| attributes.contains(*attribute))
    .fold(Modifier::empty(), |all, (_, modifier)| all | modifier)
}

/// One column that tells how a worker is without a word or a colour.
pub(super) fn glyph_of(worker: &WorkerView) -> &'static str {
    match () {
        () if worker.left_alive() => "◔",
        () if worker.waits_for_timer() => "◷",
        () if worker.kind.is_watched() => glyph_of_watched(&worker.state),
        () if worker.kind.is_pool() && matches!(worker.state, State::Running(_)) => "❖",
        () if worker.kind.is_thread() => glyph_of_thread(&worker.state),
        () => glyph(&worker.state),
    }
}

/// The same of a process that minder did not start.
fn glyph_of_watched(state: &State) -> &'static str {
    match state {
        State::Starting => "◌",
        State::Running(_) => "◎",
        State::Idle
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Asked { .. }
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Ended(_)
        | State::Failed { .. } => glyph(state),
    }
}

/// A thread is a diamond while it is there; how it ended looks as a process's end does.
fn glyph_of_thread(state: &State) -> &'static str {
    match state {
        State::Idle | State::Starting => "◇",
        State::Running(_) => "◆",
        State::Asked { .. } | State::Draining { .. } => "◈",
        State::Suspended { .. }
        | State::Stopping { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Ended(_)
        | State::Failed { .. } => glyph(state),
    }
}

/// One column that tells a process's state without a word or a colour.
pub(super) fn glyph(state: &State) -> &'static str {
    match state {
        State::Idle | State::Starting => "○",
        State::Running(_) => "●",
        State::Suspended { .. } => "‖",
        State::Asked { .. } => "◈",
        State::Stopping { .. } | State::Sweeping { .. } | State::Draining { .. } => "◐",
        State::Zombie { .. } => "z",
        State::Backoff { .. } => "↻",
        State::Ended(end) if end.status.success() && end.well() => "✓",
        State::Ended(end) if end.well() => "■",
        State::Ended(_) => "✗",
        State::Failed { .. } => "!",
    }
}
