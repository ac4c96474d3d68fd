//! The bytes of a block, wherever their memory is from: small ones from the heap, full ones from the
//! pool of equal pieces. Knows no lines.

use crate::sys::memory::Piece;
use std::fmt;
use std::ops::Deref;

/// Bytes that are only added to.
pub(super) enum Memory {
    Heap(Vec<u8>),
    Piece { piece: Piece, length: usize },
}

impl Memory {
    /// Nothing yet, and room for as much as a full block takes.
    pub(super) fn for_a_block() -> Self {
        match Piece::new() {
            Some(piece) => Self::Piece { piece, length: 0 },
            None => Self::Heap(Vec::with_capacity(super::block::BLOCK_BYTES)),
        }
    }

    pub(super) fn capacity(&self) -> usize {
        match self {
            Self::Heap(bytes) => bytes.capacity(),
            Self::Piece { piece, .. } => piece.len(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.truncate(0);
    }

    /// Keeps the first so many, where there are more.
    pub(super) fn truncate(&mut self, kept: usize) {
        match self {
            Self::Heap(bytes) => bytes.truncate(kept),
            Self::Piece { length, .. } => *length = kept.min(*length),
        }
    }

    /// Has room for so many bytes in all.
    pub(super) fn grow(&mut self, capacity: usize) {
        match self {
            Self::Heap(bytes) => bytes.reserve_exact(capacity.saturating_sub(bytes.len())),
            Self::Piece { piece, .. } if capacity <= piece.len() => {}
            Self::Piece { .. } => {
                let mut bytes = Vec::with_capacity(capacity);
                bytes.extend_from_slice(self);
                *self = Self::Heap(bytes);
            }
        }
    }

    /// Adds these, for which there must be room.
    #[inline]
    pub(super) fn add(&mut self, more: &[u8]) {
        match self {
            Self::Heap(bytes) => bytes.extend_from_slice(more),
            Self::Piece { piece, length } => {
                let end = *length + more.len();
                piece[*length..end].copy_from_slice(more);
                *length = end;
            }
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::Heap(Vec::new())
    }
}

impl From<Vec<u8>> for Memory {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Heap(bytes)
    }
}

impl Clone for Memory {
    fn clone(&self) -> Self {
        Self::Heap(self.to_vec())
    }
}

impl Deref for Memory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Heap(bytes) => bytes,
            Self::Piece { piece, length } => &piece[..*length],
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
