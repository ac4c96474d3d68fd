//! Tab stops. Knows no cursor.

/// Columns between the stops that a terminal starts with.
const EVERY: usize = 8;

/// One flag per column.
#[derive(Debug)]
pub(super) struct Tabs(Vec<bool>);

impl Tabs {
    pub(super) fn new(columns: usize) -> Self {
        let mut tabs = Self(Vec::new());
        tabs.resize(columns);
        tabs
    }

    /// New columns get the stops that they had at the start.
    pub(super) fn resize(&mut self, columns: usize) {
        let old = self.0.len();
        self.0.truncate(columns);
        self.0.extend((old..columns).map(|column| column % EVERY == 0));
    }

    pub(super) fn set(&mut self, column: usize, stop: bool) {
        if let Some(flag) = self.0.get_mut(column) {
            *flag = stop;
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.fill(false);
    }

    /// The next stop to the right, or the last column.
    pub(super) fn next(&self, column: usize) -> usize {
        let from = (column + 1).min(self.0.len());
        let found = self.0[from..].iter().position(|&stop| stop);
        found.map_or(self.0.len() - 1, |distance| from + distance)
    }

    /// The next stop to the left, or the first column.
    pub(super) fn previous(&self, column: usize) -> usize {
        self.0[..column.min(self.0.len())].iter().rposition(|&stop| stop).unwrap_or(0)
    }
}
