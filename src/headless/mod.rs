//! minder without a screen: each worker's lines with its name in front on standard output, what
//! happens to the workers on standard error, and a summary at the end. A guest like any other: it
//! asks nothing but to be told, and decides nothing.

mod lines;
mod paint;
mod prefix;
mod printer;
mod sink;
mod summary;
#[cfg(test)]
mod testing;

pub use printer::{OnFull, Settings, run};
pub use sink::Out;
