//! `minder man`: one manual page for the whole program, from the command line's description.

use clap_mangen::Man;
use std::io::{self, Write};

/// Writes the manual page (roff, man(7)).
///
/// # Errors
/// What the writer says.
pub fn man(out: &mut impl Write) -> io::Result<()> {
    let mut command = super::command();
    command.build();
    out.write_all(page(&command)?.as_bytes())?;
    out.flush()
}

fn page(command: &clap::Command) -> io::Result<String> {
    let man = Man::new(command.clone()).manual("minder");
    let mut page = part(|roff| man.render_title(roff))?;
    page += &part(|roff| man.render_name_section(roff))?;
    page += ".SH SYNOPSIS\n";
    page += &usage(command);
    page += &part(|roff| man.render_description_section(roff))?;
    page += &part(|roff| man.render_options_section(roff))?;
    page += ".SH COMMANDS\n";
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        page += &section_of(verb)?;
    }
    page += &more(command, "SH");
    // Each part defines the apostrophe anew; the first definition holds for all.
    Ok(APOSTROPHE.to_owned() + &page.replace(APOSTROPHE, ""))
}

/// What `clap_mangen` puts before each part (see its crate `roff`).
const APOSTROPHE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

fn part(render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<String> {
    let mut roff = Vec::new();
    render(&mut roff)?;
    Ok(String::from_utf8_lossy(&roff).into_owned())
}

/// One command: its usage, what it does, its own options, its examples.
fn section_of(verb: &clap::Command) -> io::Result<String> {
    // What all commands understand is told once, for all of them.
    let own = verb.clone().mut_args(|argument| {
        let shared = argument.get_help_heading().is_some() || argument.get_id() == "help";
        argument.hide(shared)
    });
    let man = Man::new(own);
    let about = part(|roff| man.render_description_section(roff))?;
    let options = part(|roff| man.render_options_section(roff))?;
    let name = verb.get_display_name().unwrap_or(verb.get_name()).replace('-', " ");
    // The headings of a page of its own make no sense inside of another; a gap does.
    let body = (about + &options).replace(".SH DESCRIPTION\n", ".PP\n").replace(".SH OPTIONS\n", "");
    Ok(format!(".SS {name}\n{}{body}{}", usage(verb), more(verb, "PP")))
}

/// The lines that help shows as `Usage:`.
fn usage(command: &clap::Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage: Vec<_> = usage.trim_start_matches("Usage:").lines().map(str::trim).collect();
    format!(".nf\n\\fB{}\\fR\n.fi\n", escaped(usage.join("\n").trim()))
}

/// The help's last part: each `Title:` is a heading and what follows it is kept line by line.
fn more(command: &clap::Command, heading: &str) -> String {
    let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    text.split("\n\n").map(|paragraph| paragraph_of(paragraph, heading)).collect()
}

fn paragraph_of(paragraph: &str, heading: &str) -> String {
    let (title, body) = paragraph.split_once('\n').unwrap_or(("", paragraph));
    match title.strip_suffix(':') {
        Some(title) if heading == "SH" => {
            format!(".SH {}\n{}", escaped(title).to_uppercase(), verbatim(body))
        }
        Some(title) => format!(".PP\n{}:\n{}", escaped(title), verbatim(body)),
        None => format!(".PP\n{}\n", escaped(paragraph)),
    }
}

fn verbatim(text: &str) -> String {
    // `.nf`: no filling, so that examples keep their lines.
    format!(".PP\n.nf\n{}\n.fi\n", escaped(text))
}

/// A text that roff takes literally (groff(7)): no line begins a request, `-` stays a minus.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    let guarded = |line: &str| if line.starts_with('.') { format!("\\&{line}") } else { line.into() };
    text.lines().map(guarded).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_covers_the_whole_program() {
        let mut roff = Vec::new();
        man(&mut roff).unwrap();
        let roff = String::from_utf8(roff).unwrap();
        for said in [
            ".TH minder 1",
            ".SH SYNOPSIS",
            ".SS minder run",
            ".SS minder init",
            "\\-\\-single\\-child",
            ".SS minder completions",
            ".SH EXAMPLES",
            ".SH EXIT CODES",
            ".SH SIGNALS",
            "\\-\\-exit\\-code",
            "minder run api=\\(aqnode server.js\\(aq",
        ] {
            assert!(roff.contains(said), "{said}\n{roff}");
        }
    }
}
