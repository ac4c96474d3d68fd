//! Memory that the host has given already.

use minder::sys::memory::{PIECE_BYTES, Piece};

/// Uses so much memory and gives it back to the kernel, which gives it to whoever asks next.
///
/// A virtual machine gets a page that it never used, or that lay unused for two seconds (free page
/// reporting), from its host. Measured: 2.4 ns a byte, against 0.05 for a page that is there, and 0.3 for
/// all that is to be measured. To be called before each round.
pub(crate) fn warm(bytes: usize) {
    let mut pieces: Vec<Piece> = (0..bytes.div_ceil(PIECE_BYTES)).filter_map(|_| Piece::new()).collect();
    for piece in &mut pieces {
        piece.iter_mut().step_by(4096).for_each(|byte| *byte = 1);
    }
}
