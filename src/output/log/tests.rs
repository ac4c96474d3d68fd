//! Logs with a keeper: whatever is pushed is there, exactly, or counted as dropped.

use super::*;
use crate::sys::clock;
use crossbeam_channel::{Receiver, unbounded};
use proptest::prelude::*;
use std::path::Path;
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_mins(1);

struct Kept {
    keeper: Keeper,
    told: Receiver<String>,
}

fn keeper(total: Budget, folder: Option<&Path>) -> Kept {
    let (tell, told) = unbounded();
    let tell = Box::new(move |words| tell.send(words).unwrap());
    Kept { keeper: Keeper::start(total, folder.map(Path::to_owned), tell).unwrap(), told }
}

const PLENTY: Budget = Budget { memory: 1 << 30, disk: 1 << 40 };

fn at(line: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(line / 7)
}

fn text(line: u64) -> String {
    format!(
        "{line} of the lines that a worker says, {} and so on",
        line.wrapping_mul(0x9E37_79B9) % 1_000_003
    )
}

fn push(log: &mut Log, lines: Range<u64>) {
    for line in lines {
        let stream = if line.is_multiple_of(5) { Stream::Stderr } else { Stream::Stdout };
        log.push(stream, at(line), text(line).as_bytes());
    }
}

/// Pushes as a worker does that waits where it has to.
fn push_slowly(log: &mut Log, lines: Range<u64>) {
    let mut next = lines.start;
    while next < lines.end {
        let end = lines.end.min(next + 500);
        push(log, next..end);
        next = end;
        wait_until(|| !log.is_full());
    }
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let end: Instant = clock::now() + DEADLINE;
    while !condition() {
        assert!(clock::now() < end, "it did not come to pass");
        std::thread::yield_now();
    }
}

/// Every line of the log is what was pushed.
fn expect_whole(log: &Log) {
    wait_until(|| !log.shelf.is_called());
    let taken = log.take_from(0, usize::MAX);
    assert_eq!((taken.dropped, taken.unreadable()), (log.first(), 0));
    let mut expected = log.first();
    for line in taken.lines() {
        assert_eq!((line.number, line.at), (expected, at(expected)));
        assert_eq!(line.bytes, text(expected).as_bytes());
        assert_eq!(line.stream == Stream::Stderr, expected.is_multiple_of(5));
        expected += 1;
    }
    assert_eq!(expected, log.next());
}

#[test]
fn memory_holds_several_times_its_size() {
    let kept = keeper(PLENTY, None);
    let mut log = Log::on(kept.keeper.shelf("api", Budget { memory: 2 << 20, disk: 0 }));
    let mut next = 0;
    for _ in 0..40 {
        push(&mut log, next..next + 3000);
        next += 3000;
        // As a worker that does not flood: the keeper keeps up.
        let shelf = Arc::clone(&log.shelf);
        wait_until(|| !shelf.is_called());
    }
    assert!(log.cost() <= 2 << 20);
    let bytes: usize = log.lines().map(|line| text(line).len() + 1).sum();
    assert!(bytes > 3 << 20, "{bytes} bytes");
    expect_whole(&log);
}

#[test]
fn what_memory_has_no_room_for_is_read_from_the_disk() {
    let home = tempfile::tempdir().unwrap();
    let kept = keeper(PLENTY, Some(home.path()));
    let mut log = Log::on(kept.keeper.shelf("api", Budget { memory: 1 << 20, disk: 1 << 30 }));
    push_slowly(&mut log, 0..200_000);
    assert_eq!(log.first(), 0);
    assert!(log.cost() <= 2 << 20, "{}", log.cost());
    assert!(log.shelf.taken().1 > 1 << 20);
    expect_whole(&log);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "files have no names");
    assert!(kept.told.is_empty());
}

#[test]
fn a_disk_budget_is_held_and_the_oldest_go_first() {
    let home = tempfile::tempdir().unwrap();
    let kept = keeper(PLENTY, Some(home.path()));
    let mut log = Log::on(kept.keeper.shelf("api", Budget { memory: 1 << 20, disk: 3 << 20 }));
    push_slowly(&mut log, 0..400_000);
    assert!(log.first() > 0);
    assert!(log.shelf.taken().1 <= 3 << 20);
    assert!(log.shelf.taken().1 > 1 << 20);
    expect_whole(&log);
}

#[test]
fn all_together_hold_one_budget_and_the_quiet_lose_nothing() {
    let total = Budget { memory: 4 << 20, disk: 0 };
    let kept = keeper(total, None);
    let own = Budget { memory: 4 << 20, disk: 0 };
    let mut logs: Vec<Log> = (0..8).map(|_| Log::on(kept.keeper.shelf("x", own))).collect();
    push(&mut logs[7], 0..2000);
    for round in 0..50 {
        for log in &mut logs[..7] {
            push(log, round * 1000..(round + 1) * 1000);
        }
    }
    let cost = |logs: &[Log]| logs.iter().map(|log| log.shelf.cost()).sum::<usize>();
    wait_until(|| cost(&logs) <= 4 << 20);
    assert_eq!(logs[7].first(), 0);
    assert!(logs[..7].iter().any(|log| log.first() > 0));
    logs.iter().for_each(expect_whole);
}

#[test]
fn a_disk_that_fails_is_told_once_and_costs_the_oldest_lines() {
    // A file stands where the folder should be.
    let file = tempfile::NamedTempFile::new().unwrap();
    let kept = keeper(PLENTY, Some(&file.path().join("minder")));
    let mut log = Log::on(kept.keeper.shelf("api", Budget { memory: 1 << 20, disk: 1 << 30 }));
    push_slowly(&mut log, 0..200_000);
    assert!(log.first() > 0);
    assert!(log.cost() <= 2 << 20);
    expect_whole(&log);
    let told = kept.told.recv_timeout(DEADLINE).unwrap();
    assert!(told.starts_with("api: its oldest lines cannot be kept in "), "{told}");
    assert!(kept.told.is_empty());
}

#[test]
fn the_thread_ends_with_the_last_log() {
    let kept = keeper(PLENTY, None);
    let log = Log::on(kept.keeper.shelf("api", Budget::default()));
    drop(kept.keeper);
    drop(log);
    // The thread owned what tells.
    assert!(kept.told.recv_timeout(DEADLINE).is_err_and(|error| error.is_disconnected()));
}

#[derive(Debug, Clone)]
enum Step {
    Push(u64),
    Wait,
    Read,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step =
        prop_oneof![4 => (1..6000_u64).prop_map(Step::Push), 1 => Just(Step::Wait), 1 => Just(Step::Read)];
    prop::collection::vec(step, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_line_is_there_exactly_or_counted(
        steps in steps(),
        memory in (256_usize << 10)..(2 << 20),
        total in (256_usize << 10)..(3 << 20),
        disk in prop_oneof![Just(0), 1_u64 << 20..6 << 20],
    ) {
        let home = tempfile::tempdir().unwrap();
        let kept = keeper(Budget { memory: total, disk: 4 << 20 }, Some(home.path()));
        let mut logs: Vec<Log> =
            (0..2).map(|_| Log::on(kept.keeper.shelf("x", Budget { memory, disk }))).collect();
        let mut next = [0, 0];
        for (turn, step) in steps.into_iter().enumerate() {
            let place = turn % 2;
            match step {
                Step::Push(count) => {
                    push(&mut logs[place], next[place]..next[place] + count);
                    next[place] += count;
                }
                Step::Wait => wait_until(|| !logs[place].is_full()),
                Step::Read => expect_whole_or_gone(&logs[place]),
            }
            prop_assert_eq!(logs[place].next(), next[place]);
        }
        logs.iter().for_each(expect_whole);
    }
}

/// As [`expect_whole`], while the keeper may let the oldest go.
fn expect_whole_or_gone(log: &Log) {
    let taken = log.take_from(0, usize::MAX);
    let first = taken.lines().next().map_or(0, |line| line.number);
    assert!(first <= log.next());
    assert!(taken.lines().zip(first..).all(|(line, number)| line.number == number));
    assert!(taken.lines().all(|line| line.bytes == text(line.number).as_bytes()));
}
