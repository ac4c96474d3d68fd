//! `minder run`: the workers with what its options say of all of them, and the values of those.

use super::arguments::RunArguments;
use crate::config::{RunArgsError, from_run_args, parse_duration};
use crate::spec::{OutputKind, RestartPolicy, RestartWhen, Spec, StopPolicy};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::time::Duration;

/// The words of `--restart`.
pub(super) const RESTARTS: &[(&str, RestartWhen)] =
    &[("no", RestartWhen::No), ("on-failure", RestartWhen::OnFailure), ("always", RestartWhen::Always)];

/// The words of `--output`.
pub(super) const OUTPUTS: &[(&str, OutputKind)] =
    &[("pty", OutputKind::Pty), ("pipe", OutputKind::Pipe), ("merged", OutputKind::Merged)];

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
    parse_duration(text).ok_or_else(|| "use a number and its unit, as in `500ms`, `5s` or `1m30s`".to_owned())
}

impl RunArguments {
    /// The workers that were asked for.
    pub(super) fn specs(&self) -> Result<Vec<Spec>, RunArgsError> {
        let mut specs = from_run_args(&self.lines, &self.names, &self.argv)?;
        for spec in &mut specs {
            spec.restart = RestartPolicy { when: self.restart, ..RestartPolicy::default() };
            spec.stop = StopPolicy { signal: self.signal, grace: self.grace };
            spec.output = self.output;
        }
        Ok(specs)
    }
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
                | Face::Init(_)
                | Face::Completions(_)
                | Face::Man => {
                    panic!("not a run: {words:?}")
                }
            },
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn lines_and_the_words_after_two_dashes_are_workers() {
        let names = |words: &[&str]| {
            let specs = run(words).unwrap();
            specs.iter().map(|spec| spec.name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(&["npm run dev", "api=node x"]), ["npm", "api"]);
        assert_eq!(names(&["--names", "a,b", "x=1 true", "false"]), ["a", "b"]);
        assert_eq!(names(&["make", "--", "vim", "x"]), ["make", "vim"]);
        let specs = run(&["--", "/usr/bin/vim", "-u", "NONE", "--", "a b"]).unwrap();
        let argv = ["/usr/bin/vim", "-u", "NONE", "--", "a b"].map(Into::into);
        assert_eq!(specs[0].program, Program::Exec(argv.into()));
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
        let table: [(&[&str], &str); 8] = [
            (&[], "no command to run"),
            (&["--names", "a,b,c", "x", "y"], "--names has 3 names for 2 commands"),
            (&["--names", "a b", "x"], "a worker cannot be called `a b`"),
            (&["a=x", "a=y"], "two workers are called `a`"),
            (&["x", " "], "command 2 is empty"),
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
