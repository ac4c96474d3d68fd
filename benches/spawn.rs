//! Starting a process and waiting for its end: ours against the physical limit, a bare posix_spawn
//! (std's `Command`), with little memory of our own and with a gigabyte: the ratio must not change.

use divan::{Bencher, black_box};
use minder::sys::spawn::{Launch, Spawner};
use std::ffi::OsString;
use std::fs::File;
use std::os::fd::AsFd;
use std::process::{Command, Stdio};

fn main() {
    divan::main();
}

/// Memory that is really there, as logs and screens would take.
fn ballast(megabytes: usize) -> Vec<u8> {
    vec![1; megabytes << 20]
}

#[divan::bench(args = [1, 1024])]
fn ours(bencher: Bencher<'_, '_>, megabytes: usize) {
    let held = black_box(ballast(megabytes));
    let mut spawner = Spawner::new().expect("a stack");
    let null = File::options().read(true).write(true).open("/dev/null").expect("/dev/null");
    let argv = [OsString::from("/bin/true")];
    bencher.bench_local(|| {
        let launch = Launch {
            argv: &argv,
            environment: &[],
            cwd: None,
            standard: [null.as_fd(), null.as_fd(), null.as_fd()],
            terminal: None,
            cgroup: None,
            umask: None,
            nice: None,
            limits: &[],
            keep_ignored: &[],
            session: true,
            inherit: false,
        };
        let child = spawner.spawn(&launch).expect("it starts");
        child.await_end(std::time::Duration::from_secs(10));
        child.reap().expect("it is ours")
    });
    drop(held);
}

#[divan::bench(args = [1, 1024])]
fn posix_spawn(bencher: Bencher<'_, '_>, megabytes: usize) {
    let held = black_box(ballast(megabytes));
    bencher.bench_local(|| {
        let mut command = Command::new("/bin/true");
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().expect("it starts")
    });
    drop(held);
}
