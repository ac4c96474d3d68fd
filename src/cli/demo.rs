//! The demo's config: a file like any other, built into the binary. It is read elsewhere.

/// What it is called where a config's file would be named.
pub const NAME: &str = "demo.toml";

/// Its text: TOML.
pub const TEXT: &str = include_str!("../../assets/demo.toml");
