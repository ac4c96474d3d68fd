//! Suspending minder itself as a shell's job control expects (POSIX job control, tcsetpgrp(3)).

use crate::protocol::Pid;
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{getpgrp, getsid, tcgetpgrp, tcsetpgrp};
use std::os::fd::AsFd;

/// Stops our whole process group, as Ctrl-Z would; returns when somebody continues us.
///
/// The group, because a script that started us must stop with us, or its shell would never get the
/// terminal back. With SIGSTOP, because a handled SIGTSTP could be taken by any thread.
///
/// Returns false at once where nobody could continue us: in an orphaned group (POSIX: such a group
/// is not stopped by SIGTSTP), as under `docker run` or `ssh -t`.
pub fn suspend() -> bool {
    if orphaned() {
        return false;
    }
    killpg(getpgrp(), Signal::SIGSTOP).is_ok()
}

/// Waits until we are the terminal's foreground job, stopping meanwhile as a program that reads its
/// terminal from the background does (`minder &`; glibc manual, "Initializing the Shell"). False
/// where nobody could bring us there.
///
/// To be called before signals are blocked.
pub fn wait_for_foreground(terminal: &impl AsFd) -> bool {
    while !in_foreground(terminal) {
        if orphaned() || killpg(getpgrp(), Signal::SIGTTIN).is_err() {
            return false;
        }
    }
    true
}

/// Whether no ancestor of ours in our session is in another group: no shell minds us.
fn orphaned() -> bool {
    let (group, session) = (getpgrp().as_raw(), getsid(None).map_or(0, nix::unistd::Pid::as_raw));
    let mut parent = nix::unistd::getppid().as_raw();
    while let Some(process) = super::procfs::read(Pid(parent)) {
        if process.session != session {
            return true;
        }
        if process.group != group {
            return false;
        }
        parent = process.parent.0;
    }
    true
}

/// Whether we are the terminal's foreground job and may change its settings.
pub fn in_foreground(terminal: &impl AsFd) -> bool {
    tcgetpgrp(terminal.as_fd()).is_ok_and(|group| group == getpgrp())
}

/// Makes a group of our session the terminal's foreground job. It may: SIGTTOU is blocked.
pub fn hand_over(terminal: &impl AsFd, to: Pid) {
    // EPERM: the group is gone already, and its end is on the way to us.
    let _ = tcsetpgrp(terminal.as_fd(), nix::unistd::Pid::from_raw(to.0));
}

/// Takes the terminal back from a group that it was handed to, or with `None` from any. Whoever else
/// has it now, as a shell that stopped us meanwhile, keeps it.
pub fn take_back(terminal: &impl AsFd, from: Option<Pid>) {
    let theirs = |group: nix::unistd::Pid| from.is_none_or(|from| group.as_raw() == from.0);
    if tcgetpgrp(terminal.as_fd()).is_ok_and(theirs) {
        // It is ours to take; and a terminal that hung up is told elsewhere.
        let _ = tcsetpgrp(terminal.as_fd(), getpgrp());
    }
}

/// Takes the terminal back from a group that nobody is in any more. As above, SIGTTOU is blocked.
pub fn take_back_from_the_dead(terminal: &impl AsFd) {
    let Ok(group) = tcgetpgrp(terminal.as_fd()) else { return };
    // 0: the kernel has forgotten it already.
    if group.as_raw() <= 0 || killpg(group, None) == Err(Errno::ESRCH) {
        let _ = tcsetpgrp(terminal.as_fd(), getpgrp());
    }
}
