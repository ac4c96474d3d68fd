//! The tests that see minder from outside: its processes, its screen, its exit codes, its rooms.

mod input;
mod picture;
mod readme;
mod structure;
mod support;
