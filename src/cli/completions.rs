//! `minder completions SHELL`: a script for the shell, from the command line's description.

use clap_complete::Shell;
use std::io::{self, Write};

/// Writes the completion script for a shell.
///
/// # Errors
/// What the writer says.
pub fn completions(shell: Shell, out: &mut impl Write) -> io::Result<()> {
    // Into memory first: clap_complete panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "minder", &mut script);
    out.write_all(&script)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_shell_is_told_every_command() {
        for shell in Shell::value_variants() {
            let mut script = Vec::new();
            completions(*shell, &mut script).unwrap();
            let script = String::from_utf8(script).unwrap();
            for word in ["run", "up", "demo", "check", "init", "single-child", "exit-code", "restart"] {
                assert!(script.contains(word), "{shell} {word}");
            }
        }
    }
}
