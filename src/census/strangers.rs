//! The thread that looks for processes that minder did not start, and at those that it watches: what
//! nobody tells a stranger of. Sleeps while nobody is looked for or watched.

use super::Answer;
use crate::protocol::Pid;
use crate::reactor::RunId;
use crate::spec::Target;
use crate::sys::clock;
use crate::sys::ear::Ear;
use crate::sys::handle::Handle;
use crate::sys::notices::untold;
use crate::sys::procfs::{self, Process};
use crate::threads::Served;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, after, never, select, unbounded};
use nix::errno::Errno;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};
use std::{fs, io};

/// How often it looks at what nobody tells of. The end of a watched process is told by its pidfd, at once.
const LOOK: Duration = Duration::from_millis(500);

/// How long a pid file is left alone once something happened to it: who writes one makes it first, and
/// fills it then.
const SETTLE: Duration = Duration::from_millis(50);

/// How much younger than its file a process may be: clocks of files and of processes are not read
/// at one moment.
const SLACK: Duration = Duration::from_secs(2);

/// A process that was found.
#[derive(Debug)]
pub(crate) struct Stranger {
    pub(crate) pid: Pid,
    /// It was opened before the process was looked at, so it is of that one.
    pub(crate) handle: Handle,
    /// How long it runs already.
    pub(crate) age: Duration,
    /// What there is to be known of it, a line each.
    pub(crate) facts: Vec<String>,
}

/// What the supervisor asks.
#[derive(Debug)]
enum Order {
    Find(RunId, Target),
    Forget(RunId),
}

/// The supervisor's handle. The thread is started with the first order.
#[derive(Debug)]
pub(crate) struct Strangers {
    answers: Sender<Answer>,
    going: Option<(Sender<Order>, Served)>,
}

impl Strangers {
    pub(crate) fn new(answers: Sender<Answer>) -> Self {
        Self { answers, going: None }
    }

    /// Looks for it until it is found or cannot be, and then at it.
    ///
    /// # Errors
    /// When no thread is to be had.
    pub(crate) fn find(&mut self, run: RunId, target: Target) -> io::Result<()> {
        let (orders, _) = match &mut self.going {
            Some(going) => going,
            none => {
                let (orders, inbox) = unbounded();
                let answers = self.answers.clone();
                none.insert((orders, Served::start("strangers", move || serve(&inbox, &answers))?))
            }
        };
        // A closed channel means that the thread is over, which only our own drop brings about.
        let _ = orders.send(Order::Find(run, target));
        Ok(())
    }

    /// Neither looks for it nor at it any more.
    pub(crate) fn forget(&self, run: RunId) {
        if let Some((orders, _)) = &self.going {
            let _ = orders.send(Order::Forget(run));
        }
    }

    /// Ends the thread and waits until it is gone, for so long at most.
    pub(crate) fn finish(self, at_most: Duration) {
        if let Some((orders, served)) = self.going {
            drop(orders);
            served.finish(at_most);
        }
    }
}

/// One worker's stranger.
struct Case {
    run: RunId,
    target: Target,
    /// What was said last of why it is not there.
    said: Option<String>,
    /// Why it is not there may pass without anything being told.
    may_mend: bool,
    found: Option<Found>,
}

struct Found {
    pid: Pid,
    start_ticks: u64,
    stopped: bool,
}

fn serve(orders: &Receiver<Order>, answers: &Sender<Answer>) {
    let (mut cases, mut files) = (Vec::<Case>::new(), PidFiles::default());
    loop {
        let look = if polls(&cases, files.heard) { after(LOOK) } else { never() };
        match next(orders, files.woken(), &look) {
            Next::Order(Order::Find(run, target)) => {
                cases.retain(|case| case.run.worker != run.worker);
                cases.push(Case { run, target, said: None, may_mend: false, found: None });
                files.attend(&cases);
            }
            Next::Order(Order::Forget(run)) => {
                cases.retain(|case| case.run.worker != run.worker);
                files.attend(&cases);
            }
            // Before they are looked at, so that what happens later is told.
            Next::Told => files.attend(&cases),
            Next::Time => {}
            Next::Over => return,
        }
        // A closed channel means that the supervisor is over.
        cases.retain_mut(|case| case.look(&mut |answer| drop(answers.send(answer))));
    }
}

/// What there is to do.
enum Next {
    Order(Order),
    /// Something happened to a pid file.
    Told,
    Time,
    Over,
}

fn next(orders: &Receiver<Order>, woken: &Receiver<()>, look: &Receiver<Instant>) -> Next {
    select! {
        recv(orders) -> order => order.map_or(Next::Over, Next::Order),
        recv(look) -> _ => Next::Time,
        recv(woken) -> _ => match orders.recv_timeout(SETTLE) {
            Ok(order) => Next::Order(order),
            Err(RecvTimeoutError::Timeout) => Next::Told,
            Err(RecvTimeoutError::Disconnected) => Next::Over,
        },
    }
}

/// Whether there is anything that nobody tells: that a process stops, that one of some name starts, and
/// where no pid file can be heard of, those too.
fn polls(cases: &[Case], heard: bool) -> bool {
    let told = |case: &Case| {
        heard && case.found.is_none() && !case.may_mend && matches!(case.target, Target::PidFile(_))
    };
    cases.iter().any(|case| !told(case))
}

/// The pid files of those who are not there yet, as far as they can be heard of.
#[derive(Default)]
struct PidFiles {
    ear: Option<Ear>,
    /// Whatever happens to any of them is told.
    heard: bool,
    silence: Silence,
}

/// What nothing ever comes out of.
struct Silence(Receiver<()>);

impl Default for Silence {
    fn default() -> Self {
        Self(never())
    }
}

impl PidFiles {
    fn woken(&self) -> &Receiver<()> {
        self.ear.as_ref().map_or(&self.silence.0, Ear::woken)
    }

    fn attend(&mut self, cases: &[Case]) {
        let sought = cases.iter().filter(|case| case.found.is_none());
        let paths: Vec<&Path> = sought.filter_map(|case| case.target.pid_file()).collect();
        self.heard = !paths.is_empty() && self.hear_of(&paths);
        if !self.heard {
            self.ear = None;
        }
    }

    fn hear_of(&mut self, paths: &[&Path]) -> bool {
        let ear = match &mut self.ear {
            Some(ear) => ear,
            none => match Ear::open() {
                Ok(ear) => none.insert(ear),
                Err(_) => return false,
            },
        };
        let mut attending = ear.attend();
        let mut told = true;
        for path in paths {
            attending.way(path);
            if let Some(file) = open_path(path) {
                attending.file(&file);
            }
            told &= path.ancestors().find_map(open_path).is_some_and(|nearest| untold(&nearest).is_none());
        }
        attending.done().is_none() && told
    }
}

/// Without reading it: of a pipe that would not come back.
fn open_path(path: &Path) -> Option<fs::File> {
    fs::OpenOptions::new().read(true).custom_flags(libc::O_PATH | libc::O_CLOEXEC).open(path).ok()
}

impl Case {
    /// False if there is nothing more to look at.
    fn look(&mut self, tell: &mut dyn FnMut(Answer)) -> bool {
        match &mut self.found {
            Some(found) => found.look(self.run, tell),
            None => self.find(tell),
        }
    }

    fn find(&mut self, tell: &mut dyn FnMut(Answer)) -> bool {
        match find(&self.target) {
            Ok((process, stranger)) => {
                let stopped = is_stopped(&process);
                self.found = Some(Found { pid: process.pid, start_ticks: process.start_ticks, stopped });
                tell(Answer::Found(self.run, stranger));
                if stopped {
                    tell(Answer::Stopped(self.run, true));
                }
                true
            }
            Err(missing) => {
                self.may_mend = missing.may_mend();
                let lasts = self.target.lasts();
                let words = missing.to_string();
                if self.said.as_ref() != Some(&words) {
                    tell(Answer::Missing(self.run, words.clone()));
                    self.said = Some(words);
                }
                lasts
            }
        }
    }
}

impl Found {
    fn look(&mut self, run: RunId, tell: &mut dyn FnMut(Answer)) -> bool {
        let same = procfs::read(self.pid).filter(|process| process.start_ticks == self.start_ticks);
        let Some(process) = same.filter(|process| !process.is_zombie()) else {
            // Its pidfd tells as well; this is for where that could not be watched.
            tell(Answer::Gone(run));
            return false;
        };
        if is_stopped(&process) != self.stopped {
            self.stopped = !self.stopped;
            tell(Answer::Stopped(run, self.stopped));
        }
        true
    }
}

fn is_stopped(process: &Process) -> bool {
    matches!(process.state, 'T' | 't')
}

/// Why it is not watched.
#[derive(Debug, PartialEq, thiserror::Error)]
enum Missing {
    #[error("there is no process {0}")]
    Gone(i32),
    #[error("pid {0} has ended and is a zombie until its parent waits")]
    Zombie(i32),
    #[error("pid {0} is a thread of the kernel, which nobody can watch or end")]
    Kernel(i32),
    #[error("pid 1 is the init of the whole system, which minder leaves alone")]
    Init,
    #[error("pid {0} is minder itself")]
    Ourselves(i32),
    #[error("{0} is not there yet")]
    NoFile(String),
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, String),
    #[error("{0} does not hold a pid: {1}")]
    Garbage(String, String),
    #[error("{0} is stale: {1}")]
    Stale(String, Box<Self>),
    #[error(
        "{0} is stale: pid {1} is older than the process that has it now; if the clock was set since, \
         `touch` the file"
    )]
    Reused(String, i32),
    #[error("no process matches yet")]
    NoMatch,
    #[error("pid {0} cannot be opened: {1}")]
    Refused(i32, String),
}

impl Missing {
    /// Whether it may be there without anything having happened to its pid file.
    fn may_mend(&self) -> bool {
        match self {
            // A clock that is set, or a touch, of which nothing else is told.
            Self::Refused(..) | Self::Unreadable(..) | Self::NoMatch | Self::Reused(..) => true,
            Self::Gone(_)
            | Self::Zombie(_)
            | Self::Kernel(_)
            | Self::Init
            | Self::Ourselves(_)
            | Self::NoFile(_)
            | Self::Garbage(..) => false,
            // Until its parent has waited for it.
            Self::Stale(_, why) => matches!(**why, Self::Zombie(_)),
        }
    }
}

fn find(target: &Target) -> Result<(Process, Stranger), Missing> {
    match target {
        Target::Pid(pid) => open(*pid, Vec::new()),
        Target::PidFile(path) => by_file(path),
        Target::Name(pattern) => {
            let processes = procfs::all().unwrap_or_default();
            let matching = processes.iter().filter(|process| {
                let line = procfs::command_line(process.pid);
                let ours = is_ours(process.pid.0);
                !ours && line.is_some_and(|line| pattern.matches(&process.name) || pattern.matches(&line))
            });
            let mut matching: Vec<&Process> = matching.filter(|process| process.pid.0 != 1).collect();
            // The oldest: the one that others were started by, or that was there first.
            matching.sort_by_key(|process| (process.start_ticks, process.pid));
            let first = matching.first().ok_or(Missing::NoMatch)?;
            let more = match matching.len() {
                1 => Vec::new(),
                count => vec![format!("the oldest of {count} processes that match")],
            };
            open(first.pid.0, more)
        }
    }
}

fn by_file(path: &Path) -> Result<(Process, Stranger), Missing> {
    let name = || path.display().to_string();
    let unreadable = |error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound {
            Missing::NoFile(name())
        } else {
            Missing::Unreadable(name(), error.to_string())
        }
    };
    let about = fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        // A pipe would keep us for ever.
        return Err(Missing::Garbage(name(), "it is no file".to_owned()));
    }
    if about.len() > 4096 {
        return Err(Missing::Garbage(name(), format!("it has {} bytes", about.len())));
    }
    let text = fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8_lossy(&text);
    let word = text.split_whitespace().next().unwrap_or_default();
    let pid = word.parse::<i32>().ok().filter(|pid| *pid > 0);
    let said = if word.is_empty() { "it is empty".to_owned() } else { format!("{word:?}") };
    let pid = pid.ok_or_else(|| Missing::Garbage(name(), said))?;
    let (process, stranger) = open(pid, Vec::new()).map_err(|missing| {
        let stale = matches!(missing, Missing::Gone(_) | Missing::Zombie(_));
        if stale { Missing::Stale(name(), Box::new(missing)) } else { missing }
    })?;
    // Whoever writes its pid has been started before: one that is younger than the file has it anew.
    let started = clock::wall().checked_sub(stranger.age).unwrap_or(SystemTime::UNIX_EPOCH);
    // What was written at the end of time is older than nobody.
    let latest = about.modified().ok().and_then(|written| written.checked_add(SLACK));
    if latest.is_some_and(|latest| started > latest) {
        return Err(Missing::Reused(name(), pid));
    }
    Ok((process, stranger))
}

fn is_ours(pid: i32) -> bool {
    // Our parent is the guardian, or the shell that started us without one: not to be ended either.
    let us = std::process::id() as i32;
    let guardian = std::os::unix::process::parent_id() as i32;
    pid == us || (pid == guardian && same_program(us, guardian))
}

fn same_program(a: i32, b: i32) -> bool {
    let program = |pid| fs::read_link(format!("/proc/{pid}/exe")).ok();
    program(a).is_some_and(|a| Some(a) == program(b))
}

fn open(pid: i32, mut facts: Vec<String>) -> Result<(Process, Stranger), Missing> {
    if pid == 1 {
        return Err(Missing::Init);
    }
    if is_ours(pid) {
        return Err(Missing::Ourselves(pid));
    }
    let handle = Handle::open(Pid(pid)).map_err(|errno| {
        // EINVAL, and ENOENT since Linux 6.15: it is a thread of a process, which has no pid.
        if matches!(errno, Errno::ESRCH | Errno::EINVAL | Errno::ENOENT) {
            Missing::Gone(pid)
        } else {
            Missing::Refused(pid, errno.desc().to_owned())
        }
    })?;
    // Looked at after it was opened: the descriptor is of this one.
    let process = procfs::read(Pid(pid)).ok_or(Missing::Gone(pid))?;
    if process.is_zombie() {
        return Err(Missing::Zombie(pid));
    }
    if pid == 2 || process.parent == Pid(2) {
        return Err(Missing::Kernel(pid));
    }
    let age = procfs::age(&process);
    facts.splice(0..0, describe(&process, age));
    Ok((process, Stranger { pid: Pid(pid), handle, age, facts }))
}

fn describe(process: &Process, age: Duration) -> Vec<String> {
    let pid = process.pid;
    let line = procfs::command_line(pid).unwrap_or_else(|| process.name.clone());
    let started = clock::wall().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
    let folder = fs::read_link(format!("/proc/{pid}/cwd"));
    let parent = procfs::command_line(process.parent);
    vec![
        format!("watching pid {pid}: {line}"),
        format!(
            "in {}",
            folder.map_or_else(
                |error| format!("a folder that cannot be seen: {error}"),
                |path| path.display().to_string()
            )
        ),
        format!("since {}", clock::start_time(started, clock::wall())),
        format!(
            "child of pid {}{}",
            process.parent,
            parent.map(|line| format!(" {line}")).unwrap_or_default()
        ),
        "not started by minder: no output, no exit code".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Pattern;
    use std::process::{Child, Command};

    struct Sleeper(Child);

    impl Sleeper {
        /// One that is what it shall be: right after its start a child has no command line, or our own.
        fn new(seconds: &str) -> Self {
            let started = Self(Command::new("sleep").arg(seconds).spawn().unwrap());
            let line = format!("sleep {seconds}");
            while procfs::command_line(Pid(started.pid())).as_ref() != Some(&line) {
                std::thread::yield_now();
            }
            started
        }

        fn pid(&self) -> i32 {
            self.0.id() as i32
        }
    }

    impl Drop for Sleeper {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn missing(target: &Target) -> String {
        find(target).expect_err("it is not there").to_string()
    }

    #[test]
    fn who_is_there_is_found_with_its_facts() {
        let child = Sleeper::new("1001");
        let (process, stranger) = find(&Target::Pid(child.pid())).unwrap();
        assert_eq!((process.pid, stranger.pid), (Pid(child.pid()), Pid(child.pid())));
        assert!(stranger.facts[0].contains("sleep 1001"), "{:?}", stranger.facts);
        assert!(stranger.facts[3].contains(&std::process::id().to_string()), "{:?}", stranger.facts);
    }

    #[test]
    fn who_cannot_be_watched_is_refused_with_the_reason() {
        let us = std::process::id() as i32;
        assert_eq!(missing(&Target::Pid(us)), format!("pid {us} is minder itself"));
        assert!(missing(&Target::Pid(1)).contains("init of the whole system"));
        assert_eq!(missing(&Target::Pid(i32::MAX)), format!("there is no process {}", i32::MAX));
        let mut child = Sleeper::new("1002");
        child.0.kill().unwrap();
        while !procfs::read(Pid(child.pid())).unwrap().is_zombie() {
            std::thread::yield_now();
        }
        assert!(missing(&Target::Pid(child.pid())).contains("is a zombie until its parent waits"));
    }

    #[test]
    fn a_pid_file_may_be_missing_garbage_stale_and_right() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.pid");
        let target = Target::PidFile(path.clone());
        assert!(missing(&target).ends_with("web.pid is not there yet"));
        for (text, words) in [
            ("", "does not hold a pid: it is empty"),
            ("web\n", "does not hold a pid: \"web\""),
            ("-5", "does not hold a pid: \"-5\""),
            ("2147483647\n", "is stale: there is no process 2147483647"),
        ] {
            fs::write(&path, text).unwrap();
            assert!(missing(&target).ends_with(words), "{text}: {}", missing(&target));
        }
        let child = Sleeper::new("1003");
        fs::write(&path, format!(" {}\nmore", child.pid())).unwrap();
        assert_eq!(find(&target).unwrap().1.pid, Pid(child.pid()));
        let old = fs::File::options().write(true).open(&path).unwrap();
        old.set_modified(clock::wall() - Duration::from_hours(1)).unwrap();
        assert!(missing(&target).contains("older than the process that has it now"), "{}", missing(&target));
        fs::write(&path, "9".repeat(5000)).unwrap();
        assert!(missing(&target).ends_with("it has 5000 bytes"));
    }

    #[test]
    fn only_what_nobody_tells_is_looked_for_again_and_again() {
        let case = |target, found: Option<Pid>| Case {
            run: RunId { worker: 0, serial: 1 },
            target,
            said: None,
            may_mend: false,
            found: found.map(|pid| Found { pid, start_ticks: 1, stopped: false }),
        };
        let file = || Target::PidFile("/nowhere/web.pid".into());
        assert!(!polls(&[], false), "nobody is looked for");
        assert!(!polls(&[case(file(), None)], true), "the file is heard of");
        assert!(polls(&[case(file(), None)], false), "nothing tells of the file");
        assert!(polls(&[Case { may_mend: true, ..case(file(), None) }], true), "it could not be opened");
        assert!(polls(&[case(file(), Some(Pid(7)))], true), "it may be stopped");
        let name = Target::Name(Pattern::new("web").unwrap());
        assert!(polls(&[case(file(), None), case(name, None)], true), "nothing tells of a name");
    }

    /// Nothing polls here: whatever was not told of would never be found.
    #[test]
    fn a_pid_file_is_heard_of_as_it_comes_with_its_folder_and_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunId { worker: 0, serial: 1 };
        let (answers, heard) = unbounded();
        let mut strangers = Strangers::new(answers);
        let path = folder.path().join("run/web/web.pid");
        strangers.find(run, Target::PidFile(path.clone())).unwrap();
        let next = || heard.recv_timeout(Duration::from_mins(1)).expect("it is told");
        let Answer::Missing(_, words) = next() else { panic!("it is not there") };
        assert!(words.ends_with("web.pid is not there yet"), "{words}");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "2147483647").unwrap();
        // An empty file may be seen first, on a busy machine.
        while !matches!(next(), Answer::Missing(_, words) if words.contains("is stale")) {}
        let child = Sleeper::new("1006");
        fs::write(&path, child.pid().to_string()).unwrap();
        let found = std::iter::repeat_with(next).find_map(|answer| {
            if let Answer::Found(_, stranger) = answer { Some(stranger.pid) } else { None }
        });
        assert_eq!(found, Some(Pid(child.pid())));
        strangers.finish(Duration::from_mins(1));
    }

    /// As where the clock was set after the file was written: nothing else tells which of both is right.
    #[test]
    fn a_pid_file_that_seems_too_old_is_believed_once_it_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunId { worker: 0, serial: 1 };
        let (answers, heard) = unbounded();
        let mut strangers = Strangers::new(answers);
        let path = folder.path().join("web.pid");
        let child = Sleeper::new("1007");
        fs::write(&path, child.pid().to_string()).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(clock::wall() - Duration::from_hours(1)).unwrap();
        strangers.find(run, Target::PidFile(path)).unwrap();
        let next = || heard.recv_timeout(Duration::from_mins(1)).expect("it is told");
        let Answer::Missing(_, words) = next() else { panic!("it is too old") };
        assert!(words.ends_with("if the clock was set since, `touch` the file"), "{words}");
        file.set_modified(clock::wall()).unwrap();
        let Answer::Found(_, stranger) = next() else { panic!("it is there") };
        assert_eq!(stranger.pid, Pid(child.pid()));
        strangers.finish(Duration::from_mins(1));
    }

    #[test]
    fn of_several_that_match_it_is_the_oldest_and_says_so() {
        let target = |pattern: &str| Target::Name(Pattern::new(pattern).unwrap());
        // Nobody else's, also where these tests run twice at once.
        let seconds = format!("1004{:08}", std::process::id());
        let first = Sleeper::new(&seconds);
        let second = Sleeper::new(&format!("{seconds}.0"));
        // Both were started within one tick, perhaps: then the lower pid counts as the older.
        let age = |child: &Sleeper| (procfs::read(Pid(child.pid())).unwrap().start_ticks, child.pid());
        let found = find(&target(&format!("^sleep {seconds}"))).unwrap().1;
        assert_eq!(found.pid.0, age(&first).min(age(&second)).1);
        assert!(found.facts.last().unwrap().contains("the oldest of 2 processes"), "{:?}", found.facts);
        assert_eq!(missing(&target("^no such thing runs$")), "no process matches yet");
    }

    #[test]
    fn a_watched_process_is_told_of_as_it_stops_goes_on_and_ends() {
        let mut child = Sleeper::new("1005");
        let run = RunId { worker: 0, serial: 1 };
        let (answers, heard) = unbounded();
        let mut strangers = Strangers::new(answers);
        strangers.find(run, Target::Pid(child.pid())).unwrap();
        let next = || heard.recv_timeout(Duration::from_mins(1)).expect("it is told");
        let Answer::Found(_, stranger) = next() else { panic!("it is there") };
        let send = |signal| stranger.handle.signal(signal).unwrap();
        send(crate::signal::Signal::STOP);
        assert!(matches!(next(), Answer::Stopped(_, true)));
        send(crate::signal::Signal::CONT);
        assert!(matches!(next(), Answer::Stopped(_, false)));
        child.0.kill().unwrap();
        assert!(matches!(next(), Answer::Gone(_)));
        strangers.finish(Duration::from_mins(1));
    }
}
