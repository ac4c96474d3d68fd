//! A screen with what it said, told as text that a person can review.

use minder::output::screen::{Flooded, Host, Screen};
use minder::output::{Attributes, Color, CursorShape, KeyFlags, MouseMode, Span, Style, spans};
use minder::protocol::Size;

/// Lines and answers.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    lines: Vec<Vec<u8>>,
    answers: Vec<u8>,
    waiting: Vec<u8>,
}

impl Host for Heard {
    fn line(&mut self, bytes: &[u8]) {
        self.lines.push(bytes.to_vec());
    }

    fn reply(&mut self, bytes: &[u8]) {
        self.answers.extend_from_slice(bytes);
    }
}

impl Flooded for Heard {
    fn wait(&mut self, line: &[u8]) {
        self.waiting.extend_from_slice(line);
        self.waiting.push(b'\n');
    }

    fn leave(&mut self, count: usize) {
        for _ in 0..count {
            let end = self.waiting.iter().position(|&byte| byte == b'\n').expect("so many wait");
            let line: Vec<u8> = self.waiting.drain(..=end).collect();
            self.line(&line[..end]);
        }
    }

    fn take_back(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.waiting)
    }
}

/// A screen that is fed.
pub(super) struct Sheet {
    screen: Screen,
    heard: Heard,
}

impl Sheet {
    pub(super) fn new((columns, rows): (u16, u16)) -> Self {
        Self { screen: Screen::new(Size { columns, rows }), heard: Heard::default() }
    }

    /// The terminal that minder runs on has the kitty keyboard protocol.
    pub(super) fn speak(&mut self) {
        self.screen.speak(KeyFlags::SPOKEN);
    }

    /// Draws as it comes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.screen.feed(bytes, &mut self.heard);
    }

    /// Draws as a flood is drawn: not what leaves before anybody looks.
    pub(super) fn feed_unseen(&mut self, bytes: &[u8]) {
        self.screen.feed_unseen(bytes, &mut self.heard);
    }

    /// Looks at it.
    pub(super) fn settle(&mut self) {
        self.screen.settle(&mut self.heard);
    }

    /// The program is over.
    pub(super) fn finish(&mut self) {
        self.screen.finish(&mut self.heard);
    }

    pub(super) fn screen(&self) -> &Screen {
        &self.screen
    }

    pub(super) fn answers(&self) -> &[u8] {
        &self.heard.answers
    }

    pub(super) fn lines(&self) -> &[Vec<u8>] {
        &self.heard.lines
    }

    /// The lines as they are read: by whichever way they came, their escapes may differ and not their
    /// look.
    pub(super) fn log(&self) -> Vec<Vec<Span>> {
        self.heard.lines.iter().map(|line| spans(line)).collect()
    }

    /// Text of a row, counted from 0, blanks at its end trimmed.
    pub(super) fn row(&self, row: u16) -> String {
        let text: String = self.screen.row_spans(row).iter().map(|span| span.text.as_str()).collect();
        text.trim_end().to_owned()
    }

    /// The rows down to the last one with text.
    pub(super) fn rows(&self) -> Vec<String> {
        let mut rows: Vec<String> = (0..self.screen.size().rows).map(|row| self.row(row)).collect();
        let used = rows.iter().rposition(|row| !row.is_empty()).map_or(0, |last| last + 1);
        rows.truncate(used);
        rows
    }

    /// How a row looks: each stretch with its style.
    pub(super) fn looks(&self, row: u16) -> String {
        let told: Vec<String> = self.screen.row_spans(row).iter().map(look).collect();
        told.join(" ")
    }

    /// Row and column from 1, as a report of the cursor has them, and its shape; `hidden` while it is.
    pub(super) fn cursor(&self) -> String {
        let Some((column, row, shape)) = self.screen.cursor() else { return "hidden".to_owned() };
        let shape = match shape {
            CursorShape::Block => "",
            CursorShape::Underline => " underline",
            CursorShape::Bar => " bar",
        };
        format!("{};{}{shape}", row + 1, column + 1)
    }

    /// The rows, from 1, that go on in the next one.
    pub(super) fn wraps(&self) -> String {
        let rows = (0..self.screen.size().rows).filter(|row| self.screen.wrapped(*row));
        rows.map(|row| (row + 1).to_string()).collect::<Vec<_>>().join(" ")
    }

    /// The modes of keys, pastes and the mouse that are on.
    pub(super) fn modes(&self) -> String {
        let modes = self.screen.input_modes();
        let mouse = match modes.mouse {
            MouseMode::Off => None,
            MouseMode::Press => Some("mouse-press"),
            MouseMode::Click => Some("mouse-click"),
            MouseMode::Drag => Some("mouse-drag"),
            MouseMode::Motion => Some("mouse-motion"),
        };
        let flags = [
            (modes.application_cursor, "cursor-keys"),
            (modes.application_keypad, "keypad"),
            (modes.bracketed_paste, "paste"),
            (modes.focus_events, "focus"),
            (modes.mouse_sgr, "mouse-sgr"),
            (modes.newline, "newline"),
        ];
        let on = flags.into_iter().filter_map(|(on, name)| on.then_some(name)).chain(mouse);
        let keys = (modes.keys != KeyFlags::NONE).then(|| format!("keys={}", modes.keys.0));
        on.map(str::to_owned).chain(keys).collect::<Vec<_>>().join(" ")
    }
}

/// `"text"[bold fg=1]`.
fn look(span: &Span) -> String {
    let style = style(span.style);
    let style = if style.is_empty() { style } else { format!("[{style}]") };
    format!("{:?}{style}", span.text)
}

fn style(style: Style) -> String {
    let attributes = [
        (Attributes::BOLD, "bold"),
        (Attributes::DIM, "dim"),
        (Attributes::ITALIC, "italic"),
        (Attributes::UNDERLINE, "underline"),
        (Attributes::BLINK, "blink"),
        (Attributes::REVERSE, "reverse"),
        (Attributes::HIDDEN, "hidden"),
        (Attributes::STRIKE, "strike"),
    ];
    let set = attributes.into_iter().filter(|(attribute, _)| style.attributes.contains(*attribute));
    let colors = [color("fg", style.foreground), color("bg", style.background)];
    set.map(|(_, name)| name.to_owned()).chain(colors.into_iter().flatten()).collect::<Vec<_>>().join(" ")
}

fn color(what: &str, color: Color) -> Option<String> {
    match color {
        Color::Default => None,
        Color::Indexed(index) => Some(format!("{what}={index}")),
        Color::Rgb(red, green, blue) => Some(format!("{what}=#{red:02x}{green:02x}{blue:02x}")),
    }
}
