//! The rows of the view: processes and the threads below them, and the lines that tie children to
//! their parents. Pure.

use crate::protocol::{ProcessId, ProcessRow};

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The process's place in the tree.
    pub(super) process: usize,
    /// The thread's place in the process.
    pub(super) thread: Option<usize>,
    /// The lines to its left.
    pub(super) branch: String,
}

/// So many levels are drawn; a chain of forks may be deeper than the screen is wide.
const LEVELS: u16 = 16;

/// Every row from top to bottom.
pub(super) fn of(processes: &[ProcessRow], opened: &[ProcessId]) -> Vec<Line> {
    let depths: Vec<u16> = processes.iter().map(|process| process.depth).collect();
    let mut lines = Vec::with_capacity(processes.len());
    for (place, (branch, below)) in branches(&depths).into_iter().enumerate() {
        lines.push(Line { process: place, thread: None, branch });
        let process = &processes[place];
        let threads = if opened.contains(&process.id) { process.threads.len() } else { 0 };
        let thread = |at| Line { process: place, thread: Some(at), branch: format!("{below}· ") };
        lines.extend((0..threads).map(thread));
    }
    lines
}

/// For each row of these depths the lines to its left, and those to the left of what is written
/// between it and its children.
fn branches(depths: &[u16]) -> Vec<(String, String)> {
    // Whether, further down and below the same parent, there is another row at each depth.
    let mut more: Vec<bool> = Vec::new();
    let mut branches = Vec::with_capacity(depths.len());
    for &depth in depths.iter().rev() {
        let depth = depth.min(LEVELS);
        let level = usize::from(depth);
        more.resize(more.len().max(level + 2), false);
        let rail = |level: usize| if more[level] { "│  " } else { "   " };
        let above: String = (1..level).map(rail).collect();
        let own = match (depth, more[level]) {
            (0, _) => "",
            (_, true) => "├─ ",
            (_, false) => "└─ ",
        };
        let below: String = (1..level + 2).map(rail).collect();
        branches.push((format!("{above}{own}"), below));
        more[level] = true;
        more[level + 1..].fill(false);
    }
    branches.reverse();
    branches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(depths: &[u16]) -> Vec<String> {
        branches(depths).into_iter().map(|(branch, _)| branch).collect()
    }

    #[test]
    fn a_line_goes_on_to_the_last_child_and_no_further() {
        let wanted = ["", "├─ ", "│  ├─ ", "│  └─ ", "└─ ", "   └─ ", "", "└─ "];
        assert_eq!(drawn(&[0, 1, 2, 2, 1, 2, 0, 1]), wanted);
    }

    #[test]
    fn threads_stand_between_a_process_and_its_children() {
        let below: Vec<_> = branches(&[0, 1, 2, 1]).into_iter().map(|(_, below)| below).collect();
        assert_eq!(below, ["│  ", "│  │  ", "│        ", "      "]);
    }

    #[test]
    fn a_long_chain_is_drawn_no_wider_than_it_is_read() {
        let chain: Vec<u16> = (0..1000).collect();
        assert!(drawn(&chain).iter().all(|branch| branch.chars().count() <= usize::from(LEVELS) * 3));
    }
}
