//! The first process: the one that the shell started. It has one thread, decides nothing and waits.
//!
//! It hands signals down to the supervisor, which is its child, and ends as the supervisor ended. If
//! the supervisor dies without saying that it is done, whatever killed it, the guardian kills every
//! process that is left (as a subreaper it has become their parent), gives the terminal back as it
//! was and says what happened. If the guardian dies, the supervisor gets SIGTERM and stops everything
//! in order. If both are killed at once, the kernel kills each worker's first process
//! (`PR_SET_PDEATHSIG`); what those had started lives on, with nobody left to end it.

use crate::protocol::Pid;
use crate::signal::Signal;
use crate::status::ExitStatus;
use crate::sys::handle::Handle;
use crate::sys::terminal::Settings;
use crate::sys::waiting::{self, Side};
use crate::sys::{cgroup, job_control, process, signals};
use nix::fcntl::OFlag;
use std::io::{self, Write};
use std::os::fd::OwnedFd;

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
    let settings = Settings::of_stdout();
    let inherited = process::children();
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
        Ok(Side::Parent(supervisor)) => {
            drop(done);
            let groups = cgroup::Place::of(supervisor.pid());
            let guardian = Guardian { supervisor, groups, said, inherited, settings };
            let code = guardian.watch();
            std::process::exit(code);
        }
    }
}

/// Whether a hang-up of the terminal is told to us and to nobody else.
fn leads_session() -> bool {
    nix::unistd::getsid(None) == Ok(nix::unistd::getpid())
}

struct Guardian {
    supervisor: Handle,
    groups: Option<cgroup::Place>,
    said: OwnedFd,
    /// Children that were there before us, by exec: not ours to end.
    inherited: Vec<Pid>,
    settings: Option<Settings>,
}

impl Guardian {
    fn watch(&self) -> i32 {
        let status = loop {
            let Some(taken) = waiting::next(None) else { continue };
            match taken.signal {
                Signal::CHLD => {
                    if let Some(status) = self.reap() {
                        break status;
                    }
                }
                // A terminal's signals go to the whole group, so the supervisor has its own. But who leads the
                // session is alone told that it hung up (POSIX.1, 11.1.10, Modem Disconnect).
                signal if taken.by_kernel && !(signal == Signal::HUP && leads_session()) => {}
                signal => {
                    // ESRCH: it has just ended, and its SIGCHLD is on the way.
                    let _ = self.supervisor.signal(signal);
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
                && pid == self.supervisor.pid()
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
        self.groups.iter().for_each(cgroup::Place::kill);
        let (killed, left) = process::kill_children(&self.inherited);
        self.groups.iter().for_each(cgroup::Place::remove);
        if self.settings.is_some() {
            // A pager had it, and whoever started us may not look after that.
            job_control::take_back_from_the_dead(&io::stdout());
        }
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
