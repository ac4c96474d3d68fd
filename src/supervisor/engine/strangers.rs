//! Watched workers in the loop: processes that minder did not start are looked for, heard of, asked
//! to end where somebody says so, and otherwise left alone.

use super::Supervisor;
use crate::census::{Answer, Stranger};
use crate::output::Stream;
use crate::protocol::{Run, Update};
use crate::reactor::{Order, RunId, Wires};
use crate::signal::Signal;
use crate::spec::Program;
use crate::status::ExitStatus;
use crate::supervisor::life::{Failure, Input};
use crate::sys::clock;
use std::sync::Arc;

impl Supervisor {
    pub(super) fn look_for_stranger(&mut self, place: usize) {
        let worker = &self.workers[place];
        let Program::Watched(target) = &worker.spec.program else { return };
        let (run, target) = (worker.run(), target.clone());
        // It says nothing, but its pane has lines of ours.
        self.reactor.order(Order::AdoptThread(run));
        if let Err(error) = self.strangers.find(run, target) {
            self.give(place, not_there(&format!("no thread is to be had to look for it: {error}")));
        }
    }

    /// What the thread that looks at strangers says. Every other answer is given back.
    pub(super) fn hear_of_stranger(&mut self, answer: Answer) -> Option<Answer> {
        match answer {
            Answer::Found(run, stranger) if self.is_present_run(run) => self.found_stranger(run, stranger),
            Answer::Missing(run, words) if self.is_present_run(run) => {
                let worker = &self.workers[run.worker];
                let lasts = matches!(&worker.spec.program, Program::Watched(target) if target.lasts());
                self.write_line(run.worker, &words);
                let update =
                    Update::Missing(self.workers[run.worker].spec.name.clone(), words.as_str().into());
                self.tell(&update);
                if !lasts {
                    self.give(run.worker, not_there(&words));
                }
            }
            Answer::Stopped(run, stopped) if self.is_present_run(run) => {
                let input = if stopped { Input::Suspended(Signal::STOP) } else { Input::Continued };
                self.give(run.worker, input);
            }
            Answer::Gone(run) if self.is_present_run(run) => {
                self.give(run.worker, Input::Ended(ExitStatus::Unknown));
            }
            Answer::Found(..) | Answer::Missing(..) | Answer::Stopped(..) | Answer::Gone(_) => {}
            other @ (Answer::Family(..)
            | Answer::Holders(..)
            | Answer::Explained(..)
            | Answer::Sampled(_)
            | Answer::Kin(..)
            | Answer::Unknown(_)) => return Some(other),
        }
        None
    }

    fn is_present_run(&self, run: RunId) -> bool {
        self.workers[run.worker].serial == run.serial
    }

    fn found_stranger(&mut self, run: RunId, stranger: Stranger) {
        let Stranger { pid, handle, age, facts } = stranger;
        // Without a second descriptor its end is seen by looking.
        if let Ok(exit @ Some(_)) = handle.exit() {
            let wires = Wires { terminal: None, slave: None, stdout: None, stderr: None, stdin: None, exit };
            self.reactor.order(Order::Adopt(run, wires));
        }
        for fact in &facts {
            self.write_line(run.worker, fact);
        }
        self.workers[run.worker].found_stranger(handle);
        self.publish_roots();
        let now = clock::now();
        self.give(run.worker, Input::Spawned(Run { pid, started: now.checked_sub(age).unwrap_or(now) }));
    }

    /// A line of ours where a worker of our own would say something.
    fn write_line(&mut self, place: usize, line: &str) {
        let line = format!("{line}\n");
        self.workers[place].output.lock().feed(Stream::Stdout, line.as_bytes(), clock::wall());
        self.inbox.bell.ring();
    }

    /// Whether it is watched and may not be signalled, which is told.
    pub(super) fn may_not_signal(&mut self, place: usize) -> bool {
        let worker = &self.workers[place];
        let Some(stranger) = worker.stranger() else { return false };
        let Err(errno) = stranger.may_signal() else { return false };
        let words: Arc<str> = format!("minder may not signal {}: {}", worker.spec.name, errno.desc()).into();
        // ESRCH: it has just ended, which is told by itself.
        if errno != nix::errno::Errno::ESRCH {
            self.tell(&Update::Notice(words));
        }
        true
    }
}

fn not_there(words: &str) -> Input {
    Input::NotThere(Failure { error: words.into(), code: 1, transient: false })
}
