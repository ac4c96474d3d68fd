//! An excerpt in the user's pager or editor, on the terminal.

use super::desk::{Bench, News};
use super::errand::{self, Asked, Outcome};
use super::save::{self, Written, in_words};
use super::words::thousands;
use crate::output::{Excerpt, Form};
use crate::protocol::{ErrandPlace, Standard};
use crate::status::ExitStatus;
use std::io;
use std::path::Path;

/// Pagers that show colours, and those that want `-R` for it.
const COLORED: [&str; 6] = ["less", "bat", "moar", "moor", "most", "ov"];

pub(super) fn page(bench: &Bench, excerpt: Excerpt) -> News {
    let (command, form) = pager(variable("PAGER"), &variable("LESS").unwrap_or_default());
    let done = || -> io::Result<(Outcome, u64)> {
        let (input, to) = io::pipe()?;
        let (stdout, stderr) = (errand::terminal()?, errand::terminal()?);
        let standard = Standard { stdin: input.into(), stdout, stderr };
        let asked = errand::ask(bench, errand::argv(&command, &[]), standard, ErrandPlace::Terminal, None);
        let feeder = errand::feed(bench, excerpt, form, to)?;
        let outcome = asked.wait(bench);
        let said = feeder.stop()?;
        Ok((outcome, said.gone))
    };
    news("pager", "PAGER", &command, done())
}

pub(super) fn edit(bench: &Bench, mut excerpt: Excerpt) -> News {
    let command = variable("VISUAL").or_else(|| variable("EDITOR")).unwrap_or_else(|| "vi".into());
    let mut done = || -> io::Result<(Outcome, u64)> {
        // 0600, and gone when it is dropped, whatever happens to the editor.
        let mut file = tempfile::Builder::new().prefix("minder-").suffix(".log").tempfile()?;
        match save::write(bench, &mut excerpt, Form::Plain, file.as_file_mut())? {
            Written::Cancelled => Ok((Outcome::Cancelled, 0)),
            Written::All(said, _) => Ok((open(bench, &command, file.path())?.wait(bench), said.gone)),
        }
    };
    news("editor", "EDITOR", &command, done())
}

fn open(bench: &Bench, command: &str, file: &Path) -> io::Result<Asked> {
    let standard =
        Standard { stdin: errand::terminal()?, stdout: errand::terminal()?, stderr: errand::terminal()? };
    let argv = errand::argv(command, &[file.as_os_str().to_owned()]);
    Ok(errand::ask(bench, argv, standard, ErrandPlace::Terminal, None))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The pager's command line, and whether it shows colours.
fn pager(chosen: Option<String>, less: &str) -> (String, Form) {
    let command = chosen.unwrap_or_else(|| "less -R".into());
    let mut words = command.split_whitespace();
    let name = words.next().and_then(|program| Path::new(program).file_name()?.to_str());
    let colored = name.is_some_and(|name| COLORED.contains(&name));
    let is_raw = |word: &str| match word.strip_prefix("--") {
        Some(long) => long.eq_ignore_ascii_case("raw-control-chars"),
        None => word.contains(['R', 'r']),
    };
    let raw = |words: &str| words.split_whitespace().any(is_raw);
    let form = if colored { Form::Colored } else { Form::Plain };
    let plain = command.chars().all(|c| c.is_alphanumeric() || " _-+./".contains(c));
    if name == Some("less") && plain && !words.any(raw) && !raw(less) {
        return (format!("{command} -R"), form);
    }
    (command, form)
}

/// What became of it; with how many lines had to go before they were read.
fn news(what: &str, variable: &str, command: &str, outcome: io::Result<(Outcome, u64)>) -> News {
    match outcome {
        Ok((Outcome::Ended(Ok(ExitStatus::Exited(127))), _))
            if command.contains(['|', '&', ';', '$', '\'']) =>
        {
            News::Failed(format!("the {what} was not found: {command}; {variable} says which it is"))
        }
        Ok((Outcome::Ended(Ok(ExitStatus::Exited(0))), 0)) => News::Done(String::new()),
        Ok((Outcome::Ended(Ok(ExitStatus::Exited(0))), gone)) => {
            News::Done(format!("{} of the lines for the {what} had to go", thousands(gone)))
        }
        Ok((Outcome::Ended(Ok(status)), _)) => {
            News::Failed(format!("the {what} ended: {status} ({command})"))
        }
        Ok((Outcome::Ended(Err(why)), _)) => {
            News::Failed(format!("{why}; {variable} says which {what} it is"))
        }
        Ok((Outcome::Cancelled, _)) => News::Failed(format!("cancelled: the {what} was not opened")),
        Err(error) => News::Failed(format!("cannot open the {what}: {}", in_words(&error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_gets_colours_if_it_shows_them() {
        let chosen = |command: &str, less: &str| pager(Some(command.into()), less);
        assert_eq!(pager(None, ""), ("less -R".into(), Form::Colored));
        assert_eq!(chosen("less", ""), ("less -R".into(), Form::Colored));
        assert_eq!(chosen("/usr/bin/less -S", "-FRX"), ("/usr/bin/less -S".into(), Form::Colored));
        assert_eq!(chosen("less", "--incsearch"), ("less -R".into(), Form::Colored));
        assert_eq!(
            chosen("less --RAW-CONTROL-CHARS", ""),
            ("less --RAW-CONTROL-CHARS".into(), Form::Colored)
        );
        assert_eq!(chosen("more", ""), ("more".into(), Form::Plain));
        assert_eq!(chosen("vim -", ""), ("vim -".into(), Form::Plain));
    }
}
