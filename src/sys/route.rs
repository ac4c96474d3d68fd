//! The way to a file: every folder and every symbolic link on it. Whatever is renamed, deleted or made
//! there may change which file a path means.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// How many links the kernel follows (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// A name in a folder that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Station {
    pub(super) folder: PathBuf,
    pub(super) name: OsString,
}

/// The stations of an absolute path, as far as there are folders.
pub(super) fn route(path: &Path) -> Vec<Station> {
    let mut stations = Vec::new();
    let mut ahead: VecDeque<OsString> = names(path).collect();
    let (mut folder, mut links) = (PathBuf::from("/"), 0);
    while let Some(name) = ahead.pop_front() {
        if name == ".." {
            folder.pop();
            continue;
        }
        let next = folder.join(&name);
        stations.push(Station { folder: folder.clone(), name });
        let Ok(found) = fs::symlink_metadata(&next) else { break };
        if found.is_symlink() {
            links += 1;
            let Ok(target) = fs::read_link(&next) else { break };
            if links > MOST_LINKS {
                break;
            }
            if target.is_absolute() {
                folder = PathBuf::from("/");
            }
            names(&target).rev().for_each(|name| ahead.push_front(name));
        } else if found.is_dir() {
            folder = next;
        } else {
            break;
        }
    }
    stations
}

fn names(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// The stations below the folder, as `folder:name`.
    fn below(base: &Path, path: &str) -> Vec<String> {
        let words = |station: &Station| {
            let folder = station.folder.strip_prefix(base).ok()?.display().to_string();
            Some(format!("{folder}:{}", station.name.display()))
        };
        route(&base.join(path)).iter().filter_map(words).collect()
    }

    #[test]
    fn it_ends_where_nothing_is() {
        let base = tempfile::tempdir().unwrap();
        let base = base.path().canonicalize().unwrap();
        fs::create_dir(base.join("a")).unwrap();
        assert_eq!(below(&base, "a/b/c.log"), [":a", "a:b"]);
        fs::create_dir(base.join("a/b")).unwrap();
        assert_eq!(below(&base, "a/b/c.log"), [":a", "a:b", "a/b:c.log"]);
        fs::write(base.join("a/b/c.log"), "").unwrap();
        assert_eq!(below(&base, "a/b/c.log"), [":a", "a:b", "a/b:c.log"]);
    }

    #[test]
    fn links_are_stations_and_so_is_where_they_lead() {
        let base = tempfile::tempdir().unwrap();
        let base = base.path().canonicalize().unwrap();
        fs::create_dir_all(base.join("real/deep")).unwrap();
        fs::write(base.join("real/x.log"), "").unwrap();
        symlink("real/deep", base.join("now")).unwrap();
        symlink("../x.log", base.join("real/deep/link")).unwrap();
        let stations = below(&base, "now/link");
        assert_eq!(stations, [":now", ":real", "real:deep", "real/deep:link", "real:x.log"]);
        symlink("ring", base.join("ring")).unwrap();
        assert!(below(&base, "ring").len() <= MOST_LINKS + 1);
    }
}
