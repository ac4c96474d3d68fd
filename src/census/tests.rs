//! The thread as the supervisor and a guest see it.

use super::{Audience, Census, Descent, Question, Root};
use crate::guest::{Bell, Board, Waker};
use crate::protocol::{Inspect, Pid, ProcessId, Tree};
use crate::spec::WorkerName;
use crossbeam_channel::{Receiver, unbounded};
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(1);

/// A census whose only worker is a `sleep` of ours, and what it wakes.
struct Office {
    census: Census,
    board: Arc<Board>,
    woken: Receiver<()>,
    child: Child,
    name: WorkerName,
}

impl Office {
    fn open() -> Self {
        let child = Command::new("sleep").arg("1000").spawn().unwrap();
        let (answers, _) = unbounded();
        let (waker, woken) = Waker::new();
        let board = Arc::new(Board::default());
        let bell = Bell::default();
        bell.add(waker);
        let audience = Audience { board: Arc::clone(&board), bell };
        let name = WorkerName::from("alpha");
        let descent = Descent { mark: "7".into(), adopts: true, guardian: None };
        let census = Census::start(vec![name.clone()], Some(audience), descent, answers).unwrap();
        let root = Root { worker: 0, pid: Pid(child.id() as i32), pinned: true, watched: false };
        census.roots.set([root].into());
        Self { census, board, woken, child, name }
    }

    fn look_at(&self, opened: &[ProcessId]) {
        let inspect = Inspect { worker: Some(self.name.clone()), opened: opened.into() };
        self.census.ask(Question::Inspect(Some(inspect)));
    }

    fn wake(&self) {
        self.woken.recv_timeout(PATIENCE).expect("it samples once a second");
    }

    fn tree(&self, wanted: impl Fn(&Tree) -> bool) -> Arc<Tree> {
        loop {
            if let Some(tree) = self.board.tree().filter(|tree| wanted(tree)) {
                return tree;
            }
            self.wake();
        }
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_tree_is_read_while_somebody_looks_and_not_any_more() {
    let office = Office::open();
    office.wake();
    assert_eq!(office.board.tree(), None, "nobody asked");

    office.look_at(&[]);
    let tree = office.tree(|tree| !tree.processes.is_empty());
    let [row] = &tree.processes[..] else { panic!("{tree:?}") };
    assert_eq!((row.id.pid.0 as u32, row.first, row.adopted), (office.child.id(), true, false));
    assert!(row.descriptors.is_some_and(|count| count > 0), "{row:?}");
    assert_eq!(row.threads, []);

    office.look_at(&[row.id]);
    let opened = office.tree(|tree| tree.processes.iter().any(|row| !row.threads.is_empty()));
    assert_eq!(opened.processes[0].threads[0].tid, row.id.pid);
    let timed = office.tree(|tree| tree.processes.iter().any(|row| row.cpu_percent.is_some()));
    assert_eq!(timed.processes.len(), 1);

    office.census.ask(Question::Inspect(None));
    while office.board.tree().is_some() {
        office.wake();
    }
    // The list goes on to be sampled, the tree does not come back.
    for _ in 0..2 {
        office.wake();
        assert_eq!(office.board.tree(), None);
    }
}

#[test]
fn minder_itself_is_this_process_with_its_threads_by_name() {
    let office = Office::open();
    let us = Pid(std::process::id() as i32);
    let look = |opened: &[ProcessId]| {
        let inspect = Inspect { worker: None, opened: opened.into() };
        office.census.ask(Question::Inspect(Some(inspect)));
    };
    look(&[]);
    let tree = office.tree(|tree| tree.worker.is_none());
    let [own] = &tree.processes[..] else { panic!("{tree:#?}") };
    assert_eq!((own.id.pid, own.threads.len()), (us, 0));
    look(&[own.id]);
    let tree = office.tree(|tree| tree.processes.iter().any(|process| !process.threads.is_empty()));
    let threads = &tree.processes[0].threads;
    assert!(threads.iter().any(|thread| &*thread.name == "census"), "{threads:#?}");
}
