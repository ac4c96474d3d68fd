//! A person at a shell: an interactive shell with job control in a terminal, and a job in it.

use super::keys::Key;
use super::launch::Launch;
use super::processes::{Process, children_of};
use super::terminal::Terminal;
use std::fs;
use std::ops::Deref;
use std::process::Command;

/// An interactive `sh`. It restores no terminal settings by itself where it is a plain one (dash),
/// so that what a job leaves behind is seen.
pub(crate) struct JobShell {
    terminal: Terminal,
    prompts: u32,
}

impl Deref for JobShell {
    type Target = Terminal;

    fn deref(&self) -> &Terminal {
        &self.terminal
    }
}

impl JobShell {
    /// A shell that is ready at its first prompt; [`Self::start_job`] runs the launch in it.
    pub(super) fn start(launch: Launch) -> Self {
        fs::write(launch.path("job"), launch.script()).expect("a file can be written");
        let mut command = Command::new("sh");
        command.arg("-i");
        launch.surround(&mut command);
        // The prompt counts, so that one prompt is not taken for another.
        command.env("PS1", "prompt-$((prompts=prompts+1))$ ");
        let mut shell = Self { terminal: Terminal::start_command(command, launch), prompts: 0 };
        shell.wait_prompt();
        shell
    }

    /// Waits until the next prompt is there to type at.
    pub(crate) fn wait_prompt(&mut self) {
        self.prompts += 1;
        let prompt = format!("prompt-{}$", self.prompts);
        self.terminal.wait_until(&prompt, |screen| {
            let row = screen.last_row()?;
            let (column, at) = screen.cursor()?;
            // Behind the prompt's blank, on its row: nothing of it is left to be written.
            let behind = row.text.ends_with(&prompt) && at == row.index;
            (behind && usize::from(column) == row.text.chars().count() + 1).then_some(())
        });
    }

    /// Types a line.
    pub(crate) fn enter(&self, line: &str) {
        self.terminal.send(line);
        self.terminal.key(Key::Enter);
    }

    /// Runs a command to its end, that is to the next prompt.
    pub(crate) fn run(&mut self, line: &str) {
        self.enter(line);
        self.wait_prompt();
    }

    /// Starts the launch's program as a job in the foreground.
    pub(crate) fn start_job(&self) {
        self.enter("sh job");
    }

    /// The job's first process: the shell's only child.
    pub(crate) fn job(&self) -> Process {
        let children = children_of(self.terminal.pid());
        assert_eq!(children.len(), 1, "one job at a time: {children:#?}");
        children.into_iter().next().expect("there is one")
    }

    /// Leaves the shell and waits until it is gone.
    pub(crate) fn leave(&mut self) {
        self.enter("exit");
        // A shell with stopped jobs warns once.
        self.enter("exit");
        self.terminal.wait_exit();
    }
}
