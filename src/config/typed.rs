//! What was typed in a file, value by value, with nothing filled in. What it means is for
//! [`super::lower`] to say.

use super::runaway::TypedRunaway;
use crate::signal::Signal;
use crate::spec::{
    Beginning, Cron, Limit, LogBudget, LogFormat, NameColor, OutputKind, Overlap, Pattern, Reap,
    RestartLimit, RestartWhen,
};
use std::collections::BTreeMap;
use std::time::Duration;
use toml::Spanned;

/// A whole `minder.toml`.
#[derive(Debug, Default)]
pub(super) struct TypedFile {
    pub(super) forward_signals: Option<bool>,
    pub(super) log: LogBudget,
    pub(super) defaults: TypedWorker,
    /// By name, in the order of the file.
    pub(super) workers: Vec<(Spanned<String>, TypedWorker)>,
}

/// One `[worker.NAME]`, or `[defaults]`.
#[derive(Debug, Default, Clone)]
pub(super) struct TypedWorker {
    pub(super) cmd: Typed<TypedCommand>,
    pub(super) tail: TypedTail,
    pub(super) watch: TypedWatch,
    pub(super) cwd: Option<Spanned<String>>,
    pub(super) env: BTreeMap<String, TypedVariable>,
    pub(super) env_file: Option<Vec<Spanned<String>>>,
    pub(super) clear_env: Option<bool>,
    pub(super) shell: Option<Vec<String>>,
    pub(super) output: Option<OutputKind>,
    pub(super) log: TypedLog,
    pub(super) stdin: Option<TypedStdin>,
    pub(super) umask: Option<u32>,
    pub(super) nice: Option<i32>,
    pub(super) limits: Vec<Limit>,
    pub(super) stop: TypedStop,
    pub(super) restart: Option<RestartWhen>,
    pub(super) backoff: TypedBackoff,
    pub(super) max_restarts: Option<RestartLimit>,
    pub(super) runaway: TypedRunaway,
    pub(super) autostart: Option<bool>,
    pub(super) timer: TypedTimer,
    pub(super) reap: Option<Reap>,
    pub(super) description: Option<String>,
    pub(super) color: Option<NameColor>,
    /// Which of its keys are its own.
    pub(super) keys: Vec<Spanned<&'static str>>,
}

/// A key whose absence is a mistake: one that is there and cannot be read is told once.
#[derive(Debug, Default, Clone)]
pub(super) enum Typed<T> {
    #[default]
    Absent,
    Mistaken,
    Read(T),
}

/// What to run.
#[derive(Debug, Clone)]
pub(super) enum TypedCommand {
    /// A line for the shell.
    Line(String),
    /// A program and its arguments.
    Words(Vec<String>),
}

/// `tail`.
#[derive(Debug, Default, Clone)]
pub(super) struct TypedTail {
    /// Paths and patterns, relative to the file's folder.
    pub(super) files: Typed<Vec<Spanned<String>>>,
    pub(super) lines: Option<Beginning>,
}

/// `pid`, `pid_file` and `pgrep`.
#[derive(Debug, Default, Clone)]
pub(super) struct TypedWatch {
    pub(super) pid: Typed<Spanned<i32>>,
    pub(super) pid_file: Typed<Spanned<String>>,
    pub(super) pgrep: Typed<Spanned<Pattern>>,
}

/// `every`, `cron` and `overlap`.
#[derive(Debug, Default, Clone)]
pub(super) struct TypedTimer {
    pub(super) every: Typed<Spanned<Duration>>,
    pub(super) cron: Typed<Spanned<Cron>>,
    pub(super) overlap: Option<Spanned<Overlap>>,
}

/// A variable of the environment.
#[derive(Debug, Clone)]
pub(super) enum TypedVariable {
    Set(String),
    Unset,
}

/// Where standard input comes from.
#[derive(Debug, Clone)]
pub(super) enum TypedStdin {
    Auto,
    Pty,
    Null,
    Pipe,
    /// A path, relative to the file's folder.
    File(Spanned<String>),
}

/// `stop`.
#[derive(Debug, Default, Clone)]
pub(super) struct TypedStop {
    pub(super) signal: Option<Signal>,
    pub(super) grace: Option<Duration>,
}

/// `log`.
#[derive(Debug, Default, Clone)]
pub(super) struct TypedLog {
    pub(super) budget: LogBudget,
    pub(super) file: Option<Spanned<String>>,
    pub(super) format: Option<LogFormat>,
    pub(super) rotate: TypedRotation,
}

/// `log.rotate`.
#[derive(Debug, Default, Clone)]
pub(super) struct TypedRotation {
    /// 0: whatever its size.
    pub(super) size: Option<u64>,
    pub(super) age: Option<Duration>,
    pub(super) keep: Option<u32>,
    pub(super) gzip: Option<bool>,
}

/// `backoff`.
#[derive(Debug, Default, Clone)]
pub(super) struct TypedBackoff {
    pub(super) initial: Option<Spanned<Duration>>,
    pub(super) max: Option<Spanned<Duration>>,
    pub(super) factor: Option<f64>,
    pub(super) jitter: Option<f64>,
    pub(super) reset_after: Option<Duration>,
}

impl TypedWorker {
    /// This worker with what it does not say taken from the defaults: key by key, and within
    /// `env`, `limits`, `log`, `stop`, `backoff` and `runaway` entry by entry.
    pub(super) fn over(self, defaults: &Self) -> Self {
        let mut env = defaults.env.clone();
        env.extend(self.env);
        Self {
            cmd: self.cmd,
            tail: self.tail,
            watch: self.watch,
            cwd: self.cwd.or_else(|| defaults.cwd.clone()),
            env,
            env_file: self.env_file.or_else(|| defaults.env_file.clone()),
            clear_env: self.clear_env.or(defaults.clear_env),
            shell: self.shell.or_else(|| defaults.shell.clone()),
            output: self.output.or(defaults.output),
            log: self.log.over(&defaults.log),
            stdin: self.stdin.or_else(|| defaults.stdin.clone()),
            umask: self.umask.or(defaults.umask),
            nice: self.nice.or(defaults.nice),
            limits: limits_over(self.limits, &defaults.limits),
            stop: self.stop.over(&defaults.stop),
            restart: self.restart.or(defaults.restart),
            backoff: self.backoff.over(&defaults.backoff),
            max_restarts: self.max_restarts.or(defaults.max_restarts),
            runaway: self.runaway.over(&defaults.runaway),
            autostart: self.autostart.or(defaults.autostart),
            timer: self.timer.over(&defaults.timer),
            reap: self.reap.or(defaults.reap),
            description: self.description,
            color: self.color.or(defaults.color),
            keys: self.keys,
        }
    }
}

fn limits_over(mut own: Vec<Limit>, defaults: &[Limit]) -> Vec<Limit> {
    for limit in defaults {
        if !own.iter().any(|known| known.resource == limit.resource) {
            own.push(*limit);
        }
    }
    own
}

impl TypedTimer {
    /// When it runs is a worker's own.
    fn over(self, defaults: &Self) -> Self {
        Self { overlap: self.overlap.or_else(|| defaults.overlap.clone()), ..self }
    }
}

impl TypedStop {
    fn over(self, defaults: &Self) -> Self {
        Self { signal: self.signal.or(defaults.signal), grace: self.grace.or(defaults.grace) }
    }
}

impl TypedLog {
    fn over(self, defaults: &Self) -> Self {
        Self {
            budget: LogBudget {
                memory: self.budget.memory.or(defaults.budget.memory),
                disk: self.budget.disk.or(defaults.budget.disk),
            },
            file: self.file.or_else(|| defaults.file.clone()),
            format: self.format.or(defaults.format),
            rotate: self.rotate.over(&defaults.rotate),
        }
    }
}

impl TypedRotation {
    fn over(self, defaults: &Self) -> Self {
        Self {
            size: self.size.or(defaults.size),
            age: self.age.or(defaults.age),
            keep: self.keep.or(defaults.keep),
            gzip: self.gzip.or(defaults.gzip),
        }
    }
}

impl TypedBackoff {
    fn over(self, defaults: &Self) -> Self {
        Self {
            initial: self.initial.or_else(|| defaults.initial.clone()),
            max: self.max.or_else(|| defaults.max.clone()),
            factor: self.factor.or(defaults.factor),
            jitter: self.jitter.or(defaults.jitter),
            reset_after: self.reset_after.or(defaults.reset_after),
        }
    }
}
