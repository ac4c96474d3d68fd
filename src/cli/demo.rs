//! The demo's config: a file like any other, built into the binary. It is read elsewhere.

/// What it is called where a config's file would be named.
pub const NAME: &str = "demo.toml";

/// Its text: TOML.
pub const TEXT: &str = include_str!("../../assets/demo.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;
    use toml::Table;

    fn workers() -> Table {
        TEXT.parse::<Table>().unwrap()["worker"].as_table().unwrap().clone()
    }

    #[test]
    fn every_worker_has_one_line_that_says_what_it_shows() {
        for (name, worker) in workers() {
            let description = worker["description"].as_str().unwrap();
            assert!((10..=90).contains(&description.len()), "{name}: {description}");
        }
    }

    #[test]
    fn the_shell_understands_every_script() {
        for (name, worker) in workers() {
            let Some(script) = worker["cmd"].as_str() else { continue };
            let checked = Command::new("/bin/sh").args(["-n", "-c", script]).output().unwrap();
            assert!(checked.status.success(), "{name}: {checked:?}");
        }
    }
}
