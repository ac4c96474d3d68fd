//! State D: processes that wait for what nobody interrupts, and that no SIGKILL ends meanwhile.

use crate::support::{DEADLINE, Process, Screen, alive, minder, poll_until, sys, wait_ended};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// A file system whose server takes every request and answers none: who asks for something waits. What a
/// server has read already is waited for in state D, whatever signals come (the kernel's fs/fuse/dev.c).
struct HangingDisk {
    folder: PathBuf,
    server: Option<JoinHandle<()>>,
    over: Arc<AtomicBool>,
    /// How many requests it took, besides the one that begins.
    taken: Arc<AtomicUsize>,
}

impl HangingDisk {
    /// Seen by this thread alone and what it starts. `None` where that is not permitted.
    fn mount(folder: &Path) -> Option<Self> {
        unshare(CloneFlags::CLONE_NEWNS).ok()?;
        sys::mount(Path::new("/"), "none", libc::MS_REC | libc::MS_PRIVATE, "").ok()?;
        let options = File::options().read(true).write(true).custom_flags(libc::O_NONBLOCK).clone();
        let device = options.open("/dev/fuse").ok()?;
        let data = format!("fd={},rootmode=40000,user_id=0,group_id=0", device.as_fd().as_raw_fd());
        sys::mount(folder, "fuse", libc::MS_NOSUID | libc::MS_NODEV, &data).ok()?;
        let (over, taken) = (Arc::default(), Arc::default());
        let (server_over, server_taken) = (Arc::clone(&over), Arc::clone(&taken));
        let server = std::thread::spawn(move || serve(device, &server_over, &server_taken));
        Some(Self { folder: folder.to_owned(), server: Some(server), over, taken })
    }

    fn wait_taken(&self) {
        let taken = || (self.taken.load(Ordering::SeqCst) > 0).then_some(());
        assert!(poll_until(DEADLINE, taken).is_some(), "nobody asks for anything");
    }
}

impl Drop for HangingDisk {
    /// With its server's descriptor goes the file system: all who wait wake with an error.
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
        sys::unmount(&self.folder);
    }
}

fn serve(mut device: File, over: &AtomicBool, taken: &AtomicUsize) {
    /// The kernel hands nothing to a smaller buffer.
    const REQUEST: usize = 64 << 10;
    let mut request = vec![0; REQUEST];
    let mut begun = false;
    while !over.load(Ordering::SeqCst) {
        match device.read(&mut request) {
            Ok(length) if length >= 40 && !begun => {
                begun = device.write_all(&welcome(&request)).is_ok();
            }
            Ok(_) => {
                taken.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                poll_until::<()>(std::time::Duration::from_millis(10), || None);
            }
            Err(_) => return,
        }
    }
}

/// The answer to the kernel's first request (`FUSE_INIT`): version 7.31, and nothing that is optional.
fn welcome(request: &[u8]) -> Vec<u8> {
    const LENGTH: u32 = 16 + 64;
    const LARGEST_WRITE: u32 = 4096;
    let mut answer = Vec::new();
    answer.extend(LENGTH.to_ne_bytes());
    answer.extend([0; 4]);
    answer.extend(&request[8..16]);
    for word in [7_u32, 31, 0, 0, 0, LARGEST_WRITE, 1] {
        answer.extend(word.to_ne_bytes());
    }
    answer.resize(LENGTH as usize, 0);
    answer
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests wants to know what was not tested")]
fn tell_skipped() {
    eprintln!("skipped: no file system that hangs can be mounted here");
}

/// Runs a part of a test on a thread of its own, which may leave the others' mounts.
fn apart(test: fn()) {
    if let Err(panic) = std::thread::spawn(test).join() {
        std::panic::resume_unwind(panic);
    }
}

/// Who asks the disk for something below minder, once it does.
fn hanging(disk: &HangingDisk, processes: impl Fn() -> Vec<Process>) -> i32 {
    disk.wait_taken();
    let found = || processes().into_iter().find(|process| process.name == "cat");
    poll_until(DEADLINE, found).expect("it is marked").pid
}

#[test]
fn who_hangs_in_state_d_is_named_and_holds_nothing_up() {
    apart(|| {
        for by_signal in [false, true] {
            let launch = minder().size(110, 24).args(["run", "--grace", "300ms"]);
            let folder = launch.path("disk");
            std::fs::create_dir(&folder).expect("a folder can be made");
            let Some(disk) = HangingDisk::mount(&folder) else { return tell_skipped() };
            let lines = ["alpha=exec cat disk/file", "beta=exec sleep 1000"];
            let mut terminal = launch.args(lines).start();
            let cat = hanging(&disk, || terminal.processes());
            terminal.wait_until("both", |screen| screen.row_with(&["beta", "running"]));
            if by_signal {
                terminal.signal(Signal::SIGTERM);
            } else {
                terminal.send("t");
                let pending = |screen: &Screen| screen.row_with(&["alpha", "SIGKILL"]);
                terminal.wait_until("that it is killed and lives", pending);
                let hangs = || Process::find(cat).filter(|process| process.state == 'D');
                assert!(poll_until(DEADLINE, hangs).is_some(), "{:?}", Process::find(cat));
                terminal.send("i");
                terminal.wait_until("its state", |screen| screen.row_with(&["D disk sleep", "cat"]));
                terminal.send("iq");
            }
            let status = terminal.wait_exit();
            assert_eq!(status.code(), Some(125), "{status}");
            terminal.expect_restored();
            let screen = terminal.screen();
            let said = format!("could not end pid {cat} cat: D disk sleep");
            assert!(screen.contains(&said), "{said}\n{screen}");
            assert!(screen.contains("SIGKILL waits until it wakes"), "{screen}");
            assert!(alive(cat));
            let left: Vec<_> = terminal.processes().into_iter().filter(Process::alive).collect();
            assert!(left.iter().all(|process| process.pid == cat), "{left:#?}");
            drop(disk);
            assert!(wait_ended(cat, DEADLINE));
        }
    });
}

#[test]
fn a_guardian_says_whom_it_could_not_end() {
    apart(|| {
        let launch = minder().args(["run", "--headless", "--grace", "300ms"]);
        let folder = launch.path("disk");
        std::fs::create_dir(&folder).expect("a folder can be made");
        let Some(disk) = HangingDisk::mount(&folder) else { return tell_skipped() };
        let piped = launch.args(["alpha=exec cat disk/file", "beta=exec sleep 1000"]).start_piped();
        let cat = hanging(&disk, || piped.processes());
        kill(Pid::from_raw(crate::support::supervisor_of(piped.pid())), Signal::SIGKILL).expect("it lives");
        let finished = piped.finish();
        let text = finished.stderr_text();
        assert!(text.contains(&format!("could not end pid {cat} cat")), "{text}");
        assert_eq!(finished.status.code(), Some(137), "{text}");
        drop(disk);
        assert!(wait_ended(cat, DEADLINE));
    });
}

/// Set in a test that runs itself again, as the one that stands still.
const AGAIN: &str = "MINDER_TEST_AGAIN";

#[test]
fn who_stands_still_in_state_d_is_shown_so() {
    const NAME: &str = "process::uninterruptible::who_stands_still_in_state_d_is_shown_so";
    if std::env::var_os(AGAIN).is_some() {
        return sys::stand_still();
    }
    let us = std::env::current_exe().expect("we run").display().to_string();
    let line = format!("alpha={AGAIN}=1 exec '{us}' --exact {NAME} --test-threads=1");
    let mut terminal = minder().size(140, 24).run([&line]).start();
    terminal.wait_until("alpha", |screen| screen.row_with(&["alpha", "running"]));
    // A test has a thread of its own.
    terminal.send("i");
    terminal.wait_until("two threads", |screen| screen.row_with(&["S sleeping", " 2 "]));
    terminal.send("\r");
    terminal.wait_until("its state", |screen| screen.row_with(&["D disk sleep", "· process::"]));
    terminal.send("i");
    terminal.wait_without("COMMAND");
    // It can be killed, other than one that waits for a disk.
    terminal.send("q");
    assert_eq!(terminal.wait_exit().code(), Some(0));
    terminal.expect_nothing_left();
    terminal.expect_restored();
}
