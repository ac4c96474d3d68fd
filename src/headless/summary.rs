//! The table at the end: each worker's exit code, how long it ran and how it ended. Text only.

use super::paint::Paint;
use crate::protocol::{Seconds, State, WorkerView};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// One line for each worker under a heading, or nothing where there are no workers.
///
/// The words come last: they are as long as they are, and everything else stays aligned.
pub(super) fn summary<'a>(workers: impl IntoIterator<Item = &'a WorkerView>, colors: bool) -> String {
    let rows: Vec<Row> = workers.into_iter().enumerate().map(Row::new).collect();
    if rows.is_empty() {
        return String::new();
    }
    let width = rows.iter().map(|row| row.name.width()).max().unwrap_or(0).max("NAME".len());
    let heading = format!("{:<width$}  CODE       RAN  RESTARTS  ENDED", "NAME");
    let mut table = format!("{}\n", Paint::Dim.on(heading, colors));
    for row in &rows {
        row.write(&mut table, width, colors);
    }
    table
}

struct Row<'a> {
    name: &'a str,
    paint: Paint,
    code: String,
    ran: String,
    restarts: u32,
    words: String,
    bad: bool,
}

impl<'a> Row<'a> {
    fn new((place, worker): (usize, &'a WorkerView)) -> Self {
        let why = worker.gave_up.as_ref();
        Self {
            name: worker.name.as_str(),
            paint: Paint::of_name(worker.color, place),
            code: code(&worker.state).map_or_else(|| "-".to_owned(), |code| code.to_string()),
            ran: worker.state.end().map_or_else(|| "-".to_owned(), |end| Seconds(end.ran).to_string()),
            restarts: worker.restarts,
            words: state_in_words(worker)
                + &worker.said()
                + &why.map(|why| format!("; not started again: {why}")).unwrap_or_default(),
            bad: bad(&worker.state),
        }
    }

    fn write(&self, table: &mut String, width: usize, colors: bool) {
        let pad = " ".repeat(width - self.name.width());
        let name = self.paint.on(self.name, colors);
        let numbers = format!("{:>4}  {:>8}  {:>8}", self.code, self.ran, self.restarts);
        let paint = if self.bad { Paint::Bad } else { Paint::Plain };
        let words = paint.on(&self.words, colors);
        writeln!(table, "{name}{pad}  {numbers}  {words}").expect("a String takes any text");
    }
}

fn state_in_words(worker: &WorkerView) -> String {
    match &worker.state {
        State::Idle if worker.kind.is_watched() => "left alone".to_owned(),
        State::Idle
        | State::Starting
        | State::Running(_)
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Asked { .. }
        | State::Draining { .. }
        | State::Sweeping { .. }
        | State::Zombie { .. }
        | State::Backoff { .. }
        | State::Ended(_)
        | State::Failed { .. } => worker.state.to_string(),
    }
}

/// What it counts as, which is what `--exit-code` goes by: 0 for an end that was asked for. The words
/// behind it say what the kernel saw.
fn code(state: &State) -> Option<i32> {
    match state {
        State::Failed { code, .. } => Some(*code),
        State::Zombie { end, .. } | State::Backoff { end, .. } | State::Ended(end) => Some(end.code()),
        State::Draining { status, .. } | State::Sweeping { status, .. } => Some(status.shell_code()),
        State::Idle
        | State::Starting
        | State::Running(_)
        | State::Suspended { .. }
        | State::Stopping { .. }
        | State::Asked { .. } => None,
    }
}

fn bad(state: &State) -> bool {
    matches!(state, State::Failed { .. }) || state.end().is_some_and(|end| !end.well())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ended, exited, worker, zero};
    use super::*;
    use crate::protocol::{Cause, Pid, Run};
    use crate::signal::Signal;
    use crate::status::ExitStatus;

    fn workers() -> Vec<WorkerView> {
        let signaled = |signal, core| ExitStatus::Signaled { signal, core };
        let mut crasher =
            worker("crasher", State::Ended(ended(signaled(Signal::SEGV, true), Cause::Itself, 400)));
        crasher.restarts = 12;
        crasher.gave_up = Some("it ended 5 times within 60 s".into());
        let stopped = ended(signaled(Signal::TERM, false), Cause::Stopped, 7_300);
        let end = ended(ExitStatus::Exited(0), Cause::Itself, 3);
        let error = "cannot run `npn`: not found in PATH; did you mean `npm`?".into();
        vec![
            worker("web", State::Ended(stopped)),
            crasher,
            worker("日本", State::Ended(exited(3, 2))),
            worker("typo", State::Failed { error, code: 127, retry_at: None }),
            worker("manual", State::Zombie { run: Run { pid: Pid(9), started: zero() }, end }),
            worker("later", State::Idle),
        ]
    }

    #[test]
    fn the_table_says_how_each_one_ended() {
        insta::assert_snapshot!(summary(&workers(), false));
    }

    #[test]
    fn colours_mark_names_and_failures() {
        insta::assert_snapshot!(summary(&workers()[1..3], true).replace('\x1b', "␛"));
    }

    #[test]
    fn no_workers_no_table() {
        assert_eq!(summary(&[], true), "");
    }
}
