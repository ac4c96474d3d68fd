//! One signal to one process that somebody pointed at: never a stranger, whatever became of the pid
//! in the meantime.

use crate::protocol::{Pid, ProcessId};
use crate::signal::Signal;
use crate::sys::handle::{Handle, ThreadHandle};
use crate::sys::procfs;
use nix::errno::Errno;

/// Why it was not sent, for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("pid {0} is gone; nothing was sent")]
    Gone(Pid),
    #[error("thread {0} of pid {1} is gone; nothing was sent")]
    NoThread(Pid, Pid),
    #[error("pid {0} has ended already: it is a zombie until its parent waits; nothing was sent")]
    Zombie(Pid),
    #[error("pid {0} was not started by a worker of minder's, nor is it watched; nothing was sent")]
    Stranger(Pid),
    #[error("minder may not signal pid {0}: {desc}", desc = .1.desc())]
    Refused(Pid, Errno),
}

/// Sends it, to one thread of it if one is named, if it is a descendant of ours or one of `watched` or of
/// theirs. Returns the process's name.
pub(super) fn send(
    to: ProcessId,
    thread: Option<ProcessId>,
    signal: Signal,
    watched: &[Pid],
) -> Result<String, Refusal> {
    let pid = to.pid;
    let refusal =
        |errno| if errno == Errno::ESRCH { Refusal::Gone(pid) } else { Refusal::Refused(pid, errno) };
    let handle = Handle::open(pid).map_err(refusal)?;
    // The handle means one process for good: what is checked after it was opened, holds.
    let found = procfs::read(pid).filter(|found| found.start_ticks == to.start_ticks);
    let found = found.ok_or(Refusal::Gone(pid))?;
    if found.is_zombie() {
        return Err(Refusal::Zombie(pid));
    }
    let ours = descends_from(&[Pid(std::process::id() as i32)], found.parent);
    if !ours && !descends_from(watched, pid) {
        return Err(Refusal::Stranger(pid));
    }
    match thread {
        Some(thread) => send_to_thread(pid, thread, signal)?,
        None => handle.signal(signal).map_err(refusal)?,
    }
    if signal.ends() && found.state == 'T' {
        // A stopped process acts on it only once it is resumed (signal(7)).
        let _ = handle.signal(Signal::CONT);
    }
    Ok(found.name)
}

fn send_to_thread(process: Pid, to: ProcessId, signal: Signal) -> Result<(), Refusal> {
    let gone = Refusal::NoThread(to.pid, process);
    let refusal = |errno| if errno == Errno::ESRCH { gone.clone() } else { Refusal::Refused(to.pid, errno) };
    let handle = ThreadHandle::open(process, to.pid).map_err(refusal)?;
    // As above: checked after it was opened.
    let same = procfs::read_thread(process, to.pid).is_some_and(|found| found.start_ticks == to.start_ticks);
    if !same {
        return Err(gone);
    }
    handle.signal(signal).map_err(refusal)
}

/// Whether a process is one of these or a descendant of theirs.
fn descends_from(above: &[Pid], mut parent: Pid) -> bool {
    // Bounded: parents are read one after another, so a reused pid might close a ring.
    for _ in 0..10_000 {
        if above.contains(&parent) {
            return true;
        }
        match procfs::read(parent) {
            Some(process) => parent = process.parent,
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command};

    struct Sleeper(Child);

    impl Sleeper {
        fn id(&self) -> ProcessId {
            let pid = Pid(self.0.id() as i32);
            ProcessId { pid, start_ticks: procfs::read(pid).unwrap().start_ticks }
        }
    }

    impl Drop for Sleeper {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn sleeper() -> Sleeper {
        Sleeper(Command::new("sleep").arg("1000").spawn().unwrap())
    }

    #[test]
    fn a_pid_that_is_anothers_by_now_gets_nothing() {
        let mut child = sleeper();
        let real = child.id();
        let old = ProcessId { start_ticks: real.start_ticks - 1, ..real };
        assert_eq!(send(old, None, Signal::KILL, &[]), Err(Refusal::Gone(real.pid)));
        assert_eq!(child.0.try_wait().unwrap(), None);
        assert!(send(real, None, Signal::KILL, &[]).is_ok());
        child.0.wait().unwrap();
        assert_eq!(send(real, None, Signal::KILL, &[]), Err(Refusal::Gone(real.pid)));
    }

    #[test]
    fn who_is_no_descendant_of_ours_gets_nothing() {
        let parent = Pid(std::os::unix::process::parent_id() as i32);
        let start_ticks = procfs::read(parent).unwrap().start_ticks;
        let stranger = ProcessId { pid: parent, start_ticks };
        assert_eq!(send(stranger, None, Signal::CONT, &[]), Err(Refusal::Stranger(parent)));
        assert!(send(stranger, None, Signal::CONT, &[parent]).is_ok(), "who is watched may be signalled");
    }

    #[test]
    fn a_thread_that_is_gone_or_another_gets_nothing() {
        let mut child = sleeper();
        let real = child.id();
        let none = ProcessId { start_ticks: real.start_ticks - 1, ..real };
        assert_eq!(send(real, Some(none), Signal::KILL, &[]), Err(Refusal::NoThread(real.pid, real.pid)));
        let ours = Pid(std::process::id() as i32);
        let strange = ProcessId { pid: ours, start_ticks: procfs::read(ours).unwrap().start_ticks };
        assert_eq!(send(real, Some(strange), Signal::KILL, &[]), Err(Refusal::NoThread(ours, real.pid)));
        assert_eq!(child.0.try_wait().unwrap(), None);
        assert!(send(real, Some(real), Signal::USR1, &[]).is_ok());
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.0.wait().unwrap()), Some(10));
    }

    #[test]
    fn a_stopped_process_acts_on_what_ends_it() {
        let mut child = sleeper();
        send(child.id(), None, Signal::STOP, &[]).unwrap();
        while procfs::read(child.id().pid).unwrap().state != 'T' {
            std::thread::yield_now();
        }
        send(child.id(), None, Signal::TERM, &[]).unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.0.wait().unwrap()), Some(15));
    }
}
