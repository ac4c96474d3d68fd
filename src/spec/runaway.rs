//! What counts as running away, and what is done about it. Declared only; who watches is the supervisor.

use std::time::Duration;

/// When a worker's tree counts as a runaway, and what is done then.
///
/// What is not said has a default that looks out for what nobody wants. A default never does more than
/// warn, and only where somebody looks: on the screen, whose samples cost nothing more. What is said
/// is watched headless too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunawayPolicy {
    /// Percent of one core. No default: a build may well take all of them.
    pub cpu: Bound<u64>,
    /// Resident memory, summed over the tree (what processes share counts for each). By default
    /// [`RunawayPolicy::MEMORY_PERCENT`] of the machine's.
    pub memory: Bound<Memory>,
    /// Living processes. Default: [`RunawayPolicy::PROCESSES`].
    pub processes: Bound<u64>,
    /// Bytes of output a second. Default: [`RunawayPolicy::OUTPUT`].
    pub output: Bound<u64>,
    /// How long it must be above. As long it must be below again until it counts as over.
    pub hold: Duration,
    /// What is done at a bound that was said.
    pub action: RunawayAction,
}

impl RunawayPolicy {
    /// Percent of the machine's memory by default.
    pub const MEMORY_PERCENT: u8 = 90;
    /// Processes by default.
    pub const PROCESSES: u64 = 1000;
    /// Bytes of output a second by default.
    pub const OUTPUT: u64 = 10 << 20;
    /// How long by default.
    pub const HOLD: Duration = Duration::from_secs(10);

    /// Whether it says a bound of its own: then it is watched whether or not somebody looks.
    pub fn is_declared(&self) -> bool {
        let Self { cpu, memory, processes, output, hold: _, action: _ } = self;
        cpu.said().is_some()
            || memory.said().is_some()
            || processes.said().is_some()
            || output.said().is_some()
    }
}

impl Default for RunawayPolicy {
    fn default() -> Self {
        Self {
            cpu: Bound::Default,
            memory: Bound::Default,
            processes: Bound::Default,
            output: Bound::Default,
            hold: Self::HOLD,
            action: RunawayAction::Warn,
        }
    }
}

/// Above what something is too much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Bound<T> {
    /// Nothing was said.
    #[default]
    Default,
    /// Nothing is too much.
    Never,
    /// More than this.
    At(T),
}

impl<T: Copy> Bound<T> {
    /// The bound that was said, if one was.
    pub fn said(self) -> Option<T> {
        match self {
            Self::At(bound) => Some(bound),
            Self::Default | Self::Never => None,
        }
    }
}

/// An amount of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// So many bytes.
    Bytes(u64),
    /// This share of the machine's memory, 1 to 100.
    Percent(u8),
}

/// What is done about a runaway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RunawayAction {
    /// It is said and shown.
    #[default]
    Warn,
    /// Its whole tree is stopped by SIGSTOP, until somebody continues it.
    Freeze,
    /// It is stopped as by hand. That counts as a failure: its restart policy says what comes next.
    Terminate,
}
