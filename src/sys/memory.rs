//! Memory in equal pieces, taken from huge pages where the kernel has some: a flood of lines would
//! else pay for a page fault every 4 KiB, which is more than all else that is done with them. Knows
//! not what is kept in it.
#![expect(unsafe_code, reason = "mmap(2), and slices of what it gives")]

use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mmap_anonymous, munmap};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::c_void;
use std::num::NonZero;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// The size of a piece in bytes.
pub const PIECE_BYTES: usize = 64 * 1024;
/// What is asked of the kernel at once: a huge page of x86-64 and of most ARM kernels. It begins at a
/// multiple of its size.
const SLAB_BYTES: usize = 2 << 20;
/// The pieces of a slab, a bit each.
const ALL_FREE: u32 = u32::MAX;
const _: () = assert!(SLAB_BYTES / PIECE_BYTES == ALL_FREE.count_ones() as usize);
/// So many slabs of which nothing is used are not given back: the next piece is wanted soon.
const SLABS_KEPT: usize = 2;

/// [`PIECE_BYTES`] of memory. What is in a new one is arbitrary.
#[derive(Debug)]
pub struct Piece(NonNull<u8>);

// SAFETY: a piece is memory of its own, which nobody else points to until it is dropped.
unsafe impl Send for Piece {}
// SAFETY: a shared piece is only read.
unsafe impl Sync for Piece {}

impl Piece {
    /// A piece; `None` where the kernel has no memory for us.
    pub fn new() -> Option<Self> {
        let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
        pool.take().map(Self)
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        POOL.lock().unwrap_or_else(PoisonError::into_inner).give_back(self.0);
    }
}

impl Deref for Piece {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: PIECE_BYTES from here on are mapped and ours while the piece lives, and were zeros
        // when they were mapped (mmap(2), MAP_ANONYMOUS), so all are initialised.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr(), PIECE_BYTES) }
    }
}

impl DerefMut for Piece {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `deref`; and who has the piece mutably has it alone.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_ptr(), PIECE_BYTES) }
    }
}

static POOL: Mutex<Pool> = Mutex::new(Pool { slabs: BTreeMap::new(), open: BTreeSet::new(), unused: 0 });

#[derive(Debug)]
struct Pool {
    /// Each slab by its address, and which of its pieces are free.
    slabs: BTreeMap<usize, u32>,
    /// Those with a free piece. The lowest is used first, so that the others become free as a whole.
    open: BTreeSet<usize>,
    /// How many are free as a whole.
    unused: usize,
}

impl Pool {
    fn take(&mut self) -> Option<NonNull<u8>> {
        let base = match self.open.first() {
            Some(base) => *base,
            None => self.add(map_slab()?),
        };
        let free = self.slabs.get_mut(&base)?;
        let index = free.trailing_zeros();
        self.unused -= usize::from(*free == ALL_FREE);
        *free &= !(1 << index);
        if *free == 0 {
            self.open.remove(&base);
        }
        NonNull::new((base + index as usize * PIECE_BYTES) as *mut u8)
    }

    fn add(&mut self, base: usize) -> usize {
        self.slabs.insert(base, ALL_FREE);
        self.open.insert(base);
        self.unused += 1;
        base
    }

    fn give_back(&mut self, piece: NonNull<u8>) {
        let address = piece.as_ptr() as usize;
        let base = address & !(SLAB_BYTES - 1);
        let Some(free) = self.slabs.get_mut(&base) else { return };
        *free |= 1 << ((address - base) / PIECE_BYTES);
        let unused = *free == ALL_FREE;
        if unused && self.unused >= SLABS_KEPT {
            self.slabs.remove(&base);
            self.open.remove(&base);
            unmap(base, SLAB_BYTES);
        } else {
            self.open.insert(base);
            self.unused += usize::from(unused);
        }
    }
}

/// A slab's worth of zeros at a multiple of its size.
fn map_slab() -> Option<usize> {
    let twice = NonZero::new(2 * SLAB_BYTES)?;
    // SAFETY: a new mapping at an address of the kernel's choice touches nothing that is in use.
    let mapped = unsafe {
        mmap_anonymous(None, twice, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_PRIVATE)
    };
    let mapped = mapped.ok()?.as_ptr() as usize;
    let base = mapped.next_multiple_of(SLAB_BYTES);
    unmap(mapped, base - mapped);
    unmap(base + SLAB_BYTES, mapped + SLAB_BYTES - base);
    if let Some(start) = NonNull::new(base as *mut c_void) {
        // SAFETY: the range is our mapping. Advice changes no byte of it; a kernel without huge pages
        // refuses it, and its pages are small then.
        let _ = unsafe { madvise(start, SLAB_BYTES, MmapAdvise::MADV_HUGEPAGE) };
    }
    Some(base)
}

/// Gives a part of our mappings back that nobody points to.
fn unmap(base: usize, length: usize) {
    if let Some(start) = NonNull::new(base as *mut c_void).filter(|_| length > 0) {
        // SAFETY: the callers pass the rims of a mapping just made, or a slab without a used piece.
        // A failure (ENOMEM, too many mappings) leaves it mapped, which does no harm.
        let _ = unsafe { munmap(start, length) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_apart_and_are_used_again() {
        let mut pieces: Vec<Piece> = (0..100).map(|_| Piece::new().unwrap()).collect();
        for (number, piece) in pieces.iter_mut().enumerate() {
            piece.fill(number as u8);
        }
        // Every other one is given back, and somebody else writes to what comes of it.
        let pieces: Vec<Piece> = pieces.into_iter().step_by(2).collect();
        let mut others: Vec<Piece> = (0..100).map(|_| Piece::new().unwrap()).collect();
        for piece in &mut others {
            piece.fill(0xFF);
        }
        let kept = |(number, piece): (usize, &Piece)| piece.iter().all(|byte| *byte == number as u8 * 2);
        assert!(pieces.iter().enumerate().all(kept));
    }

    #[test]
    fn unused_slabs_go_back_but_for_a_few() {
        let mut pool = Pool { slabs: BTreeMap::new(), open: BTreeSet::new(), unused: 0 };
        let pieces: Vec<_> = (0..=5 * 32).map(|_| pool.take().unwrap()).collect();
        assert_eq!((pool.slabs.len(), pool.open.len(), pool.unused), (6, 1, 0));
        for piece in pieces {
            pool.give_back(piece);
        }
        assert_eq!((pool.slabs.len(), pool.open.len(), pool.unused), (SLABS_KEPT, SLABS_KEPT, SLABS_KEPT));
        pool.slabs.keys().for_each(|base| unmap(*base, SLAB_BYTES));
    }
}
