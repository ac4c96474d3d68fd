//! The terminal and the shell's job control as the thread that decides sees them: who has the
//! terminal, when minder suspends, and what it means that either is gone.

use super::{LEAVING, Supervisor};
use crate::protocol::{ScreenOrder, Update};
use crate::signal::Signal;
use crate::sys::{clock, job_control, waiting};
use std::io;

impl Supervisor {
    pub(super) fn order_screen(&self, order: ScreenOrder) {
        if let Some(screen) = &self.screen {
            // A closed channel means that the screen is over.
            let _ = screen.orders.send(order);
        }
    }

    pub(super) fn suspend(&mut self) {
        if self.suspending.is_some() || self.errands.waits_for_terminal() {
            return;
        }
        if self.screen.is_some() && !self.screen_away {
            self.suspending = Some(clock::now() + LEAVING);
            self.send_screen_away();
        } else {
            job_control::suspend();
        }
    }

    pub(super) fn send_screen_away(&mut self) {
        self.screen_away = true;
        self.leaving += 1;
        self.order_screen(ScreenOrder::Leave);
    }

    /// Only the answer to the last order says that the terminal is the shell's: after an earlier
    /// one the screen was told to take it again.
    pub(super) fn screen_left(&mut self) {
        self.leaving = self.leaving.saturating_sub(1);
        if self.leaving == 0 {
            self.sleep();
            self.lend_terminal();
        }
    }

    /// Our parent-death signal is a SIGTERM like any other: look whether the guardian is gone. The
    /// terminal is then given back at once, since the shell has it.
    pub(super) fn look_after_guardian(&mut self) {
        if self.options.guardian.is_some_and(|guardian| !waiting::parent_is(guardian)) {
            self.options.guardian = None;
            self.death_is_told = true;
            self.order_screen(ScreenOrder::Close);
            self.screen = None;
        }
    }

    /// The terminal is the shell's again: stop until somebody continues us.
    pub(super) fn sleep(&mut self) {
        if self.suspending.take().is_some() {
            if !job_control::suspend() {
                self.tell(&Update::Notice("no shell could continue minder: it stays".into()));
            }
            self.continued();
        }
    }

    /// Continued by `bg`: minds its workers without a screen.
    pub(super) fn is_in_background(&self) -> bool {
        let waits = self.suspending.is_some() || self.errands.waits_for_terminal();
        self.screen_away && self.screen.is_some() && !waits
    }

    pub(super) fn continued(&mut self) {
        // It takes back a stop that has not come yet (signal(7)).
        self.suspending = None;
        if self.errands.waits_for_terminal() || self.pass_terminal_on() {
            return;
        }
        if job_control::in_foreground(&io::stdin()) {
            self.screen_away = false;
            self.order_screen(ScreenOrder::Enter);
        } else if !self.screen_away {
            // Stopped by SIGSTOP, then `bg`: the terminal is the shell's.
            self.send_screen_away();
        }
    }

    pub(super) fn lose_terminal(&mut self) {
        self.screen = None;
        if !self.ending.begun() {
            self.end(Some(Signal::HUP));
        }
    }

    pub(super) fn lose_reader(&mut self) {
        if !self.ending.begun() {
            self.end(Some(Signal::PIPE));
        }
    }

    pub(super) fn panic(&mut self) {
        self.panicked = true;
        // The hook gave the terminal back: nothing may be drawn on it any more.
        self.order_screen(ScreenOrder::Close);
        self.screen = None;
        if !self.ending.begun() {
            self.end(None);
        }
    }
}
