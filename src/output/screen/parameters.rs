//! The parameters of a control sequence, from whichever parser. Knows no function.

/// As many as vte keeps, so that both parsers cut at the same place.
const MOST: usize = 32;

/// Numbers between `CSI` and the final byte, with how they were separated. There is at least one.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    values: [u16; MOST],
    /// Bit `i`: value `i` came after a colon.
    colons: u32,
    count: usize,
}

impl Parameters {
    pub(super) const fn new() -> Self {
        Self { values: [0; MOST], colons: 0, count: 0 }
    }

    /// Adds one. Says `false` where there is no room.
    #[inline]
    pub(super) fn push(&mut self, value: u16, after_colon: bool) -> bool {
        if self.count == MOST {
            return false;
        }
        self.values[self.count] = value;
        self.colons |= u32::from(after_colon) << self.count;
        self.count += 1;
        true
    }

    /// All of them, in order.
    #[inline]
    pub(super) fn values(&self) -> &[u16] {
        &self.values[..self.count]
    }

    /// The one at `index` as it is, 0 where there is none.
    #[inline]
    pub(super) fn raw(&self, index: usize) -> usize {
        self.values().get(index).copied().map_or(0, usize::from)
    }

    /// The one at `index` as a count: none and 0 mean 1.
    #[inline]
    pub(super) fn count(&self, index: usize) -> usize {
        self.raw(index).max(1)
    }

    /// How many values after `index` belong to it by colons.
    #[inline]
    pub(super) fn sub_count(&self, index: usize) -> usize {
        if self.colons == 0 {
            return 0;
        }
        (index + 1..self.count).take_while(|&next| self.colons >> next & 1 == 1).count()
    }
}

impl From<&vte::Params> for Parameters {
    fn from(params: &vte::Params) -> Self {
        let mut all = Self::new();
        for group in params {
            for (index, &value) in group.iter().enumerate() {
                all.push(value, index > 0);
            }
        }
        all
    }
}
