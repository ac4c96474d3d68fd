//! What the end-to-end benches share: processes that pour lines, and the physical limit, a loop that
//! reads the same bytes and throws them away.

use super::figures;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Set for a process that is to pour.
pub(crate) const POUR: &str = "MINDER_BENCH_POUR";
/// How much one write writes.
const WRITE_BYTES: usize = 64 * 1024;
/// What one read of the bare reader takes at most: the fastest of 64, 256 and 1024 KB (2.2 to 2.5, 2.1 and
/// 1.9 GB/s of one writer).
const READ_BYTES: usize = 64 * 1024;
/// How long a line is, its newline included.
const LINE_BYTES: usize = 80;

/// Becomes a process that pours lines for ever, if it was started as one. To be called first.
pub(crate) fn pour_if_asked() {
    if std::env::var_os(POUR).is_none() {
        return;
    }
    // Not before all of them are there.
    let _ = std::io::stdin().read(&mut [0]);
    let lines: Vec<u8> = (0..).flat_map(line).take(WRITE_BYTES * LINE_BYTES).collect();
    // Not std's, which looks for line ends.
    let mut out = std::fs::File::from(std::io::stdout().as_fd().try_clone_to_owned().expect("it is open"));
    while lines.chunks(WRITE_BYTES).all(|piece| out.write_all(piece).is_ok()) {}
    std::process::exit(0);
}

fn line(number: u64) -> Vec<u8> {
    let id = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let text = format!(
        "2026-11-22T12:00:{:02} INFO api: GET /items/{} 200 in {} us",
        number % 60,
        id % 99_991,
        id % 7919
    );
    format!("{text:<width$}\n", width = LINE_BYTES - 1).into_bytes()
}

/// A process that pours as soon as it is told to.
pub(crate) struct Pouring {
    pub(crate) child: Child,
    start: Option<ChildStdin>,
}

impl Pouring {
    pub(crate) fn new() -> (Self, ChildStdout) {
        let mut command = Command::new(std::env::current_exe().expect("the bench has a path"));
        let mut child = command
            .env(POUR, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the bench starts itself");
        let (start, out) = (child.stdin.take(), child.stdout.take().expect("it was asked for"));
        (Self { child, start }, out)
    }

    pub(crate) fn start(&mut self) {
        self.start = None;
    }
}

impl Drop for Pouring {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How fast bytes came, and of whom how many.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub(crate) elapsed: Duration,
    pub(crate) shares: Vec<u64>,
    /// What the reading thread worked.
    pub(crate) cpu: Duration,
}

impl Flow {
    pub(crate) fn rate(&self) -> f64 {
        self.shares.iter().sum::<u64>() as f64 / self.elapsed.as_secs_f64()
    }

    /// How long the reading thread worked for a byte, in nanoseconds.
    pub(crate) fn cost(&self) -> f64 {
        self.cpu.as_nanos() as f64 / self.shares.iter().sum::<u64>() as f64
    }

    /// The smallest and the largest share, 1 is fair.
    pub(crate) fn fairness(&self) -> (f64, f64) {
        let fair = self.shares.iter().sum::<u64>() as f64 / self.shares.len() as f64;
        let of = |share: Option<&u64>| share.map_or(0.0, |share| *share as f64 / fair);
        (of(self.shares.iter().min()), of(self.shares.iter().max()))
    }
}

/// Reads so many bytes of so many processes and throws them away: one thread, one epoll, pipes of this
/// size. What `prepare` does is not measured.
pub(crate) fn bare(writers: usize, bytes: u64, pipe: usize, prepare: impl FnOnce()) -> Flow {
    let (mut pouring, outs): (Vec<_>, Vec<_>) = (0..writers).map(|_| Pouring::new()).unzip();
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).expect("an epoll");
    for (index, out) in outs.iter().enumerate() {
        let _ = fcntl(out, FcntlArg::F_SETPIPE_SZ(pipe as i32));
        epoll.add(out, EpollEvent::new(EpollFlags::EPOLLIN, index as u64)).expect("it can be watched");
    }
    let mut buffer = vec![0; READ_BYTES];
    let mut ready = vec![EpollEvent::empty(); 256];
    let mut shares = vec![0; writers];
    let mut left = bytes;
    prepare();
    let (begin, before) = (now(), figures::own_time());
    pouring.iter_mut().for_each(Pouring::start);
    while left > 0 && begin.elapsed() < give_up_after(bytes) {
        let count = epoll.wait(&mut ready, EpollTimeout::NONE).expect("it waits");
        for event in &ready[..count] {
            let index = event.data() as usize;
            let read = nix::unistd::read(&outs[index], &mut buffer).expect("it reads") as u64;
            shares[index] += read;
            left = left.saturating_sub(read);
        }
    }
    Flow { elapsed: begin.elapsed(), shares, cpu: figures::own_time().saturating_sub(before) }
}

/// How long so many bytes are waited for: what came until then counts.
pub(crate) fn give_up_after(bytes: u64) -> Duration {
    Duration::from_secs(10 + bytes / (100 << 20))
}

#[expect(clippy::disallowed_methods, reason = "a bench measures")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
