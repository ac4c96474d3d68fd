//! minder's command line.

fn main() {}
