//! A terminal's screen as an SVG: a dark window with a text for each run of cells that look alike.
//! Knows no process.

use crate::support::Screen;
use std::fmt::Write;

const FONT: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";
const FONT_SIZE: f32 = 14.0;
/// A cell's width and height, in pixels.
const CELL: (f32, f32) = (8.4, 17.0);
/// From a cell's top to the line that its letters stand on.
const BASELINE: f32 = 13.0;
/// Around the screen.
const MARGIN: f32 = 14.0;
/// The window's title bar.
const BAR: f32 = 34.0;

const BACKGROUND: Color = Color(0x16, 0x18, 0x21);
const FOREGROUND: Color = Color(0xd2, 0xd4, 0xde);
const FRAME: Color = Color(0x2a, 0x2e, 0x3d);

/// The terminal's own sixteen.
const PALETTE: [Color; 16] = [
    Color(0x2a, 0x2e, 0x3d),
    Color(0xe2, 0x78, 0x78),
    Color(0x98, 0xc3, 0x79),
    Color(0xe5, 0xb5, 0x67),
    Color(0x6c, 0x9e, 0xe8),
    Color(0xb4, 0x8e, 0xdf),
    Color(0x5f, 0xbf, 0xc8),
    Color(0xc6, 0xc8, 0xd1),
    Color(0x6b, 0x70, 0x89),
    Color(0xf0, 0x8a, 0x8a),
    Color(0xb5, 0xd9, 0x90),
    Color(0xf2, 0xcb, 0x82),
    Color(0x8a, 0xb4, 0xf5),
    Color(0xc9, 0xa7, 0xee),
    Color(0x7f, 0xd6, 0xde),
    Color(0xf3, 0xf4, 0xf8),
];

/// Red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Color(u8, u8, u8);

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Color {
    fn of(color: vt100::Color, default: Self) -> Self {
        match color {
            vt100::Color::Default => default,
            vt100::Color::Idx(index) => Self::indexed(index),
            vt100::Color::Rgb(red, green, blue) => Self(red, green, blue),
        }
    }

    /// xterm's 256 colours: 16 of the terminal's own, a cube of 6 by 6 by 6, and 24 grays.
    fn indexed(index: u8) -> Self {
        let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
        match index {
            0..=15 => PALETTE[usize::from(index)],
            16..=231 => {
                let cube = index - 16;
                Self(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
            }
            232..=255 => Self(8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232)),
        }
    }

    /// Half way to another colour.
    fn towards(self, other: Self) -> Self {
        let mean = |a: u8, b: u8| ((u16::from(a) * 11 + u16::from(b) * 9) / 20) as u8;
        Self(mean(self.0, other.0), mean(self.1, other.1), mean(self.2, other.2))
    }
}

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    foreground: Color,
    background: Color,
    bold: bool,
    italic: bool,
    underline: bool,
}

impl Look {
    fn of(cell: &vt100::Cell) -> Self {
        let mut foreground = Color::of(cell.fgcolor(), FOREGROUND);
        let mut background = Color::of(cell.bgcolor(), BACKGROUND);
        if cell.inverse() {
            std::mem::swap(&mut foreground, &mut background);
        }
        if cell.dim() {
            foreground = foreground.towards(background);
        }
        Self { foreground, background, bold: cell.bold(), italic: cell.italic(), underline: cell.underline() }
    }
}

/// Cells of a row that look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    look: Look,
    column: u16,
    columns: u16,
    text: String,
}

/// Draws the screen in a window with this title.
pub(super) fn draw(screen: &Screen, title: &str) -> String {
    let (columns, rows) = screen.size();
    let width = f32::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(rows) * CELL.1 + BAR + MARGIN;
    let mut svg = String::new();
    let mut line = |text: String| {
        svg.push_str(&text);
        svg.push('\n');
    };
    line(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}" font-family="{FONT}" font-size="{FONT_SIZE}">"#
    ));
    line(format!("<title>{title}</title>"));
    line(format!(
        r#"<rect x="0.5" y="0.5" width="{:.0}" height="{:.0}" rx="9" fill="{BACKGROUND}" stroke="{FRAME}"/>"#,
        width - 1.0,
        height - 1.0
    ));
    for (place, color) in [PALETTE[1], PALETTE[3], PALETTE[2]].into_iter().enumerate() {
        line(format!(r#"<circle cx="{}" cy="17" r="5.5" fill="{color}"/>"#, 20 + 19 * place));
    }
    line(format!(
        r#"<text x="{:.0}" y="22" text-anchor="middle" fill="{}">{title}</text>"#,
        width / 2.0,
        PALETTE[8]
    ));
    line(format!(r#"<g transform="translate({MARGIN} {BAR})" xml:space="preserve">"#));
    for row in 0..rows {
        let runs = runs(screen, row);
        runs.iter().filter_map(|run| background(run, row)).for_each(&mut line);
        runs.iter().flat_map(|run| letters(run, row)).for_each(&mut line);
    }
    line("</g>\n</svg>".to_owned());
    svg
}

/// A row's cells, put together where they look alike.
fn runs(screen: &Screen, row: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..screen.size().0 {
        let Some(cell) = screen.cell_at(column, row).filter(|cell| !cell.is_wide_continuation()) else {
            continue;
        };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let (look, columns) = (Look::of(cell), if cell.is_wide() { 2 } else { 1 });
        // A run has one character in each column, so that each one's place can be told.
        let even = |run: &Run| usize::from(run.columns) == run.text.chars().count();
        match runs.last_mut().filter(|run| run.look == look && even(run)) {
            Some(run) => {
                run.text.push_str(text);
                run.columns += columns;
            }
            None => runs.push(Run { look, column, columns, text: text.to_owned() }),
        }
    }
    runs
}

fn background(run: &Run, row: u16) -> Option<String> {
    (run.look.background != BACKGROUND).then(|| {
        format!(
            r#"<rect x="{:.1}" y="{}" width="{:.1}" height="{}" fill="{}"/>"#,
            left(run.column),
            top(row),
            f32::from(run.columns) * CELL.0,
            CELL.1,
            run.look.background
        )
    })
}

/// The texts of a run: words that no font can shift, and each sign by itself, for it may come from
/// another font and have another width.
fn letters(run: &Run, row: u16) -> Vec<String> {
    let mut texts: Vec<(u16, String)> = Vec::new();
    let mut goes_on = false;
    for (column, sign) in (run.column..).zip(run.text.chars()) {
        let plain = sign.is_ascii_graphic();
        if plain && goes_on {
            texts.last_mut().expect("it goes on").1.push(sign);
        } else if !sign.is_whitespace() {
            texts.push((column, sign.to_string()));
        }
        goes_on = plain;
    }
    texts.into_iter().map(|(column, text)| drawn(&run.look, column, row, &text)).collect()
}

/// One text, or the lines that stand for a sign out of which frames are made: fonts leave gaps.
fn drawn(look: &Look, column: u16, row: u16, text: &str) -> String {
    let color = look.foreground;
    if let Some(path) = frame_sign(text, left(column), top(row)) {
        return format!(r#"<path d="{path}" stroke="{color}" fill="none"/>"#);
    }
    let mut styles = String::new();
    let mut style = |on: bool, words: &str| styles.push_str(if on { words } else { "" });
    style(look.bold, r#" font-weight="bold""#);
    style(look.italic, r#" font-style="italic""#);
    style(look.underline, r#" text-decoration="underline""#);
    let count = text.chars().count();
    if count > 1 {
        let width = count as f32 * CELL.0;
        write!(styles, r#" textLength="{width:.1}" lengthAdjust="spacingAndGlyphs""#)
            .expect("writing to a string cannot fail");
    }
    let (x, y) = (left(column), top(row) + BASELINE);
    format!(r#"<text x="{x:.1}" y="{y}" fill="{color}"{styles}>{}</text>"#, escaped(text))
}

/// The path of a sign of frames.
fn frame_sign(text: &str, left: f32, top: f32) -> Option<String> {
    let (middle, centre) = (left + CELL.0 / 2.0, top + CELL.1 / 2.0);
    let (right, bottom) = (left + CELL.0, top + CELL.1);
    let across = |from: f32, to: f32| format!("M{from:.1} {centre:.1}H{to:.1}");
    let down = |from: f32, to: f32| format!("M{middle:.1} {from:.1}V{to:.1}");
    Some(match text {
        "─" => across(left, right),
        "│" => down(top, bottom),
        "┌" | "╭" => across(middle, right) + &down(centre, bottom),
        "┐" | "╮" => across(left, middle) + &down(centre, bottom),
        "└" | "╰" => across(middle, right) + &down(top, centre),
        "┘" | "╯" => across(left, middle) + &down(top, centre),
        "├" => across(middle, right) + &down(top, bottom),
        "┤" => across(left, middle) + &down(top, bottom),
        "┬" => across(left, right) + &down(centre, bottom),
        "┴" => across(left, right) + &down(top, centre),
        _ => return None,
    })
}

fn left(column: u16) -> f32 {
    f32::from(column) * CELL.0
}

fn top(row: u16) -> f32 {
    f32::from(row) * CELL.1
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The words of a picture that [`draw`] drew, those of a row with blanks between them.
pub(super) fn words_of(svg: &str) -> String {
    let texts = svg.lines().filter(|line| line.starts_with("<text "));
    let words = texts.filter_map(|line| line.split_once('>')?.1.strip_suffix("</text>"));
    words.collect::<Vec<_>>().join(" ")
}
