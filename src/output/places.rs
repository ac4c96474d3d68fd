//! Where bytes of a kind are, many compared at once. Knows neither lines nor terminals.

use wide::u8x16;

/// Bytes whose places are found together, a bit of a word each.
pub(super) const BLOCK: usize = 64;
/// Bytes that are compared at once.
pub(super) const LANES: usize = 16;

/// Where such bytes are in the block: a bit each, the lowest for the first. Wanted is what is all ones
/// afterwards.
#[inline]
pub(super) fn places(block: &[u8; BLOCK], wanted: impl Fn(u8x16) -> u8x16) -> u64 {
    let (parts, _) = block.as_chunks::<LANES>();
    parts.iter().rev().fold(0, |bits, part| bits << LANES | u64::from(wanted(u8x16::new(*part)).to_bitmask()))
}

/// Calls with the place of each newline, in order.
#[inline]
pub(super) fn newlines(bytes: &[u8], mut found: impl FnMut(usize)) {
    let (blocks, rest) = bytes.as_chunks();
    for (index, block) in blocks.iter().enumerate() {
        let mut newlines = places(block, |bytes| bytes.simd_eq(u8x16::splat(b'\n')));
        while newlines != 0 {
            found(index * BLOCK + newlines.trailing_zeros() as usize);
            newlines &= newlines - 1;
        }
    }
    let start = bytes.len() - rest.len();
    let rest = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    rest.for_each(|(index, _)| found(start + index));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_newlines_are_found_in_order(bytes in prop::collection::vec(
            prop_oneof![1 => Just(b'\n'), 4 => any::<u8>()], 0..400,
        )) {
            let mut found = Vec::new();
            newlines(&bytes, |place| found.push(place));
            prop_assert_eq!(found, memchr::memchr_iter(b'\n', &bytes).collect::<Vec<_>>());
        }
    }
}
