//! The screen as a whole: what it looks like, what keys do, how the loop behaves.

mod fixtures;
mod inspect;
mod keys;
mod looks;
mod looping;
mod selecting;
mod threads;
