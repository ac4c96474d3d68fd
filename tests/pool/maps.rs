//! Maps: order, bound, chunks, endless inputs, and what goes wrong in the middle.

use super::expect_no_threads;
use minder::pool::{JobError, Pool};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn pool(workers: usize) -> Pool {
    Pool::threads(workers).silent_panics().start().expect("threads")
}

/// Takes a little time, more or less of it by number, so that others overtake.
fn dawdle(n: u64) -> u64 {
    for _ in 0..(n * 7919) % 50 {
        std::thread::yield_now();
    }
    n
}

#[test]
fn results_come_in_order_or_as_they_finish() {
    let pool = pool(3);
    for chunk in [1, 2, 7, 1000] {
        let ordered: Vec<_> = pool.map(0..200, dawdle).chunk(chunk).map(Result::unwrap).collect();
        assert_eq!(ordered, (0..200).collect::<Vec<_>>());
        let mut unordered: Vec<_> =
            pool.map_unordered(0..200, dawdle).chunk(chunk).map(Result::unwrap).collect();
        unordered.sort_unstable();
        assert_eq!(unordered, (0..200).collect::<Vec<_>>());
    }
    assert_eq!(pool.map(0..0, dawdle).next(), None);
}

#[test]
fn the_first_to_finish_comes_first() {
    let pool = pool(2);
    let (release, held) = crossbeam_channel::bounded::<()>(0);
    let work = move |n: i32| {
        if n == 0 {
            let _ = held.recv();
        }
        n
    };
    let mut results = pool.map_unordered(0..3, work);
    assert_eq!(results.next(), Some(Ok(1)));
    assert_eq!(results.next(), Some(Ok(2)));
    drop(release);
    assert_eq!(results.next(), Some(Ok(0)));
    assert_eq!(results.next(), None);
}

#[test]
fn an_endless_input_is_pulled_no_further_than_the_bound() {
    let pool = pool(2);
    // Neither Send nor ever over.
    let pulled = Rc::new(Cell::new(0_usize));
    let count = Rc::clone(&pulled);
    let input = std::iter::repeat_with(move || {
        count.set(count.get() + 1);
        count.get()
    });
    for unordered in [false, true] {
        pulled.set(0);
        let input = input.clone().map(|n| n as u64);
        let map = if unordered { pool.map_unordered(input, dawdle) } else { pool.map(input, dawdle) };
        let mut map = map.chunk(4).bound(3);
        assert_eq!(pulled.get(), 0, "it begins with the first next");
        for taken in 1..100_usize {
            map.next().unwrap().unwrap();
            assert!(
                pulled.get() <= taken.next_multiple_of(4) + 3 * 4,
                "{} pulled, {taken} taken",
                pulled.get()
            );
        }
        drop(map);
        assert!(pool.wait_idle(None));
    }
}

#[test]
fn a_map_that_is_dropped_cancels_what_has_not_begun() {
    let pool = pool(1);
    let ran = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&ran);
    let (release, held) = crossbeam_channel::bounded::<()>(0);
    let map = pool.map(0..100, move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        let _ = held.recv();
    });
    drop(map.bound(50).begin());
    drop(release);
    let progress = pool.join();
    assert_eq!(progress.submitted, 50);
    assert!(ran.load(Ordering::SeqCst) <= 1 && progress.cancelled >= 49, "{progress:?}");
}

#[test]
fn an_item_that_panics_fails_alone() {
    let pool = pool(2);
    for chunk in [1, 5] {
        let work = |n| if n % 4 == 3 { panic!("item {n}") } else { n };
        let results: Vec<Result<i32, JobError>> = pool.map(0..20, work).chunk(chunk).collect();
        assert_eq!(results.len(), 20);
        for (n, result) in results.into_iter().enumerate() {
            match result {
                Ok(value) => assert_eq!((value as usize, value % 4 == 3), (n, false)),
                Err(JobError::Panicked(panic)) => assert_eq!(panic.message, format!("item {n}")),
                Err(other) => panic!("{other:?}"),
            }
        }
        let stopped: Result<Vec<_>, _> = pool.map(0.., work).chunk(chunk).collect();
        assert!(matches!(stopped, Err(JobError::Panicked(panic)) if panic.message == "item 3"));
    }
}

#[test]
fn an_item_that_fails_is_counted_as_failed() {
    let pool = pool(2);
    assert_eq!(pool.map(0..10, |n| assert_ne!(n, 3)).filter(Result::is_err).count(), 1);
    let progress = pool.join();
    assert_eq!((progress.done, progress.failed), (9, 1));
}

#[test]
fn a_panic_of_the_input_is_the_callers_and_what_is_out_still_comes() {
    let pool = pool(2);
    let input = (0..10).inspect(|n| assert_ne!(*n, 5, "the input's own"));
    let mut map = pool.map(input, |n| n).bound(3);
    let mut results = Vec::new();
    let mut panics = 0;
    loop {
        match catch_unwind(AssertUnwindSafe(|| map.next())) {
            Ok(Some(result)) => results.push(result.unwrap()),
            Ok(None) => break,
            Err(_) => panics += 1,
        }
    }
    assert_eq!((results, panics), ((0..5).collect(), 1));
}

#[test]
fn a_map_over_a_pool_that_ends_ends() {
    let pool = pool(1);
    let mut map = pool.map(0.., |n| n);
    assert_eq!(map.next(), Some(Ok(0)));
    pool.terminate();
    let rest: Vec<_> = map.collect();
    assert!(rest.len() < 10, "{rest:?}");
    assert!(rest.last().is_some_and(Result::is_err));
    let name = format!("{}/", pool.name());
    drop(pool);
    expect_no_threads(&name);
}
