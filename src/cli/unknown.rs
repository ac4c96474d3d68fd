//! An option that names a worker which is not there, and what may have been meant.

use crate::spec::WorkerName;
use crate::suggest::nearest;
use std::fmt;

/// A name that no worker has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWorker {
    /// What was asked for.
    pub name: String,
    /// What may have been meant.
    pub meant: Option<String>,
    /// Every name there is.
    pub known: Vec<WorkerName>,
}

impl std::error::Error for UnknownWorker {}

impl fmt::Display for UnknownWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no worker `{}`; ", self.name)?;
        match (&self.meant, self.known.as_slice()) {
            (Some(meant), _) => write!(f, "did you mean `{meant}`?"),
            (None, []) => f.write_str("there are no workers at all"),
            (None, [first, rest @ ..]) => {
                write!(f, "the workers are `{first}`")?;
                rest.iter().try_for_each(|name| write!(f, ", `{name}`"))
            }
        }
    }
}

impl UnknownWorker {
    pub(super) fn new(name: &str, known: &[WorkerName], other_words: &[&str]) -> Self {
        let candidates = known.iter().map(WorkerName::as_str).chain(other_words.iter().copied());
        Self {
            name: name.to_owned(),
            meant: nearest(name, candidates).map(str::to_owned),
            known: known.to_vec(),
        }
    }
}
