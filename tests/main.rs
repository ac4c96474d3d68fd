//! The tests that see minder from outside: its processes, its screen, its exit codes, its rooms.

mod e2e;
mod emulation;
mod init;
mod input;
mod library;
mod picture;
mod pool;
mod process;
mod readme;
mod structure;
mod support;
