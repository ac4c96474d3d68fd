//! The thin run around [`Order`]: threads that take jobs, and whoever gives, cancels and waits.
//!
//! One lock, under which no code of the user's ever runs: not a job, not an observer, not a
//! destructor. A job's result is handed over and counted under it at once, so that what is counted as
//! ended is ended for whoever looks.

use super::audience::Audience;
use super::bell::Bell;
use super::cell::{self, Cell, Stoppable, lock};
use super::current::{self, Current};
use super::error::JobError;
use super::event::{Event, Observer};
use super::job::Job;
use super::kind::{Kind, Post};
use super::order::{JobId, Order, Progress, Turn};
use super::task::{Task, Ticket};
use crate::panics::{self, Hook};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

type Boxed<S> = Box<dyn Task<S>>;

/// What a pool, its handles and its workers share.
pub(super) struct Shared<S: Kind> {
    pub(super) name: String,
    pub(super) hook: Hook,
    pub(super) settings: S::Settings,
    pub(super) audience: Arc<Audience>,
    board: Mutex<Board<S>>,
    /// There may be something to do.
    work: Condvar,
    /// What is counted changed.
    changed: Condvar,
    terminated: Arc<AtomicBool>,
    posts: Vec<Post>,
    /// Each slot's thread, and the one before it until that is joined.
    threads: Mutex<Vec<Vec<JoinHandle<()>>>>,
}

struct Board<S: Kind> {
    order: Order<Boxed<S>>,
    /// How many workers sleep that nobody has woken yet.
    resting: usize,
    /// How many wait for a change of what is counted.
    watching: usize,
}

/// What a handle of a job may ask of the pool.
pub(super) trait Desk: Send + Sync {
    /// Withdraws a job or tells it to stop; whether it ends without a result of its own.
    fn cancel(&self, id: JobId, cell: &dyn Askable) -> bool;
    /// Called by a worker of the same pool, runs this job here if it still waits.
    fn help(&self, id: JobId) -> bool;
    /// Whether a worker is at it.
    fn is_running(&self, id: JobId) -> bool;
}

/// A cell whose job can be asked to stop.
pub(super) trait Askable {
    fn ask_to_stop(&self) -> bool;
}

impl<T> Askable for Cell<T> {
    fn ask_to_stop(&self) -> bool {
        Self::ask_to_stop(self)
    }
}

/// How a pool is made.
pub(super) struct Plan<S: Kind> {
    pub(super) name: String,
    pub(super) workers: usize,
    pub(super) max_tasks: Option<u64>,
    pub(super) hook: Hook,
    pub(super) observer: Option<Observer>,
    pub(super) settings: S::Settings,
}

impl<S: Kind> Shared<S> {
    /// Makes a pool and its threads. On failure none is left.
    pub(super) fn start(plan: Plan<S>) -> io::Result<Arc<Self>> {
        let bell = || if S::ENDS_WHEN_TOLD { Bell::new() } else { Ok(Bell::default()) };
        let audience = Arc::new(Audience::new(plan.hook, plan.observer));
        let post = |slot| {
            Ok(Post { slot, bell: Arc::new(bell()?), hook: plan.hook, audience: Arc::clone(&audience) })
        };
        let posts = (0..plan.workers).map(post).collect::<nix::Result<_>>()?;
        let order = Order::new(plan.workers, plan.max_tasks);
        let shared = Arc::new(Self {
            name: plan.name,
            hook: plan.hook,
            settings: plan.settings,
            audience,
            board: Mutex::new(Board { order, resting: 0, watching: 0 }),
            work: Condvar::new(),
            changed: Condvar::new(),
            terminated: Arc::default(),
            posts,
            threads: Mutex::new((0..plan.workers).map(|_| Vec::new()).collect()),
        });
        for slot in 0..plan.workers {
            if let Err(error) = shared.hire(slot) {
                shared.terminate();
                shared.join();
                return Err(error);
            }
        }
        Ok(shared)
    }

    pub(super) fn workers(&self) -> usize {
        self.posts.len()
    }

    /// Starts the thread of a slot.
    fn hire(self: &Arc<Self>, slot: usize) -> io::Result<()> {
        // Held until its handle is in the list: it looks for its predecessor there.
        let mut threads = lock(&self.threads);
        let shared = Arc::clone(self);
        let builder = thread::Builder::new().name(format!("{}/{}", self.name, slot + 1));
        threads[slot].push(builder.spawn(move || shared.serve(slot))?);
        Ok(())
    }

    /// A worker's life.
    fn serve(self: Arc<Self>, slot: usize) {
        self.join_predecessor(slot);
        let here = self.current(slot, None);
        current::replace(Some(here));
        let mut seat = self.sit_down(slot);
        let mut through = None;
        loop {
            match self.turn(slot, through.take()) {
                Turn::Run(id, mut task) => {
                    self.run(slot, id, &mut task, &mut seat);
                    through = Some((id, task));
                }
                Turn::Rest => {}
                Turn::Retire => {
                    drop(seat);
                    self.posts[slot].tell(|slot| Event::WorkerEnded { slot });
                    lock(&self.board).order.succeed(slot);
                    if S::IS_ITS_THREAD && self.hire(slot).is_ok() {
                        return;
                    }
                    // There is no thread to be had: this one goes on, as another worker.
                    seat = self.sit_down(slot);
                }
                Turn::End => break,
            }
        }
        drop(seat);
        self.posts[slot].tell(|slot| Event::WorkerEnded { slot });
    }

    fn sit_down(&self, slot: usize) -> S {
        let post = &self.posts[slot];
        post.tell(|slot| Event::WorkerStarted { slot });
        S::open(&self.settings, post)
    }

    fn join_predecessor(&self, slot: usize) {
        let me = thread::current().id();
        let before: Vec<_> =
            lock(&self.threads)[slot].extract_if(.., |other| other.thread().id() != me).collect();
        for thread in before {
            // It has nothing left to do, and all that can panic in it is caught.
            let _ = thread.join();
        }
    }

    fn current(&self, slot: usize, job: Option<Arc<dyn Stoppable>>) -> Current {
        Current { pool: self.address(), slot, job, terminated: Arc::clone(&self.terminated) }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Hands over the last job and takes the next, or sleeps until there may be one.
    fn turn(&self, slot: usize, through: Option<(JobId, Boxed<S>)>) -> Turn<Boxed<S>> {
        if let Some((id, task)) = through {
            let next = self.settle(slot, id, task, |order| order.take(slot));
            if !matches!(next, Turn::Rest) {
                return next;
            }
        }
        let mut board = lock(&self.board);
        match board.order.take(slot) {
            Turn::Rest => {
                board.resting += 1;
                drop(cell::wait_until(&self.work, board, None));
                Turn::Rest
            }
            next @ (Turn::Run(..) | Turn::Retire | Turn::End) => {
                self.notice(&board);
                next
            }
        }
    }

    /// Hands a job's result over, counts it, and does one thing more under the same lock.
    fn settle<R>(
        &self,
        slot: usize,
        id: JobId,
        mut task: Boxed<S>,
        more: impl FnOnce(&mut Order<Boxed<S>>) -> R,
    ) -> R {
        let error = if self.audience.asks_why() { task.error() } else { None };
        if let Some(error) = &error {
            self.audience.failed(slot, id, error);
        }
        let mut board = lock(&self.board);
        let outcome = task.hand_over();
        board.order.finish(slot, id, outcome);
        let result = more(&mut board.order);
        self.notice(&board);
        drop(board);
        self.posts[slot].tell(|slot| Event::JobEnded { slot, job: id, error });
        let _ = panics::drop_caught(self.hook, task);
        result
    }

    fn run(&self, slot: usize, id: JobId, task: &mut Boxed<S>, seat: &mut S) {
        self.posts[slot].tell(|slot| Event::JobStarted { slot, job: id });
        let outer = current::replace(Some(self.current(slot, Some(task.stoppable()))));
        match seat.ready(&self.settings, &self.posts[slot]) {
            Ok(()) => task.run(seat),
            Err(error) => task.refuse(error),
        }
        current::replace(outer);
    }

    fn notice(&self, board: &Board<S>) {
        if board.watching > 0 {
            self.changed.notify_all();
        }
        self.audience.ring();
    }

    /// Adds a job. One that comes too late is refused at once.
    pub(super) fn submit<T, F>(self: &Arc<Self>, work: F) -> Job<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut S) -> Result<T, JobError> + Send + 'static,
    {
        let cell = Arc::new(Cell::new());
        let task: Boxed<S> = Box::new(Ticket::new(work, Arc::clone(&cell), self.hook, S::ENDS_WHEN_TOLD));
        let mut board = lock(&self.board);
        let submitted = board.order.submit(task);
        // Only so often as somebody sleeps: waking is a system call.
        let wake = submitted.is_ok() && board.resting > 0;
        board.resting -= usize::from(wake);
        self.notice(&board);
        drop(board);
        let id = match submitted {
            Ok(id) => {
                if wake {
                    self.work.notify_one();
                }
                id
            }
            Err(task) => {
                self.refuse(task, &JobError::Closed);
                JobId(u64::MAX)
            }
        };
        Job::new(id, cell, Arc::clone(self) as Arc<dyn Desk>)
    }

    fn refuse(&self, mut task: Boxed<S>, why: &JobError) {
        task.refuse(why.clone());
        task.hand_over();
        let _ = panics::drop_caught(self.hook, task);
        self.audience.tell(|| Event::JobRefused { error: why.clone() });
    }

    pub(super) fn close(&self) {
        let mut board = lock(&self.board);
        board.order.close();
        self.wake_all(board);
    }

    pub(super) fn terminate(&self) {
        let mut board = lock(&self.board);
        let again = board.order.is_terminated();
        let refused = board.order.terminate();
        self.terminated.store(true, Ordering::Release);
        self.wake_all(board);
        if again {
            return;
        }
        self.posts.iter().for_each(|post| post.bell.ring());
        for task in refused {
            self.refuse(task, &JobError::Terminated);
        }
    }

    fn wake_all(&self, mut board: std::sync::MutexGuard<'_, Board<S>>) {
        board.resting = 0;
        self.notice(&board);
        drop(board);
        self.work.notify_all();
    }

    /// Waits until no thread of the pool is left. A worker of the pool itself cannot wait for its own
    /// end: then it returns at once, and the threads end by themselves.
    pub(super) fn join(&self) {
        if current::slot_in(self.address()).is_some() {
            return;
        }
        loop {
            let threads: Vec<_> = lock(&self.threads).iter_mut().flat_map(std::mem::take).collect();
            if threads.is_empty() {
                return;
            }
            for thread in threads {
                // See join_predecessor.
                let _ = thread.join();
            }
        }
    }

    pub(super) fn progress(&self) -> Progress {
        lock(&self.board).order.progress()
    }

    /// Whether it takes no jobs any more and all have ended.
    pub(super) fn is_over(&self) -> bool {
        lock(&self.board).order.is_over()
    }

    /// Waits until what is counted is as wanted, or the time is over.
    pub(super) fn watch(
        &self,
        timeout: Option<Duration>,
        wanted: impl Fn(&Progress) -> bool,
    ) -> (Progress, bool) {
        let until = cell::deadline(timeout);
        let mut board = lock(&self.board);
        board.watching += 1;
        let mut in_time = true;
        while !wanted(&board.order.progress()) && in_time {
            (board, in_time) = cell::wait_until(&self.changed, board, until);
        }
        board.watching -= 1;
        let progress = board.order.progress();
        (progress, wanted(&progress))
    }
}

impl<S: Kind> Desk for Shared<S> {
    fn cancel(&self, id: JobId, cell: &dyn Askable) -> bool {
        let mut board = lock(&self.board);
        if let Some(task) = board.order.withdraw(id) {
            self.notice(&board);
            drop(board);
            self.refuse(task, &JobError::Cancelled);
            return true;
        }
        let slot = board.order.slot_of(id);
        let asked = cell.ask_to_stop();
        drop(board);
        if let Some(slot) = slot.filter(|_| asked) {
            self.posts[slot].bell.ring();
        }
        asked && S::ENDS_WHEN_TOLD
    }

    fn help(&self, id: JobId) -> bool {
        let Some(slot) = current::slot_in(self.address()) else { return false };
        let Some(mut seat) = S::helper() else { return false };
        let Some(mut task) = lock(&self.board).order.claim(slot, id) else { return false };
        self.run(slot, id, &mut task, &mut seat);
        self.settle(slot, id, task, |_| ());
        true
    }

    fn is_running(&self, id: JobId) -> bool {
        lock(&self.board).order.slot_of(id).is_some()
    }
}
