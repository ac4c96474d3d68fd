//! The emulator judged by data: cases after the standards' rules, and recordings of real programs. Owns
//! how they are read and told; knows the emulator by its public seam alone.

mod case;
mod cases;
mod escapes;
mod recorded;
mod sheet;

use proptest::sample::Index;
use sheet::Sheet;

/// Cuts bytes at these places.
fn cut<'a>(bytes: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut from = 0;
    let ends = places.into_iter().chain([bytes.len()]);
    ends.map(|to| &bytes[std::mem::replace(&mut from, to)..to]).collect()
}
