//! The thread that decides: owns every worker and every decision, and alone spawns, signals and
//! reaps. It waits for one thing at a time, whatever comes first: signals before commands before
//! ends of processes before the rest, until the earliest deadline. It knows no guest, and writes to
//! no terminal and no disk.

mod ending;
mod engine;
mod errand;
mod launch;
mod life;
mod restart;
mod single;
mod stage;
mod worker;

pub use engine::{Ears, Options, Outcome, Screen, Supervisor};
