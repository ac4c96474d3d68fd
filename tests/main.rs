//! The tests that see minder from outside: its processes, its screen, its exit codes, its rooms.

mod structure;
mod support;
