//! What a worker is there for: of `cmd`, `tail`, `pid`, `pid_file` and `pgrep` it has one.

use super::diagnostic::Notes;
use super::lower::Place;
use super::typed::{Typed, TypedCommand, TypedWorker};
use super::{followed, watched};
use crate::spec::{Program, Spec};
use std::ffi::OsString;
use std::ops::Range;
use toml::Spanned;

/// What kind of worker was typed, whether it can be or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It runs a command; so does one that says nothing, by mistake.
    Command,
    /// It follows files.
    Follows,
    /// It watches a process of somebody else's.
    Watches,
}

/// Keys for how a process is started and what it runs in.
const OF_A_PROCESS: [&str; 11] =
    ["cwd", "env", "env_file", "clear_env", "shell", "output", "stdin", "umask", "nice", "limits", "reap"];
/// Keys for what is done when one that minder started has ended.
const OF_ITS_END: [&str; 3] = ["restart", "backoff", "max_restarts"];

/// Notes the worker's own keys that mean nothing to what it is. What `[defaults]` says is for those that
/// it is for.
pub(super) fn look_for_idle_keys(own: &TypedWorker, notes: &mut Notes) {
    let (idle, what) = match own.way() {
        Way::Command => return,
        Way::Follows => (OF_A_PROCESS.to_vec(), "files that are followed"),
        Way::Watches => ([&OF_A_PROCESS[..], &OF_ITS_END].concat(), "a process that minder does not start"),
    };
    for key in own.keys.iter().filter(|key| idle.contains(key.get_ref())) {
        let words = format!("`{}` means nothing to {what}", key.get_ref());
        notes.warning(key.span(), &words).label("does nothing").help("leave it out");
    }
}

impl TypedWorker {
    /// What it is there for, by the first that it names.
    pub(super) fn way(&self) -> Way {
        if !matches!(self.cmd, Typed::Absent) {
            Way::Command
        } else if self.tail.is_typed() {
            Way::Follows
        } else if self.watch.is_typed() {
            Way::Watches
        } else {
            Way::Command
        }
    }
}

/// What it runs, follows or watches. `None` where that cannot be said; why is noted.
pub(super) fn lower(
    name: &Spanned<String>,
    worker: &TypedWorker,
    place: Place<'_>,
    notes: &mut Notes,
) -> Option<Program> {
    if let Some(second) = second(worker) {
        notes
            .error(second, "a worker has one of `cmd`, `tail`, `pid`, `pid_file` and `pgrep`")
            .label("it has another one too")
            .help("`cmd` starts a process; `tail` follows files; the others watch a process that somebody else started");
        return None;
    }
    match worker.way() {
        Way::Command => command(name, worker, notes),
        Way::Follows => followed::lower(&worker.tail, worker.log.file.as_ref(), place, notes),
        Way::Watches => watched::lower(&worker.watch, place, notes),
    }
}

/// Where one is said that is not alone.
fn second(worker: &TypedWorker) -> Option<Range<usize>> {
    let has_command = !matches!(worker.cmd, Typed::Absent);
    let others: Vec<_> = worker.tail.span().into_iter().chain(worker.watch.spans()).collect();
    if has_command || others.len() > 1 { others.into_iter().next_back() } else { None }
}

fn command(name: &Spanned<String>, worker: &TypedWorker, notes: &mut Notes) -> Option<Program> {
    match &worker.cmd {
        Typed::Absent => {
            notes
                .error(name.span(), &format!("worker `{}` has no `cmd`", name.get_ref()))
                .label("does not say what to run")
                .help("add cmd = \"…\" to it; or tail to follow files; or pid, pid_file or pgrep to watch a process of somebody else's");
            None
        }
        Typed::Mistaken => None,
        Typed::Read(TypedCommand::Words(words)) => {
            Some(Program::Exec(words.iter().map(OsString::from).collect()))
        }
        Typed::Read(TypedCommand::Line(line)) => Some(match &worker.shell {
            Some(shell) => {
                Program::Shell { line: line.clone(), shell: shell.iter().map(OsString::from).collect() }
            }
            None => Spec::shell("", line.clone()).program,
        }),
    }
}
