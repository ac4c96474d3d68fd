//! Real files, without a supervisor: what a worker that follows them says.

use super::*;
use crate::guest::Bell;
use crate::output::{Output, Stream};
use crate::protocol::Size;
use crate::reactor::RunId;
use crate::spec::{Beginning, Sought};
use crate::sys::clock;
use crate::threads::{Report, Surroundings, Thread, Verdict, start};
use crossbeam_channel::{Receiver, unbounded};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_mins(1);

/// A worker's run, and a folder for its files.
struct Bench {
    output: Arc<Output>,
    reports: Receiver<Report>,
    thread: Thread,
    added: Arc<Mutex<Vec<Spec>>>,
}

impl Bench {
    fn file(path: &Path, from: Beginning) -> Self {
        Self::of(Followed::File(path.to_owned()), from)
    }

    fn of(what: Followed, from: Beginning) -> Self {
        let spec = Spec::follow("logs", Follow { what, from });
        let crate::spec::Program::Follow(wanted) = &spec.program else { unreachable!() };
        let added = Arc::new(Mutex::new(Vec::<Spec>::new()));
        let taken = Arc::clone(&added);
        let job = follow(&spec, wanted, move |spec| {
            let mut added = taken.lock().unwrap();
            if added.iter().any(|known| known.name == spec.name) {
                return Added::NameTaken;
            }
            added.push(spec);
            Added::Yes
        });
        Self::run(job, added)
    }

    fn run(job: Job, added: Arc<Mutex<Vec<Spec>>>) -> Self {
        let output = Arc::new(Output::new(Size { columns: 80, rows: 24 }, false));
        let (reports_in, reports) = unbounded();
        let around = Surroundings {
            name: "logs".into(),
            output: Arc::clone(&output),
            bell: Bell::default(),
            reports: reports_in,
        };
        let thread = start(RunId { worker: 0, serial: 1 }, job, around).unwrap();
        Self { output, reports, thread, added }
    }

    /// All finished lines; those of minder's own in brackets.
    fn lines(&self) -> Vec<String> {
        let taken = self.output.lock().take_from(0, usize::MAX);
        let text = |line: crate::output::Line<'_>| {
            let text = String::from_utf8_lossy(line.bytes).into_owned();
            if line.stream == Stream::Ruling { format!("[{text}]") } else { text }
        };
        taken.lines().map(text).collect()
    }

    /// Waits until these lines are the last ones.
    fn wait(&self, last: &[&str]) {
        self.wait_until(&format!("{last:?}"), |lines| {
            lines.len() >= last.len() && lines[lines.len() - last.len()..] == *last
        });
    }

    /// Waits until a line of minder's own begins so.
    fn wait_ruled(&self, words: &str) {
        let words = format!("[{words}");
        self.wait_until(&words, |lines| lines.iter().any(|line| line.starts_with(&words)));
    }

    fn wait_until(&self, what: &str, found: impl Fn(&[String]) -> bool) {
        let deadline = clock::now() + DEADLINE;
        while !found(&self.lines()) {
            let lines = self.lines();
            let last = &lines[lines.len().saturating_sub(20)..];
            assert!(clock::now() < deadline, "waited for {what}: {last:#?}");
            // Nothing tells that a line came; who is waited for needs the processor.
            let _ = crossbeam_channel::never::<()>().recv_timeout(Duration::from_millis(1));
        }
    }

    fn said(&self) -> Vec<String> {
        self.lines().into_iter().filter(|line| !line.starts_with('[')).collect()
    }

    fn end(&self) -> Verdict {
        loop {
            match self.reports.recv_timeout(DEADLINE).expect("it ends") {
                Report::Ended(_, verdict) => return verdict,
                Report::Started(..) | Report::Progress(..) | Report::Ruled(..) => {}
            }
        }
    }

    fn stop(mut self) {
        self.thread.ask_to_stop();
        let verdict = self.end();
        assert_eq!((verdict.end, verdict.words), (crate::status::ThreadEnd::Returned, None));
    }

    fn wait_added(&self, names: &[&str]) {
        let deadline = clock::now() + DEADLINE;
        loop {
            let mut added: Vec<_> =
                self.added.lock().unwrap().iter().map(|spec| spec.name.to_string()).collect();
            added.sort();
            if added == names {
                return;
            }
            assert!(clock::now() < deadline, "waited for {names:?}: {added:?}");
            // Nothing tells that a line came; who is waited for needs the processor.
            let _ = crossbeam_channel::never::<()>().recv_timeout(Duration::from_millis(1));
        }
    }
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}

#[test]
fn it_begins_at_the_last_lines_and_goes_on() {
    let (_folder, base) = folder();
    let log = base.join("a.log");
    append(&log, "1\n2\n3\n");
    let bench = Bench::file(&log, Beginning::Last(2));
    bench.wait(&["2", "3"]);
    append(&log, "4\n");
    bench.wait(&["2", "3", "4"]);
    assert_eq!(bench.lines().len(), 3);
    bench.stop();
    let bench = Bench::file(&log, Beginning::Start);
    bench.wait(&["1", "2", "3", "4"]);
    bench.stop();
}

#[test]
fn an_unfinished_line_is_seen_at_once_and_finished_later() {
    let (_folder, base) = folder();
    let log = base.join("a.log");
    append(&log, "one\ntw");
    let bench = Bench::file(&log, Beginning::Last(2));
    bench.wait(&["one"]);
    let deadline = clock::now() + DEADLINE;
    // As its bytes: no reader takes what is no line yet.
    let open = || format!("{:?}", bench.output.lock());
    while !open().contains("[116, 119]") {
        assert!(clock::now() < deadline, "it is not seen");
        std::thread::yield_now();
    }
    append(&log, "o\n");
    bench.wait(&["one", "two"]);
    bench.stop();
}

#[test]
fn a_renamed_file_is_read_to_its_end_before_the_new_one() {
    let (_folder, base) = folder();
    let (log, old) = (base.join("a.log"), base.join("a.log.1"));
    append(&log, "1\n");
    let bench = Bench::file(&log, Beginning::Last(10));
    bench.wait(&["1"]);
    fs::rename(&log, &old).unwrap();
    bench.wait_ruled("renamed or deleted");
    append(&old, "2\n");
    bench.wait(&["2"]);
    // As logrotate's `create`: its writer has the old one open still.
    File::create(&log).unwrap();
    append(&old, "3\n");
    bench.wait(&["3"]);
    append(&log, "4\n");
    bench.wait(&["4"]);
    assert_eq!(bench.said(), ["1", "2", "3", "4"]);
    bench.wait_ruled("rotated");
    append(&log, "5\n");
    bench.wait(&["4", "5"]);
    bench.stop();
}

#[test]
fn all_that_was_in_a_file_when_it_was_rotated_comes_however_much() {
    const LINES: usize = 300_000;
    let (_folder, base) = folder();
    let log = base.join("a.log");
    append(&log, "first\n");
    // A turn is a chunk, and nothing is read of what comes later: what was there is no matter of a bound.
    let bounds = Bounds { turn: 1, later: 0 };
    let follower = Follower::new(log.clone(), Beginning::Start, bounds);
    let bench = Bench::run(job(move |context: &Context| follower.run(context)).0, Arc::default());
    bench.wait(&["first"]);
    let reader_is_slow = bench.output.lock();
    append(&log, &(0..LINES).map(|number| number.to_string() + "\n").collect::<String>());
    fs::rename(&log, base.join("a.log.1")).unwrap();
    append(&log, "new\n");
    drop(reader_is_slow);
    bench.wait(&["new"]);
    let said = bench.said();
    let numbers: Vec<usize> = said[1..said.len() - 1].iter().map(|line| line.parse().unwrap()).collect();
    assert!(numbers.into_iter().eq(0..LINES), "of {LINES} lines came {}", said.len() - 2);
    assert!(!bench.lines().iter().any(|line| line.contains("leaves out")));
    bench.stop();
}

#[test]
fn a_file_that_is_replaced_at_once_is_read_from_its_start() {
    let (_folder, base) = folder();
    let (log, new) = (base.join("a.log"), base.join("new"));
    append(&log, "old\n");
    let bench = Bench::file(&log, Beginning::Last(10));
    bench.wait(&["old"]);
    append(&new, "new 1\nnew 2\n");
    fs::rename(&new, &log).unwrap();
    bench.wait(&["new 1", "new 2"]);
    bench.stop();
}

#[test]
fn a_truncated_file_is_read_from_its_start_and_that_is_said() {
    let (_folder, base) = folder();
    let log = base.join("a.log");
    append(&log, "one\ntwo\n");
    let bench = Bench::file(&log, Beginning::Last(10));
    bench.wait(&["two"]);
    // As logrotate's `copytruncate`.
    OpenOptions::new().write(true).open(&log).unwrap().set_len(0).unwrap();
    bench.wait_ruled("truncated: was 8 bytes, is 0");
    append(&log, "three\n");
    bench.wait(&["three"]);
    assert_eq!(bench.said(), ["one", "two", "three"]);
    bench.stop();
}

#[test]
fn a_hole_is_left_out() {
    use std::os::unix::fs::FileExt;
    let (_folder, base) = folder();
    let log = base.join("a.log");
    append(&log, "one\n");
    let bench = Bench::file(&log, Beginning::Last(10));
    bench.wait(&["one"]);
    // A writer that does not append goes on at its old place.
    let file = OpenOptions::new().write(true).open(&log).unwrap();
    file.set_len(0).unwrap();
    bench.wait_ruled("truncated");
    file.write_at(b"two\n", 10_000_000).unwrap();
    bench.wait(&["two"]);
    assert!(bench.said().iter().all(|line| !line.contains('\0')), "{:?}", bench.lines());
    bench.stop();
}

#[test]
fn hundreds_of_holes_are_told_in_two_lines() {
    use std::os::unix::fs::FileExt;
    const EVERY: u64 = 1 << 20;
    let (_folder, base) = folder();
    let log = base.join("a.log");
    let file = File::create(&log).unwrap();
    (1..=200).for_each(|number| file.write_all_at(b"x\n", number * EVERY).unwrap());
    let bench = Bench::file(&log, Beginning::Start);
    bench.wait_ruled("left out 199 more holes of ");
    assert_eq!(bench.said().len(), 200);
    let ruled: Vec<_> = bench.lines().into_iter().filter(|line| line.starts_with('[')).collect();
    assert_eq!(ruled.len(), 2, "{ruled:?}");
    bench.stop();
}

#[test]
fn a_file_is_deleted_and_made_anew() {
    let (_folder, base) = folder();
    let log = base.join("a.log");
    append(&log, "1\n");
    let bench = Bench::file(&log, Beginning::Last(10));
    for text in ["2", "3", "4"] {
        bench.wait_until("the last one", |lines| !lines.is_empty());
        fs::remove_file(&log).unwrap();
        append(&log, &format!("{text}\n"));
        bench.wait(&[text]);
    }
    bench.stop();
}

#[test]
fn a_file_that_appears_later_is_waited_for_with_its_folders() {
    let (_folder, base) = folder();
    let log = base.join("a/b/c.log");
    let bench = Bench::file(&log, Beginning::Last(1));
    bench.wait_ruled("does not exist");
    fs::create_dir(base.join("a")).unwrap();
    fs::create_dir(base.join("a/b")).unwrap();
    append(&log, "1\n2\n");
    bench.wait(&["1", "2"]);
    bench.wait_ruled("appeared");
    // The folder is moved away and another is in its place.
    fs::rename(base.join("a"), base.join("was")).unwrap();
    bench.wait_ruled("renamed or deleted");
    fs::create_dir_all(base.join("a/b")).unwrap();
    append(&log, "3\n");
    bench.wait(&["3"]);
    bench.stop();
}

#[test]
fn links_are_followed_to_where_they_lead_now() {
    let (_folder, base) = folder();
    for release in ["1", "2"] {
        fs::create_dir(base.join(release)).unwrap();
        append(&base.join(release).join("log"), &format!("{release}\n"));
    }
    let now = base.join("now");
    std::os::unix::fs::symlink("1", &now).unwrap();
    let bench = Bench::file(&now.join("log"), Beginning::Last(10));
    bench.wait(&["1"]);
    std::os::unix::fs::symlink("2", base.join("next")).unwrap();
    fs::rename(base.join("next"), &now).unwrap();
    bench.wait(&["2"]);
    append(&base.join("2/log"), "3\n");
    bench.wait(&["2", "3"]);
    bench.stop();
}

#[test]
fn a_file_that_may_not_be_read_is_read_once_it_may() {
    if nix::unistd::geteuid().is_root() {
        // Root may read everything.
        return;
    }
    let (_folder, base) = folder();
    let log = base.join("a.log");
    append(&log, "secret\n");
    fs::set_permissions(&log, fs::Permissions::from_mode(0o000)).unwrap();
    let bench = Bench::file(&log, Beginning::Last(10));
    bench.wait_ruled("cannot be read: permission denied");
    fs::set_permissions(&log, fs::Permissions::from_mode(0o600)).unwrap();
    bench.wait(&["secret"]);
    bench.stop();
}

#[test]
fn a_folder_is_an_error_with_its_mend() {
    let (_folder, base) = folder();
    let verdict = Bench::file(&base, Beginning::Last(10)).end();
    assert_eq!(verdict.end, crate::status::ThreadEnd::Failed);
    assert!(verdict.words.unwrap().contains("is a folder; name the files"));
}

#[test]
fn a_fifo_is_read_while_writers_come_and_go() {
    let (_folder, base) = folder();
    let fifo = base.join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let bench = Bench::file(&fifo, Beginning::Last(10));
    for text in ["one\n", "two\n", "three\n"] {
        OpenOptions::new().write(true).open(&fifo).unwrap().write_all(text.as_bytes()).unwrap();
        bench.wait(&[text.trim()]);
    }
    bench.stop();
}

#[test]
fn what_is_written_into_a_fifo_just_as_its_last_writer_went_is_not_lost() {
    let (_folder, base) = folder();
    let fifo = base.join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let bench = Bench::file(&fifo, Beginning::Last(10));
    // Once a line is seen the reader comes to the end, and there the next writer meets it.
    for number in 0..500 {
        let text = number.to_string();
        let mut writer = OpenOptions::new().write(true).open(&fifo).unwrap();
        writer.write_all(format!("{text}\n").as_bytes()).unwrap();
        drop(writer);
        bench.wait(&[&text]);
    }
    bench.stop();
}

#[test]
fn a_fifo_that_takes_the_place_of_another_is_read_after_it() {
    let (_folder, base) = folder();
    let fifo = base.join("fifo");
    let made = || nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    made();
    let bench = Bench::file(&fifo, Beginning::Last(10));
    let mut old = OpenOptions::new().write(true).open(&fifo).unwrap();
    old.write_all(b"old\n").unwrap();
    bench.wait(&["old"]);
    fs::remove_file(&fifo).unwrap();
    made();
    old.write_all(b"the last of it\n").unwrap();
    drop(old);
    OpenOptions::new().write(true).open(&fifo).unwrap().write_all(b"new\n").unwrap();
    bench.wait(&["old", "the last of it", "new"]);
    bench.stop();
}

/// Opens a fifo to write into it as soon as somebody reads it.
fn writer(fifo: &Path) -> File {
    use std::os::unix::fs::OpenOptionsExt;
    let deadline = clock::now() + DEADLINE;
    loop {
        // Who waits in open(2) waits for ever if nobody comes.
        let opened = OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(fifo);
        if let Ok(file) = opened {
            return file;
        }
        assert!(clock::now() < deadline, "nobody reads {}", fifo.display());
        std::thread::yield_now();
    }
}

/// Waits until this process has open what is at a path.
fn wait_open(path: &Path) {
    let deadline = clock::now() + DEADLINE;
    let is_open = || {
        let links = fs::read_dir("/proc/self/fd").unwrap().flatten();
        links.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|open| open == path)
    };
    while !is_open() {
        assert!(clock::now() < deadline, "nobody opens {}", path.display());
        std::thread::yield_now();
    }
}

#[test]
fn a_fifo_that_nobody_wrote_to_is_replaced() {
    let (_folder, base) = folder();
    let fifo = base.join("fifo");
    let made = || nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    made();
    let bench = Bench::file(&fifo, Beginning::Last(10));
    for _ in 0..3 {
        wait_open(&fifo);
        fs::remove_file(&fifo).unwrap();
        made();
    }
    for text in ["one", "two", "three"] {
        writer(&fifo).write_all(format!("{text}\n").as_bytes()).unwrap();
        bench.wait(&[text]);
        fs::remove_file(&fifo).unwrap();
        made();
    }
    wait_open(&fifo);
    // And a file, in the place of a fifo.
    fs::remove_file(&fifo).unwrap();
    append(&fifo, "four\n");
    bench.wait(&["four"]);
    bench.stop();
}

#[test]
fn a_fifo_that_is_replaced_while_it_has_a_writer_is_read_to_its_end_first() {
    let (_folder, base) = folder();
    let fifo = base.join("fifo");
    let made = || nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    made();
    let bench = Bench::file(&fifo, Beginning::Last(10));
    let mut old = writer(&fifo);
    fs::remove_file(&fifo).unwrap();
    made();
    // The new one is held already: its writer is not kept waiting, and what he writes comes second.
    writer(&fifo).write_all(b"new\n").unwrap();
    old.write_all(b"old\n").unwrap();
    bench.wait(&["old"]);
    drop(old);
    bench.wait(&["old", "new"]);
    bench.stop();
}

#[test]
fn the_end_of_a_device_ends_it() {
    let bench = Bench::file(Path::new("/dev/null"), Beginning::Last(10));
    assert_eq!(bench.end().words.as_deref(), Some("end of input after 0 bytes"));
}

/// As `/dev/kmsg` reads, where each is told once what was overwritten.
struct Overwritten(File, Vec<Result<&'static [u8], ErrorKind>>);

impl Read for Overwritten {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(next) = self.1.pop() else { return Ok(0) };
        let bytes = next?;
        buffer[..bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

impl AsFd for Overwritten {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[test]
fn what_was_overwritten_before_it_was_read_is_told_and_no_end() {
    let run = |context: &Context| {
        let answers = vec![Ok(&b"two\n"[..]), Err(ErrorKind::BrokenPipe), Ok(&b"one\n"[..])];
        let mut log = Overwritten(File::open("/dev/null").unwrap(), answers);
        let (ear, mut read) = (crate::sys::ear::Ear::open().unwrap(), 0);
        let over = stream::copy(context, &ear, &mut log, stream::Patience::default(), &mut read);
        assert_eq!((over.unwrap(), read), (stream::Over::End, 8));
        Ok::<_, String>(())
    };
    let bench = Bench::run(job(run).0, Arc::default());
    bench.wait(&["one", "[some of it was overwritten before it was read]", "two"]);
    assert_eq!(bench.end().end, crate::status::ThreadEnd::Returned);
}

#[test]
fn what_the_kernel_makes_up_is_read_to_its_end_once() {
    let bench = Bench::file(Path::new("/proc/self/limits"), Beginning::Last(10));
    let words = bench.end().words.unwrap();
    assert!(words.starts_with("end of input after "), "{words}");
    assert_eq!(bench.said().iter().filter(|line| line.starts_with("Max open files")).count(), 1);
}

#[test]
fn any_bytes_come_through() {
    let (_folder, base) = folder();
    let log = base.join("a.log");
    fs::write(&log, b"a\0b\xff\xfe\nlast\n").unwrap();
    let bench = Bench::file(&log, Beginning::Start);
    bench.wait(&["last"]);
    let taken = bench.output.lock().take_from(0, usize::MAX);
    assert_eq!(taken.lines().next().unwrap().bytes, b"a\0b\xff\xfe");
    bench.stop();
}

#[test]
fn the_last_lines_of_a_very_large_file_come_at_once() {
    let (_folder, base) = folder();
    let log = base.join("a.log");
    File::create(&log).unwrap().set_len(1 << 40).unwrap();
    append(&log, "\nfirst\nsecond\n");
    let bench = Bench::file(&log, Beginning::Last(2));
    bench.wait(&["first", "second"]);
    assert_eq!(bench.lines().len(), 2);
    bench.stop();
}

#[test]
fn what_grows_while_it_is_read_comes_whole_and_in_order() {
    const LINES: usize = 200_000;
    let (_folder, base) = folder();
    let log = base.join("a.log");
    File::create(&log).unwrap();
    let bench = Bench::file(&log, Beginning::Last(10));
    let writer = {
        let log = log.clone();
        std::thread::spawn(move || {
            for part in 0..LINES / 1000 {
                let numbers = part * 1000..(part + 1) * 1000;
                let text = numbers.map(|number| number.to_string() + "\n").collect::<String>();
                append(&log, &text);
                // The last one stays: one that is put aside before anybody looked is not seen by name.
                if part % 50 == 49 && part + 1 < LINES / 1000 {
                    fs::rename(&log, log.with_extension(format!("{part}"))).unwrap();
                }
            }
        })
    };
    writer.join().unwrap();
    let last = (LINES - 1).to_string();
    bench.wait_until("the last line", |lines| lines.iter().rev().take(9).any(|line| *line == last));
    let said = bench.said();
    // What was renamed twice between two looks is lost, as it is for everybody who follows a name.
    assert!(said.is_sorted_by_key(|line| line.parse::<usize>().unwrap()));
    bench.stop();
}

#[test]
fn files_that_match_get_workers_now_and_later() {
    let (_folder, base) = folder();
    fs::create_dir(base.join("x")).unwrap();
    append(&base.join("x/a.log"), "a\n");
    append(&base.join("x/other"), "a\n");
    let sought = vec![Sought::Pattern(base.join("*/*.log*").display().to_string())];
    let bench = Bench::of(Followed::Files(sought), Beginning::Last(7));
    bench.wait_added(&["a.log"]);
    // In a folder that comes later, of a name that is taken.
    fs::create_dir(base.join("y")).unwrap();
    append(&base.join("y/a.log"), "a\n");
    bench.wait_added(&["a.log", "y-a.log"]);
    let from: Vec<_> = bench.added.lock().unwrap().iter().map(|spec| spec.program.clone()).collect();
    let wanted = |file: &str, from| {
        crate::spec::Program::Follow(Follow { what: Followed::File(base.join(file)), from })
    };
    assert_eq!(from, [wanted("x/a.log", Beginning::Last(7)), wanted("y/a.log", Beginning::Start)]);
    // One that is put aside matches, and is none that came.
    fs::rename(base.join("x/a.log"), base.join("x/a.log.1")).unwrap();
    append(&base.join("x/a.log"), "new\n");
    append(&base.join("x/b.log"), "b\n");
    bench.wait_added(&["a.log", "b.log", "y-a.log"]);
    bench.stop();
}

#[test]
fn a_second_run_adds_nobody_again() {
    let (_folder, base) = folder();
    append(&base.join("a.log"), "a\n");
    let sought = vec![Sought::Pattern(base.join("*.log").display().to_string())];
    let spec = Spec::follow("logs", Follow { what: Followed::Files(sought), from: Beginning::Start });
    let crate::spec::Program::Follow(wanted) = &spec.program else { unreachable!() };
    let (asked_in, asked) = unbounded();
    let job = follow(&spec, wanted, move |spec| {
        asked_in.send(spec.name.to_string()).unwrap();
        Added::Yes
    });
    Bench::run(job.clone(), Arc::default()).stop_after(|| asked.recv_timeout(DEADLINE).unwrap());
    append(&base.join("b.log"), "b\n");
    let name = Bench::run(job, Arc::default()).stop_after(|| asked.recv_timeout(DEADLINE).unwrap());
    assert_eq!(name, "b.log");
    assert!(asked.is_empty());
}

impl Bench {
    fn stop_after<T>(self, wait: impl FnOnce() -> T) -> T {
        let waited = wait();
        self.stop();
        waited
    }
}

#[test]
fn a_name_of_any_bytes_is_followed_and_ends_no_search() {
    use std::os::unix::ffi::OsStringExt;
    let (_folder, base) = folder();
    let odd = |name: &[u8]| base.join(std::ffi::OsString::from_vec(name.to_vec()));
    append(&odd(b"\xff.txt"), "a\n");
    append(&base.join("a.log"), "a\n");
    let sought = vec![Sought::Pattern(base.join("*").display().to_string())];
    let bench = Bench::of(Followed::Files(sought), Beginning::Start);
    bench.wait_added(&["a.log", "txt"]);
    append(&odd(b"\xfe\xff"), "a\n");
    append(&base.join("b.log"), "a\n");
    // What is no letter makes no name.
    bench.wait_added(&["a.log", "b.log", "txt", "worker"]);
    let paths: Vec<_> = bench.added.lock().unwrap().iter().map(|spec| spec.program.clone()).collect();
    let first = Follow { what: Followed::File(odd(b"\xff.txt")), from: Beginning::Start };
    assert!(paths.contains(&crate::spec::Program::Follow(first)));
    bench.stop();
}

#[test]
fn links_to_an_ancestor_make_no_endless_search() {
    let (_folder, base) = folder();
    fs::create_dir_all(base.join("e/x")).unwrap();
    for link in ["l1", "l2"] {
        std::os::unix::fs::symlink(".", base.join("e/x").join(link)).unwrap();
    }
    append(&base.join("e/x/a.log"), "a\n");
    let sought = vec![Sought::Pattern(base.join("**/*.log").display().to_string())];
    let bench = Bench::of(Followed::Files(sought), Beginning::Start);
    bench.wait_added(&["a.log"]);
    append(&base.join("e/x/b.log"), "b\n");
    bench.wait_added(&["a.log", "b.log"]);
    bench.stop();
}

#[test]
fn a_pattern_that_cannot_be_read_is_an_error() {
    let sought = vec![Sought::Pattern("/nowhere/[a".to_owned())];
    let verdict = Bench::of(Followed::Files(sought), Beginning::Start).end();
    assert!(verdict.words.unwrap().starts_with("/nowhere/[a: "));
}
