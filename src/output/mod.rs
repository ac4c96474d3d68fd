//! Everything a worker says: its log of finished lines and, on a terminal of its own, its screen.

mod arrivals;
mod block;
mod excerpt;
mod line;
mod lines;
mod log;
mod memory;
mod pane;
mod places;
mod reading;
pub mod screen;
mod search;
mod style;
mod styled;
mod view;
mod wrap;

pub use block::Block;
pub use excerpt::{Columns, Excerpt, Extent, Form, Keep, RULING, Said, Wanted, cut_text};
pub use line::{Line, Stream};
pub use log::{
    Budget, DEFAULT_BUDGET, DEFAULT_TOTAL, Handle, Keeper, Log, MAX_LINE_BYTES, Shelf, Taken, Tell,
    state_folder,
};
pub use pane::{Capture, Output, Pane};
pub use reading::{Pending, Reader, Together};
pub use search::{Criterion, ERRORS, Lookup, Nearest, Pattern, Searcher, Test};
pub use style::{Attributes, Color, Style};
pub use styled::{plain, recolored, spans};
pub use view::{
    Cursor, CursorShape, Edges, Fit, InputModes, KeyFlags, MouseMode, Passing, Place, Position, RowAddress,
    Span, View, ViewRow, Window,
};
