//! When a worker counts as a runaway: `runaway = { memory = "2G", policy = "terminate" }`.

use super::diagnostic::Notes;
use super::duration::DAY;
use super::field::Field;
use super::key::{Key, read_nested};
use super::size;
use crate::spec::{Bound, Memory, RunawayAction, RunawayPolicy};
use std::time::Duration;
use toml::Spanned;

/// What switches a bound off.
const OFF: &str = "off";

/// `runaway`.
#[derive(Debug, Default, Clone)]
pub(super) struct TypedRunaway {
    cpu: Option<Bound<u64>>,
    memory: Option<Bound<Memory>>,
    processes: Option<Bound<u64>>,
    output: Option<Bound<u64>>,
    hold: Option<Duration>,
    policy: Option<Spanned<RunawayAction>>,
    /// The policy is that of the defaults.
    shared: bool,
}

/// The keys of `runaway`.
pub(super) static RUNAWAY: [Key<TypedRunaway>; 6] = [
    Key {
        name: "cpu",
        wants: "percent of one core as 150, or \"off\"",
        default: "none",
        doc: "CPU time that its whole tree takes; 200 is two cores.",
        elsewhere: &["cpus", "cpu_percent"],
        read: |runaway, field, notes| runaway.cpu = read_bound(field, notes, count),
    },
    Key {
        name: "memory",
        wants: "bytes as \"2G\", a share of the machine's as \"50%\", or \"off\"",
        default: "90 % of the machine's, on the screen",
        doc: "Resident memory of its whole tree; what its processes share counts for each of them.",
        elsewhere: &["mem", "rss", "max_memory", "max_memory_restart"],
        read: |runaway, field, notes| runaway.memory = read_bound(field, notes, memory),
    },
    Key {
        name: "processes",
        wants: "an integer above 0, or \"off\"",
        default: "1000, on the screen",
        doc: "Living processes of its whole tree.",
        elsewhere: &["procs", "children", "pids"],
        read: |runaway, field, notes| runaway.processes = read_bound(field, notes, count),
    },
    Key {
        name: "output",
        wants: "bytes a second as \"1M\", or \"off\"",
        default: "10 MiB a second, on the screen",
        doc: "What it says.",
        elsewhere: &["log", "rate", "output_rate"],
        read: |runaway, field, notes| runaway.output = read_bound(field, notes, bytes),
    },
    Key {
        name: "for",
        wants: "a duration as \"10s\"",
        default: "`\"10s\"`",
        doc: "How long it must be too much, up to 24 hours; as long it must be less again until it counts as \
              over. It is looked at once a second.",
        elsewhere: &["hold", "during", "window", "after"],
        read: |runaway, field, notes| runaway.hold = field.duration(notes, Duration::ZERO..=DAY),
    },
    Key {
        name: "policy",
        wants: "\"warn\", \"freeze\" or \"terminate\"",
        default: "`\"warn\"`",
        doc: "What is done at a bound that you set (a default only warns): it is said and shown; its tree is \
              frozen, until you let it go on; or it is stopped, which counts as a failure, and `restart` says \
              what comes next.",
        elsewhere: &["action", "then", "do"],
        read: |runaway, field, notes| {
            let choices = [
                ("warn", RunawayAction::Warn),
                ("freeze", RunawayAction::Freeze),
                ("terminate", RunawayAction::Terminate),
            ];
            let action = field.choice(notes, &choices);
            runaway.policy = action.map(|action| Spanned::new(field.span(), action));
        },
    },
];

/// Reads `runaway`.
pub(super) fn read(runaway: &mut TypedRunaway, field: Field<'_>, notes: &mut Notes) {
    if !read_nested(&RUNAWAY, field, runaway, notes) {
        field.wrong_type(notes).help("as runaway = { memory = \"2G\", policy = \"terminate\" }");
    }
}

type Read<T> = fn(Field<'_>, &mut Notes) -> Option<T>;

fn read_bound<T>(field: Field<'_>, notes: &mut Notes, read: Read<T>) -> Option<Bound<T>> {
    if field.as_str() == Some(OFF) {
        return Some(Bound::Never);
    }
    read(field, notes).map(Bound::At)
}

fn count(field: Field<'_>, notes: &mut Notes) -> Option<u64> {
    field.integer(notes, 1..=1_000_000)
}

fn bytes(field: Field<'_>, notes: &mut Notes) -> Option<u64> {
    let Some(text) = field.as_str() else {
        return field.integer(notes, 1..=u64::MAX / 2);
    };
    let bytes = size::parse(text).filter(|bytes| *bytes > 0);
    if bytes.is_none() {
        let help = "a whole number with K, M, G or T (times 1024) behind it, as \"512M\"";
        field.bad(notes, "cannot be read").help(help);
    }
    bytes
}

fn memory(field: Field<'_>, notes: &mut Notes) -> Option<Memory> {
    let Some(share) = field.as_str().and_then(|text| text.strip_suffix('%')) else {
        return bytes(field, notes).map(Memory::Bytes);
    };
    let percent = share.trim_end().parse().ok().filter(|percent| (1..=100).contains(percent));
    if percent.is_none() {
        field.bad(notes, "must lie between 1% and 100%");
    }
    percent.map(Memory::Percent)
}

impl TypedRunaway {
    pub(super) fn over(self, defaults: &Self) -> Self {
        Self {
            cpu: self.cpu.or(defaults.cpu),
            memory: self.memory.or(defaults.memory),
            processes: self.processes.or(defaults.processes),
            output: self.output.or(defaults.output),
            hold: self.hold.or(defaults.hold),
            shared: self.policy.is_none(),
            policy: self.policy.or_else(|| defaults.policy.clone()),
        }
    }
}

/// What it comes to. Something to do, and nothing to do it at, is a mistake.
pub(super) fn lower(runaway: &TypedRunaway, notes: &mut Notes) -> RunawayPolicy {
    let default = RunawayPolicy::default();
    let action = runaway.policy.as_ref().map_or(default.action, |policy| *policy.get_ref());
    let policy = RunawayPolicy {
        cpu: runaway.cpu.unwrap_or_default(),
        memory: runaway.memory.unwrap_or_default(),
        processes: runaway.processes.unwrap_or_default(),
        output: runaway.output.unwrap_or_default(),
        hold: runaway.hold.unwrap_or(default.hold),
        action,
    };
    if let Some(written) = &runaway.policy
        && action != RunawayAction::Warn
        && !runaway.shared
        && !policy.is_declared()
    {
        notes
            .error(written.span(), "`runaway.policy` has no bound to act at")
            .label("a default bound only warns")
            .help("say what is too much, as runaway.memory = \"2G\"");
    }
    policy
}
