//! A crawler: starts a small web server of its own, then fetches page after page with a pool of
//! threads. Jobs add jobs as they find links; results are counted as they come; some
//! pages are missing and one is broken, and each of these is that page's own error.
//!
//! On a terminal it has minder's screen, and the pool is a worker there: `t` terminates it, `q` quits.
//! Else it prints.
//!
//! `cargo run --example crawl [WORKERS [PAGES]]`
#![expect(clippy::print_stdout, reason = "its output is its result")]

use crossbeam_channel::{Receiver, Sender, select, unbounded};
use minder::pool::{JobError, Pool, Progress, Submitter};
use minder::{Context, Keymap, Spec, Stopped, Supervisor};
use std::collections::HashSet;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let workers = arguments.next().map_or(Ok(4), |text| text.parse())?;
    let pages = arguments.next().map_or(Ok(60), |text| text.parse())?;
    let on_a_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    // Slow enough to be watched, where somebody watches.
    let (address, server) = serve(pages, Duration::from_millis(if on_a_terminal { 30 } else { 0 }))?;

    let pool = Pool::threads(workers).name("crawl").silent_panics().start()?;
    let (fetched, results) = unbounded();
    let crawler = Arc::new(Crawler { address, seen: Mutex::default(), pool: pool.submitter(), fetched });
    crawler.visit("/page/0");
    drop(crawler);

    if on_a_terminal {
        show(&pool, results)?;
        // Whoever quits wants no more pages.
        pool.terminate();
    } else {
        let mut tally = Tally::default();
        // It ends by itself: the last job that ends drops the last sender.
        for fetched in results {
            let Progress { running, waiting, .. } = pool.progress();
            let words = tally.count(fetched);
            println!(
                "{:>3} done, {running} running, {waiting:>2} waiting: {words}",
                tally.pages + tally.errors
            );
        }
        let Tally { pages, bytes, errors } = tally;
        let counted = pool.join();
        println!(
            "{pages} pages, {bytes} bytes, {errors} errors; {} jobs, {} of them panicked",
            counted.submitted, counted.failed
        );
    }
    server.stop()?;
    Ok(())
}

/// With the screen: the pool is a worker, and so is the thread that takes its results.
fn show(pool: &Pool, results: Receiver<Fetched>) -> Result<(), Box<dyn Error>> {
    let mut supervisor = Supervisor::new();
    supervisor.add_pool(pool)?;
    let tally = supervisor.add_thread(Spec::thread("pages", "takes what was fetched"), move |context| {
        take(context, &results)
    })?;
    supervisor.run_screen(Keymap::default())?;
    println!("{:?}", tally.join(None).map_err(|error| error.to_string()));
    Ok(())
}

fn take(context: &Context, results: &Receiver<Fetched>) -> Result<Tally, Stopped> {
    let (mut tally, mut out) = (Tally::default(), context.stdout());
    loop {
        select! {
            recv(results) -> fetched => match fetched {
                Ok(fetched) => {
                    let words = tally.count(fetched);
                    // Its pane is gone only where it is let go.
                    let _ = writeln!(out, "{words}");
                }
                Err(_) => return Ok(tally),
            },
            recv(context.stop_receiver()) -> _ => return Err(Stopped),
        }
    }
}

/// What came of it all.
#[derive(Debug, Default)]
struct Tally {
    pages: u64,
    bytes: usize,
    errors: u64,
}

impl Tally {
    /// Counts one more, and says what it was.
    fn count(&mut self, Fetched { path, outcome }: Fetched) -> String {
        match outcome {
            Ok(length) => {
                self.pages += 1;
                self.bytes += length;
                format!("{path}: {length} bytes")
            }
            Err(error) => {
                self.errors += 1;
                format!("{path}: {error}")
            }
        }
    }
}

/// What one job found.
struct Fetched {
    path: String,
    outcome: Result<usize, String>,
}

/// What all jobs share.
struct Crawler {
    address: SocketAddr,
    seen: Mutex<HashSet<String>>,
    pool: Submitter,
    fetched: Sender<Fetched>,
}

impl Crawler {
    /// Adds a job for a page, unless it was seen. Called by jobs, too.
    fn visit(self: &Arc<Self>, path: &str) {
        if !self.seen.lock().is_ok_and(|mut seen| seen.insert(path.to_owned())) {
            return;
        }
        let (crawler, path) = (Arc::clone(self), path.to_owned());
        // Its result is sent by itself, so the handle is not needed; a panic is counted.
        drop(self.pool.submit(move || {
            let outcome = crawler.fetch_and_follow(&path);
            // Nobody listens any more: then nobody wants to know.
            let _ = crawler.fetched.send(Fetched { path, outcome });
        }));
    }

    fn fetch_and_follow(self: &Arc<Self>, path: &str) -> Result<usize, String> {
        let page = fetch(self.address, path).map_err(|error| error.to_string())?;
        // A parser that is not up to this page: run apart, so that its panic is a value.
        let parser = self.pool.submit({
            let page = page.clone();
            move || links(&page)
        });
        match parser.result() {
            Ok(links) => links.iter().for_each(|link| self.visit(link)),
            Err(JobError::Panicked(panic)) => return Err(format!("unreadable: {}", panic.message)),
            Err(other) => return Err(other.to_string()),
        }
        Ok(page.len())
    }
}

fn fetch(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
    let status = head.lines().next().unwrap_or_default();
    if status.ends_with("200 OK") { Ok(body.to_owned()) } else { Err(io::Error::other(status.to_owned())) }
}

/// What the page's `href`s name.
///
/// # Panics
/// At a page that is cut off.
fn links(page: &str) -> Vec<String> {
    let parts = page.split("href=\"").skip(1);
    parts.map(|part| part.split_once('"').expect("every quote is closed").0.to_owned()).collect()
}

/// A web server on a port of its own.
struct Server {
    address: SocketAddr,
    thread: std::thread::JoinHandle<()>,
}

fn serve(pages: usize, pause: Duration) -> io::Result<(SocketAddr, Server)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let thread = std::thread::Builder::new().name("server".into()).spawn(move || {
        for stream in listener.incoming() {
            std::thread::park_timeout(pause);
            // A visitor that went away is not the server's trouble.
            if !stream.and_then(|stream| answer(stream, pages)).unwrap_or(true) {
                return;
            }
        }
    })?;
    Ok((address, Server { address, thread }))
}

/// Answers one request; false if it was the last.
fn answer(mut stream: TcpStream, pages: usize) -> io::Result<bool> {
    let mut request = String::new();
    BufReader::new(stream.try_clone()?).read_line(&mut request)?;
    let path = request.split(' ').nth(1).unwrap_or_default();
    if path == "/stop" {
        return Ok(false);
    }
    let number =
        path.strip_prefix("/page/").and_then(|number| number.parse().ok()).filter(|number| *number < pages);
    match number {
        Some(number) => write!(stream, "HTTP/1.0 200 OK\r\n\r\n{}", page(number))?,
        None => write!(stream, "HTTP/1.0 404 Not Found\r\n\r\n")?,
    }
    Ok(true)
}

/// A page with links to the next ones; the last of them leads nowhere, and page 13 is cut off.
fn page(number: usize) -> String {
    let mut text = format!("<h1>Page {number}</h1>");
    for next in [2 * number + 1, 2 * number + 2, number / 2] {
        // Writing to a string cannot fail.
        let _ = write!(text, "<a href=\"/page/{next}\">{next}</a>");
    }
    if number == 13 {
        text.truncate(text.len() - "0\">0</a>".len() - 2);
    }
    text
}

impl Server {
    fn stop(self) -> io::Result<()> {
        write!(TcpStream::connect(self.address)?, "GET /stop HTTP/1.0\r\n\r\n")?;
        self.thread.join().map_err(|_| io::Error::other("the server panicked"))
    }
}
