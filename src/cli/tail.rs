//! `minder tail`: files that are followed.

use super::arguments::TailArguments;
use crate::config::tail_specs;
use crate::spec::{Beginning, Spec};
use std::path::PathBuf;

/// Refuses a folder: which of its files are meant, only its user can say.
pub(super) fn no_folder(path: PathBuf) -> Result<PathBuf, String> {
    if !path.is_dir() {
        return Ok(path);
    }
    let shown = path.display().to_string();
    Err(format!("{shown} is a folder; name the files in it, as '{}/*.log'", shown.trim_end_matches('/')))
}

impl TailArguments {
    /// The workers that were asked for.
    pub(super) fn specs(&self) -> Result<Vec<Spec>, String> {
        let from = if self.from_start { Beginning::Start } else { Beginning::Last(self.lines) };
        tail_specs(&self.files, from)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Face, parse_from};
    use super::*;
    use crate::spec::{Follow, Followed, Program, Sought};

    fn tail(words: &[&str]) -> Result<Vec<(String, Follow)>, String> {
        let words = ["minder", "tail"].iter().chain(words).copied();
        let invocation = parse_from(words).map_err(|error| error.to_string())?;
        let Face::Run(specs) = invocation.face else { return Err("no workers".to_owned()) };
        let follow = |spec: Spec| match spec.program {
            Program::Follow(follow) => (spec.name.to_string(), follow),
            other @ (Program::Shell { .. }
            | Program::Exec(_)
            | Program::Thread { .. }
            | Program::Watched(_)
            | Program::Pool { .. }) => panic!("{other}"),
        };
        Ok(specs.into_iter().map(follow).collect())
    }

    #[test]
    fn files_patterns_and_standard_input_are_workers() {
        let read =
            tail(&["/nowhere/a/x.log", "/nowhere/b/x.log", "-", "/nowhere/[ab]/*.log", "/nowhere/a/x.log"]);
        let read = read.unwrap();
        let names: Vec<_> = read.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a-x.log", "b-x.log", "stdin", "nowhere"]);
        let whats: Vec<_> = read.iter().map(|(_, follow)| follow.what.clone()).collect();
        assert_eq!(whats[0], Followed::File("/nowhere/a/x.log".into()));
        assert_eq!(whats[2], Followed::Stdin);
        assert_eq!(whats[3], Followed::Files(vec![Sought::Pattern("/nowhere/[ab]/*.log".into())]));
        assert!(read.iter().all(|(_, follow)| follow.from == Beginning::Last(10)));
    }

    #[test]
    fn where_it_begins_can_be_said() {
        let from = |words: &[&str]| tail(words).map(|read| read[0].1.from);
        assert_eq!(from(&["-n", "3", "x"]), Ok(Beginning::Last(3)));
        assert_eq!(from(&["--from-start", "x"]), Ok(Beginning::Start));
        assert!(from(&["--from-start", "-n3", "x"]).unwrap_err().contains("cannot be used with"));
    }

    #[test]
    fn what_cannot_be_is_told_with_the_mend() {
        assert!(tail(&[]).unwrap_err().contains("<FILE>"));
        assert!(tail(&["/nowhere/[a"]).unwrap_err().contains("/nowhere/[a: "));
        assert!(tail(&["/"]).unwrap_err().contains("/ is a folder"));
    }
}
