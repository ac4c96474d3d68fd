//! The rows of very long lines, kept from one drawing to the next: to wrap a line of a megabyte takes
//! longer than a frame. Knows no log.

use crate::output::log::MAX_LINE_BYTES;
use crate::output::styled;
use crate::output::view::Span;
use crate::output::wrap;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

/// Shorter lines are wrapped anew each time.
const LONG_BYTES: usize = 16 * 1024;

/// A line's rows, shared with whoever keeps them.
pub(super) type WrappedRows = Arc<Vec<Vec<Span>>>;

/// Rows of the long lines that were drawn last.
#[derive(Debug, Default)]
pub(super) struct Layouts {
    kept: RefCell<VecDeque<Layout>>,
}

#[derive(Debug)]
struct Layout {
    line: u64,
    /// `None`: all of it in one row.
    columns: Option<u16>,
    bytes: usize,
    rows: WrappedRows,
}

impl Layouts {
    /// The rows of a finished line, which is the same whenever it is asked for by its number.
    pub(super) fn rows(&self, line: u64, bytes: &[u8], columns: u16) -> WrappedRows {
        self.made(line, bytes, Some(columns), || wrapped(bytes, columns))
    }

    /// All of a finished line in one row, whatever its width.
    pub(super) fn whole(&self, line: u64, bytes: &[u8]) -> WrappedRows {
        self.made(line, bytes, None, || Arc::new(vec![styled::spans(bytes)]))
    }

    fn made(
        &self,
        line: u64,
        bytes: &[u8],
        columns: Option<u16>,
        make: impl FnOnce() -> WrappedRows,
    ) -> WrappedRows {
        if bytes.len() < LONG_BYTES {
            return make();
        }
        let mut kept = self.kept.borrow_mut();
        let same = |layout: &&Layout| layout.line == line && layout.columns == columns;
        if let Some(layout) = kept.iter().find(same) {
            return Arc::clone(&layout.rows);
        }
        let rows = make();
        let layout = Layout { line, columns, bytes: bytes.len(), rows: Arc::clone(&rows) };
        kept.push_back(layout);
        // The newest is kept whatever it takes.
        while kept.len() > 1 && kept.iter().map(|layout| layout.bytes).sum::<usize>() > MAX_LINE_BYTES {
            kept.pop_front();
        }
        rows
    }
}

/// The rows of a line that may change.
pub(super) fn wrapped(bytes: &[u8], columns: u16) -> WrappedRows {
    Arc::new(wrap::rows(&styled::spans(bytes), columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_wrapped_once_and_only_some_are_kept() {
        let layouts = Layouts::default();
        let line = |number: u64| format!("é{number}").repeat(100_000).into_bytes();
        let first = layouts.rows(0, &line(0), 80);
        assert!(Arc::ptr_eq(&first, &layouts.rows(0, &line(0), 80)));
        assert_eq!(first, wrapped(&line(0), 80));
        assert_eq!(layouts.rows(0, &line(0), 79), wrapped(&line(0), 79));
        for number in 1..9 {
            assert_eq!(layouts.rows(number, &line(number), 80), wrapped(&line(number), 80));
        }
        assert!(layouts.kept.borrow().len() <= MAX_LINE_BYTES / line(0).len());
        layouts.rows(9, "é".as_bytes(), 80);
        assert!(layouts.kept.borrow().iter().all(|layout| layout.line != 9));
    }
}
