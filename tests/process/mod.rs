//! What a worker finds around itself, and what minder looks like from outside.

mod limits;
mod surroundings;
mod threads;
