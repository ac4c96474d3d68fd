//! Where the printer reads lines from: the guest's outputs. A trait, so that tests can say more
//! exactly what there is to read.

use crate::guest::Guest;
use crate::output::Line;
use crate::spec::WorkerName;

/// What came of reading a worker's lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// How many lines before them had to go unread.
    pub(super) dropped: u64,
    /// The line to go on from.
    pub(super) next: u64,
}

/// Finished lines by worker.
pub(super) trait Lines {
    /// Shows each line from `next` on, about `max_bytes` of them, to `each`.
    fn take(&self, name: &WorkerName, next: u64, max_bytes: usize, each: &mut dyn FnMut(Line<'_>)) -> Taken;

    /// One past the last line that is there now.
    fn end(&self, name: &WorkerName) -> u64;

    /// Says that all before `next` is printed: a worker that is far ahead waits. With `None` nobody
    /// prints, and it never does.
    fn printed(&self, name: &WorkerName, next: Option<u64>);
}

impl Lines for Guest {
    fn take(&self, name: &WorkerName, next: u64, max_bytes: usize, each: &mut dyn FnMut(Line<'_>)) -> Taken {
        let Some(output) = self.output(name) else { return Taken { dropped: 0, next } };
        // The lock is released with this statement: lines are read from blocks that are shared.
        let taken = output.lock().take_from(next, max_bytes);
        taken.lines().for_each(each);
        Taken { dropped: taken.dropped, next: taken.next }
    }

    fn end(&self, name: &WorkerName) -> u64 {
        self.output(name).map_or(0, |output| output.lock().lines().end)
    }

    fn printed(&self, name: &WorkerName, next: Option<u64>) {
        if let Some(output) = self.output(name) {
            output.set_printed_up_to(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{Output, Stream, recolored};
    use crate::protocol::Size;
    use std::sync::Arc;
    use std::time::SystemTime;

    #[test]
    fn lines_of_a_real_output_come_in_turns_and_whole() {
        let size = Size { columns: 80, rows: 24 };
        let (name, output) = (WorkerName::from("api"), Arc::new(Output::new(size, false)));
        let outputs = crate::guest::Outputs::default();
        outputs.add(name.clone(), Arc::clone(&output));
        let (commands, _inbox) = crossbeam_channel::unbounded();
        let (guest, _subscriber) = Guest::new(commands, Arc::default(), outputs);
        let say = |stream, text: &str| {
            output.lock().feed(stream, text.as_bytes(), SystemTime::UNIX_EPOCH);
        };
        say(Stream::Terminal, "one\r\n\u{1b}[32mtwo\u{1b}[m\r\n10 %\r20 %\r\nthr");
        let read = |next: u64, max_bytes| {
            let mut lines = Vec::new();
            let taken = guest.take(&name, next, max_bytes, &mut |line| {
                let mut text = Vec::new();
                recolored(line.bytes, false, &mut text);
                lines.push(String::from_utf8(text).unwrap());
            });
            assert_eq!(taken.next, next + lines.len() as u64);
            lines
        };
        assert_eq!(guest.end(&name), 3);
        assert_eq!(read(0, 1), ["one"]);
        assert_eq!(read(1, 1000), ["two", "20 %"]);
        say(Stream::Terminal, "ee\r\n");
        assert_eq!(read(3, 1000), ["three"]);
        assert_eq!(read(4, 1000), [""; 0]);
        let stranger = WorkerName::from("web");
        assert_eq!((guest.end(&stranger), read(4, 1000).len()), (0, 0));
    }
}
