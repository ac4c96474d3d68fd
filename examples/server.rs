//! A server with worker threads and a database that is a child process: all of it minded by one
//! supervisor, which restarts what fails and stops everything in order.
//!
//! `cargo run --example server` serves until Ctrl-C; `-- --requests 20` asks itself twenty times and
//! then ends. Speak to it with `nc`: `set KEY VALUE`, `get KEY`, `panic`.
#![expect(clippy::print_stdout, reason = "an example speaks")]

use crossbeam_channel::{Receiver, Sender, bounded, select};
use minder::spec::RestartWhen;
use minder::{Context, Running, Spec, Supervisor};
use std::collections::HashMap;
use std::error::Error;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

const WORKERS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["store", socket] => Ok(store(Path::new(socket))?),
        ["--requests", count] => serve(Some(count.parse()?)),
        [] => serve(None),
        _ => Err("usage: server [--requests COUNT]".into()),
    }
}

// The database: a process of its own.

fn store(socket: &Path) -> io::Result<()> {
    let listener = UnixListener::bind(socket)?;
    println!("ready");
    let mut values: HashMap<String, String> = HashMap::new();
    for client in listener.incoming() {
        let mut client = client?;
        let mut line = String::new();
        BufReader::new(&client).read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let answer = match (words.next(), words.next(), words.next()) {
            (Some("set"), Some(key), Some(value)) => {
                values.insert(key.to_owned(), value.to_owned());
                "ok".to_owned()
            }
            (Some("get"), Some(key), None) => {
                values.get(key).cloned().unwrap_or_else(|| "nothing".to_owned())
            }
            _ => "what?".to_owned(),
        };
        // Whoever asked may have left.
        let _ = writeln!(client, "{answer}");
    }
    Ok(())
}

// The server.

fn serve(requests: Option<u32>) -> Result<(), Box<dyn Error>> {
    let socket = std::env::temp_dir().join(format!("minder-example-{}.sock", std::process::id()));
    let mut supervisor = Supervisor::new().hear_signals();
    let program = std::env::current_exe()?;
    let mut database = Spec::exec("database", [program.as_os_str(), "store".as_ref(), socket.as_os_str()]);
    database.restart.when = RestartWhen::Always;
    supervisor.add(database)?;

    let (accepted, clients) = bounded(64);
    for number in 0..WORKERS {
        // A panic ends one request, not the server: the thread is started again.
        let mut spec = Spec::thread(format!("worker-{number}"), "answers requests");
        spec.restart.when = RestartWhen::OnFailure;
        spec.restart.backoff.initial = Duration::from_millis(10);
        let (clients, socket) = (clients.clone(), socket.clone());
        supervisor.add_thread(spec, move |context| answer_all(context, &clients, &socket))?;
    }
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let spec = Spec::thread("listener", format!("accepts on {address}"));
    supervisor.add_thread(spec, move |context| accept(context, &listener, &accepted))?;

    let running = supervisor.start()?;
    println!("serving on {address}");
    let served = if let Some(count) = requests {
        ask_ourselves(&running, address, count)
    } else {
        // The signals are ours to act on.
        let signal = running.signals().iter().find(|signal| signal.ends());
        println!("{}: stopping", signal.map(|signal| signal.to_string()).unwrap_or_default());
        Ok(())
    };
    for worker in &running.shut_down().snapshot.workers {
        println!("{}: {}{}", worker.name, worker.state, worker.said());
    }
    let _ = std::fs::remove_file(socket);
    served
}

fn accept(context: &Context, listener: &TcpListener, accepted: &Sender<TcpStream>) -> io::Result<u64> {
    let mut count = 0;
    while !context.stop_requested() {
        match listener.accept() {
            Ok((client, _)) => {
                count += 1;
                let _ = accepted.send_timeout(client, PATIENCE);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if context.sleep(Duration::from_millis(5)).is_err() {
                    break;
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

fn answer_all(context: &Context, clients: &Receiver<TcpStream>, socket: &PathBuf) -> io::Result<u64> {
    let mut answered = 0;
    loop {
        select! {
            recv(context.stop_receiver()) -> _ => return Ok(answered),
            recv(clients) -> client => match client {
                Ok(client) => {
                    answer(context, client, socket)?;
                    answered += 1;
                }
                Err(_) => return Ok(answered),
            },
        }
    }
}

fn answer(context: &Context, mut client: TcpStream, socket: &PathBuf) -> io::Result<()> {
    client.set_nonblocking(false)?;
    client.set_read_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(&client).read_line(&mut line)?;
    writeln!(context.stdout(), "asked: {}", line.trim())?;
    assert_ne!(line.trim(), "panic", "somebody wanted to see it");
    // The database may just be starting, or being started again.
    let mut database = loop {
        match UnixStream::connect(socket) {
            Ok(database) => break database,
            Err(_) if context.sleep(Duration::from_millis(10)).is_ok() => {}
            Err(error) => return Err(error),
        }
    };
    database.write_all(line.as_bytes())?;
    let mut answer = String::new();
    BufReader::new(&database).read_line(&mut answer)?;
    client.write_all(answer.as_bytes())
}

// A client, to see it work.

fn ask_ourselves(running: &Running, address: SocketAddr, count: u32) -> Result<(), Box<dyn Error>> {
    let mut right = 0;
    for n in 0..count {
        ask(address, &format!("set key{n} {}", n * n))?;
        right += u32::from(ask(address, &format!("get key{n}"))?.trim() == (n * n).to_string());
    }
    println!("{right} of {count} answers were right");
    // A request that brings its worker down is one request that is not answered.
    println!("after a panic: {:?}", ask(address, "panic").unwrap_or_default().trim());
    println!("and on: {:?}", ask(address, "get key1")?.trim());
    let restarts: u32 = running.snapshot().workers.iter().map(|worker| worker.restarts).sum();
    println!("restarts: {restarts}");
    Ok(())
}

fn ask(address: SocketAddr, line: &str) -> io::Result<String> {
    let mut server = TcpStream::connect(address)?;
    server.set_read_timeout(Some(PATIENCE))?;
    writeln!(server, "{line}")?;
    let mut answer = String::new();
    BufReader::new(server).read_line(&mut answer)?;
    Ok(answer)
}
