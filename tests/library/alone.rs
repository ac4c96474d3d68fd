//! What can be seen only of a program as a whole: its threads, children, handlers and masks. Each of
//! these runs in a process of its own.

use super::PATIENCE;
use crate::support::{DEADLINE, poll_until};
use crossbeam_channel::never;
use minder::{Context, Signal, Spec, Supervisor};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Runs one of the tests below, which are ignored otherwise, in a process of its own.
fn run_alone(test: &str, environment: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args([&format!("library::alone::{test}"), "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn expect_success(test: &str) {
    let ran = run_alone(test, &[]);
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

fn status_line(key: &str) -> String {
    let status = fs::read_to_string("/proc/thread-self/status").unwrap();
    status.lines().find(|line| line.starts_with(key)).unwrap().to_owned()
}

fn threads() -> BTreeSet<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    tasks.map(|task| task.unwrap().file_name().into_string().unwrap()).collect()
}

/// Children of every thread of ours, zombies included.
fn children() -> Vec<String> {
    let lists =
        threads().into_iter().map(|tid| fs::read_to_string(format!("/proc/self/task/{tid}/children")));
    let lists: Vec<_> = lists.filter_map(Result::ok).collect();
    lists.iter().flat_map(|list| list.split_ascii_whitespace()).map(str::to_owned).collect()
}

/// Whatever says that a supervisor in this process started it.
fn started_by_us() -> Vec<i32> {
    let mark = format!("MINDER_SUPERVISOR={}.", std::process::id());
    let has = |process: &crate::support::Process| {
        let environment = fs::read(format!("/proc/{}/environ", process.pid)).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(mark.as_bytes()))
    };
    crate::support::all().iter().filter(|process| process.alive() && has(process)).map(|p| p.pid).collect()
}

#[test]
fn dropped_at_any_moment_it_leaves_nothing() {
    expect_success("drops_at_random_moments");
}

#[test]
#[ignore = "`dropped_at_any_moment_it_leaves_nothing` runs it, in a process of its own"]
fn drops_at_random_moments() {
    let before = threads();
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut supervisor = Supervisor::new();
        let grace = Duration::from_millis(random.u64(20..200));
        let processes = [
            "sleep 1000",
            "trap '' TERM; while :; do sleep 0.01; done",
            "setsid sh -c 'sleep 1000 & exec sleep 1000' & exec sleep 1000",
            "(setsid sleep 1000 &); exit 0",
            "exit 3",
        ];
        for (n, line) in processes.into_iter().enumerate() {
            let mut spec = Spec::shell(format!("process-{n}"), line);
            spec.stop.grace = grace;
            supervisor.add(spec).unwrap();
        }
        for n in 0..5 {
            let sleep = Duration::from_millis(random.u64(0..30));
            let body = move |context: &Context| context.sleep(sleep);
            supervisor.add_thread(Spec::thread(format!("thread-{n}"), "sleeps"), body).unwrap();
        }
        let running = supervisor.start().unwrap();
        let _ = never::<()>().recv_timeout(Duration::from_millis(random.u64(0..40)));
        drop(running);
        // A joined thread is in the list until the kernel has forgotten it.
        let joined = || (threads() == before).then_some(());
        assert!(poll_until(DEADLINE, joined).is_some(), "threads, seed {seed}: {:?}", threads());
        assert_eq!(children(), [""; 0], "children, seed {seed}");
        assert_eq!(started_by_us(), [0; 0], "processes that fled, seed {seed}");
    }
}

#[test]
fn nothing_of_the_program_is_changed() {
    expect_success("changes_nothing");
}

#[test]
#[ignore = "`nothing_of_the_program_is_changed` runs it, in a process of its own"]
fn changes_nothing() {
    let look = || {
        let mut subreaper = 0;
        nix::sys::prctl::get_child_subreaper().map(|is| subreaper = i32::from(is)).unwrap();
        let limit = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE).unwrap();
        (["SigBlk", "SigIgn", "SigCgt"].map(status_line), subreaper, limit)
    };
    let before = look();
    // A child of the program's own: neither reaped nor touched.
    let mut own = Command::new("sh").args(["-c", "exit 9"]).spawn().unwrap();
    let mut lives = Command::new("sleep").arg("1000").spawn().unwrap();
    let mut supervisor = Supervisor::new();
    let worker = supervisor.add(Spec::shell("worker", "exit 1")).unwrap();
    supervisor.add_thread(Spec::thread("thread", ""), |_| Ok::<_, String>(())).unwrap();
    let running = supervisor.start().unwrap();
    worker.wait(PATIENCE).unwrap();
    assert_eq!(look(), before, "while it runs");
    drop(running);
    assert_eq!(look(), before, "afterwards");
    assert_eq!(own.wait().unwrap().code(), Some(9));
    assert_eq!(lives.try_wait().unwrap(), None);
    lives.kill().unwrap();
    lives.wait().unwrap();
}

fn raise(signal: nix::sys::signal::Signal) {
    nix::sys::signal::kill(nix::unistd::Pid::this(), signal).unwrap();
}

#[test]
fn signals_are_events_where_they_are_asked_for_and_mean_what_they_meant_afterwards() {
    let ran = run_alone("hears_signals_and_dies_by_one", &[]);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.signal(), Some(15), "{said}");
    assert!(said.contains("heard all"), "{said}");
}

#[test]
#[ignore = "`signals_are_events_where_they_are_asked_for_and_mean_what_they_meant_afterwards` runs it, in a process of its own"]
fn hears_signals_and_dies_by_one() {
    use nix::sys::signal::Signal as Kernel;
    static OWN: AtomicU32 = AtomicU32::new(0);
    let handler = || {
        OWN.fetch_add(1, Ordering::SeqCst);
    };
    // SAFETY is signal-hook's matter: its own registry calls this in a handler.
    let _own = signal_hook_handler(handler);
    let before = status_line("SigBlk");
    for round in 1..=2 {
        let mut supervisor = Supervisor::new().hear_signals();
        supervisor.add(Spec::exec("sleeps", ["sleep", "1000"])).unwrap();
        let blocked = supervisor
            .add_thread(Spec::thread("thread", ""), |_| Ok::<_, String>(status_line("SigBlk")))
            .unwrap();
        let running = supervisor.start().unwrap();
        for (kernel, ours) in [
            (Kernel::SIGTERM, Signal::TERM),
            (Kernel::SIGINT, Signal::INT),
            (Kernel::SIGUSR1, Signal::USR1),
            (Kernel::SIGWINCH, Signal::WINCH),
        ] {
            raise(kernel);
            assert_eq!(running.signals().recv_timeout(PATIENCE.unwrap()), Ok(ours));
        }
        let mask = blocked.join(PATIENCE).unwrap();
        let mask = u64::from_str_radix(mask.split_whitespace().last().unwrap(), 16).unwrap();
        assert_eq!(mask & (1 << 14), 1 << 14, "thread workers block SIGTERM: {mask:x}");
        drop(running);
        assert_eq!(status_line("SigBlk"), before);
        let called = poll_until(DEADLINE, || (OWN.load(Ordering::SeqCst) >= round).then_some(()));
        assert!(called.is_some(), "the program's own handler is called as before");
    }
    raise(Kernel::SIGWINCH);
    eprintln!("heard all");
    raise(Kernel::SIGTERM);
    let _ = never::<()>().recv_timeout(PATIENCE.unwrap());
}

/// A handler of the program's own for SIGUSR1, by the flag that a signal sets.
fn signal_hook_handler(count: fn()) -> std::thread::JoinHandle<()> {
    let mut signals = signal_hook::iterator::Signals::new([10]).unwrap();
    std::thread::spawn(move || signals.forever().for_each(|_| count()))
}

#[test]
fn a_panic_is_said_once_and_the_programs_hook_hears_only_its_own() {
    let ran = run_alone("panics_here_and_there", &[("RUST_BACKTRACE", "1")]);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    assert_eq!(said.matches("own hook: mine").count(), 1, "{said}");
    assert!(!said.contains("boom"), "{said}");
}

#[test]
#[ignore = "`a_panic_is_said_once_and_the_programs_hook_hears_only_its_own` runs it, in a process of its own"]
fn panics_here_and_there() {
    std::panic::set_hook(Box::new(|panic| eprintln!("own hook: {}", panic.payload_as_str().unwrap_or("?"))));
    let running = Supervisor::new().start().unwrap();
    let worker =
        running.add_thread(Spec::thread("panics", ""), |_| -> Result<(), String> { panic!("boom") }).unwrap();
    let Err(minder::JoinError::Panicked(panic)) = worker.join(PATIENCE) else { panic!("it panicked") };
    assert!(panic.backtrace.is_some(), "RUST_BACKTRACE asks for it");
    assert!(std::thread::spawn(|| panic!("mine")).join().is_err());
    running.wait(worker.name(), PATIENCE).unwrap();
    let output = running.output(worker.name()).unwrap();
    let taken = output.lock().take_from(0, usize::MAX);
    let lines: Vec<_> = taken.lines().map(|line| String::from_utf8_lossy(line.bytes).into_owned()).collect();
    assert!(
        lines[0].ends_with("boom") && lines.iter().any(|line| line.contains("panics_here_and_there")),
        "{lines:?}"
    );
}

#[test]
fn a_supervisor_on_the_main_thread_is_ended_by_a_signal_while_it_waits() {
    let ran = run_alone("runs_until_a_signal", &[]);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
}

#[test]
#[ignore = "`a_supervisor_on_the_main_thread_is_ended_by_a_signal_while_it_waits` runs it, in a process of its own"]
fn runs_until_a_signal() {
    let mut supervisor = Supervisor::new().hear_signals();
    supervisor.add(Spec::exec("sleeps", ["sleep", "1000"])).unwrap();
    let body = |context: &Context| {
        raise(nix::sys::signal::Signal::SIGTERM);
        context.sleep(Duration::from_hours(1))
    };
    supervisor.add_thread(Spec::thread("raises", ""), body).unwrap();
    let outcome = supervisor.run().unwrap();
    assert_eq!(outcome.by, Some(Signal::TERM));
    assert!(
        outcome
            .snapshot
            .workers
            .iter()
            .all(|worker| worker.state.end().is_some_and(minder::protocol::End::well))
    );
}
