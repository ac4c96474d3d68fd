//! Finding lines: what is looked for, which lines of a log it is in, and the thread that looks. Knows
//! no window and no key.

mod lookup;
mod matches;
mod pattern;
mod searcher;
mod test;
#[cfg(test)]
mod tests;

pub use lookup::{Lookup, Nearest};
pub use pattern::{ERRORS, Pattern};
pub use searcher::Searcher;
pub use test::{Criterion, Test};
