//! Everything a worker says: its log of finished lines and, on a terminal of its own, its screen.

mod line;
mod pane;
pub mod screen;
mod style;
mod view;

pub use line::{Line, Stream};
pub use pane::{Output, Pane};
pub use style::{Attributes, Color, Style};
pub use view::{
    Cursor, CursorShape, InputModes, MouseMode, Position, RowAddress, Span, View, ViewRow, Window,
};
