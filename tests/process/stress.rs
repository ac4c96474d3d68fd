//! Random workers that misbehave, random commands, random ends: after each, nothing is left.
//!
//! `MINDER_STRESS_ROUNDS` says how many rounds, `MINDER_STRESS_SEED` repeats a run: the seed decides
//! what is tried; when exactly each process gets to run, the kernel does.

use crate::support::{Finished, Key, Process, Terminal, minder, poll_until, program, supervisor_of};
use fastrand::Rng;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fmt::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

/// How a worker misbehaves: its name, its shell line, more of its config. `CODE` and `SIGNAL` are
/// put in by chance.
const ZOO: [(&str, &str, &str); 14] = [
    ("deaf", "trap '' TERM INT HUP QUIT; while :; do sleep 0.1; done", ""),
    ("hydra", "trap 'setsid sleep 1000 & (sleep 1000 &)' TERM; while :; do sleep 0.1; done", ""),
    ("heir", "trap 'for i in 1 2 3; do setsid sleep 1000 & done; exit 0' TERM; sleep 1000 & wait", ""),
    ("daemon", "(setsid sh -c '(setsid sleep 1000 &); exec sleep 1000' &); exec sleep 1000", ""),
    ("holder", "sleep 1000 & exit 0", ""),
    ("still", "kill -STOP $$; exec sleep 1000", ""),
    ("exits", "exit CODE", ""),
    ("dies", "kill -SIGNAL $$", ""),
    ("flood", "exec yes flood", ""),
    ("mute", "exec >&- 2>&-; exec sleep 1000", ""),
    ("owing", "for i in 1 2 3 4 5; do (exit 3) & done; exec sleep 1000", ""),
    ("phoenix", "exit 1", "restart = 'always'\nbackoff = { initial = '10ms', max = '50ms' }"),
    ("bomb", "i=0; while [ $i -lt 50 ]; do setsid sleep 1000 & i=$((i+1)); done; wait", ""),
    ("piped", "sleep 1000 & echo to err >&2; exec sleep 1000", "output = 'pipe'"),
];

/// How a round ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Quit,
    QuitTwice,
    CtrlCTwice,
    Signal(Signal),
    /// To the supervisor, while it can do nothing about the next one; then SIGTERM.
    StopContinueTerminate,
    KillSupervisor,
    KillGuardian,
    CloseTerminal,
}

impl Ending {
    const ANYWHERE: [Self; 7] = [
        Self::Signal(Signal::SIGINT),
        Self::Signal(Signal::SIGTERM),
        Self::Signal(Signal::SIGHUP),
        Self::Signal(Signal::SIGQUIT),
        Self::StopContinueTerminate,
        Self::KillSupervisor,
        Self::KillGuardian,
    ];
    const IN_A_TERMINAL: [Self; 4] = [Self::Quit, Self::QuitTwice, Self::CtrlCTwice, Self::CloseTerminal];

    /// Does what can be done from outside, to the guardian with this pid.
    fn inflict(self, guardian: i32) {
        let send = |pid: i32, signal| kill(Pid::from_raw(pid), signal).expect("it lives");
        match self {
            Self::Signal(signal) => send(guardian, signal),
            Self::StopContinueTerminate => {
                let supervisor = supervisor_of(guardian);
                send(supervisor, Signal::SIGSTOP);
                pause(20);
                send(supervisor, Signal::SIGCONT);
                send(guardian, Signal::SIGTERM);
            }
            Self::KillSupervisor => send(supervisor_of(guardian), Signal::SIGKILL),
            Self::KillGuardian => send(guardian, Signal::SIGKILL),
            Self::Quit | Self::QuitTwice | Self::CtrlCTwice | Self::CloseTerminal => {
                unreachable!("{self:?} needs a terminal")
            }
        }
    }

    /// Whether minder's exit status tells the truth about it.
    fn is_told_by(self, status: ExitStatus) -> bool {
        match self {
            Self::Quit | Self::QuitTwice => status.code() == Some(0),
            Self::CtrlCTwice => status.signal() == Some(Signal::SIGINT as i32),
            Self::Signal(signal) => status.signal() == Some(signal as i32),
            Self::StopContinueTerminate => status.signal() == Some(Signal::SIGTERM as i32),
            Self::KillSupervisor => status.code() == Some(128 + Signal::SIGKILL as i32),
            Self::KillGuardian => status.signal() == Some(Signal::SIGKILL as i32),
            // Hung up, with a terminal that cannot be drawn on any more.
            Self::CloseTerminal => !status.success(),
        }
    }
}

/// Lets that many milliseconds pass, in which the machine does what it does.
fn pause(milliseconds: u64) {
    poll_until::<()>(Duration::from_millis(milliseconds), || None);
}

/// Three to eight workers out of the zoo, and one that stays, as a `minder.toml`; and their names.
fn workers(random: &mut Rng) -> (String, Vec<String>) {
    let mut config =
        "[defaults]\nstop.grace = '300ms'\n\n[worker.alpha]\ncmd = 'exec sleep 1000'\n".to_owned();
    let mut names = vec!["alpha".to_owned()];
    for number in 0..random.usize(3..=8) {
        let (habit, line, more) = ZOO[random.usize(..ZOO.len())];
        let signals = ["TERM", "KILL", "SEGV", "ABRT", "USR1", "PIPE", "ALRM", "HUP"];
        let line = line
            .replace("CODE", &random.u8(..).to_string())
            .replace("SIGNAL", signals[random.usize(..signals.len())]);
        let name = format!("{habit}-{number}");
        write!(config, "\n[worker.{name}]\ncmd = '''{line}'''\n{more}\n").expect("a String takes any text");
        names.push(name);
    }
    (config, names)
}

/// Looks at all processes for a random while: who is seen alive is known when it is a zombie.
fn look_around(random: &mut Rng, processes: impl Fn() -> Vec<Process>) {
    let while_ = Duration::from_millis(random.u64(20..400));
    poll_until::<()>(while_, || {
        processes();
        None
    });
}

/// Half of the rounds go without control groups, on a system that has them too.
fn groups(random: &mut Rng) -> &'static str {
    if random.bool() { "off" } else { "on" }
}

/// One round with the screen; how many workers of the zoo it had.
fn round_in_a_terminal(random: &mut Rng, ending: Ending) -> usize {
    let (config, names) = workers(random);
    let mut terminal = minder().size(100, 30).env("MINDER_CGROUP", groups(random)).up(&config).start();
    terminal.wait_until("the list", |screen| screen.row_with(&["alpha", "running"]));
    for _ in 0..random.usize(0..12) {
        terminal.send(["t", "K", "r", "p", " ", "w", "j", "k", "j", "j", "T"][random.usize(..11)]);
        pause(random.u64(0..40));
    }
    look_around(random, || terminal.processes());
    end_terminal(&mut terminal, ending);
    let status = terminal.wait_exit();
    assert!(ending.is_told_by(status), "{ending:?} with {names:?}: {status}");
    terminal.expect_nothing_left();
    if !matches!(ending, Ending::CloseTerminal | Ending::KillGuardian) {
        terminal.expect_restored();
    }
    names.len() - 1
}

fn end_terminal(terminal: &mut Terminal, ending: Ending) {
    match ending {
        Ending::Quit => terminal.send("q"),
        Ending::QuitTwice => terminal.send("qq"),
        Ending::CtrlCTwice => {
            terminal.key(Key::Ctrl('c'));
            terminal.key(Key::Ctrl('c'));
        }
        Ending::CloseTerminal => terminal.hang_up(),
        Ending::Signal(_) | Ending::StopContinueTerminate | Ending::KillSupervisor | Ending::KillGuardian => {
            ending.inflict(terminal.pid());
        }
    }
}

/// One round without; how many workers of the zoo it had.
fn headless_round(random: &mut Rng, ending: Ending) -> usize {
    let (config, names) = workers(random);
    let launch = minder().env("MINDER_CGROUP", groups(random)).file("minder.toml", &config);
    let piped = launch.args(["up", "--headless"]).start_piped();
    piped.wait_stderr("its start", |text| text.contains("minder: alpha: started, pid").then_some(()));
    look_around(random, || piped.processes());
    ending.inflict(piped.pid());
    let finished = piped.finish();
    assert!(ending.is_told_by(finished.status), "{ending:?} with {names:?}: {}", finished.status);
    finished.expect_nothing_left();
    if ending != Ending::KillSupervisor {
        expect_accounts(&finished, &names);
    }
    names.len() - 1
}

/// Each start has its one end, each worker its one row, and code and words of the row agree.
fn expect_accounts(finished: &Finished, names: &[String]) {
    let text = finished.stderr_text();
    let (told, summary) = text.split_once("NAME ").unwrap_or_else(|| panic!("no summary:\n{text}"));
    let words_at = "NAME ".len() + summary.find("ENDED").expect("the heading names it");
    let rows: Vec<&str> = summary.lines().skip(1).collect();
    assert_eq!(rows.len(), names.len(), "{text}");
    for name in names {
        let of_it = |line: &&str| line.starts_with(&format!("minder: {name}: "));
        let starts = told.lines().filter(of_it).filter(|line| line.contains(": started, pid ")).count();
        let is_end = |line: &&str| line.ends_with(" s") && line.contains(", ran ");
        let ends = told.lines().filter(of_it).filter(is_end).count();
        assert_eq!(starts, ends, "starts and ends of {name}:\n{text}");

        let of_it = |row: &&&str| row.split_whitespace().next() == Some(name);
        let found: Vec<_> = rows.iter().filter(of_it).collect();
        assert_eq!(found.len(), 1, "rows of {name}:\n{text}");
        let code = found[0].split_whitespace().nth(1).and_then(|code| code.parse::<i32>().ok());
        let said = found[0].get(words_at..).and_then(code_in_words);
        assert!(said.is_none() || said == code, "{name}: {code:?} is not {said:?}:\n{text}");
        assert!(code.is_some() || starts == 0, "{name} has no code:\n{text}");
    }
}

/// The code that a shell would give for `exit 3` or `SIGSEGV (11)`; 0 for an end that was asked for.
fn code_in_words(words: &str) -> Option<i32> {
    if words.contains("by you") {
        return Some(0);
    }
    let number = |text: &str| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<i32>().ok()
    };
    if let Some((_, rest)) = words.split_once("exit ") {
        return number(rest);
    }
    let (_, rest) = words.split_once(" (")?;
    number(rest).map(|signal| 128 + signal)
}

/// A number from the environment.
fn asked_for(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// What is tried where nobody asks for another run.
const SEED: u64 = 2026;

#[test]
fn random_workers_commands_and_ends_leave_nothing() {
    let seed = asked_for("MINDER_STRESS_SEED").unwrap_or(SEED);
    let rounds = asked_for("MINDER_STRESS_ROUNDS").unwrap_or(6);
    eprintln!("MINDER_STRESS_SEED={seed} MINDER_STRESS_ROUNDS={rounds}");
    let mut random = Rng::with_seed(seed);
    let mut tried = 0;
    for round in 0..rounds {
        let mut endings = Ending::ANYWHERE.to_vec();
        let in_a_terminal = round % 2 == 0;
        if in_a_terminal {
            endings.extend(Ending::IN_A_TERMINAL);
        }
        let ending = endings[random.usize(..endings.len())];
        eprintln!("round {round}: {ending:?}, {}", if in_a_terminal { "in a terminal" } else { "headless" });
        tried += if in_a_terminal {
            round_in_a_terminal(&mut random, ending)
        } else {
            headless_round(&mut random, ending)
        };
    }
    eprintln!("{rounds} rounds, {tried} misbehaving workers, nothing left");
}

#[test]
fn a_lost_row_and_a_wrong_code_are_noticed() {
    assert_eq!(code_in_words("exit 3; not started again"), Some(3));
    assert_eq!(code_in_words("stopped by you: SIGTERM (15)"), Some(0));
    assert_eq!(code_in_words("SIGSEGV (11), core dumped"), Some(139));
    assert_eq!(code_in_words("killed after the grace"), None);
    let account = |lines: &str| {
        let line = format!("printf '{lines}' >&2");
        let finished = program("sh").args(["-c", &line]).finish();
        let check = || expect_accounts(&finished, &["a".to_owned()]);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_ok()
    };
    let start = "minder: a: started, pid 7\\n";
    let end = "minder: a: exit 3, ran 0.01 s\\n";
    let heading = "NAME  CODE       RAN  RESTARTS  ENDED\\n";
    let row = "a        3    0.01 s         0  exit 3\\n";
    assert!(account(&format!("{start}{end}{heading}{row}")));
    assert!(!account(&format!("{start}{heading}{row}")));
    assert!(!account(&format!("{start}{end}{end}{heading}{row}")));
    assert!(!account(&format!("{start}{end}{heading}")));
    assert!(!account(&format!("{start}{end}{heading}{row}{row}")));
    assert!(!account(&format!("{start}{end}{heading}{}", row.replace("exit 3", "exit 4"))));
}
