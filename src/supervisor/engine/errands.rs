//! Errands as the thread that decides runs them: apart, or on the terminal that the screen leaves for
//! them.

use super::jobs::terminal;
use super::{LEAVING, Supervisor};
use crate::census::{Member, Question};
use crate::protocol::{Errand, ErrandEnd, ErrandPlace, Pid, ScreenOrder, Update};
use crate::signal::Signal;
use crate::supervisor::errand::{Life, Running, Step};
use crate::supervisor::worker::signal_member;
use crate::sys::process::{self, Change};
use crate::sys::spawn::SpawnError;
use crate::sys::{clock, job_control, procfs};
use crossbeam_channel::Sender;
use std::time::Instant;

impl Supervisor {
    pub(super) fn run_errand(&mut self, errand: Errand) {
        if let Some(why) = self.refuses(&errand) {
            tell(&errand.ended, Err(why.to_owned()));
        } else if errand.place == ErrandPlace::Terminal {
            self.errands.waiting = Some((errand, clock::now() + LEAVING));
            self.send_screen_away();
        } else {
            self.start_errand(errand);
        }
    }

    fn refuses(&self, errand: &Errand) -> Option<&'static str> {
        if self.ending.begun() {
            return Some("minder is ending");
        }
        let taken = self.screen_away || self.screen.is_none() || self.suspending.is_some();
        let wanted = errand.place == ErrandPlace::Terminal;
        (wanted && taken).then_some("the terminal is not minder's now")
    }

    fn start_errand(&mut self, errand: Errand) -> bool {
        match self.launcher.run(&errand) {
            Ok((child, cgroup)) => {
                let until = errand.at_most.map(|at_most| clock::later(clock::now(), at_most));
                let Errand { id, place, ended, .. } = errand;
                let life = Life::Runs { until };
                self.errands.running.push(Running { id, place, child, cgroup, ended, life });
                true
            }
            Err(error) => {
                explain(error, &errand.ended);
                false
            }
        }
    }

    // The terminal.

    /// The screen has left: the terminal is the errand's that waits for it.
    pub(super) fn lend_terminal(&mut self) {
        let Some((errand, _)) = self.errands.waiting.take() else { return };
        if !job_control::in_foreground(&terminal()) {
            tell(&errand.ended, Err("the terminal is not minder's now".into()));
        } else if !self.start_errand(errand) {
            // A child that could not become the program may have taken it already.
            job_control::take_back(&terminal(), None);
            self.continued();
        }
    }

    /// Gives the terminal to the errand that is to have it. False if there is none.
    pub(super) fn pass_terminal_on(&self) -> bool {
        let Some(errand) = self.errands.on_terminal() else { return false };
        if job_control::in_foreground(&terminal()) {
            job_control::hand_over(&terminal(), errand.child.pid());
            let _ = process::signal_group(errand.child.pid(), Signal::CONT);
        }
        true
    }

    /// Ctrl-Z in a pager means minder too, which is what the shell knows.
    fn errand_stopped(&mut self, group: Pid) {
        job_control::take_back(&terminal(), Some(group));
        job_control::suspend();
        self.continued();
    }

    // Ends.

    pub(super) fn cancel_errand(&mut self, id: u64) {
        let now = clock::now();
        if self.errands.waiting.as_ref().is_some_and(|(errand, _)| errand.id == id)
            && let Some((errand, _)) = self.errands.waiting.take()
        {
            tell(&errand.ended, Err("cancelled".into()));
            self.take_screen_again();
        }
        self.step_errands(
            |errand| {
                if errand.id == id { errand.life.cancel(now, false) } else { Step::Nothing }
            },
        );
    }

    /// minder ends: so does all that it runs.
    pub(super) fn end_errands(&mut self, at_once: bool) {
        let now = clock::now();
        if let Some((errand, _)) = self.errands.waiting.take() {
            tell(&errand.ended, Err("minder is ending".into()));
            self.take_screen_again();
        }
        self.step_errands(|errand| errand.life.cancel(now, at_once));
    }

    fn take_screen_again(&mut self) {
        self.screen_away = false;
        self.order_screen(ScreenOrder::Enter);
    }

    pub(super) fn look_at_errands(&mut self) {
        let now = clock::now();
        let mut stopped = None;
        self.step_errands(|errand| match errand.child.change() {
            Ok(Some(Change::Ended(status))) => errand.life.ended(now, status),
            Ok(Some(Change::Stopped(_))) if errand.place == ErrandPlace::Terminal => {
                stopped = Some(errand.child.pid());
                Step::Nothing
            }
            Ok(Some(Change::Stopped(_) | Change::Continued) | None) | Err(_) => Step::Nothing,
        });
        if let Some(group) = stopped {
            self.errand_stopped(group);
        }
    }

    pub(super) fn tick_errands(&mut self, now: Instant) {
        if self.errands.waiting.as_ref().is_some_and(|(_, until)| *until <= now) {
            // It is stuck in a write: whoever waits gets the terminal all the same.
            if let Some(screen) = &self.screen {
                (screen.give_back)();
            }
            self.lend_terminal();
        }
        self.step_errands(|errand| errand.life.tick(now));
    }

    pub(super) fn errand_kin(&mut self, id: u64, members: &[Member]) {
        let now = clock::now();
        self.step_errands(|errand| {
            if errand.id != id {
                return Step::Nothing;
            }
            let step = errand.life.seen(now, members.len());
            if matches!(errand.life, Life::Killed { .. }) {
                // Frozen first: what is stopped starts nothing while we go from one to the next.
                for member in members {
                    signal_member(member, Signal::STOP);
                }
                for member in members {
                    signal_member(member, Signal::KILL);
                }
            }
            step
        });
    }

    fn step_errands(&mut self, mut step: impl FnMut(&mut Running) -> Step) {
        let steps: Vec<_> = self.errands.running.iter_mut().map(|errand| (errand.id, step(errand))).collect();
        for (id, step) in steps {
            let Some(place) = self.errands.running.iter().position(|errand| errand.id == id) else {
                continue;
            };
            let errand = &self.errands.running[place];
            match step {
                Step::Nothing => {}
                Step::Ask => {
                    let _ = process::signal_group(errand.child.pid(), Signal::TERM);
                    // A stopped process acts on it only once it is resumed (signal(7)).
                    let _ = process::signal_group(errand.child.pid(), Signal::CONT);
                }
                Step::Kill => {
                    let _ = errand.cgroup.as_ref().map(crate::sys::cgroup::Cgroup::kill);
                    // Its leader is not reaped: the group is its own.
                    let _ = process::signal_group(errand.child.pid(), Signal::KILL);
                    self.census.ask(Question::Kin(id, errand.child.pid()));
                }
                Step::Finish => {
                    let errand = self.errands.running.swap_remove(place);
                    self.finish_errand(&errand);
                }
            }
        }
    }

    fn finish_errand(&mut self, errand: &Running) {
        let pid = errand.child.pid();
        if errand.place == ErrandPlace::Lasting {
            self.keep_what_lasts(pid);
        }
        let _ = errand.child.reap();
        if errand.place == ErrandPlace::Terminal {
            job_control::take_back(&terminal(), Some(pid));
            self.continued();
        }
        let end = match errand.life {
            Life::Over(status) => Ok(status),
            Life::Runs { .. } | Life::Asked { .. } | Life::Killed { .. } | Life::Stuck => {
                let words = format!("pid {pid} or what it started did not die of SIGKILL");
                self.tell(&Update::Notice(words.as_str().into()));
                Err(words)
            }
        };
        tell(&errand.ended, end);
    }

    /// What a clipboard's tool left behind is there to be pasted from after minder's end. It is known
    /// by its session, or, where it has taken one of its own, by its name and by being new.
    fn keep_what_lasts(&mut self, tool: Pid) {
        let name = procfs::read(tool).map(|process| process.name);
        for pid in self.adopted() {
            let Some(process) = procfs::read(pid) else { continue };
            if process.session == tool.0 || Some(&process.name) == name.as_ref() {
                self.inherited.insert(pid);
            }
        }
    }
}

fn tell(ended: &Sender<ErrandEnd>, end: ErrandEnd) {
    // Whoever asked may be gone: then nobody wants to know.
    let _ = ended.send(end);
}

/// Why it could not be started takes a look around on the disk, which is not for the thread that
/// decides.
fn explain(error: SpawnError, ended: &Sender<ErrandEnd>) {
    let (bare, told) = (error.errno.desc(), ended.clone());
    let explain = move || tell(&told, Err(error.explain()));
    if std::thread::Builder::new().name("explain".into()).spawn(explain).is_err() {
        tell(ended, Err(bare.into()));
    }
}
