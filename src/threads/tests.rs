//! Runs of thread workers, without a supervisor.

use super::*;
use crate::guest::Bell;
use crate::output::{Output, Stream};
use crate::protocol::Size;
use crate::reactor::RunId;
use crate::status::ThreadEnd;
use crossbeam_channel::{Receiver, unbounded};
use std::fmt::Debug;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

const DEADLINE: Duration = Duration::from_mins(1);

struct Bench {
    output: Arc<Output>,
    reports: Receiver<Report>,
    thread: Option<Thread>,
}

impl Bench {
    fn run(job: Job) -> Self {
        let size = Size { columns: 80, rows: 24 };
        let output = Arc::new(Output::new(size, false));
        let (reports_in, reports) = unbounded();
        let around = Surroundings {
            name: "api\0and a name that is too long for the kernel".into(),
            output: Arc::clone(&output),
            bell: Bell::default(),
            reports: reports_in,
        };
        let thread = start(RunId { worker: 0, serial: 1 }, job, around).unwrap();
        Self { output, reports, thread: Some(thread) }
    }

    /// Its verdict, or that it did not end in time.
    fn end(&self) -> Verdict {
        loop {
            match self.reports.recv_timeout(DEADLINE).expect("it ends") {
                Report::Ended(_, verdict) => return verdict,
                Report::Started(..) | Report::Progress(..) | Report::Ruled(..) => {}
            }
        }
    }

    fn lines(&self) -> Vec<(Stream, String)> {
        let mut pane = self.output.lock();
        pane.finish(crate::sys::clock::wall());
        let taken = pane.take_from(0, usize::MAX);
        taken.lines().map(|line| (line.stream, String::from_utf8_lossy(line.bytes).into_owned())).collect()
    }
}

fn verdict(end: ThreadEnd, words: &str) -> Verdict {
    Verdict { end, words: Some(words.into()) }
}

fn result<T, E>(results: &Receiver<Result<T, JoinError<E>>>) -> Result<T, JoinError<E>> {
    results.recv_timeout(DEADLINE).expect("there is a result")
}

#[test]
fn a_value_is_shown_and_handed_over() {
    let (job, results) = job(|_: &Context| Ok::<_, String>(vec![1, 2]));
    let bench = Bench::run(job);
    assert_eq!(bench.end(), verdict(ThreadEnd::Returned, "[1, 2]"));
    assert_eq!(result(&results), Ok(vec![1, 2]));
    drop(bench);
    assert!(results.recv_timeout(DEADLINE).is_err(), "no more can come");
}

#[test]
fn an_error_is_shown_in_the_pane_and_handed_over() {
    let (job, results) = job(|context: &Context| {
        write!(context.stdout(), "half a line").unwrap();
        Err::<(), _>(std::io::Error::other("no\nway"))
    });
    let bench = Bench::run(job);
    assert_eq!(bench.end(), verdict(ThreadEnd::Failed, "no way"));
    assert!(matches!(result(&results), Err(JoinError::Failed(error)) if error.to_string() == "no\nway"));
    let lines = bench.lines();
    assert_eq!(lines[0], (Stream::Stderr, "error: no".into()), "{lines:?}");
    assert!(lines.contains(&(Stream::Stdout, "half a line".into())), "{lines:?}");
}

#[test]
fn a_panic_is_caught_with_its_place_and_said_in_the_pane_alone() {
    let (job, results) = job(|_: &Context| -> Result<(), String> { panic!("no {}", "more") });
    let bench = Bench::run(job);
    let told = bench.end();
    assert_eq!(told.end, ThreadEnd::Panicked);
    let words = told.words.unwrap();
    assert!(words.starts_with("src/threads/tests.rs:") && words.ends_with(": no more"), "{words}");
    let Err(JoinError::Panicked(panic)) = result(&results) else { panic!("it panicked") };
    assert_eq!(panic.message, "no more");
    assert!(panic.location.unwrap().starts_with("src/threads/tests.rs:"));
    assert!(bench.lines()[0].1.starts_with("panicked at src/threads/tests.rs:"), "{:?}", bench.lines());
}

/// Panics wherever it is asked to.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(self.0 != "dropped", "dropped");
    }
}

impl Debug for Bomb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        assert!(self.0 != "shown", "shown");
        f.write_str("a bomb")
    }
}

impl std::fmt::Display for Bomb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Debug::fmt(self, f)
    }
}

#[test]
fn a_panic_in_the_words_of_a_value_or_an_error_is_a_panic_and_the_value_is_not_lost() {
    let (as_value, values) = job(|_: &Context| Ok::<_, String>(Bomb("shown")));
    assert_eq!(Bench::run(as_value).end().end, ThreadEnd::Panicked);
    assert!(result(&values).is_ok());
    let (as_error, errors) = job(|_: &Context| Err::<(), _>(Bomb("shown")));
    assert_eq!(Bench::run(as_error).end().end, ThreadEnd::Panicked);
    assert!(matches!(result(&errors), Err(JoinError::Failed(Bomb("shown")))));
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_is_caught_as_well() {
    let (job, _results) = job(|_: &Context| -> Result<(), String> { std::panic::panic_any(Bomb("dropped")) });
    assert_eq!(Bench::run(job).end().end, ThreadEnd::Panicked);
}

#[test]
fn what_a_closure_holds_may_panic_when_it_is_dropped() {
    let bomb = Bomb("dropped");
    let (job, results) = job(move |_: &Context| {
        let held = &bomb;
        Ok::<_, String>(held.0)
    });
    let bench = Bench::run(job.clone());
    assert_eq!(bench.end().end, ThreadEnd::Returned);
    drop(bench);
    drop(job);
    assert_eq!(result(&results).unwrap(), "dropped");
}

#[test]
fn a_sleep_ends_when_it_is_asked_to_stop() {
    let (job, results) = job(|context: &Context| {
        context.sleep(Duration::from_millis(1))?;
        context.sleep(Duration::from_hours(1))
    });
    let mut bench = Bench::run(job);
    bench.thread.as_mut().unwrap().ask_to_stop();
    assert_eq!(bench.end(), verdict(ThreadEnd::Failed, "asked to stop"));
    assert_eq!(result(&results), Err(JoinError::Failed(Stopped)));
}

#[test]
fn a_writer_waits_for_a_reader_far_behind_but_not_once_it_is_asked_to_stop() {
    let (said, heard) = unbounded();
    let (job, _results) = job(move |context: &Context| {
        let line = [b'x'; 1023];
        for number in 0.. {
            context.stdout().write_all(&line)?;
            writeln!(context.stdout())?;
            if context.stop_requested() {
                return Ok(number);
            }
            said.send(()).unwrap();
        }
        Ok::<_, std::io::Error>(0)
    });
    let mut bench = Bench::run(job);
    bench.output.set_printed_up_to(Some(0));
    while !bench.output.is_full() {
        // It may be the line that filled the pane, of which nothing is heard: look again.
        let _ = heard.recv_timeout(Duration::from_millis(10));
    }
    // It comes to wait for good: nothing more is heard, however long.
    while heard.recv_timeout(Duration::from_millis(300)).is_ok() {}
    bench.thread.as_mut().unwrap().ask_to_stop();
    assert_eq!(bench.end().end, ThreadEnd::Returned);
}

#[test]
fn a_thread_that_was_let_go_writes_into_nothing_and_its_result_is_nobodys() {
    let (go, gone) = unbounded::<()>();
    let (job, results) = job(move |context: &Context| {
        let _ = gone.recv();
        let error = writeln!(context.stdout(), "late").unwrap_err();
        Ok::<_, String>(error.kind())
    });
    let mut bench = Bench::run(job.clone());
    bench.thread.take().unwrap().let_go();
    job.abandoned();
    drop(go);
    assert_eq!(bench.end(), verdict(ThreadEnd::Returned, "BrokenPipe"));
    assert_eq!(bench.lines(), []);
    assert_eq!(result(&results), Err(JoinError::Abandoned));
}

#[test]
fn lines_of_helper_threads_stay_whole() {
    let (job, _results) = job(|context: &Context| {
        std::thread::scope(|scope| {
            for helper in 0..4 {
                scope.spawn(move || {
                    for _ in 0..500 {
                        writeln!(context.stdout(), "{helper}{helper}{helper}{helper}").unwrap();
                    }
                });
            }
        });
        Ok::<_, String>(())
    });
    let bench = Bench::run(job);
    assert_eq!(bench.end(), Verdict { end: ThreadEnd::Returned, words: None });
    let lines = bench.lines();
    assert_eq!(lines.len(), 2000);
    assert!(lines.iter().all(|(_, line)| ["0000", "1111", "2222", "3333"].contains(&line.as_str())));
}

#[test]
fn a_closure_that_can_run_only_once_says_so_the_second_time() {
    let (job, results) = job_once(|_: &Context| Ok("once"));
    assert_eq!(Bench::run(job.clone()).end(), verdict(ThreadEnd::Returned, "\"once\""));
    assert_eq!(result(&results), Ok("once"));
    assert_eq!(Bench::run(job).end(), verdict(ThreadEnd::Failed, "its closure can run only once"));
}

#[test]
fn progress_is_kept_and_told_in_tenths() {
    let (job, _results) = job(|context: &Context| {
        for done in 0..=1000 {
            context.progress(done, 1000);
        }
        Ok::<_, String>(())
    });
    let bench = Bench::run(job);
    let told = bench.reports.iter().take_while(|report| !matches!(report, Report::Ended(..)));
    let told = told.filter(|report| matches!(report, Report::Progress(..))).count();
    assert!((1..=11).contains(&told), "{told}");
    assert_eq!(bench.output.progress().unwrap().percent(), Some(100));
}
