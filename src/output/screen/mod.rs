//! The terminal emulator: bytes in, a grid of cells out. Owns what a worker's terminal shows now;
//! knows nothing of lines that have gone, of panes or of who draws.
//!
//! `input` splits the bytes, `functions` knows what each control sequence asks for, `terminal` and
//! the files that it names do it on the `grid`, `outgoing` makes lines of the rows that leave. What a
//! flood writes is counted by the `backlog` and waits at the host: most of it leaves without ever having
//! been drawn.

mod answers;
mod backlog;
mod cell;
mod charset;
mod clusters;
mod cursor;
mod erasing;
mod functions;
mod grid;
mod input;
mod keyboard;
mod modes;
mod moving;
mod outgoing;
mod parameters;
mod plain;
mod print;
mod reflow;
pub(super) mod restyle;
mod row;
#[expect(clippy::module_inception, reason = "the main type has the room's name")]
mod screen;
mod scrolling;
mod sgr;
mod spans;
mod switching;
mod tabs;
mod terminal;
mod title;

pub use screen::{Flooded, Host, Screen};

#[cfg(test)]
mod tests;
