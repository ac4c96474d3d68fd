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

/// A name for each word list: its program; where two share one, all their words; then a number.
///
/// `taken` are names that are given already.
pub(super) fn from_words(lists: &[Vec<String>], taken: &BTreeSet<String>) -> Vec<String> {
    let mut taken = taken.clone();
    let short: Vec<String> = lists.iter().map(|words| program_name(words)).collect();
    let mut names = Vec::with_capacity(lists.len());
    for (index, name) in short.iter().enumerate() {
        let shared = short.iter().filter(|other| *other == name).count() > 1;
        let wanted = if shared { slug(&lists[index].join("-"), 24) } else { name.clone() };
        names.push(unused(&wanted, &mut taken));
    }
    names
}

/// Words that only say how the program behind them is run.
const WRAPPERS: [&str; 5] = ["exec", "command", "env", "nohup", "sudo"];

fn program_name(words: &[String]) -> String {
    let first = words.iter().position(|word| !is_assignment(word)).unwrap_or(0);
    let wraps = |word: &&String| is_assignment(word) || WRAPPERS.contains(&word.as_str());
    let mut behind = words.iter().skip(first).skip_while(wraps);
    // An option behind them is theirs, and what is behind that cannot be told without knowing it.
    let program = behind.next().filter(|word| !word.starts_with('-')).or_else(|| words.get(first));
    let program = program.map_or("", String::as_str);
    slug(program.rsplit('/').next().unwrap_or(program), MAX_CHARACTERS)
}

/// `PORT=3000` before a command is for the shell (POSIX sh 2.9.1).
pub(super) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// The text with each run of other characters as one `-`, cut to `max` characters.
fn slug(text: &str, max: usize) -> String {
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

fn unused(wanted: &str, taken: &mut BTreeSet<String>) -> String {
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
        assert_eq!(names(&["$(which x)", "", "'my prog' x", "A=1"]), ["which", "worker", "my", "A-1"]);
    }

    #[test]
    fn a_word_that_only_wraps_a_program_names_nothing() {
        assert_eq!(names(&["exec sleep 9", "env A=1 B=2 nohup ./srv"]), ["sleep", "srv"]);
        assert_eq!(names(&["sudo -u www x", "env", "A=1 exec"]), ["sudo", "env", "exec"]);
    }

    #[test]
    fn commands_of_one_program_are_told_apart() {
        assert_eq!(names(&["npm run dev", "npm run api", "make"]), ["npm-run-dev", "npm-run-api", "make"]);
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
