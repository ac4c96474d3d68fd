//! What the view says in words: of the tree as a whole, of one row, and which keys work on it.

use super::{Inspector, debtor};
use crate::protocol::ProcessRow;
use crate::ui::keymap::Action;
use crate::ui::model::Model;
use crate::ui::text::counted;

/// The counts of a tree, for the title.
pub(super) fn summary(processes: &[ProcessRow]) -> String {
    let zombies = processes.iter().filter(|process| process.is_zombie()).count() as u64;
    let adopted = processes.iter().filter(|process| process.adopted && !process.is_zombie()).count();
    let threads: u32 =
        processes.iter().filter(|process| !process.is_zombie()).map(|process| process.thread_count).sum();
    let living = processes.len() as u64 - zombies;
    let mut parts =
        vec![counted(living, "process", "processes"), counted(u64::from(threads), "thread", "threads")];
    if zombies > 0 {
        parts.push(counted(zombies, "zombie", "zombies"));
    }
    if adopted > 0 {
        parts.push(format!("{adopted} adopted"));
    }
    parts.join(" · ")
}

/// Which of minder's own processes this is.
fn role(inspector: &Inspector, process: &ProcessRow) -> &'static str {
    let others = inspector.processes().iter();
    // The guardian stands above the supervisor, which may be alone.
    if others.filter(|other| other.parent == process.id.pid).count() > 0 { "guardian" } else { "supervisor" }
}

/// What is odd about a process: stands before its command.
pub(super) fn mark(inspector: &Inspector, process: &ProcessRow) -> Option<String> {
    if inspector.worker.is_none() {
        return Some(role(inspector, process).to_owned());
    }
    if process.is_zombie() {
        return Some(match (process.first, process.adopted) {
            (true, _) => "zombie, not waited for".to_owned(),
            (false, true) => "zombie, minder reaps it".to_owned(),
            (false, false) => format!("zombie, parent {} is not waiting", process.parent),
        });
    }
    let adopted = process.adopted.then(|| "adopted".to_owned());
    let traced = process.tracer.map(|tracer| format!("traced by {tracer}"));
    adopted.into_iter().chain(traced).reduce(|one, other| format!("{one}, {other}"))
}

/// The chosen row in full.
pub(in crate::ui) fn about(model: &Model, inspector: &Inspector) -> String {
    let Some(chosen) = inspector.chosen else {
        return String::new();
    };
    let Some(process) = inspector.process() else {
        return format!("pid {} is gone; choose another", chosen.process.pid);
    };
    if process.is_zombie() {
        return about_zombie(model, inspector, process);
    }
    if let Some(thread) = inspector.thread(process) {
        let state = doing(thread.state.word(), thread.wait_channel.as_deref());
        let pid = process.id.pid;
        let whom = format!("a signal that ends or stops hits all of pid {pid}");
        return format!("thread {} {}: {state} · {whom}", thread.tid, thread.name);
    }
    let mut parts = vec![doing(process.state.word(), process.wait_channel.as_deref())];
    if !process.listens.is_empty() {
        let mut listens: Vec<_> = process.listens.iter().map(ToString::to_string).collect();
        // On every address of either kind is one and the same for people.
        listens.dedup();
        parts.push(format!("listens on {}", listens.join(", ")));
    }
    parts.extend(process.tracer.map(|tracer| format!("traced by pid {tracer}")));
    parts.extend(process.descriptors.map(|count| counted(u64::from(count), "descriptor", "descriptors")));
    parts.push(counted(u64::from(process.thread_count), "thread", "threads"));
    parts.push(format!("since {}", process.started));
    parts.push(format!("parent {}", process.parent));
    format!("pid {}: {}", process.id.pid, parts.join(" · "))
}

fn doing(state: &str, channel: Option<&str>) -> String {
    match channel {
        Some(channel) => format!("{state} in {channel}"),
        None => state.to_owned(),
    }
}

fn about_zombie(model: &Model, inspector: &Inspector, zombie: &ProcessRow) -> String {
    let pid = zombie.id.pid;
    match debtor(inspector) {
        Some(Ok(parent)) => {
            let (nudge, end) = (model.keymap.key(Action::NudgeParent), model.keymap.key(Action::EndParent));
            let parent = parent.id.pid;
            format!("{pid} ended; its parent {parent} owes the wait: {nudge} nudges {parent}, {end} ends it")
        }
        Some(Err(why)) => format!("{pid} ended; {why}"),
        None => String::new(),
    }
}

/// Which keys work now and what they do in a word.
pub(in crate::ui) fn keys(inspector: &Inspector) -> Vec<(Action, &'static str)> {
    use Action as A;
    let mut keys = vec![(A::CloseInspect, "close"), (A::Help, "help")];
    match inspector.process() {
        Some(process) if process.is_zombie() => {
            let again = inspector.ending.is_some_and(|ending| ending.pid == process.parent);
            let end = if again { "SIGKILL to the parent" } else { "end the parent" };
            keys.extend([(A::NudgeParent, "nudge the parent"), (A::EndParent, end)]);
        }
        Some(process) => {
            let open = inspector.opened.contains(&process.id);
            keys.push(if open { (A::CloseThreads, "hide threads") } else { (A::OpenThreads, "threads") });
            if inspector.of_itself {
                return keys;
            }
            keys.extend([
                (A::TerminateProcess, "SIGTERM"),
                (A::KillProcess, "SIGKILL"),
                (A::FreezeProcess, "freeze, continue"),
                (A::SignalProcess, "signal"),
            ]);
        }
        None => {}
    }
    keys
}
