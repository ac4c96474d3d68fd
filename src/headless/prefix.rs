//! What stands in front of a worker's lines: its name, padded so that all texts begin in the same
//! column, and a mark that says on which stream they came.

use super::paint::Paint;
use crate::output::Stream;
use crate::protocol::WorkerView;
use unicode_width::UnicodeWidthStr;

/// A worker's prefixes, ready to be copied in front of each line.
///
/// `api │ text` for what came on the terminal or on standard output, `api ! text` for standard
/// error. Both go to minder's standard output, as with foreman: one stream keeps the order and one
/// `grep` finds both; standard error is minder's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prefix {
    out: String,
    err: String,
}

impl Prefix {
    /// The prefix of a stream's lines. None for minder's own lines: what they tell is told on
    /// standard error.
    pub(super) fn of(&self, stream: Stream) -> Option<&str> {
        match stream {
            Stream::Terminal | Stream::Stdout => Some(&self.out),
            Stream::Stderr => Some(&self.err),
            Stream::Ruling => None,
        }
    }
}

/// The columns that the widest name takes.
pub(super) fn widest<'a>(workers: impl IntoIterator<Item = &'a WorkerView>) -> usize {
    workers.into_iter().map(|worker| worker.name.as_str().width()).max().unwrap_or(0)
}

/// The prefixes of one worker: the name is padded to `width` columns, `place` counts from 0.
pub(super) fn prefix(worker: &WorkerView, place: usize, width: usize, colors: bool) -> Prefix {
    let name = worker.name.as_str();
    let pad = " ".repeat(width.saturating_sub(name.width()));
    let paint = Paint::of_name(worker.color, place);
    let out = format!("{} ", paint.on(format!("{name}{pad} │"), colors));
    let marked = paint.on(format!("{name}{pad}"), colors);
    Prefix { out, err: format!("{marked} {} ", Paint::Bad.on('!', colors)) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::worker;
    use super::*;
    use crate::protocol::State;

    #[test]
    fn texts_begin_in_the_same_column_whatever_the_names() {
        let workers = ["api", "日本", "a-long-name"].map(|name| worker(name, State::Idle));
        let width = widest(&workers);
        for worker in &workers {
            let prefix = prefix(worker, 0, width, false);
            for stream in [Stream::Terminal, Stream::Stdout, Stream::Stderr] {
                assert_eq!(prefix.of(stream).unwrap().width(), "a-long-name".len() + 3);
            }
            assert_eq!(prefix.of(Stream::Ruling), None);
        }
    }

    #[test]
    fn streams_are_marked_and_colours_end_before_the_text() {
        let worker = worker("api", State::Idle);
        let plain = prefix(&worker, 0, 5, false);
        assert_eq!(plain.of(Stream::Terminal), Some("api   │ "));
        assert_eq!(plain.of(Stream::Stderr), Some("api   ! "));
        let colored = prefix(&worker, 1, 5, true);
        assert_eq!(colored.of(Stream::Stdout), Some("\x1b[33mapi   │\x1b[0m "));
        assert_eq!(colored.of(Stream::Stderr), Some("\x1b[33mapi  \x1b[0m \x1b[31m!\x1b[0m "));
    }
}
