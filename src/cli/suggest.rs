//! "did you mean": the nearest of some words, and names checked against those that are there.

use crate::spec::WorkerName;
use std::fmt;

/// The candidate that is nearest to a word, where one is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A third of the letters may be wrong, and at least one.
    let most = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

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

/// Checks that every name asked for is one of those known.
///
/// # Errors
/// The first that is not, with what may have been meant.
pub fn check_names(asked: &[WorkerName], known: &[WorkerName]) -> Result<(), UnknownWorker> {
    match asked.iter().find(|name| !known.contains(name)) {
        Some(name) => Err(UnknownWorker::new(name.as_str(), known, &[])),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &[&str]) -> Vec<WorkerName> {
        words.iter().map(|word| WorkerName::from(*word)).collect()
    }

    #[test]
    fn a_slip_is_mended_and_a_stranger_is_not() {
        assert_eq!(nearest("wbe", ["api", "web"]), Some("web"));
        assert_eq!(nearest("first-falure", ["first-failure", "max"]), Some("first-failure"));
        assert_eq!(nearest("postgres", ["api", "web"]), None);
        assert_eq!(nearest("", []), None);
    }

    #[test]
    fn an_unknown_name_is_told_with_what_there_is() {
        let known = names(&["api", "web"]);
        assert_eq!(check_names(&names(&["web"]), &known), Ok(()));
        let told = |asked: &str, known: &[WorkerName]| {
            check_names(&names(&[asked]), known).unwrap_err().to_string()
        };
        assert_eq!(told("wbe", &known), "there is no worker `wbe`; did you mean `web`?");
        assert_eq!(
            told("cache", &known),
            "there is no worker `cache`; the workers are `api`, `web`"
        );
        assert_eq!(told("cache", &[]), "there is no worker `cache`; there are no workers at all");
    }
}
