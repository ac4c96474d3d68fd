//! Everything a worker says: its log of finished lines and, on a terminal of its own, its screen.

mod arrivals;
mod block;
mod excerpt;
mod line;
mod lines;
mod log;
mod pane;
mod reading;
pub mod screen;
mod style;
mod styled;
mod view;
mod wrap;

pub use block::Block;
pub use excerpt::{Columns, Excerpt, Extent, Form, Keep, RULING, Said, Wanted, cut_text};
pub use line::{Line, Stream};
pub use log::{DEFAULT_BUDGET, Handle, Log, MAX_LINE_BYTES, Taken};
pub use pane::{Output, Pane};
pub use reading::Reader;
pub use style::{Attributes, Color, Style};
pub use styled::{plain, recolored, spans};
pub use view::{
    Cursor, CursorShape, Edges, Fit, InputModes, MouseMode, Place, Position, RowAddress, Span, View, ViewRow,
    Window,
};
