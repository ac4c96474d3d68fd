//! How panes are read: where each stands, which of its lines are shown, what stands beside them.
//! Plain data; what is there to be read is the readers' business.

mod act;
pub(super) mod finder;
pub(super) mod goto;
mod group;
pub(super) mod gutter;
mod jump;
mod scroll;
pub(super) mod times;

pub(super) use act::{act, go, jumped, leave_filter};
pub(super) use group::{Group, forget_found, take_in};
pub(super) use jump::{Jump, Kind};
pub(super) use scroll::{reveal, scroll};

use super::keymap::Read;
use super::model::Model;
use crate::output::{Pattern, Place, Position, Test};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;
use times::Times;

/// How one pane is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) position: Position,
    /// Only these lines are shown.
    pub(super) filter: Option<Filter>,
    /// The first column in view where lines are cut.
    pub(super) left: u32,
    /// Bookmarks by their letters.
    pub(super) marks: BTreeMap<char, Place>,
    /// The line that was jumped to.
    pub(super) here: Option<Place>,
}

/// What stands beside the lines of every pane, and how wide ones fit in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Display {
    pub(super) cut: bool,
    pub(super) numbers: bool,
    pub(super) times: Times,
}

/// Which lines are shown, as it was typed: a leading `!` means all the others.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) pattern: Arc<Pattern>,
    pub(super) inverse: bool,
}

impl Filter {
    /// `None` where nothing is typed that could be looked for.
    pub(super) fn new(typed: &str) -> Option<Self> {
        let (inverse, text) = match typed.strip_prefix('!') {
            Some(text) => (true, text),
            None => (false, typed),
        };
        let pattern = Arc::new(Pattern::new(text)?);
        Some(Self { pattern, inverse })
    }

    pub(super) fn test(&self) -> Test {
        Test::pattern(&self.pattern, self.inverse)
    }

    /// As it was typed.
    pub(super) fn typed(&self) -> String {
        format!("{}{}", if self.inverse { "!" } else { "" }, self.pattern.typed())
    }
}

impl Model {
    /// How the pane in view is read.
    pub(super) fn reading(&self) -> Option<&Reading> {
        if let Some(group) = &self.group {
            return Some(&group.reading);
        }
        self.readings.get(self.list.chosen.as_ref()?)
    }

    /// How the pane in view is read, to be changed.
    pub(super) fn reading_mut(&mut self) -> Option<&mut Reading> {
        if let Some(group) = &mut self.group {
            return Some(&mut group.reading);
        }
        let name = self.list.chosen.clone()?;
        Some(self.readings.entry(name).or_default())
    }

    /// What comes later than this has not come yet.
    pub(super) fn newest(&self) -> Place {
        if self.group.is_none() {
            return Place::line(self.view.lines_total);
        }
        let since = self.wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Place { at: since.as_nanos() as u64, ..Place::END }
    }

    pub(super) fn line_filter(&self) -> Option<&Filter> {
        self.reading()?.filter.as_ref()
    }

    /// The key of a reading action.
    pub(super) fn read_key(&self, read: Read) -> String {
        self.keymap.key(super::keymap::Action::Read(read))
    }
}
