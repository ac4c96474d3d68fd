//! Reading a pane without its lock: a glance at what is unfinished, blocks by their handles, and the
//! rows of both in a window. Knows neither how lines come nor who draws them.

mod blocks;
mod flow;
mod glance;
mod layouts;
mod merge;
mod reader;
mod single;
mod strand;
#[cfg(test)]
mod tests;
mod together;

pub(super) use glance::{Glance, GridLine, Tail, Terminal};
pub use reader::Reader;
pub use together::{Pending, Together};
