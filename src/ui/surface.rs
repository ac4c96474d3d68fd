//! What the screen asks of the terminal. The real one lives in `sys`; this room makes no system
//! call.

use crate::protocol::Size;
use std::io;

/// The terminal that the screen is drawn on.
///
/// Any error means that it is gone: the screen says [`crate::protocol::Command::TerminalLost`] and
/// ends.
#[expect(clippy::missing_errors_doc, reason = "the trait says it once for all")]
pub trait Surface {
    /// Takes it: raw mode, alternate screen, bracketed paste, focus events and the mouse (presses,
    /// drags, the wheel: modes 1002 and 1006; mere movement would wake the screen for nothing).
    fn enter(&mut self) -> io::Result<()>;

    /// Gives it back as it was found, cursor shown.
    fn leave(&mut self) -> io::Result<()>;

    /// Its size now.
    fn size(&self) -> io::Result<Size>;

    /// Asks it for keys by the kitty keyboard protocol, with these flags instead of those before; 0 for
    /// none. Gone when it is left.
    fn ask_keys(&mut self, flags: u8) -> io::Result<()>;

    /// Writes one frame, all of it.
    fn write(&mut self, frame: &[u8]) -> io::Result<()>;
}
