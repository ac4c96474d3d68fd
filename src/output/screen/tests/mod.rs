//! What the screen does, by behaviour.

mod alacritty;
mod basics;
mod bench;
mod editing;
mod modes;
mod others;
mod programs;
mod sizes;
mod styles;
mod unseen;
mod walks;

use bench::{Bench, Heard};
