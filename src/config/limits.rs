//! Resource limits of a worker: `limits = { nofile = 1024, core = "unlimited" }`.

use super::diagnostic::Notes;
use super::field::Field;
use super::key::listed;
use super::key::{Key, in_file_order, read_nested};
use super::{duration, size};
use crate::spec::{Limit, Resource};
use crate::suggest;

/// What a limit counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Bytes,
    Seconds,
    Count,
}

impl Unit {
    fn of(resource: Resource) -> Self {
        match resource {
            Resource::As
            | Resource::Core
            | Resource::Data
            | Resource::Fsize
            | Resource::Memlock
            | Resource::Stack => Self::Bytes,
            Resource::Cpu => Self::Seconds,
            Resource::Nofile | Resource::Nproc => Self::Count,
        }
    }

    fn wants(self) -> &'static str {
        match self {
            Self::Bytes => "bytes as 4096 or \"2G\", \"unlimited\", or { soft, hard }",
            Self::Seconds => "seconds as 60 or \"1m\", \"unlimited\", or { soft, hard }",
            Self::Count => "an integer, \"unlimited\", or { soft, hard }",
        }
    }
}

/// What a limit bounds and what its value may be, for the reference.
pub(super) fn describe(resource: Resource) -> (&'static str, &'static str) {
    let doc = match resource {
        Resource::As => "Address space, in bytes.",
        Resource::Core => "Size of a core dump, in bytes; `0` for none.",
        Resource::Cpu => "CPU time, in seconds.",
        Resource::Data => "Data segment, in bytes.",
        Resource::Fsize => "Largest file that it may write, in bytes.",
        Resource::Memlock => "Locked memory, in bytes.",
        Resource::Nofile => "Open descriptors.",
        Resource::Nproc => "Processes and threads of the user.",
        Resource::Stack => "Stack of the main thread, in bytes.",
    };
    (Unit::of(resource).wants(), doc)
}

/// One limit's value. Unlimited is above every number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bound {
    At(u64),
    Unlimited,
}

impl Bound {
    fn value(self) -> Option<u64> {
        match self {
            Self::At(value) => Some(value),
            Self::Unlimited => None,
        }
    }
}

/// A limit as a table; what is absent or mistaken is `None`.
pub(super) struct TypedPair {
    unit: Unit,
    soft: Option<Bound>,
    hard: Option<Bound>,
}

/// The keys of a limit as a table.
pub(super) static PAIR: [Key<TypedPair>; 2] = [
    Key {
        name: "soft",
        wants: "a limit",
        default: "must be given",
        doc: "What holds; the worker may raise it up to the hard limit.",
        elsewhere: &[],
        read: |pair, field, notes| pair.soft = read_value(field, pair.unit, notes),
    },
    Key {
        name: "hard",
        wants: "a limit",
        default: "must be given",
        doc: "What the soft limit may be raised to. Raising it above minder's own needs the privilege.",
        elsewhere: &[],
        read: |pair, field, notes| pair.hard = read_value(field, pair.unit, notes),
    },
];

/// Reads `limits` into the list; the last one of a resource holds.
pub(super) fn read(limits: &mut Vec<Limit>, field: Field<'_>, notes: &mut Notes) {
    let Some(table) = field.as_table() else {
        field.wrong_type(notes).help("as limits = { nofile = 1024 }");
        return;
    };
    for (name, value) in in_file_order(table) {
        let text = name.get_ref().as_ref();
        let Some(resource) = Resource::ALL.into_iter().find(|known| known.name() == text) else {
            unknown(text, name.span(), notes);
            continue;
        };
        let key = format!("limits.{text}");
        let unit = Unit::of(resource);
        let field = Field { key: &key, wants: unit.wants(), value };
        if let Some((soft, hard)) = read_limit(field, unit, notes) {
            limits.push(Limit { resource, soft: soft.value(), hard: hard.value() });
        }
    }
}

fn unknown(text: &str, span: std::ops::Range<usize>, notes: &mut Notes) {
    let names = || Resource::ALL.into_iter().map(Resource::name);
    let known = listed(names(), '`');
    let diagnostic = notes.error(span, &format!("unknown limit `{text}`"));
    match suggest::nearest(text, names()) {
        Some(name) => diagnostic.label(&format!("did you mean `{name}`?")),
        None => diagnostic.label("not known here").help(&format!("what may stand here: {known}")),
    };
}

/// Soft and hard.
fn read_limit(field: Field<'_>, unit: Unit, notes: &mut Notes) -> Option<(Bound, Bound)> {
    let Some(table) = field.as_table() else {
        return read_value(field, unit, notes).map(|value| (value, value));
    };
    let mut pair = TypedPair { unit, soft: None, hard: None };
    read_nested(&PAIR, field, &mut pair, notes);
    if !table.contains_key("soft") || !table.contains_key("hard") {
        field.bad(notes, "`soft` and `hard` must both be given");
        return None;
    }
    let (soft, hard) = (pair.soft?, pair.hard?);
    if soft > hard {
        field.bad(notes, "the soft limit is above the hard one");
        return None;
    }
    Some((soft, hard))
}

fn read_value(field: Field<'_>, unit: Unit, notes: &mut Notes) -> Option<Bound> {
    let Some(text) = field.as_str() else {
        // `u64::MAX` is the kernel's RLIM_INFINITY.
        return field.integer(notes, 0..=u64::MAX - 1).map(Bound::At);
    };
    if text == "unlimited" || text == "infinity" {
        return Some(Bound::Unlimited);
    }
    let value = match unit {
        Unit::Bytes => size::parse(text),
        // The kernel counts whole seconds, and takes 0 for none at all.
        Unit::Seconds => {
            duration::parse(text).map(|time| time.as_secs() + u64::from(time.subsec_nanos() > 0))
        }
        Unit::Count => text.parse().ok(),
    };
    let value = value.filter(|value| *value != u64::MAX);
    if value.is_none() {
        let diagnostic = field.bad(notes, "cannot be read");
        if unit == Unit::Bytes {
            diagnostic.help("a whole number with K, M, G or T (times 1024) behind it, as \"512M\"");
        }
    }
    value.map(Bound::At)
}
