//! A control group for each run (cgroups(7), version 2): whatever a worker starts is in it, wherever
//! it runs off to, and one write ends it all, even what forks faster than /proc can be read.
//!
//! Only where the system lets us make one below our own; everything works without. The files are the
//! kernel's, not a disk's.

use crate::protocol::Pid;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Set to `off`, no control groups are made.
pub const SWITCH: &str = "MINDER_CGROUP";

/// The group below which runs get theirs.
#[derive(Debug)]
pub struct Cgroups {
    folder: PathBuf,
}

impl Cgroups {
    /// Makes a group for this supervisor below our own. `None` where that is not to be had: no
    /// cgroup2 is mounted, it is not writable, or it was switched off.
    pub fn make(supervisor: Pid) -> Option<Self> {
        if std::env::var_os(SWITCH).is_some_and(|switch| switch == "off") {
            return None;
        }
        let Place { folder } = Place::of(supervisor)?;
        remove_stale(folder.parent()?);
        fs::create_dir(&folder).ok()?;
        let made = Self { folder };
        // cgroup.kill came with Linux 5.14; without it a group is of little use to us.
        made.folder.join("cgroup.kill").exists().then_some(made)
    }

    /// A group for one run. `None` if it cannot be made: then it has none.
    pub fn run(&self, name: &str) -> Option<Cgroup> {
        let folder = self.folder.join(name);
        fs::create_dir(&folder).ok()?;
        let procs = OpenOptions::new().write(true).open(folder.join("cgroup.procs")).ok();
        let cgroup = Cgroup { folder, procs };
        cgroup.procs.is_some().then_some(cgroup)
    }
}

impl Drop for Cgroups {
    fn drop(&mut self) {
        // Unless somebody could not be ended, who is said.
        remove(&self.folder);
    }
}

/// One run's group. It is removed when dropped, if it is empty by then.
#[derive(Debug)]
pub struct Cgroup {
    folder: PathBuf,
    procs: Option<File>,
}

impl Cgroup {
    /// Where a process writes `0` to enter.
    pub fn entry(&self) -> Option<BorrowedFd<'_>> {
        self.procs.as_ref().map(AsFd::as_fd)
    }

    /// SIGKILL to every process in it and below, at once (`cgroup.kill`).
    ///
    /// # Errors
    /// Those of write(2); ENOENT before Linux 5.14.
    pub fn kill(&self) -> io::Result<()> {
        kill(&self.folder)
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

/// Where a supervisor has its groups.
#[derive(Debug)]
pub struct Place {
    folder: PathBuf,
}

impl Place {
    /// To be asked while the supervisor is there, reaped or not. `None` where no cgroup2 is mounted.
    pub fn of(supervisor: Pid) -> Option<Self> {
        Some(Self { folder: our_folder()?.join(Name::of(supervisor)?.to_string()) })
    }

    /// Kills whatever is in the groups of a supervisor that died. Where it cannot, what is left is found
    /// as children of ours.
    pub fn kill(&self) {
        let _ = kill(&self.folder);
    }

    /// Removes the groups of a supervisor that died. To be called when nobody is in them any more.
    pub fn remove(&self) {
        remove(&self.folder);
    }
}

/// A supervisor as no other one is called, now or later: in another container, which sees the same groups,
/// somebody else has its pid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Name {
    /// The inode of its pid namespace.
    namespace: u64,
    pid: Pid,
    start_ticks: u64,
}

impl Name {
    fn of(supervisor: Pid) -> Option<Self> {
        let namespace = fs::metadata("/proc/self/ns/pid").map_or(0, |facts| facts.ino());
        let start_ticks = super::procfs::read(supervisor)?.start_ticks;
        Some(Self { namespace, pid: supervisor, start_ticks })
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("minder-")?.split('-');
        let namespace = parts.next()?.parse().ok()?;
        let pid = Pid(parts.next()?.parse().ok()?);
        let start_ticks = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some(Self { namespace, pid, start_ticks })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "minder-{}-{}-{}", self.namespace, self.pid, self.start_ticks)
    }
}

/// Removes what supervisors left that were killed together with their guardians, where it is empty. Whether
/// those of other namespaces live cannot be known.
fn remove_stale(parent: &Path) {
    let Some(us) = Name::of(Pid(std::process::id() as i32)) else { return };
    for entry in fs::read_dir(parent).into_iter().flatten().filter_map(Result::ok) {
        let Some(name) = entry.file_name().to_str().and_then(Name::read) else { continue };
        if name.namespace == us.namespace && Name::of(name.pid) != Some(name) {
            remove(&entry.path());
        }
    }
}

/// Removes a group with those below, as a minder among the workers leaves them that was killed: not if
/// anybody is in any of them.
fn remove(folder: &Path) {
    let events = fs::read_to_string(folder.join("cgroup.events"));
    if events.is_ok_and(|events| events.lines().any(|line| line == "populated 0")) {
        let below = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        below.map(|entry| entry.path()).filter(|path| path.is_dir()).for_each(|path| remove(&path));
        // EBUSY: somebody came in since.
        let _ = fs::remove_dir(folder);
    }
}

fn kill(folder: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).open(folder.join("cgroup.kill"))?.write_all(b"1")
}

/// The group that we are in ourselves.
fn our_folder() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let mount = mounts.lines().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let place = fields.next()?;
        (fields.next()? == "cgroup2").then_some(place)
    })?;
    let ours = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = ours.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Some(Path::new(mount).join(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_supervisor_s_groups_are_called_as_no_other_ones() {
        let us = Pid(std::process::id() as i32);
        let name = Name::of(us).unwrap();
        assert_eq!(Name::read(&name.to_string()), Some(name));
        assert_eq!((name.pid, name.namespace > 0, name.start_ticks > 0), (us, true, true));
        for text in ["minder-1", "minder-1-2", "minder-1-2-3-4", "minder-1-x-3", "others-1-2-3", ""] {
            assert_eq!(Name::read(text), None, "{text}");
        }
    }

    #[test]
    fn one_write_ends_all_that_is_in_a_group() {
        let us = Pid(std::process::id() as i32);
        let Some(cgroups) = Cgroups::make(us) else {
            eprintln!("skipped: no control group can be made here");
            return;
        };
        let cgroup = cgroups.run("0-1").expect("below one of ours");
        let mut child = Command::new("sh")
            .args(["-c", "read go; setsid sleep 1000 & exec sleep 1000"])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        cgroup.procs.as_ref().unwrap().write_all(child.id().to_string().as_bytes()).unwrap();
        child.stdin.take().unwrap().write_all(b"go\n").unwrap();
        cgroup.kill().unwrap();
        assert!(!child.wait().unwrap().success());
        // The other one was handed to whoever adopts here; it is dead, whether or not it is reaped.
        let procs = cgroup.folder.join("cgroup.procs");
        while fs::read_to_string(&procs).is_ok_and(|pids| !pids.is_empty()) {
            std::thread::yield_now();
        }
        // As a minder among the workers leaves them that was killed.
        fs::create_dir_all(cgroup.folder.join("minder-1-2-3/0-1")).unwrap();
        let folder = cgroups.folder.clone();
        drop((cgroup, cgroups));
        assert!(!folder.exists(), "nothing is left behind");
    }
}
