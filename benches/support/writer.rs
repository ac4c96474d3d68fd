//! A process that writes a stream as fast as it is taken: the bench itself, run once more.

use super::streams;
use std::io::{PipeWriter, Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};

const MARK: &str = "--writer";
/// What one write(2) hands over.
const WRITE: usize = 64 * 1024;

/// To be called first in `main`: true if this process was a writer and is done.
pub(crate) fn was_one() -> bool {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, mark, stream, total] = arguments.as_slice() else { return false };
    if mark != MARK {
        return false;
    }
    let total: usize = total.parse().expect("a number of bytes");
    let bytes = streams::written(stream, WRITE);
    // The gate: all begin at once.
    let _ = std::io::stdin().read(&mut [0]);
    let mut out = std::io::stdout().lock();
    let mut left = total;
    while left > 0 {
        let part = &bytes[..left.min(bytes.len())];
        if out.write_all(part).and_then(|()| out.flush()).is_err() {
            break;
        }
        left -= part.len();
    }
    true
}

/// Starts a writer of `total` bytes; it writes when its gate is closed.
pub(crate) fn start(stream: &str, total: usize, output: OwnedFd) -> (Child, PipeWriter) {
    let (waits, gate) = std::io::pipe().expect("descriptors are left");
    let program = std::env::current_exe().expect("it runs, so it has a path");
    let child = Command::new(program)
        .args([MARK, stream, &total.to_string()])
        .stdin(waits)
        .stdout(output)
        .stderr(Stdio::inherit())
        .spawn()
        .expect("it was started once");
    (child, gate)
}
