//! Keys on their way from the terminal to the screen.

use crate::support::{Process, minder};

#[test]
fn a_key_after_a_new_size_is_heard_at_once() {
    let terminal = minder().run(["one=exec sleep 1000", "two=exec sleep 1000"]).start();
    terminal.wait_for("2 running");
    terminal.send("j");
    terminal.wait_for("two: running");
    for (round, columns) in (90..96).enumerate() {
        terminal.resize(columns, 30);
        terminal.wait_until("the new size is drawn", |screen| {
            let foot = screen.last_row()?;
            (foot.index == 29).then_some(())
        });
        let (key, chosen) = if round % 2 == 0 { ("k", "one: running") } else { ("j", "two: running") };
        terminal.send(key);
        terminal.wait_for(chosen);
    }
    let ticks = Process::find(terminal.supervisor()).expect("it runs").ticks;
    assert!(ticks < 100, "{ticks} ticks of CPU time: a thread spins");
}
