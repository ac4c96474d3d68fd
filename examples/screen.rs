//! A program with minder's screen: its own threads beside a child, each with a pane. Where there is
//! no terminal it prints instead.
//!
//! `cargo run --example screen`: `t` asks a thread to stop, `K` says what can be done about one that
//! does not, `w` waits, `i` looks inside, `q` quits.
#![expect(clippy::print_stdout, reason = "an example speaks")]

use minder::{Context, Keymap, Settings, Spec, Stopped, Supervisor};
use std::error::Error;
use std::io::{IsTerminal, Write, stdin, stdout};
use std::time::Duration;

/// How many there are to count.
const PRIMES_BELOW: u64 = 300_000;

fn main() -> Result<(), Box<dyn Error>> {
    let on_a_terminal = stdin().is_terminal() && stdout().is_terminal();
    let mut supervisor = Supervisor::new();
    supervisor.add(Spec::shell("child", "for n in 1 2 3; do echo child says $n; sleep 0.2; done"))?;
    let primes = supervisor.add_thread(Spec::thread("primes", "counts primes"), count_primes)?;
    let flaky = supervisor.add_thread(Spec::thread("flaky", "fails"), |context: &Context| {
        let _ = writeln!(context.stderr(), "this will not go well");
        Err::<(), _>("as was said")
    })?;
    if on_a_terminal {
        let mut stubborn = Spec::thread("stubborn", "does not listen");
        stubborn.stop.grace = Duration::from_secs(2);
        supervisor.add_thread(stubborn, |_| -> Result<(), Stopped> {
            loop {
                std::thread::park();
            }
        })?;
        supervisor.run_screen(Keymap::default())?;
    } else {
        supervisor.run_headless(Settings::default())?;
    }
    println!("primes: {:?}", primes.join(None).map_err(|error| error.to_string()));
    println!("flaky: {:?}", flaky.join(None).map_err(|error| error.to_string()));
    Ok(())
}

fn count_primes(context: &Context) -> Result<u64, Stopped> {
    let mut count = 0;
    for number in 2..PRIMES_BELOW {
        let prime = (2..=number.isqrt()).all(|divisor| number % divisor != 0);
        count += u64::from(prime);
        if number % 1000 == 0 {
            context.progress(number, PRIMES_BELOW);
            let _ = writeln!(context.stdout(), "{count} primes below {number}");
            if context.stop_requested() {
                return Err(Stopped);
            }
        }
    }
    Ok(count)
}
