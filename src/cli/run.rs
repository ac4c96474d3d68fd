//! `minder run`: from command lines to specs, and the small values that its options take.

use super::arguments::RunArguments;
use crate::spec::{OutputKind, RestartPolicy, RestartWhen, Spec, StopPolicy, WorkerName};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::collections::HashSet;
use std::time::Duration;

/// The words of `--restart`.
pub(super) const RESTARTS: &[(&str, RestartWhen)] = &[
    ("no", RestartWhen::No),
    ("on-failure", RestartWhen::OnFailure),
    ("always", RestartWhen::Always),
];

/// The words of `--output`.
pub(super) const OUTPUTS: &[(&str, OutputKind)] =
    &[("pty", OutputKind::Pty), ("pipe", OutputKind::Pipe)];

/// Reads one of some words; help and completions know them too.
pub(super) fn one_of<T: Copy + Send + Sync + 'static>(
    table: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(table.iter().map(|(word, _)| *word)).try_map(|word| {
        table.iter().find(|(known, _)| *known == word).map(|(_, value)| *value).ok_or("unknown")
    })
}

/// Reads `500ms`, `5s`, `1m30s`.
pub(super) fn read_duration(text: &str) -> Result<Duration, String> {
    text.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| "use a number and its unit, as in `500ms`, `5s` or `1m30s`".to_owned())
}

/// The most characters of a name.
const MAX_NAME: usize = 64;

/// What is wrong with the workers of a `minder run`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RunError {
    #[error("--names needs {workers} names, one for each worker in order; it has {names}")]
    Count { names: usize, workers: usize },
    #[error(
        "`{0}` cannot be a name: use letters, digits, `-`, `_` and `.`, a letter or digit first"
    )]
    Name(String),
    #[error("two workers are named `{0}`; give each a name of its own with `name=CMD` or --names")]
    Twice(String),
    #[error("worker {0} has an empty command; say what it shall run")]
    Empty(usize),
}

impl RunArguments {
    /// The workers that were asked for.
    pub(super) fn specs(&self) -> Result<Vec<Spec>, RunError> {
        let mut specs = if self.argv.is_empty() { self.shells()? } else { vec![self.program()?] };
        for spec in &mut specs {
            spec.restart = RestartPolicy { when: self.restart, ..RestartPolicy::default() };
            spec.stop = StopPolicy { signal: self.signal, grace: self.grace };
            spec.output = self.output;
        }
        Ok(specs)
    }

    fn shells(&self) -> Result<Vec<Spec>, RunError> {
        let mut parts = Vec::with_capacity(self.lines.len());
        for (index, line) in self.lines.iter().enumerate() {
            // With --names nothing in front of `=` is a name: a way to run any line as it is.
            let (name, line) =
                if self.names.is_empty() { split_name(line) } else { (None, &**line) };
            if line.trim().is_empty() {
                return Err(RunError::Empty(index + 1));
            }
            parts.push((name, line));
        }
        let names = self.names(&parts)?;
        Ok(names
            .into_iter()
            .zip(&parts)
            .map(|(name, (_, line))| Spec::shell(name, *line))
            .collect())
    }

    fn program(&self) -> Result<Spec, RunError> {
        let program =
            self.argv.first().map(|program| program.to_string_lossy()).unwrap_or_default();
        if program.is_empty() {
            return Err(RunError::Empty(1));
        }
        let name = match self.given_names(1)? {
            Some(names) => names[0].clone(),
            None => base_name(&program).into(),
        };
        Ok(Spec::exec(name, self.argv.iter()))
    }

    /// One name for each worker: as given, or made from its command and told apart by a number.
    fn names(&self, named: &[(Option<&str>, &str)]) -> Result<Vec<WorkerName>, RunError> {
        if let Some(names) = self.given_names(named.len())? {
            return Ok(names);
        }
        let mut taken = HashSet::new();
        for name in named.iter().filter_map(|(name, _)| *name) {
            if !taken.insert(name.to_owned()) {
                return Err(RunError::Twice(name.to_owned()));
            }
        }
        let name = |(name, line): &(Option<&str>, &str)| match name {
            Some(name) => WorkerName::from(*name),
            None => free_name(&base_name(program_word(line)), &mut taken).into(),
        };
        Ok(named.iter().map(name).collect())
    }

    fn given_names(&self, workers: usize) -> Result<Option<Vec<WorkerName>>, RunError> {
        if self.names.is_empty() {
            return Ok(None);
        }
        if self.names.len() != workers {
            return Err(RunError::Count { names: self.names.len(), workers });
        }
        let mut taken = HashSet::new();
        for name in &self.names {
            if !is_name(name) {
                return Err(RunError::Name(name.clone()));
            }
            if !taken.insert(name) {
                return Err(RunError::Twice(name.clone()));
            }
        }
        Ok(Some(self.names.iter().map(|name| WorkerName::from(name.as_str())).collect()))
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphanumeric() || first == '_')
        && word.chars().count() <= MAX_NAME
        && word.chars().all(can_be_in_name)
}

fn can_be_in_name(letter: char) -> bool {
    letter.is_alphanumeric() || "-_.".contains(letter)
}

/// `api=node server.js` is a name and a command; `PORT=3000 node server.js` is a command that sets
/// a variable: by custom those are written in capitals, so a name needs a small letter.
fn split_name(line: &str) -> (Option<&str>, &str) {
    match line.split_once('=') {
        Some((name, command)) if is_name(name) && name.contains(char::is_lowercase) => {
            (Some(name), command)
        }
        Some(_) | None => (None, line),
    }
}

/// The word of a command line that people would call it by: not `cd X &&`, `exec`, `env` or a
/// variable in front of it.
fn program_word(line: &str) -> &str {
    let line = match line.split_once("&&") {
        Some((first, rest)) if first.trim_start().starts_with("cd ") => rest,
        Some(_) | None => line,
    };
    line.split_whitespace()
        .find(|word| !matches!(*word, "exec" | "env") && !word.contains('='))
        .unwrap_or_default()
}

/// A name from a program's path: its last part, without what a name cannot have.
fn base_name(program: &str) -> String {
    let last = program.rsplit('/').next().unwrap_or(program);
    let kept = last.replace(|letter| !can_be_in_name(letter), "");
    // Room for the number that may have to follow.
    let kept: String = kept.trim_start_matches(['-', '.']).chars().take(MAX_NAME - 8).collect();
    if kept.is_empty() { "worker".to_owned() } else { kept }
}

fn free_name(wanted: &str, taken: &mut HashSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    let free =
        std::iter::once(wanted.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.expect("there is always one more number");
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::super::{Face, parse_from};
    use super::*;
    use crate::signal::Signal;
    use crate::spec::Program;

    fn run(words: &[&str]) -> Result<Vec<Spec>, String> {
        match parse_from(["minder", "run"].iter().chain(words).copied()) {
            Ok(invocation) => match invocation.face {
                Face::Run(specs) => Ok(specs),
                Face::Up { .. }
                | Face::Demo
                | Face::Check { .. }
                | Face::Completions(_)
                | Face::Man => panic!("not a run: {words:?}"),
            },
            Err(error) => Err(error.to_string()),
        }
    }

    fn listed(words: &[&str]) -> Vec<(String, String)> {
        let specs = run(words).unwrap();
        specs.iter().map(|spec| (spec.name.to_string(), spec.program.to_string())).collect()
    }

    #[test]
    fn each_line_is_a_worker_with_a_name_of_its_own() {
        type Workers<'a> = &'a [(&'a str, &'a str)];
        let table: [(&[&str], Workers<'_>); 8] = [
            (&["npm run dev"], &[("npm", "npm run dev")]),
            (
                &["npm run dev", "npm test", "npm-2=x"],
                &[("npm", "npm run dev"), ("npm-3", "npm test"), ("npm-2", "x")],
            ),
            (&["api=node server.js"], &[("api", "node server.js")]),
            (&["PORT=3000 node server.js"], &[("node", "PORT=3000 node server.js")]),
            (
                &["cd web && exec ./bin/serve.sh -p 1"],
                &[("serve.sh", "cd web && exec ./bin/serve.sh -p 1")],
            ),
            (
                &["$EDITOR x", "'a b' c", "((x))"],
                &[("EDITOR", "$EDITOR x"), ("a", "'a b' c"), ("x", "((x))")],
            ),
            (&["--names", "a,b", "x=1 true", "false"], &[("a", "x=1 true"), ("b", "false")]),
            (&["{", "|"], &[("worker", "{"), ("worker-2", "|")]),
        ];
        for (words, workers) in table {
            let workers: Vec<_> = workers
                .iter()
                .map(|(name, line)| ((*name).to_owned(), (*line).to_owned()))
                .collect();
            assert_eq!(listed(words), workers, "{words:?}");
        }
    }

    #[test]
    fn words_after_two_dashes_are_one_program_without_a_shell() {
        let specs = run(&["--", "/usr/bin/vim", "-u", "NONE", "--", "a b"]).unwrap();
        assert_eq!(specs.len(), 1);
        assert_eq!(specs[0].name.as_str(), "vim");
        let argv = ["/usr/bin/vim", "-u", "NONE", "--", "a b"].map(Into::into);
        assert_eq!(specs[0].program, Program::Exec(argv.into()));
        assert_eq!(run(&["-n", "ed", "--", "vim"]).unwrap()[0].name.as_str(), "ed");
    }

    #[test]
    fn options_hold_for_every_worker() {
        let specs = run(&[
            "--restart",
            "on-failure",
            "--grace",
            "1m30s",
            "--signal",
            "int",
            "--output",
            "pipe",
            "a",
            "b",
        ])
        .unwrap();
        for spec in specs {
            assert_eq!(spec.restart.when, RestartWhen::OnFailure);
            let grace = Duration::from_secs(90);
            assert_eq!(spec.stop, StopPolicy { signal: Signal::INT, grace });
            assert_eq!(spec.output, OutputKind::Pipe);
        }
        assert_eq!(run(&["true"]).unwrap(), [Spec::shell("true", "true")]);
    }

    #[test]
    fn what_cannot_be_is_told_with_the_mend() {
        let table: [(&[&str], &str); 12] = [
            (&[], "[NAME=]CMD"),
            (&["a", "--", "b"], "cannot be used with"),
            (
                &["--names", "a", "x", "y"],
                "--names needs 2 names, one for each worker in order; it has 1",
            ),
            (&["--names", "a,a", "x", "y"], "two workers are named `a`"),
            (&["--names", "a b", "x"], "`a b` cannot be a name"),
            (&["--names", "a,b", "--", "x"], "it has 2"),
            (&["a=x", "a=y"], "two workers are named `a`"),
            (&["x", " "], "worker 2 has an empty command"),
            (&["api="], "worker 1 has an empty command"),
            (&["--signal", "TERMINATE", "x"], "`TERMINATE` is no signal"),
            (&["--grace", "5", "x"], "use a number and its unit"),
            (&["--restart", "on-fail", "x"], "on-failure"),
        ];
        for (words, said) in table {
            let error = run(words).unwrap_err();
            assert!(error.contains(said), "{words:?}: {error}");
        }
    }

    #[test]
    fn durations_have_a_unit_and_are_not_negative() {
        let table = [
            ("500ms", Some(500)),
            ("5s", Some(5_000)),
            ("1m30s", Some(90_000)),
            ("1m 30s", Some(90_000)),
            ("0s", Some(0)),
            ("5", None),
            ("-5s", None),
            ("", None),
            ("s", None),
        ];
        for (text, milliseconds) in table {
            let read = read_duration(text).ok();
            assert_eq!(read, milliseconds.map(Duration::from_millis), "{text:?}");
        }
    }
}
