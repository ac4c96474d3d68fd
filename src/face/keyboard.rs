//! What the terminal that minder runs on speaks of the kitty keyboard protocol. Knows it by its name:
//! an answer to a question could come when minder has left, and be typed into the shell.

use crate::output::KeyFlags;

/// Terminals that speak it as they are set up, by the names that they give in TERM. tmux and screen, which
/// give names of their own, do not.
const SPEAKERS: [&str; 7] =
    ["alacritty", "alacritty-direct", "foot", "foot-extra", "rio", "xterm-ghostty", "xterm-kitty"];

/// What is passed on to workers on a terminal of this name.
pub(super) fn spoken(term: Option<&str>) -> KeyFlags {
    if term.is_some_and(|term| SPEAKERS.contains(&term)) { KeyFlags::SPOKEN } else { KeyFlags::NONE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_terminals_that_speak_it_are_taken_at_their_word() {
        assert_eq!(spoken(Some("xterm-kitty")), KeyFlags::SPOKEN);
        for silent in [None, Some(""), Some("xterm-256color"), Some("tmux-256color"), Some("linux")] {
            assert_eq!(spoken(silent), KeyFlags::NONE, "{silent:?}");
        }
    }
}
