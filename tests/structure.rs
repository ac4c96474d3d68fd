//! The walls between the rooms of the house, read from the sources as text.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file, its comments and strings included.
struct Source {
    /// Below `src`, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The room it belongs to: the folder or the file at the top of `src`.
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// Its lines of code: no comment, no doc, not the unit tests at its end.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines
            .take_while(|(_, line)| line.trim() != "mod tests {")
            .map(|(number, line)| (number, line.split("//").next().unwrap_or_default()))
            .filter(|(_, line)| !line.trim().is_empty())
    }

    /// Every room of the crate that its code names: `crate::room::…`, `crate::{room, …}`.
    fn rooms_used(&self) -> Vec<(usize, String)> {
        let mut rooms = Vec::new();
        for (number, line) in self.code() {
            for (at, _) in line.match_indices("crate::") {
                let rest = &line[at + "crate::".len()..];
                for name in first_names(rest) {
                    rooms.push((number, name));
                }
            }
        }
        rooms
    }
}

/// The first name of a path, or of each path in braces at this level.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(inside) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut names, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, character) in inside.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(name(&inside[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(name(&inside[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Whether a line has this word, not as a part of another.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(part_of_word) && !line[at + word.len()..].starts_with(part_of_word)
    })
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources are there") {
            let path: PathBuf = entry.expect("the sources are readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(&root).expect("it is below src");
                let text = fs::read_to_string(&path).expect("the sources are readable");
                found.push(Source { path: below.display().to_string(), text });
            }
        }
    }
    assert!(found.iter().any(|source| source.path == "lib.rs"), "the sources were not found");
    found
}

/// What a look at all sources found wrong, one line each.
fn expect_none(rule: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{rule}:\n{}", wrong.join("\n"));
}

#[test]
fn guests_know_only_what_the_supervisor_shares() {
    let shared = ["protocol", "spec", "guest", "signal", "status", "output", "suggest", "takeout"];
    let mut wrong = Vec::new();
    for source in sources() {
        if !["ui", "headless", "logger", "control"].contains(&source.room()) {
            continue;
        }
        for (number, room) in source.rooms_used() {
            if room != source.room() && !shared.contains(&room.as_str()) {
                wrong.push(format!("src/{}:{number} uses crate::{room}", source.path));
            }
        }
    }
    expect_none("guests see only the protocol", &wrong);
}

#[test]
fn the_supervisor_knows_no_guest() {
    let guests = ["ui", "headless", "control", "cli", "ratatui", "crossterm"];
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.room() == "supervisor") {
        for (number, line) in source.code() {
            for guest in guests.iter().filter(|guest| has_word(line, guest)) {
                wrong.push(format!("src/{}:{number} names {guest}", source.path));
            }
        }
    }
    expect_none("the supervisor knows no guest", &wrong);
}

/// A clock that somebody sets must move no deadline: whoever decides counts on the monotonic one alone. But
/// for timers that go by the wall clock, which is what `cron` is asked for (they bound how long they look
/// away from it), and the time that a line of ours in a pane bears.
#[test]
fn who_decides_reads_no_wall_clock() {
    let decides = |source: &Source| ["supervisor", "guardian", "init"].contains(&source.room());
    let mut wrong = Vec::new();
    for source in sources().into_iter().filter(decides) {
        let asked_for = source.path.starts_with("supervisor/timer")
            || source.path == "supervisor/engine/timers.rs"
            || source.path == "supervisor/engine/strangers.rs";
        for (number, line) in source.code().filter(|_| !asked_for) {
            if has_word(line, "SystemTime") || has_word(line, "wall") {
                wrong.push(format!("{}:{number}: {line}", source.path));
            }
        }
    }
    expect_none("deadlines are the monotonic clock's", &wrong);
}

#[test]
fn pools_know_neither_the_supervisor_nor_a_guest() {
    let known = ["pool", "panics", "sys", "spec", "signal", "status", "protocol"];
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.room() == "pool") {
        for (number, room) in source.rooms_used() {
            if !known.contains(&room.as_str()) {
                wrong.push(format!("src/{}:{number} uses crate::{room}", source.path));
            }
        }
    }
    expect_none("a pool stands on sys and the words of specs alone", &wrong);
}

#[test]
fn only_sys_says_unsafe() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.room() != "sys") {
        for (number, line) in source.code().filter(|(_, line)| has_word(line, "unsafe")) {
            wrong.push(format!("src/{}:{number} {}", source.path, line.trim()));
        }
    }
    expect_none("unsafe stands only below src/sys", &wrong);
}

#[test]
fn every_file_says_first_what_it_owns() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.text.starts_with("//! ")) {
        wrong.push(format!("src/{}", source.path));
    }
    expect_none("a file's first line starts with `//!`", &wrong);
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > 700 {
            wrong.push(format!("src/{}: {lines} lines", source.path));
        }
    }
    expect_none("no file has more than 700 lines", &wrong);
}

#[test]
fn the_reader_of_paths_reads_them() {
    let text = "//! Doc of crate::cli.\nuse crate::{ui::{a, b}, spec};\nfn x() { crate::sys::y() }";
    let source = Source { path: "ui/x.rs".into(), text: text.into() };
    let rooms: Vec<_> = source.rooms_used().into_iter().collect();
    let expected = [(2, "ui"), (2, "spec"), (3, "sys")].map(|(line, room)| (line, room.into()));
    assert_eq!(rooms, expected);
    assert_eq!(source.room(), "ui");
    assert!(has_word("(unsafe {", "unsafe") && !has_word("unsafe_code", "unsafe"));
}
