//! What a test starts and in which surroundings: a sentence of builder calls, then a verb.

use super::piped::{Finished, Piped};
use super::processes::Mark;
use super::shell::JobShell;
use super::terminal::Terminal;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Set for a run of the tests in which minder is to do without pidfds.
pub(crate) const WITHOUT_PIDFDS: &str = "MINDER_TEST_WITHOUT_PIDFDS";

/// A program to start in an empty folder of its own, with an empty HOME and a clean environment.
pub(crate) struct Launch {
    program: OsString,
    args: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    /// Columns and rows of its terminal.
    pub(super) size: (u16, u16),
    pub(super) surroundings: Surroundings,
}

/// What has to outlive what was started: its folder and its mark. Ends all that is marked on drop.
pub(crate) struct Surroundings {
    folder: TempDir,
    pub(crate) mark: Mark,
}

impl Surroundings {
    /// The folder that the program starts in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        self.mark.kill_all();
    }
}

/// minder itself.
pub(crate) fn minder() -> Launch {
    program(env!("CARGO_BIN_EXE_minder"))
}

/// Any program, found as the shell finds it.
pub(crate) fn program(program: impl Into<OsString>) -> Launch {
    let folder = tempfile::Builder::new().prefix("minder-test").tempdir();
    let folder = folder.expect("a temporary folder can be made");
    fs::create_dir(folder.path().join("home")).expect("a folder can be made in it");
    Launch {
        program: program.into(),
        args: Vec::new(),
        variables: Vec::new(),
        size: (80, 24),
        surroundings: Surroundings { folder, mark: Mark::new() },
    }
}

impl Launch {
    /// Adds arguments.
    pub(crate) fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// `minder run` with one worker for each `name=command`.
    pub(crate) fn run<const N: usize>(self, commands: [&str; N]) -> Self {
        self.args(["run"]).args(commands)
    }

    /// `minder run --headless` with one worker for each `name=command`.
    pub(crate) fn run_headless<const N: usize>(self, commands: [&str; N]) -> Self {
        self.args(["run", "--headless"]).args(commands)
    }

    /// Writes this `minder.toml` and runs `minder up`.
    pub(crate) fn up(self, config: &str) -> Self {
        self.file("minder.toml", config).args(["up"])
    }

    /// Writes a file into the folder that it starts in.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.surroundings.folder().join(path);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The size of its terminal.
    pub(crate) fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// A path in the folder that it starts in.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.surroundings.folder().join(name)
    }

    /// The value of the mark that all it starts will carry.
    pub(crate) fn mark(&self) -> &str {
        self.surroundings.mark.value()
    }

    /// Starts it in a terminal, as the leader of a session.
    pub(crate) fn start(self) -> Terminal {
        Terminal::start(self)
    }

    /// Starts an interactive shell in a terminal that can run it as a job.
    pub(crate) fn in_a_shell(self) -> JobShell {
        JobShell::start(self)
    }

    /// Starts it without a terminal, its output in pipes.
    pub(crate) fn start_piped(self) -> Piped {
        Piped::start(self)
    }

    /// Runs it to its end without a terminal.
    pub(crate) fn finish(self) -> Finished {
        self.start_piped().finish()
    }

    /// A shell script that becomes this program. (It is read, not executed: a file that was just
    /// written may still be open for writing in another test's half-born child.)
    pub(super) fn script(&self) -> String {
        let quoted = |word: &OsString| {
            let word = word.to_str().expect("tests use plain words");
            format!("'{}'", word.replace('\'', r"'\''"))
        };
        let words: Vec<_> = [&self.program].into_iter().chain(&self.args).map(quoted).collect();
        format!("exec {}\n", words.join(" "))
    }

    /// The command as std starts it.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args);
        self.surround(&mut command);
        command
    }

    /// Gives a command the folder and the environment of this launch.
    pub(super) fn surround(&self, command: &mut Command) {
        let home = self.path("home");
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
        command
            .current_dir(self.surroundings.folder())
            .env_clear()
            .env("PATH", path)
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env(Mark::VARIABLE, self.surroundings.mark.value())
            .envs(std::env::var_os(WITHOUT_PIDFDS).map(|_| ("MINDER_PIDFD", "off")))
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
    }
}

/// Whether a program is installed; says so where it is not.
#[expect(clippy::print_stderr, reason = "whoever runs the tests wants to know what was not tested")]
pub(crate) fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(program).exists());
    if !found {
        eprintln!("skipped: {program} is not installed");
    }
    found
}
