//! minder's command line: reads it, chooses a face, and maps what came of it to an exit code.

use minder::cli::{self, Face};
use std::io::{self, ErrorKind, Stdout, Write};
use std::process::ExitCode;

/// minder itself failed (as with env(1), nohup(1) and timeout(1)).
const OWN_FAILURE: u8 = 125;

fn main() -> ExitCode {
    let invocation = cli::parse();
    match invocation.face {
        Face::Completions(shell) => print(|out| cli::completions(shell, out)),
        Face::Man => print(cli::man),
        Face::Run(_) | Face::Up { .. } | Face::Demo | Face::Check { .. } => {
            tell("this build can only print its help, completions and manual page");
            ExitCode::from(OWN_FAILURE)
        }
    }
}

/// Prints something as a whole. A reader that has seen enough is no failure.
fn print(write: impl FnOnce(&mut Stdout) -> io::Result<()>) -> ExitCode {
    match write(&mut io::stdout()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            tell(&format!("cannot write to standard output: {error}"));
            ExitCode::from(OWN_FAILURE)
        }
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}

fn tell(what: &str) {
    // Where even this cannot be written, nobody is left to be told.
    let _ = writeln!(io::stderr(), "minder: {what}");
}
