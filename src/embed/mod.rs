//! minder inside of another program: a supervisor to be built, run here or in the background, and
//! talked to from any thread. A face of the supervisor like the binary's own, for Rust programs; it
//! decides nothing about workers.

mod conversation;
mod pool;
mod process;
mod remote;
mod running;
mod stdin;
mod supervisor;
mod thread;

pub use conversation::{CommunicateError, Communicated, Conversation, communicate};
pub use process::ProcessHandle;
pub use remote::{Remote, WaitError};
pub use running::Running;
pub use stdin::StdinWriter;
pub use supervisor::Supervisor;
pub use thread::ThreadHandle;
