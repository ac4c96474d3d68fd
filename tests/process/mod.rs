//! What a worker finds around itself, what minder looks like from outside, and its bad days.

mod bad_days;
mod limits;
mod runaways;
mod stress;
mod surroundings;
mod threads;
mod without_pidfds;
