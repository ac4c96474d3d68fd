//! Short names for workers that follow files: as much of a path's end as tells it from the others.

use crate::config::slug_of;
use std::collections::{HashMap, HashSet};
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
    let mut names = vec![String::new(); paths.len()];
    let mut unnamed: Vec<usize> = (0..paths.len()).collect();
    for parts in 1.. {
        if unnamed.is_empty() {
            break;
        }
        let tried: Vec<_> = paths.iter().map(|path| name_of(path.as_ref(), parts)).collect();
        // By path: the same path twice is no other.
        let mut bearers: HashMap<&str, HashSet<&Path>> = HashMap::new();
        for ((name, _), path) in tried.iter().zip(paths) {
            bearers.entry(name).or_default().insert(path.as_ref());
        }
        unnamed.retain(|&index| {
            let (name, all) = &tried[index];
            let is_told_apart = *all || bearers[name.as_str()].len() == 1;
            if is_told_apart {
                names[index].clone_from(name);
            }
            !is_told_apart
        });
    }
    names
}

/// A path as it may be said in a line: nothing in it ends the line or moves the cursor.
pub(super) fn shown(path: &Path) -> String {
    let mut shown = String::new();
    for letter in path.to_string_lossy().chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
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
        assert_eq!(names(&["/a/x", "/a/x", "/b"]), ["x", "x", "b"]);
    }

    #[test]
    fn thousands_are_named_at_once() {
        let paths: Vec<_> = (0..20_000).map(|number| format!("/srv/{number}/var/log/app.log")).collect();
        let named = names(&paths);
        assert_eq!(named[19_999], "19999-var-log-app.log");
    }

    #[test]
    fn what_is_shown_of_a_path_is_one_line() {
        assert_eq!(shown(Path::new("/a b/\u{1b}[2J\nö")), "/a b/\\u{1b}[2J\\nö");
    }
}
