//! The README's picture: a real frame of the real binary, drawn as an SVG.

mod svg;

use crate::support::{Screen, Terminal, minder};
use std::fs;

/// The picture.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/screen.svg");

/// Columns and rows of the frame: side by side, and still readable as wide as a README is.
const SIZE: (u16, u16) = (120, 26);

/// Workers of the demo and a word that their rows must have before the picture is taken.
const SEEN: [(&str, &str); 8] = [
    ("web", "running"),
    ("stubborn", "stopping"),
    ("frozen", "SIGSTOP"),
    ("crasher", "backoff"),
    ("fails", "exit 3"),
    ("missing", "no start"),
    ("manual", "zombie"),
    ("idle", "idle"),
];

/// `MINDER_BLESS=1 cargo test picture` takes a new one.
#[test]
fn the_picture_is_a_frame_with_every_kind_of_state() {
    if std::env::var_os("MINDER_BLESS").is_some() {
        fs::write(FILE, take()).expect("the picture can be written");
    }
    let picture = fs::read_to_string(FILE).expect("the README's picture is there");
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "no SVG");
    let words = svg::words_of(&picture);
    for (name, state) in SEEN {
        for word in [name, state] {
            assert!(words.contains(word), "the picture shows no `{word}`:\n{words}");
        }
    }
}

/// Runs the demo until its states can be seen, and draws what is on the screen then.
fn take() -> String {
    let (columns, rows) = SIZE;
    let terminal = minder().args(["demo"]).env("COLORTERM", "truecolor").size(columns, rows).start();
    terminal.wait_until("a pane with some lines", |screen| {
        let served = screen.rows().iter().filter(|row| row.contains(" ms")).count();
        (served > 12 && screen.row_with(&["crasher", "backoff"]).is_some()).then_some(())
    });
    stop_stubborn(&terminal);
    let screen = terminal.wait_until("every state at once", |screen| {
        let all = SEEN.iter().all(|(name, state)| screen.row_with(&[name, state]).is_some());
        (all && screen.contains("SIGKILL in 3.")).then(|| screen.clone())
    });
    terminal.send("q");
    svg::draw(&screen, "minder demo")
}

/// Asks the worker that ignores it to stop, and comes back to the first one.
fn stop_stubborn(terminal: &Terminal) {
    // After the state's glyph comes the name.
    let place = |screen: &Screen, name| {
        let mut rows = screen.rows().into_iter();
        rows.position(|row| row.text.split_whitespace().nth(1) == Some(name))
    };
    let down = terminal
        .wait_until("both workers", |screen| Some(place(screen, "stubborn")? - place(screen, "web")?));
    terminal.send(&"j".repeat(down));
    terminal.wait_for("watch the countdown");
    terminal.send("t");
    terminal.send(&"k".repeat(down));
    terminal.wait_for("listening on");
}
