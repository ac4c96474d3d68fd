//! One look through a log that goes on while lines come: what was found so far, shared by whoever
//! looks and whoever asks. Knows no thread.

use super::matches::Matches;
use super::test::Test;
use crate::output::pane::Output;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many new lines may wait to be looked at until a count is said to be unfinished: it would flicker.
const FEW: u64 = 10_000;

/// What is nearest to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nearest {
    /// This line.
    Found(u64),
    /// There is none.
    Nothing,
    /// Not all in between was looked at yet.
    Pending,
}

/// A look through the log of one worker. Whoever drops it cancels it.
#[derive(Debug)]
pub struct Lookup {
    output: Arc<Output>,
    test: Test,
    /// Which side is looked at first: older lines or newer ones. `None`: both in turns, for ever.
    only: Option<Way>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    matches: Matches,
    /// Whose turn it is.
    turn: Side,
    lost: Option<Arc<str>>,
    /// How many were found on the screen or in unfinished lines, and what the worker had said by then.
    unlogged: Option<(Reach, u64)>,
    /// Lines came and went faster than they could be looked at: what was found is all there is to say.
    outrun: bool,
}

/// How far a worker is: how many bytes it said, and the end of its log.
type Reach = (u64, u64);

/// Older lines or newer ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Older,
    Newer,
}

/// Which way a look goes that goes one way only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// To the lines before this one.
    UpFrom(u64),
    Down,
}

impl Lookup {
    /// A look that begins at this line and goes both ways, and on to what comes later.
    pub fn new(output: Arc<Output>, test: Test, from: u64) -> Self {
        Self::with(output, test, from, None)
    }

    /// A look that begins at this line, the line included, and goes one way only.
    pub fn one_way(output: Arc<Output>, test: Test, from: u64, up: bool) -> Self {
        if up {
            // What is not in the log yet may come into it before it is asked about.
            let end = from.saturating_add(1);
            Self::with(output, test, end, Some(Way::UpFrom(end)))
        } else {
            Self::with(output, test, from, Some(Way::Down))
        }
    }

    fn with(output: Arc<Output>, test: Test, from: u64, only: Option<Way>) -> Self {
        let lines = output.lock().lines();
        let from = from.clamp(lines.start, lines.end);
        let state = State {
            matches: Matches::from(from),
            turn: Side::Older,
            lost: None,
            unlogged: None,
            outrun: false,
        };
        Self { output, test, only, state: Mutex::new(state) }
    }

    /// Which lines it looks for.
    pub fn test(&self) -> &Test {
        &self.test
    }

    /// How many it found in these lines, and whether it looked at all of them, but for a few new ones.
    pub fn count(&self, lines: Range<u64>) -> (u64, bool) {
        let state = self.lock();
        let matches = &state.matches;
        let count = matches.count_before(lines.end).saturating_sub(matches.count_before(lines.start));
        let scanned = &matches.scanned;
        let newer = lines.end.saturating_sub(scanned.end);
        (count, lines.is_empty() || (scanned.start <= lines.start && newer < FEW) || state.outrun)
    }

    /// How many it found in all, and whether it looked at all lines that there are: those too that are
    /// not in the log yet, as on a terminal's screen.
    pub fn count_all(&self) -> (u64, bool) {
        let said = self.output.said();
        let lines = self.output.lock().lines();
        let unlogged = self.count_unlogged((said, lines.end));
        let (logged, whole) = self.count(lines);
        (logged + unlogged, whole)
    }

    /// Only what has changed is looked at again: who asks for the counts of many asks often.
    fn count_unlogged(&self, extent: Reach) -> u64 {
        if let Some((_, count)) = self.lock().unlogged.filter(|(known, _)| *known == extent) {
            return count;
        }
        let glance = self.output.lock().glance();
        let passing =
            glance.said_tail().iter().filter(|(_, tail)| self.test.passes(tail.stream(), &tail.text()));
        let count = passing.count() as u64;
        self.lock().unlogged = Some((extent, count));
        count
    }

    /// The nearest in these lines from `from` up or down, `from` included.
    pub fn nearest(&self, lines: Range<u64>, from: u64, up: bool) -> Nearest {
        let state = self.lock();
        let scanned = &state.matches.scanned;
        if up {
            let end = from.saturating_add(1).min(lines.end);
            let known = state.matches.before(end).filter(|line| *line >= lines.start);
            match known {
                _ if end <= lines.start => Nearest::Nothing,
                _ if scanned.end < end && !state.outrun => Nearest::Pending,
                Some(line) => Nearest::Found(line),
                None if scanned.start <= lines.start && scanned.end >= end => Nearest::Nothing,
                None => Nearest::Pending,
            }
        } else {
            let start = from.max(lines.start);
            let known = state.matches.at_or_after(start).filter(|line| *line < lines.end);
            match known {
                _ if start >= lines.end => Nearest::Nothing,
                _ if scanned.start > start => Nearest::Pending,
                Some(line) => Nearest::Found(line),
                None if scanned.end >= lines.end => Nearest::Nothing,
                None => Nearest::Pending,
            }
        }
    }

    /// The first that was found from this line on.
    pub fn at_or_after(&self, line: u64) -> Option<u64> {
        self.lock().matches.at_or_after(line)
    }

    /// The last that was found before this line.
    pub fn before(&self, line: u64) -> Option<u64> {
        self.lock().matches.before(line)
    }

    /// Why some lines could not be looked at.
    pub fn lost(&self) -> Option<Arc<str>> {
        self.lock().lost.clone()
    }

    /// Looks at one block more. Says whether there was one.
    pub fn step(&self) -> bool {
        let lines = self.output.lock().lines();
        let Some((side, line)) = self.next(&lines) else { return false };
        let Some(handle) = self.output.handle(line) else { return true };
        let block = match handle.open() {
            Ok(block) => block,
            Err(error) => {
                self.skip(side, handle.lines(), &error);
                return true;
            }
        };
        let scanned = self.lock().matches.scanned.clone();
        let wanted = match side {
            Side::Older => block.first()..scanned.start,
            Side::Newer => scanned.end..block.next(),
        };
        let found = self.test.passing(&block, wanted.clone());
        self.lock().matches.add(wanted, found);
        true
    }

    /// The side that is looked at next, and the line whose block is.
    fn next(&self, lines: &Range<u64>) -> Option<(Side, u64)> {
        let mut state = self.lock();
        state.outrun |= state.matches.keep(lines);
        let scanned = state.matches.scanned.clone();
        let older = (scanned.start > lines.start && self.only != Some(Way::Down))
            .then(|| (Side::Older, scanned.start - 1));
        let end = match self.only {
            Some(Way::UpFrom(end)) => end.min(lines.end),
            Some(Way::Down) | None => lines.end,
        };
        let newer = (scanned.end < end).then_some((Side::Newer, scanned.end));
        let next = match state.turn {
            Side::Older => older.or(newer),
            Side::Newer => newer.or(older),
        };
        if let Some((side, _)) = next {
            state.turn = if side == Side::Older { Side::Newer } else { Side::Older };
        }
        next
    }

    /// A block that cannot be read has no line that is meant.
    fn skip(&self, side: Side, lines: Range<u64>, error: &io::Error) {
        let mut state = self.lock();
        state.lost = Some(error.to_string().into());
        let scanned = state.matches.scanned.clone();
        let skipped = match side {
            Side::Older => lines.start..scanned.start,
            Side::Newer => scanned.end..lines.end,
        };
        state.matches.add(skipped, Vec::new());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
