//! What to do about the file at a path, given what is there and what is being read: go on, begin anew,
//! move over to another file, wait. Pure; opens nothing and reads nothing.

/// Which file it is, whatever its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
}

/// What is at the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AtPath {
    /// Nothing.
    Missing,
    /// Something that cannot be opened; why.
    Refused(String),
    /// What cannot be followed: a folder, a disk. Its kind, with its article.
    Strange(&'static str),
    /// A file.
    File { id: Identity, length: u64 },
}

/// The file that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) id: Identity,
    /// Up to where it was read.
    pub(super) offset: u64,
    /// How long it is now.
    pub(super) length: u64,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Read on, if anything is open, and wait.
    Go,
    /// Read the open file from its start.
    Anew,
    /// Read the open file to its end, and go on with the one at the path, from its start.
    MoveOver,
    /// Read the one at the path. The first of a run: where the worker was told to begin.
    Begin { first: bool },
}

/// What was last said of the path, so that it is said once.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Nothing,
    Missing,
    Refused(String),
    Strange(&'static str),
}

/// One file's course in a run.
#[derive(Debug)]
pub(super) struct Course {
    told: Told,
    /// Something was looked at before.
    looked: bool,
}

impl Course {
    pub(super) fn new() -> Self {
        Self { told: Told::Nothing, looked: false }
    }

    /// What to do, and what is to be said.
    pub(super) fn look(&mut self, path: &AtPath, reading: Option<Reading>) -> (Step, Option<String>) {
        let first = !std::mem::replace(&mut self.looked, true);
        if let Some(Reading { offset, length, .. }) = reading
            && length < offset
        {
            let words = format!("truncated: was {offset} bytes, is {length}; read from its start");
            return (Step::Anew, Some(words));
        }
        match (path, reading) {
            (AtPath::Missing, _) => (Step::Go, self.tell(Told::Missing, reading)),
            (AtPath::Refused(why), _) => (Step::Go, self.tell(Told::Refused(why.clone()), reading)),
            (AtPath::Strange(kind), _) => (Step::Go, self.tell(Told::Strange(kind), reading)),
            (AtPath::File { .. }, None) => {
                let told = std::mem::replace(&mut self.told, Told::Nothing);
                let words = match told {
                    Told::Nothing => None,
                    Told::Missing | Told::Strange(_) => Some("appeared".to_owned()),
                    Told::Refused(_) => Some("can be read now".to_owned()),
                };
                (Step::Begin { first }, words)
            }
            (AtPath::File { id, .. }, Some(open)) if *id == open.id => {
                let was = std::mem::replace(&mut self.told, Told::Nothing);
                (Step::Go, (was == Told::Missing).then(|| "is back".to_owned()))
            }
            // Whoever writes writes to the old one still, until the new one has something in it.
            (AtPath::File { length: 0, .. }, Some(_)) => (Step::Go, None),
            (AtPath::File { .. }, Some(_)) => {
                self.told = Told::Nothing;
                (Step::MoveOver, Some("rotated: another file is at its path".to_owned()))
            }
        }
    }

    fn tell(&mut self, told: Told, reading: Option<Reading>) -> Option<String> {
        if self.told == told {
            return None;
        }
        let words = match (&told, reading.is_some()) {
            (Told::Nothing, _) => None,
            (Told::Missing, false) => Some("does not exist; waits until it appears".to_owned()),
            (Told::Missing, true) => Some("renamed or deleted; waits for the next one".to_owned()),
            (Told::Refused(why), _) => Some(format!("cannot be read: {why}; waits until it can")),
            (Told::Strange(kind), _) => Some(format!("{kind} is at its path; waits for a file")),
        };
        self.told = told;
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn id(inode: u64) -> Identity {
        Identity { device: 1, inode }
    }

    const fn file(inode: u64, length: u64) -> AtPath {
        AtPath::File { id: id(inode), length }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as it is given to `look`")]
    fn at(inode: u64, offset: u64, length: u64) -> Option<Reading> {
        Some(Reading { id: id(inode), offset, length })
    }

    fn after_begin() -> Course {
        let mut course = Course::new();
        assert_eq!(course.look(&file(1, 9), None), (Step::Begin { first: true }, None));
        course
    }

    #[test]
    fn a_file_that_grows_is_read_on() {
        let mut course = after_begin();
        assert_eq!(course.look(&file(1, 20), at(1, 9, 20)), (Step::Go, None));
    }

    #[test]
    fn rename_and_create_moves_over_once_the_new_one_is_written_to() {
        let mut course = after_begin();
        let (step, words) = course.look(&AtPath::Missing, at(1, 9, 9));
        assert_eq!((step, words.as_deref()), (Step::Go, Some("renamed or deleted; waits for the next one")));
        assert_eq!(course.look(&AtPath::Missing, at(1, 9, 12)), (Step::Go, None));
        assert_eq!(course.look(&file(2, 0), at(1, 12, 15)), (Step::Go, None));
        let (step, words) = course.look(&file(2, 5), at(1, 15, 15));
        assert_eq!(step, Step::MoveOver);
        assert!(words.unwrap().starts_with("rotated"));
    }

    #[test]
    fn a_truncated_file_is_read_from_its_start_even_while_another_is_at_its_path() {
        let mut course = after_begin();
        let (step, words) = course.look(&file(1, 3), at(1, 9, 3));
        assert_eq!(step, Step::Anew);
        assert_eq!(words.unwrap(), "truncated: was 9 bytes, is 3; read from its start");
        assert_eq!(course.look(&file(2, 7), at(1, 3, 0)).0, Step::Anew);
    }

    #[test]
    fn what_appears_later_is_read_from_its_start() {
        let mut course = Course::new();
        let (step, words) = course.look(&AtPath::Missing, None);
        assert_eq!((step, words.as_deref()), (Step::Go, Some("does not exist; waits until it appears")));
        assert_eq!(course.look(&AtPath::Missing, None), (Step::Go, None));
        let (step, words) = course.look(&file(1, 5), None);
        assert_eq!((step, words.as_deref()), (Step::Begin { first: false }, Some("appeared")));
    }

    #[test]
    fn what_cannot_be_read_is_told_once_and_read_when_it_can() {
        let mut course = Course::new();
        let refused = AtPath::Refused("Permission denied".into());
        let told = course.look(&refused, None).1.unwrap();
        assert_eq!(told, "cannot be read: Permission denied; waits until it can");
        assert_eq!(course.look(&refused, None), (Step::Go, None));
        assert_eq!(course.look(&file(1, 5), None).1.as_deref(), Some("can be read now"));
    }

    fn facts() -> impl Strategy<Value = (AtPath, Option<Reading>)> {
        let path = prop_oneof![
            Just(AtPath::Missing),
            Just(AtPath::Refused("no".into())),
            Just(AtPath::Strange("a folder")),
            (1_u64..4, 0_u64..4).prop_map(|(inode, length)| file(inode, length)),
        ];
        let open = (1_u64..4, 0_u64..4, 0_u64..4);
        let reading = proptest::option::of(open.prop_map(|(inode, offset, length)| Reading {
            id: id(inode),
            offset,
            length,
        }));
        (path, reading)
    }

    proptest! {
        #[test]
        fn whatever_happens_nothing_is_said_twice_and_no_file_is_read_that_is_not_there(
            all in proptest::collection::vec(facts(), 1..40),
        ) {
            let mut course = Course::new();
            for (index, (path, reading)) in all.iter().enumerate() {
                let (step, _) = course.look(path, *reading);
                let there = matches!(path, AtPath::File { .. });
                match step {
                    Step::Go => prop_assert!(reading.is_none_or(|open| open.length >= open.offset)),
                    Step::Anew => prop_assert!(reading.is_some()),
                    Step::MoveOver => prop_assert!(there && reading.is_some()),
                    Step::Begin { first } => {
                        prop_assert!(there && reading.is_none());
                        prop_assert_eq!(first, index == 0);
                    }
                }
                // The same facts again, read to their end.
                let calm = reading.map(|open| Reading { offset: open.length, ..open });
                if calm.is_some() {
                    course.look(path, calm);
                    let again = course.look(path, calm);
                    prop_assert!(again.1.is_none() || again.0 == Step::MoveOver);
                }
            }
        }
    }
}
