//! The reference of `minder.toml` as Markdown, written from the tables that the parser reads by.

use super::key::Key;
use super::{env, followed, limits, log, runaway, schema};
use crate::spec::Resource;
use std::fmt::Write;

/// Every key of `minder.toml` with its type, its default and its meaning, as Markdown tables.
pub fn reference_markdown() -> String {
    let mut text = String::new();
    section(&mut text, "Top level", &top_rows());
    section(&mut text, "A worker: `[worker.NAME]`, and `[defaults]` for all", &worker_rows());
    text
}

fn top_rows() -> Vec<Row> {
    let mut top = Vec::new();
    for key in &schema::TOP {
        top.extend(rows("", std::slice::from_ref(key)));
        if key.name == "log" {
            top.extend(rows("log.", &log::TOTAL));
        }
    }
    top
}

fn worker_rows() -> Vec<Row> {
    let mut worker = Vec::new();
    for key in &schema::WORKER {
        worker.extend(rows("", std::slice::from_ref(key)));
        worker.extend(nested(key.name));
    }
    worker
}

/// The rows of the table below a worker's key; none for most keys.
fn nested(key: &str) -> Vec<Row> {
    match key {
        "tail" => rows("tail.", &followed::TAIL),
        "env" => rows("env.NAME.", &env::UNSET),
        "log" => {
            let mut log = rows("log.", &log::LOG);
            log.extend(rows("log.rotate.", &log::ROTATE));
            log
        }
        "stdin" => rows("stdin.", &schema::STDIN),
        "stop" => rows("stop.", &schema::STOP),
        "backoff" => rows("backoff.", &schema::BACKOFF),
        "max_restarts" => rows("max_restarts.", &schema::MAX_RESTARTS),
        "runaway" => rows("runaway.", &runaway::RUNAWAY),
        "limits" => Resource::ALL
            .into_iter()
            .map(|resource| {
                let (wants, doc) = limits::describe(resource);
                let key = format!("limits.{}", resource.name());
                Row { key, wants, default: "minder's own", doc }
            })
            .chain(rows("limits.NAME.", &limits::PAIR))
            .collect(),
        _ => Vec::new(),
    }
}

struct Row {
    key: String,
    wants: &'static str,
    default: &'static str,
    doc: &'static str,
}

fn rows<T>(prefix: &str, keys: &[Key<T>]) -> Vec<Row> {
    keys.iter()
        .map(|key| Row {
            key: format!("{prefix}{}", key.name),
            wants: key.wants,
            default: key.default,
            doc: key.doc,
        })
        .collect()
}

fn section(text: &mut String, title: &str, rows: &[Row]) {
    if !text.is_empty() {
        text.push('\n');
    }
    let mut line = |line: std::fmt::Arguments<'_>| {
        text.write_fmt(line).expect("writing to a string cannot fail");
    };
    line(format_args!("### {title}\n\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n"));
    for row in rows {
        let Row { key, wants, default, doc } = row;
        line(format_args!("| `{key}` | {wants} | {default} | {doc} |\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `MINDER_BLESS=1 cargo test reference` writes the file anew.
    #[test]
    fn the_reference_file_is_what_the_parser_knows() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/reference.md");
        if std::env::var_os("MINDER_BLESS").is_some() {
            std::fs::write(file, reference_markdown()).unwrap();
        }
        let written = std::fs::read_to_string(file).unwrap();
        assert_eq!(written, reference_markdown(), "write it anew: MINDER_BLESS=1 cargo test reference");
    }

    #[test]
    fn no_cell_breaks_its_table() {
        for line in reference_markdown().lines().filter(|line| line.starts_with('|')) {
            assert_eq!(line.matches('|').count(), 5, "{line}");
        }
    }

    #[test]
    fn the_defaults_that_are_told_are_the_ones_that_hold() {
        let parse = |line: &str| {
            let text = format!("[worker.a]\ncmd = 'true'\n{line}");
            let config = crate::config::parse_toml(&text, "f", std::path::Path::new("/"), None);
            config.unwrap_or_else(|errors| panic!("{text}\n{errors}")).workers
        };
        let mut tried = 0;
        for row in worker_rows() {
            let Some(default) = row.default.strip_prefix('`').map(|rest| rest.trim_end_matches('`')) else {
                continue;
            };
            let (line, bare) = match row.key.strip_prefix("max_restarts.") {
                Some(key) => {
                    (format!("max_restarts = {{ count = 5, {key} = {default} }}"), parse("max_restarts = 5"))
                }
                None => (format!("{} = {default}", row.key), parse("")),
            };
            assert_eq!(parse(&line), bare, "{line}");
            tried += 1;
        }
        assert!(tried > 10, "{tried}");
    }
}
