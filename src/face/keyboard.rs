//! What the terminal that minder runs on speaks of the kitty keyboard protocol. Knows it by its name or
//! is told:
//! an answer to a question could come when minder has left, and be typed into the shell.

use crate::output::KeyFlags;
use std::ffi::OsStr;

/// Terminals that speak it as they are set up, by the names that they give in TERM. tmux and screen, which
/// give names of their own, do not.
const SPEAKERS: [&str; 7] =
    ["alacritty", "alacritty-direct", "foot", "foot-extra", "rio", "xterm-ghostty", "xterm-kitty"];

/// The variable that says it where TERM does not: `on` or `off`.
const SWITCH: &str = "MINDER_KITTY";

/// What the terminal of this process speaks, by its variables.
///
/// # Errors
/// What is wrong with `MINDER_KITTY`.
pub fn speech() -> Result<KeyFlags, String> {
    let [term, switch] = ["TERM", SWITCH].map(std::env::var_os);
    spoken(term.as_deref(), switch.as_deref())
}

fn spoken(term: Option<&OsStr>, switch: Option<&OsStr>) -> Result<KeyFlags, String> {
    let speaks = match switch.filter(|value| !value.is_empty()) {
        None => SPEAKERS.iter().any(|speaker| term == Some(OsStr::new(speaker))),
        Some(value) if value == "on" => true,
        Some(value) if value == "off" => false,
        Some(value) => {
            let value = value.to_string_lossy();
            return Err(format!(
                "{SWITCH}={value}: set it to `on` where the terminal speaks the kitty keyboard protocol, to `off` \
                 where it does not, or unset it: then TERM tells"
            ));
        }
    };
    Ok(if speaks { KeyFlags::SPOKEN } else { KeyFlags::NONE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_terminals_that_speak_it_are_taken_at_their_word() {
        let said = |term: Option<&str>, switch: Option<&str>| {
            spoken(term.map(OsStr::new), switch.map(OsStr::new)).ok()
        };
        assert_eq!(said(Some("xterm-kitty"), None), Some(KeyFlags::SPOKEN));
        for silent in [None, Some(""), Some("xterm-256color"), Some("tmux-256color"), Some("linux")] {
            assert_eq!(said(silent, None), Some(KeyFlags::NONE), "{silent:?}");
            assert_eq!(said(silent, Some("")), Some(KeyFlags::NONE), "{silent:?}");
            assert_eq!(said(silent, Some("on")), Some(KeyFlags::SPOKEN), "{silent:?}");
        }
        assert_eq!(said(Some("xterm-kitty"), Some("off")), Some(KeyFlags::NONE));
        assert_eq!(said(Some("xterm-kitty"), Some("yes")), None);
    }
}
