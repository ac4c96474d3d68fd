//! What a command line means: which face to show and with which options. Plain data.

use super::arguments::{FaceOptions, Typed, Verb};
use super::color::ColorChoice;
use super::exit::ExitCodePolicy;
use crate::headless::OnFull;
use crate::init;
use crate::spec::Spec;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use clap_complete::Shell;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// A command line, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// What to do.
    pub face: Face,
    /// How.
    pub options: Options,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Face {
    /// Mind these workers. Never empty, names are unique.
    Run(Vec<Spec>),
    /// Mind the workers of a config file.
    Up {
        /// This file, or the nearest one.
        file: Option<PathBuf>,
        /// Only these workers; all if empty. For [`crate::config::select`].
        names: Vec<String>,
    },
    /// Mind the workers of the built-in config, [`super::demo`].
    Demo,
    /// Say every mistake of a config file.
    Check {
        /// This file, or the nearest one.
        file: Option<PathBuf>,
    },
    /// Be the init of one command, with [`crate::init::run`].
    Init(init::Options),
    /// Print completions with [`super::completions()`].
    Completions(Shell),
    /// Print the manual page with [`super::man()`].
    Man,
}

/// How to do it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// No screen was asked for. There is none either where stdin or stdout is no terminal.
    pub headless: bool,
    /// When to use colours.
    pub color: ColorChoice,
    /// Which exit code to end with; [`ExitCodePolicy::by_default`] if `None`.
    pub exit_code: Option<ExitCodePolicy>,
    /// What happens, headless, where lines come faster than they are read.
    pub on_full: OnFull,
}

impl Options {
    /// Whether a screen is wanted, and `TERM` does not say that there cannot be one: it is `dumb` or
    /// not set at all.
    pub fn wants_screen(&self, term: Option<&OsStr>) -> bool {
        let capable = term.is_some_and(|term| !term.is_empty() && term != "dumb");
        capable && !self.headless
    }
}

/// clap's description of the whole command line.
pub fn command() -> clap::Command {
    Typed::command()
}

/// Reads this process's command line. On a mistake, and for `--help` and `--version`, prints what
/// is to be said and ends the process: with 2 for a mistake, else with 0.
pub fn parse() -> Invocation {
    parse_from(std::env::args_os()).unwrap_or_else(|error| error.exit())
}

/// Reads a command line, the program's name first.
///
/// # Errors
/// What clap says of a mistake; also what it prints for `--help` and `--version`.
pub fn parse_from<W: Into<OsString> + Clone>(
    words: impl IntoIterator<Item = W>,
) -> Result<Invocation, clap::Error> {
    Typed::try_parse_from(words)?.meaning()
}

impl Typed {
    fn meaning(self) -> Result<Invocation, clap::Error> {
        // Whoever names a file that is not read would wait for its workers.
        if self.file.is_some() && !matches!(self.command, None | Some(Verb::Up(_) | Verb::Check(_))) {
            let why = "a config FILE is read without a command, by `up` and by `check`";
            return Err(command().error(ErrorKind::ArgumentConflict, why));
        }
        let (face, faces) = match self.command {
            None => (Face::Up { file: self.file, names: Vec::new() }, FaceOptions::default()),
            Some(Verb::Run(run)) => {
                (Face::Run(run.specs().map_err(|error| misuse("run", error))?), run.faces)
            }
            Some(Verb::Up(up)) => (Face::Up { file: up.file.or(self.file), names: up.names }, up.faces),
            Some(Verb::Tail(tail)) => {
                (Face::Run(tail.specs().map_err(|error| misuse("tail", error))?), tail.faces)
            }
            Some(Verb::Watch(watch)) => (Face::Run(watch.specs()), watch.faces),
            Some(Verb::Demo(demo)) => (Face::Demo, demo.faces),
            Some(Verb::Check(check)) => {
                (Face::Check { file: check.file.or(self.file) }, FaceOptions::default())
            }
            Some(Verb::Init(init)) => (Face::Init(init.options()), FaceOptions::default()),
            Some(Verb::Completions(of)) => (Face::Completions(of.shell), FaceOptions::default()),
            Some(Verb::Man) => (Face::Man, FaceOptions::default()),
        };
        let options = Options {
            // Both `minder --headless up` and `minder up --headless`.
            headless: self.faces.headless || faces.headless,
            color: self.color.color,
            exit_code: faces.exit_code.or(self.faces.exit_code),
            on_full: faces.on_full.or(self.faces.on_full).unwrap_or_default(),
        };
        Ok(Invocation { face, options })
    }
}

fn misuse(verb: &str, error: impl std::fmt::Display) -> clap::Error {
    let mut command = command();
    // Without this, the subcommand would call itself `run` and not `minder run`.
    command.build();
    let verb = command.find_subcommand_mut(verb).expect("it is one of the commands");
    verb.error(ErrorKind::ValueValidation, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Invocation {
        parse_from(std::iter::once("minder").chain(words.iter().copied())).unwrap()
    }

    fn up(file: Option<&str>, names: &[&str]) -> Face {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Face::Up { file: file.map(PathBuf::from), names }
    }

    #[test]
    fn the_description_holds_together() {
        command().debug_assert();
    }

    #[test]
    fn each_command_is_understood() {
        let table: [(&[&str], Face); 13] = [
            (&[], up(None, &[])),
            (&["-f", "x.toml"], up(Some("x.toml"), &[])),
            (&["--file=x.toml", "up", "web"], up(Some("x.toml"), &["web"])),
            (&["-f", "x.toml", "up", "-f", "nearer.toml"], up(Some("nearer.toml"), &[])),
            (&["-f", "x", "check"], Face::Check { file: Some("x".into()) }),
            (&["up"], up(None, &[])),
            (&["up", "-f", "Procfile", "web", "db"], up(Some("Procfile"), &["web", "db"])),
            (&["up", "web", "--file=x.toml"], up(Some("x.toml"), &["web"])),
            (&["demo"], Face::Demo),
            (&["check"], Face::Check { file: None }),
            (&["check", "-f", "x"], Face::Check { file: Some("x".into()) }),
            (&["completions", "fish"], Face::Completions(Shell::Fish)),
            (&["man"], Face::Man),
        ];
        for (words, face) in table {
            assert_eq!(read(words), Invocation { face, options: Options::default() }, "{words:?}");
        }
    }

    #[test]
    fn options_are_understood_before_and_after_the_command() {
        let options = Options {
            headless: true,
            color: ColorChoice::Never,
            exit_code: Some(ExitCodePolicy::Worker("web".into())),
            on_full: OnFull::Drop,
        };
        let typed = ["--headless", "--color", "never", "--exit-code", "web", "--on-full", "drop"];
        let before = [&typed[..], &["up"]].concat();
        let after = [&["up"], &typed[..]].concat();
        for words in [&typed[..], &before, &after] {
            assert_eq!(read(words), Invocation { face: up(None, &[]), options: options.clone() });
        }
        let nearer = read(&["--exit-code", "max", "demo", "--exit-code", "zero"]);
        assert_eq!(nearer.options.exit_code, Some(ExitCodePolicy::Zero));
    }

    #[test]
    fn a_terminal_that_can_do_nothing_gets_no_screen() {
        let wanted = |headless, term: Option<&str>| {
            Options { headless, ..Options::default() }.wants_screen(term.map(OsStr::new))
        };
        assert!(wanted(false, Some("xterm")));
        let unwanted = [(false, Some("dumb")), (false, Some("")), (false, None), (true, Some("xterm"))];
        assert!(unwanted.iter().all(|(headless, term)| !wanted(*headless, *term)));
    }

    #[test]
    fn mistakes_end_with_2_and_answers_with_0() {
        let table: [(&[&str], i32); 9] = [
            (&["--help"], 0),
            (&["--version"], 0),
            (&["help", "run"], 0),
            (&["dmeo"], 2),
            (&["--colour"], 2),
            (&["completions", "tcsh"], 2),
            (&["run", "--names", "a,b", "x"], 2),
            (&["up", "--exit-code", ""], 2),
            (&["-f", "x.toml", "demo"], 2),
        ];
        for (words, code) in table {
            let words = std::iter::once("minder").chain(words.iter().copied());
            assert_eq!(parse_from(words.clone()).unwrap_err().exit_code(), code, "{words:?}");
        }
    }

    #[test]
    fn a_mistake_in_the_workers_shows_the_usage_of_run() {
        let error = parse_from(["minder", "run", "--names", "a,b", "x"]).unwrap_err().to_string();
        insta::assert_snapshot!(error);
    }

    #[test]
    fn help_of_every_level() {
        let mut command = command().term_width(100);
        command.build();
        insta::assert_snapshot!("help_minder_short", command.render_help());
        insta::assert_snapshot!("help_minder", command.render_long_help());
        for name in ["run", "up", "tail", "watch", "demo", "check", "init", "completions", "man"] {
            let verb = command.find_subcommand_mut(name).unwrap();
            insta::assert_snapshot!(format!("help_{name}"), verb.render_long_help());
        }
    }
}
