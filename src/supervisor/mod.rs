//! The thread that decides: owns every worker and every decision, and alone spawns, signals and
//! reaps. It waits for one thing at a time, whatever comes first: signals before commands before
//! ends of processes before the rest, until the earliest deadline. It knows no guest, and writes to
//! no terminal and no disk.

mod declaration;
mod ending;
mod engine;
mod errand;
mod inbox;
mod launch;
mod life;
mod outputs;
mod restart;
mod runaway;
mod single;
mod stage;
mod timer;
mod worker;

pub use declaration::{AddError, Declaration, Talk};
pub use engine::{Ears, Footing, Options, Outcome, Screen, Supervisor};
pub use inbox::{Inbox, Request};
