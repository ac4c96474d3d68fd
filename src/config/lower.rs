//! From what was typed to what it means: defaults merged, paths made whole, files read.

use super::diagnostic::Notes;
use super::read::{Unreadable, read_text};
use super::typed::{TypedBackoff, TypedFile, TypedLog, TypedStdin, TypedVariable, TypedWorker};
use super::way::{self, Way};
use super::{dotenv, runaway, timer};
use crate::spec::{
    Backoff, Environment, LogFile, OutputKind, RestartPolicy, Rotation, Spec, StdinKind, StopPolicy,
    WorkerName,
};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;

/// What paths in a file are relative to.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The file's folder.
    pub(super) base: &'a Path,
    /// What `~` stands for.
    pub(super) home: Option<&'a Path>,
}

/// The specs of a file, in its order.
pub(super) fn lower(file: TypedFile, place: Place<'_>, notes: &mut Notes) -> Vec<Spec> {
    let mut files = EnvFiles { place, read: BTreeMap::new() };
    let TypedFile { forward_signals: _, log: _, defaults, workers } = file;
    let mut logs = BTreeMap::new();
    let mut specs = Vec::new();
    for (name, worker) in workers {
        timer::look_for_idle_overlap(&worker, notes);
        way::look_for_idle_keys(&worker, notes);
        let worker = worker.over(&defaults);
        let log = worker.log.file.clone();
        let Some(spec) = lower_worker(&name, worker, &mut files, notes) else { continue };
        if let (Some(typed), Some(file)) = (log, &spec.log_file) {
            not_shared(&mut logs, &typed, file, &spec.name, notes);
        }
        specs.push(spec);
    }
    specs
}

fn lower_worker(
    name: &Spanned<String>,
    worker: TypedWorker,
    files: &mut EnvFiles<'_>,
    notes: &mut Notes,
) -> Option<Spec> {
    let place = files.place;
    let env = environment(&worker, files, notes);
    let cwd = folder(worker.cwd.as_ref(), place, notes);
    let log_file = log_file(name, &worker.log, place, notes);
    let way = worker.way();
    let program = way::lower(name, &worker, place, notes);
    let stdin = worker.stdin.map_or(Some(StdinKind::Auto), |stdin| source(stdin, place, notes));
    let backoff = lower_backoff(&worker.backoff, notes);
    let runaway = runaway::lower(&worker.runaway, notes);
    let schedule = timer::lower(worker.timer, worker.restart, way, notes);
    let stop = StopPolicy::default();
    let restart = RestartPolicy::default();
    let bare = Spec::exec(WorkerName::from(name.get_ref().as_str()), [OsString::new()]);
    Some(Spec {
        program: program?,
        cwd: Some(cwd?),
        env,
        output: match way {
            Way::Command => worker.output.unwrap_or(bare.output),
            // minder itself says the lines.
            Way::Follows | Way::Watches => OutputKind::Pipe,
        },
        log: worker.log.budget,
        log_file,
        stdin: stdin?,
        umask: worker.umask,
        nice: worker.nice,
        limits: worker.limits,
        stop: StopPolicy {
            signal: worker.stop.signal.unwrap_or(stop.signal),
            grace: worker.stop.grace.unwrap_or(stop.grace),
        },
        restart: RestartPolicy {
            when: worker.restart.unwrap_or(restart.when),
            backoff,
            limit: worker.max_restarts,
        },
        runaway,
        autostart: worker.autostart.unwrap_or(bare.autostart),
        schedule,
        reap: worker.reap.unwrap_or(bare.reap),
        description: worker.description,
        color: worker.color,
        name: bare.name,
    })
}

/// `None` if the path cannot be made whole, which is noted.
fn folder(cwd: Option<&Spanned<String>>, place: Place<'_>, notes: &mut Notes) -> Option<PathBuf> {
    let Some(cwd) = cwd else { return Some(place.base.to_owned()) };
    let path = whole(cwd, place, notes)?;
    // It may appear later, made by another worker: no mistake, but worth a word.
    if !path.is_dir() {
        let label = if path.exists() { "this is no folder" } else { "this folder does not exist" };
        notes
            .warning(cwd.span(), "`cwd` cannot be entered now")
            .label(label)
            .help(&format!("looked for {}", path.display()));
    }
    Some(path)
}

fn source(stdin: TypedStdin, place: Place<'_>, notes: &mut Notes) -> Option<StdinKind> {
    Some(match stdin {
        TypedStdin::Auto => StdinKind::Auto,
        TypedStdin::Pty => StdinKind::Pty,
        TypedStdin::Null => StdinKind::Null,
        TypedStdin::Pipe => StdinKind::Pipe,
        TypedStdin::File(typed) => {
            let path = whole(&typed, place, notes)?;
            if !path.exists() {
                notes
                    .warning(typed.span(), "`stdin.file` cannot be read now")
                    .label("this file does not exist")
                    .help(&format!("looked for {}", path.display()));
            }
            StdinKind::File(path)
        }
    })
}

/// `None` if there is none, or its path cannot be made whole, which is noted.
fn log_file(name: &Spanned<String>, log: &TypedLog, place: Place<'_>, notes: &mut Notes) -> Option<LogFile> {
    let typed = log.file.as_ref()?;
    let text = typed.get_ref().replace("{name}", name.get_ref());
    let path = whole(&Spanned::new(typed.span(), text), place, notes)?;
    if path.is_dir() {
        notes.error(typed.span(), "`log.file` is a folder").help(&format!("looked at {}", path.display()));
        return None;
    }
    let default = Rotation::default();
    let rotation = Rotation {
        size: log.rotate.size.map_or(default.size, |size| Some(size).filter(|size| *size > 0)),
        age: log.rotate.age.or(default.age),
        keep: log.rotate.keep.unwrap_or(default.keep),
        gzip: log.rotate.gzip.unwrap_or(default.gzip),
    };
    Some(LogFile { path, format: log.format.unwrap_or_default(), rotation })
}

/// Two that write and put aside the same file would lose each other's lines.
fn not_shared(
    logs: &mut BTreeMap<PathBuf, WorkerName>,
    typed: &Spanned<String>,
    file: &LogFile,
    name: &WorkerName,
    notes: &mut Notes,
) {
    // `/dev/null` and the like take lines from anybody.
    if file.path.starts_with("/dev") {
        return;
    }
    if let Some(other) = logs.insert(file.path.clone(), name.clone()) {
        notes
            .error(typed.span(), &format!("`{other}` and `{name}` write the same log file"))
            .label(&file.path.display().to_string())
            .help("put the worker's name into it, as \"logs/{name}.log\"");
    }
}

fn lower_backoff(typed: &TypedBackoff, notes: &mut Notes) -> Backoff {
    let default = Backoff::default();
    let wait =
        |typed: &Option<Spanned<Duration>>, default| typed.as_ref().map_or(default, |wait| *wait.get_ref());
    let initial = wait(&typed.initial, default.initial);
    let max = wait(&typed.max, default.max);
    if initial > max {
        // One of the two was typed: the defaults alone are in order.
        let typed = typed.max.as_ref().or(typed.initial.as_ref());
        let span = typed.map_or(0..0, Spanned::span);
        let (initial, max) = (super::duration::write(initial), super::duration::write(max));
        notes
            .error(span, "`backoff.initial` is longer than `backoff.max`")
            .label(&format!("initial is {initial}, max is {max}"));
    }
    Backoff {
        initial,
        max,
        factor: typed.factor.unwrap_or(default.factor),
        jitter: typed.jitter.unwrap_or(default.jitter),
        reset_after: typed.reset_after.unwrap_or(default.reset_after),
    }
}

fn environment(worker: &TypedWorker, files: &mut EnvFiles<'_>, notes: &mut Notes) -> Environment {
    let mut vars = BTreeMap::new();
    for path in worker.env_file.iter().flatten() {
        for (name, value) in files.get(path, notes) {
            vars.insert(OsString::from(name), Some(OsString::from(value)));
        }
    }
    for (name, value) in &worker.env {
        let value = match value {
            TypedVariable::Set(value) => Some(OsString::from(value)),
            TypedVariable::Unset => None,
        };
        vars.insert(OsString::from(name), value);
    }
    Environment { clear: worker.clear_env.unwrap_or(false), vars }
}

/// The `env_file`s of a file, each read once, however many workers share it.
struct EnvFiles<'a> {
    place: Place<'a>,
    read: BTreeMap<PathBuf, Vec<(String, String)>>,
}

impl EnvFiles<'_> {
    fn get(&mut self, typed: &Spanned<String>, notes: &mut Notes) -> &[(String, String)] {
        let Some(path) = whole(typed, self.place, notes) else { return &[] };
        if !self.read.contains_key(&path) {
            match read_text(&path) {
                Ok(text) => {
                    let name = path.strip_prefix(self.place.base).unwrap_or(&path);
                    let variables = dotenv::read(&notes.beside(name, text), notes);
                    self.read.insert(path.clone(), variables);
                }
                Err(error) => unreadable(typed, &path, &error, notes),
            }
        }
        self.read.get(&path).map_or(&[], Vec::as_slice)
    }
}

fn unreadable(typed: &Spanned<String>, path: &Path, error: &Unreadable, notes: &mut Notes) {
    notes
        .error(typed.span(), "`env_file` cannot be read")
        .label(&error.to_string())
        .help(&format!("looked for {}", path.display()));
}

/// The path made absolute: `~` is the home, all else is relative to the file's folder.
pub(super) fn whole(typed: &Spanned<String>, place: Place<'_>, notes: &mut Notes) -> Option<PathBuf> {
    let path = Path::new(typed.get_ref());
    let Ok(rest) = path.strip_prefix("~") else { return Some(place.base.join(path)) };
    let Some(home) = place.home else {
        notes.error(typed.span(), "`~` has no meaning here").label("HOME is not set");
        return None;
    };
    // Joining nothing would leave a slash at the end.
    Some(if rest.as_os_str().is_empty() { home.to_owned() } else { home.join(rest) })
}
