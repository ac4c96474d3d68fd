//! The one thread that waits on workers' descriptors: it reads what they say, writes what they are
//! told and notices their ends. It decides nothing; a full reader makes nobody wait but its worker.

mod run;
mod turn;

pub use run::{RunId, Wires};

use crate::guest::Bell;
use crate::output::Output;
use crate::protocol::Size;
use crate::threads::Served;
use crossbeam_channel::{Receiver, Sender, unbounded};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// What the supervisor tells the reactor.
#[derive(Debug)]
pub enum Order {
    /// One more worker, at the next place.
    Host(Arc<Output>),
    /// Read and watch this run from now on; an older run of the same worker is let go.
    Adopt(RunId, Wires),
    /// The run of a thread, which fills its output itself: there is nothing to read.
    AdoptThread(RunId),
    /// Bytes for a run's standard input.
    Write(RunId, Vec<u8>),
    /// Read what is there, close the run's output with this ruled line, then say
    /// [`Event::Finished`].
    Finish(RunId, String),
    /// The run's first process ended, which no descriptor told: let its terminal go.
    LetGo(RunId),
    /// The panes of the workers at these places have these sizes now.
    Resize(Vec<(usize, Size)>),
}

/// What the reactor tells the supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The run's first process ended (its pidfd is readable). It is not reaped.
    Ended(RunId),
    /// Nobody has the run's output open any more, and all of it has been read.
    Drained(RunId),
    /// The run's output is closed with its ruled line.
    Finished(RunId),
}

/// The supervisor's handle.
#[derive(Debug)]
pub struct Reactor {
    orders: Sender<Order>,
    attention: Arc<EventFd>,
    served: Option<Served>,
}

impl Reactor {
    /// Starts the thread. The bell is rung when an output changed.
    ///
    /// # Errors
    /// When the thread or its descriptors cannot be had.
    pub fn start(bell: Bell, events: Sender<Event>) -> io::Result<Self> {
        let (orders, inbox) = unbounded();
        let attention = Arc::new(EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?);
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&*attention, EpollEvent::new(EpollFlags::EPOLLIN, turn::ATTENTION))?;
        let shared = Arc::clone(&attention);
        let state = turn::State::new(epoll, bell, events);
        let served = Served::start("reactor", move || serve(state, &inbox, &shared))?;
        Ok(Self { orders, attention, served: Some(served) })
    }

    /// Gives an order. Never blocks.
    pub fn order(&self, order: Order) {
        // A closed channel means that the thread is over, which only our own drop brings about.
        if self.orders.send(order).is_ok() {
            self.wake();
        }
    }

    /// Ends the thread and waits until it is gone, for so long at most.
    pub fn finish(mut self, at_most: Duration) {
        let served = self.served.take();
        drop(self);
        if let Some(served) = served {
            served.finish(at_most);
        }
    }

    fn wake(&self) {
        // EAGAIN means that the counter is full: the thread is awake enough.
        let _ = self.attention.write(1);
    }
}

impl Drop for Reactor {
    fn drop(&mut self) {
        let (closed, _) = unbounded();
        self.orders = closed;
        self.wake();
    }
}

fn serve(mut state: turn::State, inbox: &Receiver<Order>, attention: &EventFd) {
    let mut ready = vec![EpollEvent::empty(); 256];
    loop {
        // EBADF and the like cannot happen to an epoll that we own; end rather than spin.
        let Ok(called) = state.turn(&mut ready) else { return };
        if called {
            // Empties the counter; an error means that it was empty.
            let _ = attention.read();
        }
        loop {
            match inbox.try_recv() {
                Ok(order) => state.carry_out(order),
                Err(crossbeam_channel::TryRecvError::Empty) => break,
                Err(crossbeam_channel::TryRecvError::Disconnected) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests;
