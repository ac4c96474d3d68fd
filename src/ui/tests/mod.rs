//! The screen as a whole: what it looks like, what keys do, how the loop behaves.

mod fixtures;
mod grid;
mod inspect;
mod keys;
mod looks;
mod looping;
mod reading;
mod seen;
mod selecting;
mod threads;
