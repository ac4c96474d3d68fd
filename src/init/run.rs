//! The life of an init: start the command, hand signals on, reap, end as the command ended.

use super::options::{Options, Place, Target};
use super::{OWN_FAILURE, say};
use crate::protocol::Pid;
use crate::signal::Signal;
use crate::status::ExitStatus;
use crate::sys::process::{self, Change};
use crate::sys::spawn::{Launch, SpawnError, Spawner, Stage};
use crate::sys::{clock, init, job_control, signals, waiting};
use nix::errno::Errno;
use std::time::Duration;

/// How long those that are left have between SIGTERM and SIGKILL when the command has ended.
const GRACE: Duration = Duration::from_millis(500);
/// How long we wait for those that SIGKILL does not end (state D) before we end without them.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often SIGKILL is sent again meanwhile: what is left may have started others.
const AGAIN: Duration = Duration::from_millis(20);

/// Runs the command to its end; returns the exit code: the command's, or 128 and the signal.
pub fn run(options: &Options) -> u8 {
    // First of all, so that no signal is lost.
    waiting::block_all();
    let ready = prepare(options);
    if let Err(errno) = ready {
        say(format_args!("cannot begin: {}", errno.desc()));
        return OWN_FAILURE;
    }
    match start(options) {
        Ok(child) => {
            // So that the folder we were started in can be unmounted.
            let _ = std::env::set_current_dir("/");
            init::shed_pages();
            let status = Init { options, child, stop_too: false, stopped: false }.mind();
            code(options, status)
        }
        Err(error) => {
            say(error.explain());
            u8::try_from(error.code()).unwrap_or(OWN_FAILURE)
        }
    }
}

fn prepare(options: &Options) -> Result<(), Errno> {
    if options.subreaper {
        process::become_subreaper()?;
    }
    if options.verbose && !adopts(options) {
        say("not PID 1 and without -s: orphans go to another init");
    }
    options.parent_death.map_or(Ok(()), init::ask_for_parent_death)
}

/// Whether what the command leaves behind becomes ours.
fn adopts(options: &Options) -> bool {
    options.subreaper || init::is_first()
}

fn start(options: &Options) -> Result<Pid, SpawnError> {
    let environment: Vec<_> = std::env::vars_os().collect();
    let session = options.place == Place::Session;
    let terminal = if session { init::let_go_of_terminal() } else { init::has_foreground() };
    let launch = Launch {
        argv: &options.argv,
        environment: &environment,
        cwd: None,
        standard: init::standard(),
        terminal: terminal.then(|| init::standard()[0]),
        cgroup: None,
        umask: None,
        nice: None,
        limits: &[],
        keep_ignored: &signals::ignored_at_start(),
        session,
        inherit: true,
    };
    let mut spawner = Spawner::new().map_err(|errno| SpawnError::new(&launch, Stage::Clone, errno))?;
    let child = spawner.spawn(&launch)?;
    if options.verbose {
        say(format_args!("pid {} started", child.pid().0));
    }
    Ok(child.pid())
}

fn code(options: &Options, status: ExitStatus) -> u8 {
    let code = u8::try_from(status.shell_code()).unwrap_or(OWN_FAILURE);
    if options.verbose {
        say(format_args!("the command ended: {status}"));
    }
    if options.well.contains(&code) { 0 } else { code }
}

/// An init with its command.
struct Init<'a> {
    options: &'a Options,
    /// Not reaped while this lives: its pid, and its group's, cannot be a stranger's.
    child: Pid,
    /// We were asked to stop and have handed that on: once the command stops, we do.
    stop_too: bool,
    /// The terminal stopped the command's group.
    stopped: bool,
}

impl Init<'_> {
    fn mind(mut self) -> ExitStatus {
        loop {
            if let Some(status) = self.attend_children() {
                self.end();
                return status;
            }
            match waiting::next(None).map(|taken| taken.signal) {
                Some(Signal::CHLD) | None => {}
                Some(signal) => self.hand_on(signal),
            }
        }
    }

    /// Reaps every orphan that ended, follows the command's stops; its end if it came, not reaped.
    fn attend_children(&mut self) -> Option<ExitStatus> {
        while let Ok(Some((pid, change))) = init::look_at_children() {
            if pid != self.child {
                self.reap(pid);
                continue;
            }
            match change {
                Change::Ended(status) => return Some(status),
                Change::Stopped(signal) => {
                    let _ = init::take_change(pid);
                    self.stop_with_command(signal);
                }
                Change::Continued => {
                    let _ = init::take_change(pid);
                }
            }
        }
        None
    }

    fn reap(&self, pid: Pid) {
        if let Ok(Some((_, Change::Ended(status)))) = init::take_change(pid)
            && (self.options.warn || self.options.verbose)
        {
            say(format_args!("reaped pid {}: {status}", pid.0));
        }
    }

    fn hand_on(&mut self, signal: Signal) {
        let Some(sent) = self.options.rewrites.of(signal, self.options.place) else {
            return self.tell(format_args!("{signal} dropped"));
        };
        self.tell(format_args!("{signal} handed on as {sent}"));
        if signal.is_job_stop() {
            self.stop_too = true;
        }
        if signal == Signal::CONT {
            self.stop_too = false;
            if self.options.place == Place::Group {
                init::give_foreground(self.child);
            }
            if std::mem::take(&mut self.stopped) {
                // The terminal stopped the group, whomever signals go to otherwise.
                self.send(Target::Group, sent);
                return;
            }
        }
        self.send(self.options.target, sent);
    }

    fn send(&self, target: Target, signal: Signal) {
        let sent = match target {
            Target::Group => process::signal_group(self.child, signal),
            Target::Child => init::send(self.child, signal),
        };
        if let Err(errno) = sent {
            self.tell(format_args!("{signal} could not be sent: {}", errno.desc()));
        }
    }

    /// When the command is stopped as a job is, so are we, and the shell gets its prompt back. A
    /// SIGSTOP that somebody sent the command is no business of ours: nobody would continue us.
    fn stop_with_command(&mut self, signal: Signal) {
        if std::mem::take(&mut self.stop_too) {
            init::stop_here();
        } else if signal.is_job_stop() {
            self.stopped = true;
            init::take_foreground(self.child);
            if !job_control::suspend() && signal == Signal::TSTP {
                // Nobody could ever continue it: as in an orphaned group, nothing is stopped.
                init::give_foreground(self.child);
                self.send(Target::Group, Signal::CONT);
            }
        }
    }

    /// The command ended: ends what is left of it, then reaps it.
    fn end(&self) {
        if self.options.target == Target::Group {
            if let Some(signal) = self.options.rewrites.of(Signal::TERM, self.options.place) {
                // ESRCH: nobody but the zombie is left.
                let _ = process::signal_group(self.child, signal);
            }
            let _ = process::signal_group(self.child, Signal::CONT);
        }
        init::take_foreground(self.child);
        let _ = init::take_change(self.child);
        if adopts(self.options) {
            self.end_what_is_left();
        }
    }

    fn end_what_is_left(&self) {
        if self.nobody_left() {
            return;
        }
        init::send_to_all(Signal::TERM);
        init::send_to_all(Signal::CONT);
        if self.gone_within(GRACE, GRACE, || {}) {
            return;
        }
        self.tell("SIGKILL to all that is left");
        if !self.gone_within(PATIENCE, AGAIN, || init::send_to_all(Signal::KILL)) {
            say("some that are left do not end by SIGKILL");
        }
    }

    /// Reaps until nobody is left (true) or the time is over, doing something every now and then.
    fn gone_within(&self, time: Duration, turn: Duration, act: impl Fn()) -> bool {
        let until = clock::now() + time;
        loop {
            act();
            let left = until.saturating_duration_since(clock::now());
            // Every end is told by a SIGCHLD; what else comes now comes too late.
            let _ = waiting::next(Some(turn.min(left)));
            if self.nobody_left() {
                return true;
            }
            if left.is_zero() {
                return false;
            }
        }
    }

    /// Reaps all that ended; whether no child is left.
    fn nobody_left(&self) -> bool {
        loop {
            match init::look_at_children() {
                Ok(Some((pid, _))) => self.reap(pid),
                Ok(None) => return false,
                Err(_) => return true,
            }
        }
    }

    fn tell(&self, words: impl std::fmt::Display) {
        if self.options.verbose {
            say(words);
        }
    }
}
