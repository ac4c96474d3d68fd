//! Memory that the host has given already.

use minder::sys::memory::{PIECE_BYTES, Piece};
use std::time::Duration;

/// What is free is told to the host two seconds after something became free (`page_reporting.c`), and
/// taken by it: what waits to be told must be told before, and not while something is measured.
const REPORTED: Duration = Duration::from_millis(2500);

/// Uses three times so much memory and gives it back to the kernel, which gives it to whoever asks next.
/// Three times, since what was given back last is not always what is given out first.
///
/// A virtual machine gets a page that it never used, or that lay unused for two seconds (free page
/// reporting), from its host. Measured: 2.4 ns a byte, against 0.05 for a page that is there, and 0.3 for
/// all that is to be measured. To be called right before what is measured, which must take less than two
/// seconds where it needs the memory.
#[expect(clippy::disallowed_methods, reason = "what the kernel does with free pages can only be waited for")]
pub(crate) fn warm(bytes: usize) {
    std::thread::sleep(REPORTED);
    let pieces = (0..(3 * bytes).div_ceil(PIECE_BYTES)).filter_map(|_| Piece::new());
    let mut pieces: Vec<Piece> = pieces.collect();
    for piece in &mut pieces {
        piece.iter_mut().step_by(4096).for_each(|byte| *byte = 1);
    }
}
