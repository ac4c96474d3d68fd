//! The ways to the clipboard: what the terminal understands, and which tools there are. Pure but for
//! the question which programs are installed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::ffi::OsString;

/// What OSC 52 carries: a sequence of 100,000 bytes is what many terminals take at most (hterm's
/// limit, by which others go), which is this much before base64.
pub const MOST_BY_TERMINAL: usize = 74_994;

/// GNU screen takes strings of 768 bytes at most (`MAXSTR`).
const MOST_FOR_SCREEN: usize = 240;

/// What decides about the ways: variables of the environment.
pub(super) trait Environment {
    /// A variable, if it is set and not empty.
    fn variable(&self, name: &str) -> Option<OsString>;
    /// Whether there is a program of this name.
    fn installed(&self, program: &str) -> bool;

    fn has(&self, name: &str) -> bool {
        self.variable(name).is_some()
    }
}

/// This process's.
pub(super) struct Own;

impl Environment for Own {
    fn variable(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name).filter(|value| !value.is_empty())
    }

    fn installed(&self, program: &str) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    }
}

/// How the terminal is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// OSC 52 as it is: tmux takes it so with `set-clipboard on`, and hands it on.
    Plain,
    /// Through GNU screen, which hands on what is wrapped.
    ThroughScreen,
    /// It would print it: the Linux console, a dumb terminal.
    Never,
}

pub(super) fn asking(environment: &impl Environment) -> Asking {
    let term = environment.variable("TERM").unwrap_or_default();
    let term = term.to_string_lossy();
    if term == "linux" || term == "dumb" {
        Asking::Never
    } else if environment.has("STY") && !environment.has("TMUX") {
        Asking::ThroughScreen
    } else {
        Asking::Plain
    }
}

/// What sets the terminal's clipboard (xterm's OSC 52).
pub fn osc52(text: &str) -> Vec<u8> {
    format!("\x1b]52;c;{}\x07", BASE64_STANDARD.encode(text)).into_bytes()
}

/// The same, in pieces that GNU screen hands on.
pub(super) fn through_screen(sequence: &[u8]) -> Vec<u8> {
    let wrapped = |piece: &[u8]| [b"\x1bP", piece, b"\x1b\\"].concat();
    sequence.chunks(MOST_FOR_SCREEN).flat_map(wrapped).collect()
}

/// A tool that puts its input into the clipboard.
type Tool = &'static [&'static str];

/// The tools that are worth a try here, the best first: those of the display that there is. Over ssh
/// that is the display that ssh forwards, if it does: it is the user's.
pub(super) fn tools(environment: &impl Environment) -> Vec<Tool> {
    const WAYLAND: [Tool; 1] = [&["wl-copy"]];
    const X: [Tool; 2] = [&["xclip", "-selection", "clipboard", "-in"], &["xsel", "--clipboard", "--input"]];
    const WINDOWS: [Tool; 1] = [&["clip.exe"]];
    const MAC: [Tool; 1] = [&["pbcopy"]];
    // By itself tmux takes OSC 52 of a program only with `set-clipboard on`; so it is in its buffer, too.
    const TMUX: [Tool; 1] = [&["tmux", "load-buffer", "-w", "-"]];
    let far = environment.has("SSH_TTY") || environment.has("SSH_CONNECTION");
    let windows = environment.has("WSL_DISTRO_NAME") || environment.has("WSL_INTEROP");
    [
        (environment.has("WAYLAND_DISPLAY") && !far, WAYLAND.as_slice()),
        (environment.has("DISPLAY"), &X),
        (windows && !far, &WINDOWS),
        (!far, &MAC),
        (environment.has("TMUX"), &TMUX),
    ]
    .into_iter()
    .filter(|(there, _)| *there)
    .flat_map(|(_, tools)| tools.iter().copied())
    .filter(|tool| environment.installed(tool[0]))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fake(&'static [&'static str]);

    impl Environment for Fake {
        fn variable(&self, name: &str) -> Option<OsString> {
            let set = self.0.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            set.map(OsString::from)
        }

        fn installed(&self, program: &str) -> bool {
            program != "pbcopy" || self.has("MAC")
        }
    }

    #[test]
    fn the_tools_are_those_of_the_display_that_there_is() {
        let names = |set| tools(&Fake(set)).iter().map(|tool| tool[0]).collect::<Vec<_>>();
        assert_eq!(names(&[]), [] as [&str; 0]);
        assert_eq!(names(&["WAYLAND_DISPLAY=w", "DISPLAY=:0"]), ["wl-copy", "xclip", "xsel"]);
        assert_eq!(names(&["DISPLAY=:10", "WAYLAND_DISPLAY=w", "SSH_TTY=/dev/pts/1"]), ["xclip", "xsel"]);
        assert_eq!(names(&["WSL_DISTRO_NAME=x"]), ["clip.exe"]);
        assert_eq!(names(&["MAC=1"]), ["pbcopy"]);
    }

    #[test]
    fn the_terminal_is_asked_as_it_understands_it() {
        assert_eq!(asking(&Fake(&["TERM=xterm"])), Asking::Plain);
        assert_eq!(asking(&Fake(&["TERM=screen", "STY=1.x"])), Asking::ThroughScreen);
        assert_eq!(asking(&Fake(&["TERM=screen", "STY=1.x", "TMUX=/tmp/x"])), Asking::Plain);
        assert_eq!(asking(&Fake(&["TERM=linux"])), Asking::Never);
    }

    #[test]
    fn a_sequence_says_what_it_carries_and_screen_gets_it_in_pieces() {
        assert_eq!(osc52("hi é"), b"\x1b]52;c;aGkgw6k=\x07");
        assert!(osc52(&"x".repeat(MOST_BY_TERMINAL)).len() <= 100_000);
        let whole = osc52(&"x".repeat(1000));
        let pieces = through_screen(&whole);
        let text = String::from_utf8(pieces).unwrap();
        let back: String = text.split("\x1bP").map(|piece| piece.trim_end_matches("\x1b\\")).collect();
        assert_eq!(back.as_bytes(), whole);
        assert!(text.split("\x1bP").all(|piece| piece.len() < 768));
    }
}
