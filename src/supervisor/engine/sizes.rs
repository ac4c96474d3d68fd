//! How large each worker's pane is: as large as all, or of a size of its own where several are shown
//! side by side. Knows nothing of where they stand.

use super::Supervisor;
use crate::protocol::Size;
use crate::reactor::Order;
use crate::spec::WorkerName;
use std::collections::HashMap;

/// Sizes of their own, by the workers' places.
pub(super) type Own = HashMap<usize, Size>;

impl Supervisor {
    /// The size of a worker's pane.
    pub(super) fn size_of(&self, place: usize) -> Size {
        self.own_sizes.get(&place).copied().unwrap_or(self.options.size)
    }

    /// All panes but those with a size of their own have this one now.
    pub(super) fn resize(&mut self, size: Size) {
        if size != self.options.size {
            self.options.size = size;
            let others = (0..self.workers.len()).filter(|place| !self.own_sizes.contains_key(place));
            self.reactor.order(Order::Resize(others.map(|place| (place, size)).collect()));
        }
    }

    /// These have sizes of their own now, and no others.
    pub(super) fn resize_some(&mut self, sizes: Vec<(WorkerName, Size)>) {
        let own: Own =
            sizes.into_iter().filter_map(|(name, size)| Some((*self.places.get(&name)?, size))).collect();
        let before = std::mem::replace(&mut self.own_sizes, own);
        let common = self.options.size;
        let changed = changes(common, &before, &self.own_sizes);
        if !changed.is_empty() {
            self.reactor.order(Order::Resize(changed));
        }
    }
}

/// Whose size is another one than before: a program is told of no change that is none.
fn changes(common: Size, before: &Own, now: &Own) -> Vec<(usize, Size)> {
    let size = |own: &Own, place| own.get(place).copied().unwrap_or(common);
    let left = before.keys().filter(|place| !now.contains_key(place));
    let changed = now.keys().chain(left).filter(|place| size(before, place) != size(now, place));
    changed.map(|place| (*place, size(now, place))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_has_another_size_is_told() {
        let size = |columns| Size { columns, rows: 24 };
        let own = |sizes: &[(usize, u16)]| -> Own {
            sizes.iter().map(|(place, columns)| (*place, size(*columns))).collect()
        };
        let told = |before: &[(usize, u16)], now: &[(usize, u16)]| {
            let mut told = changes(size(80), &own(before), &own(now));
            told.sort_by_key(|(place, _)| *place);
            told
        };
        assert_eq!(told(&[], &[(0, 40), (1, 80)]), [(0, size(40))]);
        assert_eq!(told(&[(0, 40), (1, 80)], &[(0, 40), (2, 30)]), [(2, size(30))]);
        assert_eq!(told(&[(0, 40), (2, 30)], &[]), [(0, size(80)), (2, size(80))]);
    }
}
