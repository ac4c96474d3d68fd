//! Jumps to the next line of a kind. Knows no log.

use crate::output::{Criterion, ERRORS, Pattern, Place, Stream, Test};
use std::sync::{Arc, LazyLock};

/// Lines that can be jumped to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Kind {
    /// It looks like an error.
    Error,
    /// It came on standard error.
    Stderr,
    /// A run began or ended.
    Run,
}

static ERROR_LINES: LazyLock<Arc<Pattern>> =
    LazyLock::new(|| Arc::new(Pattern::exact(ERRORS).expect("it is tested that it compiles")));

impl Kind {
    pub(in crate::ui) fn test(self) -> Test {
        match self {
            Self::Error => Test::pattern(&ERROR_LINES, false),
            Self::Stderr => Test::new(Criterion::Stream(Stream::Stderr)),
            Self::Run => Test::new(Criterion::Stream(Stream::Ruling)),
        }
    }

    /// What is said where there is none.
    pub(in crate::ui) fn none(self, up: bool) -> String {
        let what = match self {
            Self::Error => "line that looks like an error",
            Self::Stderr => "line of standard error",
            Self::Run => "begin or end of a run",
        };
        format!("no {} {what}", if up { "older" } else { "newer" })
    }
}

/// A jump that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) struct Jump {
    pub(in crate::ui) kind: Kind,
    /// Towards older lines.
    pub(in crate::ui) up: bool,
    /// The first line to look at.
    pub(in crate::ui) from: Place,
    /// What comes later is not waited for.
    pub(in crate::ui) until: Place,
}
