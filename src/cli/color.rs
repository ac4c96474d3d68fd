//! Whether to use colours: a pure decision from the option, the environment and the stream.

use std::ffi::{OsStr, OsString};

/// `--color`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set or TERM is `dumb`; everywhere with `CLICOLOR_FORCE`
    #[default]
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

/// The variables that have a say, as they are set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColorEnvironment {
    /// `NO_COLOR` (no-color.org): no colours, where it is set and not empty.
    pub no_color: Option<OsString>,
    /// `CLICOLOR_FORCE` (bixense.com/clicolors): colours everywhere, where it is set and neither
    /// empty nor `0`.
    pub clicolor_force: Option<OsString>,
    /// `TERM`: `dumb` has no colours.
    pub term: Option<OsString>,
}

impl ColorEnvironment {
    /// The variables of this process.
    pub fn current() -> Self {
        Self {
            no_color: std::env::var_os("NO_COLOR"),
            clicolor_force: std::env::var_os("CLICOLOR_FORCE"),
            term: std::env::var_os("TERM"),
        }
    }
}

/// Whether a stream gets colours. Asked for each stream by itself: one may be a terminal while the
/// other is a file.
///
/// What was typed wins; then `NO_COLOR`, then `CLICOLOR_FORCE`, then `TERM=dumb`, then whether the
/// stream is a terminal.
pub fn colors_wanted(choice: ColorChoice, environment: &ColorEnvironment, is_terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => by_environment(environment, is_terminal),
    }
}

fn by_environment(environment: &ColorEnvironment, is_terminal: bool) -> bool {
    if environment.no_color.as_deref().is_some_and(|value| !value.is_empty()) {
        return false;
    }
    if environment.clicolor_force.as_deref().is_some_and(forces) {
        return true;
    }
    is_terminal && environment.term.as_deref() != Some(OsStr::new("dumb"))
}

fn forces(value: &OsStr) -> bool {
    !value.is_empty() && value != "0"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(no_color: &str, force: &str, term: &str) -> ColorEnvironment {
        let set = |value: &str| (value != "-").then(|| OsString::from(value));
        ColorEnvironment { no_color: set(no_color), clicolor_force: set(force), term: set(term) }
    }

    #[test]
    fn the_option_wins_then_no_color_then_force_then_the_terminal() {
        use ColorChoice::{Always, Auto, Never};
        // choice, NO_COLOR, CLICOLOR_FORCE, TERM (`-`: not set), a terminal, colours
        let table = [
            (Auto, "-", "-", "xterm", true, true),
            (Auto, "-", "-", "-", true, true),
            (Auto, "-", "-", "xterm", false, false),
            (Auto, "-", "-", "dumb", true, false),
            (Auto, "1", "-", "xterm", true, false),
            (Auto, "0", "-", "xterm", true, false),
            (Auto, "", "-", "xterm", true, true),
            (Auto, "-", "1", "xterm", false, true),
            (Auto, "-", "1", "dumb", false, true),
            (Auto, "-", "0", "xterm", false, false),
            (Auto, "-", "", "xterm", false, false),
            (Auto, "1", "1", "xterm", true, false),
            (Always, "1", "-", "dumb", false, true),
            (Never, "-", "1", "xterm", true, false),
        ];
        for (choice, no_color, force, term, is_terminal, wanted) in table {
            assert_eq!(
                colors_wanted(choice, &environment(no_color, force, term), is_terminal),
                wanted,
                "{choice:?} NO_COLOR={no_color} CLICOLOR_FORCE={force} TERM={term} {is_terminal}"
            );
        }
    }
}
