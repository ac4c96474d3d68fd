//! Short names for workers that follow files: as much of a path's end as tells it from the others.

use crate::config::slug_of;
use std::path::{Component, Path};

/// The last `parts` of a path as a worker's name, and whether that is all of them.
pub(crate) fn name_of(path: &Path, parts: usize) -> (String, bool) {
    let all: Vec<_> = path
        .components()
        .filter(|component| matches!(component, Component::Normal(_)))
        .map(|component| component.as_os_str().to_string_lossy())
        .collect();
    let from = all.len().saturating_sub(parts);
    (slug_of(&all[from..].join("-")), from == 0)
}

/// A name for each path: its last part, or as many more as tell it from the others. Two may still be the
/// same.
pub(crate) fn names<P: AsRef<Path>>(paths: &[P]) -> Vec<String> {
    let mut names = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let unlike = |parts: &usize| {
            let (name, all) = name_of(path, *parts);
            let others = paths.iter().map(AsRef::as_ref).filter(|other| *other != path);
            all || others.map(|other| name_of(other, *parts).0).all(|other| other != name)
        };
        let parts = (1..=path.components().count()).find(unlike).unwrap_or(1);
        names.push(name_of(path, parts).0);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_of_the_path_as_it_takes() {
        assert_eq!(names(&["/var/log/syslog"]), ["syslog"]);
        assert_eq!(names(&["/a/x/log", "/b/x/log", "/c"]), ["a-x-log", "b-x-log", "c"]);
        assert_eq!(names(&["/srv/api/err.log", "/srv/web/err.log"]), ["api-err.log", "web-err.log"]);
        assert_eq!(names(&["/a/my log", "/a/my-log"]), ["a-my-log", "a-my-log"]);
        assert_eq!(names(&["/"]), ["worker"]);
    }
}
