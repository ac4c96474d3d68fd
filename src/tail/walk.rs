//! A look at what is on the disk for patterns: the files that match, and the folders where more may come.
//! Bounded, and over as soon as somebody stops it.

use super::course::Identity;
use super::files::identity;
use super::pattern::{Ahead, Pattern};
use std::ffi::OsStr;
use std::fs::{self, FileType, Metadata};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How much a look comes to at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// How many folders are looked into.
    pub(super) visits: usize,
    /// How many of them are told.
    pub(super) folders: usize,
    /// How many files are told.
    pub(super) files: usize,
}

/// Which file it is. By its birth too, where that is known: of a file that is gone another soon has the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Which {
    pub(super) id: Identity,
    pub(super) born: Option<SystemTime>,
}

impl Which {
    fn of(facts: &Metadata) -> Self {
        Self { id: identity(facts), born: facts.created().ok() }
    }
}

/// What is seen.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// Where something may match. In an order of its own that is the same each time.
    pub(super) folders: Vec<PathBuf>,
    /// What matches and can be followed: files and fifos. In alphabetical order for each pattern.
    pub(super) files: Vec<(PathBuf, Option<Which>)>,
    /// There are more folders than may be looked into.
    pub(super) is_cut: bool,
}

/// A look along some patterns.
pub(super) struct Walk<'a> {
    bounds: Bounds,
    stops: &'a dyn Fn() -> bool,
    visits: usize,
    sight: Sight,
}

impl<'a> Walk<'a> {
    pub(super) fn new(bounds: Bounds, stops: &'a dyn Fn() -> bool) -> Self {
        Self { bounds, stops, visits: 0, sight: Sight::default() }
    }

    /// This one, whether it is there or not.
    pub(super) fn note(&mut self, path: &Path) {
        self.sight.files.push((path.to_owned(), fs::metadata(path).ok().as_ref().map(Which::of)));
    }

    /// All that matches, as far as it may be read.
    pub(super) fn along(&mut self, pattern: &Pattern) {
        let before = self.sight.files.len();
        let mut folders = Vec::new();
        if pattern.base().is_dir() {
            self.go_into(&mut folders, pattern.base().to_owned(), pattern.ahead());
        }
        while let Some((folder, ahead)) = folders.pop() {
            if (self.stops)() {
                return;
            }
            let visit = Visit { pattern, folder: &folder, ahead: &ahead };
            self.look_into(visit, &mut folders);
            if self.sight.folders.len() < self.bounds.folders {
                self.sight.folders.push(folder);
            }
        }
        let found = &mut self.sight.files[before..];
        found.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    }

    pub(super) fn sight(mut self) -> Sight {
        self.sight.folders.sort_unstable();
        self.sight.folders.dedup();
        self.sight
    }

    fn look_into(&mut self, visit: Visit<'_>, folders: &mut Vec<(PathBuf, Ahead)>) {
        let Visit { pattern, folder, ahead } = visit;
        if let Some(names) = pattern.only_names(ahead) {
            // Their folder need not be readable.
            for name in names {
                self.look_up(visit, name, folders);
            }
            return;
        }
        for name in pattern.special_names(ahead) {
            self.look_up(visit, name, folders);
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if (self.stops)() {
                return;
            }
            if let Ok(kind) = entry.file_type() {
                self.meet(visit, &entry.file_name(), kind, folders);
            }
        }
    }

    fn look_up(&mut self, visit: Visit<'_>, name: &OsStr, folders: &mut Vec<(PathBuf, Ahead)>) {
        if let Ok(facts) = fs::symlink_metadata(visit.folder.join(name)) {
            self.meet(visit, name, facts.file_type(), folders);
        }
    }

    /// Something in a folder.
    fn meet(&mut self, visit: Visit<'_>, name: &OsStr, kind: FileType, folders: &mut Vec<(PathBuf, Ahead)>) {
        let fit = visit.pattern.fit(visit.ahead, name, kind.is_symlink());
        if !fit.ends && fit.below.is_empty() {
            return;
        }
        let path = visit.folder.join(name);
        let there = if kind.is_symlink() { fs::metadata(&path).ok() } else { None };
        let kind = there.as_ref().map_or(kind, Metadata::file_type);
        if kind.is_dir() {
            if !fit.below.is_empty() {
                self.go_into(folders, path, fit.below);
            }
        } else if fit.ends && (kind.is_file() || kind.is_fifo()) && self.sight.files.len() < self.bounds.files
        {
            let there = there.or_else(|| fs::metadata(&path).ok());
            self.sight.files.extend(there.map(|facts| (path, Some(Which::of(&facts)))));
        }
    }

    fn go_into(&mut self, folders: &mut Vec<(PathBuf, Ahead)>, folder: PathBuf, ahead: Ahead) {
        if self.visits == self.bounds.visits {
            self.sight.is_cut = true;
            return;
        }
        self.visits += 1;
        folders.push((folder, ahead));
    }
}

/// A folder, and what is sought in it.
#[derive(Clone, Copy)]
struct Visit<'a> {
    pattern: &'a Pattern,
    folder: &'a Path,
    ahead: &'a Ahead,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    const BOUNDS: Bounds = Bounds { visits: 1000, folders: 1000, files: 1000 };

    fn look(base: &Path, patterns: &[&str], bounds: Bounds) -> Sight {
        let never = || false;
        let mut walk = Walk::new(bounds, &never);
        for pattern in patterns {
            let base = glob::Pattern::escape(base.to_str().unwrap());
            walk.along(&Pattern::new(&format!("{base}/{pattern}")).unwrap());
        }
        walk.sight()
    }

    fn found(base: &Path, pattern: &str) -> Vec<String> {
        let below = |path: &Path| path.strip_prefix(base).unwrap().display().to_string();
        look(base, &[pattern], BOUNDS).files.iter().map(|(path, _)| below(path)).collect()
    }

    fn files(paths: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        for path in paths {
            fs::create_dir_all(base.join(path).parent().unwrap()).unwrap();
            fs::write(base.join(path), "").unwrap();
        }
        (folder, base)
    }

    #[test]
    fn files_are_found_in_order() {
        let (_folder, base) =
            files(&["b.log", "a/2.log", "a/1.log", "a/b/c.log", ".h.log", ".d/x.log", "a/no"]);
        assert_eq!(found(&base, "*.log"), ["b.log"]);
        assert_eq!(found(&base, "**/*.log"), ["a/1.log", "a/2.log", "a/b/c.log", "b.log"]);
        assert_eq!(found(&base, "**"), ["a/1.log", "a/2.log", "a/b/c.log", "a/no", "b.log"]);
        assert_eq!(found(&base, "*/b/*"), ["a/b/c.log"]);
        assert_eq!(found(&base, "a/../*.log"), ["a/../b.log"]);
        assert_eq!(found(&base, "*/../*.log"), ["a/../b.log"]);
        assert_eq!(found(&base, ".*/*.log"), [".d/x.log"]);
        assert!(found(&base, "nowhere/*").is_empty());
        assert!(found(&base, "*/").is_empty());
    }

    #[test]
    fn links_to_an_ancestor_are_no_way_down_for_two_stars() {
        let (_folder, base) = files(&["x/a.log"]);
        for link in ["l1", "l2", "l3"] {
            symlink(".", base.join("x").join(link)).unwrap();
        }
        symlink("a.log", base.join("x/b.log")).unwrap();
        assert_eq!(found(&base, "**/*.log"), ["x/a.log", "x/b.log"]);
        assert_eq!(found(&base, "x/l1/*.log"), ["x/l1/a.log", "x/l1/b.log"]);
        assert_eq!(found(&base, "x/l?/a.log"), ["x/l1/a.log", "x/l2/a.log", "x/l3/a.log"]);
    }

    #[test]
    fn any_bytes_are_a_name_of_a_file_and_of_a_folder() {
        let (_folder, base) = files(&["a.log"]);
        let odd = OsString::from_vec(b"\xff".to_vec());
        fs::create_dir(base.join(&odd)).unwrap();
        fs::write(base.join(&odd).join(&odd), "").unwrap();
        let sight = look(&base, &["**/*"], BOUNDS);
        let paths: Vec<_> = sight.files.into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, [base.join("a.log"), base.join(&odd).join(&odd)]);
    }

    #[test]
    fn names_of_their_own_are_found_where_nobody_may_list() {
        let (_folder, base) = files(&["a/x.log", "b/y.log"]);
        fs::set_permissions(base.join("a"), fs::Permissions::from_mode(0o100)).unwrap();
        assert_eq!(found(&base, "*/x.log"), ["a/x.log"]);
        fs::set_permissions(base.join("a"), fs::Permissions::from_mode(0o700)).unwrap();
        let sight = look(&base, &["*/x.log"], BOUNDS);
        assert_eq!(sight.folders, [base.clone(), base.join("a"), base.join("b")]);
    }

    #[test]
    fn it_is_bounded() {
        let (_folder, base) = files(&["a/1", "b/2", "c/3", "c/4"]);
        let sight = look(&base, &["**/*", "*/*"], Bounds { visits: 3, folders: 2, files: 1 });
        assert!(sight.is_cut && sight.folders.len() == 2 && sight.files.len() == 1, "{sight:?}");
        let sight = look(&base, &["**/*"], Bounds { visits: 4, ..BOUNDS });
        assert!(!sight.is_cut && sight.files.len() == 4, "{sight:?}");
    }

    #[test]
    fn it_stops_on_its_way() {
        let (_folder, base) = files(&["a/1", "b/2", "c/3"]);
        let asked = Cell::new(0);
        let stops = || asked.replace(asked.get() + 1) >= 3;
        let mut walk = Walk::new(BOUNDS, &stops);
        walk.along(&Pattern::new(&format!("{}/**/*", base.display())).unwrap());
        assert!(walk.sight().files.is_empty());
    }
}
