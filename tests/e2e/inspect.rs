//! The view of a worker's processes: what is in it is true, and its signals reach one process.

use super::{line, named, wait_process_state};
use crate::support::{
    DEADLINE, Process, Row, Screen, Terminal, alive, minder, poll_until, until_it_is, wait_ended,
};
use std::process::{Command, Stdio};

/// Three children that nobody waits for; `exec` makes their parent one that never will, before they end.
const FORGETFUL: &str = "sleep 1 & sleep 1 & sleep 1 & exec sleep 1000";

/// Leaves a daemon in a session of its own behind.
const DOUBLE_FORK: &str = "(setsid sleep 2000 &); exec sleep 1000";

/// The rows of the tree that hold this text.
fn rows_with(screen: &Screen, text: &str) -> Vec<Row> {
    screen.rows().into_iter().filter(|row| row.contains(text)).collect()
}

/// The pid in the first column.
fn pid(row: &Row) -> i32 {
    let first = row.text.split_whitespace().next().and_then(|word| word.parse().ok());
    first.unwrap_or_else(|| panic!("no pid in {}", row.text))
}

impl Terminal {
    /// Opens the view of the chosen worker.
    fn inspect(&self) {
        self.wait_for("running");
        self.send("i");
        self.wait_for("COMMAND");
    }

    /// The process whose row in the view holds this text.
    fn wait_row(&self, text: &str) -> i32 {
        self.wait_until(text, |screen| rows_with(screen, text).first().map(pid))
    }

    /// Closes the view and quits.
    fn leave(self) {
        self.send("i");
        self.wait_without("COMMAND");
        self.quit();
    }
}

/// Opens the view on three zombies. Returns who owes the wait.
fn three_zombies(terminal: &Terminal) -> i32 {
    terminal.inspect();
    let zombies = terminal.wait_until("three zombies", |screen| {
        let rows = rows_with(screen, "zombie, parent");
        (rows.len() == 3).then_some(rows)
    });
    let owes = zombies[0].number_after("parent").expect("the parent is named");
    for zombie in &zombies {
        assert_eq!(zombie.number_after("parent"), Some(owes));
        let really = Process::find(pid(zombie)).expect("a zombie has an entry");
        assert_eq!((really.state, really.parent), ('Z', owes));
    }
    owes
}

#[test]
fn zombies_stand_below_the_parent_that_owes_the_wait() {
    let terminal = minder().size(100, 30).run([&named("alpha", FORGETFUL)]).start();
    let owes = three_zombies(&terminal);
    assert_eq!(terminal.wait_row("sleep 1000"), owes);
    terminal.wait_for("1 process · 1 thread · 3 zombies");
    terminal.leave();
}

#[test]
fn a_nudge_reaches_the_parent_of_a_zombie() {
    // It waits for its children only when it is told to look, and listens for that only when all three
    // have ended.
    let deaf = "echo armed; exec perl -e '
        use POSIX; my @children = map { my $child = fork; $child || POSIX::_exit(0); $child } 1..3;
        sub ended { open(my $stat, q(<), qq(/proc/$_[0]/stat)); <$stat> =~ /\\) Z/ }
        for my $child (@children) { 1 until ended($child) }
        $SIG{CHLD} = sub { 1 while waitpid(-1, WNOHANG) > 0 };
        open(my $file, q(>), q(listens)); close $file; sleep 1 while 1'";
    if !crate::support::installed("perl") {
        return;
    }
    let terminal = minder().size(100, 30).run([&named("alpha", deaf)]).start();
    three_zombies(&terminal);
    let listens = || terminal.folder().join("listens").exists().then_some(());
    assert!(poll_until(DEADLINE, listens).is_some());
    terminal.send("jn");
    terminal.wait_for("SIGCHLD sent to pid");
    terminal.wait_without("zombie, parent");
    terminal.wait_listed("alpha", "1 process");
    terminal.leave();
}

#[test]
fn a_parent_that_never_waits_is_ended_and_its_zombies_are_reaped() {
    // The parent is not the worker's first process: that one goes on.
    let nested = format!("sh -c '{FORGETFUL}'; exec sleep 3000");
    let terminal = minder().size(100, 30).run([&named("alpha", &nested)]).start();
    let owes = three_zombies(&terminal);
    let zombies: Vec<i32> = rows_with(&terminal.screen(), "zombie, parent").iter().map(pid).collect();
    terminal.send("jjn");
    terminal.wait_for("SIGCHLD sent to pid");
    assert_eq!(rows_with(&terminal.screen(), "zombie, parent").len(), 3, "it never waits");
    assert!(alive(owes));
    terminal.send("e");
    terminal.wait_for("SIGTERM sent to pid");
    assert!(wait_ended(owes, DEADLINE));
    let gone = |pid: &i32| poll_until(DEADLINE, || Process::find(*pid).is_none().then_some(())).is_some();
    assert!(zombies.iter().all(gone), "minder adopts and reaps them");
    terminal.wait_without("zombie, parent");
    terminal.wait_row("sleep 3000");
    terminal.leave();
}

#[test]
fn an_orphan_is_shown_as_adopted_and_can_be_killed() {
    let terminal = minder().size(100, 30).run([&named("alpha", DOUBLE_FORK)]).start();
    terminal.inspect();
    let orphan = terminal.wait_row("adopted: sleep 2000");
    let really = Process::find(orphan).expect("it lives");
    assert_eq!((really.parent, really.session), (terminal.supervisor(), orphan));
    // The shell in between is a zombie until the worker's own shell has waited for it and is replaced.
    terminal.wait_until("two processes", |screen| {
        let settled = screen.contains("2 processes · 2 threads · 1 adopted");
        (settled && rows_with(screen, "setsid sleep").is_empty()).then_some(())
    });
    terminal.send("jK");
    terminal.wait_for(&format!("SIGKILL sent to pid {orphan}"));
    assert!(poll_until(DEADLINE, || Process::find(orphan).is_none().then_some(())).is_some(), "reaped");
    terminal.wait_without("adopted: sleep 2000");
    assert!(alive(terminal.wait_row("sleep 1000")));
    terminal.leave();
}

#[test]
fn signals_go_to_the_chosen_process_alone() {
    let three = "sleep 1000 & sleep 2000 & wait";
    let terminal = minder().size(100, 40).run([&named("alpha", three)]).start();
    terminal.inspect();
    let (one, other) = (terminal.wait_row("├─ sleep 1000"), terminal.wait_row("└─ sleep 2000"));
    terminal.send("jp");
    wait_process_state(one, "T");
    wait_process_state(other, "S");
    terminal.wait_until("its state", |screen| screen.row_with(&["T stopped", "sleep 1000"]));
    terminal.send("p");
    wait_process_state(one, "S");
    terminal.send("s");
    terminal.wait_for(&format!("signal for pid {one} sleep 1000"));
    terminal.send("usr1\r");
    assert!(wait_ended(one, DEADLINE));
    assert!(alive(other));
    terminal.wait_without("├─ sleep 1000");
    // Whoever is next gets nothing by keys for one that is gone.
    terminal.send("K");
    terminal.wait_for(&format!("pid {one} is gone"));
    assert!(alive(other));
    terminal.leave();
}

#[test]
fn a_port_that_it_listens_on_is_shown() {
    let python = "python3 -c 'import socket,time;s=socket.socket();s.bind((\"127.0.0.1\",0));s.listen();
time.sleep(1000)'";
    let perl =
        "exec perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(Listen=>1,LocalAddr=>\"127.0.0.1\");
print \"port \".$s->sockport.\"\\n\";$|=1;print \"\";sleep 1000'";
    if !crate::support::installed("perl") {
        // python3 says the same of itself, without its port: it is looked up in its row.
        if crate::support::installed("python3") {
            let terminal = minder().size(200, 30).run([&named("alpha", python)]).start();
            terminal.inspect();
            terminal.wait_for("listens on tcp 127.0.0.1:");
            terminal.leave();
        }
        return;
    }
    let terminal = minder().size(200, 30).run([&named("alpha", perl)]).start();
    let port = terminal.wait_until("port N", |screen| {
        let rows = screen.rows();
        rows.iter().find_map(|row| row.text.split_once("port ")?.1.trim().parse::<u16>().ok())
    });
    terminal.inspect();
    terminal.wait_for(&format!("listens on tcp 127.0.0.1:{port}"));
    terminal.wait_until("its row", |screen| screen.row_with(&["perl", "sleeping", &format!(" {port} ")]));
    terminal.leave();
}

#[test]
fn threads_are_shown_for_the_process_that_was_opened() {
    let threads = "exec python3 -c 'import threading,time
for n in range(2): threading.Thread(target=time.sleep,args=(1000,),daemon=True).start()
time.sleep(1000)'";
    // A shim in the PATH may hide that there is none.
    let works = |program: &str| {
        let tried = Command::new(program).args(["-c", ""]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    if !crate::support::installed("python3") || !works("python3") {
        return;
    }
    let terminal = minder().size(120, 30).run([&named("alpha", threads)]).start();
    terminal.inspect();
    terminal.wait_for("1 process · 3 threads");
    terminal.send("\r");
    terminal.wait_until("three threads", |screen| (rows_with(screen, " · python3").len() == 3).then_some(()));
    // The last of its threads alone gets it; as nobody handles it, the process ends.
    terminal.send("G");
    terminal.wait_for("a signal that ends or stops hits all of pid");
    terminal.send("p");
    terminal.wait_for("SIGSTOP sent to thread ");
    terminal.wait_until("stopped", |screen| screen.row_with(&["T stopped", "· python3"]));
    terminal.send("p");
    terminal.wait_for("SIGCONT sent to thread ");
    terminal.send("\x1b[D");
    terminal.wait_until("none", |screen| rows_with(screen, " · python3").is_empty().then_some(()));
    terminal.leave();
}

#[test]
fn a_traced_process_names_its_tracer() {
    if !crate::support::installed("strace") {
        return;
    }
    let line = "exec strace -q -o /dev/null sleep 1000";
    let terminal = minder().size(100, 30).run([&named("alpha", line)]).start();
    terminal.inspect();
    let strace = terminal.wait_row("strace -q");
    let sleep = terminal.wait_row(&format!("traced by {strace}: sleep 1000"));
    assert_eq!(Process::find(sleep).map(|process| process.parent), Some(strace));
    terminal.leave();
}

#[test]
fn a_worker_whose_daemon_lives_on_is_not_shown_as_over() {
    let line = format!("setsid sleep 2000 & {}; exit 0", until_it_is("sleep 2000"));
    let terminal = minder().size(100, 30).run([&named("alpha", &line)]).start();
    terminal.wait_listed("alpha", "left 1");
    terminal.wait_for("1 left alive");
    let status = "1 of its processes lives: pid";
    let orphan = terminal.wait_until(status, |screen| screen.row_of(status)?.number_after("lives: pid"));
    assert!(alive(orphan));
    terminal.send("i");
    assert_eq!(terminal.wait_row("adopted: sleep 2000"), orphan);
    terminal.send("t");
    terminal.wait_for("nothing of it is alive");
    terminal.send("i");
    terminal.wait_listed("alpha", "exit 0");
    terminal.wait_without("left 1");
    terminal.quit();
}

#[test]
fn minders_own_processes_and_threads_are_shown_and_get_no_signals() {
    let terminal = minder().size(100, 30).run([&named("alpha", line::CALM)]).start();
    terminal.wait_listed("alpha", "running");
    terminal.send("I");
    let guardian = terminal.wait_row("guardian: ");
    let supervisor = terminal.wait_row("supervisor: ");
    assert_eq!((guardian, supervisor), (terminal.pid(), terminal.supervisor()));
    for thread in ["reactor", "census", "screen"] {
        terminal.wait_row(&format!("· {thread}"));
    }
    terminal.send("jK");
    terminal.wait_for("minder does not signal itself");
    terminal.send("q");
    terminal.wait_without("guardian: ");
    terminal.wait_listed("alpha", "running");
    terminal.quit();
}

#[test]
fn quitting_closes_the_view() {
    let terminal = minder().size(100, 30).run([&named("alpha", line::STUBBORN)]).start();
    terminal.wait_for("armed");
    terminal.inspect();
    terminal.key(crate::support::Key::Ctrl('c'));
    terminal.wait_for("SIGINT received, stopping everything");
    terminal.wait_without("COMMAND");
    let mut terminal = terminal;
    terminal.key(crate::support::Key::Ctrl('c'));
    terminal.wait_exit();
    terminal.expect_nothing_left();
    terminal.expect_restored();
}
