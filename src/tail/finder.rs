//! Finds files to follow: those that match now, and those that match later. Each gets a worker of its own,
//! for which it asks; what becomes of that is not its matter.

use super::Added;
use super::files::plain;
use super::follower::{LOOK, no_watch};
use super::names::{name_of, names, shown};
use super::pattern::Pattern;
use super::stream::Followed;
use super::walk::{Bounds, Sight, Walk, Which};
use crate::spec::{Beginning, Follow, Followed as What, Program, Sought, Spec};
use crate::sys::clock;
use crate::sys::ear::Ear;
use crate::sys::notices::untold_at;
use crate::threads::Context;
use crossbeam_channel::{after, never, select};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many files get a worker at most: each has a thread and a descriptor.
const MOST: usize = 500;

/// How many folders are watched at most; there may be more below a `**`.
const MOST_FOLDERS: usize = 4096;

/// What a look comes to at most. Of the files far more than are followed: those that were put aside match
/// too.
const BOUNDS: Bounds = Bounds { visits: 100_000, folders: MOST_FOLDERS + 1, files: 20 * MOST };

/// How often folders are looked at that come and go under our eyes.
const MOST_LOOKS: usize = 8;

/// How long more changes are waited for, since they seldom come alone.
const GATHER: Duration = Duration::from_millis(20);

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
struct Known {
    paths: HashSet<PathBuf>,
    /// Every file of a worker that still matches, also under another name.
    files: HashMap<Which, PathBuf>,
    /// Something was looked for before.
    looked: bool,
    said_too_many: bool,
    said_too_deep: bool,
}

impl Known {
    /// Which of these are new. One that was followed under another name is not: it was put aside.
    fn take_new(&mut self, matches: &[(PathBuf, Option<Which>)]) -> Vec<PathBuf> {
        let mut files = HashMap::new();
        let mut new = Vec::new();
        let mut met = HashSet::new();
        for (path, which) in matches.iter().filter(|(path, _)| self.paths.contains(path)) {
            which.map(|which| files.insert(which, path.clone()));
        }
        for (path, which) in matches.iter().filter(|(path, _)| !self.paths.contains(path)) {
            let before =
                which.and_then(|which| files.get(&which).or_else(|| self.files.get(&which)).cloned());
            let followed = before.clone().unwrap_or_else(|| path.clone());
            which.map(|which| files.insert(which, followed));
            if before.is_none() && met.insert(path) {
                new.push(path.clone());
            }
        }
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
        let places = self.places()?;
        let mut polls = false;
        loop {
            let began = clock::now();
            let Surveyed { sight, refused, settled } = attend(&places, &mut ear, context);
            if context.stop_requested() {
                return Ok(Followed::Stopped);
            }
            if let Some(why) = refused.filter(|_| !std::mem::replace(&mut polls, true)) {
                context.rule(&format!("{why}; looks once a second"));
            }
            if !self.look(context, &sight) {
                return Ok(Followed::Stopped);
            }
            // Where a look takes long, others come seldom: most of the time is everybody else's.
            let rest = GATHER.max((clock::now() - began) * 4);
            let again = if settled { never() } else { after(Duration::ZERO) };
            let look = if polls { after(LOOK) } else { never() };
            select! {
                recv(context.stop_receiver()) -> _ => return Ok(Followed::Stopped),
                recv(ear.woken()) -> _ => {}
                recv(look) -> _ => {}
                recv(again) -> _ => {}
            }
            if context.sleep(rest).is_err() {
                return Ok(Followed::Stopped);
            }
        }
    }

    fn places(&self) -> Result<Vec<Place<'_>>, String> {
        let mut places = Vec::new();
        for sought in &self.sought {
            places.push(match sought {
                Sought::Path(path) => Place::Path(path),
                Sought::Pattern(text) => {
                    let pattern = Pattern::new(text);
                    Place::Pattern(
                        pattern.map_err(|error| format!("{}: {}", shown(Path::new(text)), error.msg))?,
                    )
                }
            });
        }
        Ok(places)
    }

    /// Adds a worker for each file that has none. False if none is taken any more.
    fn look(&self, context: &Context, sight: &Sight) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if sight.is_cut && !std::mem::replace(&mut known.said_too_deep, true) {
            let most = BOUNDS.visits;
            context.rule(&format!("there are more than {most} folders: the others are not looked into"));
        }
        let mut new = known.take_new(&sight.files);
        // One more, so that it is told.
        new.truncate(MOST + 1 - known.paths.len());
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
            context.rule(&format!("{} is followed as {name}", shown(path)));
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

/// Where something is sought.
enum Place<'a> {
    Path(&'a Path),
    Pattern(Pattern),
}

/// What is there, and how it is heard of.
struct Surveyed {
    sight: Sight,
    /// Why not all changes are heard of.
    refused: Option<String>,
    /// Nothing came or went meanwhile that was not heard of.
    settled: bool,
}

/// Hears from now on of every folder where something may match.
fn attend(places: &[Place<'_>], ear: &mut Ear, context: &Context) -> Surveyed {
    let mut surveyed = Surveyed { sight: see(places, context), refused: None, settled: false };
    for _ in 0..MOST_LOOKS {
        if surveyed.settled || context.stop_requested() {
            break;
        }
        let folders = std::mem::take(&mut surveyed.sight.folders);
        let mut attending = ear.attend();
        for place in places {
            if let Place::Pattern(pattern) = place {
                attending.way(pattern.base());
            }
        }
        folders.iter().take(MOST_FOLDERS).for_each(|folder| attending.folder(folder, None));
        let refused = attending.done().map(no_watch);
        // What came into a folder before it was watched, nobody tells.
        let sight = see(places, context);
        let settled = sight.folders == folders;
        let untold = || {
            let mut bases = places.iter().filter_map(|place| match place {
                Place::Pattern(pattern) => Some(pattern.base()),
                Place::Path(_) => None,
            });
            let kind = bases.find_map(untold_at).or_else(|| folders.iter().find_map(|at| untold_at(at)));
            kind.map(|kind| format!("nothing tells of changes on {kind}"))
        };
        let too_many = || format!("there are more than {MOST_FOLDERS} folders to watch");
        let refused = refused.or_else(untold).or_else(|| (folders.len() > MOST_FOLDERS).then(too_many));
        surveyed = Surveyed { sight, refused, settled };
    }
    surveyed
}

fn see(places: &[Place<'_>], context: &Context) -> Sight {
    let stops = || context.stop_requested();
    let mut walk = Walk::new(BOUNDS, &stops);
    for place in places {
        match place {
            Place::Path(path) => walk.note(path),
            Place::Pattern(pattern) => walk.along(pattern),
        }
    }
    walk.sight()
}

#[cfg(test)]
mod tests {
    use super::super::course::Identity;
    use super::*;
    use std::time::SystemTime;

    fn file(path: &str, inode: u64, born: u64) -> (PathBuf, Option<Which>) {
        let born = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(born));
        (path.into(), Some(Which { id: Identity { device: 1, inode }, born }))
    }

    fn new(known: &mut Known, matches: &[(PathBuf, Option<Which>)]) -> Vec<String> {
        let new = known.take_new(matches);
        known.paths.extend(new.iter().cloned());
        new.iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn a_file_that_was_put_aside_is_not_new() {
        let mut known = Known::default();
        assert_eq!(new(&mut known, &[file("a", 1, 1)]), ["a"]);
        assert!(new(&mut known, &[file("a", 2, 2), file("a.1", 1, 1)]).is_empty());
        assert!(new(&mut known, &[file("a", 3, 3), file("a.1", 2, 2), file("a.2", 1, 1)]).is_empty());
    }

    #[test]
    fn a_file_that_has_the_number_of_one_that_is_gone_is_new() {
        let mut known = Known::default();
        assert_eq!(new(&mut known, &[file("monday", 1, 1), file("tuesday", 2, 2)]), ["monday", "tuesday"]);
        assert_eq!(new(&mut known, &[file("tuesday", 2, 2), file("wednesday", 1, 3)]), ["wednesday"]);
    }

    #[test]
    fn one_that_is_named_twice_is_one() {
        let missing = (PathBuf::from("a"), None);
        assert_eq!(new(&mut Known::default(), &[missing.clone(), missing]), ["a"]);
    }
}
