//! One worker's run along a path: hears of changes, looks, and does what its course says.

use super::course::{AtPath, Course, Step};
use super::files::{self, Candidate, Found, Kind, plain};
use super::names::shown;
use super::reading::{Broken, CHUNK, Came, Open, Rest};
use super::stream::{self, Followed, Over, Patience};
use crate::spec::Beginning;
use crate::sys::ear::Ear;
use crate::sys::notices::{untold, untold_at};
use crate::threads::{Context, Writer};
use crossbeam_channel::{after, never, select};
use nix::errno::Errno;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;

/// How often it looks where nobody tells of changes.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// How much is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Until it looks again what is at the path.
    pub(super) turn: u64,
    /// Of what is written to a file after another came into its place.
    pub(super) later: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { turn: 16 << 20, later: 1 << 30 }
    }
}

/// Follows whatever file is at a path.
#[derive(Debug)]
pub(super) struct Follower {
    path: PathBuf,
    from: Beginning,
    bounds: Bounds,
}

/// Why a run could not go on.
#[derive(Debug, Error)]
pub(super) enum Trouble {
    #[error("{0} is {1}; name the files to follow, as {0}/*.log in quotes")]
    Folder(String, &'static str),
    #[error("{0} is {1}, which cannot be followed")]
    Strange(String, &'static str),
    #[error("{0}")]
    Broken(String),
}

impl Follower {
    pub(super) fn new(path: PathBuf, from: Beginning, bounds: Bounds) -> Self {
        Self { path, from, bounds }
    }

    /// One run.
    pub(super) fn run(&self, context: &Context) -> Result<Followed, Trouble> {
        let (ear, refused) = match Ear::open() {
            Ok(ear) => (Some(ear), None),
            Err(error) => (None, Some(plain(&error))),
        };
        let mut run = Run {
            follower: self,
            context,
            ear,
            out: context.stdout(),
            buffer: vec![0; CHUNK],
            open: None,
            candidate: None,
            left: None,
            holes: Holes::default(),
            polls: false,
            stumbled: false,
        };
        if let Some(why) = refused {
            run.poll_from_now_on(&format!("nothing tells of changes: {why}"));
        }
        run.follow()
    }
}

struct Run<'a> {
    follower: &'a Follower,
    context: &'a Context,
    ear: Option<Ear>,
    out: Writer,
    buffer: Vec<u8>,
    open: Option<Open>,
    /// What is at the path and is not read yet.
    candidate: Option<Candidate>,
    /// A fifo whose writers all went. Held until it is open once more: what somebody writes into one that
    /// nobody holds is gone with him (pipe(7)).
    left: Option<Candidate>,
    holes: Holes,
    polls: bool,
    /// What was to be done could not be: to be tried again later.
    stumbled: bool,
}

/// Holes that were left out, one after the other.
#[derive(Debug, Default)]
struct Holes {
    count: u64,
    /// Of those that were not told.
    bytes: u64,
}

impl Run<'_> {
    fn follow(&mut self) -> Result<Followed, Trouble> {
        let mut course = Course::new();
        let mut at_path = self.survey();
        if let AtPath::Strange(kind) = at_path {
            let path = shown(&self.follower.path);
            return Err(match kind {
                "a folder" => Trouble::Folder(path, kind),
                kind => Trouble::Strange(path, kind),
            });
        }
        loop {
            if let (AtPath::File { length, .. }, Some(candidate)) = (&mut at_path, &self.candidate) {
                *length = candidate.length();
            }
            let (step, words) = course.look(&at_path, self.open.as_ref().map(Open::reading));
            if let Some(over) = self.take(step, words)? {
                return Ok(over);
            }
            let mut waits = step == Step::Go || std::mem::take(&mut self.stumbled);
            if self.open.is_some() {
                waits &= self.read_on()?;
            }
            if waits && !self.wait() || self.context.stop_requested() {
                return Ok(Followed::Stopped);
            }
            let moved = self.ear.as_ref().is_none_or(Ear::take_moved);
            if moved || self.polls || step != Step::Go {
                at_path = self.survey();
            }
        }
    }

    /// Carries out a step. The end of the run, if that is it.
    fn take(&mut self, step: Step, words: Option<String>) -> Result<Option<Followed>, Trouble> {
        match step {
            Step::Go => self.say(words),
            Step::Anew => {
                self.say(words);
                self.open.iter_mut().for_each(Open::anew);
            }
            Step::MoveOver => {
                // Whoever wrote to the old one may have done so until now.
                let left_out = self.read_rest()?;
                self.say(words);
                self.say(left_out);
                return self.begin(Beginning::Start);
            }
            Step::Begin { first } => {
                self.say(words);
                return self.begin(if first { self.follower.from } else { Beginning::Start });
            }
        }
        Ok(None)
    }

    fn begin(&mut self, from: Beginning) -> Result<Option<Followed>, Trouble> {
        let Some(candidate) = self.candidate.take() else { return Ok(None) };
        if let Some(left) = self.left.take_if(|left| left.id != candidate.id) {
            // Held meanwhile, so that its writers need not wait; what is there afterwards is looked at anew.
            self.candidate = Some(candidate);
            let over = self.stream(left, true)?;
            self.left = None;
            return Ok(over);
        }
        if candidate.kind != Kind::File {
            self.open = None;
            return self.stream(candidate, false);
        }
        match Open::begin(candidate, from) {
            Ok((open, cut)) => {
                self.open = Some(open);
                self.say(cut.then(|| "its last lines are very long: begins within one".to_owned()));
            }
            Err(error) => self.stumble(&plain(&error)),
        }
        Ok(None)
    }

    /// A fifo's writers may come again; a device's end is one for good. `replaced` says that another file is
    /// at its path: it ends with its last writer, or at once if it has none.
    fn stream(&mut self, mut candidate: Candidate, mut replaced: bool) -> Result<Option<Followed>, Trouble> {
        let (mut read, is_fifo) = (0, candidate.kind == Kind::Fifo);
        loop {
            let Some(ear) = &self.ear else {
                return Err(Trouble::Broken("a stream cannot be followed: no descriptor is left".to_owned()));
            };
            let patience = Patience { asks: replaced, hears_moves: is_fifo, looks: is_fifo && self.polls };
            let over = stream::copy(self.context, ear, &mut candidate.file, patience, &mut read);
            match over.map_err(|error| Trouble::Broken(plain(&error)))? {
                Over::Stopped => return Ok(Some(Followed::Stopped)),
                Over::Moved => {
                    self.survey();
                    // Nobody needs it twice.
                    self.candidate.take_if(|found| found.id == candidate.id);
                    replaced = self.candidate.is_some();
                }
                Over::End if is_fifo => {
                    self.left = Some(candidate);
                    return Ok(None);
                }
                Over::End => return Ok(Some(Followed::End(read))),
            }
        }
    }

    /// Reads what is left in a file of which another has the place. What is to be said of it.
    fn read_rest(&mut self) -> Result<Option<String>, Trouble> {
        let Some(mut now) = self.open.as_ref().map(Open::reading) else { return Ok(None) };
        let rest = Rest::of(now, self.follower.bounds.later);
        while rest.goes_on(now) && !self.context.stop_requested() {
            let over = self.read_on()?;
            now = self.open.as_ref().map_or(now, Open::reading);
            if over {
                break;
            }
        }
        let left = now.length.saturating_sub(now.offset);
        let words = || format!("leaves out {left} bytes that are at the end of the old file");
        Ok((left > 0 && !self.context.stop_requested()).then(words))
    }

    /// Reads a turn; whether all was read.
    fn read_on(&mut self) -> Result<bool, Trouble> {
        let Some(open) = &mut self.open else { return Ok(true) };
        let context = self.context;
        let turn = self.follower.bounds.turn;
        match open.read_on(&mut self.out, &mut self.buffer, turn, || context.stop_requested()) {
            Ok(Came::ToTheEnd) => {
                self.say_holes();
                Ok(true)
            }
            Ok(Came::SomeWay) => {
                self.say_holes();
                Ok(false)
            }
            Ok(Came::OverHole(bytes)) => {
                self.holes.count += 1;
                self.holes.bytes += bytes;
                if self.holes.count == 1 {
                    self.say(Some(format!("leaves out a hole of {bytes} bytes")));
                    self.holes.bytes = 0;
                }
                Ok(false)
            }
            Err(Broken::Reader(why)) => {
                self.stumble(&why);
                Ok(true)
            }
            Err(Broken::Writer(error)) => Err(Trouble::Broken(plain(&error))),
        }
    }

    /// A file may have a hole at every other block: they are not told one by one.
    fn say_holes(&mut self) {
        let Holes { count, bytes } = std::mem::take(&mut self.holes);
        self.say((bytes > 0).then(|| format!("left out {} more holes of {bytes} bytes together", count - 1)));
    }

    /// The file cannot be read at the moment: a disk or a server may come back.
    fn stumble(&mut self, why: &str) {
        self.stumbled = true;
        self.poll_from_now_on(&format!("cannot be read: {why}"));
    }

    fn say(&mut self, words: Option<String>) {
        if let Some(words) = words {
            // Its pane is gone: so is who would be told.
            let _ = self.out.flush();
            self.context.rule(&words);
        }
    }

    /// Hears from now on of what matters for this path, and says what is there.
    fn survey(&mut self) -> AtPath {
        let path = &self.follower.path;
        let mut attending = self.ear.as_mut().map(Ear::attend);
        if let Some(attending) = &mut attending {
            attending.way(path);
        }
        let found = files::find(path, self.open.as_ref().map(Open::id));
        let mut untold_why = match &found {
            Found::Nothing(_) => untold_at(path).map(|kind| format!("nothing tells of changes on {kind}")),
            Found::Untold(_) => Some("nothing tells when it can be opened".to_owned()),
            Found::Same(_) | Found::Other(_) => None,
        };
        let at_path = match found {
            Found::Untold(why) => {
                self.candidate = None;
                AtPath::Refused(why)
            }
            Found::Nothing(nothing) => {
                self.candidate = None;
                nothing
            }
            Found::Same(length) => {
                self.candidate = None;
                let id = self.open.as_ref().map(Open::id);
                id.map_or(AtPath::Missing, |id| AtPath::File { id, length })
            }
            Found::Other(candidate) => {
                let id = candidate.id;
                self.candidate = Some(candidate);
                AtPath::File { id, length: 0 }
            }
        };
        let open = self.open.as_ref().map(|open| &open.file);
        let candidate = self.candidate.as_ref().map(|candidate| &candidate.file);
        if let Some(kind) = candidate.and_then(untold) {
            untold_why = Some(format!("nothing tells of changes on {kind}"));
        }
        let refused = attending.and_then(|mut attending| {
            open.into_iter().chain(candidate).for_each(|file| attending.file(file));
            attending.done()
        });
        if let Some(errno) = refused {
            self.poll_from_now_on(&no_watch(errno));
        } else if let Some(why) = untold_why {
            self.poll_from_now_on(&why);
        }
        at_path
    }

    fn poll_from_now_on(&mut self, why: &str) {
        if !std::mem::replace(&mut self.polls, true) {
            self.say(Some(format!("{why}; looks once a second")));
        }
    }

    /// Until there may be something to do. False if it is asked to stop.
    fn wait(&self) -> bool {
        let none = never();
        let woken = self.ear.as_ref().map_or(&none, Ear::woken);
        let look = if self.polls { after(LOOK) } else { never() };
        select! {
            recv(self.context.stop_receiver()) -> _ => false,
            recv(woken) -> _ => true,
            recv(look) -> _ => true,
        }
    }
}

/// Why changes are not told.
pub(super) fn no_watch(errno: Errno) -> String {
    if errno == Errno::ENOSPC {
        return "no inotify watch is left (fs.inotify.max_user_watches)".to_owned();
    }
    format!("its folder cannot be watched: {}", plain(&io::Error::from(errno)))
}
