//! Which lines are meant: by their text, by who said them, and by both. Knows no log.

use super::pattern::Pattern;
use crate::output::block::Block;
use crate::output::line::Stream;
use std::ops::Range;
use std::sync::Arc;

/// What makes a line one that is meant.
#[derive(Debug, Clone)]
pub enum Criterion {
    /// Its text matches.
    Pattern(Arc<Pattern>),
    /// It was said there.
    Stream(Stream),
}

impl PartialEq for Criterion {
    /// The same pattern, not one that was typed alike.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Pattern(one), Self::Pattern(other)) => Arc::ptr_eq(one, other),
            (Self::Stream(one), Self::Stream(other)) => one == other,
            (Self::Pattern(_) | Self::Stream(_), _) => false,
        }
    }
}

/// Lines that are meant, or all the others; of those that another test lets through.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    criterion: Criterion,
    inverse: bool,
    within: Option<Box<Test>>,
}

impl Test {
    /// The lines that meet this.
    pub fn new(criterion: Criterion) -> Self {
        Self { criterion, inverse: false, within: None }
    }

    /// The lines whose text matches or, inverse, does not.
    pub fn pattern(pattern: &Arc<Pattern>, inverse: bool) -> Self {
        Self { criterion: Criterion::Pattern(Arc::clone(pattern)), inverse, within: None }
    }

    /// Only those of them that the other lets through, too.
    #[must_use]
    pub fn within(self, other: Option<Self>) -> Self {
        Self { within: other.map(Box::new), ..self }
    }

    /// Whether a line passes.
    pub fn passes(&self, stream: Stream, text: &str) -> bool {
        let meant = match &self.criterion {
            Criterion::Pattern(pattern) => pattern.matches(text),
            Criterion::Stream(wanted) => stream == *wanted,
        };
        meant != self.inverse && self.within.as_ref().is_none_or(|within| within.passes(stream, text))
    }

    /// The lines of a block, of those asked for, that pass, in order.
    pub(super) fn passing(&self, block: &Block, lines: Range<u64>) -> Vec<u64> {
        let mut meant = Vec::new();
        match &self.criterion {
            Criterion::Pattern(pattern) => pattern.lines_of(block, lines.clone(), &mut meant),
            Criterion::Stream(wanted) => {
                meant.extend(lines.clone().filter(|line| block.line(*line).stream == *wanted));
            }
        }
        if self.inverse {
            let mut left_out = meant.into_iter().peekable();
            meant = lines.clone().filter(|line| left_out.next_if_eq(line).is_none()).collect();
        }
        match &self.within {
            Some(within) if !meant.is_empty() => {
                let others = within.passing(block, lines);
                let mut others = others.into_iter().peekable();
                meant.retain(|line| {
                    while others.next_if(|other| other < line).is_some() {}
                    others.peek() == Some(line)
                });
                meant
            }
            Some(_) | None => meant,
        }
    }
}
