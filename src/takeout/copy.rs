//! An excerpt into the clipboard: by the terminal and by the tools that there are.

use super::clipboard::{self, Asking, MOST_BY_TERMINAL, Own};
use super::desk::{Bench, News};
use super::errand::{self, Outcome};
use super::save::in_words;
use super::words::{amount, gone, thousands};
use crate::output::{Excerpt, Form};
use crate::protocol::{ErrandPlace, Standard};
use crate::sys::feed;
use std::io::{self, Read, Seek};
use std::time::Duration;

/// Nobody pastes more.
const MOST: usize = 64 << 20;
/// How long a tool may take: one that cannot reach its display may try for ever.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(bench: &Bench, mut excerpt: Excerpt) -> News {
    let mut text = Vec::new();
    let said = match excerpt.write(Form::Plain, MOST, &mut text) {
        Ok(said) if said.over && !text.is_empty() => said,
        Ok(said) if said.over && said.gone > 0 => {
            return News::Failed(format!("nothing was copied: {} lines had to go", thousands(said.gone)));
        }
        Ok(said) if said.over => return News::Failed("nothing was copied: there is nothing".into()),
        Ok(_) => {
            return News::Failed(format!("nothing was copied: it is more than {} MiB; save it", MOST >> 20));
        }
        Err(error) => return News::Failed(format!("nothing was copied: {}", in_words(&error))),
    };
    let text = String::from_utf8_lossy(&text);
    let amount = amount(said.lines, text.len() as u64);
    let (mut by, mut tried) = (Vec::new(), Vec::new());
    match (clipboard::asking(&Own), text.len() <= MOST_BY_TERMINAL) {
        (Asking::Never, _) => {}
        (_, false) => {
            tried.push(format!("OSC 52 takes {} bytes at most", thousands(MOST_BY_TERMINAL as u64)));
        }
        (asking, true) => {
            let sequence = clipboard::osc52(&text);
            let through = asking == Asking::ThroughScreen;
            let sequence = if through { clipboard::through_screen(&sequence) } else { sequence };
            bench.tell(News::Terminal(sequence), false);
            by.push("OSC 52");
        }
    }
    for tool in clipboard::tools(&Own) {
        match hand_to(bench, tool, &text) {
            Ok(()) => {
                by.push(tool[0]);
                break;
            }
            Err(why) => tried.push(format!("{}: {why}", tool[0])),
        }
    }
    let tried = tried.join("; ");
    match (by.is_empty(), tried.is_empty()) {
        (true, true) => News::Failed(format!("{amount} not copied: there is no way to a clipboard here")),
        (true, false) => News::Failed(format!("{amount} not copied: {tried}")),
        (false, true) => News::Done(format!("copied {amount} by {}{}", by.join(" and "), gone(said.gone))),
        (false, false) => News::Done(format!("copied {amount} by {}; {tried}", by.join(" and "))),
    }
}

/// Runs a tool with the text as its input.
fn hand_to(bench: &Bench, tool: &[&str], text: &str) -> Result<(), String> {
    let words = |error: io::Error| in_words(&error);
    let (input, to) = io::pipe().map_err(words)?;
    // A file: what such a tool leaves behind would hold a pipe open for as long as it lives.
    let mut errors = tempfile::tempfile().map_err(words)?;
    let stderr = errors.try_clone().map_err(words)?.into();
    let standard = Standard { stdin: input.into(), stdout: errand::null().map_err(words)?, stderr };
    let argv = tool.iter().map(Into::into).collect();
    let asked = errand::ask(bench, argv, standard, ErrandPlace::Lasting, Some(PATIENCE));
    let (stop, stopped) = feed::stopper().map_err(words)?;
    let bytes = text.as_bytes().to_owned();
    let feeding = std::thread::Builder::new().name("takeout-feeder".into());
    let feeding = feeding.spawn(move || feed::write_all(&to, &bytes, &stopped).is_ok_and(|all| all));
    let outcome = asked.wait(bench);
    drop(stop);
    let read_all = feeding.map_err(words)?.join().unwrap_or(false);
    match outcome {
        Outcome::Ended(Ok(status)) if status.success() && read_all => Ok(()),
        Outcome::Ended(Ok(status)) if status.success() => Err("it did not read all of it".into()),
        Outcome::Ended(Ok(status)) => Err(match first_line(&mut errors) {
            Some(line) => format!("{status}: {line}"),
            None => status.to_string(),
        }),
        Outcome::Ended(Err(why)) => Err(why),
        Outcome::Cancelled => Err("cancelled".into()),
    }
}

fn first_line(errors: &mut std::fs::File) -> Option<String> {
    let mut said = Vec::new();
    errors.rewind().ok()?;
    errors.take(500).read_to_end(&mut said).ok()?;
    let said = crate::output::plain(said.split(|byte| *byte == b'\n').next()?).into_owned();
    (!said.trim().is_empty()).then_some(said)
}
