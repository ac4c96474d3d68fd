//! Times of threads, medians and percentiles.

use std::fs;
use std::time::Duration;

/// How long this thread ran on a processor (proc(5), schedstat).
pub(crate) fn own_time() -> Duration {
    time_of("/proc/thread-self")
}

/// The same of the thread with this name in this process. A thread names itself after its start: it
/// is waited for.
pub(crate) fn time_of_thread(name: &str) -> Duration {
    loop {
        let tasks = fs::read_dir("/proc/self/task").expect("/proc is mounted");
        let mut paths = tasks.filter_map(|task| Some(task.ok()?.path().display().to_string()));
        let named =
            |path: &String| fs::read_to_string(format!("{path}/comm")).is_ok_and(|comm| comm.trim() == name);
        match paths.find(named) {
            Some(path) => return time_of(&path),
            None => std::thread::yield_now(),
        }
    }
}

fn time_of(task: &str) -> Duration {
    let text = fs::read_to_string(format!("{task}/schedstat")).expect("the kernel keeps schedstat");
    let nanoseconds = text.split_whitespace().next().and_then(|word| word.parse().ok());
    Duration::from_nanos(nanoseconds.expect("a number comes first"))
}

/// The value below which `part` (0 to 1) of them lie.
pub(crate) fn percentile<T: Copy + PartialOrd>(values: &mut [T], part: f64) -> T {
    values.sort_by(|one, other| one.partial_cmp(other).expect("comparable"));
    values[((values.len() - 1) as f64 * part).round() as usize]
}

/// The value in the middle.
pub(crate) fn median<T: Copy + PartialOrd>(values: &mut [T]) -> T {
    percentile(values, 0.5)
}
