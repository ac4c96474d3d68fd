//! Processes that minder did not start: `pid`, `pid_file` and `pgrep`, and the words of `minder watch`.

use super::diagnostic::Notes;
use super::field::Field;
use super::lower::{Place, whole};
use super::name;
use super::typed::{Typed, TypedWatch};
use crate::protocol::Pid;
use crate::spec::{Pattern, Program, Spec, Target};
use crate::sys::procfs;
use std::collections::BTreeSet;
use std::path::PathBuf;
use toml::Spanned;

/// The highest pid that there can be (proc_sys_kernel(5), `pid_max`).
const HIGHEST: i32 = 1 << 22;

pub(super) fn read_pid(watch: &mut TypedWatch, field: Field<'_>, notes: &mut Notes) {
    let pid = field.integer(notes, 2..=HIGHEST);
    watch.pid = pid.map_or(Typed::Mistaken, |pid| Typed::Read(Spanned::new(field.span(), pid)));
}

pub(super) fn read_pid_file(watch: &mut TypedWatch, field: Field<'_>, notes: &mut Notes) {
    watch.pid_file = field.filled(notes).map_or(Typed::Mistaken, Typed::Read);
}

pub(super) fn read_pgrep(watch: &mut TypedWatch, field: Field<'_>, notes: &mut Notes) {
    watch.pgrep = Typed::Mistaken;
    let Some(text) = field.filled(notes) else { return };
    match Pattern::new(text.get_ref()) {
        Ok(pattern) => watch.pgrep = Typed::Read(Spanned::new(field.span(), pattern)),
        Err(error) => {
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            field.bad(notes, "no regular expression").help(&last);
        }
    }
}

impl TypedWatch {
    /// Whether the worker says that it watches something, rightly or not.
    pub(super) fn is_typed(&self) -> bool {
        let Self { pid, pid_file, pgrep } = self;
        !matches!((pid, pid_file, pgrep), (Typed::Absent, Typed::Absent, Typed::Absent))
    }
}

/// What it watches. `None` where that cannot be said; why is noted.
pub(super) fn lower(
    watch: TypedWatch,
    has_command: bool,
    place: Place<'_>,
    notes: &mut Notes,
) -> Option<Program> {
    let mut targets = Vec::new();
    if let Typed::Read(pid) = watch.pid {
        targets.push((pid.span(), Target::Pid(pid.into_inner())));
    }
    if let Typed::Read(path) = watch.pid_file {
        targets.push((path.span(), Target::PidFile(whole(&path, place, notes)?)));
    }
    if let Typed::Read(pattern) = watch.pgrep {
        targets.push((pattern.span(), Target::Name(pattern.into_inner())));
    }
    let several = targets.len() > 1;
    let (span, target) = targets.pop()?;
    if has_command || several {
        notes
            .error(span, "a worker has one of `cmd`, `pid`, `pid_file` and `pgrep`")
            .label("it has another one too")
            .help("`cmd` starts a process; the others watch one that somebody else started");
        return None;
    }
    Some(Program::Watched(target))
}

/// A spec for each process of `minder watch`, in the order of pids, files, patterns.
pub(crate) fn watch_specs(pids: &[i32], files: &[PathBuf], patterns: &[Pattern]) -> Vec<Spec> {
    let mut taken = BTreeSet::new();
    let mut specs = Vec::new();
    let mut add = |name: String, target: Target| {
        specs.push(Spec::watched(name::unused(&name, &mut taken), target));
    };
    for &pid in pids {
        let process = procfs::read(Pid(pid)).map_or_else(|| "pid".to_owned(), |process| process.name);
        add(name::slug(&format!("{process}-{pid}"), name::MAX_CHARACTERS), Target::Pid(pid));
    }
    for file in files {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        // Fails only where the working folder is gone; it is then looked for as it was typed.
        let path = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        add(name::slug(&stem, name::MAX_CHARACTERS), Target::PidFile(path));
    }
    for pattern in patterns {
        add(name::slug(pattern.as_str(), name::MAX_CHARACTERS), Target::Name(pattern.clone()));
    }
    specs
}
