//! What a worker may be called, and how a command line becomes such a name.

use std::collections::BTreeSet;

/// The most characters that a name may have.
pub(super) const MAX_CHARACTERS: usize = 64;

/// What names look like, for messages.
pub(super) const RULE: &str =
    "a name is 1 to 64 letters, digits, `_`, `-` and `.`, and begins with a letter, a digit or `_`";

/// Whether a worker may be called so: safe on a command line, in a file's name and on a screen.
pub(super) fn is_valid(name: &str) -> bool {
    name.chars().count() <= MAX_CHARACTERS
        && name.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && name.chars().all(is_name_character)
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// A name for each word list: its program, with a number from the second one on.
///
/// `taken` are names that are given already.
pub(super) fn from_words(lists: &[Vec<String>], taken: &BTreeSet<String>) -> Vec<String> {
    let mut taken = taken.clone();
    lists.iter().map(|words| unused(&program_name(words), &mut taken)).collect()
}

/// Words that only say how the program behind them is run.
const WRAPPERS: [&str; 5] = ["exec", "command", "env", "nohup", "sudo"];

/// Words that are the shell's own: a command that begins with one is a script.
const SHELL_WORDS: [&str; 28] = [
    "if", "for", "while", "until", "case", "select", "function", "time", "trap", "cd", "set", "unset",
    "export", "readonly", "local", "eval", "source", "exit", "return", "shift", "read", "wait", "ulimit",
    "umask", "alias", "times", "do", "then",
];

fn program_name(words: &[String]) -> String {
    let first = words.iter().position(|word| !is_assignment(word)).unwrap_or(words.len());
    let wraps = |word: &&String| is_assignment(word) || WRAPPERS.contains(&word.as_str());
    let mut behind = words.iter().skip(first).skip_while(wraps);
    // An option behind them is theirs, and what is behind that cannot be told without knowing it.
    let program = behind.next().filter(|word| !word.starts_with('-')).or_else(|| words.get(first));
    let program = program.map_or("", |word| plain(word));
    let name = program.rsplit('/').next().unwrap_or(program);
    let named = name.chars().any(char::is_alphanumeric) && !SHELL_WORDS.contains(&name);
    if named { slug(name, MAX_CHARACTERS) } else { "sh".to_owned() }
}

/// A word as far as it can be a program's name: without its quotes, and up to where the shell would
/// end it. What is put in by the shell names nothing.
fn plain(word: &str) -> &str {
    let word = word.trim_start_matches(['\'', '"']);
    let end = word.find([';', '&', '|', '<', '>', '(', ')', '{', '$', '`']).unwrap_or(word.len());
    &word[..end]
}

/// `PORT=3000` before a command is for the shell (POSIX sh 2.9.1).
pub(super) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// The text with each run of other characters as one `-`, cut to `max` characters.
pub(super) fn slug(text: &str, max: usize) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if is_name_character(c) {
            slug.push(c);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_start_matches(['-', '.']).chars().take(max).collect();
    let slug = slug.trim_end_matches(['-', '.']);
    if slug.is_empty() { "worker".to_owned() } else { slug.to_owned() }
}

pub(super) fn unused(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = wanted.to_owned();
    let mut number = 2_usize;
    while !taken.insert(name.clone()) {
        let tail = format!("-{number}");
        let head: String = wanted.chars().take(MAX_CHARACTERS - tail.len()).collect();
        name = head + &tail;
        number += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(commands: &[&str]) -> Vec<String> {
        let lists: Vec<Vec<String>> =
            commands.iter().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
        from_words(&lists, &BTreeSet::new())
    }

    #[test]
    fn a_command_is_named_after_its_program() {
        assert_eq!(names(&["PORT=1 node server.js", "/usr/bin/redis-server --x"]), ["node", "redis-server"]);
        assert_eq!(names(&["'my prog' x", "yes|head", "true; exit 3"]), ["my", "yes", "true"]);
    }

    #[test]
    fn a_word_that_only_wraps_a_program_names_nothing() {
        assert_eq!(names(&["exec sleep 9", "env A=1 B=2 nohup ./srv"]), ["sleep", "srv"]);
        assert_eq!(names(&["sudo -u www x", "env", "A=1 exec"]), ["sudo", "env", "exec"]);
    }

    #[test]
    fn what_the_shell_does_itself_is_named_after_the_shell() {
        for script in [
            "while :; do x; done",
            "trap '' TERM; x",
            "(a; b)",
            "{ a; }",
            "for x in y; do z; done",
            "if a; then b; fi",
            ": nothing",
            "$(which x)",
            "i=0; while :; do x; done",
            "A=1",
            ">f x",
        ] {
            assert_eq!(names(&[script]), ["sh"], "{script}");
        }
    }

    #[test]
    fn commands_of_one_program_are_counted() {
        assert_eq!(names(&["npm run dev", "npm run api", "make"]), ["npm", "npm-2", "make"]);
        assert_eq!(names(&["yes", "yes", "yes"]), ["yes", "yes-2", "yes-3"]);
    }

    #[test]
    fn names_are_safe_words() {
        for good in ["a", "api.v2", "_x", "9", "größe", "a-b_c"] {
            assert!(is_valid(good), "{good}");
        }
        let long = "x".repeat(65);
        for bad in ["", "-x", ".x", "a b", "a=b", "a/b", "a:b", "a,b", "\u{1b}", long.as_str()] {
            assert!(!is_valid(bad), "{bad:?}");
        }
    }
}
