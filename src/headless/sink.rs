//! A writer that may fail for a while: what it could not take is kept and tried again, whole.

use std::io::{self, ErrorKind, Write};
use std::time::Duration;

/// Where lines of workers go. One that cannot take any just now is not waited for: it says `WouldBlock`,
/// so that news are told beside it.
pub trait Out: Write {
    /// Waits until it takes something, at most so long. Whether it does.
    fn await_room(&mut self, at_most: Duration) -> bool;
}

/// Bytes on their way to a writer, in order, none twice.
#[derive(Debug)]
pub(super) struct Sink<W> {
    writer: W,
    pending: Vec<u8>,
    written: usize,
    gone: bool,
}

/// What came of writing.
#[derive(Debug)]
pub(super) enum Written {
    /// Everything is out.
    All,
    /// The writer takes nothing right now (`EAGAIN`).
    Later,
    /// The writer failed; the rest is kept.
    Failed(io::Error),
    /// Nobody reads any more (`EPIPE`); told once, and from now on everything is thrown away.
    Gone,
}

impl<W: Write> Sink<W> {
    pub(super) fn new(writer: W) -> Self {
        Self { writer, pending: Vec::new(), written: 0, gone: false }
    }

    /// Where to append what is to be written next: whole lines.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.pending
    }

    /// How many bytes wait.
    pub(super) fn waiting(&self) -> usize {
        self.pending.len() - self.written
    }

    /// Whether nobody reads any more.
    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    /// Writes what waits, as far as the writer takes it.
    pub(super) fn write(&mut self) -> Written {
        if self.gone {
            self.forget();
            return Written::All;
        }
        match self.write_pending() {
            Ok(()) => {
                self.forget();
                Written::All
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.forget_written();
                Written::Later
            }
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.gone = true;
                self.forget();
                Written::Gone
            }
            Err(error) => {
                self.forget_written();
                Written::Failed(error)
            }
        }
    }

    /// Waits until its writer takes something, at most so long. Whether it does.
    pub(super) fn await_room(&mut self, at_most: Duration) -> bool
    where
        W: Out,
    {
        self.writer.await_room(at_most)
    }

    fn write_pending(&mut self) -> io::Result<()> {
        while self.waiting() > 0 {
            match self.writer.write(&self.pending[self.written..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.writer.flush()
    }

    /// A writer that never takes all at once must not leave us with all that it took.
    fn forget_written(&mut self) {
        self.pending.drain(..self.written);
        self.written = 0;
    }

    /// Throws away what waits.
    pub(super) fn forget(&mut self) {
        self.pending.clear();
        self.written = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Fickle;
    use super::*;

    #[test]
    fn what_could_not_be_written_is_written_later_and_only_once() {
        let fickle = Fickle::default();
        let mut sink = Sink::new(fickle.clone());
        sink.buffer().extend_from_slice(b"hello world\n");
        fickle.take_then_fail(5, ErrorKind::StorageFull);
        assert!(matches!(sink.write(), Written::Failed(_)));
        assert_eq!((fickle.text().as_str(), sink.waiting()), ("hello", 7));
        fickle.take_then_fail(1, ErrorKind::WouldBlock);
        assert!(matches!(sink.write(), Written::Later));
        sink.buffer().extend_from_slice(b"more\n");
        fickle.take_all();
        assert!(matches!(sink.write(), Written::All));
        assert_eq!((fickle.text().as_str(), sink.waiting()), ("hello world\nmore\n", 0));
    }

    #[test]
    fn what_a_slow_writer_took_is_not_kept() {
        let fickle = Fickle::default();
        let mut sink = Sink::new(fickle.clone());
        for _ in 0..1000 {
            sink.buffer().extend_from_slice(b"one line of text\n");
            fickle.take_then_fail(sink.waiting() - 1, ErrorKind::WouldBlock);
            assert!(matches!(sink.write(), Written::Later));
            assert!(sink.pending.len() < 100, "{} bytes are kept", sink.pending.len());
        }
        fickle.take_all();
        assert!(matches!(sink.write(), Written::All));
        assert_eq!(fickle.text(), "one line of text\n".repeat(1000));
    }

    #[test]
    fn a_reader_that_went_is_told_once_and_nothing_is_kept() {
        let fickle = Fickle::default();
        let mut sink = Sink::new(fickle.clone());
        fickle.take_then_fail(0, ErrorKind::BrokenPipe);
        sink.buffer().extend_from_slice(b"x\n");
        assert!(matches!(sink.write(), Written::Gone));
        sink.buffer().extend_from_slice(b"y\n");
        assert!(matches!(sink.write(), Written::All));
        assert_eq!((sink.waiting(), sink.is_gone()), (0, true));
    }
}
