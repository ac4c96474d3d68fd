//! A pattern of paths, part by part, as a shell reads it. Knows no folder and looks at nothing.

use glob::{MatchOptions, PatternError};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// As a shell matches.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// What paths are sought.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// The folder below which everything is that matches.
    base: PathBuf,
    /// The parts below it; the last one is the file's and never `**`.
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    /// Of this name.
    Name(OsString),
    /// Of any name that matches.
    Open(glob::Pattern),
    /// `**`: any folders, of any number.
    Depths,
}

/// Which parts the names in a folder may match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ahead(Vec<usize>);

/// What a name in a folder is to a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fit {
    /// The name of a file that is sought.
    pub(super) ends: bool,
    /// If it is a folder: what is sought in it. Nothing if it is empty.
    pub(super) below: Ahead,
}

impl Ahead {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Pattern {
    /// # Errors
    /// A part that cannot be read.
    pub(super) fn new(text: &str) -> Result<Self, PatternError> {
        let (root, below) = text.strip_prefix('/').map_or((".", text), |below| ("/", below));
        let words: Vec<_> = below.split('/').collect();
        let (last, words) = words.split_last().expect("there is a part before the first slash");
        let words = words.iter().filter(|word| !word.is_empty());
        // After a slash at its end comes no name of a file.
        let mut parts = words.chain([last]).map(|word| Part::new(word)).collect::<Result<Vec<_>, _>>()?;
        if matches!(parts.last(), Some(Part::Depths)) {
            // As a shell: files at any depth.
            parts.push(Part::new("*")?);
        }
        parts.dedup_by(|a, b| matches!((a, b), (Part::Depths, Part::Depths)));
        let fixed = parts.iter().take_while(|part| matches!(part, Part::Name(_))).count();
        let mut base = PathBuf::from(root);
        for part in parts.drain(..fixed.min(parts.len() - 1)) {
            if let Part::Name(name) = part {
                base.push(name);
            }
        }
        Ok(Self { base, parts })
    }

    /// Where to begin to look.
    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    /// What is sought in the first folder.
    pub(super) fn ahead(&self) -> Ahead {
        self.opened(vec![0])
    }

    /// The names that are sought, where no others are.
    pub(super) fn only_names(&self, ahead: &Ahead) -> Option<Vec<&OsStr>> {
        let name = |index: &usize| match &self.parts[*index] {
            Part::Name(name) => Some(name.as_os_str()),
            Part::Open(_) | Part::Depths => None,
        };
        let mut names = ahead.0.iter().map(name).collect::<Option<Vec<_>>>()?;
        names.sort_unstable();
        names.dedup();
        Some(names)
    }

    /// `.` and `..`, if they are sought: no folder lists them.
    pub(super) fn special_names(&self, ahead: &Ahead) -> Vec<&OsStr> {
        let sought = |name: &&OsStr| {
            ahead.0.iter().any(|index| matches!(&self.parts[*index], Part::Name(wanted) if wanted == name))
        };
        [".", ".."].into_iter().map(OsStr::new).filter(sought).collect()
    }

    /// What a name in a folder is to it. `is_link` says that whatever it is, it is elsewhere.
    pub(super) fn fit(&self, ahead: &Ahead, name: &OsStr, is_link: bool) -> Fit {
        let (mut ends, mut below) = (false, Vec::new());
        for &index in &ahead.0 {
            let part = &self.parts[index];
            if matches!(part, Part::Depths) {
                // A link may lead to where we come from, and there is no end then.
                if !is_link && !name.as_bytes().starts_with(b".") {
                    below.push(index);
                }
            } else if part.matches(name) {
                if index + 1 == self.parts.len() {
                    ends = true;
                } else {
                    below.push(index + 1);
                }
            }
        }
        Fit { ends, below: self.opened(below) }
    }

    /// A `**` is also no folder at all.
    fn opened(&self, mut parts: Vec<usize>) -> Ahead {
        for place in 0..parts.len() {
            if matches!(self.parts[parts[place]], Part::Depths) {
                parts.push(parts[place] + 1);
            }
        }
        parts.sort_unstable();
        parts.dedup();
        Ahead(parts)
    }
}

impl Part {
    fn new(word: &str) -> Result<Self, PatternError> {
        if word == "**" {
            return Ok(Self::Depths);
        }
        let open = glob::Pattern::new(word)?;
        // Of a folder whose name is no UTF-8 this is what is left.
        let name = literal(word).filter(|name| !name.contains(char::REPLACEMENT_CHARACTER));
        Ok(name.map_or(Self::Open(open), |name| Self::Name(name.into())))
    }

    /// A byte that belongs to no letter counts as some letter.
    fn matches(&self, name: &OsStr) -> bool {
        match self {
            Self::Name(wanted) => wanted == name,
            Self::Open(pattern) => pattern.matches_with(&name.to_string_lossy(), MATCHING),
            Self::Depths => false,
        }
    }
}

/// What a part says if nothing in it is open; `[*]` is a star.
fn literal(word: &str) -> Option<String> {
    let (mut name, mut rest) = (String::new(), word.chars());
    while let Some(letter) = rest.next() {
        match letter {
            '*' | '?' => return None,
            '[' => {
                let escaped = rest.next().filter(|letter| "*?[]".contains(*letter))?;
                rest.next().filter(|end| *end == ']')?;
                name.push(escaped);
            }
            letter => name.push(letter),
        }
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text).unwrap()
    }

    /// Whether a file of this path below the base matches.
    fn matches(text: &str, path: &str) -> bool {
        let pattern = pattern(text);
        let mut ahead = pattern.ahead();
        let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
        for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
            ahead = pattern.fit(&ahead, OsStr::new(folder), false).below;
        }
        pattern.fit(&ahead, OsStr::new(file), false).ends
    }

    #[test]
    fn it_begins_below_what_is_fixed() {
        assert_eq!(pattern("/a/b/*.log").base(), Path::new("/a/b"));
        assert_eq!(pattern("/a[*]b/[[]c/**/x").base(), Path::new("/a*b/[c"));
        assert_eq!(pattern("/a/b").base(), Path::new("/a"));
        assert_eq!(pattern("/*").base(), Path::new("/"));
        assert_eq!(pattern("//a//*").base(), Path::new("/a"));
    }

    #[test]
    fn parts_match_as_in_a_shell() {
        assert!(matches("/*.log", "a.log"));
        assert!(!matches("/*.log", ".a.log"));
        assert!(matches("/.*.log", ".a.log"));
        assert!(!matches("/*", "a/b"));
        assert!(matches("/*/x/[ab]?", "c/x/b1"));
        assert!(!matches("/*/", "a"));
    }

    #[test]
    fn two_stars_are_any_folders_but_hidden_ones() {
        for path in ["x.log", "a/x.log", "a/b/c/x.log"] {
            assert!(matches("/**/*.log", path), "{path}");
            assert!(matches("/**/**/x.log", path), "{path}");
            assert!(matches("/**", path), "{path}");
        }
        assert!(!matches("/**/*.log", "a/.b/x.log"));
        assert!(matches("/**/.b/*.log", "a/.b/x.log"));
        assert!(matches("/**/a/**/x", "a/b/a/c/x"));
        assert!(!matches("/**/a/**/x", "b/c/x"));
    }

    #[test]
    fn two_stars_go_through_no_link_and_a_part_of_its_own_does() {
        let star = pattern("/**/*/x.log");
        let below = star.fit(&star.ahead(), OsStr::new("link"), true).below;
        assert!(star.fit(&below, OsStr::new("x.log"), false).ends);
        assert!(star.fit(&below, OsStr::new("folder"), false).below.is_empty());
        let only = pattern("/**/x.log");
        assert!(only.fit(&only.ahead(), OsStr::new("link"), true).below.is_empty());
    }

    #[test]
    fn any_bytes_are_a_name() {
        let name = OsString::from_vec(b"caf\xe9.log".to_vec());
        for (text, is_fit) in
            [("/*", true), ("/caf?.log", true), ("/caf\u{fffd}.log", true), ("/*.txt", false)]
        {
            let pattern = pattern(text);
            assert_eq!(pattern.fit(&pattern.ahead(), &name, false).ends, is_fit, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for text in ["/[a", "/a**", "/[a/b]", "/***"] {
            assert!(Pattern::new(text).is_err(), "{text}");
        }
    }
}
