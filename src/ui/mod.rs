//! The screen: a guest that draws what the supervisor publishes and asks for what its user's keys
//! mean. It knows the protocol and reads outputs; it makes no system call, and the terminal is
//! behind [`Surface`].
//!
//! A key goes: event → [`keymap`] → action → `update` → effects → [`crate::protocol::Command`].
//! A fact goes: board → model → frame → what differs from the frame before → one write.

mod actions;
mod canvas;
mod dialogs;
mod doubtful;
mod draw;
#[doc(hidden)]
pub mod easel;
pub mod encode;
mod foot;
mod grid;
mod head;
mod inspect;
mod keyfile;
pub mod keymap;
mod keys;
mod kitty;
mod layout;
mod list;
mod model;
mod mouse;
mod pane;
mod progress;
mod reading;
mod run;
mod search;
mod selection;
mod sight;
mod status;
mod surface;
mod takeout;
mod text;
mod theme;
mod update;

#[cfg(test)]
mod tests;

pub use keyfile::KeyError;
pub use keymap::Keymap;
pub use keys::{Key, UnknownKey};
pub use run::{Settings, run};
pub use surface::Surface;
