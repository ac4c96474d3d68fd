//! What can be typed after `minder init`, read as getopt(3) reads it: dumb-init's and tini's letters.
//!
//! By hand and not by clap, which alone would cost more memory than all the rest of an init. Pure.

use crate::signal::Signal;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::str::FromStr;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// To run a command.
    Run(Options),
    /// The help text.
    Help,
    /// Which minder this is.
    Version,
}

/// How to run which command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where the command lives.
    pub place: Place,
    /// Who gets the signals.
    pub target: Target,
    /// Orphans of the command become ours, though we are not PID 1.
    pub subreaper: bool,
    /// Each orphan that is reaped is told.
    pub warn: bool,
    /// Each signal is told.
    pub verbose: bool,
    /// What each signal is handed on as.
    pub rewrites: Rewrites,
    /// What we get when our own parent ends.
    pub parent_death: Option<Signal>,
    /// The exit codes that count as 0.
    pub well: Vec<u8>,
    /// The program and its arguments; never empty.
    pub argv: Vec<OsString>,
}

impl Options {
    /// The command with every default.
    pub fn new(argv: Vec<OsString>) -> Self {
        Self {
            place: Place::Session,
            target: Target::Group,
            subreaper: false,
            warn: false,
            verbose: false,
            rewrites: Rewrites::default(),
            parent_death: None,
            well: Vec::new(),
            argv,
        }
    }

    /// `-c`, and `-g` with it or not.
    #[must_use]
    pub fn single_child(mut self, single: bool, group: bool) -> Self {
        if single {
            self.place = Place::Group;
            self.target = if group { Target::Group } else { Target::Child };
        }
        self
    }

    /// The switches that dumb-init and tini take from the environment, where they mean the same.
    #[must_use]
    pub fn switched(mut self, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let is = |name: &str, value: &str| variable(name).is_some_and(|found| found == value);
        let verbosity = variable("TINI_VERBOSITY").and_then(|text| text.to_str()?.trim().parse::<i32>().ok());
        self.verbose |= is("DUMB_INIT_DEBUG", "1") || verbosity.is_some_and(|level| level > TINI_NORMAL);
        self.subreaper |= variable("TINI_SUBREAPER").is_some();
        let single = self.place == Place::Group || is("DUMB_INIT_SETSID", "0");
        let group = (self.place == Place::Group && self.target == Target::Group)
            || variable("TINI_KILL_PROCESS_GROUP").is_some();
        self.single_child(single, group)
    }
}

/// tini says no more than warnings at this level.
const TINI_NORMAL: i32 = 1;

/// Where the command lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a session of its own.
    Session,
    /// In our session, in a group of its own: a single child.
    Group,
}

/// Who gets the signals that are handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The command's whole process group.
    Group,
    /// The command's first process alone.
    Child,
}

/// What each signal is handed on as.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rewrites(Vec<Rewrite>);

/// One rule: `TERM:QUIT`, `15:3`; `15:0` drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewrite {
    /// What comes in.
    pub from: Signal,
    /// What is handed on; nothing if `None`.
    pub to: Option<Signal>,
}

impl Rewrites {
    /// Adds a rule; the last one for a signal holds.
    pub fn add(&mut self, rule: Rewrite) {
        self.0.push(rule);
    }

    /// What a signal is handed on as to a command in this place; `None` drops it.
    ///
    /// A session of its own has no shell that could continue it, and so the kernel stops it by none of
    /// the terminal's stop signals (an orphaned group, POSIX): they become SIGSTOP, as with dumb-init.
    pub fn of(&self, signal: Signal, place: Place) -> Option<Signal> {
        match self.0.iter().rfind(|rule| rule.from == signal) {
            Some(rule) => rule.to,
            None if place == Place::Session && signal.is_job_stop() => Some(Signal::STOP),
            None => Some(signal),
        }
    }
}

impl FromStr for Rewrite {
    type Err = Mistake;

    fn from_str(text: &str) -> Result<Self, Mistake> {
        let mistake = || Mistake::Rewrite(text.to_owned());
        let (from, to) = text.split_once(':').ok_or_else(mistake)?;
        let signal = |name: &str| name.parse::<Signal>().map_err(|_| mistake());
        Ok(Self { from: signal(from)?, to: if to.trim() == "0" { None } else { Some(signal(to)?) } })
    }
}

/// What cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// A letter or word that is no option.
    #[error("there is no option `{0}`")]
    Unknown(String),
    /// An option at the end without what it needs.
    #[error("`{0}` needs a value")]
    NoValue(String),
    /// `--verbose=x`.
    #[error("`{0}` takes no value")]
    NeedlessValue(String),
    /// `-r x`.
    #[error("`{0}` is no rewrite; use two signals as `15:3` or `TERM:QUIT`, and 0 to drop one as `15:0`")]
    Rewrite(String),
    /// `-p x`.
    #[error(transparent)]
    Signal(#[from] crate::signal::UnknownSignal),
    /// `-e x`.
    #[error("`{0}` is no exit code; use a number from 0 to 255")]
    Code(String),
    /// No command.
    #[error("there is no command to run")]
    NoCommand,
}

/// Reads the words after `init`. `variable` is the environment.
///
/// # Errors
/// The first [`Mistake`].
pub fn read(
    words: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Asked, Mistake> {
    let mut words = words.into_iter();
    let mut reading = Reading { options: Options::new(Vec::new()), single: false, group: false };
    let first = loop {
        let Some(word) = words.next() else { break None };
        let answer = match word.as_bytes() {
            b"--" => break words.next(),
            [b'-', b'-', long @ ..] => reading.long(long, &mut words)?,
            [b'-', letters @ ..] if !letters.is_empty() => reading.letters(letters, &mut words)?,
            _ => break Some(word),
        };
        if let Some(answer) = answer {
            return Ok(answer);
        }
    };
    let Reading { mut options, single, group } = reading;
    options.argv = first.into_iter().chain(words).collect();
    if options.argv.is_empty() {
        return Err(Mistake::NoCommand);
    }
    Ok(Asked::Run(options.single_child(single, group).switched(variable)))
}

/// The options so far.
struct Reading {
    options: Options,
    single: bool,
    group: bool,
}

type Words<'a> = &'a mut dyn Iterator<Item = OsString>;

impl Reading {
    /// `--rewrite=15:3`, `--rewrite 15:3`, `--verbose`.
    fn long(&mut self, word: &[u8], words: Words<'_>) -> Result<Option<Asked>, Mistake> {
        let (name, value) = match word.iter().position(|&byte| byte == b'=') {
            Some(at) => (&word[..at], word.get(at + 1..)),
            None => (word, None),
        };
        let shown = format!("--{}", String::from_utf8_lossy(name));
        let letter = match name {
            b"single-child" => b'c',
            b"rewrite" => b'r',
            b"verbose" => b'v',
            b"version" => b'V',
            b"help" => b'h',
            _ => return Err(Mistake::Unknown(shown)),
        };
        match (takes_value(letter), value) {
            (true, Some(value)) => self.value(letter, text(value)).map(|()| None),
            (true, None) => {
                let value = words.next().ok_or(Mistake::NoValue(shown))?;
                self.value(letter, text(value.as_bytes())).map(|()| None)
            }
            (false, Some(_)) => Err(Mistake::NeedlessValue(shown)),
            (false, None) => self.flag(letter),
        }
    }

    /// `-vc`, `-r15:3`, `-r 15:3`, `-vr 15:3`.
    fn letters(&mut self, letters: &[u8], words: Words<'_>) -> Result<Option<Asked>, Mistake> {
        for (at, &letter) in letters.iter().enumerate() {
            if takes_value(letter) {
                let rest = letters.get(at + 1..).unwrap_or_default();
                let value = if rest.is_empty() {
                    words.next().ok_or_else(|| Mistake::NoValue(format!("-{}", char::from(letter))))?
                } else {
                    OsStr::from_bytes(rest).to_owned()
                };
                return self.value(letter, text(value.as_bytes())).map(|()| None);
            }
            if let Some(answer) = self.flag(letter)? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    fn flag(&mut self, letter: u8) -> Result<Option<Asked>, Mistake> {
        match letter {
            b'c' => self.single = true,
            b'g' => self.group = true,
            b's' => self.options.subreaper = true,
            b'v' => self.options.verbose = true,
            b'w' => self.options.warn = true,
            b'V' => return Ok(Some(Asked::Version)),
            b'h' => return Ok(Some(Asked::Help)),
            other => return Err(Mistake::Unknown(format!("-{}", text(&[other])))),
        }
        Ok(None)
    }

    fn value(&mut self, letter: u8, value: String) -> Result<(), Mistake> {
        match letter {
            b'r' => self.options.rewrites.add(value.parse()?),
            b'p' => self.options.parent_death = Some(value.parse()?),
            _ => self.options.well.push(value.trim().parse().map_err(|_| Mistake::Code(value))?),
        }
        Ok(())
    }
}

fn takes_value(letter: u8) -> bool {
    matches!(letter, b'r' | b'p' | b'e')
}

/// Bytes as text; none of the values that are understood has others.
fn text(bytes: &[u8]) -> String {
    OsString::from_vec(bytes.to_vec()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
