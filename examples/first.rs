//! What the README shows, as it stands there.

use minder::{Spec, Stopped, Supervisor, communicate};
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut supervisor = Supervisor::new();
    supervisor.add(Spec::shell("greeter", "echo hello; sleep 0.1"))?;
    let counter = supervisor.add_thread(Spec::thread("counter", "counts"), |context| {
        for step in 1..=20 {
            context.progress(step, 20); // a bar, and the time that is left
            context.sleep(Duration::from_millis(5))?; // ends early when it is asked to stop
        }
        Ok::<_, Stopped>("done")
    })?;
    supervisor.run()?; // or run_screen, run_headless, start
    assert_eq!(counter.join(None)?, "done");

    let said = communicate(Spec::exec("sort", ["sort"]), b"pear\napple\n", None)?;
    assert_eq!(said.stdout, b"apple\npear\n");
    Ok(())
}
