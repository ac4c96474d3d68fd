//! One file that lines are added to: opened, put aside when it is full or old, begun anew when somebody
//! else moved it. Knows no worker.

use super::Moment;
use super::gzip::Gzip;
use crate::spec::Rotation;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How often it is looked whether the file is still where it was.
const LOOK: Duration = Duration::from_millis(500);
/// How soon a file that could not be put aside is tried again; meanwhile it grows on.
const ASIDE_AGAIN: Duration = Duration::from_mins(1);

/// More links in a row the kernel does not follow (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// A log file.
#[derive(Debug)]
pub(super) struct Rotating {
    path: PathBuf,
    rotation: Rotation,
    open: Option<Open>,
    aside_at: Option<Instant>,
}

#[derive(Debug)]
struct Open {
    file: File,
    /// Where it is once all links are followed: what is put aside is the file, not a link to it.
    path: PathBuf,
    /// Which file it is: device and inode.
    identity: (u64, u64),
    length: u64,
    begun: SystemTime,
    /// A device is never put aside, nor a name for what is open already, such as `/dev/stdout`.
    regular: bool,
    looked: Instant,
}

impl Rotating {
    pub(super) fn new(path: PathBuf, rotation: Rotation) -> Self {
        Self { path, rotation, open: None, aside_at: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens it where it is not open, or is not the file of its name any more. True if it is another
    /// file than before: what was half written has to be written again.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub(super) fn ready(&mut self, moment: Moment) -> io::Result<bool> {
        if let Some(open) = &mut self.open {
            if moment.now.saturating_duration_since(open.looked) < LOOK {
                return Ok(false);
            }
            open.looked = moment.now;
            let there = fs::metadata(&self.path);
            if there.is_ok_and(|found| (found.dev(), found.ino()) == open.identity) {
                // Somebody may have cut it to nothing in its place.
                open.length = open.file.metadata()?.len();
                return Ok(false);
            }
            self.open = None;
        }
        self.open = Some(open(&self.path, moment)?);
        Ok(true)
    }

    /// How many bytes it takes before it has to be put aside.
    pub(super) fn room(&self, moment: Moment) -> u64 {
        let Some(open) = self.open.as_ref().filter(|open| open.regular) else { return u64::MAX };
        if self.aside_at.is_some_and(|at| moment.now < at) {
            return u64::MAX;
        }
        let age = moment.wall.duration_since(open.begun).unwrap_or_default();
        if open.length > 0 && self.rotation.age.is_some_and(|most| age >= most) {
            return 0;
        }
        self.rotation.size.map_or(u64::MAX, |size| size.saturating_sub(open.length))
    }

    /// Whether there is anything in it.
    pub(super) fn is_empty(&self) -> bool {
        self.open.as_ref().is_none_or(|open| open.length == 0)
    }

    /// Writes what it takes. Returns how much that was.
    ///
    /// # Errors
    /// What the disk answers.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(open) = &mut self.open else { return Err(ErrorKind::NotFound.into()) };
        let written = loop {
            match open.file.write(bytes) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if written == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        open.length += written as u64;
        Ok(written)
    }

    /// Gives it another name, begins the next and lets the oldest of those go that were put aside.
    ///
    /// # Errors
    /// Why that cannot be. It grows on then.
    pub(super) fn put_aside(&mut self, moment: Moment, gzip: &mut Gzip) -> io::Result<()> {
        self.aside_at = Some(moment.now + ASIDE_AGAIN);
        // The clock may have been set back: what is put aside now is the newest all the same, and goes last.
        let newest = self.old()?.last_key_value().and_then(|(stamp, _)| moment_of(stamp));
        let newest = newest.filter(|newest| *newest < moment.wall + NO_CLOCK);
        let mut at = newest.map_or(moment.wall, |newest| moment.wall.max(newest));
        let aside = loop {
            let aside = self.aside(at);
            if !aside.exists() && !packed_name(&aside).exists() {
                break aside;
            }
            at += Duration::from_micros(1);
        };
        fs::rename(self.real_path(), &aside)?;
        self.open = None;
        self.open = Some(open(&self.path, moment)?);
        self.aside_at = None;
        self.tidy(gzip)
    }

    /// Lets go of what is too much of those that were put aside, and packs the rest where that is wanted.
    ///
    /// # Errors
    /// Why the folder cannot be read.
    pub(super) fn tidy(&self, gzip: &mut Gzip) -> io::Result<()> {
        let mut old = self.old()?;
        old.retain(|_, aside| {
            let whole = aside.plain.is_some() || aside.packed.is_some();
            if !whole {
                // What a minder began to pack that was killed, and another let go of.
                let _ = aside.part.take().map(fs::remove_file);
            }
            whole
        });
        let too_many = old.len().saturating_sub(self.rotation.keep as usize);
        for _ in 0..too_many {
            let Some((_, aside)) = old.pop_first() else { break };
            // It may have been taken away just now.
            let _ = aside.plain.map(fs::remove_file);
            let _ = aside.packed.map(fs::remove_file);
            let _ = aside.part.map(fs::remove_file);
        }
        if self.rotation.gzip {
            old.into_values().filter_map(|aside| aside.plain).for_each(|path| gzip.pack(path));
        }
        Ok(())
    }

    /// Those that were put aside, by the moment in their name.
    fn old(&self) -> io::Result<BTreeMap<String, Aside>> {
        let path = self.real_path();
        let folder = path.parent().unwrap_or(Path::new("/"));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut old: BTreeMap<String, Aside> = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let found = entry.file_name();
            let found = found.to_string_lossy();
            let Some(rest) = found.strip_prefix(&*name).and_then(|rest| rest.strip_prefix('.')) else {
                continue;
            };
            let (stamp, end) = rest.split_at_checked(STAMP.len()).unwrap_or((rest, ""));
            if !is_stamp(stamp) {
                continue;
            }
            let path = Some(entry.path());
            match end {
                "" => old.entry(stamp.to_owned()).or_default().plain = path,
                ".gz" => old.entry(stamp.to_owned()).or_default().packed = path,
                ".part" => old.entry(stamp.to_owned()).or_default().part = path,
                _ => {}
            }
        }
        Ok(old)
    }

    fn aside(&self, at: SystemTime) -> PathBuf {
        let mut name = self.real_path().into_os_string();
        name.push(".");
        name.push(stamp(at));
        name.into()
    }

    /// Where its file is, all links followed; before there is one, its name.
    fn real_path(&self) -> PathBuf {
        match &self.open {
            Some(open) => open.path.clone(),
            None => fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone()),
        }
    }
}

/// A name that is so far ahead was made by nobody's clock.
const NO_CLOCK: Duration = Duration::from_hours(100 * 365 * 24);

/// What there is of one that was put aside: while it is being packed, and if that was cut short, more than
/// one file.
#[derive(Debug, Default)]
struct Aside {
    plain: Option<PathBuf>,
    packed: Option<PathBuf>,
    part: Option<PathBuf>,
}

/// The name of a file once it is packed.
pub(super) fn packed_name(path: &Path) -> PathBuf {
    with_end(path, ".gz")
}

/// The name of what a file is being packed into.
pub(super) fn part_name(path: &Path) -> PathBuf {
    with_end(path, ".part")
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn open(path: &Path, moment: Moment) -> io::Result<Open> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Without waiting: a FIFO that nobody reads would keep the thread for ever.
    let options = OpenOptions::new()
        .append(true)
        .create(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path);
    let file = options?;
    let metadata = file.metadata()?;
    if metadata.file_type().is_fifo() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is a named pipe"));
    }
    // It may be gone again, or be a file without a name.
    let real = fs::canonicalize(path).ok();
    let begun = if metadata.len() == 0 { moment.wall } else { metadata.created().unwrap_or(moment.wall) };
    Ok(Open {
        identity: (metadata.dev(), metadata.ino()),
        length: metadata.len(),
        begun,
        regular: metadata.is_file() && real.is_some() && !leads_through_proc(path),
        path: real.unwrap_or_else(|| path.to_owned()),
        looked: moment.now,
        file,
    })
}

/// Whether it is a name for what a process has open, as `/dev/stdout` and links to it are: whoever opened
/// that under another name did not ask us to rename it.
fn leads_through_proc(path: &Path) -> bool {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Some(folder) = path.parent().and_then(|folder| fs::canonicalize(folder).ok()) else {
            return false;
        };
        if folder.starts_with("/proc") {
            return true;
        }
        let Ok(target) = fs::read_link(&path) else { return false };
        path = folder.join(target);
    }
    false
}

/// The moment that stands in a name.
fn moment_of(stamp: &str) -> Option<SystemTime> {
    let at = DateTime::strptime("%Y%m%dT%H%M%S%.fZ", stamp).ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp().into())
}

/// A moment as it stands in a name: `20261122T140309.000000Z`. Such names sort by time.
fn stamp(at: SystemTime) -> String {
    let at = Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y%m%dT%H%M%S.%6fZ").to_string()
}

/// How a moment stands in a name; `d` is any digit.
const STAMP: &[u8] = b"dddddddd\x54dddddd.dddddd\x5a";

fn is_stamp(text: &str) -> bool {
    text.len() == STAMP.len()
        && text.bytes().zip(STAMP).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            shape => byte == *shape,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "any instant will do as the test's zero")]
    fn moment(seconds: u64) -> Moment {
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000 + seconds);
        Moment { now: Instant::now() + Duration::from_secs(seconds), wall }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn names_sort_and_are_known_again() {
        let early = stamp(moment(0).wall);
        assert_eq!(early, "20261118T110640.000000Z");
        assert!(early < stamp(moment(1).wall));
        assert!(is_stamp(&early) && !is_stamp("20261118T110640Z") && !is_stamp("1"));
    }

    #[test]
    fn where_the_clock_was_set_back_the_newest_file_stays() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("api.log");
        let rotation = Rotation { size: Some(100), age: None, keep: 2, gzip: false };
        let mut file = Rotating::new(path, rotation);
        let mut gzip = Gzip::default();
        for (round, seconds) in [900_000, 900_001, 0, 1, 2].into_iter().enumerate() {
            let moment = moment(seconds);
            file.ready(moment).unwrap();
            file.write(format!("round {round}").as_bytes()).unwrap();
            file.put_aside(moment, &mut gzip).unwrap();
        }
        let kept =
            names(home.path()).into_iter().map(|name| fs::read_to_string(home.path().join(name)).unwrap());
        assert_eq!(kept.collect::<Vec<_>>(), ["", "round 3", "round 4"]);
    }

    #[test]
    fn a_full_or_old_file_is_put_aside_and_the_oldest_go() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("logs/api.log");
        let rotation = Rotation { size: Some(100), age: Some(Duration::from_mins(1)), keep: 2, gzip: false };
        let mut file = Rotating::new(path.clone(), rotation);
        let mut gzip = Gzip::default();
        for round in 0..5 {
            let moment = moment(round);
            assert_eq!(file.ready(moment).unwrap(), round == 0);
            assert_eq!(file.room(moment), 100);
            file.write(&[b'x'; 90]).unwrap();
            assert_eq!(file.room(moment), 10);
            file.put_aside(moment, &mut gzip).unwrap();
        }
        fs::write(home.path().join("logs/api.log.1"), "somebody else's").unwrap();
        let expected =
            ["api.log", "api.log.1", "api.log.20261118T110643.000000Z", "api.log.20261118T110644.000000Z"];
        assert_eq!(names(path.parent().unwrap()), expected);
        file.write(b"x").unwrap();
        assert_eq!((file.room(moment(63)), file.room(moment(64))), (99, 0));
    }

    #[test]
    fn behind_a_link_it_is_the_file_that_is_put_aside() {
        let home = tempfile::tempdir().unwrap();
        let (path, data) = (home.path().join("api.log"), home.path().join("data"));
        fs::create_dir(&data).unwrap();
        std::os::unix::fs::symlink(data.join("real.log"), &path).unwrap();
        let rotation = Rotation { size: Some(100), age: None, keep: 1, gzip: false };
        let mut file = Rotating::new(path.clone(), rotation);
        for round in 0..3 {
            file.ready(moment(round)).unwrap();
            file.write(&[b'x'; 100]).unwrap();
            file.put_aside(moment(round), &mut Gzip::default()).unwrap();
        }
        file.write(b"y").unwrap();
        assert_eq!(names(&data), ["real.log", "real.log.20261118T110642.000000Z"]);
        assert!(path.is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"y");
    }

    #[test]
    fn what_is_open_already_under_another_name_is_not_put_aside() {
        let own = tempfile::NamedTempFile::new().unwrap();
        let name = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(own.as_file()));
        let home = tempfile::tempdir().unwrap();
        let link = home.path().join("link");
        std::os::unix::fs::symlink(&name, &link).unwrap();
        for path in [name.into(), link] {
            let mut file = Rotating::new(path, Rotation { size: Some(1), ..Rotation::default() });
            file.ready(moment(0)).unwrap();
            file.write(b"more than there is room for").unwrap();
            assert_eq!(file.room(moment(1)), u64::MAX);
        }
    }

    #[test]
    fn one_that_is_being_packed_or_was_cut_short_in_it_counts_once() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("api.log");
        let name = |second: u32, end: &str| format!("api.log.20261122T1403{second:02}.000000Z{end}");
        for (second, end) in
            [(1, ""), (1, ".gz"), (2, ""), (2, ".part"), (3, ".gz"), (4, ".part"), (5, ""), (5, ".gz")]
        {
            fs::write(home.path().join(name(second, end)), "").unwrap();
        }
        let rotation = Rotation { keep: 3, gzip: false, ..Rotation::default() };
        Rotating::new(path, rotation).tidy(&mut Gzip::default()).unwrap();
        let names = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut left: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left, [name(2, ""), name(2, ".part"), name(3, ".gz"), name(5, ""), name(5, ".gz")]);
    }

    #[test]
    fn a_file_that_was_moved_is_begun_anew() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("api.log");
        let mut file = Rotating::new(path.clone(), Rotation::default());
        file.ready(moment(0)).unwrap();
        file.write(b"one\n").unwrap();
        fs::rename(&path, home.path().join("moved")).unwrap();
        assert!(file.ready(moment(2)).unwrap());
        file.write(b"two\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
        fs::remove_file(&path).unwrap();
        assert!(file.ready(moment(4)).unwrap());
        assert_eq!(fs::read_to_string(home.path().join("moved")).unwrap(), "one\n");
    }
}
