//! Everything a worker says: its log of finished lines and, on a terminal of its own, its screen.

mod block;
mod flow;
mod frames;
mod layouts;
mod line;
mod lines;
mod log;
mod pane;
pub mod screen;
mod style;
mod styled;
mod view;
mod wrap;

pub use block::Block;
pub use line::{Line, Stream};
pub use log::{DEFAULT_BUDGET, Log, MAX_LINE_BYTES, Taken};
pub use pane::{Output, Pane};
pub use style::{Attributes, Color, Style};
pub use styled::{plain, recolored, spans};
pub use view::{
    Cursor, CursorShape, InputModes, MouseMode, Position, RowAddress, Span, View, ViewRow, Window,
};
