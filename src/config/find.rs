//! Where the configuration is: in this folder or the nearest above it.

use std::fmt;
use std::path::{Path, PathBuf};

/// What a configuration is called; the first that is there wins.
pub const NAMES: [&str; 2] = ["minder.toml", "Procfile"];

/// No configuration, and where it was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFound {
    /// The folder that the search began in.
    pub from: PathBuf,
    /// The folder that it ended in, `from` or above it.
    pub to: PathBuf,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.join(" and no ");
        write!(f, "no {names} in {}", self.from.display())?;
        if self.from != self.to {
            write!(f, " nor in any folder above it, up to {}", self.to.display())?;
        }
        f.write_str(
            "\n\
             \n  to start commands at once:   minder run 'npm run dev' 'cargo watch'\
             \n  to see what minder can do:   minder demo\
             \n  to declare workers, write a minder.toml:\
             \n\
             \n      [worker.web]\
             \n      cmd = \"npm run dev\"",
        )
    }
}

impl std::error::Error for NotFound {}

/// The `minder.toml` or `Procfile` of a folder or of the nearest one above it.
///
/// # Errors
/// [`NotFound`] if there is none up to the root.
pub fn find(from: &Path) -> Result<PathBuf, NotFound> {
    // Fails only where the working folder is gone.
    let from = std::path::absolute(from).unwrap_or_else(|_| from.to_owned());
    let mut to = from.as_path();
    for folder in from.ancestors() {
        to = folder;
        let here = NAMES.iter().map(|name| folder.join(name)).find(|file| file.is_file());
        if let Some(file) = here {
            return Ok(file);
        }
    }
    Err(NotFound { to: to.to_owned(), from })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_folder_wins_and_toml_wins_in_a_folder() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b/c");
        fs::create_dir_all(&deep).unwrap();
        fs::write(root.path().join("minder.toml"), "").unwrap();
        assert_eq!(find(&deep), Ok(root.path().join("minder.toml")));
        fs::write(root.path().join("a/Procfile"), "").unwrap();
        assert_eq!(find(&deep), Ok(root.path().join("a/Procfile")));
        fs::write(root.path().join("a/minder.toml"), "").unwrap();
        assert_eq!(find(&deep), Ok(root.path().join("a/minder.toml")));
        fs::create_dir(deep.join("Procfile")).unwrap();
        assert_eq!(find(&deep), Ok(root.path().join("a/minder.toml")), "a folder is no file");
    }

    #[test]
    fn what_is_not_found_says_what_to_type_next() {
        let root = tempfile::tempdir().unwrap();
        let error = match find(root.path()) {
            Err(error) => error.to_string(),
            Ok(file) => panic!("a stray {} above the temporary folder", file.display()),
        };
        for part in ["minder.toml", "Procfile", "up to /", "minder run '", "minder demo", "[worker.web]"] {
            assert!(error.contains(part), "{part} in\n{error}");
        }
        assert!(error.contains(&root.path().display().to_string()), "{error}");
    }
}
