//! A search through what workers said: what is looked for and where it stands. The looking itself is
//! the searcher's, on a thread of its own.

use crate::output::{Pattern, Place};
use crate::spec::WorkerName;
use std::collections::HashMap;
use std::sync::Arc;

/// What is looked for, and how far the look came.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) pattern: Arc<Pattern>,
    /// In all workers.
    pub(super) everywhere: bool,
    /// The line that was found last.
    pub(super) at: Option<Place>,
    /// The look that is going on.
    pub(super) look: Option<Look>,
}

/// A look that is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// The next line to look at.
    pub(super) from: Place,
    /// Towards older lines.
    pub(super) up: bool,
    /// It came to the end and went on from the other one.
    pub(super) wrapped: bool,
    /// What comes later than this is not waited for: in a flood there is always more. Not known before
    /// the first look.
    pub(super) until: Option<Place>,
}

impl Look {
    pub(super) fn new(from: Place, up: bool) -> Self {
        Self { from, up, wrapped: false, until: None }
    }
}

/// How many matches there are, as last counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// In each worker that is searched, and whether all of it was looked at.
    pub(super) of: HashMap<WorkerName, (u64, bool)>,
    /// In the pane in view, and whether all of it was looked at.
    pub(super) here: (u64, bool),
    /// How many there are in that pane up to the one that was found last.
    pub(super) place: u64,
}

impl Search {
    /// Looks for nothing yet.
    pub(super) fn new(text: &str, everywhere: bool) -> Option<Self> {
        let pattern = Arc::new(Pattern::new(text)?);
        Some(Self { pattern, everywhere, at: None, look: None })
    }

    /// It looked everywhere and found nothing.
    pub(super) fn in_vain(&self) -> bool {
        self.look.is_none() && self.at.is_none()
    }

    /// What is said when there is none.
    pub(super) fn no_match(&self) -> String {
        let all = if self.everywhere { " in any worker" } else { "" };
        format!("no match for {}{all}", self.pattern.typed())
    }

    /// Starts to look from this line on, the line included.
    pub(super) fn look(&mut self, from: Place, up: bool) {
        self.look = Some(Look::new(from, up));
    }
}
