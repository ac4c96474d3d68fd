//! What is kept of a worker's output: `log = { memory = "64M", file = "logs/api.log" }`.

use super::diagnostic::Notes;
use super::duration::DAY;
use super::field::Field;
use super::key::{Key, read_nested};
use super::typed::{TypedLog, TypedRotation};
use crate::spec::{LogBudget, LogFormat};
use std::time::Duration;

/// Less memory would hold no more than the newest lines of a terminal.
const LEAST_MEMORY: u64 = 256 << 10;
/// Less on a disk would be less than one file of it.
const LEAST_DISK: u64 = 2 << 20;
/// A log file that is put aside earlier is hardly a file.
const LEAST_FILE: u64 = 1 << 10;

/// The keys of `log` outside all workers.
pub(super) static TOTAL: [Key<LogBudget>; 2] = [
    Key {
        name: "memory",
        wants: "bytes as \"128M\"",
        default: "128M, or the most that a worker has",
        doc: "The memory that the lines of all workers take together, at least `\"256K\"`. When it is \
              too much, those shrink that take most.",
        elsewhere: &["ram", "size", "buffer"],
        read: |log, field, notes| log.memory = field.size(notes, LEAST_MEMORY..=u64::MAX >> 2),
    },
    Key {
        name: "disk",
        wants: "bytes as \"2G\", or 0",
        default: "what the workers ask for",
        doc: "What all workers' older lines take together on the disk, and with that what each may \
              take that does not say it itself.",
        elsewhere: &["spill"],
        read: |log, field, notes| log.disk = read_disk(field, notes),
    },
];

/// The keys of a worker's `log`.
pub(super) static LOG: [Key<TypedLog>; 5] = [
    Key {
        name: "memory",
        wants: "bytes as \"32M\"",
        default: "32M",
        doc: "The memory that its lines take, at least `\"256K\"`. Older ones are packed, which makes them \
              about four times smaller; then the oldest go, or to the disk.",
        elsewhere: &["ram", "size", "buffer", "lines", "scrollback"],
        read: |log, field, notes| log.budget.memory = field.size(notes, LEAST_MEMORY..=u64::MAX >> 2),
    },
    Key {
        name: "disk",
        wants: "bytes as \"2G\", or 0",
        default: "0, or `log.disk` outside all workers",
        doc: "How much of its older lines is kept on the disk: packed, below `$XDG_STATE_HOME/minder` \
              (`~/.local/state/minder`), in files without a name, which are gone with minder whatever \
              becomes of it. At least `\"2M\"`; `0` writes nothing.",
        elsewhere: &["spill"],
        read: |log, field, notes| log.budget.disk = read_disk(field, notes),
    },
    Key {
        name: "file",
        wants: "a path as a string",
        default: "none",
        doc: "A file that every line is written to as well, relative to the file's folder; `~/` is your home, \
              `{name}` the worker's name. `log = \"api.log\"` is short for `log = { file = \"api.log\" }`. Its \
              folder is made. It is added to, also after a restart of minder; if somebody moves or removes it, \
              a new one is begun.",
        elsewhere: &["path", "filename", "output", "logfile", "log_location"],
        read: |log, field, notes| log.file = field.filled(notes),
    },
    Key {
        name: "format",
        wants: "\"plain\", \"color\" or \"json\"",
        default: "`\"plain\"`",
        doc: "How a line is written to the file: its text, its text with its colours, or one object of JSON \
              a line: `time` (RFC 3339), `worker`, `stream` (`stdout`, `stderr`, `terminal`, or `minder` for \
              how runs end) and `text`.",
        elsewhere: &["type", "driver"],
        read: |log, field, notes| {
            let choices =
                [("plain", LogFormat::Plain), ("color", LogFormat::Color), ("json", LogFormat::Json)];
            log.format = field.choice(notes, &choices);
        },
    },
    Key {
        name: "rotate",
        wants: "a table",
        default: "",
        doc: "When the file is put aside: renamed to its name with the moment behind it, as \
              `api.log.20261122T140309.000000Z`.",
        elsewhere: &["rotation", "rotator"],
        read: |log, field, notes| {
            if !read_nested(&ROTATE, field, &mut log.rotate, notes) {
                field.wrong_type(notes).help("as rotate = { size = \"100M\", keep = 5 }");
            }
        },
    },
];

/// The keys of `log.rotate`.
pub(super) static ROTATE: [Key<TypedRotation>; 4] = [
    Key {
        name: "size",
        wants: "bytes as \"100M\", or 0",
        default: "`\"100M\"`",
        doc: "Before it has more bytes than this, at least `\"1K\"`; `0`: whatever its size.",
        elsewhere: &["max_size", "maxbytes", "bytes"],
        read: |rotate, field, notes| rotate.size = field.size_or_zero(notes, LEAST_FILE),
    },
    Key {
        name: "age",
        wants: "a duration as \"24h\"",
        default: "none",
        doc: "With the first line after this time since it was begun, from a minute to 366 days.",
        elsewhere: &["max_age", "interval", "every"],
        read: |rotate, field, notes| {
            rotate.age = field.duration(notes, Duration::from_mins(1)..=DAY * 366);
        },
    },
    Key {
        name: "keep",
        wants: "an integer from 0 to 10000",
        default: "`5`",
        doc: "How many old ones are kept.",
        elsewhere: &["count", "backups", "max_files", "max_backups"],
        read: |rotate, field, notes| rotate.keep = field.integer(notes, 0..=10_000),
    },
    Key {
        name: "gzip",
        wants: "true or false",
        default: "`false`",
        doc: "Whether old ones are packed, to `*.gz`.",
        elsewhere: &["compress", "compression"],
        read: |rotate, field, notes| rotate.gzip = field.boolean(notes),
    },
];

/// Reads `log` of a worker: a table, or the file alone.
pub(super) fn read(log: &mut TypedLog, field: Field<'_>, notes: &mut Notes) {
    if read_nested(&LOG, field, log, notes) {
        return;
    }
    if field.as_str().is_some() {
        log.file = field.filled(notes);
    } else {
        field.wrong_type(notes).help("as log = { memory = \"64M\", file = \"api.log\" }");
    }
}

/// Reads `log` outside all workers.
pub(super) fn read_total(log: &mut LogBudget, field: Field<'_>, notes: &mut Notes) {
    if !read_nested(&TOTAL, field, log, notes) {
        let mend = "as [log] with memory and disk; a log file is a worker's, or one for all in [defaults]";
        field.wrong_type(notes).help(mend);
    }
}

fn read_disk(field: Field<'_>, notes: &mut Notes) -> Option<u64> {
    field.size_or_zero(notes, LEAST_DISK)
}
