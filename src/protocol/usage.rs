//! What a worker uses, as guests are told it.

use crate::protocol::Pid;

/// What a worker's tree uses, summed over its processes, as last sampled.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Percent of one core since the sample before; above 100 on several. `None` at first.
    pub cpu_percent: Option<f32>,
    /// Resident memory in bytes.
    pub memory: u64,
    /// Threads of all its processes.
    pub threads: u32,
    /// Living processes, the first included.
    pub processes: u32,
    /// Processes of its tree that ended and that their parent has not waited for.
    pub zombies: u32,
    /// The parent that owes the most waits.
    pub zombie_parent: Option<Pid>,
    /// Living processes whose own parent ended, adopted by minder.
    pub adopted: u32,
}
