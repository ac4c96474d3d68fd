//! The demo's config: a file like any other, built into the binary. It is read elsewhere.

/// What it is called where a config's file would be named.
pub const NAME: &str = "demo.toml";

/// Its text: TOML.
pub const TEXT: &str = include_str!("../../assets/demo.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse_toml;
    use crate::spec::{Program, Spec};
    use std::path::Path;
    use std::process::Command;

    fn workers() -> Vec<Spec> {
        let config = parse_toml(TEXT, NAME, Path::new("/"), None);
        let config = config.unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
        assert!(config.warnings.is_empty(), "{:?}", config.warnings);
        config.workers
    }

    #[test]
    fn every_worker_has_one_line_that_says_what_it_shows() {
        for worker in workers() {
            let description = worker.description.unwrap();
            assert!((10..=90).contains(&description.len()), "{}: {description}", worker.name);
        }
    }

    #[test]
    fn the_shell_understands_every_script() {
        for worker in workers() {
            let Program::Shell { line, .. } = worker.program else { continue };
            let checked = Command::new("/bin/sh").args(["-n", "-c", &line]).output().unwrap();
            assert!(checked.status.success(), "{}: {checked:?}", worker.name);
        }
    }
}
