//! How far a map may run ahead of whoever takes its results, and in which order they are handed out.
//! Pure: knows neither jobs nor items.

use std::collections::BTreeMap;

/// In which order results are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handing {
    /// As the items came.
    InOrder,
    /// As they finish.
    AsTheyFinish,
}

/// The jobs of one map between the input and the taker: at most `bound` of them are out, counted from
/// the pull of their items to the hand-over of their results.
#[derive(Debug)]
pub(super) struct Window<R> {
    handing: Handing,
    bound: usize,
    pulled: u64,
    handed: u64,
    /// The next one to be handed out, in order.
    next: u64,
    finished: BTreeMap<u64, R>,
    /// In the order in which they finished; stands for `finished` where that is the order wanted.
    arrived: std::collections::VecDeque<u64>,
}

impl<R> Window<R> {
    pub(super) fn new(handing: Handing, bound: usize) -> Self {
        let (finished, arrived) = Default::default();
        Self { handing, bound: bound.max(1), pulled: 0, handed: 0, next: 0, finished, arrived }
    }

    /// Whether one more may be pulled from the input.
    pub(super) fn has_room(&self) -> bool {
        self.out() < self.bound as u64
    }

    /// How many are pulled and not handed out.
    pub(super) fn out(&self) -> u64 {
        self.pulled - self.handed
    }

    /// One was pulled; its number.
    pub(super) fn pull(&mut self) -> u64 {
        self.pulled += 1;
        self.pulled - 1
    }

    /// One finished.
    pub(super) fn finish(&mut self, number: u64, result: R) {
        self.finished.insert(number, result);
        self.arrived.push_back(number);
    }

    /// The next result that may be handed out now.
    pub(super) fn hand(&mut self) -> Option<R> {
        let number = match self.handing {
            Handing::InOrder => self.next,
            Handing::AsTheyFinish => *self.arrived.front()?,
        };
        let result = self.finished.remove(&number)?;
        self.arrived.retain(|other| *other != number);
        self.next = number + 1;
        self.handed += 1;
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_more_than_the_bound_is_out_and_all_come_in_order(
            bound in 1..6_usize,
            in_order: bool,
            items in 0..40_u64,
            choices in proptest::collection::vec((0..3_u8, any::<usize>()), 0..400),
        ) {
            let handing = if in_order { Handing::InOrder } else { Handing::AsTheyFinish };
            let mut window = Window::new(handing, bound);
            let (mut running, mut finished, mut handed, mut left) = (Vec::new(), Vec::new(), Vec::new(), items);
            // After the random part: everything that can happen, until nothing can.
            let rest = (0..3 * items as usize + 3).flat_map(|_| [(0, 0), (1, 0), (2, 0)]);
            for (what, which) in choices.into_iter().chain(rest) {
                match what {
                    0 if left > 0 && window.has_room() => {
                        running.push(window.pull());
                        left -= 1;
                    }
                    1 if !running.is_empty() => {
                        let number = running.remove(which % running.len());
                        window.finish(number, number);
                        finished.push(number);
                    }
                    2 => handed.extend(window.hand()),
                    _ => {}
                }
                prop_assert!(window.out() <= bound as u64);
                prop_assert_eq!(window.out(), (items - left) - handed.len() as u64);
            }
            let expected = if in_order { (0..items).collect() } else { finished };
            prop_assert_eq!(handed, expected);
        }
    }
}
