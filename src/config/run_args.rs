//! Workers from the arguments of `minder run`.

use super::name;
use crate::spec::Spec;
use std::collections::BTreeSet;
use std::ffi::OsString;

/// Why the arguments of `minder run` make no workers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunArgsError {
    /// What was typed sets a variable of the shell, rather than to name a worker.
    #[error(
        "`{0} …` looks like a shell assignment; put a blank before it if it is one, or name the worker \
         with `--names`"
    )]
    Assignment(String),
    /// No command at all.
    #[error("no command to run; as: minder run 'npm run dev' api='cargo run'")]
    Nothing,
    /// A command of blanks alone.
    #[error("command {0} is empty; as: minder run 'npm run dev'")]
    Empty(usize),
    /// A name that no worker can have.
    #[error("a worker cannot be called `{0}`: {rule}", rule = name::RULE)]
    BadName(String),
    /// One name for two workers.
    #[error("two workers are called `{0}`; give each a name of its own")]
    Twice(String),
    /// `--names` has more names than there are commands.
    #[error("--names has {names} names for {commands} {}", if *commands == 1 { "command" } else { "commands" })]
    TooManyNames {
        /// How many names.
        names: usize,
        /// How many commands.
        commands: usize,
    },
}

/// The workers of `minder run`: one for each shell command line of `commands`, and one for the
/// program and arguments in `argv` (behind `--`) if there are any.
///
/// `names` are given out in order; an empty one, and each command past the last, is named after its
/// program. Without `names`, `api=CMD` names a command itself: what stands before the first `=`, if
/// it is a name. A word of capitals, digits and `_` alone is none, for `PORT=3000 node server.js`
/// sets a variable in every shell; and `i=0; while …` is refused, for what is
/// meant by it cannot be known.
///
/// # Errors
/// [`RunArgsError`], the first that is met.
pub fn from_run_args(
    commands: &[String],
    names: &[String],
    argv: &[OsString],
) -> Result<Vec<Spec>, RunArgsError> {
    let read = commands.iter().map(|command| read_command(command, names.is_empty()));
    let mut typed: Vec<Typed> = read.collect::<Result<_, _>>()?;
    if !argv.is_empty() {
        typed.push(Typed { name: None, words: Words::Exec(argv.to_vec()) });
    }
    if typed.is_empty() {
        return Err(RunArgsError::Nothing);
    }
    if names.len() > typed.len() {
        return Err(RunArgsError::TooManyNames { names: names.len(), commands: typed.len() });
    }
    for (typed, name) in typed.iter_mut().zip(names).filter(|(_, name)| !name.is_empty()) {
        typed.name = Some(name.clone());
    }
    if let Some(index) = typed.iter().position(|typed| typed.words.is_empty()) {
        return Err(RunArgsError::Empty(index + 1));
    }
    let names = all_names(&typed)?;
    Ok(names.into_iter().zip(typed).map(|(name, typed)| typed.words.into_spec(name)).collect())
}

/// A command as it was typed.
struct Typed {
    name: Option<String>,
    words: Words,
}

enum Words {
    Shell(String),
    Exec(Vec<OsString>),
}

impl Words {
    fn is_empty(&self) -> bool {
        match self {
            Self::Shell(line) => line.trim().is_empty(),
            Self::Exec(argv) => argv.first().is_none_or(|program| program.is_empty()),
        }
    }

    /// The words as far as a name needs them; the shell's quoting does not matter for that.
    fn list(&self) -> Vec<String> {
        match self {
            Self::Shell(line) => line.split_whitespace().map(str::to_owned).collect(),
            Self::Exec(argv) => argv.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
        }
    }

    fn into_spec(self, name: String) -> Spec {
        match self {
            Self::Shell(line) => Spec::shell(name, line),
            Self::Exec(argv) => Spec::exec(name, argv),
        }
    }
}

fn read_command(command: &str, named_in_place: bool) -> Result<Typed, RunArgsError> {
    let split = command.split_once('=').filter(|(name, _)| named_in_place && is_own_name(name));
    if let Some((name, end)) = split.and_then(|(name, line)| Some((name, end_of_value(line)?))) {
        return Err(RunArgsError::Assignment(command[..name.len() + 1 + end].to_owned()));
    }
    let (name, line) = match split {
        Some((name, line)) => (Some(name.to_owned()), line),
        None => (None, command),
    };
    Ok(Typed { name, words: Words::Shell(line.to_owned()) })
}

fn is_own_name(word: &str) -> bool {
    let variable = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name::is_valid(word) && !word.chars().all(variable)
}

/// Where the text goes on with another command after a single word, as `0; while …` does: the word is
/// then what a variable is set to (POSIX sh 2.9.1), and no command. Not where it is an assignment by
/// itself: in `a=i=0; …` the name is plain.
fn end_of_value(text: &str) -> Option<usize> {
    let end = end_of_word(text);
    if name::is_assignment(&text[..end]) {
        return None;
    }
    let separator = [";", "&&", "\n"].into_iter().find(|separator| text[end..].starts_with(separator))?;
    Some(end + separator.trim_end().len())
}

/// The length of the shell word that a text begins with (POSIX sh 2.3).
fn end_of_word(text: &str) -> usize {
    let mut closing: Vec<char> = Vec::new();
    let mut escaped = false;
    let mut before = ' ';
    for (at, sign) in text.char_indices() {
        let inside = closing.last().copied();
        let literal = std::mem::take(&mut escaped);
        match sign {
            _ if literal => {}
            '\\' if inside != Some('\'') => escaped = true,
            _ if inside == Some(sign) => drop(closing.pop()),
            _ if inside == Some('\'') => {}
            '(' if before == '$' => closing.push(')'),
            '{' if before == '$' => closing.push('}'),
            '`' => closing.push('`'),
            '\'' if inside != Some('"') => closing.push('\''),
            '"' => closing.push('"'),
            ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' if inside.is_none() => return at,
            _ => {}
        }
        before = sign;
    }
    text.len()
}

/// The names that were given, checked, and one for each command without.
fn all_names(typed: &[Typed]) -> Result<Vec<String>, RunArgsError> {
    let mut taken = BTreeSet::new();
    for given in typed.iter().filter_map(|typed| typed.name.as_ref()) {
        if !name::is_valid(given) {
            return Err(RunArgsError::BadName(given.clone()));
        }
        if !taken.insert(given.clone()) {
            return Err(RunArgsError::Twice(given.clone()));
        }
    }
    let nameless = typed.iter().filter(|typed| typed.name.is_none());
    let lists: Vec<Vec<String>> = nameless.map(|typed| typed.words.list()).collect();
    let mut made = name::from_words(&lists, &taken).into_iter();
    Ok(typed.iter().filter_map(|typed| typed.name.clone().or_else(|| made.next())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Program;

    fn run(commands: &[&str], names: &[&str], argv: &[&str]) -> Result<Vec<Spec>, RunArgsError> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let argv: Vec<OsString> = argv.iter().map(OsString::from).collect();
        from_run_args(&owned(commands), &owned(names), &argv)
    }

    fn summary(commands: &[&str], names: &[&str]) -> Vec<String> {
        let specs = run(commands, names, &[]).unwrap();
        specs.iter().map(|spec| format!("{}: {}", spec.name, spec.program)).collect()
    }

    #[test]
    fn commands_are_named_by_themselves_or_in_place() {
        assert_eq!(
            summary(&["npm run dev", "api=cargo run --x=1"], &[]),
            ["npm: npm run dev", "api: cargo run --x=1"]
        );
        assert_eq!(summary(&["cargo=x", "cargo run"], &[]), ["cargo: x", "cargo-2: cargo run"]);
    }

    #[test]
    fn a_variable_before_a_command_is_no_name() {
        assert_eq!(
            summary(&["PORT=3000 node s.js", "./x --a=b"], &[]),
            ["node: PORT=3000 node s.js", "x: ./x --a=b"]
        );
    }

    #[test]
    fn what_only_sets_a_variable_of_the_shell_is_no_named_worker() {
        for (command, shown) in [
            ("i=0; while :; do x; done", "i=0;"),
            ("i=0;while :; do x; done", "i=0;"),
            ("i=; x", "i=;"),
            ("dir=/tmp&& ls", "dir=/tmp&&"),
            ("now=$(date +%s; echo x); echo $now", "now=$(date +%s; echo x);"),
            ("now=`date; x`; echo $now", "now=`date; x`;"),
            ("s='a; b'; echo $s", "s='a; b';"),
            ("s=\"a $(b) ; c\"; echo $s", "s=\"a $(b) ; c\";"),
            ("i=0\necho $i", "i=0"),
        ] {
            assert_eq!(run(&[command], &[], &[]), Err(RunArgsError::Assignment(shown.into())), "{command}");
        }
        assert_eq!(
            run(&["i=0; x"], &[], &[]).unwrap_err().to_string(),
            "`i=0; …` looks like a shell assignment; put a blank before it if it is one, or name the \
             worker with `--names`"
        );
    }

    #[test]
    fn a_command_of_more_than_a_word_may_follow_a_name() {
        assert_eq!(
            summary(&["a=echo x; y", "i=i=0; y", "b=make && x", "c=(x; y)", "d=$(x) y; z", "e=x|y; z"], &[]),
            ["a: echo x; y", "i: i=0; y", "b: make && x", "c: (x; y)", "d: $(x) y; z", "e: x|y; z"]
        );
        assert_eq!(summary(&[" i=0; while x"], &[]), ["sh:  i=0; while x"]);
        assert_eq!(summary(&["i=0; x"], &["a"]), ["a: i=0; x"]);
    }

    #[test]
    fn names_in_a_list_are_given_out_in_order() {
        assert_eq!(summary(&["a=1 x", "y", "z"], &["one", ""]), ["one: a=1 x", "y: y", "z: z"]);
        assert_eq!(run(&["x"], &["a", "b"], &[]), Err(RunArgsError::TooManyNames { names: 2, commands: 1 }));
    }

    #[test]
    fn a_program_behind_two_dashes_runs_without_a_shell() {
        let specs = run(&[], &[], &["/bin/echo", "a b"]).unwrap();
        assert_eq!(specs[0].program, Program::Exec(vec!["/bin/echo".into(), "a b".into()]));
        assert_eq!(specs[0].name.as_str(), "echo");
    }

    #[test]
    fn what_makes_no_worker_is_told() {
        assert_eq!(run(&[], &[], &[]), Err(RunArgsError::Nothing));
        assert_eq!(run(&["x", " "], &[], &[]), Err(RunArgsError::Empty(2)));
        assert_eq!(run(&["api="], &[], &[]), Err(RunArgsError::Empty(1)));
        assert_eq!(run(&["x"], &["a b"], &[]), Err(RunArgsError::BadName("a b".to_owned())));
        assert_eq!(run(&["a=x", "a=y"], &[], &[]), Err(RunArgsError::Twice("a".to_owned())));
    }
}
