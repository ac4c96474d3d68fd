//! What a frame costs whose every cell changed, beside the same text drawn by ratatui alone in the same
//! run: a 200×50 pane in plain rows, in rows of coloured words, and with a colour of its own for each cell.
//!
//! `cargo bench --bench frame`
#![expect(clippy::print_stdout, reason = "it prints figures")]

mod support;

use minder::output::{Fit, Output, Position, Reader, Span, Stream, View, Window};
use minder::protocol::Size;
use minder::sys::clock;
use minder::ui::easel::Easel;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::{TerminalOptions, Viewport};
use std::fmt::Write;
use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use support::figures;

const SIZE: Size = Size { columns: 200, rows: 50 };
const WINDOW: Window = Window { size: SIZE, position: Position::Follow, fit: Fit::Wrap };
const FRAMES: usize = 400;

fn main() {
    crossterm::style::force_color_output(true);
    println!("{}×{}, every cell changed; medians of {FRAMES} frames", SIZE.columns, SIZE.rows);
    println!("scene   grid to buffer  (look  view  draw)   whole frame   ratatui alone   ratio");
    for (scene, cells_in_a_color) in [("plain", None), ("words", Some(8)), ("cells", Some(1))] {
        measure(scene, cells_in_a_color);
    }
}

/// The four steps of a frame.
#[derive(Default)]
struct Times {
    look: Vec<Duration>,
    view: Vec<Duration>,
    draw: Vec<Duration>,
    buffer: Vec<Duration>,
    whole: Vec<Duration>,
    bare: Vec<Duration>,
}

fn measure(scene: &str, cells_in_a_color: Option<usize>) {
    let output = Arc::new(Output::new(SIZE, true));
    let mut reader = Reader::new(Arc::clone(&output));
    let mut easel = Easel::new(SIZE);
    let mut bare = bare();
    let mut times = Times::default();
    for frame in 0..FRAMES {
        output.feed(Stream::Terminal, &bytes(frame, cells_in_a_color), SystemTime::UNIX_EPOCH);
        let begun = clock::now();
        reader.look();
        let looked = begun.elapsed();
        let view = reader.view(WINDOW);
        let viewed = begun.elapsed();
        let buffer = easel.draw(&view.rows);
        let drawn = begun.elapsed();
        let written = easel.show(buffer).expect("it is memory").len();
        let shown = begun.elapsed();
        assert!(written > 10_000, "every cell is written");
        let ratatui = draw_bare(&mut bare, &view);
        // Of the first one, all is new to the caches too.
        if frame > 0 {
            times.look.push(looked);
            times.view.push(viewed.saturating_sub(looked));
            times.draw.push(drawn.saturating_sub(viewed));
            times.buffer.push(drawn);
            times.whole.push(shown);
            times.bare.push(ratatui);
        }
    }
    tell(scene, times);
}

fn tell(scene: &str, mut times: Times) {
    let middle = |times: &mut Vec<Duration>| figures::median(times).as_secs_f64() * 1e6;
    let [look, view, draw] = [&mut times.look, &mut times.view, &mut times.draw].map(middle);
    let [buffer, whole, bare] = [&mut times.buffer, &mut times.whole, &mut times.bare].map(middle);
    println!(
        "{scene:6}  {buffer:11.0} µs  ({look:4.0}  {view:4.0}  {draw:4.0})  {whole:8.0} µs  {bare:11.0} µs   {:.2}",
        whole / bare
    );
}

/// What a program writes to draw its whole screen: other text in every cell than the frame before.
fn bytes(frame: usize, cells_in_a_color: Option<usize>) -> Vec<u8> {
    let mut text = String::from("\x1b[H");
    for row in 0..usize::from(SIZE.rows) {
        let _ = write!(text, "\x1b[{}H", row + 1);
        for column in 0..usize::from(SIZE.columns) {
            if let Some(cells) = cells_in_a_color
                && column % cells == 0
            {
                let _ = write!(text, "\x1b[38;5;{}m", (frame * 7 + row * 31 + column / cells) % 200 + 16);
            }
            text.push(char::from(b'a' + ((frame + row * 3 + column) % 26) as u8));
        }
    }
    text.into_bytes()
}

/// A terminal of ratatui's that writes to memory.
type Bare = Terminal<CrosstermBackend<Memory>>;

/// Keeps a frame until it is whole.
#[derive(Default)]
struct Memory(Vec<u8>);

impl io::Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        black_box(&self.0);
        self.0.clear();
        Ok(())
    }
}

fn bare() -> Bare {
    let area = Rect::new(0, 0, SIZE.columns, SIZE.rows);
    let options = TerminalOptions { viewport: Viewport::Fixed(area) };
    Terminal::with_options(CrosstermBackend::new(Memory::default()), options).expect("it is memory")
}

fn draw_bare(terminal: &mut Bare, view: &View) -> Duration {
    let rows: Vec<Vec<(&str, Style)>> =
        view.rows.iter().map(|row| row.spans.iter().map(text_and_style).collect()).collect();
    let begun = clock::now();
    let drawn = terminal.draw(|frame| {
        let buffer = frame.buffer_mut();
        for (y, row) in (0..).zip(&rows) {
            let mut x = 0;
            for (text, style) in row {
                x = buffer.set_stringn(x, y, text, usize::from(SIZE.columns - x), *style).0;
            }
        }
    });
    black_box(drawn.expect("it is memory"));
    begun.elapsed()
}

fn text_and_style(span: &Span) -> (&str, Style) {
    let style = match span.style.foreground {
        minder::output::Color::Indexed(index) => Style::new().fg(Color::Indexed(index)),
        minder::output::Color::Default | minder::output::Color::Rgb(..) => Style::new(),
    };
    (&span.text, style)
}
