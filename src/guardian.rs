//! The first process: the one that the shell started. It has one thread, decides nothing and waits.
//!
//! It hands signals down to the supervisor, which is its child, and ends as the supervisor ended. If
//! the supervisor dies without saying that it is done, whatever killed it, the guardian kills every
//! process that is left (as a subreaper it has become their parent), gives the terminal back as it
//! was and says what happened. If the guardian dies, the supervisor gets SIGTERM and stops everything
//! in order. If both are killed at once, the kernel kills each worker's first process
//! (`PR_SET_PDEATHSIG`); what those had started lives on, with nobody left to end it.

use crate::protocol::{Pid, ProcessRef};
use crate::signal::Signal;
use crate::status::ExitStatus;
use crate::sys::terminal::Settings;
use crate::sys::waiting::{self, Side};
use crate::sys::{cgroup, clock, process, procfs, signals};
use nix::fcntl::OFlag;
use std::collections::HashSet;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

/// The supervisor's end of the line to its guardian.
#[derive(Debug)]
pub struct Guarded {
    guardian: Pid,
    done: OwnedFd,
}

impl Guarded {
    /// Says that everything is stopped and the terminal given back: what the supervisor ends with from
    /// now on is its word.
    pub fn done(&self) {
        // EPIPE: the guardian is gone, and nobody asks.
        let _ = nix::unistd::write(&self.done, b"d");
    }

    /// The guardian's pid.
    pub fn guardian(&self) -> Pid {
        self.guardian
    }
}

/// Splits this process in two: the guardian, which never returns from here, and the supervisor,
/// which goes on. To be called while there is one thread. Without a guardian, for want of a process
/// or a descriptor, the supervisor goes on alone: then a SIGKILL to it leaves what workers started.
pub fn stand() -> Option<Guarded> {
    let settings = Settings::of_stdin();
    let inherited: HashSet<Pid> = process::children().into_iter().collect();
    process::become_subreaper().ok()?;
    let (said, done) = nix::unistd::pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK).ok()?;
    let us = Pid(std::process::id() as i32);
    let mask = waiting::block_all();
    match waiting::fork() {
        Err(_) => {
            mask.restore();
            None
        }
        Ok(Side::Child) => {
            let alive = waiting::follow_parent(us, Signal::TERM);
            mask.restore();
            if !alive {
                std::process::exit(128 + Signal::TERM.number());
            }
            Some(Guarded { guardian: us, done })
        }
        Ok(Side::Parent { child, pidfd }) => {
            drop(done);
            let guardian = Guardian { supervisor: child, pidfd, said, inherited, settings };
            let code = guardian.watch();
            std::process::exit(code);
        }
    }
}

struct Guardian {
    supervisor: Pid,
    pidfd: OwnedFd,
    said: OwnedFd,
    /// Children that were there before us, by exec: not ours to end.
    inherited: HashSet<Pid>,
    settings: Option<Settings>,
}

impl Guardian {
    fn watch(&self) -> i32 {
        let status = loop {
            let taken = waiting::take();
            match taken.signal {
                Signal::CHLD => {
                    if let Some(status) = self.reap() {
                        break status;
                    }
                }
                // A terminal's signals go to the whole group, so the supervisor has its own.
                _ if taken.by_kernel => {}
                signal => {
                    // ESRCH: it has just ended, and its SIGCHLD is on the way.
                    let _ = process::signal(self.pidfd.as_fd(), signal);
                }
            }
        };
        let in_order = matches!(nix::unistd::read(&self.said, &mut [0]), Ok(1));
        if !in_order {
            self.clean_up(status);
        }
        end_as(status, in_order)
    }

    /// Reaps whoever ended. The supervisor's status, if it was among them.
    fn reap(&self) -> Option<ExitStatus> {
        let mut ended = None;
        for pid in process::children() {
            if let Ok(Some(status)) = process::reap_adopted(pid)
                && pid == self.supervisor
            {
                ended = Some(status);
            }
        }
        ended
    }

    fn clean_up(&self, status: ExitStatus) {
        // First the terminal: whatever else goes wrong, the user can type.
        if let Some(settings) = &self.settings {
            settings.give_back();
        }
        cgroup::kill_all(self.supervisor);
        let (killed, left) = self.kill_all();
        cgroup::remove_all(self.supervisor);
        let ended = match killed {
            0 => "nothing that it minded was left".to_owned(),
            1 => "1 process that was left was killed".to_owned(),
            count => format!("{count} processes that were left were killed"),
        };
        let mut lines = vec![format!("minder: the supervisor died: {status}; {ended}")];
        let unkilled = |process| format!("minder: could not end {process}: it did not die of SIGKILL");
        lines.extend(left.into_iter().map(unkilled));
        // Nobody is left to be told if stderr is closed.
        let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
    }

    /// Kills all children of ours, and what becomes our child by that, until none is left. How many
    /// there were, and who did not die within five seconds.
    fn kill_all(&self) -> (usize, Vec<ProcessRef>) {
        let until = clock::now() + Duration::from_secs(5);
        let mut killed = HashSet::new();
        loop {
            let left: Vec<Pid> =
                process::children().into_iter().filter(|pid| !self.inherited.contains(pid)).collect();
            if left.is_empty() {
                return (killed.len(), Vec::new());
            }
            if clock::now() >= until {
                let name = |pid| procfs::read(pid).map(|process| process.name).unwrap_or_default().into();
                let left = left.into_iter().map(|pid| ProcessRef { pid, name: name(pid) });
                return (killed.len(), left.collect());
            }
            // Frozen first: what is stopped starts nothing while we go from one to the next.
            for signal in [Signal::STOP, Signal::KILL] {
                for &pid in &left {
                    // It is our child: only we can reap it, so the pid is its own.
                    if let Ok(pidfd) = process::open(pid) {
                        let _ = process::signal(pidfd.as_fd(), signal);
                    }
                }
            }
            for &pid in &left {
                process::await_end(pid, Duration::from_millis(100));
                if procfs::read(pid).is_none_or(|process| process.is_zombie()) {
                    killed.insert(pid);
                }
                let _ = process::reap_adopted(pid);
            }
        }
    }
}

/// Ends as the supervisor did, so that whoever waits for us sees it.
fn end_as(status: ExitStatus, in_order: bool) -> i32 {
    if let ExitStatus::Signaled { signal, .. } = status
        && in_order
    {
        signals::die_by(signal);
    }
    status.shell_code()
}
