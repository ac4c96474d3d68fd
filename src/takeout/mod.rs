//! Taking out what workers said: to the clipboard, into a file, a pager, an editor or a command. Each
//! task has a thread of its own, so that neither keys nor workers wait for a disk or for somebody
//! else's program; programs are started by the supervisor, as errands. Knows no screen.

mod capture;
mod clipboard;
mod copy;
mod desk;
mod errand;
mod open;
mod pipe;
mod save;
mod words;

pub use capture::Captured;
pub use clipboard::{MOST_BY_TERMINAL, osc52};
pub use desk::{Desk, News, Progress, Report, Running, Task};
pub use save::home_expanded;
