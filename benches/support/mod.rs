//! What the benches that measure against a physical limit share: the streams of bytes, a writer that
//! is a process of its own, the bare readers that nobody can beat, the cost of a thread.
#![expect(dead_code, reason = "each bench uses a part of it")]

pub(crate) mod bare;
pub(crate) mod figures;
pub(crate) mod pouring;
pub(crate) mod streams;
pub(crate) mod warm;
pub(crate) mod writer;
