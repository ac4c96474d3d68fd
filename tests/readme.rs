//! The README against the code: its tables, its commands, its examples, its links.

use minder::cli;
use minder::config;
use minder::ui::{Keymap, keymap};
use std::path::{Path, PathBuf};
use std::{fs, iter};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(folder().join("README.md")).expect("there is a README")
}

/// Holds what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->` against what the code
/// says; with `MINDER_BLESS=1` writes it anew.
fn expect_part(name: &str, code_says: &str) {
    let text = readme();
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let (before, rest) = text.split_once(&begin).expect("the part begins");
    let (part, after) = rest.split_once(&end).expect("the part ends");
    let wanted = format!("\n{}\n\n", code_says.trim());
    if part == wanted {
        return;
    }
    assert!(
        std::env::var_os("MINDER_BLESS").is_some(),
        "README and code disagree on `{name}`; write it anew: MINDER_BLESS=1 cargo test readme"
    );
    let anew = format!("{before}{begin}{wanted}{end}{after}");
    fs::write(folder().join("README.md"), anew).expect("the README can be written");
}

/// One test for both: two that write the same file would get in each other's way.
#[test]
fn the_readmes_tables_are_those_of_the_code() {
    expect_part("reference", &config::reference_markdown());
    expect_part("keys", &keymap::markdown_table());
}

/// The fenced blocks of a language, as `toml`.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let starts = text.split(&fence).skip(1);
    starts.filter_map(|rest| rest.split_once("```")).map(|(block, _)| block.to_owned()).collect()
}

#[test]
fn the_first_screen_is_what_it_is_a_picture_and_two_commands() {
    let text = readme();
    let place = |words: &str| {
        let line = text.lines().position(|line| line.contains(words));
        line.unwrap_or_else(|| panic!("the README does not say {words}"))
    };
    let places = [
        place("minder minds your child processes"),
        place("(assets/screen.svg)"),
        place("cargo run --release -- demo"),
        place("cargo test"),
    ];
    assert!(places.is_sorted() && places[3] < 24, "{places:?}");
}

/// The words of a command line as a shell splits them; what follows a pipe or a redirection is
/// not minder's.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for sign in line.chars() {
        match sign {
            '\'' => quoted = !quoted,
            '|' | '>' | '<' | '&' if !quoted => break,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().expect("there is one word").push(sign),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_that_the_readme_and_the_help_show_is_understood() {
    let text = readme();
    let mut lines: Vec<String> = blocks(&text, "sh").concat().lines().map(str::to_owned).collect();
    lines.extend(
        blocks(&text, "console")
            .concat()
            .lines()
            .filter_map(|line| line.strip_prefix("$ "))
            .map(str::to_owned),
    );
    lines.extend(examples_of_the_help());
    let mut tried = 0;
    for line in lines.iter().filter(|line| line.split(' ').next() == Some("minder")) {
        let read = cli::parse_from(words(line));
        assert!(read.is_ok(), "{line}\n{}", read.unwrap_err());
        tried += 1;
    }
    assert!(tried > 20, "only {tried} of\n{lines:#?}");
}

/// The indented lines of all help texts that begin with `minder`, without the explanation that
/// stands beyond two blanks.
fn examples_of_the_help() -> Vec<String> {
    let mut command = cli::command();
    command.build();
    let helps: Vec<String> = iter::once(command.clone())
        .chain(command.get_subcommands().cloned())
        .map(|mut verb| verb.render_long_help().to_string())
        .collect();
    let examples = helps.iter().flat_map(|help| help.lines()).filter_map(|line| line.strip_prefix("  "));
    examples
        .filter(|line| line.starts_with("minder "))
        .map(|line| line.split_once("  ").map_or(line, |(example, _)| example).to_owned())
        .collect()
}

#[test]
fn every_example_of_a_file_has_no_mistake() {
    let examples = blocks(&readme(), "toml");
    let (keys, configs): (Vec<_>, Vec<_>) = examples.iter().partition(|text| text.starts_with("[keys]"));
    assert!(!keys.is_empty() && !configs.is_empty(), "{examples:#?}");
    for example in keys {
        let keymap = Keymap::from_toml(example, "README.md");
        assert!(keymap.is_ok(), "{example}\n{:#?}", keymap.unwrap_err());
    }
    for example in configs {
        let config = config::parse_toml(example, "README.md", Path::new("/"), None);
        assert!(config.is_ok(), "{example}\n{}", config.unwrap_err());
    }
}

#[test]
fn every_file_that_is_linked_to_is_there() {
    let text = readme();
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let files: Vec<&str> =
        targets.map(|(target, _)| target).filter(|target| !target.contains("://")).collect();
    assert!(files.len() > 3, "{files:?}");
    for file in files {
        assert!(folder().join(file).is_file(), "there is no {file}");
    }
}
