//! What is asked or shown on top of list and pane: help, signals, prompts, the view of a quit.

mod abandon;
mod help;
mod picker;
mod prompt;
mod quit;

pub(super) use picker::{Picker, Target};
pub(super) use prompt::{Prompt, TextLine, draw_line};

use super::keymap::{Action, Context};
use super::keys::Key;
use super::model::Model;
use super::takeout::{self, Ask};
use super::update::Effect;
use super::{actions, draw::CursorAt, text, theme::Theme};
use crate::spec::WorkerName;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, BorderType, Clear, Widget};

/// The dialog that is open.
#[derive(Debug, Clone)]
pub(super) enum Dialog {
    /// Every key.
    Help {
        /// The first line in view.
        top: u16,
    },
    /// A signal to pick.
    Signals(Picker),
    /// A line of text to type.
    Prompt(Prompt),
    /// A thread that somebody wants killed.
    Abandon(WorkerName),
    /// Something about what is taken out.
    Asking(Ask),
}

/// What an action is to a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    End,
    Accept,
    Cancel,
    Scope,
}

impl Step {
    fn of(action: Action) -> Option<Self> {
        match action {
            Action::Up => Some(Self::Up),
            Action::Down => Some(Self::Down),
            Action::PageUp => Some(Self::PageUp),
            Action::PageDown => Some(Self::PageDown),
            Action::Top => Some(Self::Top),
            Action::End => Some(Self::End),
            Action::Accept => Some(Self::Accept),
            Action::Cancel => Some(Self::Cancel),
            Action::Scope => Some(Self::Scope),
            Action::Read(_)
            | Action::Cell(_)
            | Action::Focus
            | Action::Keyboard
            | Action::GiveBack
            | Action::StartStop
            | Action::Terminate
            | Action::Kill
            | Action::Restart
            | Action::Freeze
            | Action::Signal
            | Action::Wait
            | Action::GiveUp
            | Action::Inspect
            | Action::InspectMinder
            | Action::OpenThreads
            | Action::CloseThreads
            | Action::SignalProcess
            | Action::TerminateProcess
            | Action::KillProcess
            | Action::FreezeProcess
            | Action::NudgeParent
            | Action::EndParent
            | Action::CloseInspect
            | Action::TerminateAll
            | Action::Filter
            | Action::Search
            | Action::Older
            | Action::Newer
            | Action::Zoom
            | Action::Help
            | Action::Quit
            | Action::Interrupt
            | Action::QuitSignal
            | Action::Suspend
            | Action::Redraw
            | Action::Select
            | Action::SelectLines
            | Action::SelectBlock
            | Action::SelectLeft
            | Action::SelectRight
            | Action::LineStart
            | Action::LineEnd
            | Action::WordOn
            | Action::WordBack
            | Action::WordEnd
            | Action::SwapEnds
            | Action::CloseSelection
            | Action::Copy
            | Action::Save
            | Action::Page
            | Action::Edit
            | Action::Pipe => None,
        }
    }
}

/// A key while a dialog is open.
pub(super) fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    if let Some(effects) = typed(model, key) {
        return effects;
    }
    let in_help = matches!(model.dialog, Some(Dialog::Help { .. }));
    let action = model.keymap.action(Context::Dialog, key);
    // What opened help, and what quits elsewhere, closes it.
    let closes = || {
        let action = model.keymap.action(Context::Screen, key);
        matches!(action, Some(Action::Help | Action::Quit)).then_some(Action::Cancel)
    };
    match action.or_else(|| in_help.then(closes).flatten()) {
        Some(action) => act(model, action),
        None => Vec::new(),
    }
}

/// A key for the text of a dialog that has some.
fn typed(model: &mut Model, key: Key) -> Option<Vec<Effect>> {
    match &mut model.dialog {
        Some(Dialog::Prompt(prompt)) => prompt.text.key(key).then(|| prompt::changed(model)),
        Some(Dialog::Signals(picker)) => picker.key(key).then(Vec::new),
        Some(Dialog::Asking(_)) => takeout::key(model, key),
        Some(Dialog::Help { .. } | Dialog::Abandon(_)) | None => None,
    }
}

/// A paste while a dialog is open: its first line is typed.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(Dialog::Asking(ask)) = &model.dialog
        && !takeout::paste(ask)
    {
        return Vec::new();
    }
    let line = text.lines().next().unwrap_or_default();
    let keys = line.chars().filter(|c| !c.is_control());
    let keys = keys.map(|c| Key::plain(crossterm::event::KeyCode::Char(c)));
    keys.filter_map(|key| typed(model, key)).flatten().collect()
}

/// An action while a dialog is open.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if matches!(action, Action::Interrupt | Action::QuitSignal | Action::Suspend | Action::Redraw) {
        return actions::act(model, action);
    }
    let Some(step) = Step::of(action) else { return Vec::new() };
    match &mut model.dialog {
        Some(Dialog::Help { top }) => {
            *top = help::moved(*top, step, &model.keymap, model.size);
            if matches!(step, Step::Accept | Step::Cancel) {
                model.dialog = None;
            }
            Vec::new()
        }
        Some(Dialog::Signals(_)) => picker::act(model, step),
        Some(Dialog::Prompt(_)) => prompt::act(model, step),
        Some(Dialog::Abandon(_)) => abandon::act(model, step),
        Some(Dialog::Asking(_)) => takeout::step(model, step),
        None => Vec::new(),
    }
}

/// Draws what lies on top.
pub(super) fn draw(model: &Model, body: Rect, buffer: &mut Buffer) {
    if model.quitting() {
        quit::draw(model, body, buffer);
    }
    match &model.dialog {
        Some(Dialog::Help { top }) => help::draw(model, *top, body, buffer),
        Some(Dialog::Signals(picker)) => picker.draw(model, body, buffer),
        Some(Dialog::Abandon(name)) => abandon::draw(model, name, body, buffer),
        Some(Dialog::Asking(ask)) => takeout::draw(ask, model, body, buffer),
        Some(Dialog::Prompt(_)) | None => {}
    }
}

/// Draws the prompt over the status line. Returns where its cursor is.
pub(super) fn draw_prompt(model: &Model, area: Rect, buffer: &mut Buffer) -> Option<CursorAt> {
    match &model.dialog {
        Some(Dialog::Prompt(prompt)) => Some(prompt.draw(model, area, buffer)),
        Some(Dialog::Asking(ask)) => takeout::draw_line(ask, model, area, buffer),
        Some(Dialog::Help { .. } | Dialog::Signals(_) | Dialog::Abandon(_)) | None => None,
    }
}

/// A frame with a title in the middle of `body`, as large as its content but no larger than there
/// is room. Returns its inside.
pub(super) fn boxed(
    (columns, rows): (u16, u16),
    title: &str,
    foot: &str,
    theme: Theme,
    body: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let width = columns.saturating_add(4).min(body.width);
    let height = rows.saturating_add(2).min(body.height);
    let area =
        Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height };
    Clear.render(area, buffer);
    let room = usize::from(width.saturating_sub(6));
    let around = |text: &str| match text {
        "" => String::new(),
        text => format!(" {} ", text::cut(text, room)),
    };
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.dim())
        .title(ratatui::text::Line::styled(around(title), theme.bold()))
        .title_bottom(ratatui::text::Line::styled(around(foot), theme.dim()));
    let inner = block.inner(area);
    block.render(area, buffer);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}
