//! Finds files to follow: those that match now, and those that match later. Each gets a worker of its own,
//! for which it asks; what becomes of that is not its matter.

use super::Added;
use super::course::Identity;
use super::files::{identity, plain};
use super::follower::{LOOK, no_watch};
use super::names::{name_of, names};
use super::stream::Followed;
use crate::spec::{Beginning, Follow, Followed as What, Program, Sought, Spec};
use crate::sys::ear::Ear;
use crate::threads::Context;
use crossbeam_channel::{after, never, select};
use glob::MatchOptions;
use std::collections::{HashMap, HashSet};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many files get a worker at most: each has a thread and a descriptor.
const MOST: usize = 500;

/// How many folders are watched at most; there may be more below a `**`.
const MOST_FOLDERS: usize = 4096;

/// How often folders are looked at that come and go under our eyes.
const MOST_LOOKS: usize = 8;

/// How long more changes are waited for, since they seldom come alone.
const GATHER: Duration = Duration::from_millis(20);

/// As a shell matches.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

type Add = Box<dyn Fn(Spec) -> Added + Send + Sync>;

/// Finds files, over all runs of its worker.
pub(super) struct Finder {
    spec: Spec,
    sought: Vec<Sought>,
    from: Beginning,
    add: Add,
    known: Mutex<Known>,
}

/// What has a worker.
#[derive(Debug, Default)]
pub(super) struct Known {
    paths: HashSet<PathBuf>,
    /// Every file of a worker that still matches, also under another name.
    files: HashMap<Identity, PathBuf>,
    /// Something was looked for before.
    looked: bool,
    said_too_many: bool,
}

impl Known {
    /// Which of these are new. One that was followed under another name is not: it was put aside.
    pub(super) fn take_new(&mut self, matches: &[(PathBuf, Option<Identity>)]) -> Vec<PathBuf> {
        let mut files = HashMap::new();
        let mut new = Vec::new();
        for (path, id) in matches.iter().filter(|(path, _)| self.paths.contains(path)) {
            id.map(|id| files.insert(id, path.clone()));
        }
        for (path, id) in matches.iter().filter(|(path, _)| !self.paths.contains(path)) {
            let before = id.and_then(|id| files.get(&id).or_else(|| self.files.get(&id)).cloned());
            let followed = before.clone().unwrap_or_else(|| path.clone());
            id.map(|id| files.insert(id, followed));
            if before.is_none() {
                new.push(path.clone());
            }
        }
        // Of a file that is gone another may have the number.
        self.files = files;
        new
    }
}

impl Finder {
    pub(super) fn new(spec: Spec, sought: Vec<Sought>, from: Beginning, add: Add) -> Self {
        Self { spec, sought, from, add, known: Mutex::default() }
    }

    /// One run.
    pub(super) fn run(&self, context: &Context) -> Result<Followed, String> {
        let mut ear = Ear::open().map_err(|error| plain(&error))?;
        let mut polls = false;
        loop {
            let refused = self.attend(&mut ear);
            if let Some(why) = refused.filter(|_| !std::mem::replace(&mut polls, true)) {
                context.rule(&format!("{why}; looks once a second"));
            }
            if !self.look(context) {
                return Ok(Followed::Stopped);
            }
            let look = if polls { after(LOOK) } else { never() };
            select! {
                recv(context.stop_receiver()) -> _ => return Ok(Followed::Stopped),
                recv(ear.woken()) -> _ => {}
                recv(look) -> _ => {}
            }
            if context.sleep(GATHER).is_err() {
                return Ok(Followed::Stopped);
            }
        }
    }

    /// Hears from now on of every folder where something may match. Why not of all.
    fn attend(&self, ear: &mut Ear) -> Option<String> {
        let (mut folders, mut refused) = (self.folders(), None);
        for _ in 0..MOST_LOOKS {
            let mut attending = ear.attend();
            for sought in &self.sought {
                if let Sought::Pattern(pattern) = sought {
                    attending.way(&split(pattern).0);
                }
            }
            folders.iter().take(MOST_FOLDERS).for_each(|folder| attending.folder(folder, None));
            refused = attending.done();
            // What came into a folder before it was watched, nobody tells.
            let now = self.folders();
            if now == folders {
                break;
            }
            folders = now;
        }
        let too_many = || format!("there are more than {MOST_FOLDERS} folders to watch");
        refused.map(no_watch).or_else(|| (folders.len() > MOST_FOLDERS).then(too_many))
    }

    /// The folders where something may match, as far as they are there; one more than can be watched.
    fn folders(&self) -> Vec<PathBuf> {
        let patterns = self.sought.iter().filter_map(|sought| match sought {
            Sought::Pattern(pattern) => Some(split(pattern)),
            Sought::Path(_) => None,
        });
        let folders = patterns.flat_map(|(fixed, open)| {
            std::iter::once(fixed)
                .chain(open.into_iter().flat_map(|prefix| matching(&prefix).collect::<Vec<_>>()))
        });
        folders.filter(|folder| folder.is_dir()).take(MOST_FOLDERS + 1).collect()
    }

    /// Adds a worker for each file that has none. False if none is taken any more.
    fn look(&self, context: &Context) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let matches: Vec<_> = self.sought.iter().flat_map(files).collect();
        let new = known.take_new(&matches);
        // What was there before the first look is no news; what came later is, from its first line on.
        let from = if known.looked { Beginning::Start } else { self.from };
        known.looked = true;
        for (path, name) in new.iter().zip(names(&new)) {
            if known.paths.len() >= MOST {
                if !std::mem::replace(&mut known.said_too_many, true) {
                    context.rule(&format!("more than {MOST} files match: the others are not followed"));
                }
                return true;
            }
            let Some(name) = self.ask(path, name, from) else { return false };
            known.paths.insert(path.clone());
            context.rule(&format!("{} is followed as {name}", path.display()));
        }
        true
    }

    /// The name under which the file is followed; `None` where no worker is taken any more.
    fn ask(&self, path: &Path, name: String, from: Beginning) -> Option<String> {
        let longer = (2..).map_while(|parts| {
            let (name, all) = name_of(path, parts);
            (!all).then_some(name)
        });
        let numbered = (2..).map(|number| format!("{}-{number}", name_of(path, 1).0));
        let mut candidates = std::iter::once(name).chain(longer).chain(numbered);
        candidates.find_map(|name| {
            let follow = Follow { what: What::File(path.to_owned()), from };
            let spec = Spec {
                name: name.as_str().into(),
                program: Program::Follow(follow),
                description: None,
                autostart: true,
                ..self.spec.clone()
            };
            match (self.add)(spec) {
                Added::Yes => Some(Some(name)),
                Added::NameTaken => None,
                Added::TooLate => Some(None),
            }
        })?
    }
}

/// Where a pattern's first part with anything open in it is looked for; and the patterns of all folders
/// below, each with one part more.
fn split(pattern: &str) -> (PathBuf, Vec<String>) {
    let parts: Vec<&str> = pattern.split('/').collect();
    let last = parts.len() - 1;
    let open = parts.iter().position(|part| part.contains(['*', '?', '['])).unwrap_or(last).min(last);
    let fixed = parts[..open].join("/");
    let fixed = if fixed.is_empty() { PathBuf::from("/") } else { PathBuf::from(fixed) };
    (fixed, (open + 1..=last).map(|end| parts[..end].join("/")).collect())
}

/// What matches a pattern, as far as it can be read.
fn matching(pattern: &str) -> impl Iterator<Item = PathBuf> {
    glob::glob_with(pattern, MATCHING).into_iter().flatten().filter_map(Result::ok)
}

/// The files that are sought, with what they are as far as that is known.
fn files(sought: &Sought) -> Vec<(PathBuf, Option<Identity>)> {
    match sought {
        Sought::Path(path) => {
            vec![(path.clone(), std::fs::metadata(path).ok().as_ref().map(identity))]
        }
        Sought::Pattern(pattern) => matching(pattern)
            .filter_map(|path| {
                let facts = std::fs::metadata(&path).ok()?;
                let kind = facts.file_type();
                (kind.is_file() || kind.is_fifo()).then(|| (path, Some(identity(&facts))))
            })
            .collect(),
    }
}
